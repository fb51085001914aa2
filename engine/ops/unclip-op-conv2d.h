/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-op.h"

/* Inputs: x, weight, bias (nullable), image_bias (nullable), residual (nullable). */
typedef struct
{
  int      stride;
  gboolean upsample;
} UnclipOpConv2dParams;
