/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "drive.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

static void
run (const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, &error);

  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

void
drive_focus (const char *title)
{
  const char *const focus[] = { "timeout", "30", "xdotool", "search", "--sync", "--onlyvisible", "--name", title,
                                "windowfocus", "--sync", NULL };

  run (focus);
}

void
drive_start (Drive      *drive,
             const char *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;
  g_auto (GStrv) argv = NULL;

  if (arguments != NULL)
    g_assert_true (g_shell_parse_argv (arguments, NULL, &words, NULL));
  g_strv_builder_add (builder, FUGUE_PROGRAM);
  if (words != NULL)
    g_strv_builder_addv (builder, (const char **) words);
  argv = g_strv_builder_end (builder);
  /* What GTK itself warns about must not end the program that is being watched. */
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_setenv (launcher, "FUGUE_UNCLIP", UNCLIP_PROGRAM, TRUE);
  g_subprocess_launcher_setenv (launcher, "UNCLIP_VALIDATION", "0", TRUE);
  drive->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  drive_focus ("Fugue$");
}

static void
forget (Drive *drive)
{
  g_clear_object (&drive->process);
  g_clear_pointer (&drive->session, g_free);
}

void
drive_end (Drive *drive)
{
  g_autoptr (GError) error = NULL;

  drive_keys ("ctrl+q");
  g_subprocess_wait_check (drive->process, NULL, &error);
  g_assert_no_error (error);
  forget (drive);
}

void
drive_kill (Drive *drive)
{
  g_subprocess_force_exit (drive->process);
  g_subprocess_wait (drive->process, NULL, NULL);
  g_clear_object (&drive->process);
}

void
drive_action (const char *name)
{
  g_autoptr (GError) error = NULL;
  /* What it prints is no TAP. */
  g_autoptr (GSubprocess) call = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, "gdbus", "call", "--session",
                                                   "--dest", "io.github.fugue.Fugue",
                                                   "--object-path", "/io/github/fugue/Fugue/window/1",
                                                   "--method", "org.gtk.Actions.Activate", name, "[]", "{}", NULL);

  g_assert_no_error (error);
  g_subprocess_wait_check (call, NULL, &error);
  g_assert_no_error (error);
}

/* The session file below the folder of sessions, wherever it lies there. */
static char *
find_session (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          char *found = find_session (path);

          if (found != NULL)
            return found;
        }
      else if (g_str_has_suffix (name, ".fugue"))
        {
          return g_steal_pointer (&path);
        }
    }
  return NULL;
}

void
drive_find_session (Drive *drive)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "fugue", NULL);
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  g_clear_pointer (&drive->session, g_free);
  while (drive->session == NULL && g_get_monotonic_time () < deadline)
    {
      drive->session = find_session (folder);
      g_usleep (50000);
    }
  g_assert_nonnull (drive->session);
}

void
drive_keys (const char *keys)
{
  g_auto (GStrv) names = g_strsplit (keys, " ", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *const press[] = { "xdotool", "key", names[i], NULL };

      run (press);
      /* A person's pace; the window must not need it, but what follows may look at the outcome. */
      g_usleep (120000);
    }
}

void
drive_type (const char *text)
{
  const char *const type[] = { "xdotool", "type", "--delay", "20", text, NULL };

  run (type);
}

char *
drive_query (Drive      *drive,
             const char *sql)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  char *value = NULL;

  if (sqlite3_open_v2 (drive->session, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
    {
      sqlite3_busy_timeout (db, 5000);
      if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step (statement) == SQLITE_ROW)
        value = g_strdup ((const char *) sqlite3_column_text (statement, 0));
      else
        g_test_message ("%s: %s", sql, sqlite3_errmsg (db));
      sqlite3_finalize (statement);
    }
  sqlite3_close (db);
  return value != NULL ? value : g_strdup ("");
}

void
drive_wait_for (Drive      *drive,
                const char *sql,
                const char *expected,
                guint       seconds)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
  g_autofree char *value = NULL;

  do
    {
      g_free (value);
      value = drive_query (drive, sql);
      if (g_str_equal (value, expected))
        return;
      g_usleep (50000);
    }
  while (g_get_monotonic_time () < deadline);
  g_test_message ("%s", sql);
  g_assert_cmpstr (value, ==, expected);
}

char *
drive_sample (const char *name)
{
  return g_build_filename (FUGUE_SOURCE_DATADIR, "samples", name, NULL);
}
