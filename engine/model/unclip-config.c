/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One function a class, in the order of the header; defaults stand where the key is read. */

#include "config.h"

#include "unclip-config.h"

#include "unclip-config-reader.h"

#include <string.h>

/* Sane limits: several times the largest released model, and small enough that products of two fit an int. */
#define MAX_WIDTH 32768
#define MAX_LAYERS 256
#define MAX_HEADS 1024
#define MAX_POSITIONS 4096
#define MAX_VOCABULARY (1 << 20)
#define MAX_PIXELS 4096

char *
unclip_config_dup_class_name (const char *folder, GError **error)
{
  g_auto (UnclipConfigReader) reader = { 0 };
  g_autofree char *name = NULL;
  JsonNode        *architectures;

  unclip_config_reader_init (&reader, folder, "config.json");
  name = g_strdup (unclip_config_reader_string (&reader, "_class_name", NULL));
  architectures = unclip_config_reader_find (&reader, "architectures");
  if (!name && architectures && JSON_NODE_HOLDS_ARRAY (architectures))
    {
      JsonArray *array = json_node_get_array (architectures);

      if (json_array_get_length (array) > 0
          && json_node_get_value_type (json_array_get_element (array, 0)) == G_TYPE_STRING)
        name = g_strdup (json_array_get_string_element (array, 0));
    }
  if (!name)
    {
      const char *type = unclip_config_reader_string (&reader, "model_type", NULL);

      if (g_strcmp0 (type, "clip_text_model") == 0)
        name = g_strdup ("CLIPTextModelWithProjection");
      else if (g_strcmp0 (type, "clip_vision_model") == 0)
        name = g_strdup ("CLIPVisionModelWithProjection");
      else
        unclip_config_reader_fail (&reader, "neither “_class_name” nor “architectures” says what it configures");
    }
  return unclip_config_reader_finish (&reader, error) ? g_steal_pointer (&name) : NULL;
}

/* A file that names a class must name @class_name or @other. Returns whether it was the first. */
static gboolean
check_class (UnclipConfigReader *reader, const char *class_name, const char *other)
{
  const char *found = unclip_config_reader_string (reader, "_class_name", class_name);

  if (g_str_equal (found, class_name))
    return TRUE;
  if (g_strcmp0 (found, other) != 0)
    unclip_config_reader_fail (reader, "“_class_name” is “%.60s”, but %s%s%s is needed here", found, class_name,
                               other ? " or " : "", other ? other : "");
  return FALSE;
}

static void
check_heads (UnclipConfigReader *reader, int width, int n_heads)
{
  if (reader->error)
    return;
  if (width % n_heads != 0)
    unclip_config_reader_fail (reader, "the width %d does not divide by %d attention heads", width, n_heads);
  else if (width / n_heads > UNCLIP_CONFIG_MAX_HEAD_DIM)
    unclip_config_reader_fail (reader, "attention heads are %d wide, but may be at most %d", width / n_heads,
                               UNCLIP_CONFIG_MAX_HEAD_DIM);
}

static const UnclipConfigChoice clip_activations[] = {
  { "quick_gelu", UNCLIP_ACTIVATION_QUICK_GELU },
  { "gelu", UNCLIP_ACTIVATION_GELU },
  { NULL },
};

/* A file of a whole CLIP model keeps its towers in objects of their own. */
static void
enter_tower (UnclipConfigReader *reader, const char *key)
{
  JsonNode *tower;

  if (g_strcmp0 (unclip_config_reader_string (reader, "model_type", NULL), "clip") != 0)
    return;
  tower = unclip_config_reader_find (reader, key);
  if (tower && JSON_NODE_HOLDS_OBJECT (tower))
    reader->object = json_node_get_object (tower);
  else
    unclip_config_reader_fail (reader, "there is no object “%s”", key);
}

gboolean
unclip_clip_text_config_load (const char *folder, UnclipClipTextConfig *config, GError **error)
{
  g_auto (UnclipConfigReader) reader = { 0 };

  unclip_config_reader_init (&reader, folder, "config.json");
  enter_tower (&reader, "text_config");
  *config = (UnclipClipTextConfig) {
    .vocab_size = unclip_config_reader_int (&reader, "vocab_size", 49408, 1, MAX_VOCABULARY),
    .hidden_size = unclip_config_reader_int (&reader, "hidden_size", 512, 1, MAX_WIDTH),
    .intermediate_size = unclip_config_reader_int (&reader, "intermediate_size", 2048, 1, MAX_WIDTH),
    .projection_dim = unclip_config_reader_int (&reader, "projection_dim", 512, 1, MAX_WIDTH),
    .num_hidden_layers = unclip_config_reader_int (&reader, "num_hidden_layers", 12, 1, MAX_LAYERS),
    .num_attention_heads = unclip_config_reader_int (&reader, "num_attention_heads", 8, 1, MAX_HEADS),
    .max_position_embeddings = unclip_config_reader_int (&reader, "max_position_embeddings", 77, 2, MAX_POSITIONS),
    .hidden_act = unclip_config_reader_choice (&reader, "hidden_act", UNCLIP_ACTIVATION_QUICK_GELU, clip_activations),
    .layer_norm_eps = unclip_config_reader_double (&reader, "layer_norm_eps", 1e-5, 0, 1),
    .eos_token_id = unclip_config_reader_int (&reader, "eos_token_id", 49407, 0, MAX_VOCABULARY),
  };
  check_heads (&reader, config->hidden_size, config->num_attention_heads);
  return unclip_config_reader_finish (&reader, error);
}

gboolean
unclip_clip_vision_config_load (const char *folder, UnclipClipVisionConfig *config, GError **error)
{
  g_auto (UnclipConfigReader) reader = { 0 };

  unclip_config_reader_init (&reader, folder, "config.json");
  enter_tower (&reader, "vision_config");
  *config = (UnclipClipVisionConfig) {
    .hidden_size = unclip_config_reader_int (&reader, "hidden_size", 768, 1, MAX_WIDTH),
    .intermediate_size = unclip_config_reader_int (&reader, "intermediate_size", 3072, 1, MAX_WIDTH),
    .projection_dim = unclip_config_reader_int (&reader, "projection_dim", 512, 1, MAX_WIDTH),
    .num_hidden_layers = unclip_config_reader_int (&reader, "num_hidden_layers", 12, 1, MAX_LAYERS),
    .num_attention_heads = unclip_config_reader_int (&reader, "num_attention_heads", 12, 1, MAX_HEADS),
    .num_channels = unclip_config_reader_int (&reader, "num_channels", 3, 3, 3),
    .image_size = unclip_config_reader_int (&reader, "image_size", 224, 1, MAX_PIXELS),
    .patch_size = unclip_config_reader_int (&reader, "patch_size", 32, 1, MAX_PIXELS),
    .hidden_act = unclip_config_reader_choice (&reader, "hidden_act", UNCLIP_ACTIVATION_QUICK_GELU, clip_activations),
    .layer_norm_eps = unclip_config_reader_double (&reader, "layer_norm_eps", 1e-5, 0, 1),
  };
  check_heads (&reader, config->hidden_size, config->num_attention_heads);
  if (config->patch_size > config->image_size)
    unclip_config_reader_fail (&reader, "“patch_size” %d is larger than “image_size” %d", config->patch_size,
                               config->image_size);
  else if (config->image_size / config->patch_size >= MAX_POSITIONS / (config->image_size / config->patch_size))
    unclip_config_reader_fail (&reader, "%d × %d patches are more than %d", config->image_size / config->patch_size,
                               config->image_size / config->patch_size, MAX_POSITIONS);
  return unclip_config_reader_finish (&reader, error);
}

gboolean
unclip_prior_config_load (const char *folder, UnclipPriorConfig *config, GError **error)
{
  g_auto (UnclipConfigReader) reader = { 0 };
  int width;

  unclip_config_reader_init (&reader, folder, "config.json");
  check_class (&reader, "PriorTransformer", NULL);
  *config = (UnclipPriorConfig) {
    .num_attention_heads = unclip_config_reader_int (&reader, "num_attention_heads", 32, 1, MAX_HEADS),
    .attention_head_dim = unclip_config_reader_int (&reader, "attention_head_dim", 64, 1, UNCLIP_CONFIG_MAX_HEAD_DIM),
    .num_layers = unclip_config_reader_int (&reader, "num_layers", 20, 1, MAX_LAYERS),
    .embedding_dim = unclip_config_reader_int (&reader, "embedding_dim", 768, 1, MAX_WIDTH),
    .num_embeddings = unclip_config_reader_int (&reader, "num_embeddings", 77, 1, MAX_POSITIONS),
    .additional_embeddings = unclip_config_reader_int (&reader, "additional_embeddings", 4, 4, 4),
  };
  width = config->num_attention_heads * config->attention_head_dim;
  check_heads (&reader, width, config->num_attention_heads);
  if (width > MAX_WIDTH)
    unclip_config_reader_fail (&reader, "%d heads of %d are wider than %d", config->num_attention_heads,
                               config->attention_head_dim, MAX_WIDTH);
  config->time_embed_dim = unclip_config_reader_int (&reader, "time_embed_dim", width, 1, MAX_WIDTH);
  config->embedding_proj_dim = unclip_config_reader_int (&reader, "embedding_proj_dim", config->embedding_dim, 1,
                                                         MAX_WIDTH);
  config->clip_embed_dim = unclip_config_reader_int (&reader, "clip_embed_dim", config->embedding_dim, 1, MAX_WIDTH);

  unclip_config_reader_refuse (&reader, "time_embed_act_fn", "\"silu\"");
  unclip_config_reader_refuse (&reader, "norm_in_type", NULL);
  unclip_config_reader_refuse (&reader, "embedding_proj_norm_type", NULL);
  if (json_object_has_member (reader.object, "encoder_hid_proj_type")
      && !unclip_config_reader_string (&reader, "encoder_hid_proj_type", NULL))
    unclip_config_reader_fail (&reader, "“encoder_hid_proj_type” is null, but a prior without text is not supported");
  unclip_config_reader_refuse (&reader, "encoder_hid_proj_type", "\"linear\"");
  if (json_object_has_member (reader.object, "added_emb_type")
      && !unclip_config_reader_string (&reader, "added_emb_type", NULL))
    unclip_config_reader_fail (&reader, "“added_emb_type” is null, but only \"prd\" is supported");
  unclip_config_reader_refuse (&reader, "added_emb_type", "\"prd\"");
  return unclip_config_reader_finish (&reader, error);
}

static int
require_int (UnclipConfigReader *reader, const char *key, int maximum)
{
  if (!unclip_config_reader_find (reader, key))
    unclip_config_reader_fail (reader, "the key “%s” is missing", key);
  return unclip_config_reader_int (reader, key, 1, 1, maximum);
}

gboolean
unclip_text_proj_config_load (const char *folder, UnclipTextProjConfig *config, GError **error)
{
  g_auto (UnclipConfigReader) reader = { 0 };

  unclip_config_reader_init (&reader, folder, "config.json");
  check_class (&reader, "UnCLIPTextProjModel", NULL);
  *config = (UnclipTextProjConfig) {
    .clip_extra_context_tokens = unclip_config_reader_int (&reader, "clip_extra_context_tokens", 4, 1, 1024),
    .clip_embeddings_dim = unclip_config_reader_int (&reader, "clip_embeddings_dim", 768, 1, MAX_WIDTH),
    .time_embed_dim = require_int (&reader, "time_embed_dim", MAX_WIDTH),
    .cross_attention_dim = require_int (&reader, "cross_attention_dim", MAX_WIDTH),
  };
  return unclip_config_reader_finish (&reader, error);
}

/* Options of diffusers' UNets that change the result and that our networks lack: the key, and the value that is fine. */
static const struct
{
  const char *key, *neutral;
} unet_refusals[] = {
  { "center_input_sample", "false" },
  { "mid_block_scale_factor", "1" },
  { "only_cross_attention", "false" },
  { "mid_block_only_cross_attention", "false" },
  { "dual_cross_attention", "false" },
  { "cross_attention_norm", NULL },
  { "num_attention_heads", NULL },
  { "encoder_hid_dim", NULL },
  { "encoder_hid_dim_type", NULL },
  { "num_class_embeds", NULL },
  { "class_embeddings_concat", "false" },
  { "addition_embed_type", NULL },
  { "addition_time_embed_dim", NULL },
  { "resnet_skip_time_act", "false" },
  { "resnet_out_scale_factor", "1" },
  { "time_embedding_type", "\"positional\"" },
  { "time_embedding_dim", NULL },
  { "time_embedding_act_fn", NULL },
  { "timestep_post_act", NULL },
  { "time_cond_proj_dim", NULL },
  { "conv_in_kernel", "3" },
  { "conv_out_kernel", "3" },
};

/* A null where the class's default is another value is a value of its own. */
static void
refuse_null (UnclipConfigReader *reader, const char *key)
{
  JsonNode *node = reader->error ? NULL : json_object_get_member (reader->object, key);

  if (node && JSON_NODE_HOLDS_NULL (node))
    unclip_config_reader_fail (reader, "“%s” is null, which Fugue does not support", key);
}

static void
read_sample_size (UnclipConfigReader *reader, UnclipUnetConfig *config)
{
  int size[2] = { 0, 0 };

  unclip_config_reader_ints (reader, "sample_size", 0, 1, MAX_PIXELS, 2, size);
  config->sample_height = size[0];
  config->sample_width = size[1];
}

/* The list of block types, each with or without attention. Returns how many, or 0 with the reader failed. */
static int
read_block_types (UnclipConfigReader *reader, const char *key, const char *plain, const char *attentive, gboolean *out)
{
  JsonNode  *node = unclip_config_reader_find (reader, key);
  JsonArray *array;

  if (!node || !JSON_NODE_HOLDS_ARRAY (node))
    {
      unclip_config_reader_fail (reader, "there is no list “%s”", key);
      return 0;
    }
  array = json_node_get_array (node);
  if (json_array_get_length (array) < 1 || json_array_get_length (array) > UNCLIP_CONFIG_MAX_LEVELS)
    {
      unclip_config_reader_fail (reader, "“%s” has %u entries, but must have 1 to %d", key,
                                 json_array_get_length (array), UNCLIP_CONFIG_MAX_LEVELS);
      return 0;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode   *element = json_array_get_element (array, i);
      const char *name = JSON_NODE_HOLDS_VALUE (element) ? json_node_get_string (element) : NULL;

      out[i] = attentive && g_strcmp0 (name, attentive) == 0;
      if (!out[i] && g_strcmp0 (name, plain) != 0)
        unclip_config_reader_fail (reader, "“%s” asks for the block “%.60s”, but only %s%s%s are supported", key,
                                   name ? name : "null", plain, attentive ? " and " : "", attentive ? attentive : "");
    }
  return (int) json_array_get_length (array);
}

static void
read_blocks (UnclipConfigReader *reader, UnclipUnetConfig *config, gboolean is_conditional)
{
  int n_up;

  config->n_blocks = read_block_types (reader, "down_block_types", "ResnetDownsampleBlock2D",
                                       is_conditional ? "SimpleCrossAttnDownBlock2D" : NULL, config->down_attention);
  n_up = read_block_types (reader, "up_block_types", "ResnetUpsampleBlock2D",
                           is_conditional ? "SimpleCrossAttnUpBlock2D" : NULL, config->up_attention);
  if (n_up != config->n_blocks)
    unclip_config_reader_fail (reader, "there are %d “down_block_types”, but %d “up_block_types”", config->n_blocks, n_up);
  if (!unclip_config_reader_find (reader, "block_out_channels"))
    unclip_config_reader_fail (reader, "the key “block_out_channels” is missing");
  unclip_config_reader_ints (reader, "block_out_channels", 1, 1, MAX_WIDTH, config->n_blocks,
                             config->block_out_channels);
  unclip_config_reader_ints (reader, "layers_per_block", 2, 1, MAX_LAYERS, config->n_blocks, config->layers_per_block);
}

static void
read_conditioning (UnclipConfigReader *reader, UnclipUnetConfig *config)
{
  static const UnclipConfigChoice mid_types[] = { { "UNetMidBlock2DSimpleCrossAttn", TRUE }, { NULL } };
  int widths[UNCLIP_CONFIG_MAX_LEVELS] = { 0 };

  if (!unclip_config_reader_find (reader, "mid_block_type"))
    unclip_config_reader_fail (reader, "“mid_block_type” is missing or null, but must be %s", mid_types[0].name);
  config->mid_attention = unclip_config_reader_choice (reader, "mid_block_type", TRUE, mid_types);
  unclip_config_reader_ints (reader, "attention_head_dim", 8, 1, UNCLIP_CONFIG_MAX_HEAD_DIM, config->n_blocks,
                             config->attention_head_dim);
  unclip_config_reader_ints (reader, "cross_attention_dim", 1280, 1, MAX_WIDTH, config->n_blocks, widths);
  config->cross_attention_dim = widths[0];
  for (int i = 1; i < config->n_blocks; i++)
    if (widths[i] != widths[0])
      unclip_config_reader_fail (reader, "“cross_attention_dim” differs between blocks, which Fugue does not support");
}

/* The attentions of a block, which is @width channels wide, have as many whole heads as fit, one at least. */
static void
check_attention (UnclipConfigReader *reader, const char *block, int i, int width, int head_dim)
{
  if (!reader->error && head_dim > width)
    unclip_config_reader_fail (reader, "%s block %d is %d channels wide, less than its “attention_head_dim” %d", block, i,
                               width, head_dim);
}

/* UNet2DModel: attention in the middle alone, without a context. */
static void
read_mid_attention (UnclipConfigReader *reader, UnclipUnetConfig *config)
{
  config->mid_attention = unclip_config_reader_bool (reader, "add_attention", TRUE);
  if (!config->mid_attention)
    return;
  refuse_null (reader, "attention_head_dim");
  unclip_config_reader_ints (reader, "attention_head_dim", 8, 1, UNCLIP_CONFIG_MAX_HEAD_DIM, config->n_blocks,
                             config->attention_head_dim);
}

static void
check_unet (UnclipConfigReader *reader, const UnclipUnetConfig *config)
{
  int last = config->n_blocks - 1;

  if (reader->error)
    return;
  for (int i = 0; i <= last; i++)
    if (config->block_out_channels[i] % config->norm_num_groups != 0)
      unclip_config_reader_fail (reader, "block %d is %d channels wide, which does not divide by “norm_num_groups” %d", i,
                                 config->block_out_channels[i], config->norm_num_groups);
  for (int i = 0; i <= last; i++)
    {
      if (config->down_attention[i])
        check_attention (reader, "down", i, config->block_out_channels[i], config->attention_head_dim[i]);
      if (config->up_attention[i])
        check_attention (reader, "up", i, config->block_out_channels[last - i], config->attention_head_dim[i]);
    }
  if (config->mid_attention)
    check_attention (reader, "middle", 0, config->block_out_channels[last], config->attention_head_dim[last]);
  if (config->block_out_channels[0] % 2 != 0)
    unclip_config_reader_fail (reader, "the first block is %d channels wide, but the time embedding needs an even number",
                               config->block_out_channels[0]);
  if (config->freq_shift >= config->block_out_channels[0] / 2)
    unclip_config_reader_fail (reader, "“freq_shift” is %d, but must be less than half the first block's width",
                               config->freq_shift);
}

gboolean
unclip_unet_config_load (const char *folder, UnclipUnetConfig *config, GError **error)
{
  static const UnclipConfigChoice shifts[] = { { "default", FALSE }, { "scale_shift", TRUE }, { NULL } };
  static const UnclipConfigChoice silus[] = { { "silu", 1 }, { "swish", 1 }, { NULL } };
  static const UnclipConfigChoice class_types[] = { { "identity", TRUE }, { NULL } };
  g_auto (UnclipConfigReader) reader = { 0 };
  gboolean is_conditional;
  int      n_colours;

  unclip_config_reader_init (&reader, folder, "config.json");
  if (!unclip_config_reader_find (&reader, "_class_name"))
    unclip_config_reader_fail (&reader, "the key “_class_name” is missing");
  is_conditional = check_class (&reader, "UNet2DConditionModel", "UNet2DModel");
  n_colours = is_conditional ? 4 : 3;
  *config = (UnclipUnetConfig) {
    .in_channels = unclip_config_reader_int (&reader, "in_channels", n_colours, 1, MAX_WIDTH),
    .out_channels = unclip_config_reader_int (&reader, "out_channels", n_colours, 1, MAX_WIDTH),
    .flip_sin_to_cos = unclip_config_reader_bool (&reader, "flip_sin_to_cos", TRUE),
    .freq_shift = unclip_config_reader_int (&reader, "freq_shift", 0, 0, MAX_WIDTH),
    .norm_num_groups = unclip_config_reader_int (&reader, "norm_num_groups", 32, 1, MAX_WIDTH),
    .norm_eps = unclip_config_reader_double (&reader, "norm_eps", 1e-5, 0, 1),
    .scale_shift = unclip_config_reader_choice (&reader, "resnet_time_scale_shift", FALSE, shifts),
    .class_embed_identity = unclip_config_reader_choice (&reader, "class_embed_type", FALSE, class_types),
  };
  refuse_null (&reader, "norm_num_groups");
  read_sample_size (&reader, config);
  read_blocks (&reader, config, is_conditional);
  unclip_config_reader_choice (&reader, "act_fn", 1, silus);
  for (guint i = 0; i < G_N_ELEMENTS (unet_refusals); i++)
    unclip_config_reader_refuse (&reader, unet_refusals[i].key, unet_refusals[i].neutral);
  if (is_conditional)
    read_conditioning (&reader, config);
  else
    read_mid_attention (&reader, config);
  check_unet (&reader, config);
  return unclip_config_reader_finish (&reader, error);
}

gboolean
unclip_scheduler_config_load (const char *folder, UnclipSchedulerConfig *config, GError **error)
{
  static const UnclipConfigChoice variances[] = {
    { "fixed_small_log", UNCLIP_SCHEDULER_VARIANCE_FIXED_SMALL_LOG },
    { "learned_range", UNCLIP_SCHEDULER_VARIANCE_LEARNED_RANGE },
    { NULL },
  };
  static const UnclipConfigChoice predictions[] = {
    { "epsilon", UNCLIP_SCHEDULER_PREDICTION_EPSILON },
    { "sample", UNCLIP_SCHEDULER_PREDICTION_SAMPLE },
    { NULL },
  };
  g_auto (UnclipConfigReader) reader = { 0 };

  unclip_config_reader_init (&reader, folder, "scheduler_config.json");
  check_class (&reader, "UnCLIPScheduler", NULL);
  *config = (UnclipSchedulerConfig) {
    .num_train_timesteps = unclip_config_reader_int (&reader, "num_train_timesteps", 1000, 2, 100000),
    .variance_type = unclip_config_reader_choice (&reader, "variance_type", UNCLIP_SCHEDULER_VARIANCE_FIXED_SMALL_LOG,
                                                  variances),
    .clip_sample = unclip_config_reader_bool (&reader, "clip_sample", TRUE),
    .clip_sample_range = unclip_config_reader_double (&reader, "clip_sample_range", 1, 1e-6, 1e6),
    .prediction_type = unclip_config_reader_choice (&reader, "prediction_type", UNCLIP_SCHEDULER_PREDICTION_EPSILON,
                                                    predictions),
  };
  unclip_config_reader_refuse (&reader, "beta_schedule", "\"squaredcos_cap_v2\"");
  return unclip_config_reader_finish (&reader, error);
}

/* "size" is a number or {"shortest_edge": n}. */
static int
read_shortest_edge (UnclipConfigReader *reader)
{
  JsonNode *node = unclip_config_reader_find (reader, "size");
  int       edge;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return unclip_config_reader_int (reader, "size", 224, 1, MAX_PIXELS);
  reader->object = json_node_get_object (node);
  if (!unclip_config_reader_find (reader, "shortest_edge"))
    unclip_config_reader_fail (reader, "“size” has no “shortest_edge”; other ways to resize are not supported");
  edge = unclip_config_reader_int (reader, "shortest_edge", 224, 1, MAX_PIXELS);
  reader->object = reader->root;
  return edge;
}

/* "crop_size" is a number or {"height": h, "width": w}. */
static void
read_crop (UnclipConfigReader *reader, UnclipImageProcessorConfig *config)
{
  JsonNode *node = unclip_config_reader_find (reader, "crop_size");

  if (!unclip_config_reader_bool (reader, "do_center_crop", TRUE))
    unclip_config_reader_fail (reader, "“do_center_crop” is false, but pictures of any shape must fit the network");
  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    {
      config->crop_height = config->crop_width = unclip_config_reader_int (reader, "crop_size", 224, 1, MAX_PIXELS);
      return;
    }
  reader->object = json_node_get_object (node);
  config->crop_height = require_int (reader, "height", MAX_PIXELS);
  config->crop_width = require_int (reader, "width", MAX_PIXELS);
  reader->object = reader->root;
}

/* Three numbers, or one for all channels; the class's default is CLIP's own. */
static void
read_colours (UnclipConfigReader *reader, const char *key, const float fallback[3], float out[3])
{
  JsonNode  *node = unclip_config_reader_find (reader, key);
  JsonArray *array;

  memcpy (out, fallback, 3 * sizeof *out);
  if (!node)
    return;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      out[0] = out[1] = out[2] = unclip_config_reader_double (reader, key, 0, -1000, 1000);
      return;
    }
  array = json_node_get_array (node);
  if (json_array_get_length (array) != 3)
    {
      unclip_config_reader_fail (reader, "“%s” has %u entries, but must have 3", key, json_array_get_length (array));
      return;
    }
  for (guint i = 0; i < 3; i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      GType     type = json_node_get_value_type (element);
      gboolean  is_number = type == G_TYPE_DOUBLE || type == G_TYPE_INT64;
      double    value = is_number ? json_node_get_double (element) : 0;

      if (!is_number || !(value >= -1000 && value <= 1000))
        unclip_config_reader_fail (reader, "“%s” holds something that is not a number from -1000 to 1000", key);
      else
        out[i] = (float) value;
    }
}

static void
check_resample (UnclipConfigReader *reader)
{
  /* Pillow's numbers. */
  static const char *const names[] = { "nearest", "Lanczos", "bilinear", "bicubic", "box", "Hamming" };
  int resample = unclip_config_reader_int (reader, "resample", 3, 0, G_N_ELEMENTS (names) - 1);

  if (resample != 3)
    unclip_config_reader_fail (reader, "“resample” is %d (%s), but only 3 (bicubic) is supported", resample,
                               names[resample]);
}

static void
check_processor_class (UnclipConfigReader *reader)
{
  static const char *const keys[] = { "image_processor_type", "feature_extractor_type" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *name = unclip_config_reader_string (reader, keys[i], NULL);

      if (name && !g_str_equal (name, "CLIPImageProcessor") && !g_str_equal (name, "CLIPFeatureExtractor")
          && !g_str_equal (name, "CLIPImageProcessorFast"))
        unclip_config_reader_fail (reader, "“%s” is “%.60s”, but only CLIPImageProcessor is supported", keys[i], name);
    }
}

gboolean
unclip_image_processor_config_load (const char *folder, UnclipImageProcessorConfig *config, GError **error)
{
  static const float clip_mean[3] = { 0.48145466f, 0.4578275f, 0.40821073f };
  static const float clip_std[3] = { 0.26862954f, 0.26130258f, 0.27577711f };
  g_auto (UnclipConfigReader) reader = { 0 };

  unclip_config_reader_init (&reader, folder, "preprocessor_config.json");
  check_processor_class (&reader);
  *config = (UnclipImageProcessorConfig) {
    .do_resize = unclip_config_reader_bool (&reader, "do_resize", TRUE),
    .size_shortest_edge = read_shortest_edge (&reader),
    .do_rescale = unclip_config_reader_bool (&reader, "do_rescale", TRUE),
    .rescale_factor = unclip_config_reader_double (&reader, "rescale_factor", 1.0 / 255.0, 1e-6, 1000),
    .do_normalize = unclip_config_reader_bool (&reader, "do_normalize", TRUE),
  };
  check_resample (&reader);
  read_crop (&reader, config);
  read_colours (&reader, "image_mean", clip_mean, config->image_mean);
  read_colours (&reader, "image_std", clip_std, config->image_std);
  for (guint i = 0; i < 3; i++)
    if (!(config->image_std[i] > 1e-6f))
      unclip_config_reader_fail (&reader, "“image_std” holds %g, by which nothing can be divided", config->image_std[i]);
  return unclip_config_reader_finish (&reader, error);
}
