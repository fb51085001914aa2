/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of engine/gpu share: opening devices of their own, small buffers, and the probe shaders. Every function
 * fails the test where the call it makes fails.
 */

#pragma once

#include "unclip-gpu-private.h"

#define PROBE_GROUP 64

/**
 * probe_open:
 * @variable: (nullable): environment variable to set while the device is opened
 *
 * Returns: (transfer full) (nullable): a device beside the shared one; %NULL where test_device_get() has skipped the case
 */
UnclipGpuDevice *probe_open       (const char       *variable,
                                   const char       *value);

/**
 * probe_open_staged: as on a discrete GPU, whose memory the processor does not see.
 */
UnclipGpuDevice *probe_open_staged (void);

UnclipGpuBuffer *probe_buffer     (UnclipGpuDevice  *device,
                                   gsize             n_bytes,
                                   const void       *data);
void             probe_read       (UnclipGpuBuffer  *buffer,
                                   gsize             offset,
                                   void             *data,
                                   gsize             n_bytes);
UnclipGpuCommand *probe_command   (UnclipGpuDevice  *device,
                                   gboolean          with_timers);
void             probe_end        (UnclipGpuCommand *command);
void             probe_run        (UnclipGpuCommand *command);

/**
 * probe_compute:
 *
 * Records to[i] = from[i] * scale + add over @n floats; the ranges may be of one buffer.
 */
void             probe_compute    (UnclipGpuCommand *command,
                                   UnclipGpuDevice  *device,
                                   UnclipGpuBuffer  *from,
                                   gsize             from_offset,
                                   UnclipGpuBuffer  *to,
                                   gsize             to_offset,
                                   guint             n,
                                   float             scale,
                                   float             add);

/**
 * probe_fetch:
 * @out: (out caller-allocates) (array length=n): texels @first, @first + 1, … of the view, as the shader saw them
 *
 * Fetches and reads back.
 */
void             probe_fetch      (UnclipGpuDevice  *device,
                                   UnclipGpuBuffer  *buffer,
                                   gsize             offset,
                                   gsize             n_bytes,
                                   UnclipGpuTexel    texel,
                                   int               first,
                                   guint             n,
                                   float           (*out)[4]);
