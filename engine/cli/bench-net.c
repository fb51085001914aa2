/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip bench --net and --picture: the networks of a model as the samplers run them, and whole runs by stage. */

#include "config.h"

#include "bench.h"
#include "unclip-image-file.h"
#include "unclip-rng.h"

#include <string.h>

#define SEED 41

static UnclipProgram *
compile (Bench *bench, UnclipStages *stages, UnclipGraph *graph, const char *title, GError **error)
{
  gint64         start = g_get_monotonic_time ();
  UnclipProgram *program = graph != NULL ? unclip_executor_compile (unclip_stages_get_executor (stages), graph, error) : NULL;

  if (program != NULL)
    {
      g_autofree char *label = g_strdup_printf ("%s: packing and compiling", title);

      bench_add (bench, label, 1, (double) (g_get_monotonic_time () - start) / 1e6, 0);
    }
  return program;
}

/* Tokens of a caption, as the text tower's config has them. */
static int
get_n_tokens (UnclipModel *model, GError **error)
{
  const char          *path = unclip_model_folder_get_component (unclip_model_get_folder (model), "text_encoder");
  UnclipClipTextConfig config;

  return path != NULL && unclip_clip_text_config_load (path, &config, error) ? config.max_position_embeddings : 0;
}

static gboolean
write_times (UnclipProgram *program, int n, GError **error)
{
  g_autofree float *times = g_new (float, n);

  for (int i = 0; i < n; i++)
    times[i] = 500;
  return unclip_program_write_f32 (program, "timestep", times, error);
}

static gboolean
bench_text (Bench *bench, UnclipStages *stages, int n, GError **error)
{
  UnclipModel              *model = unclip_stages_get_model (stages);
  UnclipClipText           *net = unclip_model_get_text (model, error);
  int                       s = net != NULL ? get_n_tokens (model, error) : 0;
  g_autofree gint32        *ids = g_new0 (gint32, n * MAX (s, 1));
  g_autoptr (UnclipProgram) program = NULL;

  if (s == 0)
    return FALSE;
  program = compile (bench, stages, unclip_clip_text_build (net, n, s, FALSE, FALSE, error), "text_encoder", error);
  return program != NULL && unclip_program_write_i32 (program, "input_ids", ids, error) && unclip_program_write_i32 (program, "end", ids, error)
         && bench_program (bench, "text_encoder", program, error);
}

static gboolean
bench_vision (Bench *bench, UnclipStages *stages, int n, GError **error)
{
  UnclipClipVision         *net = unclip_model_get_vision (unclip_stages_get_model (stages), error);
  g_autoptr (UnclipProgram) program = NULL;
  gsize                     size;

  if (net == NULL)
    return FALSE;
  size = (gsize) unclip_clip_vision_get_input_size (net);
  program = compile (bench, stages, unclip_clip_vision_build (net, n, FALSE), "image_encoder", error);
  return program != NULL && bench_write_normals (program, "pixel_values", (gsize) n * size * size * 3, error)
         && bench_program (bench, "image_encoder", program, error);
}

static gboolean
bench_text_proj (Bench *bench, UnclipStages *stages, int n, GError **error)
{
  UnclipModel              *model = unclip_stages_get_model (stages);
  UnclipTextProj           *net = unclip_model_get_text_proj (model, error);
  int                       s = net != NULL ? get_n_tokens (model, error) : 0;
  g_autoptr (UnclipProgram) program = NULL;
  gsize                     e;

  if (s == 0)
    return FALSE;
  e = (gsize) unclip_text_proj_get_config (net)->clip_embeddings_dim;
  program = compile (bench, stages, unclip_text_proj_build (net, n, s, FALSE), "text_proj", error);
  return program != NULL && bench_write_normals (program, "image_embeddings", (gsize) n * e, error)
         && bench_write_normals (program, "prompt_embeds", (gsize) n * e, error)
         && bench_write_normals (program, "text_encoder_hidden_states", (gsize) (n * s) * e, error)
         && bench_program (bench, "text_proj", program, error);
}

static gboolean
write_prompt (UnclipPrior *net, UnclipProgram *program, int n, GError **error)
{
  const UnclipPriorConfig *config = unclip_prior_get_config (net);
  g_autofree float        *mask = g_new (float, n * config->num_embeddings);
  g_autofree float        *bias = NULL;

  for (int i = 0; i < n * config->num_embeddings; i++)
    mask[i] = 1;
  bias = unclip_prior_dup_key_bias (net, mask, n, unclip_prior_get_prompt_length (net));
  return unclip_program_write_f32 (program, "key_bias", bias, error)
         && bench_write_normals (program, "proj_embedding", (gsize) (n * config->embedding_proj_dim), error)
         && bench_write_normals (program, "encoder_hidden_states", (gsize) (n * config->num_embeddings * config->embedding_dim), error);
}

static gboolean
bench_prior (Bench *bench, UnclipStages *stages, int n, GError **error)
{
  UnclipPrior              *net = unclip_model_get_prior (unclip_stages_get_model (stages), error);
  g_autoptr (UnclipProgram) prompt = NULL;
  g_autoptr (UnclipProgram) step = NULL;

  if (net == NULL)
    return FALSE;
  prompt = compile (bench, stages, unclip_prior_build_prompt (net, n, TRUE), "prior prompt", error);
  if (prompt == NULL || !write_prompt (net, prompt, n, error) || !bench_program (bench, "prior prompt", prompt, error))
    return FALSE;
  step = compile (bench, stages, unclip_prior_build_step (net, n, FALSE), "prior step", error);
  return step != NULL && unclip_prior_copy_cache (net, step, prompt, error) && write_times (step, n, error)
         && bench_write_normals (step, "hidden_states", (gsize) (n * unclip_prior_get_config (net)->embedding_dim), error)
         && bench_program (bench, "prior step", step, error);
}

/* The context's keys and values, into the step's program. */
static gboolean
prepare_context (Bench *bench, UnclipStages *stages, UnclipUnet *net, const UnclipUnetParams *params, UnclipProgram *step, GError **error)
{
  gsize                     n_values = (gsize) (params->n * params->n_context) * (gsize) unclip_unet_get_config (net)->cross_attention_dim;
  g_autofree float         *mask = g_new (float, params->n * params->n_context);
  g_autoptr (UnclipProgram) context = compile (bench, stages, unclip_unet_build_context (net, params->n, params->n_context), "decoder context", error);

  for (int i = 0; i < params->n * params->n_context; i++)
    mask[i] = 1;
  return context != NULL && bench_write_normals (context, "encoder_hidden_states", n_values, error)
         && bench_program (bench, "decoder context", context, error) && unclip_unet_copy_context (net, step, context, error)
         && unclip_unet_write_mask (net, params, step, mask, error);
}

static gboolean
bench_decoder (Bench *bench, UnclipStages *stages, int n, GError **error)
{
  UnclipModel              *model = unclip_stages_get_model (stages);
  UnclipTextProj           *text_proj = unclip_model_get_text_proj (model, error);
  UnclipUnet               *net = text_proj != NULL ? unclip_model_get_decoder (model, error) : NULL;
  int                       n_tokens = net != NULL ? get_n_tokens (model, error) : 0;
  UnclipUnetParams          params = { .n = n };
  g_autoptr (UnclipProgram) step = NULL;

  if (n_tokens == 0 || !unclip_model_get_decoder_size (model, &params.height, &params.width, error))
    return FALSE;
  params.n_context = n_tokens + unclip_text_proj_get_config (text_proj)->clip_extra_context_tokens;
  params.masked = params.kept_context = unclip_unet_get_n_attentions (net) > 0;
  step = compile (bench, stages, unclip_unet_build (net, &params, error), "decoder step", error);
  return step != NULL && (!params.kept_context || prepare_context (bench, stages, net, &params, step, error)) && write_times (step, n, error)
         && bench_write_normals (step, "sample", (gsize) (n * params.height * params.width * 3), error)
         && bench_write_normals (step, "class_labels", (gsize) (n * unclip_unet_get_n_time (net)), error)
         && bench_program (bench, "decoder step", step, error);
}

static gboolean
bench_upsampler (Bench *bench, UnclipStages *stages, int n, gboolean last, GError **error)
{
  UnclipModel              *model = unclip_stages_get_model (stages);
  UnclipUnet               *net = unclip_model_get_upsampler (model, last, error);
  UnclipUnetParams          params = { .n = n };
  const char               *title = last ? "super_res_last" : "super_res_first";
  g_autoptr (UnclipProgram) step = NULL;

  if (net == NULL || !unclip_model_get_picture_size (model, &params.height, &params.width, error))
    return FALSE;
  step = compile (bench, stages, unclip_unet_build (net, &params, error), title, error);
  return step != NULL && write_times (step, n, error)
         && bench_write_normals (step, "sample", (gsize) (n * params.height * params.width * unclip_unet_get_config (net)->in_channels), error)
         && bench_program (bench, title, step, error);
}

static gboolean
bench_super_res_first (Bench *bench, UnclipStages *stages, int n, GError **error)
{
  return bench_upsampler (bench, stages, n, FALSE, error);
}

static gboolean
bench_super_res_last (Bench *bench, UnclipStages *stages, int n, GError **error)
{
  return bench_upsampler (bench, stages, n, TRUE, error);
}

static const struct
{
  const char *name;
  gboolean  (*run) (Bench *bench, UnclipStages *stages, int n, GError **error);
} nets[] = {
  { "decoder", bench_decoder },
  { "image_encoder", bench_vision },
  { "prior", bench_prior },
  { "super_res_first", bench_super_res_first },
  { "super_res_last", bench_super_res_last },
  { "text_encoder", bench_text },
  { "text_proj", bench_text_proj },
};

gboolean
bench_net (Bench *bench, UnclipStages *stages, const char *name, int n, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (nets); i++)
    {
      if (g_str_equal (nets[i].name, name))
        return nets[i].run (bench, stages, n, error);
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", nets[i].name);
    }
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT, "There is no network “%s”; there are %s.", name, names->str);
  return FALSE;
}

/* Whole pictures. */

typedef struct
{
  Bench        *bench;
  UnclipStages *stages;
  UnclipImage  *picture;
  GCancellable *cancellable;
  int           n;
  gint64        lap;            /* when the last stage ended */
  gboolean      is_first;       /* the run that compiles */
} PictureRun;

static void
end_stage (PictureRun *run, const char *stage, guint count)
{
  gint64           now = g_get_monotonic_time ();
  g_autofree char *label = g_strdup_printf ("%s%s", stage, run->is_first ? ", first run with packing and compiling" : "");

  bench_add (run->bench, label, count, (double) (now - run->lap) / 1e6, 0);
  run->lap = g_get_monotonic_time ();
}

static void
draw (UnclipRngStage stage, guint step, int item, float *out, gsize n, gpointer user_data)
{
  const UnclipRngKey key = { SEED, (guint32) item, stage, step };

  unclip_rng_fill_normal (&key, 0, out, n);
}

/* Colours that run across the square. */
static UnclipImage *
make_source (void)
{
  enum { SIDE = 256 };
  g_autofree guint8 *rgb = g_new (guint8, SIDE * SIDE * 3);

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      {
        rgb[(y * SIDE + x) * 3] = (guint8) x;
        rgb[(y * SIDE + x) * 3 + 1] = (guint8) y;
        rgb[(y * SIDE + x) * 3 + 2] = (guint8) (x ^ y);
      }
  return unclip_image_new_copy (SIDE, SIDE, rgb);
}

static gboolean
decode (PictureRun *run, const float *embedding, int n_embed, const UnclipCaptionCode *empty, float *low, GError **error)
{
  const UnclipModelDefaults           *defaults = unclip_model_get_defaults (unclip_stages_get_model (run->stages));
  UnclipWatch                          watch = { .cancellable = run->cancellable };
  g_autofree float                    *embeddings = g_new (float, run->n * n_embed);
  g_autofree const UnclipCaptionCode **captions = g_new (const UnclipCaptionCode *, run->n);
  UnclipDecoderRun decoder = {
    .n = run->n,
    .embeddings = embeddings,
    .captions = captions,
    .empty = empty,
    .sampler = UNCLIP_SAMPLER_ANCESTRAL,
    .n_steps = defaults->decoder_steps,
    .guidance = defaults->decoder_guidance,
    .noise = { draw, NULL },
  };

  for (int i = 0; i < run->n; i++)
    {
      memcpy (embeddings + i * n_embed, embedding, (gsize) n_embed * sizeof *embedding);
      captions[i] = empty;
    }
  if (!unclip_stages_run_decoder (run->stages, &decoder, &watch, low, error))
    return FALSE;
  end_stage (run, "decoder", defaults->decoder_steps);
  return TRUE;
}

static gboolean
upsample (PictureRun *run, const float *low, GError **error)
{
  UnclipModel       *model = unclip_stages_get_model (run->stages);
  UnclipWatch        watch = { .cancellable = run->cancellable };
  UnclipUpsamplerRun upsampler = { .n = run->n, .low = low, .n_steps = unclip_model_get_defaults (model)->upsampler_steps, .noise = { draw, NULL } };
  g_autofree float  *image = NULL;
  int                height, width;

  if (upsampler.n_steps == 0)
    return TRUE;
  if (!unclip_model_get_picture_size (model, &height, &width, error))
    return FALSE;
  image = g_new (float, (gsize) run->n * (gsize) height * (gsize) width * 3);
  if (!unclip_stages_run_upsampler (run->stages, &upsampler, &watch, image, error))
    return FALSE;
  end_stage (run, "upsampler", upsampler.n_steps);
  return TRUE;
}

static gboolean
make_pictures (PictureRun *run, GError **error)
{
  UnclipModel                  *model = unclip_stages_get_model (run->stages);
  gint64                        start = g_get_monotonic_time ();
  int                           n_embed = unclip_model_get_n_embed (model, error);
  g_autofree float             *embedding = g_new (float, MAX (n_embed, 1));
  g_autofree float             *low = NULL;
  g_autoptr (UnclipCaptionCode) empty = NULL;
  g_autofree char              *whole = g_strdup_printf ("%d variations%s", run->n, run->is_first ? ", first run with packing and compiling" : "");
  int                           height, width;

  run->lap = start;
  if (n_embed == 0 || !unclip_model_get_decoder_size (model, &height, &width, error)
      || !unclip_stages_encode_image (run->stages, run->picture, embedding, run->cancellable, error))
    return FALSE;
  end_stage (run, "picture encoder", 1);
  empty = unclip_stages_encode_caption (run->stages, "", run->cancellable, error);
  if (empty == NULL)
    return FALSE;
  end_stage (run, "caption encoder", 1);
  low = g_new (float, (gsize) run->n * (gsize) height * (gsize) width * 3);
  if (!decode (run, embedding, n_embed, empty, low, error) || !upsample (run, low, error))
    return FALSE;
  bench_add (run->bench, whole, (guint) run->n, (double) (g_get_monotonic_time () - start) / 1e6, 0);
  return TRUE;
}

gboolean
bench_picture (Bench *bench, UnclipStages *stages, const char *path, int n, guint n_runs, GCancellable *cancellable, GError **error)
{
  g_autoptr (UnclipImage) picture = path != NULL ? unclip_image_load (path, error) : make_source ();
  PictureRun              run = { bench, stages, picture, cancellable, n };

  if (picture == NULL)
    return FALSE;
  for (guint i = 0; i <= n_runs; i++)
    {
      run.is_first = i == 0;
      if (!make_pictures (&run, error))
        return FALSE;
    }
  return TRUE;
}
