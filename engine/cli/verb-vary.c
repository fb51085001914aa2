/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip vary: decode a picture's CLIP embedding again and again, from new noise each time. */

#include "config.h"

#include "cli-pictures.h"
#include "unclip-file.h"

static gboolean
add_variations (UnclipEvaluator         *evaluator,
                UnclipStages            *stages,
                const CliPictureOptions *options,
                const char              *path,
                GPtrArray               *jobs,
                GPtrArray               *sources,
                GError                 **error)
{
  UnclipEmbedding embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = cli_load_source (evaluator, path, sources, error) };

  if (embedding.source == NULL)
    return FALSE;
  for (int i = 0; i < options->n; i++)
    {
      g_autofree char *name = unclip_file_dup_name (path);
      UnclipRecipe    *recipe = cli_new_recipe (stages, options, &embedding, (guint) i, error);

      if (recipe == NULL)
        return FALSE;
      cli_jobs_add (jobs, recipe, unclip_file_dup_stem (name, "vary", (guint64) options->seed), g_strdup (name));
    }
  return TRUE;
}

static int
run (Cli *cli, const CliPictureOptions *options, int n_paths, char **paths)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       jobs = cli_jobs_new ();
  g_autoptr (GPtrArray)       sources = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  g_autoptr (UnclipStages)    stages = cli_open_stages (cli, &error);
  g_autoptr (UnclipEvaluator) evaluator = NULL;

  if (stages == NULL)
    return cli_fail (cli, error);
  evaluator = unclip_evaluator_new (stages);
  for (int i = 0; i < n_paths; i++)
    if (!add_variations (evaluator, stages, options, paths[i], jobs, sources, &error))
      return cli_fail (cli, error);
  return cli_run_jobs (cli, evaluator, stages, options, jobs, sources);
}

int
verb_vary (Cli *cli, int argc, char **argv)
{
  CliPictureOptions        options;
  g_autofree GOptionEntry *entries = NULL;
  int                      status;

  cli_picture_options_init (&options);
  entries = cli_picture_options_list (&options);
  if (cli_parse (cli, "vary", "PICTURE…", entries, NULL, 1, -1, &argc, &argv, &status)
      && cli_picture_options_check (cli, &options, &status))
    status = run (cli, &options, argc - 1, argv + 1);
  cli_picture_options_clear (&options);
  return status;
}
