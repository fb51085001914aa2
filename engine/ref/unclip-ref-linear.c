/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref-linear.h"

#include "unclip-op-linear.h"
#include "unclip-ref-activation.h"
#include "unclip-ref.h"

void
unclip_ref_linear (const UnclipRefLinear *linear, float *y)
{
  for (gint64 r = 0; r < linear->n_rows; r++)
    for (int o = 0; o < linear->n_out; o++)
      {
        double sum = linear->bias != NULL ? linear->bias[o] : 0;

        for (int i = 0; i < linear->n_in; i++)
          sum += (double) linear->x[r * linear->n_in + i] * linear->weight[(gint64) o * linear->n_in + i];
        sum = unclip_ref_activate (sum, linear->activation);
        if (linear->residual != NULL)
          sum += linear->residual[r * linear->n_out + o];
        y[r * linear->n_out + o] = (float) sum;
      }
}

/* (O, I, kh, kw) → (O, kh·kw·I), as x's channels stand. */
static float *
dup_weight (const UnclipTensor *weight, const float *values)
{
  gint64 n_taps = weight->n_dims == 4 ? weight->dims[2] * weight->dims[3] : 1;
  gint64 n_out = weight->dims[0], n_in = weight->dims[1];
  float *ordered = g_new (float, n_out *n_in *n_taps);

  for (gint64 o = 0; o < n_out; o++)
    for (gint64 i = 0; i < n_in; i++)
      for (gint64 tap = 0; tap < n_taps; tap++)
        ordered[(o * n_taps + tap) * n_in + i] = values[(o * n_in + i) * n_taps + tap];
  return ordered;
}

void
unclip_ref_linear_node (const UnclipNode *node, const UnclipRefTensor *const *inputs, UnclipRefTensor *output)
{
  const UnclipOpLinearParams *params = node->params;
  g_autofree float           *weight = dup_weight (node->inputs[1], inputs[1]->f);
  const UnclipRefLinear       linear = {
          .n_rows = unclip_shape_get_n_rows (output->shape),
          .n_in = inputs[0]->shape.c,
          .n_out = output->shape.c,
          .x = inputs[0]->f,
          .weight = weight,
          .bias = inputs[2] != NULL ? inputs[2]->f : NULL,
          .residual = inputs[3] != NULL ? inputs[3]->f : NULL,
          .activation = params->activation,
  };

  unclip_ref_linear (&linear, output->f);
}
