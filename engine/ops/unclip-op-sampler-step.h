/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-op.h"

/* Inputs: x, out, noise, history, coefficients. */
typedef struct
{
  gboolean clean;       /* gives the predicted clean sample; FALSE: the next sample */
} UnclipOpSamplerStepParams;
