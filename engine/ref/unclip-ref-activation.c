/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref-activation.h"

#include "unclip-op-activation.h"
#include "unclip-ref.h"

#include <math.h>

double
unclip_ref_activate (double x, UnclipActivation activation)
{
  switch (activation)
    {
    case UNCLIP_ACTIVATION_NONE:
      return x;
    case UNCLIP_ACTIVATION_SILU:
      return x / (1 + exp (-x));
    case UNCLIP_ACTIVATION_GELU:
      return x / 2 * (1 + erf (x * M_SQRT1_2));
    case UNCLIP_ACTIVATION_QUICK_GELU:
      return x / (1 + exp (-1.702 * x));
    default:
      g_assert_not_reached ();
    }
}

void
unclip_ref_activation_node (const UnclipNode             *node,
                            const UnclipRefTensor *const *inputs,
                            UnclipRefTensor              *output)
{
  const UnclipOpActivationParams *params = node->params;
  gint64                          n = unclip_shape_get_n_values (output->shape);

  for (gint64 i = 0; i < n; i++)
    output->f[i] = (float) unclip_ref_activate (inputs[0]->f[i], params->activation);
}
