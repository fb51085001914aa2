/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Group norm, in four steps: statistics of every channel over chunks of rows, chunks merged, groups turned into one
 * scale and shift a channel, and these applied. Lanes run along channels throughout, so groups need not fill texels and
 * no lane waits for another. Inputs: x, gamma, beta, scale_shift (nullable); the parameters are the public ones.
 *
 * How rows are cut into chunks depends on H·W alone, so an item's bytes do not depend on its batch.
 */

#include "config.h"

#include "unclip-op-flat.h"

#define MIN_CHUNK_ROWS 64
#define MAX_CHUNKS 256
#define BLOCK_ROWS 16           /* of the last step: enough to pay for fetching the coefficients */

/* Mirrors the push block of shaders/group-norm-chunks.comp. */
typedef struct
{
  guint32       n_items;
  UnclipDivisor c4;
  UnclipDivisor chunks;
  guint32       rows;
  guint32       chunk_rows;
  gint32        first_c4;
  gint32        x_stride4;
  gint32        x_offset4;
  gint32        second_stride4;
  gint32        second_offset4;
} ChunksPush;

/* Mirrors the push block of shaders/group-norm-merge.comp. */
typedef struct
{
  guint32       n_items;
  UnclipDivisor c4;
  guint32       chunks;
  guint32       rows;
  guint32       chunk_rows;
} MergePush;

/* Mirrors the push block of shaders/group-norm-scale.comp. */
typedef struct
{
  guint32       n_items;
  UnclipDivisor c4;
  guint32       channels;
  UnclipDivisor group;
  guint32       rows;
  float         eps;
  gint32        scale_stride4;
  gint32        scale_offset4;
} ScalePush;

/* Mirrors the push block of shaders/group-norm-apply.comp. */
typedef struct
{
  guint32       n_items;
  UnclipDivisor c4;
  UnclipDivisor blocks;
  guint32       rows;
  guint32       block_rows;
  gint32        first_c4;
  gint32        x_stride4;
  gint32        x_offset4;
  gint32        second_stride4;
  gint32        second_offset4;
} ApplyPush;

G_STATIC_ASSERT (sizeof (ChunksPush) == 56);
G_STATIC_ASSERT (sizeof (MergePush) == 28);
G_STATIC_ASSERT (sizeof (ScalePush) == 48);
G_STATIC_ASSERT (sizeof (ApplyPush) == 56);

/* Sizes of one use, and where the steps leave their results in the scratch. */
typedef struct
{
  int   n;
  int   rows;
  int   c;
  int   c4;
  int   chunk_rows;
  int   chunks;
  gsize chunk_bytes;
  gsize merged_bytes;
  gsize coefficient_bytes;
} Layout;

/* Input 0, as one tensor or two. */
typedef struct
{
  UnclipOperand first;
  UnclipOperand second;
  gboolean      has_second;
  int           first_c4;
} Source;

static gsize
align256 (gsize n)
{
  return (n + 255) & ~(gsize) 255;
}

static Layout
get_layout (const UnclipNode *node)
{
  UnclipShape shape = node->output->shape;
  Layout      layout = { .n = shape.n, .rows = shape.h * shape.w, .c = shape.c, .c4 = unclip_div_up (shape.c, 4) };
  gsize       n_texels = (gsize) layout.n * (gsize) layout.c4;

  layout.chunk_rows = MAX (MIN_CHUNK_ROWS, unclip_div_up (layout.rows, MAX_CHUNKS));
  layout.chunks = unclip_div_up (layout.rows, layout.chunk_rows);
  layout.chunk_bytes = align256 (n_texels * (gsize) layout.chunks * 32);
  layout.merged_bytes = layout.chunks > 1 ? align256 (n_texels * 32) : 0;
  layout.coefficient_bytes = align256 (n_texels * 48);
  return layout;
}

static gsize
count_scratch (const UnclipNode *node,
               UnclipRecorder   *recorder)
{
  Layout layout = get_layout (node);

  return layout.chunk_bytes + layout.merged_bytes + layout.coefficient_bytes;
}

static Source
read_source (UnclipRecorder *recorder,
             UnclipTensor   *x)
{
  Source source = { .has_second = x->kind == UNCLIP_TENSOR_CONCAT };

  source.first = unclip_recorder_read (recorder, source.has_second ? x->parts[0] : x);
  source.second = unclip_recorder_read (recorder, source.has_second ? x->parts[1] : NULL);
  source.first_c4 = unclip_div_up (source.has_second ? x->parts[0]->shape.c : x->shape.c, 4);
  return source;
}

static void
record_chunks (UnclipRecorder *recorder,
               const Layout   *layout,
               const Source   *source)
{
  ChunksPush push = {
    .n_items = (guint32) layout->n * (guint32) layout->chunks * (guint32) layout->c4,
    .c4 = unclip_divisor (layout->c4),
    .chunks = unclip_divisor (layout->chunks),
    .rows = (guint32) layout->rows,
    .chunk_rows = (guint32) layout->chunk_rows,
    .first_c4 = source->first_c4,
    .x_stride4 = source->first.stride4,
    .x_offset4 = source->first.offset4,
    .second_stride4 = source->second.stride4,
    .second_offset4 = source->second.offset4,
  };
  UnclipGpuBinding out = unclip_recorder_scratch (recorder, 0, layout->chunk_bytes, UNCLIP_GPU_TEXEL_NONE,
                                                  UNCLIP_GPU_WRITE);

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = "group_norm_chunks_f32",
                                    .bindings = { source->first.binding, source->second.binding, out },
                                    .n_bindings = 3,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .spec = { source->has_second },
                                    .n_spec = 1,
                                    .n_items = push.n_items,
                                  });
}

static void
record_merge (UnclipRecorder *recorder,
              const Layout   *layout)
{
  MergePush push = {
    .n_items = (guint32) layout->n * (guint32) layout->c4,
    .c4 = unclip_divisor (layout->c4),
    .chunks = (guint32) layout->chunks,
    .rows = (guint32) layout->rows,
    .chunk_rows = (guint32) layout->chunk_rows,
  };
  UnclipGpuBinding in = unclip_recorder_scratch (recorder, 0, layout->chunk_bytes, UNCLIP_GPU_TEXEL_RGBA32F,
                                                 UNCLIP_GPU_READ);
  UnclipGpuBinding out = unclip_recorder_scratch (recorder, layout->chunk_bytes, layout->merged_bytes,
                                                  UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE);

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = "group_norm_merge_f32",
                                    .bindings = { in, out },
                                    .n_bindings = 2,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_items,
                                  });
}

static void
record_scale (const UnclipNode *node,
              UnclipRecorder   *recorder,
              const Layout     *layout)
{
  const UnclipGroupNormParams *params = node->params;
  UnclipOperand                scale_shift = unclip_recorder_read (recorder, node->inputs[3]);
  gboolean                     merged = layout->chunks > 1;
  UnclipGpuBinding             stats = unclip_recorder_scratch (recorder, merged ? layout->chunk_bytes : 0,
                                                                merged ? layout->merged_bytes : layout->chunk_bytes,
                                                                UNCLIP_GPU_TEXEL_RGBA32F, UNCLIP_GPU_READ);
  UnclipGpuBinding             out = unclip_recorder_scratch (recorder, layout->chunk_bytes + layout->merged_bytes,
                                                              layout->coefficient_bytes, UNCLIP_GPU_TEXEL_NONE,
                                                              UNCLIP_GPU_WRITE);
  ScalePush                    push = {
                       .n_items = (guint32) layout->n * (guint32) layout->c4,
                       .c4 = unclip_divisor (layout->c4),
                       .channels = (guint32) layout->c,
                       .group = unclip_divisor (layout->c / params->n_groups),
                       .rows = (guint32) layout->rows,
                       .eps = params->eps,
                       .scale_stride4 = scale_shift.stride4,
                       .scale_offset4 = scale_shift.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = "group_norm_scale_f32",
                                    .bindings = { stats,
                                                  unclip_recorder_vector (recorder, node->inputs[1], 4 * layout->c4),
                                                  unclip_recorder_vector (recorder, node->inputs[2], 4 * layout->c4),
                                                  scale_shift.binding, out },
                                    .n_bindings = 5,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .spec = { node->inputs[3] != NULL },
                                    .n_spec = 1,
                                    .n_items = push.n_items,
                                  });
}

static void
record_apply (const UnclipNode *node,
              UnclipRecorder   *recorder,
              const Layout     *layout,
              const Source     *source)
{
  const UnclipGroupNormParams *params = node->params;
  int                          blocks = unclip_div_up (layout->rows, BLOCK_ROWS);
  UnclipGpuBinding             coefficients = unclip_recorder_scratch (recorder,
                                                                       layout->chunk_bytes + layout->merged_bytes,
                                                                       layout->coefficient_bytes,
                                                                       UNCLIP_GPU_TEXEL_RGBA32F, UNCLIP_GPU_READ);
  UnclipOperand                y = unclip_recorder_write (recorder, node->output);
  ApplyPush                    push = {
                       .n_items = (guint32) layout->n * (guint32) blocks * (guint32) layout->c4,
                       .c4 = unclip_divisor (layout->c4),
                       .blocks = unclip_divisor (blocks),
                       .rows = (guint32) layout->rows,
                       .block_rows = BLOCK_ROWS,
                       .first_c4 = source->first_c4,
                       .x_stride4 = source->first.stride4,
                       .x_offset4 = source->first.offset4,
                       .second_stride4 = source->second.stride4,
                       .second_offset4 = source->second.offset4,
  };

  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = y.is_f16 ? "group_norm_apply_f16" : "group_norm_apply_f32",
                                    .bindings = { source->first.binding, source->second.binding, coefficients,
                                                  y.binding },
                                    .n_bindings = 4,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .spec = { source->has_second, params->silu },
                                    .n_spec = 2,
                                    .n_items = push.n_items,
                                  });
}

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  Layout layout = get_layout (node);
  Source source = read_source (recorder, node->inputs[0]);

  record_chunks (recorder, &layout, &source);
  if (layout.chunks > 1)
    record_merge (recorder, &layout);
  record_scale (node, recorder, &layout);
  record_apply (node, recorder, &layout, &source);
}

static const UnclipOp op_group_norm = {
  .name = "group-norm",
  .reads_concat = TRUE,
  .count_scratch = count_scratch,
  .record = record,
};

UnclipTensor *
unclip_op_group_norm (UnclipGraph                 *graph,
                      UnclipTensor                *x,
                      const UnclipGroupNormParams *params)
{
  UnclipTensor *inputs[] = { x, params->gamma, params->beta, params->scale_shift };

  g_assert (params->gamma->n_dims == 1 && params->gamma->shape.c == x->shape.c);
  g_assert (params->beta->n_dims == 1 && params->beta->shape.c == x->shape.c);
  g_assert (params->n_groups >= 1 && x->shape.c % params->n_groups == 0);
  if (params->scale_shift != NULL)
    g_assert (unclip_shape_equal (params->scale_shift->shape, (UnclipShape){ x->shape.n, 1, 1, 2 * x->shape.c }));
  return unclip_op_add_node (graph, &op_group_norm, inputs, G_N_ELEMENTS (inputs), params, sizeof *params, x->shape);
}
