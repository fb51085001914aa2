/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-sampler.h"

#include <float.h>
#include <math.h>

#define N_PIXELS 2
#define N_CHANNELS 3
#define N_VALUES (N_PIXELS * N_CHANNELS)

static UnclipSchedule *
schedule_new (void)
{
  const UnclipScheduleParams params = { .curve = UNCLIP_BETA_SQUAREDCOS_CAP_V2, .n_timesteps = 1000 };

  return unclip_schedule_new (&params, NULL);
}

static UnclipSampler *
sampler_new (const UnclipSamplerParams *params)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new ();
  g_autoptr (GError)         error = NULL;
  UnclipSampler             *sampler = unclip_sampler_new (schedule, params, &error);

  g_assert_no_error (error);
  return sampler;
}

/* One step of the 25-step list, 500 to 458, worked out with diffusers' formulas. */
static void
test_one_step (void)
{
  const UnclipSamplerParams params = {
    .prediction = UNCLIP_PREDICTION_EPSILON, .variance = UNCLIP_VARIANCE_LEARNED_RANGE,
    .n_steps = 25, .clips = TRUE, .clip_range = 1,
  };
  g_autoptr (UnclipSampler)     sampler = sampler_new (&params);
  const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, 12);
  const float                   x = 0.5f, out[] = { 0.3f, 0.2f }, zero = 0.0f, one = 1.0f;
  float                         mean, next, x0;
  UnclipStepBuffers             buffers = {
    .n_pixels = 1, .n_channels = 1, .n_out_channels = 2, .x = &x, .out = out, .noise = &zero, .next = &mean, .x0 = &x0,
  };

  g_assert_cmpint (step->timestep, ==, 500);
  /* nine digits are given; f32 holds seven */
  g_assert_cmpfloat_with_epsilon (step->log_variance_min, -2.28193645, 1e-6);
  g_assert_cmpfloat_with_epsilon (step->log_variance_max, -2.14419254, 1e-6);
  unclip_step_apply (step, &buffers);
  g_assert_cmpfloat_with_epsilon (x0, 0.40796079, 1e-7);
  g_assert_cmpfloat_with_epsilon (mean, 0.47964451, 1e-7);

  buffers.noise = &one;
  buffers.next = &next;
  unclip_step_apply (step, &buffers);
  g_assert_cmpfloat_with_epsilon (next - mean, exp (0.5 * -2.19929028), 1e-6);
}

typedef struct
{
  const char         *name;
  UnclipSamplerParams params;
  float               last[N_VALUES];   /* the sample at the end */
  float               x0[N_VALUES];     /* the predicted clean sample half way */
} Chain;

/* Whole runs of diffusers 0.19.3 with the network and the noise of run_chain(). */
static const Chain chains[] = {
  { "unclip/epsilon/learned/7",
    { UNCLIP_SAMPLER_ANCESTRAL, UNCLIP_PREDICTION_EPSILON, UNCLIP_VARIANCE_LEARNED_RANGE, UNCLIP_SPACING_ENDS, 0, 7,
      TRUE, 1 },
    { -0.275007874f, 0.0293454751f, -0.0627729148f, 0.224902734f, 0.136635989f, 0.639569342f },
    { -0.764675736f, 0.0283956807f, 0.230998337f, 0.165689632f, 0.459163874f, 0.4782345f } },
  { "unclip/epsilon/learned/25",
    { UNCLIP_SAMPLER_ANCESTRAL, UNCLIP_PREDICTION_EPSILON, UNCLIP_VARIANCE_LEARNED_RANGE, UNCLIP_SPACING_ENDS, 0, 25,
      TRUE, 1 },
    { -0.433683902f, -0.252230763f, -0.0160001889f, 0.24421303f, 0.400688469f, 0.570388913f },
    { -0.656374335f, -0.397608668f, 0.0674485117f, 0.384178579f, 0.415632278f, 0.748429239f } },
  { "unclip/epsilon/fixed/7",
    { UNCLIP_SAMPLER_ANCESTRAL, UNCLIP_PREDICTION_EPSILON, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_ENDS, 0, 7,
      TRUE, 1 },
    { -0.287091106f, -0.00897684973f, -0.0137260426f, 0.309349477f, 0.1972702f, 0.561247647f },
    { -0.751567364f, 0.00732869329f, 0.217078075f, 0.209300131f, 0.465412021f, 0.487709582f } },
  { "unclip/sample/clip-5/25",
    { UNCLIP_SAMPLER_ANCESTRAL, UNCLIP_PREDICTION_SAMPLE, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_ENDS, 0, 25,
      TRUE, 5 },
    { 1.17642593f, 0.608374417f, -0.0450648963f, -0.575537801f, -1.22435474f, -1.74815953f },
    { 0.294823736f, 0.0982824266f, 0.0458318144f, -0.0723934174f, -0.704964101f, -0.717432201f } },
  { "unclip/sample/no-clip/3",
    { UNCLIP_SAMPLER_ANCESTRAL, UNCLIP_PREDICTION_SAMPLE, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_ENDS, 0, 3 },
    { 0.158854157f, -0.551482975f, 0.484441787f, 0.948583603f, -1.26120198f, -1.28230822f },
    { -0.107267469f, -0.781478107f, 0.558757663f, 1.22751141f, -1.16125166f, -1.02968371f } },
  { "ddim/epsilon/eta-0/leading/25",
    { UNCLIP_SAMPLER_DDIM, UNCLIP_PREDICTION_EPSILON, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_LEADING, 0, 25,
      TRUE, 1, 0 },
    { -0.182488278f, -1.0f, 0.576602817f, 1.0f, 0.340836763f, 0.357326925f },
    { -0.249924615f, -0.955405951f, 0.485795647f, 1.0f, 0.383335322f, 0.445316464f } },
  { "ddim/epsilon/eta-1/leading/25",
    { UNCLIP_SAMPLER_DDIM, UNCLIP_PREDICTION_EPSILON, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_LEADING, 0, 25,
      TRUE, 1, 1 },
    { -0.406675607f, -0.287866026f, 0.0179134328f, 0.292786628f, 0.379641354f, 0.578627288f },
    { -0.630801141f, -0.444225818f, 0.111901142f, 0.465998054f, 0.380698949f, 0.700732291f } },
  { "ddim/epsilon/eta-0.5/raw/leading-1/first-alpha/25",
    { UNCLIP_SAMPLER_DDIM, UNCLIP_PREDICTION_EPSILON, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_LEADING, 1, 25,
      TRUE, 1, 0.5f, TRUE, TRUE },
    { -0.268263221f, -0.516832113f, 0.291398704f, 0.636007369f, 0.192856014f, 0.258508235f },
    { -0.386084855f, -0.58161521f, 0.31860438f, 0.689268887f, 0.213417158f, 0.346904486f } },
  { "ddim/sample/eta-0.5/raw/trailing/20",
    { UNCLIP_SAMPLER_DDIM, UNCLIP_PREDICTION_SAMPLE, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_TRAILING, 0, 20,
      TRUE, 1, 0.5f, TRUE },
    { 1.0f, -0.20601806f, 0.457003951f, 0.500149369f, -1.0f, -1.0f },
    { 0.778770685f, -0.702095628f, 0.402496099f, 0.999581218f, -0.845588148f, -1.0f } },
  { "ddim/v/eta-0.25/no-clip/trailing/20",
    { UNCLIP_SAMPLER_DDIM, UNCLIP_PREDICTION_V, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_TRAILING, 0, 20,
      FALSE, 0, 0.25f },
    { -0.120339483f, -0.295149207f, 0.115963854f, 0.370543361f, 0.130118415f, 0.207754403f },
    { -0.172544196f, -0.138143271f, 0.0151121616f, 0.14992097f, 0.17993772f, 0.260624588f } },
  { "ddim/v/eta-0.25/raw/leading/10",
    { UNCLIP_SAMPLER_DDIM, UNCLIP_PREDICTION_V, UNCLIP_VARIANCE_FIXED_SMALL_LOG, UNCLIP_SPACING_LEADING, 0, 10,
      TRUE, 1, 0.25f, TRUE },
    { -0.0814741775f, -0.314010054f, 0.116831876f, 0.380935013f, 0.121552385f, 0.198058143f },
    { -0.125348598f, -0.202394024f, 0.071590364f, 0.281239599f, 0.124890052f, 0.220617697f } },
};

/* out = 0.875 x - (i - 2) / 8 and v = x / 2 for value i of the sample; noise of step k a small table of eighths. */
static void
run_chain (const UnclipSampler *sampler, gboolean has_variance, float *x, float *x0_half_way)
{
  guint n_steps = unclip_sampler_get_n_steps (sampler);
  guint n_out = has_variance ? 2 * N_CHANNELS : N_CHANNELS;

  for (guint k = 0; k < n_steps; k++)
    {
      float             out[2 * N_VALUES], noise[N_VALUES], x0[N_VALUES];
      UnclipStepBuffers buffers = {
        .n_pixels = N_PIXELS, .n_channels = N_CHANNELS, .n_out_channels = n_out,
        .x = x, .out = out, .noise = noise, .next = x, .x0 = k == n_steps / 2 ? x0_half_way : x0,
      };

      for (guint i = 0; i < N_VALUES; i++)
        {
          float *pixel = out + i / N_CHANNELS * n_out;

          pixel[i % N_CHANNELS] = 0.875f * x[i] - 0.125f * ((int) i - 2);
          if (has_variance)
            pixel[N_CHANNELS + i % N_CHANNELS] = 0.5f * x[i];
          noise[i] = ((int) (k * 7 + i * 3) % 11 - 5) / 4.0f;
        }
      unclip_step_apply (unclip_sampler_get_step (sampler, k), &buffers);
    }
}

static void
test_chain (gconstpointer data)
{
  const Chain              *chain = data;
  g_autoptr (UnclipSampler) sampler = sampler_new (&chain->params);
  float                     x[N_VALUES] = { 0.5f, -1.25f, 0.75f, 1.5f, -0.25f, -0.5f }, x0[N_VALUES];

  run_chain (sampler, chain->params.variance == UNCLIP_VARIANCE_LEARNED_RANGE, x, x0);
  /* f32 roundings of up to 25 steps, each at most a few 1e-8 and damped by the next; 1e-6 was never reached */
  for (guint i = 0; i < N_VALUES; i++)
    {
      g_assert_cmpfloat_with_epsilon (x[i], chain->last[i], 2e-6);
      g_assert_cmpfloat_with_epsilon (x0[i], chain->x0[i], 2e-6);
    }
}

/* DDIM has no use for the variance that a decoder predicts: dropping it changes nothing. */
static void
test_ddim_drops_variance (void)
{
  const UnclipSamplerParams params = {
    .kind = UNCLIP_SAMPLER_DDIM, .variance = UNCLIP_VARIANCE_LEARNED_RANGE, .n_steps = 9, .clips = TRUE,
    .clip_range = 1, .eta = 0.5f,
  };
  g_autoptr (UnclipSampler) sampler = sampler_new (&params);
  float                     a[N_VALUES] = { 0.5f, -1.25f, 0.75f, 1.5f, -0.25f, -0.5f }, b[N_VALUES], x0[N_VALUES];

  for (guint i = 0; i < N_VALUES; i++)
    b[i] = a[i];
  run_chain (sampler, TRUE, a, x0);
  run_chain (sampler, FALSE, b, x0);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

/* The last step asks for no noise and ends at the predicted clean sample. */
static void
test_last_step (void)
{
  for (UnclipSamplerKind kind = UNCLIP_SAMPLER_ANCESTRAL; kind <= UNCLIP_SAMPLER_DDIM; kind++)
    {
      const UnclipSamplerParams params = {
        .kind = kind, .variance = UNCLIP_VARIANCE_LEARNED_RANGE, .n_steps = 25, .clips = TRUE, .clip_range = 1,
        .eta = kind == UNCLIP_SAMPLER_DDIM ? 1.0f : 0.0f,
      };
      g_autoptr (UnclipSampler)     sampler = sampler_new (&params);
      const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, 24);
      const float                   x = 0.75f, out[] = { 0.5f, 3.0f };
      float                         next, x0;
      const UnclipStepBuffers       buffers = {
        .n_pixels = 1, .n_channels = 1, .n_out_channels = 2, .x = &x, .out = out, .next = &next, .x0 = &x0,
      };

      g_assert_cmpint (step->timestep, ==, 0);
      g_assert_false (step->adds_noise);
      unclip_step_apply (step, &buffers);
      /* diffusers' ancestral step scales by β / (1 - ā) = 0.99947 there; see set_ancestral() */
      g_assert_cmpfloat (fabsf (next - x0), <=, kind == UNCLIP_SAMPLER_DDIM ? 0.0f : 6e-4f * fabsf (x0));
    }
}

/* Every step of every length has finite numbers, and the noisiest is clamped, not lost. */
static void
test_finite (void)
{
  static const guint lengths[] = { 2, 3, 7, 64, 999, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    for (UnclipSamplerKind kind = UNCLIP_SAMPLER_ANCESTRAL; kind <= UNCLIP_SAMPLER_DDIM; kind++)
      {
        const UnclipSamplerParams params = {
          .kind = kind, .variance = UNCLIP_VARIANCE_LEARNED_RANGE, .n_steps = lengths[i], .clips = TRUE,
          .clip_range = 1, .eta = kind == UNCLIP_SAMPLER_DDIM ? 0.5f : 0.0f,
        };
        g_autoptr (UnclipSampler) sampler = sampler_new (&params);

        for (guint k = 0; k < lengths[i]; k++)
          {
            const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, k);
            const float                   x = 6.5f, out[] = { -6.5f, -4.0f }, noise = -6.5f;
            float                         next, x0;
            const UnclipStepBuffers       buffers = {
              .n_pixels = 1, .n_channels = 1, .n_out_channels = 2, .x = &x, .out = out, .noise = &noise,
              .next = &next, .x0 = &x0,
            };

            unclip_step_apply (step, &buffers);
            g_assert_true (isfinite (next));
            g_assert_cmpfloat (fabsf (x0), <=, 1.0f);
          }
      }
}

static void
test_bad_params (void)
{
  const UnclipSamplerParams bad[] = {
    { .n_steps = 1 }, { .n_steps = 0 }, { .n_steps = 1001 },
    { .kind = UNCLIP_SAMPLER_DDIM, .n_steps = 10, .eta = -0.1f },
    { .kind = UNCLIP_SAMPLER_DDIM, .n_steps = 10, .eta = 1.1f },
    { .kind = UNCLIP_SAMPLER_DDIM, .n_steps = 10, .eta = NAN },
  };
  g_autoptr (UnclipSchedule) schedule = schedule_new ();

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (unclip_sampler_new (schedule, &bad[i], &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/sampler/one-step", test_one_step);
  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    {
      g_autofree char *path = g_strconcat ("/diffusion/sampler/chain/", chains[i].name, NULL);
      g_test_add_data_func (path, &chains[i], test_chain);
    }
  g_test_add_func ("/diffusion/sampler/ddim-drops-variance", test_ddim_drops_variance);
  g_test_add_func ("/diffusion/sampler/last-step", test_last_step);
  g_test_add_func ("/diffusion/sampler/finite", test_finite);
  g_test_add_func ("/diffusion/sampler/bad-params", test_bad_params);
  return g_test_run ();
}
