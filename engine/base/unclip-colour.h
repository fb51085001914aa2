/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From a picture's own colours to sRGB, by lcms2.
 *
 * Relative colorimetric with black point compensation. A profile that is sRGB in all but name gives no conversion at
 * all, so that the usual picture keeps its bytes.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _UnclipColour UnclipColour;

/**
 * unclip_colour_new_from_icc:
 * @profile: (array length=n_bytes): an ICC profile, as embedded in a picture
 * @n_bytes: its size
 * @is_grey: whether the picture itself has one channel
 *
 * A profile that is damaged, or of another kind than the picture (CMYK, say), is as good as none.
 *
 * Thread: any.
 *
 * Returns: (transfer full) (nullable): a conversion, or %NULL when none is needed or possible
 */
UnclipColour *unclip_colour_new_from_icc   (const void         *profile,
                                            gsize               n_bytes,
                                            gboolean            is_grey);

/**
 * UnclipColourPrimaries:
 *
 * CIE x and y of white, red, green and blue, in this order.
 */
typedef struct
{
  double x[4];
  double y[4];
} UnclipColourPrimaries;

/**
 * unclip_colour_new_from_gamma:
 * @gamma: the picture's value is light to the power of this, 1 / 2.2 for most; within 5 % of that it is taken as sRGB's
 *   own curve
 * @primaries: (nullable): %NULL for sRGB's
 *
 * What PNG's gAMA and cHRM say.
 *
 * Thread: any.
 *
 * Returns: (transfer full) (nullable): a conversion, or %NULL when none is needed or possible
 */
UnclipColour *unclip_colour_new_from_gamma (double                       gamma,
                                            const UnclipColourPrimaries *primaries);

void          unclip_colour_free           (UnclipColour       *colour);

/**
 * unclip_colour_convert:
 * @rgb: (inout) (array): 3 · n_pixels values, 0 … 65535; of a grey picture all three are equal
 * @n_pixels: how many
 *
 * In place, to sRGB.
 *
 * Thread: any, one at a time for each conversion.
 */
void          unclip_colour_convert        (UnclipColour       *colour,
                                            guint16            *rgb,
                                            gsize               n_pixels);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipColour, unclip_colour_free)

G_END_DECLS
