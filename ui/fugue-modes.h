/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The modes of the window: one table, in the order of #FugueMode, of the switcher and of Alt+1…4.
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
 * @panel_new: the controls alone; fugue_modes_new_panel() makes those of a window
 */
typedef struct
{
  const char  *name;
  const char  *title;
  GtkWidget *(*panel_new) (FugueControls *controls);
} FugueModeInfo;

/**
 * fugue_modes_get:
 * @n_modes: (out): how many
 *
 * Returns: (transfer none) (array length=n_modes)
 */
const FugueModeInfo *fugue_modes_get       (guint       *n_modes);

/**
 * fugue_modes_new_stage: fugue_modes_new_panel:
 *
 * Returns: (transfer floating)
 */
GtkWidget           *fugue_modes_new_stage (FugueMode    mode,
                                            FugueWindow *window);
GtkWidget           *fugue_modes_new_panel (FugueMode    mode,
                                            FugueWindow *window);

G_END_DECLS
