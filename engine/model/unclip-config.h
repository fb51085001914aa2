/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The config files of a model's components, as plain structs whose fields bear the names of the files' keys.
 *
 * A key that a file lacks takes the default of its class in diffusers 0.19 or transformers 4.33. Every number is checked
 * for range, widths for what they must divide by, and an option that the networks do not have is refused by name, so
 * that a network may trust its config. Keys that change no result (dropout, initialisers, memory options) are passed
 * over.
 *
 * All functions here read one file, may be called from any thread, and fail with %UNCLIP_ERROR_MODEL_FORMAT naming file
 * and key, or with G_FILE_ERROR.
 */

#pragma once

#include "unclip-ops.h"

G_BEGIN_DECLS

/**
 * UNCLIP_CONFIG_MAX_LEVELS:
 *
 * UNets have at most this many resolutions.
 */
#define UNCLIP_CONFIG_MAX_LEVELS 8

/**
 * UNCLIP_CONFIG_MAX_HEAD_DIM:
 *
 * Attention heads are at most this wide.
 */
#define UNCLIP_CONFIG_MAX_HEAD_DIM 256

/**
 * UnclipClipTextConfig:
 *
 * CLIPTextModelWithProjection. Of a whole CLIP model's file, its text_config is taken.
 */
typedef struct
{
  int              vocab_size;
  int              hidden_size;                 /* a multiple of num_attention_heads */
  int              intermediate_size;
  int              projection_dim;
  int              num_hidden_layers;
  int              num_attention_heads;
  int              max_position_embeddings;
  UnclipActivation hidden_act;                  /* GELU or QUICK_GELU */
  float            layer_norm_eps;
  int              eos_token_id;                /* 2 in files of before transformers 4.31, whatever the tokenizer says */
} UnclipClipTextConfig;

/**
 * UnclipClipVisionConfig:
 *
 * CLIPVisionModelWithProjection. Of a whole CLIP model's file, its vision_config is taken.
 */
typedef struct
{
  int              hidden_size;                 /* a multiple of num_attention_heads */
  int              intermediate_size;
  int              projection_dim;
  int              num_hidden_layers;
  int              num_attention_heads;
  int              num_channels;                /* 3 */
  int              image_size;                  /* pixels, both ways */
  int              patch_size;                  /* at most image_size; what is left over is not seen */
  UnclipActivation hidden_act;                  /* GELU or QUICK_GELU */
  float            layer_norm_eps;
} UnclipClipVisionConfig;

/**
 * UnclipPriorConfig:
 *
 * PriorTransformer.
 */
typedef struct
{
  int num_attention_heads;
  int attention_head_dim;
  int num_layers;
  int embedding_dim;
  int num_embeddings;                           /* text tokens */
  int additional_embeddings;                    /* tokens behind them, 4 */
  int time_embed_dim;                           /* null means heads × head size */
  int embedding_proj_dim;                       /* null means embedding_dim */
  int clip_embed_dim;                           /* null means embedding_dim */
} UnclipPriorConfig;

/**
 * UnclipTextProjConfig:
 *
 * UnCLIPTextProjModel.
 */
typedef struct
{
  int clip_extra_context_tokens;
  int clip_embeddings_dim;
  int time_embed_dim;
  int cross_attention_dim;
} UnclipTextProjConfig;

/**
 * UnclipUnetConfig:
 *
 * UNet2DConditionModel with Karlo's blocks, and UNet2DModel (super-resolution) with attention in its middle at most.
 */
typedef struct
{
  /* (H, W) that the network was trained at; 0 where the file says null. */
  int      sample_height;
  int      sample_width;

  int      in_channels;
  int      out_channels;
  gboolean flip_sin_to_cos;                     /* cosines first */
  int      freq_shift;

  /* One entry a level, the finest first; up_attention as the file lists it, the coarsest first. */
  int      n_blocks;
  int      block_out_channels[UNCLIP_CONFIG_MAX_LEVELS];        /* multiples of norm_num_groups */
  int      layers_per_block[UNCLIP_CONFIG_MAX_LEVELS];          /* resnets on the way down; one more on the way up */
  gboolean down_attention[UNCLIP_CONFIG_MAX_LEVELS];
  gboolean up_attention[UNCLIP_CONFIG_MAX_LEVELS];
  int      attention_head_dim[UNCLIP_CONFIG_MAX_LEVELS];        /* by index of the down and of the up block alike */
  gboolean mid_attention;

  int      cross_attention_dim;                 /* width of the context; 0 for UNet2DModel, which has none */
  int      norm_num_groups;
  float    norm_eps;
  gboolean scale_shift;                         /* resnet_time_scale_shift is "scale_shift", not "default" */
  gboolean class_embed_identity;                /* class_labels are added to the time embedding */
} UnclipUnetConfig;

/**
 * UnclipSchedulerPrediction:
 * @UNCLIP_SCHEDULER_PREDICTION_EPSILON: "epsilon"
 * @UNCLIP_SCHEDULER_PREDICTION_SAMPLE: "sample"
 *
 * What the network predicts.
 */
typedef enum
{
  UNCLIP_SCHEDULER_PREDICTION_EPSILON,
  UNCLIP_SCHEDULER_PREDICTION_SAMPLE,
} UnclipSchedulerPrediction;

/**
 * UnclipSchedulerVariance:
 * @UNCLIP_SCHEDULER_VARIANCE_FIXED_SMALL_LOG: "fixed_small_log"
 * @UNCLIP_SCHEDULER_VARIANCE_LEARNED_RANGE: "learned_range"
 *
 * Where the variance of a step's noise comes from.
 */
typedef enum
{
  UNCLIP_SCHEDULER_VARIANCE_FIXED_SMALL_LOG,
  UNCLIP_SCHEDULER_VARIANCE_LEARNED_RANGE,
} UnclipSchedulerVariance;

/**
 * UnclipSchedulerConfig:
 *
 * UnCLIPScheduler, whose noise follows the cosine schedule "squaredcos_cap_v2" always.
 */
typedef struct
{
  int                       num_train_timesteps;
  UnclipSchedulerVariance   variance_type;
  gboolean                  clip_sample;
  float                     clip_sample_range;          /* more than 0 */
  UnclipSchedulerPrediction prediction_type;
} UnclipSchedulerConfig;

/**
 * UnclipImageProcessorConfig:
 *
 * CLIPImageProcessor, which resizes by Pillow's bicubic and always cuts out the centre.
 */
typedef struct
{
  gboolean do_resize;
  int      size_shortest_edge;                  /* pixels */
  int      crop_height, crop_width;             /* pixels */
  gboolean do_rescale;
  double   rescale_factor;                      /* 1/255 */
  gboolean do_normalize;
  float    image_mean[3];
  float    image_std[3];                        /* more than 0 */
} UnclipImageProcessorConfig;

/**
 * unclip_config_dup_class_name:
 * @folder: a component's folder
 *
 * The class that config.json names: "_class_name" of diffusers, "architectures" or "model_type" of transformers.
 *
 * Returns: (transfer full): such as "PriorTransformer"; %NULL with @error set
 */
char    *unclip_config_dup_class_name        (const char                  *folder,
                                              GError                     **error);

/**
 * unclip_clip_text_config_load:
 * @folder: with config.json
 * @config: (out caller-allocates): filled on success
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_clip_text_config_load        (const char                  *folder,
                                              UnclipClipTextConfig        *config,
                                              GError                     **error);

/**
 * unclip_clip_vision_config_load:
 * @folder: with config.json
 * @config: (out caller-allocates): filled on success
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_clip_vision_config_load      (const char                  *folder,
                                              UnclipClipVisionConfig      *config,
                                              GError                     **error);

/**
 * unclip_prior_config_load:
 * @folder: with config.json
 * @config: (out caller-allocates): filled on success
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_prior_config_load            (const char                  *folder,
                                              UnclipPriorConfig           *config,
                                              GError                     **error);

/**
 * unclip_text_proj_config_load:
 * @folder: with config.json
 * @config: (out caller-allocates): filled on success
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_text_proj_config_load        (const char                  *folder,
                                              UnclipTextProjConfig        *config,
                                              GError                     **error);

/**
 * unclip_unet_config_load:
 * @folder: with config.json of a UNet2DConditionModel or a UNet2DModel
 * @config: (out caller-allocates): filled on success
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_unet_config_load             (const char                  *folder,
                                              UnclipUnetConfig            *config,
                                              GError                     **error);

/**
 * unclip_scheduler_config_load:
 * @folder: with scheduler_config.json
 * @config: (out caller-allocates): filled on success
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_scheduler_config_load        (const char                  *folder,
                                              UnclipSchedulerConfig       *config,
                                              GError                     **error);

/**
 * unclip_image_processor_config_load:
 * @folder: with preprocessor_config.json
 * @config: (out caller-allocates): filled on success
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_image_processor_config_load  (const char                  *folder,
                                              UnclipImageProcessorConfig  *config,
                                              GError                     **error);

G_END_DECLS
