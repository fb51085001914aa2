/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ops.h"
#include "unclip-ref-activation.h"
#include "unclip-ref.h"

#include <math.h>

/* One group of one item: @x and @y begin at its first channel, rows are @stride values apart. */
static void
normalise (const UnclipGroupNormParams *params,
           const float                 *x,
           int                          rows,
           int                          stride,
           int                          width,
           float                       *y)
{
  double mean = 0, var = 0;

  for (int r = 0; r < rows; r++)
    for (int c = 0; c < width; c++)
      mean += x[r * stride + c];
  mean /= (double) rows * width;
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < width; c++)
      var += (x[r * stride + c] - mean) * (x[r * stride + c] - mean);
  var /= (double) rows * width;
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < width; c++)
      y[r * stride + c] = (float) ((x[r * stride + c] - mean) / sqrt (var + params->eps));
}

void
unclip_ref_group_norm_node (const UnclipNode             *node,
                            const UnclipRefTensor *const *inputs,
                            UnclipRefTensor              *output)
{
  const UnclipGroupNormParams *params = node->params;
  UnclipShape                  shape = output->shape;
  int                          rows = shape.h * shape.w, width = shape.c / params->n_groups;

  for (int n = 0; n < shape.n; n++)
    {
      gsize        item = (gsize) n * (gsize) rows * (gsize) shape.c;
      const float *scale = inputs[3] != NULL ? inputs[3]->f + n * 2 * shape.c : NULL;

      for (int g = 0; g < params->n_groups; g++)
        normalise (params, inputs[0]->f + item + g * width, rows, shape.c, width, output->f + item + g * width);
      for (int r = 0; r < rows; r++)
        for (int c = 0; c < shape.c; c++)
          {
            float *y = output->f + item + (gsize) r * (gsize) shape.c + c;
            double v = (double) *y * inputs[1]->f[c] + inputs[2]->f[c];

            if (scale != NULL)
              v = v * (1 + (double) scale[c]) + scale[shape.c + c];
            *y = (float) (params->silu ? unclip_ref_activate (v, UNCLIP_ACTIVATION_SILU) : v);
          }
    }
}
