/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every table, list and step of golden/schedules.safetensors. */

#include "config.h"

#include "unclip-json.h"
#include "unclip-safetensors.h"
#include "unclip-sampler.h"

#include "test-compare.h"

#include <string.h>

typedef struct
{
  UnclipSafetensors *tensors;
  JsonObject        *cases;
} Golden;

static float *
dup_f32 (const UnclipSafetensors *tensors, const char *name, gint64 *n)
{
  const UnclipArray *array = unclip_safetensors_find ((UnclipSafetensors *) tensors, name);
  float             *values;

  if (array == NULL)
    g_error ("no tensor %s", name);
  *n = unclip_array_get_n_elements (array);
  values = g_new (float, *n);
  unclip_array_copy_f32 (array, 0, *n, values);
  return values;
}

/* A tensor (N, C, H, W) of a case as (N, H, W, C). */
static float *
dup_channels_last (const Golden *golden, const char *case_name, const char *field, guint *n_pixels, guint *n_channels)
{
  g_autofree char   *name = g_strdup_printf ("%s.%s", case_name, field);
  const UnclipArray *array = unclip_safetensors_find (golden->tensors, name);
  gint64             n;
  g_autofree float  *planes = dup_f32 (golden->tensors, name, &n);
  float             *out = g_new (float, n);
  gint64             n_batch = array->dims[0], c = array->dims[1], n_plane = array->dims[2] * array->dims[3];

  for (gint64 i = 0; i < n_batch; i++)
    for (gint64 j = 0; j < c; j++)
      for (gint64 k = 0; k < n_plane; k++)
        out[(i * n_plane + k) * c + j] = planes[(i * c + j) * n_plane + k];
  *n_pixels = (guint) (n_batch * n_plane);
  *n_channels = (guint) c;
  return out;
}

static UnclipSchedule *
schedule_new (JsonObject *settings)
{
  const char          *curve = json_object_get_string_member_with_default (settings, "beta_schedule", "squaredcos_cap_v2");
  UnclipScheduleParams params = {
    .n_timesteps = 1000,
    .beta_start = json_object_get_double_member_with_default (settings, "beta_start", 0.0001),
    .beta_end = json_object_get_double_member_with_default (settings, "beta_end", 0.02),
  };

  if (strcmp (curve, "scaled_linear") == 0)
    params.curve = UNCLIP_BETA_SCALED_LINEAR;
  else
    g_assert_cmpstr (curve, ==, "squaredcos_cap_v2");
  return unclip_schedule_new (&params, NULL);
}

static UnclipSamplerParams
params_from (JsonObject *settings, UnclipSamplerKind kind)
{
  const char *prediction = json_object_get_string_member_with_default (settings, "prediction_type", "epsilon");
  const char *variance = json_object_get_string_member_with_default (settings, "variance_type", "fixed_small_log");
  const char *spacing = json_object_get_string_member_with_default (settings, "timestep_spacing", "leading");

  return (UnclipSamplerParams) {
    .kind = kind,
    .prediction = strcmp (prediction, "sample") == 0 ? UNCLIP_PREDICTION_SAMPLE
                  : strcmp (prediction, "v_prediction") == 0 ? UNCLIP_PREDICTION_V
                                                             : UNCLIP_PREDICTION_EPSILON,
    .variance = strcmp (variance, "learned_range") == 0 ? UNCLIP_VARIANCE_LEARNED_RANGE
                                                        : UNCLIP_VARIANCE_FIXED_SMALL_LOG,
    .spacing = strcmp (spacing, "trailing") == 0 ? UNCLIP_SPACING_TRAILING : UNCLIP_SPACING_LEADING,
    .offset = (guint) json_object_get_int_member_with_default (settings, "steps_offset", 0),
    .n_steps = (guint) json_object_get_int_member_with_default (settings, "n_steps", 2),
    .clips = json_object_get_boolean_member_with_default (settings, "clip_sample", TRUE),
    .clip_range = (float) json_object_get_double_member_with_default (settings, "clip_sample_range", 1.0),
    .eta = (float) json_object_get_double_member_with_default (settings, "eta", 0.0),
    .keeps_raw_epsilon = !json_object_get_boolean_member_with_default (settings, "use_clipped_model_output", TRUE),
    .ends_at_first_alpha = !json_object_get_boolean_member_with_default (settings, "set_alpha_to_one", TRUE),
  };
}

/* %NULL when the case has no such tensor. */
static float *
dup_if_there (const Golden *golden, const char *case_name, const char *field)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", case_name, field);
  guint            n_pixels, n_channels;

  if (unclip_safetensors_find (golden->tensors, name) == NULL)
    return NULL;
  return dup_channels_last (golden, case_name, field, &n_pixels, &n_channels);
}

static void
check_step (const Golden *golden, const char *case_name, const UnclipStepCoefficients *step)
{
  guint             n_pixels, n_channels, n_out_channels;
  g_autofree float *x = dup_channels_last (golden, case_name, "sample", &n_pixels, &n_channels);
  g_autofree float *noise = dup_if_there (golden, case_name, "noise");
  g_autofree float *history = dup_if_there (golden, case_name, "history");
  g_autofree float *next = dup_channels_last (golden, case_name, "prev_sample", &n_pixels, &n_channels);
  g_autofree float *x0 = dup_channels_last (golden, case_name, "pred_original_sample", &n_pixels, &n_channels);
  g_autofree float *out = dup_channels_last (golden, case_name, "model_output", &n_pixels, &n_out_channels);
  g_autofree float *found_x0 = g_new (float, n_pixels * n_channels);
  g_autofree char  *next_name = g_strdup_printf ("%s.prev_sample", case_name);
  g_autofree char  *x0_name = g_strdup_printf ("%s.pred_original_sample", case_name);
  const UnclipStepBuffers buffers = {
    .n_pixels = n_pixels, .n_channels = n_channels, .n_out_channels = n_out_channels,
    .x = x, .out = out, .noise = noise, .history = history, .next = x, .x0 = found_x0,
  };

  unclip_step_apply (step, &buffers);
  /* a handful of f32 operations */
  test_compare_close (x0_name, found_x0, x0, TEST_SHAPE (n_pixels, n_channels), 1e-6, 1e-6);
  test_compare_close (next_name, x, next, TEST_SHAPE (n_pixels, n_channels), 1e-6, 1e-6);
}

static void
test_tables (gconstpointer data)
{
  const Golden              *golden = data;
  const UnclipScheduleParams params = { .curve = UNCLIP_BETA_SQUAREDCOS_CAP_V2, .n_timesteps = 1000 };
  g_autoptr (UnclipSchedule) schedule = unclip_schedule_new (&params, NULL);
  gint64                     n;
  g_autofree float          *betas = dup_f32 (golden->tensors, "unclip.betas", &n);
  g_autofree float          *alpha_bars = dup_f32 (golden->tensors, "unclip.alphas_cumprod", &n);

  g_assert_cmpint (n, ==, 1000);
  g_assert_cmpmem (unclip_schedule_get_betas (schedule), 4000, betas, 4000);
  g_assert_cmpmem (unclip_schedule_get_alpha_bars (schedule), 4000, alpha_bars, 4000);
}

static void
check_timesteps (const Golden *golden, const char *name, UnclipSchedule *schedule, const UnclipSamplerParams *params)
{
  g_autoptr (GError) error = NULL;
  gint64             n;
  g_autofree float  *expected = dup_f32 (golden->tensors, name, &n);
  g_autofree int    *timesteps
    = unclip_schedule_dup_timesteps (schedule, params->spacing, params->offset, (guint) n, &error);

  g_assert_no_error (error);
  for (gint64 k = 0; k < n; k++)
    g_assert_cmpint (timesteps[k], ==, (int) expected[k]);
}

static void
test_unclip_timesteps (gconstpointer data)
{
  const Golden              *golden = data;
  const UnclipScheduleParams params = { .curve = UNCLIP_BETA_SQUAREDCOS_CAP_V2, .n_timesteps = 1000 };
  const UnclipSamplerParams  ends = { .spacing = UNCLIP_SPACING_ENDS };
  g_autoptr (UnclipSchedule) schedule = unclip_schedule_new (&params, NULL);
  guint                      n_lists = 0;

  for (guint i = 0; i < unclip_safetensors_get_n_tensors (golden->tensors); i++)
    {
      const char *name = unclip_safetensors_get_nth (golden->tensors, i)->name;

      if (!g_str_has_prefix (name, "unclip.timesteps."))
        continue;
      check_timesteps (golden, name, schedule, &ends);
      n_lists++;
    }
  g_assert_cmpuint (n_lists, >, 10);
}

static void
test_unclip_steps (gconstpointer data)
{
  const Golden      *golden = data;
  g_autoptr (GList)  names = json_object_get_members (golden->cases);
  guint              n_steps = 0;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject                *settings = json_object_get_object_member (golden->cases, l->data);
      g_autoptr (UnclipSchedule) schedule = NULL;
      UnclipSamplerParams        params;
      UnclipStepCoefficients     step;
      int                        t, previous;

      if (!g_str_has_prefix (l->data, "unclip.step."))
        continue;
      t = (int) json_object_get_int_member (settings, "timestep");
      previous = t - 1;
      if (!json_object_get_null_member (settings, "prev_timestep"))
        previous = (int) json_object_get_int_member (settings, "prev_timestep");
      schedule = schedule_new (settings);
      params = params_from (settings, UNCLIP_SAMPLER_ANCESTRAL);
      unclip_step_init (&step, schedule, &params, t, previous);
      check_step (golden, l->data, &step);
      n_steps++;
    }
  g_assert_cmpuint (n_steps, >, 30);
}

static void
check_ddim_run (const Golden *golden, const char *run, JsonObject *settings)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new (settings);
  UnclipSamplerParams        params = params_from (settings, UNCLIP_SAMPLER_DDIM);
  g_autofree char           *list = g_strdup_printf ("%s.timesteps", run);

  check_timesteps (golden, list, schedule, &params);
  for (guint k = 0; k < params.n_steps; k++)
    {
      g_autofree char       *name = g_strdup_printf ("%s.step.%u", run, k);
      JsonObject            *one = json_object_get_object_member (golden->cases, name);
      int                    t = (int) json_object_get_int_member (one, "timestep");
      UnclipStepCoefficients step;

      unclip_step_init (&step, schedule, &params, t, t - 1000 / (int) params.n_steps);
      check_step (golden, name, &step);
    }
}

static void
test_ddim (gconstpointer data)
{
  const Golden      *golden = data;
  g_autoptr (GList)  names = json_object_get_members (golden->cases);
  guint              n_runs = 0;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *settings = json_object_get_object_member (golden->cases, l->data);

      if (!g_str_has_prefix (l->data, "ddim.") || !json_object_has_member (settings, "n_steps"))
        continue;
      check_ddim_run (golden, l->data, settings);
      n_runs++;
    }
  g_assert_cmpuint (n_runs, >, 10);
}

static void
check_dpm_run (const Golden *golden, const char *run, JsonObject *settings)
{
  g_autoptr (UnclipSchedule) schedule = schedule_new (settings);
  UnclipSamplerParams        params = params_from (settings, UNCLIP_SAMPLER_DPM_SOLVER);
  int                        before = -1;

  for (guint k = 0; k < params.n_steps; k++)
    {
      g_autofree char       *name = g_strdup_printf ("%s.step.%u", run, k);
      JsonObject            *one = json_object_get_object_member (golden->cases, name);
      int                    t = (int) json_object_get_int_member (one, "timestep");
      gboolean               first_order = k + 1 == params.n_steps && params.n_steps < 15;
      UnclipStepCoefficients step;

      unclip_step_init_with_history (&step, schedule, &params, first_order ? -1 : before, t,
                                     (int) json_object_get_int_member (one, "prev_timestep"));
      check_step (golden, name, &step);
      before = t;
    }
}

static void
test_dpm (gconstpointer data)
{
  const Golden      *golden = data;
  g_autoptr (GList)  names = json_object_get_members (golden->cases);
  guint              n_runs = 0;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *settings = json_object_get_object_member (golden->cases, l->data);

      if (!g_str_has_prefix (l->data, "dpm.") || !json_object_has_member (settings, "n_steps"))
        continue;
      check_dpm_run (golden, l->data, settings);
      n_runs++;
    }
  g_assert_cmpuint (n_runs, ==, 6);
}

int
main (int argc, char **argv)
{
  Golden             golden;
  g_autoptr (GError) error = NULL;
  g_autofree char   *tensors = NULL, *cases = NULL;
  int                status;

  g_test_init (&argc, &argv, NULL);
  tensors = g_test_build_filename (G_TEST_DIST, "golden", "schedules.safetensors", NULL);
  cases = g_test_build_filename (G_TEST_DIST, "golden", "schedules.json", NULL);
  golden.tensors = unclip_safetensors_open (tensors, &error);
  g_assert_no_error (error);
  golden.cases = unclip_json_load_object (cases, &error);
  g_assert_no_error (error);

  g_test_add_data_func ("/diffusion/golden/tables", &golden, test_tables);
  g_test_add_data_func ("/diffusion/golden/unclip/timesteps", &golden, test_unclip_timesteps);
  g_test_add_data_func ("/diffusion/golden/unclip/steps", &golden, test_unclip_steps);
  g_test_add_data_func ("/diffusion/golden/ddim", &golden, test_ddim);
  g_test_add_data_func ("/diffusion/golden/dpm-solver", &golden, test_dpm);
  status = g_test_run ();

  unclip_safetensors_unref (golden.tensors);
  json_object_unref (golden.cases);
  return status;
}
