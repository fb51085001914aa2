/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One long row of each item as several tokens. */

#include "config.h"

#include "unclip-op-split-tokens.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/split-tokens.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  UnclipDivisor tokens;
  guint32       width;
  guint32       token_step;
  guint32       channel_step;
  gint32        x_stride4;
  gint32        x_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 48);

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  const UnclipOpSplitTokensParams *params = node->params;
  UnclipShape                      shape = node->output->shape;
  UnclipOperand                    x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand                    y = unclip_recorder_write (recorder, node->output);
  Push                             push = {
                                .n_texels = unclip_op_count_texels (shape),
                                .c4 = unclip_divisor (y.stride4),
                                .tokens = unclip_divisor (shape.w),
                                .width = (guint32) shape.c,
                                .token_step = params->interleaved ? 1 : (guint32) shape.c,
                                .channel_step = params->interleaved ? (guint32) shape.w : 1,
                                .x_stride4 = x.stride4,
                                .x_offset4 = x.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "split_tokens_f16" : "split_tokens_f32",
                                    .bindings = { x.binding, y.binding },
                                    .n_bindings = 2,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_split_tokens = {
  .name = "split-tokens",
  .record = record,
};

UnclipTensor *
unclip_op_split_tokens (UnclipGraph  *graph,
                        UnclipTensor *x,
                        int           n_tokens,
                        gboolean      interleaved)
{
  UnclipOpSplitTokensParams params = { interleaved };

  g_assert (x->shape.h == 1 && x->shape.w == 1);
  g_assert (n_tokens >= 1 && x->shape.c % n_tokens == 0);
  return unclip_op_add_node (graph, &op_split_tokens, &x, 1, &params, sizeof params,
                             (UnclipShape){ x->shape.n, 1, n_tokens, x->shape.c / n_tokens });
}
