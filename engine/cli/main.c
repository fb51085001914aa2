/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip: the engine on the command line. `unclip VERB --help` tells each verb's options. */

#include "config.h"

#include "cli.h"

#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const CliVerb verbs[] = {
  { "bench", "[PICTURE]", "Times of operations, networks and pictures", verb_bench },
  { "devices", "", "What Vulkan offers and what will be used", verb_devices },
  { "diff", "PICTURE", "A picture turned from one caption towards another", verb_diff },
  { "eval", "MODEL/COMPONENT IN OUT", "One forward pass of one component, from file to file", verb_eval },
  { "imagine", "CAPTION", "Pictures of a caption", verb_imagine },
  { "info", "[MODEL|PNG]", "What a model holds, or the recipe inside a picture", verb_info },
  { "invert", "PICTURE…", "Pictures as the noise they come from, and back", verb_invert },
  { "mix", "PICTURE…", "Between pictures and captions", verb_mix },
  { "prove", "PNG…", "Whether pictures come out again as their recipes say", verb_prove },
  { "run", "RECIPE…", "Pictures of recipes: from JSON, JSON lines or PNG", verb_run },
  { "sample", "[MODEL]", "A whole pipeline with every noise draw given", verb_sample },
  { "serve", "", "The engine behind the window", verb_serve },
  { "vary", "PICTURE…", "Variations of pictures", verb_vary },
};

#define WIDTH_OF_ARGUMENTS 22

static void
print_help (FILE *stream)
{
  fprintf (stream, "Usage: unclip VERB [OPTION…] …\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      /* In characters, where printf would count bytes. */
      int n_missing = (int) (WIDTH_OF_ARGUMENTS - g_utf8_strlen (verbs[i].arguments, -1));

      fprintf (stream, "  %-8s %s%*s %s\n", verbs[i].name, verbs[i].arguments, MAX (n_missing, 0), "", verbs[i].summary);
    }
  fprintf (stream, "\nEach verb has a --help. Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped.\n");
}

/* Signals are taken by a thread, since the main thread is busy in the engine and handlers may do next to nothing. The
 * first one asks the engine to stop, which it does between submits; the second one does not wait. */
static void *
wait_for_signals (void *data)
{
  GCancellable *cancellable = data;
  sigset_t      set;
  int           number;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigwait (&set, &number);
  g_cancellable_cancel (cancellable);
  sigwait (&set, &number);
  _exit (CLI_CANCELLED);
}

static void
start_signal_thread (GCancellable *cancellable)
{
  sigset_t  set;
  pthread_t thread;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  if (pthread_create (&thread, NULL, wait_for_signals, cancellable) != 0)
    g_error ("no thread for signals");
  pthread_detach (thread);
}

int
main (int argc, char **argv)
{
  static Cli cli;

  setlocale (LC_ALL, "");
  g_set_prgname ("unclip");
  if (argc >= 2 && (g_str_equal (argv[1], "--version") || g_str_equal (argv[1], "-V")))
    {
      printf ("unclip (Fugue) %s\n", FUGUE_VERSION);
      return CLI_OK;
    }
  if (argc < 2 || g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help"))
    {
      print_help (argc < 2 ? stderr : stdout);
      return argc < 2 ? CLI_USAGE : CLI_OK;
    }

  cli.cancellable = g_cancellable_new ();
  cli.started = g_get_monotonic_time ();
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (verbs[i].name, argv[1]))
      {
        int status;

        start_signal_thread (cli.cancellable);
        status = verbs[i].run (&cli, argc - 1, argv + 1);
        g_free (cli.model);
        g_free (cli.image_encoder);
        g_free (cli.device);
        g_free (cli.precision);
        return status;
      }
  fprintf (stderr, "unclip: there is no verb “%s”; see unclip --help\n", argv[1]);
  return CLI_USAGE;
}
