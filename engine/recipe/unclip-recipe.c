/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes as immutable values: a deep copy of the parameters they were made of, with every expression's hash. */

#include "config.h"

#include "unclip-recipe-private.h"

#include <string.h>

struct _UnclipRecipe
{
  /* Constant after init. */
  gatomicrefcount     ref_count;
  UnclipRecipeParams  params;           /* pointers into the pool */
  char               *canonical;
  char               *hash;
  GPtrArray          *sources;          /* owned: strings of the pool, a NULL behind them */
  GPtrArray          *pool;             /* owned: strings and nodes */
};

G_DEFINE_BOXED_TYPE (UnclipRecipe, unclip_recipe, unclip_recipe_ref, unclip_recipe_unref)

const char *const unclip_recipe_sampler_names[] = {
  [UNCLIP_RECIPE_ANCESTRAL] = "ancestral",
  [UNCLIP_RECIPE_DDIM] = "ddim",
  [UNCLIP_RECIPE_DPM_SOLVER] = "dpm-solver++",
  [UNCLIP_RECIPE_EXACT] = "exact",
  NULL,
};

const char *const unclip_recipe_blend_names[] = {
  [UNCLIP_BLEND_SPHERICAL] = "spherical",
  [UNCLIP_BLEND_STRAIGHT] = "straight",
  NULL,
};

const char *const unclip_recipe_inversion_names[] = {
  [UNCLIP_INVERSION_DDIM] = "ddim",
  [UNCLIP_INVERSION_FIXED_POINT] = "fixed-point",
  [UNCLIP_INVERSION_EXACT] = "exact",
  NULL,
};

static void
recipe_free (UnclipRecipe *recipe)
{
  g_ptr_array_unref (recipe->sources);
  g_ptr_array_unref (recipe->pool);
  g_free (recipe->canonical);
  g_free (recipe->hash);
  g_free (recipe);
}

UnclipRecipe *
unclip_recipe_ref (UnclipRecipe *recipe)
{
  g_atomic_ref_count_inc (&recipe->ref_count);
  return recipe;
}

void
unclip_recipe_unref (UnclipRecipe *recipe)
{
  if (recipe != NULL && g_atomic_ref_count_dec (&recipe->ref_count))
    recipe_free (recipe);
}

/* Copying. Fields that are not of the node's kind are dropped, so that a copy holds no pointer of the caller's. */

static gpointer
own (GPtrArray *pool, gpointer data)
{
  g_ptr_array_add (pool, data);
  return data;
}

static const char *
copy_string (GPtrArray *pool, const char *text)
{
  return own (pool, g_strdup (text != NULL ? text : ""));
}

static void copy_embedding (GPtrArray *pool, UnclipEmbedding *copy, const UnclipEmbedding *from);

static const UnclipEmbedding *
dup_embedding (GPtrArray *pool, const UnclipEmbedding *from)
{
  UnclipEmbedding *copy = own (pool, g_new (UnclipEmbedding, 1));

  copy_embedding (pool, copy, from);
  return copy;
}

static const UnclipMixPart *
dup_parts (GPtrArray *pool, const UnclipMixPart *from, guint n)
{
  UnclipMixPart *parts = own (pool, g_new (UnclipMixPart, n));

  for (guint i = 0; i < n; i++)
    parts[i] = (UnclipMixPart){ dup_embedding (pool, from[i].embedding), from[i].weight };
  return parts;
}

static void
copy_image (GPtrArray *pool, UnclipEmbedding *copy, const UnclipEmbedding *from)
{
  copy->source = copy_string (pool, from->source);
  memcpy (copy->crop, from->crop, sizeof copy->crop);
}

static void
copy_caption (GPtrArray *pool, UnclipEmbedding *copy, const UnclipEmbedding *from)
{
  copy->text = copy_string (pool, from->text);
  copy->n_steps = from->n_steps;
  copy->guidance = from->guidance;
  copy->seed = from->seed;
  copy->best_of = from->best_of;
}

static void
copy_diff (GPtrArray *pool, UnclipEmbedding *copy, const UnclipEmbedding *from)
{
  copy->base = dup_embedding (pool, from->base);
  copy->from = copy_string (pool, from->from);
  copy->to = copy_string (pool, from->to);
  copy->amount = from->amount;
}

static void
copy_mix (GPtrArray *pool, UnclipEmbedding *copy, const UnclipEmbedding *from)
{
  copy->blend = from->blend;
  copy->parts = dup_parts (pool, from->parts, from->n_parts);
  copy->n_parts = from->n_parts;
}

static void
copy_loosen (GPtrArray *pool, UnclipEmbedding *copy, const UnclipEmbedding *from)
{
  copy->base = dup_embedding (pool, from->base);
  copy->amount = from->amount;
  copy->seed = from->seed;
  copy->picture = from->picture;
}

static void
copy_embedding (GPtrArray *pool, UnclipEmbedding *copy, const UnclipEmbedding *from)
{
  static void (*const copiers[]) (GPtrArray *, UnclipEmbedding *, const UnclipEmbedding *) = {
    [UNCLIP_EMBEDDING_IMAGE] = copy_image,
    [UNCLIP_EMBEDDING_CAPTION] = copy_caption,
    [UNCLIP_EMBEDDING_DIFF] = copy_diff,
    [UNCLIP_EMBEDDING_MIX] = copy_mix,
    [UNCLIP_EMBEDDING_LOOSEN] = copy_loosen,
  };
  g_autoptr (GString) json = g_string_new (NULL);

  *copy = (UnclipEmbedding){ .kind = from->kind };
  copiers[from->kind] (pool, copy, from);
  unclip_recipe_append_embedding (json, copy);
  copy->hash = own (pool, g_compute_checksum_for_string (G_CHECKSUM_SHA256, json->str, -1));
}

static void copy_noise (GPtrArray *pool, UnclipNoiseNode *copy, const UnclipNoiseNode *from);

static const UnclipNoiseNode *
dup_noise (GPtrArray *pool, const UnclipNoiseNode *from)
{
  UnclipNoiseNode *copy = own (pool, g_new (UnclipNoiseNode, 1));

  copy_noise (pool, copy, from);
  return copy;
}

static void
copy_seed (GPtrArray *pool, UnclipNoiseNode *copy, const UnclipNoiseNode *from)
{
  copy->seed = from->seed;
  copy->picture = from->picture;
}

static void
copy_invert (GPtrArray *pool, UnclipNoiseNode *copy, const UnclipNoiseNode *from)
{
  copy->source = copy_string (pool, from->source);
  memcpy (copy->crop, from->crop, sizeof copy->crop);
  copy->method = from->method;
  copy->n_steps = from->n_steps;
  copy->guidance = from->guidance;
  copy->first_timestep = from->first_timestep;
  if (from->method == UNCLIP_INVERSION_FIXED_POINT)
    {
      copy->n_rounds = from->n_rounds;
      copy->tolerance = from->tolerance;
    }
}

static void
copy_blend (GPtrArray *pool, UnclipNoiseNode *copy, const UnclipNoiseNode *from)
{
  copy->a = dup_noise (pool, from->a);
  copy->b = dup_noise (pool, from->b);
  copy->amount = from->amount;
}

static void
copy_bands (GPtrArray *pool, UnclipNoiseNode *copy, const UnclipNoiseNode *from)
{
  copy->low = dup_noise (pool, from->low);
  copy->high = dup_noise (pool, from->high);
  copy->cutoff = from->cutoff;
  copy->softness = from->softness;
}

static void
copy_noise (GPtrArray *pool, UnclipNoiseNode *copy, const UnclipNoiseNode *from)
{
  static void (*const copiers[]) (GPtrArray *, UnclipNoiseNode *, const UnclipNoiseNode *) = {
    [UNCLIP_NOISE_SEED] = copy_seed,
    [UNCLIP_NOISE_INVERT] = copy_invert,
    [UNCLIP_NOISE_BLEND] = copy_blend,
    [UNCLIP_NOISE_BANDS] = copy_bands,
  };
  g_autoptr (GString) json = g_string_new (NULL);

  *copy = (UnclipNoiseNode){ .kind = from->kind };
  copiers[from->kind] (pool, copy, from);
  unclip_recipe_append_noise (json, copy);
  copy->hash = own (pool, g_compute_checksum_for_string (G_CHECKSUM_SHA256, json->str, -1));
}

/* Sources. */

static void
add_source (GPtrArray *sources, const char *source)
{
  if (!g_ptr_array_find_with_equal_func (sources, source, g_str_equal, NULL))
    g_ptr_array_add (sources, (gpointer) source);
}

static void
add_embedding_sources (GPtrArray *sources, const UnclipEmbedding *embedding)
{
  if (embedding->source != NULL)
    add_source (sources, embedding->source);
  if (embedding->base != NULL)
    add_embedding_sources (sources, embedding->base);
  for (guint i = 0; i < embedding->n_parts; i++)
    add_embedding_sources (sources, embedding->parts[i].embedding);
}

static void
add_noise_sources (GPtrArray *sources, const UnclipNoiseNode *noise)
{
  const UnclipNoiseNode *const operands[] = { noise->a, noise->b, noise->low, noise->high };

  if (noise->source != NULL)
    add_source (sources, noise->source);
  for (guint i = 0; i < G_N_ELEMENTS (operands); i++)
    if (operands[i] != NULL)
      add_noise_sources (sources, operands[i]);
}

UnclipRecipe *
unclip_recipe_new (const UnclipRecipeParams *params, GError **error)
{
  UnclipRecipe       *recipe;
  UnclipRecipeParams *copy;
  GPtrArray          *pool;

  if (!unclip_recipe_check (params, error))
    return NULL;
  recipe = g_new0 (UnclipRecipe, 1);
  g_atomic_ref_count_init (&recipe->ref_count);
  pool = recipe->pool = g_ptr_array_new_with_free_func (g_free);
  copy = &recipe->params;
  *copy = *params;
  copy_embedding (pool, &copy->embedding, &params->embedding);
  copy_noise (pool, &copy->noise, &params->noise);
  if (!params->has_step_noise)
    copy->step_noise = (UnclipStepNoise){ params->noise.seed, params->noise.picture };
  copy->caption = copy_string (pool, params->caption);
  copy->model_name = copy_string (pool, params->model_name);
  copy->model_sha256 = copy_string (pool, params->model_sha256);
  recipe->sources = g_ptr_array_new ();
  add_embedding_sources (recipe->sources, &copy->embedding);
  add_noise_sources (recipe->sources, &copy->noise);
  g_ptr_array_add (recipe->sources, NULL);
  recipe->canonical = unclip_recipe_dup_canonical (copy);
  recipe->hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, recipe->canonical, -1);
  return recipe;
}

const char *
unclip_recipe_get_canonical (UnclipRecipe *recipe)
{
  return recipe->canonical;
}

const char *
unclip_recipe_get_hash (UnclipRecipe *recipe)
{
  return recipe->hash;
}

const UnclipEmbedding *
unclip_recipe_get_embedding (UnclipRecipe *recipe)
{
  return &recipe->params.embedding;
}

const UnclipNoiseNode *
unclip_recipe_get_noise (UnclipRecipe *recipe)
{
  return &recipe->params.noise;
}

UnclipStepNoise
unclip_recipe_get_step_noise (UnclipRecipe *recipe)
{
  return recipe->params.step_noise;
}

const char *
unclip_recipe_get_caption (UnclipRecipe *recipe)
{
  return recipe->params.caption;
}

const UnclipRecipeSampler *
unclip_recipe_get_sampler (UnclipRecipe *recipe)
{
  return &recipe->params.sampler;
}

const char *
unclip_recipe_get_model_name (UnclipRecipe *recipe)
{
  return recipe->params.model_name;
}

const char *
unclip_recipe_get_model_sha256 (UnclipRecipe *recipe)
{
  return recipe->params.model_sha256;
}

const char *const *
unclip_recipe_get_sources (UnclipRecipe *recipe)
{
  return (const char *const *) recipe->sources->pdata;
}

void
unclip_recipe_get_params (UnclipRecipe *recipe, UnclipRecipeParams *params)
{
  *params = recipe->params;
}

static gboolean
has_same_freeu (const UnclipRecipeSampler *a, const UnclipRecipeSampler *b)
{
  return a->has_freeu == b->has_freeu
         && (!a->has_freeu
             || (a->freeu.b1 == b->freeu.b1 && a->freeu.b2 == b->freeu.b2 && a->freeu.s1 == b->freeu.s1 && a->freeu.s2 == b->freeu.s2));
}

gboolean
unclip_recipe_can_batch (UnclipRecipe *recipe_a, UnclipRecipe *recipe_b)
{
  const UnclipRecipeSampler *a = &recipe_a->params.sampler, *b = &recipe_b->params.sampler;

  return a->kind == b->kind && a->n_steps == b->n_steps && a->guidance == b->guidance && a->eta == b->eta
         && a->n_upsampler_steps == b->n_upsampler_steps && a->first_timestep == b->first_timestep
         && a->keep_detail == b->keep_detail && has_same_freeu (a, b)
         && g_str_equal (recipe_a->params.model_sha256, recipe_b->params.model_sha256);
}
