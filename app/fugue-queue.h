/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The jobs of one session, in the order in which they will be done. A GListModel of FugueJob: those that wait and those that
 * run; a job leaves the list when it ends.
 *
 * The queue gives batches of the first jobs to engines that are free, hears what becomes of them, and has the session store it.
 * A batch whose engine died runs again, its pictures one at a time, so that one picture that kills engines takes no other with
 * it; the second death marks the picture FAILED. Each change is stored; what a crash left is LEFT_OVER at the next start, until
 * somebody resumes or discards it.
 *
 * Several queues (windows) may share one runner.
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-job.h"
#include "fugue-runner.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_QUEUE (fugue_queue_get_type ())

/* Properties, notified:
 *
 *     n-items (uint)           jobs that wait or run
 *     current (FugueJob)       the first that runs; %NULL when none does
 *     is-paused (boolean)      writable
 *     pause-reason (string)    why the queue holds though nobody paused it, such as a full disk; %NULL when it does not
 *     is-stopping (boolean)    from stop() until the engines have let go
 *     seconds-left (double)    for all jobs; negative while unknown
 *     n-left-over (uint)       jobs of an earlier run that wait for a word
 *     draft (FugueJob)         of live mode: the newest; %NULL without
 *
 * Signals:
 *
 *     job-ended (FugueJob *job)              FINISHED, FAILED (none of its pictures came) or CANCELLED; not for drafts
 *     picture-finished (FuguePicture *picture)
 *     picture-failed (FuguePicture *picture)
 *     engine-died (const char *message, guint n_requeued)
 */
G_DECLARE_FINAL_TYPE (FugueQueue, fugue_queue, FUGUE, QUEUE, GObject)

/**
 * fugue_queue_new:
 * @session: (transfer none): referenced
 * @runner: (transfer none): referenced
 */
FugueQueue *fugue_queue_new               (FugueSession         *session,
                                           FugueRunner          *runner);

/**
 * fugue_queue_add:
 * @in_front: before all that wait; what runs goes on
 *
 * Makes a job, and its pictures in the gallery.
 *
 * Returns: (transfer none)
 */
FugueJob   *fugue_queue_add               (FugueQueue           *queue,
                                           const FugueJobParams *params,
                                           gboolean              in_front);

/**
 * fugue_queue_set_draft:
 * @params: (nullable): %NULL for none
 *
 * Live mode: goes before all that waits, and takes the place of the draft before, which is cancelled if it is still
 * running. Drafts are not stored.
 *
 * Returns: (transfer none) (nullable): the job
 */
FugueJob   *fugue_queue_set_draft         (FugueQueue           *queue,
                                           const FugueJobParams *params);

/**
 * fugue_queue_move:
 * @position: in the list, among the jobs that wait
 */
void        fugue_queue_move              (FugueQueue           *queue,
                                           FugueJob             *job,
                                           guint                 position);

/**
 * fugue_queue_remove:
 *
 * Cancels what runs of it and takes it out, with the pictures that did not come.
 */
void        fugue_queue_remove            (FugueQueue           *queue,
                                           FugueJob             *job);

/**
 * fugue_queue_duplicate:
 * @seed: of the new pictures
 *
 * The same again with another seed, at the end.
 *
 * Returns: (transfer none) (nullable): %NULL if the job has no recipes
 */
FugueJob   *fugue_queue_duplicate         (FugueQueue           *queue,
                                           FugueJob             *job,
                                           guint64               seed);

/**
 * fugue_queue_stop:
 *
 * Ends the jobs that run, at the next moment that engines have. Their unfinished pictures leave the gallery;
 * fugue_queue_resume() brings them back.
 */
void        fugue_queue_stop              (FugueQueue           *queue);

/**
 * fugue_queue_skip: ends the picture that runs (the first of those that do); the job goes on
 */
void        fugue_queue_skip              (FugueQueue           *queue);

/**
 * fugue_queue_resume:
 * @job: CANCELLED or FAILED
 *
 * Makes what is missing of a job, as a new one at the front.
 *
 * Returns: (transfer none) (nullable): %NULL if nothing is missing
 */
FugueJob   *fugue_queue_resume            (FugueQueue           *queue,
                                           FugueJob             *job);

/**
 * fugue_queue_try_on_processor:
 * @pictures: (element-type FuguePicture): those of them that FAILED and have a recipe are made again, in their places, on the processor
 *
 * As one job at the front.
 *
 * Returns: (transfer none) (nullable): %NULL if there is no such picture
 */
FugueJob   *fugue_queue_try_on_processor  (FugueQueue           *queue,
                                           GPtrArray            *pictures);

gboolean    fugue_queue_is_paused         (FugueQueue           *queue);
void        fugue_queue_set_paused        (FugueQueue           *queue,
                                           gboolean              is_paused);
FugueJob   *fugue_queue_get_current       (FugueQueue           *queue);
FugueJob   *fugue_queue_get_draft         (FugueQueue           *queue);
double      fugue_queue_get_seconds_left  (FugueQueue           *queue);

/**
 * fugue_queue_estimate:
 * @recipes: (element-type UnclipRecipe)
 *
 * Returns: seconds that they would take by the steps measured so far; negative while nothing was measured
 */
double      fugue_queue_estimate          (FugueQueue           *queue,
                                           GPtrArray            *recipes);

/**
 * fugue_queue_estimate_steps:
 *
 * Returns: seconds for one picture of so many steps of the decoder and the upsampler; negative while nothing was measured
 */
double      fugue_queue_estimate_steps    (FugueQueue           *queue,
                                           guint                 n_steps,
                                           guint                 n_upsampler_steps);

/* What an earlier run left. */

/**
 * fugue_queue_get_left_over:
 *
 * Returns: (transfer none): a GListModel of FugueJob
 */
GListModel *fugue_queue_get_left_over     (FugueQueue           *queue);
void        fugue_queue_resume_left_over  (FugueQueue           *queue);
void        fugue_queue_discard_left_over (FugueQueue           *queue);

G_END_DECLS
