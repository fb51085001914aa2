/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Graphs and symbolic tensors: bookkeeping only. Shapes of operations are checked by their builders (engine/ops). */

#include "config.h"

#include "unclip-graph.h"

#include "unclip-node.h"

#include <string.h>

static void
tensor_free (UnclipTensor *x)
{
  g_free (x->name);
  g_free (x->arrays);
  g_free (x->n_array_rows);
  g_free (x);
}

static void
node_free (UnclipNode *node)
{
  g_free (node->params);
  g_free (node);
}

UnclipGraph *
unclip_graph_new (const char *name)
{
  UnclipGraph *graph = g_new0 (UnclipGraph, 1);

  graph->name = g_strdup (name);
  graph->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tensor_free);
  graph->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  graph->inputs = g_ptr_array_new ();
  graph->outputs = g_ptr_array_new ();
  return graph;
}

void
unclip_graph_free (UnclipGraph *graph)
{
  if (graph == NULL)
    return;
  g_ptr_array_unref (graph->inputs);
  g_ptr_array_unref (graph->outputs);
  g_ptr_array_unref (graph->nodes);
  g_ptr_array_unref (graph->tensors);
  g_free (graph->name);
  g_free (graph);
}

const char *
unclip_graph_get_name (UnclipGraph *graph)
{
  return graph->name;
}

static UnclipTensor *
add_tensor (UnclipGraph *graph, UnclipTensorKind kind, UnclipShape shape, UnclipDType dtype)
{
  UnclipTensor *x = g_new0 (UnclipTensor, 1);

  g_assert (shape.n > 0 && shape.h > 0 && shape.w > 0 && shape.c > 0);
  x->graph = graph;
  x->id = graph->tensors->len;
  x->kind = kind;
  x->shape = shape;
  x->dtype = dtype;
  g_ptr_array_add (graph->tensors, x);
  return x;
}

static UnclipTensor *
find_named (GPtrArray *tensors, const char *name)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      UnclipTensor *x = g_ptr_array_index (tensors, i);

      if (g_str_equal (x->name, name))
        return x;
    }
  return NULL;
}

UnclipTensor *
unclip_graph_input (UnclipGraph *graph, const char *name, UnclipShape shape, UnclipDType dtype)
{
  UnclipTensor *x;

  g_assert (dtype == UNCLIP_DTYPE_F32 || (dtype == UNCLIP_DTYPE_I32 && shape.c == 1));
  g_assert (find_named (graph->inputs, name) == NULL);

  x = add_tensor (graph, UNCLIP_TENSOR_INPUT, shape, dtype);
  x->keep_f32 = TRUE;
  x->name = g_strdup (name);
  g_ptr_array_add (graph->inputs, x);
  return x;
}

UnclipTensor *
unclip_graph_weight (UnclipGraph *graph, const UnclipArray *array)
{
  int n_rows = array->n_dims > 0 ? (int) array->dims[0] : 1;

  return unclip_graph_weight_stack (graph, &array, &n_rows, 1);
}

/* What the weight is as an operand of arithmetic: its last dimension as channels, all others as rows. */
static UnclipShape
get_operand_shape (const gint64 *dims, guint n_dims)
{
  gint64 rows = 1;

  for (guint i = 0; i + 1 < n_dims; i++)
    rows *= dims[i];
  return (UnclipShape){ 1, 1, (int) rows, n_dims > 0 ? (int) dims[n_dims - 1] : 1 };
}

UnclipTensor *
unclip_graph_weight_stack (UnclipGraph              *graph,
                           const UnclipArray *const *arrays,
                           const int                *n_rows,
                           guint                     n_arrays)
{
  const UnclipArray *model = NULL;
  gint64             dims[UNCLIP_ARRAY_MAX_DIMS] = { 0 };
  UnclipTensor      *x;

  for (guint i = 0; i < n_arrays && model == NULL; i++)
    model = arrays[i];
  g_assert (model != NULL);

  memcpy (dims, model->dims, sizeof dims);
  dims[0] = 0;
  for (guint i = 0; i < n_arrays; i++)
    dims[0] += n_rows[i];

  x = add_tensor (graph, UNCLIP_TENSOR_WEIGHT, get_operand_shape (dims, MAX (model->n_dims, 1)), UNCLIP_DTYPE_F32);
  x->n_dims = MAX (model->n_dims, 1);
  memcpy (x->dims, dims, sizeof dims);
  x->n_arrays = n_arrays;
  x->arrays = g_new0 (UnclipArray, n_arrays);
  x->n_array_rows = g_new (gint64, n_arrays);
  for (guint i = 0; i < n_arrays; i++)
    {
      x->n_array_rows[i] = n_rows[i];
      if (arrays[i] == NULL)
        continue;
      g_assert (arrays[i]->n_dims == model->n_dims);
      g_assert (arrays[i]->n_dims == 0 || arrays[i]->dims[0] == n_rows[i]);
      for (guint d = 1; d < model->n_dims; d++)
        g_assert (arrays[i]->dims[d] == model->dims[d]);
      x->arrays[i] = *arrays[i];
    }
  return x;
}

UnclipTensor *
unclip_graph_slice_channels (UnclipGraph *graph, UnclipTensor *x, int first, int n)
{
  UnclipTensor *slice;
  UnclipShape   shape = x->shape;

  g_assert (x->kind != UNCLIP_TENSOR_CONCAT && x->kind != UNCLIP_TENSOR_WEIGHT);
  g_assert (first >= 0 && n > 0 && first + n <= shape.c);
  g_assert (first % 4 == 0 && (n % 4 == 0 || first + n == shape.c));

  shape.c = n;
  slice = add_tensor (graph, UNCLIP_TENSOR_SLICE, shape, x->dtype);
  slice->parent = x;
  slice->first_channel = first;
  return slice;
}

UnclipTensor *
unclip_graph_concat_channels (UnclipGraph *graph, UnclipTensor *a, UnclipTensor *b)
{
  UnclipTensor *x;
  UnclipShape   shape = a->shape;

  g_assert (a->kind != UNCLIP_TENSOR_CONCAT && b->kind != UNCLIP_TENSOR_CONCAT);
  g_assert (a->shape.n == b->shape.n && a->shape.h == b->shape.h && a->shape.w == b->shape.w);

  shape.c += b->shape.c;
  x = add_tensor (graph, UNCLIP_TENSOR_CONCAT, shape, UNCLIP_DTYPE_F32);
  x->parts[0] = a;
  x->parts[1] = b;
  return x;
}

UnclipTensor *
unclip_graph_reshape (UnclipGraph *graph, UnclipTensor *x, UnclipShape shape)
{
  UnclipTensor *reshaped;

  g_assert (x->kind != UNCLIP_TENSOR_CONCAT && x->kind != UNCLIP_TENSOR_WEIGHT);
  g_assert (shape.c == x->shape.c);
  g_assert (unclip_shape_get_n_rows (shape) == unclip_shape_get_n_rows (x->shape));

  reshaped = add_tensor (graph, UNCLIP_TENSOR_RESHAPE, shape, x->dtype);
  reshaped->parent = x;
  return reshaped;
}

void
unclip_graph_output (UnclipGraph *graph, const char *name, UnclipTensor *x)
{
  int           first_channel;
  UnclipTensor *root = unclip_tensor_resolve (x, &first_channel);

  g_assert (root->kind == UNCLIP_TENSOR_ACTIVATION);
  g_assert (first_channel == 0 && root->shape.c == x->shape.c);
  g_assert (find_named (graph->outputs, name) == NULL);

  /* One storage may be read under several names: each gets a tensor of its own. */
  x = unclip_graph_reshape (graph, root, x->shape);
  x->name = g_strdup (name);
  root->keep_f32 = TRUE;
  g_ptr_array_add (graph->outputs, x);
}

UnclipTensor *
unclip_graph_get_input (UnclipGraph *graph, const char *name)
{
  UnclipTensor *x = find_named (graph->inputs, name);

  g_assert (x != NULL);
  return x;
}

UnclipTensor *
unclip_graph_get_output (UnclipGraph *graph, const char *name)
{
  UnclipTensor *x = find_named (graph->outputs, name);

  g_assert (x != NULL);
  return x;
}

void
unclip_graph_set_probes (UnclipGraph *graph, gboolean probes)
{
  graph->probes = probes;
}

void
unclip_graph_probe (UnclipGraph *graph, UnclipTensor *x, const char *format, ...)
{
  g_autofree char *name = NULL;
  va_list          args;

  if (!graph->probes)
    return;
  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  unclip_graph_output (graph, name, x);
}

UnclipShape
unclip_tensor_get_shape (UnclipTensor *x)
{
  return x->shape;
}

UnclipNode *
unclip_graph_add_node (UnclipGraph         *graph,
                       const UnclipOp      *op,
                       UnclipTensor *const *inputs,
                       guint                n_inputs,
                       gconstpointer        params,
                       gsize                params_size,
                       UnclipShape          shape)
{
  UnclipNode *node = g_new0 (UnclipNode, 1);

  g_assert (n_inputs <= UNCLIP_NODE_MAX_INPUTS);
  node->op = op;
  node->index = graph->nodes->len;
  node->n_inputs = n_inputs;
  for (guint i = 0; i < n_inputs; i++)
    {
      g_assert (inputs[i] == NULL || inputs[i]->graph == graph);
      node->inputs[i] = inputs[i];
    }
  node->params = g_memdup2 (params, params_size);
  node->output = add_tensor (graph, UNCLIP_TENSOR_ACTIVATION, shape, UNCLIP_DTYPE_F32);
  node->output->producer = node;
  g_ptr_array_add (graph->nodes, node);
  return node;
}

UnclipTensor *
unclip_tensor_resolve (UnclipTensor *x, int *first_channel)
{
  *first_channel = 0;
  while (x->kind == UNCLIP_TENSOR_SLICE || x->kind == UNCLIP_TENSOR_RESHAPE)
    {
      *first_channel += x->first_channel;
      x = x->parent;
    }
  return x;
}

int
unclip_tensor_get_stride4 (UnclipTensor *x)
{
  int first_channel;

  return unclip_div_up (unclip_tensor_resolve (x, &first_channel)->shape.c, 4);
}

gint64
unclip_tensor_get_weight_row_length (UnclipTensor *weight)
{
  gint64 n = 1;

  g_assert (weight->kind == UNCLIP_TENSOR_WEIGHT);
  for (guint i = 1; i < weight->n_dims; i++)
    n *= weight->dims[i];
  return n;
}

void
unclip_tensor_copy_weight_row (UnclipTensor *weight, gint64 row, float *out)
{
  gint64 n = unclip_tensor_get_weight_row_length (weight);

  for (guint i = 0; i < weight->n_arrays; i++)
    {
      if (row < weight->n_array_rows[i])
        {
          if (weight->arrays[i].data != NULL)
            unclip_array_copy_f32 (&weight->arrays[i], row * n, n, out);
          else
            memset (out, 0, (gsize) n * sizeof *out);
          return;
        }
      row -= weight->n_array_rows[i];
    }
  g_assert_not_reached ();
}
