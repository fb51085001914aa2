/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs recipes: embeddings with a memo, pictures in batches.
 *
 * What the networks give for an expression is worked out once, however many recipes share it; the memo is keyed by the
 * expression's hash and lives as long as the evaluator (one model, one device). So moving a slider, whose amount stands
 * above the costly nodes, encodes nothing again. Recipes that differ only in values are decoded together.
 *
 * Thread: the engine's worker.
 */

#pragma once

#include "unclip-recipe.h"
#include "unclip-stages.h"

G_BEGIN_DECLS

typedef struct _UnclipEvaluator UnclipEvaluator;

/* What identical pictures are given. */
#define UNCLIP_METER_MAX_PSNR 200.0

/**
 * UnclipMeter:
 * @psnr_db: of the picture before it is rounded to bytes; %UNCLIP_METER_MAX_PSNR at the most
 * @max_difference: largest of a channel, in levels of 8 bits
 * @clip_degrees: angle between the two CLIP image embeddings
 *
 * A picture against its source, brought to the picture's size.
 */
typedef struct
{
  double psnr_db;
  guint  max_difference;
  double clip_degrees;
} UnclipMeter;

/**
 * UnclipEvaluatorWatch:
 * @progress: (nullable): recipes @first … @first + @n − 1 of the call are at step @n_done of @n_steps of @stage
 * @preview: (nullable): the predicted clean picture of a recipe
 * @measured: (nullable): called before @finished where the noise is an inverted source
 * @finished: (nullable): a recipe's picture; called as soon as its batch is done
 * @cancellable: (nullable)
 */
typedef struct
{
  void        (*progress) (guint first, guint n, const char *stage, guint n_done, guint n_steps, gpointer user_data);
  void        (*preview)  (guint recipe, const char *stage, guint n_done, guint n_steps, UnclipImage *image, gpointer user_data);
  void        (*measured) (guint recipe, const UnclipMeter *meter, gpointer user_data);
  gboolean    (*finished) (guint recipe, UnclipImage *image, gpointer user_data, GError **error);
  gpointer      user_data;
  GCancellable *cancellable;
} UnclipEvaluatorWatch;

/**
 * UnclipEvaluatorCounts:
 *
 * How often the costly things were really done.
 */
typedef struct
{
  guint n_images_encoded;
  guint n_captions_encoded;
  guint n_prior_runs;
  guint n_decoder_runs;
  guint n_inversions;
} UnclipEvaluatorCounts;

UnclipEvaluator      *unclip_evaluator_new        (UnclipStages                *stages);
void                  unclip_evaluator_free       (UnclipEvaluator             *evaluator);
UnclipEvaluatorCounts unclip_evaluator_get_counts (UnclipEvaluator             *evaluator);

/**
 * unclip_evaluator_add_source:
 *
 * Makes a picture known by the hash of its pixels.
 *
 * Returns: (transfer none): the hash, for recipes; lives as long as the evaluator
 */
const char           *unclip_evaluator_add_source (UnclipEvaluator             *evaluator,
                                                   UnclipImage                 *image);

gboolean              unclip_evaluator_has_source (UnclipEvaluator             *evaluator,
                                                   const char                  *sha256);

/**
 * unclip_evaluator_get_inverted:
 *
 * What the recipe's noise was found to be, once the recipe has run.
 *
 * Returns: (transfer none) (nullable): %NULL if the noise is not an inverted source
 */
const UnclipInverted *unclip_evaluator_get_inverted (UnclipEvaluator           *evaluator,
                                                     UnclipRecipe              *recipe);

/**
 * unclip_evaluator_get_path_degrees:
 *
 * How long the path of a text difference is: the angle between the embedding that it starts from and the direction of its captions,
 * of which the amount is a part. What the networks give for it is known once the recipe has run.
 *
 * Returns: degrees, 0 … 180; NaN if the recipe is no difference, or has none
 */
double                unclip_evaluator_get_path_degrees (UnclipEvaluator       *evaluator,
                                                     UnclipRecipe              *recipe);

/**
 * unclip_evaluator_dup_source:
 *
 * The inverted source as a picture of that size is held against it: its middle, made smaller.
 *
 * Errors: %UNCLIP_ERROR_RECIPE if the noise is not an inverted source, or the source not known.
 *
 * Returns: (transfer full)
 */
UnclipImage          *unclip_evaluator_dup_source (UnclipEvaluator             *evaluator,
                                                   UnclipRecipe                *recipe,
                                                   guint                        height,
                                                   guint                        width,
                                                   GError                     **error);

/**
 * unclip_evaluator_remove_source:
 *
 * Forgets a picture; what was worked out of it stays.
 */
void                  unclip_evaluator_remove_source (UnclipEvaluator          *evaluator,
                                                   const char                  *sha256);

/**
 * unclip_evaluator_check:
 *
 * Whether the recipe can be run, as far as that is known before: its model is loaded, and its sources are here. (What was
 * worked out of a source outlives it, so unclip_evaluator_run() itself may do without.)
 *
 * Errors: %UNCLIP_ERROR_RECIPE.
 */
gboolean              unclip_evaluator_check      (UnclipEvaluator             *evaluator,
                                                   UnclipRecipe                *recipe,
                                                   GError                     **error);

/**
 * unclip_evaluator_run:
 * @recipes: (array length=n)
 * @max_batch: pictures in one forward pass at the most, 1 or more
 *
 * Makes the pictures in order. Pictures handed to @finished stay good when a later one fails.
 *
 * Errors: %UNCLIP_ERROR_RECIPE if a source is not known, the model is another one, or a crop leaves its picture;
 * %UNCLIP_ERROR_BAD_RESULT if a picture came out as NaN or flat; whatever the stages give; what @finished sets.
 */
gboolean              unclip_evaluator_run        (UnclipEvaluator             *evaluator,
                                                   UnclipRecipe *const         *recipes,
                                                   guint                        n,
                                                   guint                        max_batch,
                                                   const UnclipEvaluatorWatch  *watch,
                                                   GError                     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipEvaluator, unclip_evaluator_free)

G_END_DECLS
