/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-ops.h"

/**
 * UnclipRefLinear:
 * @n_rows: @n_in: @n_out: sizes
 * @x: n_rows × n_in
 * @weight: n_out × n_in, columns in the order of x's channels
 * @bias: (nullable): n_out
 * @residual: (nullable): n_rows × n_out
 */
typedef struct
{
  gint64           n_rows;
  int              n_in, n_out;
  const float     *x;
  const float     *weight;
  const float     *bias;
  const float     *residual;
  UnclipActivation activation;
} UnclipRefLinear;

/**
 * unclip_ref_linear: see unclip_op_linear(); sums in double.
 */
void unclip_ref_linear (const UnclipRefLinear *linear,
                        float                 *y);
