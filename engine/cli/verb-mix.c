/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip mix: the mean of several pictures' and captions' embeddings, by weights, by a place on the pad, or all over it. */

#include "config.h"

#include "cli-pictures.h"
#include "unclip-file.h"
#include "unclip-mix.h"
#include "unclip-pad.h"

#include <math.h>

#define MIN_GRID 2
#define MAX_GRID 15

typedef struct
{
  char   **captions;            /* NULL for none */
  char    *weights;             /* W,W,…, or NULL */
  char    *pad;                 /* X,Y, or NULL */
  int      grid;                /* CLI_NOT_GIVEN: none */
  int      lock_on;             /* CLI_NOT_GIVEN: all, if any */
  char    *blend;
  guint    n_parts;
  double   values[UNCLIP_MIX_MAX_PARTS];        /* weights, or x and y */
} MixOptions;

/* Numbers with commas between them; FALSE if they are not n. */
static gboolean
parse_numbers (const char *text, guint n, double *numbers)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  if (g_strv_length (words) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      char *end;

      numbers[i] = g_ascii_strtod (words[i], &end);
      if (end == words[i] || *end != '\0' || !isfinite (numbers[i]))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_place (Cli *cli, MixOptions *mix)
{
  if (mix->n_parts < 2 || mix->n_parts > UNCLIP_PAD_MAX_CORNERS)
    cli_usage_error (cli, "the pad has 2 … %d corners, but %u pictures and captions were given", UNCLIP_PAD_MAX_CORNERS, mix->n_parts);
  else if (mix->pad != NULL && !parse_numbers (mix->pad, 2, mix->values))
    cli_usage_error (cli, "--pad is “%s”, but must be X,Y, such as 0.5,0.5", mix->pad);
  else if (mix->pad != NULL
           && (MIN (mix->values[0], mix->values[1]) < UNCLIP_PAD_MINIMUM || MAX (mix->values[0], mix->values[1]) > UNCLIP_PAD_MAXIMUM))
    cli_usage_error (cli, "--pad is “%s”, but the pad reaches from %g to %g", mix->pad, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check (Cli *cli, MixOptions *mix, guint n_pictures, const CliPictureOptions *options)
{
  g_autoptr (GError) error = NULL;

  mix->n_parts = n_pictures + (mix->captions != NULL ? g_strv_length (mix->captions) : 0);
  if (mix->n_parts < 1 || mix->n_parts > UNCLIP_MIX_MAX_PARTS)
    cli_usage_error (cli, "a mix has 1 … %d pictures and captions, but %u were given", UNCLIP_MIX_MAX_PARTS, mix->n_parts);
  else if ((mix->weights != NULL) + (mix->pad != NULL) + (mix->grid != CLI_NOT_GIVEN) > 1)
    cli_usage_error (cli, "only one of --weights, --pad and --grid");
  else if (cli_is_outside (mix->lock_on, 1, n_pictures))
    cli_usage_error (cli, "--lock-on is %d, but must be the number of a picture, 1 … %u", mix->lock_on, n_pictures);
  else if (mix->blend != NULL && !g_str_equal (mix->blend, "spherical") && !g_str_equal (mix->blend, "straight"))
    cli_usage_error (cli, "--blend is “%s”, but must be spherical or straight", mix->blend);
  else if (cli_is_outside (mix->grid, MIN_GRID, MAX_GRID))
    cli_usage_error (cli, "--grid is %d, but must be %d … %d", mix->grid, MIN_GRID, MAX_GRID);
  else if (mix->grid != CLI_NOT_GIVEN && options->n != 1)
    cli_usage_error (cli, "the pictures of a grid share their noise, so there is no -n with --grid");
  else if (mix->grid == CLI_NOT_GIVEN && options->film)
    cli_usage_error (cli, "--animate needs a --grid of two pictures");
  else if (mix->grid != CLI_NOT_GIVEN && options->film && mix->n_parts != 2)
    cli_usage_error (cli, "--animate needs two pictures, not %u", mix->n_parts);
  else if (mix->weights != NULL && !parse_numbers (mix->weights, mix->n_parts, mix->values))
    cli_usage_error (cli, "--weights is “%s”, but must be %u numbers with commas between them", mix->weights, mix->n_parts);
  else if (mix->weights != NULL && !unclip_mix_check_weights (mix->values, mix->n_parts, &error))
    cli_usage_error (cli, "--weights is “%s”: %s", mix->weights, error->message);
  else
    return (mix->pad == NULL && mix->grid == CLI_NOT_GIVEN) || check_place (cli, mix);
  return FALSE;
}

/* Pictures first, then captions; what they are called joined by "+". */
static char *
dup_name (const MixOptions *mix, guint n_pictures, char **paths)
{
  g_autoptr (GString) name = g_string_new (NULL);

  for (guint i = 0; i < mix->n_parts; i++)
    {
      g_autofree char *part = i < n_pictures ? unclip_file_dup_name (paths[i]) : g_strdup (mix->captions[i - n_pictures]);

      g_string_append_printf (name, "%s%s", i > 0 ? "+" : "", part);
    }
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* In percent of their sum: "50 : 30 : 20". */
static char *
dup_label (const UnclipMixPart *parts, guint n)
{
  g_autoptr (GString) label = g_string_new (NULL);
  double              sum = 0;

  for (guint i = 0; i < n; i++)
    sum += parts[i].weight;
  for (guint i = 0; i < n; i++)
    g_string_append_printf (label, "%s%.0f", i > 0 ? " : " : "", 100 * parts[i].weight / sum);
  return g_string_free (g_steal_pointer (&label), FALSE);
}

typedef struct
{
  UnclipStages            *stages;
  const CliPictureOptions *options;
  const MixOptions        *mix;
  const char              *name;
  UnclipEmbedding          embeddings[UNCLIP_MIX_MAX_PARTS];
  GPtrArray               *jobs;
} Mix;

static gboolean
add_picture (Mix *mix, const double *weights, guint picture, GError **error)
{
  UnclipMixPart   parts[UNCLIP_MIX_MAX_PARTS];
  UnclipEmbedding embedding = {
    .kind = UNCLIP_EMBEDDING_MIX,
    .blend = g_strcmp0 (mix->mix->blend, "straight") == 0 ? UNCLIP_BLEND_STRAIGHT : UNCLIP_BLEND_SPHERICAL,
    .parts = parts,
    .n_parts = mix->mix->n_parts,
  };
  UnclipRecipe *recipe;

  for (guint i = 0; i < embedding.n_parts; i++)
    parts[i] = (UnclipMixPart){ &mix->embeddings[i], weights[i] };
  recipe = cli_new_recipe (mix->stages, mix->options, &embedding, picture, error);
  if (recipe == NULL)
    return FALSE;
  cli_jobs_add_labelled (mix->jobs, recipe, unclip_file_dup_stem (mix->name, "mix", (guint64) mix->options->seed), g_strdup (mix->name),
                         dup_label (parts, embedding.n_parts));
  return TRUE;
}

/* A triangle does not fill the grid: what lies beyond its edges is moved onto them, where no weight is negative. */
static void
get_grid_weights (guint n_parts, double x, double y, double *weights)
{
  unclip_pad_get_weights (n_parts, x, y, weights);
  for (guint i = 0; i < n_parts; i++)
    weights[i] = MAX (weights[i], 0);
}

/* Row by row; of two parts, which lie on a line, one row. */
static gboolean
add_grid (Mix *mix, GError **error)
{
  guint n = (guint) mix->mix->grid;
  guint n_rows = mix->mix->n_parts == 2 ? 1 : n;

  for (guint row = 0; row < n_rows; row++)
    for (guint column = 0; column < n; column++)
      {
        double weights[UNCLIP_PAD_MAX_CORNERS];

        get_grid_weights (mix->mix->n_parts, column / (n - 1.0), row / (n - 1.0), weights);
        if (!add_picture (mix, weights, 0, error))
          return FALSE;
      }
  return TRUE;
}

static gboolean
add_pictures (Mix *mix, GError **error)
{
  double weights[UNCLIP_MIX_MAX_PARTS];

  if (mix->mix->grid != CLI_NOT_GIVEN)
    return add_grid (mix, error);
  for (guint i = 0; i < mix->mix->n_parts; i++)
    weights[i] = mix->mix->weights != NULL ? mix->mix->values[i] : 1;
  if (mix->mix->pad != NULL)
    unclip_pad_get_weights (mix->mix->n_parts, mix->mix->values[0], mix->mix->values[1], weights);
  for (int i = 0; i < mix->options->n; i++)
    if (!add_picture (mix, weights, (guint) i, error))
      return FALSE;
  return TRUE;
}

static int
run (Cli *cli, const CliPictureOptions *options, const CliPriorOptions *prior, const MixOptions *mix_options, guint n_pictures, char **paths)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       jobs = cli_jobs_new ();
  g_autoptr (GPtrArray)       sources = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  g_autoptr (UnclipStages)    stages = cli_open_stages (cli, &error);
  g_autoptr (UnclipEvaluator) evaluator = NULL;
  g_autofree char            *name = dup_name (mix_options, n_pictures, paths);
  Mix                         mix = { .stages = stages, .options = options, .mix = mix_options, .name = name, .jobs = jobs };

  if (stages == NULL)
    return cli_fail (cli, error);
  evaluator = unclip_evaluator_new (stages);
  for (guint i = 0; i < mix_options->n_parts; i++)
    if (i < n_pictures)
      {
        mix.embeddings[i].source = cli_load_source (evaluator, paths[i], sources, &error);
        if (mix.embeddings[i].source == NULL)
          return cli_fail (cli, error);
      }
    else if (!cli_get_caption_embedding (cli, stages, prior, mix_options->captions[i - n_pictures], (guint64) options->seed,
                                         &mix.embeddings[i], &error))
      return cli_fail (cli, error);
  if (!add_pictures (&mix, &error))
    return cli_fail (cli, error);
  return cli_run_jobs (cli, evaluator, stages, options, jobs, sources);
}

int
verb_mix (Cli *cli, int argc, char **argv)
{
  CliPictureOptions        options;
  CliPriorOptions          prior;
  MixOptions               mix = { .grid = CLI_NOT_GIVEN, .lock_on = CLI_NOT_GIVEN };
  g_autofree GOptionEntry *entries = NULL;
  g_autofree GOptionEntry *more_entries = NULL;
  int                      status;
  GOptionEntry             mix_entries[] = {
    { "caption", 0, 0, G_OPTION_ARG_STRING_ARRAY, &mix.captions, "A caption to mix in; may be given several times", "CAPTION" },
    { "weights", 0, 0, G_OPTION_ARG_STRING, &mix.weights, "Weights of pictures, then captions (default: all alike)", "W,W,…" },
    { "pad", 0, 0, G_OPTION_ARG_STRING, &mix.pad, "A place among 2 … 4 corners: 0,0 is the first, 1,0 the second", "X,Y" },
    { "grid", 0, 0, G_OPTION_ARG_INT, &mix.grid, "The whole pad in N × N pictures, and a contact sheet of it", "N" },
    { "blend", 0, 0, G_OPTION_ARG_STRING, &mix.blend, "spherical (default) or straight", "NAME" },
    { "lock-on", 0, 0, G_OPTION_ARG_INT, &mix.lock_on, "Lock on the noise of picture N alone (--lock: of all, by weight)", "N" },
    { "animate", 0, 0, G_OPTION_ARG_NONE, &options.film, "Of two pictures' grid: also an animated PNG", NULL },
    { NULL },
  };

  cli_picture_options_init (&options);
  options.n = 1;
  options.default_sampler = "ddim";
  entries = cli_picture_options_list (&options);
  more_entries = cli_prior_options_list (&prior, mix_entries);
  if (cli_parse (cli, "mix", "PICTURE…", entries, more_entries, 0, -1, &argc, &argv, &status))
    {
      status = CLI_USAGE;
      if (check (cli, &mix, (guint) argc - 1, &options) && cli_prior_options_check (cli, &prior)
          && cli_picture_options_check (cli, &options, &status))
        {
          if (mix.lock_on != CLI_NOT_GIVEN)
            {
              options.lock = TRUE;
              options.lock_on = mix.lock_on;
            }
          if (mix.grid != CLI_NOT_GIVEN)
            {
              options.sheet = TRUE;
              options.n_columns = (guint) mix.grid;
            }
          status = run (cli, &options, &prior, &mix, (guint) argc - 1, argv + 1);
        }
    }
  g_strfreev (mix.captions);
  g_free (mix.weights);
  g_free (mix.pad);
  g_free (mix.blend);
  cli_picture_options_clear (&options);
  return status;
}
