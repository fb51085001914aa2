/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window: one session, its sources at the start, stage and gallery in the middle, controls at the end, and what the
 * machine is doing along the bottom.
 *
 * What is on stage is the base of the next batch: a source, or a picture of the gallery, which becomes a source by that without
 * taking a slot.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-application.h"
#include "fugue-controls.h"
#include "fugue-queue.h"
#include "fugue-toasts.h"
#include "fugue-undo.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_WINDOW (fugue_window_get_type ())

/* Properties, read-only and notified:
 *
 *     picture (FuguePicture)    of the gallery, on stage; %NULL when a source is
 *     base (FugueSource)        what the next batch starts from; %NULL before there is one, and while a picture that was just put on
 *                               stage is made a source
 */
G_DECLARE_FINAL_TYPE (FugueWindow, fugue_window, FUGUE, WINDOW, GtkApplicationWindow)

/**
 * fugue_window_new:
 * @session: (transfer none): referenced; closed with the window
 */
FugueWindow      *fugue_window_new             (FugueApplication       *application,
                                                FugueSession           *session);

FugueApplication *fugue_window_get_application (FugueWindow            *self);
FugueSession     *fugue_window_get_session     (FugueWindow            *self);
FugueControls    *fugue_window_get_controls    (FugueWindow            *self);
FugueQueue       *fugue_window_get_queue       (FugueWindow            *self);
FugueUndo        *fugue_window_get_undo        (FugueWindow            *self);

/* (transfer none) (nullable), see the properties */
FuguePicture     *fugue_window_get_picture     (FugueWindow            *self);
FugueSource      *fugue_window_get_base        (FugueWindow            *self);

/**
 * fugue_window_put_picture: fugue_window_put_source:
 *
 * Puts a picture or a source on stage.
 */
void              fugue_window_put_picture     (FugueWindow            *self,
                                                FuguePicture           *picture);
void              fugue_window_put_source      (FugueWindow            *self,
                                                FugueSource            *source);

/**
 * fugue_window_get_mode:
 *
 * Returns: (transfer none): the name of the mode shown, see #FugueModeInfo
 */
const char       *fugue_window_get_mode        (FugueWindow            *self);
void              fugue_window_set_mode        (FugueWindow            *self,
                                                const char             *mode);

/**
 * fugue_window_run:
 * @mode: whose controls count
 * @source: (nullable): what to start from; %NULL for what is on stage (mix: the slots)
 * @in_front: before all that waits
 *
 * Makes a batch with the present settings and queues it. Before the model is loaded it is kept until then. What is in the way
 * is said by a toast.
 */
void              fugue_window_run             (FugueWindow            *self,
                                                FugueMode               mode,
                                                FugueSource            *source,
                                                gboolean                in_front);

/**
 * fugue_window_open_files:
 * @files: (element-type GFile): pictures or recipes
 * @vary: begin with variations of the first one as soon as it is there
 */
void              fugue_window_open_files      (FugueWindow            *self,
                                                GListModel             *files,
                                                gboolean                vary);

/**
 * fugue_window_toast:
 *
 * See fugue_toasts_add().
 */
void              fugue_window_toast           (FugueWindow            *self,
                                                const char             *message,
                                                const FugueToastButton *buttons,
                                                guint                   n_buttons);

G_END_DECLS
