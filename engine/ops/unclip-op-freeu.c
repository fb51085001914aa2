/* SPDX-License-Identifier: GPL-3.0-or-later */

/* FreeU's two changes to features: a gain on the first channels, a gain on the lowest frequencies. Inputs: x. */

#include "config.h"

#include "unclip-op-freeu.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/freeu.comp. */
typedef struct
{
  guint32       n_columns;
  UnclipDivisor c4;
  guint32       height;
  guint32       width;
  gint32        x_stride4;
  gint32        x_offset4;
  gint32        n_first;
  float         first_gain;
  float         low_gain;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 44);

static void
record (const UnclipNode *node, UnclipRecorder *recorder)
{
  const UnclipOpFreeuParams *params = node->params;
  UnclipShape                shape = node->output->shape;
  UnclipOperand              x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand              y = unclip_recorder_write (recorder, node->output);
  Push                       push = {
                          .n_columns = (guint32) (shape.n * y.stride4),
                          .c4 = unclip_divisor (y.stride4),
                          .height = (guint32) shape.h,
                          .width = (guint32) shape.w,
                          .x_stride4 = x.stride4,
                          .x_offset4 = x.offset4,
                          .n_first = params->n_first,
                          .first_gain = params->first_gain,
                          .low_gain = params->low_gain,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "freeu_f16" : "freeu_f32",
                                    .bindings = { x.binding, y.binding },
                                    .n_bindings = 2,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_columns,
                                  });
}

static const UnclipOp op_freeu = {
  .name = "freeu",
  .record = record,
};

UnclipTensor *
unclip_op_freeu (UnclipGraph *graph, UnclipTensor *x, int n_first, float first_gain, float low_gain)
{
  const UnclipOpFreeuParams params = { n_first, first_gain, low_gain };

  g_assert (n_first >= 0 && n_first <= x->shape.c);
  return unclip_op_add_node (graph, &op_freeu, &x, 1, &params, sizeof params, x->shape);
}
