/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The libpng half of unclip-image-file.h, and what its other half shares with it. */

#pragma once

#include "unclip-colour.h"
#include "unclip-image.h"

G_BEGIN_DECLS

/**
 * unclip_image_png_is:
 *
 * Returns: whether the bytes begin as a PNG file does
 */
gboolean     unclip_image_png_is      (GBytes       *bytes);

/**
 * unclip_image_png_decode:
 * @bytes: for which unclip_image_png_is() holds
 * @name: what to call it in errors
 *
 * Returns: (transfer full) (nullable): the picture, or %NULL with @error set
 */
UnclipImage *unclip_image_png_decode  (GBytes       *bytes,
                                       const char   *name,
                                       GError      **error);

/**
 * unclip_image_check_size:
 *
 * Returns: %FALSE with %UNCLIP_ERROR_IMAGE_FORMAT set when a side is 0 or longer than %UNCLIP_IMAGE_MAX_SIDE
 */
gboolean     unclip_image_check_size  (guint         width,
                                       guint         height,
                                       const char   *name,
                                       GError      **error);

/**
 * unclip_image_flatten_row:
 * @rgba: (array): 4 · n_pixels values, 0 … 65535, alpha not multiplied in
 * @colour: (nullable): to sRGB
 * @scratch: 3 · n_pixels values to work in
 * @out: (out caller-allocates): 3 · n_pixels bytes
 * @n_pixels: how many
 *
 * Colour first, then mid-grey behind what is transparent, then 8 bits.
 */
void         unclip_image_flatten_row (const guint16 *rgba,
                                       UnclipColour  *colour,
                                       guint16       *scratch,
                                       guint8        *out,
                                       gsize          n_pixels);

G_END_DECLS
