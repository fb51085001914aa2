/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-panel.h"

#include <glib/gi18n.h>

#define WEIGHT_HELP N_("How much of this source there is in the mix; the sum is always 100 %.")

static const FugueSliderSpec weight_specs[FUGUE_N_SLOTS] = {
  { .property = "weight-a", .title = N_("Source A"), .unit = N_("%"), .step = 1, .page = 10, .help = WEIGHT_HELP },
  { .property = "weight-b", .title = N_("Source B"), .unit = N_("%"), .step = 1, .page = 10, .help = WEIGHT_HELP },
  { .property = "weight-c", .title = N_("Source C"), .unit = N_("%"), .step = 1, .page = 10, .help = WEIGHT_HELP },
  { .property = "weight-d", .title = N_("Source D"), .unit = N_("%"), .step = 1, .page = 10, .help = WEIGHT_HELP },
};

static const char *const blend_names[] = { N_("Spherical"), N_("Straight"), NULL };

static const FugueChoiceSpec blend_spec = {
  .property = "blend", .title = N_("Blend"), .names = blend_names,
  .help = N_("Spherical keeps to the sphere on which embeddings lie; straight is the weighted sum."),
};

static const char *const noise_names[] = { N_("Seed"), N_("Of source A"), N_("Blended"), NULL };

static const FugueChoiceSpec noise_spec = {
  .property = "mix-noise", .title = N_("Noise"), .names = noise_names,
  .help = N_("Where to start: from the seed, from A's own noise, or from the blended noises of all sources."),
};

static const char *const sheet_names[] = { N_("Off"), N_("3 × 3"), N_("5 × 5"), N_("7 × 7"), NULL };

static const FugueChoiceSpec sheet_spec = {
  .property = "contact-sheet", .title = N_("Contact sheet"), .names = sheet_names,
  .help = N_("Drafts all over the pad, made while nothing else is to be done (Ctrl+G on the pad)."),
};

/* Rows for the sources that are there. */
static void
update_cb (FuguePanel *self, gpointer rows)
{
  FugueControls *controls = fugue_panel_get_controls (self);
  guint          corners = fugue_controls_get_corners (controls);
  GtkWidget    **weights = rows;
  guint          n = 0;

  for (guint i = 0; i < FUGUE_N_SLOTS; i++)
    {
      gtk_widget_set_visible (weights[i], (corners & (1u << i)) != 0);
      n += (corners & (1u << i)) != 0;
    }
  gtk_widget_set_visible (weights[FUGUE_N_SLOTS], n < 2);
}

GtkWidget *
fugue_panel_mix_new (FugueControls *controls)
{
  FuguePanel *self = fugue_panel_new (controls, _("Controls of Mix"));
  GtkWidget **rows = g_new0 (GtkWidget *, FUGUE_N_SLOTS + 1);

  for (guint i = 0; i < FUGUE_N_SLOTS; i++)
    rows[i] = GTK_WIDGET (fugue_panel_add_slider (self, &weight_specs[i]));
  rows[FUGUE_N_SLOTS] = fugue_panel_add_note (self, _("A mix takes at least two sources. Drop pictures on the slots A to D."));
  g_object_set_data_full (G_OBJECT (self), "rows", rows, g_free);
  fugue_panel_add_choice (self, &blend_spec);
  fugue_panel_add_choice (self, &noise_spec);
  fugue_panel_add_choice (self, &sheet_spec);
  fugue_panel_watch (self, update_cb, rows);
  fugue_panel_add_common (self, FUGUE_COMMON_BATCH);
  return GTK_WIDGET (self);
}
