/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-device.h"
#include "unclip-gpu-command.h"

typedef struct
{
  guint32 n;
  float   scale;
} ProbePush;

/* out = in * scale + add */
static UnclipGpuKernel *
get_probe (UnclipGpuDevice *device,
           float            add)
{
  UnclipGpuKernelDesc desc = {
    .shader = "probe_compute_f32",
    .bindings = { UNCLIP_GPU_BINDING_STORAGE, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 2,
    .push_bytes = sizeof (ProbePush),
    .n_spec = 2,
  };
  union
  {
    float   value;
    guint32 bits;
  } spec = { add };
  g_autoptr (GError) error = NULL;
  UnclipGpuKernel *kernel;

  desc.spec[0].id = 0;
  desc.spec[0].value = 64;
  desc.spec[1].id = 10;
  desc.spec[1].value = spec.bits;
  kernel = unclip_gpu_kernel_get (device, &desc, &error);
  g_assert_no_error (error);
  return kernel;
}

static void
dispatch_probe (UnclipGpuCommand *command,
                UnclipGpuKernel  *kernel,
                UnclipGpuBuffer  *buffer,
                gsize             from,
                gsize             to,
                guint             n,
                float             scale)
{
  const ProbePush push = { n, scale };
  const UnclipGpuBinding bindings[] = {
    { buffer, from, n * sizeof (float), UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_READ },
    { buffer, to, n * sizeof (float), UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE },
  };

  unclip_gpu_command_dispatch (command, kernel, bindings, G_N_ELEMENTS (bindings), &push, (n + 63) / 64, 1, 1);
}

/* A chain through two halves of one buffer: every link reads what the one before wrote, and overwrites what it read. */
static void
test_chain (void)
{
  enum { N = 1000, HALF = 4096, LINKS = 11 };
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  g_autoptr (UnclipGpuCommand) command = NULL;
  g_autoptr (GError) error = NULL;
  UnclipGpuKernel *kernel;
  float values[N];

  if (device == NULL)
    return;
  buffer = unclip_gpu_buffer_new (device, 2 * HALF, UNCLIP_GPU_MEMORY_DEVICE, "chain", &error);
  g_assert_no_error (error);
  kernel = get_probe (device, 1.0f);

  for (guint i = 0; i < N; i++)
    values[i] = (float) i;
  unclip_gpu_buffer_write (buffer, 0, values, sizeof values, &error);
  g_assert_no_error (error);

  command = unclip_gpu_command_new (device, FALSE, &error);
  g_assert_no_error (error);
  for (guint link = 0; link < LINKS; link++)
    dispatch_probe (command, kernel, buffer, link % 2 ? HALF : 0, link % 2 ? 0 : HALF, N, 2.0f);
  unclip_gpu_command_end (command, &error);
  g_assert_no_error (error);
  unclip_gpu_command_run (command, NULL, &error);
  g_assert_no_error (error);

  unclip_gpu_buffer_read (buffer, LINKS % 2 ? HALF : 0, values, sizeof values, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (values[i], ==, (float) ((i + 1) * (1 << LINKS) - 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gpu/command/chain", test_chain);
  return test_device_run ();
}
