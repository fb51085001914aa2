/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-crop.h"

#include <glib/gi18n.h>
#include <math.h>

#include "fugue-convert.h"

/* Pixels on the screen */
#define NATURAL_SIZE 360
#define HANDLE       14

/* Pixels of the picture; a smaller square has nothing to see in it. */
#define MIN_SIDE     16

struct _FugueCrop
{
  GtkWidget    parent_instance;

  /* Owned */
  FugueSource *source;       /* (nullable) */
  GdkTexture  *texture;      /* (nullable) */

  /* While the pointer drags: the crop at the start, and the corner that stays (−1: the frame moves as a whole) */
  UnclipRect   start;
  int          fixed_corner;
};

G_DEFINE_FINAL_TYPE (FugueCrop, fugue_crop, GTK_TYPE_WIDGET)

/* Where the picture is, and pixels on the screen for one of its own. */
static double
get_picture_rect (FugueCrop       *self,
                  graphene_rect_t *rect)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double w = fugue_source_get_width (self->source);
  double h = fugue_source_get_height (self->source);
  double scale = MIN (width / w, height / h);

  graphene_rect_init (rect, (width - w * scale) / 2, (height - h * scale) / 2, w * scale, h * scale);
  return scale;
}

/* A square of a side that fits, shifted into the picture. */
static void
set_square (FugueCrop *self,
            double     x,
            double     y,
            double     side)
{
  double width = fugue_source_get_width (self->source);
  double height = fugue_source_get_height (self->source);
  double most = MIN (width, height);
  UnclipRect crop;

  side = CLAMP (round (side), MIN (MIN_SIDE, most), most);
  crop.width = crop.height = side;
  crop.x = CLAMP (round (x), 0, width - side);
  crop.y = CLAMP (round (y), 0, height - side);
  fugue_source_set_crop (self->source, &crop);
}

/* About its middle. */
static void
scale_square (FugueCrop *self,
              double     factor)
{
  UnclipRect crop;
  double side;

  fugue_source_get_crop (self->source, &crop);
  side = factor > 1 ? ceil (crop.width * factor) : floor (crop.width * factor);
  set_square (self, crop.x + (crop.width - side) / 2, crop.y + (crop.height - side) / 2, side);
}

static void
update (FugueCrop *self)
{
  UnclipImage *image;

  if (self->source == NULL)
    return;

  image = fugue_source_get_image (self->source);
  if (image == NULL)
    image = fugue_source_get_thumbnail (self->source);
  g_clear_object (&self->texture);
  if (image != NULL)
    self->texture = fugue_texture_new_from_image (image);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
crop_cb (FugueCrop *self)
{
  g_autofree char *text = NULL;
  UnclipRect crop;

  fugue_source_get_crop (self->source, &crop);
  text = g_strdup_printf (_("%u × %u pixels at %u, %u"), crop.width, crop.height, crop.x, crop.y);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                FugueCrop             *self)
{
  double step;
  UnclipRect crop;

  if (self->source == NULL)
    return GDK_EVENT_PROPAGATE;

  step = MAX (1, (state & GDK_SHIFT_MASK ? 0.1 : 0.01) * MAX (fugue_source_get_width (self->source),
                                                             fugue_source_get_height (self->source)));
  fugue_source_get_crop (self->source, &crop);
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      set_square (self, crop.x - step, crop.y, crop.width);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      set_square (self, crop.x + step, crop.y, crop.width);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      set_square (self, crop.x, crop.y - step, crop.width);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      set_square (self, crop.x, crop.y + step, crop.width);
      return GDK_EVENT_STOP;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      scale_square (self, 1.05);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      scale_square (self, 1 / 1.05);
      return GDK_EVENT_STOP;
    case GDK_KEY_BackSpace:
      fugue_source_set_crop (self->source, NULL);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* Corners: 0 and 1 above, 2 and 3 below; 0 and 2 left. */
static int
find_corner (FugueCrop *self,
             double     x,
             double     y)
{
  graphene_rect_t rect;
  double scale = get_picture_rect (self, &rect);

  for (int i = 0; i < 4; i++)
    {
      double corner_x = rect.origin.x + scale * (self->start.x + (i % 2) * self->start.width);
      double corner_y = rect.origin.y + scale * (self->start.y + (i / 2) * self->start.height);

      if (hypot (x - corner_x, y - corner_y) <= HANDLE)
        return i;
    }
  return -1;
}

static void
drag_begin_cb (GtkGestureDrag *gesture,
               double          x,
               double          y,
               FugueCrop      *self)
{
  int corner;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->source == NULL)
    return;

  fugue_source_get_crop (self->source, &self->start);
  corner = find_corner (self, x, y);
  self->fixed_corner = corner < 0 ? -1 : 3 - corner;
}

static void
drag_update_cb (GtkGestureDrag *gesture,
                double          dx,
                double          dy,
                FugueCrop      *self)
{
  graphene_rect_t rect;
  double scale;
  double growth;

  if (self->source == NULL)
    return;

  scale = get_picture_rect (self, &rect);
  if (self->fixed_corner < 0)
    {
      set_square (self, self->start.x + dx / scale, self->start.y + dy / scale, self->start.width);
      return;
    }

  /* Outwards from the corner that stays, by the mean of both directions, as far as the picture goes. */
  growth = ((self->fixed_corner % 2 ? -dx : dx) + (self->fixed_corner / 2 ? -dy : dy)) / 2 / scale;
  {
    double right = self->start.x + self->start.width;
    double below = self->start.y + self->start.height;
    double room_x = self->fixed_corner % 2 ? right : fugue_source_get_width (self->source) - self->start.x;
    double room_y = self->fixed_corner / 2 ? below : fugue_source_get_height (self->source) - self->start.y;
    double side = CLAMP (self->start.width + growth, MIN_SIDE, MIN (room_x, room_y));

    set_square (self, self->fixed_corner % 2 ? right - side : self->start.x,
                self->fixed_corner / 2 ? below - side : self->start.y, side);
  }
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller,
           double                    dx,
           double                    dy,
           FugueCrop                *self)
{
  if (self->source == NULL || dy == 0)
    return GDK_EVENT_PROPAGATE;

  scale_square (self, dy > 0 ? 1.05 : 1 / 1.05);
  return GDK_EVENT_STOP;
}

static void
fugue_crop_measure (GtkWidget      *widget,
                    GtkOrientation  orientation,
                    int             for_size,
                    int            *minimum,
                    int            *natural,
                    int            *minimum_baseline,
                    int            *natural_baseline)
{
  *minimum = NATURAL_SIZE / 3;
  *natural = NATURAL_SIZE;
}

void
fugue_crop_append_frame (GtkSnapshot           *snapshot,
                         FugueSource           *source,
                         const graphene_rect_t *rect)
{
  const GdkRGBA shade = { 0, 0, 0, 0.55f };
  const GdkRGBA white = { 1, 1, 1, 0.9f };
  double scale = rect->size.width / fugue_source_get_width (source);
  UnclipRect crop;
  graphene_rect_t frame;
  GskRoundedRect outline;
  float x0 = rect->origin.x, x1 = rect->origin.x + rect->size.width;
  float y0 = rect->origin.y, y1 = rect->origin.y + rect->size.height;
  float left, top, right, bottom;

  fugue_source_get_crop (source, &crop);
  graphene_rect_init (&frame, x0 + crop.x * scale, y0 + crop.y * scale, crop.width * scale, crop.height * scale);
  left = frame.origin.x;
  top = frame.origin.y;
  right = left + frame.size.width;
  bottom = top + frame.size.height;
  if (left - x0 < 0.5f && top - y0 < 0.5f && x1 - right < 0.5f && y1 - bottom < 0.5f)
    return;

  gtk_snapshot_append_color (snapshot, &shade, &GRAPHENE_RECT_INIT (x0, y0, x1 - x0, top - y0));
  gtk_snapshot_append_color (snapshot, &shade, &GRAPHENE_RECT_INIT (x0, bottom, x1 - x0, y1 - bottom));
  gtk_snapshot_append_color (snapshot, &shade, &GRAPHENE_RECT_INIT (x0, top, left - x0, bottom - top));
  gtk_snapshot_append_color (snapshot, &shade, &GRAPHENE_RECT_INIT (right, top, x1 - right, bottom - top));
  gsk_rounded_rect_init_from_rect (&outline, &frame, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[]) { 1, 1, 1, 1 },
                              (GdkRGBA[]) { white, white, white, white });
}

static void
append_handles (FugueCrop             *self,
                GtkSnapshot           *snapshot,
                const graphene_rect_t *rect,
                double                 scale)
{
  const GdkRGBA white = { 1, 1, 1, 1 };
  UnclipRect crop;

  fugue_source_get_crop (self->source, &crop);
  for (int i = 0; i < 4; i++)
    {
      double x = rect->origin.x + scale * (crop.x + (i % 2) * crop.width);
      double y = rect->origin.y + scale * (crop.y + (i / 2) * crop.height);

      gtk_snapshot_append_color (snapshot, &white, &GRAPHENE_RECT_INIT (x - 4, y - 4, 8, 8));
    }
}

static void
fugue_crop_snapshot (GtkWidget   *widget,
                     GtkSnapshot *snapshot)
{
  FugueCrop *self = FUGUE_CROP (widget);
  graphene_rect_t rect;
  double scale;

  if (self->source == NULL || self->texture == NULL)
    return;

  scale = get_picture_rect (self, &rect);
  gtk_snapshot_append_texture (snapshot, self->texture, &rect);
  fugue_crop_append_frame (snapshot, self->source, &rect);
  append_handles (self, snapshot, &rect, scale);
}

static void
fugue_crop_dispose (GObject *object)
{
  fugue_crop_set_source (FUGUE_CROP (object), NULL);
  G_OBJECT_CLASS (fugue_crop_parent_class)->dispose (object);
}

static void
fugue_crop_class_init (FugueCropClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_crop_dispose;
  widget_class->measure = fugue_crop_measure;
  widget_class->snapshot = fugue_crop_snapshot;
  gtk_widget_class_set_css_name (widget_class, "crop");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void
fugue_crop_init (FugueCrop *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Crop frame"), -1);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
fugue_crop_new (void)
{
  return g_object_new (FUGUE_TYPE_CROP, NULL);
}

void
fugue_crop_set_source (FugueCrop   *self,
                       FugueSource *source)
{
  g_return_if_fail (FUGUE_IS_CROP (self));

  if (source == self->source)
    return;

  if (self->source != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->source, update, self);
      g_signal_handlers_disconnect_by_func (self->source, crop_cb, self);
    }
  g_set_object (&self->source, source);
  g_clear_object (&self->texture);
  if (source == NULL)
    return;

  g_signal_connect_swapped (source, "notify::image", G_CALLBACK (update), self);
  g_signal_connect_swapped (source, "notify::crop", G_CALLBACK (crop_cb), self);
  fugue_source_request_image (source);
  update (self);
  crop_cb (self);
}
