/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pre-norm transformer block that the CLIP towers and the prior share:
 *
 *     x += out (attention (norm1 (x)));  x += fc2 (activation (fc1 (norm2 (x))))
 *
 * Keys and values can be handed out, to be kept, and earlier ones can be put before them: that is
 * how the prior computes its prompt once and only its last three positions in each step.
 *
 * Source: Vaswani et al. 2017; transformers models/clip/modeling_clip.py, CLIPEncoderLayer;
 * diffusers models/attention.py, BasicTransformerBlock.
 */

#pragma once

#include "unclip-layers.h"

G_BEGIN_DECLS

/**
 * UnclipTransformerBlock:
 *
 * Width D; attention A·K wide, which is D unless heads were filled up to a multiple of four
 * channels; feed-forward part F wide.
 */
typedef struct
{
  int         n_heads;                   /* A */
  int         head_dim;                  /* K */
  float       scale;                     /* of scores: by the head size of the configuration */
  UnclipLayer norm1;                     /* (D) */
  UnclipLayer to_q, to_k, to_v;          /* (A·K, D) */
  UnclipLayer to_out;                    /* (D, A·K) */
  UnclipLayer norm2;                     /* (D) */
  UnclipLayer fc1, fc2;                  /* (F, D), (D, F) */
} UnclipTransformerBlock;

/**
 * unclip_transformer_block_get_kv_width: channels of keys and values together, 2·A·K
 */
int           unclip_transformer_block_get_kv_width   (const UnclipTransformerBlock  *block);

/**
 * UnclipTransformerParams:
 * @eps: of both layer norms
 * @activation: between fc1 and fc2
 * @causal: a position sees itself and those before it
 * @key_bias: (nullable): as in #UnclipAttentionParams
 * @past_kv: (nullable): (N, 1, Sp, 2·A·K), keys then values of the Sp positions before those of x
 * @kv: (out) (nullable): place for keys and values of x's own positions, (N, 1, S, 2·A·K)
 */
typedef struct
{
  float            eps;
  UnclipActivation activation;
  gboolean         causal;
  UnclipTensor    *key_bias;
  UnclipTensor    *past_kv;
  UnclipTensor   **kv;
} UnclipTransformerParams;

/**
 * unclip_transformer_block_load_clip:
 * @prefix: such as "text_model.encoder.layers.3"
 *
 * Fetches the block under the names of transformers' CLIPEncoderLayer.
 */
void          unclip_transformer_block_load_clip      (UnclipTransformerBlock        *block,
                                                       UnclipLoader                  *loader,
                                                       int                            width,
                                                       int                            n_heads,
                                                       int                            ff_width,
                                                       const char                    *prefix);

/**
 * unclip_transformer_block_load_diffusers:
 * @prefix: such as "transformer_blocks.3"
 *
 * Fetches the block under the names of diffusers' BasicTransformerBlock without cross-attention; F
 * is 4D.
 */
void          unclip_transformer_block_load_diffusers (UnclipTransformerBlock        *block,
                                                       UnclipLoader                  *loader,
                                                       int                            width,
                                                       int                            n_heads,
                                                       const char                    *prefix);

/**
 * unclip_transformer_block_forward:
 * @x: (N, 1, S, D)
 *
 * Returns: (transfer none): (N, 1, S, D)
 */
UnclipTensor *unclip_transformer_block_forward        (const UnclipTransformerBlock  *block,
                                                       UnclipGraph                   *graph,
                                                       UnclipTensor                  *x,
                                                       const UnclipTransformerParams *params);

/**
 * unclip_transformer_block_forward_kv:
 *
 * Only what a later position needs of the block: keys and values of x's positions, (N, 1, S,
 * 2·A·K).
 */
UnclipTensor *unclip_transformer_block_forward_kv     (const UnclipTransformerBlock  *block,
                                                       UnclipGraph                   *graph,
                                                       UnclipTensor                  *x,
                                                       float                          eps);

G_END_DECLS
