/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Great circles: lengths, angles, and the way from one vector to another around the origin.
 *
 * Embeddings and start noises both live near a sphere (noise of n normals has a length near √n), so a straight line
 * between two of them leaves where the networks were trained; an arc does not.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * unclip_vector_dot:
 *
 * Thread: any.
 *
 * Returns: the sum of products, in double precision
 */
double   unclip_vector_dot       (const float *a,
                                  const float *b,
                                  gsize        n);

/**
 * unclip_vector_length:
 *
 * Returns: the square root of the sum of squares, in double precision
 */
double   unclip_vector_length    (const float *a,
                                  gsize        n);

/**
 * unclip_vector_angle:
 *
 * Between two directions, accurate near 0 and π too, where the arc cosine of their dot product is not.
 *
 *     angle = 2 · atan2 (|â − b̂|, |â + b̂|)
 *
 * Source: Kahan 2006, How Futile are Mindless Assessments of Roundoff, sec. 12.
 *
 * Returns: radians, 0 … π; 0 if either has no length
 */
double   unclip_vector_angle     (const float *a,
                                  const float *b,
                                  gsize        n);

/**
 * unclip_vector_pick_normal:
 * @unit: (array length=n): of length 1, n ≥ 2
 * @out: (out caller-allocates) (array length=n): of length 1, at a right angle to @unit
 *
 * Where every direction is as good as another: the coordinate axis in which @unit is smallest (the first of them), made
 * perpendicular. The same for the same @unit, always.
 */
void     unclip_vector_pick_normal (const double *unit,
                                  gsize        n,
                                  double      *out);

/**
 * unclip_slerp:
 * @a: @b: (array length=n)
 * @amount: 0 gives @a, 1 gives @b, both to the bit; outside, the arc goes on
 * @out: (out caller-allocates) (array length=n): may be @a or @b
 *
 * Spherical interpolation, with the angle Ω between the two directions:
 *
 *     out = sin ((1 − amount) Ω) / sin Ω · a + sin (amount Ω) / sin Ω · b
 *
 * What has no arc has a result all the same. Directions that agree (Ω < 1e-6), or a vector without length: the straight
 * line. Opposite directions (Ω > π − 1e-6): half a turn by way of unclip_vector_pick_normal(), the length changing
 * evenly from |a| to |b|; with n = 1, the straight line.
 *
 * Sums in double precision.
 * Thread: any.
 * Source: Ramesh et al. 2022, sec. 3.2; Shoemake 1985, Animating rotation with quaternion curves.
 */
void     unclip_slerp            (const float *a,
                                  const float *b,
                                  double       amount,
                                  gsize        n,
                                  float       *out);

G_END_DECLS
