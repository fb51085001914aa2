/* SPDX-License-Identifier: GPL-3.0-or-later */

/* a + b, b repeated along items, along the rows of an item, or both. Inputs: a, b. */

#include "config.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/add.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  UnclipDivisor rows;
  guint32       b_item_rows;
  guint32       b_row_step;
  gint32        a_stride4;
  gint32        a_offset4;
  gint32        b_stride4;
  gint32        b_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 52);

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  UnclipShape      shape = node->output->shape, b_shape = node->inputs[1]->shape;
  UnclipOperand    a = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand    b = unclip_recorder_read (recorder, node->inputs[1]);
  UnclipOperand    y = unclip_recorder_write (recorder, node->output);
  gint64           b_rows = (gint64) b_shape.h * b_shape.w;
  Push             push = {
                .n_texels = unclip_op_count_texels (shape),
                .c4 = unclip_divisor (y.stride4),
                .rows = unclip_divisor ((gint64) shape.h * shape.w),
                .b_item_rows = b_shape.n > 1 ? (guint32) b_rows : 0,
                .b_row_step = b_rows > 1,
                .a_stride4 = a.stride4,
                .a_offset4 = a.offset4,
                .b_stride4 = b.stride4,
                .b_offset4 = b.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "add_f16" : "add_f32",
                                    .bindings = { a.binding, b.binding, y.binding },
                                    .n_bindings = 3,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_add = {
  .name = "add",
  .record = record,
};

UnclipTensor *
unclip_op_add (UnclipGraph  *graph,
               UnclipTensor *a,
               UnclipTensor *b)
{
  gint64 a_rows = (gint64) a->shape.h * a->shape.w;
  gint64 b_rows = (gint64) b->shape.h * b->shape.w;

  g_assert (b->shape.c == a->shape.c);
  g_assert (b->shape.n == a->shape.n || b->shape.n == 1);
  g_assert (b_rows == a_rows || b_rows == 1);
  return unclip_op_add_node (graph, &op_add, (UnclipTensor *[]){ a, b }, 2, NULL, 0, a->shape);
}
