/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-error.h"

G_DEFINE_QUARK (fugue-error-quark, fugue_error)
