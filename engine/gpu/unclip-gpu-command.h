/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recorded work: dispatches and copies, recorded once and run as often as wanted.
 *
 * A command holds references to the buffers it uses until it is freed. Barriers are put in by the recorder, which
 * follows the byte ranges that each dispatch reads and writes: a dispatch that touches nothing pending gets none.
 *
 * A command is cut into segments, each one submit. Cancelling is polled between submits, and a submit should stay under
 * about 50 ms on a GPU; the graph's recorder decides where to cut.
 */

#pragma once

#include "unclip-gpu-buffer.h"
#include "unclip-gpu-kernel.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * UnclipGpuTexel:
 * @UNCLIP_GPU_TEXEL_NONE: a storage binding
 * @UNCLIP_GPU_TEXEL_RGBA32F: four f32 a texel
 * @UNCLIP_GPU_TEXEL_RGBA16F: four f16 a texel, widened to f32 by the fetch
 * @UNCLIP_GPU_TEXEL_R32I: one signed integer a texel
 */
typedef enum
{
  UNCLIP_GPU_TEXEL_NONE,
  UNCLIP_GPU_TEXEL_RGBA32F,
  UNCLIP_GPU_TEXEL_RGBA16F,
  UNCLIP_GPU_TEXEL_R32I,
} UnclipGpuTexel;

typedef enum
{
  UNCLIP_GPU_READ = 1 << 0,
  UNCLIP_GPU_WRITE = 1 << 1,
} UnclipGpuAccess;

/**
 * UnclipGpuBinding:
 * @offset: bytes; a multiple of the device's alignment for the kind
 * @n_bytes: the span; within what the kernel's windows bind, or max_texel_elements
 */
typedef struct
{
  UnclipGpuBuffer *buffer;
  gsize            offset;
  gsize            n_bytes;
  UnclipGpuTexel   texel;
  UnclipGpuAccess  access;
} UnclipGpuBinding;

typedef struct _UnclipGpuCommand UnclipGpuCommand;

/**
 * UnclipGpuSpan:
 * @label: (transfer none): what was given to unclip_gpu_command_mark(), valid as long as the command
 * @seconds: device time from that mark to the next, of the last run
 */
typedef struct
{
  const char *label;
  double      seconds;
} UnclipGpuSpan;

/**
 * unclip_gpu_command_new:
 * @with_timers: record a timestamp at each mark (for benchmarks; costs a barrier a mark)
 */
UnclipGpuCommand *unclip_gpu_command_new      (UnclipGpuDevice        *device,
                                               gboolean                with_timers,
                                               GError                **error);
void              unclip_gpu_command_free     (UnclipGpuCommand       *command);

/**
 * unclip_gpu_command_dispatch:
 * @bindings: (array length=n_bindings): as many as the kernel's description has
 * @push: the push block, of the size in the description
 * @x: @y: @z: workgroups, each at least 1
 *
 * Errors while recording (no descriptor memory, a span or a grid beyond the device's limits) are kept and reported by
 * unclip_gpu_command_end().
 */
void              unclip_gpu_command_dispatch (UnclipGpuCommand       *command,
                                               UnclipGpuKernel        *kernel,
                                               const UnclipGpuBinding *bindings,
                                               guint                   n_bindings,
                                               const void             *push,
                                               guint                   x,
                                               guint                   y,
                                               guint                   z);
/**
 * unclip_gpu_command_copy:
 *
 * Any offsets. Within one buffer, the two ranges must not meet.
 */
void              unclip_gpu_command_copy     (UnclipGpuCommand       *command,
                                               UnclipGpuBuffer        *source,
                                               gsize                   source_offset,
                                               UnclipGpuBuffer        *target,
                                               gsize                   target_offset,
                                               gsize                   n_bytes);
/**
 * unclip_gpu_command_fill_zero:
 * @offset: @n_bytes: multiples of 4
 */
void              unclip_gpu_command_fill_zero (UnclipGpuCommand      *command,
                                               UnclipGpuBuffer        *target,
                                               gsize                   offset,
                                               gsize                   n_bytes);

/**
 * unclip_gpu_command_cut:
 *
 * Ends the running segment; what follows goes into the next submit.
 */
void              unclip_gpu_command_cut      (UnclipGpuCommand       *command);

/**
 * unclip_gpu_command_mark:
 * @label: copied
 *
 * With timers, begins a span that lasts to the next mark or to the end.
 */
void              unclip_gpu_command_mark     (UnclipGpuCommand       *command,
                                               const char             *label);

/**
 * unclip_gpu_command_end:
 *
 * Errors: the first of recording: %UNCLIP_ERROR_OUT_OF_MEMORY, %UNCLIP_ERROR_UNSUPPORTED_DEVICE, %UNCLIP_ERROR_INTERNAL.
 */
gboolean          unclip_gpu_command_end      (UnclipGpuCommand       *command,
                                               GError                **error);

/**
 * unclip_gpu_command_run:
 *
 * Submits the segments in order and waits for each. After cancellation the device is idle and the command may be run
 * again.
 *
 * Errors: %UNCLIP_ERROR_DEVICE_LOST, %UNCLIP_ERROR_OUT_OF_MEMORY, %G_IO_ERROR_CANCELLED.
 */
gboolean          unclip_gpu_command_run      (UnclipGpuCommand       *command,
                                               GCancellable           *cancellable,
                                               GError                **error);

/**
 * unclip_gpu_command_get_spans:
 *
 * Returns: (transfer full) (element-type UnclipGpuSpan): one a mark, of the last run; empty without timers
 */
GArray           *unclip_gpu_command_get_spans (UnclipGpuCommand      *command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGpuCommand, unclip_gpu_command_free)

G_END_DECLS
