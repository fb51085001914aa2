/* SPDX-License-Identifier: GPL-3.0-or-later */

/* IEEE binary16, in integer arithmetic only, so that every machine rounds alike. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * unclip_half_to_float:
 *
 * Exact, subnormals, infinities and NaN included.
 *
 * Thread: any.
 */
float   unclip_half_to_float (guint16 half);

/**
 * unclip_half_from_float:
 *
 * Rounds to nearest, ties to even; beyond 65504 gives infinity, below 2^-25 gives zero, NaN stays NaN.
 *
 * Thread: any.
 */
guint16 unclip_half_from_float (float value);

G_END_DECLS
