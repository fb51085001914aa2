/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the worker's two files share: unclip-worker.c has the thread, requests, events and loading, unclip-worker-run.c
 * the runs. */

#pragma once

#include "unclip-evaluator.h"
#include "unclip-pace.h"
#include "unclip-worker.h"

G_BEGIN_DECLS

typedef enum
{
  UNCLIP_FAULT_NONE,
  UNCLIP_FAULT_ABORT,
  UNCLIP_FAULT_HANG,
} UnclipFault;

struct _UnclipWorker
{
  /* Constant. */
  UnclipEventFunc   func;
  gpointer          user_data;
  GMainContext     *context;
  GAsyncQueue      *requests;
  GThread          *thread;
  UnclipFault       fault;
  guint             fault_step;

  /* The worker's own. */
  UnclipExecutor   *executor;
  char             *device;             /* as asked for; NULL for the best */
  UnclipPrecision   precision;          /* as asked for */
  UnclipModel      *model;
  UnclipStages     *stages;
  UnclipEvaluator  *evaluator;
  GHashTable       *sources;            /* hash → UnclipImage; they outlive the evaluator */
  UnclipPace       *pace;
  guint             n_steps;            /* of all runs, for faults */
  guint             warm_batch;         /* still to be prepared for; 0 for none */

  /* Guarded by lock, which is never held while another function is called. */
  GMutex            lock;
  GCond             changed;
  gboolean          paused;
  gboolean          stopping;
  gboolean          ended;
  GPtrArray        *running;            /* of UnclipJob, borrowed; NULL without a run */
  GCancellable     *cancellable;        /* of the run, or of preparations; NULL without */
  gboolean          preparing;
  gint64            last_step;          /* monotonic µs; of the run */
  guint64           used_bytes;
  GQueue            events;
  GSource          *source;             /* will deliver them; NULL when there is nothing to deliver */
};

/**
 * unclip_worker_tell:
 * @event: (transfer full)
 */
void     unclip_worker_tell         (UnclipWorker *worker,
                                     UnclipEvent  *event);

/**
 * unclip_worker_run_jobs:
 * @jobs: (element-type UnclipJob): taken out as they are run
 */
void     unclip_worker_run_jobs     (UnclipWorker *worker,
                                     GPtrArray    *jobs,
                                     guint         max_batch);

/**
 * unclip_worker_prepare:
 * @batch: pictures
 *
 * Compiles and packs what variations at the model's default settings need, by making some in as few steps as can be. Ends
 * early when a request arrives.
 */
void     unclip_worker_prepare      (UnclipWorker *worker,
                                     guint         batch);

/**
 * unclip_worker_note_memory:
 *
 * Makes the memory in use known to unclip_worker_get_status().
 */
void     unclip_worker_note_memory  (UnclipWorker *worker);

/**
 * unclip_worker_park: leaves the device's memory to others until it is needed again
 */
void     unclip_worker_park         (UnclipWorker *worker);

G_END_DECLS
