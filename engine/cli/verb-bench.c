/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip bench: how long operations, networks and whole pictures take on this device. */

#include "config.h"

#include "bench.h"

#define DEFAULT_RUNS 5
#define DEFAULT_PICTURE_RUNS 2
#define DEFAULT_PICTURES 8
#define MAX_RUNS 10000
#define MAX_BATCH 256

typedef struct
{
  gboolean ops;
  char    *net;
  gboolean picture;
  int      batch;               /* CLI_NOT_GIVEN: by what is measured, as below */
  int      runs;
} BenchOptions;

static int
run_ops (Cli *cli, const BenchOptions *options)
{
  g_autoptr (GError)         error = NULL;
  g_autoptr (UnclipExecutor) executor = cli_open_executor (cli, &error);
  g_autoptr (Bench)          bench = NULL;

  if (executor == NULL)
    return cli_fail (cli, error);
  unclip_executor_set_timers (executor, TRUE);
  bench = bench_new (cli, executor, options->runs != CLI_NOT_GIVEN ? (guint) options->runs : DEFAULT_RUNS);
  if (!bench_ops (bench, executor, &error))
    return cli_fail (cli, error);
  bench_report (bench, cli_begin_event ("done"));
  return CLI_OK;
}

static int
run_model (Cli *cli, const BenchOptions *options, const char *path)
{
  guint                    n_runs = options->runs != CLI_NOT_GIVEN ? (guint) options->runs : options->picture ? DEFAULT_PICTURE_RUNS : DEFAULT_RUNS;
  int                      n = options->batch != CLI_NOT_GIVEN ? options->batch : options->picture ? DEFAULT_PICTURES : 1;
  g_autoptr (GError)       error = NULL;
  g_autoptr (UnclipStages) stages = cli_open_stages (cli, &error);
  g_autoptr (Bench)        bench = NULL;
  JsonBuilder             *done;
  gboolean                 ok;

  if (stages == NULL)
    return cli_fail (cli, error);
  bench = bench_new (cli, unclip_stages_get_executor (stages), n_runs);
  /* Timers split submits, so whole pictures go without. */
  unclip_executor_set_timers (unclip_stages_get_executor (stages), !options->picture);
  ok = options->picture ? bench_picture (bench, stages, path, n, n_runs, cli->cancellable, &error)
                        : bench_net (bench, stages, options->net, n, &error);
  if (!ok)
    return cli_fail (cli, error);
  done = cli_begin_event ("done");
  cli_add_int (done, "batch", n);
  bench_report (bench, done);
  return CLI_OK;
}

int
verb_bench (Cli *cli, int argc, char **argv)
{
  BenchOptions       options = { .batch = CLI_NOT_GIVEN, .runs = CLI_NOT_GIVEN };
  int                status;
  const GOptionEntry entries[] = {
    { "ops", 0, 0, G_OPTION_ARG_NONE, &options.ops, "Single operations (the default)", NULL },
    { "net", 0, 0, G_OPTION_ARG_STRING, &options.net, "A network of the model, such as decoder, prior or super_res_first", "NAME" },
    { "picture", 0, 0, G_OPTION_ARG_NONE, &options.picture, "Variations with the model's default settings, by stage", NULL },
    { "batch", 0, 0, G_OPTION_ARG_INT, &options.batch, "Rows of --net (default 1; guidance needs two a picture), pictures of --picture (default 8)", "N" },
    { "runs", 0, 0, G_OPTION_ARG_INT, &options.runs, "Measured runs after the first (default 5; of --picture 2)", "N" },
    { NULL },
  };

  if (!cli_parse (cli, "bench", "[PICTURE]", entries, NULL, 0, 1, &argc, &argv, &status))
    ;
  else if (options.ops + options.picture + (options.net != NULL) > 1)
    status = cli_usage_error (cli, "choose one of --ops, --net and --picture");
  else if (cli_is_outside (options.batch, 1, MAX_BATCH))
    status = cli_usage_error (cli, "--batch is %d, but must be 1 … %d", options.batch, MAX_BATCH);
  else if (cli_is_outside (options.runs, 1, MAX_RUNS))
    status = cli_usage_error (cli, "--runs is %d, but must be 1 … %d", options.runs, MAX_RUNS);
  else if (argc == 2 && !options.picture)
    status = cli_usage_error (cli, "a picture is of use with --picture only");
  else if (options.picture || options.net != NULL)
    status = run_model (cli, &options, argc == 2 ? argv[1] : NULL);
  else
    status = run_ops (cli, &options);
  g_free (options.net);
  return status;
}
