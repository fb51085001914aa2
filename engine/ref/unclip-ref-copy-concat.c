/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref.h"

void
unclip_ref_copy_concat_node (const UnclipNode             *node,
                             const UnclipRefTensor *const *inputs,
                             UnclipRefTensor              *output)
{
  int    a_c = inputs[0]->shape.c, b_c = inputs[1]->shape.c;
  gint64 n_rows = unclip_shape_get_n_rows (output->shape);

  for (gint64 row = 0; row < n_rows; row++)
    {
      float *y = output->f + row * (a_c + b_c);

      for (int c = 0; c < a_c; c++)
        y[c] = inputs[0]->f[row * a_c + c];
      for (int c = 0; c < b_c; c++)
        y[a_c + c] = inputs[1]->f[row * b_c + c];
    }
}
