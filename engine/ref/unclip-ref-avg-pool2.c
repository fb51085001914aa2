/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref.h"

void
unclip_ref_avg_pool2_node (const UnclipNode             *node,
                           const UnclipRefTensor *const *inputs,
                           UnclipRefTensor              *output)
{
  UnclipShape  in = inputs[0]->shape, out = output->shape;
  const float *x = inputs[0]->f;
  float       *y = output->f;

  for (int n = 0; n < out.n; n++)
    for (int v = 0; v < out.h; v++)
      for (int u = 0; u < out.w; u++)
        for (int c = 0; c < out.c; c++)
          {
            double sum = 0;

            for (int a = 0; a < 2; a++)
              for (int b = 0; b < 2; b++)
                sum += x[((n * in.h + 2 * v + a) * in.w + 2 * u + b) * in.c + c];
            *y++ = (float) (sum / 4);
          }
}
