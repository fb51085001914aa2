/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-panel.h"

#include <glib/gi18n.h>

static const char *const method_names[] = { N_("DDIM"), N_("DDIM, fixed point"), N_("Two-step exact"), NULL };

static const FugueChoiceSpec method_spec = {
  .property = "method", .title = N_("Method"), .names = method_names,
  .help = N_("DDIM (Song et al. 2020) is quick; the fixed point (Pan et al. 2023) repeats each step until it agrees; "
             "the exact one (after Wallace et al. 2022) goes in coupled pairs and comes back to the bit, nearly."),
};

static const FugueSliderSpec steps_spec = {
  .property = "invert-steps", .title = N_("Steps"), .unit = N_("steps"), .step = 1, .page = 10,
  .help = N_("Steps from the picture to its noise, and as many back."),
};

static const FugueSliderSpec rounds_spec = {
  .property = "rounds", .title = N_("Rounds"), .unit = N_("a step"), .step = 1, .page = 5,
  .help = N_("How often a step is repeated at the most."),
};

static const FugueSliderSpec tolerance_spec = {
  .property = "tolerance", .title = N_("Tolerance"), .step = 0.5, .page = 1, .logarithmic = TRUE,
  .help = N_("A step is repeated until it changes by less than this."),
};

static const FugueSliderSpec guidance_spec = {
  .property = "invert-guidance", .title = N_("Guidance"), .unit = N_("×"), .step = 0.1, .page = 1, .n_digits = 1,
  .help = N_("How strictly the way follows the source's embedding; 1 is off."),
};

typedef struct
{
  GtkWidget *rounds;
  GtkWidget *tolerance;
  GtkWidget *warning;
} Rows;

static void
update_cb (FuguePanel *self, gpointer data)
{
  Rows       *rows = data;
  FugueMethod method;
  double      guidance;

  g_object_get (fugue_panel_get_controls (self), "method", &method, "invert-guidance", &guidance, NULL);
  gtk_widget_set_visible (rows->rounds, method == FUGUE_METHOD_FIXED_POINT);
  gtk_widget_set_visible (rows->tolerance, method == FUGUE_METHOD_FIXED_POINT);
  gtk_widget_set_visible (rows->warning, guidance > 1);
}

GtkWidget *
fugue_panel_invert_new (FugueControls *controls)
{
  FuguePanel *self = fugue_panel_new (controls, _("Controls of Invert"));
  Rows       *rows = g_new0 (Rows, 1);

  fugue_panel_add_choice (self, &method_spec);
  fugue_panel_add_slider (self, &steps_spec);
  rows->rounds = GTK_WIDGET (fugue_panel_add_slider (self, &rounds_spec));
  rows->tolerance = GTK_WIDGET (fugue_panel_add_slider (self, &tolerance_spec));
  fugue_panel_add_slider (self, &guidance_spec);
  rows->warning = fugue_panel_add_note (self, _("Above 1 the way back differs from the way there: the picture is held less well."));
  gtk_widget_add_css_class (rows->warning, "warning");
  g_object_set_data_full (G_OBJECT (self), "rows", rows, g_free);
  fugue_panel_watch (self, update_cb, rows);
  fugue_panel_add_common (self, FUGUE_COMMON_PREVIEW);
  return GTK_WIDGET (self);
}
