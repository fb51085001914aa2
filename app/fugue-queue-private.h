/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of FugueQueue share: fugue-queue.c has the list and what people do to it, fugue-queue-run.c hands out work and hears
 * what becomes of it. */

#pragma once

#include "fugue-job-private.h"
#include "fugue-pace.h"
#include "fugue-queue.h"

G_BEGIN_DECLS

struct _FugueQueue
{
  GObject       parent_instance;

  FugueSession *session;
  FugueRunner  *runner;
  GPtrArray    *jobs;                   /* FugueJob: those in the list */
  GListStore   *left_over;
  FugueJob     *draft;
  GPtrArray    *old_drafts;             /* FugueJob: given up, but an engine still has them */
  FugueJob     *current;
  GHashTable   *running;                /* id → FugueJobItem */
  FuguePace    *pace;
  GCancellable *cancellable;
  double        batch_seconds;          /* as the engine said last; −1 */
  double        seconds_left;
  gboolean      is_paused;
  gboolean      is_stopping;
  char         *pause_reason;
  guint         serial;                 /* of this queue in the program */
  guint         n_attempts;
  gint64        next_hidden_id;
  guint         schedule_source;
};

enum
{
  FUGUE_QUEUE_JOB_ENDED,
  FUGUE_QUEUE_PICTURE_FINISHED,
  FUGUE_QUEUE_PICTURE_FAILED,
  FUGUE_QUEUE_ENGINE_DIED,
  FUGUE_QUEUE_N_SIGNALS,
};

/* The session's setting that keeps what FuguePace measured. */
#define FUGUE_QUEUE_PACE_SETTING "pace"

extern guint fugue_queue_signals[FUGUE_QUEUE_N_SIGNALS];

/* fugue-queue.c */

/**
 * fugue_queue_get_job:
 *
 * Returns: (transfer none)
 */
FugueJob *fugue_queue_get_job          (FugueQueue   *queue,
                                        guint         position);

/**
 * fugue_queue_remove_job: takes it out of the list and out of the file
 */
void      fugue_queue_remove_job       (FugueQueue   *queue,
                                        FugueJob     *job);
void      fugue_queue_update_times     (FugueQueue   *queue);
void      fugue_queue_update_current   (FugueQueue   *queue);

/**
 * fugue_queue_update_stopping: whether engines have let go of all that was given up
 */
void      fugue_queue_update_stopping  (FugueQueue   *queue);
void      fugue_queue_set_pause_reason (FugueQueue   *queue,
                                        const char   *reason);

/* fugue-queue-run.c */

/**
 * fugue_queue_follow: listens to the runner and to the session's disk
 */
void      fugue_queue_follow           (FugueQueue   *queue);

/**
 * fugue_queue_request_schedule: hands out work in the main loop's next turn
 */
void      fugue_queue_request_schedule (FugueQueue   *queue);
void      fugue_queue_fail_item        (FugueQueue   *queue,
                                        FugueJobItem *item,
                                        const char   *code,
                                        const char   *message);

/**
 * fugue_queue_check_done: ends a job of which nothing is to come any more
 */
void      fugue_queue_check_done       (FugueQueue   *queue,
                                        FugueJob     *job);

G_END_DECLS
