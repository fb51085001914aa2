/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-ops.h"

/**
 * unclip_ref_patches:
 * @in: shape of x
 *
 * See unclip_op_patches().
 */
void unclip_ref_patches (UnclipShape  in,
                         int          size,
                         const float *x,
                         float       *y);
