/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op.h"

static UnclipTensor *
make_whole (UnclipGraph *graph, UnclipTensor *x)
{
  if (x->whole == NULL)
    x->whole = unclip_op_copy_concat (graph, x->parts[0], x->parts[1]);
  return x->whole;
}

UnclipTensor *
unclip_op_add_node (UnclipGraph         *graph,
                    const UnclipOp      *op,
                    UnclipTensor *const *inputs,
                    guint                n_inputs,
                    gconstpointer        params,
                    gsize                params_size,
                    UnclipShape          shape)
{
  UnclipTensor *whole[UNCLIP_NODE_MAX_INPUTS];

  g_assert (n_inputs <= UNCLIP_NODE_MAX_INPUTS);
  for (guint i = 0; i < n_inputs; i++)
    {
      UnclipTensor *x = inputs[i];
      gboolean      reads_parts = i == 0 && op->reads_concat;

      whole[i] = x;
      if (x != NULL && x->kind == UNCLIP_TENSOR_CONCAT && !(reads_parts && x->parts[0]->shape.c % 4 == 0))
        whole[i] = make_whole (graph, x);
    }
  return unclip_graph_add_node (graph, op, whole, n_inputs, params, params_size, shape)->output;
}

void
unclip_op_split_groups (guint64 n_groups, guint *x, guint *y)
{
  const guint64 limit = 65535;

  *x = (guint) MIN (MAX (n_groups, 1), limit);
  *y = (guint) ((n_groups + *x - 1) / *x);
  *y = MAX (*y, 1);
  g_assert (*y <= limit);
}
