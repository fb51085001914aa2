/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op-freeu.h"
#include "unclip-ref.h"

#include <complex.h>
#include <math.h>

/* exp (2πi (u y / H + v x / W)) */
static double complex
get_wave (UnclipShape shape, int u, int v, int y, int x)
{
  double angle = 2 * G_PI * (u * y / (double) shape.h + v * x / (double) shape.w);

  return cos (angle) + sin (angle) * I;
}

/* Adds (gain − 1) times the part of frequency (u, v) to a plane, which is one channel of @shape. */
static void
scale_frequency (UnclipShape shape, const float *x, int u, int v, double gain, double *plane)
{
  double complex sum = 0;

  for (int row = 0; row < shape.h; row++)
    for (int column = 0; column < shape.w; column++)
      sum += x[(row * shape.w + column) * shape.c] * conj (get_wave (shape, u, v, row, column));
  for (int row = 0; row < shape.h; row++)
    for (int column = 0; column < shape.w; column++)
      plane[row * shape.w + column] += (gain - 1) * creal (sum * get_wave (shape, u, v, row, column)) / (shape.h * shape.w);
}

void
unclip_ref_freeu_node (const UnclipNode *node, const UnclipRefTensor *const *inputs, UnclipRefTensor *output)
{
  const UnclipOpFreeuParams *params = node->params;
  UnclipShape                shape = output->shape;
  g_autofree double         *plane = g_new (double, shape.h * shape.w);

  for (int n = 0; n < shape.n; n++)
    for (int c = 0; c < shape.c; c++)
      {
        gsize        first = (gsize) n * (gsize) (shape.h * shape.w * shape.c) + (gsize) c;
        const float *x = inputs[0]->f + first;

        for (int i = 0; i < shape.h * shape.w; i++)
          plane[i] = x[i * shape.c];
        for (int u = shape.h > 1 ? -1 : 0; u <= 0; u++)
          for (int v = shape.w > 1 ? -1 : 0; v <= 0; v++)
            scale_frequency (shape, x, u, v, params->low_gain, plane);
        for (int i = 0; i < shape.h * shape.w; i++)
          output->f[first + (gsize) (i * shape.c)] = (float) ((c < params->n_first ? params->first_gain : 1) * plane[i]);
      }
}
