/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Buffers, and the copies between them and the processor: straight through the mapping, or in
 * pieces through a staging buffer of the device's.
 */

#include "config.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

#include <string.h>

/* Large enough that the submit and the wait of a piece do not show, small enough to be had
 * everywhere. */
#define STAGING_BYTES ((gsize) 16 << 20)

/* A last vec4 may be read whole, and vkCmdFillBuffer wants words. */
#define SIZE_GRANULE 16

enum
{
  STAGING_UPLOAD,
  STAGING_READBACK,
};

static UnclipGpuBuffer *
buffer_new (UnclipGpuDevice *device,
            gsize            n_bytes,
            UnclipGpuMemory  memory,
            gboolean         owns_device,
            const char      *label,
            GError         **error)
{
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  VkBufferCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .size = (n_bytes + SIZE_GRANULE - 1) / SIZE_GRANULE * SIZE_GRANULE,
    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT
             | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    .sharingMode = VK_SHARING_MODE_EXCLUSIVE,
  };

  g_assert (n_bytes > 0);
  if (n_bytes > device->max_allocation_bytes)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY,
                   "%s: %s needs %.1f MiB in one piece, and the driver gives at most %.1f MiB",
                   device->info->name, label, n_bytes / MIB, device->max_allocation_bytes / MIB);
      return NULL;
    }

  buffer = g_new0 (UnclipGpuBuffer, 1);
  buffer->ref_count = 1;
  buffer->device = owns_device ? unclip_gpu_device_ref (device) : device;
  buffer->owns_device = owns_device;
  buffer->n_bytes = n_bytes;

  if (!unclip_gpu_check (device, vkCreateBuffer (device->handle, &info, NULL, &buffer->handle),
                         label, error)
      || !unclip_gpu_memory_allocate (device, memory, label, buffer, error))
    return NULL;
  unclip_gpu_set_label (device, VK_OBJECT_TYPE_BUFFER, (guint64) buffer->handle, label);
  return g_steal_pointer (&buffer);
}

UnclipGpuBuffer *
unclip_gpu_buffer_new (UnclipGpuDevice *device,
                       gsize            n_bytes,
                       UnclipGpuMemory  memory,
                       const char      *label,
                       GError         **error)
{
  return buffer_new (device, n_bytes, memory, TRUE, label, error);
}

UnclipGpuBuffer *
unclip_gpu_buffer_ref (UnclipGpuBuffer *buffer)
{
  buffer->ref_count++;
  return buffer;
}

void
unclip_gpu_buffer_unref (UnclipGpuBuffer *buffer)
{
  if (buffer == NULL || --buffer->ref_count > 0)
    return;

  if (buffer->handle != VK_NULL_HANDLE)
    vkDestroyBuffer (buffer->device->handle, buffer->handle, NULL);
  unclip_gpu_memory_release (buffer->device, buffer);
  if (buffer->owns_device)
    unclip_gpu_device_unref (buffer->device);
  g_free (buffer);
}

gsize
unclip_gpu_buffer_get_size (UnclipGpuBuffer *buffer)
{
  return buffer->n_bytes;
}

void *
unclip_gpu_buffer_get_mapped (UnclipGpuBuffer *buffer)
{
  return buffer->mapped;
}

static UnclipGpuBuffer *
get_staging (UnclipGpuDevice *device,
             guint            which,
             GError         **error)
{
  UnclipGpuMemory memory = which == STAGING_UPLOAD ? UNCLIP_GPU_MEMORY_UPLOAD
                                                   : UNCLIP_GPU_MEMORY_READBACK;

  if (device->staging[which] == NULL)
    device->staging[which] = buffer_new (device, STAGING_BYTES, memory, FALSE, "staging", error);
  return device->staging[which];
}

void
unclip_gpu_device_drop_staging (UnclipGpuDevice *device)
{
  for (guint i = 0; i < G_N_ELEMENTS (device->staging); i++)
    g_clear_pointer (&device->staging[i], unclip_gpu_buffer_unref);
}

static gboolean
copy_now (UnclipGpuBuffer *source,
          gsize            source_offset,
          UnclipGpuBuffer *target,
          gsize            target_offset,
          gsize            n_bytes,
          GError         **error)
{
  g_autoptr (UnclipGpuCommand) command = unclip_gpu_command_new (source->device, FALSE, error);

  if (command == NULL)
    return FALSE;
  unclip_gpu_command_copy (command, source, source_offset, target, target_offset, n_bytes);
  return unclip_gpu_command_end (command, error) && unclip_gpu_command_run (command, NULL, error);
}

gboolean
unclip_gpu_buffer_write (UnclipGpuBuffer *buffer,
                         gsize            offset,
                         const void      *data,
                         gsize            n_bytes,
                         GError         **error)
{
  UnclipGpuBuffer *staging;

  g_assert (offset <= buffer->n_bytes && n_bytes <= buffer->n_bytes - offset);

  if (buffer->mapped != NULL)
    {
      if (n_bytes > 0)
        memcpy ((guint8 *) buffer->mapped + offset, data, n_bytes);
      return TRUE;
    }

  staging = get_staging (buffer->device, STAGING_UPLOAD, error);
  if (staging == NULL)
    return FALSE;
  for (gsize done = 0; done < n_bytes;)
    {
      gsize piece = MIN (n_bytes - done, STAGING_BYTES);

      memcpy (staging->mapped, (const guint8 *) data + done, piece);
      if (!copy_now (staging, 0, buffer, offset + done, piece, error))
        return FALSE;
      done += piece;
    }
  return TRUE;
}

gboolean
unclip_gpu_buffer_read (UnclipGpuBuffer *buffer,
                        gsize            offset,
                        void            *data,
                        gsize            n_bytes,
                        GError         **error)
{
  UnclipGpuBuffer *staging;

  g_assert (offset <= buffer->n_bytes && n_bytes <= buffer->n_bytes - offset);

  /* Uncached mappings are write-combined: reading them is slower than a copy, unless there is
   * nothing to gain. */
  if (buffer->mapped != NULL && (buffer->is_cached || n_bytes <= 4096))
    {
      if (n_bytes > 0)
        memcpy (data, (const guint8 *) buffer->mapped + offset, n_bytes);
      return TRUE;
    }

  staging = get_staging (buffer->device, STAGING_READBACK, error);
  if (staging == NULL)
    return FALSE;
  for (gsize done = 0; done < n_bytes;)
    {
      gsize piece = MIN (n_bytes - done, STAGING_BYTES);

      if (!copy_now (buffer, offset + done, staging, 0, piece, error))
        return FALSE;
      memcpy ((guint8 *) data + done, staging->mapped, piece);
      done += piece;
    }
  return TRUE;
}
