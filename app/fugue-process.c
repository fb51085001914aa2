/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-process.h"

#include "fugue-error.h"
#include "fugue-limited-input.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is kept of standard error: a flood shall not fill memory. */
#define TAIL_BYTES 2048

/* More than any greeting of D-Bus. */
#define GREETING_BYTES 8192

/* Last words may still be on their way when the process has ended; children may hold the pipe open for ever. */
#define LAST_WORDS_MS 50

struct _FugueProcess
{
  FugueProcessFunc  func;
  gpointer          user_data;
  char             *launcher;           /* NULL for the default one */
  GSubprocess      *subprocess;
  GInputStream     *input;              /* a FugueLimitedInput */
  GIOStream        *stream;
  GInputStream     *errors;
  GCancellable     *cancellable;        /* of the reading and waiting; cancelled when the process is freed */
  guint8            chunk[512];
  GString          *tail;               /* the end of standard error */
  guint             kill_source;
  guint             words_source;
  gboolean          has_ended;
  gboolean          is_killed;
};

/* Starting. */

/* The program beside ours, in the build tree of ours, or in $PATH. */
static char *
find_unclip (void)
{
  const char      *named = g_getenv ("FUGUE_UNCLIP");
  const char      *places[] = { "unclip", "../engine/cli/unclip", "../../engine/cli/unclip" };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  char            *found;

  if (named != NULL && named[0] != '\0')
    return g_strdup (named);
  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_canonicalize_filename (places[i], folder);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  found = g_find_program_in_path ("unclip");
  return found != NULL ? found : g_strdup ("unclip");
}

static char **
split_launcher (const char *launcher, GError **error)
{
  g_autoptr (GError) cause = NULL;
  char             **argv = NULL;

  if (launcher == NULL)
    {
      argv = g_new0 (char *, 3);
      argv[0] = find_unclip ();
      argv[1] = g_strdup ("serve");
      return argv;
    }
  if (!g_shell_parse_argv (launcher, NULL, &argv, &cause))
    g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_ENGINE, _("The launcher “%s” is no command line (%s); mend it in the preferences."), launcher,
                 cause->message);
  return argv;
}

static void
lead_session (gpointer user_data)
{
  setsid ();
}

static void read_errors (FugueProcess *process);
static void waited_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
open_stream (FugueProcess *process)
{
  GInputStream  *input = g_subprocess_get_stdout_pipe (process->subprocess);
  GOutputStream *output = g_subprocess_get_stdin_pipe (process->subprocess);

  /* A child that does not read must not hold up the thread that all of GDBus shares. */
  g_unix_set_fd_nonblocking (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (input)), TRUE, NULL);
  g_unix_set_fd_nonblocking (g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (output)), TRUE, NULL);
  process->input = fugue_limited_input_new (input, GREETING_BYTES);
  process->stream = g_simple_io_stream_new (process->input, output);
  process->errors = g_subprocess_get_stderr_pipe (process->subprocess);
}

FugueProcess *
fugue_process_start (const char *launcher, FugueProcessFunc func, gpointer user_data, GError **error)
{
  g_auto (GStrv)                  argv = split_launcher (launcher, error);
  g_autoptr (GSubprocessLauncher) start = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                                     | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GError)              cause = NULL;
  g_autoptr (GSubprocess)         subprocess = NULL;
  FugueProcess                   *process;

  if (argv == NULL)
    return NULL;
  /* Writing to a child that has died is an error like others. GSocket does the same for every program that uses it. */
  signal (SIGPIPE, SIG_IGN);
  g_subprocess_launcher_set_child_setup (start, lead_session, NULL, NULL);
  subprocess = g_subprocess_launcher_spawnv (start, (const char *const *) argv, &cause);
  if (subprocess == NULL)
    {
      g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_ENGINE, _("The engine “%s” could not be started: %s. %s"), argv[0], cause->message,
                   launcher != NULL ? _("Mend the launcher in the preferences, then try again.")
                                    : _("Install the program unclip that comes with Fugue, then try again."));
      return NULL;
    }

  process = g_new0 (FugueProcess, 1);
  process->func = func;
  process->user_data = user_data;
  process->launcher = g_strdup (launcher);
  process->subprocess = g_steal_pointer (&subprocess);
  process->cancellable = g_cancellable_new ();
  process->tail = g_string_new (NULL);
  open_stream (process);
  read_errors (process);
  g_subprocess_wait_async (process->subprocess, process->cancellable, waited_cb, process);
  return process;
}

/* Standard error. */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FugueProcess      *process = user_data;
  g_autoptr (GError) error = NULL;
  gssize             n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  /* After a cancel the process is no more. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || n <= 0)
    return;
  g_debug ("engine: %.*s", (int) n, (const char *) process->chunk);
  g_string_append_len (process->tail, (const char *) process->chunk, n);
  if (process->tail->len > TAIL_BYTES)
    g_string_erase (process->tail, 0, (gssize) (process->tail->len - TAIL_BYTES));
  read_errors (process);
}

static void
read_errors (FugueProcess *process)
{
  g_input_stream_read_async (process->errors, process->chunk, sizeof process->chunk, G_PRIORITY_DEFAULT, process->cancellable, read_cb, process);
}

/* The last line with something in it, fit to be shown; "" if there is none. */
static char *
dup_last_line (FugueProcess *process)
{
  g_autofree char *text = g_utf8_make_valid (process->tail->str, (gssize) process->tail->len);
  g_auto (GStrv)   lines = g_strsplit_set (text, "\r\n", -1);

  for (guint i = g_strv_length (lines); i > 0; i--)
    if (g_strstrip (lines[i - 1])[0] != '\0')
      {
        g_strdelimit (lines[i - 1], "\001\002\003\004\005\006\a\b\t\v\f\033", ' ');
        return g_strdup (lines[i - 1]);
      }
  return g_strdup ("");
}

/* The end. */

static gboolean
tell_cb (gpointer user_data)
{
  FugueProcess    *process = user_data;
  GSubprocess     *subprocess = process->subprocess;
  g_autofree char *line = dup_last_line (process);
  g_autofree char *how = NULL;
  g_autofree char *words = NULL;

  process->words_source = 0;
  if (g_subprocess_get_if_signaled (subprocess))
    how = g_strdup_printf (_("It was ended by signal %d (%s)."), g_subprocess_get_term_sig (subprocess),
                           g_strsignal (g_subprocess_get_term_sig (subprocess)));
  else
    how = g_strdup_printf (_("It ended with status %d."), g_subprocess_get_exit_status (subprocess));
  words = line[0] != '\0' ? g_strdup_printf (_("%s Its last words were “%s”."), how, line) : g_strdup (how);
  process->func (process, words, process->is_killed, process->user_data);
  return G_SOURCE_REMOVE;
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FugueProcess      *process = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error))
    return;
  process->has_ended = TRUE;
  g_clear_handle_id (&process->kill_source, g_source_remove);
  process->words_source = g_timeout_add (LAST_WORDS_MS, tell_cb, process);
}

static void
send_signal (FugueProcess *process, int number)
{
  const char *pid = g_subprocess_get_identifier (process->subprocess);

  /* Not yet waited for, so the number is still its own, and that of the session's group. */
  if (pid != NULL && kill (-(pid_t) strtol (pid, NULL, 10), number) != 0)
    g_subprocess_send_signal (process->subprocess, number);
}

static gboolean
kill_cb (gpointer user_data)
{
  FugueProcess *process = user_data;

  process->kill_source = 0;
  process->is_killed = TRUE;
  send_signal (process, SIGKILL);
  return G_SOURCE_REMOVE;
}

void
fugue_process_end (FugueProcess *process, gboolean ask, guint patience_ms)
{
  if (process->has_ended || process->kill_source != 0)
    return;
  if (ask)
    {
      process->is_killed = TRUE;
      send_signal (process, SIGTERM);
    }
  process->kill_source = g_timeout_add (patience_ms, kill_cb, process);
}

void
fugue_process_free (FugueProcess *process)
{
  if (process == NULL)
    return;
  if (!process->has_ended)
    send_signal (process, process->kill_source != 0 ? SIGKILL : SIGTERM);
  /* From here on read_cb() and waited_cb() find an error, even if they had a result before. */
  g_cancellable_cancel (process->cancellable);
  g_clear_handle_id (&process->kill_source, g_source_remove);
  g_clear_handle_id (&process->words_source, g_source_remove);
  g_object_unref (process->cancellable);
  g_object_unref (process->stream);
  g_object_unref (process->input);
  g_object_unref (process->subprocess);
  g_string_free (process->tail, TRUE);
  g_free (process->launcher);
  g_free (process);
}

GIOStream *
fugue_process_get_stream (FugueProcess *process)
{
  return process->stream;
}

void
fugue_process_trust (FugueProcess *process)
{
  fugue_limited_input_lift (FUGUE_LIMITED_INPUT (process->input));
}

const char *
fugue_process_get_pid (FugueProcess *process)
{
  return g_subprocess_get_identifier (process->subprocess);
}
