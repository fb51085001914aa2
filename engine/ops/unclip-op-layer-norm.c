/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Layer norm: a workgroup a row. */

#include "config.h"

#include "unclip-op-layer-norm.h"

#include "unclip-op.h"

#define SHARED_GROUP_SIZE 128

/* Mirrors the push block of shaders/layer-norm.comp. */
typedef struct
{
  guint32 rows;
  guint32 c;
  guint32 c4;
  gint32  x_stride4;
  gint32  x_offset4;
  float   eps;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 24);

/* By whether lanes meet in shared memory, and by the output's storage. */
static const char *const shaders[2][2] = {
  { "layer_norm_register_f32", "layer_norm_register_f16" },
  { "layer_norm_shared_f32", "layer_norm_shared_f16" },
};

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  const UnclipOpLayerNormParams *params = node->params;
  UnclipShape                    shape = node->output->shape;
  gboolean                       shared = unclip_recorder_prefers_shared (recorder);
  guint                          group_size = shared ? SHARED_GROUP_SIZE
                                                     : unclip_recorder_get_limits (recorder)->subgroup_size;
  UnclipOperand                  x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand                  y = unclip_recorder_write (recorder, node->output);
  UnclipGpuBinding               gamma = unclip_recorder_vector (recorder, node->inputs[1], 4 * y.stride4);
  UnclipGpuBinding               beta = unclip_recorder_vector (recorder, node->inputs[2], 4 * y.stride4);
  Push                           push = {
                              .rows = (guint32) unclip_shape_get_n_rows (shape),
                              .c = (guint32) shape.c,
                              .c4 = (guint32) y.stride4,
                              .x_stride4 = x.stride4,
                              .x_offset4 = x.offset4,
                              .eps = params->eps,
  };
  UnclipGpuKernelDesc desc = {
    .shader = shaders[shared][y.is_f16],
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 4,
    .push_bytes = sizeof push,
    .spec = { { 0, group_size }, { 10, group_size } },
    .n_spec = 2,
  };
  guint groups_x, groups_y;

  unclip_op_split_groups (push.rows, &groups_x, &groups_y);
  unclip_recorder_dispatch (recorder, &desc, (UnclipGpuBinding[]){ x.binding, gamma, beta, y.binding }, &push, groups_x,
                            groups_y, 1);
}

static const UnclipOp op_layer_norm = {
  .name = "layer-norm",
  .record = record,
};

UnclipTensor *
unclip_op_layer_norm (UnclipGraph  *graph,
                      UnclipTensor *x,
                      UnclipTensor *gamma,
                      UnclipTensor *beta,
                      float         eps)
{
  UnclipOpLayerNormParams params = { eps };

  g_assert (gamma->n_dims == 1 && gamma->shape.c == x->shape.c);
  g_assert (beta->n_dims == 1 && beta->shape.c == x->shape.c);
  return unclip_op_add_node (graph, &op_layer_norm, (UnclipTensor *[]){ x, gamma, beta }, 3, &params, sizeof params,
                             x->shape);
}
