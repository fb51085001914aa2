/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref-patches.h"

#include "unclip-op-patches.h"
#include "unclip-ref.h"

void
unclip_ref_patches (UnclipShape in, int size, const float *x, float *y)
{
  for (int n = 0; n < in.n; n++)
    for (int v = 0; v < in.h / size; v++)
      for (int u = 0; u < in.w / size; u++)
        for (int a = 0; a < size; a++)
          for (int b = 0; b < size; b++)
            for (int c = 0; c < in.c; c++)
              *y++ = x[(((gint64) n * in.h + size * v + a) * in.w + size * u + b) * in.c + c];
}

void
unclip_ref_patches_node (const UnclipNode *node, const UnclipRefTensor *const *inputs, UnclipRefTensor *output)
{
  const UnclipOpPatchesParams *params = node->params;

  unclip_ref_patches (inputs[0]->shape, params->size, inputs[0]->f, output->f);
}
