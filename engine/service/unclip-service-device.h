/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Devices as the wire has them: see Describe in io.github.fugue.Engine1.xml. */

#pragma once

#include "unclip-executor.h"

G_BEGIN_DECLS

/**
 * unclip_service_describe_device:
 * @executor: (nullable): on the device in use; %NULL before one is opened
 *
 * Thread: the engine's worker; asks the drivers for all devices, which takes some hundredths of a second.
 *
 * Returns: (transfer full): a{sv} of device, device_kind, device_index, precision, memory_total and devices, in which the one in use, or
 * else the one that would be chosen, is marked
 */
GVariant *unclip_service_describe_device (UnclipExecutor *executor);

G_END_DECLS
