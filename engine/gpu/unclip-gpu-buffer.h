/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Device buffers, reference-counted.
 *
 * A recorded command holds a reference to every buffer it uses, and drops it when it is freed, so a buffer may be
 * unreferenced by its maker at any time.
 */

#pragma once

#include "unclip-gpu-device.h"

G_BEGIN_DECLS

/**
 * UnclipGpuMemory:
 * @UNCLIP_GPU_MEMORY_DEVICE: fastest for kernels; reached from the processor by staged copies
 * @UNCLIP_GPU_MEMORY_UPLOAD: host-visible and coherent, mapped for the buffer's whole life; written by the processor
 * @UNCLIP_GPU_MEMORY_READBACK: host-visible, cached where possible, mapped; read by the processor
 */
typedef enum
{
  UNCLIP_GPU_MEMORY_DEVICE,
  UNCLIP_GPU_MEMORY_UPLOAD,
  UNCLIP_GPU_MEMORY_READBACK,
} UnclipGpuMemory;

typedef struct _UnclipGpuBuffer UnclipGpuBuffer;

/**
 * unclip_gpu_buffer_new:
 * @n_bytes: more than 0; may exceed what one binding can span
 * @label: what it is for; stands in out-of-memory messages and in debugging tools
 *
 * The content is undefined. Buffers serve as storage and uniform-texel bindings and as source and target of copies.
 *
 * Errors: %UNCLIP_ERROR_OUT_OF_MEMORY with MiB wanted and free.
 */
UnclipGpuBuffer *unclip_gpu_buffer_new        (UnclipGpuDevice  *device,
                                               gsize             n_bytes,
                                               UnclipGpuMemory   memory,
                                               const char       *label,
                                               GError          **error);
UnclipGpuBuffer *unclip_gpu_buffer_ref        (UnclipGpuBuffer  *buffer);
void             unclip_gpu_buffer_unref      (UnclipGpuBuffer  *buffer);

gsize            unclip_gpu_buffer_get_size   (UnclipGpuBuffer  *buffer);

/**
 * unclip_gpu_buffer_get_mapped:
 *
 * Returns: (nullable): the mapping; %NULL for %UNCLIP_GPU_MEMORY_DEVICE memory that the processor cannot see. (On
 * software Vulkan and on integrated GPUs device memory usually is visible, and this then returns its mapping.)
 */
void            *unclip_gpu_buffer_get_mapped (UnclipGpuBuffer  *buffer);

/**
 * unclip_gpu_buffer_write:
 *
 * Copies from host memory, through the mapping or a staging buffer in pieces; has happened when the function returns.
 * No recorded command that uses the buffer may be executing.
 */
gboolean         unclip_gpu_buffer_write      (UnclipGpuBuffer  *buffer,
                                               gsize             offset,
                                               const void       *data,
                                               gsize             n_bytes,
                                               GError          **error);
gboolean         unclip_gpu_buffer_read       (UnclipGpuBuffer  *buffer,
                                               gsize             offset,
                                               void             *data,
                                               gsize             n_bytes,
                                               GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGpuBuffer, unclip_gpu_buffer_unref)

G_END_DECLS
