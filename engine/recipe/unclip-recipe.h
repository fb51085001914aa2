/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes: everything that Fugue makes is described by one, an immutable JSON value.
 *
 *     { "schema": 1,
 *       "embedding": { "node": "image", "source": "<sha256 of the pixels>", "crop": [x, y, width, height] },
 *       "noise": { "node": "seed", "seed": 41, "picture": 0 },
 *       "step_noise": { "seed": 41, "picture": 0 },
 *       "caption": "",
 *       "sampler": { "kind": "ancestral", "steps": 25, "guidance": 8, "eta": 0, "upsampler_steps": 7 },
 *       "model": { "name": "mini", "sha256": "…" } }
 *
 * "embedding" and "noise" are expressions: small trees of nodes, one operation each. E stands for an embedding
 * expression, N for a noise expression.
 *
 *     image    CLIP embedding of a source picture, named by the hash of its pixels, with an optional crop
 *     caption  { "node": "caption", "text": "…", "steps": 25, "guidance": 4, "seed": 0, "best_of": 2 }: the prior; of
 *              several candidates the one with the largest dot product with the text embedding (Ramesh et al. 2022, sec. 2.2)
 *     diff     { "node": "diff", "base": E, "from": "…", "to": "…", "amount": 0.3 }: E turned towards the direction
 *              between two captions
 *     mix      { "node": "mix", "blend": "spherical", "parts": [{ "embedding": E, "weight": 1 }, …] }: the mean of one to
 *              eight embeddings; blend is "spherical" or "straight"
 *     loosen   { "node": "loosen", "base": E, "amount": 0.3, "seed": 7, "picture": 0 }: noise along the principal axes of
 *              the model's embeddings
 *
 *     seed     Philox normals of (seed, picture), see unclip-rng.h
 *     invert   { "node": "invert", "source": "…", "crop": […], "method": "fixed-point", "steps": 50, "rounds": 5,
 *              "tolerance": 1e-4, "guidance": 1, "first_timestep": 20 }: the noise that the decoder turns into the source;
 *              method is "ddim", "fixed-point" (which alone has rounds and tolerance) or "exact"
 *     blend    { "node": "blend", "a": N, "b": N, "amount": 0.5 }: slerp of two noises
 *     bands    { "node": "bands", "low": N, "high": N, "cutoff": 0.2, "softness": 0.1 }: the low spatial frequencies of one
 *              noise, the high ones of another
 *
 * "step_noise" is the key of the noise that the sampler adds at its steps, and of the upsampler's; it may be left out
 * where the noise is a seed node, whose key it then is. Further keys that may be left out: "first_timestep" (0),
 * "keep_detail" (false) and "freeu" ({ "b1": …, "b2": …, "s1": …, "s2": … }, off when absent) of the sampler.
 *
 * Canonical form: keys sorted, no white space, every key present, numbers in the shortest form that reads back the same.
 * Keys that came after the first version are left out where they have their default value, so that what is old keeps its
 * hash. The SHA-256 of the canonical form is the recipe's hash; the same holds for each expression by itself, which keys
 * the evaluator's memo.
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

/* Ranges of samplers: 2 … steps, 0 … guidance; and of a prior's candidates, 1 …. */
#define UNCLIP_RECIPE_MAX_STEPS 1000
#define UNCLIP_RECIPE_MAX_GUIDANCE 100
#define UNCLIP_RECIPE_MAX_TIMESTEP 999
#define UNCLIP_RECIPE_MAX_ROUNDS 100
#define UNCLIP_RECIPE_MAX_BEST_OF 16

/* Nodes from the root of an expression to its farthest leaf. A tree of mixes this deep, inside a picture's note, still
 * reads through UNCLIP_JSON_MAX_DEPTH. */
#define UNCLIP_RECIPE_MAX_DEPTH 8

/* Nodes of both expressions together. */
#define UNCLIP_RECIPE_MAX_NODES 64

typedef enum
{
  UNCLIP_EMBEDDING_IMAGE,
  UNCLIP_EMBEDDING_CAPTION,
  UNCLIP_EMBEDDING_DIFF,
  UNCLIP_EMBEDDING_MIX,
  UNCLIP_EMBEDDING_LOOSEN,
} UnclipEmbeddingKind;

typedef enum
{
  UNCLIP_BLEND_SPHERICAL,
  UNCLIP_BLEND_STRAIGHT,
} UnclipBlend;

typedef struct _UnclipEmbedding UnclipEmbedding;

/**
 * UnclipMixPart:
 * @weight: −1e6 … 1e6; weights are divided by their sum. Negative ones extrapolate, within the bounds of unclip-mix.h
 */
typedef struct
{
  const UnclipEmbedding *embedding;
  double                 weight;
} UnclipMixPart;

/**
 * UnclipEmbedding:
 * @hash: of the canonical form of this expression, 64 hexadecimal digits; worked out by unclip_recipe_new()
 * @source: of image: SHA-256 of the picture's pixels
 * @crop: of image: x, y, width, height in pixels of the source; width 0 for the whole picture
 * @text: of caption
 * @n_steps: @guidance: of caption: the prior's
 * @best_of: of caption: candidates, 1 … 16
 * @seed: of caption and loosen
 * @picture: of loosen: number of the picture within its run
 * @base: of diff and loosen
 * @from: @to: of diff: the captions; "" stands for the dummy caption of the paper
 * @amount: of diff: −1 … 1, negative swaps @from and @to; of loosen: 0 … 1, in deviations
 * @blend: @parts: @n_parts: of mix
 *
 * A node. One that is got from a recipe belongs to the recipe.
 */
struct _UnclipEmbedding
{
  UnclipEmbeddingKind    kind;
  const char            *hash;
  const char            *source;
  guint                  crop[4];
  const char            *text;
  guint                  n_steps;
  double                 guidance;
  guint64                seed;
  guint                  best_of;
  guint32                picture;
  const UnclipEmbedding *base;
  const char            *from;
  const char            *to;
  double                 amount;
  UnclipBlend            blend;
  const UnclipMixPart   *parts;
  guint                  n_parts;
};

typedef enum
{
  UNCLIP_NOISE_SEED,
  UNCLIP_NOISE_INVERT,
  UNCLIP_NOISE_BLEND,
  UNCLIP_NOISE_BANDS,
} UnclipNoiseKind;

typedef enum
{
  UNCLIP_INVERSION_DDIM,
  UNCLIP_INVERSION_FIXED_POINT,
  UNCLIP_INVERSION_EXACT,
} UnclipInversionMethod;

typedef struct _UnclipNoiseNode UnclipNoiseNode;

/**
 * UnclipNoiseNode:
 * @hash: as in #UnclipEmbedding
 * @seed: of seed: 0 … %UNCLIP_RECIPE_MAX_SEED
 * @picture: of seed: number of the picture within its run
 * @source: @crop: of invert: as in #UnclipEmbedding
 * @method: of invert
 * @n_steps: of invert: 2 … 1000
 * @n_rounds: of invert by fixed-point: the most evaluations at a step, 1 … 100
 * @tolerance: of invert by fixed-point: largest change at which a step's rounds end, 0 … 1
 * @guidance: of invert: 1 leaves the source's own embedding alone
 * @first_timestep: of invert: 0 … 999
 * @a: @b: of blend
 * @amount: of blend: 0 gives @a, 1 gives @b
 * @low: @high: of bands
 * @cutoff: of bands: 0 … 1 of the Nyquist frequency
 * @softness: of bands: width of the edge, 0 … 1 of the Nyquist frequency
 *
 * A node. One that is got from a recipe belongs to the recipe.
 */
struct _UnclipNoiseNode
{
  UnclipNoiseKind        kind;
  const char            *hash;
  guint64                seed;
  guint32                picture;
  const char            *source;
  guint                  crop[4];
  UnclipInversionMethod  method;
  guint                  n_steps;
  guint                  n_rounds;
  double                 tolerance;
  double                 guidance;
  guint                  first_timestep;
  const UnclipNoiseNode *a;
  const UnclipNoiseNode *b;
  double                 amount;
  const UnclipNoiseNode *low;
  const UnclipNoiseNode *high;
  double                 cutoff;
  double                 softness;
};

/**
 * UnclipStepNoise:
 *
 * Names the noise of the steps and of the upsampler; the values are those of a seed node.
 */
typedef struct
{
  guint64 seed;
  guint32 picture;
} UnclipStepNoise;

typedef enum
{
  UNCLIP_RECIPE_ANCESTRAL,
  UNCLIP_RECIPE_DDIM,
  UNCLIP_RECIPE_DPM_SOLVER,
  UNCLIP_RECIPE_EXACT,
} UnclipRecipeSamplerKind;

/**
 * UnclipRecipeFreeu:
 * @b1: @b2: scale of half of the backbone's channels in the first and second up block, 0 … 4
 * @s1: @s2: scale of the skip features' low frequencies there, 0 … 4
 */
typedef struct
{
  double b1, b2;
  double s1, s2;
} UnclipRecipeFreeu;

/**
 * UnclipRecipeSampler:
 * @eta: of ddim, 0 … 1; 0 for the others
 * @n_upsampler_steps: 0 leaves the picture at the decoder's size
 * @first_timestep: where the sampler ends, 0 … 999
 * @keep_detail: carry the high frequencies of the source of an invert node to the full size
 * @has_freeu: whether @freeu is on
 */
typedef struct
{
  UnclipRecipeSamplerKind kind;
  guint                   n_steps;
  double                  guidance;
  double                  eta;
  guint                   n_upsampler_steps;
  guint                   first_timestep;
  gboolean                keep_detail;
  gboolean                has_freeu;
  UnclipRecipeFreeu       freeu;
} UnclipRecipeSampler;

typedef struct _UnclipRecipe UnclipRecipe;

/**
 * UnclipRecipeParams:
 *
 * For unclip_recipe_new(), which copies the trees and all strings; hashes in them are not looked at. Of a node only the
 * fields of its kind count. %NULL captions are "".
 */
typedef struct
{
  UnclipEmbedding     embedding;
  UnclipNoiseNode     noise;
  gboolean            has_step_noise;   /* else that of a seed node, and an error with any other noise */
  UnclipStepNoise     step_noise;
  const char         *caption;
  UnclipRecipeSampler sampler;
  const char         *model_name;
  const char         *model_sha256;
} UnclipRecipeParams;

#define UNCLIP_TYPE_RECIPE (unclip_recipe_get_type ())

GType                      unclip_recipe_get_type       (void);

/**
 * unclip_recipe_new:
 *
 * Errors: %UNCLIP_ERROR_RECIPE if a value is out of its range, or a tree beyond the limits above; the message names it.
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

/**
 * unclip_recipe_get_step_noise: the key, given or that of the seed node
 */
UnclipStepNoise            unclip_recipe_get_step_noise (UnclipRecipe             *recipe);
const char                *unclip_recipe_get_caption    (UnclipRecipe             *recipe);
const UnclipRecipeSampler *unclip_recipe_get_sampler    (UnclipRecipe             *recipe);
const char                *unclip_recipe_get_model_name (UnclipRecipe             *recipe);
const char                *unclip_recipe_get_model_sha256 (UnclipRecipe           *recipe);

/**
 * unclip_recipe_get_sources:
 *
 * Returns: (transfer none) (array zero-terminated=1): the hashes of all source pictures in both trees, each once
 */
const char *const         *unclip_recipe_get_sources    (UnclipRecipe             *recipe);

/**
 * unclip_recipe_get_params:
 * @params: (out caller-allocates): pointers in it belong to @recipe
 *
 * What unclip_recipe_new() makes the same recipe of. To change one thing about a recipe: get its parameters, change a
 * field (or hang its tree below a new node), make a recipe of them.
 */
void                       unclip_recipe_get_params     (UnclipRecipe             *recipe,
                                                         UnclipRecipeParams       *params);

/**
 * unclip_recipe_can_batch:
 *
 * Whether two recipes differ in values only, so that one forward pass may serve both: same model, same sampler.
 */
gboolean                   unclip_recipe_can_batch      (UnclipRecipe             *a,
                                                         UnclipRecipe             *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipRecipe, unclip_recipe_unref)

G_END_DECLS
