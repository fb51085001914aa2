/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-modes.h"

#include "fugue-mode-stage.h"
#include "fugue-panel.h"

#include <glib/gi18n.h>

static void
message_cb (FugueWindow *window, const char *text)
{
  fugue_window_toast (window, text, NULL, 0);
}

static const FugueModeInfo MODES[] = {
  [FUGUE_MODE_VARY] = { "vary", N_("Vary"), fugue_panel_vary_new },
  [FUGUE_MODE_DIFF] = { "diff", N_("Diff"), fugue_panel_diff_new },
  [FUGUE_MODE_MIX] = { "mix", N_("Mix"), fugue_panel_mix_new },
  [FUGUE_MODE_INVERT] = { "invert", N_("Invert"), fugue_panel_invert_new },
};

const FugueModeInfo *
fugue_modes_get (guint *n_modes)
{
  *n_modes = G_N_ELEMENTS (MODES);
  return MODES;
}

GtkWidget *
fugue_modes_new_stage (FugueMode mode, FugueWindow *window)
{
  GtkWidget *stage = fugue_mode_stage_new (mode, fugue_window_get_session (window), fugue_window_get_controls (window),
                                           fugue_window_get_queue (window));

  g_object_bind_property (window, "picture", stage, "picture", G_BINDING_SYNC_CREATE);
  g_object_bind_property (window, "base", stage, "base", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (stage, "message", G_CALLBACK (message_cb), window, G_CONNECT_SWAPPED);
  return stage;
}

GtkWidget *
fugue_modes_new_panel (FugueMode mode, FugueWindow *window)
{
  GtkWidget *panel = MODES[mode].panel_new (fugue_window_get_controls (window));

  fugue_panel_set_pool (FUGUE_PANEL (panel), fugue_application_get_pool (fugue_window_get_application (window)));
  return panel;
}
