/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recording and running work.
 *
 * Barriers: the recorder keeps the byte ranges that were read or written since the last barrier. A
 * dispatch or copy whose ranges meet one of them in a way that matters (one side writes) gets one
 * global memory barrier before it, and the list starts anew. A barrier for all memory costs the
 * same as one for a range on the hardware that we know, and there is then never more than one
 * between two dispatches.
 *
 * Each segment ends with a barrier towards everything, the host included, so segments and commands
 * need not know of each other.
 */

#include "config.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

#define SETS_PER_POOL 64
#define DESCRIPTORS_PER_POOL (SETS_PER_POOL * 6)
#define QUERIES_PER_POOL 64

G_STATIC_ASSERT (DESCRIPTORS_PER_POOL >= UNCLIP_GPU_MAX_BINDINGS);
G_STATIC_ASSERT (DESCRIPTORS_PER_POOL >= UNCLIP_GPU_MAX_STORAGE_BUFFERS);

/* Bytes touched since the last barrier. */
typedef struct
{
  const UnclipGpuBuffer *buffer;
  gsize                  begin;
  gsize                  end;
  UnclipGpuAccess        access;
} Range;

typedef struct
{
  UnclipGpuBuffer *buffer;
  gsize            offset;
  gsize            n_bytes;
  UnclipGpuTexel   texel;
  VkBufferView     view;
} View;

struct _UnclipGpuCommand
{
  /* Constant after init; owned */
  UnclipGpuDevice *device;
  gboolean         with_timers;
  VkCommandPool    pool;
  VkFence          fence;

  /* The recording; owned */
  GArray          *segments;           /* VkCommandBuffer */
  VkCommandBuffer  recording;          /* the last of segments while it is open, else NULL */
  GHashTable      *buffers;            /* set of UnclipGpuBuffer, one reference each */
  GHashTable      *views;              /* set of View */
  GArray          *descriptor_pools;   /* VkDescriptorPool */
  guint            sets_left;          /* in the last pool, as the two below */
  guint            storage_left;
  guint            texels_left;
  GArray          *pending;            /* Range */
  guint            n_barriers;         /* for hazards */
  GArray          *query_pools;        /* VkQueryPool */
  GPtrArray       *labels;             /* one a mark */
  GError          *error;              /* the first failure while recording */
  gboolean         is_ended;

  gboolean         has_times;          /* the last run went to the end */
};

static const struct
{
  VkFormat format;
  guint    n_bytes;
} texels[] = {
  [UNCLIP_GPU_TEXEL_NONE] = { VK_FORMAT_UNDEFINED, 1 },
  [UNCLIP_GPU_TEXEL_RGBA32F] = { VK_FORMAT_R32G32B32A32_SFLOAT, 16 },
  [UNCLIP_GPU_TEXEL_RGBA16F] = { VK_FORMAT_R16G16B16A16_SFLOAT, 8 },
  [UNCLIP_GPU_TEXEL_R32I] = { VK_FORMAT_R32_SINT, 4 },
};

static guint
view_hash (gconstpointer data)
{
  const View *view = data;

  return (g_direct_hash (view->buffer) * 31 + (guint) (view->offset / 16)) * 31
         + (guint) view->n_bytes + view->texel;
}

static gboolean
view_equal (gconstpointer a,
            gconstpointer b)
{
  const View *left = a;
  const View *right = b;

  return left->buffer == right->buffer && left->offset == right->offset
         && left->n_bytes == right->n_bytes && left->texel == right->texel;
}

UnclipGpuCommand *
unclip_gpu_command_new (UnclipGpuDevice *device,
                        gboolean         with_timers,
                        GError         **error)
{
  g_autoptr (UnclipGpuCommand) command = g_new0 (UnclipGpuCommand, 1);
  VkCommandPoolCreateInfo pool_info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .queueFamilyIndex = device->queue_family,
  };
  VkFenceCreateInfo fence_info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };

  command->device = unclip_gpu_device_ref (device);
  command->with_timers = with_timers && device->limits.has_timestamps;
  command->segments = g_array_new (FALSE, FALSE, sizeof (VkCommandBuffer));
  command->buffers = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) unclip_gpu_buffer_unref,
                                            NULL);
  command->views = g_hash_table_new_full (view_hash, view_equal, g_free, NULL);
  command->descriptor_pools = g_array_new (FALSE, FALSE, sizeof (VkDescriptorPool));
  command->pending = g_array_new (FALSE, FALSE, sizeof (Range));
  command->query_pools = g_array_new (FALSE, FALSE, sizeof (VkQueryPool));
  command->labels = g_ptr_array_new_with_free_func (g_free);

  if (!unclip_gpu_check (device,
                         vkCreateCommandPool (device->handle, &pool_info, NULL, &command->pool),
                         "command pool", error)
      || !unclip_gpu_check (device,
                            vkCreateFence (device->handle, &fence_info, NULL, &command->fence),
                            "fence", error))
    return NULL;
  return g_steal_pointer (&command);
}

void
unclip_gpu_command_free (UnclipGpuCommand *command)
{
  VkDevice device;
  GHashTableIter iter;
  gpointer key;

  if (command == NULL)
    return;

  device = command->device->handle;
  g_hash_table_iter_init (&iter, command->views);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    vkDestroyBufferView (device, ((View *) key)->view, NULL);
  for (guint i = 0; i < command->descriptor_pools->len; i++)
    vkDestroyDescriptorPool (device, g_array_index (command->descriptor_pools, VkDescriptorPool, i),
                             NULL);
  for (guint i = 0; i < command->query_pools->len; i++)
    vkDestroyQueryPool (device, g_array_index (command->query_pools, VkQueryPool, i), NULL);
  vkDestroyFence (device, command->fence, NULL);
  vkDestroyCommandPool (device, command->pool, NULL);

  g_array_unref (command->segments);
  g_hash_table_unref (command->views);
  g_hash_table_unref (command->buffers);
  g_array_unref (command->descriptor_pools);
  g_array_unref (command->pending);
  g_array_unref (command->query_pools);
  g_ptr_array_unref (command->labels);
  g_clear_error (&command->error);
  unclip_gpu_device_unref (command->device);
  g_free (command);
}

/* Opens a segment if none is open. FALSE once anything has failed: the rest of the recording is
 * then skipped. */
static gboolean
begin (UnclipGpuCommand *command)
{
  UnclipGpuDevice *device = command->device;
  VkCommandBufferAllocateInfo allocate_info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = command->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };
  VkCommandBufferBeginInfo begin_info = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
  VkCommandBuffer segment;

  g_assert (!command->is_ended);
  if (command->error != NULL)
    return FALSE;
  if (command->recording != NULL)
    return TRUE;

  if (!unclip_gpu_check (device,
                         vkAllocateCommandBuffers (device->handle, &allocate_info, &segment),
                         "recording", &command->error))
    return FALSE;
  g_array_append_val (command->segments, segment);
  if (!unclip_gpu_check (device, vkBeginCommandBuffer (segment, &begin_info), "recording",
                         &command->error))
    return FALSE;
  command->recording = segment;
  return TRUE;
}

static void
barrier (UnclipGpuCommand *command,
         gboolean          to_host)
{
  const VkPipelineStageFlags device_stages = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT
                                             | VK_PIPELINE_STAGE_TRANSFER_BIT;
  VkMemoryBarrier memory_barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT
                     | VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT
                     | (to_host ? VK_ACCESS_HOST_READ_BIT : 0),
  };

  vkCmdPipelineBarrier (command->recording, device_stages,
                        device_stages | (to_host ? VK_PIPELINE_STAGE_HOST_BIT : 0),
                        0, 1, &memory_barrier, 0, NULL, 0, NULL);
  g_array_set_size (command->pending, 0);
}

static gboolean
is_hazard (const UnclipGpuCommand *command,
           const Range            *range)
{
  for (guint i = 0; i < command->pending->len; i++)
    {
      const Range *other = &g_array_index (command->pending, Range, i);

      if (other->buffer == range->buffer && other->begin < range->end && range->begin < other->end
          && ((other->access | range->access) & UNCLIP_GPU_WRITE) != 0)
        return TRUE;
    }
  return FALSE;
}

/* Puts in a barrier where one of @ranges needs it, then adds them to what is pending, and holds
 * their buffers. */
static void
touch (UnclipGpuCommand *command,
       const Range      *ranges,
       guint             n_ranges)
{
  for (guint i = 0; i < n_ranges; i++)
    if (is_hazard (command, &ranges[i]))
      {
        barrier (command, FALSE);
        command->n_barriers++;
        break;
      }
  g_array_append_vals (command->pending, ranges, n_ranges);
  for (guint i = 0; i < n_ranges; i++)
    if (!g_hash_table_contains (command->buffers, ranges[i].buffer))
      g_hash_table_add (command->buffers,
                        unclip_gpu_buffer_ref ((UnclipGpuBuffer *) ranges[i].buffer));
}

VkCommandBuffer
unclip_gpu_command_open (UnclipGpuCommand *command,
                         UnclipGpuBuffer  *buffer)
{
  Range whole = { buffer, 0, buffer->n_bytes, UNCLIP_GPU_READ | UNCLIP_GPU_WRITE };

  if (!begin (command))
    return VK_NULL_HANDLE;
  touch (command, &whole, 1);
  return command->recording;
}

static gboolean
add_descriptor_pool (UnclipGpuCommand *command)
{
  VkDescriptorPoolSize sizes[] = {
    { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, DESCRIPTORS_PER_POOL },
    { VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, DESCRIPTORS_PER_POOL },
  };
  VkDescriptorPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
    .maxSets = SETS_PER_POOL,
    .poolSizeCount = G_N_ELEMENTS (sizes),
    .pPoolSizes = sizes,
  };
  VkDescriptorPool pool;

  if (!unclip_gpu_check (command->device,
                         vkCreateDescriptorPool (command->device->handle, &info, NULL, &pool),
                         "descriptors", &command->error))
    return FALSE;
  g_array_append_val (command->descriptor_pools, pool);
  command->sets_left = SETS_PER_POOL;
  command->storage_left = DESCRIPTORS_PER_POOL;
  command->texels_left = DESCRIPTORS_PER_POOL;
  return TRUE;
}

static VkDescriptorSet
allocate_set (UnclipGpuCommand *command,
              UnclipGpuKernel  *kernel)
{
  VkDescriptorSetAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
    .descriptorSetCount = 1,
    .pSetLayouts = &kernel->set_layout,
  };
  VkDescriptorSet set = VK_NULL_HANDLE;
  guint n_texels = 0, n_storage;

  for (guint i = 0; i < kernel->desc.n_bindings; i++)
    n_texels += kernel->desc.bindings[i] == UNCLIP_GPU_BINDING_TEXEL ? 1 : 0;
  n_storage = (kernel->desc.n_bindings - n_texels) * kernel->desc.n_windows;

  if ((command->sets_left < 1 || command->storage_left < n_storage
       || command->texels_left < n_texels)
      && !add_descriptor_pool (command))
    return VK_NULL_HANDLE;
  info.descriptorPool = g_array_index (command->descriptor_pools, VkDescriptorPool,
                                       command->descriptor_pools->len - 1);
  if (!unclip_gpu_check (command->device,
                         vkAllocateDescriptorSets (command->device->handle, &info, &set),
                         "descriptors", &command->error))
    return VK_NULL_HANDLE;
  command->sets_left--;
  command->storage_left -= n_storage;
  command->texels_left -= n_texels;
  return set;
}

static VkBufferView
get_view (UnclipGpuCommand       *command,
          const UnclipGpuBinding *binding)
{
  View key = {
    .buffer = binding->buffer,
    .offset = binding->offset,
    .n_bytes = binding->n_bytes,
    .texel = binding->texel,
  };
  View *view = NULL;
  VkBufferViewCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
    .buffer = binding->buffer->handle,
    .format = texels[binding->texel].format,
    .offset = binding->offset,
    .range = binding->n_bytes,
  };

  view = g_hash_table_lookup (command->views, &key);
  if (view != NULL)
    return view->view;
  if (!unclip_gpu_check (command->device,
                         vkCreateBufferView (command->device->handle, &info, NULL, &key.view),
                         "buffer view", &command->error))
    return VK_NULL_HANDLE;
  g_hash_table_add (command->views, g_memdup2 (&key, sizeof key));
  return key.view;
}

/* The caller's mistakes, said so that they can be found. */
static void
check_binding (const UnclipGpuKernel  *kernel,
               guint                   i,
               const UnclipGpuBinding *binding)
{
  const UnclipGpuLimits *limits = &kernel->device->limits;
  const char *shader = kernel->desc.shader;
  gboolean is_texel = kernel->desc.bindings[i] == UNCLIP_GPU_BINDING_TEXEL;
  guint alignment = is_texel ? limits->texel_alignment : limits->storage_alignment;
  guint texel_bytes = texels[binding->texel].n_bytes;

  if (is_texel != (binding->texel != UNCLIP_GPU_TEXEL_NONE))
    g_error ("%s, binding %u: %s expected", shader, i,
             is_texel ? "a texel format" : "no texel format");
  if (is_texel && (binding->access & UNCLIP_GPU_WRITE) != 0)
    g_error ("%s, binding %u: texel buffers are only read", shader, i);
  if (binding->offset % alignment != 0)
    g_error ("%s, binding %u: offset %" G_GSIZE_FORMAT " is no multiple of %u", shader, i,
             binding->offset, alignment);
  if (binding->n_bytes == 0 || binding->n_bytes % texel_bytes != 0)
    g_error ("%s, binding %u: %" G_GSIZE_FORMAT " bytes are not a whole number of elements", shader,
             i, binding->n_bytes);
  if (binding->offset + binding->n_bytes > binding->buffer->n_bytes)
    g_error ("%s, binding %u: ends at byte %" G_GSIZE_FORMAT " of a buffer of %" G_GSIZE_FORMAT,
             shader, i, binding->offset + binding->n_bytes, binding->buffer->n_bytes);
}

/* What a large picture or batch can bring about on a device with small limits, which is nobody's
 * mistake. */
static gboolean
fits_device (UnclipGpuCommand       *command,
             const UnclipGpuKernel  *kernel,
             const UnclipGpuBinding *bindings,
             guint                   n_bindings,
             const guint             groups[3])
{
  const UnclipGpuLimits *limits = &kernel->device->limits;
  const char *device = kernel->device->info->name;
  const char *shader = kernel->desc.shader;
  guint n_windows = kernel->desc.n_windows;
  guint64 max_storage = n_windows > 1 ? (guint64) n_windows << kernel->device->window_shift
                                      : limits->max_storage_range;

  for (guint i = 0; i < n_bindings && command->error == NULL; i++)
    {
      UnclipGpuTexel texel = bindings[i].texel;
      guint64 limit = texel == UNCLIP_GPU_TEXEL_NONE
                          ? max_storage
                          : limits->max_texel_elements * texels[texel].n_bytes;

      if (bindings[i].n_bytes > limit)
        g_set_error (&command->error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
                     "%s: %s needs a tensor of %.1f MiB, and the device binds at most %.1f MiB; "
                     "use a smaller batch",
                     device, shader, bindings[i].n_bytes / MIB, limit / MIB);
    }
  for (guint i = 0; i < 3 && command->error == NULL; i++)
    if (groups[i] > limits->max_workgroup_count[i])
      g_set_error (&command->error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
                   "%s: %s needs %u × %u × %u workgroups, more than the device runs at once; use a "
                   "smaller batch",
                   device, shader, groups[0], groups[1], groups[2]);
  return command->error == NULL;
}

/* Cuts a storage binding into as many windows as its kernel has. One that needs fewer has its first
 * in place of the others, to which nothing is written. */
static void
fill_windows (const UnclipGpuKernel  *kernel,
              const UnclipGpuBinding *binding,
              VkDescriptorBufferInfo *infos)
{
  guint n = kernel->desc.n_windows;
  gsize window = n > 1 ? (gsize) 1 << kernel->device->window_shift : binding->n_bytes;

  for (guint i = 0; i < n; i++)
    {
      gsize begin = i * window < binding->n_bytes ? i * window : 0;

      infos[i] = (VkDescriptorBufferInfo) { binding->buffer->handle, binding->offset + begin,
                                            MIN (window, binding->n_bytes - begin) };
    }
}

static gboolean
write_set (UnclipGpuCommand       *command,
           const UnclipGpuKernel  *kernel,
           VkDescriptorSet         set,
           const UnclipGpuBinding *bindings,
           guint                   n_bindings)
{
  VkWriteDescriptorSet writes[UNCLIP_GPU_MAX_BINDINGS];
  VkDescriptorBufferInfo infos[MAX (UNCLIP_GPU_MAX_BINDINGS, UNCLIP_GPU_MAX_STORAGE_BUFFERS)];
  VkBufferView views[UNCLIP_GPU_MAX_BINDINGS];
  guint n_infos = 0;

  for (guint i = 0; i < n_bindings; i++)
    {
      gboolean is_texel = bindings[i].texel != UNCLIP_GPU_TEXEL_NONE;

      views[i] = is_texel ? get_view (command, &bindings[i]) : VK_NULL_HANDLE;
      if (command->error != NULL)
        return FALSE;
      writes[i] = (VkWriteDescriptorSet) {
        .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
        .dstSet = set,
        .dstBinding = i,
        .descriptorCount = is_texel ? 1 : kernel->desc.n_windows,
        .descriptorType = is_texel ? VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER
                                   : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .pBufferInfo = &infos[n_infos],
        .pTexelBufferView = &views[i],
      };
      if (!is_texel)
        {
          fill_windows (kernel, &bindings[i], &infos[n_infos]);
          n_infos += kernel->desc.n_windows;
        }
    }
  vkUpdateDescriptorSets (command->device->handle, n_bindings, writes, 0, NULL);
  return TRUE;
}

void
unclip_gpu_command_dispatch (UnclipGpuCommand       *command,
                             UnclipGpuKernel        *kernel,
                             const UnclipGpuBinding *bindings,
                             guint                   n_bindings,
                             const void             *push,
                             guint                   x,
                             guint                   y,
                             guint                   z)
{
  Range ranges[UNCLIP_GPU_MAX_BINDINGS];
  VkDescriptorSet set;

  g_assert (n_bindings == kernel->desc.n_bindings && x > 0 && y > 0 && z > 0);
  for (guint i = 0; i < n_bindings; i++)
    check_binding (kernel, i, &bindings[i]);
  if (!begin (command)
      || !fits_device (command, kernel, bindings, n_bindings, (guint[]) { x, y, z }))
    return;
  set = allocate_set (command, kernel);
  if (set == VK_NULL_HANDLE || !write_set (command, kernel, set, bindings, n_bindings))
    return;

  for (guint i = 0; i < n_bindings; i++)
    ranges[i] = (Range) { bindings[i].buffer, bindings[i].offset,
                          bindings[i].offset + bindings[i].n_bytes, bindings[i].access };
  touch (command, ranges, n_bindings);

  vkCmdBindPipeline (command->recording, VK_PIPELINE_BIND_POINT_COMPUTE, kernel->pipeline);
  vkCmdBindDescriptorSets (command->recording, VK_PIPELINE_BIND_POINT_COMPUTE, kernel->layout, 0, 1,
                           &set, 0, NULL);
  if (kernel->desc.push_bytes > 0)
    vkCmdPushConstants (command->recording, kernel->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                        kernel->desc.push_bytes, push);
  vkCmdDispatch (command->recording, x, y, z);
}

void
unclip_gpu_command_copy (UnclipGpuCommand *command,
                         UnclipGpuBuffer  *source,
                         gsize             source_offset,
                         UnclipGpuBuffer  *target,
                         gsize             target_offset,
                         gsize             n_bytes)
{
  const Range ranges[] = {
    { source, source_offset, source_offset + n_bytes, UNCLIP_GPU_READ },
    { target, target_offset, target_offset + n_bytes, UNCLIP_GPU_WRITE },
  };
  VkBufferCopy region = { source_offset, target_offset, n_bytes };

  g_assert (n_bytes > 0);
  g_assert (ranges[0].end <= source->n_bytes && ranges[1].end <= target->n_bytes);
  g_assert (source != target || ranges[0].end <= ranges[1].begin
            || ranges[1].end <= ranges[0].begin);
  if (!begin (command))
    return;
  touch (command, ranges, G_N_ELEMENTS (ranges));
  vkCmdCopyBuffer (command->recording, source->handle, target->handle, 1, &region);
}

void
unclip_gpu_command_fill_zero (UnclipGpuCommand *command,
                              UnclipGpuBuffer  *target,
                              gsize             offset,
                              gsize             n_bytes)
{
  const Range range = { target, offset, offset + n_bytes, UNCLIP_GPU_WRITE };

  g_assert (n_bytes > 0 && range.end <= target->n_bytes);
  g_assert (offset % 4 == 0 && n_bytes % 4 == 0);
  if (!begin (command))
    return;
  touch (command, &range, 1);
  vkCmdFillBuffer (command->recording, target->handle, offset, n_bytes, 0);
}

void
unclip_gpu_command_cut (UnclipGpuCommand *command)
{
  VkCommandBuffer segment = command->recording;

  if (segment == NULL)
    return;
  barrier (command, TRUE);
  command->recording = NULL;
  if (!unclip_gpu_check (command->device, vkEndCommandBuffer (segment), "recording",
                         command->error ? NULL : &command->error))
    g_debug ("The recording of segment %u failed", command->segments->len);
}

guint
unclip_gpu_command_get_n_barriers (UnclipGpuCommand *command)
{
  return command->n_barriers;
}

/* Writes timestamp number @index after all that was recorded before. */
static void
write_timestamp (UnclipGpuCommand *command,
                 guint             index)
{
  UnclipGpuDevice *device = command->device;
  VkQueryPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
    .queryType = VK_QUERY_TYPE_TIMESTAMP,
    .queryCount = QUERIES_PER_POOL,
  };
  VkQueryPool pool;

  if (!begin (command))
    return;
  if (index / QUERIES_PER_POOL == command->query_pools->len)
    {
      if (!unclip_gpu_check (device, vkCreateQueryPool (device->handle, &info, NULL, &pool),
                             "timers", &command->error))
        return;
      g_array_append_val (command->query_pools, pool);
    }
  pool = g_array_index (command->query_pools, VkQueryPool, index / QUERIES_PER_POOL);
  barrier (command, FALSE);
  vkCmdResetQueryPool (command->recording, pool, index % QUERIES_PER_POOL, 1);
  vkCmdWriteTimestamp (command->recording, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool,
                       index % QUERIES_PER_POOL);
}

void
unclip_gpu_command_mark (UnclipGpuCommand *command,
                         const char       *label)
{
  g_assert (!command->is_ended);
  if (!command->with_timers || command->error != NULL)
    return;
  write_timestamp (command, command->labels->len);
  g_ptr_array_add (command->labels, g_strdup (label));
}

gboolean
unclip_gpu_command_end (UnclipGpuCommand *command,
                        GError          **error)
{
  g_assert (!command->is_ended);
  if (command->labels->len > 0)
    write_timestamp (command, command->labels->len);
  unclip_gpu_command_cut (command);
  command->is_ended = TRUE;
  if (command->error != NULL)
    {
      g_propagate_error (error, g_error_copy (command->error));
      return FALSE;
    }
  return TRUE;
}

static VkResult
submit (UnclipGpuCommand *command,
        VkCommandBuffer   segment)
{
  UnclipGpuDevice *device = command->device;
  VkSubmitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .commandBufferCount = 1,
    .pCommandBuffers = &segment,
  };

  /* A lost device stays lost; drivers may hang when asked again. */
  if (device->is_lost || (device->faults.submit != 0 && --device->faults.submit == 0))
    return VK_ERROR_DEVICE_LOST;
  return vkQueueSubmit (device->queue, 1, &info, command->fence);
}

gboolean
unclip_gpu_command_run (UnclipGpuCommand *command,
                        GCancellable     *cancellable,
                        GError          **error)
{
  UnclipGpuDevice *device = command->device;

  g_assert (command->is_ended && command->error == NULL);
  command->has_times = FALSE;

  for (guint i = 0; i < command->segments->len; i++)
    {
      VkCommandBuffer segment = g_array_index (command->segments, VkCommandBuffer, i);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !unclip_gpu_check (device, submit (command, segment), "submit", error)
          || !unclip_gpu_check (
              device, vkWaitForFences (device->handle, 1, &command->fence, VK_TRUE, G_MAXUINT64),
              "waiting", error)
          || !unclip_gpu_check (device, vkResetFences (device->handle, 1, &command->fence), "fence",
                                error))
        return FALSE;
    }
  command->has_times = command->labels->len > 0;
  return TRUE;
}

GArray *
unclip_gpu_command_get_spans (UnclipGpuCommand *command)
{
  UnclipGpuDevice *device = command->device;
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (UnclipGpuSpan));
  guint n_stamps = command->labels->len + 1;
  g_autofree guint64 *stamps = g_new0 (guint64, n_stamps);

  if (!command->has_times)
    return spans;

  for (guint first = 0; first < n_stamps; first += QUERIES_PER_POOL)
    {
      VkQueryPool pool = g_array_index (command->query_pools, VkQueryPool,
                                        first / QUERIES_PER_POOL);
      guint n = MIN (n_stamps - first, QUERIES_PER_POOL);

      if (!unclip_gpu_check (
              device,
              vkGetQueryPoolResults (device->handle, pool, 0, n, n * sizeof stamps[0],
                                     stamps + first, sizeof stamps[0],
                                     VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
              "timers", NULL))
        return spans;
    }
  for (guint i = 0; i < command->labels->len; i++)
    {
      guint64 ticks = (stamps[i + 1] - stamps[i]) & device->timestamp_mask;
      UnclipGpuSpan span = { command->labels->pdata[i],
                             (double) ticks * device->timestamp_period * 1e-9 };

      g_array_append_val (spans, span);
    }
  return spans;
}
