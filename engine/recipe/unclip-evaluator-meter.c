/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How near a picture came to the source whose noise it started from. */

#include "config.h"

#include "unclip-evaluator-private.h"

#include "unclip-error.h"
#include "unclip-slerp.h"

#include <math.h>
#include <stdlib.h>

/* From −1 to 1. */
#define PEAK 2.0

static double
get_psnr (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      double d = CLAMP (a[i], -1.0f, 1.0f) - b[i];

      sum += d * d;
    }
  return sum > 0 ? fmin (10 * log10 (PEAK * PEAK * (double) n / sum), UNCLIP_METER_MAX_PSNR) : UNCLIP_METER_MAX_PSNR;
}

static guint
get_max_difference (UnclipImage *a, UnclipImage *b)
{
  const guint8 *p = unclip_image_get_pixels (a), *q = unclip_image_get_pixels (b);
  int           largest = 0;

  for (gsize i = 0; i < unclip_image_get_n_bytes (a); i++)
    largest = MAX (largest, abs (p[i] - q[i]));
  return (guint) largest;
}

static gboolean
get_angle (UnclipEvaluator *evaluator, UnclipImage *a, UnclipImage *b, GCancellable *cancellable, double *degrees, GError **error)
{
  int               n = unclip_model_get_n_embed (unclip_stages_get_model (evaluator->stages), error);
  g_autofree float *embeddings = g_new (float, 2 * (gsize) MAX (n, 1));

  if (n == 0 || !unclip_stages_encode_image (evaluator->stages, a, embeddings, cancellable, error)
      || !unclip_stages_encode_image (evaluator->stages, b, embeddings + n, cancellable, error))
    return FALSE;
  *degrees = unclip_vector_angle (embeddings, embeddings + n, (gsize) n) * 180 / G_PI;
  return TRUE;
}

UnclipImage *
unclip_evaluator_dup_source (UnclipEvaluator *evaluator, UnclipRecipe *recipe, guint height, guint width, GError **error)
{
  const UnclipNoiseNode *noise = unclip_recipe_get_noise (recipe);

  if (noise->kind == UNCLIP_NOISE_INVERT)
    return unclip_evaluator_resize_source (evaluator, noise->source, noise->crop, height, width, error);
  g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE, "The recipe's noise is not that of a source picture.");
  return NULL;
}

gboolean
unclip_evaluator_measure (UnclipEvaluatorBatch *batch, guint item, const float *rgb, UnclipImage *image, GError **error)
{
  const UnclipEvaluatorWatch *watch = batch->span.watch;
  const UnclipNoiseNode      *noise = unclip_recipe_get_noise (batch->recipes[item]);
  gsize                       n = (gsize) batch->height * (gsize) batch->width * 3;
  g_autofree float           *pixels = g_new (float, n);
  g_autoptr (UnclipImage)     source = NULL;
  UnclipMeter                 meter;

  if (watch->measured == NULL || noise->kind != UNCLIP_NOISE_INVERT)
    return TRUE;
  source = unclip_evaluator_dup_source (batch->evaluator, batch->recipes[item], (guint) batch->height, (guint) batch->width, error);
  if (source == NULL || !get_angle (batch->evaluator, source, image, watch->cancellable, &meter.clip_degrees, error))
    return FALSE;
  unclip_image_copy_signed (source, pixels);
  meter.psnr_db = get_psnr (rgb, pixels, n);
  meter.max_difference = get_max_difference (source, image);
  watch->measured (batch->span.first + item, &meter, watch->user_data);
  return TRUE;
}
