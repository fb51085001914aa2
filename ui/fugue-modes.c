/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-modes.h"

#include <glib/gi18n.h>

static GtkWidget *
empty_new (FugueWindow *window)
{
  return gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
}

static const FugueModeInfo MODES[] = {
  { "vary", N_("Vary"), empty_new, empty_new },
  { "diff", N_("Diff"), empty_new, empty_new },
  { "mix", N_("Mix"), empty_new, empty_new },
  { "invert", N_("Invert"), empty_new, empty_new },
};

const FugueModeInfo *
fugue_modes_get (guint *n_modes)
{
  *n_modes = G_N_ELEMENTS (MODES);
  return MODES;
}
