/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref-conv2d.h"

#include "unclip-op-conv2d.h"
#include "unclip-ref.h"

/* The pixel of x under tap (a, b) of output pixel (v, u), or NULL outside. */
static const float *
find_pixel (const UnclipRefConv2d *conv, int n, int row, int column)
{
  int scale = conv->upsample ? 2 : 1;

  if (row < 0 || column < 0 || row >= conv->in.h * scale || column >= conv->in.w * scale)
    return NULL;
  return conv->x + (((gint64) n * conv->in.h + row / scale) * conv->in.w + column / scale) * conv->in.c;
}

static double
sum_taps (const UnclipRefConv2d *conv, int n, int v, int u, int o)
{
  double sum = 0;

  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++)
      {
        const float *pixel = find_pixel (conv, n, conv->stride * v + a - 1, conv->stride * u + b - 1);

        for (int i = 0; i < conv->in.c && pixel != NULL; i++)
          sum += (double) pixel[i] * conv->weight[(((gint64) o * conv->in.c + i) * 3 + a) * 3 + b];
      }
  return sum;
}

void
unclip_ref_conv2d (const UnclipRefConv2d *conv, float *y)
{
  UnclipShape s = conv->out;
  gint64      at = 0;

  for (int n = 0; n < s.n; n++)
    for (int v = 0; v < s.h; v++)
      for (int u = 0; u < s.w; u++)
        for (int o = 0; o < s.c; o++, at++)
          {
            double sum = sum_taps (conv, n, v, u, o);

            if (conv->bias != NULL)
              sum += conv->bias[o];
            if (conv->image_bias != NULL)
              sum += conv->image_bias[(gint64) n * s.c + o];
            if (conv->residual != NULL)
              sum += conv->residual[at];
            y[at] = (float) sum;
          }
}

void
unclip_ref_conv2d_node (const UnclipNode *node, const UnclipRefTensor *const *inputs, UnclipRefTensor *output)
{
  const UnclipOpConv2dParams *params = node->params;
  const UnclipRefConv2d       conv = {
          .in = inputs[0]->shape,
          .out = output->shape,
          .stride = params->stride,
          .upsample = params->upsample,
          .x = inputs[0]->f,
          .weight = inputs[1]->f,
          .bias = inputs[2] != NULL ? inputs[2]->f : NULL,
          .image_bias = inputs[3] != NULL ? inputs[3]->f : NULL,
          .residual = inputs[4] != NULL ? inputs[4]->f : NULL,
  };

  unclip_ref_conv2d (&conv, output->f);
}
