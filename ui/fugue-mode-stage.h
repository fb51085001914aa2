/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands in the middle of the window, by mode:
 *
 *     vary     the picture
 *     diff     the picture at the present amount, the film strip below it
 *     mix      the pad, and the picture beside it
 *     invert   source, reconstruction and difference, with the meter
 *
 * It follows the sources and the controls of its window by itself. In live mode the draft takes the picture's place.
 *
 * Properties, notified: "picture" (FuguePicture, nullable): of the gallery, on stage; "base" (FugueSource, nullable): what the
 * next batch starts from. Both are the window's.
 *
 * Signal "message" (const char *text): something could not be done, and why.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-controls.h"
#include "fugue-queue.h"
#include "fugue-stage.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_MODE_STAGE (fugue_mode_stage_get_type ())

G_DECLARE_FINAL_TYPE (FugueModeStage, fugue_mode_stage, FUGUE, MODE_STAGE, GtkWidget)

/**
 * fugue_mode_stage_new:
 * @session: @controls: @queue: (transfer none): referenced
 */
GtkWidget  *fugue_mode_stage_new         (FugueMode       mode,
                                          FugueSession   *session,
                                          FugueControls  *controls,
                                          FugueQueue     *queue);

/**
 * fugue_mode_stage_get_stage:
 *
 * Returns: (transfer none)
 */
FugueStage *fugue_mode_stage_get_stage   (FugueModeStage *self);

G_END_DECLS
