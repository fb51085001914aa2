/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-guidance.h"

gboolean
unclip_guidance_is_on (float scale)
{
  return scale > 1.0f;
}

void
unclip_guidance_apply (const UnclipGuidanceBuffers *buffers)
{
  g_return_if_fail (buffers->n_guided <= buffers->n_channels);

  for (gsize pixel = 0; pixel < buffers->n_pixels; pixel++)
    for (guint channel = 0; channel < buffers->n_channels; channel++)
      {
        gsize i = pixel * buffers->n_channels + channel;
        float u = buffers->unconditional[i];
        float c = buffers->conditional[i];

        buffers->out[i] = channel < buffers->n_guided ? u + buffers->scale * (c - u) : c;
      }
}
