/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "gpu-probe.h"

#include "test-device.h"

typedef struct
{
  guint32 n;
  float   scale;
} ComputePush;

typedef struct
{
  guint32 n;
  gint32  first;
} TexelPush;

UnclipGpuDevice *
probe_open (const char *variable,
            const char *value)
{
  g_autoptr (GError) error = NULL;
  UnclipGpuDevice *device;

  if (test_device_get () == NULL)
    return NULL;
  if (variable != NULL)
    g_setenv (variable, value, TRUE);
  device = unclip_gpu_device_open (g_getenv ("UNCLIP_TEST_DEVICE"), &error);
  if (variable != NULL)
    g_unsetenv (variable);
  g_assert_no_error (error);
  return device;
}

UnclipGpuDevice *
probe_open_staged (void)
{
  return probe_open ("UNCLIP_GPU_STAGING", "1");
}

UnclipGpuBuffer *
probe_buffer (UnclipGpuDevice *device,
              gsize            n_bytes,
              const void      *data)
{
  g_autoptr (GError) error = NULL;
  UnclipGpuBuffer *buffer = unclip_gpu_buffer_new (device, n_bytes, UNCLIP_GPU_MEMORY_DEVICE,
                                                   "probe", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (unclip_gpu_buffer_get_size (buffer), ==, n_bytes);
  if (data != NULL)
    {
      unclip_gpu_buffer_write (buffer, 0, data, n_bytes, &error);
      g_assert_no_error (error);
    }
  return buffer;
}

void
probe_read (UnclipGpuBuffer *buffer,
            gsize            offset,
            void            *data,
            gsize            n_bytes)
{
  g_autoptr (GError) error = NULL;

  unclip_gpu_buffer_read (buffer, offset, data, n_bytes, &error);
  g_assert_no_error (error);
}

UnclipGpuCommand *
probe_command (UnclipGpuDevice *device,
               gboolean         with_timers)
{
  g_autoptr (GError) error = NULL;
  UnclipGpuCommand *command = unclip_gpu_command_new (device, with_timers, &error);

  g_assert_no_error (error);
  return command;
}

void
probe_end (UnclipGpuCommand *command)
{
  g_autoptr (GError) error = NULL;

  unclip_gpu_command_end (command, &error);
  g_assert_no_error (error);
}

void
probe_run (UnclipGpuCommand *command)
{
  g_autoptr (GError) error = NULL;

  unclip_gpu_command_run (command, NULL, &error);
  g_assert_no_error (error);
}

void
probe_compute (UnclipGpuCommand *command,
               UnclipGpuDevice  *device,
               UnclipGpuBuffer  *from,
               gsize             from_offset,
               UnclipGpuBuffer  *to,
               gsize             to_offset,
               guint             n,
               float             scale,
               float             add)
{
  union
  {
    float   value;
    guint32 bits;
  } spec = { add };
  UnclipGpuKernelDesc desc = {
    .shader = "probe_compute_f32",
    .bindings = { UNCLIP_GPU_BINDING_STORAGE, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 2,
    .push_bytes = sizeof (ComputePush),
    .spec = { { 0, PROBE_GROUP }, { 10, spec.bits } },
    .n_spec = 2,
  };
  const ComputePush push = { n, scale };
  const UnclipGpuBinding bindings[] = {
    { from, from_offset, n * sizeof (float), UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_READ },
    { to, to_offset, n * sizeof (float), UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE },
  };
  g_autoptr (GError) error = NULL;
  UnclipGpuKernel *kernel = unclip_gpu_kernel_get (device, &desc, &error);

  g_assert_no_error (error);
  unclip_gpu_command_dispatch (command, kernel, bindings, G_N_ELEMENTS (bindings), &push,
                               (n + PROBE_GROUP - 1) / PROBE_GROUP, 1, 1);
}

void
probe_fetch (UnclipGpuDevice *device,
             UnclipGpuBuffer *buffer,
             gsize            offset,
             gsize            n_bytes,
             UnclipGpuTexel   texel,
             int              first,
             guint            n,
             float          (*out)[4])
{
  const UnclipGpuKernelDesc desc = {
    .shader = texel == UNCLIP_GPU_TEXEL_R32I ? "probe_texel_int" : "probe_texel_float",
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 2,
    .push_bytes = sizeof (TexelPush),
    .spec = { { 0, PROBE_GROUP } },
    .n_spec = 1,
  };
  const TexelPush push = { n, first };
  g_autoptr (UnclipGpuBuffer) target = probe_buffer (device, n * sizeof out[0], NULL);
  const UnclipGpuBinding bindings[] = {
    { buffer, offset, n_bytes, texel, UNCLIP_GPU_READ },
    { target, 0, n * sizeof out[0], UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE },
  };
  g_autoptr (UnclipGpuCommand) command = probe_command (device, FALSE);
  g_autoptr (GError) error = NULL;
  UnclipGpuKernel *kernel = unclip_gpu_kernel_get (device, &desc, &error);

  g_assert_no_error (error);
  unclip_gpu_command_dispatch (command, kernel, bindings, G_N_ELEMENTS (bindings), &push,
                               (n + PROBE_GROUP - 1) / PROBE_GROUP, 1, 1);
  probe_end (command);
  probe_run (command);
  probe_read (target, 0, out, n * sizeof out[0]);
}
