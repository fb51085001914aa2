/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref.h"

void
unclip_ref_add_node (const UnclipNode             *node,
                     const UnclipRefTensor *const *inputs,
                     UnclipRefTensor              *output)
{
  UnclipShape  a = inputs[0]->shape, b = inputs[1]->shape;
  int          a_rows = a.h * a.w, b_rows = b.h * b.w;
  const float *x = inputs[0]->f;
  float       *y = output->f;

  for (int n = 0; n < a.n; n++)
    for (int s = 0; s < a_rows; s++)
      for (int c = 0; c < a.c; c++)
        *y++ = *x++ + inputs[1]->f[((b.n > 1 ? n : 0) * b_rows + (b_rows > 1 ? s : 0)) * a.c + c];
}
