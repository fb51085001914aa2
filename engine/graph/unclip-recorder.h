/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an operation's record function sees: its operands as bindings, packed constants, scratch memory, and dispatch.
 *
 * The first failure sticks to the recorder; later calls do nothing and return harmless bindings, so record functions
 * need no error paths.
 *
 *     static void
 *     record (const UnclipNode *node, UnclipRecorder *recorder)
 *     {
 *       UnclipOperand x = unclip_recorder_read (recorder, node->inputs[0]);
 *       UnclipOperand y = unclip_recorder_write (recorder, node->output);
 *       Push push = { .n_texels = …, .x_stride4 = x.stride4, .x_offset4 = x.offset4 };
 *       UnclipGpuKernelDesc desc = { .shader = y.is_f16 ? "relu_f16" : "relu_f32",
 *                                    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
 *                                    .n_bindings = 2, .push_bytes = sizeof push,
 *                                    .spec = { { 0, 64 } }, .n_spec = 1 };
 *
 *       unclip_recorder_dispatch (recorder, &desc, (UnclipGpuBinding[]){ x.binding, y.binding }, &push, groups, 1, 1);
 *     }
 */

#pragma once

#include "unclip-gpu-command.h"
#include "unclip-node.h"

G_BEGIN_DECLS

/**
 * UnclipOperand:
 * @binding: texel binding for reading (f32 or f16 alike), storage binding for writing
 * @stride4: texels from one row to the next
 * @offset4: texels from the binding's start to channel 0 of row 0 (slices); 0 for outputs
 * @is_f16: how it is stored
 */
typedef struct
{
  UnclipGpuBinding binding;
  int              stride4;
  int              offset4;
  gboolean         is_f16;
} UnclipOperand;

/**
 * UnclipPackFunc:
 * @first: first value wanted
 * @n: how many values; a multiple of 4
 * @out: (out caller-allocates): the values
 *
 * Gives a part of a packed constant. Called in order, in pieces of a few MiB, so that packing needs little memory.
 * @n and @first are multiples of the granule that was named to unclip_recorder_constant(), except at the end.
 */
typedef void (*UnclipPackFunc) (gconstpointer user_data, gint64 first, gint64 n, float *out);

/**
 * UnclipConstantParams:
 * @weight: (nullable): the weight it is made from; packing happens once for the same weight and @layout. %NULL for tables
 *   that @layout alone determines
 * @layout: names the packed form, sizes that shape it included, such as "panel32"
 * @n_values: in all; a multiple of 4
 * @granule: values that must be packed in one call, such as one panel; 4 if any multiple of 4 will do
 * @pack: @user_data: gives the values
 * @keep_f32: f32 even at f16 precision (biases, norms)
 */
typedef struct
{
  UnclipTensor  *weight;
  const char    *layout;
  gint64         n_values;
  gint64         granule;
  UnclipPackFunc pack;
  gconstpointer  user_data;
  gboolean       keep_f32;
} UnclipConstantParams;

const UnclipGpuLimits *unclip_recorder_get_limits   (UnclipRecorder              *recorder);

/**
 * unclip_recorder_prefers_shared:
 *
 * Whether kernels for ordinary GPUs (shared memory, barriers) are to be taken rather than those shaped for software
 * Vulkan. By the device's limits; the environment variable UNCLIP_KERNELS=shared or =register overrules, for tests.
 */
gboolean               unclip_recorder_prefers_shared (UnclipRecorder            *recorder);

/**
 * unclip_recorder_read:
 * @x: (nullable): any tensor but a concatenation; weights come as rows. %NULL gives one texel of zeros, for absent inputs.
 */
UnclipOperand          unclip_recorder_read         (UnclipRecorder              *recorder,
                                                     UnclipTensor                *x);

/**
 * unclip_recorder_write:
 * @x: the node's output
 */
UnclipOperand          unclip_recorder_write        (UnclipRecorder              *recorder,
                                                     UnclipTensor                *x);

/**
 * unclip_recorder_constant:
 *
 * Returns: a texel binding of the packed form (RGBA32F or RGBA16F)
 */
UnclipGpuBinding       unclip_recorder_constant     (UnclipRecorder              *recorder,
                                                     const UnclipConstantParams  *params);

/**
 * unclip_recorder_vector:
 * @weight: (nullable): dims (C)
 *
 * A bias, gamma or beta as f32 texels, padded with zeros to @n_padded values; %NULL gives zeros.
 */
UnclipGpuBinding       unclip_recorder_vector       (UnclipRecorder              *recorder,
                                                     UnclipTensor                *weight,
                                                     int                          n_padded);

/**
 * unclip_recorder_scratch:
 * @offset: @n_bytes: a part of the scratch that count_scratch asked for; multiples of 256
 * @texel: %UNCLIP_GPU_TEXEL_NONE for a storage binding
 */
UnclipGpuBinding       unclip_recorder_scratch      (UnclipRecorder              *recorder,
                                                     gsize                        offset,
                                                     gsize                        n_bytes,
                                                     UnclipGpuTexel               texel,
                                                     UnclipGpuAccess              access);

/**
 * unclip_recorder_dispatch:
 * @bindings: (array): as many as @desc has
 * @push: (nullable): as many bytes as @desc says
 */
void                   unclip_recorder_dispatch     (UnclipRecorder              *recorder,
                                                     const UnclipGpuKernelDesc   *desc,
                                                     const UnclipGpuBinding      *bindings,
                                                     gconstpointer                push,
                                                     guint                        x,
                                                     guint                        y,
                                                     guint                        z);

/**
 * unclip_recorder_note:
 *
 * Adds words to the label of the node in time tables, such as the kernel variant that was chosen.
 */
void                   unclip_recorder_note         (UnclipRecorder              *recorder,
                                                     const char                  *format,
                                                     ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
