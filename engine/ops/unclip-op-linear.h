/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-op.h"

/* Inputs: x, weight, bias (nullable), residual (nullable). */
typedef struct
{
  UnclipActivation activation;
} UnclipOpLinearParams;
