/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One step of a sampler. Its two results are two nodes, so that each has rows of its own: the clean sample costs little
 * beside a network, and behind the next one in the same row it would begin within a texel. */

#include "config.h"

#include "unclip-op-sampler-step.h"

#include "unclip-op-flat.h"

/* Mirrors the push block of shaders/sampler-step.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  guint32       width;
  guint32       n_channels;
  guint32       n_rows;
  guint32       guided;
  gint32        x_stride4;
  gint32        x_offset4;
  gint32        out_stride4;
  gint32        out_offset4;
  gint32        noise_stride4;
  gint32        noise_offset4;
  gint32        history_stride4;
  gint32        history_offset4;
  gint32        coefficients_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 68);
G_STATIC_ASSERT (UNCLIP_STEP_X0_LIMIT == 3 && UNCLIP_STEP_SIGMA == 7 && UNCLIP_STEP_ADDS_NOISE == 11
                 && UNCLIP_STEP_LEARNS_VARIANCE == 12 && UNCLIP_STEP_GRID == 14);

static const char *
get_shader (gboolean clean, gboolean f16)
{
  if (clean)
    return f16 ? "sampler_step_clean_f16" : "sampler_step_clean_f32";
  return f16 ? "sampler_step_next_f16" : "sampler_step_next_f32";
}

static void
record (const UnclipNode *node, UnclipRecorder *recorder)
{
  const UnclipOpSamplerStepParams *params = node->params;
  UnclipShape                      noise_shape = node->inputs[2]->shape;
  UnclipOperand                    x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipOperand                    out = unclip_recorder_read (recorder, node->inputs[1]);
  UnclipOperand                    noise = unclip_recorder_read (recorder, node->inputs[2]);
  UnclipOperand                    history = unclip_recorder_read (recorder, node->inputs[3]);
  UnclipOperand                    coefficients = unclip_recorder_read (recorder, node->inputs[4]);
  UnclipOperand                    y = unclip_recorder_write (recorder, node->output);
  Push                             push = {
                                .n_texels = unclip_op_count_texels (node->output->shape),
                                .c4 = unclip_divisor (y.stride4),
                                .width = (guint32) node->output->shape.c,
                                .n_channels = (guint32) noise_shape.c,
                                .n_rows = (guint32) unclip_shape_get_n_rows (noise_shape),
                                .guided = node->inputs[1]->shape.n > noise_shape.n,
                                .x_stride4 = x.stride4,
                                .x_offset4 = x.offset4,
                                .out_stride4 = out.stride4,
                                .out_offset4 = out.offset4,
                                .noise_stride4 = noise.stride4,
                                .noise_offset4 = noise.offset4,
                                .history_stride4 = history.stride4,
                                .history_offset4 = history.offset4,
                                .coefficients_offset4 = coefficients.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = get_shader (params->clean, y.is_f16),
                                    .bindings = { x.binding, out.binding, noise.binding, history.binding, coefficients.binding, y.binding },
                                    .n_bindings = 6,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_sampler_step = {
  .name = "sampler-step",
  .record = record,
};

UnclipTensor *
unclip_op_sampler_step (UnclipGraph *graph, UnclipTensor *x, const UnclipSamplerStepParams *params, UnclipTensor **x0)
{
  UnclipTensor *inputs[] = { x, params->out, params->noise, params->history, params->coefficients };
  UnclipShape   out = params->out->shape, noise = params->noise->shape;

  g_assert (out.n == noise.n || out.n == 2 * noise.n);
  g_assert (out.c == noise.c || out.c == 2 * noise.c);
  g_assert (x->shape.n == out.n && x->shape.c >= noise.c);
  g_assert (x->shape.h == out.h && x->shape.w == out.w && noise.h == out.h && noise.w == out.w);
  g_assert (unclip_shape_equal (params->history->shape, noise));
  g_assert (params->coefficients->shape.c == UNCLIP_STEP_N);

  if (x0 != NULL)
    *x0 = unclip_op_add_node (graph, &op_sampler_step, inputs, 5, &(UnclipOpSamplerStepParams){ TRUE },
                              sizeof (UnclipOpSamplerStepParams), noise);
  return unclip_op_add_node (graph, &op_sampler_step, inputs, 5, &(UnclipOpSamplerStepParams){ FALSE },
                             sizeof (UnclipOpSamplerStepParams), x->shape);
}
