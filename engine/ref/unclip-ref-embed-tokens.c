/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref.h"

void
unclip_ref_embed_tokens_node (const UnclipNode             *node,
                              const UnclipRefTensor *const *inputs,
                              UnclipRefTensor              *output)
{
  UnclipShape out = output->shape;
  float      *y = output->f;

  for (int n = 0; n < out.n; n++)
    for (int s = 0; s < out.w; s++)
      for (int d = 0; d < out.c; d++)
        *y++ = inputs[1]->f[inputs[0]->i[n * out.w + s] * out.c + d] + inputs[2]->f[s * out.c + d];
}
