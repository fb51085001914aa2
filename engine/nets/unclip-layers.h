/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What networks are put together from: a loader that fetches weights by name and shape, and layers
 * that apply them.
 *
 * A constructor asks the loader for one layer after the other and looks at the loader's error once,
 * at the end; after the first failure the loader does nothing more. A failure names the tensor, the
 * shape expected and the shape found.
 */

#pragma once

#include "unclip-ops.h"
#include "unclip-weights.h"

G_BEGIN_DECLS

/**
 * UnclipLoader:
 * @weights: (not owned): the component's tensors
 * @copies: (owned) (nullable): arrays made here; the net takes them over and frees them last
 * @error: (owned) (nullable): the first failure
 */
typedef struct
{
  UnclipWeights *weights;
  GPtrArray     *copies;
  GError        *error;
} UnclipLoader;

/**
 * UnclipLayer:
 * @weight: %NULL stands for a layer that the network does not have
 * @bias: (nullable)
 *
 * Weight and bias of a linear map, a convolution or a norm. Both belong to the weights they came
 * from.
 */
typedef struct
{
  const UnclipArray *weight;
  const UnclipArray *bias;
} UnclipLayer;

/**
 * unclip_loader_array:
 * @dims: (array length=n_dims): the shape that the tensor must have
 * @format: printf-style name of the tensor
 *
 * Errors: those of unclip_weights_require(), in the loader.
 *
 * Returns: (transfer none) (nullable): %NULL exactly when the loader holds an error
 */
const UnclipArray *unclip_loader_array   (UnclipLoader *loader,
                                          const gint64 *dims,
                                          guint         n_dims,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (4, 5);

/**
 * unclip_loader_linear:
 *
 * Fetches @format with ".weight" of dims (n_out, n_in) and ".bias" of dims (n_out).
 */
UnclipLayer        unclip_loader_linear  (UnclipLoader *loader,
                                          int           n_out,
                                          int           n_in,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (4, 5);

/**
 * unclip_loader_conv:
 * @size: kernel side
 *
 * Fetches @format with ".weight" of dims (n_out, n_in, size, size) and ".bias" of dims (n_out).
 */
UnclipLayer        unclip_loader_conv    (UnclipLoader *loader,
                                          int           n_out,
                                          int           n_in,
                                          int           size,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (5, 6);

/**
 * unclip_loader_norm:
 *
 * Fetches @format with ".weight" and ".bias", both of dims (n).
 */
UnclipLayer        unclip_loader_norm    (UnclipLoader *loader,
                                          int           n,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (3, 4);

/**
 * unclip_loader_fit_heads:
 * @what: for the message, such as "prior"
 * @outputs: (array length=n_outputs): linear maps to n_heads · head_dim channels: queries, keys,
 * values
 * @n_outputs: of them
 * @input: linear map from n_heads · head_dim channels
 *
 * Attention wants heads of a multiple of four channels. Where they are not, the layers are replaced
 * by copies with each head filled up with zeros, which changes no result.
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT for heads that cannot be or are larger than 256, in the
 * loader.
 *
 * Returns: the head size that the layers now have
 */
int                unclip_loader_fit_heads (UnclipLoader        *loader,
                                          const char          *what,
                                          int                  n_heads,
                                          int                  head_dim,
                                          UnclipLayer *const  *outputs,
                                          guint                n_outputs,
                                          UnclipLayer         *input);

/**
 * unclip_loader_finish:
 * @copies: (out) (transfer full) (optional): what the net must keep, also after a failure; or
 * %NULL. A net without attention need not ask
 * @error: (out): the loader's first failure, if any
 *
 * Returns: %FALSE with @error set if anything was missing or misshapen
 */
gboolean           unclip_loader_finish  (UnclipLoader *loader,
                                          GPtrArray   **copies,
                                          GError      **error);

/**
 * unclip_layer_linear:
 *
 * unclip_op_linear() with the layer's weight and bias.
 */
UnclipTensor      *unclip_layer_linear   (UnclipGraph       *graph,
                                          const UnclipLayer *layer,
                                          UnclipTensor      *x,
                                          UnclipActivation   activation,
                                          UnclipTensor      *residual);

/**
 * unclip_layer_linear_stack:
 * @layers: (array length=n_layers): all with as many inputs as x has channels
 *
 * Several linear maps of one input as a single product. Each result is a slice of channels, so all
 * but the last must have a multiple of four outputs.
 *
 * Returns: (transfer none): (N, H, W, sum of outputs)
 */
UnclipTensor      *unclip_layer_linear_stack (UnclipGraph              *graph,
                                          const UnclipLayer *const *layers,
                                          guint                     n_layers,
                                          UnclipTensor             *x);

/**
 * unclip_layer_layer_norm:
 *
 * unclip_op_layer_norm() with the layer's weight and bias.
 */
UnclipTensor      *unclip_layer_layer_norm (UnclipGraph     *graph,
                                          const UnclipLayer *layer,
                                          UnclipTensor      *x,
                                          float              eps);

/**
 * unclip_layer_group_norm:
 * @scale_shift: (nullable): as in #UnclipGroupNormParams
 *
 * unclip_op_group_norm() with the layer's weight and bias.
 */
UnclipTensor      *unclip_layer_group_norm (UnclipGraph     *graph,
                                          const UnclipLayer *layer,
                                          UnclipTensor      *x,
                                          int                n_groups,
                                          float              eps,
                                          UnclipTensor      *scale_shift,
                                          gboolean           silu);

/**
 * unclip_layer_conv:
 * @params: (nullable): weight and bias are taken from the layer, and a stride of 0 stands for 1
 *
 * unclip_op_conv2d() with the layer's weight and bias.
 */
UnclipTensor      *unclip_layer_conv     (UnclipGraph            *graph,
                                          const UnclipLayer      *layer,
                                          UnclipTensor           *x,
                                          const UnclipConvParams *params);

/**
 * unclip_net_vector_input: adds a graph input of shape (n, 1, 1, c)
 */
UnclipTensor      *unclip_net_vector_input (UnclipGraph     *graph,
                                          const char        *name,
                                          int                n,
                                          int                c);

/**
 * unclip_net_tokens_input: adds a graph input of shape (n, 1, s, d)
 */
UnclipTensor      *unclip_net_tokens_input (UnclipGraph     *graph,
                                          const char        *name,
                                          int                n,
                                          int                s,
                                          int                d);

G_END_DECLS
