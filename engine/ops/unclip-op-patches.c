/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures cut into patches: one invocation a texel of the result, whose four values come one by one, since a pixel of
 * three channels does not fill a texel. */

#include "config.h"

#include "unclip-op-patches.h"

#define GROUP_SIZE 64

/* Mirrors the push block of shaders/patches.comp. */
typedef struct
{
  guint32 n_texels;
  gint32  y_c4;
  gint32  y_c;
  gint32  size;
  gint32  c;
  gint32  in_w;
  gint32  out_w;
  gint32  x_stride4;
  gint32  x_offset4;
} Push;

static void
record (const UnclipNode *node, UnclipRecorder *recorder)
{
  const UnclipOpPatchesParams *params = node->params;
  UnclipShape                  in = node->inputs[0]->shape, out = node->output->shape;
  UnclipOperand                x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand                y = unclip_recorder_write (recorder, node->output);
  guint64                      n_texels = (guint64) unclip_shape_get_n_rows (out) * (guint) y.stride4;
  Push                         push = {
                            .n_texels = (guint32) n_texels,
                            .y_c4 = y.stride4,
                            .y_c = out.c,
                            .size = params->size,
                            .c = in.c,
                            .in_w = in.w,
                            .out_w = out.w,
                            .x_stride4 = x.stride4,
                            .x_offset4 = x.offset4,
  };
  UnclipGpuKernelDesc desc = {
    .shader = y.is_f16 ? "patches_f16" : "patches_f32",
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 2,
    .push_bytes = sizeof push,
    .spec = { { 0, GROUP_SIZE } },
    .n_spec = 1,
  };
  guint groups_x, groups_y;

  G_STATIC_ASSERT (sizeof (Push) == 36);
  unclip_op_split_groups ((n_texels + GROUP_SIZE - 1) / GROUP_SIZE, &groups_x, &groups_y);
  unclip_recorder_dispatch (recorder, &desc, (UnclipGpuBinding[]){ x.binding, y.binding }, &push, groups_x, groups_y, 1);
}

static const UnclipOp op_patches = {
  .name = "patches",
  .record = record,
};

UnclipTensor *
unclip_op_patches (UnclipGraph *graph, UnclipTensor *x, int size)
{
  const UnclipOpPatchesParams params = { size };
  UnclipShape                 shape = { x->shape.n, x->shape.h / size, x->shape.w / size, size * size * x->shape.c };

  g_assert (size > 0 && x->shape.h % size == 0 && x->shape.w % size == 0);
  return unclip_op_add_node (graph, &op_patches, &x, 1, &params, sizeof params, shape);
}
