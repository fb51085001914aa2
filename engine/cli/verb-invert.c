/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip invert: a picture as the noise that the decoder makes it of, and how near it comes back. */

#include "config.h"

#include "cli-lock.h"
#include "cli-pictures.h"
#include "cli-sources.h"
#include "unclip-file.h"
#include "unclip-image-file.h"
#include "unclip-safetensors.h"

#include <string.h>

/* How many times differences are enlarged to be seen. */
#define DIFFERENCE_GAIN 8

#define DEFAULT_ROUNDS 5
#define DEFAULT_TOLERANCE 1e-4

static const char *const method_names[] = { "ddim", "fixed-point", "exact", NULL };

typedef struct
{
  char                  *method;
  int                    rounds;
  double                 tolerance;
  int                    first_timestep;
  UnclipInversionMethod  kind;
} InvertOptions;

typedef struct
{
  Cli             *cli;
  UnclipEvaluator *evaluator;
  UnclipStages    *stages;
  UnclipMeter      worst;       /* of the figures so far */
} Inversions;

static gboolean
check (Cli *cli, InvertOptions *invert, const CliPictureOptions *options)
{
  const char *method = invert->method != NULL ? invert->method : "exact";

  while (method_names[invert->kind] != NULL && !g_str_equal (method, method_names[invert->kind]))
    invert->kind++;
  if (method_names[invert->kind] == NULL)
    cli_usage_error (cli, "--method is “%s”, but must be ddim, fixed-point or exact", method);
  else if (options->sampler != NULL || options->lock || options->eta != CLI_NOT_GIVEN || options->quality != NULL)
    cli_usage_error (cli, "the method decides --sampler, --eta, --lock and --quality here");
  else if (options->n != 1 || options->previews != NULL || options->caption != NULL)
    cli_usage_error (cli, "there is one picture of each source, without -n and --previews");
  else if (invert->rounds < 1 || invert->rounds > UNCLIP_RECIPE_MAX_ROUNDS)
    cli_usage_error (cli, "--rounds is %d, but must be 1 … %d", invert->rounds, UNCLIP_RECIPE_MAX_ROUNDS);
  else if (!(invert->tolerance >= 0 && invert->tolerance <= 1))
    cli_usage_error (cli, "--tolerance is %g, but must be 0 … 1", invert->tolerance);
  else if (invert->first_timestep < 0 || invert->first_timestep > UNCLIP_RECIPE_MAX_TIMESTEP)
    cli_usage_error (cli, "--first-timestep is %d, but must be 0 … %d", invert->first_timestep, UNCLIP_RECIPE_MAX_TIMESTEP);
  else
    return TRUE;
  return FALSE;
}

static UnclipRecipe *
new_recipe (UnclipStages *stages, const CliPictureOptions *options, const InvertOptions *invert, const char *source, GError **error)
{
  UnclipModelFolder *folder = unclip_model_get_folder (unclip_stages_get_model (stages));
  guint              steps = options->steps == CLI_NOT_GIVEN ? CLI_LOCK_STEPS : (guint) options->steps;
  guint              upsampler_steps = options->upsampler_steps == CLI_NOT_GIVEN ? 0 : (guint) options->upsampler_steps;
  double             guidance = options->guidance == CLI_NOT_GIVEN ? 1 : options->guidance;
  guint              first_timestep = (guint) invert->first_timestep;
  UnclipRecipeParams params = {
    .embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = source },
    .noise = { .kind = UNCLIP_NOISE_INVERT, .source = source, .method = invert->kind, .n_steps = steps,
               .n_rounds = (guint) invert->rounds, .tolerance = invert->tolerance, .guidance = guidance,
               .first_timestep = first_timestep },
    .has_step_noise = TRUE,
    .step_noise = { (guint64) options->seed, 0 },
    .sampler = { .kind = invert->kind == UNCLIP_INVERSION_EXACT ? UNCLIP_RECIPE_EXACT : UNCLIP_RECIPE_DDIM, .n_steps = steps,
                 .guidance = guidance, .n_upsampler_steps = upsampler_steps, .first_timestep = first_timestep },
    .model_name = unclip_model_folder_get_name (folder),
    .model_sha256 = unclip_model_folder_get_sha256 (folder, error),
  };
  UnclipRecipe *recipe;

  if (params.model_sha256 == NULL)
    return NULL;
  recipe = unclip_recipe_new (&params, error);
  if (recipe == NULL && error != NULL && g_error_matches (*error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE))
    (*error)->code = UNCLIP_ERROR_ARGUMENT;
  return recipe;
}

/* Beside the picture, with its name and number. */
static char *
dup_path_beside (const char *path, const char *ending)
{
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".png"));

  return g_strconcat (stem, ending, NULL);
}

static gboolean
save_noise (const UnclipInverted *inverted, int height, int width, const char *path, GError **error)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autofree char                    *name = dup_path_beside (path, ".safetensors");
  const gint64                        dims[] = { height, width, 3 };

  unclip_safetensors_writer_add (writer, "start", UNCLIP_DTYPE_F32, 3, dims, inverted->start);
  if (inverted->start_history != NULL)
    {
      unclip_safetensors_writer_add (writer, "start_history", UNCLIP_DTYPE_F32, 3, dims, inverted->start_history);
      unclip_safetensors_writer_add (writer, "end_history", UNCLIP_DTYPE_F32, 3, dims, inverted->end_history);
    }
  return unclip_safetensors_writer_save (writer, name, error);
}

/* Grey where nothing differs. */
static UnclipImage *
new_difference (UnclipImage *source, UnclipImage *image)
{
  const guint8 *p = unclip_image_get_pixels (image), *q = unclip_image_get_pixels (source);
  gsize         n = unclip_image_get_n_bytes (image);
  guint8       *levels = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    levels[i] = (guint8) CLAMP (128 + DIFFERENCE_GAIN * (p[i] - q[i]), 0, 255);
  return unclip_image_new_take (unclip_image_get_width (image), unclip_image_get_height (image), levels);
}

static gboolean
on_finished (UnclipRecipe *recipe, UnclipImage *image, const char *path, const UnclipMeter *meter, gpointer user_data, GError **error)
{
  Inversions             *inversions = user_data;
  UnclipModel            *model = unclip_stages_get_model (inversions->stages);
  g_autoptr (UnclipImage) source = NULL;
  g_autoptr (UnclipImage) difference = NULL;
  g_autofree char        *name = dup_path_beside (path, "-difference.png");
  int                     height, width;

  if (!unclip_model_get_decoder_size (model, &height, &width, error)
      || !save_noise (unclip_evaluator_get_inverted (inversions->evaluator, recipe), height, width, path, error))
    return FALSE;
  source = unclip_evaluator_dup_source (inversions->evaluator, recipe, unclip_image_get_height (image), unclip_image_get_width (image), error);
  if (source == NULL)
    return FALSE;
  difference = new_difference (source, image);
  if (!unclip_image_save_png (difference, name, NULL, 0, error))
    return FALSE;
  if (!inversions->cli->json)
    g_print ("%.2f dB, %u of 255 at most, %.3f° in CLIP\n", meter->psnr_db, meter->max_difference, meter->clip_degrees);
  inversions->worst.psnr_db = MIN (inversions->worst.psnr_db, meter->psnr_db);
  inversions->worst.max_difference = MAX (inversions->worst.max_difference, meter->max_difference);
  inversions->worst.clip_degrees = MAX (inversions->worst.clip_degrees, meter->clip_degrees);
  return TRUE;
}

static void
add_figures (JsonBuilder *done, gpointer user_data)
{
  cli_add_meter (done, &((Inversions *) user_data)->worst);
}

static int
run (Cli *cli, CliPictureOptions *options, const InvertOptions *invert, int n_places, char **places)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       jobs = cli_jobs_new ();
  g_autoptr (GPtrArray)       sources = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  g_autoptr (GPtrArray)       paths = cli_list_pictures (places, (guint) n_places, &error);
  g_autoptr (UnclipStages)    stages = paths != NULL ? cli_open_stages (cli, &error) : NULL;
  g_autoptr (UnclipEvaluator) evaluator = NULL;
  Inversions                  inversions = { .cli = cli, .stages = stages, .worst = { .psnr_db = UNCLIP_METER_MAX_PSNR } };

  if (stages == NULL)
    return cli_fail (cli, error);
  inversions.evaluator = evaluator = unclip_evaluator_new (stages);
  for (guint i = 0; i < paths->len; i++)
    {
      const char      *path = g_ptr_array_index (paths, i);
      const char      *source = cli_load_source (evaluator, path, sources, &error);
      UnclipRecipe    *recipe = source != NULL ? new_recipe (stages, options, invert, source, &error) : NULL;
      g_autofree char *name = unclip_file_dup_name (path);

      if (recipe == NULL)
        return cli_fail (cli, error);
      cli_jobs_add (jobs, recipe, unclip_file_dup_stem (name, "invert", (guint64) options->seed), g_strdup (name));
    }
  options->finished = on_finished;
  options->add_figures = add_figures;
  options->user_data = &inversions;
  return cli_run_jobs (cli, evaluator, stages, options, jobs, sources);
}

int
verb_invert (Cli *cli, int argc, char **argv)
{
  CliPictureOptions        options;
  InvertOptions            invert = { .rounds = DEFAULT_ROUNDS, .tolerance = DEFAULT_TOLERANCE, .first_timestep = CLI_LOCK_FIRST_TIMESTEP };
  g_autofree GOptionEntry *entries = NULL;
  int                      status;
  GOptionEntry             invert_entries[] = {
    { "method", 0, 0, G_OPTION_ARG_STRING, &invert.method, "ddim, fixed-point or exact (default)", "NAME" },
    { "rounds", 0, 0, G_OPTION_ARG_INT, &invert.rounds, "With fixed-point: the most rounds at a step (default 5)", "N" },
    { "tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &invert.tolerance, "With fixed-point: rounds end when nothing moves farther (default 1e-4)", "T" },
    { "first-timestep", 0, 0, G_OPTION_ARG_INT, &invert.first_timestep, "Timestep that the picture stands for (default 20)", "T" },
    { NULL },
  };

  cli_picture_options_init (&options);
  options.n = 1;
  options.seed = 0;
  entries = cli_picture_options_list (&options);
  if (cli_parse (cli, "invert", "PICTURE|FOLDER…", entries, invert_entries, 1, -1, &argc, &argv, &status))
    {
      status = CLI_USAGE;
      if (check (cli, &invert, &options) && cli_picture_options_check (cli, &options, &status))
        status = run (cli, &options, &invert, argc - 1, argv + 1);
    }
  g_free (invert.method);
  cli_picture_options_clear (&options);
  return status;
}
