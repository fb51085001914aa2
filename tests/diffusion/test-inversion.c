/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Samplers without noise, and their steps backwards, with networks that can be written down. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-inversion.h"

#include <math.h>
#include <string.h>

#define N 5

static UnclipSchedule *
schedule_new (void)
{
  const UnclipScheduleParams params = { .curve = UNCLIP_BETA_SQUAREDCOS_CAP_V2, .n_timesteps = 1000 };

  return unclip_schedule_new (&params, NULL);
}

/* What a network says of x, as its kind of prediction. */
typedef double (*Network) (double x, double alpha_bar, int i);

/* The clean samples are normal with deviation 0.5, so the best guess is known, and so is the flow: x stays in proportion
 * to sqrt (ā / 4 + 1 - ā). */
static double
guess_normal (double x, double alpha_bar, int i)
{
  return sqrt (alpha_bar) * 0.25 * x / (0.25 * alpha_bar + 1 - alpha_bar);
}

/* Not monotone, and beyond the clamp at times. */
static double
guess_anything (double x, double alpha_bar, int i)
{
  return 1.3 * sin (3 * x + i) * sqrt (alpha_bar) + 0.2 * cos (5 * x);
}

static float
predict (UnclipPrediction prediction, Network network, float x, int timestep, int i, const UnclipSchedule *schedule)
{
  double alpha_bar = unclip_schedule_get_alpha_bars (schedule)[timestep];
  double signal = sqrt (alpha_bar), spread = sqrt (1 - alpha_bar), x0 = network (x, alpha_bar, i);

  switch (prediction)
    {
    case UNCLIP_PREDICTION_EPSILON:
      return (float) ((x - signal * x0) / spread);
    case UNCLIP_PREDICTION_V:
      return (float) ((signal * x - x0) / spread);
    case UNCLIP_PREDICTION_SAMPLE:
    default:
      return (float) x0;
    }
}

typedef struct
{
  UnclipSchedule      *schedule;
  UnclipSamplerParams  params;
  Network              network;
} World;

static void
apply (const World *world, const UnclipStepCoefficients *step, const float *x, const float *history, float *next)
{
  float             out[N];
  UnclipStepBuffers buffers = { .n_pixels = N, .n_channels = 1, .n_out_channels = 1, .x = x, .out = out, .history = history, .next = next };

  for (int i = 0; i < N; i++)
    out[i] = predict (world->params.prediction, world->network, x[i], step->timestep, i, world->schedule);
  unclip_step_apply (step, &buffers);
}

/* A sampler's whole run; @given are the histories of the first and last step. */
static void
run_down (const World *world, UnclipSamplerKind kind, const float *start, const float *first, const float *last, float *end)
{
  UnclipSamplerParams       params = world->params;
  g_autoptr (UnclipSampler) sampler = NULL;
  const float               none[N] = { 0 };
  float                     trail[2][N], next[N];

  params.kind = kind;
  sampler = unclip_sampler_new (world->schedule, &params, NULL);
  memcpy (trail[0], start, sizeof trail[0]);
  for (guint k = 0; k < params.n_steps; k++)
    {
      const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, k);
      const float                  *given = k == 0 ? first : last;
      const float                  *history = step->history == UNCLIP_HISTORY_X ? trail[(k + 1) % 2] : given != NULL ? given : none;

      apply (world, step, trail[k % 2], history, next);
      memcpy (trail[(k + 1) % 2], next, sizeof next);
    }
  memcpy (end, next, sizeof next);
}

/* DPM-Solver++(2M) wants x0 as history. */
static void
run_dpm_solver (const World *world, const float *start, float *end)
{
  UnclipSamplerParams       params = world->params;
  g_autoptr (UnclipSampler) sampler = NULL;
  float                     history[N] = { 0 }, x[N];

  params.kind = UNCLIP_SAMPLER_DPM_SOLVER;
  sampler = unclip_sampler_new (world->schedule, &params, NULL);
  memcpy (x, start, sizeof x);
  for (guint k = 0; k < params.n_steps; k++)
    {
      const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, k);
      float                         out[N], x0[N];
      UnclipStepBuffers buffers = { .n_pixels = N, .n_channels = 1, .n_out_channels = 1, .x = x, .out = out, .history = history, .next = x, .x0 = x0 };

      for (int i = 0; i < N; i++)
        out[i] = predict (params.prediction, world->network, x[i], step->timestep, i, world->schedule);
      g_assert_cmpint (step->history, ==, k == 0 || k + 1 == params.n_steps ? UNCLIP_HISTORY_NONE : UNCLIP_HISTORY_X0);
      unclip_step_apply (step, &buffers);
      memcpy (history, x0, sizeof history);
    }
  memcpy (end, x, sizeof x);
}

static const float start_values[N] = { 0.5f, -1.25f, 0.75f, 1.5f, -0.25f };

/* The same formulas in double, over logarithms of signal to noise. */
static double
solve_dpm (const World *world, double x, int i)
{
  g_autofree int *times = unclip_schedule_dup_timesteps (world->schedule, UNCLIP_SPACING_ENDS, world->params.offset, world->params.n_steps, NULL);
  const float    *alpha_bars = unclip_schedule_get_alpha_bars (world->schedule);
  double          last_x0 = 0, last_lambda = 0;

  for (guint k = 0; k < world->params.n_steps; k++)
    {
      double a = alpha_bars[times[k]], lambda = 0.5 * log (a / (1 - a)), x0 = world->network (x, a, i);
      double b, next, h, d;

      if (k + 1 == world->params.n_steps)
        return x0;
      b = alpha_bars[times[k + 1]];
      next = 0.5 * log (b / (1 - b));
      h = next - lambda;
      d = k == 0 ? x0 : x0 + (x0 - last_x0) * h / (lambda - last_lambda) / 2;
      x = sqrt ((1 - b) / (1 - a)) * x + sqrt (b) * (1 - exp (-h)) * d;
      last_x0 = x0;
      last_lambda = lambda;
    }
  g_assert_not_reached ();
}

static void
test_dpm_solver (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new ();

  for (UnclipPrediction prediction = UNCLIP_PREDICTION_EPSILON; prediction <= UNCLIP_PREDICTION_V; prediction++)
    for (guint n_steps = 2; n_steps < 40; n_steps += 7)
      {
        const World world = { schedule, { .prediction = prediction, .spacing = UNCLIP_SPACING_ENDS, .n_steps = n_steps, .offset = 12 },
                              guess_normal };
        float       end[N];

        run_dpm_solver (&world, start_values, end);
        /* ε at t = 999 gives x0 with an error of 2·10⁴ f32 roundings, which later steps halve again and again */
        for (int i = 0; i < N; i++)
          g_assert_cmpfloat_with_epsilon (end[i], solve_dpm (&world, start_values[i], i), prediction == UNCLIP_PREDICTION_SAMPLE ? 2e-6 : 5e-3);
      }
}

/* Against the flow itself: where samplers ought to be, and how near they are. */
static double
get_worst_miss (const World *world, UnclipSamplerKind kind)
{
  const float *alpha_bars = unclip_schedule_get_alpha_bars (world->schedule);
  double       a = alpha_bars[999], b = alpha_bars[world->params.offset], worst = 0;
  float        end[N];

  if (kind == UNCLIP_SAMPLER_DPM_SOLVER)
    run_dpm_solver (world, start_values, end);
  else
    run_down (world, kind, start_values, NULL, NULL, end);
  for (int i = 0; i < N; i++)
    {
      double x = start_values[i] * sqrt ((0.25 * b + 1 - b) / (0.25 * a + 1 - a));

      worst = fmax (worst, fabs (end[i] - guess_normal (x, b, i)));
    }
  return worst;
}

static void
test_orders (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new ();
  const World                coarse = { schedule, { .prediction = UNCLIP_PREDICTION_SAMPLE, .n_steps = 25, .offset = 20 }, guess_normal };
  World                      fine = coarse;

  fine.params.n_steps = 49;
  /* halved steps: half the error for DDIM; a quarter for the others, less what their first step, of first order, adds */
  g_assert_cmpfloat (get_worst_miss (&coarse, UNCLIP_SAMPLER_DDIM) / get_worst_miss (&fine, UNCLIP_SAMPLER_DDIM), <, 2.5);
  g_assert_cmpfloat (get_worst_miss (&coarse, UNCLIP_SAMPLER_DPM_SOLVER) / get_worst_miss (&fine, UNCLIP_SAMPLER_DPM_SOLVER), >, 3);
  g_assert_cmpfloat (get_worst_miss (&coarse, UNCLIP_SAMPLER_EXACT) / get_worst_miss (&fine, UNCLIP_SAMPLER_EXACT), >, 3);
  g_assert_cmpfloat (get_worst_miss (&fine, UNCLIP_SAMPLER_DPM_SOLVER), <, get_worst_miss (&fine, UNCLIP_SAMPLER_DDIM) / 4);
  g_assert_cmpfloat (get_worst_miss (&fine, UNCLIP_SAMPLER_EXACT), <, get_worst_miss (&fine, UNCLIP_SAMPLER_DDIM) / 4);
}

/* BDIA in its authors' words, in double: z' = z_before + (z -> t' by DDIM) - (z -> t_before by DDIM). */
static double
solve_exact (const World *world, double x, double rest, int i)
{
  g_autofree int *times = unclip_schedule_dup_timesteps (world->schedule, UNCLIP_SPACING_ENDS, world->params.offset, world->params.n_steps, NULL);
  const float    *alpha_bars = unclip_schedule_get_alpha_bars (world->schedule);
  double          before = 0;

  for (guint k = 0; k + 1 < world->params.n_steps; k++)
    {
      double a = alpha_bars[times[k]], b = alpha_bars[times[k + 1]], x0 = world->network (x, a, i);
      double epsilon = (x - sqrt (a) * x0) / sqrt (1 - a), next = sqrt (b) * x0 + sqrt (1 - b) * epsilon;

      if (k == 0)
        next += rest;
      else
        {
          double c = alpha_bars[times[k - 1]];

          next = before + next - (sqrt (c) * x0 + sqrt (1 - c) * epsilon);
        }
      before = x;
      x = next;
    }
  return world->network (x, alpha_bars[times[world->params.n_steps - 1]], i);
}

static void
test_exact_formula (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new ();
  const float                first[N] = { 0.0625f, 0, -0.125f, 0, 0.03125f }, last[N] = { 0, 0.25f, 0, -0.5f, 0 };

  for (guint n_steps = 3; n_steps < 60; n_steps += 19)
    {
      const World world = { schedule, { .prediction = UNCLIP_PREDICTION_SAMPLE, .n_steps = n_steps, .offset = 20 }, guess_normal };
      float       end[N];

      run_down (&world, UNCLIP_SAMPLER_EXACT, start_values, first, last, end);
      /* a rounding to the grid of 2e-6 at each step */
      for (int i = 0; i < N; i++)
        g_assert_cmpfloat_with_epsilon (end[i], solve_exact (&world, start_values[i], first[i], i) + last[i], 1e-6 * n_steps);
    }
}

/* Up and down again. The samples are kept to be compared. */
static void
check_exact (const World *world)
{
  UnclipSamplerParams         params = world->params;
  g_autoptr (GError)          error = NULL;
  g_autoptr (UnclipInversion) inversion = unclip_inversion_new (world->schedule, &params, UNCLIP_INVERTER_EXACT, &error);
  g_autoptr (UnclipSampler)   sampler = NULL;
  guint                       n_levels = params.n_steps;
  float                       levels[64][N], x[N], before[N], next[N];

  g_assert_no_error (error);
  g_assert_cmpuint (unclip_inversion_get_n_levels (inversion), ==, n_levels);
  params.kind = UNCLIP_SAMPLER_EXACT;
  sampler = unclip_sampler_new (world->schedule, &params, &error);
  g_assert_no_error (error);

  for (int i = 0; i < N; i++)
    levels[0][i] = unclip_inversion_get_scale (inversion) * start_values[i];
  unclip_sampler_round (levels[0], N);
  for (guint k = 0; k + 1 < n_levels; k++)
    {
      apply (world, unclip_inversion_get_step (inversion, k), levels[k], k > 0 ? levels[k - 1] : NULL, levels[k + 1]);
      if (k == 0)
        unclip_sampler_round (levels[1], N);
    }

  memcpy (before, levels[n_levels - 1], sizeof before);
  memcpy (x, levels[n_levels - 2], sizeof x);
  for (guint k = 1; k + 1 < n_levels; k++)
    {
      apply (world, unclip_sampler_get_step (sampler, k), x, before, next);
      memcpy (before, x, sizeof x);
      memcpy (x, next, sizeof x);
      /* not nearly: the very numbers */
      for (int i = 0; i < N; i++)
        g_assert_cmpfloat (x[i], ==, levels[n_levels - 2 - k][i]);
    }
}

static void
test_exact_round_trip (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new ();

  for (UnclipPrediction prediction = UNCLIP_PREDICTION_EPSILON; prediction <= UNCLIP_PREDICTION_V; prediction++)
    for (guint n_steps = 2; n_steps <= 64; n_steps += 31)
      for (int clips = 0; clips < 2; clips++)
        {
          const UnclipSamplerParams params = { .prediction = prediction, .n_steps = n_steps, .offset = 20, .clips = clips, .clip_range = 1 };

          check_exact (&(World){ schedule, params, guess_normal });
          if (clips)            /* without, it leads beyond 32, where f32 has no room for the grid */
            check_exact (&(World){ schedule, params, guess_anything });
        }
}

/* At the fixed point DDIM comes back to where it was. Without damping the rounds would run away at the first level: κ is
 * 1.2 there. */
static void
test_fixed_point (void)
{
  g_autoptr (UnclipSchedule)  schedule = schedule_new ();
  const World                 world = { schedule, { .prediction = UNCLIP_PREDICTION_SAMPLE, .n_steps = 20, .offset = 20 }, guess_normal };
  g_autoptr (UnclipInversion) inversion = unclip_inversion_new (schedule, &world.params, UNCLIP_INVERTER_FIXED_POINT, NULL);
  g_autoptr (UnclipInversion) plain = unclip_inversion_new (schedule, &world.params, UNCLIP_INVERTER_DDIM, NULL);
  float                       x[N], y[N], end[N], rough[N], expected[N];

  for (int i = 0; i < N; i++)
    rough[i] = x[i] = unclip_inversion_get_scale (inversion) * start_values[i];
  for (int i = 0; i < N; i++)
    expected[i] = (float) guess_normal (x[i], unclip_schedule_get_alpha_bars (schedule)[20], i);
  for (guint k = 0; k < 19; k++)
    {
      g_assert_null (unclip_inversion_get_round (plain, k));
      apply (&world, unclip_inversion_get_step (plain, k), rough, NULL, rough);
      apply (&world, unclip_inversion_get_step (inversion, k), x, NULL, y);
      for (int i = 0; i < 40; i++)
        apply (&world, unclip_inversion_get_round (inversion, k), y, x, y);
      memcpy (x, y, sizeof x);
    }
  run_down (&world, UNCLIP_SAMPLER_DDIM, x, NULL, NULL, end);
  /* f32 roundings of 38 steps */
  for (int i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (end[i], expected[i], 1e-5);
  run_down (&world, UNCLIP_SAMPLER_DDIM, rough, NULL, NULL, end);
  g_assert_cmpfloat (fabsf (end[1] - expected[1]), >, 1e-3);
}

static void
test_bad_params (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new ();
  const UnclipSamplerParams  bad[] = { { .n_steps = 1 }, { .n_steps = 1001 }, { .n_steps = 981, .offset = 20 }, { .n_steps = 2, .offset = 999 },
                                       { .n_steps = 2, .offset = 5000 } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (unclip_inversion_new (schedule, &bad[i], UNCLIP_INVERTER_EXACT, &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/dpm-solver/formula", test_dpm_solver);
  g_test_add_func ("/diffusion/samplers/orders", test_orders);
  g_test_add_func ("/diffusion/exact/formula", test_exact_formula);
  g_test_add_func ("/diffusion/exact/round-trip", test_exact_round_trip);
  g_test_add_func ("/diffusion/fixed-point", test_fixed_point);
  g_test_add_func ("/diffusion/inversion/bad-params", test_bad_params);
  return g_test_run ();
}
