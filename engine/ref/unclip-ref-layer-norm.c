/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op-layer-norm.h"
#include "unclip-ref.h"

#include <math.h>

void
unclip_ref_layer_norm_node (const UnclipNode             *node,
                            const UnclipRefTensor *const *inputs,
                            UnclipRefTensor              *output)
{
  const UnclipOpLayerNormParams *params = node->params;
  gint64                         n_rows = unclip_shape_get_n_rows (output->shape);
  int                            c = output->shape.c;

  for (gint64 row = 0; row < n_rows; row++)
    {
      const float *x = inputs[0]->f + row * c;
      double       mean = 0, var = 0;

      for (int i = 0; i < c; i++)
        mean += x[i];
      mean /= c;
      for (int i = 0; i < c; i++)
        var += (x[i] - mean) * (x[i] - mean);
      var /= c;
      for (int i = 0; i < c; i++)
        output->f[row * c + i] = (float) ((x[i] - mean) / sqrt (var + params->eps) * inputs[1]->f[i] + inputs[2]->f[i]);
    }
}
