/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the operations' own files share. Networks include unclip-ops.h instead.
 *
 * The parameters of each operation, and the order of its inputs, stand in unclip-op-<name>.h for its record function and
 * its scalar reference.
 */

#pragma once

#include "unclip-node.h"
#include "unclip-ops.h"
#include "unclip-recorder.h"

G_BEGIN_DECLS

/**
 * unclip_op_add_node:
 *
 * As unclip_graph_add_node(), but concatenations among the inputs are copied into one tensor first, unless @op reads
 * them as they are, which only input 0 may be, with a first part that is a multiple of 4 wide.
 *
 * Returns: (transfer none): the node's output
 */
UnclipTensor *unclip_op_add_node (UnclipGraph         *graph,
                                  const UnclipOp      *op,
                                  UnclipTensor *const *inputs,
                                  guint                n_inputs,
                                  gconstpointer        params,
                                  gsize                params_size,
                                  UnclipShape          shape);

/**
 * unclip_op_split_groups:
 * @n_groups: workgroups wanted
 * @x: @y: (out): a grid of at least that many, within 65535 a side; the shader computes
 *   gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x and leaves if that is out of range
 */
void          unclip_op_split_groups (guint64 n_groups,
                                      guint  *x,
                                      guint  *y);

G_END_DECLS
