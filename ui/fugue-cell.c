/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Drawn by hand: there are hundreds of cells, and each changes with every preview. Marks are shapes, not letters, so that no font
 * decides what they look like, and not colours alone, so that everybody can tell them apart.
 */

#include "config.h"

#include "fugue-cell.h"

#include <glib/gi18n.h>
#include <math.h>

#include "fugue-convert.h"

/* Pixels around the picture. */
#define MARGIN 4

/* Smaller cells have no line of text. */
#define MIN_SIZE_OF_TEXT 96

struct _FugueCell
{
  GtkWidget     parent_instance;

  /* Owned */
  FuguePicture *picture;      /* (nullable) */
  GdkTexture   *texture;      /* (nullable) */
  PangoLayout  *line;

  /* Borrowed from the texture: what it was made of */
  UnclipImage  *shown;
  int           size;
};

G_DEFINE_FINAL_TYPE (FugueCell, fugue_cell, GTK_TYPE_WIDGET)

const char *
fugue_picture_get_verb_title (FuguePicture *picture)
{
  static const struct { const char *verb, *title; } TITLES[] = {
    { "vary", N_("Vary") }, { "diff", N_("Diff") }, { "mix", N_("Mix") },
    { "invert", N_("Invert") }, { "imagine", N_("Imagine") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (TITLES); i++)
    if (g_str_equal (fugue_picture_get_verb (picture), TITLES[i].verb))
      return _(TITLES[i].title);
  return fugue_picture_get_verb (picture);
}

const char *
fugue_stage_get_title (const char *stage)
{
  static const struct { const char *stage, *title; } TITLES[] = {
    { "encoder", N_("encoder") }, { "prior", N_("prior") }, { "decoder", N_("decoder") },
    { "upsampler", N_("upscaler") }, { "invert", N_("inversion") }, { "inversion", N_("inversion") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (TITLES); i++)
    if (g_str_equal (stage, TITLES[i].stage))
      return _(TITLES[i].title);
  return stage;
}

/* What its verb makes. */
static const char *
get_noun (FuguePicture *picture)
{
  static const struct { const char *verb, *noun; } NOUNS[] = {
    { "vary", N_("Variation") }, { "diff", N_("Difference") }, { "mix", N_("Mix") },
    { "invert", N_("Reconstruction") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (NOUNS); i++)
    if (g_str_equal (fugue_picture_get_verb (picture), NOUNS[i].verb))
      return _(NOUNS[i].noun);
  return _("Picture");
}

static void
append_state (FuguePicture *picture,
              GString      *text)
{
  switch (fugue_picture_get_state (picture))
    {
    case FUGUE_PICTURE_WAITING:
      g_string_append_printf (text, ", %s", _("waiting"));
      break;
    case FUGUE_PICTURE_RUNNING:
      g_string_append_printf (text, ", ");
      g_string_append_printf (text, _("%.0f %% done"), 100 * fugue_picture_get_progress (picture));
      break;
    case FUGUE_PICTURE_FAILED:
      g_string_append_printf (text, ", %s: %s", _("failed"), fugue_picture_get_error_message (picture));
      break;
    case FUGUE_PICTURE_CANCELLED:
      g_string_append_printf (text, ", %s", _("cancelled"));
      break;
    case FUGUE_PICTURE_FINISHED:
      break;
    }
}

char *
fugue_picture_dup_description (FuguePicture *picture)
{
  GString *text = g_string_new (NULL);
  guint number = fugue_picture_get_number (picture) + 1;
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, fugue_picture_get_seed (picture));

  /* Translators: such as "Variation 3 of 8 of lighthouse, seed 41" */
  g_string_append_printf (text, _("%s %u of %u of %s, seed %s"), get_noun (picture), number,
                          MAX (fugue_picture_get_n_in_batch (picture), number), fugue_picture_get_label (picture), seed);
  if (fugue_picture_get_mark (picture) == FUGUE_MARK_KEEP)
    g_string_append_printf (text, ", %s", _("kept"));
  else if (fugue_picture_get_mark (picture) == FUGUE_MARK_REJECT)
    g_string_append_printf (text, ", %s", _("rejected"));
  if (fugue_picture_get_rating (picture) > 0)
    {
      guint rating = fugue_picture_get_rating (picture);

      g_string_append (text, ", ");
      g_string_append_printf (text, ngettext ("%u star", "%u stars", rating), rating);
    }
  append_state (picture, text);
  return g_string_free (text, FALSE);
}

static char *
dup_line (FuguePicture *picture)
{
  switch (fugue_picture_get_state (picture))
    {
    case FUGUE_PICTURE_WAITING:
      return g_strdup (_("Waiting"));
    case FUGUE_PICTURE_RUNNING:
      if (fugue_picture_get_n_steps (picture) == 0)
        return g_strdup (_("Starting…"));
      return g_strdup_printf ("%s %u/%u", fugue_stage_get_title (fugue_picture_get_stage (picture)),
                              fugue_picture_get_step (picture), fugue_picture_get_n_steps (picture));
    case FUGUE_PICTURE_FAILED:
      return g_strdup (g_str_equal (fugue_picture_get_error_code (picture), "bad-result") ? _("Calculation failed") : _("Failed"));
    case FUGUE_PICTURE_CANCELLED:
      return g_strdup (_("Cancelled"));
    case FUGUE_PICTURE_FINISHED:
      break;
    }

  if (fugue_picture_get_rating (picture) > 0)
    return g_strdup_printf ("%s · %u★", fugue_picture_get_verb_title (picture),
                            fugue_picture_get_rating (picture));
  return g_strdup_printf ("%s · %" G_GUINT64_FORMAT "-%u", fugue_picture_get_verb_title (picture),
                          fugue_picture_get_seed (picture), fugue_picture_get_number (picture) + 1);
}

/* What there is to see now: the picture, else the newest preview. */
static UnclipImage *
get_visible (FuguePicture *picture)
{
  if (fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED
      && fugue_picture_get_thumbnail (picture) != NULL)
    return fugue_picture_get_thumbnail (picture);
  return fugue_picture_get_preview (picture);
}

static void
update_looks (FugueCell *self)
{
  g_autofree char *line = NULL;
  UnclipImage *image;

  if (fugue_picture_get_state (self->picture) == FUGUE_PICTURE_FINISHED)
    fugue_picture_request_thumbnail (self->picture);
  image = get_visible (self->picture);
  /* Between the last preview and the thumbnail there may be nothing for a moment: the preview stays. */
  if (image != NULL && image != self->shown)
    {
      g_clear_object (&self->texture);
      self->texture = fugue_texture_new_from_image (image);
      self->shown = image;
    }

  line = dup_line (self->picture);
  pango_layout_set_text (self->line, line, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update_description (FugueCell *self)
{
  g_autofree char *description = NULL;

  description = fugue_picture_dup_description (self->picture);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, description, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self),
                               fugue_picture_get_state (self->picture) == FUGUE_PICTURE_FAILED
                                 ? fugue_picture_get_error_message (self->picture) : NULL);
}

/* Steps come several times a second for each cell; who listens hears of beginnings and ends only. */
static void
picture_notify_cb (FuguePicture *picture,
                   GParamSpec   *pspec,
                   FugueCell    *self)
{
  static const char *const TOLD[] = { "state", "mark", "rating", "error-message", "n-in-batch", NULL };

  update_looks (self);
  if (g_strv_contains (TOLD, pspec->name))
    update_description (self);
}

static int
get_line_height (FugueCell *self)
{
  int height;

  if (self->size < MIN_SIZE_OF_TEXT)
    return 0;

  pango_layout_get_pixel_size (self->line, NULL, &height);
  return height;
}

static void
fugue_cell_measure (GtkWidget      *widget,
                    GtkOrientation  orientation,
                    int             for_size,
                    int            *minimum,
                    int            *natural,
                    int            *minimum_baseline,
                    int            *natural_baseline)
{
  FugueCell *self = FUGUE_CELL (widget);

  *minimum = self->size + 2 * MARGIN;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum += get_line_height (self);
  *natural = *minimum;
}

/* ---- drawing; the square of the picture is (0, 0, size, size) ---- */

static void
get_picture_rect (FugueCell       *self,
                  graphene_rect_t *rect)
{
  double width = gdk_texture_get_width (self->texture);
  double height = gdk_texture_get_height (self->texture);
  double scale = self->size / MAX (width, height);

  graphene_rect_init (rect, (self->size - width * scale) / 2, (self->size - height * scale) / 2,
                      width * scale, height * scale);
}

static void
draw_place (FugueCell   *self,
            GtkSnapshot *snapshot)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA ink, ground;
  GskRoundedRect outline;

  gtk_style_context_get_color (context, &ink);
  ink.alpha *= 0.25f;
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (0.5f, 0.5f, self->size - 1, self->size - 1), 4);
  /* A selected one would be a solid block of the accent colour. */
  if (gtk_style_context_lookup_color (context, "theme_bg_color", &ground))
    {
      gtk_snapshot_push_rounded_clip (snapshot, &outline);
      gtk_snapshot_append_color (snapshot, &ground, &outline.bounds);
      gtk_snapshot_pop (snapshot);
    }
  gtk_snapshot_append_border (snapshot, &outline, (float[]) { 1, 1, 1, 1 },
                              (GdkRGBA[]) { ink, ink, ink, ink });
}

static void
path_star (cairo_t *cr,
           double   radius)
{
  for (guint i = 0; i < 10; i++)
    {
      double angle = -G_PI / 2 + i * G_PI / 5;
      double r = i % 2 == 0 ? radius : 0.45 * radius;

      cairo_line_to (cr, r * cos (angle), r * sin (angle));
    }
  cairo_close_path (cr);
}

static void
draw_mark (FugueCell   *self,
           GtkSnapshot *snapshot)
{
  FugueMark mark = fugue_picture_get_mark (self->picture);
  double radius = CLAMP (self->size / 10.0, 8, 14);
  cairo_t *cr;

  if (mark == FUGUE_MARK_NONE && !fugue_picture_get_seen (self->picture))
    return;

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, 2 * radius + 8, 2 * radius + 8));
  cairo_translate (cr, radius + 4, radius + 4);
  if (mark == FUGUE_MARK_NONE)
    {
      cairo_arc (cr, 0, 0, 0.4 * radius, 0, 2 * G_PI);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_fill_preserve (cr);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.8);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      cairo_destroy (cr);
      return;
    }

  cairo_arc (cr, 0, 0, radius, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.75);
  cairo_fill (cr);
  if (mark == FUGUE_MARK_KEEP)
    {
      path_star (cr, 0.8 * radius);
      cairo_set_source_rgb (cr, 1, 0.84, 0.25);
      cairo_fill (cr);
    }
  else
    {
      double arm = 0.42 * radius;

      cairo_move_to (cr, -arm, -arm);
      cairo_line_to (cr, arm, arm);
      cairo_move_to (cr, -arm, arm);
      cairo_line_to (cr, arm, -arm);
      cairo_set_line_width (cr, radius / 4);
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
      cairo_set_source_rgb (cr, 1, 0.55, 0.5);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
draw_ring (FugueCell   *self,
           GtkSnapshot *snapshot)
{
  double radius = CLAMP (self->size / 9.0, 8, 16);
  double centre = self->size - radius - 5;
  double progress = fugue_picture_get_progress (self->picture);
  cairo_t *cr;

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, self->size, self->size));
  cairo_translate (cr, centre, centre);
  cairo_arc (cr, 0, 0, radius, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.65);
  cairo_fill (cr);
  cairo_set_line_width (cr, radius / 3.5);
  cairo_arc (cr, 0, 0, 0.68 * radius, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.3);
  cairo_stroke (cr);
  cairo_arc (cr, 0, 0, 0.68 * radius, -G_PI / 2, -G_PI / 2 + 2 * G_PI * progress);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* An exclamation mark in a triangle. */
static void
draw_failure (FugueCell   *self,
              GtkSnapshot *snapshot)
{
  double r = self->size / 6.0;
  GdkRGBA ink;
  cairo_t *cr;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &ink);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, self->size, self->size));
  gdk_cairo_set_source_rgba (cr, &ink);
  cairo_translate (cr, self->size / 2.0, self->size / 2.0);
  cairo_set_line_width (cr, MAX (1.5, r / 8));
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, 0, -r);
  cairo_line_to (cr, 1.1 * r, 0.9 * r);
  cairo_line_to (cr, -1.1 * r, 0.9 * r);
  cairo_close_path (cr);
  cairo_move_to (cr, 0, -0.35 * r);
  cairo_line_to (cr, 0, 0.25 * r);
  cairo_move_to (cr, 0, 0.6 * r);
  cairo_line_to (cr, 0, 0.6 * r);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_line (FugueCell   *self,
           GtkSnapshot *snapshot)
{
  GdkRGBA ink;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &ink);
  pango_layout_set_width (self->line, self->size * PANGO_SCALE);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, self->size + 1));
  gtk_snapshot_append_layout (snapshot, self->line, &ink);
  gtk_snapshot_restore (snapshot);
}

static void
fugue_cell_snapshot (GtkWidget   *widget,
                     GtkSnapshot *snapshot)
{
  FugueCell *self = FUGUE_CELL (widget);
  gboolean is_rejected;

  if (self->picture == NULL)
    return;

  is_rejected = fugue_picture_get_mark (self->picture) == FUGUE_MARK_REJECT;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((gtk_widget_get_width (widget) - self->size) / 2, MARGIN));

  if (self->texture != NULL)
    {
      graphene_rect_t rect;

      get_picture_rect (self, &rect);
      if (is_rejected)
        gtk_snapshot_push_opacity (snapshot, 0.3);
      gtk_snapshot_append_texture (snapshot, self->texture, &rect);
      if (is_rejected)
        gtk_snapshot_pop (snapshot);
    }
  else
    {
      draw_place (self, snapshot);
    }
  if (fugue_picture_get_state (self->picture) == FUGUE_PICTURE_FAILED)
    draw_failure (self, snapshot);
  if (fugue_picture_get_state (self->picture) == FUGUE_PICTURE_RUNNING)
    draw_ring (self, snapshot);
  draw_mark (self, snapshot);
  if (self->size >= MIN_SIZE_OF_TEXT)
    draw_line (self, snapshot);
  gtk_snapshot_restore (snapshot);
}

static void
fugue_cell_dispose (GObject *object)
{
  FugueCell *self = FUGUE_CELL (object);

  fugue_cell_set_picture (self, NULL);
  g_clear_object (&self->line);
  G_OBJECT_CLASS (fugue_cell_parent_class)->dispose (object);
}

static void
fugue_cell_class_init (FugueCellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_cell_dispose;
  widget_class->measure = fugue_cell_measure;
  widget_class->snapshot = fugue_cell_snapshot;
  gtk_widget_class_set_css_name (widget_class, "cell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fugue_cell_init (FugueCell *self)
{
  PangoAttrList *small = pango_attr_list_new ();

  self->size = 128;
  self->line = gtk_widget_create_pango_layout (GTK_WIDGET (self), " ");
  pango_attr_list_insert (small, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (self->line, small);
  pango_attr_list_unref (small);
  pango_layout_set_ellipsize (self->line, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (self->line, PANGO_ALIGN_CENTER);
}

GtkWidget *
fugue_cell_new (void)
{
  return g_object_new (FUGUE_TYPE_CELL, NULL);
}

void
fugue_cell_set_picture (FugueCell    *self,
                        FuguePicture *picture)
{
  g_return_if_fail (FUGUE_IS_CELL (self));

  if (picture == self->picture)
    return;

  if (self->picture != NULL)
    g_signal_handlers_disconnect_by_func (self->picture, picture_notify_cb, self);
  g_set_object (&self->picture, picture);
  g_clear_object (&self->texture);
  self->shown = NULL;
  if (picture != NULL)
    {
      g_signal_connect (picture, "notify", G_CALLBACK (picture_notify_cb), self);
      update_looks (self);
      update_description (self);
    }
}

FuguePicture *
fugue_cell_get_picture (FugueCell *self)
{
  g_return_val_if_fail (FUGUE_IS_CELL (self), NULL);

  return self->picture;
}

void
fugue_cell_set_size (FugueCell *self,
                     int        size)
{
  g_return_if_fail (FUGUE_IS_CELL (self));

  self->size = CLAMP (size, FUGUE_CELL_MIN_SIZE, FUGUE_CELL_MAX_SIZE);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}
