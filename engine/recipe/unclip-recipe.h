/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes: everything that Fugue makes is described by one, an immutable JSON value.
 *
 *     { "schema": 1,
 *       "embedding": { "node": "image", "source": "<sha256 of the pixels>", "crop": [x, y, width, height] },
 *       "noise": { "node": "seed", "seed": 41, "picture": 0 },
 *       "caption": "",
 *       "sampler": { "kind": "ancestral", "steps": 25, "guidance": 8, "eta": 0, "upsampler_steps": 7 },
 *       "model": { "name": "mini", "sha256": "…" } }
 *
 * "embedding" and "noise" are expressions: small trees of nodes, one operation each. Nodes of this version:
 *
 *     image    CLIP embedding of a source picture, named by the hash of its pixels, with an optional crop
 *     caption  { "node": "caption", "text": "…", "steps": 25, "guidance": 4, "seed": 0, "best_of": 2 }: the prior; of
 *              several candidates the one with the largest dot product with the text embedding (Ramesh et al. 2022, sec. 2.2)
 *     seed     Philox normals of (seed, picture), see unclip-rng.h
 *
 * Canonical form: keys sorted, no white space, every key present, numbers in the shortest form that reads back the same.
 * The SHA-256 of the canonical form is the recipe's hash; the same holds for each expression by itself, which keys the
 * evaluator's memo.
 *
 * Thread: recipes are immutable once made, and may be used from anywhere.
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define UNCLIP_RECIPE_SCHEMA 1

/* The largest seed: integers beyond it do not survive a JSON reader that uses doubles. */
#define UNCLIP_RECIPE_MAX_SEED G_GINT64_CONSTANT (9007199254740991)

/* Bytes; far beyond what any tokenizer keeps. */
#define UNCLIP_RECIPE_MAX_CAPTION 16384

typedef enum
{
  UNCLIP_EMBEDDING_IMAGE,
  UNCLIP_EMBEDDING_CAPTION,
} UnclipEmbeddingKind;

/**
 * UnclipEmbedding:
 * @hash: of the canonical form of this expression, 64 hexadecimal digits
 * @source: of image: SHA-256 of the picture's pixels
 * @crop: of image: x, y, width, height in pixels of the source; width 0 for the whole picture
 * @text: of caption
 * @n_steps: @guidance: of caption: the prior's
 * @seed: of caption
 * @best_of: of caption: candidates, 1 … 16
 */
typedef struct
{
  UnclipEmbeddingKind kind;
  char               *hash;
  char               *source;
  guint               crop[4];
  char               *text;
  guint               n_steps;
  double              guidance;
  guint64             seed;
  guint               best_of;
} UnclipEmbedding;

/**
 * UnclipNoiseNode:
 * @seed: 0 … %UNCLIP_RECIPE_MAX_SEED
 * @picture: number of the picture within its run
 */
typedef struct
{
  guint64 seed;
  guint32 picture;
} UnclipNoiseNode;

typedef enum
{
  UNCLIP_RECIPE_ANCESTRAL,
  UNCLIP_RECIPE_DDIM,
} UnclipRecipeSamplerKind;

/**
 * UnclipRecipeSampler:
 * @eta: of ddim, 0 … 1; 0 for ancestral
 * @n_upsampler_steps: 0 leaves the picture at the decoder's size
 */
typedef struct
{
  UnclipRecipeSamplerKind kind;
  guint                   n_steps;
  double                  guidance;
  double                  eta;
  guint                   n_upsampler_steps;
} UnclipRecipeSampler;

typedef struct _UnclipRecipe UnclipRecipe;

/**
 * UnclipRecipeParams:
 *
 * For unclip_recipe_new(); strings are copied, hashes are worked out.
 */
typedef struct
{
  UnclipEmbedding     embedding;
  UnclipNoiseNode     noise;
  const char         *caption;          /* %NULL for "" */
  UnclipRecipeSampler sampler;
  const char         *model_name;
  const char         *model_sha256;
} UnclipRecipeParams;

#define UNCLIP_TYPE_RECIPE (unclip_recipe_get_type ())

GType                      unclip_recipe_get_type       (void);

/**
 * unclip_recipe_new:
 *
 * Errors: %UNCLIP_ERROR_RECIPE if a value is out of its range; the message names it.
 *
 * Returns: (transfer full)
 */
UnclipRecipe              *unclip_recipe_new            (const UnclipRecipeParams *params,
                                                         GError                  **error);

/**
 * unclip_recipe_parse:
 * @length: bytes
 *
 * Reads a recipe in any layout; unknown keys, unknown nodes and missing keys are errors.
 *
 * Errors: %UNCLIP_ERROR_RECIPE.
 *
 * Returns: (transfer full)
 */
UnclipRecipe              *unclip_recipe_parse          (const char               *json,
                                                         gsize                     length,
                                                         GError                  **error);
UnclipRecipe              *unclip_recipe_ref            (UnclipRecipe             *recipe);
void                       unclip_recipe_unref          (UnclipRecipe             *recipe);

/**
 * unclip_recipe_get_canonical: the canonical JSON
 */
const char                *unclip_recipe_get_canonical  (UnclipRecipe             *recipe);
const char                *unclip_recipe_get_hash       (UnclipRecipe             *recipe);
const UnclipEmbedding     *unclip_recipe_get_embedding  (UnclipRecipe             *recipe);
const UnclipNoiseNode     *unclip_recipe_get_noise      (UnclipRecipe             *recipe);
const char                *unclip_recipe_get_caption    (UnclipRecipe             *recipe);
const UnclipRecipeSampler *unclip_recipe_get_sampler    (UnclipRecipe             *recipe);
const char                *unclip_recipe_get_model_name (UnclipRecipe             *recipe);
const char                *unclip_recipe_get_model_sha256 (UnclipRecipe           *recipe);

/**
 * unclip_recipe_can_batch:
 *
 * Whether two recipes differ in values only, so that one forward pass may serve both: same model, same sampler.
 */
gboolean                   unclip_recipe_can_batch      (UnclipRecipe             *a,
                                                         UnclipRecipe             *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipRecipe, unclip_recipe_unref)

G_END_DECLS
