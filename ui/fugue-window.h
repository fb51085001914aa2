/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window: one session, its sources at the start, stage and gallery in the middle, controls at the end, and what the
 * machine is doing along the bottom.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-application.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_WINDOW (fugue_window_get_type ())
G_DECLARE_FINAL_TYPE (FugueWindow, fugue_window, FUGUE, WINDOW, GtkApplicationWindow)

FugueWindow *fugue_window_new      (FugueApplication *application);

/**
 * fugue_window_get_mode:
 *
 * Returns: (transfer none): the name of the mode shown, see #FugueModeInfo
 */
const char  *fugue_window_get_mode (FugueWindow      *self);
void         fugue_window_set_mode (FugueWindow      *self,
                                    const char       *mode);

G_END_DECLS
