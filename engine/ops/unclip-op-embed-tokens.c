/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows of a table by number, positions added. Inputs: ids, table, positions.
 *
 * The table is read through one texel view, which may span far more than a storage binding. */

#include "config.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/embed-tokens.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  UnclipDivisor tokens;
  gint32        table_stride4;
  gint32        positions_stride4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 36);

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  UnclipShape   shape = node->output->shape;
  UnclipOperand ids = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand table = unclip_recorder_read (recorder, node->inputs[1]);
  UnclipOperand positions = unclip_recorder_read (recorder, node->inputs[2]);
  UnclipOperand y = unclip_recorder_write (recorder, node->output);
  Push          push = {
             .n_texels = unclip_op_count_texels (shape),
             .c4 = unclip_divisor (y.stride4),
             .tokens = unclip_divisor (shape.w),
             .table_stride4 = table.stride4,
             .positions_stride4 = positions.stride4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "embed_tokens_f16" : "embed_tokens_f32",
                                    .bindings = { ids.binding, table.binding, positions.binding, y.binding },
                                    .n_bindings = 4,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_embed_tokens = {
  .name = "embed-tokens",
  .record = record,
};

UnclipTensor *
unclip_op_embed_tokens (UnclipGraph  *graph,
                        UnclipTensor *ids,
                        UnclipTensor *table,
                        UnclipTensor *positions)
{
  UnclipShape shape = { ids->shape.n, 1, ids->shape.h * ids->shape.w, table->shape.c };

  g_assert (ids->dtype == UNCLIP_DTYPE_I32 && ids->shape.c == 1);
  g_assert (table->kind == UNCLIP_TENSOR_WEIGHT && positions->kind == UNCLIP_TENSOR_WEIGHT);
  g_assert (positions->shape.c == shape.c && positions->shape.w >= shape.w);
  return unclip_op_add_node (graph, &op_embed_tokens, (UnclipTensor *[]){ ids, table, positions }, 3, NULL, 0, shape);
}
