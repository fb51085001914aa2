/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Some tokens of each item; the kernel is that of concat-tokens. */

#include "config.h"

#include "unclip-op-slice-tokens.h"

#include "unclip-op-concat-tokens.h"

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  const UnclipOpSliceTokensParams *params = node->params;

  unclip_op_copy_tokens (recorder, &(UnclipTokenCopy){
                                     .x = node->inputs[0],
                                     .y = node->output,
                                     .x_first = params->first,
                                     .n_tokens = node->output->shape.w,
                                   });
}

static const UnclipOp op_slice_tokens = {
  .name = "slice-tokens",
  .record = record,
};

UnclipTensor *
unclip_op_slice_tokens (UnclipGraph  *graph,
                        UnclipTensor *x,
                        int           first,
                        int           n)
{
  UnclipOpSliceTokensParams params = { first };

  g_assert (first >= 0 && n >= 1 && first + n <= x->shape.h * x->shape.w);
  return unclip_op_add_node (graph, &op_slice_tokens, &x, 1, &params, sizeof params,
                             (UnclipShape){ x->shape.n, 1, n, x->shape.c });
}
