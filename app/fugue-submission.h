/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Jobs on their way into an engine: the sources that it lacks go first, piece by piece, then the recipes.
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-engine.h"
#include "unclip-engine-bus.h"

G_BEGIN_DECLS

/**
 * FugueJobState:
 * @id: the caller's
 * @is_sent: whether the engine knows it
 * @is_cancelled: nobody waits for it
 *
 * A job of an engine, from submission to its result.
 */
typedef struct
{
  char         *id;
  UnclipRecipe *recipe;
  gboolean      is_sent;
  gboolean      is_cancelled;
} FugueJobState;

FugueJobState *fugue_job_state_new   (const FugueEngineJob *job);
FugueJobState *fugue_job_state_ref   (FugueJobState        *job);
void           fugue_job_state_unref (FugueJobState        *job);

typedef struct _FugueSubmission FugueSubmission;

/**
 * FugueSubmissionFunc:
 * @without_source: (element-type FugueJobState): jobs that were not sent, since one of their sources is nowhere
 * @error: (nullable): why nothing was sent
 *
 * The submission is over. It frees itself afterwards.
 */
typedef void (*FugueSubmissionFunc) (FugueSubmission *submission,
                                     GPtrArray       *without_source,
                                     const GError    *error,
                                     gpointer         user_data);

/**
 * FugueSubmissionParams:
 * @bus: the engine
 * @jobs: (element-type FugueJobState): referenced
 * @source_func: where the sources come from that the engine lacks
 * @cancellable: of the engine's life: when it is cancelled, @func is not called
 */
typedef struct
{
  UnclipEngineBus    *bus;
  GPtrArray          *jobs;
  FugueSubmitOptions  options;
  FugueSourceFunc     source_func;
  gpointer            source_data;
  GCancellable       *cancellable;
  FugueSubmissionFunc func;
  gpointer            user_data;
} FugueSubmissionParams;

/**
 * fugue_submission_start:
 *
 * Calls back later, never before this returns.
 */
void           fugue_submission_start (const FugueSubmissionParams *params);

G_END_DECLS
