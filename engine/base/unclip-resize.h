/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Changing a picture's size: separable filters, antialiased when the result is smaller.
 *
 * For output i of a line of `in` values made into `out` values:
 *
 *     scale = in / out,  width = max (scale, 1),  c = (i + 0.5) · scale
 *     weight of value k ∝ K ((k + 0.5 - c) / width),  k within the support and within the line
 *
 * and the weights are normalised to sum 1, so borders neither darken nor repeat. K is the box, or the cubic with
 * a = -0.5. The 8-bit form gives Pillow's bytes; the float form rounds nothing in between.
 */

#pragma once

#include "unclip-image.h"

G_BEGIN_DECLS

/**
 * UnclipFilter:
 * @UNCLIP_FILTER_BOX: mean of the area that a pixel covers; nearest when enlarging
 * @UNCLIP_FILTER_BICUBIC: Keys' cubic convolution, a = -0.5
 */
typedef enum
{
  UNCLIP_FILTER_BOX,
  UNCLIP_FILTER_BICUBIC,
} UnclipFilter;

/**
 * UnclipRect:
 *
 * A rectangle of whole pixels.
 */
typedef struct
{
  guint x, y, width, height;
} UnclipRect;

/**
 * unclip_image_resize:
 * @width: new width, any that unclip_image_new_take() takes
 * @height: new height
 *
 * Bit for bit what Pillow's Image.resize() gives for BOX or BICUBIC: rows first, rounded to bytes, then columns;
 * weights in fixed point of 22 bits.
 *
 * Thread: any.
 * Source: formulas of Pillow 9.4, checked against its output; test /base/resize/pillow.
 *
 * Returns: (transfer full): the picture at its new size, or itself if it has that size
 */
UnclipImage *unclip_image_resize        (UnclipImage       *image,
                                         UnclipFilter       filter,
                                         guint              width,
                                         guint              height);

/**
 * unclip_image_resize_window:
 * @width: width of the whole result, which may exceed %UNCLIP_IMAGE_MAX_SIDE
 * @height: height of the whole result, likewise
 * @window: (transfer none): the part of it that is wanted
 *
 * Same bytes as resizing and then cropping, without making what is cropped away: a 1 × 16384 picture brought to a
 * short side of 224 would be 3.7 million pixels long.
 *
 * Thread: any.
 *
 * Returns: (transfer full): a picture of the window's size
 */
UnclipImage *unclip_image_resize_window (UnclipImage       *image,
                                         UnclipFilter       filter,
                                         guint              width,
                                         guint              height,
                                         const UnclipRect  *window);

/**
 * unclip_image_resize_to_fit:
 * @width: largest width
 * @height: largest height
 *
 * Proportions kept, to the nearest pixel; box when shrinking, bicubic when enlarging. For thumbnails and sheets.
 *
 * Thread: any.
 *
 * Returns: (transfer full): a picture as large as fits
 */
UnclipImage *unclip_image_resize_to_fit (UnclipImage       *image,
                                         guint              width,
                                         guint              height);

/**
 * unclip_resize_f32:
 * @in: (array): @in_size height · width · n_channels values, channels last
 * @in_width: columns of @in
 * @in_height: rows of @in
 * @n_channels: values a pixel
 * @filter: which
 * @out: (out caller-allocates) (array): out_height · out_width · n_channels values
 * @out_width: columns of @out
 * @out_height: rows of @out
 *
 * Sums in double; overshoot of the cubic is kept.
 *
 * Thread: any.
 * Source: same as torch.nn.functional.interpolate (mode "bicubic", antialias, align_corners false).
 */
void         unclip_resize_f32          (const float       *in,
                                         guint              in_width,
                                         guint              in_height,
                                         guint              n_channels,
                                         UnclipFilter       filter,
                                         float             *out,
                                         guint              out_width,
                                         guint              out_height);

G_END_DECLS
