/* SPDX-License-Identifier: GPL-3.0-or-later */

/* 2×2 means, stride 2. Inputs: x. */

#include "config.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/avg-pool2.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  UnclipDivisor y_w;
  UnclipDivisor y_h;
  guint32       x_w;
  guint32       x_h;
  gint32        x_stride4;
  gint32        x_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 56);

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  UnclipShape   x_shape = node->inputs[0]->shape, shape = node->output->shape;
  UnclipOperand x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand y = unclip_recorder_write (recorder, node->output);
  Push          push = {
             .n_texels = unclip_op_count_texels (shape),
             .c4 = unclip_divisor (y.stride4),
             .y_w = unclip_divisor (shape.w),
             .y_h = unclip_divisor (shape.h),
             .x_w = (guint32) x_shape.w,
             .x_h = (guint32) x_shape.h,
             .x_stride4 = x.stride4,
             .x_offset4 = x.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "avg_pool2_f16" : "avg_pool2_f32",
                                    .bindings = { x.binding, y.binding },
                                    .n_bindings = 2,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_avg_pool2 = {
  .name = "avg-pool2",
  .record = record,
};

UnclipTensor *
unclip_op_avg_pool2 (UnclipGraph  *graph,
                     UnclipTensor *x)
{
  g_assert (x->shape.h >= 2 && x->shape.w >= 2);
  return unclip_op_add_node (graph, &op_avg_pool2, &x, 1, NULL, 0,
                             (UnclipShape){ x->shape.n, x->shape.h / 2, x->shape.w / 2, x->shape.c });
}
