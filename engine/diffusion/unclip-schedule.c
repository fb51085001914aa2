/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-schedule.h"

#include "unclip-error.h"

#include <math.h>

#define MAX_TIMESTEPS 100000

/* No step may remove more than this share of the variance; without it the cosine's last β would be 1. */
#define MAX_BETA 0.999

struct _UnclipSchedule
{
  guint  n_timesteps;
  float *betas;                         /* owned */
  float *alpha_bars;                    /* owned */
};

static double
cosine_alpha_bar (double u)
{
  double c = cos ((u + 0.008) / 1.008 * G_PI / 2);

  return c * c;
}

static float
cosine_beta (guint t, guint n)
{
  double before = cosine_alpha_bar ((double) t / n);
  double after = cosine_alpha_bar ((double) (t + 1) / n);

  return (float) MIN (1.0 - after / before, MAX_BETA);
}

/* Value t of n evenly spaced ones, counted from the nearer end so that both ends are exact. */
static float
linear_value (float start, float end, guint t, guint n)
{
  float step = (end - start) / (float) (n - 1);

  return t < n / 2 ? start + step * (float) t : end - step * (float) (n - 1 - t);
}

static float
beta_of (const UnclipScheduleParams *params, guint t)
{
  guint n = params->n_timesteps;

  switch (params->curve)
    {
    case UNCLIP_BETA_SQUAREDCOS_CAP_V2:
      return cosine_beta (t, n);
    case UNCLIP_BETA_SCALED_LINEAR:
      {
        float root = linear_value ((float) sqrt (params->beta_start), (float) sqrt (params->beta_end), t, n);
        return root * root;
      }
    case UNCLIP_BETA_LINEAR:
      return linear_value ((float) params->beta_start, (float) params->beta_end, t, n);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
check_params (const UnclipScheduleParams *params, GError **error)
{
  if (params->n_timesteps < 2 || params->n_timesteps > MAX_TIMESTEPS)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "A noise schedule of %u training timesteps is not between 2 and %d",
                   params->n_timesteps, MAX_TIMESTEPS);
      return FALSE;
    }
  if (params->curve != UNCLIP_BETA_SQUAREDCOS_CAP_V2
      && !(params->beta_start > 0 && params->beta_start <= params->beta_end && params->beta_end < 1))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "A noise schedule cannot go from beta %g to beta %g", params->beta_start, params->beta_end);
      return FALSE;
    }
  return TRUE;
}

UnclipSchedule *
unclip_schedule_new (const UnclipScheduleParams *params, GError **error)
{
  UnclipSchedule *schedule;
  double          product = 1.0;

  g_return_val_if_fail (params != NULL, NULL);

  if (!check_params (params, error))
    return NULL;

  schedule = g_new0 (UnclipSchedule, 1);
  schedule->n_timesteps = params->n_timesteps;
  schedule->betas = g_new (float, params->n_timesteps);
  schedule->alpha_bars = g_new (float, params->n_timesteps);
  for (guint t = 0; t < params->n_timesteps; t++)
    {
      schedule->betas[t] = beta_of (params, t);
      product *= (double) (1.0f - schedule->betas[t]);
      schedule->alpha_bars[t] = (float) product;
    }
  return schedule;
}

void
unclip_schedule_free (UnclipSchedule *schedule)
{
  if (schedule == NULL)
    return;
  g_free (schedule->betas);
  g_free (schedule->alpha_bars);
  g_free (schedule);
}

guint
unclip_schedule_get_n_timesteps (const UnclipSchedule *schedule)
{
  return schedule->n_timesteps;
}

const float *
unclip_schedule_get_betas (const UnclipSchedule *schedule)
{
  return schedule->betas;
}

const float *
unclip_schedule_get_alpha_bars (const UnclipSchedule *schedule)
{
  return schedule->alpha_bars;
}

/* Timestep k of a rising list; rint() rounds halves to even. */
static int
timestep_of (UnclipSpacing spacing, guint offset, guint n, guint n_steps, guint k)
{
  switch (spacing)
    {
    case UNCLIP_SPACING_ENDS:
      return (int) rint (offset + k * ((double) (n - 1 - offset) / (n_steps - 1)));
    case UNCLIP_SPACING_LEADING:
      return (int) (k * (n / n_steps) + offset);
    case UNCLIP_SPACING_TRAILING:
      return (int) rint (n - (n_steps - 1 - k) * ((double) n / n_steps)) - 1;
    default:
      g_assert_not_reached ();
    }
}

int *
unclip_schedule_dup_timesteps (const UnclipSchedule *schedule,
                               UnclipSpacing         spacing,
                               guint                 offset,
                               guint                 n_steps,
                               GError              **error)
{
  guint n = schedule->n_timesteps;
  guint least = spacing == UNCLIP_SPACING_ENDS ? 2 : 1, most = n;
  int  *timesteps;

  g_return_val_if_fail (offset == 0 || spacing != UNCLIP_SPACING_TRAILING, NULL);

  if (spacing == UNCLIP_SPACING_ENDS)
    most = offset + least <= n ? n - offset : 0;
  if (most == 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                   "A run cannot end at timestep %u of %u: choose a smaller first timestep", offset, n);
      return NULL;
    }
  if (n_steps < least || n_steps > most)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                   "%u steps cannot be taken: choose from %u to %u", n_steps, least, most);
      return NULL;
    }
  if (timestep_of (spacing, offset, n, n_steps, n_steps - 1) >= (int) n)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                   "%u steps with offset %u lead beyond the model's last timestep, %u: choose fewer steps",
                   n_steps, offset, n - 1);
      return NULL;
    }

  timesteps = g_new (int, n_steps);
  for (guint k = 0; k < n_steps; k++)
    timesteps[n_steps - 1 - k] = timestep_of (spacing, offset, n, n_steps, k);
  return timesteps;
}

void
unclip_schedule_add_noise (const UnclipSchedule *schedule,
                           guint                 t,
                           const float          *x0,
                           const float          *noise,
                           float                *out,
                           gsize                 n)
{
  float signal, spread;

  g_return_if_fail (t < schedule->n_timesteps);

  signal = sqrtf (schedule->alpha_bars[t]);
  spread = sqrtf (1.0f - schedule->alpha_bars[t]);
  for (gsize i = 0; i < n; i++)
    out[i] = signal * x0[i] + spread * noise[i];
}
