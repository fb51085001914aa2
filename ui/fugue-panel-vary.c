/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-panel.h"

#include <glib/gi18n.h>

static const FugueSliderSpec how_far_spec = {
  .property = "how-far", .title = N_("How far"), .unit = N_("%"), .step = 1, .page = 10,
  .help = N_("How unlike the source the pictures become."),
};

static const FugueSliderSpec looseness_spec = {
  .property = "looseness", .title = N_("Looseness"), .unit = N_("σ"), .step = 0.01, .page = 0.1, .n_digits = 2,
  .help = N_("How far the meaning of the picture strays, in deviations of what the model knows."),
};

static const FugueSliderSpec chance_spec = {
  .property = "chance", .title = N_("Chance"), .unit = N_("η"), .step = 0.01, .page = 0.1, .n_digits = 2,
  .help = N_("How much new noise each step adds; 0 makes the same picture again."),
};

static const FugueSliderSpec layout_spec = {
  .property = "layout-detail", .title = N_("Layout or detail"), .unit = N_("%"), .step = 1, .page = 10, .bipolar = TRUE,
  .help = N_("What changes first: below 0 the layout, above 0 the details."),
};

/* Looseness moves along axes that not every model brings. */
static void
update_cb (FuguePanel *self, gpointer looseness)
{
  FugueModelInfo *model = fugue_controls_get_model (fugue_panel_get_controls (self));

  gtk_widget_set_visible (looseness, model == NULL || model->has_axes);
}

GtkWidget *
fugue_panel_vary_new (FugueControls *controls)
{
  FuguePanel     *self = fugue_panel_new (controls, _("Controls of Vary"));
  FugueSliderRow *looseness;

  fugue_panel_add_slider (self, &how_far_spec);
  fugue_panel_add_switch (self, "is-linked", _("Moves looseness and chance"),
                          _("While this is on, How far sets the two sliders below."));
  looseness = fugue_panel_add_slider (self, &looseness_spec);
  fugue_panel_add_slider (self, &chance_spec);
  fugue_panel_add_slider (self, &layout_spec);
  fugue_panel_watch (self, update_cb, looseness);
  fugue_panel_add_common (self, FUGUE_COMMON_BATCH);
  return GTK_WIDGET (self);
}
