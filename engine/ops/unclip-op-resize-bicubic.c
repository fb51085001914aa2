/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Antialiased bicubic resize: along rows into scratch, then along columns. Inputs: x. */

#include "config.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/resize-bicubic.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor inner;
  UnclipDivisor out_n;
  UnclipDivisor twice;
  guint32       in_n;
  gint32        x_stride4;
  gint32        x_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 52);

/* What lies between the two passes. */
static UnclipShape
get_middle_shape (const UnclipNode *node)
{
  UnclipShape middle = node->inputs[0]->shape;

  middle.w = node->output->shape.w;
  return middle;
}

static gsize
count_scratch (const UnclipNode *node,
               UnclipRecorder   *recorder)
{
  return ((gsize) unclip_op_count_texels (get_middle_shape (node)) * 16 + 255) & ~(gsize) 255;
}

static void
record_pass (UnclipRecorder         *recorder,
             const char             *shader,
             const UnclipGpuBinding *from,
             const UnclipGpuBinding *to,
             Push                   *push,
             int                     in_n,
             int                     out_n)
{
  push->out_n = unclip_divisor (out_n);
  push->twice = unclip_divisor (2 * (gint64) out_n);
  push->in_n = (guint32) in_n;
  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = shader,
                                    .bindings = { *from, *to },
                                    .n_bindings = 2,
                                    .push = push,
                                    .push_bytes = sizeof *push,
                                    .n_items = push->n_texels,
                                  });
}

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  UnclipShape      in = node->inputs[0]->shape, out = node->output->shape;
  UnclipShape      middle = get_middle_shape (node);
  int              c4 = unclip_div_up (in.c, 4);
  gsize            n_bytes = count_scratch (node, recorder);
  UnclipOperand    x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand    y = unclip_recorder_write (recorder, node->output);
  UnclipGpuBinding to = unclip_recorder_scratch (recorder, 0, n_bytes, UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE);
  UnclipGpuBinding from = unclip_recorder_scratch (recorder, 0, n_bytes, UNCLIP_GPU_TEXEL_RGBA32F, UNCLIP_GPU_READ);
  Push             across = {
                .n_texels = unclip_op_count_texels (middle),
                .inner = unclip_divisor (c4),
                .x_stride4 = x.stride4,
                .x_offset4 = x.offset4,
  };
  Push down = {
    .n_texels = unclip_op_count_texels (out),
    .inner = unclip_divisor ((gint64) out.w * c4),
    .x_stride4 = out.w * c4,
  };

  record_pass (recorder, "resize_bicubic_f32", &x.binding, &to, &across, in.w, out.w);
  record_pass (recorder, y.is_f16 ? "resize_bicubic_f16" : "resize_bicubic_f32", &from, &y.binding, &down, in.h, out.h);
}

static const UnclipOp op_resize_bicubic = {
  .name = "resize-bicubic",
  .count_scratch = count_scratch,
  .record = record,
};

UnclipTensor *
unclip_op_resize_bicubic (UnclipGraph  *graph,
                          UnclipTensor *x,
                          int           height,
                          int           width)
{
  g_assert (height >= 1 && width >= 1);
  return unclip_op_add_node (graph, &op_resize_bicubic, &x, 1, NULL, 0,
                             (UnclipShape){ x->shape.n, height, width, x->shape.c });
}
