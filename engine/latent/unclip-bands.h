/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Layout and detail: the low spatial frequencies of one start noise, the high ones of another.
 *
 * Early steps of a diffusion decide on the large forms, from what is coarse in x_T; fine structure follows the rest. With
 * the plane's frequency f = (u/H, v/W), u and v taken within ±1/2, and its radius r = 2 |f| in parts of the Nyquist
 * frequency (1 at the end of each axis, √2 in the corner):
 *
 *     X = m(r) LOW + n(r) HIGH,    m = cos (π/2 t),  n = sin (π/2 t),
 *     t = s² (3 − 2 s),  s = (r − cutoff + softness/2) / softness, held within 0 … 1;  t = 1 from r = cutoff on for softness 0
 *
 * Unit variance is kept: for independent white noises of variance 1, E |LOW|² = E |HIGH|² = H W at every frequency and
 * their product averages 0, so E |X|² = (m² + n²) H W = H W, for m² + n² = cos² + sin² = 1. No factor is needed, whatever
 * the cutoff. (A linear edge, m + n = 1, would lose up to half of the variance where the bands meet.) The masks are real
 * and even, so X is the spectrum of a real picture.
 */

#pragma once

#include "unclip-executor.h"

G_BEGIN_DECLS

/**
 * unclip_bands_get_gains:
 * @radius: 0 … √2
 * @cutoff: 0 … 1
 * @softness: 0 … 1
 * @low: (out): m
 * @high: (out): n
 */
void     unclip_bands_get_gains  (double           radius,
                                  double           cutoff,
                                  double           softness,
                                  double          *low,
                                  double          *high);

/**
 * unclip_bands_mix:
 * @shape: N = 1
 * @low: @high: (H, W, C)
 * @out: (out caller-allocates): (H, W, C); may be @low or @high
 *
 * Thread: the executor's.
 * Errors: what unclip_executor_fft() gives.
 */
gboolean unclip_bands_mix        (UnclipExecutor  *executor,
                                  UnclipShape      shape,
                                  const float     *low,
                                  const float     *high,
                                  double           cutoff,
                                  double           softness,
                                  float           *out,
                                  GError         **error);

/* Width of the edge where a person chooses no other: a fifth of the way to the Nyquist frequency. */
#define UNCLIP_BANDS_SOFTNESS 0.2

/**
 * unclip_bands_get_cutoff:
 * @layout_detail: −100 … 100, not 0: the control "Layout ↔ detail"
 *
 * What is new in a picture: at −100 its coarsest forms only, and finer ones too towards 0; at 100 its finest grain only,
 * and coarser forms too towards 0. At 0 all of the noise is new, and no bands are needed. In octaves, as pictures are:
 *
 *     cutoff = 2^(−4 |x| / 100)         x < 0: the new noise is the low band
 *     cutoff = 2^(−4 (1 − x / 100))     x > 0: the new noise is the high band
 *
 * Returns: the cutoff, 1/16 … 1
 */
double   unclip_bands_get_cutoff (double           layout_detail);

/**
 * unclip_bands_get_layout_detail:
 * @cutoff: 0 … 1
 * @is_low_new: whether the low band is the new one
 *
 * Undoes unclip_bands_get_cutoff(); cutoffs that it does not give are brought to the nearest end.
 */
double   unclip_bands_get_layout_detail (double    cutoff,
                                         gboolean  is_low_new);

G_END_DECLS
