/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Inversion: from a small picture to the noise that the decoder makes it of.
 *
 * Every evaluation of the network is one run of the decoder's own program, with the numbers of unclip-inversion.h in the
 * place of a sampler's. Samples come down after each: rounds compare them, the two-step scheme wants the last but one.
 */

#include "config.h"

#include "unclip-decoder-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const UnclipInversionRun    *run;
  const UnclipDecoderPrograms *programs;
  const UnclipInversion       *inversion;
  const UnclipWatch           *watch;
  gsize                        n;       /* values of a sample */
} Climb;

void
unclip_inverted_free (UnclipInverted *inverted)
{
  if (inverted == NULL)
    return;
  g_free (inverted->start);
  g_free (inverted->start_history);
  g_free (inverted->end_history);
  g_free (inverted);
}

/* @next may be @x. */
static gboolean
evaluate (const Climb *climb, const UnclipStepCoefficients *coefficients, const float *x, const float *history, float *next, GError **error)
{
  const UnclipDeviceStep *step = &climb->programs->sampler_step;
  UnclipProgram          *program = climb->programs->step;
  UnclipDeviceStepRun     run = { coefficients, climb->run->guidance, NULL };

  return unclip_device_step_start (step, program, x, error)
         && (history == NULL || unclip_program_write_f32 (program, "history", history, error))
         && unclip_device_step_run (step, program, &run, climb->watch->cancellable, error)
         && unclip_device_step_read (step, program, next, error);
}

static float
get_largest_move (const float *a, const float *b, gsize n)
{
  float largest = 0;

  for (gsize i = 0; i < n; i++)
    largest = fmaxf (largest, fabsf (a[i] - b[i]));
  return largest;
}

/* Rounds at level k + 1; @lower is the sample below, @upper is bettered. */
static gboolean
run_rounds (const Climb *climb, guint k, const float *lower, float *upper, GError **error)
{
  const UnclipStepCoefficients *round = unclip_inversion_get_round (climb->inversion, k);
  gboolean                      exact = climb->run->inverter == UNCLIP_INVERTER_EXACT;
  guint                         n_rounds = exact ? 1 : climb->run->n_rounds;
  g_autofree float             *better = g_new (float, climb->n);
  float                         move = INFINITY;

  if (round == NULL)
    return TRUE;
  for (guint i = 0; i < n_rounds && move > climb->run->tolerance; i++)
    {
      if (!evaluate (climb, round, upper, lower, better, error))
        return FALSE;
      move = get_largest_move (better, upper, climb->n);
      memcpy (upper, better, climb->n * sizeof *upper);
    }
  return TRUE;
}

/* From the picture's own level to the last; @x, the sample at the first, becomes the one at the last, and @below the one at
 * the last but one. */
static gboolean
climb_levels (const Climb *climb, float *x, float *below, GError **error)
{
  gboolean          exact = climb->run->inverter == UNCLIP_INVERTER_EXACT;
  guint             n_steps = unclip_inversion_get_n_levels (climb->inversion) - 1;
  g_autofree float *next = g_new (float, climb->n);

  for (guint k = 0; k < n_steps; k++)
    {
      const UnclipStepCoefficients *step = unclip_inversion_get_step (climb->inversion, k);

      if (!evaluate (climb, step, x, step->history == UNCLIP_HISTORY_X ? below : NULL, next, error)
          || !run_rounds (climb, k, x, next, error))
        return FALSE;
      if (exact && k == 0)
        unclip_sampler_round (next, climb->n);
      memcpy (below, x, climb->n * sizeof *x);
      memcpy (x, next, climb->n * sizeof *x);
      if (climb->watch->progress != NULL)
        climb->watch->progress ("inversion", k + 1, n_steps, climb->watch->user_data);
    }
  return TRUE;
}

/* wanted − what the sampler's step makes of x, its history taken for zeros. */
static float *
dup_rest (const Climb *climb, const UnclipStepCoefficients *step, const float *x, const float *wanted, GError **error)
{
  UnclipStepCoefficients bare = *step;
  g_autofree float      *rest = g_new (float, climb->n);

  bare.mean_from_history = 0;
  if (!evaluate (climb, &bare, x, NULL, rest, error))
    return NULL;
  for (gsize i = 0; i < climb->n; i++)
    rest[i] = wanted[i] - rest[i];
  return g_steal_pointer (&rest);
}

static UnclipInverted *
invert (const Climb *climb, const UnclipSampler *sampler, GError **error)
{
  g_autoptr (UnclipInverted) inverted = g_new0 (UnclipInverted, 1);
  g_autofree float          *bottom = g_new (float, climb->n), *below = g_new (float, climb->n);
  float                      scale = unclip_inversion_get_scale (climb->inversion);
  guint                      last = unclip_sampler_get_n_steps (sampler) - 1;

  inverted->start = g_new (float, climb->n);
  for (gsize i = 0; i < climb->n; i++)
    bottom[i] = scale * climb->run->picture[i];
  if (climb->run->inverter == UNCLIP_INVERTER_EXACT)
    unclip_sampler_round (bottom, climb->n);
  memcpy (inverted->start, bottom, climb->n * sizeof *bottom);
  if (!climb_levels (climb, inverted->start, below, error) || !unclip_decoder_check (inverted->start, climb->n, error))
    return NULL;
  if (climb->run->inverter != UNCLIP_INVERTER_EXACT)
    return g_steal_pointer (&inverted);

  inverted->start_history = dup_rest (climb, unclip_sampler_get_step (sampler, 0), inverted->start, below, error);
  if (inverted->start_history == NULL)
    return NULL;
  inverted->end_history = dup_rest (climb, unclip_sampler_get_step (sampler, last), bottom, climb->run->picture, error);
  return inverted->end_history != NULL ? g_steal_pointer (&inverted) : NULL;
}

UnclipInverted *
unclip_stages_invert (UnclipStages *stages, const UnclipInversionRun *run, const UnclipWatch *watch, GError **error)
{
  UnclipModel                *model = unclip_stages_get_model (stages);
  UnclipSamplerChoice         choice = { UNCLIP_SAMPLER_EXACT, run->n_steps, 0, run->first_timestep };
  g_autoptr (UnclipSampler)   sampler = unclip_model_new_sampler (model, UNCLIP_MODEL_DECODER, &choice, error);
  g_autoptr (UnclipInversion) inversion = NULL;
  UnclipDecoderPrograms       programs;
  const UnclipDecoderRun      conditions = {
         .n = 1, .embeddings = run->embedding, .captions = &run->caption, .empty = run->empty, .guidance = run->guidance,
  };
  Climb climb = { run, &programs, NULL, watch };

  if (sampler == NULL)
    return NULL;
  inversion = unclip_model_new_inversion (model, run->inverter, run->n_steps, run->first_timestep, error);
  if (inversion == NULL || !unclip_decoder_prepare (stages, &conditions, FALSE, &programs, watch->cancellable, error))
    return NULL;
  climb.inversion = inversion;
  climb.n = (gsize) programs.params.height * (gsize) programs.params.width * 3;
  return invert (&climb, sampler, error);
}
