/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sampler's step on the device, as the last operation of a network's program: the sample stays there from the first
 * step to the last, and what goes up at each is the noise and a few numbers.
 *
 *     unclip_device_step_build (&step, graph);                         once
 *     unclip_device_step_start (&step, program, x, &error);
 *     for each step: unclip_device_step_run (&step, program, …);  unclip_device_step_advance (&step, program, program, …)
 *     unclip_device_step_read (&step, program, x, &error);
 *
 * It computes what unclip_guidance_apply() and unclip_step_apply() do.
 */

#pragma once

#include "unclip-executor.h"
#include "unclip-sampler.h"

G_BEGIN_DECLS

/**
 * UnclipDeviceStep:
 * @input: the graph's input that the sample is the first channels of
 * @output: what the network makes of it
 * @n: items; with guidance the network's batch is twice that
 * @n_channels: of the sample
 */
typedef struct
{
  const char *input;
  const char *output;
  int         n;
  int         n_channels;
} UnclipDeviceStep;

/**
 * unclip_device_step_build:
 * @graph: (transfer none): a whole network, with an input `timestep`
 *
 * Adds the step: inputs `noise` and `coefficients`; outputs `next`, of the network's input's shape, and `x0`.
 */
void     unclip_device_step_build   (const UnclipDeviceStep        *step,
                                     UnclipGraph                   *graph);

/**
 * unclip_device_step_start:
 * @x: (array): the network's input for @n items, conditions in its further channels included
 */
gboolean unclip_device_step_start   (const UnclipDeviceStep        *step,
                                     UnclipProgram                 *program,
                                     const float                   *x,
                                     GError                       **error);

typedef struct
{
  const UnclipStepCoefficients *coefficients;
  float                         guidance;       /* ignored where the batch is not twice n */
  const float                  *noise;          /* n items; not looked at when the step adds none */
} UnclipDeviceStepRun;

/**
 * unclip_device_step_run:
 *
 * Network and step. Then the output `x0` can be read.
 */
gboolean unclip_device_step_run     (const UnclipDeviceStep        *step,
                                     UnclipProgram                 *program,
                                     const UnclipDeviceStepRun     *run,
                                     GCancellable                  *cancellable,
                                     GError                       **error);

/**
 * unclip_device_step_advance:
 * @target: what runs the next step: @source, or another network's program for the same shape
 *
 * The sample that @source came to becomes the input of @target.
 */
gboolean unclip_device_step_advance (const UnclipDeviceStep        *step,
                                     UnclipProgram                 *target,
                                     UnclipProgram                 *source,
                                     GError                       **error);

/**
 * unclip_device_step_read:
 * @x: (out caller-allocates): the sample that the last run came to: n items of n_channels
 */
gboolean unclip_device_step_read    (const UnclipDeviceStep        *step,
                                     UnclipProgram                 *program,
                                     float                         *x,
                                     GError                       **error);

G_END_DECLS
