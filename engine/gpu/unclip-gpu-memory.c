/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Device memory: which type a buffer gets, how much there is, how much was taken.
 *
 * Each buffer has a VkDeviceMemory of its own: a loaded model is a few dozen buffers (weights by component, one arena,
 * inputs and outputs), far from any driver's limit on allocations.
 */

#include "config.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

#include <unistd.h>

/* What the desktop needs of a GPU's memory while Fugue runs. */
#define DESKTOP_BYTES (G_GUINT64_CONSTANT (300) << 20)

#define LOCAL VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
#define MAPPABLE (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)
#define CACHED VK_MEMORY_PROPERTY_HOST_CACHED_BIT
#define N_CHOICES 3

/* The sets of properties that each use tries, best first. Where memory is shared with the processor, a device buffer that
 * can be mapped saves every staged copy; on a discrete GPU mappable memory may be slow or scarce, so it is not looked for.
 */
static const VkMemoryPropertyFlags shared_choices[][N_CHOICES] = {
  [UNCLIP_GPU_MEMORY_DEVICE] = { LOCAL | MAPPABLE | CACHED, LOCAL, 0 },
  [UNCLIP_GPU_MEMORY_UPLOAD] = { LOCAL | MAPPABLE | CACHED, MAPPABLE, MAPPABLE },
  [UNCLIP_GPU_MEMORY_READBACK] = { MAPPABLE | CACHED, MAPPABLE, MAPPABLE },
};
static const VkMemoryPropertyFlags discrete_choices[][N_CHOICES] = {
  [UNCLIP_GPU_MEMORY_DEVICE] = { LOCAL, 0, 0 },
  [UNCLIP_GPU_MEMORY_UPLOAD] = { MAPPABLE, MAPPABLE, MAPPABLE },
  [UNCLIP_GPU_MEMORY_READBACK] = { MAPPABLE | CACHED, MAPPABLE, MAPPABLE },
};

static int
find_type (UnclipGpuDevice *device,
           guint32          allowed,
           UnclipGpuMemory  memory)
{
  gboolean is_discrete = device->info->kind == UNCLIP_GPU_DEVICE_DISCRETE;
  const VkMemoryPropertyFlags *choices = is_discrete ? discrete_choices[memory] : shared_choices[memory];

  for (guint choice = 0; choice < N_CHOICES; choice++)
    for (guint i = 0; i < device->memory.memoryTypeCount; i++)
      if ((allowed & (1u << i)) != 0
          && (device->memory.memoryTypes[i].propertyFlags & choices[choice]) == choices[choice])
        return (int) i;
  return -1;
}

static VkResult
allocate (UnclipGpuDevice *device,
          guint64          n_bytes,
          guint32          type,
          VkDeviceMemory  *memory)
{
  VkMemoryAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = n_bytes,
    .memoryTypeIndex = type,
  };

  if (device->faults.alloc != 0 && --device->faults.alloc == 0)
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  return vkAllocateMemory (device->handle, &info, NULL, memory);
}

static void
set_full_error (UnclipGpuDevice *device,
                const char      *label,
                guint64          n_bytes,
                GError         **error)
{
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY, "%s: no room for %s: %.1f MiB wanted, %.1f MiB free",
               device->info->name, label, n_bytes / MIB, unclip_gpu_device_get_free_bytes (device) / MIB);
}

gboolean
unclip_gpu_memory_allocate (UnclipGpuDevice *device,
                            VkBuffer         handle,
                            UnclipGpuMemory  memory,
                            const char      *label,
                            UnclipGpuBuffer *buffer,
                            GError         **error)
{
  VkMemoryRequirements requirements;
  g_autoptr (GError) failure = NULL;
  VkMemoryPropertyFlags flags;
  int type;

  vkGetBufferMemoryRequirements (device->handle, handle, &requirements);
  if (requirements.size > device->max_allocation_bytes)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY,
                   "%s: %s needs %.1f MiB in one piece, and the driver gives at most %.1f MiB",
                   device->info->name, label, requirements.size / MIB, device->max_allocation_bytes / MIB);
      return FALSE;
    }
  type = find_type (device, requirements.memoryTypeBits, memory);
  if (type < 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE, "%s: no kind of memory suits %s",
                   device->info->name, label);
      return FALSE;
    }

  if (!unclip_gpu_check (device, allocate (device, requirements.size, (guint32) type, &buffer->memory), label, &failure))
    {
      if (g_error_matches (failure, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY))
        set_full_error (device, label, requirements.size, error);
      else
        g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  buffer->n_allocated = requirements.size;
  device->allocated_bytes += requirements.size;
  device->peak_bytes = MAX (device->peak_bytes, device->allocated_bytes);

  flags = device->memory.memoryTypes[type].propertyFlags;
  buffer->is_cached = (flags & CACHED) != 0;
  if ((flags & MAPPABLE) == MAPPABLE && !(device->force_staging && memory == UNCLIP_GPU_MEMORY_DEVICE))
    return unclip_gpu_check (device, vkMapMemory (device->handle, buffer->memory, 0, VK_WHOLE_SIZE, 0, &buffer->mapped),
                             label, error);
  return TRUE;
}

void
unclip_gpu_memory_release (UnclipGpuDevice *device,
                           UnclipGpuBuffer *buffer)
{
  /* Freeing unmaps. */
  vkFreeMemory (device->handle, buffer->memory, NULL);
  device->allocated_bytes -= buffer->n_allocated;
}

guint64
unclip_gpu_host_bytes (void)
{
  return (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE);
}

/* MemAvailable counts what the page cache would give back, which holds our memory-mapped weights. */
guint64
unclip_gpu_host_free_bytes (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    {
      line = g_strstr_len (text, -1, "MemAvailable:");
      if (line != NULL)
        return g_ascii_strtoull (line + sizeof "MemAvailable:" - 1, NULL, 10) * 1024;
    }
  return (guint64) sysconf (_SC_AVPHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE);
}

guint64
unclip_gpu_device_get_free_bytes (UnclipGpuDevice *device)
{
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT,
  };
  VkPhysicalDeviceMemoryProperties2 properties = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
    .pNext = device->limits.has_memory_budget ? &budget : NULL,
  };
  guint64 largest = 0, free_bytes = 0;

  /* The heap of software Vulkan is the machine's memory, whatever size it is given: lavapipe says 2 GiB on a machine of
   * 24 GiB, and goes on past them.
   */
  if (device->limits.is_software)
    return unclip_gpu_host_free_bytes ();

  vkGetPhysicalDeviceMemoryProperties2 (device->physical, &properties);
  for (guint i = 0; i < properties.memoryProperties.memoryHeapCount; i++)
    {
      const VkMemoryHeap *heap = &properties.memoryProperties.memoryHeaps[i];
      guint64 total = device->limits.has_memory_budget ? budget.heapBudget[i] : heap->size;
      guint64 used = device->limits.has_memory_budget ? budget.heapUsage[i] : device->allocated_bytes;

      if ((heap->flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) == 0 || heap->size <= largest)
        continue;
      largest = heap->size;
      used += device->limits.has_memory_budget ? DESKTOP_BYTES : 0;
      free_bytes = total > used ? total - used : 0;
    }
  return free_bytes;
}

guint64
unclip_gpu_device_get_peak_bytes (UnclipGpuDevice *device)
{
  return device->peak_bytes;
}
