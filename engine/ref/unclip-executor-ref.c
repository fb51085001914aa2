/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a graph node by node in scalar C. Every tensor keeps its values: nothing is planned, nothing is shared. */

#include "config.h"

#include "unclip-executor-private.h"
#include "unclip-ref-dft.h"
#include "unclip-ref.h"

#include <string.h>

static const struct
{
  const char   *op;
  UnclipRefFunc run;
} functions[] = {
  { "activation", unclip_ref_activation_node },
  { "add", unclip_ref_add_node },
  { "attention", unclip_ref_attention_node },
  { "avg-pool2", unclip_ref_avg_pool2_node },
  { "concat-tokens", unclip_ref_concat_tokens_node },
  { "conv2d", unclip_ref_conv2d_node },
  { "copy-concat", unclip_ref_copy_concat_node },
  { "embed-tokens", unclip_ref_embed_tokens_node },
  { "freeu", unclip_ref_freeu_node },
  { "group-norm", unclip_ref_group_norm_node },
  { "layer-norm", unclip_ref_layer_norm_node },
  { "linear", unclip_ref_linear_node },
  { "patches", unclip_ref_patches_node },
  { "resize-bicubic", unclip_ref_resize_bicubic_node },
  { "sampler-step", unclip_ref_sampler_step_node },
  { "select-rows", unclip_ref_select_rows_node },
  { "slice-tokens", unclip_ref_slice_tokens_node },
  { "split-tokens", unclip_ref_split_tokens_node },
  { "timestep-embedding", unclip_ref_timestep_embedding_node },
  { "upsample2", unclip_ref_upsample2_node },
};

typedef struct
{
  UnclipProgram    parent;
  UnclipRefTensor *tensors;     /* by tensor id */
  guint            n_tensors;
} RefProgram;

static UnclipRefFunc
find_function (const char *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (g_str_equal (functions[i].op, op))
      return functions[i].run;
  g_error ("operation %s has no scalar reference", op);
}

static void
ref_program_finalize (UnclipProgram *base)
{
  RefProgram *program = (RefProgram *) base;

  for (guint i = 0; i < program->n_tensors; i++)
    {
      g_free (program->tensors[i].f);
      g_free (program->tensors[i].i);
    }
  g_free (program->tensors);
  g_free (program);
}

static UnclipRefTensor *
get_tensor (RefProgram *program, UnclipTensor *x)
{
  return &program->tensors[x->id];
}

static gboolean
ref_program_write (UnclipProgram *base, UnclipTensor *input, const void *values, GError **error)
{
  UnclipRefTensor *x = get_tensor ((RefProgram *) base, input);
  void            *target = x->i != NULL ? (void *) x->i : x->f;

  memcpy (target, values, (gsize) unclip_shape_get_n_values (x->shape) * 4);
  return TRUE;
}

/* Slices, reshapes and concatenations are views of tensors with lower ids: fills in @x from what it shows. */
static void
copy_view (RefProgram *program, UnclipTensor *x)
{
  UnclipRefTensor *target = get_tensor (program, x);
  gint64           n_rows = unclip_shape_get_n_rows (x->shape);

  if (x->kind == UNCLIP_TENSOR_CONCAT)
    {
      const UnclipRefTensor *parts[2] = { get_tensor (program, x->parts[0]), get_tensor (program, x->parts[1]) };

      copy_view (program, x->parts[0]);
      copy_view (program, x->parts[1]);
      unclip_ref_copy_concat_node (NULL, parts, target);
    }
  else if (x->kind == UNCLIP_TENSOR_SLICE || x->kind == UNCLIP_TENSOR_RESHAPE)
    {
      UnclipRefTensor *parent = get_tensor (program, x->parent);

      copy_view (program, x->parent);
      for (gint64 row = 0; row < n_rows; row++)
        for (int c = 0; c < x->shape.c; c++)
          if (target->i != NULL)
            target->i[row] = parent->i[row];
          else
            target->f[row * x->shape.c + c] = parent->f[row * parent->shape.c + x->first_channel + c];
    }
}

static gboolean
ref_program_read (UnclipProgram *base, UnclipTensor *output, float *values, GError **error)
{
  RefProgram *program = (RefProgram *) base;

  copy_view (program, output);
  memcpy (values, get_tensor (program, output)->f, (gsize) unclip_shape_get_n_values (output->shape) * sizeof *values);
  return TRUE;
}

static gboolean
ref_program_copy (UnclipProgram *target, UnclipTensor *input, UnclipProgram *source, UnclipTensor *output, GError **error)
{
  return ref_program_read (source, output, get_tensor ((RefProgram *) target, input)->f, error);
}

static gboolean
ref_program_run (UnclipProgram *base, GCancellable *cancellable, GError **error)
{
  RefProgram *program = (RefProgram *) base;

  for (guint i = 0; i < base->graph->nodes->len; i++)
    {
      const UnclipNode      *node = g_ptr_array_index (base->graph->nodes, i);
      const UnclipRefTensor *inputs[UNCLIP_NODE_MAX_INPUTS] = { NULL };
      UnclipRefTensor       *output = get_tensor (program, node->output);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      for (guint j = 0; j < node->n_inputs; j++)
        if (node->inputs[j] != NULL)
          {
            copy_view (program, node->inputs[j]);
            inputs[j] = get_tensor (program, node->inputs[j]);
          }
      memset (output->f, 0, (gsize) unclip_shape_get_n_values (output->shape) * sizeof *output->f);
      find_function (node->op->name) (node, inputs, output);
    }
  return TRUE;
}

static void
ref_program_get_figures (UnclipProgram *base, UnclipProgramFigures *figures)
{
}

static void
ref_program_get_times (UnclipProgram *base, GArray *times)
{
}

static const UnclipProgramClass ref_program_class = {
  .finalize = ref_program_finalize,
  .write = ref_program_write,
  .read = ref_program_read,
  .copy = ref_program_copy,
  .run = ref_program_run,
  .get_figures = ref_program_get_figures,
  .get_times = ref_program_get_times,
};

static void
load_weight (UnclipTensor *x, float *values)
{
  gint64 length = unclip_tensor_get_weight_row_length (x);

  for (gint64 row = 0; row < x->dims[0]; row++)
    unclip_tensor_copy_weight_row (x, row, values + row * length);
}

static UnclipProgram *
ref_executor_compile (UnclipExecutor *executor, UnclipGraph *graph, GError **error)
{
  RefProgram *program = g_new0 (RefProgram, 1);

  program->parent.klass = &ref_program_class;
  program->n_tensors = graph->tensors->len;
  program->tensors = g_new0 (UnclipRefTensor, program->n_tensors);
  for (guint i = 0; i < program->n_tensors; i++)
    {
      UnclipTensor    *x = g_ptr_array_index (graph->tensors, i);
      UnclipRefTensor *tensor = &program->tensors[i];
      gsize            n = (gsize) unclip_shape_get_n_values (x->shape);

      tensor->shape = x->shape;
      if (x->dtype == UNCLIP_DTYPE_I32)
        tensor->i = g_new0 (gint32, n);
      else
        tensor->f = g_new0 (float, n);
      if (x->kind == UNCLIP_TENSOR_WEIGHT)
        load_weight (x, tensor->f);
    }
  return &program->parent;
}

static char *
ref_executor_dup_device_name (UnclipExecutor *executor)
{
  return g_strdup ("scalar reference");
}

static guint
ref_executor_get_device_index (UnclipExecutor *executor)
{
  return 0;
}

/* Nothing of this is device memory. */
static guint64
ref_executor_get_bytes (UnclipExecutor *executor)
{
  return 0;
}

static void
ref_executor_forget_weights (UnclipExecutor *executor)
{
}

static gboolean
ref_executor_park (UnclipExecutor *executor, GError **error)
{
  return TRUE;
}

static gboolean
ref_executor_fft (UnclipExecutor *executor, UnclipShape shape, gboolean inverse, float *real, float *spectrum, GError **error)
{
  if (inverse)
    unclip_ref_inverse_dft (shape, spectrum, real);
  else
    unclip_ref_dft (shape, real, spectrum);
  return TRUE;
}

static const UnclipExecutorClass ref_executor_class = {
  .finalize = (void (*) (UnclipExecutor *)) g_free,
  .dup_device_name = ref_executor_dup_device_name,
  .get_device_index = ref_executor_get_device_index,
  .get_used_bytes = ref_executor_get_bytes,
  .get_peak_bytes = ref_executor_get_bytes,
  .forget_weights = ref_executor_forget_weights,
  .park = ref_executor_park,
  .fft = ref_executor_fft,
  .compile = ref_executor_compile,
};

UnclipExecutor *
unclip_executor_new_ref (void)
{
  UnclipExecutor *executor = g_new0 (UnclipExecutor, 1);

  unclip_executor_init (executor, &ref_executor_class, UNCLIP_PRECISION_F32);
  return executor;
}
