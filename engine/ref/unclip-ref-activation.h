/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-ops.h"

/**
 * unclip_ref_activate: see #UnclipActivation; in double.
 */
double unclip_ref_activate (double           x,
                            UnclipActivation activation);
