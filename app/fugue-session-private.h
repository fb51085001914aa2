/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What queue, undo and export ask of a session. */

#pragma once

#include "fugue-picture-private.h"
#include "fugue-session.h"
#include "fugue-source-private.h"

G_BEGIN_DECLS

/**
 * fugue_session_reserve_picture_id: fugue_session_reserve_job_id:
 *
 * Returns: a number that was never used
 */
gint64     fugue_session_reserve_picture_id (FugueSession      *session);
gint64     fugue_session_reserve_job_id     (FugueSession      *session);

/**
 * fugue_session_add_pictures:
 * @pictures: (element-type FuguePicture): with new ids, in order
 *
 * Puts them into the gallery and the file.
 */
void       fugue_session_add_pictures       (FugueSession      *session,
                                             GPtrArray         *pictures);

/**
 * FugueSessionAnnounce:
 *
 * The picture is FINISHED, and saved unless there is trouble.
 */
typedef void (*FugueSessionAnnounce) (FuguePicture *picture,
                                      gpointer      user_data);

/**
 * fugue_session_finish_picture:
 * @figures: (nullable): of the engine
 * @user_data: (transfer full): a GObject, released after @announce
 *
 * Saves, then announces.
 */
void       fugue_session_finish_picture     (FugueSession         *session,
                                             FuguePicture         *picture,
                                             UnclipImage          *image,
                                             GVariant             *figures,
                                             FugueSessionAnnounce  announce,
                                             GObject              *user_data);

/**
 * fugue_session_store_picture: writes the state, the error and the job of a picture that has no pixels
 */
void       fugue_session_store_picture      (FugueSession      *session,
                                             FuguePicture      *picture);

/**
 * FugueStoredJob:
 *
 * A row of the queue.
 */
typedef struct
{
  gint64        id;
  gint64        position;
  FugueJobState state;
  FugueMode     mode;
  char         *title;
  guint         preview_every;
  gboolean      on_processor;
} FugueStoredJob;

void       fugue_session_store_job          (FugueSession          *session,
                                             const FugueStoredJob  *job);
void       fugue_session_forget_job         (FugueSession          *session,
                                             gint64                 id);

/**
 * fugue_session_take_jobs:
 *
 * Returns: (transfer full) (element-type FugueStoredJob): what the file had when it was opened, by position; empty at the second
 *   call
 */
GPtrArray *fugue_session_take_jobs          (FugueSession          *session);

/**
 * FugueStoredStep:
 *
 * A row of the history.
 */
typedef struct
{
  gint64 position;
  char  *step;
} FugueStoredStep;

/**
 * fugue_session_take_undo:
 *
 * Returns: (transfer full) (element-type FugueStoredStep): what the file had when it was opened, oldest first; empty at the second
 *   call
 */
GPtrArray *fugue_session_take_undo          (FugueSession          *session);

/**
 * fugue_session_store_undo: fugue_session_forget_undo:
 * @position: of a step; they are ordered by it
 */
void       fugue_session_store_undo         (FugueSession          *session,
                                             gint64                 position,
                                             const char            *step);
void       fugue_session_forget_undo        (FugueSession          *session,
                                             gint64                 first,
                                             gint64                 last);

G_END_DECLS
