/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli-run.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define SECONDS_TO_WAIT 120

void
cli_place_init (CliPlace *place)
{
  g_autoptr (GError) error = NULL;

  place->folder = g_dir_make_tmp ("unclip-test-XXXXXX", &error);
  g_assert_no_error (error);
  place->out = g_build_filename (place->folder, "out", NULL);
  g_assert_cmpint (g_mkdir (place->out, 0777), ==, 0);
  place->model = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "model", NULL);
  place->imagine_model = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "text-to-image", "model", NULL);
  place->picture = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "guided", "picture-0.png", NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char      *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
cli_place_clear (CliPlace *place)
{
  if (place->folder != NULL)
    remove_tree (place->folder);
  g_free (place->folder);
  g_free (place->out);
  g_free (place->model);
  g_free (place->imagine_model);
  g_free (place->picture);
}

char *
cli_place_expand (const CliPlace *place, const char *text)
{
  g_autoptr (GString) string = g_string_new (text);

  g_string_replace (string, "@folder", place->folder, 0);
  g_string_replace (string, "@out", place->out, 0);
  g_string_replace (string, "@imagine_model", place->imagine_model, 0);
  g_string_replace (string, "@model", place->model, 0);
  g_string_replace (string, "@picture", place->picture, 0);
  return g_string_free (g_steal_pointer (&string), FALSE);
}

void
cli_result_clear (CliResult *result)
{
  g_free (result->out);
  g_free (result->err);
}

GSubprocess *
cli_start (const CliPlace *place, const char *arguments, const char *environment)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char                *program = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "engine", "cli", "unclip", NULL);
  g_autofree char                *expanded = cli_place_expand (place, arguments);
  g_autofree char                *line = g_strconcat (program, " ", expanded, NULL);
  g_auto (GStrv)                  argv = NULL;
  g_autoptr (GError)              error = NULL;
  g_autofree char                *shown = NULL;
  GSubprocess                    *process;

  g_shell_parse_argv (line, NULL, &argv, &error);
  g_assert_no_error (error);
  if (environment != NULL)
    {
      g_auto (GStrv) pair = g_strsplit (environment, "=", 2);

      g_subprocess_launcher_setenv (launcher, pair[0], pair[1], TRUE);
    }
  /* The same networks run under validation in tests/diffusion; here it would cost a third more time in each process. */
  g_subprocess_launcher_setenv (launcher, "UNCLIP_VALIDATION", "0", TRUE);
  g_subprocess_launcher_set_cwd (launcher, place->out);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  shown = g_utf8_make_valid (expanded, -1);
  g_test_message ("unclip %s", shown);
  return process;
}

static gboolean
kill_cb (gpointer data)
{
  g_subprocess_force_exit (data);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  GBytes   *out, *err;
  gboolean  is_done;
} Communication;

static void
communicate_cb (GObject *object, GAsyncResult *async_result, gpointer data)
{
  Communication     *communication = data;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_finish (G_SUBPROCESS (object), async_result, &communication->out, &communication->err, &error);
  g_assert_no_error (error);
  communication->is_done = TRUE;
}

static char *
dup_text (GBytes *bytes)
{
  gsize       n;
  const char *data = g_bytes_get_data (bytes, &n);

  return g_strndup (data != NULL ? data : "", n);
}

void
cli_finish (GSubprocess *process, CliResult *result)
{
  Communication communication = { NULL };
  guint         watchdog = g_timeout_add_seconds (SECONDS_TO_WAIT, kill_cb, process);

  g_subprocess_communicate_async (process, NULL, NULL, communicate_cb, &communication);
  while (!communication.is_done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (watchdog);
  result->out = dup_text (communication.out);
  result->err = dup_text (communication.err);
  result->status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  g_bytes_unref (communication.out);
  g_bytes_unref (communication.err);
  g_test_message ("status %d, stderr: %s", result->status, result->err);
}

void
cli_run (const CliPlace *place, const char *arguments, CliResult *result)
{
  g_autoptr (GSubprocess) process = cli_start (place, arguments, NULL);

  cli_finish (process, result);
}

void
cli_run_ok (const CliPlace *place, const char *arguments, CliResult *result)
{
  cli_run (place, arguments, result);
  g_assert_cmpint (result->status, ==, 0);
}

GPtrArray *
cli_parse_events (const char *out)
{
  GPtrArray      *events = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_auto (GStrv)  lines = g_strsplit (out, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      g_autoptr (GError)   error = NULL;
      g_autoptr (JsonNode) node = json_from_string (lines[i], &error);

      g_assert_no_error (error);
      g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
      g_assert_nonnull (json_object_get_string_member (json_node_get_object (node), "event"));
      g_ptr_array_add (events, json_node_dup_object (node));
    }
  return events;
}

static void
list_into (GPtrArray *names, const char *path, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char      *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      char            *shown = g_build_filename (prefix, name, NULL);

      g_ptr_array_add (names, shown);
      if (!g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        list_into (names, child, shown);
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
cli_list_folder (const char *path)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  list_into (names, path, "");
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv ("\n", (char **) names->pdata);
}

GBytes *
cli_read (const char *folder, const char *name)
{
  g_autofree char   *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char              *contents;
  gsize              length;

  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (contents, length);
}
