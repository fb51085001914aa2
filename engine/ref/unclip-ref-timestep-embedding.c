/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op-timestep-embedding.h"
#include "unclip-ref.h"

#include <math.h>

void
unclip_ref_timestep_embedding_node (const UnclipNode             *node,
                                    const UnclipRefTensor *const *inputs,
                                    UnclipRefTensor              *output)
{
  const UnclipOpTimestepEmbeddingParams *params = node->params;
  int                                    half = params->dim / 2;

  for (int n = 0; n < output->shape.n; n++)
    for (int i = 0; i < half; i++)
      {
        float  angle = inputs[0]->f[n] * unclip_op_timestep_frequency (params, i);
        float *y = output->f + n * params->dim;

        y[params->flip_sin_to_cos ? half + i : i] = (float) sin ((double) angle);
        y[params->flip_sin_to_cos ? i : half + i] = (float) cos ((double) angle);
      }
}
