/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-device-step.h"

#include "unclip-ops.h"

#include <string.h>

void
unclip_device_step_build (const UnclipDeviceStep *step, UnclipGraph *graph)
{
  UnclipTensor           *x = unclip_graph_get_input (graph, step->input), *next, *x0;
  UnclipShape             shape = unclip_tensor_get_shape (x);
  UnclipSamplerStepParams params = { .out = unclip_graph_get_output (graph, step->output) };

  shape.n = step->n;
  shape.c = step->n_channels;
  params.noise = unclip_graph_input (graph, "noise", shape, UNCLIP_DTYPE_F32);
  params.history = unclip_graph_input (graph, "history", shape, UNCLIP_DTYPE_F32);
  params.coefficients = unclip_graph_input (graph, "coefficients", (UnclipShape){ 1, 1, 1, UNCLIP_STEP_N }, UNCLIP_DTYPE_F32);
  next = unclip_op_sampler_step (graph, x, &params, &x0);       /* (N or 2N, H, W, C'), (N, H, W, C) */
  unclip_graph_output (graph, "next", next);
  unclip_graph_output (graph, "x0", x0);
}

/* Values of @n items of the network's input. */
static gsize
count_values (UnclipShape shape, int n)
{
  return (gsize) n * (gsize) shape.h * (gsize) shape.w * (gsize) shape.c;
}

gboolean
unclip_device_step_start (const UnclipDeviceStep *step, UnclipProgram *program, const float *x, GError **error)
{
  UnclipShape       shape = unclip_program_get_output_shape (program, "next");
  gsize             n = count_values (shape, step->n);
  g_autofree float *rows = NULL;

  if (shape.n == step->n)
    return unclip_program_write_f32 (program, step->input, x, error);
  rows = g_new (float, 2 * n);
  memcpy (rows, x, n * sizeof *x);
  memcpy (rows + n, x, n * sizeof *x);
  return unclip_program_write_f32 (program, step->input, rows, error);
}

static gboolean
write_coefficients (UnclipProgram *program, const UnclipDeviceStepRun *run, GError **error)
{
  const UnclipStepCoefficients *coefficients = run->coefficients;
  const float                   values[UNCLIP_STEP_N] = {
                      [UNCLIP_STEP_X0_FROM_X] = coefficients->x0_from_x,
                      [UNCLIP_STEP_X0_FROM_OUT] = coefficients->x0_from_out,
                      [UNCLIP_STEP_X0_DIVISOR] = coefficients->x0_divisor,
                      [UNCLIP_STEP_X0_LIMIT] = coefficients->x0_limit,
                      [UNCLIP_STEP_MEAN_FROM_X0] = coefficients->mean_from_x0,
                      [UNCLIP_STEP_MEAN_FROM_X] = coefficients->mean_from_x,
                      [UNCLIP_STEP_MEAN_FROM_OUT] = coefficients->mean_from_out,
                      [UNCLIP_STEP_SIGMA] = coefficients->sigma,
                      [UNCLIP_STEP_LOG_VARIANCE_MIN] = coefficients->log_variance_min,
                      [UNCLIP_STEP_LOG_VARIANCE_MAX] = coefficients->log_variance_max,
                      [UNCLIP_STEP_GUIDANCE] = run->guidance,
                      [UNCLIP_STEP_ADDS_NOISE] = coefficients->adds_noise,
                      [UNCLIP_STEP_LEARNS_VARIANCE] = coefficients->learns_variance,
                      [UNCLIP_STEP_MEAN_FROM_HISTORY] = coefficients->mean_from_history,
                      [UNCLIP_STEP_GRID] = coefficients->grid,
                      [UNCLIP_STEP_PER_GRID] = coefficients->grid > 0 ? 1 / coefficients->grid : 0,
  };

  return unclip_program_write_f32 (program, "coefficients", values, error);
}

gboolean
unclip_device_step_run (const UnclipDeviceStep    *step,
                        UnclipProgram             *program,
                        const UnclipDeviceStepRun *run,
                        GCancellable              *cancellable,
                        GError                   **error)
{
  int               n_rows = unclip_program_get_output_shape (program, "next").n;
  g_autofree float *times = g_new (float, n_rows);

  for (int row = 0; row < n_rows; row++)
    times[row] = (float) run->coefficients->timestep;
  return unclip_program_write_f32 (program, "timestep", times, error)
         && write_coefficients (program, run, error)
         && (!run->coefficients->adds_noise || unclip_program_write_f32 (program, "noise", run->noise, error))
         && unclip_program_run (program, cancellable, error);
}

gboolean
unclip_device_step_advance (const UnclipDeviceStep *step, UnclipProgram *target, UnclipProgram *source, GError **error)
{
  return unclip_program_copy (target, step->input, source, "next", error);
}

gboolean
unclip_device_step_read (const UnclipDeviceStep *step, UnclipProgram *program, float *x, GError **error)
{
  UnclipShape       shape = unclip_program_get_output_shape (program, "next");
  gsize             n_pixels = count_values (shape, step->n) / (gsize) shape.c;
  gsize             n_channels = (gsize) step->n_channels;
  g_autofree float *rows = g_new (float, count_values (shape, shape.n));

  if (!unclip_program_read_f32 (program, "next", rows, error))
    return FALSE;
  for (gsize i = 0; i < n_pixels; i++)
    memcpy (x + i * n_channels, rows + i * (gsize) shape.c, n_channels * sizeof *x);
  return TRUE;
}
