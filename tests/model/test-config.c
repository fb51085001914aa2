/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Config files: class defaults, the released models' values, every refusal, and mutations. */

#include "config.h"

#include "unclip-config.h"
#include "unclip-error.h"

#include <glib/gstdio.h>
#include <string.h>

typedef union
{
  UnclipClipTextConfig       text;
  UnclipClipVisionConfig     vision;
  UnclipPriorConfig          prior;
  UnclipTextProjConfig       text_proj;
  UnclipUnetConfig           unet;
  UnclipSchedulerConfig      scheduler;
  UnclipImageProcessorConfig processor;
} AnyConfig;

typedef gboolean (*Load) (const char *folder, gpointer config, GError **error);

typedef enum { TEXT, VISION, PRIOR, TEXT_PROJ, UNET, SCHEDULER, PROCESSOR, N_KINDS } Kind;

static const struct
{
  Load        load;
  const char *file_name;
} kinds[N_KINDS] = {
  [TEXT] = { (Load) unclip_clip_text_config_load, "config.json" },
  [VISION] = { (Load) unclip_clip_vision_config_load, "config.json" },
  [PRIOR] = { (Load) unclip_prior_config_load, "config.json" },
  [TEXT_PROJ] = { (Load) unclip_text_proj_config_load, "config.json" },
  [UNET] = { (Load) unclip_unet_config_load, "config.json" },
  [SCHEDULER] = { (Load) unclip_scheduler_config_load, "scheduler_config.json" },
  [PROCESSOR] = { (Load) unclip_image_processor_config_load, "preprocessor_config.json" },
};

static char *folder;

static gboolean
load (Kind kind, const char *text, AnyConfig *config, GError **error)
{
  g_autofree char *path = g_build_filename (folder, kinds[kind].file_name, NULL);
  gboolean         loaded;

  memset (config, 0xa5, sizeof *config);
  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  loaded = kinds[kind].load (folder, config, error);
  g_assert_cmpint (g_remove (path), ==, 0);
  return loaded;
}

static void
load_fine (Kind kind, const char *text, AnyConfig *config)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (load (kind, text, config, &error));
  g_assert_no_error (error);
}

static const char karlo_decoder[] =
  "{\"_class_name\": \"UNet2DConditionModel\", \"_diffusers_version\": \"0.11.0.dev0\", \"act_fn\": \"silu\","
  "\"attention_head_dim\": 64, \"block_out_channels\": [320, 640, 960, 1280], \"center_input_sample\": false,"
  "\"class_embed_type\": \"identity\", \"cross_attention_dim\": 1536, \"down_block_types\": ["
  "\"ResnetDownsampleBlock2D\", \"SimpleCrossAttnDownBlock2D\", \"SimpleCrossAttnDownBlock2D\","
  "\"SimpleCrossAttnDownBlock2D\"], \"downsample_padding\": 1, \"dual_cross_attention\": false,"
  "\"flip_sin_to_cos\": true, \"freq_shift\": 0, \"in_channels\": 3, \"layers_per_block\": 3,"
  "\"mid_block_scale_factor\": 1, \"mid_block_type\": \"UNetMidBlock2DSimpleCrossAttn\", \"norm_eps\": 1e-05,"
  "\"norm_num_groups\": 32, \"num_class_embeds\": null, \"only_cross_attention\": false, \"out_channels\": 6,"
  "\"resnet_time_scale_shift\": \"scale_shift\", \"sample_size\": 64, \"up_block_types\": ["
  "\"SimpleCrossAttnUpBlock2D\", \"SimpleCrossAttnUpBlock2D\", \"SimpleCrossAttnUpBlock2D\","
  "\"ResnetUpsampleBlock2D\"], \"upcast_attention\": false, \"use_linear_projection\": false}";

static const char karlo_super_res[] =
  "{\"_class_name\": \"UNet2DModel\", \"act_fn\": \"silu\", \"add_attention\": false, \"attention_head_dim\": 8,"
  "\"block_out_channels\": [320, 640, 960, 1280], \"center_input_sample\": false, \"down_block_types\": ["
  "\"ResnetDownsampleBlock2D\", \"ResnetDownsampleBlock2D\", \"ResnetDownsampleBlock2D\", \"ResnetDownsampleBlock2D\"],"
  "\"downsample_padding\": 1, \"flip_sin_to_cos\": true, \"freq_shift\": 0, \"in_channels\": 6, \"layers_per_block\": 3,"
  "\"mid_block_scale_factor\": 1, \"norm_eps\": 1e-05, \"norm_num_groups\": 32, \"out_channels\": 3,"
  "\"resnet_time_scale_shift\": \"default\", \"sample_size\": null, \"time_embedding_type\": \"positional\","
  "\"up_block_types\": [\"ResnetUpsampleBlock2D\", \"ResnetUpsampleBlock2D\", \"ResnetUpsampleBlock2D\","
  "\"ResnetUpsampleBlock2D\"]}";

static void
test_text (void)
{
  AnyConfig config;

  load_fine (TEXT, "{}", &config);
  g_assert_cmpint (config.text.vocab_size, ==, 49408);
  g_assert_cmpint (config.text.hidden_size, ==, 512);
  g_assert_cmpint (config.text.intermediate_size, ==, 2048);
  g_assert_cmpint (config.text.projection_dim, ==, 512);
  g_assert_cmpint (config.text.num_hidden_layers, ==, 12);
  g_assert_cmpint (config.text.num_attention_heads, ==, 8);
  g_assert_cmpint (config.text.max_position_embeddings, ==, 77);
  g_assert_cmpint (config.text.hidden_act, ==, UNCLIP_ACTIVATION_QUICK_GELU);
  g_assert_cmpfloat (config.text.layer_norm_eps, ==, 1e-5f);
  g_assert_cmpint (config.text.eos_token_id, ==, 49407);

  load_fine (TEXT, "{\"model_type\":\"clip\",\"projection_dim\":9,\"text_config\":{\"hidden_size\":1280,"
             "\"num_attention_heads\":20,\"hidden_act\":\"gelu\",\"eos_token_id\":2},\"vision_config\":{}}", &config);
  g_assert_cmpint (config.text.hidden_size, ==, 1280);
  g_assert_cmpint (config.text.projection_dim, ==, 512);
  g_assert_cmpint (config.text.hidden_act, ==, UNCLIP_ACTIVATION_GELU);
  g_assert_cmpint (config.text.eos_token_id, ==, 2);
}

static void
test_vision (void)
{
  AnyConfig config;

  load_fine (VISION, "{}", &config);
  g_assert_cmpint (config.vision.hidden_size, ==, 768);
  g_assert_cmpint (config.vision.intermediate_size, ==, 3072);
  g_assert_cmpint (config.vision.projection_dim, ==, 512);
  g_assert_cmpint (config.vision.num_hidden_layers, ==, 12);
  g_assert_cmpint (config.vision.num_attention_heads, ==, 12);
  g_assert_cmpint (config.vision.num_channels, ==, 3);
  g_assert_cmpint (config.vision.image_size, ==, 224);
  g_assert_cmpint (config.vision.patch_size, ==, 32);

  /* OpenCLIP bigG: heads of 104. */
  load_fine (VISION, "{\"hidden_size\":1664,\"num_attention_heads\":16,\"num_hidden_layers\":48,\"patch_size\":14}", &config);
  g_assert_cmpint (config.vision.num_hidden_layers, ==, 48);
}

static void
test_prior (void)
{
  AnyConfig config;

  load_fine (PRIOR, "{\"_class_name\":\"PriorTransformer\"}", &config);
  g_assert_cmpint (config.prior.num_attention_heads, ==, 32);
  g_assert_cmpint (config.prior.attention_head_dim, ==, 64);
  g_assert_cmpint (config.prior.num_layers, ==, 20);
  g_assert_cmpint (config.prior.embedding_dim, ==, 768);
  g_assert_cmpint (config.prior.num_embeddings, ==, 77);
  g_assert_cmpint (config.prior.additional_embeddings, ==, 4);
  g_assert_cmpint (config.prior.time_embed_dim, ==, 2048);
  g_assert_cmpint (config.prior.embedding_proj_dim, ==, 768);
  g_assert_cmpint (config.prior.clip_embed_dim, ==, 768);

  load_fine (PRIOR, "{\"embedding_dim\":1280,\"time_embed_dim\":null,\"clip_embed_dim\":100,\"added_emb_type\":\"prd\","
             "\"encoder_hid_proj_type\":\"linear\",\"time_embed_act_fn\":\"silu\",\"norm_in_type\":null}", &config);
  g_assert_cmpint (config.prior.embedding_proj_dim, ==, 1280);
  g_assert_cmpint (config.prior.clip_embed_dim, ==, 100);
}

static void
test_text_proj (void)
{
  AnyConfig config;

  load_fine (TEXT_PROJ, "{\"time_embed_dim\":1280,\"cross_attention_dim\":1536}", &config);
  g_assert_cmpint (config.text_proj.clip_extra_context_tokens, ==, 4);
  g_assert_cmpint (config.text_proj.clip_embeddings_dim, ==, 768);
  g_assert_cmpint (config.text_proj.time_embed_dim, ==, 1280);
  g_assert_cmpint (config.text_proj.cross_attention_dim, ==, 1536);
}

static void
test_decoder (void)
{
  AnyConfig config;

  load_fine (UNET, karlo_decoder, &config);
  g_assert_cmpint (config.unet.sample_height, ==, 64);
  g_assert_cmpint (config.unet.sample_width, ==, 64);
  g_assert_cmpint (config.unet.in_channels, ==, 3);
  g_assert_cmpint (config.unet.out_channels, ==, 6);
  g_assert_cmpint (config.unet.n_blocks, ==, 4);
  for (int i = 0; i < 4; i++)
    {
      g_assert_cmpint (config.unet.block_out_channels[i], ==, 320 * (i + 1));
      g_assert_cmpint (config.unet.layers_per_block[i], ==, 3);
      g_assert_cmpint (config.unet.attention_head_dim[i], ==, 64);
      g_assert_cmpint (config.unet.down_attention[i], ==, i > 0);
      g_assert_cmpint (config.unet.up_attention[i], ==, i < 3);
    }
  g_assert_true (config.unet.mid_attention);
  g_assert_cmpint (config.unet.cross_attention_dim, ==, 1536);
  g_assert_cmpint (config.unet.norm_num_groups, ==, 32);
  g_assert_cmpfloat (config.unet.norm_eps, ==, 1e-5f);
  g_assert_true (config.unet.scale_shift);
  g_assert_true (config.unet.class_embed_identity);
  g_assert_true (config.unet.flip_sin_to_cos);
}

static void
test_super_res (void)
{
  AnyConfig config;

  load_fine (UNET, karlo_super_res, &config);
  g_assert_cmpint (config.unet.sample_height, ==, 0);
  g_assert_cmpint (config.unet.in_channels, ==, 6);
  g_assert_cmpint (config.unet.out_channels, ==, 3);
  g_assert_false (config.unet.mid_attention);
  g_assert_false (config.unet.down_attention[3]);
  g_assert_false (config.unet.scale_shift);
  g_assert_false (config.unet.class_embed_identity);
  g_assert_cmpint (config.unet.cross_attention_dim, ==, 0);
}

/* Karlo's decoder with one piece of its text replaced. */
static char *
edit (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, 2);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strconcat (parts[0], to, parts[1], NULL);
}

static void
test_lists (void)
{
  AnyConfig config;
  g_autofree char *layers = edit (karlo_decoder, "\"layers_per_block\": 3", "\"layers_per_block\": [1, 2, 3, 4]");
  g_autofree char *heads = edit (layers, "\"attention_head_dim\": 64", "\"attention_head_dim\": [8, 16, 32, 64]");
  g_autofree char *size = edit (heads, "\"sample_size\": 64", "\"sample_size\": [48, 80]");
  g_autofree char *context = edit (size, "\"cross_attention_dim\": 1536",
                                   "\"cross_attention_dim\": [1536, 1536, 1536, 1536], \"resnet_out_scale_factor\": 1.0");

  load_fine (UNET, context, &config);
  g_assert_cmpint (config.unet.layers_per_block[1], ==, 2);
  g_assert_cmpint (config.unet.layers_per_block[3], ==, 4);
  g_assert_cmpint (config.unet.attention_head_dim[2], ==, 32);
  g_assert_cmpint (config.unet.sample_height, ==, 48);
  g_assert_cmpint (config.unet.sample_width, ==, 80);
}

static void
test_scheduler (void)
{
  AnyConfig config;

  load_fine (SCHEDULER, "{\"_class_name\":\"UnCLIPScheduler\"}", &config);
  g_assert_cmpint (config.scheduler.num_train_timesteps, ==, 1000);
  g_assert_cmpint (config.scheduler.variance_type, ==, UNCLIP_SCHEDULER_VARIANCE_FIXED_SMALL_LOG);
  g_assert_true (config.scheduler.clip_sample);
  g_assert_cmpfloat (config.scheduler.clip_sample_range, ==, 1);
  g_assert_cmpint (config.scheduler.prediction_type, ==, UNCLIP_SCHEDULER_PREDICTION_EPSILON);

  load_fine (SCHEDULER, "{\"clip_sample\":false,\"clip_sample_range\":5.0,\"prediction_type\":\"sample\","
             "\"variance_type\":\"learned_range\",\"beta_schedule\":\"squaredcos_cap_v2\"}", &config);
  g_assert_cmpint (config.scheduler.variance_type, ==, UNCLIP_SCHEDULER_VARIANCE_LEARNED_RANGE);
  g_assert_false (config.scheduler.clip_sample);
  g_assert_cmpfloat (config.scheduler.clip_sample_range, ==, 5);
  g_assert_cmpint (config.scheduler.prediction_type, ==, UNCLIP_SCHEDULER_PREDICTION_SAMPLE);
}

static void
test_processor (void)
{
  AnyConfig config;

  load_fine (PROCESSOR, "{}", &config);
  g_assert_true (config.processor.do_resize && config.processor.do_rescale
                 && config.processor.do_normalize);
  g_assert_cmpint (config.processor.size_shortest_edge, ==, 224);
  g_assert_cmpint (config.processor.crop_height, ==, 224);
  g_assert_cmpint (config.processor.crop_width, ==, 224);
  g_assert_cmpfloat (config.processor.rescale_factor, ==, 1.0 / 255.0);
  g_assert_cmpfloat (config.processor.image_mean[1], ==, 0.4578275f);
  g_assert_cmpfloat (config.processor.image_std[2], ==, 0.27577711f);

  load_fine (PROCESSOR, "{\"size\":64,\"crop_size\":48,\"image_mean\":[0,0.5,1],\"image_std\":0.5,"
             "\"feature_extractor_type\":\"CLIPFeatureExtractor\"}", &config);
  g_assert_cmpint (config.processor.size_shortest_edge, ==, 64);
  g_assert_cmpint (config.processor.crop_width, ==, 48);
  g_assert_cmpfloat (config.processor.image_mean[2], ==, 1);
  g_assert_cmpfloat (config.processor.image_std[1], ==, 0.5f);

  load_fine (PROCESSOR, "{\"size\":{\"shortest_edge\":32},\"crop_size\":{\"height\":30,\"width\":28},"
             "\"image_processor_type\":\"CLIPImageProcessor\"}", &config);
  g_assert_cmpint (config.processor.size_shortest_edge, ==, 32);
  g_assert_cmpint (config.processor.crop_height, ==, 30);
  g_assert_cmpint (config.processor.crop_width, ==, 28);
}

static void
assert_refused (Kind kind, const char *text, const char *why)
{
  g_autoptr (GError) error = NULL;
  AnyConfig config;

  g_assert_false (load (kind, text, &config, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, folder));
  if (!strstr (error->message, why))
    g_error ("“%s” does not say “%s”", error->message, why);
}

static void
test_refused (void)
{
  static const struct
  {
    Kind        kind;
    const char *text, *why;
  } cases[] = {
    { TEXT, "[]", "not an object" },
    { TEXT, "{\"hidden_size\":512", "not valid JSON" },
    { TEXT, "{\"hidden_size\":0}", "“hidden_size” is 0" },
    { TEXT, "{\"hidden_size\":-512}", "“hidden_size” is -512" },
    { TEXT, "{\"hidden_size\":4294967808}", "“hidden_size” is 4294967808" },
    { TEXT, "{\"hidden_size\":512.5}", "“hidden_size” is 512.5" },
    { TEXT, "{\"hidden_size\":\"512\"}", "“hidden_size” is \"512\"" },
    { TEXT, "{\"hidden_size\":true}", "“hidden_size” is true" },
    { TEXT, "{\"hidden_size\":[512]}", "“hidden_size” is [512]" },
    { TEXT, "{\"num_attention_heads\":0}", "“num_attention_heads” is 0" },
    { TEXT, "{\"num_attention_heads\":7}", "does not divide by 7 attention heads" },
    { TEXT, "{\"num_attention_heads\":1}", "attention heads are 512 wide" },
    { TEXT, "{\"hidden_act\":\"relu\"}", "“hidden_act” is \"relu\", but must be quick_gelu or gelu" },
    { TEXT, "{\"hidden_act\":3}", "“hidden_act” is 3" },
    { TEXT, "{\"layer_norm_eps\":-1}", "“layer_norm_eps” is -1" },
    { TEXT, "{\"layer_norm_eps\":\"x\"}", "“layer_norm_eps”" },
    { TEXT, "{\"model_type\":\"clip\"}", "there is no object “text_config”" },
    { VISION, "{\"num_channels\":1}", "“num_channels” is 1" },
    { VISION, "{\"image_size\":16}", "“patch_size” 32 is larger" },
    { VISION, "{\"image_size\":4096,\"patch_size\":1}", "4096 × 4096 patches" },
    { VISION, "{\"model_type\":\"clip\",\"vision_config\":[]}", "there is no object “vision_config”" },
    { PRIOR, "{\"_class_name\":\"UNet2DModel\"}", "“_class_name” is “UNet2DModel”, but PriorTransformer is needed" },
    { PRIOR, "{\"additional_embeddings\":3}", "“additional_embeddings” is 3" },
    { PRIOR, "{\"attention_head_dim\":257}", "“attention_head_dim” is 257" },
    { PRIOR, "{\"num_attention_heads\":1000,\"attention_head_dim\":256}", "wider than" },
    { PRIOR, "{\"norm_in_type\":\"layer\"}", "“norm_in_type” is \"layer\"" },
    { PRIOR, "{\"embedding_proj_norm_type\":\"layer\"}", "“embedding_proj_norm_type”" },
    { PRIOR, "{\"encoder_hid_proj_type\":null}", "“encoder_hid_proj_type” is null" },
    { PRIOR, "{\"encoder_hid_proj_type\":\"x\"}", "“encoder_hid_proj_type” is \"x\"" },
    { PRIOR, "{\"added_emb_type\":null}", "“added_emb_type” is null" },
    { PRIOR, "{\"time_embed_act_fn\":\"gelu\"}", "“time_embed_act_fn” is \"gelu\"" },
    { TEXT_PROJ, "{}", "“time_embed_dim” is missing" },
    { TEXT_PROJ, "{\"time_embed_dim\":1280}", "“cross_attention_dim” is missing" },
    { UNET, "{}", "“_class_name” is missing" },
    { UNET, "{\"_class_name\":\"AutoencoderKL\"}", "UNet2DConditionModel or UNet2DModel is needed" },
    { UNET, "{\"_class_name\":\"UNet2DModel\"}", "no list “down_block_types”" },
    { SCHEDULER, "{\"_class_name\":\"PNDMScheduler\"}", "“_class_name” is “PNDMScheduler”" },
    { SCHEDULER, "{\"num_train_timesteps\":1}", "“num_train_timesteps” is 1" },
    { SCHEDULER, "{\"variance_type\":\"fixed_large\"}", "“variance_type” is \"fixed_large\"" },
    { SCHEDULER, "{\"prediction_type\":\"v_prediction\"}", "“prediction_type” is \"v_prediction\"" },
    { SCHEDULER, "{\"beta_schedule\":\"linear\"}", "“beta_schedule” is \"linear\"" },
    { SCHEDULER, "{\"clip_sample\":1}", "“clip_sample” is 1, but must be true or false" },
    { SCHEDULER, "{\"clip_sample_range\":0}", "“clip_sample_range” is 0" },
    { SCHEDULER, "{\"clip_sample_range\":1e300}", "“clip_sample_range”" },
    { PROCESSOR, "{\"image_processor_type\":\"ViTImageProcessor\"}", "“ViTImageProcessor”" },
    { PROCESSOR, "{\"resample\":2}", "“resample” is 2 (bilinear)" },
    { PROCESSOR, "{\"resample\":6}", "“resample” is 6" },
    { PROCESSOR, "{\"size\":0}", "“size” is 0" },
    { PROCESSOR, "{\"size\":\"224\"}", "“size” is \"224\"" },
    { PROCESSOR, "{\"size\":{}}", "“size” has no “shortest_edge”" },
    { PROCESSOR, "{\"size\":{\"height\":3,\"width\":3}}", "“size” has no “shortest_edge”" },
    { PROCESSOR, "{\"size\":{\"shortest_edge\":0}}", "“shortest_edge” is 0" },
    { PROCESSOR, "{\"crop_size\":{\"height\":3}}", "“width” is missing" },
    { PROCESSOR, "{\"do_center_crop\":false}", "“do_center_crop” is false" },
    { PROCESSOR, "{\"image_mean\":[1,2]}", "“image_mean” has 2 entries" },
    { PROCESSOR, "{\"image_mean\":[1,2,\"3\"]}", "“image_mean” holds" },
    { PROCESSOR, "{\"image_mean\":[1,2,[3]]}", "“image_mean” holds" },
    { PROCESSOR, "{\"image_std\":[1,0,1]}", "“image_std” holds 0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].kind, cases[i].text, cases[i].why);
}

/* Karlo's decoder with one fault each. */
static void
test_refused_unets (void)
{
  static const struct
  {
    const char *from, *to, *why;
  } edits[] = {
    { "[\"ResnetDownsampleBlock2D\"", "[\"CrossAttnDownBlock2D\"", "asks for the block “CrossAttnDownBlock2D”" },
    { "[\"ResnetDownsampleBlock2D\"", "[3", "asks for the block “null”" },
    { "[\"ResnetDownsampleBlock2D\"", "[[]", "asks for the block “null”" },
    { "[\"ResnetDownsampleBlock2D\", ", "[", "there are 3 “down_block_types”, but 4 “up_block_types”" },
    { "\"ResnetUpsampleBlock2D\"]", "\"UpBlock2D\"]", "asks for the block “UpBlock2D”" },
    { "UNetMidBlock2DSimpleCrossAttn", "UNetMidBlock2DCrossAttn", "“mid_block_type” is \"UNetMidBlock2DCrossAttn\"" },
    { "\"UNetMidBlock2DSimpleCrossAttn\"", "null", "“mid_block_type” is missing or null" },
    { "[320, 640, 960, 1280]", "[320, 640, 960]", "“block_out_channels” has 3 entries" },
    { "[320, 640, 960, 1280]", "[320, 640, 960, 0]", "“block_out_channels” is 0" },
    { "[320, 640, 960, 1280]", "[320, 640, 976, 1280]", "does not divide by “norm_num_groups” 32" },
    { "[320, 640, 960, 1280]", "[320, 32, 960, 1280]", "down block 1 is 32 channels wide" },
    { "\"block_out_channels\": [320, 640, 960, 1280], ", "", "“block_out_channels” is missing" },
    { "\"attention_head_dim\": 64", "\"attention_head_dim\": [64, 64, 64]", "“attention_head_dim” has 3 entries" },
    { "\"attention_head_dim\": 64", "\"attention_head_dim\": 320", "“attention_head_dim” is 320" },
    { "\"layers_per_block\": 3", "\"layers_per_block\": 0", "“layers_per_block” is 0" },
    { "\"layers_per_block\": 3", "\"layers_per_block\": [3, 3, 3, 3, 3]", "“layers_per_block” has 5 entries" },
    { "\"cross_attention_dim\": 1536", "\"cross_attention_dim\": [1, 2, 3, 4]", "differs between blocks" },
    { "\"norm_num_groups\": 32", "\"norm_num_groups\": null", "“norm_num_groups” is null" },
    { "\"norm_num_groups\": 32", "\"norm_num_groups\": 0", "“norm_num_groups” is 0" },
    { "\"freq_shift\": 0", "\"freq_shift\": 160", "“freq_shift” is 160" },
    { "\"act_fn\": \"silu\"", "\"act_fn\": \"mish\"", "“act_fn” is \"mish\"" },
    { "\"class_embed_type\": \"identity\"", "\"class_embed_type\": \"projection\"", "“class_embed_type” is \"projection\"" },
    { "\"num_class_embeds\": null", "\"num_class_embeds\": 1000", "“num_class_embeds” is 1000" },
    { "\"num_class_embeds\": null", "\"addition_embed_type\": \"image\"", "“addition_embed_type” is \"image\"" },
    { "\"num_class_embeds\": null", "\"encoder_hid_dim\": 1280", "“encoder_hid_dim” is 1280" },
    { "\"num_class_embeds\": null", "\"resnet_out_scale_factor\": 1.41", "“resnet_out_scale_factor” is 1.4" },
    { "\"num_class_embeds\": null", "\"time_embedding_type\": \"fourier\"", "“time_embedding_type” is \"fourier\"" },
    { "\"num_class_embeds\": null", "\"conv_in_kernel\": 1", "“conv_in_kernel” is 1" },
    { "\"only_cross_attention\": false", "\"only_cross_attention\": [true]", "“only_cross_attention” is [true]" },
    { "\"resnet_time_scale_shift\": \"scale_shift\"", "\"resnet_time_scale_shift\": \"spatial\"", "\"spatial\"" },
    { "\"sample_size\": 64", "\"sample_size\": [1, 2, 3]", "“sample_size” has 3 entries" },
    { "\"sample_size\": 64", "\"sample_size\": 100000", "“sample_size” is 100000" },
    { "UNet2DConditionModel", "UNet2DModel", "asks for the block “SimpleCrossAttnDownBlock2D”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autofree char *text = edit (karlo_decoder, edits[i].from, edits[i].to);

      assert_refused (UNET, text, edits[i].why);
    }
}

/* The class's own default is attention in the middle; odd heads, and heads that do not share out a width, are fine. */
static void
test_odd_heads (void)
{
  g_autofree char *attentive = edit (karlo_super_res, "\"add_attention\": false", "\"add_attention\": true");
  g_autofree char *nameless = edit (attentive, "\"attention_head_dim\": 8", "\"attention_head_dim\": null");
  g_autofree char *odd = edit (karlo_decoder, "\"attention_head_dim\": 64", "\"attention_head_dim\": [7, 10, 192, 64]");
  AnyConfig        config;

  load_fine (UNET, attentive, &config);
  g_assert_true (config.unet.mid_attention);
  g_assert_cmpint (config.unet.attention_head_dim[3], ==, 8);
  g_assert_cmpint (config.unet.cross_attention_dim, ==, 0);
  assert_refused (UNET, nameless, "“attention_head_dim” is null");

  load_fine (UNET, odd, &config);
  g_assert_cmpint (config.unet.attention_head_dim[2], ==, 192);
  load_fine (TEXT, "{\"num_attention_heads\":256}", &config);
  g_assert_cmpint (config.text.num_attention_heads, ==, 256);
}

static void
test_missing_file (void)
{
  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      g_autoptr (GError) error = NULL;
      AnyConfig config;

      g_assert_false (kinds[kind].load (folder, &config, &error));
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
      g_assert_nonnull (strstr (error->message, kinds[kind].file_name));
    }
}

/* The networks' fixtures, as diffusers and transformers wrote them. */
static void
test_golden (void)
{
  static const struct
  {
    Kind        kind;
    const char *name, *class_name;
  } nets[] = {
    { TEXT, "clip-text-eos", "CLIPTextModelWithProjection" },
    { TEXT, "clip-text-legacy", "CLIPTextModelWithProjection" },
    { VISION, "clip-vision-40", "CLIPVisionModelWithProjection" },
    { VISION, "clip-vision-104", "CLIPVisionModelWithProjection" },
    { PRIOR, "prior-20", "PriorTransformer" },
    { PRIOR, "prior-32", "PriorTransformer" },
    { TEXT_PROJ, "text-proj-3", "UnCLIPTextProjModel" },
    { TEXT_PROJ, "text-proj-4", "UnCLIPTextProjModel" },
    { UNET, "decoder-2-levels", "UNet2DConditionModel" },
    { UNET, "decoder-3-levels", "UNet2DConditionModel" },
    { UNET, "super-res-2-levels", "UNet2DModel" },
    { UNET, "super-res-3-levels", "UNet2DModel" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (nets); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "nets", nets[i].name, NULL);
      g_autoptr (GError) error = NULL;
      g_autofree char *class_name = unclip_config_dup_class_name (path, &error);
      AnyConfig config;

      g_assert_no_error (error);
      g_assert_cmpstr (class_name, ==, nets[i].class_name);
      g_assert_true (kinds[nets[i].kind].load (path, &config, &error));
      g_assert_no_error (error);
    }
}

static void
test_class_names (void)
{
  static const struct
  {
    const char *text, *name;
  } cases[] = {
    { "{\"architectures\":[\"CLIPTextModelWithProjection\"],\"model_type\":\"clip_text_model\"}",
      "CLIPTextModelWithProjection" },
    { "{\"architectures\":null,\"model_type\":\"clip_vision_model\"}", "CLIPVisionModelWithProjection" },
    { "{\"architectures\":[3]}", NULL },
    { "{\"_class_name\":3}", NULL },
    { "{\"architectures\":[[]]}", NULL },
    { "{\"architectures\":[]}", NULL },
    { "{}", NULL },
  };
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      name = unclip_config_dup_class_name (folder, &error);
      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_true ((name == NULL) == (error != NULL));
    }
  g_remove (path);
}

/* Values swapped for others and pieces dropped: a config is taken or refused, and a taken one keeps its promises. */
static void
test_mutations (void)
{
  static const char *const values[] = { "0", "-1", "2147483648", "1e9", "null", "[]", "[1,2,3,4]", "{}", "\"silu\"", "true",
                                        "64", "12", "0.5" };
  const char *rounds_wanted = g_getenv ("FUGUE_FUZZ_ROUNDS");
  guint64     n_rounds = rounds_wanted ? g_ascii_strtoull (rounds_wanted, NULL, 10) : 500;
  g_autoptr (GRegex) number = g_regex_new ("(?<=: )([0-9a-z\".-]+|\\[[^]]*\\])", 0, 0, NULL);

  for (guint64 round = 0; round < n_rounds; round++)
    {
      const char *base = g_test_rand_bit () ? karlo_decoder : karlo_super_res;
      g_autoptr (GString) text = g_string_new (base);
      g_autoptr (GError) error = NULL;
      AnyConfig config;
      guint     n_changes = g_test_rand_int_range (1, 4);

      for (guint i = 0; i < n_changes; i++)
        {
          gsize at = g_test_rand_int_range (0, (gint32) text->len - 1);
          g_autoptr (GMatchInfo) match = NULL;
          int start, end;

          if (g_test_rand_int_range (0, 4) == 0)
            {
              text->str[at] = (char) g_test_rand_int_range (1, 128);
            }
          else if (g_regex_match_full (number, text->str, (gssize) text->len, (int) at, 0, &match, NULL)
                   && g_match_info_fetch_pos (match, 0, &start, &end))
            {
              g_string_erase (text, start, end - start);
              g_string_insert (text, start, values[g_test_rand_int_range (0, G_N_ELEMENTS (values))]);
            }
        }
      if (!load (UNET, text->str, &config, &error))
        {
          g_assert_nonnull (error);
          continue;
        }
      g_assert_cmpint (config.unet.n_blocks, >=, 1);
      g_assert_cmpint (config.unet.n_blocks, <=, UNCLIP_CONFIG_MAX_LEVELS);
      for (int i = 0; i < config.unet.n_blocks; i++)
        {
          g_assert_cmpint (config.unet.block_out_channels[i] % config.unet.norm_num_groups, ==, 0);
          g_assert_cmpint (config.unet.layers_per_block[i], >, 0);
          if (config.unet.down_attention[i])
            g_assert_cmpint (config.unet.block_out_channels[i], >=, config.unet.attention_head_dim[i]);
        }
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("fugue-config-XXXXXX", NULL);
  g_test_add_func ("/model/config/clip-text", test_text);
  g_test_add_func ("/model/config/clip-vision", test_vision);
  g_test_add_func ("/model/config/prior", test_prior);
  g_test_add_func ("/model/config/text-proj", test_text_proj);
  g_test_add_func ("/model/config/unet/decoder", test_decoder);
  g_test_add_func ("/model/config/unet/super-res", test_super_res);
  g_test_add_func ("/model/config/unet/odd-heads", test_odd_heads);
  g_test_add_func ("/model/config/unet/lists", test_lists);
  g_test_add_func ("/model/config/scheduler", test_scheduler);
  g_test_add_func ("/model/config/image-processor", test_processor);
  g_test_add_func ("/model/config/refused", test_refused);
  g_test_add_func ("/model/config/refused/unet", test_refused_unets);
  g_test_add_func ("/model/config/missing-file", test_missing_file);
  g_test_add_func ("/model/config/golden", test_golden);
  g_test_add_func ("/model/config/class-names", test_class_names);
  g_test_add_func ("/model/config/mutations", test_mutations);
  status = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
  return status;
}
