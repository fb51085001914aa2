/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Compute pipelines, kept by their description, and the pipeline cache on disk.
 *
 * The cache file is $XDG_CACHE_HOME/fugue/pipelines-UUID.bin, see unclip-gpu-cache.c.
 */

#include "config.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"
#include "unclip-shaders.h"

#include <string.h>

#define CACHE_MAGIC "FuguePC1"

/* Specialisation constants of tensor.glsl. */
#define SPEC_WINDOWS 3
#define SPEC_WINDOW_SHIFT 4

static guint
desc_hash (gconstpointer data)
{
  const UnclipGpuKernelDesc *desc = data;
  guint hash = g_str_hash (desc->shader) + desc->n_windows;

  for (guint i = 0; i < desc->n_spec; i++)
    hash = (hash * 31 + desc->spec[i].id) * 31 + desc->spec[i].value;
  return hash;
}

static gboolean
desc_equal (gconstpointer a,
            gconstpointer b)
{
  const UnclipGpuKernelDesc *left = a;
  const UnclipGpuKernelDesc *right = b;

  return strcmp (left->shader, right->shader) == 0 && left->n_bindings == right->n_bindings
         && left->push_bytes == right->push_bytes && left->n_spec == right->n_spec
         && left->n_windows == right->n_windows
         && memcmp (left->bindings, right->bindings, left->n_bindings * sizeof left->bindings[0])
                == 0
         && memcmp (left->spec, right->spec, left->n_spec * sizeof left->spec[0]) == 0;
}

static void
kernel_free (gpointer data)
{
  UnclipGpuKernel *kernel = data;
  VkDevice device = kernel->device->handle;

  if (kernel->pipeline != VK_NULL_HANDLE)
    vkDestroyPipeline (device, kernel->pipeline, NULL);
  if (kernel->layout != VK_NULL_HANDLE)
    vkDestroyPipelineLayout (device, kernel->layout, NULL);
  if (kernel->set_layout != VK_NULL_HANDLE)
    vkDestroyDescriptorSetLayout (device, kernel->set_layout, NULL);
  g_free (kernel);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGpuKernel, kernel_free)

static char *
dup_cache_name (UnclipGpuDevice *device)
{
  return g_strdup_printf ("pipelines-%s.bin", device->info->uuid);
}

void
unclip_gpu_kernels_open (UnclipGpuDevice *device)
{
  VkPipelineCacheCreateInfo info = { .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO };
  gsize n_bytes = 0;
  g_autofree char *name = dup_cache_name (device);
  g_autofree guint8 *data = unclip_gpu_cache_load (name, CACHE_MAGIC, &n_bytes);

  device->kernels = g_hash_table_new_full (desc_hash, desc_equal, NULL, kernel_free);
  info.initialDataSize = data != NULL ? n_bytes : 0;
  info.pInitialData = data;
  /* A cache that cannot be made costs time, nothing else: pipelines are then built without one. */
  if (!unclip_gpu_check (
          device, vkCreatePipelineCache (device->handle, &info, NULL, &device->pipeline_cache),
          "pipeline cache", NULL))
    device->pipeline_cache = VK_NULL_HANDLE;
}

static void
save_cache (UnclipGpuDevice *device)
{
  g_autofree char *name = dup_cache_name (device);
  g_autofree guint8 *data = NULL;
  gsize n_bytes = 0;

  if (!unclip_gpu_check (
          device, vkGetPipelineCacheData (device->handle, device->pipeline_cache, &n_bytes, NULL),
          "pipeline cache", NULL)
      || n_bytes == 0)
    return;
  data = g_malloc (n_bytes);
  if (unclip_gpu_check (
          device, vkGetPipelineCacheData (device->handle, device->pipeline_cache, &n_bytes, data),
          "pipeline cache", NULL))
    unclip_gpu_cache_save (name, CACHE_MAGIC, data, n_bytes);
}

void
unclip_gpu_kernels_close (UnclipGpuDevice *device)
{
  if (device->pipeline_cache != VK_NULL_HANDLE)
    {
      if (device->has_new_kernels && !device->is_lost)
        save_cache (device);
      vkDestroyPipelineCache (device->handle, device->pipeline_cache, NULL);
    }
  g_clear_pointer (&device->kernels, g_hash_table_unref);
}

static gboolean
create_layout (UnclipGpuKernel *kernel,
               GError         **error)
{
  const UnclipGpuKernelDesc *desc = &kernel->desc;
  UnclipGpuDevice *device = kernel->device;
  VkDescriptorSetLayoutBinding bindings[UNCLIP_GPU_MAX_BINDINGS];
  VkDescriptorSetLayoutCreateInfo set_info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
    .bindingCount = desc->n_bindings,
    .pBindings = bindings,
  };
  VkPushConstantRange push = { .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
                               .size = desc->push_bytes };
  VkPipelineLayoutCreateInfo layout_info = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
    .setLayoutCount = 1,
    .pSetLayouts = &kernel->set_layout,
    .pushConstantRangeCount = desc->push_bytes > 0 ? 1 : 0,
    .pPushConstantRanges = &push,
  };

  for (guint i = 0; i < desc->n_bindings; i++)
    bindings[i] = (VkDescriptorSetLayoutBinding) {
      .binding = i,
      .descriptorType = desc->bindings[i] == UNCLIP_GPU_BINDING_TEXEL
                            ? VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER
                            : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
      .descriptorCount = desc->bindings[i] == UNCLIP_GPU_BINDING_STORAGE ? desc->n_windows : 1,
      .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
    };

  return unclip_gpu_check (
             device,
             vkCreateDescriptorSetLayout (device->handle, &set_info, NULL, &kernel->set_layout),
             desc->shader, error)
         && unclip_gpu_check (
             device, vkCreatePipelineLayout (device->handle, &layout_info, NULL, &kernel->layout),
             desc->shader, error);
}

/* Along x, as specialised. */
static guint32
get_group_size (const UnclipGpuKernelDesc *desc)
{
  for (guint i = 0; i < desc->n_spec; i++)
    if (desc->spec[i].id == 0)
      return desc->spec[i].value;
  return 1;
}

static gboolean
create_pipeline (UnclipGpuKernel    *kernel,
                 const UnclipShader *shader,
                 GError            **error)
{
  const UnclipGpuKernelDesc *desc = &kernel->desc;
  UnclipGpuDevice *device = kernel->device;
  VkSpecializationMapEntry entries[UNCLIP_GPU_MAX_SPEC];
  VkSpecializationInfo spec = {
    .mapEntryCount = desc->n_spec,
    .pMapEntries = entries,
    .dataSize = sizeof desc->spec,
    .pData = desc->spec,
  };
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT subgroup_size = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO_EXT,
    .requiredSubgroupSize = device->required_subgroup_size,
  };
  VkShaderModuleCreateInfo module_info = {
    .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
    .codeSize = shader->n_words * sizeof shader->words[0],
    .pCode = shader->words,
  };
  VkComputePipelineCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
    .stage = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .pNext = device->required_subgroup_size > 0 ? &subgroup_size : NULL,
      .stage = VK_SHADER_STAGE_COMPUTE_BIT,
      .pName = "main",
      .pSpecializationInfo = &spec,
    },
    .layout = kernel->layout,
  };
  gboolean ok;

  if (device->can_fill_subgroups && get_group_size (desc) % device->required_subgroup_size == 0)
    info.stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT;
  for (guint i = 0; i < desc->n_spec; i++)
    entries[i] = (VkSpecializationMapEntry) {
      .constantID = desc->spec[i].id,
      .offset = (guint32) ((const guint8 *) &desc->spec[i].value - (const guint8 *) desc->spec),
      .size = sizeof desc->spec[i].value,
    };

  if (!unclip_gpu_check (
          device, vkCreateShaderModule (device->handle, &module_info, NULL, &info.stage.module),
          desc->shader, error))
    return FALSE;
  unclip_gpu_set_label (device, VK_OBJECT_TYPE_SHADER_MODULE, (guint64) info.stage.module,
                        desc->shader);
  ok = unclip_gpu_check (device,
                         vkCreateComputePipelines (device->handle, device->pipeline_cache, 1, &info,
                                                   NULL, &kernel->pipeline),
                         desc->shader, error);
  vkDestroyShaderModule (device->handle, info.stage.module, NULL);
  if (ok)
    unclip_gpu_set_label (device, VK_OBJECT_TYPE_PIPELINE, (guint64) kernel->pipeline,
                          desc->shader);
  return ok;
}

guint
unclip_gpu_kernel_count_windows (UnclipGpuDevice *device,
                                 gsize            n_bytes)
{
  if (n_bytes <= device->limits.max_storage_range)
    return 1;
  return (guint) (((n_bytes - 1) >> device->window_shift) + 1);
}

/* Gives the shader its windows, unless it has the one that is its default. */
static gboolean
complete (UnclipGpuKernelDesc *desc,
          UnclipGpuDevice     *device,
          GError             **error)
{
  guint n_buffers = 0;

  desc->n_windows = MAX (desc->n_windows, 1);
  if (desc->n_windows == 1)
    return TRUE;
  for (guint i = 0; i < desc->n_bindings; i++)
    n_buffers += desc->bindings[i] == UNCLIP_GPU_BINDING_STORAGE ? desc->n_windows : 0;
  if (n_buffers > device->max_storage_buffers)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
                   "%s: %s writes to more than the %.1f MiB that the device binds; use a smaller batch",
                   device->info->name, desc->shader, device->limits.max_output_bytes / MIB);
      return FALSE;
    }
  g_assert (desc->n_spec + 2 <= UNCLIP_GPU_MAX_SPEC);
  desc->spec[desc->n_spec].id = SPEC_WINDOWS;
  desc->spec[desc->n_spec++].value = desc->n_windows;
  desc->spec[desc->n_spec].id = SPEC_WINDOW_SHIFT;
  desc->spec[desc->n_spec++].value = device->window_shift;
  return TRUE;
}

UnclipGpuKernel *
unclip_gpu_kernel_get (UnclipGpuDevice           *device,
                       const UnclipGpuKernelDesc *wanted,
                       GError                   **error)
{
  UnclipGpuKernelDesc completed = *wanted, *desc = &completed;
  g_autoptr (UnclipGpuKernel) kernel = NULL;
  const UnclipShader *shader;
  UnclipGpuKernel *found;

  if (!complete (desc, device, error))
    return NULL;
  found = g_hash_table_lookup (device->kernels, desc);
  if (found != NULL)
    return found;

  shader = unclip_shaders_find (desc->shader);
  if (shader == NULL)
    g_error ("There is no shader %s; see shaders/meson.build", desc->shader);
  g_assert (desc->n_bindings <= UNCLIP_GPU_MAX_BINDINGS && desc->n_spec <= UNCLIP_GPU_MAX_SPEC);
  g_assert (desc->push_bytes <= device->limits.max_push_bytes && desc->push_bytes % 4 == 0);

  kernel = g_new0 (UnclipGpuKernel, 1);
  kernel->device = device;
  kernel->desc = *desc;
  kernel->desc.shader = shader->name;
  if (!create_layout (kernel, error) || !create_pipeline (kernel, shader, error))
    return NULL;

  device->has_new_kernels = TRUE;
  found = g_steal_pointer (&kernel);
  g_hash_table_insert (device->kernels, &found->desc, found);
  return found;
}
