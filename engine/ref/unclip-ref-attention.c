/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ops.h"
#include "unclip-ref.h"

#include <math.h>

/* The keys (or values) of one item and head: @extra's rows first, then @own's. */
typedef struct
{
  const UnclipRefTensor *extra;
  const UnclipRefTensor *own;
  int                    n;
  int                    first_channel;
} Rows;

static int
count_rows (const UnclipRefTensor *x)
{
  return x != NULL ? x->shape.h * x->shape.w : 0;
}

static const float *
get_row (const Rows *rows,
         int         j)
{
  int                    n_extra = count_rows (rows->extra);
  const UnclipRefTensor *x = j < n_extra ? rows->extra : rows->own;

  if (j >= n_extra)
    j -= n_extra;
  return x->f + ((gsize) rows->n * (gsize) count_rows (x) + (gsize) j) * (gsize) x->shape.c + rows->first_channel;
}

/* One query of one head: scores, softmax, weighted sum. */
static void
attend (const UnclipAttentionParams *params,
        const float                 *q,
        const Rows                  *keys,
        const Rows                  *values,
        const float                 *key_bias,
        int                          n_seen,
        int                          width,
        float                       *y)
{
  g_autofree double *p = g_new (double, n_seen);
  g_autofree double *sum = g_new0 (double, width);
  double             most = -INFINITY, total = 0;

  for (int j = 0; j < n_seen; j++)
    {
      const float *k = get_row (keys, j);
      double       dot = 0;

      for (int d = 0; d < width; d++)
        dot += (double) q[d] * k[d];
      p[j] = dot * params->scale + (key_bias != NULL ? key_bias[j] : 0);
      most = MAX (most, p[j]);
    }
  for (int j = 0; j < n_seen; j++)
    {
      const float *v = get_row (values, j);

      p[j] = exp (p[j] - most);
      total += p[j];
      for (int d = 0; d < width; d++)
        sum[d] += p[j] * v[d];
    }
  for (int d = 0; d < width; d++)
    y[d] = (float) (sum[d] / total);
}

void
unclip_ref_attention_node (const UnclipNode             *node,
                           const UnclipRefTensor *const *inputs,
                           UnclipRefTensor              *output)
{
  const UnclipAttentionParams *params = node->params;
  int                          n_queries = count_rows (inputs[0]);
  int                          n_keys = count_rows (inputs[1]) + count_rows (inputs[4]);
  int                          c = output->shape.c, width = c / params->n_heads;

  for (int n = 0; n < output->shape.n; n++)
    for (int head = 0; head < params->n_heads; head++)
      {
        Rows         keys = { inputs[4], inputs[1], n, head * width };
        Rows         values = { inputs[5], inputs[2], n, head * width };
        const float *key_bias = inputs[3] != NULL ? inputs[3]->f + n * n_keys : NULL;

        for (int i = 0; i < n_queries; i++)
          {
            gsize at = ((gsize) n * (gsize) n_queries + (gsize) i) * (gsize) c + (gsize) (head * width);

            attend (params, inputs[0]->f + at, &keys, &values, key_bias,
                    params->causal ? i + 1 + n_keys - n_queries : n_keys, width, output->f + at);
          }
      }
}
