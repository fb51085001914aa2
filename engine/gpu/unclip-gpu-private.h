/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of engine/gpu share. Nothing outside this folder includes this header; it is the only one that shows
 * Vulkan.
 */

#pragma once

#include "unclip-gpu-buffer.h"
#include "unclip-gpu-command.h"
#include "unclip-gpu-device.h"
#include "unclip-gpu-kernel.h"

#include <vulkan/vulkan.h>

G_BEGIN_DECLS

#define MIB (1024.0 * 1024.0)

/* Storage buffers of one kernel, windows of an output included: 4 GiB where each is as small as Vulkan allows. */
#define UNCLIP_GPU_MAX_STORAGE_BUFFERS 32

typedef struct _UnclipGpuBlock UnclipGpuBlock;

/* Where UNCLIP_GPU_FAULT asks for a failure: counts down at each event, and the event fails when it reaches 0. 0 from
 * the start means never. See unclip_gpu_device_open().
 */
typedef struct
{
  guint alloc;
  guint submit;
} UnclipGpuFaults;

typedef struct
{
  VkInstance               handle;
  VkDebugUtilsMessengerEXT messenger;      /* VK_NULL_HANDLE without validation */
  guint                    n_messages;     /* validation messages so far */
} UnclipGpuInstance;

struct _UnclipGpuDevice
{
  int ref_count;

  /* Constant after opening; owned */
  UnclipGpuInstance               *instance;
  VkPhysicalDevice                 physical;
  VkDevice                         handle;
  VkQueue                          queue;
  guint32                          queue_family;
  UnclipGpuDeviceInfo             *info;
  UnclipGpuLimits                  limits;
  VkPhysicalDeviceMemoryProperties memory;
  guint64                          max_allocation_bytes;
  guint                            window_shift;          /* log2 of the bytes of a window, see unclip-gpu-kernel.h */
  guint                            max_storage_buffers;   /* of one kernel; 1 if a kernel cannot pick one by number */
  double                           timestamp_period;      /* ns a tick */
  guint64                          timestamp_mask;        /* the valid bits */
  guint32                          required_subgroup_size; /* 0: the driver has no choice, so none is asked for */
  gboolean                         can_fill_subgroups;    /* workgroups of whole subgroups may ask for full ones */
  gboolean                         force_staging;         /* UNCLIP_GPU_STAGING: treat device memory as unmappable */
  PFN_vkSetDebugUtilsObjectNameEXT set_object_name;       /* NULL without validation */

  /* State of the worker thread; owned */
  UnclipGpuFaults  faults;
  gboolean         is_lost;
  GPtrArray       *blocks;                                /* UnclipGpuBlock */
  guint64          allocated_bytes;                       /* by buffers, what is free inside blocks not counted */
  guint64          peak_bytes;
  UnclipGpuBuffer *staging[2];                            /* upload, readback; made on first use, hold no reference to us */
  VkPipelineCache  pipeline_cache;
  GHashTable      *kernels;                               /* UnclipGpuKernelDesc → UnclipGpuKernel */
  gboolean         has_new_kernels;
};

struct _UnclipGpuBuffer
{
  int ref_count;

  /* Constant after init */
  UnclipGpuDevice *device;
  gboolean         owns_device;    /* holds a reference to @device; not so in the device's own staging buffers */
  gsize            n_bytes;
  VkBuffer         handle;
  UnclipGpuBlock  *block;          /* borrowed: lives while it has a buffer */
  guint64          block_offset;
  guint64          n_allocated;    /* bytes of the block */
  void            *mapped;         /* nullable */
  gboolean         is_cached;      /* reading through @mapped is fast */
};

struct _UnclipGpuKernel
{
  UnclipGpuKernelDesc   desc;
  UnclipGpuDevice      *device;    /* borrowed; owns this */
  VkDescriptorSetLayout set_layout;
  VkPipelineLayout      layout;
  VkPipeline            pipeline;
};

/* unclip-gpu-result.c */

/**
 * unclip_gpu_check:
 * @device: (nullable): is marked as lost when @result says so
 * @what: the call or its purpose, for the message
 *
 * The only place that reads a VkResult.
 *
 * Returns: %TRUE for VK_SUCCESS (and for a list that grew while it was read), else %FALSE with @error set
 */
gboolean unclip_gpu_check (UnclipGpuDevice *device, VkResult result, const char *what, GError **error);

/* unclip-gpu-instance.c */
UnclipGpuInstance   *unclip_gpu_instance_new       (GError **error);
void                 unclip_gpu_instance_free      (UnclipGpuInstance *instance);
VkPhysicalDevice    *unclip_gpu_instance_enumerate (UnclipGpuInstance *instance, guint *n_devices, GError **error);

/**
 * unclip_gpu_instance_describe:
 * @index: place in the driver's order
 *
 * Returns: (transfer full): with the reason for refusing it, if there is one
 */
UnclipGpuDeviceInfo *unclip_gpu_instance_describe  (VkPhysicalDevice physical, guint index);

/**
 * unclip_gpu_find_queue_family:
 *
 * Returns: the first family that computes, one without graphics where there is one (it runs beside the desktop), or -1
 */
int                  unclip_gpu_find_queue_family  (VkPhysicalDevice physical, guint *timestamp_bits);
gboolean             unclip_gpu_has_extension      (VkPhysicalDevice physical, const char *name);

/* unclip-gpu-device.c */

/**
 * unclip_gpu_device_choose:
 * @infos: (element-type UnclipGpuDeviceInfo): at least one
 *
 * Errors: as unclip_gpu_device_open() has them.
 *
 * Returns: (transfer none): of @infos, the best usable one that the selector allows
 */
const UnclipGpuDeviceInfo *unclip_gpu_device_choose (GPtrArray *infos, const char *selector, GError **error);

/* unclip-gpu-memory.c */

/**
 * unclip_gpu_memory_allocate:
 * @buffer: has its handle; gets memory bound to it, and the mapping if there is one
 *
 * Errors: %UNCLIP_ERROR_OUT_OF_MEMORY with MiB wanted and free.
 */
gboolean unclip_gpu_memory_allocate (UnclipGpuDevice *device,
                                     UnclipGpuMemory  memory,
                                     const char      *label,
                                     UnclipGpuBuffer *buffer,
                                     GError         **error);

/**
 * unclip_gpu_memory_release:
 * @buffer: its handle is destroyed already
 */
void     unclip_gpu_memory_release  (UnclipGpuDevice *device, UnclipGpuBuffer *buffer);

/**
 * unclip_gpu_memory_close:
 *
 * Gives back the blocks that were kept, when no buffer is left.
 */
void     unclip_gpu_memory_close    (UnclipGpuDevice *device);
guint64  unclip_gpu_host_free_bytes (void);
guint64  unclip_gpu_host_bytes      (void);

/* unclip-gpu-buffer.c */
void unclip_gpu_device_drop_staging (UnclipGpuDevice *device);

/* unclip-gpu-cache.c */

/**
 * unclip_gpu_cache_load:
 * @name: of the file within $XDG_CACHE_HOME/fugue; names the device, and all else that the content depends on
 * @magic: eight characters
 * @n_bytes: (out)
 *
 * Returns: (transfer full) (nullable): the content; %NULL where there is no file, or a damaged one
 */
guint8  *unclip_gpu_cache_load      (const char *name, const char *magic, gsize *n_bytes);

/**
 * unclip_gpu_cache_save:
 *
 * Replaces the file as a whole. A file that cannot be written costs time later, nothing else.
 */
void     unclip_gpu_cache_save      (const char *name, const char *magic, const void *data, gsize n_bytes);

/* unclip-gpu-command.c */

/**
 * unclip_gpu_command_open:
 * @buffer: what will be read and written; held until the command is freed
 *
 * For a library that records by itself: VkFFT. The barrier before its work is put in here, the one after it by whatever
 * follows.
 *
 * Returns: the open segment; %VK_NULL_HANDLE once recording has failed
 */
VkCommandBuffer unclip_gpu_command_open (UnclipGpuCommand *command, UnclipGpuBuffer *buffer);

/**
 * unclip_gpu_command_get_n_barriers:
 *
 * Returns: barriers that hazards called for, so far; those at the ends of segments and at marks not counted
 */
guint unclip_gpu_command_get_n_barriers (UnclipGpuCommand *command);

/* unclip-gpu-kernel.c */
void unclip_gpu_kernels_open  (UnclipGpuDevice *device);
void unclip_gpu_kernels_close (UnclipGpuDevice *device);

/**
 * unclip_gpu_set_label:
 *
 * Names a Vulkan object for validation messages and debugging tools; does nothing outside validation.
 */
void unclip_gpu_set_label (UnclipGpuDevice *device, VkObjectType type, guint64 handle, const char *label);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGpuInstance, unclip_gpu_instance_free)

G_END_DECLS
