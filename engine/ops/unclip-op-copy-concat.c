/* SPDX-License-Identifier: GPL-3.0-or-later */

/* [a ; b] along channels as one tensor: one invocation a texel of the result, which may take its four channels from
 * either part, or from both where a's width is not a multiple of 4. */

#include "config.h"

#include "unclip-op.h"

#define GROUP_SIZE 64

/* Mirrors the push block of shaders/copy-concat.comp. */
typedef struct
{
  guint32 n_texels;
  gint32  c4;           /* texels a row of the result */
  gint32  a_c;          /* channels of a */
  gint32  c;            /* channels of the result */
  gint32  a_stride4;
  gint32  a_offset4;
  gint32  b_stride4;
  gint32  b_offset4;
} Push;

static void
record (const UnclipNode *node, UnclipRecorder *recorder)
{
  UnclipOperand a = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand b = unclip_recorder_read (recorder, node->inputs[1]);
  UnclipOperand y = unclip_recorder_write (recorder, node->output);
  guint64       n_texels = (guint64) unclip_shape_get_n_rows (node->output->shape) * (guint) y.stride4;
  Push          push = {
             .n_texels = (guint32) n_texels,
             .c4 = y.stride4,
             .a_c = node->inputs[0]->shape.c,
             .c = node->output->shape.c,
             .a_stride4 = a.stride4,
             .a_offset4 = a.offset4,
             .b_stride4 = b.stride4,
             .b_offset4 = b.offset4,
  };
  UnclipGpuKernelDesc desc = {
    .shader = y.is_f16 ? "copy_concat_f16" : "copy_concat_f32",
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 3,
    .push_bytes = sizeof push,
    .spec = { { 0, GROUP_SIZE } },
    .n_spec = 1,
  };
  guint groups_x, groups_y;

  G_STATIC_ASSERT (sizeof (Push) == 32);
  unclip_op_split_groups ((n_texels + GROUP_SIZE - 1) / GROUP_SIZE, &groups_x, &groups_y);
  unclip_recorder_dispatch (recorder, &desc, (UnclipGpuBinding[]){ a.binding, b.binding, y.binding }, &push, groups_x, groups_y, 1);
}

static const UnclipOp op_copy_concat = {
  .name = "copy-concat",
  .record = record,
};

UnclipTensor *
unclip_op_copy_concat (UnclipGraph *graph, UnclipTensor *a, UnclipTensor *b)
{
  UnclipShape shape = a->shape;

  g_assert (a->shape.n == b->shape.n && a->shape.h == b->shape.h && a->shape.w == b->shape.w);
  shape.c += b->shape.c;
  return unclip_graph_add_node (graph, &op_copy_concat, (UnclipTensor *[]){ a, b }, 2, NULL, 0, shape)->output;
}
