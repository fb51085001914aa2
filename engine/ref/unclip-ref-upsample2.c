/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref.h"

void
unclip_ref_upsample2_node (const UnclipNode             *node,
                           const UnclipRefTensor *const *inputs,
                           UnclipRefTensor              *output)
{
  UnclipShape in = inputs[0]->shape, out = output->shape;
  float      *y = output->f;

  for (int n = 0; n < out.n; n++)
    for (int v = 0; v < out.h; v++)
      for (int u = 0; u < out.w; u++)
        for (int c = 0; c < out.c; c++)
          *y++ = inputs[0]->f[((n * in.h + v / 2) * in.w + u / 2) * in.c + c];
}
