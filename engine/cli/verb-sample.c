/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip sample: a whole pipeline with every noise draw given, to be held against the same run elsewhere.
 *
 * Captions go the way of diffusers' UnCLIPPipeline (prior, decoder, upsampler), pictures that of
 * UnCLIPImageVariationPipeline; with more than one an item, the order is a a b b. Results are PNGs and one safetensors
 * file of image_embeddings (N, E), decoder_image (N, 3, h, w) in −1 … 1 and image (N, 3, H, W) in 0 … 1.
 */

#include "config.h"

#include "cli.h"
#include "unclip-image-file.h"
#include "unclip-recipe.h"
#include "unclip-stored-noise.h"

#include <glib/gstdio.h>
#include <errno.h>

#define MAX_ITEMS 1024

typedef struct
{
  char  *noise;
  char **captions;
  char **pictures;
  int    images_per_prompt;
  int    prior_steps;           /* CLI_NOT_GIVEN: the model's, as all below */
  int    steps;
  int    upsampler_steps;
  double prior_guidance;
  double guidance;
  char  *folder;
  char  *results;
} SampleOptions;

/* One run in the making. */
typedef struct
{
  Cli                      *cli;
  UnclipStages             *stages;
  UnclipSafetensors        *noise;
  int                       n_sources;
  int                       n;                  /* pictures */
  guint                     prior_steps, steps, upsampler_steps;
  float                     prior_guidance, guidance;
  int                       n_embed;
  int                       low_height, low_width;
  int                       height, width;
  UnclipCaptionCode        *empty;
  GPtrArray                *codes;              /* UnclipCaptionCode, one a caption */
  const UnclipCaptionCode **captions;           /* n of them, borrowed from codes, or all empty */
  float                    *embeddings;         /* n × E */
  float                    *low;                /* n × h × w × 3 */
  float                    *image;              /* n × H × W × 3 */
} Run;

static void
run_clear (Run *run)
{
  unclip_caption_code_free (run->empty);
  g_clear_pointer (&run->codes, g_ptr_array_unref);
  g_free (run->captions);
  g_free (run->embeddings);
  g_free (run->low);
  g_free (run->image);
  unclip_safetensors_unref (run->noise);
  unclip_stages_free (run->stages);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
on_progress (const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  Run   *run = user_data;
  guint  n_prior = run->codes->len > 0 ? run->prior_steps : 0;
  guint  before = 0;

  if (g_str_equal (stage, "decoder"))
    before = n_prior;
  else if (g_str_equal (stage, "upsampler"))
    before = n_prior + run->steps;
  cli_progress (run->cli, stage, n_done, n_steps, (double) (before + n_done) / (n_prior + run->steps + run->upsampler_steps));
}

static UnclipWatch
get_watch (Run *run)
{
  return (UnclipWatch){ .progress = on_progress, .user_data = run, .cancellable = run->cli->cancellable };
}

static gboolean
check_noise (Run *run, gboolean has_prior, GError **error)
{
  return (!has_prior || unclip_stored_noise_check (run->noise, UNCLIP_RNG_PRIOR, run->n, run->prior_steps, (gsize) run->n_embed, error))
         && unclip_stored_noise_check (run->noise, UNCLIP_RNG_DECODER, run->n, run->steps, (gsize) (run->low_height * run->low_width * 3), error)
         && unclip_stored_noise_check (run->noise, UNCLIP_RNG_SUPER_RES, run->n, run->upsampler_steps,
                                       (gsize) (run->height * run->width * 3), error);
}

/* Embeddings of captions, through the prior. */
static gboolean
embed_captions (Run *run, char **captions, GError **error)
{
  UnclipWatch    watch = get_watch (run);
  UnclipPriorRun prior = {
    .n = run->n,
    .captions = run->captions,
    .empty = run->empty,
    .n_steps = run->prior_steps,
    .guidance = run->prior_guidance,
    .noise = { unclip_stored_noise_draw, run->noise },
  };

  for (int i = 0; i < run->n_sources; i++)
    {
      UnclipCaptionCode *code = unclip_stages_encode_caption (run->stages, captions[i], run->cli->cancellable, error);

      if (code == NULL)
        return FALSE;
      g_ptr_array_add (run->codes, code);
    }
  for (int i = 0; i < run->n; i++)
    run->captions[i] = g_ptr_array_index (run->codes, i / (run->n / run->n_sources));
  return unclip_stages_run_prior (run->stages, &prior, &watch, run->embeddings, error);
}

/* Embeddings of pictures, through the vision tower. */
static gboolean
embed_pictures (Run *run, char **paths, GError **error)
{
  int n_each = run->n / run->n_sources;

  for (int i = 0; i < run->n; i++)
    {
      float                  *out = run->embeddings + i * run->n_embed;
      g_autoptr (UnclipImage) picture = NULL;

      run->captions[i] = run->empty;
      if (i % n_each != 0)
        {
          memcpy (out, out - run->n_embed, (gsize) run->n_embed * sizeof *out);
          continue;
        }
      picture = unclip_image_load (paths[i / n_each], error);
      if (picture == NULL || !unclip_stages_encode_image (run->stages, picture, out, run->cli->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_pictures (Run *run, GError **error)
{
  UnclipWatch      watch = get_watch (run);
  UnclipDecoderRun decoder = {
    .n = run->n,
    .embeddings = run->embeddings,
    .captions = run->captions,
    .empty = run->empty,
    .sampler = UNCLIP_SAMPLER_ANCESTRAL,
    .n_steps = run->steps,
    .guidance = run->guidance,
    .noise = { unclip_stored_noise_draw, run->noise },
  };
  UnclipUpsamplerRun upsampler = {
    .n = run->n,
    .low = run->low,
    .n_steps = run->upsampler_steps,
    .noise = { unclip_stored_noise_draw, run->noise },
  };

  return unclip_stages_run_decoder (run->stages, &decoder, &watch, run->low, error)
         && unclip_stages_run_upsampler (run->stages, &upsampler, &watch, run->image, error);
}

static void
add_pictures (UnclipSafetensorsWriter *writer, const char *name, const float *rgb, int n, int height, int width, gboolean to_unit)
{
  gsize             n_pixels = (gsize) height * (gsize) width;
  g_autofree float *planes = g_new (float, (gsize) n * n_pixels * 3);

  for (int item = 0; item < n; item++)
    for (gsize i = 0; i < n_pixels; i++)
      for (gsize c = 0; c < 3; c++)
        {
          float x = rgb[((gsize) item * n_pixels + i) * 3 + c];

          planes[((gsize) item * 3 + c) * n_pixels + i] = to_unit ? CLAMP (x / 2 + 0.5f, 0.0f, 1.0f) : x;
        }
  unclip_safetensors_writer_add (writer, name, UNCLIP_DTYPE_F32, 4, (gint64[]){ n, 3, height, width }, planes);
}

static gboolean
save (Run *run, const SampleOptions *options, GError **error)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autofree char                    *path = options->results != NULL ? g_strdup (options->results)
                                                                      : g_build_filename (options->folder, "results.safetensors", NULL);

  for (int i = 0; i < run->n; i++)
    {
      const float            *rgb = run->image + (gsize) i * (gsize) run->height * (gsize) run->width * 3;
      g_autoptr (UnclipImage) image = unclip_image_new_from_signed ((guint) run->width, (guint) run->height, rgb, error);
      g_autofree char        *file = image != NULL ? unclip_image_save_numbered (image, options->folder, "sample", (guint) i + 1, NULL, 0, error) : NULL;
      JsonBuilder            *event;

      if (file == NULL)
        return FALSE;
      cli_clear_progress (run->cli);
      if (!run->cli->json)
        g_print ("%s\n", file);
      event = cli_begin_event ("picture");
      cli_add_string (event, "path", file);
      cli_end_event (run->cli, event);
    }
  unclip_safetensors_writer_add (writer, "image_embeddings", UNCLIP_DTYPE_F32, 2, (gint64[]){ run->n, run->n_embed }, run->embeddings);
  add_pictures (writer, "decoder_image", run->low, run->n, run->low_height, run->low_width, FALSE);
  add_pictures (writer, "image", run->image, run->n, run->height, run->width, TRUE);
  if (!unclip_safetensors_writer_save (writer, path, error))
    return FALSE;
  if (!run->cli->json)
    g_print ("%s\n", path);
  return TRUE;
}

static void
choose_settings (Run *run, const SampleOptions *options)
{
  const UnclipModelDefaults *defaults = unclip_model_get_defaults (unclip_stages_get_model (run->stages));

  run->prior_steps = options->prior_steps == CLI_NOT_GIVEN ? defaults->prior_steps : (guint) options->prior_steps;
  run->steps = options->steps == CLI_NOT_GIVEN ? defaults->decoder_steps : (guint) options->steps;
  run->upsampler_steps = options->upsampler_steps == CLI_NOT_GIVEN ? defaults->upsampler_steps : (guint) options->upsampler_steps;
  run->prior_guidance = options->prior_guidance == CLI_NOT_GIVEN ? defaults->prior_guidance : (float) options->prior_guidance;
  run->guidance = options->guidance == CLI_NOT_GIVEN ? defaults->decoder_guidance : (float) options->guidance;
}

static gboolean
prepare (Run *run, GError **error)
{
  UnclipModel *model = unclip_stages_get_model (run->stages);

  run->n_embed = unclip_model_get_n_embed (model, error);
  if (run->n_embed == 0 || !unclip_model_get_decoder_size (model, &run->low_height, &run->low_width, error)
      || !unclip_model_get_picture_size (model, &run->height, &run->width, error))
    return FALSE;
  run->captions = g_new (const UnclipCaptionCode *, run->n);
  run->embeddings = g_new (float, (gsize) run->n * (gsize) run->n_embed);
  run->low = g_new (float, (gsize) run->n * (gsize) run->low_height * (gsize) run->low_width * 3);
  run->image = g_new (float, (gsize) run->n * (gsize) run->height * (gsize) run->width * 3);
  run->empty = unclip_stages_encode_caption (run->stages, "", run->cli->cancellable, error);
  return run->empty != NULL;
}

static gboolean
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0777) == 0 && g_access (path, W_OK) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "Nothing can be written to the folder “%s”: %s.", path, g_strerror (errno));
  return FALSE;
}

static int
sample (Cli *cli, const SampleOptions *options)
{
  g_auto (Run)       run = { .cli = cli, .codes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_caption_code_free) };
  g_autoptr (GError) error = NULL;
  gboolean           has_prior = options->captions != NULL;
  JsonBuilder       *done;

  run.n_sources = (int) g_strv_length (has_prior ? options->captions : options->pictures);
  run.n = run.n_sources * options->images_per_prompt;
  if (run.n > MAX_ITEMS)
    return cli_usage_error (cli, "%d pictures at once are too many; the limit is %d", run.n, MAX_ITEMS);
  if (!make_folder (options->folder, &error))
    return cli_fail (cli, error);
  run.noise = unclip_safetensors_open (options->noise, &error);
  run.stages = run.noise != NULL ? cli_open_stages (cli, &error) : NULL;
  if (run.stages == NULL)
    return cli_fail (cli, error);
  choose_settings (&run, options);
  if (!prepare (&run, &error) || !check_noise (&run, has_prior, &error)
      || !(has_prior ? embed_captions (&run, options->captions, &error) : embed_pictures (&run, options->pictures, &error))
      || !make_pictures (&run, &error) || !save (&run, options, &error))
    return cli_fail (cli, error);

  done = cli_begin_event ("done");
  cli_add_int (done, "pictures", run.n);
  cli_done (cli, done, unclip_stages_get_executor (run.stages));
  return CLI_OK;
}

static int
check_and_sample (Cli *cli, const SampleOptions *options)
{
  if (options->noise == NULL)
    return cli_usage_error (cli, "--noise is needed: a safetensors file with every draw (to draw by seed, use unclip vary or imagine)");
  if ((options->captions == NULL) == (options->pictures == NULL))
    return cli_usage_error (cli, "name either captions (--caption) or pictures (--picture)");
  for (int i = 0; options->captions != NULL && options->captions[i] != NULL; i++)
    if (!g_utf8_validate (options->captions[i], -1, NULL))
      return cli_usage_error (cli, "caption %d is not valid UTF-8", i + 1);
  if (options->images_per_prompt < 1 || options->images_per_prompt > MAX_ITEMS)
    return cli_usage_error (cli, "--images-per-prompt is %d, but must be 1 … %d", options->images_per_prompt, MAX_ITEMS);
  if (cli_is_outside (options->prior_steps, 2, UNCLIP_RECIPE_MAX_STEPS))
    return cli_usage_error (cli, "--prior-steps is %d, but must be 2 … %d", options->prior_steps, UNCLIP_RECIPE_MAX_STEPS);
  if (cli_is_outside (options->steps, 2, UNCLIP_RECIPE_MAX_STEPS))
    return cli_usage_error (cli, "--steps is %d, but must be 2 … %d", options->steps, UNCLIP_RECIPE_MAX_STEPS);
  if (cli_is_outside (options->upsampler_steps, 2, UNCLIP_RECIPE_MAX_STEPS))
    return cli_usage_error (cli, "--upsampler-steps is %d, but must be 2 … %d", options->upsampler_steps, UNCLIP_RECIPE_MAX_STEPS);
  if (cli_is_outside (options->prior_guidance, 0, UNCLIP_RECIPE_MAX_GUIDANCE))
    return cli_usage_error (cli, "--prior-guidance is %g, but must be 0 … %d", options->prior_guidance, UNCLIP_RECIPE_MAX_GUIDANCE);
  if (cli_is_outside (options->guidance, 0, UNCLIP_RECIPE_MAX_GUIDANCE))
    return cli_usage_error (cli, "--guidance is %g, but must be 0 … %d", options->guidance, UNCLIP_RECIPE_MAX_GUIDANCE);
  return sample (cli, options);
}

int
verb_sample (Cli *cli, int argc, char **argv)
{
  SampleOptions      options = { .images_per_prompt = 1, .prior_steps = CLI_NOT_GIVEN, .steps = CLI_NOT_GIVEN,
                                 .upsampler_steps = CLI_NOT_GIVEN, .prior_guidance = CLI_NOT_GIVEN, .guidance = CLI_NOT_GIVEN };
  int                status;
  const GOptionEntry entries[] = {
    { "noise", 0, 0, G_OPTION_ARG_FILENAME, &options.noise, "Every draw: prior_latents, prior_noise.0 …, decoder_latents …, super_res_latents …", "FILE" },
    { "caption", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.captions, "A caption (again for more)", "TEXT" },
    { "picture", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.pictures, "A picture to vary (again for more)", "FILE" },
    { "images-per-prompt", 0, 0, G_OPTION_ARG_INT, &options.images_per_prompt, "Pictures of each (default 1)", "N" },
    { "prior-steps", 0, 0, G_OPTION_ARG_INT, &options.prior_steps, "Steps of the prior (default: the model's)", "N" },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options.steps, "Steps of the decoder (default: the model's)", "N" },
    { "upsampler-steps", 0, 0, G_OPTION_ARG_INT, &options.upsampler_steps, "Steps of the upsampler (default: the model's)", "N" },
    { "prior-guidance", 0, 0, G_OPTION_ARG_DOUBLE, &options.prior_guidance, "Guidance scale of the prior (default: the model's)", "G" },
    { "guidance", 0, 0, G_OPTION_ARG_DOUBLE, &options.guidance, "Guidance scale of the decoder (default: the model's)", "G" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.folder, "Folder for the pictures (default: here)", "DIR" },
    { "results", 0, 0, G_OPTION_ARG_FILENAME, &options.results, "File for the tensors (default: DIR/results.safetensors)", "FILE" },
    { NULL },
  };

  if (cli_parse (cli, "sample", "[MODEL]", entries, NULL, 0, 1, &argc, &argv, &status))
    {
      if (argc == 2)
        {
          g_free (cli->model);
          cli->model = g_strdup (argv[1]);
        }
      if (options.folder == NULL)
        options.folder = g_strdup (".");
      status = check_and_sample (cli, &options);
    }
  g_free (options.noise);
  g_strfreev (options.captions);
  g_strfreev (options.pictures);
  g_free (options.folder);
  g_free (options.results);
  return status;
}
