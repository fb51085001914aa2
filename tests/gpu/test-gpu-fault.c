/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "gpu-probe.h"
#include "test-device.h"
#include "unclip-error.h"

#include <string.h>

enum { N = 256 };

/* Three buffers, staged copies (two more), three submits of its own and three of the copies: every
 * failure comes back through here.
 */
static gboolean
work (UnclipGpuDevice *device,
      float           *result,
      GError         **error)
{
  g_autoptr (UnclipGpuBuffer) from = NULL;
  g_autoptr (UnclipGpuBuffer) between = NULL;
  g_autoptr (UnclipGpuBuffer) to = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  float values[N] = { 3.0f };

  from = unclip_gpu_buffer_new (device, sizeof values, UNCLIP_GPU_MEMORY_DEVICE, "from", error);
  if (from == NULL)
    return FALSE;
  between = unclip_gpu_buffer_new (device, sizeof values, UNCLIP_GPU_MEMORY_DEVICE, "between",
                                   error);
  if (between == NULL)
    return FALSE;
  to = unclip_gpu_buffer_new (device, sizeof values, UNCLIP_GPU_MEMORY_DEVICE, "to", error);
  if (to == NULL || !unclip_gpu_buffer_write (from, 0, values, sizeof values, error))
    return FALSE;

  command = unclip_gpu_command_new (device, TRUE, error);
  if (command == NULL)
    return FALSE;
  unclip_gpu_command_mark (command, "work");
  probe_compute (command, device, from, 0, between, 0, N, 2.0f, 1.0f);
  unclip_gpu_command_cut (command);
  probe_compute (command, device, between, 0, to, 0, N, 3.0f, 0.0f);
  return unclip_gpu_command_end (command, error)
         && unclip_gpu_command_run (command, NULL, error)
         && unclip_gpu_buffer_read (to, 0, result, sizeof *result, error);
}

/* Fails the first event, then the second, and so on until the work gets through; each time with the
 * typed error and with all memory given back.
 */
static void
fail_each (const char  *event,
           UnclipError  code,
           guint        n_events)
{
  g_setenv ("UNCLIP_GPU_STAGING", "1", TRUE);
  for (guint n = 1; n <= n_events + 1; n++)
    {
      g_autofree char *fault = g_strdup_printf ("%s:%u", event, n);
      g_autoptr (UnclipGpuDevice) device = probe_open ("UNCLIP_GPU_FAULT", fault);
      g_autoptr (GError) error = NULL;
      float result = 0;
      gboolean ok;

      if (device == NULL)
        break;
      ok = work (device, &result, &error);
      g_assert_cmpint (ok, ==, n > n_events);
      if (ok)
        {
          g_assert_no_error (error);
          g_assert_cmpfloat (result, ==, 21.0f);
        }
      else
        {
          g_assert_error (error, UNCLIP_ERROR, (int) code);
          g_assert_nonnull (strstr (error->message, unclip_gpu_device_get_info (device)->name));
        }
      g_assert_cmpint (device->ref_count, ==, 1);
      unclip_gpu_device_drop_staging (device);
      g_assert_cmpuint (device->allocated_bytes, ==, 0);
      g_assert_cmpuint (device->blocks->len, <=, 1); /* the one that is kept */
    }
  g_unsetenv ("UNCLIP_GPU_STAGING");
}

static void
test_alloc (void)
{
  fail_each ("alloc", UNCLIP_ERROR_OUT_OF_MEMORY, 5);
}

static void
test_submit (void)
{
  fail_each ("submit", UNCLIP_ERROR_DEVICE_LOST, 4);
}

/* After one failed allocation the device is as good as new; the message says what was wanted. */
static void
test_alloc_recovers (void)
{
  g_autoptr (UnclipGpuDevice) device = probe_open ("UNCLIP_GPU_FAULT", "alloc:2");
  g_autoptr (GError) error = NULL;
  float result;

  if (device == NULL)
    return;
  g_assert_false (work (device, &result, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY);
  g_assert_nonnull (strstr (error->message, "between"));
  g_assert_nonnull (strstr (error->message, "MiB wanted"));
  g_clear_error (&error);
  g_assert_true (work (device, &result, &error));
  g_assert_no_error (error);
}

/* A lost device says so ever after, and another one can be opened. */
static void
test_lost_stays_lost (void)
{
  g_autoptr (UnclipGpuDevice) device = probe_open ("UNCLIP_GPU_FAULT", "submit:1");
  g_autoptr (UnclipGpuDevice) fresh = NULL;
  g_autoptr (GError) error = NULL;
  float result;

  if (device == NULL)
    return;
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (work (device, &result, &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_DEVICE_LOST);
      g_clear_error (&error);
    }
  fresh = probe_open (NULL, NULL);
  g_assert_true (work (fresh, &result, &error));
  g_assert_no_error (error);
}

static void
test_results (void)
{
  static const struct
  {
    VkResult    result;
    UnclipError code;
  } cases[] = {
    { VK_ERROR_DEVICE_LOST, UNCLIP_ERROR_DEVICE_LOST },
    { VK_ERROR_OUT_OF_DEVICE_MEMORY, UNCLIP_ERROR_OUT_OF_MEMORY },
    { VK_ERROR_OUT_OF_HOST_MEMORY, UNCLIP_ERROR_OUT_OF_MEMORY },
    { VK_ERROR_INCOMPATIBLE_DRIVER, UNCLIP_ERROR_NO_DEVICE },
    { VK_ERROR_FEATURE_NOT_PRESENT, UNCLIP_ERROR_UNSUPPORTED_DEVICE },
    { VK_ERROR_UNKNOWN, UNCLIP_ERROR_INTERNAL },
    { VK_TIMEOUT, UNCLIP_ERROR_INTERNAL },
  };

  g_assert_true (unclip_gpu_check (NULL, VK_SUCCESS, "test", NULL));
  g_assert_true (unclip_gpu_check (NULL, VK_INCOMPLETE, "test", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (unclip_gpu_check (NULL, cases[i].result, "test", &error));
      g_assert_error (error, UNCLIP_ERROR, (int) cases[i].code);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gpu/fault/results", test_results);
  g_test_add_func ("/gpu/fault/alloc", test_alloc);
  g_test_add_func ("/gpu/fault/alloc-recovers", test_alloc_recovers);
  g_test_add_func ("/gpu/fault/submit", test_submit);
  g_test_add_func ("/gpu/fault/lost-stays-lost", test_lost_stays_lost);
  return test_device_run ();
}
