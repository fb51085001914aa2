/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Nearest neighbour, twice as high and wide. Inputs: x. */

#include "config.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/upsample2.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  UnclipDivisor y_w;
  gint32        x_stride4;
  gint32        x_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 36);

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  UnclipShape   shape = node->output->shape;
  UnclipOperand x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand y = unclip_recorder_write (recorder, node->output);
  Push          push = {
             .n_texels = unclip_op_count_texels (shape),
             .c4 = unclip_divisor (y.stride4),
             .y_w = unclip_divisor (shape.w),
             .x_stride4 = x.stride4,
             .x_offset4 = x.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "upsample2_f16" : "upsample2_f32",
                                    .bindings = { x.binding, y.binding },
                                    .n_bindings = 2,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_upsample2 = {
  .name = "upsample2",
  .record = record,
};

UnclipTensor *
unclip_op_upsample2 (UnclipGraph  *graph,
                     UnclipTensor *x)
{
  return unclip_op_add_node (graph, &op_upsample2, &x, 1, NULL, 0,
                             (UnclipShape){ x->shape.n, 2 * x->shape.h, 2 * x->shape.w, x->shape.c });
}
