/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Undo and redo of what a person set: sources, settings, marks, ratings, moves on the pad. Not of what was computed.
 *
 * It listens to the "edited" signals of session and controls, so whoever sets a value need not know of it. Changes of one turn
 * of the main loop are one step, and so is a drag: changes of the same values within a second. Steps are stored in the session.
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-controls.h"

G_BEGIN_DECLS

#define FUGUE_UNDO_DEPTH 200

#define FUGUE_TYPE_UNDO (fugue_undo_get_type ())

/* Properties, read-only and notified: "can-undo", "can-redo" (boolean), "undo-label", "redo-label" (string: what the step changed,
 * for people; "" without one). */
G_DECLARE_FINAL_TYPE (FugueUndo, fugue_undo, FUGUE, UNDO, GObject)

/**
 * fugue_undo_new:
 * @session: (transfer none): referenced
 * @controls: (transfer none): referenced
 */
FugueUndo  *fugue_undo_new            (FugueSession  *session,
                                       FugueControls *controls);
gboolean    fugue_undo_can_undo       (FugueUndo     *undo);
gboolean    fugue_undo_can_redo       (FugueUndo     *undo);
const char *fugue_undo_get_undo_label (FugueUndo     *undo);
const char *fugue_undo_get_redo_label (FugueUndo     *undo);

/**
 * fugue_undo_undo: fugue_undo_redo:
 *
 * Returns: whether there was a step
 */
gboolean    fugue_undo_undo           (FugueUndo     *undo);
gboolean    fugue_undo_redo           (FugueUndo     *undo);

/**
 * fugue_undo_end_step:
 *
 * What comes next is a step of its own, however soon.
 */
void        fugue_undo_end_step       (FugueUndo     *undo);

G_END_DECLS
