/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Embeddings: the value of an embedding expression, worked out from the leaves up. */

#include "config.h"

#include "unclip-evaluator-private.h"

#include "unclip-error.h"
#include "unclip-mix.h"
#include "unclip-resize.h"
#include "unclip-slerp.h"
#include "unclip-text-diff.h"

#include <math.h>
#include <string.h>

const UnclipCaptionCode *
unclip_evaluator_get_caption (UnclipEvaluator *evaluator, const char *text, GCancellable *cancellable, GError **error)
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

gboolean
unclip_evaluator_fail_source (const char *sha256, GError **error)
{
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
               "The recipe's source picture (pixels %.12s…) was not given; name its file on the command line.", sha256);
  return FALSE;
}

UnclipImage *
unclip_evaluator_get_source (UnclipEvaluator *evaluator, const char *sha256, const guint crop[4], GError **error)
{
  UnclipImage *source = g_hash_table_lookup (evaluator->sources, sha256);

  if (source != NULL)
    return crop_source (source, crop, error);
  unclip_evaluator_fail_source (sha256, error);
  return NULL;
}

/* The largest window of that proportion in the picture's middle. */
static UnclipImage *
crop_middle (UnclipImage *image, guint height, guint width)
{
  guint h = unclip_image_get_height (image), w = unclip_image_get_width (image);
  guint cut_w = (guint) MIN ((guint64) w, MAX ((guint64) h * width / height, 1));
  guint cut_h = (guint) MIN ((guint64) h, MAX ((guint64) w * height / width, 1));

  return unclip_image_crop (image, (w - cut_w) / 2, (h - cut_h) / 2, cut_w, cut_h);
}

UnclipImage *
unclip_evaluator_resize_source (UnclipEvaluator *evaluator, const char *sha256, const guint crop[4], guint height, guint width, GError **error)
{
  g_autoptr (UnclipImage) source = unclip_evaluator_get_source (evaluator, sha256, crop, error);
  g_autoptr (UnclipImage) middle = source != NULL ? crop_middle (source, height, width) : NULL;

  return middle != NULL ? unclip_image_resize (middle, UNCLIP_FILTER_BICUBIC, width, height) : NULL;
}

float *
unclip_evaluator_dup_pixels (UnclipEvaluator *evaluator, const char *sha256, const guint crop[4], int height, int width, GError **error)
{
  g_autoptr (UnclipImage) small = unclip_evaluator_resize_source (evaluator, sha256, crop, (guint) height, (guint) width, error);
  float                  *pixels;

  if (small == NULL)
    return NULL;
  pixels = g_new (float, unclip_image_get_n_bytes (small));
  unclip_image_copy_signed (small, pixels);
  return pixels;
}

static gboolean
embed_image (UnclipEvaluator        *evaluator,
             const UnclipEmbedding  *embedding,
             float                  *out,
             UnclipEvaluatorSpan    *span,
             GError                **error)
{
  g_autoptr (UnclipImage) source = unclip_evaluator_get_source (evaluator, embedding->source, embedding->crop, error);

  if (source == NULL || !unclip_stages_encode_image (evaluator->stages, source, out, span->watch->cancellable, error))
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

static gboolean
embed_caption (UnclipEvaluator        *evaluator,
               const UnclipEmbedding  *embedding,
               float                  *out,
               UnclipEvaluatorSpan    *span,
               GError                **error)
{
  GCancellable            *cancellable = span->watch->cancellable;
  int                      n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  const UnclipCaptionCode *code = n_embed > 0 ? unclip_evaluator_get_caption (evaluator, embedding->text, cancellable, error) : NULL;
  const UnclipCaptionCode *empty = code != NULL ? unclip_evaluator_get_caption (evaluator, "", cancellable, error) : NULL;
  g_autofree const UnclipCaptionCode **captions = g_new (const UnclipCaptionCode *, embedding->best_of);
  g_autofree float                    *candidates = NULL;
  UnclipWatch    watch = { .progress = unclip_evaluator_forward_progress, .user_data = span, .cancellable = cancellable };
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

/* The text embedding of a caption of a difference; an empty one gives way to the dummy caption. */
static const float *
get_text (UnclipEvaluator *evaluator, const char *text, int n_embed, UnclipEvaluatorSpan *span, GError **error)
{
  const char              *caption = text[0] != '\0' ? text : UNCLIP_TEXT_DIFF_DUMMY;
  const UnclipCaptionCode *code = unclip_evaluator_get_caption (evaluator, caption, span->watch->cancellable, error);

  if (code == NULL)
    return NULL;
  if (code->n_embed == n_embed)
    return code->embeds;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH,
               "The model's text embeddings have %d values and its image embeddings %d, so pictures cannot be steered by words.",
               code->n_embed, n_embed);
  return NULL;
}

static gboolean
get_direction (UnclipEvaluator *evaluator, const UnclipEmbedding *embedding, int n_embed, float *out, UnclipEvaluatorSpan *span, GError **error)
{
  const float *from = get_text (evaluator, embedding->from, n_embed, span, error);
  const float *to = from != NULL ? get_text (evaluator, embedding->to, n_embed, span, error) : NULL;

  if (to == NULL)
    return FALSE;
  if (unclip_text_diff_direction (from, to, (gsize) n_embed, out, error))
    return TRUE;
  g_prefix_error (error, "“%s” to “%s”: ", embedding->from, embedding->to);
  return FALSE;
}

static gboolean
embed_diff (UnclipEvaluator        *evaluator,
            const UnclipEmbedding  *embedding,
            float                  *out,
            UnclipEvaluatorSpan    *span,
            GError                **error)
{
  int               n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  g_autofree float *direction = NULL;

  if (n_embed == 0 || !unclip_evaluator_embed (evaluator, embedding->base, out, span, error))
    return FALSE;
  if (embedding->amount == 0)
    return TRUE;
  direction = g_new (float, n_embed);
  if (!get_direction (evaluator, embedding, n_embed, direction, span, error))
    return FALSE;
  unclip_text_diff_turn (out, direction, embedding->amount, (gsize) n_embed, out);
  return TRUE;
}

double
unclip_evaluator_get_path_degrees (UnclipEvaluator *evaluator, UnclipRecipe *recipe)
{
  const UnclipEmbedding     *embedding = unclip_recipe_get_embedding (recipe);
  const UnclipEvaluatorWatch watch = { 0 };
  UnclipEvaluatorSpan        span = { &watch, 0, 1 };
  int                        n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), NULL);
  g_autofree float          *base = g_new (float, n_embed);
  g_autofree float          *direction = g_new (float, n_embed);

  if (embedding->kind != UNCLIP_EMBEDDING_DIFF || !unclip_evaluator_embed (evaluator, embedding->base, base, &span, NULL)
      || !get_direction (evaluator, embedding, n_embed, direction, &span, NULL))
    return NAN;
  return unclip_vector_angle (base, direction, (gsize) n_embed) * 180 / G_PI;
}

static gboolean
embed_mix (UnclipEvaluator        *evaluator,
           const UnclipEmbedding  *embedding,
           float                  *out,
           UnclipEvaluatorSpan    *span,
           GError                **error)
{
  int               n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  g_autofree float *values = g_new (float, embedding->n_parts * (gsize) n_embed);
  const float      *parts[UNCLIP_MIX_MAX_PARTS];
  double            weights[UNCLIP_MIX_MAX_PARTS];

  for (guint i = 0; i < embedding->n_parts; i++)
    {
      if (!unclip_evaluator_embed (evaluator, embedding->parts[i].embedding, values + i * (gsize) n_embed, span, error))
        return FALSE;
      parts[i] = values + i * (gsize) n_embed;
      weights[i] = embedding->parts[i].weight;
    }
  if (embedding->blend == UNCLIP_BLEND_SPHERICAL)
    return unclip_mix_spherical (parts, weights, embedding->n_parts, (gsize) n_embed, out, error);
  unclip_mix_straight (parts, weights, embedding->n_parts, (gsize) n_embed, out);
  return TRUE;
}

static gboolean
embed_loosen (UnclipEvaluator        *evaluator,
              const UnclipEmbedding  *embedding,
              float                  *out,
              UnclipEvaluatorSpan    *span,
              GError                **error)
{
  UnclipModel       *model = unclip_stages_get_model (evaluator->stages);
  int                n_embed = unclip_model_get_n_embed (model, error);
  const UnclipRngKey key = { embedding->seed, embedding->picture, UNCLIP_RNG_EMBEDDING, UNCLIP_RNG_START };

  if (n_embed == 0 || !unclip_evaluator_embed (evaluator, embedding->base, out, span, error))
    return FALSE;
  if (embedding->amount == 0)
    return TRUE;
  if (evaluator->axes == NULL)
    evaluator->axes = unclip_axes_open (unclip_model_folder_get_path (unclip_model_get_folder (model)), n_embed, error);
  if (evaluator->axes == NULL)
    return FALSE;
  unclip_axes_loosen (evaluator->axes, out, embedding->amount, &key, out);
  return TRUE;
}

/* Kinds whose values the networks give. */
static gboolean
is_costly (UnclipEmbeddingKind kind)
{
  return kind == UNCLIP_EMBEDDING_IMAGE || kind == UNCLIP_EMBEDDING_CAPTION;
}

gboolean
unclip_evaluator_embed (UnclipEvaluator        *evaluator,
                        const UnclipEmbedding  *embedding,
                        float                  *out,
                        UnclipEvaluatorSpan    *span,
                        GError                **error)
{
  static gboolean (*const embed[]) (UnclipEvaluator *, const UnclipEmbedding *, float *, UnclipEvaluatorSpan *, GError **) = {
    [UNCLIP_EMBEDDING_IMAGE] = embed_image,
    [UNCLIP_EMBEDDING_CAPTION] = embed_caption,
    [UNCLIP_EMBEDDING_DIFF] = embed_diff,
    [UNCLIP_EMBEDDING_MIX] = embed_mix,
    [UNCLIP_EMBEDDING_LOOSEN] = embed_loosen,
  };
  int          n_embed = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  const float *known = g_hash_table_lookup (evaluator->embeddings, embedding->hash);
  gsize        n_bytes = (gsize) n_embed * sizeof *out;

  if (n_embed == 0)
    return FALSE;
  if (known != NULL)
    {
      memcpy (out, known, n_bytes);
      return TRUE;
    }
  if (!embed[embedding->kind] (evaluator, embedding, out, span, error))
    return FALSE;
  if (is_costly (embedding->kind))
    g_hash_table_insert (evaluator->embeddings, g_strdup (embedding->hash), g_memdup2 (out, n_bytes));
  return TRUE;
}
