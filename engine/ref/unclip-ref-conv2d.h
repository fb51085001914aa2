/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-ops.h"

/**
 * UnclipRefConv2d:
 * @in: @out: shapes of x and y
 * @x: channels last
 * @weight: (O, I, 3, 3)
 * @bias: (nullable): O
 * @image_bias: (nullable): N × O
 * @residual: (nullable): of y's shape
 */
typedef struct
{
  UnclipShape  in, out;
  int          stride;
  gboolean     upsample;
  const float *x;
  const float *weight;
  const float *bias;
  const float *image_bias;
  const float *residual;
} UnclipRefConv2d;

/**
 * unclip_ref_conv2d: see unclip_op_conv2d(); sums in double.
 */
void unclip_ref_conv2d (const UnclipRefConv2d *conv,
                        float                 *y);
