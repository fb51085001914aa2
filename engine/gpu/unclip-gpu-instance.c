/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Vulkan instance: validation, and what devices there are.
 *
 * UNCLIP_VALIDATION=1 turns the Khronos validation layer on where it is installed,
 * UNCLIP_VALIDATION=sync its checks of synchronisation as well. Each message becomes a warning,
 * which is fatal in the tests.
 */

#include "config.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

#include <string.h>

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

static VKAPI_ATTR VkBool32 VKAPI_CALL
validation_message_cb (VkDebugUtilsMessageSeverityFlagBitsEXT      severity,
                       VkDebugUtilsMessageTypeFlagsEXT             types,
                       const VkDebugUtilsMessengerCallbackDataEXT *data,
                       void                                       *user_data)
{
  UnclipGpuInstance *instance = user_data;

  instance->n_messages++;
  g_warning ("Vulkan validation: %s", data->pMessage);
  return VK_FALSE;
}

static gboolean
has_layer (const char *name)
{
  guint32 n_layers = 0;
  g_autofree VkLayerProperties *layers = NULL;

  if (!unclip_gpu_check (NULL, vkEnumerateInstanceLayerProperties (&n_layers, NULL), "layers",
                         NULL))
    return FALSE;
  layers = g_new0 (VkLayerProperties, n_layers + 1);
  if (!unclip_gpu_check (NULL, vkEnumerateInstanceLayerProperties (&n_layers, layers), "layers",
                         NULL))
    return FALSE;
  for (guint i = 0; i < n_layers; i++)
    if (strcmp (layers[i].layerName, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
start_messenger (UnclipGpuInstance                        *instance,
                 const VkDebugUtilsMessengerCreateInfoEXT *messenger_info,
                 GError                                  **error)
{
  PFN_vkCreateDebugUtilsMessengerEXT create = (PFN_vkCreateDebugUtilsMessengerEXT)
      vkGetInstanceProcAddr (instance->handle, "vkCreateDebugUtilsMessengerEXT");

  return unclip_gpu_check (NULL,
                           create (instance->handle, messenger_info, NULL, &instance->messenger),
                           "validation messenger", error);
}

UnclipGpuInstance *
unclip_gpu_instance_new (GError **error)
{
  static const char *const layers[] = { VALIDATION_LAYER };
  static const char *const extensions[] = { VK_EXT_DEBUG_UTILS_EXTENSION_NAME };
  static const VkValidationFeatureEnableEXT checks[] = {
    VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT
  };
  const char *validation = g_getenv ("UNCLIP_VALIDATION");
  gboolean wants_sync = g_strcmp0 (validation, "sync") == 0;
  gboolean wants_validation = wants_sync || g_strcmp0 (validation, "1") == 0;
  g_autoptr (UnclipGpuInstance) instance = g_new0 (UnclipGpuInstance, 1);
  VkDebugUtilsMessengerCreateInfoEXT messenger_info = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT
                       | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
    .pfnUserCallback = validation_message_cb,
    .pUserData = instance,
  };
  VkValidationFeaturesEXT features = {
    .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
    .pNext = &messenger_info,
    .enabledValidationFeatureCount = wants_sync ? G_N_ELEMENTS (checks) : 0,
    .pEnabledValidationFeatures = checks,
  };
  VkApplicationInfo application = {
    .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
    .pApplicationName = "Fugue",
    .pEngineName = "unclip",
    .apiVersion = VK_API_VERSION_1_2,
  };
  VkInstanceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
    .pApplicationInfo = &application,
  };

  if (wants_validation && !has_layer (VALIDATION_LAYER))
    {
      g_info ("UNCLIP_VALIDATION is set, but " VALIDATION_LAYER " is not installed");
      wants_validation = FALSE;
    }
  if (wants_validation)
    {
      info.pNext = &features;
      info.enabledLayerCount = G_N_ELEMENTS (layers);
      info.ppEnabledLayerNames = layers;
      info.enabledExtensionCount = G_N_ELEMENTS (extensions);
      info.ppEnabledExtensionNames = extensions;
    }

  if (!unclip_gpu_check (NULL, vkCreateInstance (&info, NULL, &instance->handle), "Vulkan", error))
    return NULL;
  if (wants_validation && !start_messenger (instance, &messenger_info, error))
    return NULL;
  return g_steal_pointer (&instance);
}

void
unclip_gpu_instance_free (UnclipGpuInstance *instance)
{
  if (instance == NULL)
    return;

  if (instance->messenger != VK_NULL_HANDLE)
    {
      PFN_vkDestroyDebugUtilsMessengerEXT destroy = (PFN_vkDestroyDebugUtilsMessengerEXT)
          vkGetInstanceProcAddr (instance->handle, "vkDestroyDebugUtilsMessengerEXT");

      destroy (instance->handle, instance->messenger, NULL);
    }
  if (instance->handle != VK_NULL_HANDLE)
    vkDestroyInstance (instance->handle, NULL);
  g_free (instance);
}

VkPhysicalDevice *
unclip_gpu_instance_enumerate (UnclipGpuInstance *instance,
                               guint             *n_devices,
                               GError           **error)
{
  guint32 n = 0;
  g_autofree VkPhysicalDevice *devices = NULL;

  if (!unclip_gpu_check (NULL, vkEnumeratePhysicalDevices (instance->handle, &n, NULL), "Vulkan",
                         error))
    return NULL;
  devices = g_new0 (VkPhysicalDevice, n + 1);
  if (!unclip_gpu_check (NULL, vkEnumeratePhysicalDevices (instance->handle, &n, devices), "Vulkan",
                         error))
    return NULL;
  if (n == 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE,
                   "Vulkan: no device was found; a graphics driver with Vulkan, or "
                   "mesa-vulkan-drivers, is needed");
      return NULL;
    }
  *n_devices = n;
  return g_steal_pointer (&devices);
}

int
unclip_gpu_find_queue_family (VkPhysicalDevice physical,
                              guint           *timestamp_bits)
{
  guint32 n = 0;
  g_autofree VkQueueFamilyProperties *families = NULL;
  int found = -1;

  vkGetPhysicalDeviceQueueFamilyProperties (physical, &n, NULL);
  families = g_new0 (VkQueueFamilyProperties, n + 1);
  vkGetPhysicalDeviceQueueFamilyProperties (physical, &n, families);

  for (guint i = 0; i < n; i++)
    {
      gboolean has_graphics = (families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT) != 0;

      if ((families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) == 0)
        continue;
      if (found < 0 || !has_graphics)
        found = (int) i;
      if (!has_graphics)
        break;
    }
  if (found >= 0)
    *timestamp_bits = families[found].timestampValidBits;
  return found;
}

gboolean
unclip_gpu_has_extension (VkPhysicalDevice physical,
                          const char      *name)
{
  guint32 n = 0;
  g_autofree VkExtensionProperties *extensions = NULL;

  if (!unclip_gpu_check (NULL, vkEnumerateDeviceExtensionProperties (physical, NULL, &n, NULL),
                         "extensions", NULL))
    return FALSE;
  extensions = g_new0 (VkExtensionProperties, n + 1);
  if (!unclip_gpu_check (NULL,
                         vkEnumerateDeviceExtensionProperties (physical, NULL, &n, extensions),
                         "extensions", NULL))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strcmp (extensions[i].extensionName, name) == 0)
      return TRUE;
  return FALSE;
}

static UnclipGpuDeviceKind
kind_from_type (VkPhysicalDeviceType type)
{
  switch (type)
    {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return UNCLIP_GPU_DEVICE_DISCRETE;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return UNCLIP_GPU_DEVICE_INTEGRATED;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return UNCLIP_GPU_DEVICE_SOFTWARE;
    default:
      return UNCLIP_GPU_DEVICE_VIRTUAL;
    }
}

/* The reason why the engine cannot run on the device, or NULL. */
static char *
find_refusal (VkPhysicalDevice                   physical,
              const VkPhysicalDeviceProperties  *properties,
              const VkPhysicalDeviceVulkan11Properties *properties11)
{
  const VkSubgroupFeatureFlags needed = VK_SUBGROUP_FEATURE_BASIC_BIT;
  guint timestamp_bits;

  if (properties->apiVersion < VK_API_VERSION_1_2)
    return g_strdup_printf ("has Vulkan %u.%u, and 1.2 is needed",
                            VK_API_VERSION_MAJOR (properties->apiVersion),
                            VK_API_VERSION_MINOR (properties->apiVersion));
  if (unclip_gpu_find_queue_family (physical, &timestamp_bits) < 0)
    return g_strdup ("has no queue that computes");
  if ((properties11->subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT) == 0
      || (properties11->subgroupSupportedOperations & needed) != needed)
    return g_strdup ("has no subgroup operations in compute shaders");
  return NULL;
}

static guint64
largest_heap (VkPhysicalDevice physical)
{
  VkPhysicalDeviceMemoryProperties memory;
  guint64 largest = 0;

  vkGetPhysicalDeviceMemoryProperties (physical, &memory);
  for (guint i = 0; i < memory.memoryHeapCount; i++)
    if (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
      largest = MAX (largest, memory.memoryHeaps[i].size);
  return largest;
}

static char *
dup_uuid (const VkPhysicalDeviceProperties         *properties,
          const VkPhysicalDeviceVulkan11Properties *properties11)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < VK_UUID_SIZE; i++)
    g_string_append_printf (text, "%02x", properties->pipelineCacheUUID[i]);
  for (guint i = 0; i < VK_UUID_SIZE; i++)
    g_string_append_printf (text, "%02x", properties11->deviceUUID[i]);
  return g_string_free (text, FALSE);
}

UnclipGpuDeviceInfo *
unclip_gpu_instance_describe (VkPhysicalDevice physical,
                              guint            index)
{
  VkPhysicalDeviceVulkan12Properties properties12 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES
  };
  VkPhysicalDeviceVulkan11Properties properties11 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES,
    .pNext = &properties12,
  };
  VkPhysicalDeviceProperties2 properties = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
  };
  UnclipGpuDeviceInfo *info = g_new0 (UnclipGpuDeviceInfo, 1);

  vkGetPhysicalDeviceProperties (physical, &properties.properties);
  if (properties.properties.apiVersion >= VK_API_VERSION_1_2)
    {
      properties.pNext = &properties11;
      vkGetPhysicalDeviceProperties2 (physical, &properties);
    }

  info->index = index;
  info->name = g_strdup (properties.properties.deviceName);
  info->driver = g_strstrip (
      g_strdup_printf ("%s %s", properties12.driverName, properties12.driverInfo));
  info->kind = kind_from_type (properties.properties.deviceType);
  info->uuid = dup_uuid (&properties.properties, &properties11);
  info->memory_bytes = largest_heap (physical);
  if (info->kind == UNCLIP_GPU_DEVICE_SOFTWARE)
    info->memory_bytes = unclip_gpu_host_bytes ();
  info->refusal = find_refusal (physical, &properties.properties, &properties11);
  return info;
}

void
unclip_gpu_device_info_free (UnclipGpuDeviceInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->name);
  g_free (info->driver);
  g_free (info->uuid);
  g_free (info->refusal);
  g_free (info);
}

GPtrArray *
unclip_gpu_list_devices (GError **error)
{
  g_autoptr (UnclipGpuInstance) instance = unclip_gpu_instance_new (error);
  g_autofree VkPhysicalDevice *devices = NULL;
  g_autoptr (GPtrArray) infos = NULL;
  guint n_devices;

  if (instance == NULL)
    return NULL;
  devices = unclip_gpu_instance_enumerate (instance, &n_devices, error);
  if (devices == NULL)
    return NULL;

  infos = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_gpu_device_info_free);
  for (guint i = 0; i < n_devices; i++)
    g_ptr_array_add (infos, unclip_gpu_instance_describe (devices[i], i));
  return g_steal_pointer (&infos);
}
