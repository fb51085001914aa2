/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-panel.h"

#include <glib/gi18n.h>
#include <math.h>

/* How far Amount goes without overdrive. */
#define USUAL_AMOUNT 0.5

static const FugueSliderSpec amount_spec = {
  .property = "amount", .title = N_("Amount"), .step = 0.01, .page = 0.1, .n_digits = 2, .bipolar = TRUE,
  .help = N_("How far to go from the first caption to the second; below 0 the other way."),
};

static const char *const keep_noise_names[] = { N_("Seed"), N_("Inverted"), NULL };

static const FugueChoiceSpec keep_noise_spec = {
  .property = "keep-noise", .title = N_("Keep noise"), .names = keep_noise_names,
  .help = N_("Inverted starts from the source's own noise and so holds its layout; seed starts anew."),
};

static const FugueSliderSpec strip_spec = {
  .property = "strip-frames", .title = N_("Strip frames"), .unit = N_("frames"), .step = 2, .page = 4,
  .help = N_("How many pictures the film strip below the stage has."),
};

static void
swap_captions (FugueControls *controls)
{
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;

  g_object_get (controls, "from-caption", &from, "to-caption", &to, NULL);
  g_object_set (controls, "from-caption", to, "to-caption", from, NULL);
}

static gboolean
swap_shortcut_cb (GtkWidget *panel, GVariant *arguments, gpointer data)
{
  /* Of the panels only that of the present mode is there to be spoken to. */
  if (!gtk_widget_get_mapped (panel))
    return FALSE;
  swap_captions (fugue_panel_get_controls (FUGUE_PANEL (panel)));
  return TRUE;
}

static void
add_swap (FuguePanel *self)
{
  GtkWidget          *button = gtk_button_new_with_label (_("⇅ Swap"));
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();
  GtkShortcut        *shortcut;

  gtk_widget_set_halign (button, GTK_ALIGN_END);
  gtk_widget_set_tooltip_text (button, _("Swap the captions (Ctrl+Shift+X)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Swap the captions"), -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (swap_captions), fugue_panel_get_controls (self));
  fugue_panel_add_widget (self, button);

  shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Control><Shift>x"),
                               gtk_callback_action_new (swap_shortcut_cb, NULL, NULL));
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (shortcuts), GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (shortcuts), shortcut);
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts);
}

static void
update_cb (FuguePanel *self, gpointer amount)
{
  gboolean overdrive;
  double   path_degrees, reach;

  g_object_get (fugue_panel_get_controls (self), "overdrive", &overdrive, "path-degrees", &path_degrees, NULL);
  reach = overdrive ? 1 : USUAL_AMOUNT;
  fugue_slider_row_set_range (amount, -reach, reach);
  fugue_slider_row_set_other_unit (amount, isnan (path_degrees) ? 0 : path_degrees, N_("°"));
}

GtkWidget *
fugue_panel_diff_new (FugueControls *controls)
{
  FuguePanel *self = fugue_panel_new (controls, _("Controls of Diff"));

  fugue_panel_add_caption (self, "from-caption", _("From"), _("What the picture shows"));
  fugue_panel_add_caption (self, "to-caption", _("To"), _("What it shall show"));
  add_swap (self);
  fugue_panel_watch (self, update_cb, fugue_panel_add_slider (self, &amount_spec));
  fugue_panel_add_switch (self, "overdrive", _("Overdrive"), _("Lets the amount go all the way, to ±1."));
  fugue_panel_add_choice (self, &keep_noise_spec);
  fugue_panel_add_slider (self, &strip_spec);
  fugue_panel_add_common (self, FUGUE_COMMON_BATCH);
  return GTK_WIDGET (self);
}
