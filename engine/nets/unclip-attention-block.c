/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Added-key-value attention: the context's part apart from the picture's, so that it can be kept over the steps. */

#include "config.h"

#include "unclip-attention-block.h"

#include "unclip-error.h"

#include <math.h>

void
unclip_attention_block_load (UnclipAttentionBlock           *block,
                             UnclipLoader                   *loader,
                             const UnclipAttentionBlockSpec *spec,
                             const char                     *prefix)
{
  UnclipLayer *outputs[] = { &block->to_q, &block->to_k, &block->to_v, &block->add_k_proj, &block->add_v_proj };
  int c = spec->n_channels;
  int d = spec->n_heads * spec->head_dim;

  block->spec = *spec;
  block->scale = 1.0f / sqrtf ((float) spec->head_dim);
  if (loader->error == NULL && spec->n_groups > 0 && c % spec->n_groups != 0)
    g_set_error (&loader->error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                 "%d channels of “%s” cannot be normalised in %d groups", c, prefix, spec->n_groups);
  if (spec->n_groups > 0)
    block->group_norm = unclip_loader_norm (loader, c, "%s.group_norm", prefix);
  block->to_q = unclip_loader_linear (loader, d, c, "%s.to_q", prefix);
  block->to_k = unclip_loader_linear (loader, d, c, "%s.to_k", prefix);
  block->to_v = unclip_loader_linear (loader, d, c, "%s.to_v", prefix);
  if (spec->n_context > 0)
    {
      block->add_k_proj = unclip_loader_linear (loader, d, spec->n_context, "%s.add_k_proj", prefix);
      block->add_v_proj = unclip_loader_linear (loader, d, spec->n_context, "%s.add_v_proj", prefix);
    }
  block->to_out = unclip_loader_linear (loader, c, d, "%s.to_out.0", prefix);
  block->spec.head_dim = unclip_loader_fit_heads (loader, prefix, spec->n_heads, spec->head_dim, outputs,
                                                  spec->n_context > 0 ? 5 : 3, &block->to_out);
}

UnclipTensor *
unclip_attention_block_forward_context (const UnclipAttentionBlock *block,
                                        UnclipGraph                *graph,
                                        UnclipTensor               *context)
{
  const UnclipLayer *layers[] = { &block->add_k_proj, &block->add_v_proj };

  return unclip_layer_linear_stack (graph, layers, 2, context);                      /* (N, 1, M, 2D) */
}

UnclipTensor *
unclip_attention_block_forward (const UnclipAttentionBlock *block,
                                UnclipGraph                *graph,
                                UnclipTensor               *x,
                                UnclipTensor               *context_kv,
                                UnclipTensor               *key_bias)
{
  const UnclipLayer *layers[] = { &block->to_q, &block->to_k, &block->to_v };
  UnclipShape shape = unclip_tensor_get_shape (x);
  UnclipShape tokens = { shape.n, 1, shape.h * shape.w, shape.c };
  int d = block->spec.n_heads * block->spec.head_dim;
  UnclipAttentionParams attention = {
    .n_heads = block->spec.n_heads,
    .scale = block->scale,
    .key_bias = key_bias,
  };
  UnclipTensor *r, *y, *qkv;

  r = unclip_graph_reshape (graph, x, tokens);                                       /* (N, 1, H·W, C) */
  y = x;
  if (block->spec.n_groups > 0)
    y = unclip_layer_group_norm (graph, &block->group_norm, x, block->spec.n_groups, block->spec.eps,
                                 NULL, FALSE);                                       /* (N, H, W, C) */
  y = unclip_graph_reshape (graph, y, tokens);                                       /* (N, 1, H·W, C) */
  qkv = unclip_layer_linear_stack (graph, layers, 3, y);                             /* (N, 1, H·W, 3D) */
  if (context_kv != NULL)
    {
      attention.extra_k = unclip_graph_slice_channels (graph, context_kv, 0, d);     /* (N, 1, M, D) */
      attention.extra_v = unclip_graph_slice_channels (graph, context_kv, d, d);     /* (N, 1, M, D) */
    }
  y = unclip_op_attention (graph,
                           unclip_graph_slice_channels (graph, qkv, 0, d),
                           unclip_graph_slice_channels (graph, qkv, d, d),
                           unclip_graph_slice_channels (graph, qkv, 2 * d, d),
                           &attention);                                              /* (N, 1, H·W, D) */
  y = unclip_layer_linear (graph, &block->to_out, y, UNCLIP_ACTIVATION_NONE, r);     /* (N, 1, H·W, C) */
  return unclip_graph_reshape (graph, y, shape);                                     /* (N, H, W, C) */
}
