/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mixing pad: where a dot lies among two to four corners, as weights, and back. Plain arithmetic, shared by the command
 * line and the window.
 *
 * x runs from the left, y from the top. Two corners are the ends of a line (y is of no account), three a triangle that
 * points down, four the unit square:
 *
 *     A ───── B      A ───── B      A ───── B
 *                      ╲   ╱        │       │
 *                        C          C ───── D
 *
 * Thread: any.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UNCLIP_PAD_MAX_CORNERS 4

/* The pad reaches a little beyond its corners; there the weight of the far corners is negative. */
#define UNCLIP_PAD_MINIMUM -0.25
#define UNCLIP_PAD_MAXIMUM 1.25

/**
 * unclip_pad_get_corner:
 * @n_corners: 1 … 4
 * @corner: less than @n_corners
 * @x: (out): @y: (out): where it lies; a single corner lies in the middle
 */
void unclip_pad_get_corner   (guint         n_corners,
                              guint         corner,
                              double       *x,
                              double       *y);

/**
 * unclip_pad_get_weights:
 * @n_corners: 1 … 4
 * @x: @y: any
 * @weights: (out caller-allocates): @n_corners values of sum 1
 *
 * Two corners: linear; three: barycentric; four: bilinear. At a corner its weight is 1 and the others are 0.
 */
void unclip_pad_get_weights  (guint         n_corners,
                              double        x,
                              double        y,
                              double       *weights);

/**
 * unclip_pad_get_position:
 * @n_corners: 1 … 4
 * @weights: @n_corners values of positive sum
 * @x: (out): @y: (out): the corners' weighted mean
 *
 * The inverse of unclip_pad_get_weights() for up to three corners. Four weights of sum 1 are one number more than a dot has:
 * of those that lie at the same point the pad gives the bilinear ones.
 */
void unclip_pad_get_position (guint         n_corners,
                              const double *weights,
                              double       *x,
                              double       *y);

G_END_DECLS
