/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A batch: pictures that were asked for together.
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-session.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_JOB (fugue_job_get_type ())

/* Properties, each notified:
 *
 *     id (int64)
 *     mode (FugueMode)
 *     title (string)           for people, such as "Vary lighthouse"
 *     state (FugueJobState)
 *     progress (double)        0 … 1
 *     seconds-left (double)    until its last picture, without what stands before it; negative while unknown
 *     n-pictures, n-finished, n-failed (uint)
 *     message (string)         why something went wrong last; "" mostly
 *     pictures (GListModel of FuguePicture)
 *     is-draft (boolean)       of live mode: not in the gallery, not stored
 */
G_DECLARE_FINAL_TYPE (FugueJob, fugue_job, FUGUE, JOB, GObject)

/**
 * FugueJobParams:
 * @mode: @title: as the properties
 * @label: (nullable): of its pictures, such as the source's name
 * @recipes: (element-type UnclipRecipe)
 * @parent: id of the gallery's picture that they are made from, or 0
 * @preview_every: steps; 0 for none
 * @is_hidden: a draft, or frames of a strip: not in the gallery, not stored
 * @on_processor: whatever device the engines have
 */
typedef struct
{
  FugueMode   mode;
  const char *title;
  const char *label;
  GPtrArray  *recipes;
  gint64      parent;
  guint       preview_every;
  gboolean    is_hidden;
  gboolean    on_processor;
} FugueJobParams;

gint64         fugue_job_get_id           (FugueJob *job);
FugueMode      fugue_job_get_mode         (FugueJob *job);
const char    *fugue_job_get_title        (FugueJob *job);
FugueJobState  fugue_job_get_state        (FugueJob *job);
double         fugue_job_get_progress     (FugueJob *job);
double         fugue_job_get_seconds_left (FugueJob *job);
guint          fugue_job_get_n_finished   (FugueJob *job);
guint          fugue_job_get_n_failed     (FugueJob *job);
const char    *fugue_job_get_message      (FugueJob *job);
gboolean       fugue_job_is_draft         (FugueJob *job);
gboolean       fugue_job_is_hidden        (FugueJob *job);

/**
 * fugue_job_get_pictures:
 *
 * Returns: (transfer none): a GListModel of FuguePicture
 */
GListModel    *fugue_job_get_pictures     (FugueJob *job);

G_END_DECLS
