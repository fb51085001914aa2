/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-stages.h"

#include "test-device.h"
#include "unclip-image-file.h"

static UnclipExecutor *executor;

gboolean
test_stages_open (TestStages *self, const char *path)
{
  g_autoptr (GError)            error = NULL;
  g_autoptr (UnclipModelFolder) folder = NULL;
  g_autoptr (UnclipModel)       model = NULL;

  if (test_device_get () == NULL)
    return FALSE;
  if (executor == NULL)
    executor = unclip_executor_open_vulkan (g_getenv ("UNCLIP_TEST_DEVICE"), UNCLIP_PRECISION_AUTO, &error);
  g_assert_no_error (error);
  folder = unclip_model_folder_open (path, &error);
  g_assert_no_error (error);
  model = unclip_model_open (folder, &error);
  g_assert_no_error (error);
  self->stages = unclip_stages_new (model, executor);
  self->evaluator = unclip_evaluator_new (self->stages);
  self->sha256 = unclip_model_folder_get_sha256 (folder, &error);
  g_assert_no_error (error);
  return TRUE;
}

void
test_stages_close (TestStages *self)
{
  unclip_evaluator_free (self->evaluator);
  unclip_stages_free (self->stages);
}

const char *
test_stages_add_source (TestStages *self, const char *path)
{
  g_autoptr (GError)      error = NULL;
  g_autofree char        *full = g_test_build_filename (G_TEST_DIST, path, NULL);
  g_autoptr (UnclipImage) image = unclip_image_load (full, &error);

  g_assert_no_error (error);
  return unclip_evaluator_add_source (self->evaluator, image);
}

int
test_stages_run (void)
{
  int status = test_device_run ();

  g_clear_pointer (&executor, unclip_executor_unref);
  return status;
}
