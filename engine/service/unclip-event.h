/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Jobs, and what the worker tells of them. */

#pragma once

#include "unclip-image.h"
#include "unclip-model.h"
#include "unclip-recipe.h"

G_BEGIN_DECLS

/**
 * UnclipJob:
 * @id: the client's name for it
 * @preview_every: steps from preview to preview; 0 for none
 * @is_dropped: (atomic): nobody waits for it any more
 */
typedef struct
{
  gatomicrefcount ref_count;

  /* Constant. */
  char           *id;
  UnclipRecipe   *recipe;
  guint           preview_every;

  gint            is_dropped;
} UnclipJob;

/**
 * unclip_job_new:
 * @recipe: (transfer full)
 */
UnclipJob *unclip_job_new   (const char   *id,
                             UnclipRecipe *recipe,
                             guint         preview_every);
UnclipJob *unclip_job_ref   (UnclipJob    *job);
void       unclip_job_unref (UnclipJob    *job);

/**
 * UnclipEventKind:
 * @UNCLIP_EVENT_DEVICE: @details is a description of the devices
 * @UNCLIP_EVENT_LOADING: @done of @total bytes
 * @UNCLIP_EVENT_LOADED: answers a load: @token, with @model and its description in @details, or @error
 * @UNCLIP_EVENT_PROGRESS: @jobs are at @step of @steps of @stage, @seconds_left before their end or −1
 * @UNCLIP_EVENT_PREVIEW: @job, @stage, @step, @steps, @image
 * @UNCLIP_EVENT_FINISHED: @job, @image, figures in @details
 * @UNCLIP_EVENT_FAILED: @job, @error
 * @UNCLIP_EVENT_LOST: the device is gone and this process no longer good for anything; @error
 */
typedef enum
{
  UNCLIP_EVENT_DEVICE,
  UNCLIP_EVENT_LOADING,
  UNCLIP_EVENT_LOADED,
  UNCLIP_EVENT_PROGRESS,
  UNCLIP_EVENT_PREVIEW,
  UNCLIP_EVENT_FINISHED,
  UNCLIP_EVENT_FAILED,
  UNCLIP_EVENT_LOST,
} UnclipEventKind;

typedef struct
{
  UnclipEventKind kind;
  GPtrArray      *jobs;         /* owned, of UnclipJob */
  UnclipJob      *job;          /* owned */
  const char     *stage;        /* interned */
  guint           step;
  guint           steps;
  double          seconds_left;
  UnclipImage    *image;        /* owned */
  GVariant       *details;      /* owned */
  UnclipModel    *model;        /* owned */
  GError         *error;        /* owned */
  guint64         done;
  guint64         total;
  gpointer        token;        /* of the caller of unclip_worker_load() */
} UnclipEvent;

void unclip_event_free (UnclipEvent *event);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipJob, unclip_job_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipEvent, unclip_event_free)

G_END_DECLS
