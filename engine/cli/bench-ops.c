/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip bench --ops: single operations, at sizes that the networks have (Karlo's, and a small model's). */

#include "config.h"

#include "bench.h"
#include "unclip-ops.h"
#include "unclip-rng.h"

#include <math.h>

#define MAX_INPUTS 6

/* One operation in the making. */
typedef struct
{
  UnclipGraph *graph;
  GPtrArray   *weights;                 /* UnclipArray with data, both owned */
  const char  *inputs[MAX_INPUTS];
  gsize        sizes[MAX_INPUTS];
  guint        n_inputs;
} Op;

typedef struct
{
  const char     *name;
  UnclipTensor *(*build) (Op *op, const int *d);
  int             d[6];
} OpCase;

static UnclipTensor *
add_input (Op *op, const char *name, int n, int h, int w, int c)
{
  op->inputs[op->n_inputs] = name;
  op->sizes[op->n_inputs++] = (gsize) n * (gsize) h * (gsize) w * (gsize) c;
  return unclip_graph_input (op->graph, name, (UnclipShape){ n, h, w, c }, UNCLIP_DTYPE_F32);
}

static void
weight_free (gpointer data)
{
  UnclipArray *array = data;

  g_free ((gpointer) array->data);
  g_free (array);
}

/* Normals of deviation 1/√(values an output), so that results keep an ordinary size. */
static UnclipTensor *
add_weight (Op *op, guint n_dims, gint64 a, gint64 b, gint64 c, gint64 d)
{
  UnclipArray       *array = g_new0 (UnclipArray, 1);
  const UnclipRngKey key = { .seed = op->weights->len, .stage = UNCLIP_RNG_PRIOR };
  gint64             dims[] = { a, b, c, d };
  gsize              n = 1;
  float             *values, scale;

  array->name = "weight";
  array->dtype = UNCLIP_DTYPE_F32;
  array->n_dims = n_dims;
  for (guint i = 0; i < n_dims; i++)
    {
      array->dims[i] = dims[i];
      n *= (gsize) dims[i];
    }
  values = g_new (float, n);
  unclip_rng_fill_normal (&key, 0, values, n);
  scale = 1 / sqrtf ((float) n / (float) a);
  for (gsize i = 0; i < n; i++)
    values[i] *= scale;
  array->data = values;
  array->n_bytes = n * sizeof *values;
  g_ptr_array_add (op->weights, array);
  return unclip_graph_weight (op->graph, array);
}

/* d: rows, in, out, activation */
static UnclipTensor *
build_linear (Op *op, const int *d)
{
  UnclipTensor *x = add_input (op, "x", 1, 1, d[0], d[1]);

  return unclip_op_linear (op->graph, x, add_weight (op, 2, d[2], d[1], 0, 0), add_weight (op, 1, d[2], 0, 0, 0), (UnclipActivation) d[3], NULL);
}

/* d: n, side, in, out, stride, upsample */
static UnclipTensor *
build_conv2d (Op *op, const int *d)
{
  UnclipTensor    *x = add_input (op, "x", d[0], d[1], d[1], d[2]);
  UnclipConvParams params = { .weight = add_weight (op, 4, d[3], d[2], 3, 3), .bias = add_weight (op, 1, d[3], 0, 0, 0),
                              .stride = d[4], .upsample = d[5] };

  return unclip_op_conv2d (op->graph, x, &params);
}

/* d: n, queries, width, heads, extra keys, causal */
static UnclipTensor *
build_attention (Op *op, const int *d)
{
  UnclipTensor         *q = add_input (op, "q", d[0], 1, d[1], d[2]);
  UnclipTensor         *k = add_input (op, "k", d[0], 1, d[1], d[2]);
  UnclipTensor         *v = add_input (op, "v", d[0], 1, d[1], d[2]);
  UnclipAttentionParams params = { .n_heads = d[3], .scale = 1 / sqrtf ((float) d[2] / (float) d[3]), .causal = d[5] };

  if (d[4] > 0)
    {
      params.extra_k = add_input (op, "extra_k", d[0], 1, d[4], d[2]);
      params.extra_v = add_input (op, "extra_v", d[0], 1, d[4], d[2]);
    }
  return unclip_op_attention (op->graph, q, k, v, &params);
}

/* d: n, side, channels, groups */
static UnclipTensor *
build_group_norm (Op *op, const int *d)
{
  UnclipTensor         *x = add_input (op, "x", d[0], d[1], d[1], d[2]);
  UnclipGroupNormParams params = { .gamma = add_weight (op, 1, d[2], 0, 0, 0), .beta = add_weight (op, 1, d[2], 0, 0, 0), .n_groups = d[3],
                                   .eps = 1e-5f, .silu = TRUE };

  return unclip_op_group_norm (op->graph, x, &params);
}

/* d: rows, channels */
static UnclipTensor *
build_layer_norm (Op *op, const int *d)
{
  UnclipTensor *x = add_input (op, "x", 1, 1, d[0], d[1]);

  return unclip_op_layer_norm (op->graph, x, add_weight (op, 1, d[1], 0, 0, 0), add_weight (op, 1, d[1], 0, 0, 0), 1e-5f);
}

/* d: rows, channels */
static UnclipTensor *
build_silu (Op *op, const int *d)
{
  return unclip_op_activation (op->graph, add_input (op, "x", 1, 1, d[0], d[1]), UNCLIP_ACTIVATION_SILU);
}

/* d: rows, channels */
static UnclipTensor *
build_add (Op *op, const int *d)
{
  UnclipTensor *a = add_input (op, "a", 1, 1, d[0], d[1]);

  return unclip_op_add (op->graph, a, add_input (op, "b", 1, 1, d[0], d[1]));
}

/* d: rows, channels of a, channels of b */
static UnclipTensor *
build_copy_concat (Op *op, const int *d)
{
  UnclipTensor *a = add_input (op, "a", 1, 1, d[0], d[1]);

  return unclip_op_copy_concat (op->graph, a, add_input (op, "b", 1, 1, d[0], d[2]));
}

/* d: n, side, channels */
static UnclipTensor *
build_avg_pool2 (Op *op, const int *d)
{
  return unclip_op_avg_pool2 (op->graph, add_input (op, "x", d[0], d[1], d[1], d[2]));
}

/* d: n, side, channels */
static UnclipTensor *
build_upsample2 (Op *op, const int *d)
{
  return unclip_op_upsample2 (op->graph, add_input (op, "x", d[0], d[1], d[1], d[2]));
}

static const OpCase cases[] = {
  { "linear, one row", build_linear, { 1, 2048, 8192, UNCLIP_ACTIVATION_NONE } },
  { "linear, prior", build_linear, { 162, 2048, 8192, UNCLIP_ACTIVATION_GELU } },
  { "linear, small model", build_linear, { 4096, 192, 576, UNCLIP_ACTIVATION_NONE } },
  { "conv 3×3, Karlo's first level", build_conv2d, { 1, 64, 320, 320, 1, FALSE } },
  { "conv 3×3, Karlo's last level", build_conv2d, { 2, 8, 1280, 1280, 1, FALSE } },
  { "conv 3×3, small model", build_conv2d, { 16, 32, 96, 96, 1, FALSE } },
  { "conv 3×3, stride 2", build_conv2d, { 16, 32, 96, 96, 2, FALSE } },
  { "conv 3×3, after upsampling", build_conv2d, { 16, 16, 96, 96, 1, TRUE } },
  { "attention, causal, prior", build_attention, { 2, 81, 2048, 32, 0, TRUE } },
  { "attention, added keys", build_attention, { 2, 1024, 640, 10, 81, FALSE } },
  { "attention, small model", build_attention, { 16, 256, 192, 6, 36, FALSE } },
  { "group norm, silu", build_group_norm, { 16, 32, 96, 32 } },
  { "layer norm", build_layer_norm, { 162, 2048 } },
  { "silu", build_silu, { 16384, 96 } },
  { "add", build_add, { 16384, 96 } },
  { "copy concat", build_copy_concat, { 16384, 96, 96 } },
  { "average pool", build_avg_pool2, { 16, 32, 96 } },
  { "nearest ×2", build_upsample2, { 16, 16, 96 } },
};

static gboolean
run_case (Bench *bench, UnclipExecutor *executor, const OpCase *op_case, GError **error)
{
  Op                        op = { .graph = unclip_graph_new (op_case->name) };
  g_autoptr (GPtrArray)     weights = g_ptr_array_new_with_free_func (weight_free);
  g_autoptr (UnclipProgram) program = NULL;

  op.weights = weights;
  unclip_graph_output (op.graph, "y", op_case->build (&op, op_case->d));
  program = unclip_executor_compile (executor, op.graph, error);
  if (program == NULL)
    return FALSE;
  for (guint i = 0; i < op.n_inputs; i++)
    if (!bench_write_normals (program, op.inputs[i], op.sizes[i], error))
      return FALSE;
  return bench_program (bench, op_case->name, program, error);
}

gboolean
bench_ops (Bench *bench, UnclipExecutor *executor, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean ok = run_case (bench, executor, &cases[i], error);

      /* Weights are known by their address, which the next case may get again. */
      unclip_executor_forget_weights (executor);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}
