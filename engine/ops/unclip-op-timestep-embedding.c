/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sines and cosines of t times a ladder of frequencies. The frequencies are made here, rounded step by step as the
 * reference rounds them: at t = 999 one unit in the last place of a frequency moves the result by 6e-5. */

#include "config.h"

#include "unclip-op-timestep-embedding.h"

#include "unclip-op-flat.h"

#include <math.h>

/* Mirrors the push block of shaders/timestep-embedding.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  guint32       half_dim;
  guint32       cos_first;
  gint32        t_stride4;
  gint32        t_offset4;
} Push;

G_STATIC_ASSERT (sizeof (Push) == 32);

float
unclip_op_timestep_frequency (const UnclipOpTimestepEmbeddingParams *params,
                              int                                    i)
{
  const float minus_ln_10000 = -9.210340371976184f;
  float       numerator = minus_ln_10000 * (float) i;
  float       exponent = numerator / ((float) (params->dim / 2) - params->freq_shift);

  return (float) exp ((double) exponent);
}

static void
pack_frequencies (gconstpointer user_data,
                  gint64        first,
                  gint64        n,
                  float        *out)
{
  const UnclipOpTimestepEmbeddingParams *params = user_data;

  for (gint64 i = 0; i < n; i++)
    out[i] = first + i < params->dim / 2 ? unclip_op_timestep_frequency (params, (int) (first + i)) : 0;
}

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  const UnclipOpTimestepEmbeddingParams *params = node->params;
  g_autofree char *layout = g_strdup_printf ("timestep frequencies %d %.9g", params->dim, params->freq_shift);
  UnclipOperand    t = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipGpuBinding frequencies = unclip_recorder_constant (recorder, &(UnclipConstantParams){
                                                                       .layout = layout,
                                                                       .n_values = unclip_div_up (params->dim / 2, 4) * 4,
                                                                       .granule = 4,
                                                                       .pack = pack_frequencies,
                                                                       .user_data = params,
                                                                       .keep_f32 = TRUE,
                                                                     });
  UnclipOperand    y = unclip_recorder_write (recorder, node->output);
  Push             push = {
                .n_texels = unclip_op_count_texels (node->output->shape),
                .c4 = unclip_divisor (y.stride4),
                .half_dim = (guint32) params->dim / 2,
                .cos_first = params->flip_sin_to_cos,
                .t_stride4 = t.stride4,
                .t_offset4 = t.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = "timestep_embedding_f32",
                                    .bindings = { t.binding, frequencies, y.binding },
                                    .n_bindings = 3,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
}

static const UnclipOp op_timestep_embedding = {
  .name = "timestep-embedding",
  .record = record,
};

UnclipTensor *
unclip_op_timestep_embedding (UnclipGraph  *graph,
                              UnclipTensor *t,
                              int           dim,
                              gboolean      flip_sin_to_cos,
                              float         freq_shift)
{
  UnclipOpTimestepEmbeddingParams params = { dim, flip_sin_to_cos, freq_shift };
  UnclipTensor                   *y;

  g_assert (unclip_shape_equal (t->shape, (UnclipShape){ t->shape.n, 1, 1, 1 }));
  g_assert (dim >= 2 && dim % 2 == 0 && freq_shift < (float) (dim / 2));
  y = unclip_op_add_node (graph, &op_timestep_embedding, &t, 1, &params, sizeof params,
                          (UnclipShape){ t->shape.n, 1, 1, dim });
  y->keep_f32 = TRUE;
  return y;
}
