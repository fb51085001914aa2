/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Classifier-free guidance: away from what the network says without the condition, towards and past what it says with
 * it.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * unclip_guidance_is_on:
 * @scale: w
 *
 * Guidance at 1 or below is the conditional prediction alone, and the unconditional one need not be computed.
 */
gboolean unclip_guidance_is_on (float                        scale);

typedef struct
{
  gsize        n_pixels;                /* of the whole batch; 1 for a flat vector */
  guint        n_channels;              /* values a pixel */
  guint        n_guided;                /* the first of them that are guided: all for the prior, half for a decoder
                                         * that predicts its variance; the rest are the conditional ones */
  float        scale;                   /* w */
  const float *unconditional;           /* (n_pixels, n_channels), u */
  const float *conditional;             /* (n_pixels, n_channels), c */
  float       *out;                     /* (n_pixels, n_channels); may be either input */
} UnclipGuidanceBuffers;

/**
 * unclip_guidance_apply:
 *
 *     out = u + w (c - u)   in the first n_guided channels
 *     out = c               in the others
 *
 * A batch holds first all unconditional, then all conditional rows, so with n pixels and C channels in each half the
 * conditional half starts n · C values after the other.
 *
 * Thread: any.
 * Source: Ho & Salimans 2022, Classifier-free diffusion guidance; diffusers pipeline_unclip.py.
 */
void     unclip_guidance_apply (const UnclipGuidanceBuffers *buffers);

G_END_DECLS
