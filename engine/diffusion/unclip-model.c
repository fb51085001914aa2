/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-model.h"

#include "unclip-error.h"
#include "unclip-json.h"

#include <float.h>
#include <string.h>

/* The components of a model folder, by the names that the pipelines give them. */
typedef enum
{
  TEXT_ENCODER,
  IMAGE_ENCODER,
  PRIOR,
  TEXT_PROJ,
  DECODER,
  SUPER_RES_FIRST,
  SUPER_RES_LAST,
  N_PARTS,
} Part;

static const struct
{
  const char *name;
  const char *purpose;          /* for the message when it is not there */
} parts[N_PARTS] = {
  [TEXT_ENCODER] = { "text_encoder", "read captions" },
  [IMAGE_ENCODER] = { "image_encoder", "look at pictures" },
  [PRIOR] = { "prior", "make pictures from captions" },
  [TEXT_PROJ] = { "text_proj", "decode embeddings" },
  [DECODER] = { "decoder", "decode embeddings" },
  [SUPER_RES_FIRST] = { "super_res_first", "enlarge pictures" },
  [SUPER_RES_LAST] = { "super_res_last", "enlarge pictures" },
};

static const char *const scheduler_names[] = {
  [UNCLIP_MODEL_PRIOR] = "prior_scheduler",
  [UNCLIP_MODEL_DECODER] = "decoder_scheduler",
  [UNCLIP_MODEL_UPSAMPLER] = "super_res_scheduler",
};

struct _UnclipModel
{
  gatomicrefcount             ref_count;
  UnclipModelFolder          *folder;                   /* owned */
  UnclipModelDefaults         defaults;

  /* Owned, NULL until asked for */
  UnclipWeights              *weights[N_PARTS];
  UnclipClipText             *text;
  UnclipClipVision           *vision;
  UnclipPrior                *prior;
  UnclipTextProj             *text_proj;
  UnclipUnet                 *unets[N_PARTS];           /* DECODER, SUPER_RES_FIRST, SUPER_RES_LAST */
  UnclipTokenizer            *tokenizer;
  UnclipImageProcessorParams *processor;
};

/* What the reference pipelines use when the caller says nothing. */
static const UnclipModelDefaults reference_defaults = {
  .prior_steps = 25,
  .decoder_steps = 25,
  .upsampler_steps = 7,
  .prior_guidance = 4,
  .decoder_guidance = 8,
};

static double
read_default (JsonObject *object, const char *key, double by_default)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, key) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return by_default;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_INT64:
      return (double) json_node_get_int (node);
    case G_TYPE_DOUBLE:
      return json_node_get_double (node);
    default:
      return by_default;
    }
}

/* "_fugue_defaults" of model_index.json. Recipes check the ranges, so a silly number fails there, by name. */
static gboolean
read_defaults (UnclipModel *model, GError **error)
{
  g_autofree char        *path = g_build_filename (unclip_model_folder_get_path (model->folder), "model_index.json", NULL);
  g_autoptr (JsonObject)  index = unclip_json_load_object (path, error);
  JsonNode               *node;
  JsonObject             *object = NULL;
  const UnclipModelDefaults *d = &reference_defaults;

  if (index == NULL)
    return FALSE;
  node = json_object_get_member (index, "_fugue_defaults");
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    object = json_node_get_object (node);
  model->defaults = (UnclipModelDefaults){
    .prior_steps = (guint) CLAMP (read_default (object, "prior_num_inference_steps", d->prior_steps), 0, 1000),
    .decoder_steps = (guint) CLAMP (read_default (object, "decoder_num_inference_steps", d->decoder_steps), 0, 1000),
    .upsampler_steps = (guint) CLAMP (read_default (object, "super_res_num_inference_steps", d->upsampler_steps), 0, 1000),
    .prior_guidance = (float) read_default (object, "prior_guidance_scale", d->prior_guidance),
    .decoder_guidance = (float) read_default (object, "decoder_guidance_scale", d->decoder_guidance),
  };
  return TRUE;
}

UnclipModel *
unclip_model_open (UnclipModelFolder *folder, GError **error)
{
  UnclipModel *model = g_new0 (UnclipModel, 1);

  g_atomic_ref_count_init (&model->ref_count);
  model->folder = unclip_model_folder_ref (folder);
  if (!read_defaults (model, error))
    g_clear_pointer (&model, unclip_model_unref);
  return model;
}

UnclipModel *
unclip_model_ref (UnclipModel *model)
{
  g_atomic_ref_count_inc (&model->ref_count);
  return model;
}

void
unclip_model_unref (UnclipModel *model)
{
  if (model == NULL || !g_atomic_ref_count_dec (&model->ref_count))
    return;
  unclip_clip_text_free (model->text);
  unclip_clip_vision_free (model->vision);
  unclip_prior_free (model->prior);
  unclip_text_proj_free (model->text_proj);
  for (int i = 0; i < N_PARTS; i++)
    {
      unclip_unet_free (model->unets[i]);
      unclip_weights_unref (model->weights[i]);
    }
  unclip_tokenizer_free (model->tokenizer);
  g_free (model->processor);
  unclip_model_folder_unref (model->folder);
  g_free (model);
}

UnclipModelFolder *
unclip_model_get_folder (UnclipModel *model)
{
  return model->folder;
}

const UnclipModelDefaults *
unclip_model_get_defaults (UnclipModel *model)
{
  return &model->defaults;
}

static const char *
get_component (UnclipModel *model, const char *name, const char *purpose, GError **error)
{
  const char *path = unclip_model_folder_get_component (model->folder, name);

  if (path == NULL)
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND, "The model “%s” has no %s, so it cannot %s; choose another one with --model.",
                 unclip_model_folder_get_path (model->folder), name, purpose);
  return path;
}

/* The part's folder, with its weights open and free of NaN. */
static const char *
open_part (UnclipModel *model, Part part, GError **error)
{
  const char *path = get_component (model, parts[part].name, parts[part].purpose, error);

  if (path == NULL || model->weights[part] != NULL)
    return path;
  model->weights[part] = unclip_weights_open (path, error);
  if (model->weights[part] != NULL && !unclip_weights_check_finite (model->weights[part], error))
    g_clear_pointer (&model->weights[part], unclip_weights_unref);
  return model->weights[part] != NULL ? path : NULL;
}

gboolean
unclip_model_check_whole (UnclipModel *model, GError **error)
{
  for (Part part = 0; part < N_PARTS; part++)
    if (model->weights[part] != NULL && !unclip_weights_check_whole (model->weights[part], error))
      return FALSE;
  return TRUE;
}

/* Parts of different models fit their own files and yet not each other. @found belongs to @part. */
static gboolean
check_fit (UnclipModel *model, Part part, const char *what, int found, const char *other, int wanted, GError **error)
{
  if (found == wanted)
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
               "The parts of the model “%s” do not belong together: its %s has %s %d, where %s takes %d.",
               unclip_model_folder_get_path (model->folder), parts[part].name, what, found, other, wanted);
  return FALSE;
}

/* Embeddings and hidden states go into text_proj, ids come out of the tokenizer. */
static gboolean
check_text (UnclipModel *model, const UnclipClipTextConfig *config, GError **error)
{
  int              n_embed = unclip_model_get_n_embed (model, error);
  UnclipTokenizer *tokenizer = n_embed > 0 ? unclip_model_get_tokenizer (model, error) : NULL;

  if (tokenizer == NULL || !check_fit (model, TEXT_ENCODER, "a projection_dim of", config->projection_dim, "text_proj", n_embed, error)
      || !check_fit (model, TEXT_ENCODER, "a hidden_size of", config->hidden_size, "text_proj", n_embed, error))
    return FALSE;
  if (unclip_tokenizer_get_n_vocab (tokenizer) <= (guint) config->vocab_size
      && unclip_tokenizer_get_max_length (tokenizer) <= (guint) config->max_position_embeddings)
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
               "The parts of the model “%s” do not belong together: its tokenizer gives %u words and %u tokens, its text_encoder takes %d and %d.",
               unclip_model_folder_get_path (model->folder), unclip_tokenizer_get_n_vocab (tokenizer),
               unclip_tokenizer_get_max_length (tokenizer), config->vocab_size, config->max_position_embeddings);
  return FALSE;
}

static gboolean
check_vision (UnclipModel *model, const UnclipClipVisionConfig *config, GError **error)
{
  int n_embed = unclip_model_get_n_embed (model, error);

  return n_embed > 0 && check_fit (model, IMAGE_ENCODER, "a projection_dim of", config->projection_dim, "text_proj", n_embed, error);
}

static gboolean
check_prior (UnclipModel *model, const UnclipPriorConfig *config, GError **error)
{
  int              n_embed = unclip_model_get_n_embed (model, error);
  UnclipTokenizer *tokenizer = n_embed > 0 ? unclip_model_get_tokenizer (model, error) : NULL;

  return tokenizer != NULL
         && check_fit (model, PRIOR, "an embedding_dim of", config->embedding_dim, "text_proj", n_embed, error)
         && check_fit (model, PRIOR, "a clip_embed_dim of", config->clip_embed_dim, "text_proj", n_embed, error)
         && check_fit (model, PRIOR, "an embedding_proj_dim of", config->embedding_proj_dim, "text_proj", n_embed, error)
         && check_fit (model, PRIOR, "num_embeddings of", config->num_embeddings, "the tokenizer",
                       (int) unclip_tokenizer_get_max_length (tokenizer), error);
}

static gboolean
check_unet (UnclipModel *model, Part part, const UnclipUnetConfig *config, GError **error)
{
  UnclipTextProj             *text_proj = part == DECODER ? unclip_model_get_text_proj (model, error) : NULL;
  const UnclipTextProjConfig *wanted = text_proj != NULL ? unclip_text_proj_get_config (text_proj) : NULL;

  if (part != DECODER)
    return check_fit (model, part, "in_channels", config->in_channels, "the upsampler", 6, error)
           && check_fit (model, part, "out_channels", config->out_channels, "the upsampler", 3, error)
           && check_fit (model, part, "a cross_attention_dim of", config->cross_attention_dim, "the upsampler", 0, error)
           && check_fit (model, part, "class embeddings:", config->class_embed_identity, "the upsampler", FALSE, error);
  return wanted != NULL
         && check_fit (model, part, "in_channels", config->in_channels, "a decoder of pixels", 3, error)
         && check_fit (model, part, "class embeddings:", config->class_embed_identity, "text_proj", TRUE, error)
         && check_fit (model, part, "a time embedding of", 4 * config->block_out_channels[0], "text_proj", wanted->time_embed_dim, error)
         && (config->cross_attention_dim == 0
             || check_fit (model, part, "a cross_attention_dim of", config->cross_attention_dim, "text_proj", wanted->cross_attention_dim, error));
}

UnclipClipText *
unclip_model_get_text (UnclipModel *model, GError **error)
{
  UnclipClipTextConfig config;
  const char          *path;

  if (model->text != NULL)
    return model->text;
  path = open_part (model, TEXT_ENCODER, error);
  if (path != NULL && unclip_clip_text_config_load (path, &config, error) && check_text (model, &config, error))
    model->text = unclip_clip_text_new (&config, model->weights[TEXT_ENCODER], error);
  return model->text;
}

UnclipClipVision *
unclip_model_get_vision (UnclipModel *model, GError **error)
{
  UnclipClipVisionConfig config;
  const char            *path;

  if (model->vision != NULL)
    return model->vision;
  path = open_part (model, IMAGE_ENCODER, error);
  if (path != NULL && unclip_clip_vision_config_load (path, &config, error) && check_vision (model, &config, error))
    model->vision = unclip_clip_vision_new (&config, model->weights[IMAGE_ENCODER], error);
  return model->vision;
}

UnclipPrior *
unclip_model_get_prior (UnclipModel *model, GError **error)
{
  UnclipPriorConfig config;
  const char       *path;

  if (model->prior != NULL)
    return model->prior;
  path = open_part (model, PRIOR, error);
  if (path != NULL && unclip_prior_config_load (path, &config, error) && check_prior (model, &config, error))
    model->prior = unclip_prior_new (&config, model->weights[PRIOR], error);
  return model->prior;
}

UnclipTextProj *
unclip_model_get_text_proj (UnclipModel *model, GError **error)
{
  UnclipTextProjConfig config;
  const char          *path;

  if (model->text_proj != NULL)
    return model->text_proj;
  path = open_part (model, TEXT_PROJ, error);
  if (path != NULL && unclip_text_proj_config_load (path, &config, error))
    model->text_proj = unclip_text_proj_new (&config, model->weights[TEXT_PROJ], error);
  return model->text_proj;
}

static UnclipUnet *
get_unet (UnclipModel *model, Part part, GError **error)
{
  UnclipUnetConfig config;
  const char      *path;

  if (model->unets[part] != NULL)
    return model->unets[part];
  path = open_part (model, part, error);
  if (path != NULL && unclip_unet_config_load (path, &config, error) && check_unet (model, part, &config, error))
    model->unets[part] = unclip_unet_new (&config, model->weights[part], error);
  return model->unets[part];
}

UnclipUnet *
unclip_model_get_decoder (UnclipModel *model, GError **error)
{
  return get_unet (model, DECODER, error);
}

UnclipUnet *
unclip_model_get_upsampler (UnclipModel *model, gboolean last, GError **error)
{
  return get_unet (model, last ? SUPER_RES_LAST : SUPER_RES_FIRST, error);
}

UnclipTokenizer *
unclip_model_get_tokenizer (UnclipModel *model, GError **error)
{
  const char *path;

  if (model->tokenizer != NULL)
    return model->tokenizer;
  path = get_component (model, "tokenizer", "read captions", error);
  if (path != NULL)
    model->tokenizer = unclip_tokenizer_load (path, error);
  return model->tokenizer;
}

static UnclipImageProcessorParams *
convert_processor (const UnclipImageProcessorConfig *config)
{
  UnclipImageProcessorParams *params = g_new (UnclipImageProcessorParams, 1);

  *params = (UnclipImageProcessorParams){
    .resizes = config->do_resize,
    .shortest_edge = (guint) config->size_shortest_edge,
    .crops = TRUE,
    .crop_width = (guint) config->crop_width,
    .crop_height = (guint) config->crop_height,
    .rescales = config->do_rescale,
    .rescale_factor = config->rescale_factor,
    .normalizes = config->do_normalize,
  };
  memcpy (params->mean, config->image_mean, sizeof params->mean);
  memcpy (params->std, config->image_std, sizeof params->std);
  return params;
}

const UnclipImageProcessorParams *
unclip_model_get_processor (UnclipModel *model, GError **error)
{
  UnclipImageProcessorConfig config;
  const char                *path;

  if (model->processor != NULL)
    return model->processor;
  path = get_component (model, "feature_extractor", "look at pictures", error);
  if (path != NULL && unclip_image_processor_config_load (path, &config, error))
    model->processor = convert_processor (&config);
  return model->processor;
}

int
unclip_model_get_n_embed (UnclipModel *model, GError **error)
{
  UnclipTextProj *text_proj = unclip_model_get_text_proj (model, error);

  return text_proj != NULL ? unclip_text_proj_get_config (text_proj)->clip_embeddings_dim : 0;
}

static gboolean
get_sample_size (UnclipUnet *unet, Part part, int *height, int *width, GError **error)
{
  const UnclipUnetConfig *config = unet != NULL ? unclip_unet_get_config (unet) : NULL;

  if (config == NULL)
    return FALSE;
  if (config->sample_height == 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "The config of %s names no sample_size, so the size of its pictures is unknown.",
                   parts[part].name);
      return FALSE;
    }
  *height = config->sample_height;
  *width = config->sample_width;
  return TRUE;
}

gboolean
unclip_model_get_decoder_size (UnclipModel *model, int *height, int *width, GError **error)
{
  return get_sample_size (unclip_model_get_decoder (model, error), DECODER, height, width, error);
}

/* super_res_last of the published Karlo says null. */
gboolean
unclip_model_get_picture_size (UnclipModel *model, int *height, int *width, GError **error)
{
  return get_sample_size (unclip_model_get_upsampler (model, FALSE, error), SUPER_RES_FIRST, height, width, error);
}

/* The stage's schedule, and @params with what its scheduler config says. */
static UnclipSchedule *
read_scheduler (UnclipModel *model, UnclipModelStage stage, UnclipSamplerParams *params, GError **error)
{
  UnclipSchedulerConfig config;
  const char           *path = get_component (model, scheduler_names[stage], "run that stage", error);
  UnclipScheduleParams  schedule_params = { .curve = UNCLIP_BETA_SQUAREDCOS_CAP_V2 };

  if (path == NULL || !unclip_scheduler_config_load (path, &config, error))
    return NULL;
  if (config.variance_type == UNCLIP_SCHEDULER_VARIANCE_LEARNED_RANGE && stage != UNCLIP_MODEL_DECODER)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "The %s of the model “%s” wants a variance that only a decoder gives (variance_type “learned_range”).",
                   scheduler_names[stage], unclip_model_folder_get_path (model->folder));
      return NULL;
    }
  schedule_params.n_timesteps = (guint) config.num_train_timesteps;
  params->spacing = UNCLIP_SPACING_ENDS;
  params->prediction = config.prediction_type == UNCLIP_SCHEDULER_PREDICTION_SAMPLE ? UNCLIP_PREDICTION_SAMPLE : UNCLIP_PREDICTION_EPSILON;
  params->variance = config.variance_type == UNCLIP_SCHEDULER_VARIANCE_LEARNED_RANGE ? UNCLIP_VARIANCE_LEARNED_RANGE : UNCLIP_VARIANCE_FIXED_SMALL_LOG;
  params->clips = config.clip_sample;
  params->clip_range = config.clip_sample_range;
  return unclip_schedule_new (&schedule_params, error);
}

UnclipSampler *
unclip_model_new_sampler (UnclipModel *model, UnclipModelStage stage, const UnclipSamplerChoice *choice, GError **error)
{
  UnclipSamplerParams        params = { .kind = choice->kind, .offset = choice->first_timestep, .n_steps = choice->n_steps, .eta = choice->eta };
  g_autoptr (UnclipSchedule) schedule = read_scheduler (model, stage, &params, error);

  return schedule != NULL ? unclip_sampler_new (schedule, &params, error) : NULL;
}

UnclipInversion *
unclip_model_new_inversion (UnclipModel *model, UnclipInverter inverter, guint n_steps, guint first_timestep, GError **error)
{
  UnclipSamplerParams        params = { .offset = first_timestep, .n_steps = n_steps };
  g_autoptr (UnclipSchedule) schedule = read_scheduler (model, UNCLIP_MODEL_DECODER, &params, error);

  return schedule != NULL ? unclip_inversion_new (schedule, &params, inverter, error) : NULL;
}
