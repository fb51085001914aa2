/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the whole file, once. */

#include "config.h"

#include "fugue-session-internal.h"

#include "unclip-image-file.h"

#include <math.h>

static const char *
get_text (sqlite3_stmt *row, int column)
{
  return (const char *) sqlite3_column_text (row, column);
}

static double
get_real (sqlite3_stmt *row, int column)
{
  return sqlite3_column_type (row, column) == SQLITE_NULL ? NAN : sqlite3_column_double (row, column);
}

static void
read_picture (FugueSession *session, sqlite3_stmt *row)
{
  g_autoptr (FuguePicture) picture = fugue_picture_new (&(FuguePictureFacts){
    .id = sqlite3_column_int64 (row, 0),
    .job = sqlite3_column_int64 (row, 1),
    .parent = sqlite3_column_int64 (row, 2),
    .state = sqlite3_column_int (row, 3),
    .recipe_json = get_text (row, 4),
    .number = sqlite3_column_int (row, 5),
    .verb = get_text (row, 6),
    .label = get_text (row, 7),
    .mark = sqlite3_column_int (row, 8),
    .rating = sqlite3_column_int (row, 9),
    .seen = sqlite3_column_int (row, 10),
    .created = sqlite3_column_int64 (row, 11),
    .error_code = get_text (row, 12),
    .error_message = get_text (row, 13),
    .psnr_db = get_real (row, 14),
    .max_difference = get_real (row, 15),
    .clip_degrees = get_real (row, 16),
    .seconds = sqlite3_column_double (row, 17),
    .device = get_text (row, 18),
    .precision = get_text (row, 19),
    .version = get_text (row, 20),
    .place = sqlite3_column_int64 (row, 21),
  });

  fugue_session_adopt_picture (session, picture);
  g_list_store_append (session->pictures, picture);
}

static void
read_source (FugueSession *session, sqlite3_stmt *row)
{
  g_autoptr (FugueSource) source = fugue_source_new (&(FugueSourceFacts){
    .id = sqlite3_column_int64 (row, 0),
    .slot = sqlite3_column_int (row, 1),
    .name = get_text (row, 2),
    .sha256 = get_text (row, 3),
    .picture = sqlite3_column_int64 (row, 4),
    .crop = get_text (row, 5),
    .is_locked = sqlite3_column_int (row, 6),
    .is_muted = sqlite3_column_int (row, 7),
    .width = sqlite3_column_int (row, 8),
    .height = sqlite3_column_int (row, 9),
  });
  g_autoptr (GBytes) png = g_bytes_new (sqlite3_column_blob (row, 10), sqlite3_column_bytes (row, 10));
  UnclipImage       *thumbnail = unclip_image_load_bytes (png, NULL, NULL);

  if (thumbnail != NULL)
    fugue_source_take_thumbnail (source, thumbnail);
  fugue_session_adopt_source (session, source);
}

static void
read_job (FugueSession *session, sqlite3_stmt *row)
{
  FugueStoredJob *job = g_new (FugueStoredJob, 1);

  *job = (FugueStoredJob){ .id = sqlite3_column_int64 (row, 0),
                           .position = sqlite3_column_int64 (row, 1),
                           .state = sqlite3_column_int (row, 2),
                           .mode = sqlite3_column_int (row, 3),
                           .title = g_strdup (get_text (row, 4)),
                           .preview_every = sqlite3_column_int (row, 5),
                           .on_processor = sqlite3_column_int (row, 6) != 0 };
  g_ptr_array_add (session->jobs, job);
}

static void
read_setting (FugueSession *session, sqlite3_stmt *row)
{
  g_hash_table_insert (session->settings, g_strdup (get_text (row, 0)), g_strdup (get_text (row, 1)));
}

static void
read_undo (FugueSession *session, sqlite3_stmt *row)
{
  FugueStoredStep *step = g_new (FugueStoredStep, 1);

  *step = (FugueStoredStep){ sqlite3_column_int64 (row, 0), g_strdup (get_text (row, 1)) };
  g_ptr_array_add (session->undo, step);
}

static void
read_sequence (FugueSession *session, sqlite3_stmt *row)
{
  const char *table = get_text (row, 0);
  gint64      next = sqlite3_column_int64 (row, 1) + 1;

  if (g_str_equal (table, "pictures"))
    session->next_picture = next;
  else if (g_str_equal (table, "sources"))
    session->next_source = next;
  else if (g_str_equal (table, "jobs"))
    session->next_job = next;
}

static gboolean
read_rows (FugueSession *session, const char *sql, void (*read_row) (FugueSession *, sqlite3_stmt *), GError **error)
{
  sqlite3      *db = fugue_store_get_db (session->store);
  sqlite3_stmt *statement = fugue_store_prepare (db, sql, error);
  int           status;

  if (statement == NULL)
    return FALSE;
  while ((status = sqlite3_step (statement)) == SQLITE_ROW)
    read_row (session, statement);
  if (status != SQLITE_DONE)
    fugue_store_set_error (db, error);
  sqlite3_finalize (statement);
  return status == SQLITE_DONE;
}

static gboolean
read_all (FugueSession *session, GError **error)
{
  return /* Unfinished, and of no job: left from a crash between two writes. */
    fugue_store_exec (fugue_store_get_db (session->store),
                      "DELETE FROM pictures WHERE state IN (0, 1) AND job NOT IN (SELECT id FROM jobs)", error)
    && read_rows (session, "SELECT name, seq FROM sqlite_sequence", read_sequence, error)
    && read_rows (session,
                  "SELECT s.id, s.slot, s.name, s.sha256, s.picture, s.crop, s.is_locked, s.is_muted, i.width, i.height, i.thumbnail"
                  " FROM sources s JOIN images i ON i.sha256 = s.sha256 ORDER BY s.id",
                  read_source, error)
    && read_rows (session,
                  "SELECT p.id, p.job, p.parent, p.state, r.json, p.number, p.verb, p.label, p.mark, p.rating, p.seen, p.created,"
                  " p.error_code, p.error_message, p.psnr_db, p.max_difference, p.clip_degrees, p.seconds, p.device, p.precision,"
                  " p.version, p.place FROM pictures p LEFT JOIN recipes r ON r.sha256 = p.recipe ORDER BY p.id",
                  read_picture, error)
    && read_rows (session, "SELECT id, position, state, mode, title, preview_every, on_processor FROM jobs ORDER BY position, id",
                  read_job, error)
    && read_rows (session, "SELECT key, value FROM settings", read_setting, error)
    && read_rows (session, "SELECT position, step FROM undo ORDER BY position", read_undo, error);
}

FugueSession *
fugue_session_open (const char *path, GError **error)
{
  g_autoptr (FugueSession) session = g_object_new (FUGUE_TYPE_SESSION, NULL);

  g_return_val_if_fail (path != NULL, NULL);

  session->path = g_canonicalize_filename (path, NULL);
  session->store = fugue_store_open (path, &session->notice, error);
  if (session->store == NULL || !read_all (session, error))
    return NULL;
  fugue_session_update_places (session);
  fugue_session_count_batches (session);
  fugue_store_start (session->store, fugue_session_store_changed, session);
  return g_steal_pointer (&session);
}

static void
open_worker (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  GError       *error = NULL;
  FugueSession *session = fugue_session_open (data, &error);

  if (session != NULL)
    g_task_return_pointer (task, session, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
fugue_session_open_async (const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, open_worker);
}

FugueSession *
fugue_session_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

char *
fugue_session_dup_new_path (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char      *stem = g_date_time_format (now, "%Y-%m-%d %H.%M.%S");
  g_autofree char      *folder = g_build_filename (g_get_user_data_dir (), "fugue", "sessions", NULL);
  char                 *path = g_strdup_printf ("%s/%s.fugue", folder, stem);

  for (guint n = 2; g_file_test (path, G_FILE_TEST_EXISTS); n++)
    {
      g_free (path);
      path = g_strdup_printf ("%s/%s (%u).fugue", folder, stem, n);
    }
  return path;
}
