/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long steps take, measured as they come, and what that means for recipes.
 *
 * Thread: one at a time.
 */

#pragma once

#include "unclip-recipe.h"

G_BEGIN_DECLS

typedef struct _FuguePace FuguePace;

FuguePace *fugue_pace_new       (void);
void       fugue_pace_free      (FuguePace    *pace);

/**
 * fugue_pace_report:
 * @batch: what tells batches apart, such as the first id
 * @n: pictures in it
 * @step: of @stage, from 1
 * @now: seconds, of any steady clock
 */
void       fugue_pace_report    (FuguePace    *pace,
                                 const char   *batch,
                                 guint         n,
                                 const char   *stage,
                                 guint         step,
                                 double        now);

/**
 * fugue_pace_dup_string: fugue_pace_read_string:
 * @text: (nullable): what fugue_pace_dup_string() gave; anything else is left alone
 *
 * What was measured, to be kept from run to run: "decoder=0.0125;upsampler=0.21", seconds a step and picture.
 *
 * Returns: (transfer full)
 */
char      *fugue_pace_dup_string  (FuguePace  *pace);
void       fugue_pace_read_string (FuguePace  *pace,
                                   const char *text);

/**
 * fugue_pace_forget: the batch has ended
 */
void       fugue_pace_forget    (FuguePace    *pace,
                                 const char   *batch);

/**
 * fugue_pace_estimate: fugue_pace_estimate_steps:
 *
 * Returns: seconds for one picture of this recipe, or of so many steps of the decoder and the upsampler; negative while none was
 *   measured
 */
double     fugue_pace_estimate  (FuguePace    *pace,
                                 UnclipRecipe *recipe);
double     fugue_pace_estimate_steps (FuguePace *pace,
                                      guint      n_steps,
                                      guint      n_upsampler_steps);

/**
 * fugue_recipe_get_progress:
 *
 * Returns: how much of a picture is done after @step of @stage, 0 … 1, by counted steps
 */
double     fugue_recipe_get_progress (UnclipRecipe *recipe,
                                      const char   *stage,
                                      guint         step);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FuguePace, fugue_pace_free)

G_END_DECLS
