/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-op.h"

/* Inputs: x. */
typedef struct
{
  int size;
} UnclipOpPatchesParams;
