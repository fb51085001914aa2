/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sessions when things go wrong: the process is killed, the file is damaged, foreign, newer, open elsewhere, the disk is full. */

#include "config.h"

#include "app-support.h"

#include "fugue-store.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = app_dup_folder ();
  fixture->path = g_build_filename (fixture->folder, "one.fugue", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->path);
  app_remove_folder (fixture->folder);
}

static gboolean
is_finished (gpointer picture)
{
  return fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED;
}

static gboolean
is_saved (gpointer picture)
{
  return fugue_picture_is_saved (picture);
}

static gboolean
has_image (gpointer picture)
{
  return fugue_picture_get_image (picture) != NULL;
}

static void
assert_open_fails (const char *path, FugueError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fugue_session_open (path, &error));
  g_assert_error (error, FUGUE_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
}

/* The program is killed in the middle of writing; each picture that it announced is there, with its pixels. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  const char              *program = g_getenv ("FUGUE_TEST_APP_CRASH");
  const char *const        argv[] = { program, fixture->path, NULL };
  g_autoptr (GError)       error = NULL;
  g_autoptr (GSubprocess)  process = NULL;
  g_autoptr (FugueSession) session = NULL;
  gint64                   last = 0;
  guint                    n_lines = 0;

  g_assert_nonnull (program);
  for (guint round = 0; round < 3; round++)
    {
      g_autoptr (GDataInputStream) lines = NULL;
      char                        *line;

      process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
      g_assert_no_error (error);
      lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
      for (n_lines = 0; (line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL; n_lines++)
        {
          last = g_ascii_strtoll (line, NULL, 10);
          g_free (line);
          if (n_lines == 20 + 7 * round)
            g_subprocess_send_signal (process, SIGKILL);
        }
      g_subprocess_wait (process, NULL, NULL);
      g_clear_object (&process);
      g_assert_cmpuint (n_lines, >, 20);

      session = app_open (fixture->path);
      g_assert_null (fugue_session_get_notice (session));
      for (gint64 id = last - n_lines + 1; id <= last; id++)
        {
          FuguePicture           *picture = fugue_session_find_picture (session, id);
          g_autoptr (UnclipImage) expected = app_new_image (64, 64, (guint) id);

          g_assert_nonnull (picture);
          g_assert_cmpint (fugue_picture_get_state (picture), ==, FUGUE_PICTURE_FINISHED);
          fugue_picture_request_image (picture);
          app_wait_until (has_image, picture);
          g_assert_cmpmem (unclip_image_get_pixels (fugue_picture_get_image (picture)), 64 * 64 * 3, unclip_image_get_pixels (expected),
                           64 * 64 * 3);
        }
      app_close (g_steal_pointer (&session));
    }
}

static void
test_in_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueSession) first = app_open (fixture->path);
  g_autoptr (FugueSession) again = NULL;

  assert_open_fails (fixture->path, FUGUE_ERROR_SESSION_IN_USE, "another window");
  app_add_picture (first, 1, 0);
  g_assert_true (fugue_session_flush (first, NULL));
  app_close (g_steal_pointer (&first));
  again = app_open (fixture->path);
}

static void
make_session (const char *path)
{
  g_autoptr (FugueSession) session = app_open (path);

  fugue_session_store_job (session, &(FugueStoredJob){ .id = 1, .title = (char *) "a job" });
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (UnclipImage) image = app_new_image (64, 64, i);

      fugue_session_finish_picture (session, app_add_picture (session, 1, i), image, NULL, NULL, NULL);
    }
  g_assert_true (fugue_session_close (session, NULL));
}

/* What is damaged is kept under another name, and a new session begun. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autofree char         *aside = g_strconcat (fixture->path, ".damaged-1", NULL);
  g_autofree char         *before = NULL;
  g_autofree char         *after = NULL;
  g_autoptr (FugueSession) session = NULL;
  gsize                    length, length_after;

  make_session (fixture->path);
  g_assert_true (g_file_get_contents (fixture->path, &before, &length, NULL));
  /* All pages but the first. */
  for (gsize i = 4096; i < length; i += 7)
    before[i] ^= 0x5a;
  g_assert_true (g_file_set_contents (fixture->path, before, (gssize) length, NULL));

  session = app_open (fixture->path);
  g_assert_nonnull (fugue_session_get_notice (session));
  g_assert_nonnull (strstr (fugue_session_get_notice (session), aside));
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (session)), ==, 0);
  g_assert_true (g_file_get_contents (aside, &after, &length_after, NULL));
  g_assert_cmpmem (after, length_after, before, length);
}

/* A file cut short is a damaged one too. */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueSession) session = NULL;
  g_autofree char         *contents = NULL;
  gsize                    length;

  make_session (fixture->path);
  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));
  g_assert_true (g_file_set_contents (fixture->path, contents, (gssize) length / 2, NULL));
  session = app_open (fixture->path);
  g_assert_nonnull (fugue_session_get_notice (session));
}

static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  g_autofree char *contents = NULL;
  sqlite3         *db;

  g_assert_true (g_file_set_contents (fixture->path, "these are my notes\n", -1, NULL));
  assert_open_fails (fixture->path, FUGUE_ERROR_SESSION_FOREIGN, "not a session");
  g_assert_true (g_file_get_contents (fixture->path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "these are my notes\n");

  g_unlink (fixture->path);
  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "CREATE TABLE bookmarks (id INTEGER)", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  assert_open_fails (fixture->path, FUGUE_ERROR_SESSION_FOREIGN, "not a session");
}

static void
test_newer (Fixture *fixture, gconstpointer data)
{
  sqlite3 *db;

  make_session (fixture->path);
  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA user_version = 1000", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  assert_open_fails (fixture->path, FUGUE_ERROR_SESSION_NEWER, "newer version");
}

static gint64
query (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement = fugue_store_prepare (db, sql, NULL);
  gint64        value;

  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

/* From version to version, what is in the file coming along; a step that fails leaves the file at the last good version. */
static void
test_migration (Fixture *fixture, gconstpointer data)
{
  static const char *const steps[] = {
    "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO things VALUES (1, 'one')",
    "ALTER TABLE things ADD COLUMN weight REAL NOT NULL DEFAULT 2",
    "INSERT INTO things SELECT id + 1, name, weight * 2 FROM things",
    "ALTER TABLE things ADD COLUMN length REAL; SELECT nonsense",
  };
  g_autoptr (GError) error = NULL;
  sqlite3           *db;

  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_true (fugue_store_migrate (db, steps, 1, &error));
  g_assert_cmpint (query (db, "PRAGMA user_version"), ==, 1);
  g_assert_cmpint (query (db, "PRAGMA application_id"), ==, FUGUE_STORE_APPLICATION_ID);

  g_assert_true (fugue_store_migrate (db, steps, 3, &error));
  g_assert_no_error (error);
  g_assert_cmpint (query (db, "PRAGMA user_version"), ==, 3);
  g_assert_cmpint (query (db, "SELECT sum (weight) FROM things"), ==, 6);
  g_assert_true (fugue_store_migrate (db, steps, 3, &error));
  g_assert_cmpint (query (db, "SELECT count (*) FROM things"), ==, 2);

  g_assert_false (fugue_store_migrate (db, steps, 4, &error));
  g_assert_error (error, FUGUE_ERROR, FUGUE_ERROR_STORE);
  g_clear_error (&error);
  g_assert_cmpint (query (db, "PRAGMA user_version"), ==, 3);
  g_assert_cmpint (query (db, "SELECT count (*) FROM pragma_table_info ('things')"), ==, 3);

  g_assert_false (fugue_store_migrate (db, steps, 2, &error));
  g_assert_error (error, FUGUE_ERROR, FUGUE_ERROR_SESSION_NEWER);
  sqlite3_close (db);
}

/* A session of version 0, as a crash right at the first opening leaves it, becomes one of this version. */
static void
test_version_0 (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueSession) session = NULL;
  sqlite3                 *db;

  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA application_id = 0x46754765; PRAGMA user_version = 0; VACUUM", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (query (db, "PRAGMA application_id"), ==, FUGUE_STORE_APPLICATION_ID);
  sqlite3_close (db);
  session = app_open (fixture->path);
  g_assert_null (fugue_session_get_notice (session));
  app_add_picture (session, 1, 0);
  g_assert_true (fugue_session_flush (session, NULL));
}

/* A session as Fugue's first version wrote it comes along whole. */
static void
test_version_1 (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueSession) session = NULL;
  sqlite3                 *db;

  make_session (fixture->path);
  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db,
                                 "ALTER TABLE jobs DROP COLUMN on_processor; ALTER TABLE pictures DROP COLUMN place;"
                                 "INSERT INTO jobs VALUES (7, 0, 0, 0, 'Vary apple', 2); PRAGMA user_version = 1",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (db);

  session = app_open (fixture->path);
  g_assert_null (fugue_session_get_notice (session));
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (session)), ==, 30);
  g_assert_true (fugue_session_flush (session, NULL));
  g_clear_pointer (&session, app_close);
  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (query (db, "SELECT count (*) FROM jobs WHERE id = 7 AND preview_every = 2 AND on_processor = 0"), ==, 1);
  g_assert_cmpint (query (db, "SELECT sum (place) FROM pictures"), ==, 0);
  sqlite3_close (db);
}

static gboolean
has_trouble (gpointer session)
{
  return fugue_session_get_trouble (session) != NULL;
}

static void
set_size_limit (rlim_t bytes)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = bytes;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* The disk takes no more: it is said, the picture is announced all the same and stays in memory, what was saved before can be read,
 * and when the disk takes it again everything is written. */
static void
test_write_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueSession) session = app_open (fixture->path);
  g_autoptr (UnclipImage)  image = app_new_image (400, 400, 1);
  FuguePicture            *saved = app_add_picture (session, 1, 0);
  FuguePicture            *unsaved;
  gint64                   id;

  fugue_session_store_job (session, &(FugueStoredJob){ .id = 1, .title = (char *) "a job" });
  fugue_session_finish_picture (session, saved, image, NULL, NULL, NULL);
  app_wait_until (is_saved, saved);

  /* A limit on the size of files is a failing disk that a test can have without being root. */
  signal (SIGXFSZ, SIG_IGN);
  set_size_limit (600000);
  unsaved = app_add_picture (session, 1, 1);
  fugue_session_finish_picture (session, unsaved, image, NULL, NULL, NULL);
  app_wait_until (is_finished, unsaved);
  g_assert_false (fugue_picture_is_saved (unsaved));
  g_assert_nonnull (fugue_picture_get_image (unsaved));
  g_assert_true (has_trouble (session));
  g_assert_error (fugue_session_get_trouble (session), FUGUE_ERROR, FUGUE_ERROR_STORE);
  g_assert_nonnull (strstr (fugue_session_get_trouble (session)->message, fixture->path));
  {
    g_autoptr (GError) error = NULL;

    g_assert_false (fugue_session_flush (session, &error));
    g_assert_error (error, FUGUE_ERROR, FUGUE_ERROR_STORE);
  }
  fugue_picture_take_part (saved, FUGUE_PICTURE_PART_IMAGE, NULL);
  fugue_picture_request_image (saved);
  app_wait_until (has_image, saved);

  set_size_limit (RLIM_INFINITY);
  fugue_session_retry (session);
  app_wait_until (is_saved, unsaved);
  g_assert_true (fugue_session_flush (session, NULL));
  g_assert_null (fugue_session_get_trouble (session));

  id = fugue_picture_get_id (unsaved);
  app_close (g_steal_pointer (&session));
  session = app_open (fixture->path);
  g_assert_true (fugue_picture_is_saved (fugue_session_find_picture (session, id)));
}

static gboolean
write_much (sqlite3 *db, gpointer data, GError **error)
{
  return fugue_store_run (db, error, "INSERT INTO settings (key, value) VALUES (?, hex (randomblob (50000)))", "s", data);
}

static gboolean
write_nonsense (sqlite3 *db, gpointer data, GError **error)
{
  return fugue_store_run (db, error, "INSERT INTO settings (key, value) VALUES (?, NULL)", "s", data);
}

static void
count_done (gpointer data, const GError *error)
{
  g_test_message ("%s: %s", (const char *) data, error != NULL ? error->message : "done");
  g_assert_cmpint (error != NULL, ==, g_str_equal (data, "nonsense"));
}

static void
nothing (gpointer owner)
{
}

/* A full disk by SQLite's own word. What can never be written does not hold up the others. */
static void
test_store_full (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GError)  error = NULL;
  g_autofree char    *notice = NULL;
  FugueStore         *store = fugue_store_open (fixture->path, &notice, &error);
  FugueStoreStatus    status;

  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_exec (fugue_store_get_db (store), "PRAGMA max_page_count = 40", NULL, NULL, NULL), ==, SQLITE_OK);
  fugue_store_start (store, nothing, owner);
  fugue_store_write (store, write_much, (gpointer) "one", NULL, count_done);
  g_assert_true (fugue_store_flush (store, &error));
  fugue_store_write (store, write_much, (gpointer) "two", NULL, count_done);
  fugue_store_write (store, write_nonsense, (gpointer) "nonsense", NULL, count_done);
  g_assert_false (fugue_store_flush (store, &error));
  g_assert_error (error, FUGUE_ERROR, FUGUE_ERROR_DISK_FULL);
  g_assert_nonnull (strstr (error->message, "full"));
  g_clear_error (&error);
  fugue_store_get_status (store, &status);
  g_assert_cmpuint (status.n_waiting, ==, 2);
  g_assert_cmpuint (status.free_bytes, <, G_MAXUINT64);
  g_clear_error (&status.trouble);

  g_assert_cmpint (sqlite3_exec (fugue_store_get_db (store), "PRAGMA max_page_count = 4000", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_true (fugue_store_flush (store, &error));
  g_assert_no_error (error);
  fugue_store_dispatch (store);
  g_assert_cmpint (query (fugue_store_get_db (store), "SELECT count (*) FROM settings"), ==, 2);
  g_assert_true (fugue_store_close (store, &error));
}

/* Another program that holds the file only delays what is written. */
static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueSession) session = app_open (fixture->path);
  g_autoptr (UnclipImage)  image = app_new_image (16, 16, 1);
  FuguePicture            *picture = app_add_picture (session, 1, 0);
  sqlite3                 *db;

  g_assert_true (fugue_session_flush (session, NULL));
  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  fugue_session_finish_picture (session, picture, image, NULL, NULL, NULL);
  app_wait_until (is_finished, picture);
  g_assert_false (fugue_picture_is_saved (picture));
  g_assert_error (fugue_session_get_trouble (session), FUGUE_ERROR, FUGUE_ERROR_BUSY);
  g_assert_cmpint (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  app_wait_until (is_saved, picture);
}

static void
test_no_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *blocked = g_build_filename (fixture->path, "two.fugue", NULL);

  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  assert_open_fails (blocked, FUGUE_ERROR_READ_ONLY, "two.fugue");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/app/session/killed", Fixture, NULL, set_up, test_killed, tear_down);
  g_test_add ("/app/session/in-use", Fixture, NULL, set_up, test_in_use, tear_down);
  g_test_add ("/app/session/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/app/session/truncated", Fixture, NULL, set_up, test_truncated, tear_down);
  g_test_add ("/app/session/foreign", Fixture, NULL, set_up, test_foreign, tear_down);
  g_test_add ("/app/session/newer", Fixture, NULL, set_up, test_newer, tear_down);
  g_test_add ("/app/session/migration", Fixture, NULL, set_up, test_migration, tear_down);
  g_test_add ("/app/session/version-1", Fixture, NULL, set_up, test_version_1, tear_down);
  g_test_add ("/app/session/version-0", Fixture, NULL, set_up, test_version_0, tear_down);
  g_test_add ("/app/session/write-fails", Fixture, NULL, set_up, test_write_fails, tear_down);
  g_test_add ("/app/session/store-full", Fixture, NULL, set_up, test_store_full, tear_down);
  g_test_add ("/app/session/locked", Fixture, NULL, set_up, test_locked, tear_down);
  g_test_add ("/app/session/no-folder", Fixture, NULL, set_up, test_no_folder, tear_down);
  return g_test_run ();
}
