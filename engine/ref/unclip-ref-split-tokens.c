/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op-split-tokens.h"
#include "unclip-ref.h"

void
unclip_ref_split_tokens_node (const UnclipNode             *node,
                              const UnclipRefTensor *const *inputs,
                              UnclipRefTensor              *output)
{
  const UnclipOpSplitTokensParams *params = node->params;
  int                              n_tokens = output->shape.w, width = output->shape.c;
  float                           *y = output->f;

  for (int n = 0; n < output->shape.n; n++)
    for (int j = 0; j < n_tokens; j++)
      for (int d = 0; d < width; d++)
        *y++ = inputs[0]->f[n * n_tokens * width + (params->interleaved ? n_tokens * d + j : width * j + d)];
}
