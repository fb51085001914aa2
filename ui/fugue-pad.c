/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ground, shape, hatching and dot are drawn with Cairo; the corners' pictures are nodes of their own, so that moving the dot
 * uploads nothing.
 */

#include "config.h"

#include "fugue-pad.h"

#include "unclip-pad.h"

#include <glib/gi18n.h>
#include <math.h>

#define STEP        0.02
#define LARGE_STEP  0.1
#define SMALL_STEP  0.005

/* Places are kept to this many parts of a unit, so that recipes have short numbers. */
#define GRID  10000

/* Pixels. */
#define MINIMUM_SIDE  160
#define NATURAL_SIDE  360
#define DOT_RADIUS    8
#define HATCH_GAP     8

/* A corner's picture, as a part of the distance between two corners. */
#define THUMBNAIL     0.22

/* A contact sheet's picture, as a part of its cell. */
#define CELL_PART     0.96

struct _FuguePad
{
  GtkWidget      parent_instance;

  /* children */
  GtkWidget     *x_scale;
  GtkWidget     *y_scale;

  /* owned */
  char          *letters[UNCLIP_PAD_MAX_CORNERS];
  GdkPaintable  *paintables[UNCLIP_PAD_MAX_CORNERS];
  guint          n_corners;
  GArray        *cells;                 /* FuguePadCell, whose paintables are owned */
  double         cell_side;

  graphene_rect_t square;               /* where x and y have their whole range */
  double         x;
  double         y;
  gboolean       moving;
};

G_DEFINE_FINAL_TYPE (FuguePad, fugue_pad, GTK_TYPE_WIDGET)

enum
{
  PROP_X = 1,
  PROP_Y,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
static guint       activate_signal;
static guint       sheet_signal;

static gboolean
is_mirrored (FuguePad *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* Pixels from one corner to its neighbour. */
static double
get_unit (FuguePad *self)
{
  return self->square.size.width / (UNCLIP_PAD_MAXIMUM - UNCLIP_PAD_MINIMUM);
}

static void
to_pixels (FuguePad *self, double x, double y, double *pixel_x, double *pixel_y)
{
  double unit = get_unit (self);

  if (is_mirrored (self))
    x = 1 - x;
  *pixel_x = self->square.origin.x + (x - UNCLIP_PAD_MINIMUM) * unit;
  *pixel_y = self->square.origin.y + (y - UNCLIP_PAD_MINIMUM) * unit;
}

static void
move_to_pixels (FuguePad *self, double pixel_x, double pixel_y)
{
  double unit = get_unit (self);
  double x = (pixel_x - self->square.origin.x) / unit + UNCLIP_PAD_MINIMUM;
  double y = (pixel_y - self->square.origin.y) / unit + UNCLIP_PAD_MINIMUM;

  fugue_pad_move (self, is_mirrored (self) ? 1 - x : x, y);
}

double
fugue_pad_get_x (FuguePad *self)
{
  g_return_val_if_fail (FUGUE_IS_PAD (self), 0);
  return self->x;
}

double
fugue_pad_get_y (FuguePad *self)
{
  g_return_val_if_fail (FUGUE_IS_PAD (self), 0);
  return self->y;
}

void
fugue_pad_move (FuguePad *self, double x, double y)
{
  GObject *object = G_OBJECT (self);

  g_return_if_fail (FUGUE_IS_PAD (self));

  x = round (CLAMP (x, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM) * GRID) / GRID;
  y = round (CLAMP (y, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM) * GRID) / GRID;
  if (x == self->x && y == self->y)
    return;

  g_object_freeze_notify (object);
  if (x != self->x)
    g_object_notify_by_pspec (object, properties[PROP_X]);
  if (y != self->y)
    g_object_notify_by_pspec (object, properties[PROP_Y]);
  self->x = x;
  self->y = y;
  self->moving = TRUE;
  gtk_range_set_value (GTK_RANGE (self->x_scale), x);
  gtk_range_set_value (GTK_RANGE (self->y_scale), y);
  self->moving = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_thaw_notify (object);
}

void
fugue_pad_set_corners (FuguePad *self, const FuguePadCorner *corners, guint n_corners)
{
  g_return_if_fail (FUGUE_IS_PAD (self));
  g_return_if_fail (n_corners <= UNCLIP_PAD_MAX_CORNERS);

  for (guint i = 0; i < UNCLIP_PAD_MAX_CORNERS; i++)
    {
      g_free (self->letters[i]);
      self->letters[i] = i < n_corners ? g_strdup (corners[i].letter) : NULL;
      g_clear_object (&self->paintables[i]);
      if (i < n_corners && corners[i].paintable)
        self->paintables[i] = g_object_ref (corners[i].paintable);
    }
  self->n_corners = n_corners;
  gtk_widget_set_sensitive (GTK_WIDGET (self), n_corners >= 2);
  /* Two pictures lie on a line. */
  gtk_widget_set_visible (self->y_scale, n_corners != 2);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
clear_cell (gpointer data)
{
  FuguePadCell *cell = data;

  g_clear_object (&cell->paintable);
}

void
fugue_pad_set_sheet (FuguePad *self, const FuguePadCell *cells, guint n_cells, double side)
{
  g_return_if_fail (FUGUE_IS_PAD (self));

  /* Before the old ones are let go, which may be the same. */
  for (guint i = 0; i < n_cells; i++)
    if (cells[i].paintable)
      g_object_ref (cells[i].paintable);
  g_array_set_size (self->cells, 0);
  if (n_cells > 0)
    g_array_append_vals (self->cells, cells, n_cells);
  self->cell_side = side;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
fugue_pad_set_value_text (FuguePad *self, const char *text)
{
  g_return_if_fail (FUGUE_IS_PAD (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->x_scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->y_scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

/* Layout: the square, centred, with one slider below it and one at its end. */

static void
fugue_pad_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                   int *minimum_baseline, int *natural_baseline)
{
  FuguePad  *self = FUGUE_PAD (widget);
  GtkWidget *beside = orientation == GTK_ORIENTATION_HORIZONTAL ? self->y_scale : self->x_scale;
  int        thickness, length;

  gtk_widget_measure (beside, orientation, -1, &thickness, NULL, NULL, NULL);
  gtk_widget_measure (orientation == GTK_ORIENTATION_HORIZONTAL ? self->x_scale : self->y_scale, orientation, -1, &length,
                      NULL, NULL, NULL);
  *minimum = MAX (MINIMUM_SIDE, length) + thickness;
  *natural = MAX (NATURAL_SIDE, length) + thickness;
}

static void
fugue_pad_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FuguePad *self = FUGUE_PAD (widget);
  int       x_thickness, y_thickness, side, left, top, square_left;

  gtk_widget_measure (self->x_scale, GTK_ORIENTATION_VERTICAL, -1, &x_thickness, NULL, NULL, NULL);
  gtk_widget_measure (self->y_scale, GTK_ORIENTATION_HORIZONTAL, -1, &y_thickness, NULL, NULL, NULL);
  side = MIN (width - y_thickness, height - x_thickness);
  left = (width - side - y_thickness) / 2;
  top = (height - side - x_thickness) / 2;
  square_left = is_mirrored (self) ? left + y_thickness : left;

  self->square = GRAPHENE_RECT_INIT (square_left, top, side, side);
  gtk_widget_size_allocate (self->x_scale,
                            &(GtkAllocation) { square_left, top + side, side, x_thickness }, -1);
  if (gtk_widget_get_visible (self->y_scale))
    gtk_widget_size_allocate (self->y_scale,
                              &(GtkAllocation) { is_mirrored (self) ? left : left + side, top, y_thickness, side }, -1);
}

/* Drawing. */

static void
set_colour (cairo_t *cr, const GdkRGBA *colour, double alpha)
{
  cairo_set_source_rgba (cr, colour->red, colour->green, colour->blue, colour->alpha * alpha);
}

/* The corners' line, triangle or square. */
static void
add_shape (FuguePad *self, cairo_t *cr)
{
  static const guint order[] = { 0, 1, 3, 2 };
  guint              n_placed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      guint  corner = self->n_corners == 4 ? order[i] : i;
      double x, y, pixel_x, pixel_y;

      if (corner >= self->n_corners)
        continue;
      unclip_pad_get_corner (self->n_corners, corner, &x, &y);
      to_pixels (self, x, y, &pixel_x, &pixel_y);
      if (n_placed++ == 0)
        cairo_move_to (cr, pixel_x, pixel_y);
      else
        cairo_line_to (cr, pixel_x, pixel_y);
    }
  cairo_close_path (cr);
}

/* Slanting lines over all that is not within the shape. */
static void
draw_hatching (FuguePad *self, cairo_t *cr, const GdkRGBA *colour)
{
  const graphene_rect_t *square = &self->square;
  double                 side = square->size.width;

  cairo_save (cr);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_rectangle (cr, square->origin.x, square->origin.y, side, side);
  if (self->n_corners == 2)
    {
      double left, right, y;

      to_pixels (self, is_mirrored (self) ? 1 : 0, 0.5, &left, &y);
      to_pixels (self, is_mirrored (self) ? 0 : 1, 0.5, &right, &y);
      cairo_rectangle (cr, left, square->origin.y, right - left, side);
    }
  else
    add_shape (self, cr);
  cairo_clip (cr);
  for (double offset = -side; offset < side; offset += HATCH_GAP)
    {
      cairo_move_to (cr, square->origin.x + offset, square->origin.y + side);
      cairo_rel_line_to (cr, side, -side);
    }
  set_colour (cr, colour, 0.22);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
draw_sheet (FuguePad *self, GtkSnapshot *snapshot)
{
  double side = get_unit (self) * self->cell_side * CELL_PART;

  gtk_snapshot_push_clip (snapshot, &self->square);
  for (guint i = 0; i < self->cells->len; i++)
    {
      const FuguePadCell *cell = &g_array_index (self->cells, FuguePadCell, i);
      double              x, y;

      if (!cell->paintable)
        continue;
      to_pixels (self, cell->x, cell->y, &x, &y);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x - side / 2, y - side / 2));
      gdk_paintable_snapshot (cell->paintable, GDK_SNAPSHOT (snapshot), side, side);
      gtk_snapshot_restore (snapshot);
    }
  gtk_snapshot_pop (snapshot);
}

static void
draw_ground (FuguePad *self, GtkSnapshot *snapshot, const GdkRGBA *colour)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &self->square);

  set_colour (cr, colour, 0.06);
  cairo_paint (cr);
  if (self->n_corners >= 2)
    draw_hatching (self, cr, colour);
  cairo_destroy (cr);
}

static void
draw_frame (FuguePad *self, GtkSnapshot *snapshot, const GdkRGBA *colour)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &self->square);

  if (self->n_corners >= 2)
    {
      add_shape (self, cr);
      set_colour (cr, colour, 0.5);
      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
    }
  cairo_rectangle (cr, self->square.origin.x + 0.5, self->square.origin.y + 0.5, self->square.size.width - 1,
                   self->square.size.height - 1);
  set_colour (cr, colour, 0.25);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* A corner's letter, in a disk at the picture's edge that looks at the middle of the pad. */
static void
draw_letter (FuguePad *self, GtkSnapshot *snapshot, const char *letter, double x, double y)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), letter);
  int                     width, height;
  double                  radius;
  cairo_t                *cr;

  pango_layout_get_pixel_size (layout, &width, &height);
  radius = MAX (width, height) / 2.0 + 2;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (x - radius, y - radius, 2 * radius, 2 * radius));
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.75);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_move_to (cr, x - width / 2.0, y - height / 2.0);
  pango_cairo_show_layout (cr, layout);
  cairo_destroy (cr);
}

static void
draw_corner (FuguePad *self, GtkSnapshot *snapshot, guint corner)
{
  GdkPaintable *paintable = self->paintables[corner];
  double        side = get_unit (self) * THUMBNAIL;
  double        x, y, pixel_x, pixel_y;

  unclip_pad_get_corner (self->n_corners, corner, &x, &y);
  to_pixels (self, x, y, &pixel_x, &pixel_y);
  if (paintable)
    {
      double ratio = gdk_paintable_get_intrinsic_aspect_ratio (paintable);
      double width = ratio > 0 && ratio < 1 ? side * ratio : side;
      double height = ratio > 1 ? side / ratio : side;

      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (pixel_x - width / 2, pixel_y - height / 2));
      gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
      gtk_snapshot_restore (snapshot);
    }
  draw_letter (self, snapshot, self->letters[corner], pixel_x - side / 2, pixel_y - side / 2);
}

/* A ring of the accent colour between two that stand out from any picture. */
static void
draw_dot (FuguePad *self, GtkSnapshot *snapshot, const GdkRGBA *accent)
{
  const double margin = DOT_RADIUS + 4;
  double       x, y;
  cairo_t     *cr;

  to_pixels (self, self->x, self->n_corners == 2 ? 0.5 : self->y, &x, &y);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (x - margin, y - margin, 2 * margin, 2 * margin));
  cairo_arc (cr, x, y, DOT_RADIUS, 0, 2 * G_PI);
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_set_line_width (cr, 7);
  cairo_stroke_preserve (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_width (cr, 5);
  cairo_stroke_preserve (cr);
  set_colour (cr, accent, 1);
  cairo_fill (cr);
  cairo_destroy (cr);
}

static void
fugue_pad_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FuguePad        *self = FUGUE_PAD (widget);
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA          colour, accent;

  gtk_style_context_get_color (context, &colour);
  if (!gtk_style_context_lookup_color (context, "theme_selected_bg_color", &accent))
    accent = colour;

  draw_ground (self, snapshot, &colour);
  draw_sheet (self, snapshot);
  draw_frame (self, snapshot, &colour);
  for (guint i = 0; i < self->n_corners; i++)
    draw_corner (self, snapshot, i);
  if (self->n_corners >= 2)
    draw_dot (self, snapshot, &accent);
  GTK_WIDGET_CLASS (fugue_pad_parent_class)->snapshot (widget, snapshot);
}

/* Keys and pointer. */

static gboolean
jump_to_corner (FuguePad *self, guint corner)
{
  double x, y;

  if (corner >= self->n_corners)
    return FALSE;
  unclip_pad_get_corner (self->n_corners, corner, &x, &y);
  fugue_pad_move (self, x, y);
  return TRUE;
}

static gboolean
move_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  FuguePad *self = FUGUE_PAD (widget);
  double    dx, dy;

  g_variant_get (arguments, "(dd)", &dx, &dy);
  fugue_pad_move (self, self->x + (is_mirrored (self) ? -dx : dx), self->y + dy);
  return TRUE;
}

static gboolean
corner_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  return jump_to_corner (FUGUE_PAD (widget), g_variant_get_uint32 (arguments));
}

static gboolean
centre_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  FuguePad *self = FUGUE_PAD (widget);
  double    weights[UNCLIP_PAD_MAX_CORNERS] = { 1, 1, 1, 1 };
  double    x, y;

  if (self->n_corners == 0)
    return FALSE;
  unclip_pad_get_position (self->n_corners, weights, &x, &y);
  fugue_pad_move (self, x, y);
  return TRUE;
}

static gboolean
activate_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  g_signal_emit (widget, activate_signal, 0);
  return TRUE;
}

static gboolean
sheet_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  g_signal_emit (widget, sheet_signal, 0);
  return TRUE;
}

/* Only in the square: the sliders move by themselves. */
static void
drag_begin_cb (FuguePad *self, double x, double y, GtkGesture *gesture)
{
  if (!graphene_rect_contains_point (&self->square, &GRAPHENE_POINT_INIT (x, y)))
    {
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  move_to_pixels (self, x, y);
}

static void
drag_update_cb (FuguePad *self, double offset_x, double offset_y, GtkGestureDrag *gesture)
{
  double x, y;

  if (gtk_gesture_drag_get_start_point (gesture, &x, &y))
    move_to_pixels (self, x + offset_x, y + offset_y);
}

static void
scale_changed_cb (FuguePad *self)
{
  if (!self->moving)
    fugue_pad_move (self, gtk_range_get_value (GTK_RANGE (self->x_scale)), gtk_range_get_value (GTK_RANGE (self->y_scale)));
}

static void
fugue_pad_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FuguePad *self = FUGUE_PAD (object);

  switch (id)
    {
    case PROP_X:
      g_value_set_double (value, self->x);
      break;
    case PROP_Y:
      g_value_set_double (value, self->y);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_pad_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FuguePad *self = FUGUE_PAD (object);

  switch (id)
    {
    case PROP_X:
      fugue_pad_move (self, g_value_get_double (value), self->y);
      break;
    case PROP_Y:
      fugue_pad_move (self, self->x, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_pad_dispose (GObject *object)
{
  FuguePad *self = FUGUE_PAD (object);

  g_clear_pointer (&self->x_scale, gtk_widget_unparent);
  g_clear_pointer (&self->y_scale, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_pad_parent_class)->dispose (object);
}

static void
fugue_pad_finalize (GObject *object)
{
  FuguePad *self = FUGUE_PAD (object);

  for (guint i = 0; i < UNCLIP_PAD_MAX_CORNERS; i++)
    {
      g_free (self->letters[i]);
      g_clear_object (&self->paintables[i]);
    }
  g_array_unref (self->cells);
  G_OBJECT_CLASS (fugue_pad_parent_class)->finalize (object);
}

static void
add_move_bindings (GtkWidgetClass *widget_class, GdkModifierType modifiers, double step)
{
  const struct { guint keys[2]; double dx, dy; } moves[] = {
    { { GDK_KEY_Left, GDK_KEY_KP_Left }, -step, 0 },
    { { GDK_KEY_Right, GDK_KEY_KP_Right }, step, 0 },
    { { GDK_KEY_Up, GDK_KEY_KP_Up }, 0, -step },
    { { GDK_KEY_Down, GDK_KEY_KP_Down }, 0, step },
  };

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    for (guint k = 0; k < G_N_ELEMENTS (moves[i].keys); k++)
      gtk_widget_class_add_binding (widget_class, moves[i].keys[k], modifiers, move_cb, "(dd)", moves[i].dx, moves[i].dy);
}

static void
fugue_pad_class_init (FuguePadClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fugue_pad_get_property;
  object_class->set_property = fugue_pad_set_property;
  object_class->dispose = fugue_pad_dispose;
  object_class->finalize = fugue_pad_finalize;
  widget_class->measure = fugue_pad_measure;
  widget_class->size_allocate = fugue_pad_size_allocate;
  widget_class->snapshot = fugue_pad_snapshot;

  properties[PROP_X] = g_param_spec_double ("x", NULL, NULL, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM, 0.5,
                                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_Y] = g_param_spec_double ("y", NULL, NULL, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM, 0.5,
                                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  activate_signal = g_signal_new ("activate", FUGUE_TYPE_PAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  sheet_signal = g_signal_new ("sheet", FUGUE_TYPE_PAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  add_move_bindings (widget_class, 0, STEP);
  add_move_bindings (widget_class, GDK_SHIFT_MASK, LARGE_STEP);
  add_move_bindings (widget_class, GDK_CONTROL_MASK, SMALL_STEP);
  for (guint corner = 0; corner < UNCLIP_PAD_MAX_CORNERS; corner++)
    gtk_widget_class_add_binding (widget_class, GDK_KEY_a + corner, 0, corner_cb, "u", corner);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_equal, 0, centre_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_g, GDK_CONTROL_MASK, sheet_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, activate_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, 0, activate_cb, NULL);

  gtk_widget_class_set_css_name (widget_class, "mixpad");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
add_scale (FuguePad *self, GtkOrientation orientation, const char *label)
{
  GtkWidget *scale = gtk_scale_new_with_range (orientation, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM, STEP);

  gtk_scale_set_draw_value (GTK_SCALE (scale), FALSE);
  gtk_scale_set_has_origin (GTK_SCALE (scale), FALSE);
  gtk_range_set_increments (GTK_RANGE (scale), STEP, LARGE_STEP);
  gtk_range_set_value (GTK_RANGE (scale), 0.5);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (scale, "value-changed", G_CALLBACK (scale_changed_cb), self);
  gtk_widget_set_parent (scale, GTK_WIDGET (self));
  return scale;
}

static void
fugue_pad_init (FuguePad *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->cells = g_array_new (FALSE, FALSE, sizeof (FuguePadCell));
  g_array_set_clear_func (self->cells, clear_cell);
  self->x = self->y = 0.5;
  self->moving = TRUE;
  self->x_scale = add_scale (self, GTK_ORIENTATION_HORIZONTAL, _("Mix, across"));
  self->y_scale = add_scale (self, GTK_ORIENTATION_VERTICAL, _("Mix, downwards"));
  self->moving = FALSE;

  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Mixing pad"), -1);
}

GtkWidget *
fugue_pad_new (void)
{
  return g_object_new (FUGUE_TYPE_PAD, NULL);
}
