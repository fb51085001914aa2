/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Samplers: from noise to a sample in N steps of a schedule.
 *
 * Every sampler here is, at each step, one formula over the values of a pixel; only its numbers differ. They are worked
 * out beforehand, so a step can run here on the processor or as one kernel on the device:
 *
 *     x0   = clamp ((x0_from_x · x + x0_from_out · out) / x0_divisor, -x0_limit, x0_limit)
 *     mean = mean_from_x0 · x0 + mean_from_x · x + mean_from_out · out, rounded to a multiple of grid where that is not 0
 *     mean = mean + mean_from_history · history                      where the factor is not 0
 *     s    = sigma                                                   or, where the network predicts its variance,
 *     s    = exp (½ (f · log_variance_max + (1 - f) · log_variance_min)),  f = (v + 1) / 2
 *     next = mean + s · noise
 *
 * x0, the predicted clean sample, is what previews show. history is x0 or x of the step before, by the kind of sampler.
 *
 * Layout: channels last. A network that predicts its variance gives 2C values a pixel: first C of the prediction, then
 * C of v.
 */

#pragma once

#include "unclip-schedule.h"

G_BEGIN_DECLS

/**
 * UnclipPrediction:
 * @UNCLIP_PREDICTION_EPSILON: the noise
 * @UNCLIP_PREDICTION_SAMPLE: the clean sample
 * @UNCLIP_PREDICTION_V: sqrt (ā) · noise - sqrt (1 - ā) · sample
 *
 * What a network's output means.
 */
typedef enum
{
  UNCLIP_PREDICTION_EPSILON,
  UNCLIP_PREDICTION_SAMPLE,
  UNCLIP_PREDICTION_V,
} UnclipPrediction;

/**
 * UnclipVariance:
 * @UNCLIP_VARIANCE_FIXED_SMALL_LOG: the posterior's, when the clean sample is known
 * @UNCLIP_VARIANCE_LEARNED_RANGE: between that and β, in logarithms, where the network says
 *
 * How much noise an ancestral step adds.
 */
typedef enum
{
  UNCLIP_VARIANCE_FIXED_SMALL_LOG,
  UNCLIP_VARIANCE_LEARNED_RANGE,
} UnclipVariance;

/**
 * UnclipSamplerKind:
 * @UNCLIP_SAMPLER_ANCESTRAL: steps of the posterior with β re-derived between the timesteps visited: diffusers'
 *   UnCLIPScheduler
 * @UNCLIP_SAMPLER_DDIM: implicit steps, deterministic when eta is 0
 * @UNCLIP_SAMPLER_DPM_SOLVER: DPM-Solver++(2M): deterministic second-order steps in log (signal / noise), from this and the
 *   last predicted clean sample; the first step and the last, to the clean sample itself, are of first order
 * @UNCLIP_SAMPLER_EXACT: deterministic two-step scheme that can be run backwards without any loss; see set_exact() in
 *   unclip-sampler.c
 */
typedef enum
{
  UNCLIP_SAMPLER_ANCESTRAL,
  UNCLIP_SAMPLER_DDIM,
  UNCLIP_SAMPLER_DPM_SOLVER,
  UNCLIP_SAMPLER_EXACT,
} UnclipSamplerKind;

/**
 * UNCLIP_SAMPLER_GRID:
 *
 * Samples of the exact scheme are multiples of this. f32 adds and subtracts such numbers without rounding while they stay
 * below 32; noise seldom leaves ±6.
 */
#define UNCLIP_SAMPLER_GRID (1.0f / 524288)

/**
 * UnclipHistory:
 * @UNCLIP_HISTORY_NONE: nothing
 * @UNCLIP_HISTORY_X0: the clean sample that the step before predicted
 * @UNCLIP_HISTORY_X: the sample that the step before began with
 * @UNCLIP_HISTORY_GIVEN: what the exact scheme's inversion left over for this step, or zeros
 *
 * What a step takes besides the sample.
 */
typedef enum
{
  UNCLIP_HISTORY_NONE,
  UNCLIP_HISTORY_X0,
  UNCLIP_HISTORY_X,
  UNCLIP_HISTORY_GIVEN,
} UnclipHistory;

typedef struct
{
  UnclipSamplerKind kind;
  UnclipPrediction  prediction;
  UnclipVariance    variance;           /* what the network gives; DDIM takes the prediction and drops v */
  UnclipSpacing     spacing;            /* Karlo: %UNCLIP_SPACING_ENDS */
  guint             offset;             /* of the spacing; of %UNCLIP_SPACING_ENDS the last timestep that is visited */
  guint             n_steps;
  gboolean          clips;              /* whether the predicted clean sample is clamped */
  float             clip_range;         /* to ± this: 1 for pictures, 5 for Karlo's prior */
  float             eta;                /* DDIM: 0 deterministic … 1 as much noise as ancestral; default 0 */
  gboolean          keeps_raw_epsilon;  /* DDIM: take ε as the network gave it even where x0 was clamped (diffusers'
                                         * default); FALSE derives it anew from the clamped x0 (GLIDE, Karlo) */
  gboolean          ends_at_first_alpha; /* DDIM: ā after the last step is ā_0 (set_alpha_to_one false), not 1 */
} UnclipSamplerParams;

/**
 * UnclipStepCoefficients:
 *
 * The numbers of one step, as the formula at the head of this file uses them.
 */
typedef struct
{
  int      timestep;                    /* what the network is told */
  gboolean adds_noise;                  /* FALSE: sigma and v play no part */
  gboolean learns_variance;             /* s from v; FALSE: s = sigma */

  float    x0_from_x;
  float    x0_from_out;
  float    x0_divisor;
  float    x0_limit;                    /* FLT_MAX when nothing is clamped */

  float    mean_from_x0;
  float    mean_from_x;
  float    mean_from_out;
  UnclipHistory history;
  float    mean_from_history;           /* 0 without history */
  float    grid;                        /* 0: nothing is rounded; else a power of two */

  float    sigma;
  float    log_variance_min;
  float    log_variance_max;
} UnclipStepCoefficients;

/**
 * unclip_step_init:
 * @step: (out caller-allocates): the numbers
 * @schedule: (transfer none): not kept
 * @params: (transfer none): its spacing, offset and number of steps play no part
 * @timestep: where the sample is
 * @previous: where it goes: below @timestep, negative for the clean sample; DDIM without noise also goes up
 *
 * One step between any two timesteps, without a history. A sampler is a list of these and of those below.
 *
 * Thread: any.
 */
void                          unclip_step_init           (UnclipStepCoefficients       *step,
                                                          const UnclipSchedule         *schedule,
                                                          const UnclipSamplerParams    *params,
                                                          int                           timestep,
                                                          int                           previous);

/**
 * unclip_step_init_with_history:
 * @before: where the step before began, above @timestep; negative when there was none
 *
 * Like unclip_step_init(), for the kinds whose steps rest on the one before.
 */
void                          unclip_step_init_with_history
                                                         (UnclipStepCoefficients       *step,
                                                          const UnclipSchedule         *schedule,
                                                          const UnclipSamplerParams    *params,
                                                          int                           before,
                                                          int                           timestep,
                                                          int                           previous);

typedef struct _UnclipSampler UnclipSampler;

/**
 * unclip_sampler_new:
 * @schedule: (transfer none): not kept
 * @params: (transfer none): not kept
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT when the number of steps or eta is out of range.
 * Thread: any; the result is immutable.
 * Source: Ho et al. 2020, DDPM, eq. 6 and 7; Nichol & Dhariwal 2021, eq. 15; Song et al. 2021, DDIM, eq. 12 and 16;
 *   diffusers UnCLIPScheduler.step and DDIMScheduler.step.
 *
 * Returns: (transfer full) (nullable): a sampler, or %NULL with @error set
 */
UnclipSampler                *unclip_sampler_new         (const UnclipSchedule         *schedule,
                                                          const UnclipSamplerParams    *params,
                                                          GError                      **error);

void                          unclip_sampler_free        (UnclipSampler                *sampler);

guint                         unclip_sampler_get_n_steps (const UnclipSampler          *sampler);

/**
 * unclip_sampler_get_step:
 * @k: 0, the noisiest, … n_steps - 1
 *
 * Returns: (transfer none): owned by the sampler
 */
const UnclipStepCoefficients *unclip_sampler_get_step    (const UnclipSampler          *sampler,
                                                          guint                         k);

typedef struct
{
  gsize        n_pixels;                /* of the whole batch; 1 for a flat vector of n_channels values */
  guint        n_channels;              /* C */
  guint        n_out_channels;          /* values the network gave for each pixel: C, or 2C with the variance */
  const float *x;                       /* (n_pixels, C) */
  const float *out;                     /* (n_pixels, n_out_channels), after guidance */
  const float *noise;                   /* (n_pixels, C) standard normals; NULL when the step adds none */
  const float *history;                 /* (n_pixels, C); NULL when the step has no use for it */
  float       *next;                    /* (n_pixels, C); may be x */
  float       *x0;                      /* (n_pixels, C), or NULL when nobody looks */
} UnclipStepBuffers;

/**
 * unclip_step_apply:
 * @step: (transfer none): from unclip_sampler_get_step()
 * @buffers: (transfer none): what to read and write
 *
 * One step on the processor, in f32 and in the order of the formula above: also the reference of the device's kernel.
 *
 * Thread: any.
 */
void                          unclip_step_apply          (const UnclipStepCoefficients *step,
                                                          const UnclipStepBuffers      *buffers);

/**
 * unclip_sampler_round:
 * @x: (array length=n): a sample, moved to the nearest multiples of %UNCLIP_SAMPLER_GRID
 *
 * Before the exact scheme's first step.
 */
void                          unclip_sampler_round       (float                        *x,
                                                          gsize                         n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipSampler, unclip_sampler_free)

G_END_DECLS
