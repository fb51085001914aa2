/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long a run will take, from how long its steps took. */

#pragma once

#include "unclip-recipe.h"

G_BEGIN_DECLS

typedef struct _UnclipPace UnclipPace;

UnclipPace *unclip_pace_new              (void);
void        unclip_pace_free             (UnclipPace *pace);

/**
 * unclip_pace_begin:
 * @now: monotonic time in µs; here and below
 *
 * A run begins, or goes on after a pause: the time up to now is no step's.
 */
void        unclip_pace_begin            (UnclipPace *pace,
                                          gint64      now);

/**
 * unclip_pace_step:
 * @batch: pictures in the run
 * @step: just done; 1, 2, …
 *
 * Notes the time since the last step, unless this is the first of its stage, which may have compiled things. Newer times
 * count more.
 */
void        unclip_pace_step             (UnclipPace *pace,
                                          const char *stage,
                                          guint       batch,
                                          guint       step,
                                          gint64      now);

/**
 * unclip_pace_get_seconds_left:
 * @sampler: of the recipes that run
 * @n_left: steps of @stage that are left
 *
 * The rest of this stage and the stages that follow it. A stage that was never seen with this batch is taken to be as
 * fast a step as this one.
 *
 * Returns: −1 while nothing is known about @stage
 */
double      unclip_pace_get_seconds_left (UnclipPace                *pace,
                                          const char                *stage,
                                          guint                      batch,
                                          guint                      n_left,
                                          const UnclipRecipeSampler *sampler);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipPace, unclip_pace_free)

G_END_DECLS
