/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Token sequences one after the other, with position embeddings added: a dispatch a part. */

#include "config.h"

#include "unclip-op-concat-tokens.h"

#define MAX_PARTS 6

/* Mirrors the push block of shaders/concat-tokens.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  UnclipDivisor tokens;
  guint32       x_item_rows;
  guint32       x_first;
  guint32       y_item_rows;
  guint32       y_first;
  gint32        x_stride4;
  gint32        x_offset4;
  gint32        positions_stride4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 56);

void
unclip_op_copy_tokens (UnclipRecorder        *recorder,
                       const UnclipTokenCopy *copy)
{
  UnclipShape   shape = copy->y->shape;
  UnclipOperand x = unclip_recorder_read (recorder, copy->x);
  UnclipOperand positions = unclip_recorder_read (recorder, copy->positions);
  UnclipOperand y = unclip_recorder_write (recorder, copy->y);
  Push          push = {
             .n_texels = unclip_op_count_texels ((UnclipShape){ shape.n, 1, copy->n_tokens, shape.c }),
             .c4 = unclip_divisor (unclip_div_up (shape.c, 4)),
             .tokens = unclip_divisor (copy->n_tokens),
             .x_item_rows = copy->x->shape.n > 1 ? (guint32) (copy->x->shape.h * copy->x->shape.w) : 0,
             .x_first = (guint32) copy->x_first,
             .y_item_rows = (guint32) (shape.h * shape.w),
             .y_first = (guint32) copy->y_first,
             .x_stride4 = x.stride4,
             .x_offset4 = x.offset4,
             .positions_stride4 = positions.stride4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "concat_tokens_f16" : "concat_tokens_f32",
                                    .bindings = { x.binding, positions.binding, y.binding },
                                    .n_bindings = 3,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .spec = { copy->positions != NULL },
                                    .n_spec = 1,
                                    .n_items = push.n_texels,
                                  });
}

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  const UnclipOpConcatTokensParams *params = node->params;
  UnclipTokenCopy                   copy = { .positions = node->inputs[params->n_parts], .y = node->output };

  for (guint i = 0; i < params->n_parts; i++)
    {
      copy.x = node->inputs[i];
      copy.n_tokens = copy.x->shape.h * copy.x->shape.w;
      unclip_op_copy_tokens (recorder, &copy);
      copy.y_first += copy.n_tokens;
    }
}

static const UnclipOp op_concat_tokens = {
  .name = "concat-tokens",
  .record = record,
};

UnclipTensor *
unclip_op_concat_tokens (UnclipGraph         *graph,
                         UnclipTensor *const *parts,
                         guint                n_parts,
                         UnclipTensor        *positions)
{
  UnclipOpConcatTokensParams params = { n_parts };
  UnclipTensor              *inputs[MAX_PARTS + 1];
  UnclipShape                shape = { 1, 1, 0, parts[0]->shape.c };

  g_assert (n_parts >= 1 && n_parts <= MAX_PARTS);
  for (guint i = 0; i < n_parts; i++)
    {
      g_assert (parts[i]->shape.c == shape.c);
      inputs[i] = parts[i];
      shape.n = MAX (shape.n, parts[i]->shape.n);
      shape.w += parts[i]->shape.h * parts[i]->shape.w;
    }
  for (guint i = 0; i < n_parts; i++)
    g_assert (parts[i]->shape.n == shape.n || parts[i]->shape.n == 1);
  g_assert (positions == NULL || (positions->shape.c == shape.c && positions->shape.w >= shape.w));
  inputs[n_parts] = positions;
  return unclip_op_add_node (graph, &op_concat_tokens, inputs, n_parts + 1, &params, sizeof params, shape);
}
