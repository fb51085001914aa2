/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Works out the numbers of the steps up. What DDIM does between two levels is
 *
 *     x' = p x + q x0,   p = sqrt (1 - ā') / sqrt (1 - ā),   q = sqrt (ā') - p sqrt (ā)
 */

#include "config.h"

#include "unclip-inversion.h"

#include <math.h>

struct _UnclipInversion
{
  UnclipInverter          inverter;
  guint                   n_levels;
  float                   scale;
  UnclipStepCoefficients *steps;        /* owned; n_levels - 1 */
  UnclipStepCoefficients *rounds;       /* owned; likewise */
};

/* A round of the fixed point. DDIM comes down from y at the upper level to p y + q x0 (y), which shall be the sample x at
 * the lower one:
 *
 *     y' = (1 - ω) y + ω (x - q x0 (y)) / p
 *
 * The plain iteration, ω = 1, multiplies errors by up to κ = q / p: the clean sample follows y at a rate between 0 (noise)
 * and about 1 (features of the picture). Near the first timestep κ is above 1, and it diverges. ω = 2 / (2 + κ) makes the
 * worst factor κ / (2 + κ) instead. */
static void
set_round (UnclipStepCoefficients *round, const UnclipStepCoefficients *down)
{
  float kappa = down->mean_from_x0 / down->mean_from_x;
  float omega = 2.0f / (2.0f + kappa);

  *round = *down;
  round->history = UNCLIP_HISTORY_GIVEN;
  round->mean_from_history = omega / down->mean_from_x;
  round->mean_from_x = 1.0f - omega;
  round->mean_from_x0 = -omega * kappa;
}

/* Heun's correction of the upper sample y: the mean of what the two ends say the step adds,
 *
 *     y' = ½ y + ½ (x - (p - 1) y - q x0 (y))
 *
 * where the first half has the lower end's opinion in it. */
static void
set_correction (UnclipStepCoefficients *round, const UnclipStepCoefficients *down)
{
  *round = *down;
  round->history = UNCLIP_HISTORY_GIVEN;
  round->mean_from_history = 0.5f;
  round->mean_from_x = 0.5f - 0.5f * (down->mean_from_x - 1.0f);
  round->mean_from_x0 = -0.5f * down->mean_from_x0;
}

static void
init_level (UnclipInversion *inversion, const UnclipSchedule *schedule, const UnclipSamplerParams *params, const int *levels, guint k)
{
  UnclipSamplerParams    implicit = *params, exact = *params;
  UnclipStepCoefficients down;

  implicit.kind = UNCLIP_SAMPLER_DDIM;
  implicit.eta = 0;
  implicit.keeps_raw_epsilon = FALSE;
  exact.kind = UNCLIP_SAMPLER_EXACT;
  if (inversion->inverter == UNCLIP_INVERTER_EXACT && k > 0)
    {
      unclip_step_init_with_history (&inversion->steps[k], schedule, &exact, levels[k - 1], levels[k], levels[k + 1]);
      return;
    }
  unclip_step_init (&inversion->steps[k], schedule, &implicit, levels[k], levels[k + 1]);
  if (inversion->inverter == UNCLIP_INVERTER_DDIM)
    return;
  unclip_step_init (&down, schedule, &implicit, levels[k + 1], levels[k]);
  if (inversion->inverter == UNCLIP_INVERTER_EXACT)
    set_correction (&inversion->rounds[k], &down);
  else
    set_round (&inversion->rounds[k], &down);
}

UnclipInversion *
unclip_inversion_new (const UnclipSchedule *schedule, const UnclipSamplerParams *params, UnclipInverter inverter, GError **error)
{
  g_autofree int  *levels = unclip_schedule_dup_timesteps (schedule, params->spacing, params->offset, params->n_steps, error);
  guint            n = params->n_steps;
  UnclipInversion *inversion;

  if (levels == NULL)
    return NULL;
  for (guint k = 0; k < n / 2; k++)
    {
      int level = levels[k];

      levels[k] = levels[n - 1 - k];
      levels[n - 1 - k] = level;
    }
  inversion = g_new0 (UnclipInversion, 1);
  inversion->inverter = inverter;
  inversion->n_levels = n;
  inversion->scale = sqrtf (unclip_schedule_get_alpha_bars (schedule)[levels[0]]);
  inversion->steps = g_new0 (UnclipStepCoefficients, n);
  inversion->rounds = g_new0 (UnclipStepCoefficients, n);
  for (guint k = 0; k + 1 < n; k++)
    init_level (inversion, schedule, params, levels, k);
  return inversion;
}

void
unclip_inversion_free (UnclipInversion *inversion)
{
  if (inversion == NULL)
    return;
  g_free (inversion->steps);
  g_free (inversion->rounds);
  g_free (inversion);
}

guint
unclip_inversion_get_n_levels (const UnclipInversion *inversion)
{
  return inversion->n_levels;
}

float
unclip_inversion_get_scale (const UnclipInversion *inversion)
{
  return inversion->scale;
}

const UnclipStepCoefficients *
unclip_inversion_get_step (const UnclipInversion *inversion, guint k)
{
  g_return_val_if_fail (k + 1 < inversion->n_levels, NULL);
  return &inversion->steps[k];
}

const UnclipStepCoefficients *
unclip_inversion_get_round (const UnclipInversion *inversion, guint k)
{
  g_return_val_if_fail (k + 1 < inversion->n_levels, NULL);
  return inversion->rounds[k].mean_from_history != 0 ? &inversion->rounds[k] : NULL;
}
