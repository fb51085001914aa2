/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The samplers' own functions, over a node's arrays. */

#include "config.h"

#include "unclip-guidance.h"
#include "unclip-op-sampler-step.h"
#include "unclip-ref.h"
#include "unclip-sampler.h"

#include <string.h>

static UnclipStepCoefficients
get_coefficients (const float *values)
{
  return (UnclipStepCoefficients){
    .adds_noise = values[UNCLIP_STEP_ADDS_NOISE] != 0,
    .learns_variance = values[UNCLIP_STEP_LEARNS_VARIANCE] != 0,
    .x0_from_x = values[UNCLIP_STEP_X0_FROM_X],
    .x0_from_out = values[UNCLIP_STEP_X0_FROM_OUT],
    .x0_divisor = values[UNCLIP_STEP_X0_DIVISOR],
    .x0_limit = values[UNCLIP_STEP_X0_LIMIT],
    .mean_from_x0 = values[UNCLIP_STEP_MEAN_FROM_X0],
    .mean_from_x = values[UNCLIP_STEP_MEAN_FROM_X],
    .mean_from_out = values[UNCLIP_STEP_MEAN_FROM_OUT],
    .mean_from_history = values[UNCLIP_STEP_MEAN_FROM_HISTORY],
    .grid = values[UNCLIP_STEP_GRID],
    .sigma = values[UNCLIP_STEP_SIGMA],
    .log_variance_min = values[UNCLIP_STEP_LOG_VARIANCE_MIN],
    .log_variance_max = values[UNCLIP_STEP_LOG_VARIANCE_MAX],
  };
}

void
unclip_ref_sampler_step_node (const UnclipNode             *node,
                              const UnclipRefTensor *const *inputs,
                              UnclipRefTensor              *output)
{
  const UnclipOpSamplerStepParams *params = node->params;
  const UnclipRefTensor           *x = inputs[0], *out = inputs[1], *noise = inputs[2], *history = inputs[3];
  UnclipStepCoefficients           step = get_coefficients (inputs[4]->f);
  gint64                           n_rows = unclip_shape_get_n_rows (noise->shape);
  gint64                           n_output_rows = unclip_shape_get_n_rows (output->shape);
  int                              c = noise->shape.c, width = output->shape.c;
  g_autofree float                *guided = g_memdup2 (out->f, (gsize) (n_rows * out->shape.c) * sizeof (float));
  g_autofree float                *next = g_new (float, n_rows * c), *x0 = g_new (float, n_rows * c);

  if (out->shape.n > noise->shape.n)
    unclip_guidance_apply (&(UnclipGuidanceBuffers){ .n_pixels = (gsize) n_rows,
                                                     .n_channels = (guint) out->shape.c,
                                                     .n_guided = (guint) c,
                                                     .scale = inputs[4]->f[UNCLIP_STEP_GUIDANCE],
                                                     .unconditional = out->f,
                                                     .conditional = out->f + n_rows * out->shape.c,
                                                     .out = guided });
  for (gint64 row = 0; row < n_rows; row++)
    memcpy (next + row * c, x->f + row * x->shape.c, (gsize) c * sizeof (float));
  unclip_step_apply (&step, &(UnclipStepBuffers){ .n_pixels = (gsize) n_rows,
                                                  .n_channels = (guint) c,
                                                  .n_out_channels = (guint) out->shape.c,
                                                  .x = next,
                                                  .out = guided,
                                                  .noise = noise->f,
                                                  .history = history->f,
                                                  .next = next,
                                                  .x0 = x0 });

  for (gint64 row = 0; row < n_output_rows; row++)
    {
      const float *found = (params->clean ? x0 : next) + row % n_rows * c;

      memcpy (output->f + row * width, found, (gsize) c * sizeof (float));
      for (int i = c; i < width; i++)
        output->f[row * width + i] = x->f[row % n_rows * width + i];
    }
}
