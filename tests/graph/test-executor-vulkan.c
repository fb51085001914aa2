/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Vulkan executor's ways of failing and of being asked twice; what it computes is tested with the operations. */

#include "config.h"

#include "test-device.h"
#include "test-random.h"
#include "unclip-error.h"
#include "unclip-executor.h"
#include "unclip-ops.h"

#include <string.h>

enum
{
  N = 2,
  S = 7,
  D = 21, /* no multiple of 4 */
  N_VALUES = N * S * D,
  N_NODES = 3,
};

static const UnclipShape shape = { N, 1, S, D };

/* y = layer_norm (silu (x)) + positions; weights must outlive every program, so they are made once. */
static UnclipGraph *
build (void)
{
  static float gamma[D], beta[D], positions[S * D];
  const UnclipArray gamma_array = { "gamma", UNCLIP_DTYPE_F32, 1, { D }, gamma, sizeof gamma };
  const UnclipArray beta_array = { "beta", UNCLIP_DTYPE_F32, 1, { D }, beta, sizeof beta };
  const UnclipArray positions_array = { "positions", UNCLIP_DTYPE_F32, 2, { S, D }, positions, sizeof positions };
  UnclipGraph *graph = unclip_graph_new ("test");
  UnclipTensor *x = unclip_graph_input (graph, "x", shape, UNCLIP_DTYPE_F32);

  for (guint i = 0; i < D; i++)
    {
      gamma[i] = 1.0f + 0.01f * (float) i;
      beta[i] = -0.1f * (float) i;
    }
  for (guint i = 0; i < S * D; i++)
    positions[i] = (float) (i % 5);

  x = unclip_op_activation (graph, x, UNCLIP_ACTIVATION_SILU);
  x = unclip_op_layer_norm (graph, x, unclip_graph_weight (graph, &gamma_array), unclip_graph_weight (graph, &beta_array),
                            1e-5f);
  x = unclip_op_add (graph, x, unclip_graph_weight (graph, &positions_array));
  unclip_graph_output (graph, "y", x);
  return graph;
}

/* An executor of its own, opened with a variable set; NULL where the case was skipped. */
static UnclipExecutor *
open_executor (const char *variable,
               const char *value)
{
  g_autoptr (GError) error = NULL;
  UnclipExecutor *executor;

  if (test_device_get () == NULL)
    return NULL;
  if (variable != NULL)
    g_setenv (variable, value, TRUE);
  executor = unclip_executor_open_vulkan (g_getenv ("UNCLIP_TEST_DEVICE"), UNCLIP_PRECISION_F32, &error);
  if (variable != NULL)
    g_unsetenv (variable);
  g_assert_no_error (error);
  return executor;
}

/* Compiles, writes, runs, reads; if @parks, the device's memory goes back to others between any two of these. */
static gboolean
compute_with (UnclipExecutor *executor,
              gboolean        parks,
              float          *values,
              GError        **error)
{
  g_autoptr (UnclipProgram) program = unclip_executor_compile (executor, build (), error);
  g_autofree float *x = test_random_normal (1, N_VALUES, 1.0);

  return program != NULL
         && (!parks || unclip_executor_park (executor, error))
         && unclip_program_write_f32 (program, "x", x, error)
         && (!parks || (unclip_executor_park (executor, error) && unclip_executor_park (executor, error)))
         && unclip_program_run (program, NULL, error)
         && (!parks || unclip_executor_park (executor, error))
         && unclip_program_read_f32 (program, "y", values, error);
}

static gboolean
compute (UnclipExecutor *executor,
         float          *values,
         GError        **error)
{
  return compute_with (executor, FALSE, values, error);
}

static void
test_staged (void)
{
  g_autoptr (UnclipExecutor) direct = open_executor (NULL, NULL);
  g_autoptr (UnclipExecutor) staged = open_executor ("UNCLIP_GPU_STAGING", "1");
  g_autoptr (GError) error = NULL;
  float a[N_VALUES], b[N_VALUES];

  if (direct == NULL)
    return;
  compute (direct, a, &error);
  g_assert_no_error (error);
  compute (staged, b, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);

  /* Weights packed anew give the same. */
  unclip_executor_forget_weights (direct);
  memset (a, 0, sizeof a);
  compute (direct, a, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

/* Parked, programs leave the device's memory and keep what was written and computed; one that finds no memory when it comes back
 * finds it later. */
static void
test_park (void)
{
  g_autoptr (UnclipExecutor) executor = open_executor (NULL, NULL);
  g_autoptr (UnclipProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  float a[N_VALUES], b[N_VALUES];
  guint64 before;

  if (executor == NULL)
    return;
  compute (executor, a, &error);
  g_assert_no_error (error);
  compute_with (executor, TRUE, b, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);

  program = unclip_executor_compile (executor, build (), &error);
  g_assert_no_error (error);
  before = unclip_executor_get_used_bytes (executor);
  unclip_executor_park (executor, &error);
  g_assert_no_error (error);
  g_test_message ("%" G_GUINT64_FORMAT " bytes, parked %" G_GUINT64_FORMAT, before, unclip_executor_get_used_bytes (executor));
  g_assert_cmpuint (unclip_executor_get_used_bytes (executor), <, before / 100);
}

static void
test_park_out_of_memory (void)
{
  g_autoptr (UnclipExecutor) executor = open_executor ("UNCLIP_GPU_FAULT", "alloc:3");
  g_autoptr (UnclipProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree float *x = test_random_normal (1, N_VALUES, 1.0);
  float y[N_VALUES], again[N_VALUES];

  if (executor == NULL)
    return;
  /* The first two are the activations and the weights. */
  program = unclip_executor_compile (executor, build (), &error);
  g_assert_no_error (error);
  unclip_program_write_f32 (program, "x", x, &error);
  g_assert_no_error (error);
  unclip_executor_park (executor, &error);
  g_assert_no_error (error);
  g_assert_false (unclip_program_run (program, NULL, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY);
  g_clear_error (&error);
  unclip_program_run (program, NULL, &error);
  g_assert_no_error (error);
  unclip_program_read_f32 (program, "y", y, &error);
  g_assert_no_error (error);
  compute (executor, again, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (y, sizeof y, again, sizeof again);
}

static void
check_times (UnclipProgram *program,
             guint          n)
{
  g_autoptr (GArray) times = unclip_program_get_times (program);

  g_assert_cmpuint (times->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_nonnull (g_array_index (times, UnclipOpTime, i).label);
}

static void
test_times (void)
{
  g_autoptr (UnclipExecutor) executor = open_executor (NULL, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  if (executor == NULL)
    return;
  if (!unclip_gpu_device_get_limits (test_device_get ())->has_timestamps)
    {
      g_test_skip ("The device has no timestamps");
      return;
    }
  g_cancellable_cancel (cancelled);
  for (guint timers = 0; timers < 2; timers++)
    {
      g_autoptr (UnclipProgram) program = NULL;

      unclip_executor_set_timers (executor, timers > 0);
      program = unclip_executor_compile (executor, build (), &error);
      g_assert_no_error (error);
      check_times (program, 0);
      unclip_program_run (program, NULL, &error);
      g_assert_no_error (error);
      check_times (program, timers > 0 ? N_NODES : 0);
      unclip_executor_park (executor, &error);
      g_assert_no_error (error);
      check_times (program, 0);
      unclip_program_run (program, NULL, &error);
      g_assert_no_error (error);
      check_times (program, timers > 0 ? N_NODES : 0);
      g_assert_false (unclip_program_run (program, cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      check_times (program, 0);
    }
}

/* Fails the first event, the second, and so on until the work gets through. */
static void
fail_each (const char  *event,
           UnclipError  code)
{
  gboolean ok = FALSE;
  guint n;

  g_setenv ("UNCLIP_GPU_STAGING", "1", TRUE);
  for (n = 1; !ok; n++)
    {
      g_autofree char *fault = g_strdup_printf ("%s:%u", event, n);
      g_autoptr (UnclipExecutor) executor = open_executor ("UNCLIP_GPU_FAULT", fault);
      g_autoptr (GError) error = NULL;
      float values[N_VALUES];

      if (executor == NULL)
        break;
      ok = compute_with (executor, TRUE, values, &error);
      if (ok)
        g_assert_no_error (error);
      else
        g_assert_error (error, UNCLIP_ERROR, (int) code);
      g_assert_cmpuint (n, <, 100);
    }
  g_unsetenv ("UNCLIP_GPU_STAGING");
  g_test_message ("%u events failed in turn", n - 2);
}

static void
test_out_of_memory (void)
{
  fail_each ("alloc", UNCLIP_ERROR_OUT_OF_MEMORY);
}

static void
test_device_lost (void)
{
  fail_each ("submit", UNCLIP_ERROR_DEVICE_LOST);
}

/* More than a kernel can write through all its storage buffers is refused in words. */
static void
test_too_large (void)
{
  g_autoptr (UnclipExecutor) executor = open_executor ("UNCLIP_GPU_STORAGE_RANGE", "16");
  g_autoptr (GError) error = NULL;
  float values[N_VALUES];

  if (executor == NULL)
    return;
  g_assert_false (compute (executor, values, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE);
  g_assert_nonnull (strstr (error->message, "2×1×7×21"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/executor-vulkan/staged", test_staged);
  g_test_add_func ("/graph/executor-vulkan/park", test_park);
  g_test_add_func ("/graph/executor-vulkan/park-out-of-memory", test_park_out_of_memory);
  g_test_add_func ("/graph/executor-vulkan/times", test_times);
  g_test_add_func ("/graph/executor-vulkan/too-large", test_too_large);
  g_test_add_func ("/graph/executor-vulkan/out-of-memory", test_out_of_memory);
  g_test_add_func ("/graph/executor-vulkan/device-lost", test_device_lost);
  return test_device_run ();
}
