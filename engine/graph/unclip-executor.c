/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The face of executors and programs: reference counts, names to tensors, and what is common to all of them. */

#include "config.h"

#include "unclip-executor.h"

#include "unclip-executor-private.h"

void
unclip_executor_init (UnclipExecutor *executor, const UnclipExecutorClass *klass, UnclipPrecision precision)
{
  executor->klass = klass;
  executor->precision = precision;
  g_atomic_ref_count_init (&executor->ref_count);
}

UnclipExecutor *
unclip_executor_ref (UnclipExecutor *executor)
{
  g_atomic_ref_count_inc (&executor->ref_count);
  return executor;
}

void
unclip_executor_unref (UnclipExecutor *executor)
{
  if (executor != NULL && g_atomic_ref_count_dec (&executor->ref_count))
    executor->klass->finalize (executor);
}

UnclipPrecision
unclip_executor_get_precision (UnclipExecutor *executor)
{
  return executor->precision;
}

char *
unclip_executor_dup_device_name (UnclipExecutor *executor)
{
  return executor->klass->dup_device_name (executor);
}

guint
unclip_executor_get_device_index (UnclipExecutor *executor)
{
  return executor->klass->get_device_index (executor);
}

guint64
unclip_executor_get_used_bytes (UnclipExecutor *executor)
{
  return executor->klass->get_used_bytes (executor);
}

guint64
unclip_executor_get_peak_bytes (UnclipExecutor *executor)
{
  return executor->klass->get_peak_bytes (executor);
}

void
unclip_executor_set_timers (UnclipExecutor *executor, gboolean timers)
{
  executor->timers = timers;
}

void
unclip_executor_forget_weights (UnclipExecutor *executor)
{
  executor->klass->forget_weights (executor);
}

gboolean
unclip_executor_park (UnclipExecutor *executor, GError **error)
{
  return executor->klass->park (executor, error);
}

gboolean
unclip_executor_fft (UnclipExecutor *executor, UnclipShape shape, const float *real, float *spectrum, GError **error)
{
  return executor->klass->fft (executor, shape, FALSE, (float *) real, spectrum, error);
}

gboolean
unclip_executor_inverse_fft (UnclipExecutor *executor, UnclipShape shape, const float *spectrum, float *real, GError **error)
{
  return executor->klass->fft (executor, shape, TRUE, real, (float *) spectrum, error);
}

UnclipProgram *
unclip_executor_compile (UnclipExecutor *executor, UnclipGraph *graph, GError **error)
{
  UnclipProgram *program = executor->klass->compile (executor, graph, error);

  if (program == NULL)
    {
      g_prefix_error (error, "%s: ", unclip_graph_get_name (graph));
      unclip_graph_free (graph);
      return NULL;
    }
  program->executor = unclip_executor_ref (executor);
  program->graph = graph;
  return program;
}

void
unclip_program_free (UnclipProgram *program)
{
  g_autoptr (UnclipExecutor) executor = NULL;
  g_autoptr (UnclipGraph)    graph = NULL;

  if (program == NULL)
    return;
  executor = program->executor;
  graph = program->graph;
  program->klass->finalize (program);
}

static UnclipTensor *
find_tensor (GPtrArray *tensors, const char *name)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      UnclipTensor *x = g_ptr_array_index (tensors, i);

      if (g_str_equal (x->name, name))
        return x;
    }
  return NULL;
}

static UnclipTensor *
get_input (UnclipProgram *program, const char *name)
{
  UnclipTensor *x = find_tensor (program->graph->inputs, name);

  if (x == NULL)
    g_error ("graph %s has no input %s", program->graph->name, name);
  return x;
}

static UnclipTensor *
get_output (UnclipProgram *program, const char *name)
{
  UnclipTensor *x = find_tensor (program->graph->outputs, name);

  if (x == NULL)
    g_error ("graph %s has no output %s", program->graph->name, name);
  return x;
}

gboolean
unclip_program_has_input (UnclipProgram *program, const char *name)
{
  return find_tensor (program->graph->inputs, name) != NULL;
}

gboolean
unclip_program_write_f32 (UnclipProgram *program, const char *name, const float *values, GError **error)
{
  UnclipTensor *input = get_input (program, name);

  g_assert (input->dtype == UNCLIP_DTYPE_F32);
  return program->klass->write (program, input, values, error);
}

gboolean
unclip_program_write_i32 (UnclipProgram *program, const char *name, const gint32 *values, GError **error)
{
  UnclipTensor *input = get_input (program, name);

  g_assert (input->dtype == UNCLIP_DTYPE_I32);
  return program->klass->write (program, input, values, error);
}

gboolean
unclip_program_copy (UnclipProgram *target, const char *input, UnclipProgram *source, const char *output, GError **error)
{
  UnclipTensor *to = get_input (target, input);
  UnclipTensor *from = get_output (source, output);

  g_assert (target->executor == source->executor);
  g_assert (unclip_shape_get_n_rows (to->shape) == unclip_shape_get_n_rows (from->shape));
  g_assert (to->shape.c == from->shape.c);
  return target->klass->copy (target, to, source, from, error);
}

gboolean
unclip_program_run (UnclipProgram *program, GCancellable *cancellable, GError **error)
{
  return program->klass->run (program, cancellable, error);
}

gboolean
unclip_program_read_f32 (UnclipProgram *program, const char *name, float *values, GError **error)
{
  return program->klass->read (program, get_output (program, name), values, error);
}

UnclipShape
unclip_program_get_output_shape (UnclipProgram *program, const char *name)
{
  return get_output (program, name)->shape;
}

GPtrArray *
unclip_program_list_outputs (UnclipProgram *program)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < program->graph->outputs->len; i++)
    g_ptr_array_add (names, ((UnclipTensor *) g_ptr_array_index (program->graph->outputs, i))->name);
  return names;
}

UnclipProgramFigures
unclip_program_get_figures (UnclipProgram *program)
{
  UnclipProgramFigures figures = { 0 };

  program->klass->get_figures (program, &figures);
  for (guint i = 0; i < program->graph->nodes->len; i++)
    {
      const UnclipNode *node = g_ptr_array_index (program->graph->nodes, i);

      if (node->op->count_flop != NULL)
        figures.flop += node->op->count_flop (node);
    }
  return figures;
}

GArray *
unclip_program_get_times (UnclipProgram *program)
{
  GArray *times = g_array_new (FALSE, FALSE, sizeof (UnclipOpTime));

  program->klass->get_times (program, times);
  return times;
}
