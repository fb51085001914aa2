/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the queue may do to a job. */

#pragma once

#include "fugue-job.h"
#include "fugue-session-private.h"

G_BEGIN_DECLS

/**
 * FugueJobItem:
 * @id: (nullable): what engines call it, while one has it
 * @has_started: an engine has reported a step of it
 * @n_deaths: engines that ended with it
 * @is_saving: its pixels are on their way to the disk
 * @is_given_up: a person stopped it; an engine may have it still
 * @is_skipped: it alone was stopped, not its job
 *
 * One picture of a job.
 */
typedef struct
{
  FugueJob     *job;                    /* borrowed */
  FuguePicture *picture;
  char         *id;
  gboolean      has_started;
  guint         n_deaths;
  gboolean      is_saving;
  gboolean      is_given_up;
  gboolean      is_skipped;
} FugueJobItem;

/**
 * fugue_job_new:
 * @params: its recipes are not looked at
 */
FugueJob     *fugue_job_new             (gint64                 id,
                                         const FugueJobParams  *params,
                                         gboolean               is_draft);
FugueJobItem *fugue_job_add_picture     (FugueJob              *job,
                                         FuguePicture          *picture);

/**
 * fugue_job_drop_picture: takes out a picture that no engine has, if it is there
 */
void          fugue_job_drop_picture    (FugueJob              *job,
                                         FuguePicture          *picture);
gboolean      fugue_job_is_on_processor (FugueJob              *job);
gint64        fugue_job_get_parent      (FugueJob              *job);
const char   *fugue_job_get_label       (FugueJob              *job);
guint         fugue_job_get_preview_every (FugueJob            *job);
void          fugue_job_set_state       (FugueJob              *job,
                                         FugueJobState          state);
void          fugue_job_set_message     (FugueJob              *job,
                                         const char            *message);
void          fugue_job_set_seconds_left (FugueJob             *job,
                                          double                seconds);
guint         fugue_job_get_n_items     (FugueJob              *job);
FugueJobItem *fugue_job_get_item        (FugueJob              *job,
                                         guint                  index);

/**
 * fugue_job_count:
 *
 * Works out progress and numbers anew.
 */
void          fugue_job_count           (FugueJob              *job);

/**
 * fugue_job_is_done: nothing of it waits, runs or is being saved
 */
gboolean      fugue_job_is_done         (FugueJob              *job);

/* (element-type utf8 UnclipImage): sources by hash, filled by the queue; and what is still missing. */
GHashTable   *fugue_job_get_images      (FugueJob              *job);
gboolean      fugue_job_is_loading      (FugueJob              *job);
void          fugue_job_add_loading     (FugueJob              *job,
                                         int                    n);

G_END_DECLS
