/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Start noises: the value of a noise expression is x_T, the picture of noise that the decoder begins with. */

#include "config.h"

#include "unclip-evaluator-private.h"

#include "unclip-error.h"
#include "unclip-slerp.h"

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
    case UNCLIP_NOISE_BANDS:
    default:
      g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                           "This version of Fugue reads the recipe's noise, but cannot work it out yet: only “seed” and “blend”.");
      return FALSE;
    }
}
