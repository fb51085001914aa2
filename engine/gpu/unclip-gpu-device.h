/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A Vulkan device: found, chosen, opened, and its limits read once.
 *
 * Nothing above engine/ops includes this header. One thread, the engine's worker, owns a device and everything made
 * from it; only unclip_gpu_list_devices() may be called from anywhere.
 *
 *     g_autoptr (UnclipGpuDevice) device = unclip_gpu_device_open (NULL, &error);
 *     g_autoptr (UnclipGpuBuffer) buffer = unclip_gpu_buffer_new (device, 4096, UNCLIP_GPU_MEMORY_DEVICE, "x", &error);
 *
 * Environment, read when a device is opened; for tests and for finding faults:
 *
 * UNCLIP_VALIDATION   1: the Khronos validation layer, where it is installed; sync: its checks of synchronisation as
 *                     well. Each message becomes a warning (fatal with G_DEBUG=fatal-warnings).
 * UNCLIP_GPU_STAGING  1: device memory is taken for unmappable, as on a discrete GPU, so copies go the staged way.
 * UNCLIP_GPU_STORAGE_RANGE  N: a storage buffer spans N bytes at most, so larger outputs are written through several.
 * UNCLIP_GPU_FAULT    alloc:N,submit:M: the N-th buffer finds no memory, the M-th submit a lost device.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UnclipGpuDeviceKind:
 *
 * In the order of preference.
 */
typedef enum
{
  UNCLIP_GPU_DEVICE_DISCRETE,
  UNCLIP_GPU_DEVICE_INTEGRATED,
  UNCLIP_GPU_DEVICE_VIRTUAL,
  UNCLIP_GPU_DEVICE_SOFTWARE,
} UnclipGpuDeviceKind;

/**
 * UnclipGpuDeviceInfo:
 * @index: the number that `--device` takes
 * @name: as the driver gives it, such as "llvmpipe (LLVM 15.0.6, 256 bits)"
 * @driver: driver name and version in words
 * @kind: what sort of device
 * @uuid: pipeline cache and device UUID, hexadecimal; tells the same device and driver build again
 * @memory_bytes: size of the largest device-local heap
 * @refusal: (nullable): why the engine cannot use it; %NULL for a usable one
 */
typedef struct
{
  guint               index;
  char               *name;
  char               *driver;
  UnclipGpuDeviceKind kind;
  char               *uuid;
  guint64             memory_bytes;
  char               *refusal;
} UnclipGpuDeviceInfo;

void unclip_gpu_device_info_free (UnclipGpuDeviceInfo *info);

/**
 * UnclipGpuLimits:
 *
 * What operations look at when they pick a kernel. Constant while the device is open.
 */
typedef struct
{
  guint    subgroup_size;               /* 8 on software Vulkan at 256 bit, 32 or 64 on GPUs */
  guint64  max_storage_range;           /* bytes a storage buffer may span; 128 MiB on software Vulkan */
  guint64  max_output_bytes;            /* bytes that a kernel may write to, through several storage buffers if need be */
  guint64  max_texel_elements;          /* texels a texel buffer view may span */
  guint    max_workgroup_count[3];
  guint    max_workgroup_invocations;
  guint    max_shared_bytes;
  guint    storage_alignment;           /* bytes; offsets of storage bindings */
  guint    texel_alignment;             /* bytes; offsets of texel bindings */
  guint    max_push_bytes;              /* at least 128 */
  gboolean is_software;                 /* picks the register-tile kernels without barriers */
  gboolean has_f16_storage;             /* 16-bit storage buffers */
  gboolean has_f16_arithmetic;
  gboolean has_subgroup_shuffle;
  gboolean has_timestamps;
  gboolean has_memory_budget;
} UnclipGpuLimits;

typedef struct _UnclipGpuDevice UnclipGpuDevice;

/**
 * unclip_gpu_list_devices:
 *
 * Thread: any.
 * Errors: %UNCLIP_ERROR_NO_DEVICE if there is no Vulkan loader or no driver.
 *
 * Returns: (transfer full) (element-type UnclipGpuDeviceInfo): in the driver's order, unusable ones included
 */
GPtrArray             *unclip_gpu_list_devices        (GError              **error);

/**
 * unclip_gpu_device_open:
 * @selector: (nullable): an index ("1"), part of a name in any case ("llvmpipe"), "software" for the processor, or %NULL for the best:
 *   discrete > integrated > virtual > software, the first of equals
 *
 * Errors: %UNCLIP_ERROR_NO_DEVICE (the message lists what there is), %UNCLIP_ERROR_UNSUPPORTED_DEVICE (the message
 * names the missing feature).
 */
UnclipGpuDevice       *unclip_gpu_device_open         (const char           *selector,
                                                       GError              **error);
UnclipGpuDevice       *unclip_gpu_device_ref          (UnclipGpuDevice      *device);
void                   unclip_gpu_device_unref        (UnclipGpuDevice      *device);

const UnclipGpuDeviceInfo *unclip_gpu_device_get_info (UnclipGpuDevice      *device);
const UnclipGpuLimits *unclip_gpu_device_get_limits   (UnclipGpuDevice      *device);

/**
 * unclip_gpu_device_get_free_bytes:
 *
 * What the driver says this process may still allocate (VK_EXT_memory_budget, less 300 MiB for the desktop on a GPU);
 * without that extension, the heap's size less what this device has allocated.
 */
guint64                unclip_gpu_device_get_free_bytes (UnclipGpuDevice    *device);

/**
 * unclip_gpu_device_get_used_bytes:
 *
 * Returns: device memory that buffers hold now
 */
guint64                unclip_gpu_device_get_used_bytes (UnclipGpuDevice    *device);

/**
 * unclip_gpu_device_get_peak_bytes:
 *
 * Returns: the most device memory that buffers held at one time since the device was opened
 */
guint64                unclip_gpu_device_get_peak_bytes (UnclipGpuDevice    *device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGpuDevice, unclip_gpu_device_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGpuDeviceInfo, unclip_gpu_device_info_free)

G_END_DECLS
