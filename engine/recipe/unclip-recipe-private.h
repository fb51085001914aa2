/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the recipe share: checks and canonical form of its parts, the words for its enums. */

#pragma once

#include "unclip-recipe.h"

G_BEGIN_DECLS

/* The words of the JSON form, by enum value; %NULL ends each list. */
extern const char *const unclip_recipe_sampler_names[];
extern const char *const unclip_recipe_blend_names[];
extern const char *const unclip_recipe_inversion_names[];

/**
 * unclip_recipe_fail:
 *
 * Sets an %UNCLIP_ERROR_RECIPE.
 *
 * Returns: %FALSE
 */
gboolean unclip_recipe_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * unclip_recipe_check:
 *
 * Depth, number of nodes, then every value.
 */
gboolean unclip_recipe_check            (const UnclipRecipeParams  *params,
                                         GError                   **error);

/**
 * unclip_recipe_append_embedding:
 *
 * The canonical form of a checked expression.
 */
void     unclip_recipe_append_embedding (GString                   *json,
                                         const UnclipEmbedding     *embedding);
void     unclip_recipe_append_noise     (GString                   *json,
                                         const UnclipNoiseNode     *noise);

/**
 * unclip_recipe_dup_canonical:
 *
 * Returns: (transfer full)
 */
char    *unclip_recipe_dup_canonical    (const UnclipRecipeParams  *params);

G_END_DECLS
