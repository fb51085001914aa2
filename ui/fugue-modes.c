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

static GtkWidget *
stage_new (FugueWindow *window, FugueMode mode)
{
  GtkWidget *stage = fugue_mode_stage_new (mode, fugue_window_get_session (window), fugue_window_get_controls (window),
                                           fugue_window_get_queue (window));

  g_object_bind_property (window, "picture", stage, "picture", G_BINDING_SYNC_CREATE);
  g_object_bind_property (window, "base", stage, "base", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (stage, "message", G_CALLBACK (message_cb), window, G_CONNECT_SWAPPED);
  return stage;
}

static GtkWidget *
vary_stage_new (FugueWindow *window)
{
  return stage_new (window, FUGUE_MODE_VARY);
}

static GtkWidget *
diff_stage_new (FugueWindow *window)
{
  return stage_new (window, FUGUE_MODE_DIFF);
}

static GtkWidget *
mix_stage_new (FugueWindow *window)
{
  return stage_new (window, FUGUE_MODE_MIX);
}

static GtkWidget *
invert_stage_new (FugueWindow *window)
{
  return stage_new (window, FUGUE_MODE_INVERT);
}

/* @new_for: of fugue-panel.h */
static GtkWidget *
panel_new (FugueWindow *window, GtkWidget *(*new_for) (FugueControls *controls))
{
  GtkWidget *panel = new_for (fugue_window_get_controls (window));

  fugue_panel_set_pool (FUGUE_PANEL (panel), fugue_application_get_pool (fugue_window_get_application (window)));
  return panel;
}

static GtkWidget *
vary_panel_new (FugueWindow *window)
{
  return panel_new (window, fugue_panel_vary_new);
}

static GtkWidget *
diff_panel_new (FugueWindow *window)
{
  return panel_new (window, fugue_panel_diff_new);
}

static GtkWidget *
mix_panel_new (FugueWindow *window)
{
  return panel_new (window, fugue_panel_mix_new);
}

static GtkWidget *
invert_panel_new (FugueWindow *window)
{
  return panel_new (window, fugue_panel_invert_new);
}

static const FugueModeInfo MODES[] = {
  { "vary", N_("Vary"), vary_stage_new, vary_panel_new },
  { "diff", N_("Diff"), diff_stage_new, diff_panel_new },
  { "mix", N_("Mix"), mix_stage_new, mix_panel_new },
  { "invert", N_("Invert"), invert_stage_new, invert_panel_new },
};

const FugueModeInfo *
fugue_modes_get (guint *n_modes)
{
  *n_modes = G_N_ELEMENTS (MODES);
  return MODES;
}
