/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-schedule.h"

#include <math.h>

static UnclipSchedule *
schedule_new (UnclipBetaCurve curve)
{
  const UnclipScheduleParams params = { curve, 1000, 0.00085, 0.012 };
  g_autoptr (GError)         error = NULL;
  UnclipSchedule            *schedule = unclip_schedule_new (&params, &error);

  g_assert_no_error (error);
  return schedule;
}

/* SHA-256 of the little-endian f32 tables that diffusers 0.19.3 (PyTorch 1.13) builds. */
static void
test_cosine_bits (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new (UNCLIP_BETA_SQUAREDCOS_CAP_V2);
  g_autofree char           *betas = NULL, *alpha_bars = NULL;

  if (G_BYTE_ORDER != G_LITTLE_ENDIAN)
    {
      g_test_skip ("the sums are of little-endian tables");
      return;
    }
  betas = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
                                       (const guchar *) unclip_schedule_get_betas (schedule), 4000);
  alpha_bars = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
                                            (const guchar *) unclip_schedule_get_alpha_bars (schedule), 4000);
  g_assert_cmpstr (betas, ==, "ee9cd3d5d1b98fa46b637fac268971c24c4ecac99011989f216c21fa14ea7840");
  g_assert_cmpstr (alpha_bars, ==, "f32ff0b43921c3125e2d7457bebc7aa5dd64586e4c1c837c2653aa637b657525");
}

static void
test_cosine_values (void)
{
  static const struct
  {
    guint t;
    float beta, alpha_bar;
  } rows[] = {
    { 0, 4.1284224e-05f, 0.99995869f },   { 1, 4.6141751e-05f, 0.99991256f },   { 100, 5.3189916e-04f, 0.97157562f },
    { 250, 1.3272240e-03f, 0.84588802f }, { 500, 3.1556915e-03f, 0.49228504f }, { 750, 7.5791227e-03f, 0.14317866f },
    { 900, 1.9741856e-02f, 0.023616107f }, { 990, 0.18998754f, 1.9671733e-04f }, { 998, 0.74999940f, 2.4287663e-06f },
    { 999, 0.99900001f, 2.4287350e-09f },
  };
  g_autoptr (UnclipSchedule) schedule = schedule_new (UNCLIP_BETA_SQUAREDCOS_CAP_V2);

  /* eight digits are written above */
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      float beta = unclip_schedule_get_betas (schedule)[rows[i].t];
      float alpha_bar = unclip_schedule_get_alpha_bars (schedule)[rows[i].t];

      g_assert_cmpfloat (fabsf (beta / rows[i].beta - 1), <, 2e-7);
      g_assert_cmpfloat (fabsf (alpha_bar / rows[i].alpha_bar - 1), <, 2e-7);
    }
}

static void
test_linear_values (void)
{
  static const guint timesteps[] = { 0, 1, 250, 500, 501, 999 };
  static const float scaled[] = { 0.999149978f, 0.998296022f, 0.673792303f, 0.276332498f, 0.274998873f, 0.00466009602f };
  static const float linear[] = { 0.999149978f, 0.998289526f, 0.568788052f, 0.160771623f, 0.159735978f, 0.00157896278f };
  g_autoptr (UnclipSchedule) a = schedule_new (UNCLIP_BETA_SCALED_LINEAR);
  g_autoptr (UnclipSchedule) b = schedule_new (UNCLIP_BETA_LINEAR);

  /* From diffusers' DDIMScheduler. Each β may be off by one last bit (a vectorised linspace rounds otherwise), 1e-7 of
   * it; ln ā sums at most Σβ = 6.4 of that. */
  for (guint i = 0; i < G_N_ELEMENTS (timesteps); i++)
    {
      g_assert_cmpfloat (fabsf (unclip_schedule_get_alpha_bars (a)[timesteps[i]] / scaled[i] - 1), <, 7e-7);
      g_assert_cmpfloat (fabsf (unclip_schedule_get_alpha_bars (b)[timesteps[i]] / linear[i] - 1), <, 7e-7);
    }
}

typedef struct
{
  UnclipSpacing spacing;
  guint         offset, n_steps;
  int           timesteps[50];
} List;

static const List lists[] = {
  { UNCLIP_SPACING_ENDS, 0, 2, { 999, 0 } },
  { UNCLIP_SPACING_ENDS, 0, 7, { 999, 832, 666, 500, 333, 166, 0 } },
  { UNCLIP_SPACING_ENDS, 20, 3, { 999, 510, 20 } },
  { UNCLIP_SPACING_ENDS, 0, 25, { 999, 957, 916, 874, 832, 791, 749, 708, 666, 624, 583, 541, 500, 458, 416, 375, 333,
                                  291, 250, 208, 166, 125, 83, 42, 0 } },
  { UNCLIP_SPACING_ENDS, 0, 30, { 999, 965, 930, 896, 861, 827, 792, 758, 723, 689, 655, 620, 586, 551, 517, 482, 448,
                                  413, 379, 344, 310, 276, 241, 207, 172, 138, 103, 69, 34, 0 } },
  { UNCLIP_SPACING_ENDS, 0, 50, { 999, 979, 958, 938, 917, 897, 877, 856, 836, 816, 795, 775, 754, 734, 714, 693, 673,
                                  652, 632, 612, 591, 571, 550, 530, 510, 489, 469, 449, 428, 408, 387, 367, 347, 326,
                                  306, 285, 265, 245, 224, 204, 183, 163, 143, 122, 102, 82, 61, 41, 20, 0 } },
  { UNCLIP_SPACING_LEADING, 0, 25, { 960, 920, 880, 840, 800, 760, 720, 680, 640, 600, 560, 520, 480, 440, 400, 360,
                                     320, 280, 240, 200, 160, 120, 80, 40, 0 } },
  { UNCLIP_SPACING_LEADING, 1, 30, { 958, 925, 892, 859, 826, 793, 760, 727, 694, 661, 628, 595, 562, 529, 496, 463,
                                     430, 397, 364, 331, 298, 265, 232, 199, 166, 133, 100, 67, 34, 1 } },
  { UNCLIP_SPACING_TRAILING, 0, 7, { 999, 856, 713, 570, 428, 285, 142 } },
  { UNCLIP_SPACING_TRAILING, 0, 30, { 999, 966, 932, 899, 866, 832, 799, 766, 732, 699, 666, 632, 599, 566, 532, 499,
                                      466, 432, 399, 366, 332, 299, 266, 232, 199, 166, 132, 99, 66, 32 } },
  { UNCLIP_SPACING_LEADING, 0, 1, { 0 } },
  { UNCLIP_SPACING_TRAILING, 0, 1, { 999 } },
};

/* The lists of diffusers' UnCLIPScheduler and DDIMScheduler, and one that ends above 0. */
static void
test_timesteps (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new (UNCLIP_BETA_SQUAREDCOS_CAP_V2);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree int    *timesteps = unclip_schedule_dup_timesteps (schedule, lists[i].spacing, lists[i].offset,
                                                                    lists[i].n_steps, &error);

      g_assert_no_error (error);
      for (guint k = 0; k < lists[i].n_steps; k++)
        g_assert_cmpint (timesteps[k], ==, lists[i].timesteps[k]);
    }
}

/* As many steps as timesteps: each of them, whatever the spacing. */
static void
test_all_timesteps (void)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new (UNCLIP_BETA_LINEAR);

  for (UnclipSpacing spacing = UNCLIP_SPACING_ENDS; spacing <= UNCLIP_SPACING_TRAILING; spacing++)
    {
      g_autofree int *timesteps = unclip_schedule_dup_timesteps (schedule, spacing, 0, 1000, NULL);

      for (int k = 0; k < 1000; k++)
        g_assert_cmpint (timesteps[k], ==, 999 - k);
    }
}

static void
test_bad_timesteps (void)
{
  static const List bad[] = {
    { UNCLIP_SPACING_ENDS, 0, 0 },     { UNCLIP_SPACING_ENDS, 0, 1 },     { UNCLIP_SPACING_ENDS, 0, 1001 },
    { UNCLIP_SPACING_LEADING, 0, 0 },  { UNCLIP_SPACING_LEADING, 1, 1000 }, { UNCLIP_SPACING_TRAILING, 0, 0 },
    { UNCLIP_SPACING_TRAILING, 0, G_MAXUINT },
  };
  g_autoptr (UnclipSchedule) schedule = schedule_new (UNCLIP_BETA_SQUAREDCOS_CAP_V2);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (unclip_schedule_dup_timesteps (schedule, bad[i].spacing, bad[i].offset, bad[i].n_steps, &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
    }
}

static void
test_bad_params (void)
{
  const UnclipScheduleParams bad[] = {
    { UNCLIP_BETA_SQUAREDCOS_CAP_V2, 0, 0, 0 },    { UNCLIP_BETA_SQUAREDCOS_CAP_V2, 1, 0, 0 },
    { UNCLIP_BETA_LINEAR, 2000000000, 0.1, 0.2 },  { UNCLIP_BETA_LINEAR, 1000, 0, 0.1 },
    { UNCLIP_BETA_LINEAR, 1000, 0.2, 0.1 },        { UNCLIP_BETA_SCALED_LINEAR, 1000, -0.1, 0.1 },
    { UNCLIP_BETA_SCALED_LINEAR, 1000, 0.1, 1.0 }, { UNCLIP_BETA_LINEAR, 1000, NAN, 0.1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (unclip_schedule_new (&bad[i], &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
    }
}

static void
test_add_noise (void)
{
  static const float         x0[] = { 1.0f, -0.5f }, noise[] = { 0.25f, 2.0f };
  g_autoptr (UnclipSchedule) schedule = schedule_new (UNCLIP_BETA_SQUAREDCOS_CAP_V2);
  float                      out[2];

  unclip_schedule_add_noise (schedule, 500, x0, noise, out, 2);
  /* sqrt 0.49228504 = 0.70163027, sqrt 0.50771496 = 0.71254120 */
  g_assert_cmpfloat_with_epsilon (out[0], 0.70163027 + 0.25 * 0.71254120, 2e-7);
  g_assert_cmpfloat_with_epsilon (out[1], -0.5 * 0.70163027 + 2 * 0.71254120, 2e-7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/schedule/cosine/bits", test_cosine_bits);
  g_test_add_func ("/diffusion/schedule/cosine/values", test_cosine_values);
  g_test_add_func ("/diffusion/schedule/linear/values", test_linear_values);
  g_test_add_func ("/diffusion/schedule/timesteps/lists", test_timesteps);
  g_test_add_func ("/diffusion/schedule/timesteps/all", test_all_timesteps);
  g_test_add_func ("/diffusion/schedule/timesteps/bad", test_bad_timesteps);
  g_test_add_func ("/diffusion/schedule/params/bad", test_bad_params);
  g_test_add_func ("/diffusion/schedule/add-noise", test_add_noise);
  return g_test_run ();
}
