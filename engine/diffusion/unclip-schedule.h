/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Noise schedules: how much of the picture is left at each of the training timesteps, and which timesteps a shorter
 * run visits.
 *
 * At timestep t a sample is x_t = sqrt (ā_t) · x_0 + sqrt (1 - ā_t) · ε with ā_t = Π (1 - β_s), s = 0 … t.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UnclipBetaCurve:
 * @UNCLIP_BETA_SQUAREDCOS_CAP_V2: cosine: β_t = min (1 - g ((t+1)/n) / g (t/n), 0.999),
 *   g (u) = cos² ((u + 0.008) / 1.008 · π/2); takes no start and end
 * @UNCLIP_BETA_SCALED_LINEAR: squares of evenly spaced values from sqrt (start) to sqrt (end)
 * @UNCLIP_BETA_LINEAR: evenly spaced values from start to end
 */
typedef enum
{
  UNCLIP_BETA_SQUAREDCOS_CAP_V2,
  UNCLIP_BETA_SCALED_LINEAR,
  UNCLIP_BETA_LINEAR,
} UnclipBetaCurve;

/**
 * UnclipSpacing:
 * @UNCLIP_SPACING_ENDS: round_half_even (offset + k · (n - 1 - offset) / (N - 1)): from the last timestep to the offset,
 *   both included; with offset 0 the UnCLIP scheduler's own, and what other software calls "linspace"
 * @UNCLIP_SPACING_LEADING: k · floor (n / N) + offset
 * @UNCLIP_SPACING_TRAILING: round_half_even (n - k · n / N) - 1
 *
 * Which N of n training timesteps a run visits, k = 0 … N - 1.
 */
typedef enum
{
  UNCLIP_SPACING_ENDS,
  UNCLIP_SPACING_LEADING,
  UNCLIP_SPACING_TRAILING,
} UnclipSpacing;

typedef struct
{
  UnclipBetaCurve curve;
  guint           n_timesteps;          /* of training, 1000 in every released model; 2 … 100000 */
  double          beta_start;           /* linear curves only, in (0, 1) */
  double          beta_end;             /* likewise */
} UnclipScheduleParams;

typedef struct _UnclipSchedule UnclipSchedule;

/**
 * unclip_schedule_new:
 *
 * β is computed in double and stored as f32, 1 - β taken in f32, ā multiplied up in double and stored as f32 at each
 * step: bit for bit what PyTorch makes of the cosine curve, and within one last bit of the linear ones (there its
 * result depends on the processor's vector width).
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT when the numbers cannot be a schedule.
 * Thread: any; the result is immutable.
 * Source: Nichol & Dhariwal 2021, Improved DDPM, eq. 17; diffusers betas_for_alpha_bar.
 *
 * Returns: (transfer full) (nullable): a schedule, or %NULL with @error set
 */
UnclipSchedule *unclip_schedule_new              (const UnclipScheduleParams *params,
                                                  GError                    **error);

void            unclip_schedule_free             (UnclipSchedule             *schedule);

guint           unclip_schedule_get_n_timesteps  (const UnclipSchedule       *schedule);

/**
 * unclip_schedule_get_betas:
 *
 * Returns: (transfer none): one f32 a timestep
 */
const float    *unclip_schedule_get_betas        (const UnclipSchedule       *schedule);

/**
 * unclip_schedule_get_alpha_bars:
 *
 * Returns: (transfer none): ā, one f32 a timestep, falling
 */
const float    *unclip_schedule_get_alpha_bars   (const UnclipSchedule       *schedule);

/**
 * unclip_schedule_dup_timesteps:
 * @spacing: which
 * @offset: added to each timestep of %UNCLIP_SPACING_LEADING; the least timestep of %UNCLIP_SPACING_ENDS; 0 for
 *   %UNCLIP_SPACING_TRAILING
 * @n_steps: how many; at least 2 for %UNCLIP_SPACING_ENDS, at least 1 for the others
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT when @n_steps is too small, larger than the number of training timesteps, or leads
 *   beyond the last one with @offset.
 * Thread: any.
 *
 * Returns: (transfer full) (array length=n_steps) (nullable): falling timesteps, or %NULL with @error set
 */
int            *unclip_schedule_dup_timesteps    (const UnclipSchedule       *schedule,
                                                  UnclipSpacing               spacing,
                                                  guint                       offset,
                                                  guint                       n_steps,
                                                  GError                    **error);

/**
 * unclip_schedule_add_noise:
 * @t: timestep
 * @x0: (array length=n): clean values
 * @noise: (array length=n): standard normals
 * @out: (out caller-allocates) (array length=n): x_t; may be @x0 or @noise
 * @n: how many
 *
 * x_t = sqrt (ā_t) · x_0 + sqrt (1 - ā_t) · noise.
 */
void            unclip_schedule_add_noise        (const UnclipSchedule       *schedule,
                                                  guint                       t,
                                                  const float                *x0,
                                                  const float                *noise,
                                                  float                      *out,
                                                  gsize                       n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipSchedule, unclip_schedule_free)

G_END_DECLS
