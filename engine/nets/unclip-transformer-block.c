/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pre-norm transformer block: fused q, k, v; kept and past keys and values. */

#include "config.h"

#include "unclip-transformer-block.h"

#include <math.h>

int
unclip_transformer_block_get_kv_width (const UnclipTransformerBlock *block)
{
  return 2 * block->n_heads * block->head_dim;
}

static void
fit_heads (UnclipTransformerBlock *block,
           UnclipLoader           *loader,
           int                     width,
           int                     n_heads,
           const char             *prefix)
{
  UnclipLayer *outputs[] = { &block->to_q, &block->to_k, &block->to_v };
  int head_dim = n_heads > 0 && width % n_heads == 0 ? width / n_heads : 0;

  block->n_heads = n_heads;
  block->scale = 1.0f / sqrtf ((float) head_dim);
  block->head_dim = unclip_loader_fit_heads (loader, prefix, n_heads, head_dim, outputs, 3, &block->to_out);
}

void
unclip_transformer_block_load_clip (UnclipTransformerBlock *block,
                                    UnclipLoader           *loader,
                                    int                     width,
                                    int                     n_heads,
                                    int                     ff_width,
                                    const char             *prefix)
{
  block->norm1 = unclip_loader_norm (loader, width, "%s.layer_norm1", prefix);
  block->to_q = unclip_loader_linear (loader, width, width, "%s.self_attn.q_proj", prefix);
  block->to_k = unclip_loader_linear (loader, width, width, "%s.self_attn.k_proj", prefix);
  block->to_v = unclip_loader_linear (loader, width, width, "%s.self_attn.v_proj", prefix);
  block->to_out = unclip_loader_linear (loader, width, width, "%s.self_attn.out_proj", prefix);
  block->norm2 = unclip_loader_norm (loader, width, "%s.layer_norm2", prefix);
  block->fc1 = unclip_loader_linear (loader, ff_width, width, "%s.mlp.fc1", prefix);
  block->fc2 = unclip_loader_linear (loader, width, ff_width, "%s.mlp.fc2", prefix);
  fit_heads (block, loader, width, n_heads, prefix);
}

void
unclip_transformer_block_load_diffusers (UnclipTransformerBlock *block,
                                         UnclipLoader           *loader,
                                         int                     width,
                                         int                     n_heads,
                                         const char             *prefix)
{
  block->norm1 = unclip_loader_norm (loader, width, "%s.norm1", prefix);
  block->to_q = unclip_loader_linear (loader, width, width, "%s.attn1.to_q", prefix);
  block->to_k = unclip_loader_linear (loader, width, width, "%s.attn1.to_k", prefix);
  block->to_v = unclip_loader_linear (loader, width, width, "%s.attn1.to_v", prefix);
  block->to_out = unclip_loader_linear (loader, width, width, "%s.attn1.to_out.0", prefix);
  block->norm2 = unclip_loader_norm (loader, width, "%s.norm3", prefix);
  block->fc1 = unclip_loader_linear (loader, 4 * width, width, "%s.ff.net.0.proj", prefix);
  block->fc2 = unclip_loader_linear (loader, width, 4 * width, "%s.ff.net.2", prefix);
  fit_heads (block, loader, width, n_heads, prefix);
}

static UnclipTensor *
stack_kv (const UnclipTransformerBlock *block,
          UnclipGraph                  *graph,
          UnclipTensor                 *y)
{
  const UnclipLayer *layers[] = { &block->to_k, &block->to_v };

  return unclip_layer_linear_stack (graph, layers, 2, y);                         /* (N, 1, S, 2·A·K) */
}

/* Self-attention of normalised tokens y. One product gives q, k and v, unless k and v are to be
 * handed out: a graph's output cannot be a slice. */
static UnclipTensor *
self_attention (const UnclipTransformerBlock  *block,
                UnclipGraph                   *graph,
                UnclipTensor                  *y,
                const UnclipTransformerParams *params)
{
  int width = block->n_heads * block->head_dim;
  const UnclipLayer *layers[] = { &block->to_q, &block->to_k, &block->to_v };
  UnclipAttentionParams attention = {
    .n_heads = block->n_heads,
    .scale = block->scale,
    .causal = params->causal,
    .key_bias = params->key_bias,
  };
  UnclipTensor *q, *k, *v;

  if (params->kv != NULL)
    {
      q = unclip_layer_linear (graph, &block->to_q, y, UNCLIP_ACTIVATION_NONE, NULL); /* (N, 1, S, A·K) */
      *params->kv = stack_kv (block, graph, y);                                   /* (N, 1, S, 2·A·K) */
      k = unclip_graph_slice_channels (graph, *params->kv, 0, width);
      v = unclip_graph_slice_channels (graph, *params->kv, width, width);
    }
  else
    {
      UnclipTensor *qkv = unclip_layer_linear_stack (graph, layers, 3, y);        /* (N, 1, S, 3·A·K) */

      q = unclip_graph_slice_channels (graph, qkv, 0, width);
      k = unclip_graph_slice_channels (graph, qkv, width, width);
      v = unclip_graph_slice_channels (graph, qkv, 2 * width, width);
    }
  if (params->past_kv != NULL)
    {
      attention.extra_k = unclip_graph_slice_channels (graph, params->past_kv, 0, width);
      attention.extra_v = unclip_graph_slice_channels (graph, params->past_kv, width, width);
    }
  return unclip_op_attention (graph, q, k, v, &attention);                        /* (N, 1, S, A·K) */
}

UnclipTensor *
unclip_transformer_block_forward (const UnclipTransformerBlock  *block,
                                  UnclipGraph                   *graph,
                                  UnclipTensor                  *x,
                                  const UnclipTransformerParams *params)
{
  UnclipTensor *y;

  y = unclip_layer_layer_norm (graph, &block->norm1, x, params->eps);             /* (N, 1, S, D) */
  y = self_attention (block, graph, y, params);                                   /* (N, 1, S, A·K) */
  x = unclip_layer_linear (graph, &block->to_out, y, UNCLIP_ACTIVATION_NONE, x);  /* (N, 1, S, D) */
  y = unclip_layer_layer_norm (graph, &block->norm2, x, params->eps);             /* (N, 1, S, D) */
  y = unclip_layer_linear (graph, &block->fc1, y, params->activation, NULL);      /* (N, 1, S, F) */
  return unclip_layer_linear (graph, &block->fc2, y, UNCLIP_ACTIVATION_NONE, x);  /* (N, 1, S, D) */
}

UnclipTensor *
unclip_transformer_block_forward_kv (const UnclipTransformerBlock *block,
                                     UnclipGraph                  *graph,
                                     UnclipTensor                 *x,
                                     float                         eps)
{
  return stack_kv (block, graph, unclip_layer_layer_norm (graph, &block->norm1, x, eps));
}
