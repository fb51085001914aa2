/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one place that reads a VkResult and gives it an error of ours. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

static const struct
{
  VkResult    result;
  UnclipError code;
  const char *text;
} failures[] = {
  { VK_ERROR_DEVICE_LOST, UNCLIP_ERROR_DEVICE_LOST,
    "the driver gave up on the device; try again, or choose another with --device" },
  { VK_ERROR_OUT_OF_DEVICE_MEMORY, UNCLIP_ERROR_OUT_OF_MEMORY, "out of device memory" },
  { VK_ERROR_OUT_OF_HOST_MEMORY, UNCLIP_ERROR_OUT_OF_MEMORY, "out of memory" },
  { VK_ERROR_OUT_OF_POOL_MEMORY, UNCLIP_ERROR_OUT_OF_MEMORY, "out of descriptor memory" },
  { VK_ERROR_FRAGMENTED_POOL, UNCLIP_ERROR_OUT_OF_MEMORY, "out of descriptor memory" },
  { VK_ERROR_TOO_MANY_OBJECTS, UNCLIP_ERROR_OUT_OF_MEMORY, "too many allocations for the driver" },
  { VK_ERROR_MEMORY_MAP_FAILED, UNCLIP_ERROR_OUT_OF_MEMORY, "device memory could not be mapped" },
  { VK_ERROR_INCOMPATIBLE_DRIVER, UNCLIP_ERROR_NO_DEVICE,
    "no driver was found; install that of the graphics card, or mesa-vulkan-drivers" },
  { VK_ERROR_INITIALIZATION_FAILED, UNCLIP_ERROR_NO_DEVICE,
    "the Vulkan driver could not be started" },
  { VK_ERROR_LAYER_NOT_PRESENT, UNCLIP_ERROR_UNSUPPORTED_DEVICE, "a Vulkan layer is missing" },
  { VK_ERROR_EXTENSION_NOT_PRESENT, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
    "the driver lacks an extension" },
  { VK_ERROR_FEATURE_NOT_PRESENT, UNCLIP_ERROR_UNSUPPORTED_DEVICE, "the driver lacks a feature" },
};

gboolean
unclip_gpu_check (UnclipGpuDevice *device,
                  VkResult         result,
                  const char      *what,
                  GError         **error)
{
  /* VK_INCOMPLETE comes from lists that grew between asking for their length and for their content.
   */
  if (result == VK_SUCCESS || result == VK_INCOMPLETE)
    return TRUE;

  if (result == VK_ERROR_DEVICE_LOST && device != NULL)
    device->is_lost = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    if (failures[i].result == result)
      {
        g_set_error (error, UNCLIP_ERROR, failures[i].code, "%s%s%s: %s",
                     device ? device->info->name : "", device ? ": " : "", what, failures[i].text);
        return FALSE;
      }

  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_INTERNAL, "%s%s%s failed with VkResult %d",
               device ? device->info->name : "", device ? ": " : "", what, (int) result);
  return FALSE;
}
