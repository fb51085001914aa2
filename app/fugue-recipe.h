/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes made from recipes. */

#pragma once

#include "unclip-recipe.h"

G_BEGIN_DECLS

/**
 * fugue_recipe_dup_with_seed:
 * @seed: of all noise that pictures start from or take up on the way, and of loosened embeddings; more than
 *   %UNCLIP_RECIPE_MAX_SEED counts as that. A caption's own seed stays: it belongs to the prior, whose candidates are compared.
 *
 * The same again, from other noise.
 *
 * Thread: any.
 *
 * Returns: (transfer full)
 */
UnclipRecipe *fugue_recipe_dup_with_seed (UnclipRecipe *recipe,
                                          guint64       seed);

G_END_DECLS
