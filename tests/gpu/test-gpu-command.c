/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "gpu-probe.h"
#include "test-device.h"
#include "unclip-error.h"

#include <string.h>

enum
{
  N = 1000,
  HALF = 4096, /* bytes; N floats, aligned for every device */
};

static void
fill_ramp (float *values)
{
  for (guint i = 0; i < N; i++)
    values[i] = (float) i;
}

/* A chain through two halves of one buffer: every link reads what the one before wrote, and
 * overwrites what it read. Every number stays a whole one below 2^24, so it is exact.
 */
static void
test_chain (void)
{
  enum { LINKS = 11 };
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  float values[2 * HALF / sizeof (float)] = { 0 };

  if (device == NULL)
    return;
  fill_ramp (values);
  buffer = probe_buffer (device, sizeof values, values);
  command = probe_command (device, FALSE);
  for (guint link = 0; link < LINKS; link++)
    probe_compute (command, device, buffer, link % 2 ? HALF : 0, buffer, link % 2 ? 0 : HALF, N,
                   2.0f, 1.0f);
  g_assert_cmpuint (unclip_gpu_command_get_n_barriers (command), ==, LINKS - 1);
  probe_end (command);
  probe_run (command);

  probe_read (buffer, LINKS % 2 ? HALF : 0, values, N * sizeof values[0]);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (values[i], ==, (float) ((i + 1) * (1 << LINKS) - 1));
}

/* Only what meets in bytes, with a writer on one side, gets a barrier. */
static void
test_barriers (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) a = NULL;
  g_autoptr (UnclipGpuBuffer) b = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;

  if (device == NULL)
    return;
  a = probe_buffer (device, 4 * HALF, NULL);
  b = probe_buffer (device, 4 * HALF, NULL);
  command = probe_command (device, FALSE);

  unclip_gpu_command_fill_zero (command, a, 0, HALF);
  probe_compute (command, device, a, HALF, b, 0, N, 1.0f, 0.0f);
  probe_compute (command, device, a, HALF, b, HALF, N, 1.0f, 0.0f);
  g_assert_cmpuint (unclip_gpu_command_get_n_barriers (command), ==, 0);
  /* Read after write. */
  probe_compute (command, device, b, 0, b, 2 * HALF, N, 1.0f, 0.0f);
  g_assert_cmpuint (unclip_gpu_command_get_n_barriers (command), ==, 1);
  /* Write after read; the bytes just behind N floats are free. */
  unclip_gpu_command_copy (command, a, 0, b, N * sizeof (float), HALF - N * sizeof (float));
  g_assert_cmpuint (unclip_gpu_command_get_n_barriers (command), ==, 1);
  unclip_gpu_command_copy (command, a, 0, b, (N - 1) * sizeof (float), sizeof (float));
  g_assert_cmpuint (unclip_gpu_command_get_n_barriers (command), ==, 2);
  /* Write after write. */
  unclip_gpu_command_fill_zero (command, b, 0, HALF);
  g_assert_cmpuint (unclip_gpu_command_get_n_barriers (command), ==, 3);
  probe_end (command);
  probe_run (command);
}

static void
test_copy_and_fill (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  guint8 bytes[64];

  if (device == NULL)
    return;
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i + 1);
  buffer = probe_buffer (device, sizeof bytes, bytes);
  command = probe_command (device, FALSE);
  unclip_gpu_command_copy (command, buffer, 1, buffer, 33, 7);
  unclip_gpu_command_fill_zero (command, buffer, 4, 8);
  unclip_gpu_command_copy (command, buffer, 33, buffer, 50, 3);
  probe_end (command);
  probe_run (command);
  probe_read (buffer, 0, bytes, sizeof bytes);

  for (guint i = 0; i < sizeof bytes; i++)
    {
      guint expected = i + 1;

      if (i >= 4 && i < 12)
        expected = 0;
      else if (i >= 33 && i < 40)
        expected = i - 33 + 2;
      else if (i >= 50 && i < 53)
        expected = i - 50 + 2;
      g_assert_cmpuint (bytes[i], ==, expected);
    }
}

/* Recorded once, run three times on the same input: the same bytes; and the command keeps its
 * buffers alive. */
static void
test_replay (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) from = NULL;
  g_autoptr (UnclipGpuBuffer) to = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  UnclipGpuBuffer *between;
  float values[N], first[N], again[N];

  if (device == NULL)
    return;
  for (guint i = 0; i < N; i++)
    values[i] = 1.0f / (float) (i + 3);
  from = probe_buffer (device, sizeof values, values);
  between = probe_buffer (device, sizeof values, NULL);
  to = probe_buffer (device, sizeof values, NULL);

  command = probe_command (device, FALSE);
  probe_compute (command, device, from, 0, between, 0, N, 0.3f, 0.7f);
  unclip_gpu_command_cut (command);
  unclip_gpu_command_cut (command);
  probe_compute (command, device, between, 0, to, 0, N, 1.1f, -0.1f);
  probe_end (command);
  unclip_gpu_buffer_unref (between);

  probe_run (command);
  probe_read (to, 0, first, sizeof first);
  for (guint i = 0; i < 2; i++)
    {
      memset (again, 0, sizeof again);
      g_assert_true (unclip_gpu_buffer_write (to, 0, again, sizeof again, NULL));
      probe_run (command);
      probe_read (to, 0, again, sizeof again);
      g_assert_cmpmem (first, sizeof first, again, sizeof again);
    }

  /* New input, same recording. */
  fill_ramp (values);
  g_assert_true (unclip_gpu_buffer_write (from, 0, values, sizeof values, NULL));
  probe_run (command);
  probe_read (to, 0, again, sizeof again);
  g_assert_cmpfloat_with_epsilon (again[10], (10 * 0.3f + 0.7f) * 1.1f - 0.1f, 1e-5f);
}

static void
test_empty (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuCommand) command = NULL;

  if (device == NULL)
    return;
  command = probe_command (device, FALSE);
  probe_end (command);
  probe_run (command);
}

static void
cancel_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* Cancelled before the first submit nothing has run; the device is idle and goes on working, also
 * for the same command. */
static void
test_cancel (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  float values[2 * HALF / sizeof (float)] = { 0 };

  if (device == NULL)
    return;
  fill_ramp (values);
  buffer = probe_buffer (device, sizeof values, values);
  command = probe_command (device, FALSE);
  probe_compute (command, device, buffer, 0, buffer, HALF, N, 1.0f, 5.0f);
  probe_end (command);

  cancel_cb (cancellable);
  g_assert_false (unclip_gpu_command_run (command, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  probe_read (buffer, HALF, values, N * sizeof values[0]);
  g_assert_cmpfloat (values[1], ==, 0.0f);

  probe_run (command);
  probe_read (buffer, HALF, values, N * sizeof values[0]);
  g_assert_cmpfloat (values[1], ==, 6.0f);
}

static gpointer
cancel_worker (gpointer user_data)
{
  g_usleep (20000);
  g_cancellable_cancel (user_data);
  return NULL;
}

/* Cancelled by another thread while thousands of segments run: stops between two of them, and
 * whole. */
static void
test_cancel_between (void)
{
  enum { SEGMENTS = 4000 };
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gboolean finished;
  float values[2 * HALF / sizeof (float)] = { 0 };

  if (device == NULL)
    return;
  buffer = probe_buffer (device, sizeof values, values);
  command = probe_command (device, FALSE);
  for (guint i = 0; i < SEGMENTS; i++)
    {
      probe_compute (command, device, buffer, i % 2 ? HALF : 0, buffer, i % 2 ? 0 : HALF, N, 1.0f,
                     1.0f);
      unclip_gpu_command_cut (command);
    }
  probe_end (command);

  /* A very fast device may be through before the other thread has woken up; that is no failure. */
  thread = g_thread_new ("cancel", cancel_worker, cancellable);
  finished = unclip_gpu_command_run (command, cancellable, &error);
  g_thread_join (thread);
  if (!finished)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  probe_read (buffer, 0, values, sizeof values);
  for (guint i = 1; i < N; i++)
    {
      g_assert_cmpfloat (values[i], ==, values[0]);
      g_assert_cmpfloat (values[HALF / sizeof (float) + i], ==, values[HALF / sizeof (float)]);
    }
  g_assert_cmpfloat (MAX (values[0], values[HALF / sizeof (float)]), <=, SEGMENTS);
}

/* More sets than one descriptor pool holds, all offsets different. */
static void
test_many_dispatches (void)
{
  enum { COUNT = 300, STEP = 256, FLOATS = STEP / sizeof (float) };
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) from = NULL;
  g_autoptr (UnclipGpuBuffer) to = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  g_autofree float *values = g_new (float, COUNT * FLOATS);

  if (device == NULL)
    return;
  for (guint i = 0; i < COUNT * FLOATS; i++)
    values[i] = (float) i;
  from = probe_buffer (device, COUNT * STEP, values);
  to = probe_buffer (device, COUNT * STEP, NULL);
  command = probe_command (device, FALSE);
  for (guint i = 0; i < COUNT; i++)
    probe_compute (command, device, from, i * STEP, to, (COUNT - 1 - i) * STEP, FLOATS, 1.0f, 1.0f);
  g_assert_cmpuint (unclip_gpu_command_get_n_barriers (command), ==, 0);
  probe_end (command);
  probe_run (command);

  probe_read (to, 0, values, COUNT * STEP);
  for (guint i = 0; i < COUNT; i++)
    for (guint j = 0; j < FLOATS; j++)
      g_assert_cmpfloat (values[i * FLOATS + j], ==, (float) ((COUNT - 1 - i) * FLOATS + j + 1));
}

/* More marks than one query pool holds, over several segments; a cancelled run has no times. */
static void
test_timers (void)
{
  enum { MARKS = 150 };
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GArray) none = NULL;
  g_autoptr (GArray) spans = NULL;
  g_autoptr (GArray) after_cancel = NULL;

  if (device == NULL)
    return;
  if (!unclip_gpu_device_get_limits (device)->has_timestamps)
    {
      g_test_skip ("The device has no timestamps");
      return;
    }
  buffer = probe_buffer (device, 2 * HALF, NULL);
  command = probe_command (device, TRUE);
  unclip_gpu_command_fill_zero (command, buffer, 0, 2 * HALF);
  for (guint i = 0; i < MARKS; i++)
    {
      g_autofree char *label = g_strdup_printf ("mark %u", i);

      unclip_gpu_command_mark (command, label);
      probe_compute (command, device, buffer, 0, buffer, HALF, N, 1.0f, 1.0f);
      if (i % 40 == 0)
        unclip_gpu_command_cut (command);
    }
  probe_end (command);

  none = unclip_gpu_command_get_spans (command);
  g_assert_cmpuint (none->len, ==, 0);
  probe_run (command);
  spans = unclip_gpu_command_get_spans (command);
  g_assert_cmpuint (spans->len, ==, MARKS);
  g_assert_cmpstr (g_array_index (spans, UnclipGpuSpan, 149).label, ==, "mark 149");
  for (guint i = 0; i < MARKS; i++)
    {
      double seconds = g_array_index (spans, UnclipGpuSpan, i).seconds;

      g_assert_true (seconds >= 0.0 && seconds < 60.0);
    }

  g_cancellable_cancel (cancellable);
  g_assert_false (unclip_gpu_command_run (command, cancellable, NULL));
  after_cancel = unclip_gpu_command_get_spans (command);
  g_assert_cmpuint (after_cancel->len, ==, 0);
}

/* A span that the device cannot bind, and a grid that it cannot run, are errors of end(), not
 * crashes. */
static void
test_beyond_limits (void)
{
  enum { KINDS = 2 };
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  gsize n_bytes;

  if (device == NULL)
    return;
  n_bytes = unclip_gpu_device_get_limits (device)->max_storage_range;
  if (n_bytes > (gsize) 512 << 20
      || unclip_gpu_device_get_limits (device)->max_workgroup_count[0] > 1 << 20)
    {
      g_test_skip ("The device's limits are too wide to be reached");
      return;
    }
  buffer = probe_buffer (device, n_bytes + 256, NULL);
  for (guint kind = 0; kind < KINDS; kind++)
    {
      g_autoptr (UnclipGpuCommand) command = probe_command (device, FALSE);
      g_autoptr (GError) error = NULL;
      guint n = kind == 0 ? n_bytes / sizeof (float) + 1 : (PROBE_GROUP << 16) + 1;

      probe_compute (command, device, buffer, 0, buffer, 0, n, 1.0f, 0.0f);
      unclip_gpu_command_fill_zero (command, buffer, 0, 4);
      g_assert_false (unclip_gpu_command_end (command, &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE);
      g_assert_nonnull (strstr (error->message, kind == 0 ? "MiB" : "workgroups"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gpu/command/chain", test_chain);
  g_test_add_func ("/gpu/command/barriers", test_barriers);
  g_test_add_func ("/gpu/command/copy-and-fill", test_copy_and_fill);
  g_test_add_func ("/gpu/command/replay", test_replay);
  g_test_add_func ("/gpu/command/empty", test_empty);
  g_test_add_func ("/gpu/command/cancel", test_cancel);
  g_test_add_func ("/gpu/command/cancel-between", test_cancel_between);
  g_test_add_func ("/gpu/command/many-dispatches", test_many_dispatches);
  g_test_add_func ("/gpu/command/timers", test_timers);
  g_test_add_func ("/gpu/command/beyond-limits", test_beyond_limits);
  return test_device_run ();
}
