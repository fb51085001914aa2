/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pixels of pictures and sources: read when they are wanted, and kept while they were wanted lately. */

#include "config.h"

#include "fugue-session-internal.h"

#include "unclip-image-file.h"

#include <glib/gi18n.h>

/* Whole pictures and thumbnails that are kept in memory, those asked for last. */
#define MAX_IMAGES 48
#define MAX_THUMBNAILS 512

/* Sources outside the slots that keep their pixels, which are as large as a camera makes them. */
#define MAX_TRAY_IMAGES 4

/* The most recent ones keep their pixels. */
void
fugue_session_keep_recent (FugueSession *session, FuguePicture *picture, FuguePicturePart part)
{
  GQueue *recent = &session->recent[part];
  guint   most = part == FUGUE_PICTURE_PART_IMAGE ? MAX_IMAGES : MAX_THUMBNAILS;
  GList  *link = g_queue_find (recent, picture);

  if (link != NULL)
    {
      g_queue_unlink (recent, link);
      g_queue_push_head_link (recent, link);
      return;
    }
  g_queue_push_head (recent, g_object_ref (picture));
  for (GList *l = recent->tail; l != NULL && g_queue_get_length (recent) > most;)
    {
      GList *before = l->prev;

      /* An unsaved one is nowhere else. */
      if (!g_hash_table_contains (session->unsaved, l->data))
        {
          FuguePicture *old = l->data;

          g_queue_delete_link (recent, l);
          fugue_picture_take_part (old, part, NULL);
          g_object_unref (old);
        }
      l = before;
    }
}

/* What is in no slot is read again when it is wanted. While the disk is in trouble it may not be there to be read. */
void
fugue_session_trim_sources (FugueSession *session)
{
  guint n_kept = 0;

  for (guint i = session->all_sources->len; i > 0 && session->trouble == NULL; i--)
    {
      FugueSource *source = g_ptr_array_index (session->all_sources, i - 1);

      if (fugue_source_get_slot (source) < FUGUE_SLOT_TRAY || fugue_source_get_image (source) == NULL)
        continue;
      if (++n_kept > MAX_TRAY_IMAGES)
        fugue_source_take_image (source, NULL);
    }
}

/* Reading pixels. */

typedef struct
{
  const char      *sql;
  gint64           id;                  /* of a picture, or 0 */
  char            *sha256;              /* of a source, or %NULL */
  UnclipImage     *image;
  FugueSession    *session;             /* borrowed, as in Finished */
  FuguePicture    *picture;
  FuguePicturePart part;
  FugueSource     *source;
  GTask           *task;
} Reading;

GError *
fugue_session_new_closed_error (void)
{
  return g_error_new (FUGUE_ERROR, FUGUE_ERROR_STORE, _ ("The session was closed."));
}

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  /* Closed before it was read. */
  if (reading->task != NULL && !g_task_get_completed (reading->task))
    g_task_return_error (reading->task, fugue_session_new_closed_error ());
  g_free (reading->sha256);
  g_clear_pointer (&reading->image, unclip_image_unref);
  g_clear_object (&reading->picture);
  g_clear_object (&reading->source);
  g_clear_object (&reading->task);
  g_free (reading);
}

static gboolean
reading_run (sqlite3 *db, gpointer data, GError **error)
{
  Reading      *reading = data;
  sqlite3_stmt *statement = fugue_store_prepare (db, reading->sql, error);
  int           status;

  if (statement == NULL)
    return FALSE;
  if (reading->sha256 != NULL)
    sqlite3_bind_text (statement, 1, reading->sha256, -1, SQLITE_STATIC);
  else
    sqlite3_bind_int64 (statement, 1, reading->id);
  status = sqlite3_step (statement);
  if (status == SQLITE_ROW)
    {
      g_autoptr (GBytes) png = g_bytes_new (sqlite3_column_blob (statement, 0), sqlite3_column_bytes (statement, 0));

      reading->image = unclip_image_load_bytes (png, _ ("a picture of the session"), error);
    }
  else if (status == SQLITE_DONE)
    g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_STORE, _ ("A picture is missing from the session."));
  else
    fugue_store_set_error (db, error);
  sqlite3_finalize (statement);
  return reading->image != NULL;
}

static void
reading_done (gpointer data, const GError *error)
{
  Reading *reading = data;

  if (error != NULL)
    g_message ("%s", error->message);
  if (reading->picture != NULL && reading->image != NULL)
    {
      fugue_picture_take_part (reading->picture, reading->part, unclip_image_ref (reading->image));
      fugue_session_keep_recent (reading->session, reading->picture, reading->part);
    }
  else if (reading->picture != NULL)
    fugue_picture_take_part (reading->picture, reading->part, NULL);
  if (reading->source != NULL)
    {
      fugue_source_take_image (reading->source, reading->image != NULL ? unclip_image_ref (reading->image) : NULL);
      fugue_session_trim_sources (reading->session);
    }
  if (reading->task == NULL)
    return;
  if (reading->image != NULL)
    g_task_return_pointer (reading->task, g_steal_pointer (&reading->image), (GDestroyNotify) unclip_image_unref);
  else
    g_task_return_error (reading->task, g_error_copy (error));
}

static Reading *
reading_new (FugueSession *session, const char *sql)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->session = session;
  reading->sql = sql;
  return reading;
}

static void
start_reading (FugueSession *session, Reading *reading)
{
  if (session->store != NULL)
    fugue_store_read (session->store, reading_run, reading, reading_free, reading_done);
  else
    reading_free (reading);
}

void
fugue_session_load_part (FuguePicture *picture, FuguePicturePart part, gpointer owner)
{
  FugueSession *session = FUGUE_SESSION (owner);
  Reading      *reading = reading_new (session, part == FUGUE_PICTURE_PART_IMAGE ? "SELECT png FROM pictures WHERE id = ?"
                                                                                 : "SELECT thumbnail FROM pictures WHERE id = ?");

  reading->id = fugue_picture_get_id (picture);
  reading->picture = g_object_ref (picture);
  reading->part = part;
  start_reading (session, reading);
}

void
fugue_session_load_source (FugueSource *source, gpointer owner)
{
  FugueSession *session = FUGUE_SESSION (owner);
  Reading      *reading = reading_new (session, "SELECT png FROM images WHERE sha256 = ?");

  reading->sha256 = g_strdup (fugue_source_get_sha256 (source));
  reading->source = g_object_ref (source);
  start_reading (session, reading);
}

/* Answers with the pixels that are in memory, else with those of a row. @task: (transfer full) */
static void
load_pixels (GTask *task, UnclipImage *image, const char *sql, gint64 id, const char *sha256)
{
  FugueSession *session = g_task_get_source_object (task);
  Reading      *reading;

  if (image != NULL)
    {
      g_task_return_pointer (task, unclip_image_ref (image), (GDestroyNotify) unclip_image_unref);
      g_object_unref (task);
      return;
    }
  reading = reading_new (session, sql);
  reading->id = id;
  reading->sha256 = g_strdup (sha256);
  reading->task = task;
  start_reading (session, reading);
}

void
fugue_session_load_picture_async (FugueSession       *session,
                                  FuguePicture       *picture,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  g_return_if_fail (FUGUE_IS_SESSION (session));

  load_pixels (g_task_new (session, cancellable, callback, user_data), fugue_picture_get_image (picture),
               "SELECT png FROM pictures WHERE id = ? AND png IS NOT NULL", fugue_picture_get_id (picture), NULL);
}

void
fugue_session_load_source_async (FugueSession       *session,
                                 const char         *sha256,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  FugueSource      *source;

  g_return_if_fail (FUGUE_IS_SESSION (session));

  task = g_task_new (session, cancellable, callback, user_data);
  source = fugue_session_find_source (session, sha256);
  if (source != NULL)
    load_pixels (g_steal_pointer (&task), fugue_source_get_image (source), "SELECT png FROM images WHERE sha256 = ?", 0, sha256);
  else
    g_task_return_new_error (task, FUGUE_ERROR, FUGUE_ERROR_SOURCE, _ ("The picture that this was made from is not in the session."));
}

UnclipImage *
fugue_session_load_finish (FugueSession *session, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, session), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
