/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Each pane has an equal part of the width. Place is kept as the point of the picture, in parts of its sides, that lies in the
 * middle of its pane, so that pictures of different sizes show the same detail.
 */

#include "config.h"

#include "fugue-view.h"

#include <glib/gi18n.h>
#include <math.h>

#define MAX_ZOOM      64.0
#define MIN_ZOOM      (1.0 / 64)
#define ZOOM_STEP     1.25

/* Pixels. */
#define GAP           12
#define PAN_STEP      48
#define MINIMUM_SIDE  32

/* How much smaller a title may be written before it is cut. */
#define LEAST_TITLE   0.6

/* Beyond this many pixels a pixel, squares are wanted by those who want them. */
#define SHARP_FROM    2.0

struct _FugueView
{
  GtkWidget    parent_instance;

  /* owned */
  GdkTexture  *textures[FUGUE_VIEW_MAX_PANES];
  char        *titles[FUGUE_VIEW_MAX_PANES];
  guint        n_panes;

  double       zoom;                    /* 0: fit */
  double       centre_x;                /* 0 … 1 */
  double       centre_y;
  gboolean     is_sharp;

  double       drag_x;                  /* centre at the drag's begin */
  double       drag_y;
  double       pointer_x;
  double       pointer_y;
};

G_DEFINE_FINAL_TYPE (FugueView, fugue_view, GTK_TYPE_WIDGET)

enum
{
  PROP_ZOOM = 1,
  PROP_IS_SHARP,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

/* Places. */

static double
get_title_height (FugueView *self)
{
  g_autoptr (PangoLayout) layout = NULL;
  int                     height = 0;

  for (guint i = 0; i < self->n_panes && !layout; i++)
    if (self->titles[i])
      {
        layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->titles[i]);
        pango_layout_get_pixel_size (layout, NULL, &height);
        height += 6;
      }
  return height;
}

static graphene_rect_t
get_pane (FugueView *self, guint pane)
{
  double top = get_title_height (self);
  double width = (gtk_widget_get_width (GTK_WIDGET (self)) - GAP * (self->n_panes - 1.0)) / self->n_panes;
  guint  place = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? self->n_panes - 1 - pane : pane;

  return GRAPHENE_RECT_INIT (place * (width + GAP), top, MAX (width, 1),
                             MAX (gtk_widget_get_height (GTK_WIDGET (self)) - top, 1));
}

/* The first picture's size counts: others, such as a preview of half the size, are drawn as large as it. */
static gboolean
get_size (FugueView *self, double *width, double *height)
{
  for (guint i = 0; i < self->n_panes; i++)
    if (self->textures[i])
      {
        *width = gdk_texture_get_width (self->textures[i]);
        *height = gdk_texture_get_height (self->textures[i]);
        return TRUE;
      }
  return FALSE;
}

static double
get_fit (FugueView *self)
{
  graphene_rect_t pane = get_pane (self, 0);
  double          width, height;

  if (!get_size (self, &width, &height))
    return 0;
  return MIN (pane.size.width / width, pane.size.height / height);
}

double
fugue_view_get_shown_zoom (FugueView *self)
{
  g_return_val_if_fail (FUGUE_IS_VIEW (self), 0);

  if (self->n_panes == 0)
    return 0;
  return self->zoom > 0 ? self->zoom : get_fit (self);
}

/* The picture never leaves the middle of its pane; one that is smaller than the pane stays in the middle. */
static void
hold_centre (FugueView *self)
{
  double          zoom = fugue_view_get_shown_zoom (self);
  graphene_rect_t pane;
  double          width, height, margin_x, margin_y;

  if (zoom == 0 || !get_size (self, &width, &height))
    return;
  pane = get_pane (self, 0);
  margin_x = MIN (pane.size.width / 2 / (width * zoom), 0.5);
  margin_y = MIN (pane.size.height / 2 / (height * zoom), 0.5);
  self->centre_x = CLAMP (self->centre_x, margin_x, 1 - margin_x);
  self->centre_y = CLAMP (self->centre_y, margin_y, 1 - margin_y);
}

static void
pan_by (FugueView *self, double dx, double dy)
{
  double zoom = fugue_view_get_shown_zoom (self);
  double width, height;

  if (zoom == 0 || !get_size (self, &width, &height))
    return;
  self->centre_x += dx / (width * zoom);
  self->centre_y += dy / (height * zoom);
  hold_centre (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

double
fugue_view_get_zoom (FugueView *self)
{
  g_return_val_if_fail (FUGUE_IS_VIEW (self), 0);
  return self->zoom;
}

void
fugue_view_set_zoom (FugueView *self, double zoom)
{
  g_return_if_fail (FUGUE_IS_VIEW (self));

  if (zoom != 0)
    zoom = CLAMP (zoom, MIN_ZOOM, MAX_ZOOM);
  if (zoom == self->zoom)
    return;
  self->zoom = zoom;
  hold_centre (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM]);
}

/* Zooms so that what lies under a point of the view stays there. */
static void
zoom_about (FugueView *self, double factor, double x, double y)
{
  double old = fugue_view_get_shown_zoom (self);
  double width, height, offset_x, offset_y;
  guint  pane;

  if (old == 0 || !get_size (self, &width, &height))
    return;
  for (pane = 0; pane + 1 < self->n_panes; pane++)
    {
      graphene_rect_t rect = get_pane (self, pane);

      if (x >= rect.origin.x && x < rect.origin.x + rect.size.width)
        break;
    }
  {
    graphene_rect_t rect = get_pane (self, pane);

    offset_x = x - (rect.origin.x + rect.size.width / 2);
    offset_y = y - (rect.origin.y + rect.size.height / 2);
  }
  self->centre_x += offset_x / (width * old) * (1 - 1 / factor);
  self->centre_y += offset_y / (height * old) * (1 - 1 / factor);
  fugue_view_set_zoom (self, old * factor);
  hold_centre (self);
}

void
fugue_view_set_panes (FugueView *self, const FugueViewPane *panes, guint n_panes)
{
  g_return_if_fail (FUGUE_IS_VIEW (self));
  g_return_if_fail (n_panes <= FUGUE_VIEW_MAX_PANES);

  for (guint i = 0; i < FUGUE_VIEW_MAX_PANES; i++)
    {
      GdkTexture *texture = i < n_panes ? panes[i].texture : NULL;

      g_set_object (&self->textures[i], texture);
      g_free (self->titles[i]);
      self->titles[i] = i < n_panes ? g_strdup (panes[i].title) : NULL;
    }
  self->n_panes = n_panes;
  hold_centre (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Drawing. */

static void
draw_sharp (GtkSnapshot *snapshot, GdkTexture *texture, const graphene_rect_t *rect, const graphene_rect_t *pane)
{
  int              width = gdk_texture_get_width (texture);
  int              height = gdk_texture_get_height (texture);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t         *cr = gtk_snapshot_append_cairo (snapshot, pane);

  gdk_texture_download (texture, cairo_image_surface_get_data (surface), cairo_image_surface_get_stride (surface));
  cairo_surface_mark_dirty (surface);
  cairo_translate (cr, rect->origin.x, rect->origin.y);
  cairo_scale (cr, rect->size.width / width, rect->size.height / height);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Above the picture, or at the pane's top if that is above it. */
static void
draw_title (FugueView *self, GtkSnapshot *snapshot, const char *title, const graphene_rect_t *pane, double picture_top)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), title);
  double                  y = MAX (picture_top - get_title_height (self), 0);
  int                     width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  if (width > pane->size.width)
    {
      g_autoptr (PangoAttrList) smaller = pango_attr_list_new ();

      pango_attr_list_insert (smaller, pango_attr_scale_new (MAX (pane->size.width / width, LEAST_TITLE)));
      pango_layout_set_attributes (layout, smaller);
    }
  pango_layout_set_width (layout, (int) (pane->size.width * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  gtk_snapshot_render_layout (snapshot, gtk_widget_get_style_context (GTK_WIDGET (self)), pane->origin.x, y + 3, layout);
}

static void
fugue_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FugueView *self = FUGUE_VIEW (widget);
  double     zoom = fugue_view_get_shown_zoom (self);
  double     width = 0, height = 0;

  get_size (self, &width, &height);
  for (guint i = 0; i < self->n_panes; i++)
    {
      graphene_rect_t pane = get_pane (self, i);
      graphene_rect_t rect;

      rect = GRAPHENE_RECT_INIT (round (pane.origin.x + pane.size.width / 2 - self->centre_x * width * zoom),
                                 round (pane.origin.y + pane.size.height / 2 - self->centre_y * height * zoom),
                                 width * zoom, height * zoom);
      if (self->titles[i])
        draw_title (self, snapshot, self->titles[i], &pane, rect.origin.y);
      if (!self->textures[i])
        continue;
      gtk_snapshot_push_clip (snapshot, &pane);
      if (self->is_sharp && zoom > SHARP_FROM)
        draw_sharp (snapshot, self->textures[i], &rect, &pane);
      else
        gtk_snapshot_append_texture (snapshot, self->textures[i], &rect);
      gtk_snapshot_pop (snapshot);
    }
}

static void
fugue_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                    int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = MINIMUM_SIDE;
}

static void
fugue_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  hold_centre (FUGUE_VIEW (widget));
}

/* Keys, wheel and pointer. */

static void
zoom_in_cb (GtkWidget *widget, const char *name, GVariant *argument)
{
  zoom_about (FUGUE_VIEW (widget), ZOOM_STEP, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
}

static void
zoom_out_cb (GtkWidget *widget, const char *name, GVariant *argument)
{
  zoom_about (FUGUE_VIEW (widget), 1 / ZOOM_STEP, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
}

static void
fit_cb (GtkWidget *widget, const char *name, GVariant *argument)
{
  fugue_view_set_zoom (FUGUE_VIEW (widget), 0);
}

static void
zoom_cb (GtkWidget *widget, const char *name, GVariant *argument)
{
  fugue_view_set_zoom (FUGUE_VIEW (widget), g_variant_get_double (argument));
}

static gboolean
pan_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  int dx, dy;

  g_variant_get (arguments, "(ii)", &dx, &dy);
  pan_by (FUGUE_VIEW (widget), dx * PAN_STEP, dy * PAN_STEP);
  return TRUE;
}

static void
motion_cb (FugueView *self, double x, double y)
{
  self->pointer_x = x;
  self->pointer_y = y;
}

static gboolean
scroll_cb (FugueView *self, double dx, double dy)
{
  if (dy == 0)
    return GDK_EVENT_PROPAGATE;
  zoom_about (self, pow (ZOOM_STEP, -dy), self->pointer_x, self->pointer_y);
  return GDK_EVENT_STOP;
}

static void
drag_begin_cb (FugueView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = self->centre_x;
  self->drag_y = self->centre_y;
}

static void
drag_update_cb (FugueView *self, double dx, double dy)
{
  self->centre_x = self->drag_x;
  self->centre_y = self->drag_y;
  pan_by (self, -dx, -dy);
}

static void
fugue_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FugueView *self = FUGUE_VIEW (object);

  switch (id)
    {
    case PROP_ZOOM:
      g_value_set_double (value, self->zoom);
      break;
    case PROP_IS_SHARP:
      g_value_set_boolean (value, self->is_sharp);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FugueView *self = FUGUE_VIEW (object);

  switch (id)
    {
    case PROP_ZOOM:
      fugue_view_set_zoom (self, g_value_get_double (value));
      break;
    case PROP_IS_SHARP:
      if (self->is_sharp == g_value_get_boolean (value))
        break;
      self->is_sharp = g_value_get_boolean (value);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_view_finalize (GObject *object)
{
  fugue_view_set_panes (FUGUE_VIEW (object), NULL, 0);
  G_OBJECT_CLASS (fugue_view_parent_class)->finalize (object);
}

static void
add_bindings (GtkWidgetClass *widget_class)
{
  static const struct { guint key; int dx, dy; } pans[] = {
    { GDK_KEY_Left, -1, 0 }, { GDK_KEY_Right, 1, 0 }, { GDK_KEY_Up, 0, -1 }, { GDK_KEY_Down, 0, 1 },
  };
  static const struct { guint key; const char *action; } zooms[] = {
    { GDK_KEY_plus, "view.zoom-in" }, { GDK_KEY_KP_Add, "view.zoom-in" }, { GDK_KEY_equal, "view.zoom-in" },
    { GDK_KEY_minus, "view.zoom-out" }, { GDK_KEY_KP_Subtract, "view.zoom-out" },
    { GDK_KEY_0, "view.fit" }, { GDK_KEY_KP_0, "view.fit" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pans); i++)
    gtk_widget_class_add_binding (widget_class, pans[i].key, GDK_CONTROL_MASK, pan_cb, "(ii)", pans[i].dx, pans[i].dy);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding_action (widget_class, zooms[i].key, 0, zooms[i].action, NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1, GDK_CONTROL_MASK, "view.zoom", "d", 1.0);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_2, GDK_CONTROL_MASK, "view.zoom", "d", 2.0);
}

static void
fugue_view_class_init (FugueViewClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fugue_view_get_property;
  object_class->set_property = fugue_view_set_property;
  object_class->finalize = fugue_view_finalize;
  widget_class->snapshot = fugue_view_snapshot;
  widget_class->measure = fugue_view_measure;
  widget_class->size_allocate = fugue_view_size_allocate;

  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, 0, MAX_ZOOM, 0,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_IS_SHARP] = g_param_spec_boolean ("is-sharp", NULL, NULL, FALSE,
                                                    G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_install_action (widget_class, "view.zoom-in", NULL, zoom_in_cb);
  gtk_widget_class_install_action (widget_class, "view.zoom-out", NULL, zoom_out_cb);
  gtk_widget_class_install_action (widget_class, "view.fit", NULL, fit_cb);
  gtk_widget_class_install_action (widget_class, "view.zoom", "d", zoom_cb);
  add_bindings (widget_class);

  gtk_widget_class_set_css_name (widget_class, "pictureview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fugue_view_init (FugueView *self)
{
  GtkGesture         *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);

  self->centre_x = self->centre_y = 0.5;
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Stage"), -1);
}

GtkWidget *
fugue_view_new (void)
{
  return g_object_new (FUGUE_TYPE_VIEW, NULL);
}
