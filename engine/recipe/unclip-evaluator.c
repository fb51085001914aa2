/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-evaluator.h"

#include "unclip-error.h"

#include <string.h>

struct _UnclipEvaluator
{
  UnclipStages          *stages;        /* borrowed: outlives the evaluator */
  GHashTable            *sources;       /* SHA-256 of the pixels → UnclipImage */
  GHashTable            *embeddings;    /* hash of the expression → float[E] */
  GHashTable            *captions;      /* text → UnclipCaptionCode */
  UnclipEvaluatorCounts  counts;
};

UnclipEvaluator *
unclip_evaluator_new (UnclipStages *stages)
{
  UnclipEvaluator *evaluator = g_new0 (UnclipEvaluator, 1);

  evaluator->stages = stages;
  evaluator->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_image_unref);
  evaluator->embeddings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
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
  g_hash_table_unref (evaluator->captions);
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
  char *sha256 = unclip_image_dup_sha256 (image);

  g_hash_table_replace (evaluator->sources, sha256, unclip_image_ref (image));
  return sha256;
}

/* Embeddings. */

static const UnclipCaptionCode *
get_caption (UnclipEvaluator *evaluator, const char *text, GCancellable *cancellable, GError **error)
{
  UnclipCaptionCode *code = g_hash_table_lookup (evaluator->captions, text);

  if (code != NULL)
    return code;
  code = unclip_stages_encode_caption (evaluator->stages, text, cancellable, error);
  if (code == NULL)
    return NULL;
  evaluator->counts.n_captions_encoded++;
  g_hash_table_insert (evaluator->captions, g_strdup (text), code);
  return code;
}

static UnclipImage *
crop_source (UnclipImage *source, const guint crop[4], GError **error)
{
  guint width = unclip_image_get_width (source), height = unclip_image_get_height (source);

  if (crop[2] == 0)
    return unclip_image_ref (source);
  if (crop[0] > width || crop[2] > width - crop[0] || crop[1] > height || crop[3] > height - crop[1])
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                   "The recipe's crop (%u, %u, %u × %u) leaves its source of %u × %u pixels.", crop[0], crop[1], crop[2], crop[3],
                   width, height);
      return NULL;
    }
  return unclip_image_crop (source, crop[0], crop[1], crop[2], crop[3]);
}

static gboolean
embed_image (UnclipEvaluator *evaluator, const UnclipEmbedding *embedding, float *out, GCancellable *cancellable, GError **error)
{
  UnclipImage            *source = g_hash_table_lookup (evaluator->sources, embedding->source);
  g_autoptr (UnclipImage) cropped = NULL;

  if (source == NULL)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                   "The recipe's source picture (pixels %.12s…) was not given; name its file on the command line.", embedding->source);
      return FALSE;
    }
  cropped = crop_source (source, embedding->crop, error);
  if (cropped == NULL || !unclip_stages_encode_image (evaluator->stages, cropped, out, cancellable, error))
    return FALSE;
  evaluator->counts.n_images_encoded++;
  return TRUE;
}

/* The candidates of one caption are pictures 0, 1, … of its seed. */
static void
draw_candidate (UnclipRngStage stage, guint step, int item, float *out, gsize n, gpointer user_data)
{
  const UnclipEmbedding *embedding = user_data;
  const UnclipRngKey     key = { embedding->seed, (guint32) item, stage, step };

  unclip_rng_fill_normal (&key, 0, out, n);
}

static double
dot (const float *a, const float *b, int n)
{
  double sum = 0;

  for (int i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

typedef struct
{
  const UnclipEvaluatorWatch *watch;
  guint                       first;
  guint                       n;
} Span;

static void
forward_progress (const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  const Span *span = user_data;

  if (span->watch->progress != NULL)
    span->watch->progress (span->first, span->n, stage, n_done, n_steps, span->watch->user_data);
}

static gboolean
embed_caption (UnclipEvaluator        *evaluator,
               const UnclipEmbedding  *embedding,
               float                  *out,
               Span                   *span,
               GError                **error)
{
  GCancellable            *cancellable = span->watch->cancellable;
  int                      n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  const UnclipCaptionCode *code = n_embed > 0 ? get_caption (evaluator, embedding->text, cancellable, error) : NULL;
  const UnclipCaptionCode *empty = code != NULL ? get_caption (evaluator, "", cancellable, error) : NULL;
  g_autofree const UnclipCaptionCode **captions = g_new (const UnclipCaptionCode *, embedding->best_of);
  g_autofree float                    *candidates = NULL;
  UnclipWatch    watch = { .progress = forward_progress, .user_data = span, .cancellable = cancellable };
  UnclipPriorRun run = {
    .n = (int) embedding->best_of,
    .captions = captions,
    .empty = empty,
    .n_steps = embedding->n_steps,
    .guidance = (float) embedding->guidance,
    .noise = { draw_candidate, (gpointer) embedding },
  };
  guint best = 0;

  if (empty == NULL)
    return FALSE;
  for (guint i = 0; i < embedding->best_of; i++)
    captions[i] = code;
  candidates = g_new (float, (gsize) embedding->best_of * (gsize) n_embed);
  if (!unclip_stages_run_prior (evaluator->stages, &run, &watch, candidates, error))
    return FALSE;
  evaluator->counts.n_prior_runs++;

  for (guint i = 1; i < embedding->best_of && code->n_embed == n_embed; i++)
    if (dot (candidates + i * (guint) n_embed, code->embeds, n_embed) > dot (candidates + best * (guint) n_embed, code->embeds, n_embed))
      best = i;
  memcpy (out, candidates + best * (guint) n_embed, (gsize) n_embed * sizeof *out);
  return TRUE;
}

static gboolean
embed (UnclipEvaluator *evaluator, const UnclipEmbedding *embedding, float *out, Span *span, GError **error)
{
  int               n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  const float      *known = g_hash_table_lookup (evaluator->embeddings, embedding->hash);
  g_autofree float *value = NULL;
  gboolean          ok = FALSE;

  if (n_embed == 0)
    return FALSE;
  if (known == NULL)
    {
      value = g_new (float, n_embed);
      switch (embedding->kind)
        {
        case UNCLIP_EMBEDDING_IMAGE:
          ok = embed_image (evaluator, embedding, value, span->watch->cancellable, error);
          break;
        case UNCLIP_EMBEDDING_CAPTION:
          ok = embed_caption (evaluator, embedding, value, span, error);
          break;
        default:
          g_assert_not_reached ();
        }
      if (!ok)
        return FALSE;
      known = value;
      g_hash_table_insert (evaluator->embeddings, g_strdup (embedding->hash), g_steal_pointer (&value));
    }
  memcpy (out, known, (gsize) n_embed * sizeof *out);
  return TRUE;
}

/* Pictures. */

typedef struct
{
  UnclipEvaluator      *evaluator;
  UnclipRecipe *const  *recipes;        /* of this batch */
  Span                  span;
  int                   low_height, low_width;
  int                   height, width;
} Batch;

static void
draw_by_seed (UnclipRngStage stage, guint step, int item, float *out, gsize n, gpointer user_data)
{
  const Batch           *batch = user_data;
  const UnclipNoiseNode *noise = unclip_recipe_get_noise (batch->recipes[item]);
  const UnclipRngKey     key = { noise->seed, noise->picture, stage, step };

  unclip_rng_fill_normal (&key, 0, out, n);
}

static void
batch_progress (const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  forward_progress (stage, n_done, n_steps, &((Batch *) user_data)->span);
}

static void
batch_preview (const char *stage, guint n_done, guint n_steps, int item, const float *rgb, int height, int width, gpointer user_data)
{
  const Batch            *batch = user_data;
  g_autoptr (UnclipImage) image = unclip_image_new_from_signed ((guint) width, (guint) height, rgb, NULL);

  if (image != NULL)
    batch->span.watch->preview (batch->span.first + (guint) item, stage, n_done, n_steps, image, batch->span.watch->user_data);
}

static gboolean
decode (Batch *batch, const UnclipWatch *watch, float *low, GError **error)
{
  UnclipEvaluator                     *evaluator = batch->evaluator;
  const UnclipRecipeSampler           *sampler = unclip_recipe_get_sampler (batch->recipes[0]);
  int                                  n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  g_autofree const UnclipCaptionCode **captions = g_new (const UnclipCaptionCode *, batch->span.n);
  g_autofree float                    *embeddings = g_new (float, batch->span.n * (guint) MAX (n_embed, 1));
  UnclipDecoderRun run = {
    .n = (int) batch->span.n,
    .embeddings = embeddings,
    .captions = captions,
    .sampler = sampler->kind == UNCLIP_RECIPE_DDIM ? UNCLIP_SAMPLER_DDIM : UNCLIP_SAMPLER_ANCESTRAL,
    .n_steps = sampler->n_steps,
    .guidance = (float) sampler->guidance,
    .eta = (float) sampler->eta,
    .noise = { draw_by_seed, batch },
  };

  if (n_embed == 0)
    return FALSE;
  for (guint i = 0; i < batch->span.n; i++)
    {
      captions[i] = get_caption (evaluator, unclip_recipe_get_caption (batch->recipes[i]), watch->cancellable, error);
      if (captions[i] == NULL
          || !embed (evaluator, unclip_recipe_get_embedding (batch->recipes[i]), embeddings + i * (guint) n_embed, &batch->span, error))
        return FALSE;
    }
  run.empty = get_caption (evaluator, "", watch->cancellable, error);
  if (run.empty == NULL)
    return FALSE;
  evaluator->counts.n_decoder_runs++;
  return unclip_stages_run_decoder (evaluator->stages, &run, watch, low, error);
}

static gboolean
finish_pictures (Batch *batch, const float *rgb, int height, int width, GError **error)
{
  const UnclipEvaluatorWatch *watch = batch->span.watch;
  gsize                       n = (gsize) height * (gsize) width * 3;

  for (guint i = 0; i < batch->span.n; i++)
    {
      g_autoptr (UnclipImage) image = unclip_image_new_from_signed ((guint) width, (guint) height, rgb + i * n, error);

      if (image == NULL)
        return FALSE;
      if (unclip_image_is_flat (image))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT,
                       "Picture %u came out as one flat colour, so it is not kept: the model's weights are damaged, or the driver is.",
                       batch->span.first + i);
          return FALSE;
        }
      if (watch->finished != NULL && !watch->finished (batch->span.first + i, image, watch->user_data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_batch (Batch *batch, GError **error)
{
  UnclipStages     *stages = batch->evaluator->stages;
  UnclipModel      *model = unclip_stages_get_model (stages);
  guint             n = batch->span.n;
  UnclipWatch       watch = {
          .progress = batch_progress,
          .preview = batch->span.watch->preview != NULL ? batch_preview : NULL,
          .user_data = batch,
          .cancellable = batch->span.watch->cancellable,
  };
  g_autofree float  *low = NULL, *high = NULL;
  UnclipUpsamplerRun run = {
    .n = (int) n,
    .n_steps = unclip_recipe_get_sampler (batch->recipes[0])->n_upsampler_steps,
    .noise = { draw_by_seed, batch },
  };

  if (!unclip_model_get_decoder_size (model, &batch->low_height, &batch->low_width, error))
    return FALSE;
  low = g_new (float, n * (gsize) batch->low_height * (gsize) batch->low_width * 3);
  if (!decode (batch, &watch, low, error))
    return FALSE;
  if (run.n_steps == 0)
    return finish_pictures (batch, low, batch->low_height, batch->low_width, error);

  if (!unclip_model_get_picture_size (model, &batch->height, &batch->width, error))
    return FALSE;
  high = g_new (float, n * (gsize) batch->height * (gsize) batch->width * 3);
  run.low = low;
  return unclip_stages_run_upsampler (stages, &run, &watch, high, error)
         && finish_pictures (batch, high, batch->height, batch->width, error);
}

static gboolean
check_model (UnclipEvaluator *evaluator, UnclipRecipe *recipe, GError **error)
{
  UnclipModelFolder *folder = unclip_model_get_folder (unclip_stages_get_model (evaluator->stages));
  const char        *sha256 = unclip_model_folder_get_sha256 (folder, error);

  if (sha256 == NULL)
    return FALSE;
  if (g_str_equal (sha256, unclip_recipe_get_model_sha256 (recipe)))
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
               "The recipe was made with model “%s” (%.12s…), but “%s” (%.12s…) is loaded; choose the other one with --model.",
               unclip_recipe_get_model_name (recipe), unclip_recipe_get_model_sha256 (recipe), unclip_model_folder_get_name (folder),
               sha256);
  return FALSE;
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
    if (!check_model (evaluator, recipes[i], error))
      return FALSE;

  for (guint first = 0, more; first < n; first += more)
    {
      Batch batch = { .evaluator = evaluator, .recipes = recipes + first };

      for (more = 1; first + more < n && more < max_batch; more++)
        if (!unclip_recipe_can_batch (recipes[first], recipes[first + more]))
          break;
      batch.span = (Span){ watch, first, more };
      if (!run_batch (&batch, error))
        return FALSE;
    }
  return TRUE;
}
