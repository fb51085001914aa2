/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of FugueEngine share: fugue-engine.c has its life and its jobs, fugue-engine-questions.c what may be asked
 * of one that runs. */

#pragma once

#include "fugue-engine.h"
#include "unclip-engine-bus.h"

G_BEGIN_DECLS

/**
 * fugue_engine_get_bus:
 *
 * Returns: (transfer none) (nullable): the running process; %NULL if there is none
 */
UnclipEngineBus *fugue_engine_get_bus (FugueEngine *engine);

G_END_DECLS
