/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine's worker: the one thread that owns device, model and evaluator.
 *
 * Requests go to it in order; what happens comes back as events, on the main context of the thread that made the worker. There
 * is never more than one idle source pending for events, and of a job's previews only the newest is kept.
 *
 *     UnclipWorker *worker = unclip_worker_new (on_event, self);
 *     unclip_worker_load (worker, &choice, invocation);
 *     unclip_worker_run (worker, jobs, 8);
 *
 * Environment, for tests: UNCLIP_SERVE_FAULT = abort:N or hang:N, at the N-th step that this process runs.
 *
 * Thread: all functions, the main thread.
 */

#pragma once

#include "unclip-event.h"

G_BEGIN_DECLS

typedef struct _UnclipWorker UnclipWorker;

/**
 * UnclipEventFunc:
 * @event: (transfer full)
 *
 * Called on the main thread.
 */
typedef void (*UnclipEventFunc) (UnclipEvent *event,
                                 gpointer     user_data);

/**
 * unclip_worker_new:
 *
 * Starts the thread, which tells the devices first of all.
 */
UnclipWorker *unclip_worker_new         (UnclipEventFunc     func,
                                         gpointer            user_data);

/**
 * unclip_worker_stop:
 * @patience_ms: how long to wait for the thread
 *
 * Ends what runs at the next submit, and the thread.
 *
 * Returns: whether the thread has ended and @worker is freed; if not, the process had better end
 */
gboolean      unclip_worker_stop        (UnclipWorker       *worker,
                                         guint               patience_ms);

/**
 * UnclipWorkerChoice:
 * @folder: (nullable): folder or repository; %NULL for the default model
 * @image_encoder: (nullable)
 * @device: (nullable): index or name
 * @warm_batch: prepare for so many pictures at a time, and for one, when there is nothing else to do; 0: do not
 *
 * Strings are copied.
 */
typedef struct
{
  char           *folder;
  char           *image_encoder;
  char           *device;
  UnclipPrecision precision;
  guint           warm_batch;
} UnclipWorkerChoice;

/**
 * unclip_worker_load:
 *
 * Loads a model in the place of the one before, which stays if this fails; sources stay. %UNCLIP_EVENT_LOADED answers.
 */
void          unclip_worker_load        (UnclipWorker             *worker,
                                         const UnclipWorkerChoice *choice,
                                         gpointer                  token);

/**
 * unclip_worker_add_source: unclip_worker_remove_source:
 * @sha256: of the picture's pixels
 */
void          unclip_worker_add_source  (UnclipWorker             *worker,
                                         const char               *sha256,
                                         UnclipImage              *image);
void          unclip_worker_remove_source (UnclipWorker           *worker,
                                         const char               *sha256);

/**
 * unclip_worker_run:
 * @jobs: (element-type UnclipJob): referenced; those that can share a batch do
 * @max_batch: 1 and up
 *
 * Each job that is not dropped ends in one event FINISHED or FAILED.
 */
void          unclip_worker_run         (UnclipWorker       *worker,
                                         GPtrArray          *jobs,
                                         guint               max_batch);

/**
 * unclip_worker_drop:
 *
 * No event of this job is made any more. Stops the run it is part of if nobody is left in it.
 */
void          unclip_worker_drop        (UnclipWorker       *worker,
                                         UnclipJob          *job);
void          unclip_worker_set_paused  (UnclipWorker       *worker,
                                         gboolean            paused);

/**
 * UnclipWorkerStatus:
 * @busy_seconds: since the last step of what runs; 0 without a run, and when paused
 * @used_bytes: of device memory, as of the last step
 */
typedef struct
{
  double  busy_seconds;
  guint64 used_bytes;
} UnclipWorkerStatus;

UnclipWorkerStatus unclip_worker_get_status (UnclipWorker   *worker);

G_END_DECLS
