/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-nets.h"

#include "unclip-error.h"
#include "unclip-ref.h"

#include <math.h>

const TestNetsExecutor test_nets_executors[TEST_NETS_N_EXECUTORS] = {
  { "ref", 1e-4 },
  { "vulkan-f32", 1e-4 },
  { "vulkan-f16", 1e-2 },
};

static UnclipExecutor *executors[TEST_NETS_N_EXECUTORS];

UnclipExecutor *
test_nets_get_executor (guint i)
{
  static const UnclipPrecision precisions[] = { UNCLIP_PRECISION_F32, UNCLIP_PRECISION_F32, UNCLIP_PRECISION_F16 };
  g_autoptr (GError) error = NULL;

  if (executors[i] != NULL)
    return executors[i];

  if (i == 0)
    executors[i] = unclip_executor_new_ref ();
  else
    executors[i] = unclip_executor_open_vulkan (g_getenv ("UNCLIP_TEST_DEVICE"), precisions[i], &error);
  if (executors[i] == NULL)
    {
      if (g_strcmp0 (g_getenv ("UNCLIP_GPU_TESTS"), "required") == 0
          || !g_error_matches (error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE))
        g_error ("No device to test on: %s", error->message);
      g_test_skip (error->message);
    }
  return executors[i];
}

char *
test_nets_dup_folder (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "nets", name, NULL);
}

float *
test_nets_dup_values (UnclipSafetensors *file,
                      const char        *name)
{
  const UnclipArray *array = unclip_safetensors_find (file, name);
  float *values;

  g_assert_nonnull (array);
  values = g_new (float, unclip_array_get_n_elements (array));
  unclip_array_copy_f32 (array, 0, unclip_array_get_n_elements (array), values);
  return values;
}

void
test_nets_write_input (UnclipProgram     *program,
                       const char        *name,
                       UnclipSafetensors *file)
{
  g_autofree char *key = g_strconcat ("in.", name, NULL);
  g_autofree float *values = test_nets_dup_values (file, key);
  g_autoptr (GError) error = NULL;

  unclip_program_write_f32 (program, name, values, &error);
  g_assert_no_error (error);
}

double
test_nets_get_error (const float *found,
                     const float *expected,
                     gsize        n)
{
  double difference = 0, magnitude = 0;

  for (gsize i = 0; i < n; i++)
    {
      if (!isfinite (found[i]))
        return INFINITY;
      difference = fmax (difference, fabs ((double) found[i] - expected[i]));
      magnitude = fmax (magnitude, fabs ((double) expected[i]));
    }
  return magnitude > 0 ? difference / magnitude : difference;
}

int
test_nets_run (void)
{
  int status = g_test_run ();

  for (guint i = 0; i < TEST_NETS_N_EXECUTORS; i++)
    g_clear_pointer (&executors[i], unclip_executor_unref);
  return status;
}
