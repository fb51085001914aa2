/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "gpu-probe.h"
#include "test-device.h"
#include "test-random.h"
#include "unclip-error.h"

#include <string.h>

/* Longer than the staging buffer, by an odd number of bytes. */
#define LONG_BYTES (((gsize) 16 << 20) + 12345)

static guint8 *
make_bytes (gsize n)
{
  guint8 *bytes = g_malloc (n);
  guint32 state = 1;

  for (gsize i = 0; i < n; i++)
    {
      state = state * 1664525u + 1013904223u;
      bytes[i] = (guint8) (state >> 24);
    }
  return bytes;
}

static void
round_trip (UnclipGpuDevice *device)
{
  g_autofree guint8 *bytes = make_bytes (LONG_BYTES);
  g_autofree guint8 *back = g_malloc0 (LONG_BYTES);
  g_autoptr (UnclipGpuBuffer) buffer = probe_buffer (device, LONG_BYTES, bytes);
  g_autoptr (GError) error = NULL;

  probe_read (buffer, 0, back, LONG_BYTES);
  g_assert_cmpint (memcmp (bytes, back, LONG_BYTES), ==, 0);

  /* A part in the middle at odd offsets, and nothing at the very end. */
  g_assert_true (unclip_gpu_buffer_write (buffer, 777, bytes, 33, &error));
  g_assert_true (unclip_gpu_buffer_write (buffer, LONG_BYTES, bytes, 0, &error));
  memcpy (bytes + 777, back, 33);
  probe_read (buffer, 5, back, LONG_BYTES - 5);
  g_assert_cmpint (memcmp (bytes + 5, back, LONG_BYTES - 5), ==, 0);
}

static void
test_direct (void)
{
  UnclipGpuDevice *device = test_device_get ();

  if (device != NULL)
    round_trip (device);
}

static void
test_staged (void)
{
  g_autoptr (UnclipGpuDevice) device = probe_open_staged ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;

  if (device == NULL)
    return;
  buffer = probe_buffer (device, 64, NULL);
  g_assert_null (unclip_gpu_buffer_get_mapped (buffer));
  round_trip (device);
}

static void
test_mapped (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) upload = NULL;
  g_autoptr (UnclipGpuBuffer) readback = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  g_autoptr (GError) error = NULL;
  guint8 *bytes;

  if (device == NULL)
    return;
  upload = unclip_gpu_buffer_new (device, 100, UNCLIP_GPU_MEMORY_UPLOAD, "upload", &error);
  g_assert_no_error (error);
  readback = unclip_gpu_buffer_new (device, 100, UNCLIP_GPU_MEMORY_READBACK, "readback", &error);
  g_assert_no_error (error);
  command = probe_command (device, FALSE);
  unclip_gpu_command_copy (command, upload, 0, readback, 0, 100);
  probe_end (command);

  for (guint round = 0; round < 3; round++)
    {
      bytes = unclip_gpu_buffer_get_mapped (upload);
      memset (bytes, (int) round + 1, 100);
      probe_run (command);
      bytes = unclip_gpu_buffer_get_mapped (readback);
      for (guint i = 0; i < 100; i++)
        g_assert_cmpuint (bytes[i], ==, round + 1);
    }
}

/* Buffers come and go in an order that leaves holes; none may touch another's bytes, and all memory
 * comes back. */
static void
test_many (void)
{
  enum { COUNT = 200, ROUNDS = 1500 };
  g_autoptr (UnclipGpuDevice) device = probe_open (NULL, NULL);
  UnclipGpuBuffer *buffers[COUNT] = { NULL };
  guint32 state = 7;

  if (device == NULL)
    return;
  for (guint round = 0; round < ROUNDS; round++)
    {
      guint i = (state = state * 1664525u + 1013904223u) % COUNT;
      gsize n_bytes = 1 + (state >> 8) % (i % 10 == 0 ? 1600000 : 60000);
      guint8 ends[2];

      if (buffers[i] != NULL)
        {
          probe_read (buffers[i], 0, &ends[0], 1);
          probe_read (buffers[i], unclip_gpu_buffer_get_size (buffers[i]) - 1, &ends[1], 1);
          g_assert_cmpuint (ends[0], ==, i);
          g_assert_cmpuint (ends[1], ==, i);
          g_clear_pointer (&buffers[i], unclip_gpu_buffer_unref);
          continue;
        }
      buffers[i] = probe_buffer (device, n_bytes, NULL);
      ends[0] = (guint8) i;
      g_assert_true (unclip_gpu_buffer_write (buffers[i], 0, ends, 1, NULL));
      g_assert_true (unclip_gpu_buffer_write (buffers[i], n_bytes - 1, ends, 1, NULL));
    }
  for (guint i = 0; i < COUNT; i++)
    unclip_gpu_buffer_unref (buffers[i]);
  g_assert_cmpuint (device->allocated_bytes, ==, 0);
  g_assert_cmpuint (device->blocks->len, <=, 1); /* the one that is kept */
  g_assert_cmpuint (unclip_gpu_device_get_peak_bytes (device), >, 0);
}

/* Longer than one binding may span where that is possible at a bearable size; the end is reached
 * through an offset. */
static void
test_long (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  const gsize window = 1 << 20;
  gsize n_bytes;
  float value = 41.0f;

  if (device == NULL)
    return;
  n_bytes = MIN (unclip_gpu_device_get_limits (device)->max_storage_range, (gsize) 512 << 20)
            + 2 * window;
  buffer = probe_buffer (device, n_bytes, NULL);
  g_assert_true (
      unclip_gpu_buffer_write (buffer, n_bytes - sizeof value, &value, sizeof value, NULL));
  command = probe_command (device, FALSE);
  probe_compute (command, device, buffer, n_bytes - window, buffer, n_bytes - 2 * window,
                 window / sizeof value, 1.0f, 1.0f);
  probe_end (command);
  probe_run (command);
  probe_read (buffer, n_bytes - window - sizeof value, &value, sizeof value);
  g_assert_cmpfloat (value, ==, 42.0f);
}

static void
test_too_long (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (GError) error = NULL;

  if (device == NULL)
    return;
  buffer = unclip_gpu_buffer_new (device, (gsize) 1 << 50, UNCLIP_GPU_MEMORY_DEVICE,
                                  "a vast tensor", &error);
  g_assert_null (buffer);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY);
  g_assert_nonnull (strstr (error->message, "a vast tensor"));
  g_assert_nonnull (strstr (error->message, "MiB"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gpu/buffer/direct", test_direct);
  g_test_add_func ("/gpu/buffer/staged", test_staged);
  g_test_add_func ("/gpu/buffer/mapped", test_mapped);
  g_test_add_func ("/gpu/buffer/many", test_many);
  g_test_add_func ("/gpu/buffer/long", test_long);
  g_test_add_func ("/gpu/buffer/too-long", test_too_long);
  return test_device_run ();
}
