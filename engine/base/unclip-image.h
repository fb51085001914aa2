/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture: 8-bit RGB, sRGB-encoded, rows from the top, no padding (stride = 3 · width).
 *
 * Immutable once made, so it crosses threads by reference. Files are read and written by unclip-image-file.h, sizes
 * changed by unclip-resize.h.
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The longest side that Fugue reads or makes. */
#define UNCLIP_IMAGE_MAX_SIDE 16384

typedef struct _UnclipImage UnclipImage;

#define UNCLIP_TYPE_IMAGE (unclip_image_get_type ())

GType         unclip_image_get_type        (void);

/**
 * unclip_image_new_take:
 * @width: 1 … %UNCLIP_IMAGE_MAX_SIDE pixels
 * @height: likewise
 * @rgb: (transfer full) (array): 3 · width · height bytes from g_malloc()
 *
 * Thread: any.
 *
 * Returns: (transfer full): a picture that owns @rgb
 */
UnclipImage  *unclip_image_new_take        (guint              width,
                                            guint              height,
                                            guint8            *rgb);

/**
 * unclip_image_new_copy:
 * @width: 1 … %UNCLIP_IMAGE_MAX_SIDE pixels
 * @height: likewise
 * @rgb: (transfer none) (array): 3 · width · height bytes
 *
 * Thread: any.
 *
 * Returns: (transfer full): a picture
 */
UnclipImage  *unclip_image_new_copy        (guint              width,
                                            guint              height,
                                            const guint8      *rgb);

/**
 * unclip_image_new_from_signed:
 * @width: 1 … %UNCLIP_IMAGE_MAX_SIDE pixels
 * @height: likewise
 * @rgb: (array): height · width · 3 values, channels last, nominally in -1 … 1
 *
 * What a decoder made, as a picture:
 *
 *     u8 = round_half_even (255 · clamp (x / 2 + 0.5, 0, 1))
 *
 * Errors: %UNCLIP_ERROR_BAD_RESULT when a value is NaN or infinite.
 * Thread: any.
 * Source: diffusers VaeImageProcessor.denormalize and numpy_to_pil, in f32.
 *
 * Returns: (transfer full) (nullable): a picture, or %NULL with @error set
 */
UnclipImage  *unclip_image_new_from_signed (guint              width,
                                            guint              height,
                                            const float       *rgb,
                                            GError           **error);

UnclipImage  *unclip_image_ref             (UnclipImage       *image);
void          unclip_image_unref           (UnclipImage       *image);

guint         unclip_image_get_width       (const UnclipImage *image);
guint         unclip_image_get_height      (const UnclipImage *image);

/**
 * unclip_image_get_pixels:
 *
 * Returns: (transfer none): 3 · width · height bytes
 */
const guint8 *unclip_image_get_pixels      (const UnclipImage *image);

/**
 * unclip_image_get_n_bytes:
 *
 * Returns: 3 · width · height
 */
gsize         unclip_image_get_n_bytes     (const UnclipImage *image);

/**
 * unclip_image_copy_signed:
 * @out: (out caller-allocates): height · width · 3 values, channels last, in -1 … 1
 *
 * x = u8 / 127.5 - 1, the inverse of unclip_image_new_from_signed().
 */
void          unclip_image_copy_signed     (const UnclipImage *image,
                                            float             *out);

/**
 * unclip_image_copy_planes:
 * @out: (out caller-allocates): 3 · height · width values, one plane a channel, in -1 … 1
 *
 * As unclip_image_copy_signed(), in the order (C, H, W).
 */
void          unclip_image_copy_planes     (const UnclipImage *image,
                                            float             *out);

/**
 * unclip_image_crop:
 * @x: first column
 * @y: first row
 * @width: columns; @x + @width is within the picture
 * @height: rows; likewise
 *
 * Returns: (transfer full): that part, or the picture itself when it is all of it
 */
UnclipImage  *unclip_image_crop            (UnclipImage       *image,
                                            guint              x,
                                            guint              y,
                                            guint              width,
                                            guint              height);

/**
 * unclip_image_is_flat:
 *
 * Whether every pixel has one and the same colour, which no decoder makes when all is well.
 */
gboolean      unclip_image_is_flat         (const UnclipImage *image);

/**
 * unclip_image_dup_sha256:
 *
 * Of the pixel bytes alone, as recipes name pictures; `magick x.png -depth 8 rgb:- | sha256sum` gives the same.
 *
 * Returns: (transfer full): 64 hexadecimal digits
 */
char         *unclip_image_dup_sha256      (const UnclipImage *image);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipImage, unclip_image_unref)

G_END_DECLS
