/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip diff: a picture's embedding turned by the difference of two captions, once or along a strip of amounts. */

#include "config.h"

#include "cli-pictures.h"
#include "cli-sources.h"
#include "unclip-file.h"

#include <math.h>

/* Where the paper's examples lie. */
#define DEFAULT_AMOUNT 0.25

#define MAX_FRAMES 101

typedef struct
{
  char    *from;                /* "" for none */
  char    *to;
  double   amount;              /* CLI_NOT_GIVEN, or whatever was */
  char    *strip;               /* FIRST:LAST:COUNT, or NULL */

  double   first, last;         /* of the strip */
  guint    n_frames;            /* 1 without a strip */
} DiffOptions;

static gboolean
parse_number (const char *text, double *number)
{
  char *end;

  *number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*number);
}

static gboolean
parse_strip (DiffOptions *diff)
{
  g_auto (GStrv) words = g_strsplit (diff->strip, ":", -1);
  double         count;

  if (g_strv_length (words) != 3 || !parse_number (words[0], &diff->first) || !parse_number (words[1], &diff->last)
      || !parse_number (words[2], &count) || count < 2 || count > MAX_FRAMES || count != floor (count))
    return FALSE;
  diff->n_frames = (guint) count;
  return TRUE;
}

static gboolean
check (Cli *cli, DiffOptions *diff, const CliPictureOptions *options)
{
  diff->n_frames = 1;
  if (diff->to == NULL && diff->from == NULL)
    cli_usage_error (cli, "--to is missing: the caption to turn the picture towards");
  else if (diff->strip != NULL && diff->amount != CLI_NOT_GIVEN)
    cli_usage_error (cli, "either --amount or --strip, not both");
  else if (diff->strip != NULL && !parse_strip (diff))
    cli_usage_error (cli, "--strip is “%s”, but must be FIRST:LAST:COUNT, such as 0:0.5:7, with 2 … %d frames", diff->strip, MAX_FRAMES);
  else if (diff->strip != NULL && options->n != 1)
    cli_usage_error (cli, "the frames of a strip share their noise, so there is no -n with --strip");
  else if (diff->strip == NULL && options->film)
    cli_usage_error (cli, "--animate needs a --strip");
  else
    {
      if (diff->strip == NULL)
        diff->first = diff->last = diff->amount == CLI_NOT_GIVEN ? DEFAULT_AMOUNT : diff->amount;
      return TRUE;
    }
  return FALSE;
}

static gboolean
add_pictures (UnclipStages            *stages,
              const CliPictureOptions *options,
              const DiffOptions       *diff,
              const char              *name,
              const UnclipEmbedding   *base,
              GPtrArray               *jobs,
              GError                 **error)
{
  guint n = diff->n_frames > 1 ? diff->n_frames : (guint) options->n;

  for (guint i = 0; i < n; i++)
    {
      double          amount = diff->first + (diff->last - diff->first) * i / MAX (diff->n_frames - 1, 1);
      UnclipEmbedding embedding = {
        .kind = UNCLIP_EMBEDDING_DIFF,
        .base = base,
        .from = diff->from,
        .to = diff->to,
        /* Whole hundred-millionths, so that 0.1 is 0.1 in the recipe. */
        .amount = diff->n_frames > 1 ? round (amount * 1e8) / 1e8 : diff->first,
      };
      g_autofree char *title = g_strdup_printf ("%s%s%s → %s", name, diff->from[0] != '\0' ? ": " : "", diff->from, diff->to);
      UnclipRecipe    *recipe = cli_new_recipe (stages, options, &embedding, diff->n_frames > 1 ? 0 : i, error);

      if (recipe == NULL)
        return FALSE;
      cli_jobs_add_labelled (jobs, recipe, unclip_file_dup_stem (name, "diff", (guint64) options->seed), g_steal_pointer (&title),
                             g_strdup_printf ("%+.3g", embedding.amount));
    }
  return TRUE;
}

static gboolean
add_source (UnclipEvaluator         *evaluator,
            UnclipStages            *stages,
            const CliPictureOptions *options,
            const DiffOptions       *diff,
            const char              *path,
            GPtrArray               *jobs,
            GPtrArray               *sources,
            GError                 **error)
{
  g_autofree char *name = unclip_file_dup_name (path);
  UnclipEmbedding  base = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = cli_load_source (evaluator, path, sources, error) };

  return base.source != NULL && add_pictures (stages, options, diff, name, &base, jobs, error);
}

static int
run (Cli *cli, const CliPictureOptions *options, const DiffOptions *diff, int n_paths, char **paths)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       jobs = cli_jobs_new ();
  g_autoptr (GPtrArray)       sources = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  g_autoptr (GPtrArray)       pictures = cli_list_pictures (paths, (guint) n_paths, &error);
  g_autoptr (UnclipStages)    stages = NULL;
  g_autoptr (UnclipEvaluator) evaluator = NULL;

  if (pictures != NULL && pictures->len > 1 && options->film)
    return cli_usage_error (cli, "--animate is for one picture, but there are %u", pictures->len);
  stages = pictures != NULL ? cli_open_stages (cli, &error) : NULL;
  if (stages == NULL || !cli_warn_of_long_caption (cli, stages, diff->from, &error)
      || !cli_warn_of_long_caption (cli, stages, diff->to, &error))
    return cli_fail (cli, error);
  evaluator = unclip_evaluator_new (stages);
  for (guint i = 0; i < pictures->len; i++)
    if (!add_source (evaluator, stages, options, diff, g_ptr_array_index (pictures, i), jobs, sources, &error))
      return cli_fail (cli, error);
  return cli_run_jobs (cli, evaluator, stages, options, jobs, sources);
}

int
verb_diff (Cli *cli, int argc, char **argv)
{
  CliPictureOptions        options;
  DiffOptions              diff = { .amount = CLI_NOT_GIVEN };
  g_autofree GOptionEntry *entries = NULL;
  int                      status;
  GOptionEntry             diff_entries[] = {
    { "from", 0, 0, G_OPTION_ARG_STRING, &diff.from, "What the picture shows (default: a photo)", "CAPTION" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &diff.to, "What it shall become", "CAPTION" },
    { "amount", 0, 0, G_OPTION_ARG_DOUBLE, &diff.amount, "How far to turn, −1 … 1 (default 0.25); negative turns away", "A" },
    { "strip", 0, 0, G_OPTION_ARG_STRING, &diff.strip, "A film strip of amounts", "FIRST:LAST:COUNT" },
    { "animate", 0, 0, G_OPTION_ARG_NONE, &options.film, "Also save the strip as an animated PNG", NULL },
    { NULL },
  };

  cli_picture_options_init (&options);
  options.n = 1;
  options.default_sampler = "ddim";
  entries = cli_picture_options_list (&options);
  if (cli_parse (cli, "diff", "PICTURE|FOLDER…", entries, diff_entries, 1, -1, &argc, &argv, &status))
    {
      status = CLI_USAGE;
      if (check (cli, &diff, &options) && cli_picture_options_check (cli, &options, &status))
        {
          if (diff.from == NULL)
            diff.from = g_strdup ("");
          if (diff.to == NULL)
            diff.to = g_strdup ("");
          status = run (cli, &options, &diff, argc - 1, argv + 1);
        }
    }
  g_free (diff.from);
  g_free (diff.to);
  g_free (diff.strip);
  cli_picture_options_clear (&options);
  return status;
}
