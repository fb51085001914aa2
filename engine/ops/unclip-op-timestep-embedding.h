/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

/* Inputs: t. */
typedef struct
{
  int      dim;
  gboolean flip_sin_to_cos;
  float    freq_shift;
} UnclipOpTimestepEmbeddingParams;

/**
 * unclip_op_timestep_frequency:
 * @i: 0 … dim/2 − 1
 *
 * Returns: exp (−ln 10000 · i / (dim/2 − freq_shift)), rounded to f32 after each step as torch does
 */
float unclip_op_timestep_frequency (const UnclipOpTimestepEmbeddingParams *params,
                                    int                                    i);
