/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip imagine: a caption through the prior to embeddings, each decoded once. */

#include "config.h"

#include "cli-pictures.h"
#include "unclip-file.h"

typedef struct
{
  int    steps;         /* −1: the model's */
  double guidance;      /* −1: the model's */
  int    best_of;
} PriorOptions;

/* The paper keeps the better of two candidates. */
#define DEFAULT_BEST_OF 2

static gboolean
add_pictures (Cli                     *cli,
              UnclipStages            *stages,
              const CliPictureOptions *options,
              const PriorOptions      *prior,
              const char              *caption,
              GPtrArray               *jobs,
              GError                 **error)
{
  const UnclipModelDefaults *defaults = unclip_model_get_defaults (unclip_stages_get_model (stages));
  UnclipTokenizer           *tokenizer = unclip_model_get_tokenizer (unclip_stages_get_model (stages), error);
  g_autoptr (UnclipTokens)   tokens = NULL;

  if (tokenizer == NULL)
    return FALSE;
  tokens = unclip_tokenizer_encode (tokenizer, caption);
  if (tokens->n_dropped > 0)
    cli_warn (cli, "the caption is too long for this model: its last %u tokens are left out", tokens->n_dropped);

  for (int i = 0; i < options->n; i++)
    {
      UnclipEmbedding embedding = {
        .kind = UNCLIP_EMBEDDING_CAPTION,
        .text = caption,
        .n_steps = prior->steps == -1 ? defaults->prior_steps : (guint) MAX (prior->steps, 0),
        .guidance = prior->guidance == -1 ? defaults->prior_guidance : prior->guidance,
        /* Each picture has an embedding of its own; the seeds of a run are far apart, so these do not meet other runs'. */
        .seed = ((guint64) options->seed * 10007 + (guint64) i) & UNCLIP_RECIPE_MAX_SEED,
        .best_of = (guint) MAX (prior->best_of, 0),
      };
      UnclipRecipe *recipe = cli_new_recipe (stages, options, &embedding, (guint) i, error);

      if (recipe == NULL)
        return FALSE;
      cli_jobs_add (jobs, recipe, unclip_file_dup_stem (caption, "imagine", (guint64) options->seed), g_strdup (caption));
    }
  return TRUE;
}

static int
run (Cli *cli, CliPictureOptions *options, const PriorOptions *prior, const char *caption)
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
  PriorOptions             prior = { -1, -1, DEFAULT_BEST_OF };
  g_autofree GOptionEntry *entries = NULL;
  int                      status;
  GOptionEntry             prior_entries[] = {
    { "prior-steps", 0, 0, G_OPTION_ARG_INT, &prior.steps, "Steps of the prior (default: the model's)", "N" },
    { "prior-guidance", 0, 0, G_OPTION_ARG_DOUBLE, &prior.guidance, "Guidance scale of the prior (default: the model's)", "G" },
    { "best-of", 0, 0, G_OPTION_ARG_INT, &prior.best_of, "Candidates of the prior, the best of which is kept (default 2)", "N" },
    { NULL },
  };

  cli_picture_options_init (&options);
  options.n = 4;
  entries = cli_picture_options_list (&options);
  if (cli_parse (cli, "imagine", "CAPTION", entries, prior_entries, 1, 1, &argc, &argv, &status)
      && cli_picture_options_check (cli, &options, &status))
    status = run (cli, &options, &prior, argv[1]);
  cli_picture_options_clear (&options);
  return status;
}
