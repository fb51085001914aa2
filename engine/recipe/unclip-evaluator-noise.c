/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Start noises: the value of a noise expression is x_T, the picture of noise that the decoder begins with.
 *
 * A picture that was inverted exactly has two further pictures of what the sampler's first and last step miss; they follow
 * the expression too, see unclip_evaluator_get_histories().
 */

#include "config.h"

#include "unclip-evaluator-private.h"

#include "unclip-bands.h"
#include "unclip-error.h"
#include "unclip-recipe-private.h"
#include "unclip-slerp.h"

#include <string.h>

static void
draw_seed (const UnclipNoiseNode *noise, gsize n, float *out)
{
  const UnclipRngKey key = { noise->seed, noise->picture, UNCLIP_RNG_DECODER, UNCLIP_RNG_START };

  unclip_rng_fill_normal (&key, 0, out, n);
}

static gboolean
blend (UnclipEvaluator       *evaluator,
       const UnclipNoiseNode *noise,
       gsize                  n,
       float                 *out,
       UnclipEvaluatorSpan   *span,
       GError               **error)
{
  g_autofree float *b = g_new (float, n);

  if (!unclip_evaluator_get_noise (evaluator, noise->a, n, out, span, error)
      || !unclip_evaluator_get_noise (evaluator, noise->b, n, b, span, error))
    return FALSE;
  unclip_slerp (out, b, noise->amount, n, out);
  return TRUE;
}

/* The source's own embedding, by the node that recipes of it have, so that the memo knows it. */
static gboolean
embed_source (UnclipEvaluator *evaluator, const UnclipNoiseNode *noise, float *out, UnclipEvaluatorSpan *span, GError **error)
{
  UnclipEmbedding     node = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = noise->source };
  g_autoptr (GString) json = g_string_new (NULL);
  g_autofree char    *hash = NULL;

  memcpy (node.crop, noise->crop, sizeof node.crop);
  unclip_recipe_append_embedding (json, &node);
  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, json->str, (gssize) json->len);
  node.hash = hash;
  return unclip_evaluator_embed (evaluator, &node, out, span, error);
}

static UnclipInverted *
run_inversion (UnclipEvaluator *evaluator, const UnclipNoiseNode *noise, UnclipEvaluatorSpan *span, GError **error)
{
  static const UnclipInverter inverters[] = {
    [UNCLIP_INVERSION_DDIM] = UNCLIP_INVERTER_DDIM,
    [UNCLIP_INVERSION_FIXED_POINT] = UNCLIP_INVERTER_FIXED_POINT,
    [UNCLIP_INVERSION_EXACT] = UNCLIP_INVERTER_EXACT,
  };
  UnclipModel       *model = unclip_stages_get_model (evaluator->stages);
  int                n_embed = unclip_model_get_n_embed (model, error), height, width;
  g_autofree float  *embedding = g_new (float, MAX (n_embed, 1)), *picture = NULL;
  const UnclipWatch  watch = {
     .progress = unclip_evaluator_forward_progress, .user_data = span, .cancellable = span->watch->cancellable,
  };
  UnclipInversionRun run = {
    .embedding = embedding,
    .inverter = inverters[noise->method],
    .n_steps = noise->n_steps,
    .n_rounds = noise->n_rounds,
    .tolerance = (float) noise->tolerance,
    .guidance = (float) noise->guidance,
    .first_timestep = noise->first_timestep,
  };

  if (n_embed == 0 || !unclip_model_get_decoder_size (model, &height, &width, error)
      || !embed_source (evaluator, noise, embedding, span, error))
    return NULL;
  picture = unclip_evaluator_dup_pixels (evaluator, noise->source, noise->crop, height, width, error);
  run.empty = picture != NULL ? unclip_evaluator_get_caption (evaluator, "", watch.cancellable, error) : NULL;
  if (run.empty == NULL)
    return NULL;
  run.picture = picture;
  run.caption = run.empty;
  evaluator->counts.n_inversions++;
  return unclip_stages_invert (evaluator->stages, &run, &watch, error);
}

static gboolean
invert (UnclipEvaluator       *evaluator,
        const UnclipNoiseNode *noise,
        gsize                  n,
        float                 *out,
        UnclipEvaluatorSpan   *span,
        GError               **error)
{
  UnclipInverted *inverted = g_hash_table_lookup (evaluator->noises, noise->hash);

  if (inverted == NULL)
    {
      inverted = run_inversion (evaluator, noise, span, error);
      if (inverted == NULL)
        return FALSE;
      g_hash_table_insert (evaluator->noises, g_strdup (noise->hash), inverted);
    }
  memcpy (out, inverted->start, n * sizeof *out);
  return TRUE;
}

/* Two bands of one noise are that noise: their spectra do not meet at random there, and would add up to more than 1. */
static gboolean
mix_bands (UnclipEvaluator       *evaluator,
           const UnclipNoiseNode *noise,
           gsize                  n,
           float                 *out,
           UnclipEvaluatorSpan   *span,
           GError               **error)
{
  g_autofree float *high = g_new (float, n);
  UnclipShape       shape = { .n = 1, .c = 3 };

  if (!unclip_model_get_decoder_size (unclip_stages_get_model (evaluator->stages), &shape.h, &shape.w, error)
      || !unclip_evaluator_get_noise (evaluator, noise->low, n, out, span, error))
    return FALSE;
  if (g_str_equal (noise->low->hash, noise->high->hash))
    return TRUE;
  return unclip_evaluator_get_noise (evaluator, noise->high, n, high, span, error)
         && unclip_bands_mix (unclip_stages_get_executor (evaluator->stages), shape, out, high, noise->cutoff, noise->softness, out, error);
}

gboolean
unclip_evaluator_get_noise (UnclipEvaluator       *evaluator,
                            const UnclipNoiseNode *noise,
                            gsize                  n,
                            float                 *out,
                            UnclipEvaluatorSpan   *span,
                            GError               **error)
{
  switch (noise->kind)
    {
    case UNCLIP_NOISE_SEED:
      draw_seed (noise, n, out);
      return TRUE;
    case UNCLIP_NOISE_BLEND:
      return blend (evaluator, noise, n, out, span, error);
    case UNCLIP_NOISE_INVERT:
      return invert (evaluator, noise, n, out, span, error);
    case UNCLIP_NOISE_BANDS:
      return mix_bands (evaluator, noise, n, out, span, error);
    default:
      g_assert_not_reached ();
    }
}

const UnclipInverted *
unclip_evaluator_get_inverted (UnclipEvaluator *evaluator, UnclipRecipe *recipe)
{
  const UnclipNoiseNode *noise = unclip_recipe_get_noise (recipe);

  return noise->kind == UNCLIP_NOISE_INVERT ? g_hash_table_lookup (evaluator->noises, noise->hash) : NULL;
}

/* out += amount · what belongs to @noise. Noise of a seed has none: it takes DDIM's first step as it is. Nor have frequency
 * bands of two noises, which come back to neither picture. */
static void
add_histories (UnclipEvaluator *evaluator, const UnclipNoiseNode *noise, double amount, gsize n, float *start, float *end)
{
  const UnclipInverted *inverted;

  if (noise->kind == UNCLIP_NOISE_BLEND)
    {
      add_histories (evaluator, noise->a, amount * (1 - noise->amount), n, start, end);
      add_histories (evaluator, noise->b, amount * noise->amount, n, start, end);
      return;
    }
  if (noise->kind == UNCLIP_NOISE_BANDS && g_str_equal (noise->low->hash, noise->high->hash))
    {
      add_histories (evaluator, noise->low, amount, n, start, end);
      return;
    }
  inverted = noise->kind == UNCLIP_NOISE_INVERT ? g_hash_table_lookup (evaluator->noises, noise->hash) : NULL;
  if (inverted == NULL || inverted->start_history == NULL)
    return;
  for (gsize i = 0; i < n; i++)
    {
      start[i] += (float) amount * inverted->start_history[i];
      end[i] += (float) amount * inverted->end_history[i];
    }
}

void
unclip_evaluator_get_histories (UnclipEvaluator *evaluator, const UnclipNoiseNode *noise, gsize n, float *start, float *end)
{
  memset (start, 0, n * sizeof *start);
  memset (end, 0, n * sizeof *end);
  add_histories (evaluator, noise, 1, n, start, end);
  unclip_sampler_round (start, n);
}

static gboolean
check_steps (const UnclipNoiseNode *noise, const UnclipRecipeSampler *sampler, GError **error)
{
  if (noise->kind == UNCLIP_NOISE_BLEND)
    return check_steps (noise->a, sampler, error) && check_steps (noise->b, sampler, error);
  if (noise->kind == UNCLIP_NOISE_BANDS)
    return check_steps (noise->low, sampler, error) && check_steps (noise->high, sampler, error);
  if (noise->kind != UNCLIP_NOISE_INVERT || noise->method != UNCLIP_INVERSION_EXACT
      || (noise->n_steps == sampler->n_steps && noise->first_timestep == sampler->first_timestep))
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
               "The recipe's noise was found in %u exact steps from timestep %u, but its sampler takes %u to timestep %u, which leads "
               "elsewhere; give both the same.",
               noise->n_steps, noise->first_timestep, sampler->n_steps, sampler->first_timestep);
  return FALSE;
}

gboolean
unclip_evaluator_check_noise (UnclipRecipe *recipe, GError **error)
{
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (recipe);

  return sampler->kind != UNCLIP_RECIPE_EXACT || check_steps (unclip_recipe_get_noise (recipe), sampler, error);
}
