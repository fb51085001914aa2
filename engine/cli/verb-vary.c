/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip vary: decode a picture's CLIP embedding again and again, from new noise each time, the embedding loosened or not; or,
 * locked, from the noise that the picture comes from. */

#include "config.h"

#include "cli-pictures.h"
#include "cli-sources.h"
#include "unclip-file.h"
#include "unclip-how-far.h"

/* Each variation is loosened by noise of its own. */
static UnclipRecipe *
make_recipe (UnclipStages            *stages,
             const CliPictureOptions *options,
             double                   looseness,
             const UnclipEmbedding   *image,
             guint                    picture,
             GError                 **error)
{
  const UnclipEmbedding loosened = {
    .kind = UNCLIP_EMBEDDING_LOOSEN,
    .base = image,
    .amount = looseness,
    .seed = (guint64) options->seed,
    .picture = picture,
  };

  return cli_new_recipe (stages, options, looseness != 0 ? &loosened : image, picture, error);
}

static gboolean
add_variations (UnclipEvaluator         *evaluator,
                UnclipStages            *stages,
                const CliPictureOptions *options,
                double                   looseness,
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
      UnclipRecipe    *recipe = make_recipe (stages, options, looseness, &embedding, (guint) i, error);

      if (recipe == NULL)
        return FALSE;
      cli_jobs_add (jobs, recipe, unclip_file_dup_stem (name, "vary", (guint64) options->seed), g_strdup (name));
    }
  return TRUE;
}

static int
run (Cli *cli, const CliPictureOptions *options, double looseness, int n_paths, char **paths)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       jobs = cli_jobs_new ();
  g_autoptr (GPtrArray)       sources = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  g_autoptr (GPtrArray)       pictures = cli_list_pictures (paths, (guint) n_paths, &error);
  g_autoptr (UnclipStages)    stages = pictures != NULL ? cli_open_stages (cli, &error) : NULL;
  g_autoptr (UnclipEvaluator) evaluator = NULL;

  if (stages == NULL)
    return cli_fail (cli, error);
  evaluator = unclip_evaluator_new (stages);
  for (guint i = 0; i < pictures->len; i++)
    if (!add_variations (evaluator, stages, options, looseness, g_ptr_array_index (pictures, i), jobs, sources, &error))
      return cli_fail (cli, error);
  return cli_run_jobs (cli, evaluator, stages, options, jobs, sources);
}

/* Turns --how-far into the two options that it stands for. */
static gboolean
apply_how_far (Cli *cli, double how_far, double *looseness, CliPictureOptions *options)
{
  if (how_far == CLI_NOT_GIVEN)
    return TRUE;
  if (!(how_far >= 0 && how_far <= 100))
    cli_usage_error (cli, "--how-far is %g, but must be 0 … 100", how_far);
  else if (*looseness != CLI_NOT_GIVEN || options->eta != CLI_NOT_GIVEN)
    cli_usage_error (cli, "--how-far stands for --loosen and --eta: either it or these");
  else if (options->sampler != NULL && !g_str_equal (options->sampler, "ddim"))
    cli_usage_error (cli, "--how-far moves the noise of ddim: leave out --sampler %s", options->sampler);
  else
    {
      options->default_sampler = "ddim";
      unclip_how_far_get (how_far, looseness, &options->eta);
      return TRUE;
    }
  return FALSE;
}

int
verb_vary (Cli *cli, int argc, char **argv)
{
  CliPictureOptions        options;
  double                   looseness = CLI_NOT_GIVEN, how_far = CLI_NOT_GIVEN;
  g_autofree GOptionEntry *entries = NULL;
  int                      status;
  GOptionEntry             vary_entries[] = {
    { "loosen", 0, 0, G_OPTION_ARG_DOUBLE, &looseness, "Noise on the embedding, 0 … 1 deviations (default 0)", "A" },
    { "how-far", 0, 0, G_OPTION_ARG_DOUBLE, &how_far, "Both --eta and --loosen in even steps, 0 … 100; 35 is a plain variation", "P" },
    { NULL },
  };

  cli_picture_options_init (&options);
  entries = cli_picture_options_list (&options);
  if (cli_parse (cli, "vary", "PICTURE|FOLDER…", entries, vary_entries, 1, -1, &argc, &argv, &status))
    {
      status = CLI_USAGE;
      if (apply_how_far (cli, how_far, &looseness, &options) && cli_picture_options_check (cli, &options, &status))
        {
          if (looseness == CLI_NOT_GIVEN)
            looseness = 0;
          /* Nothing would vary: it is the source. */
          if (options.lock && options.eta <= 0 && looseness == 0 && options.layout_detail == 0)
            options.n = 1;
          status = run (cli, &options, looseness, argc - 1, argv + 1);
        }
    }
  cli_picture_options_clear (&options);
  return status;
}
