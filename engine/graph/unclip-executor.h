/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Executors run op graphs. The Vulkan one is the engine's; the scalar one (engine/ref) is linked by tests only.
 *
 *     g_autoptr (UnclipExecutor) executor = unclip_executor_open_vulkan (NULL, UNCLIP_PRECISION_AUTO, &error);
 *     g_autoptr (UnclipProgram) program = unclip_executor_compile (executor, g, &error);
 *     unclip_program_write_f32 (program, "x", values, &error);
 *     unclip_program_run (program, cancellable, &error);
 *     unclip_program_read_f32 (program, "y", values, &error);
 *
 * Nothing above engine/ops sees what lies behind an executor. One thread uses an executor and its programs.
 */

#pragma once

#include "unclip-graph.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * UnclipPrecision:
 * @UNCLIP_PRECISION_AUTO: f16 on GPUs that store it, f32 on software Vulkan (where f16 saves no time)
 * @UNCLIP_PRECISION_F32: f32 weights and activations
 * @UNCLIP_PRECISION_F16: f16 weights and activations; sums, statistics, softmax, graph inputs and outputs stay f32
 */
typedef enum
{
  UNCLIP_PRECISION_AUTO,
  UNCLIP_PRECISION_F32,
  UNCLIP_PRECISION_F16,
} UnclipPrecision;

typedef struct _UnclipExecutor UnclipExecutor;
typedef struct _UnclipProgram  UnclipProgram;

/**
 * unclip_executor_open_vulkan:
 * @selector: (nullable): as for unclip_gpu_device_open()
 */
UnclipExecutor  *unclip_executor_open_vulkan     (const char       *selector,
                                                  UnclipPrecision   precision,
                                                  GError          **error);
UnclipExecutor  *unclip_executor_ref             (UnclipExecutor   *executor);
void             unclip_executor_unref           (UnclipExecutor   *executor);

/**
 * unclip_executor_get_precision: what AUTO came to.
 */
UnclipPrecision  unclip_executor_get_precision   (UnclipExecutor   *executor);

/**
 * unclip_executor_dup_device_name:
 *
 * Returns: (transfer full): for people and for recipes, such as "llvmpipe (LLVM 15.0.6, 256 bits)"
 */
char            *unclip_executor_dup_device_name (UnclipExecutor   *executor);

/**
 * unclip_executor_get_device_index: the number of the device in `unclip devices`.
 */
guint            unclip_executor_get_device_index (UnclipExecutor  *executor);

/**
 * unclip_executor_get_used_bytes: device memory held now.
 */
guint64          unclip_executor_get_used_bytes  (UnclipExecutor   *executor);

/**
 * unclip_executor_get_peak_bytes: the most device memory held at one time.
 */
guint64          unclip_executor_get_peak_bytes  (UnclipExecutor   *executor);

/**
 * unclip_executor_set_timers:
 *
 * Programs compiled from now on record the time of each operation.
 */
void             unclip_executor_set_timers      (UnclipExecutor   *executor,
                                                  gboolean          timers);

/**
 * unclip_executor_forget_weights:
 *
 * Drops packed weights that no program uses. Call before the weights' files are unmapped: packed copies are found again
 * by the address of the original.
 */
void             unclip_executor_forget_weights  (UnclipExecutor   *executor);

/**
 * unclip_executor_park:
 *
 * Gives the device's memory back. The inputs and outputs of all programs wait in main memory; a program that is used again takes its
 * memory anew and packs its weights again, and what fails then (others may have taken the memory) is an error of that call.
 *
 * Errors: %UNCLIP_ERROR_DEVICE_LOST, %UNCLIP_ERROR_OUT_OF_MEMORY; what could not be read stays where it is.
 */
gboolean         unclip_executor_park            (UnclipExecutor   *executor,
                                                  GError          **error);

/**
 * unclip_executor_fft:
 * @shape: of @real: (N, H, W, C), channels last
 * @spectrum: (out caller-allocates): (N·C, H, W/2 + 1, 2), real part first
 *
 * The Fourier transform of each plane, see unclip-gpu-fft.h. Plans are kept by shape.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT for a side of more than 1024, and what the device gives.
 */
gboolean         unclip_executor_fft             (UnclipExecutor   *executor,
                                                  UnclipShape       shape,
                                                  const float      *real,
                                                  float            *spectrum,
                                                  GError          **error);

/**
 * unclip_executor_inverse_fft:
 * @real: (out caller-allocates): divided by H·W, so that it undoes unclip_executor_fft()
 */
gboolean         unclip_executor_inverse_fft     (UnclipExecutor   *executor,
                                                  UnclipShape       shape,
                                                  const float      *spectrum,
                                                  float            *real,
                                                  GError          **error);

/**
 * unclip_executor_compile:
 * @graph: (transfer full): consumed, also on failure
 *
 * Plans memory, packs and uploads weights that no earlier program has packed, and records the work.
 *
 * Errors: %UNCLIP_ERROR_OUT_OF_MEMORY (the message says MiB wanted and free), %UNCLIP_ERROR_DEVICE_LOST,
 * %UNCLIP_ERROR_UNSUPPORTED_DEVICE (one tensor is beyond what the device can bind).
 *
 * Returns: (transfer full)
 */
UnclipProgram   *unclip_executor_compile         (UnclipExecutor   *executor,
                                                  UnclipGraph      *graph,
                                                  GError          **error);
void             unclip_program_free             (UnclipProgram    *program);

/**
 * unclip_program_has_input:
 *
 * Whether the graph has that input and uses it.
 */
gboolean         unclip_program_has_input        (UnclipProgram    *program,
                                                  const char       *name);

/**
 * unclip_program_write_f32:
 * @name: an input of the graph
 * @values: N·H·W·C values, channels last, unpadded
 *
 * Inputs keep their values from run to run.
 */
gboolean         unclip_program_write_f32        (UnclipProgram    *program,
                                                  const char       *name,
                                                  const float      *values,
                                                  GError          **error);
gboolean         unclip_program_write_i32        (UnclipProgram    *program,
                                                  const char       *name,
                                                  const gint32     *values,
                                                  GError          **error);

/**
 * unclip_program_copy:
 *
 * Gives an output of @source, as the last run left it, to an input of @target of the same shape, on the device.
 */
gboolean         unclip_program_copy             (UnclipProgram    *target,
                                                  const char       *input,
                                                  UnclipProgram    *source,
                                                  const char       *output,
                                                  GError          **error);

/**
 * unclip_program_run:
 *
 * Errors: %G_IO_ERROR_CANCELLED (the device is idle then), %UNCLIP_ERROR_DEVICE_LOST, %UNCLIP_ERROR_OUT_OF_MEMORY.
 */
gboolean         unclip_program_run              (UnclipProgram    *program,
                                                  GCancellable     *cancellable,
                                                  GError          **error);
gboolean         unclip_program_read_f32         (UnclipProgram    *program,
                                                  const char       *name,
                                                  float            *values,
                                                  GError          **error);
UnclipShape      unclip_program_get_output_shape (UnclipProgram    *program,
                                                  const char       *name);

/**
 * unclip_program_list_outputs:
 *
 * Returns: (transfer container) (element-type utf8): names in the order of the graph, probes included
 */
GPtrArray       *unclip_program_list_outputs     (UnclipProgram    *program);

/**
 * UnclipProgramFigures:
 * @arena_bytes: memory of all activations together, after planning
 * @activation_bytes: what they would take one beside the other
 * @weight_bytes: packed weights that this program uses
 * @flop: multiply and add counted as two
 */
typedef struct
{
  guint64 arena_bytes;
  guint64 activation_bytes;
  guint64 weight_bytes;
  guint64 flop;
} UnclipProgramFigures;

UnclipProgramFigures unclip_program_get_figures  (UnclipProgram    *program);

/**
 * UnclipOpTime:
 * @label: operation and shape, such as "conv2d 8×32×32×96→96 winograd"
 * @seconds: device time in the last run
 * @flop: of the operation; 0 where nobody counts
 */
typedef struct
{
  const char *label;
  double      seconds;
  guint64     flop;
} UnclipOpTime;

/**
 * unclip_program_get_times:
 *
 * Returns: (transfer full) (element-type UnclipOpTime): empty unless timers were on at compile time
 */
GArray          *unclip_program_get_times        (UnclipProgram    *program);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipExecutor, unclip_executor_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipProgram, unclip_program_free)

G_END_DECLS
