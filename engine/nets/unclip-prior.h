/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The diffusion prior, PriorTransformer: from a caption's features and a noised image embedding to
 * the clean one.
 *
 * The sequence is [S text tokens | text embedding | time | noised image embedding | a learned
 * query], and attention is causal. So the first S + 1 positions, the prompt, do not depend on the
 * step, and their keys and values can be kept:
 *
 *     unclip_prior_build_prompt()   once a caption
 *     unclip_prior_copy_cache()     its outputs into the step's inputs
 *     unclip_prior_build_step()     each step: three positions
 *
 * unclip_prior_build() is the plain form, all positions at once. Both give the same numbers.
 *
 * Source: Ramesh et al. 2022, sec. 2.2; diffusers models/prior_transformer.py.
 */

#pragma once

#include "unclip-config.h"
#include "unclip-executor.h"
#include "unclip-layers.h"

G_BEGIN_DECLS

typedef struct _UnclipPrior UnclipPrior;

/**
 * unclip_prior_new:
 * @weights: (not transferred): must outlive the net and every program made from it
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH, %UNCLIP_ERROR_MODEL_FORMAT.
 *
 * Returns: (transfer full)
 */
UnclipPrior       *unclip_prior_new           (const UnclipPriorConfig *config,
                                               UnclipWeights           *weights,
                                               GError                 **error);
void               unclip_prior_free          (UnclipPrior             *net);
const UnclipPriorConfig *
                   unclip_prior_get_config    (UnclipPrior             *net);

/**
 * unclip_prior_denormalise:
 * @z: (inout) (array length=n_items·E): what the last step left
 *
 * The prior works on embeddings of mean 0 and deviation 1: z = z · clip_std + clip_mean gives
 * CLIP's own.
 *
 * Thread: any.
 */
void               unclip_prior_denormalise   (UnclipPrior             *net,
                                               float                   *z,
                                               int                      n_items);

/**
 * unclip_prior_dup_key_bias:
 * @mask: (array length=n·S): 1 for tokens of the caption, 0 for padding
 * @n: batch
 * @length: positions wanted: unclip_prior_get_prompt_length() or unclip_prior_get_length()
 *
 * The values of the input `key_bias`: 0 or −10000 for the text, 0 for the positions behind it.
 *
 * Returns: (transfer full) (array): n · length values
 */
float             *unclip_prior_dup_key_bias  (UnclipPrior             *net,
                                               const float             *mask,
                                               int                      n,
                                               int                      length);

/**
 * unclip_prior_get_prompt_length: S + 1
 */
int                unclip_prior_get_prompt_length (UnclipPrior         *net);

/**
 * unclip_prior_get_length: S + 4
 */
int                unclip_prior_get_length    (UnclipPrior             *net);

/**
 * UnclipPriorPrompt:
 * @proj_embedding: (N, 1, 1, E'): the caption's CLIP embedding
 * @encoder_hidden_states: (N, 1, S, E): the text tower's hidden states
 */
typedef struct
{
  UnclipTensor *proj_embedding;
  UnclipTensor *encoder_hidden_states;
} UnclipPriorPrompt;

/**
 * unclip_prior_forward:
 * @hidden_states: (N, 1, 1, E): the noised image embedding
 * @timestep: (N, 1, 1, 1)
 * @key_bias: (nullable): (N, 1, S + 4, 1)
 *
 * Returns: (transfer none): the predicted clean embedding, (N, 1, 1, E)
 */
UnclipTensor      *unclip_prior_forward       (UnclipPrior             *net,
                                               UnclipGraph             *graph,
                                               UnclipTensor            *hidden_states,
                                               UnclipTensor            *timestep,
                                               const UnclipPriorPrompt *prompt,
                                               UnclipTensor            *key_bias);

/**
 * unclip_prior_forward_prompt:
 * @key_bias: (nullable): (N, 1, S + 1, 1)
 * @kv: (out caller-allocates) (array): one (N, 1, S + 1, 2·A·K) a layer: keys, then values
 */
void               unclip_prior_forward_prompt (UnclipPrior            *net,
                                               UnclipGraph             *graph,
                                               const UnclipPriorPrompt *prompt,
                                               UnclipTensor            *key_bias,
                                               UnclipTensor           **kv);

/**
 * unclip_prior_forward_step:
 * @key_bias: (nullable): (N, 1, S + 4, 1)
 * @kv: (array): what unclip_prior_forward_prompt() gave
 *
 * Returns: (transfer none): as unclip_prior_forward()
 */
UnclipTensor      *unclip_prior_forward_step  (UnclipPrior             *net,
                                               UnclipGraph             *graph,
                                               UnclipTensor            *hidden_states,
                                               UnclipTensor            *timestep,
                                               UnclipTensor            *key_bias,
                                               UnclipTensor *const     *kv);

/**
 * unclip_prior_build:
 * @n: batch
 * @masked: take key_bias
 *
 * Inputs `hidden_states`, `timestep`, `proj_embedding`, `encoder_hidden_states` and `key_bias`;
 * output `predicted_image_embedding`.
 *
 * Returns: (transfer full)
 */
UnclipGraph       *unclip_prior_build         (UnclipPrior             *net,
                                               int                      n,
                                               gboolean                 masked,
                                               gboolean                 probes);

/**
 * unclip_prior_build_prompt:
 *
 * Inputs `proj_embedding`, `encoder_hidden_states` and `key_bias` (S + 1 long); outputs `kv.0`,
 * `kv.1`, …
 */
UnclipGraph       *unclip_prior_build_prompt  (UnclipPrior             *net,
                                               int                      n,
                                               gboolean                 masked);

/**
 * unclip_prior_build_step:
 *
 * Inputs `hidden_states`, `timestep`, `key_bias` (S + 4 long) and `kv.0`, `kv.1`, …; output
 * `predicted_image_embedding`.
 */
UnclipGraph       *unclip_prior_build_step    (UnclipPrior             *net,
                                               int                      n,
                                               gboolean                 masked);

/**
 * unclip_prior_copy_cache:
 * @step: made of unclip_prior_build_step()
 * @prompt: made of unclip_prior_build_prompt(), and run
 */
gboolean           unclip_prior_copy_cache    (UnclipPrior             *net,
                                               UnclipProgram           *step,
                                               UnclipProgram           *prompt,
                                               GError                 **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipPrior, unclip_prior_free)

G_END_DECLS
