/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Compute pipelines: one SPIR-V module with its specialisation constants, made on first use and kept by the device. */

#pragma once

#include "unclip-gpu-device.h"

G_BEGIN_DECLS

#define UNCLIP_GPU_MAX_BINDINGS 12
#define UNCLIP_GPU_MAX_SPEC 24

/**
 * UnclipGpuBindingKind:
 * @UNCLIP_GPU_BINDING_STORAGE: a storage buffer
 * @UNCLIP_GPU_BINDING_TEXEL: a uniform texel buffer (`textureBuffer`), read by texelFetch; reads below 0 or past the end give 0
 */
typedef enum
{
  UNCLIP_GPU_BINDING_STORAGE,
  UNCLIP_GPU_BINDING_TEXEL,
} UnclipGpuBindingKind;

/**
 * UnclipGpuKernelDesc:
 * @shader: name in the table of built shaders, such as "softmax_f16"
 * @bindings: kinds of binding 0, 1, 2, …
 * @push_bytes: size of the push block, at most 128
 * @spec: specialisation constants by id
 * @n_windows: storage buffers that each storage binding is made of, see unclip_gpu_kernel_count_windows(); 0 is one
 *
 * The workgroup size is set by specialisation constants 0 to 2, as in every shader of ours; 3 and 4 are the windows'
 * (tensor.glsl) and set here.
 */
typedef struct
{
  const char          *shader;
  UnclipGpuBindingKind bindings[UNCLIP_GPU_MAX_BINDINGS];
  guint                n_bindings;
  guint                push_bytes;
  struct
  {
    guint32 id;
    guint32 value;
  } spec[UNCLIP_GPU_MAX_SPEC];
  guint n_spec;
  guint n_windows;
} UnclipGpuKernelDesc;

typedef struct _UnclipGpuKernel UnclipGpuKernel;

/**
 * unclip_gpu_kernel_count_windows:
 * @n_bytes: what a storage binding spans
 *
 * A storage binding larger than the device binds at once is an array of windows: buffers side by side, each but the last
 * of the largest power of two that the device binds.
 *
 * Returns: how many windows make up @n_bytes, 1 or more
 */
guint unclip_gpu_kernel_count_windows (UnclipGpuDevice *device, gsize n_bytes);

/**
 * unclip_gpu_kernel_get:
 *
 * Finds or makes the pipeline. Made pipelines go into a VkPipelineCache that is saved under
 * $XDG_CACHE_HOME/fugue/ when the device is closed (one file a device and driver; a damaged file is ignored).
 * Asserts that the shader exists.
 *
 * Errors: %UNCLIP_ERROR_INTERNAL, %UNCLIP_ERROR_OUT_OF_MEMORY.
 *
 * Returns: (transfer none): lives as long as the device
 */
UnclipGpuKernel *unclip_gpu_kernel_get (UnclipGpuDevice            *device,
                                        const UnclipGpuKernelDesc  *desc,
                                        GError                    **error);

G_END_DECLS
