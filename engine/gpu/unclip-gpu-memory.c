/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Device memory: which type a buffer gets, how much there is, how much was taken.
 *
 * Drivers allow few allocations (4096 is common), while a large model has thousands of weights. So
 * buffers of up to SHARED_MAX_BYTES lie together in blocks, and only larger ones have a
 * VkDeviceMemory of their own. A block keeps its free ranges sorted; the first that fits is taken.
 * One empty block of each type is kept, so that a program that comes and goes does not take one
 * from the driver each time.
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

#define BLOCK_BYTES ((guint64) 8 << 20)
#define SHARED_MAX_BYTES ((guint64) 1 << 20)

typedef struct
{
  guint64 begin;
  guint64 end;
} FreeRange;

struct _UnclipGpuBlock
{
  guint32        type;
  guint64        n_bytes;
  gboolean       is_shared;
  VkDeviceMemory memory;
  void          *mapped;        /* nullable */
  GArray        *free;          /* FreeRange, sorted, never touching */
};

/* The sets of properties that each use tries, best first. Where memory is shared with the
 * processor, a device buffer that can be mapped saves every staged copy; on a discrete GPU mappable
 * memory may be slow or scarce, so it is not looked for.
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
  const VkMemoryPropertyFlags *choices = is_discrete ? discrete_choices[memory]
                                                     : shared_choices[memory];

  for (guint choice = 0; choice < N_CHOICES; choice++)
    for (guint i = 0; i < device->memory.memoryTypeCount; i++)
      if ((allowed & (1u << i)) != 0
          && (device->memory.memoryTypes[i].propertyFlags & choices[choice]) == choices[choice])
        return (int) i;
  return -1;
}

static void
block_free (UnclipGpuDevice *device,
            UnclipGpuBlock  *block)
{
  /* Freeing unmaps. */
  vkFreeMemory (device->handle, block->memory, NULL);
  g_array_unref (block->free);
  g_free (block);
}

static UnclipGpuBlock *
block_new (UnclipGpuDevice *device,
           guint64          n_bytes,
           guint32          type,
           gboolean         is_shared,
           const char      *label,
           GError         **error)
{
  UnclipGpuBlock *block = g_new0 (UnclipGpuBlock, 1);
  const FreeRange all = { 0, n_bytes };
  VkMemoryAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = n_bytes,
    .memoryTypeIndex = type,
  };

  block->type = type;
  block->n_bytes = n_bytes;
  block->is_shared = is_shared;
  block->free = g_array_new (FALSE, FALSE, sizeof (FreeRange));
  g_array_append_val (block->free, all);

  if (!unclip_gpu_check (device, vkAllocateMemory (device->handle, &info, NULL, &block->memory),
                         label, error)
      || ((device->memory.memoryTypes[type].propertyFlags & MAPPABLE) == MAPPABLE
          && !unclip_gpu_check (
              device,
              vkMapMemory (device->handle, block->memory, 0, VK_WHOLE_SIZE, 0, &block->mapped),
              label, error)))
    {
      block_free (device, block);
      return NULL;
    }
  g_ptr_array_add (device->blocks, block);
  return block;
}

/* Takes @n_bytes from the first free range with room, and says where. */
static gboolean
block_take (UnclipGpuBlock *block,
            guint64         n_bytes,
            guint64         alignment,
            guint64        *offset)
{
  for (guint i = 0; i < block->free->len; i++)
    {
      FreeRange range = g_array_index (block->free, FreeRange, i);
      guint64 begin = (range.begin + alignment - 1) / alignment * alignment;
      const FreeRange before = { range.begin, begin }, after = { begin + n_bytes, range.end };

      if (begin + n_bytes > range.end)
        continue;
      g_array_remove_index (block->free, i);
      if (after.begin < after.end)
        g_array_insert_val (block->free, i, after);
      if (before.begin < before.end)
        g_array_insert_val (block->free, i, before);
      *offset = begin;
      return TRUE;
    }
  return FALSE;
}

static void
block_give (UnclipGpuBlock *block,
            guint64         offset,
            guint64         n_bytes)
{
  FreeRange range = { offset, offset + n_bytes };
  guint i = 0;

  while (i < block->free->len && g_array_index (block->free, FreeRange, i).begin < offset)
    i++;
  if (i < block->free->len && g_array_index (block->free, FreeRange, i).begin == range.end)
    {
      range.end = g_array_index (block->free, FreeRange, i).end;
      g_array_remove_index (block->free, i);
    }
  if (i > 0 && g_array_index (block->free, FreeRange, i - 1).end == range.begin)
    g_array_index (block->free, FreeRange, i - 1).end = range.end;
  else
    g_array_insert_val (block->free, i, range);
}

static gboolean
block_is_empty (const UnclipGpuBlock *block)
{
  const FreeRange *first = (const FreeRange *) block->free->data;

  return block->free->len == 1 && first->begin == 0 && first->end == block->n_bytes;
}

/* A block with room at *@offset: one of those there are, a new shared one, or one for this buffer
 * alone. */
static UnclipGpuBlock *
find_block (UnclipGpuDevice            *device,
            const VkMemoryRequirements *requirements,
            guint32                     type,
            const char                 *label,
            guint64                    *offset,
            GError                    **error)
{
  gboolean is_small = requirements->size <= SHARED_MAX_BYTES;
  UnclipGpuBlock *block = NULL;

  for (guint i = 0; is_small && i < device->blocks->len; i++)
    {
      block = device->blocks->pdata[i];
      if (block->is_shared && block->type == type
          && block_take (block, requirements->size, requirements->alignment, offset))
        return block;
    }

  /* Where there is no room for a whole block there may still be some for the buffer. */
  block = is_small ? block_new (device, BLOCK_BYTES, type, TRUE, label, NULL) : NULL;
  if (block == NULL)
    block = block_new (device, requirements->size, type, FALSE, label, error);
  if (block != NULL)
    block_take (block, requirements->size, requirements->alignment, offset);
  return block;
}

static gboolean
set_full_error (UnclipGpuDevice *device,
                const char      *label,
                guint64          n_bytes,
                GError         **error)
{
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY,
               "%s: no room for %s: %.1f MiB wanted, %.1f MiB free; use a smaller batch, or close what "
               "else uses the device",
               device->info->name, label, n_bytes / MIB, unclip_gpu_device_get_free_bytes (device) / MIB);
  return FALSE;
}

gboolean
unclip_gpu_memory_allocate (UnclipGpuDevice *device,
                            UnclipGpuMemory  memory,
                            const char      *label,
                            UnclipGpuBuffer *buffer,
                            GError         **error)
{
  VkMemoryRequirements requirements;
  g_autoptr (GError) failure = NULL;
  gboolean is_hidden = device->force_staging && memory == UNCLIP_GPU_MEMORY_DEVICE;
  int type;

  vkGetBufferMemoryRequirements (device->handle, buffer->handle, &requirements);
  type = find_type (device, requirements.memoryTypeBits, memory);
  if (type < 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
                   "%s: no kind of memory suits %s", device->info->name, label);
      return FALSE;
    }
  if (device->faults.alloc != 0 && --device->faults.alloc == 0)
    return set_full_error (device, label, requirements.size, error);

  buffer->block = find_block (device, &requirements, (guint32) type, label, &buffer->block_offset,
                              &failure);
  if (buffer->block == NULL && g_error_matches (failure, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY))
    return set_full_error (device, label, requirements.size, error);
  if (buffer->block == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  buffer->n_allocated = requirements.size;
  device->allocated_bytes += requirements.size;
  device->peak_bytes = MAX (device->peak_bytes, device->allocated_bytes);
  buffer->is_cached = (device->memory.memoryTypes[type].propertyFlags & CACHED) != 0;
  if (buffer->block->mapped != NULL && !is_hidden)
    buffer->mapped = (guint8 *) buffer->block->mapped + buffer->block_offset;
  return unclip_gpu_check (device,
                           vkBindBufferMemory (device->handle, buffer->handle,
                                               buffer->block->memory, buffer->block_offset),
                           label, error);
}

static gboolean
has_spare_block (UnclipGpuDevice      *device,
                 const UnclipGpuBlock *than)
{
  for (guint i = 0; i < device->blocks->len; i++)
    {
      const UnclipGpuBlock *block = device->blocks->pdata[i];

      if (block != than && block->is_shared && block->type == than->type && block_is_empty (block))
        return TRUE;
    }
  return FALSE;
}

void
unclip_gpu_memory_release (UnclipGpuDevice *device,
                           UnclipGpuBuffer *buffer)
{
  UnclipGpuBlock *block = buffer->block;

  if (block == NULL)
    return;
  device->allocated_bytes -= buffer->n_allocated;
  block_give (block, buffer->block_offset, buffer->n_allocated);
  if (block_is_empty (block) && (!block->is_shared || has_spare_block (device, block)))
    {
      g_ptr_array_remove_fast (device->blocks, block);
      block_free (device, block);
    }
}

void
unclip_gpu_memory_close (UnclipGpuDevice *device)
{
  g_assert (device->allocated_bytes == 0);
  for (guint i = 0; i < device->blocks->len; i++)
    block_free (device, device->blocks->pdata[i]);
  g_ptr_array_set_size (device->blocks, 0);
}

guint64
unclip_gpu_host_bytes (void)
{
  return (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE);
}

/* MemAvailable counts what the page cache would give back, which holds our memory-mapped weights.
 */
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

  /* The heap of software Vulkan is the machine's memory, whatever size it is given: lavapipe says 2
   * GiB on a machine of 24 GiB, and goes on past them.
   */
  if (device->limits.is_software)
    return unclip_gpu_host_free_bytes ();

  vkGetPhysicalDeviceMemoryProperties2 (device->physical, &properties);
  for (guint i = 0; i < properties.memoryProperties.memoryHeapCount; i++)
    {
      const VkMemoryHeap *heap = &properties.memoryProperties.memoryHeaps[i];
      guint64 total = device->limits.has_memory_budget ? budget.heapBudget[i] : heap->size;
      guint64 used = device->limits.has_memory_budget ? budget.heapUsage[i]
                                                      : device->allocated_bytes;

      if ((heap->flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) == 0 || heap->size <= largest)
        continue;
      largest = heap->size;
      used += device->limits.has_memory_budget ? DESKTOP_BYTES : 0;
      free_bytes = total > used ? total - used : 0;
    }
  return free_bytes;
}

guint64
unclip_gpu_device_get_used_bytes (UnclipGpuDevice *device)
{
  return device->allocated_bytes;
}

guint64
unclip_gpu_device_get_peak_bytes (UnclipGpuDevice *device)
{
  return device->peak_bytes;
}
