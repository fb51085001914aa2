/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip devices: every Vulkan device, which one will be used, and why others cannot be. */

#include "config.h"

#include "cli.h"
#include "unclip-gpu-device.h"

#include <stdio.h>

static const char *const kinds[] = {
  [UNCLIP_GPU_DEVICE_DISCRETE] = "discrete",
  [UNCLIP_GPU_DEVICE_INTEGRATED] = "integrated",
  [UNCLIP_GPU_DEVICE_VIRTUAL] = "virtual",
  [UNCLIP_GPU_DEVICE_SOFTWARE] = "software",
};

static void
report (Cli *cli, const UnclipGpuDeviceInfo *info, gboolean chosen)
{
  JsonBuilder *event;

  if (!cli->json)
    {
      printf ("%c %u  %s\n", chosen ? '*' : ' ', info->index, info->name);
      printf ("     %s, %s, %" G_GUINT64_FORMAT " MiB\n", kinds[info->kind], info->driver, info->memory_bytes >> 20);
      if (info->refusal != NULL)
        printf ("     cannot be used: %s\n", info->refusal);
      return;
    }
  event = cli_begin_event ("device");
  cli_add_int (event, "index", info->index);
  cli_add_string (event, "name", info->name);
  cli_add_string (event, "kind", kinds[info->kind]);
  cli_add_string (event, "driver", info->driver);
  cli_add_string (event, "uuid", info->uuid);
  cli_add_double (event, "memory_mib", (double) info->memory_bytes / (1 << 20));
  json_builder_set_member_name (event, "chosen");
  json_builder_add_boolean_value (event, chosen);
  if (info->refusal != NULL)
    cli_add_string (event, "refusal", info->refusal);
  cli_end_event (cli, event);
}

int
verb_devices (Cli *cli, int argc, char **argv)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       devices = NULL;
  g_autoptr (UnclipGpuDevice) device = NULL;
  guint                       chosen = G_MAXUINT;
  int                         status;

  if (!cli_parse (cli, "devices", "", NULL, NULL, 0, 0, &argc, &argv, &status))
    return status;
  devices = unclip_gpu_list_devices (&error);
  if (devices == NULL)
    return cli_fail (cli, error);

  device = unclip_gpu_device_open (cli->device, &error);
  if (device != NULL)
    chosen = unclip_gpu_device_get_info (device)->index;
  for (guint i = 0; i < devices->len; i++)
    {
      const UnclipGpuDeviceInfo *info = g_ptr_array_index (devices, i);

      report (cli, info, info->index == chosen);
    }
  if (device == NULL)
    return cli_fail (cli, error);
  cli_done (cli, cli_begin_event ("done"), NULL);
  return CLI_OK;
}
