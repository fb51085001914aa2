/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The UNets of unCLIP: the decoder (UNet2DConditionModel with added-key-value attention) and the
 * super-resolution nets (UNet2DModel, with an attention in its mid block or none), any number of
 * levels.
 *
 *     emb = time_embedding (t) + class_labels
 *     h = conv_in (sample);  down blocks, each output kept;  mid block;  up blocks, each reading [h ; kept];
 *     sample = conv_out (silu (conv_norm_out (h)))
 *
 * Each block projects silu (emb) once for all its resnets. The context's keys and values do not
 * change from step to step: either the graph computes them itself from `encoder_hidden_states`, or,
 * with kept_context, a graph of their own does so once:
 *
 *     unclip_unet_build_context(), run;  unclip_unet_build() with kept_context;  unclip_unet_copy_context();  run, run, …
 *
 * Source: Ho et al. 2020; Nichol & Dhariwal 2021; diffusers models/unet_2d_condition.py,
 * unet_2d.py, unet_2d_blocks.py.
 */

#pragma once

#include "unclip-attention-block.h"
#include "unclip-config.h"
#include "unclip-executor.h"
#include "unclip-resnet.h"

G_BEGIN_DECLS

typedef struct _UnclipUnet UnclipUnet;

/**
 * unclip_unet_new:
 * @weights: (not transferred): must outlive the net and every program made from it
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH, %UNCLIP_ERROR_MODEL_FORMAT.
 *
 * Returns: (transfer full)
 */
UnclipUnet   *unclip_unet_new             (const UnclipUnetConfig *config,
                                           UnclipWeights          *weights,
                                           GError                **error);
void          unclip_unet_free            (UnclipUnet             *net);
const UnclipUnetConfig *
              unclip_unet_get_config      (UnclipUnet             *net);

/**
 * unclip_unet_get_n_attentions: attention blocks that read the context, 0 for the super-resolution
 * nets
 */
int           unclip_unet_get_n_attentions (UnclipUnet            *net);

/**
 * unclip_unet_has_level_attention:
 * @level: 0 is the full size
 *
 * Whether some block of that size reads the context, and so wants a key bias of its own.
 */
gboolean      unclip_unet_has_level_attention (UnclipUnet         *net,
                                           int                     level);

/**
 * unclip_unet_needs_class_labels:
 *
 * Whether the net adds `class_labels` to its time embedding.
 */
gboolean      unclip_unet_needs_class_labels (UnclipUnet          *net);

/**
 * unclip_unet_get_n_time: channels of the time embedding, and of `class_labels`
 */
int           unclip_unet_get_n_time      (UnclipUnet             *net);

/**
 * unclip_unet_check_size:
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT when a side cannot be halved as often as the net does.
 */
gboolean      unclip_unet_check_size      (UnclipUnet             *net,
                                           int                     height,
                                           int                     width,
                                           GError                **error);

/**
 * UnclipUnetFreeu:
 * @b: gain on the first half of the backbone's channels, in up_blocks.0 and up_blocks.1
 * @s: gain on the lowest frequencies of the skip features there, see unclip_op_freeu()
 *
 * FreeU changes what the two up blocks of the lowest resolutions read: before each of their resnets, not the one that
 * enlarges, the backbone's features h and the kept ones are weighed and only then concatenated. The block types do not
 * matter; a net of one level has up_blocks.0 alone.
 *
 * Source: Si et al. 2023, FreeU: Free Lunch in Diffusion U-Net, sec. 3.2.
 */
#define UNCLIP_UNET_N_FREEU 2
typedef struct
{
  float b[UNCLIP_UNET_N_FREEU];
  float s[UNCLIP_UNET_N_FREEU];
} UnclipUnetFreeu;

/**
 * UnclipUnetInputs:
 * @sample: (N, H, W, C); H and W pass unclip_unet_check_size()
 * @timestep: (N, 1, 1, 1)
 * @class_labels: (nullable): (N, 1, 1, T); needed where unclip_unet_needs_class_labels()
 * @context_kv: (array) (nullable): what unclip_unet_forward_context() gave; needed where attentions
 * read it
 * @key_bias: (array) (nullable): by level, (N, 1, M + H'·W', 1) of that level's size
 * @freeu: (nullable): %NULL leaves the network as it was trained
 */
typedef struct
{
  UnclipTensor        *sample;
  UnclipTensor        *timestep;
  UnclipTensor        *class_labels;
  UnclipTensor *const *context_kv;
  UnclipTensor *const *key_bias;
  const UnclipUnetFreeu *freeu;
} UnclipUnetInputs;

/**
 * unclip_unet_forward:
 *
 * Returns: (transfer none): (N, H, W, out_channels)
 */
UnclipTensor *unclip_unet_forward         (UnclipUnet             *net,
                                           UnclipGraph            *graph,
                                           const UnclipUnetInputs *inputs);

/**
 * unclip_unet_forward_context:
 * @encoder_hidden_states: (N, 1, M, X)
 * @context_kv: (out caller-allocates) (array): unclip_unet_get_n_attentions() tensors (N, 1, M, 2D)
 */
void          unclip_unet_forward_context (UnclipUnet             *net,
                                           UnclipGraph            *graph,
                                           UnclipTensor           *encoder_hidden_states,
                                           UnclipTensor          **context_kv);

/**
 * UnclipUnetParams:
 * @n: batch
 * @height: @width: of the sample, in pixels
 * @n_context: tokens M of the context; ignored by nets that read none
 * @masked: the context has a mask, see unclip_unet_write_mask()
 * @kept_context: the context's keys and values come in, rather than the context
 * @probes: make every block an output
 * @has_freeu: whether @freeu is on
 */
typedef struct
{
  int      n;
  int      height;
  int      width;
  int      n_context;
  gboolean masked;
  gboolean kept_context;
  gboolean probes;
  gboolean has_freeu;
  UnclipUnetFreeu freeu;
} UnclipUnetParams;

/**
 * unclip_unet_build:
 *
 * Inputs, as far as the net has them: `sample`, `timestep`, `class_labels`, `encoder_hidden_states`
 * or the context's keys and values, a key bias for each level. Output `sample`.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT for sizes that cannot be.
 *
 * Returns: (transfer full)
 */
UnclipGraph  *unclip_unet_build           (UnclipUnet             *net,
                                           const UnclipUnetParams *params,
                                           GError                **error);

/**
 * unclip_unet_build_context:
 *
 * Input `encoder_hidden_states`; outputs are the keys and values of each attention. Only for nets
 * that read a context.
 *
 * Returns: (transfer full)
 */
UnclipGraph  *unclip_unet_build_context   (UnclipUnet             *net,
                                           int                     n,
                                           int                     n_context);

/**
 * unclip_unet_copy_context:
 * @step: made of unclip_unet_build() with kept_context
 * @context: made of unclip_unet_build_context(), and run
 */
gboolean      unclip_unet_copy_context    (UnclipUnet             *net,
                                           UnclipProgram          *step,
                                           UnclipProgram          *context,
                                           GError                **error);

/**
 * unclip_unet_write_mask:
 * @params: of the program's graph, masked
 * @mask: (array length=n·n_context): 1 for context tokens to be seen, 0 for the others
 *
 * Writes the key bias of every level: 0 or −10000 for the context, 0 for the pixels.
 */
gboolean      unclip_unet_write_mask      (UnclipUnet             *net,
                                           const UnclipUnetParams *params,
                                           UnclipProgram          *program,
                                           const float            *mask,
                                           GError                **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipUnet, unclip_unet_free)

G_END_DECLS
