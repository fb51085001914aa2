/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pane of sources: slots A … D, and the tray with the others.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-controls.h"
#include "fugue-intake.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_SOURCES (fugue_sources_get_type ())

/* Signal "chosen" (FugueSource *source): to be put on stage. */
G_DECLARE_FINAL_TYPE (FugueSources, fugue_sources, FUGUE, SOURCES, GtkWidget)

GtkWidget   *fugue_sources_new         (FugueSession  *session,
                                        FugueControls *controls,
                                        FugueIntake   *intake);

/**
 * fugue_sources_get_focused:
 *
 * Returns: (transfer none) (nullable): the source that has the focus
 */
FugueSource *fugue_sources_get_focused (FugueSources  *self);

/**
 * fugue_sources_show_weights:
 *
 * Shows the weights, which count in mixes only.
 */
void         fugue_sources_show_weights (FugueSources *self,
                                         gboolean      shown);

G_END_DECLS
