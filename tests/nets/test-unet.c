/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The decoder with its context's keys and values kept, against the stored outputs; and what a UNet refuses. */

#include "config.h"

#include "test-nets.h"
#include "unclip-config.h"
#include "unclip-error.h"
#include "unclip-net-input.h"
#include "unclip-unet.h"
#include "unclip-weights.h"

#include <string.h>

static UnclipUnet *
open_unet (const char     *folder,
           UnclipWeights **weights)
{
  g_autoptr (GError) error = NULL;
  UnclipUnetConfig config;
  UnclipUnet *net;

  unclip_unet_config_load (folder, &config, &error);
  g_assert_no_error (error);
  *weights = unclip_weights_open (folder, &error);
  g_assert_no_error (error);
  net = unclip_unet_new (&config, *weights, &error);
  g_assert_no_error (error);
  return net;
}

static void
write_step (UnclipUnet             *net,
            UnclipProgram          *step,
            UnclipSafetensors      *fixture,
            const UnclipUnetParams *params)
{
  g_autoptr (GError) error = NULL;
  UnclipNetInputs inputs = { fixture, "in." };
  g_autofree float *mask = test_nets_dup_values (fixture, "in.attention_mask");
  g_autofree float *t = unclip_net_inputs_dup_timesteps (&inputs, params->n, &error);
  g_autofree float *sample = unclip_net_array_dup_channels_last (unclip_net_inputs_find (&inputs, "sample"),
                                                                 params->height, params->width);

  g_assert_no_error (error);
  unclip_program_write_f32 (step, "sample", sample, &error);
  g_assert_no_error (error);
  unclip_program_write_f32 (step, "timestep", t, &error);
  g_assert_no_error (error);
  unclip_unet_write_mask (net, params, step, mask, &error);
  g_assert_no_error (error);
  test_nets_write_input (step, "class_labels", fixture);
}

static UnclipProgram *
run_context (UnclipUnet             *net,
             UnclipExecutor         *executor,
             UnclipSafetensors      *fixture,
             const UnclipUnetParams *params)
{
  g_autoptr (GError) error = NULL;
  UnclipProgram *context = unclip_executor_compile (executor, unclip_unet_build_context (net, params->n, params->n_context),
                                                    &error);

  g_assert_no_error (error);
  test_nets_write_input (context, "encoder_hidden_states", fixture);
  unclip_program_run (context, NULL, &error);
  g_assert_no_error (error);
  return context;
}

/* With @freeu the expected output is that of the file beside, freeu.safetensors. */
static void
check_run (UnclipUnet            *net,
           UnclipExecutor        *executor,
           const char            *folder,
           const char            *run,
           const UnclipUnetFreeu *freeu,
           double                 tolerance)
{
  g_autofree char *path = g_build_filename (folder, run, NULL);
  g_autofree char *freeu_path = g_build_filename (folder, "freeu.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipSafetensors) fixture = unclip_safetensors_open (path, &error);
  g_autoptr (UnclipSafetensors) output = unclip_safetensors_open (freeu != NULL ? freeu_path : path, &error);
  g_autofree float *expected = test_nets_dup_values (output, "out.sample");
  const UnclipArray *sample = unclip_safetensors_find (fixture, "in.sample");
  UnclipUnetParams params = { .masked = TRUE, .kept_context = TRUE };
  g_autoptr (UnclipProgram) context = NULL;
  g_autoptr (UnclipProgram) step = NULL;
  UnclipGraph *graph;

  params.has_freeu = freeu != NULL;
  if (freeu != NULL)
    params.freeu = *freeu;
  params.n = (int) sample->dims[0];
  params.height = (int) sample->dims[2];
  params.width = (int) sample->dims[3];
  params.n_context = (int) unclip_safetensors_find (fixture, "in.encoder_hidden_states")->dims[1];
  context = run_context (net, executor, fixture, &params);
  graph = unclip_unet_build (net, &params, &error);
  g_assert_no_error (error);
  step = unclip_executor_compile (executor, graph, &error);
  g_assert_no_error (error);
  unclip_unet_copy_context (net, step, context, &error);
  g_assert_no_error (error);
  write_step (net, step, fixture, &params);

  /* Twice: a step must leave its inputs as they were. */
  for (int round = 0; round < 2; round++)
    {
      g_autoptr (UnclipNetResult) result = NULL;

      unclip_program_run (step, NULL, &error);
      g_assert_no_error (error);
      result = unclip_net_result_read (step, "sample", UNCLIP_NET_PICTURE, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (test_nets_get_error (result->values, expected,
                                              (gsize) (result->dims[0] * result->dims[1] * result->dims[2]
                                                       * result->dims[3])),
                         <=, tolerance);
    }
}

static void
test_kept_context (gconstpointer data)
{
  static const char *const folders[] = { "decoder-2-levels", "decoder-3-levels" };
  guint i = GPOINTER_TO_UINT (data);
  UnclipExecutor *executor = test_nets_get_executor (i);
  double tolerance = test_nets_executors[i].tolerance;

  if (executor == NULL)
    return;
  for (guint k = 0; k < G_N_ELEMENTS (folders); k++)
    {
      g_autofree char *folder = test_nets_dup_folder (folders[k]);
      g_autoptr (UnclipWeights) weights = NULL;
      g_autoptr (UnclipUnet) net = open_unet (folder, &weights);

      check_run (net, executor, folder, "io-b1.safetensors", NULL, tolerance);
      check_run (net, executor, folder, "mixed-b3.safetensors", NULL, tolerance);
      unclip_executor_forget_weights (executor);
    }
}

/* The gains of make_freeu.py, on a net of two levels, where FreeU reaches all of the way up, and on one of three. */
static void
test_freeu (gconstpointer data)
{
  static const char *const folders[] = { "decoder-2-levels", "decoder-3-levels" };
  static const UnclipUnetFreeu gains = { { 1.3f, 1.4f }, { 0.9f, 0.2f } };
  guint i = GPOINTER_TO_UINT (data);
  UnclipExecutor *executor = test_nets_get_executor (i);

  if (executor == NULL)
    return;
  for (guint k = 0; k < G_N_ELEMENTS (folders); k++)
    {
      g_autofree char *folder = test_nets_dup_folder (folders[k]);
      g_autoptr (UnclipWeights) weights = NULL;
      g_autoptr (UnclipUnet) net = open_unet (folder, &weights);

      check_run (net, executor, folder, "io-b3.safetensors", &gains, test_nets_executors[i].tolerance);
      unclip_executor_forget_weights (executor);
    }
}

/* Three levels halve twice. */
static void
test_sizes (void)
{
  static const struct { int height, width; gboolean is_fine; } sizes[] = {
    { 8, 12, TRUE }, { 4, 4, TRUE }, { 64, 4, TRUE },
    { 10, 8, FALSE }, { 8, 9, FALSE }, { 2, 4, FALSE }, { 0, 8, FALSE }, { 8, -4, FALSE },
  };
  g_autofree char *folder = test_nets_dup_folder ("decoder-3-levels");
  g_autoptr (UnclipWeights) weights = NULL;
  g_autoptr (UnclipUnet) net = open_unet (folder, &weights);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      UnclipUnetParams params = { .n = 1, .height = sizes[i].height, .width = sizes[i].width, .n_context = 5 };
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipGraph) graph = unclip_unet_build (net, &params, &error);

      if (sizes[i].is_fine)
        g_assert_no_error (error);
      else
        g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
      g_assert_true ((graph != NULL) == sizes[i].is_fine);
    }
}

/* The weights of one net under the configuration of another: the message names tensor, expected and found. */
static void
test_wrong_weights (void)
{
  g_autofree char *folder = test_nets_dup_folder ("decoder-3-levels");
  g_autofree char *other = test_nets_dup_folder ("super-res-3-levels");
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipWeights) weights = NULL;
  g_autoptr (UnclipUnet) net = NULL;
  UnclipUnetConfig config;

  unclip_unet_config_load (folder, &config, &error);
  g_assert_no_error (error);
  weights = unclip_weights_open (other, &error);
  g_assert_no_error (error);
  net = unclip_unet_new (&config, weights, &error);
  g_assert_null (net);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH);
  g_assert_nonnull (strstr (error->message, "conv_in.weight"));
  g_assert_nonnull (strstr (error->message, "(12, 3, 3, 3)"));
  g_assert_nonnull (strstr (error->message, "(12, 6, 3, 3)"));

  g_clear_error (&error);
  config.in_channels = 6;
  net = unclip_unet_new (&config, weights, &error);
  g_assert_null (net);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH);

  g_clear_error (&error);
  config.norm_num_groups = 7;
  net = unclip_unet_new (&config, weights, &error);
  g_assert_null (net);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < TEST_NETS_N_EXECUTORS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/nets/unet/kept-context/%s", test_nets_executors[i].name);

      g_autofree char *freeu = g_strdup_printf ("/nets/unet/freeu/%s", test_nets_executors[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_kept_context);
      g_test_add_data_func (freeu, GUINT_TO_POINTER (i), test_freeu);
    }
  g_test_add_func ("/nets/unet/sizes", test_sizes);
  g_test_add_func ("/nets/unet/wrong-weights", test_wrong_weights);
  return test_nets_run ();
}
