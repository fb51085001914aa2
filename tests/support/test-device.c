/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-device.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

#include <glib/gstdio.h>

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

char *
test_device_isolate_cache (void)
{
  char *folder = g_dir_make_tmp ("fugue-test-XXXXXX", NULL);

  g_assert_nonnull (folder);
  g_setenv ("XDG_CACHE_HOME", folder, TRUE);
  g_setenv ("MESA_SHADER_CACHE_DISABLE", "true", TRUE);
  return folder;
}

void
test_device_remove_cache (const char *folder)
{
  g_autofree char *ours = g_build_filename (folder, "fugue", NULL);
  g_autoptr (GDir) dir = g_dir_open (ours, 0, NULL);
  const char      *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (ours, name, NULL);

      g_unlink (path);
    }
  g_rmdir (ours);
  g_rmdir (folder);
}
