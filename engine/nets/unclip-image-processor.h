/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From any picture to the pixels that a CLIP vision network takes: shorter side to a given length by Pillow's bicubic,
 * centre cut out, values scaled and normalised. Bit for bit what transformers' CLIPImageProcessor gives (which by itself
 * mistakes pictures 1 or 3 pixels high for others; here they are pictures like any).
 */

#pragma once

#include "unclip-image.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean resizes;
  guint    shortest_edge;               /* pixels; used when it resizes */
  gboolean crops;
  guint    crop_width, crop_height;     /* pixels; used when it crops */
  gboolean rescales;
  double   rescale_factor;              /* usually 1 / 255 */
  gboolean normalizes;
  float    mean[3];                     /* of the rescaled values */
  float    std[3];
} UnclipImageProcessorParams;

/**
 * unclip_image_processor_prepare:
 * @params: (transfer none): from preprocessor_config.json
 * @image: (transfer none): any size
 *
 * The parts that work on bytes. The other side becomes floor (shortest_edge · long / short). A cut larger than the
 * picture is filled with black around it. Only what the cut keeps is computed, so the proportions do not matter.
 *
 * Errors: %UNCLIP_ERROR_IMAGE_FORMAT when the result would have a side beyond %UNCLIP_IMAGE_MAX_SIDE;
 *   %UNCLIP_ERROR_MODEL_FORMAT when @params has a side of 0.
 * Thread: any.
 *
 * Returns: (transfer full) (nullable): the picture as the network sees it, or %NULL with @error set
 */
UnclipImage *unclip_image_processor_prepare   (const UnclipImageProcessorParams *params,
                                               UnclipImage                      *image,
                                               GError                          **error);

/**
 * unclip_image_processor_normalize:
 * @params: (transfer none): as before
 * @image: (transfer none): from unclip_image_processor_prepare()
 * @is_channels_last: whether @out is (H, W, 3), as networks take it here, rather than (3, H, W)
 * @out: (out caller-allocates) (array): 3 · height · width values
 *
 *     out = (factor · u8 - mean[c]) / std[c]
 *
 * The product in double, then f32.
 *
 * Thread: any.
 */
void         unclip_image_processor_normalize (const UnclipImageProcessorParams *params,
                                               const UnclipImage                *image,
                                               gboolean                          is_channels_last,
                                               float                            *out);

G_END_DECLS
