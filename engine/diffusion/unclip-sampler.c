/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Works the numbers of each step out, and applies them.
 *
 * They are computed in f32 in diffusers' order of operations, because some of its results rest on that: at t = 0 its
 * 1 - ā differs from β by 5e-4 relative, and the last mean with it; from t = 999 with eta 1 the share of ε in DDIM's
 * mean, sqrt (1 - ā' - sigma²), is the root of a rounding error.
 */

#include "config.h"

#include "unclip-sampler.h"

#include "unclip-error.h"

#include <float.h>
#include <math.h>

/* Floor of a variance before its logarithm is taken. */
#define MIN_VARIANCE 1e-20f

struct _UnclipSampler
{
  guint                   n_steps;
  UnclipStepCoefficients *steps;        /* owned */
};

/* x0 from x and the network's output, at ā. */
static void
set_x0 (UnclipStepCoefficients *step, const UnclipSamplerParams *params, float alpha_bar)
{
  float signal = sqrtf (alpha_bar);
  float spread = sqrtf (1.0f - alpha_bar);

  step->x0_limit = params->clips ? params->clip_range : FLT_MAX;
  step->x0_divisor = 1.0f;
  switch (params->prediction)
    {
    case UNCLIP_PREDICTION_EPSILON:
      step->x0_from_x = 1.0f;
      step->x0_from_out = -spread;
      step->x0_divisor = signal;
      break;
    case UNCLIP_PREDICTION_SAMPLE:
      step->x0_from_x = 0.0f;
      step->x0_from_out = 1.0f;
      break;
    case UNCLIP_PREDICTION_V:
      step->x0_from_x = signal;
      step->x0_from_out = -spread;
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Half the logarithm of the ratio of signal to noise. */
static double
get_log_ratio (float alpha_bar)
{
  return log ((double) sqrtf (alpha_bar)) - log ((double) sqrtf (1.0f - alpha_bar));
}

static float
log_of (float value)
{
  return (float) log ((double) MAX (value, MIN_VARIANCE));
}

/* From timestep t to @previous, or to the clean sample when that is negative:
 *
 *     β = 1 - ā/ā', α = 1 - β;  mean = x0 · sqrt (ā') β / (1 - ā) + x · sqrt (α) (1 - ā') / (1 - ā)
 *     variance = (1 - ā') / (1 - ā) · β
 *
 * with the schedule's own β when the timesteps are neighbours. */
static void
set_ancestral (UnclipStepCoefficients    *step,
               const UnclipSchedule      *schedule,
               const UnclipSamplerParams *params,
               int                        previous)
{
  int   t = step->timestep;
  float alpha_bar = unclip_schedule_get_alpha_bars (schedule)[t];
  float alpha_bar_previous = previous >= 0 ? unclip_schedule_get_alpha_bars (schedule)[previous] : 1.0f;
  float spread2 = 1.0f - alpha_bar;
  float spread2_previous = 1.0f - alpha_bar_previous;
  float beta, alpha, variance;

  if (previous == t - 1)
    beta = unclip_schedule_get_betas (schedule)[t];
  else
    beta = 1.0f - alpha_bar / alpha_bar_previous;
  alpha = 1.0f - beta;
  variance = spread2_previous / spread2 * beta;

  step->mean_from_x0 = sqrtf (alpha_bar_previous) * beta / spread2;
  step->mean_from_x = sqrtf (alpha) * spread2_previous / spread2;

  step->adds_noise = t > 0;
  if (!step->adds_noise)
    return;
  step->learns_variance = params->variance == UNCLIP_VARIANCE_LEARNED_RANGE;
  step->log_variance_min = log_of (variance);
  step->log_variance_max = log_of (beta);
  step->sigma = (float) exp (0.5 * step->log_variance_min);
}

/* From timestep t to @previous:
 *
 *     sigma = eta · sqrt ((1 - ā') / (1 - ā)) · sqrt (1 - ā/ā')
 *     mean  = sqrt (ā') x0 + sqrt (1 - ā' - sigma²) ε
 *
 * ε is either what the network's output says, or (x - sqrt (ā) x0) / sqrt (1 - ā) with the clamped x0. */
static void
set_ddim (UnclipStepCoefficients    *step,
          const UnclipSchedule      *schedule,
          const UnclipSamplerParams *params,
          int                        previous)
{
  const float *alpha_bars = unclip_schedule_get_alpha_bars (schedule);
  float        alpha_bar = alpha_bars[step->timestep];
  float        last = params->ends_at_first_alpha ? alpha_bars[0] : 1.0f;
  float        alpha_bar_previous = previous >= 0 ? alpha_bars[previous] : last;
  float        signal = sqrtf (alpha_bar), spread = sqrtf (1.0f - alpha_bar);
  float        variance = (1.0f - alpha_bar_previous) / (1.0f - alpha_bar) * (1.0f - alpha_bar / alpha_bar_previous);
  float        sigma = params->eta * sqrtf (MAX (variance, 0.0f));
  float        direction = sqrtf (MAX (1.0f - alpha_bar_previous - sigma * sigma, 0.0f));
  float        from_x0 = sqrtf (alpha_bar_previous), from_x = 0.0f, from_out = 0.0f;

  if (!params->keeps_raw_epsilon)
    {
      from_x = direction / spread;
      from_x0 -= direction * signal / spread;
    }
  else
    switch (params->prediction)
      {
      case UNCLIP_PREDICTION_EPSILON:
        from_out = direction;
        break;
      case UNCLIP_PREDICTION_SAMPLE:
        from_x = direction / spread;
        from_out = -direction * signal / spread;
        break;
      case UNCLIP_PREDICTION_V:
        from_x = direction * spread;
        from_out = direction * signal;
        break;
      default:
        g_assert_not_reached ();
      }

  step->mean_from_x0 = from_x0;
  step->mean_from_x = from_x;
  step->mean_from_out = from_out;
  step->sigma = sigma;
  step->adds_noise = sigma > 0.0f;
}

/* From timestep t to @previous, with h = λ' - λ, λ = log (sqrt (ā) / sqrt (1 - ā)):
 *
 *     first order:   mean = sqrt (1 - ā') / sqrt (1 - ā) x - sqrt (ā') (e^-h - 1) x0
 *     second order:  x0 + (x0 - history) h / (2 h_before) takes the place of x0, h_before = λ - λ_before
 *
 * Lu et al. 2022, DPM-Solver++, algorithm 2 (2M); diffusers DPMSolverMultistepScheduler with solver_type "midpoint". The
 * clean sample has λ = ∞, so the step to it is of first order and gives x0. */
static void
set_dpm_solver (UnclipStepCoefficients *step, const UnclipSchedule *schedule, int before, int previous)
{
  const float *alpha_bars = unclip_schedule_get_alpha_bars (schedule);
  double       lambda = get_log_ratio (alpha_bars[step->timestep]), h, gain;

  if (previous < 0)
    {
      step->mean_from_x0 = 1;
      return;
    }
  h = get_log_ratio (alpha_bars[previous]) - lambda;
  gain = -sqrtf (alpha_bars[previous]) * expm1 (-h);
  step->mean_from_x = sqrtf (1.0f - alpha_bars[previous]) / sqrtf (1.0f - alpha_bars[step->timestep]);
  step->mean_from_x0 = (float) gain;
  if (before < 0)
    return;
  step->history = UNCLIP_HISTORY_X0;
  step->mean_from_history = (float) (-gain * h / (2 * (lambda - get_log_ratio (alpha_bars[before]))));
  step->mean_from_x0 = (float) gain - step->mean_from_history;
}

/* The exact scheme: x' = x_before + (what DDIM adds from t to @previous) - (what it adds from t to @before), that is
 *
 *     mean = history + (sqrt (ā') - sqrt (ā_before)) x0 + (sqrt (1 - ā') - sqrt (1 - ā_before)) ε
 *
 * This is BDIA (Zhang, Lewis & Kleijn 2023) with γ = 1. Solved for the history it is the same step upwards, with the same
 * network evaluation, whatever the network computes: clamping and guidance do no harm. What the step adds is rounded to
 * the grid, on which sums are exact, so that the way back meets the very same numbers (Levesque & Verlet 1993 did so for
 * molecules).
 *
 * A run needs two samples to begin with, and DDIM makes the second; what the inversion found there instead is given as a
 * difference. In the same way the last step gives x0, and the difference to the picture that was inverted comes on top.
 *
 * Chosen by measuring; EDITS.md has the figures. O-BELM (Wang et al. 2024) multiplies the history by (h/h_before)², and the
 * product of these factors over the cosine schedule enlarges rounding errors one way or the other. EDICT (Wallace et al. 2022)
 * takes two evaluations, and its mixing loses the picture at 25 steps. */
static void
set_exact (UnclipStepCoefficients    *step,
           const UnclipSchedule      *schedule,
           const UnclipSamplerParams *params,
           int                        before,
           int                        previous)
{
  const float *alpha_bars = unclip_schedule_get_alpha_bars (schedule);
  float        alpha_bar = alpha_bars[step->timestep];

  step->history = before < 0 || previous < 0 ? UNCLIP_HISTORY_GIVEN : UNCLIP_HISTORY_X;
  step->mean_from_history = 1;
  if (step->history == UNCLIP_HISTORY_X)
    {
      step->mean_from_x = (sqrtf (1.0f - alpha_bars[previous]) - sqrtf (1.0f - alpha_bars[before])) / sqrtf (1.0f - alpha_bar);
      step->mean_from_x0 = sqrtf (alpha_bars[previous]) - sqrtf (alpha_bars[before]) - step->mean_from_x * sqrtf (alpha_bar);
    }
  else
    {
      const UnclipSamplerParams implicit = { .kind = UNCLIP_SAMPLER_DDIM, .prediction = params->prediction };

      set_ddim (step, schedule, &implicit, previous);
    }
  step->grid = previous < 0 ? 0 : UNCLIP_SAMPLER_GRID;
}

void
unclip_step_init_with_history (UnclipStepCoefficients    *step,
                               const UnclipSchedule      *schedule,
                               const UnclipSamplerParams *params,
                               int                        before,
                               int                        timestep,
                               int                        previous)
{
  g_return_if_fail (timestep >= 0 && (guint) timestep < unclip_schedule_get_n_timesteps (schedule));
  g_return_if_fail (previous != timestep && before != timestep);

  *step = (UnclipStepCoefficients) { .timestep = timestep };
  set_x0 (step, params, unclip_schedule_get_alpha_bars (schedule)[timestep]);
  switch (params->kind)
    {
    case UNCLIP_SAMPLER_ANCESTRAL:
      set_ancestral (step, schedule, params, previous);
      break;
    case UNCLIP_SAMPLER_DDIM:
      set_ddim (step, schedule, params, previous);
      break;
    case UNCLIP_SAMPLER_DPM_SOLVER:
      set_dpm_solver (step, schedule, before, previous);
      break;
    case UNCLIP_SAMPLER_EXACT:
      set_exact (step, schedule, params, before, previous);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
unclip_step_init (UnclipStepCoefficients    *step,
                  const UnclipSchedule      *schedule,
                  const UnclipSamplerParams *params,
                  int                        timestep,
                  int                        previous)
{
  unclip_step_init_with_history (step, schedule, params, -1, timestep, previous);
}

UnclipSampler *
unclip_sampler_new (const UnclipSchedule *schedule, const UnclipSamplerParams *params, GError **error)
{
  g_autofree int *timesteps = NULL;
  guint           n_train = unclip_schedule_get_n_timesteps (schedule);
  UnclipSampler  *sampler;

  g_return_val_if_fail (params != NULL && (!params->clips || params->clip_range > 0), NULL);

  if (!(params->eta >= 0.0f && params->eta <= 1.0f))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT, "Eta %g is not between 0 and 1", params->eta);
      return NULL;
    }
  timesteps = unclip_schedule_dup_timesteps (schedule, params->spacing, params->offset, params->n_steps, error);
  if (timesteps == NULL)
    return NULL;

  sampler = g_new0 (UnclipSampler, 1);
  sampler->n_steps = params->n_steps;
  sampler->steps = g_new0 (UnclipStepCoefficients, params->n_steps);
  for (guint k = 0; k < params->n_steps; k++)
    {
      int previous = k + 1 < params->n_steps ? timesteps[k + 1] : -1;

      /* diffusers steps down by a fixed number, which is the list's own stride when N divides n. */
      if (params->kind == UNCLIP_SAMPLER_DDIM && params->keeps_raw_epsilon)
        previous = timesteps[k] - (int) (n_train / params->n_steps);
      unclip_step_init_with_history (&sampler->steps[k], schedule, params, k > 0 ? timesteps[k - 1] : -1, timesteps[k],
                                     previous);
    }
  return sampler;
}

void
unclip_sampler_free (UnclipSampler *sampler)
{
  if (sampler == NULL)
    return;
  g_free (sampler->steps);
  g_free (sampler);
}

guint
unclip_sampler_get_n_steps (const UnclipSampler *sampler)
{
  return sampler->n_steps;
}

const UnclipStepCoefficients *
unclip_sampler_get_step (const UnclipSampler *sampler, guint k)
{
  g_return_val_if_fail (k < sampler->n_steps, NULL);
  return &sampler->steps[k];
}

static float
noise_scale (const UnclipStepCoefficients *step, float v)
{
  float f = (v + 1.0f) / 2.0f;

  return expf (0.5f * (f * step->log_variance_max + (1.0f - f) * step->log_variance_min));
}

void
unclip_step_apply (const UnclipStepCoefficients *step, const UnclipStepBuffers *buffers)
{
  guint n_channels = buffers->n_channels;

  g_return_if_fail (buffers->n_out_channels == n_channels || buffers->n_out_channels == 2 * n_channels);
  g_return_if_fail (!step->learns_variance || buffers->n_out_channels == 2 * n_channels);
  g_return_if_fail (!step->adds_noise || buffers->noise != NULL);
  g_return_if_fail (step->mean_from_history == 0 || buffers->history != NULL);

  for (gsize pixel = 0; pixel < buffers->n_pixels; pixel++)
    {
      const float *out = buffers->out + pixel * buffers->n_out_channels;

      for (guint c = 0; c < n_channels; c++)
        {
          gsize i = pixel * n_channels + c;
          float x = buffers->x[i];
          float x0 = (step->x0_from_x * x + step->x0_from_out * out[c]) / step->x0_divisor;
          float next;

          x0 = CLAMP (x0, -step->x0_limit, step->x0_limit);
          next = step->mean_from_x0 * x0 + step->mean_from_x * x + step->mean_from_out * out[c];
          if (step->grid > 0)
            next = rintf (next / step->grid) * step->grid;
          if (step->mean_from_history != 0)
            next += step->mean_from_history * buffers->history[i];
          if (step->adds_noise)
            next += (step->learns_variance ? noise_scale (step, out[n_channels + c]) : step->sigma)
                    * buffers->noise[i];
          buffers->next[i] = next;
          if (buffers->x0 != NULL)
            buffers->x0[i] = x0;
        }
    }
}

void
unclip_sampler_round (float *x, gsize n)
{
  for (gsize i = 0; i < n; i++)
    x[i] = rintf (x[i] / UNCLIP_SAMPLER_GRID) * UNCLIP_SAMPLER_GRID;
}
