/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening a device: choosing it, reading its limits once, enabling the features that the kernels
 * use. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

#include <stdlib.h>
#include <string.h>

/* What the device can do, as the driver reports it; one chain of structures for asking and for
 * enabling. */
typedef struct
{
  VkPhysicalDeviceFeatures2                     core;
  VkPhysicalDeviceVulkan11Features              v11;
  VkPhysicalDeviceVulkan12Features              v12;
  VkPhysicalDeviceRobustness2FeaturesEXT        robustness2;
  VkPhysicalDeviceSubgroupSizeControlFeaturesEXT subgroup_size;
} Features;

typedef struct
{
  gboolean has_robustness2;
  gboolean has_subgroup_size;
  gboolean has_memory_budget;
} Extensions;

static void
link_features (Features         *features,
               const Extensions *extensions)
{
  void **tail;

  features->core.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  features->core.pNext = &features->v11;
  features->v11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
  features->v11.pNext = &features->v12;
  features->v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  features->robustness2.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ROBUSTNESS_2_FEATURES_EXT;
  features->subgroup_size.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT;

  tail = &features->v12.pNext;
  if (extensions->has_robustness2)
    {
      *tail = &features->robustness2;
      tail = &features->robustness2.pNext;
    }
  if (extensions->has_subgroup_size)
    *tail = &features->subgroup_size;
}

/* The features of those offered that we use.
 *
 * Out-of-range texel fetches must give 0: the kernels let pixels outside a picture read texel -1.
 * GPUs do so in their address hardware anyway, but the standard promises it only with
 * robustBufferAccess2; robustBufferAccess alone also allows any value from within the buffer's
 * memory. The first is enabled where it exists (it needs the second), the second otherwise, which
 * every device has.
 */
static void
choose_features (const Features *offered,
                 Features       *enabled)
{
  enabled->core.features.robustBufferAccess = VK_TRUE;
  enabled->core.features.shaderStorageBufferArrayDynamicIndexing
      = offered->core.features.shaderStorageBufferArrayDynamicIndexing;
  enabled->robustness2.robustBufferAccess2 = offered->robustness2.robustBufferAccess2;
  enabled->v11.storageBuffer16BitAccess = offered->v11.storageBuffer16BitAccess;
  enabled->v12.shaderFloat16 = offered->v12.shaderFloat16;
  enabled->v12.shaderSubgroupExtendedTypes = offered->v12.shaderSubgroupExtendedTypes;
  enabled->subgroup_size.subgroupSizeControl = offered->subgroup_size.subgroupSizeControl;
  enabled->subgroup_size.computeFullSubgroups = offered->subgroup_size.computeFullSubgroups;
}

/* UNCLIP_GPU_STORAGE_RANGE=N */
static guint64
limit_storage_range (guint64 max_storage_range)
{
  const char *text = g_getenv ("UNCLIP_GPU_STORAGE_RANGE");
  guint64 wanted = text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;

  return wanted > 0 ? MIN (wanted, max_storage_range) : max_storage_range;
}

static void
read_limits (UnclipGpuDevice  *device,
             const Extensions *extensions,
             const Features   *enabled,
             guint             timestamp_bits)
{
  const VkSubgroupFeatureFlags shuffle = VK_SUBGROUP_FEATURE_SHUFFLE_BIT
                                         | VK_SUBGROUP_FEATURE_BASIC_BIT;
  VkPhysicalDeviceSubgroupSizeControlPropertiesEXT subgroup_sizes = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES_EXT,
  };
  VkPhysicalDeviceVulkan11Properties properties11 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES,
    .pNext = extensions->has_subgroup_size ? &subgroup_sizes : NULL,
  };
  VkPhysicalDeviceProperties2 properties = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
    .pNext = &properties11,
  };
  const VkPhysicalDeviceLimits *vk = &properties.properties.limits;
  UnclipGpuLimits *limits = &device->limits;

  vkGetPhysicalDeviceProperties2 (device->physical, &properties);

  limits->subgroup_size = properties11.subgroupSize;
  limits->max_storage_range = limit_storage_range (vk->maxStorageBufferRange);
  limits->max_texel_elements = vk->maxTexelBufferElements;
  for (guint i = 0; i < 3; i++)
    limits->max_workgroup_count[i] = vk->maxComputeWorkGroupCount[i];
  limits->max_workgroup_invocations = vk->maxComputeWorkGroupInvocations;
  limits->max_shared_bytes = vk->maxComputeSharedMemorySize;
  limits->storage_alignment = (guint) vk->minStorageBufferOffsetAlignment;
  limits->texel_alignment = (guint) vk->minTexelBufferOffsetAlignment;
  limits->max_push_bytes = vk->maxPushConstantsSize;
  limits->is_software = device->info->kind == UNCLIP_GPU_DEVICE_SOFTWARE;
  limits->has_f16_storage = enabled->v11.storageBuffer16BitAccess;
  limits->has_f16_arithmetic = enabled->v12.shaderFloat16;
  limits->has_subgroup_shuffle = (properties11.subgroupSupportedOperations & shuffle) == shuffle;
  limits->has_timestamps = timestamp_bits > 0;
  limits->has_memory_budget = extensions->has_memory_budget;

  device->window_shift = g_bit_storage ((gulong) limits->max_storage_range) - 1;
  device->max_storage_buffers = enabled->core.features.shaderStorageBufferArrayDynamicIndexing
                                    ? MIN (vk->maxPerStageDescriptorStorageBuffers,
                                           UNCLIP_GPU_MAX_STORAGE_BUFFERS)
                                    : 1;
  limits->max_output_bytes = MAX (limits->max_storage_range,
                                  (guint64) device->max_storage_buffers << device->window_shift);
  /* Buffers are rounded up a little (see unclip-gpu-buffer.c). */
  device->max_allocation_bytes = properties11.maxMemoryAllocationSize - 65536;
  device->timestamp_period = vk->timestampPeriod;
  device->timestamp_mask = timestamp_bits >= 64 ? G_MAXUINT64 : ((guint64) 1 << timestamp_bits) - 1;
  /* Where the driver may pick among sizes (Intel: 8, 16 or 32), a kernel must be pinned to the one
   * that it was written for, or its shuffles cross lanes that are not there.
   */
  if (enabled->subgroup_size.subgroupSizeControl
      && subgroup_sizes.minSubgroupSize != subgroup_sizes.maxSubgroupSize
      && (subgroup_sizes.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0)
    {
      device->required_subgroup_size = properties11.subgroupSize;
      device->can_fill_subgroups = enabled->subgroup_size.computeFullSubgroups;
    }
}

static gboolean
create_device (UnclipGpuDevice *device,
               GError         **error)
{
  Extensions extensions = {
    .has_robustness2 = unclip_gpu_has_extension (device->physical,
                                                 VK_EXT_ROBUSTNESS_2_EXTENSION_NAME),
    .has_subgroup_size = unclip_gpu_has_extension (device->physical,
                                                   VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME),
    .has_memory_budget = unclip_gpu_has_extension (device->physical,
                                                   VK_EXT_MEMORY_BUDGET_EXTENSION_NAME),
  };
  Features offered = { 0 }, enabled = { 0 };
  const char *names[3];
  guint n_names = 0, timestamp_bits = 0;
  const float priority = 1.0f;
  VkDeviceQueueCreateInfo queue_info = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
    .queueFamilyIndex = (guint32) unclip_gpu_find_queue_family (device->physical, &timestamp_bits),
    .queueCount = 1,
    .pQueuePriorities = &priority,
  };
  VkDeviceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .pNext = &enabled.core,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queue_info,
    .ppEnabledExtensionNames = names,
  };

  link_features (&offered, &extensions);
  vkGetPhysicalDeviceFeatures2 (device->physical, &offered.core);
  link_features (&enabled, &extensions);
  choose_features (&offered, &enabled);

  if (extensions.has_robustness2)
    names[n_names++] = VK_EXT_ROBUSTNESS_2_EXTENSION_NAME;
  if (extensions.has_subgroup_size)
    names[n_names++] = VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;
  if (extensions.has_memory_budget)
    names[n_names++] = VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
  info.enabledExtensionCount = n_names;

  if (!unclip_gpu_check (device, vkCreateDevice (device->physical, &info, NULL, &device->handle),
                         "opening", error))
    return FALSE;
  device->queue_family = queue_info.queueFamilyIndex;
  vkGetDeviceQueue (device->handle, device->queue_family, 0, &device->queue);
  vkGetPhysicalDeviceMemoryProperties (device->physical, &device->memory);
  read_limits (device, &extensions, &enabled, timestamp_bits);
  return TRUE;
}

static gboolean
matches (const UnclipGpuDeviceInfo *info,
         const char                *selector)
{
  g_autofree char *name = g_utf8_casefold (info->name, -1);
  g_autofree char *wanted = g_utf8_casefold (selector, -1);
  char *end;
  gulong index = strtoul (selector, &end, 10);

  if (g_ascii_isdigit (*selector) && *end == '\0')
    return index == info->index;
  if (g_str_equal (wanted, "software"))
    return info->kind == UNCLIP_GPU_DEVICE_SOFTWARE;
  return strstr (name, wanted) != NULL;
}

static char *
dup_list (GPtrArray *infos)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < infos->len; i++)
    {
      const UnclipGpuDeviceInfo *info = infos->pdata[i];

      g_string_append_printf (text, "%s%u: %s", i > 0 ? "; " : "", info->index, info->name);
    }
  return g_string_free (text, FALSE);
}

const UnclipGpuDeviceInfo *
unclip_gpu_device_choose (GPtrArray  *infos,
                          const char *selector,
                          GError    **error)
{
  const UnclipGpuDeviceInfo *best = NULL, *refused = NULL;
  g_autofree char *list = NULL;

  for (guint i = 0; i < infos->len; i++)
    {
      const UnclipGpuDeviceInfo *info = infos->pdata[i];

      if (selector != NULL && !matches (info, selector))
        continue;
      if (info->refusal != NULL)
        refused = refused ? refused : info;
      else if (best == NULL || info->kind < best->kind)
        best = info;
    }
  if (best != NULL)
    return best;

  list = dup_list (infos);
  if (refused != NULL)
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE, "%s cannot be used: it %s",
                 refused->name, refused->refusal);
  else
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE,
                 "No Vulkan device is called “%s”; there is %s", selector, list);
  return NULL;
}

/* UNCLIP_GPU_FAULT=alloc:N,submit:M */
static void
read_faults (UnclipGpuFaults *faults)
{
  const char *text = g_getenv ("UNCLIP_GPU_FAULT");
  g_auto (GStrv) words = g_strsplit (text ? text : "", ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (g_str_has_prefix (words[i], "alloc:"))
        faults->alloc = (guint) strtoul (words[i] + strlen ("alloc:"), NULL, 10);
      else if (g_str_has_prefix (words[i], "submit:"))
        faults->submit = (guint) strtoul (words[i] + strlen ("submit:"), NULL, 10);
    }
}

UnclipGpuDevice *
unclip_gpu_device_open (const char *selector,
                        GError    **error)
{
  g_autoptr (UnclipGpuDevice) device = g_new0 (UnclipGpuDevice, 1);
  g_autofree VkPhysicalDevice *physicals = NULL;
  g_autoptr (GPtrArray) infos = NULL;
  const UnclipGpuDeviceInfo *chosen;
  guint n_devices;

  device->ref_count = 1;
  device->blocks = g_ptr_array_new ();
  device->instance = unclip_gpu_instance_new (error);
  if (device->instance == NULL)
    return NULL;
  physicals = unclip_gpu_instance_enumerate (device->instance, &n_devices, error);
  if (physicals == NULL)
    return NULL;
  infos = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_gpu_device_info_free);
  for (guint i = 0; i < n_devices; i++)
    g_ptr_array_add (infos, unclip_gpu_instance_describe (physicals[i], i));
  chosen = unclip_gpu_device_choose (infos, selector, error);
  if (chosen == NULL)
    return NULL;

  device->physical = physicals[chosen->index];
  device->info = g_ptr_array_steal_index (infos, chosen->index);
  device->force_staging = g_strcmp0 (g_getenv ("UNCLIP_GPU_STAGING"), "1") == 0;
  read_faults (&device->faults);
  if (!create_device (device, error))
    return NULL;
  if (device->instance->messenger != VK_NULL_HANDLE)
    device->set_object_name = (PFN_vkSetDebugUtilsObjectNameEXT) vkGetDeviceProcAddr (
        device->handle, "vkSetDebugUtilsObjectNameEXT");
  unclip_gpu_kernels_open (device);
  return g_steal_pointer (&device);
}

UnclipGpuDevice *
unclip_gpu_device_ref (UnclipGpuDevice *device)
{
  device->ref_count++;
  return device;
}

void
unclip_gpu_device_unref (UnclipGpuDevice *device)
{
  if (device == NULL || --device->ref_count > 0)
    return;

  if (device->handle != VK_NULL_HANDLE)
    {
      unclip_gpu_device_drop_staging (device);
      unclip_gpu_memory_close (device);
      unclip_gpu_kernels_close (device);
      vkDestroyDevice (device->handle, NULL);
    }
  g_ptr_array_unref (device->blocks);
  unclip_gpu_device_info_free (device->info);
  unclip_gpu_instance_free (device->instance);
  g_free (device);
}

const UnclipGpuDeviceInfo *
unclip_gpu_device_get_info (UnclipGpuDevice *device)
{
  return device->info;
}

const UnclipGpuLimits *
unclip_gpu_device_get_limits (UnclipGpuDevice *device)
{
  return &device->limits;
}

void
unclip_gpu_set_label (UnclipGpuDevice *device,
                      VkObjectType     type,
                      guint64          handle,
                      const char      *label)
{
  VkDebugUtilsObjectNameInfoEXT info = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
    .objectType = type,
    .objectHandle = handle,
    .pObjectName = label,
  };

  if (device->set_object_name != NULL)
    unclip_gpu_check (device, device->set_object_name (device->handle, &info), "label", NULL);
}
