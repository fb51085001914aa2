/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeping a source's detail: what its recipe alone makes of it, the source in the same size, and their difference given to
 * the edits.
 *
 * The recipe alone: the source's own embedding, no caption, no noise at the steps, all else as in the edit. Its picture from the decoder is
 * the same for every seed of the upsampler, and both are kept.
 */

#include "config.h"

#include "unclip-evaluator-private.h"

#include "unclip-detail.h"

#include <string.h>

#define MAX_REFERENCES 64

/* As the edit goes on with it, or without an upsampler. */
static UnclipRecipe *
dup_recipe_of_source (UnclipRecipe *edit, gboolean upsampled, GError **error)
{
  UnclipRecipeParams params;
  UnclipEmbedding    source = { .kind = UNCLIP_EMBEDDING_IMAGE };

  unclip_recipe_get_params (edit, &params);
  source.source = params.noise.source;
  memcpy (source.crop, params.noise.crop, sizeof source.crop);
  params.embedding = source;
  params.caption = "";
  params.sampler.eta = 0;
  if (params.sampler.kind == UNCLIP_RECIPE_ANCESTRAL)
    params.sampler.kind = UNCLIP_RECIPE_DDIM;
  params.sampler.keep_detail = FALSE;
  params.has_step_noise = TRUE;
  params.step_noise = unclip_recipe_get_step_noise (edit);
  if (!upsampled)
    {
      params.sampler.n_upsampler_steps = 0;
      params.step_noise = (UnclipStepNoise){ 0, 0 };
    }
  return unclip_recipe_new (&params, error);
}

/* All that is done before an edit is told as one stage. */
static void
forward_as_inversion (const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  unclip_evaluator_forward_progress ("inversion", n_done, n_steps, user_data);
}

/* Runs @recipe, from @low where that is given. */
static float *
render (UnclipEvaluator *evaluator, UnclipRecipe *recipe, const float *low, UnclipEvaluatorSpan *span, GError **error)
{
  UnclipEvaluatorSpan one = { span->watch, span->first, 1 };
  const UnclipWatch   watch = { .progress = forward_as_inversion, .user_data = span, .cancellable = span->watch->cancellable };
  UnclipEvaluatorBatch batch;
  g_autofree float    *out = NULL;

  if (!unclip_evaluator_batch_init (&batch, evaluator, &recipe, &one, error))
    return NULL;
  out = g_new (float, (gsize) batch.height * (gsize) batch.width * 3);
  if (!(low == NULL ? unclip_evaluator_decode (&batch, &watch, out, error) : unclip_evaluator_upsample (&batch, &watch, low, out, error)))
    return NULL;
  return g_steal_pointer (&out);
}

/* A new seed for the upsampler is a new reference: they would add up. */
static void
keep_reference (UnclipEvaluator *evaluator, const char *hash, float *picture)
{
  if (g_hash_table_size (evaluator->references) >= MAX_REFERENCES)
    g_hash_table_remove_all (evaluator->references);
  g_hash_table_insert (evaluator->references, g_strdup (hash), picture);
}

static const float *
get_reference (UnclipEvaluator *evaluator, UnclipRecipe *edit, gboolean upsampled, UnclipEvaluatorSpan *span, GError **error)
{
  g_autoptr (UnclipRecipe) recipe = dup_recipe_of_source (edit, upsampled, error);
  const float             *low = NULL;
  float                   *known;

  if (recipe == NULL)
    return NULL;
  known = g_hash_table_lookup (evaluator->references, unclip_recipe_get_hash (recipe));
  if (known != NULL)
    return known;
  if (upsampled)
    {
      low = get_reference (evaluator, edit, FALSE, span, error);
      if (low == NULL)
        return NULL;
    }
  known = render (evaluator, recipe, low, span, error);
  if (known != NULL)
    keep_reference (evaluator, unclip_recipe_get_hash (recipe), known);
  return known;
}

gboolean
unclip_evaluator_prepare_detail (UnclipEvaluatorBatch *batch, GError **error)
{
  for (guint i = 0; i < batch->span.n; i++)
    {
      const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (batch->recipes[i]);

      if (sampler->keep_detail
          && get_reference (batch->evaluator, batch->recipes[i], sampler->n_upsampler_steps > 0, &batch->span, error) == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
unclip_evaluator_add_detail (UnclipEvaluatorBatch *batch, float *pictures, GError **error)
{
  UnclipEvaluator *evaluator = batch->evaluator;

  for (guint i = 0; i < batch->span.n; i++)
    {
      const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (batch->recipes[i]);
      const UnclipNoiseNode     *noise = unclip_recipe_get_noise (batch->recipes[i]);
      g_autofree float          *picture = NULL;
      UnclipDetail               detail = { (guint) batch->height, (guint) batch->width };

      if (!sampler->keep_detail)
        continue;
      detail.reconstruction = get_reference (evaluator, batch->recipes[i], sampler->n_upsampler_steps > 0, &batch->span, error);
      if (detail.reconstruction == NULL)
        return FALSE;
      picture = unclip_evaluator_dup_pixels (evaluator, noise->source, noise->crop, batch->height, batch->width, error);
      if (picture == NULL)
        return FALSE;
      detail.picture = picture;
      unclip_detail_add (&detail, pictures + (gsize) i * detail.height * detail.width * 3);
    }
  return TRUE;
}
