/* SPDX-License-Identifier: GPL-3.0-or-later */

/* y = activation (x · wᵀ + b) + residual over the rows of the whole batch. */

#include "config.h"

#include "unclip-op-linear.h"

#include "unclip-op-product.h"

#include <string.h>

/* A patch weight of dims (O, I, kh, kw) meets channels in the order (ky, kx, i). */
static void
arrange (const UnclipPanels *panels, const float *source, float *target)
{
  const UnclipTensor *weight = panels->weight;
  gint64              n_channels = weight->dims[1];
  gint64              n_taps = weight->n_dims == 4 ? weight->dims[2] * weight->dims[3] : 1;

  for (gint64 i = 0; i < n_channels; i++)
    for (gint64 tap = 0; tap < n_taps; tap++)
      target[tap * n_channels + i] = source[i * n_taps + tap];
}

static guint64
count_flop (const UnclipNode *node)
{
  return 2 * (guint64) unclip_shape_get_n_values (node->output->shape) * (guint64) node->inputs[0]->shape.c;
}

static void
record (const UnclipNode *node, UnclipRecorder *recorder)
{
  const UnclipOpLinearParams *params = node->params;
  UnclipTensor               *x = node->inputs[0];
  gboolean                    is_concat = x->kind == UNCLIP_TENSOR_CONCAT;
  UnclipTensor               *first = is_concat ? x->parts[0] : x;
  UnclipPanels                panels = {
                   .weight = node->inputs[1],
                   .arrange = arrange,
                   .name = "linear",
                   .n_columns = node->output->shape.c,
                   .k4 = unclip_div_up (x->shape.c, 4),
                   .n_blocks = 1,
  };
  UnclipProduct product = {
    .kind = UNCLIP_PRODUCT_LINEAR,
    .panels = &panels,
    .n_rows = unclip_shape_get_n_rows (node->output->shape),
    .x = unclip_recorder_read (recorder, first),
    .x_c4 = unclip_div_up (first->shape.c, 4),
    .x2 = is_concat ? x->parts[1] : NULL,
    .bias = node->inputs[2],
    .residual = node->inputs[3],
    .activation = params->activation,
    .y = unclip_recorder_write (recorder, node->output),
  };

  unclip_panels_init (&panels, recorder);
  product.weight = unclip_panels_pack (&panels, recorder, FALSE);
  unclip_product_record (&product, recorder);
}

static const UnclipOp op_linear = {
  .name = "linear",
  .reads_concat = TRUE,
  .count_flop = count_flop,
  .record = record,
};

UnclipTensor *
unclip_op_linear (UnclipGraph      *graph,
                  UnclipTensor     *x,
                  UnclipTensor     *weight,
                  UnclipTensor     *bias,
                  UnclipActivation  activation,
                  UnclipTensor     *residual)
{
  const UnclipOpLinearParams params = { activation };
  UnclipShape                shape = x->shape;

  g_assert (weight->kind == UNCLIP_TENSOR_WEIGHT && (weight->n_dims == 2 || weight->n_dims == 4));
  g_assert (unclip_tensor_get_weight_row_length (weight) == x->shape.c);
  shape.c = (int) weight->dims[0];
  g_assert (bias == NULL || (bias->kind == UNCLIP_TENSOR_WEIGHT && bias->n_dims == 1 && bias->dims[0] == shape.c));
  g_assert (residual == NULL || unclip_shape_equal (residual->shape, shape));

  return unclip_op_add_node (graph, &op_linear, (UnclipTensor *[]){ x, weight, bias, residual }, 4, &params, sizeof params,
                             shape);
}
