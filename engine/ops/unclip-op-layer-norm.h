/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* Inputs: x, gamma, beta. */
typedef struct
{
  float eps;
} UnclipOpLayerNormParams;
