/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the panels of all modes share: caption, pictures, seed, quality, and under More what few people move. */

#include "config.h"

#include "fugue-panel.h"

#include <glib/gi18n.h>

static const FugueSliderSpec n_pictures_spec = {
  .property = "n-pictures", .title = N_("Pictures"), .step = 1, .page = 8,
  .help = N_("How many pictures one Go makes."),
};

static const char *const quality_names[] = { N_("Draft"), N_("Normal"), N_("Fine"), N_("Custom"), NULL };

static const FugueChoiceSpec quality_spec = {
  .property = "quality", .title = N_("Quality"), .names = quality_names,
  .help = N_("Sets the numbers of steps below More; custom when they were set one by one."),
};

static const FugueSliderSpec preview_spec = {
  .property = "preview-every", .title = N_("Preview every"), .unit = N_("steps"), .step = 1, .page = 2,
  .help = N_("Shows the picture as it is expected to become, every so many steps; 0 shows none."),
};

static const FugueSliderSpec step_specs[] = {
  {
    .property = "decoder-steps", .title = N_("Steps"), .unit = N_("steps"), .step = 1, .page = 10,
    .help = N_("How often the decoder goes over the picture: more is finer and slower."),
  },
  {
    .property = "upsampler-steps", .title = N_("Enlarging steps"), .unit = N_("steps"), .step = 1, .page = 5,
    .help = N_("How often the second network goes over the picture while it enlarges it."),
  },
  {
    .property = "decoder-guidance", .title = N_("Guidance"), .unit = N_("×"), .step = 0.1, .page = 1, .n_digits = 1,
    .help = N_("How strictly the picture follows what it is made from; 1 is off."),
  },
};

static const char *const sampler_names[] = { N_("Automatic"), N_("Ancestral"), N_("DDIM"), N_("DPM-Solver++"), NULL };

static const FugueChoiceSpec sampler_spec = {
  .property = "sampler", .title = N_("Sampler"), .names = sampler_names,
  .help = N_("The rule by which noise becomes a picture; automatic takes what the other controls ask for."),
};

static const FugueSliderSpec freeu_specs[] = {
  {
    .property = "freeu-b1", .title = N_("FreeU b1"), .unit = N_("×"), .step = 0.05, .page = 0.2, .n_digits = 2,
    .help = N_("Weighs the deepest features, which hold the shapes; 1 leaves them as they are."),
  },
  {
    .property = "freeu-b2", .title = N_("FreeU b2"), .unit = N_("×"), .step = 0.05, .page = 0.2, .n_digits = 2,
    .help = N_("Weighs the second-deepest features; 1 leaves them as they are."),
  },
  {
    .property = "freeu-s1", .title = N_("FreeU s1"), .unit = N_("×"), .step = 0.05, .page = 0.2, .n_digits = 2,
    .help = N_("Weighs the coarse part of what skips the deepest level; 1 leaves it as it is."),
  },
  {
    .property = "freeu-s2", .title = N_("FreeU s2"), .unit = N_("×"), .step = 0.05, .page = 0.2, .n_digits = 2,
    .help = N_("Weighs the coarse part of what skips the second-deepest level; 1 leaves it as it is."),
  },
};

static void
add_seed (FuguePanel *self)
{
  FugueControls *controls = fugue_panel_get_controls (self);
  GtkWidget     *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget     *label = gtk_label_new (_("Seed"));
  GtkWidget     *spin = gtk_spin_button_new_with_range (0, G_MAXUINT32, 1);
  GtkWidget     *lock = gtk_toggle_button_new_with_label (_("Lock"));
  const char    *help = _("The number that the noise is made from: the same seed makes the same picture.");
  const char    *lock_help = _("Keeps the seed; otherwise each Go draws a new one.");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 10);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_widget_add_css_class (spin, "seed");
  gtk_widget_set_tooltip_text (spin, help);
  gtk_widget_set_tooltip_text (lock, lock_help);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Seed"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, help, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (lock),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Lock the seed"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, lock_help, -1);
  g_object_bind_property (controls, "seed", spin, "value", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (controls, "is-seed-locked", lock, "active", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), spin);
  gtk_box_append (GTK_BOX (row), lock);
  fugue_panel_add_widget (self, row);
}

static void
add_sliders (FuguePanel *self, const FugueSliderSpec *specs, guint n_specs)
{
  for (guint i = 0; i < n_specs; i++)
    fugue_panel_add_slider (self, &specs[i]);
}

static void
add_batch (FuguePanel *self)
{
  fugue_panel_add_widget (self, gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  fugue_panel_add_slider (self, &n_pictures_spec);
  add_seed (self);
  fugue_panel_add_choice (self, &quality_spec);
  fugue_panel_add_caption (self, "caption", _("Caption"), _("In the picture's words, if it has any"));

  fugue_panel_begin_more (self, _("More"));
  add_sliders (self, step_specs, G_N_ELEMENTS (step_specs));
  fugue_panel_add_choice (self, &sampler_spec);
  fugue_panel_add_slider (self, &preview_spec);
  add_sliders (self, freeu_specs, G_N_ELEMENTS (freeu_specs));
  fugue_panel_end_more (self);
}

void
fugue_panel_add_common (FuguePanel *self, FugueCommon common)
{
  g_return_if_fail (FUGUE_IS_PANEL (self));

  if (common == FUGUE_COMMON_BATCH)
    {
      add_batch (self);
      return;
    }
  fugue_panel_begin_more (self, _("More"));
  fugue_panel_add_slider (self, &preview_spec);
  fugue_panel_end_more (self);
}
