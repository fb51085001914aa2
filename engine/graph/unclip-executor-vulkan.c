/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Vulkan executor: one device, one arena a program, one recorded command a program.
 *
 * Compiling asks every node how much scratch it needs, plans the arena, then lets every node record its dispatches.
 * Running replays the command. A program that is parked has neither arena nor command; it is recorded again, by the same plan, when
 * it is next used.
 */

#include "config.h"

#include "unclip-constants.h"
#include "unclip-error.h"
#include "unclip-executor-private.h"
#include "unclip-gpu-fft.h"
#include "unclip-plan.h"
#include "unclip-recorder-private.h"

#include <string.h>

#define ARENA_ALIGNMENT 256     /* the most that Vulkan allows a device to ask for */

/* A submit is cut where it would exceed this much work: about 50 ms at 40 GFLOP/s on two cores, at 5 TFLOP/s on a GPU. */
#define SUBMIT_FLOP_SOFTWARE 2e9
#define SUBMIT_FLOP_GPU 2.5e11

typedef struct
{
  UnclipExecutor   parent;
  UnclipGpuDevice *device;      /* owned */
  UnclipConstants *constants;   /* owned */
  GHashTable      *ffts;        /* UnclipShape → UnclipGpuFft */
  GPtrArray       *programs;    /* VulkanProgram: all that there are */
  gboolean         prefers_shared;
} VulkanExecutor;

typedef struct
{
  UnclipProgram     parent;
  UnclipPlan       *plan;       /* owned */
  UnclipGpuBuffer  *arena;      /* owned; NULL while it is parked */
  UnclipGpuCommand *command;    /* owned; NULL while it is parked */
  GPtrArray        *parked;     /* GBytes, as get_kept() counts; NULL unless it is parked */
  guint64           weight_bytes;
  gboolean          use_f16;
  GPtrArray        *labels;     /* char*, one a node; empty without timers */
} VulkanProgram;

static void
vulkan_program_finalize (UnclipProgram *base)
{
  VulkanProgram *program = (VulkanProgram *) base;

  if (base->executor != NULL)
    g_ptr_array_remove_fast (((VulkanExecutor *) base->executor)->programs, program);
  unclip_gpu_command_free (program->command);
  unclip_gpu_buffer_unref (program->arena);
  g_clear_pointer (&program->parked, g_ptr_array_unref);
  unclip_plan_free (program->plan);
  g_clear_pointer (&program->labels, g_ptr_array_unref);
  g_free (program);
}

static gsize
get_offset (VulkanProgram *program, UnclipTensor *x)
{
  int first_channel;

  return program->plan->offsets[unclip_tensor_resolve (x, &first_channel)->id];
}

/* Of an input or output, padding included. */
static gsize
count_bytes (UnclipTensor *x)
{
  return (gsize) unclip_shape_get_n_rows (x->shape) * (gsize) (x->dtype == UNCLIP_DTYPE_I32 ? x->shape.c * 4 : unclip_div_up (x->shape.c, 4) * 16);
}

/* Copies rows of @c values into rows padded with zeros to whole texels. */
static void
pad_rows (const float *values, gint64 n_rows, int c, float *padded)
{
  int stride = unclip_div_up (c, 4) * 4;

  for (gint64 row = 0; row < n_rows; row++)
    {
      memcpy (padded + row * stride, values + row * c, (gsize) c * sizeof *values);
      memset (padded + row * stride + c, 0, (gsize) (stride - c) * sizeof *values);
    }
}

static gboolean record (VulkanProgram *program, VulkanExecutor *executor, UnclipGraph *graph, GError **error);

/* What lives from run to run: the inputs, then the outputs. */
static guint
get_n_kept (UnclipGraph *graph)
{
  return graph->inputs->len + graph->outputs->len;
}

static UnclipTensor *
get_kept (UnclipGraph *graph, guint i)
{
  return i < graph->inputs->len ? g_ptr_array_index (graph->inputs, i) : g_ptr_array_index (graph->outputs, i - graph->inputs->len);
}

static gboolean
park (VulkanProgram *program, GError **error)
{
  UnclipGraph          *graph = program->parent.graph;
  g_autoptr (GPtrArray) parked = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (program->parked != NULL)
    return TRUE;
  for (guint i = 0; i < get_n_kept (graph); i++)
    {
      UnclipTensor      *x = get_kept (graph, i);
      gsize              n_bytes = count_bytes (x);
      g_autofree guint8 *data = g_malloc (n_bytes);

      if (!unclip_gpu_buffer_read (program->arena, get_offset (program, x), data, n_bytes, error))
        return FALSE;
      g_ptr_array_add (parked, g_bytes_new_take (g_steal_pointer (&data), n_bytes));
    }
  program->parked = g_steal_pointer (&parked);
  g_clear_pointer (&program->command, unclip_gpu_command_free);
  g_clear_pointer (&program->arena, unclip_gpu_buffer_unref);
  return TRUE;
}

/* Brings a program that was parked back to the device; on failure it stays parked. */
static gboolean
unpark (VulkanProgram *program, GError **error)
{
  UnclipGraph *graph = program->parent.graph;
  gboolean     ok;

  if (program->parked == NULL)
    return TRUE;
  ok = record (program, (VulkanExecutor *) program->parent.executor, graph, error);
  for (guint i = 0; ok && i < get_n_kept (graph); i++)
    {
      GBytes *bytes = g_ptr_array_index (program->parked, i);

      ok = unclip_gpu_buffer_write (program->arena, get_offset (program, get_kept (graph, i)), g_bytes_get_data (bytes, NULL),
                                    g_bytes_get_size (bytes), error);
    }
  if (ok)
    {
      g_clear_pointer (&program->parked, g_ptr_array_unref);
      return TRUE;
    }
  g_clear_pointer (&program->command, unclip_gpu_command_free);
  g_clear_pointer (&program->arena, unclip_gpu_buffer_unref);
  return FALSE;
}

static gboolean
vulkan_program_write (UnclipProgram *base, UnclipTensor *input, const void *values, GError **error)
{
  VulkanProgram    *program = (VulkanProgram *) base;
  int               c = input->shape.c;
  gsize             offset = get_offset (program, input);
  g_autofree float *padded = NULL;

  if (!unpark (program, error))
    return FALSE;
  if (input->dtype == UNCLIP_DTYPE_I32 || c % 4 == 0)
    return unclip_gpu_buffer_write (program->arena, offset, values, count_bytes (input), error);

  padded = g_malloc (count_bytes (input));
  pad_rows (values, unclip_shape_get_n_rows (input->shape), c, padded);
  return unclip_gpu_buffer_write (program->arena, offset, padded, count_bytes (input), error);
}

static gboolean
vulkan_program_read (UnclipProgram *base, UnclipTensor *output, float *values, GError **error)
{
  VulkanProgram    *program = (VulkanProgram *) base;
  gint64            n_rows = unclip_shape_get_n_rows (output->shape);
  int               c = output->shape.c;
  int               stride = unclip_div_up (c, 4) * 4;
  gsize             offset = get_offset (program, output);
  g_autofree float *padded = NULL;

  if (!unpark (program, error))
    return FALSE;
  if (c == stride)
    return unclip_gpu_buffer_read (program->arena, offset, values, count_bytes (output), error);

  padded = g_malloc (count_bytes (output));
  if (!unclip_gpu_buffer_read (program->arena, offset, padded, count_bytes (output), error))
    return FALSE;
  for (gint64 row = 0; row < n_rows; row++)
    memcpy (values + row * c, padded + row * stride, (gsize) c * sizeof *values);
  return TRUE;
}

static gboolean
vulkan_program_copy (UnclipProgram *target, UnclipTensor *input, UnclipProgram *source, UnclipTensor *output, GError **error)
{
  VulkanProgram               *to = (VulkanProgram *) target;
  VulkanProgram               *from = (VulkanProgram *) source;
  VulkanExecutor              *executor = (VulkanExecutor *) target->executor;
  g_autoptr (UnclipGpuCommand) command = NULL;

  if (!unpark (from, error) || !unpark (to, error))
    return FALSE;
  command = unclip_gpu_command_new (executor->device, FALSE, error);
  if (command == NULL)
    return FALSE;
  unclip_gpu_command_copy (command, from->arena, get_offset (from, output), to->arena, get_offset (to, input), count_bytes (input));
  return unclip_gpu_command_end (command, error) && unclip_gpu_command_run (command, NULL, error);
}

static gboolean
vulkan_program_run (UnclipProgram *base, GCancellable *cancellable, GError **error)
{
  VulkanProgram *program = (VulkanProgram *) base;

  return unpark (program, error) && unclip_gpu_command_run (program->command, cancellable, error);
}

static void
vulkan_program_get_figures (UnclipProgram *base, UnclipProgramFigures *figures)
{
  VulkanProgram *program = (VulkanProgram *) base;

  figures->arena_bytes = program->plan->arena_bytes;
  figures->activation_bytes = program->plan->sum_bytes;
  figures->weight_bytes = program->weight_bytes;
}

static void
vulkan_program_get_times (UnclipProgram *base, GArray *times)
{
  VulkanProgram     *program = (VulkanProgram *) base;
  g_autoptr (GArray) spans = NULL;

  if (program->parked != NULL)
    return;
  spans = unclip_gpu_command_get_spans (program->command);
  /* No spans without timers, before the first run, and after one that was cancelled. */
  for (guint i = 0; i < spans->len; i++)
    {
      const UnclipNode *node = g_ptr_array_index (base->graph->nodes, i);
      UnclipOpTime      time = { .label = g_ptr_array_index (program->labels, i),
                                 .seconds = g_array_index (spans, UnclipGpuSpan, i).seconds,
                                 .flop = node->op->count_flop != NULL ? node->op->count_flop (node) : 0 };

      g_array_append_val (times, time);
    }
}

static const UnclipProgramClass vulkan_program_class = {
  .finalize = vulkan_program_finalize,
  .write = vulkan_program_write,
  .read = vulkan_program_read,
  .copy = vulkan_program_copy,
  .run = vulkan_program_run,
  .get_figures = vulkan_program_get_figures,
  .get_times = vulkan_program_get_times,
};

static gsize
get_tensor_bytes (UnclipTensor *x, gpointer user_data)
{
  return unclip_recorder_get_tensor_bytes (user_data, x);
}

static UnclipPlan *
plan_memory (UnclipRecorder *recorder, UnclipGraph *graph)
{
  gsize *scratch_bytes = g_new0 (gsize, MAX (graph->nodes->len, 1));

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const UnclipNode *node = g_ptr_array_index (graph->nodes, i);

      if (node->op->count_scratch != NULL)
        scratch_bytes[i] = node->op->count_scratch (node, recorder);
    }
  return unclip_plan_new (graph, get_tensor_bytes, recorder, scratch_bytes, ARENA_ALIGNMENT);
}

static char *
dup_label (const UnclipNode *node, const char *note)
{
  UnclipShape x = node->inputs[0]->shape, y = node->output->shape;

  return g_strdup_printf ("%s %d×%d×%d×%d → %d×%d×%d%s%s", node->op->name, x.n, x.h, x.w, x.c, y.h, y.w, y.c,
                          note[0] != '\0' ? " " : "", note);
}

static void
record_nodes (UnclipRecorder *recorder, UnclipGraph *graph, GPtrArray *labels)
{
  double limit = unclip_recorder_get_limits (recorder)->is_software ? SUBMIT_FLOP_SOFTWARE : SUBMIT_FLOP_GPU;
  double flop = 0;

  for (guint i = 0; i < graph->nodes->len && recorder->error == NULL; i++)
    {
      const UnclipNode *node = g_ptr_array_index (graph->nodes, i);
      double            more = node->op->count_flop != NULL ? (double) node->op->count_flop (node) : 0;

      if (flop > 0 && flop + more > limit)
        {
          unclip_gpu_command_cut (recorder->command);
          flop = 0;
        }
      flop += more;

      recorder->node = node;
      g_string_truncate (recorder->note, 0);
      if (labels != NULL)
        unclip_gpu_command_mark (recorder->command, node->op->name);
      node->op->record (node, recorder);
      if (labels != NULL)
        g_ptr_array_add (labels, dup_label (node, recorder->note->str));
    }
}

/* Memory and command of a program that has neither. On failure what there is of them is the caller's to free. */
static gboolean
record (VulkanProgram *program, VulkanExecutor *executor, UnclipGraph *graph, GError **error)
{
  UnclipRecorder recorder = {
     .device = executor->device,
     .constants = executor->constants,
     .use_f16 = executor->parent.precision == UNCLIP_PRECISION_F16,
     .prefers_shared = executor->prefers_shared,
     .note = g_string_new (NULL),
     .seen_weights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };

  if (program->plan == NULL)
    program->plan = plan_memory (&recorder, graph);
  recorder.plan = program->plan;
  if (program->labels != NULL)
    g_ptr_array_set_size (program->labels, 0);
  program->arena = recorder.arena = unclip_gpu_buffer_new (executor->device, MAX (program->plan->arena_bytes, ARENA_ALIGNMENT),
                                                           UNCLIP_GPU_MEMORY_DEVICE, "activations", &recorder.error);
  if (recorder.error == NULL)
    program->command = recorder.command = unclip_gpu_command_new (executor->device, program->labels != NULL, &recorder.error);
  if (recorder.error == NULL)
    record_nodes (&recorder, graph, program->labels);
  if (recorder.error == NULL)
    unclip_gpu_command_end (program->command, &recorder.error);

  program->weight_bytes = recorder.weight_bytes;
  g_string_free (recorder.note, TRUE);
  g_hash_table_unref (recorder.seen_weights);
  if (recorder.error == NULL)
    return TRUE;
  g_propagate_error (error, recorder.error);
  return FALSE;
}

static UnclipProgram *
vulkan_executor_compile (UnclipExecutor *base, UnclipGraph *graph, GError **error)
{
  VulkanExecutor *executor = (VulkanExecutor *) base;
  VulkanProgram  *program = g_new0 (VulkanProgram, 1);

  program->parent.klass = &vulkan_program_class;
  program->labels = base->timers ? g_ptr_array_new_with_free_func (g_free) : NULL;
  if (!record (program, executor, graph, error))
    {
      vulkan_program_finalize (&program->parent);
      return NULL;
    }
  g_ptr_array_add (executor->programs, program);
  return &program->parent;
}

static void
vulkan_executor_finalize (UnclipExecutor *base)
{
  VulkanExecutor *executor = (VulkanExecutor *) base;

  g_hash_table_unref (executor->ffts);
  g_ptr_array_unref (executor->programs);
  unclip_constants_free (executor->constants);
  unclip_gpu_device_unref (executor->device);
  g_free (executor);
}

static char *
vulkan_executor_dup_device_name (UnclipExecutor *base)
{
  return g_strdup (unclip_gpu_device_get_info (((VulkanExecutor *) base)->device)->name);
}

static guint
vulkan_executor_get_device_index (UnclipExecutor *base)
{
  return unclip_gpu_device_get_info (((VulkanExecutor *) base)->device)->index;
}

static guint64
vulkan_executor_get_used_bytes (UnclipExecutor *base)
{
  return unclip_gpu_device_get_used_bytes (((VulkanExecutor *) base)->device);
}

static guint64
vulkan_executor_get_peak_bytes (UnclipExecutor *base)
{
  return unclip_gpu_device_get_peak_bytes (((VulkanExecutor *) base)->device);
}

static void
vulkan_executor_forget_weights (UnclipExecutor *base)
{
  unclip_constants_clear (((VulkanExecutor *) base)->constants);
}

static gboolean
vulkan_executor_park (UnclipExecutor *base, GError **error)
{
  VulkanExecutor *executor = (VulkanExecutor *) base;

  for (guint i = 0; i < executor->programs->len; i++)
    if (!park (g_ptr_array_index (executor->programs, i), error))
      return FALSE;
  unclip_constants_clear (executor->constants);
  g_hash_table_remove_all (executor->ffts);
  return TRUE;
}

static guint
shape_hash (gconstpointer data)
{
  const UnclipShape *shape = data;

  return (((guint) shape->n * 31 + (guint) shape->h) * 31 + (guint) shape->w) * 31 + (guint) shape->c;
}

static gboolean
shape_equal (gconstpointer a, gconstpointer b)
{
  const UnclipShape *left = a, *right = b;

  return left->n == right->n && left->h == right->h && left->w == right->w && left->c == right->c;
}

static gboolean
vulkan_executor_fft (UnclipExecutor *base, UnclipShape shape, gboolean inverse, float *real, float *spectrum, GError **error)
{
  VulkanExecutor *executor = (VulkanExecutor *) base;
  UnclipGpuFft   *fft = g_hash_table_lookup (executor->ffts, &shape);

  if (fft == NULL)
    {
      fft = unclip_gpu_fft_new (executor->device, (guint) shape.n, (guint) shape.h, (guint) shape.w, (guint) shape.c, error);
      if (fft == NULL)
        return FALSE;
      g_hash_table_insert (executor->ffts, g_memdup2 (&shape, sizeof shape), fft);
    }
  return inverse ? unclip_gpu_fft_inverse (fft, spectrum, real, error) : unclip_gpu_fft_forward (fft, real, spectrum, error);
}

static const UnclipExecutorClass vulkan_executor_class = {
  .finalize = vulkan_executor_finalize,
  .dup_device_name = vulkan_executor_dup_device_name,
  .get_device_index = vulkan_executor_get_device_index,
  .get_used_bytes = vulkan_executor_get_used_bytes,
  .get_peak_bytes = vulkan_executor_get_peak_bytes,
  .forget_weights = vulkan_executor_forget_weights,
  .park = vulkan_executor_park,
  .fft = vulkan_executor_fft,
  .compile = vulkan_executor_compile,
};

static gboolean
choose_kernels (const UnclipGpuLimits *limits)
{
  const char *family = g_getenv ("UNCLIP_KERNELS");

  if (g_strcmp0 (family, "shared") == 0)
    return TRUE;
  if (g_strcmp0 (family, "register") == 0)
    return FALSE;
  /* The register kernels shuffle, and their reductions know subgroups of 4 to 16. */
  return !limits->is_software || !limits->has_subgroup_shuffle || limits->subgroup_size < 4 || limits->subgroup_size > 16;
}

static UnclipPrecision
choose_precision (UnclipPrecision asked, const UnclipGpuLimits *limits)
{
  if (asked != UNCLIP_PRECISION_AUTO)
    return asked;
  return limits->has_f16_storage && !limits->is_software ? UNCLIP_PRECISION_F16 : UNCLIP_PRECISION_F32;
}

UnclipExecutor *
unclip_executor_open_vulkan (const char *selector, UnclipPrecision precision, GError **error)
{
  UnclipGpuDevice       *device = unclip_gpu_device_open (selector, error);
  const UnclipGpuLimits *limits;
  VulkanExecutor        *executor;

  if (device == NULL)
    return NULL;
  limits = unclip_gpu_device_get_limits (device);
  if (precision == UNCLIP_PRECISION_F16 && !limits->has_f16_storage)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
                   "%s does not store 16-bit floats; use --precision f32.", unclip_gpu_device_get_info (device)->name);
      unclip_gpu_device_unref (device);
      return NULL;
    }

  executor = g_new0 (VulkanExecutor, 1);
  unclip_executor_init (&executor->parent, &vulkan_executor_class, choose_precision (precision, limits));
  executor->device = device;
  executor->constants = unclip_constants_new (device);
  executor->programs = g_ptr_array_new ();
  executor->ffts = g_hash_table_new_full (shape_hash, shape_equal, g_free, (GDestroyNotify) unclip_gpu_fft_free);
  executor->prefers_shared = choose_kernels (limits);
  return &executor->parent;
}
