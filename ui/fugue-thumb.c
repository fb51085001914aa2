/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-thumb.h"

#include "fugue-convert.h"
#include "fugue-crop.h"

struct _FugueThumb
{
  GtkWidget    parent_instance;

  /* Owned */
  FugueSource *source;       /* (nullable) */
  GdkTexture  *texture;      /* (nullable) */
  PangoLayout *letter;       /* (nullable) */
  int          size;
};

G_DEFINE_FINAL_TYPE (FugueThumb, fugue_thumb, GTK_TYPE_WIDGET)

static void
update (FugueThumb *self)
{
  UnclipImage *thumbnail = self->source != NULL ? fugue_source_get_thumbnail (self->source) : NULL;

  g_clear_object (&self->texture);
  if (thumbnail != NULL)
    self->texture = fugue_texture_new_from_image (thumbnail);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
fugue_thumb_measure (GtkWidget      *widget,
                     GtkOrientation  orientation,
                     int             for_size,
                     int            *minimum,
                     int            *natural,
                     int            *minimum_baseline,
                     int            *natural_baseline)
{
  *minimum = *natural = FUGUE_THUMB (widget)->size;
}

static void
draw_empty (FugueThumb  *self,
            GtkSnapshot *snapshot,
            double       width,
            double       height)
{
  const double dashes[] = { 4, 4 };
  GdkRGBA ink;
  cairo_t *cr;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &ink);
  ink.alpha *= 0.5f;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gdk_cairo_set_source_rgba (cr, &ink);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_line_width (cr, 1.5);
  cairo_rectangle (cr, 1, 1, width - 2, height - 2);
  cairo_stroke (cr);
  cairo_destroy (cr);

  if (self->letter != NULL)
    {
      int w, h;

      pango_layout_get_pixel_size (self->letter, &w, &h);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((width - w) / 2, (height - h) / 2));
      gtk_snapshot_append_layout (snapshot, self->letter, &ink);
      gtk_snapshot_restore (snapshot);
    }
}

static void
fugue_thumb_snapshot (GtkWidget   *widget,
                      GtkSnapshot *snapshot)
{
  FugueThumb *self = FUGUE_THUMB (widget);
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  double w, h, scale;
  graphene_rect_t rect;

  if (self->texture == NULL)
    {
      draw_empty (self, snapshot, width, height);
      return;
    }

  w = fugue_source_get_width (self->source);
  h = fugue_source_get_height (self->source);
  scale = MIN (width / w, height / h);
  graphene_rect_init (&rect, (width - w * scale) / 2, (height - h * scale) / 2, w * scale, h * scale);
  gtk_snapshot_append_texture (snapshot, self->texture, &rect);
  fugue_crop_append_frame (snapshot, self->source, &rect);
}

static void
fugue_thumb_dispose (GObject *object)
{
  FugueThumb *self = FUGUE_THUMB (object);

  fugue_thumb_set_source (self, NULL);
  g_clear_object (&self->texture);
  g_clear_object (&self->letter);
  G_OBJECT_CLASS (fugue_thumb_parent_class)->dispose (object);
}

static void
fugue_thumb_class_init (FugueThumbClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_thumb_dispose;
  widget_class->measure = fugue_thumb_measure;
  widget_class->snapshot = fugue_thumb_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fugue_thumb_init (FugueThumb *self)
{
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
fugue_thumb_new (int         size,
                 const char *letter)
{
  FugueThumb *self = g_object_new (FUGUE_TYPE_THUMB, NULL);

  self->size = size;
  if (letter != NULL)
    {
      PangoAttrList *large = pango_attr_list_new ();

      self->letter = gtk_widget_create_pango_layout (GTK_WIDGET (self), letter);
      pango_attr_list_insert (large, pango_attr_scale_new (1.6));
      pango_layout_set_attributes (self->letter, large);
      pango_attr_list_unref (large);
    }
  return GTK_WIDGET (self);
}

void
fugue_thumb_set_source (FugueThumb  *self,
                        FugueSource *source)
{
  g_return_if_fail (FUGUE_IS_THUMB (self));

  if (source == self->source)
    return;

  if (self->source != NULL)
    g_signal_handlers_disconnect_by_func (self->source, update, self);
  g_set_object (&self->source, source);
  if (source != NULL)
    {
      g_signal_connect_swapped (source, "notify::thumbnail", G_CALLBACK (update), self);
      g_signal_connect_swapped (source, "notify::crop", G_CALLBACK (update), self);
    }
  update (self);
}
