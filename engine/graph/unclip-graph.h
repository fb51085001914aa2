/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The op graph: a network's forward pass, written down once as symbolic tensors and later replayed.
 *
 * A network is a C function that takes tensors, calls the unclip_op_…() builders of unclip-ops.h in the order of the
 * paper, and returns tensors. Nothing is computed then. An executor (unclip-executor.h) compiles the graph: it gives
 * every activation a place in one arena, packs the weights, records the work, and runs it as often as wanted.
 *
 * Layout. Every tensor has four dimensions N, H, W, C and is stored channels-last: N·H·W rows of C values. A sequence of
 * S tokens is (N, 1, S, D); one vector an item is (N, 1, 1, D). On the device a row is padded with zeros to a multiple of
 * four channels, and every operation keeps the padding zero; what callers write and read is unpadded.
 *
 *     UnclipGraph  *g = unclip_graph_new ("mlp");
 *     UnclipTensor *x = unclip_graph_input (g, "x", (UnclipShape){ 2, 1, 77, 512 }, UNCLIP_DTYPE_F32);
 *     UnclipTensor *y = unclip_op_linear (g, x, w, b, UNCLIP_ACTIVATION_GELU, NULL);
 *     unclip_graph_output (g, "y", y);
 *
 * Tensors belong to their graph and live as long as it does. A graph and its tensors are used by one thread at a time.
 */

#pragma once

#include "unclip-array.h"

G_BEGIN_DECLS

/**
 * UnclipShape:
 * @n: batch, 1 or more
 * @h: rows of the picture, 1 for sequences and vectors
 * @w: columns of the picture, or tokens of the sequence
 * @c: channels, or model width
 */
typedef struct
{
  int n, h, w, c;
} UnclipShape;

typedef struct _UnclipGraph  UnclipGraph;
typedef struct _UnclipTensor UnclipTensor;

UnclipGraph  *unclip_graph_new            (const char        *name);
void          unclip_graph_free           (UnclipGraph       *graph);
const char   *unclip_graph_get_name       (UnclipGraph       *graph);

/**
 * unclip_graph_input:
 * @name: as the caller will write it; unique among the graph's inputs
 * @dtype: %UNCLIP_DTYPE_F32, or %UNCLIP_DTYPE_I32 for token ids and row indices (then C is 1)
 *
 * Returns: (transfer none)
 */
UnclipTensor *unclip_graph_input          (UnclipGraph       *graph,
                                           const char        *name,
                                           UnclipShape        shape,
                                           UnclipDType        dtype);

/**
 * unclip_graph_weight:
 * @array: its data must stay mapped while any program made from this graph lives
 *
 * A constant. As an operand of arithmetic (add, concat_tokens) an array of dims (…, S, D) stands for the tensor
 * (1, 1, S, D), or (1, 1, 1, D) with one dimension; as the weight of linear and conv2d it keeps its own dims.
 *
 * Returns: (transfer none)
 */
UnclipTensor *unclip_graph_weight         (UnclipGraph       *graph,
                                           const UnclipArray *array);

/**
 * unclip_graph_weight_stack:
 * @arrays: (array length=n_arrays): same trailing dims; a %NULL entry stands for @n_rows[i] rows of zeros
 * @n_rows: (array length=n_arrays): first dimension of each
 *
 * Several weights stacked along their first dimension, so that one product serves them all: q, k and v of an attention,
 * or the time projections of every resnet.
 *
 * Returns: (transfer none)
 */
UnclipTensor *unclip_graph_weight_stack   (UnclipGraph              *graph,
                                           const UnclipArray *const *arrays,
                                           const int                *n_rows,
                                           guint                     n_arrays);

/**
 * unclip_graph_slice_channels:
 * @first: a multiple of 4
 * @n: channels; a multiple of 4 unless the slice ends at the tensor's last channel
 *
 * A view of some channels of @x; no copy. May be the input of any operation, not a graph output.
 *
 * Returns: (transfer none): (N, H, W, n)
 */
UnclipTensor *unclip_graph_slice_channels (UnclipGraph       *graph,
                                           UnclipTensor      *x,
                                           int                first,
                                           int                n);

/**
 * unclip_graph_concat_channels:
 *
 * [a ; b] along channels. Stays two tensors where the consumers can read two (group_norm, linear); the others see a copy
 * that is made here if a.c is not a multiple of 4, or on their demand.
 *
 * Returns: (transfer none): (N, H, W, a.c + b.c)
 */
UnclipTensor *unclip_graph_concat_channels (UnclipGraph      *graph,
                                           UnclipTensor      *a,
                                           UnclipTensor      *b);

/**
 * unclip_graph_reshape:
 * @shape: as many rows in all and the same C
 *
 * The same rows under other N, H, W (a picture as tokens, tokens as a picture); no copy.
 */
UnclipTensor *unclip_graph_reshape        (UnclipGraph       *graph,
                                           UnclipTensor      *x,
                                           UnclipShape        shape);

/**
 * unclip_graph_output:
 * @name: as the caller will read it; unique among the graph's outputs
 * @x: an activation; stored as f32 whatever the executor's precision, and never overwritten
 */
void          unclip_graph_output         (UnclipGraph       *graph,
                                           const char        *name,
                                           UnclipTensor      *x);

/**
 * unclip_graph_get_input:
 *
 * Returns: (transfer none): the input of that name, which exists
 */
UnclipTensor *unclip_graph_get_input      (UnclipGraph       *graph,
                                           const char        *name);

/**
 * unclip_graph_get_output:
 *
 * Returns: (transfer none): the output of that name, which exists; may be the input of further operations
 */
UnclipTensor *unclip_graph_get_output     (UnclipGraph       *graph,
                                           const char        *name);

/**
 * unclip_graph_set_probes:
 *
 * With probes on, every unclip_graph_probe() makes an output, so that a test can compare block by block. Off, it does
 * nothing. Call before building.
 */
void          unclip_graph_set_probes     (UnclipGraph       *graph,
                                           gboolean           probes);

/**
 * unclip_graph_probe:
 * @format: printf-style name in the reference's module path, such as "down_blocks.0.resnets.1"
 */
void          unclip_graph_probe          (UnclipGraph       *graph,
                                           UnclipTensor      *x,
                                           const char        *format,
                                           ...) G_GNUC_PRINTF (3, 4);

UnclipShape   unclip_tensor_get_shape     (UnclipTensor      *x);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGraph, unclip_graph_free)

G_END_DECLS
