/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip serve: the engine behind the window, spoken to over its standard input and output. */

/* SCHED_BATCH. */
#define _GNU_SOURCE

#include "config.h"

#include "cli.h"
#include "unclip-service.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_NICE 10

/* Nothing but the protocol may go over the pipe, whatever a library prints: standard output becomes standard error. */
static GIOStream *
take_pipe (void)
{
  int                      in = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  int                      out = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  int                      null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  g_autoptr (GInputStream)  input = NULL;
  g_autoptr (GOutputStream) output = NULL;

  if (in < 0 || out < 0 || null < 0 || dup2 (null, STDIN_FILENO) < 0 || dup2 (STDERR_FILENO, STDOUT_FILENO) < 0)
    return NULL;
  close (null);
  /* A write that waits would keep the connection's thread from reading. */
  g_unix_set_fd_nonblocking (in, TRUE, NULL);
  g_unix_set_fd_nonblocking (out, TRUE, NULL);
  input = g_unix_input_stream_new (in, TRUE);
  output = g_unix_output_stream_new (out, TRUE);
  return g_simple_io_stream_new (input, output);
}

/* The window comes first. Threads inherit both, those of software Vulkan too if it is done before the first of them. */
static void
lower_priority (int by)
{
  errno = 0;
  if (nice (by) == -1 && errno != 0)
    g_message ("the priority could not be lowered: %s", g_strerror (errno));
#ifdef SCHED_BATCH
  if (by > 0)
    sched_setscheduler (0, SCHED_BATCH, &(struct sched_param){ 0 });
#endif
}

int
verb_serve (Cli *cli, int argc, char **argv)
{
  const char           *by_default = g_getenv ("UNCLIP_SERVE_NICE");
  int                   by = by_default != NULL ? atoi (by_default) : DEFAULT_NICE;
  int                   status;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GIOStream) stream = NULL;
  const GOptionEntry    entries[] = {
    { "nice", 0, 0, G_OPTION_ARG_INT, &by, "Lower the priority by so much (default: $UNCLIP_SERVE_NICE, else 10)", "N" },
    { NULL },
  };

  if (!cli_parse (cli, "serve", "", entries, NULL, 0, 0, &argc, &argv, &status))
    return status;
  if (isatty (STDIN_FILENO) || isatty (STDOUT_FILENO))
    return cli_usage_error (cli, "serve speaks D-Bus over its standard input and output: Fugue's window starts it, no person");
  stream = take_pipe ();
  if (stream == NULL)
    {
      error = g_error_new (G_FILE_ERROR, g_file_error_from_errno (errno), "The pipe can't be used: %s.", g_strerror (errno));
      return cli_fail (cli, error);
    }
  /* A client that is gone is an error of writing, not an end without a word. */
  signal (SIGPIPE, SIG_IGN);
  lower_priority (by);
  cli->json = FALSE;
  status = unclip_service_run (stream, cli->cancellable, &error) ? CLI_OK : cli_fail (cli, error);
  /* A worker may be left behind in the driver, whose destructors must not run under it. */
  fflush (stderr);
  _exit (status);
}
