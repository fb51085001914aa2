/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The prior's kept form: prompt once, then steps of three positions, against the stored outputs of the plain form. */

#include "config.h"

#include "test-nets.h"
#include "unclip-config.h"
#include "unclip-prior.h"
#include "unclip-weights.h"

static void
write_key_bias (UnclipPrior       *net,
                UnclipProgram     *program,
                UnclipSafetensors *fixture,
                int                n,
                int                length)
{
  g_autofree float *mask = test_nets_dup_values (fixture, "in.attention_mask");
  g_autofree float *bias = unclip_prior_dup_key_bias (net, mask, n, length);
  g_autoptr (GError) error = NULL;

  unclip_program_write_f32 (program, "key_bias", bias, &error);
  g_assert_no_error (error);
}

static UnclipProgram *
run_prompt (UnclipPrior       *net,
            UnclipExecutor    *executor,
            UnclipSafetensors *fixture,
            int                n)
{
  g_autoptr (GError) error = NULL;
  UnclipProgram *prompt = unclip_executor_compile (executor, unclip_prior_build_prompt (net, n, TRUE), &error);

  g_assert_no_error (error);
  test_nets_write_input (prompt, "proj_embedding", fixture);
  test_nets_write_input (prompt, "encoder_hidden_states", fixture);
  write_key_bias (net, prompt, fixture, n, unclip_prior_get_prompt_length (net));
  unclip_program_run (prompt, NULL, &error);
  g_assert_no_error (error);
  return prompt;
}

static void
check_step (UnclipPrior       *net,
            UnclipProgram     *step,
            UnclipSafetensors *fixture,
            int                n,
            double             tolerance)
{
  gsize n_values = (gsize) n * (gsize) unclip_prior_get_config (net)->clip_embed_dim;
  g_autofree float *expected = test_nets_dup_values (fixture, "out.predicted_image_embedding");
  g_autofree float *given = test_nets_dup_values (fixture, "in.timestep");
  g_autofree float *t = g_new (float, n);
  g_autofree float *found = g_new (float, n_values);
  gboolean is_mixed = unclip_array_get_n_elements (unclip_safetensors_find (fixture, "in.timestep")) > 1;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < n; i++)
    t[i] = given[is_mixed ? i : 0];
  unclip_program_write_f32 (step, "timestep", t, &error);
  g_assert_no_error (error);
  test_nets_write_input (step, "hidden_states", fixture);
  /* Twice: a step must leave the kept keys and values as they were. */
  for (int round = 0; round < 2; round++)
    {
      unclip_program_run (step, NULL, &error);
      g_assert_no_error (error);
      unclip_program_read_f32 (step, "predicted_image_embedding", found, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (test_nets_get_error (found, expected, n_values), <=, tolerance);
    }
}

static void
check_run (UnclipPrior    *net,
           UnclipExecutor *executor,
           const char     *folder,
           const char     *run,
           double          tolerance)
{
  g_autofree char *path = g_build_filename (folder, run, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipSafetensors) fixture = unclip_safetensors_open (path, &error);
  g_autoptr (UnclipProgram) prompt = NULL;
  g_autoptr (UnclipProgram) step = NULL;
  int n;

  g_assert_no_error (error);
  n = (int) unclip_safetensors_find (fixture, "in.hidden_states")->dims[0];
  prompt = run_prompt (net, executor, fixture, n);
  step = unclip_executor_compile (executor, unclip_prior_build_step (net, n, TRUE), &error);
  g_assert_no_error (error);
  write_key_bias (net, step, fixture, n, unclip_prior_get_length (net));
  unclip_prior_copy_cache (net, step, prompt, &error);
  g_assert_no_error (error);
  check_step (net, step, fixture, n, tolerance);
}

static UnclipPrior *
open_prior (const char     *folder,
            UnclipWeights **weights)
{
  g_autoptr (GError) error = NULL;
  UnclipPriorConfig config;
  UnclipPrior *net;

  unclip_prior_config_load (folder, &config, &error);
  g_assert_no_error (error);
  *weights = unclip_weights_open (folder, &error);
  g_assert_no_error (error);
  net = unclip_prior_new (&config, *weights, &error);
  g_assert_no_error (error);
  return net;
}

static void
test_cache (gconstpointer data)
{
  static const char *const folders[] = { "prior-32", "prior-20" };
  guint i = GPOINTER_TO_UINT (data);
  UnclipExecutor *executor = test_nets_get_executor (i);
  double tolerance = test_nets_executors[i].tolerance;

  if (executor == NULL)
    return;
  for (guint k = 0; k < G_N_ELEMENTS (folders); k++)
    {
      g_autofree char *folder = test_nets_dup_folder (folders[k]);
      g_autoptr (UnclipWeights) weights = NULL;
      g_autoptr (UnclipPrior) net = open_prior (folder, &weights);

      check_run (net, executor, folder, "io-b1.safetensors", tolerance);
      check_run (net, executor, folder, "mixed-b3.safetensors", tolerance);
      unclip_executor_forget_weights (executor);
    }
}

/* z · std + mean, row by row. */
static void
test_denormalise (void)
{
  g_autofree char *folder = test_nets_dup_folder ("prior-32");
  g_autoptr (UnclipWeights) weights = NULL;
  g_autoptr (UnclipPrior) net = open_prior (folder, &weights);
  int e = unclip_prior_get_config (net)->clip_embed_dim;
  g_autofree float *z = g_new0 (float, 2 * e);
  g_autofree float *mean = g_new (float, e);
  g_autofree float *std = g_new (float, e);

  unclip_array_copy_f32 (unclip_weights_find (weights, "clip_mean"), 0, e, mean);
  unclip_array_copy_f32 (unclip_weights_find (weights, "clip_std"), 0, e, std);
  for (int k = 0; k < e; k++)
    z[e + k] = 1;
  unclip_prior_denormalise (net, z, 2);
  for (int k = 0; k < e; k++)
    {
      g_assert_cmpfloat (z[k], ==, mean[k]);
      g_assert_cmpfloat (z[e + k], ==, std[k] + mean[k]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < TEST_NETS_N_EXECUTORS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/nets/prior/cache/%s", test_nets_executors[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_cache);
    }
  g_test_add_func ("/nets/prior/denormalise", test_denormalise);
  return test_nets_run ();
}
