/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-evaluator-private.h"

#include "unclip-error.h"

UnclipEvaluator *
unclip_evaluator_new (UnclipStages *stages)
{
  UnclipEvaluator *evaluator = g_new0 (UnclipEvaluator, 1);

  evaluator->stages = stages;
  evaluator->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_image_unref);
  evaluator->embeddings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  evaluator->noises = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_inverted_free);
  evaluator->references = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  evaluator->captions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_caption_code_free);
  return evaluator;
}

void
unclip_evaluator_free (UnclipEvaluator *evaluator)
{
  if (evaluator == NULL)
    return;
  g_hash_table_unref (evaluator->sources);
  g_hash_table_unref (evaluator->embeddings);
  g_hash_table_unref (evaluator->noises);
  g_hash_table_unref (evaluator->references);
  g_hash_table_unref (evaluator->captions);
  unclip_axes_free (evaluator->axes);
  g_free (evaluator);
}

UnclipEvaluatorCounts
unclip_evaluator_get_counts (UnclipEvaluator *evaluator)
{
  return evaluator->counts;
}

const char *
unclip_evaluator_add_source (UnclipEvaluator *evaluator, UnclipImage *image)
{
  g_autofree char *sha256 = unclip_image_dup_sha256 (image);
  gpointer         known;

  /* A picture that comes again must not take its hash from those who have it already. */
  if (!g_hash_table_lookup_extended (evaluator->sources, sha256, &known, NULL))
    {
      known = g_steal_pointer (&sha256);
      g_hash_table_insert (evaluator->sources, known, unclip_image_ref (image));
    }
  return known;
}

void
unclip_evaluator_remove_source (UnclipEvaluator *evaluator, const char *sha256)
{
  g_hash_table_remove (evaluator->sources, sha256);
}

void
unclip_evaluator_forward_progress (const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  const UnclipEvaluatorSpan *span = user_data;

  if (span->watch->progress != NULL)
    span->watch->progress (span->first, span->n, stage, n_done, n_steps, span->watch->user_data);
}

gboolean
unclip_evaluator_has_source (UnclipEvaluator *evaluator, const char *sha256)
{
  return g_hash_table_contains (evaluator->sources, sha256);
}

/* Pictures. */

gboolean
unclip_evaluator_batch_init (UnclipEvaluatorBatch      *batch,
                             UnclipEvaluator           *evaluator,
                             UnclipRecipe *const       *recipes,
                             const UnclipEvaluatorSpan *span,
                             GError                   **error)
{
  UnclipModel *model = unclip_stages_get_model (evaluator->stages);

  *batch = (UnclipEvaluatorBatch){ .evaluator = evaluator, .recipes = recipes, .span = *span };
  if (!unclip_model_get_decoder_size (model, &batch->low_height, &batch->low_width, error))
    return FALSE;
  batch->height = batch->low_height;
  batch->width = batch->low_width;
  return unclip_recipe_get_sampler (recipes[0])->n_upsampler_steps == 0
         || unclip_model_get_picture_size (model, &batch->height, &batch->width, error);
}

static void
draw (UnclipRngStage stage, guint step, int item, float *out, gsize n, gpointer user_data)
{
  const UnclipEvaluatorBatch *batch = user_data;
  const UnclipStepNoise       noise = unclip_recipe_get_step_noise (batch->recipes[item]);
  const UnclipRngKey          key = { noise.seed, noise.picture, stage, step };

  unclip_rng_fill_normal (&key, 0, out, n);
}

static void
batch_progress (const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  unclip_evaluator_forward_progress (stage, n_done, n_steps, &((UnclipEvaluatorBatch *) user_data)->span);
}

static void
batch_preview (const char *stage, guint n_done, guint n_steps, int item, const float *rgb, int height, int width, gpointer user_data)
{
  const UnclipEvaluatorBatch *batch = user_data;
  g_autoptr (UnclipImage)     image = unclip_image_new_from_signed ((guint) width, (guint) height, rgb, NULL);

  if (image != NULL)
    batch->span.watch->preview (batch->span.first + (guint) item, stage, n_done, n_steps, image, batch->span.watch->user_data);
}

/* What each picture of the batch is decoded from. The noise is n × low_height × low_width × 3. */
typedef struct
{
  const UnclipCaptionCode **captions;
  float                    *embeddings; /* n × E */
  float                    *start;
  float                    *start_history;
  float                    *end_history;
} Inputs;

static gboolean
prepare (UnclipEvaluatorBatch *batch, guint item, int n_embed, Inputs *inputs, GError **error)
{
  UnclipEvaluator       *evaluator = batch->evaluator;
  UnclipRecipe          *recipe = batch->recipes[item];
  const UnclipNoiseNode *noise = unclip_recipe_get_noise (recipe);
  gsize                  n = (gsize) batch->low_height * (gsize) batch->low_width * 3, first = item * n;

  inputs->captions[item] = unclip_evaluator_get_caption (evaluator, unclip_recipe_get_caption (recipe), batch->span.watch->cancellable, error);
  if (inputs->captions[item] == NULL
      || !unclip_evaluator_embed (evaluator, unclip_recipe_get_embedding (recipe), inputs->embeddings + (gsize) item * (gsize) n_embed,
                                  &batch->span, error)
      || !unclip_evaluator_get_noise (evaluator, noise, n, inputs->start + first, &batch->span, error))
    return FALSE;
  unclip_evaluator_get_histories (evaluator, noise, n, inputs->start_history + first, inputs->end_history + first);
  return TRUE;
}

gboolean
unclip_evaluator_decode (UnclipEvaluatorBatch *batch, const UnclipWatch *watch, float *low, GError **error)
{
  static const UnclipSamplerKind kinds[] = {
    [UNCLIP_RECIPE_ANCESTRAL] = UNCLIP_SAMPLER_ANCESTRAL,
    [UNCLIP_RECIPE_DDIM] = UNCLIP_SAMPLER_DDIM,
    [UNCLIP_RECIPE_DPM_SOLVER] = UNCLIP_SAMPLER_DPM_SOLVER,
    [UNCLIP_RECIPE_EXACT] = UNCLIP_SAMPLER_EXACT,
  };
  UnclipEvaluator                     *evaluator = batch->evaluator;
  const UnclipRecipeSampler           *sampler = unclip_recipe_get_sampler (batch->recipes[0]);
  int                                  n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  gsize                                n_values = batch->span.n * (gsize) batch->low_height * (gsize) batch->low_width * 3;
  g_autofree const UnclipCaptionCode **captions = g_new (const UnclipCaptionCode *, batch->span.n);
  g_autofree float                    *embeddings = g_new (float, batch->span.n * (guint) MAX (n_embed, 1));
  g_autofree float                    *noises = g_new (float, 3 * n_values);
  Inputs                               inputs = { captions, embeddings, noises, noises + n_values, noises + 2 * n_values };
  const UnclipRecipeFreeu             *freeu = &sampler->freeu;
  const UnclipUnetFreeu gains = { { (float) freeu->b1, (float) freeu->b2 }, { (float) freeu->s1, (float) freeu->s2 } };
  UnclipDecoderRun run = {
    .n = (int) batch->span.n,
    .embeddings = embeddings,
    .captions = captions,
    .sampler = kinds[sampler->kind],
    .n_steps = sampler->n_steps,
    .guidance = (float) sampler->guidance,
    .eta = (float) sampler->eta,
    .noise = { draw, batch },
    .first_timestep = sampler->first_timestep,
    .start = inputs.start,
    .start_history = inputs.start_history,
    .freeu = sampler->has_freeu ? &gains : NULL,
    .end_history = inputs.end_history,
  };

  if (n_embed == 0)
    return FALSE;
  for (guint i = 0; i < batch->span.n; i++)
    if (!prepare (batch, i, n_embed, &inputs, error))
      return FALSE;
  run.empty = unclip_evaluator_get_caption (evaluator, "", watch->cancellable, error);
  if (run.empty == NULL)
    return FALSE;
  evaluator->counts.n_decoder_runs++;
  return unclip_stages_run_decoder (evaluator->stages, &run, watch, low, error);
}

gboolean
unclip_evaluator_upsample (UnclipEvaluatorBatch *batch, const UnclipWatch *watch, const float *low, float *high, GError **error)
{
  UnclipUpsamplerRun run = {
    .n = (int) batch->span.n,
    .low = low,
    .n_steps = unclip_recipe_get_sampler (batch->recipes[0])->n_upsampler_steps,
    .noise = { draw, batch },
  };

  return unclip_stages_run_upsampler (batch->evaluator->stages, &run, watch, high, error);
}

static gboolean
finish_pictures (UnclipEvaluatorBatch *batch, const float *rgb, GError **error)
{
  const UnclipEvaluatorWatch *watch = batch->span.watch;
  guint                       height = (guint) batch->height, width = (guint) batch->width;
  gsize                       n = (gsize) height * width * 3;

  /* After a pause weights have been packed again, and may have been zeros. */
  if (!unclip_model_check_whole (unclip_stages_get_model (batch->evaluator->stages), error))
    return FALSE;
  for (guint i = 0; i < batch->span.n; i++)
    {
      g_autoptr (UnclipImage) image = unclip_image_new_from_signed (width, height, rgb + i * n, error);

      if (image == NULL)
        return FALSE;
      if (unclip_image_is_flat (image))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT,
                       "Picture %u came out as one flat colour, so it is not kept: the model's weights are damaged, or the driver is.",
                       batch->span.first + i);
          return FALSE;
        }
      if (!unclip_evaluator_measure (batch, i, rgb + i * n, image, error))
        return FALSE;
      if (watch->finished != NULL && !watch->finished (batch->span.first + i, image, watch->user_data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_batch (UnclipEvaluatorBatch *batch, GError **error)
{
  const UnclipWatch watch = {
    .progress = batch_progress,
    .preview = batch->span.watch->preview != NULL ? batch_preview : NULL,
    .user_data = batch,
    .cancellable = batch->span.watch->cancellable,
  };
  gsize             n = batch->span.n;
  g_autofree float *low = g_new (float, n * (gsize) batch->low_height * (gsize) batch->low_width * 3);
  g_autofree float *high = NULL;

  if (!unclip_evaluator_prepare_detail (batch, error) || !unclip_evaluator_decode (batch, &watch, low, error))
    return FALSE;
  if (unclip_recipe_get_sampler (batch->recipes[0])->n_upsampler_steps > 0)
    {
      high = g_new (float, n * (gsize) batch->height * (gsize) batch->width * 3);
      if (!unclip_evaluator_upsample (batch, &watch, low, high, error))
        return FALSE;
    }
  else
    high = g_steal_pointer (&low);
  return unclip_evaluator_add_detail (batch, high, error) && finish_pictures (batch, high, error);
}

static gboolean
check_model (UnclipEvaluator *evaluator, UnclipRecipe *recipe, GError **error)
{
  UnclipModelFolder *folder = unclip_model_get_folder (unclip_stages_get_model (evaluator->stages));
  const char        *sha256 = unclip_model_folder_get_sha256 (folder, error);
  const char        *weights_sha256 = unclip_model_folder_get_weights_sha256 (folder, NULL);
  const char        *named = unclip_recipe_get_model_sha256 (recipe);

  if (sha256 == NULL)
    return FALSE;
  /* The second is what recipes made before the axes counted say. */
  if (g_str_equal (sha256, named) || g_str_equal (weights_sha256, named))
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
               "The recipe was made with model “%s” (%.12s…), but “%s” (%.12s…) is loaded; choose the other one with --model.",
               unclip_recipe_get_model_name (recipe), named, unclip_model_folder_get_name (folder), sha256);
  return FALSE;
}

static gboolean
check_sources (UnclipEvaluator *evaluator, UnclipRecipe *recipe, GError **error)
{
  for (const char *const *source = unclip_recipe_get_sources (recipe); *source != NULL; source++)
    if (!unclip_evaluator_has_source (evaluator, *source))
      return unclip_evaluator_fail_source (*source, error);
  return TRUE;
}

gboolean
unclip_evaluator_check (UnclipEvaluator *evaluator, UnclipRecipe *recipe, GError **error)
{
  return check_model (evaluator, recipe, error) && unclip_evaluator_check_noise (recipe, error)
         && check_sources (evaluator, recipe, error);
}

gboolean
unclip_evaluator_run (UnclipEvaluator             *evaluator,
                      UnclipRecipe *const         *recipes,
                      guint                        n,
                      guint                        max_batch,
                      const UnclipEvaluatorWatch  *watch,
                      GError                     **error)
{
  for (guint i = 0; i < n; i++)
    if (!check_model (evaluator, recipes[i], error) || !unclip_evaluator_check_noise (recipes[i], error))
      return FALSE;

  for (guint first = 0, more; first < n; first += more)
    {
      UnclipEvaluatorBatch batch;
      UnclipEvaluatorSpan  span;

      for (more = 1; first + more < n && more < max_batch; more++)
        if (!unclip_recipe_can_batch (recipes[first], recipes[first + more]))
          break;
      span = (UnclipEvaluatorSpan){ watch, first, more };
      if (!unclip_evaluator_batch_init (&batch, evaluator, recipes + first, &span, error) || !run_batch (&batch, error))
        return FALSE;
    }
  return TRUE;
}
