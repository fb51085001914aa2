/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref.h"

void
unclip_ref_select_rows_node (const UnclipNode             *node,
                             const UnclipRefTensor *const *inputs,
                             UnclipRefTensor              *output)
{
  UnclipShape in = inputs[0]->shape;
  float      *y = output->f;

  for (int n = 0; n < in.n; n++)
    for (int c = 0; c < in.c; c++)
      *y++ = inputs[0]->f[(n * in.h * in.w + inputs[1]->i[n]) * in.c + c];
}
