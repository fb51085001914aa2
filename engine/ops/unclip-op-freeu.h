/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-op.h"

/* Inputs: x. */
typedef struct
{
  int   n_first;
  float first_gain;
  float low_gain;
} UnclipOpFreeuParams;
