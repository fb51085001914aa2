/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The attention block of the UNets: pixels attend to each other and, in the decoder, to the
 * context's tokens.
 *
 *     y = group_norm (x);  q = to_q (y);  k = [add_k_proj (context) ; to_k (y)];  v = [add_v_proj (context) ; to_v (y)]
 *     out = x + to_out (attention (q, k, v))
 *
 * The context is not normalised and stands before the pixels. Without a context there are no added
 * keys and values.
 *
 * Source: Nichol et al. 2021 (GLIDE), sec. 3; diffusers models/attention_processor.py,
 * AttnAddedKVProcessor and (without a context) AttnProcessor.
 */

#pragma once

#include "unclip-layers.h"

G_BEGIN_DECLS

/**
 * UnclipAttentionBlockSpec:
 * @n_channels: C
 * @n_heads: A
 * @head_dim: K; the inner width D is A·K and need not be C. Loading may raise it to a multiple of
 * four
 * @n_context: channels X of the context's tokens; 0 for a block that reads no context
 * @n_groups: of the norm; divides C; 0 for a block without a norm
 * @eps: of the norm
 */
typedef struct
{
  int   n_channels;
  int   n_heads;
  int   head_dim;
  int   n_context;
  int   n_groups;
  float eps;
} UnclipAttentionBlockSpec;

typedef struct
{
  UnclipAttentionBlockSpec spec;
  float                    scale;                     /* of scores: by the head size of the configuration */
  UnclipLayer              group_norm;                /* (C) */
  UnclipLayer              to_q, to_k, to_v;          /* (D, C) */
  UnclipLayer              add_k_proj, add_v_proj;    /* (D, X), where there is a context */
  UnclipLayer              to_out;                    /* (C, D) */
} UnclipAttentionBlock;

/**
 * unclip_attention_block_load:
 * @prefix: such as "mid_block.attentions.0"
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT for heads or groups that cannot be, in the loader; and those
 * of weights.
 */
void          unclip_attention_block_load            (UnclipAttentionBlock           *block,
                                                      UnclipLoader                   *loader,
                                                      const UnclipAttentionBlockSpec *spec,
                                                      const char                     *prefix);

/**
 * unclip_attention_block_forward_context:
 * @context: (N, 1, M, X)
 *
 * The context's keys and values, which do not depend on the picture.
 *
 * Returns: (transfer none): (N, 1, M, 2D): keys, then values
 */
UnclipTensor *unclip_attention_block_forward_context (const UnclipAttentionBlock     *block,
                                                      UnclipGraph                    *graph,
                                                      UnclipTensor                   *context);

/**
 * unclip_attention_block_forward:
 * @x: (N, H, W, C)
 * @context_kv: (nullable): (N, 1, M, 2D): from unclip_attention_block_forward_context(), where
 * there is a context
 * @key_bias: (nullable): (N, 1, M + H·W, 1)
 *
 * Returns: (transfer none): (N, H, W, C)
 */
UnclipTensor *unclip_attention_block_forward         (const UnclipAttentionBlock     *block,
                                                      UnclipGraph                    *graph,
                                                      UnclipTensor                   *x,
                                                      UnclipTensor                   *context_kv,
                                                      UnclipTensor                   *key_bias);

G_END_DECLS
