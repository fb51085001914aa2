/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Means of several embeddings.
 *
 * Weights are divided by their sum first, so they sum to 1. Negative ones extrapolate: the mean leaves the others on the
 * far side. The sum must be above 0 and at least a quarter of the sum of the weights' sizes, which every place of the pad
 * (unclip-pad.h) keeps.
 *
 * Spherical: the weighted Fréchet mean of the directions, the point m of the unit sphere where
 *
 *     Σ w_i log_m (u_i) = 0,      u_i = z_i / |z_i|,      log_m (u) = Ω (u − cos Ω m) / sin Ω,      cos Ω = m · u
 *
 * found by m ← exp_m (Σ w_i log_m (u_i)), exp_m (v) = cos |v| m + sin |v| v / |v|; its length is the weighted geometric
 * mean of the lengths. With two embeddings this is slerp. Straight: Σ w_i z_i.
 *
 * Source: Buss & Fillmore 2001, Spherical averages and applications to spherical splines and interpolation.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UNCLIP_MIX_MAX_PARTS 8

/**
 * unclip_mix_check_weights:
 * @weights: (array length=n)
 *
 * Errors: %UNCLIP_ERROR_RECIPE if all are 0, or the negative ones outweigh the others as said above.
 * Thread: any.
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_mix_check_weights (const double       *weights,
                                   guint               n,
                                   GError            **error);

/**
 * unclip_mix_spherical:
 * @parts: (array length=n_parts): embeddings of @n values, 1 … %UNCLIP_MIX_MAX_PARTS of them
 * @weights: (array length=n_parts): checked
 * @out: (out caller-allocates) (array length=n)
 *
 * One part, or one with all the weight, comes back to the bit. Parts of weight 0 do not count. Two opposite directions have
 * no mean of their own: the way between them is that of unclip_slerp(). If the parts are spread so far that the iteration
 * does not settle, its last point is the result.
 *
 * Errors: %UNCLIP_ERROR_RECIPE if a part that counts has no length.
 * Thread: any.
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_mix_spherical     (const float *const *parts,
                                   const double       *weights,
                                   guint               n_parts,
                                   gsize               n,
                                   float              *out,
                                   GError            **error);

/**
 * unclip_mix_straight:
 *
 * The weighted sum, with any lengths.
 */
void     unclip_mix_straight      (const float *const *parts,
                                   const double       *weights,
                                   guint               n_parts,
                                   gsize               n,
                                   float              *out);

G_END_DECLS
