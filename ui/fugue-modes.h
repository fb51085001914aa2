/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The modes of the window: one table, in the order of the switcher and of Alt+1…4.
 *
 * A mode is a stage (what stands in the middle) and a panel (its controls, at the end); both are made once per window.
 */

#pragma once

#include "fugue-window.h"

G_BEGIN_DECLS

/**
 * FugueModeInfo:
 * @name: as in settings, the action `win.mode` and recipes' verbs: "vary", "diff", "mix", "invert"
 * @title: for the switcher; to be translated
 * @stage_new: (returns floating)
 * @panel_new: (returns floating)
 */
typedef struct
{
  const char  *name;
  const char  *title;
  GtkWidget *(*stage_new) (FugueWindow *window);
  GtkWidget *(*panel_new) (FugueWindow *window);
} FugueModeInfo;

/**
 * fugue_modes_get:
 * @n_modes: (out): how many
 *
 * Returns: (transfer none) (array length=n_modes)
 */
const FugueModeInfo *fugue_modes_get (guint *n_modes);

G_END_DECLS
