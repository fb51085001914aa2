/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights by name and shape, and the layers made of them. */

#include "config.h"

#include "unclip-layers.h"

#include "unclip-error.h"

#include <stdarg.h>

static const UnclipArray *
loader_fetch (UnclipLoader *loader,
              const char   *name,
              const gint64 *dims,
              guint         n_dims)
{
  if (loader->error != NULL)
    return NULL;
  return unclip_weights_require (loader->weights, name, n_dims, dims, &loader->error);
}

const UnclipArray *
unclip_loader_array (UnclipLoader *loader,
                     const gint64 *dims,
                     guint         n_dims,
                     const char   *format,
                     ...)
{
  g_autofree char *name = NULL;
  va_list args;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  return loader_fetch (loader, name, dims, n_dims);
}

static UnclipLayer
loader_layer (UnclipLoader *loader,
              const gint64 *dims,
              guint         n_dims,
              const char   *path)
{
  g_autofree char *weight = g_strconcat (path, ".weight", NULL);
  g_autofree char *bias = g_strconcat (path, ".bias", NULL);

  return (UnclipLayer){
    .weight = loader_fetch (loader, weight, dims, n_dims),
    .bias = loader_fetch (loader, bias, dims, 1),
  };
}

UnclipLayer
unclip_loader_linear (UnclipLoader *loader,
                      int           n_out,
                      int           n_in,
                      const char   *format,
                      ...)
{
  g_autofree char *path = NULL;
  va_list args;

  va_start (args, format);
  path = g_strdup_vprintf (format, args);
  va_end (args);
  return loader_layer (loader, (gint64[]){ n_out, n_in }, 2, path);
}

UnclipLayer
unclip_loader_conv (UnclipLoader *loader,
                    int           n_out,
                    int           n_in,
                    int           size,
                    const char   *format,
                    ...)
{
  g_autofree char *path = NULL;
  va_list args;

  va_start (args, format);
  path = g_strdup_vprintf (format, args);
  va_end (args);
  return loader_layer (loader, (gint64[]){ n_out, n_in, size, size }, 4, path);
}

UnclipLayer
unclip_loader_norm (UnclipLoader *loader,
                    int           n,
                    const char   *format,
                    ...)
{
  g_autofree char *path = NULL;
  va_list args;

  va_start (args, format);
  path = g_strdup_vprintf (format, args);
  va_end (args);
  return loader_layer (loader, (gint64[]){ n }, 1, path);
}

/* A copy of (rows, columns) with zeros after each @piece rows or columns, up to @padded of them. */
static const UnclipArray *
copy_padded (UnclipLoader      *loader,
             const UnclipArray *array,
             gboolean           pad_rows,
             int                piece,
             int                padded)
{
  gint64 n_rows = array->dims[0];
  gint64 n_columns = array->n_dims > 1 ? array->dims[1] : 1;
  gint64 new_rows = pad_rows ? n_rows / piece * padded : n_rows;
  gint64 new_columns = pad_rows ? n_columns : n_columns / piece * padded;
  gsize n_bytes = (gsize) (new_rows * new_columns) * sizeof (float);
  UnclipArray *copy = g_malloc0 (sizeof *copy + n_bytes);
  float *values = (float *) (copy + 1);

  *copy = *array;
  copy->dtype = UNCLIP_DTYPE_F32;
  copy->dims[0] = new_rows;
  if (array->n_dims > 1)
    copy->dims[1] = new_columns;
  copy->data = values;
  copy->n_bytes = n_bytes;
  for (gint64 row = 0; row < n_rows; row++)
    {
      gint64 to = pad_rows ? row / piece * padded + row % piece : row;

      for (gint64 column = 0; column < n_columns; column += pad_rows ? n_columns : piece)
        unclip_array_copy_f32 (array, row * n_columns + column, pad_rows ? n_columns : piece,
                               values + to * new_columns + (pad_rows ? 0 : column / piece * padded));
    }
  if (loader->copies == NULL)
    loader->copies = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (loader->copies, copy);
  return copy;
}

int
unclip_loader_fit_heads (UnclipLoader       *loader,
                         const char         *what,
                         int                 n_heads,
                         int                 head_dim,
                         UnclipLayer *const *outputs,
                         guint               n_outputs,
                         UnclipLayer        *input)
{
  int padded = (head_dim + 3) / 4 * 4;

  if (loader->error != NULL)
    return head_dim;
  if (n_heads < 1 || head_dim < 1 || head_dim > 256)
    {
      g_set_error (&loader->error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "The %s has %d attention heads of size %d; Fugue handles sizes up to 256", what, n_heads, head_dim);
      return head_dim;
    }
  if (padded == head_dim)
    return head_dim;

  for (guint i = 0; i < n_outputs; i++)
    {
      outputs[i]->weight = copy_padded (loader, outputs[i]->weight, TRUE, head_dim, padded);
      if (outputs[i]->bias != NULL)
        outputs[i]->bias = copy_padded (loader, outputs[i]->bias, TRUE, head_dim, padded);
    }
  input->weight = copy_padded (loader, input->weight, FALSE, head_dim, padded);
  return padded;
}

gboolean
unclip_loader_finish (UnclipLoader *loader,
                      GPtrArray   **copies,
                      GError      **error)
{
  g_assert (copies != NULL || loader->copies == NULL);
  if (copies != NULL)
    *copies = g_steal_pointer (&loader->copies);
  if (loader->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&loader->error));
  return FALSE;
}

static UnclipTensor *
weight_or_null (UnclipGraph       *graph,
                const UnclipArray *array)
{
  return array != NULL ? unclip_graph_weight (graph, array) : NULL;
}

UnclipTensor *
unclip_layer_linear (UnclipGraph       *graph,
                     const UnclipLayer *layer,
                     UnclipTensor      *x,
                     UnclipActivation   activation,
                     UnclipTensor      *residual)
{
  return unclip_op_linear (graph, x, unclip_graph_weight (graph, layer->weight),
                           weight_or_null (graph, layer->bias), activation, residual);
}

UnclipTensor *
unclip_layer_linear_stack (UnclipGraph              *graph,
                           const UnclipLayer *const *layers,
                           guint                     n_layers,
                           UnclipTensor             *x)
{
  g_autofree const UnclipArray **weights = g_new (const UnclipArray *, n_layers);
  g_autofree const UnclipArray **biases = g_new (const UnclipArray *, n_layers);
  g_autofree int *n_rows = g_new (int, n_layers);
  gboolean has_bias = FALSE;

  for (guint i = 0; i < n_layers; i++)
    {
      weights[i] = layers[i]->weight;
      biases[i] = layers[i]->bias;
      n_rows[i] = (int) layers[i]->weight->dims[0];
      has_bias |= biases[i] != NULL;
    }
  return unclip_op_linear (graph, x, unclip_graph_weight_stack (graph, weights, n_rows, n_layers),
                           has_bias ? unclip_graph_weight_stack (graph, biases, n_rows, n_layers) : NULL,
                           UNCLIP_ACTIVATION_NONE, NULL);
}

UnclipTensor *
unclip_layer_layer_norm (UnclipGraph       *graph,
                         const UnclipLayer *layer,
                         UnclipTensor      *x,
                         float              eps)
{
  return unclip_op_layer_norm (graph, x, unclip_graph_weight (graph, layer->weight),
                               unclip_graph_weight (graph, layer->bias), eps);
}

UnclipTensor *
unclip_layer_group_norm (UnclipGraph       *graph,
                         const UnclipLayer *layer,
                         UnclipTensor      *x,
                         int                n_groups,
                         float              eps,
                         UnclipTensor      *scale_shift,
                         gboolean           silu)
{
  return unclip_op_group_norm (graph, x,
                               &(UnclipGroupNormParams){
                                 .gamma = unclip_graph_weight (graph, layer->weight),
                                 .beta = unclip_graph_weight (graph, layer->bias),
                                 .n_groups = n_groups,
                                 .eps = eps,
                                 .scale_shift = scale_shift,
                                 .silu = silu,
                               });
}

UnclipTensor *
unclip_layer_conv (UnclipGraph            *graph,
                   const UnclipLayer      *layer,
                   UnclipTensor           *x,
                   const UnclipConvParams *params)
{
  UnclipConvParams full = params != NULL ? *params : (UnclipConvParams){ 0 };

  full.weight = unclip_graph_weight (graph, layer->weight);
  full.bias = weight_or_null (graph, layer->bias);
  full.stride = MAX (full.stride, 1);
  return unclip_op_conv2d (graph, x, &full);
}

UnclipTensor *
unclip_net_vector_input (UnclipGraph *graph,
                         const char  *name,
                         int          n,
                         int          c)
{
  return unclip_graph_input (graph, name, (UnclipShape){ n, 1, 1, c }, UNCLIP_DTYPE_F32);
}

UnclipTensor *
unclip_net_tokens_input (UnclipGraph *graph,
                         const char  *name,
                         int          n,
                         int          s,
                         int          d)
{
  return unclip_graph_input (graph, name, (UnclipShape){ n, 1, s, d }, UNCLIP_DTYPE_F32);
}
