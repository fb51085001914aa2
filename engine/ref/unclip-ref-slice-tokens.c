/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op-slice-tokens.h"
#include "unclip-ref.h"

void
unclip_ref_slice_tokens_node (const UnclipNode             *node,
                              const UnclipRefTensor *const *inputs,
                              UnclipRefTensor              *output)
{
  const UnclipOpSliceTokensParams *params = node->params;
  UnclipShape                      in = inputs[0]->shape, out = output->shape;
  float                           *y = output->f;

  for (int n = 0; n < out.n; n++)
    for (int s = 0; s < out.w; s++)
      for (int c = 0; c < out.c; c++)
        *y++ = inputs[0]->f[(n * in.h * in.w + params->first + s) * in.c + c];
}
