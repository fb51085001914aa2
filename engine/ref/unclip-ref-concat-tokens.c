/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op-concat-tokens.h"
#include "unclip-ref.h"

void
unclip_ref_concat_tokens_node (const UnclipNode             *node,
                               const UnclipRefTensor *const *inputs,
                               UnclipRefTensor              *output)
{
  const UnclipOpConcatTokensParams *params = node->params;
  const UnclipRefTensor            *positions = inputs[params->n_parts];
  float                            *y = output->f;

  for (int n = 0; n < output->shape.n; n++)
    {
      int place = 0;

      for (guint i = 0; i < params->n_parts; i++)
        {
          UnclipShape part = inputs[i]->shape;
          int         tokens = part.h * part.w;

          for (int s = 0; s < tokens; s++, place++)
            for (int d = 0; d < part.c; d++)
              *y++ = inputs[i]->f[((part.n > 1 ? n : 0) * tokens + s) * part.c + d]
                     + (positions != NULL ? positions->f[place * part.c + d] : 0);
        }
    }
}
