/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an executor implements. Names have been resolved to tensors, and shapes compared, before these are called. */

#pragma once

#include "unclip-executor.h"
#include "unclip-node.h"

G_BEGIN_DECLS

typedef struct
{
  void           (*finalize)        (UnclipExecutor  *executor);
  char          *(*dup_device_name) (UnclipExecutor  *executor);
  guint          (*get_device_index) (UnclipExecutor *executor);
  guint64        (*get_used_bytes)  (UnclipExecutor  *executor);
  guint64        (*get_peak_bytes)  (UnclipExecutor  *executor);
  void           (*forget_weights)  (UnclipExecutor  *executor);
  gboolean       (*park)            (UnclipExecutor  *executor,
                                     GError         **error);

  /* Reads @real and writes @spectrum, or the other way. */
  gboolean       (*fft)             (UnclipExecutor  *executor,
                                     UnclipShape      shape,
                                     gboolean         inverse,
                                     float           *real,
                                     float           *spectrum,
                                     GError         **error);

  /* Takes the graph on success only; the caller frees it on failure. */
  UnclipProgram *(*compile)         (UnclipExecutor  *executor,
                                     UnclipGraph     *graph,
                                     GError         **error);
} UnclipExecutorClass;

struct _UnclipExecutor
{
  const UnclipExecutorClass *klass;
  gatomicrefcount            ref_count;
  UnclipPrecision            precision;
  gboolean                   timers;
};

typedef struct
{
  void     (*finalize)    (UnclipProgram        *program);
  gboolean (*write)       (UnclipProgram        *program,
                           UnclipTensor         *input,
                           const void           *values,
                           GError              **error);
  gboolean (*read)        (UnclipProgram        *program,
                           UnclipTensor         *output,
                           float                *values,
                           GError              **error);
  gboolean (*copy)        (UnclipProgram        *target,
                           UnclipTensor         *input,
                           UnclipProgram        *source,
                           UnclipTensor         *output,
                           GError              **error);
  gboolean (*run)         (UnclipProgram        *program,
                           GCancellable         *cancellable,
                           GError              **error);
  void     (*get_figures) (UnclipProgram        *program,
                           UnclipProgramFigures *figures);
  void     (*get_times)   (UnclipProgram        *program,
                           GArray               *times);
} UnclipProgramClass;

struct _UnclipProgram
{
  const UnclipProgramClass *klass;
  UnclipExecutor           *executor;   /* owned */
  UnclipGraph              *graph;      /* owned */
};

void unclip_executor_init (UnclipExecutor            *executor,
                           const UnclipExecutorClass *klass,
                           UnclipPrecision            precision);

G_END_DECLS
