/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every picture of a folder, a job each: pictures are read one after the other, become sources that no slot shows, and are queued with
 * the values that the controls had when the folder was begun.
 *
 * What has no job yet stands in the session file, so that a crash in the middle takes nothing: it is left over at the next start,
 * like the queue's jobs, until somebody resumes or discards it.
 *
 * Thread: the main thread; files are listed and read elsewhere.
 */

#pragma once

#include "fugue-controls.h"
#include "fugue-queue.h"

G_BEGIN_DECLS

/**
 * fugue_folder_list_async:
 * @folder: a path
 *
 * The files of a folder whose names say that they are pictures; hidden ones and folders within are passed over.
 *
 * fugue_folder_list_finish() returns (transfer full): their paths, by name; maybe none.
 *
 * Errors: G_FILE_ERROR if the folder can't be read.
 */
void   fugue_folder_list_async  (const char           *folder,
                                 GCancellable         *cancellable,
                                 GAsyncReadyCallback   callback,
                                 gpointer              user_data);
char **fugue_folder_list_finish (GAsyncResult         *result,
                                 GError              **error);

#define FUGUE_TYPE_FOLDER_BATCH (fugue_folder_batch_get_type ())

/* Properties, read-only and notified:
 *
 *     n-waiting (uint)      pictures that are still to be read
 *     n-left-over (uint)    the same of an earlier run, which wait for a word
 *
 * Signal:
 *
 *     done (const char *folder, guint n_queued, guint n_failed, const char *message)    all of a folder is read; folder is its
 *                                                                   name, message why the first of the failed could not be read
 */
G_DECLARE_FINAL_TYPE (FugueFolderBatch, fugue_folder_batch, FUGUE, FOLDER_BATCH, GObject)

/**
 * fugue_folder_batch_new:
 * @session: @queue: @controls: (transfer none): referenced
 */
FugueFolderBatch *fugue_folder_batch_new               (FugueSession      *session,
                                                        FugueQueue        *queue,
                                                        FugueControls     *controls);

/**
 * fugue_folder_batch_start:
 * @folder: path, for its name
 * @paths: of the pictures
 * @n_each: variations of each, 1 … 64
 *
 * Begins, or waits until the controls know a model. All pictures get the same seed.
 */
void              fugue_folder_batch_start             (FugueFolderBatch  *batch,
                                                        const char        *folder,
                                                        const char *const *paths,
                                                        guint              n_each);

/**
 * fugue_folder_batch_cancel: forgets the pictures that are still to be read; jobs that are queued stay
 */
void              fugue_folder_batch_cancel            (FugueFolderBatch  *batch);
guint             fugue_folder_batch_get_n_waiting     (FugueFolderBatch  *batch);
guint             fugue_folder_batch_get_n_left_over   (FugueFolderBatch  *batch);
void              fugue_folder_batch_resume_left_over  (FugueFolderBatch  *batch);
void              fugue_folder_batch_discard_left_over (FugueFolderBatch  *batch);

G_END_DECLS
