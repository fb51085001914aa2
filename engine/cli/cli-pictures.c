/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli-pictures.h"

#include "cli-lock.h"
#include "unclip-animation.h"
#include "unclip-bands.h"
#include "unclip-file.h"
#include "unclip-image-file.h"
#include "unclip-presets.h"
#include "unclip-result-note.h"
#include "unclip-sheet.h"

#include <glib/gstdio.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_PICTURES 10000
#define DEFAULT_PICTURES 8
#define DEFAULT_BATCH 8
#define DEFAULT_PREVIEW_EVERY 5

/* The paper keeps the better of two candidates. */
#define DEFAULT_BEST_OF 2

/* By UnclipRecipeSamplerKind. */
static const char *const sampler_names[] = { "ancestral", "ddim", "dpm-solver++", "exact", NULL };

/* Milliseconds a frame of a film stands, and its ends. */
#define FRAME_MS 150
#define END_MS 700

/* Options. */

void
cli_picture_options_init (CliPictureOptions *options)
{
  *options = (CliPictureOptions){
    .n = DEFAULT_PICTURES,
    .seed = CLI_NOT_GIVEN,
    .steps = CLI_NOT_GIVEN,
    .upsampler_steps = CLI_NOT_GIVEN,
    .guidance = CLI_NOT_GIVEN,
    .eta = CLI_NOT_GIVEN,
    .preview_every = DEFAULT_PREVIEW_EVERY,
    .batch = DEFAULT_BATCH,
    .default_sampler = "ancestral",
  };
}

void
cli_picture_options_clear (CliPictureOptions *options)
{
  g_free (options->sampler);
  g_free (options->quality);
  g_free (options->caption);
  g_free (options->folder);
  g_free (options->previews);
  g_free (options->freeu);
}

GOptionEntry *
cli_picture_options_list (CliPictureOptions *options)
{
  const GOptionEntry entries[] = {
    { "number", 'n', 0, G_OPTION_ARG_INT, &options->n, "How many pictures (default: 8 of a picture, 4 of a caption, 1 of an edit)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options->seed, "Seed of the noise (default: a new one each time)", "S" },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options->steps, "Steps of the decoder (default: the model's)", "N" },
    { "quality", 0, 0, G_OPTION_ARG_STRING, &options->quality, "draft, normal or fine: sampler and steps, where they are not given", "NAME" },
    { "guidance", 0, 0, G_OPTION_ARG_DOUBLE, &options->guidance, "Guidance scale of the decoder (default: the model's)", "G" },
    { "sampler", 0, 0, G_OPTION_ARG_STRING, &options->sampler, "ancestral, ddim, dpm-solver++ or exact (default: exact with --lock, ddim for edits, else ancestral)", "NAME" },
    { "lock", 0, 0, G_OPTION_ARG_NONE, &options->lock, "Start from the noise that the source comes from, not from new noise", NULL },
    { "eta", 0, 0, G_OPTION_ARG_DOUBLE, &options->eta, "Noise of ddim, 0 … 1 (default 0)", "E" },
    { "layout-detail", 0, 0, G_OPTION_ARG_DOUBLE, &options->layout_detail,
      "Keep the first picture's noise but for layout (-100 … -1) or detail (1 … 100); nearer 0 changes more", "X" },
    { "freeu", 0, 0, G_OPTION_ARG_STRING, &options->freeu,
      "FreeU: gains of backbone and low skip frequencies in the first two up blocks (default: off)", "B1,B2,S1,S2" },
    { "upsampler-steps", 0, 0, G_OPTION_ARG_INT, &options->upsampler_steps, "Steps of the upsampler; 0 leaves small pictures", "N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->folder, "Folder for the pictures (default: here)", "DIR" },
    { "sheet", 0, 0, G_OPTION_ARG_NONE, &options->sheet, "Also draw a contact sheet", NULL },
    { "previews", 0, 0, G_OPTION_ARG_FILENAME, &options->previews, "Folder for predicted pictures during the run", "DIR" },
    { "preview-every", 0, 0, G_OPTION_ARG_INT, &options->preview_every, "Steps between previews (default 5)", "K" },
    { "recipes", 0, 0, G_OPTION_ARG_NONE, &options->recipes, "Print the recipes, one a line, for unclip run; make nothing", NULL },
    { "batch", 0, 0, G_OPTION_ARG_INT, &options->batch, "Pictures made at a time (default 8)", "N" },
    { NULL },
  };

  return g_memdup2 (entries, sizeof entries);
}

static gboolean
make_folder (Cli *cli, const char *path, int *status)
{
  if (g_mkdir_with_parents (path, 0777) == 0 && g_access (path, W_OK) == 0)
    return TRUE;
  else
    {
      g_autoptr (GError) error = g_error_new (G_FILE_ERROR, g_file_error_from_errno (errno),
                                              "Nothing can be written to the folder “%s”: %s.", path, g_strerror (errno));

      *status = cli_fail (cli, error);
      return FALSE;
    }
}

/* An option if it was given, else the model's default. */
static double
choose (double given, double by_default)
{
  return given == CLI_NOT_GIVEN ? by_default : given;
}

/* Four numbers with commas between them; their ranges are the recipe's business. */
static gboolean
parse_freeu (const char *text, UnclipRecipeFreeu *freeu)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  double        *numbers[] = { &freeu->b1, &freeu->b2, &freeu->s1, &freeu->s2 };

  if (g_strv_length (words) != G_N_ELEMENTS (numbers))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      char *end;

      *numbers[i] = g_ascii_strtod (words[i], &end);
      if (end == words[i] || *end != '\0' || !isfinite (*numbers[i]))
        return FALSE;
    }
  return TRUE;
}

gboolean
cli_picture_options_check (Cli *cli, CliPictureOptions *options, int *status)
{
  UnclipRecipeFreeu freeu;

  *status = CLI_USAGE;
  if (options->n < 1 || options->n > MAX_PICTURES)
    cli_usage_error (cli, "-n is %d, but must be 1 … %d", options->n, MAX_PICTURES);
  else if (cli_is_outside ((double) options->seed, 0, (double) UNCLIP_RECIPE_MAX_SEED))
    cli_usage_error (cli, "--seed is %" G_GINT64_FORMAT ", but must be 0 … %" G_GINT64_FORMAT, options->seed, UNCLIP_RECIPE_MAX_SEED);
  else if (cli_is_outside (options->steps, 2, UNCLIP_RECIPE_MAX_STEPS))
    cli_usage_error (cli, "--steps is %d, but must be 2 … %d", options->steps, UNCLIP_RECIPE_MAX_STEPS);
  else if (options->upsampler_steps != 0 && cli_is_outside (options->upsampler_steps, 2, UNCLIP_RECIPE_MAX_STEPS))
    cli_usage_error (cli, "--upsampler-steps is %d, but must be 0 or 2 … %d", options->upsampler_steps, UNCLIP_RECIPE_MAX_STEPS);
  else if (cli_is_outside (options->guidance, 0, UNCLIP_RECIPE_MAX_GUIDANCE))
    cli_usage_error (cli, "--guidance is %g, but must be 0 … %d", options->guidance, UNCLIP_RECIPE_MAX_GUIDANCE);
  else if (cli_is_outside (options->eta, 0, 1))
    cli_usage_error (cli, "--eta is %g, but must be 0 … 1", options->eta);
  else if (!(options->layout_detail >= -100 && options->layout_detail <= 100))
    cli_usage_error (cli, "--layout-detail is %g, but must be -100 … 100", options->layout_detail);
  else if (options->layout_detail != 0 && g_strcmp0 (options->sampler, "ancestral") == 0)
    cli_usage_error (cli, "--layout-detail needs --sampler ddim; the ancestral sampler replaces all of the noise on its way");
  else if (options->freeu != NULL && !parse_freeu (options->freeu, &freeu))
    cli_usage_error (cli, "--freeu is “%s”, but must be four numbers with commas between them, such as 1.2,1.4,0.9,0.2", options->freeu);
  else if (options->batch < 1 || options->batch > 256)
    cli_usage_error (cli, "--batch is %d, but must be 1 … 256", options->batch);
  else if (options->preview_every < 1)
    cli_usage_error (cli, "--preview-every is %d, but must be 1 or more", options->preview_every);
  else if (options->sampler != NULL && !g_strv_contains (sampler_names, options->sampler))
    cli_usage_error (cli, "--sampler is “%s”, but must be ancestral, ddim, dpm-solver++ or exact", options->sampler);
  else if (options->quality != NULL && unclip_preset_find (options->quality) == NULL)
    cli_usage_error (cli, "--quality is “%s”, but must be draft, normal or fine", options->quality);
  else if (choose (options->eta, 0) != 0 && options->sampler != NULL && !g_str_equal (options->sampler, "ddim"))
    cli_usage_error (cli, "--eta needs --sampler ddim, not %s", options->sampler);
  else if (options->lock && g_strcmp0 (options->sampler, "ancestral") == 0)
    cli_usage_error (cli, "--lock needs a sampler that comes back to the source: exact or ddim, not ancestral");
  else
    {
      if (options->layout_detail != 0)
        options->default_sampler = "ddim";
      if (options->seed == CLI_NOT_GIVEN)
        options->seed = g_random_int ();
      if (options->folder == NULL)
        options->folder = g_strdup (".");
      return make_folder (cli, options->folder, status)
             && (options->previews == NULL || make_folder (cli, options->previews, status));
    }
  return FALSE;
}

typedef struct
{
  UnclipNoiseNode kept;
  UnclipNoiseNode fresh;
} Bands;

/* One band of @params' noise stays that of the run's first picture, or of the source, as does the noise of the steps, so
 * that pictures differ in the other band alone. @bands holds the nodes. */
static void
keep_band (UnclipRecipeParams *params, const CliPictureOptions *options, guint picture, Bands *bands)
{
  gboolean is_layout_new = options->layout_detail < 0;

  bands->kept = params->noise;
  bands->kept.picture = 0;
  bands->fresh = (UnclipNoiseNode){ .kind = UNCLIP_NOISE_SEED, .seed = (guint64) options->seed, .picture = picture };
  params->has_step_noise = TRUE;
  params->step_noise = (UnclipStepNoise){ .seed = (guint64) options->seed };
  /* The source's own fine detail goes with all of its noise, or not at all. */
  params->sampler.keep_detail = FALSE;
  params->noise = (UnclipNoiseNode){
    .kind = UNCLIP_NOISE_BANDS,
    .low = is_layout_new ? &bands->fresh : &bands->kept,
    .high = is_layout_new ? &bands->kept : &bands->fresh,
    .cutoff = unclip_bands_get_cutoff (options->layout_detail),
    .softness = UNCLIP_BANDS_SOFTNESS,
  };
}

/* The one place where the command line decides where pictures start from. @lock and @bands hold nodes of it. */
static gboolean
set_noise (UnclipRecipeParams      *params,
           const CliPictureOptions *options,
           guint                    picture,
           CliLock                 *lock,
           Bands                   *bands,
           GError                 **error)
{
  if (!options->lock)
    params->noise = (UnclipNoiseNode){ .kind = UNCLIP_NOISE_SEED, .seed = (guint64) options->seed, .picture = picture };
  else
    {
      params->has_step_noise = TRUE;
      params->step_noise = (UnclipStepNoise){ (guint64) options->seed, picture };
      if (!cli_lock_apply (lock, params, error))
        return FALSE;
    }
  if (options->layout_detail != 0)
    keep_band (params, options, picture, bands);
  return TRUE;
}

static UnclipRecipeSamplerKind
get_sampler_kind (const CliPictureOptions *options)
{
  const char *name = options->sampler;

  if (name == NULL && choose (options->eta, 0) != 0)
    return UNCLIP_RECIPE_DDIM;
  if (name == NULL && options->lock)
    return UNCLIP_RECIPE_EXACT;
  if (name == NULL && options->quality != NULL)
    return unclip_preset_find (options->quality)->sampler;
  if (name == NULL)
    name = options->default_sampler;
  for (guint i = 0; sampler_names[i] != NULL; i++)
    if (g_str_equal (name, sampler_names[i]))
      return (UnclipRecipeSamplerKind) i;
  g_assert_not_reached ();
}

/* Where --steps was not given. */
static double
get_default_steps (const CliPictureOptions *options, const UnclipModelDefaults *defaults)
{
  const UnclipPreset *preset = options->quality != NULL ? unclip_preset_find (options->quality) : NULL;

  if (options->lock)
    return preset != NULL ? preset->locked_steps : CLI_LOCK_STEPS;
  return preset != NULL ? MAX (round (defaults->decoder_steps * preset->decoder_steps), 2) : defaults->decoder_steps;
}

UnclipRecipe *
cli_new_recipe (UnclipStages *stages, const CliPictureOptions *options, const UnclipEmbedding *embedding, guint picture, GError **error)
{
  UnclipModel               *model = unclip_stages_get_model (stages);
  UnclipModelFolder         *folder = unclip_model_get_folder (model);
  const UnclipModelDefaults *defaults = unclip_model_get_defaults (model);
  const char                *sha256 = unclip_model_folder_get_sha256 (folder, error);
  UnclipRecipeParams         params = {
            .embedding = *embedding,
            .caption = options->caption,
            .sampler = { .kind = get_sampler_kind (options), .n_steps = (guint) choose (options->steps, get_default_steps (options, defaults)),
                         .guidance = choose (options->guidance, defaults->decoder_guidance),
                         .eta = choose (options->eta, 0),
                         .n_upsampler_steps = (guint) choose (options->upsampler_steps, defaults->upsampler_steps) },
            .model_name = unclip_model_folder_get_name (folder),
            .model_sha256 = sha256,
  };
  CliLock       lock = { .part = (guint) options->lock_on };
  UnclipRecipe *recipe;
  Bands         bands;

  if (sha256 == NULL)
    return NULL;
  params.sampler.has_freeu = options->freeu != NULL && parse_freeu (options->freeu, &params.sampler.freeu);
  recipe = set_noise (&params, options, picture, &lock, &bands, error) ? unclip_recipe_new (&params, error) : NULL;
  cli_lock_clear (&lock);
  /* A number that a recipe refuses was typed on the command line here. */
  if (recipe == NULL && error != NULL && g_error_matches (*error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE))
    (*error)->code = UNCLIP_ERROR_ARGUMENT;
  return recipe;
}

/* Captions and sources. */

GOptionEntry *
cli_prior_options_list (CliPriorOptions *options, const GOptionEntry *own)
{
  const GOptionEntry entries[] = {
    { "prior-steps", 0, 0, G_OPTION_ARG_INT, &options->steps, "Steps of the prior (default: the model's)", "N" },
    { "prior-guidance", 0, 0, G_OPTION_ARG_DOUBLE, &options->guidance, "Guidance scale of the prior (default: the model's)", "G" },
    { "best-of", 0, 0, G_OPTION_ARG_INT, &options->best_of, "Candidates of the prior, the best of which is kept (default 2)", "N" },
    { NULL },
  };

  guint         n_own = 0;
  GOptionEntry *list;

  while (own != NULL && own[n_own].long_name != NULL)
    n_own++;
  list = g_new (GOptionEntry, n_own + G_N_ELEMENTS (entries));
  if (n_own > 0)
    memcpy (list, own, n_own * sizeof *own);
  memcpy (list + n_own, entries, sizeof entries);
  *options = (CliPriorOptions){ CLI_NOT_GIVEN, CLI_NOT_GIVEN, DEFAULT_BEST_OF };
  return list;
}

gboolean
cli_prior_options_check (Cli *cli, const CliPriorOptions *options)
{
  if (cli_is_outside (options->steps, 2, UNCLIP_RECIPE_MAX_STEPS))
    cli_usage_error (cli, "--prior-steps is %d, but must be 2 … %d", options->steps, UNCLIP_RECIPE_MAX_STEPS);
  else if (cli_is_outside (options->guidance, 0, UNCLIP_RECIPE_MAX_GUIDANCE))
    cli_usage_error (cli, "--prior-guidance is %g, but must be 0 … %d", options->guidance, UNCLIP_RECIPE_MAX_GUIDANCE);
  else if (options->best_of < 1 || options->best_of > UNCLIP_RECIPE_MAX_BEST_OF)
    cli_usage_error (cli, "--best-of is %d, but must be 1 … %d", options->best_of, UNCLIP_RECIPE_MAX_BEST_OF);
  else
    return TRUE;
  return FALSE;
}

gboolean
cli_warn_of_long_caption (Cli *cli, UnclipStages *stages, const char *text, GError **error)
{
  UnclipTokenizer         *tokenizer = unclip_model_get_tokenizer (unclip_stages_get_model (stages), error);
  g_autoptr (UnclipTokens) tokens = NULL;

  if (tokenizer == NULL)
    return FALSE;
  tokens = unclip_tokenizer_encode (tokenizer, text);
  if (tokens->n_dropped > 0)
    cli_warn (cli, "the caption is too long for this model: its last %u tokens are left out", tokens->n_dropped);
  return TRUE;
}

gboolean
cli_get_caption_embedding (Cli                    *cli,
                           UnclipStages           *stages,
                           const CliPriorOptions  *options,
                           const char             *text,
                           guint64                 seed,
                           UnclipEmbedding        *embedding,
                           GError                **error)
{
  const UnclipModelDefaults *defaults = unclip_model_get_defaults (unclip_stages_get_model (stages));

  *embedding = (UnclipEmbedding){
    .kind = UNCLIP_EMBEDDING_CAPTION,
    .text = text,
    .n_steps = (guint) choose (options->steps, defaults->prior_steps),
    .guidance = choose (options->guidance, defaults->prior_guidance),
    .seed = seed,
    .best_of = (guint) options->best_of,
  };
  return cli_warn_of_long_caption (cli, stages, text, error);
}

const char *
cli_load_source (UnclipEvaluator *evaluator, const char *path, GPtrArray *sources, GError **error)
{
  UnclipImage *image = unclip_image_load (path, error);

  if (image == NULL)
    return NULL;
  g_ptr_array_add (sources, image);
  return unclip_evaluator_add_source (evaluator, image);
}

/* Jobs. */

static void
job_free (gpointer data)
{
  CliJob *job = data;

  unclip_recipe_unref (job->recipe);
  g_free (job->stem);
  g_free (job->title);
  g_free (job->label);
  g_free (job);
}

GPtrArray *
cli_jobs_new (void)
{
  return g_ptr_array_new_with_free_func (job_free);
}

static void
add_job (GPtrArray *jobs, CliJob job)
{
  g_ptr_array_add (jobs, g_memdup2 (&job, sizeof job));
}

/* Of the picture within its run, from 1. Where a band of noise is kept, the new band counts, see keep_band(). */
static guint
get_number (UnclipRecipe *recipe)
{
  const UnclipNoiseNode *noise = unclip_recipe_get_noise (recipe);

  if (noise->kind == UNCLIP_NOISE_BANDS)
    return MAX (noise->low->picture, noise->high->picture) + 1;
  return unclip_recipe_get_step_noise (recipe).picture + 1;
}

void
cli_jobs_add (GPtrArray *jobs, UnclipRecipe *recipe, char *stem, char *title)
{
  guint number = get_number (recipe);

  add_job (jobs, (CliJob){ recipe, stem, title, number, g_strdup_printf ("%u", number) });
}

void
cli_jobs_add_labelled (GPtrArray *jobs, UnclipRecipe *recipe, char *stem, char *title, char *label)
{
  const CliJob *last = jobs->len > 0 ? g_ptr_array_index (jobs, jobs->len - 1) : NULL;
  guint         number = last != NULL && g_str_equal (last->stem, stem) ? last->number + 1 : 1;

  add_job (jobs, (CliJob){ recipe, stem, title, number, label });
}

typedef struct
{
  Cli                     *cli;
  UnclipStages            *stages;
  const CliPictureOptions *options;
  GPtrArray               *jobs;
  GPtrArray               *pictures;    /* UnclipImage, in order; empty where nothing is drawn from them in the end */
  GPtrArray               *pictured;    /* CliJob, borrowed: the job of each of @pictures */
  guint                    first;       /* job of the evaluator's recipe 0 */
  guint                    n_finished;
  guint                    n_failed;
  gboolean                 has_meter;   /* of the picture that comes next */
  UnclipMeter              meter;
} Run;

static void
on_measured (guint index, const UnclipMeter *meter, gpointer user_data)
{
  Run *run = user_data;

  run->has_meter = TRUE;
  run->meter = *meter;
}

static void
on_progress (guint first, guint n, const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  Run                       *run = user_data;
  const CliJob              *job = g_ptr_array_index (run->jobs, run->first + first);
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (job->recipe);
  double                     total = sampler->n_steps + sampler->n_upsampler_steps;
  double                     done = 0;

  if (g_str_equal (stage, "decoder"))
    done = n_done;
  else if (g_str_equal (stage, "upsampler"))
    done = sampler->n_steps + n_done;
  cli_progress (run->cli, stage, n_done, n_steps, (run->first + first + n * done / total) / run->jobs->len);
}

void
cli_add_meter (JsonBuilder *event, const UnclipMeter *meter)
{
  cli_add_double (event, "psnr_db", meter->psnr_db);
  cli_add_int (event, "max_difference", meter->max_difference);
  cli_add_double (event, "clip_degrees", meter->clip_degrees);
}

static void
on_preview (guint index, const char *stage, guint n_done, guint n_steps, UnclipImage *image, gpointer user_data)
{
  Run               *run = user_data;
  guint              number = run->first + index;
  const CliJob      *job = g_ptr_array_index (run->jobs, number);
  g_autoptr (GError) error = NULL;
  g_autofree char   *stem = NULL;
  g_autofree char   *path = NULL;
  JsonBuilder       *event;

  if (n_done % (guint) run->options->preview_every != 0 && n_done != n_steps)
    return;
  stem = g_strdup_printf ("%s-%u-%s-%02u", job->stem, number + 1, stage, n_done);
  path = unclip_image_save_numbered (image, run->options->previews, stem, 1, NULL, 0, &error);
  if (path == NULL)
    {
      cli_warn (run->cli, "a preview could not be saved: %s", error->message);
      return;
    }
  event = cli_begin_event ("preview");
  cli_add_string (event, "path", path);
  cli_add_int (event, "picture", number);
  cli_add_string (event, "stage", stage);
  cli_add_int (event, "step", n_done);
  cli_end_event (run->cli, event);
}

static gboolean
on_finished (guint index, UnclipImage *image, gpointer user_data, GError **error)
{
  Run                     *run = user_data;
  CliJob                  *job = g_ptr_array_index (run->jobs, run->first + index);
  UnclipExecutor          *executor = unclip_stages_get_executor (run->stages);
  g_autofree char         *device = unclip_executor_dup_device_name (executor);
  const UnclipResultEngine engine = {
    FUGUE_VERSION, device, unclip_executor_get_precision (executor) == UNCLIP_PRECISION_F16 ? "f16" : "f32",
  };
  UnclipResultTexts texts;
  g_autofree char  *path = NULL;
  JsonBuilder      *event;

  unclip_result_texts_init (&texts, job->recipe, image, &engine, job->title);
  path = unclip_image_save_numbered (image, run->options->folder, job->stem, job->number, texts.texts, UNCLIP_RESULT_N_TEXTS, error);
  unclip_result_texts_clear (&texts);
  if (path == NULL)
    return FALSE;
  run->n_finished++;
  if (run->options->sheet || run->options->film)
    {
      g_ptr_array_add (run->pictures, unclip_image_ref (image));
      g_ptr_array_add (run->pictured, job);
    }
  cli_clear_progress (run->cli);
  if (!run->cli->json)
    printf ("%s\n", path);
  fflush (stdout);
  event = cli_begin_event ("picture");
  cli_add_string (event, "path", path);
  cli_add_int (event, "seed", (gint64) unclip_recipe_get_step_noise (job->recipe).seed);
  cli_add_string (event, "recipe_hash", unclip_recipe_get_hash (job->recipe));
  if (run->has_meter)
    cli_add_meter (event, &run->meter);
  cli_end_event (run->cli, event);
  if (run->options->finished != NULL
      && !run->options->finished (job->recipe, image, path, run->has_meter ? &run->meter : NULL, run->options->user_data, error))
    return FALSE;
  run->has_meter = FALSE;
  return TRUE;
}

static void
add_cell (GArray *cells, GPtrArray *captions, UnclipImage *image, char *caption)
{
  UnclipSheetCell cell = { image, caption };

  g_ptr_array_add (captions, caption);
  g_array_append_val (cells, cell);
}

static const CliJob *
get_job (Run *run, guint index)
{
  return g_ptr_array_index (run->jobs, index);
}

/* Sources first, then the pictures, each with its label under it, and the source's name where there are several. */
static void
fill_sheet (Run *run, GPtrArray *sources, GArray *cells, GPtrArray *captions)
{
  guint n_sources = sources != NULL && run->options->n_columns == 0 ? sources->len : 0;
  guint per_source = run->jobs->len / MAX (n_sources, 1);

  for (guint i = 0; i < n_sources; i++)
    add_cell (cells, captions, g_ptr_array_index (sources, i), g_strdup (n_sources > 1 ? get_job (run, i * per_source)->title : "source"));
  for (guint i = 0; i < run->pictures->len; i++)
    {
      const CliJob *job = g_ptr_array_index (run->pictured, i);

      add_cell (cells, captions, g_ptr_array_index (run->pictures, i),
                n_sources > 1 ? g_strdup_printf ("%s %s", job->title, job->label) : g_strdup (job->label));
    }
}

/* Tells of a file beside the pictures. */
static void
announce (Run *run, const char *event_name, const char *path)
{
  JsonBuilder *event = cli_begin_event (event_name);

  if (!run->cli->json)
    printf ("%s\n", path);
  cli_add_string (event, "path", path);
  cli_end_event (run->cli, event);
}

/* Whether all pictures share a title, which then stands above the sheet. */
static gboolean
has_one_title (Run *run)
{
  for (guint i = 1; i < run->jobs->len; i++)
    if (!g_str_equal (get_job (run, i)->title, get_job (run, 0)->title))
      return FALSE;
  return TRUE;
}

static gboolean
save_sheet (Run *run, GPtrArray *sources, GError **error)
{
  const CliJob           *first = get_job (run, 0);
  g_autoptr (GArray)      cells = g_array_new (FALSE, FALSE, sizeof (UnclipSheetCell));
  g_autoptr (GPtrArray)   captions = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (UnclipImage) sheet = NULL;
  g_autofree char        *stem = g_strconcat (first->stem, "-sheet", NULL);
  g_autofree char        *path = NULL;
  UnclipSheetParams       params = { .title = has_one_title (run) ? first->title : NULL, .n_columns = run->options->n_columns };

  fill_sheet (run, sources, cells, captions);
  params.cells = (const UnclipSheetCell *) cells->data;
  params.n_cells = cells->len;
  sheet = unclip_sheet_new (&params, error);
  path = sheet != NULL ? unclip_image_save_numbered (sheet, run->options->folder, stem, 1, NULL, 0, error) : NULL;
  if (path == NULL)
    return FALSE;
  announce (run, "sheet", path);
  return TRUE;
}

/* There and back again, so that it runs in a circle without a jump. */
static gboolean
save_film (Run *run, GError **error)
{
  const CliJob       *first = get_job (run, 0);
  guint               n = run->pictures->len;
  g_autoptr (GArray)  frames = g_array_new (FALSE, FALSE, sizeof (UnclipAnimationFrame));
  g_autoptr (GBytes)  bytes = NULL;
  g_autofree char    *stem = g_strconcat (first->stem, "-film", NULL);
  g_autofree char    *path = NULL;

  for (guint i = 0; i < MAX (2 * n - 2, 1); i++)
    {
      guint                picture = i < n ? i : 2 * n - 2 - i;
      UnclipAnimationFrame frame = { g_ptr_array_index (run->pictures, picture), picture == 0 || picture == n - 1 ? END_MS : FRAME_MS };

      g_array_append_val (frames, frame);
    }
  bytes = unclip_animation_encode_png ((const UnclipAnimationFrame *) frames->data, frames->len, error);
  path = bytes != NULL ? unclip_file_write_numbered (run->options->folder, stem, ".png", 1, bytes, error) : NULL;
  if (path == NULL)
    return FALSE;
  announce (run, "film", path);
  return TRUE;
}

static int
print_recipes (GPtrArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++)
    printf ("%s\n", unclip_recipe_get_canonical (((CliJob *) g_ptr_array_index (jobs, i))->recipe));
  return CLI_OK;
}

/* Whether what happened to one recipe need not happen to the next. */
static gboolean
is_of_one_recipe (const GError *error)
{
  return error->domain == UNCLIP_ERROR && error->code != UNCLIP_ERROR_DEVICE_LOST;
}

static gboolean
run_some (Run *run, const UnclipEvaluatorWatch *watch, UnclipEvaluator *evaluator, guint first, guint n, GError **error)
{
  g_autofree UnclipRecipe **recipes = g_new (UnclipRecipe *, n);

  run->first = first;
  for (guint i = 0; i < n; i++)
    recipes[i] = get_job (run, first + i)->recipe;
  return unclip_evaluator_run (evaluator, recipes, n, (guint) run->options->batch, watch, error);
}

static void
tell_failure (Run *run, const CliJob *job, GError *error)
{
  run->n_failed++;
  g_prefix_error (&error, "%s: ", job->title);
  cli_tell_failure (run->cli, error, unclip_recipe_get_hash (job->recipe));
}

/* Takes out, and tells of, the jobs that cannot be run at all. */
static void
drop_hopeless (Run *run, UnclipEvaluator *evaluator)
{
  for (guint i = 0; i < run->jobs->len;)
    {
      g_autoptr (GError) error = NULL;

      if (unclip_evaluator_check (evaluator, get_job (run, i)->recipe, &error))
        i++;
      else
        {
          tell_failure (run, get_job (run, i), error);
          g_ptr_array_remove_index (run->jobs, i);
        }
    }
}

/* All pictures that can be made. Those of a batch that failed are made one by one, so that only the bad ones are missing.
 * Returns FALSE when the rest would fail as well. */
static gboolean
run_each (Run *run, const UnclipEvaluatorWatch *watch, UnclipEvaluator *evaluator, GError **error)
{
  drop_hopeless (run, evaluator);
  for (guint first = 0; first < run->jobs->len;)
    {
      g_autoptr (GError) batch_failure = NULL;
      guint              n_before = run->n_finished, end;

      if (run_some (run, watch, evaluator, first, run->jobs->len - first, &batch_failure))
        return TRUE;
      if (!is_of_one_recipe (batch_failure))
        {
          g_propagate_error (error, g_steal_pointer (&batch_failure));
          return FALSE;
        }
      first += run->n_finished - n_before;
      end = MIN (first + (guint) run->options->batch, run->jobs->len);
      for (; first < end; first++)
        {
          g_autoptr (GError) failure = NULL;

          if (run_some (run, watch, evaluator, first, 1, &failure))
            continue;
          if (!is_of_one_recipe (failure))
            {
              g_propagate_error (error, g_steal_pointer (&failure));
              return FALSE;
            }
          tell_failure (run, get_job (run, first), failure);
        }
    }
  return TRUE;
}

int
cli_run_jobs (Cli                     *cli,
              UnclipEvaluator         *evaluator,
              UnclipStages            *stages,
              const CliPictureOptions *options,
              GPtrArray               *jobs,
              GPtrArray               *sources)
{
  g_autoptr (GError)               error = NULL;
  g_autoptr (GPtrArray)            pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  g_autoptr (GPtrArray)            pictured = g_ptr_array_new ();
  Run                              run = {
                                 .cli = cli,
                                 .stages = stages,
                                 .options = options,
                                 .jobs = jobs,
                                 .pictures = pictures,
                                 .pictured = pictured,
                                 .n_failed = options->n_failed,
  };
  const UnclipEvaluatorWatch       watch = {
    .progress = on_progress,
    .preview = options->previews != NULL ? on_preview : NULL,
    .measured = on_measured,
    .finished = on_finished,
    .user_data = &run,
    .cancellable = cli->cancellable,
  };
  JsonBuilder *done;

  if (options->recipes)
    return print_recipes (jobs);
  if (!(options->keeps_going ? run_each (&run, &watch, evaluator, &error)
                             : run_some (&run, &watch, evaluator, 0, jobs->len, &error)))
    return cli_fail (cli, error);
  if ((options->sheet && pictures->len > 0 && !save_sheet (&run, sources, &error)) || (options->film && !save_film (&run, &error)))
    return cli_fail (cli, error);

  done = cli_begin_event ("done");
  cli_add_int (done, "pictures", run.n_finished);
  if (options->keeps_going)
    cli_add_int (done, "failed", run.n_failed);
  if (options->add_figures != NULL)
    options->add_figures (done, options->user_data);
  cli_done (cli, done, unclip_stages_get_executor (stages));
  if (run.n_failed == 0)
    return CLI_OK;
  fprintf (stderr, "unclip: %u recipes failed, %u pictures were made\n", run.n_failed, run.n_finished);
  return CLI_FAILED;
}
