/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "gpu-probe.h"
#include "test-device.h"
#include "unclip-error.h"

#include <string.h>

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) infos = NULL;

  if (test_device_get () == NULL)
    return;
  infos = unclip_gpu_list_devices (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (infos->len, >=, 1);
  for (guint i = 0; i < infos->len; i++)
    {
      const UnclipGpuDeviceInfo *info = infos->pdata[i];

      g_assert_cmpuint (info->index, ==, i);
      g_assert_cmpuint (strlen (info->name), >, 0);
      g_assert_cmpuint (strlen (info->uuid), ==, 64);
      g_assert_cmpuint (info->memory_bytes, >, 0);
    }
}

static void
test_select (void)
{
  UnclipGpuDevice *shared = test_device_get ();
  g_autoptr (GError) error = NULL;
  g_autofree char *index = NULL;
  g_autofree char *upper = NULL;

  if (shared == NULL)
    return;
  index = g_strdup_printf ("%u", unclip_gpu_device_get_info (shared)->index);
  upper = g_utf8_strup (unclip_gpu_device_get_info (shared)->name, 5);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (UnclipGpuDevice) device = unclip_gpu_device_open (i == 0 ? index : upper, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (unclip_gpu_device_get_info (device)->name, ==,
                       unclip_gpu_device_get_info (shared)->name);
    }
}

static void
test_select_unknown (void)
{
  static const char *const selectors[] = { "no such card", "4711", "-1", "0x0" };

  if (test_device_get () == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (selectors); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (unclip_gpu_device_open (selectors[i], &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE);
      g_assert_nonnull (strstr (error->message, selectors[i]));
    }
}

static void
test_choose (void)
{
  static UnclipGpuDeviceInfo offered[] = {
    { .index = 0, .name = (char *) "llvmpipe (LLVM)", .kind = UNCLIP_GPU_DEVICE_SOFTWARE },
    { .index = 1,
      .name = (char *) "Old Card",
      .kind = UNCLIP_GPU_DEVICE_DISCRETE,
      .refusal = (char *) "has Vulkan 1.0" },
    { .index = 2, .name = (char *) "Laptop Graphics", .kind = UNCLIP_GPU_DEVICE_INTEGRATED },
    { .index = 3, .name = (char *) "Big Card 9000", .kind = UNCLIP_GPU_DEVICE_DISCRETE },
    { .index = 4, .name = (char *) "Big Card 9000", .kind = UNCLIP_GPU_DEVICE_DISCRETE },
    { .index = 5, .name = (char *) "virtio", .kind = UNCLIP_GPU_DEVICE_VIRTUAL },
  };
  static const struct
  {
    const char *selector;
    int         index;     /* -1: refused, -2: unknown */
  } cases[] = {
    { NULL, 3 },   { "0", 0 },         { "4", 4 },        { "big", 3 },
    { "CARD", 3 }, { "LLVM", 0 },      { "graphics", 2 }, { "virt", 5 },
    { "1", -1 },   { "old card", -1 }, { "6", -2 },       { "9000 big", -2 },
    { "Software", 0 },
  };
  g_autoptr (GPtrArray) infos = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (offered); i++)
    g_ptr_array_add (infos, &offered[i]);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      int code = cases[i].index == -1 ? UNCLIP_ERROR_UNSUPPORTED_DEVICE : UNCLIP_ERROR_NO_DEVICE;
      const UnclipGpuDeviceInfo *chosen = unclip_gpu_device_choose (infos, cases[i].selector,
                                                                    &error);

      if (cases[i].index >= 0)
        {
          g_assert_no_error (error);
          g_assert_cmpuint (chosen->index, ==, (guint) cases[i].index);
          continue;
        }
      g_assert_null (chosen);
      g_assert_error (error, UNCLIP_ERROR, code);
      g_assert_nonnull (
          strstr (error->message, cases[i].index == -1 ? "has Vulkan 1.0" : "Laptop Graphics"));
    }
}

static void
test_limits (void)
{
  UnclipGpuDevice *device = test_device_get ();
  const UnclipGpuLimits *limits;

  if (device == NULL)
    return;
  limits = unclip_gpu_device_get_limits (device);
  g_assert_cmpuint (limits->subgroup_size, >=, 1);
  g_assert_cmpuint (limits->max_storage_range, >=, 1 << 27);
  g_assert_cmpuint (limits->max_texel_elements, >=, 65536);
  g_assert_cmpuint (limits->max_push_bytes, >=, 128);
  g_assert_cmpuint (limits->storage_alignment, >=, 1);
  g_assert_cmpuint (limits->texel_alignment, >=, 1);
  g_assert_cmpuint (unclip_gpu_device_get_free_bytes (device), >, 0);
  g_test_message ("%s, %s: subgroup %u, f16 storage %d, timestamps %d",
                  unclip_gpu_device_get_info (device)->name,
                  unclip_gpu_device_get_info (device)->driver, limits->subgroup_size,
                  limits->has_f16_storage, limits->has_timestamps);
}

/* One after the other and two at a time: nothing is left from a device that was closed, nothing is
 * shared. */
static void
test_again (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (UnclipGpuDevice) device = probe_open (NULL, NULL);
      g_autoptr (UnclipGpuDevice) beside = probe_open (NULL, NULL);
      g_autoptr (UnclipGpuBuffer) buffer = NULL;
      g_autoptr (UnclipGpuCommand) command = NULL;
      const float value = 20.0f;
      float result;

      if (device == NULL)
        return;
      g_clear_pointer (&beside, unclip_gpu_device_unref);
      buffer = probe_buffer (device, 512, NULL);
      g_assert_true (unclip_gpu_buffer_write (buffer, 0, &value, sizeof value, NULL));
      command = probe_command (device, FALSE);
      probe_compute (command, device, buffer, 0, buffer, 256, 1, 2.0f, 2.0f);
      probe_end (command);
      probe_run (command);
      probe_read (buffer, 256, &result, sizeof result);
      g_assert_cmpfloat (result, ==, 42.0f);
    }
}

static void
test_none (void)
{
  static const char *const variables[] = { "VK_DRIVER_FILES", "VK_ICD_FILENAMES" };
  char *before[G_N_ELEMENTS (variables)];

  if (g_test_subprocess ())
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) list_error = NULL;

      g_assert_null (unclip_gpu_device_open (NULL, &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE);
      g_assert_null (unclip_gpu_list_devices (&list_error));
      g_assert_error (list_error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      before[i] = g_strdup (g_getenv (variables[i]));
      g_setenv (variables[i], "/nonexistent", TRUE);
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      if (before[i] != NULL)
        g_setenv (variables[i], before[i], TRUE);
      else
        g_unsetenv (variables[i]);
      g_free (before[i]);
    }
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gpu/device/none", test_none);
  g_test_add_func ("/gpu/device/choose", test_choose);
  g_test_add_func ("/gpu/device/list", test_list);
  g_test_add_func ("/gpu/device/select", test_select);
  g_test_add_func ("/gpu/device/select-unknown", test_select_unknown);
  g_test_add_func ("/gpu/device/limits", test_limits);
  g_test_add_func ("/gpu/device/again", test_again);
  return test_device_run ();
}
