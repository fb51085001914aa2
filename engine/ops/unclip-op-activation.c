/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Element-wise activation: one invocation a texel of four channels. */

#include "config.h"

#include "unclip-op-activation.h"

#define GROUP_SIZE 64

/* Mirrors the push block of shaders/activation.comp. */
typedef struct
{
  guint32 n_texels;
  guint32 c4;
  gint32  x_stride4;
  gint32  x_offset4;
} Push;

static void
record (const UnclipNode *node, UnclipRecorder *recorder)
{
  const UnclipOpActivationParams *params = node->params;
  UnclipOperand                   x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand                   y = unclip_recorder_write (recorder, node->output);
  guint64                         n_texels = (guint64) unclip_shape_get_n_rows (node->output->shape) * (guint) y.stride4;
  Push                            push = { (guint32) n_texels, (guint32) y.stride4, x.stride4, x.offset4 };
  UnclipGpuKernelDesc             desc = {
                .shader = y.is_f16 ? "activation_f16" : "activation_f32",
                .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
                .n_bindings = 2,
                .push_bytes = sizeof push,
                .spec = { { 0, GROUP_SIZE }, { 10, params->activation } },
                .n_spec = 2,
  };
  guint groups_x, groups_y;

  G_STATIC_ASSERT (sizeof (Push) == 16);
  unclip_op_split_groups ((n_texels + GROUP_SIZE - 1) / GROUP_SIZE, &groups_x, &groups_y);
  unclip_recorder_dispatch (recorder, &desc, (UnclipGpuBinding[]){ x.binding, y.binding }, &push, groups_x, groups_y, 1);
}

static const UnclipOp op_activation = {
  .name = "activation",
  .record = record,
};

UnclipTensor *
unclip_op_activation (UnclipGraph *graph, UnclipTensor *x, UnclipActivation activation)
{
  const UnclipOpActivationParams params = { activation };

  return unclip_op_add_node (graph, &op_activation, &x, 1, &params, sizeof params, x->shape);
}
