/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Kernels whose work is one flat list of items, an invocation each. */

#pragma once

#include "unclip-op.h"

G_BEGIN_DECLS

/**
 * UnclipDivisor:
 * @d: the divisor, 1 or more
 * @mul: @shift: what shaders/include/index.glsl divides by it with
 *
 * Three members of a push block: `uint d, d_mul, d_shift`.
 */
typedef struct
{
  guint32 d;
  guint32 mul;
  guint32 shift;
} UnclipDivisor;

UnclipDivisor unclip_divisor      (gint64                   d);

/**
 * UnclipFlatKernel:
 * @shader: name in the table of built shaders
 * @bindings: storage or texel, as they are
 * @push: @push_bytes: the push block
 * @spec: specialisation constants from number 10 on
 * @n_items: what the shader compares its INVOCATION with
 */
typedef struct
{
  const char      *shader;
  UnclipGpuBinding bindings[UNCLIP_GPU_MAX_BINDINGS];
  guint            n_bindings;
  gconstpointer    push;
  guint            push_bytes;
  guint32          spec[4];
  guint            n_spec;
  guint64          n_items;
} UnclipFlatKernel;

void          unclip_flat_dispatch (UnclipRecorder          *recorder,
                                    const UnclipFlatKernel  *kernel);

/**
 * unclip_op_count_texels:
 *
 * Returns: texels of a tensor stored whole
 */
guint32       unclip_op_count_texels (UnclipShape            shape);

G_END_DECLS
