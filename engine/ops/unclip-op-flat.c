/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-op-flat.h"

/* Large enough that software Vulkan's cost of a workgroup does not show, small enough for every GPU. */
#define GROUP_SIZE 256

/* With s = ⌈log2 d⌉ and mul = ⌈2^(31+s) / d⌉, which is below 2^32, ⌊a / d⌋ = ⌊a · mul / 2^(31+s)⌋ for all a < 2^31: the
 * error of mul is below 1 and adds less than a / 2^31 · 1/d to the quotient. */
UnclipDivisor
unclip_divisor (gint64 d)
{
  guint32 shift = 0;

  g_assert (d >= 1 && d < G_GINT64_CONSTANT (1) << 31);
  while ((G_GINT64_CONSTANT (1) << shift) < d)
    shift++;
  return (UnclipDivisor){
    .d = (guint32) d,
    .mul = (guint32) (((G_GUINT64_CONSTANT (1) << (31 + shift)) + (guint64) d - 1) / (guint64) d),
    .shift = shift,
  };
}

void
unclip_flat_dispatch (UnclipRecorder         *recorder,
                      const UnclipFlatKernel *kernel)
{
  UnclipGpuKernelDesc desc = {
    .shader = kernel->shader,
    .n_bindings = kernel->n_bindings,
    .push_bytes = kernel->push_bytes,
    .spec = { { 0, GROUP_SIZE } },
    .n_spec = 1,
  };
  guint x, y;

  for (guint i = 0; i < kernel->n_bindings; i++)
    desc.bindings[i] = kernel->bindings[i].texel == UNCLIP_GPU_TEXEL_NONE ? UNCLIP_GPU_BINDING_STORAGE
                                                                          : UNCLIP_GPU_BINDING_TEXEL;
  for (guint i = 0; i < kernel->n_spec; i++)
    {
      desc.spec[desc.n_spec].id = 10 + i;
      desc.spec[desc.n_spec++].value = kernel->spec[i];
    }

  g_assert (kernel->n_items < G_GUINT64_CONSTANT (1) << 31);
  unclip_op_split_groups ((kernel->n_items + GROUP_SIZE - 1) / GROUP_SIZE, &x, &y);
  unclip_recorder_dispatch (recorder, &desc, kernel->bindings, kernel->push, x, y, 1);
}

guint32
unclip_op_count_texels (UnclipShape shape)
{
  gint64 n = unclip_shape_get_n_rows (shape) * unclip_div_up (shape.c, 4);

  g_assert (n < G_GINT64_CONSTANT (1) << 31);
  return (guint32) n;
}
