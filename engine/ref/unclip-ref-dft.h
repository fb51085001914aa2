/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fourier transforms by their definition, in double precision. */

#pragma once

#include "unclip-graph.h"

/**
 * unclip_ref_dft:
 * @shape: of @real: (N, H, W, C), channels last
 * @spectrum: (out caller-allocates): (N·C, H, W/2 + 1, 2)
 *
 *     X[u,v] = Σ x[y,x] exp (−2πi (u y / H + v x / W))
 */
void unclip_ref_dft         (UnclipShape  shape,
                             const float *real,
                             float       *spectrum);

/**
 * unclip_ref_inverse_dft:
 *
 *     x[y,x] = 1/(H W) Re Σ X[u,v] exp (+2πi (u y / H + v x / W)), the columns beyond W/2 from X[u,v] = conj X[−u,−v]
 */
void unclip_ref_inverse_dft (UnclipShape  shape,
                             const float *spectrum,
                             float       *real);
