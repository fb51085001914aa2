/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Animated PNG: a film of pictures that programs without animation show as its first picture. */

#pragma once

#include "unclip-image.h"

G_BEGIN_DECLS

/**
 * UnclipAnimationFrame:
 * @image: (transfer none): all frames have the size of the first
 * @milliseconds: how long it stands, 0 … 65535
 */
typedef struct
{
  UnclipImage *image;
  guint        milliseconds;
} UnclipAnimationFrame;

/**
 * unclip_animation_encode_png:
 * @frames: (array length=n_frames)
 * @n_frames: 1 or more
 *
 * Runs again and again without end. 8-bit RGB, marked as sRGB; equal frames give equal bytes.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT if the frames differ in size; %UNCLIP_ERROR_INTERNAL.
 * Thread: any.
 * Source: PNG specification, third edition, sec. 11.3.6 (acTL, fcTL, fdAT).
 *
 * Returns: (transfer full) (nullable): a PNG file
 */
GBytes *unclip_animation_encode_png (const UnclipAnimationFrame  *frames,
                                     guint                        n_frames,
                                     GError                     **error);

G_END_DECLS
