/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-meter.h"

#include <glib/gi18n.h>
#include <math.h>

/* The bar's end: beyond it 8-bit pictures hardly differ. */
#define FULL_DB 60.0

struct _FugueMeter
{
  GtkWidget  parent_instance;

  /* children */
  GtkWidget *verdict;
  GtkWidget *bar;
  GtkWidget *figures;

  char      *words;                     /* owned */
};

G_DEFINE_FINAL_TYPE (FugueMeter, fugue_meter, GTK_TYPE_WIDGET)

typedef struct
{
  double      from_db;
  const char *css_class;
  const char *word;
} Grade;

static const Grade grades[] = {
  { FUGUE_METER_GOOD_DB, "meter-good", N_("Held: hardly to be told from the source") },
  { FUGUE_METER_FAIR_DB, "meter-fair", N_("Close: small differences") },
  { -INFINITY, "meter-poor", N_("Different: the picture is not held") },
};

static char *
dup_figures (double psnr_db, double max_difference, double clip_degrees)
{
  GString *text = g_string_new (NULL);

  if (isinf (psnr_db))
    g_string_append (text, _("every pixel is equal"));
  else
    g_string_append_printf (text, _("%.1f dB PSNR"), psnr_db);
  if (!isnan (max_difference))
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, _("at most %.0f of 255 off"), max_difference);
    }
  if (!isnan (clip_degrees))
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, _("%.1f° apart in CLIP"), clip_degrees);
    }
  return g_string_free (text, FALSE);
}

static void
show (FugueMeter *self, const char *css_class, const char *verdict, const char *figures, double level)
{
  for (guint i = 0; i < G_N_ELEMENTS (grades); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self), grades[i].css_class);
  if (css_class)
    gtk_widget_add_css_class (GTK_WIDGET (self), css_class);
  gtk_label_set_label (GTK_LABEL (self->verdict), verdict);
  gtk_label_set_label (GTK_LABEL (self->figures), figures);
  gtk_widget_set_visible (self->figures, *figures != '\0');
  gtk_level_bar_set_value (GTK_LEVEL_BAR (self->bar), level);

  g_free (self->words);
  self->words = *figures ? g_strdup_printf ("%s; %s", verdict, figures) : g_strdup (verdict);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, self->words, -1);
}

void
fugue_meter_set_values (FugueMeter *self, double psnr_db, double max_difference, double clip_degrees)
{
  g_autofree char *figures = NULL;
  guint            grade = 0;

  g_return_if_fail (FUGUE_IS_METER (self));

  if (isnan (psnr_db))
    {
      show (self, NULL, _("Not measured yet"), "", 0);
      return;
    }
  while (psnr_db < grades[grade].from_db)
    grade++;
  figures = dup_figures (psnr_db, max_difference, clip_degrees);
  show (self, grades[grade].css_class, _(grades[grade].word), figures, CLAMP (psnr_db, 0, FULL_DB));
}

const char *
fugue_meter_get_words (FugueMeter *self)
{
  g_return_val_if_fail (FUGUE_IS_METER (self), NULL);
  return self->words;
}

static void
fugue_meter_dispose (GObject *object)
{
  FugueMeter *self = FUGUE_METER (object);

  g_clear_pointer (&self->verdict, gtk_widget_unparent);
  g_clear_pointer (&self->bar, gtk_widget_unparent);
  g_clear_pointer (&self->figures, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_meter_parent_class)->dispose (object);
}

static void
fugue_meter_finalize (GObject *object)
{
  g_free (FUGUE_METER (object)->words);
  G_OBJECT_CLASS (fugue_meter_parent_class)->finalize (object);
}

static void
fugue_meter_class_init (FugueMeterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_meter_dispose;
  G_OBJECT_CLASS (klass)->finalize = fugue_meter_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "holdmeter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
add_label (FugueMeter *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  return label;
}

static void
fugue_meter_init (FugueMeter *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 3);

  self->verdict = add_label (self);
  gtk_widget_add_css_class (self->verdict, "verdict");
  self->bar = gtk_level_bar_new_for_interval (0, FULL_DB);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (self->bar), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Likeness to the source"), -1);
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  self->figures = add_label (self);
  fugue_meter_set_values (self, NAN, NAN, NAN);
}

GtkWidget *
fugue_meter_new (void)
{
  return g_object_new (FUGUE_TYPE_METER, NULL);
}
