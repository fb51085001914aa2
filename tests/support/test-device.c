/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-device.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

static UnclipGpuDevice *shared;

UnclipGpuDevice *
test_device_get (void)
{
  g_autoptr (GError) error = NULL;

  if (shared != NULL)
    return shared;

  shared = unclip_gpu_device_open (g_getenv ("UNCLIP_TEST_DEVICE"), &error);
  if (shared == NULL)
    {
      if (g_strcmp0 (g_getenv ("UNCLIP_GPU_TESTS"), "required") == 0
          || !g_error_matches (error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE))
        g_error ("No device to test on: %s", error->message);
      g_test_skip (error->message);
    }
  return shared;
}

int
test_device_run (void)
{
  int status = g_test_run ();

  if (shared != NULL)
    {
      g_assert_cmpint (shared->ref_count, ==, 1);
      g_assert_cmpuint (shared->instance->n_messages, ==, 0);
    }
  g_clear_pointer (&shared, unclip_gpu_device_unref);
  return status;
}
