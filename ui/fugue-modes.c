/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-modes.h"

#include <glib/gi18n.h>

#include "fugue-panel.h"

static GtkWidget *
empty_new (FugueWindow *window)
{
  return gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
}

/* Captions are counted by the engine that will read them. */
static GtkWidget *
with_pool (GtkWidget   *panel,
           FugueWindow *window)
{
  fugue_panel_set_pool (FUGUE_PANEL (panel), fugue_application_get_pool (fugue_window_get_application (window)));
  return panel;
}

static GtkWidget *
panel_vary_new (FugueWindow *window)
{
  return with_pool (fugue_panel_vary_new (fugue_window_get_controls (window)), window);
}

static GtkWidget *
panel_diff_new (FugueWindow *window)
{
  return with_pool (fugue_panel_diff_new (fugue_window_get_controls (window)), window);
}

static GtkWidget *
panel_mix_new (FugueWindow *window)
{
  return with_pool (fugue_panel_mix_new (fugue_window_get_controls (window)), window);
}

static GtkWidget *
panel_invert_new (FugueWindow *window)
{
  return with_pool (fugue_panel_invert_new (fugue_window_get_controls (window)), window);
}

static const FugueModeInfo MODES[] = {
  { "vary", N_("Vary"), empty_new, panel_vary_new },
  { "diff", N_("Diff"), empty_new, panel_diff_new },
  { "mix", N_("Mix"), empty_new, panel_mix_new },
  { "invert", N_("Invert"), empty_new, panel_invert_new },
};

const FugueModeInfo *
fugue_modes_get (guint *n_modes)
{
  *n_modes = G_N_ELEMENTS (MODES);
  return MODES;
}
