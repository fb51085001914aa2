/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip imagine: a caption through the prior to embeddings, each decoded once. */

#include "config.h"

#include "cli-pictures.h"
#include "unclip-file.h"

static gboolean
add_pictures (Cli                     *cli,
              UnclipStages            *stages,
              const CliPictureOptions *options,
              const CliPriorOptions   *prior,
              const char              *caption,
              GPtrArray               *jobs,
              GError                 **error)
{
  UnclipEmbedding embedding;

  if (!cli_get_caption_embedding (cli, stages, prior, caption, 0, &embedding, error))
    return FALSE;
  for (int i = 0; i < options->n; i++)
    {
      UnclipRecipe *recipe;

      /* Each picture has an embedding of its own; the seeds of a run are far apart, so these do not meet other runs'. */
      embedding.seed = ((guint64) options->seed * 10007 + (guint64) i) & UNCLIP_RECIPE_MAX_SEED;
      recipe = cli_new_recipe (stages, options, &embedding, (guint) i, error);
      if (recipe == NULL)
        return FALSE;
      cli_jobs_add (jobs, recipe, unclip_file_dup_stem (caption, "imagine", (guint64) options->seed), g_strdup (caption));
    }
  return TRUE;
}

static int
run (Cli *cli, CliPictureOptions *options, const CliPriorOptions *prior, const char *caption)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       jobs = cli_jobs_new ();
  g_autoptr (UnclipStages)    stages = NULL;
  g_autoptr (UnclipEvaluator) evaluator = NULL;

  if (!g_utf8_validate (caption, -1, NULL))
    return cli_usage_error (cli, "the caption is not valid UTF-8");
  stages = cli_open_stages (cli, &error);
  if (stages == NULL)
    return cli_fail (cli, error);
  evaluator = unclip_evaluator_new (stages);
  options->caption = g_strdup (caption);
  if (!add_pictures (cli, stages, options, prior, caption, jobs, &error))
    return cli_fail (cli, error);
  return cli_run_jobs (cli, evaluator, stages, options, jobs, NULL);
}

int
verb_imagine (Cli *cli, int argc, char **argv)
{
  CliPictureOptions        options;
  CliPriorOptions          prior;
  g_autofree GOptionEntry *entries = NULL;
  g_autofree GOptionEntry *prior_entries = cli_prior_options_list (&prior, NULL);
  int                      status;

  cli_picture_options_init (&options);
  options.n = 4;
  entries = cli_picture_options_list (&options);
  if (cli_parse (cli, "imagine", "CAPTION", entries, prior_entries, 1, 1, &argc, &argv, &status))
    {
      status = CLI_USAGE;
      if (cli_prior_options_check (cli, &prior) && cli_picture_options_check (cli, &options, &status))
        status = run (cli, &options, &prior, argv[1]);
    }
  cli_picture_options_clear (&options);
  return status;
}
