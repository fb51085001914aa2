/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One row of each item, by an index that is an input. Inputs: x, index. */

#include "config.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/select-rows.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  gint32        rows;
  gint32        x_stride4;
  gint32        x_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 28);

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  UnclipShape   x_shape = node->inputs[0]->shape;
  UnclipOperand x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand index = unclip_recorder_read (recorder, node->inputs[1]);
  UnclipOperand y = unclip_recorder_write (recorder, node->output);
  Push          push = {
             .n_texels = unclip_op_count_texels (node->output->shape),
             .c4 = unclip_divisor (y.stride4),
             .rows = x_shape.h * x_shape.w,
             .x_stride4 = x.stride4,
             .x_offset4 = x.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "select_rows_f16" : "select_rows_f32",
                                    .bindings = { x.binding, index.binding, y.binding },
                                    .n_bindings = 3,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_select_rows = {
  .name = "select-rows",
  .record = record,
};

UnclipTensor *
unclip_op_select_rows (UnclipGraph  *graph,
                       UnclipTensor *x,
                       UnclipTensor *index)
{
  g_assert (index->dtype == UNCLIP_DTYPE_I32);
  g_assert (unclip_shape_equal (index->shape, (UnclipShape){ x->shape.n, 1, 1, 1 }));
  return unclip_op_add_node (graph, &op_select_rows, (UnclipTensor *[]){ x, index }, 2, NULL, 0,
                             (UnclipShape){ x->shape.n, 1, 1, x->shape.c });
}
