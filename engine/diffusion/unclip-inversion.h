/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Inversion: the steps of a sampler backwards, from a picture to the noise that it comes from.
 *
 * The picture, scaled to its level, stands for the sample at the first timestep; from there the sampler's list of
 * timesteps is climbed to the last, where the sample is x_T. Steps are numbers for the formula of unclip-sampler.h, so the
 * device takes them as it takes a sampler's.
 *
 * A first timestep a little above 0 is best. At t = 0 the noise is a 150th of the picture, and what little the network
 * gets wrong of the picture passes for a strong noise: with Mini and 50 steps x_T then has a deviation of 5 instead of 0.8.
 */

#pragma once

#include "unclip-sampler.h"

G_BEGIN_DECLS

/**
 * UnclipInverter:
 * @UNCLIP_INVERTER_DDIM: DDIM's step upwards, with the prediction made at its lower end; the sampler predicts at its upper
 *   end, so the way back misses the picture
 * @UNCLIP_INVERTER_FIXED_POINT: the same, and then rounds that move the upper end to where DDIM's step down meets the lower
 * @UNCLIP_INVERTER_EXACT: the two-step scheme of %UNCLIP_SAMPLER_EXACT solved for its history, without any loss
 */
typedef enum
{
  UNCLIP_INVERTER_DDIM,
  UNCLIP_INVERTER_FIXED_POINT,
  UNCLIP_INVERTER_EXACT,
} UnclipInverter;

typedef struct _UnclipInversion UnclipInversion;

/**
 * unclip_inversion_new:
 * @schedule: (transfer none): not kept
 * @params: (transfer none): not kept; kind and eta play no part
 *
 * Clean samples stay clamped as @params say: a sampler predicts with the same clamp at the same place, so neither the fixed
 * point nor the exact scheme minds. Only DDIM's ε has to be the one that belongs to the clamped sample.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT as for unclip_sampler_new().
 * Thread: any; the result is immutable.
 * Source: Song et al. 2021, DDIM, sec. 5.4; Pan et al. 2023, AIDI (fixed-point rounds); Zhang et al. 2023, BDIA.
 *
 * Returns: (transfer full) (nullable): or %NULL with @error set
 */
UnclipInversion              *unclip_inversion_new         (const UnclipSchedule       *schedule,
                                                            const UnclipSamplerParams  *params,
                                                            UnclipInverter              inverter,
                                                            GError                    **error);
void                          unclip_inversion_free        (UnclipInversion            *inversion);

/**
 * unclip_inversion_get_n_levels: timesteps of the list, one more than steps
 */
guint                         unclip_inversion_get_n_levels (const UnclipInversion     *inversion);

/**
 * unclip_inversion_get_scale:
 *
 * Returns: what the picture is multiplied by to be the sample at the first timestep
 */
float                         unclip_inversion_get_scale   (const UnclipInversion      *inversion);

/**
 * unclip_inversion_get_step:
 * @k: 0 … n_levels − 2
 *
 * From level k to k + 1. Its history is none, or (%UNCLIP_HISTORY_X) the sample at level k − 1.
 *
 * Returns: (transfer none)
 */
const UnclipStepCoefficients *unclip_inversion_get_step    (const UnclipInversion      *inversion,
                                                            guint                       k);

/**
 * unclip_inversion_get_round:
 *
 * A better sample at level k + 1 from one that is there already, and from the sample at level k as history: to be repeated
 * for the fixed point, to be taken once by the exact scheme (a step of Heun's, which leaves less of an oscillation between
 * odd and even levels).
 *
 * Returns: (transfer none) (nullable): %NULL when there is none at this level
 */
const UnclipStepCoefficients *unclip_inversion_get_round   (const UnclipInversion      *inversion,
                                                            guint                       k);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipInversion, unclip_inversion_free)

G_END_DECLS
