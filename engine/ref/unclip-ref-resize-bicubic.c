/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref.h"

#include <math.h>

static double
cubic (double t)
{
  t = fabs (t);
  if (t < 1)
    return 1.5 * t * t * t - 2.5 * t * t + 1;
  if (t < 2)
    return -0.5 * t * t * t + 2.5 * t * t - 4 * t + 2;
  return 0;
}

/* @weights: (out): of the samples 0 … n − 1 for output sample @o of @n_out; they sum to 1. */
static void
get_weights (int     n,
             int     n_out,
             int     o,
             double *weights)
{
  double scale = (double) n / n_out, blur = MAX (scale, 1), sum = 0;

  for (int j = 0; j < n; j++)
    {
      weights[j] = cubic ((j + 0.5 - (o + 0.5) * scale) / blur);
      sum += weights[j];
    }
  for (int j = 0; j < n; j++)
    weights[j] /= sum;
}

void
unclip_ref_resize_bicubic_node (const UnclipNode             *node,
                                const UnclipRefTensor *const *inputs,
                                UnclipRefTensor              *output)
{
  UnclipShape        in = inputs[0]->shape, out = output->shape;
  g_autofree double *across = g_new (double, in.w);
  g_autofree double *down = g_new (double, in.h);
  g_autofree double *sum = g_new (double, out.c);
  float             *y = output->f;

  for (int n = 0; n < out.n; n++)
    for (int v = 0; v < out.h; v++)
      {
        get_weights (in.h, out.h, v, down);
        for (int u = 0; u < out.w; u++)
          {
            get_weights (in.w, out.w, u, across);
            for (int c = 0; c < out.c; c++)
              sum[c] = 0;
            for (int a = 0; a < in.h; a++)
              for (int b = 0; b < in.w; b++)
                for (int c = 0; c < out.c; c++)
                  sum[c] += down[a] * across[b] * inputs[0]->f[((n * in.h + a) * in.w + b) * in.c + c];
            for (int c = 0; c < out.c; c++)
              *y++ = (float) sum[c];
          }
      }
}
