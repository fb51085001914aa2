/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Text differences: an embedding turned by what one caption has and another has not.
 *
 *     z_d = (text (to) − text (from)) / |text (to) − text (from)|
 *     out = |z| · slerp (z / |z|, z_d, amount)
 *
 * The paper's embeddings have length 1; released models use them raw, so the length of z is put back.
 *
 * Source: Ramesh et al. 2022, sec. 3.3, where amounts end between 0.25 and 0.5.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UNCLIP_TEXT_DIFF_DUMMY:
 *
 * What stands for an empty caption in a difference: the one of the paper's two proposals ("a photo", or no caption at all)
 * that leaves the words about the medium out of the difference.
 */
#define UNCLIP_TEXT_DIFF_DUMMY "a photo"

/**
 * unclip_text_diff_direction:
 * @from: @to: (array length=n): text embeddings
 * @out: (out caller-allocates) (array length=n): of length 1; may be @from or @to
 *
 * Errors: %UNCLIP_ERROR_RECIPE if the two are the same to single precision (the captions say the same to the model).
 * Thread: any.
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_text_diff_direction (const float *from,
                                     const float *to,
                                     gsize        n,
                                     float       *out,
                                     GError     **error);

/**
 * unclip_text_diff_turn:
 * @z: (array length=n): image embedding
 * @direction: (array length=n): of unclip_text_diff_direction()
 * @amount: −1 … 1; 0 gives @z to the bit, 1 gives the direction itself in the length of @z; a negative one turns towards
 *   the opposite direction, as swapping the captions does
 * @out: (out caller-allocates) (array length=n): may be @z
 *
 * An embedding without length stays as it is. Where @z and the direction agree or are opposite: as unclip_slerp().
 *
 * Thread: any.
 */
void     unclip_text_diff_turn      (const float *z,
                                     const float *direction,
                                     double       amount,
                                     gsize        n,
                                     float       *out);

G_END_DECLS
