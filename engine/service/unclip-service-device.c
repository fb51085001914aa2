/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-service-device.h"

#include "unclip-gpu-device.h"

static const char *const kinds[] = {
  [UNCLIP_GPU_DEVICE_DISCRETE] = "discrete",
  [UNCLIP_GPU_DEVICE_INTEGRATED] = "integrated",
  [UNCLIP_GPU_DEVICE_VIRTUAL] = "virtual",
  [UNCLIP_GPU_DEVICE_SOFTWARE] = "software",
};

/* The device in use, or the best one, as unclip_gpu_device_open() chooses when it is given no name. */
static const UnclipGpuDeviceInfo *
find_chosen (GPtrArray *devices, UnclipExecutor *executor)
{
  const UnclipGpuDeviceInfo *best = NULL;

  for (guint i = 0; i < devices->len; i++)
    {
      const UnclipGpuDeviceInfo *info = g_ptr_array_index (devices, i);

      if (executor != NULL && info->index == unclip_executor_get_device_index (executor))
        return info;
      if (info->refusal == NULL && (best == NULL || info->kind < best->kind))
        best = info;
    }
  return executor == NULL ? best : NULL;
}

static GVariant *
describe (const UnclipGpuDeviceInfo *info, gboolean chosen)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "name", "s", info->name);
  g_variant_dict_insert (&dict, "kind", "s", kinds[info->kind]);
  g_variant_dict_insert (&dict, "driver", "s", info->driver);
  g_variant_dict_insert (&dict, "index", "u", info->index);
  g_variant_dict_insert (&dict, "memory", "t", info->memory_bytes);
  g_variant_dict_insert (&dict, "chosen", "b", chosen);
  g_variant_dict_insert (&dict, "reason", "s", info->refusal != NULL ? info->refusal : "");
  return g_variant_dict_end (&dict);
}

static GVariant *
describe_all (GPtrArray *devices, const UnclipGpuDeviceInfo *chosen)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const UnclipGpuDeviceInfo *info = g_ptr_array_index (devices, i);

      g_variant_builder_add_value (&list, describe (info, info == chosen));
    }
  return g_variant_builder_end (&list);
}

GVariant *
unclip_service_describe_device (UnclipExecutor *executor)
{
  g_autoptr (GPtrArray)      devices = unclip_gpu_list_devices (NULL);
  const UnclipGpuDeviceInfo *chosen = devices != NULL ? find_chosen (devices, executor) : NULL;
  GVariantDict               dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "devices", describe_all (devices, chosen));
  if (executor != NULL && chosen != NULL)
    {
      gboolean is_f16 = unclip_executor_get_precision (executor) == UNCLIP_PRECISION_F16;

      g_variant_dict_insert (&dict, "device", "s", chosen->name);
      g_variant_dict_insert (&dict, "device_kind", "s", kinds[chosen->kind]);
      g_variant_dict_insert (&dict, "device_index", "u", chosen->index);
      g_variant_dict_insert (&dict, "precision", "s", is_f16 ? "f16" : "f32");
      g_variant_dict_insert (&dict, "memory_total", "t", chosen->memory_bytes);
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
