/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention. Inputs: q, k, v, key_bias, extra_k, extra_v (the last three nullable); the parameters are the public ones.
 *
 * Software Vulkan: keys and biases are first packed into panels, extra keys in front, and extra values joined with the
 * others, in scratch; then one subgroup does a tile of queries in registers. Ordinary GPUs: one kernel reads everything
 * where it lies, by way of shared memory.
 *
 * Which kernel runs, and how keys are cut into panels, depends on the numbers of queries and keys and the head's width,
 * never on N.
 */

#include "config.h"

#include "unclip-op-flat.h"

#include <math.h>

enum
{
  INPUT_Q,
  INPUT_K,
  INPUT_V,
  INPUT_KEY_BIAS,
  INPUT_EXTRA_K,
  INPUT_EXTRA_V,
  N_INPUTS,
};

#define MAX_WIDTH 256

/* Of attention-shared.comp. */
#define SHARED_GROUP 128
#define SHARED_QUERIES 16
#define SHARED_CHUNK4 16

/* Mirrors the push block of shaders/attention-pack.comp. */
typedef struct
{
  guint32       n_items;
  UnclipDivisor padded4;
  UnclipDivisor panels;
  UnclipDivisor heads;
  guint32       width4;
  guint32       extra_keys;
  guint32       own_keys;
  gint32        k_stride4;
  gint32        k_offset4;
  gint32        extra_stride4;
  gint32        extra_offset4;
  gint32        bias_stride4;
  gint32        bias_offset4;
} PackPush;

/* Mirrors the push block of shaders/attention-join.comp. */
typedef struct
{
  guint32       n_texels;
  UnclipDivisor c4;
  UnclipDivisor keys;
  guint32       extra_keys;
  gint32        v_stride4;
  gint32        v_offset4;
  gint32        extra_stride4;
  gint32        extra_offset4;
} JoinPush;

/* Mirrors the push block of shaders/attention-register.comp. */
typedef struct
{
  gint32 queries;
  gint32 keys;
  gint32 panels;
  gint32 width4;
  gint32 padded4;
  gint32 causal;
  gint32 q_stride4;
  gint32 q_offset4;
  gint32 v_stride4;
  gint32 v_offset4;
  gint32 y_stride4;
  float  scale;
} RegisterPush;

/* Mirrors the push block of shaders/attention-shared.comp. */
typedef struct
{
  gint32 queries;
  gint32 extra_keys;
  gint32 own_keys;
  gint32 width4;
  gint32 q_stride4;
  gint32 q_offset4;
  gint32 k_stride4;
  gint32 k_offset4;
  gint32 v_stride4;
  gint32 v_offset4;
  gint32 extra_k_stride4;
  gint32 extra_k_offset4;
  gint32 extra_v_stride4;
  gint32 extra_v_offset4;
  gint32 bias_stride4;
  gint32 bias_offset4;
  gint32 y_stride4;
  float  scale;
} SharedPush;

G_STATIC_ASSERT (sizeof (PackPush) == 76);
G_STATIC_ASSERT (sizeof (JoinPush) == 48);
G_STATIC_ASSERT (sizeof (RegisterPush) == 48);
G_STATIC_ASSERT (sizeof (SharedPush) == 72);

/* Sizes of one use, and where the packed operands lie in the scratch of the register kernel. */
typedef struct
{
  int   n;
  int   heads;
  int   queries;
  int   own_keys;
  int   extra_keys;
  int   keys;
  int   width4;         /* texels of a head */
  int   lanes;
  int   padded4;
  int   panels;
  gsize keys_bytes;
  gsize bias_bytes;
  gsize values_bytes;   /* 0 unless there are extra ones */
} Layout;

/* Tiles of the register kernel, as listed in shaders/meson.build. The first that fits is taken: where there are fewer
 * queries than a tile has, the rest is computed in vain. Larger tiles gain a quarter and take the driver several seconds
 * to compile. */
typedef struct
{
  int         lanes;
  int         values;           /* texels of a head that a lane owns */
  int         min_queries;
  int         tile;             /* queries */
  const char *shaders[2];       /* f32, f16 */
} Tile;

#define TILE(lanes, values, tile, min_queries)                                                          \
  {                                                                                                     \
    lanes, values, min_queries, tile,                                                                   \
    { "attention_register_" #lanes "x" #values "x" #tile "_f32", "attention_register_" #lanes "x" #values "x" #tile "_f16" } \
  }

static const Tile tiles[] = {
  TILE (8, 1, 16, 9),  TILE (8, 1, 4, 1),  TILE (8, 2, 16, 9), TILE (8, 2, 4, 1), TILE (8, 4, 8, 1), TILE (8, 8, 4, 1),
  TILE (16, 1, 16, 9), TILE (16, 1, 4, 1), TILE (16, 2, 8, 1), TILE (16, 4, 4, 1),
};

/* Returns %NULL for subgroups of other sizes. */
static const Tile *
find_tile (const UnclipNode *node,
           UnclipRecorder   *recorder)
{
  const UnclipAttentionParams *params = node->params;
  UnclipShape                  shape = node->output->shape;
  int                          lanes = (int) unclip_recorder_get_limits (recorder)->subgroup_size;
  int                          width4 = shape.c / params->n_heads / 4;

  for (guint i = 0; i < G_N_ELEMENTS (tiles); i++)
    if (tiles[i].lanes == lanes && width4 <= lanes * tiles[i].values && shape.h * shape.w >= tiles[i].min_queries)
      return &tiles[i];
  return NULL;
}

/* Returns the tile of the register kernel, or %NULL if the shared one is to run. */
static const Tile *
choose_tile (const UnclipNode *node,
             UnclipRecorder   *recorder)
{
  return unclip_recorder_prefers_shared (recorder) ? NULL : find_tile (node, recorder);
}

static gsize
align256 (gsize n)
{
  return (n + 255) & ~(gsize) 255;
}

static int
count_rows (UnclipTensor *x)
{
  return x != NULL ? x->shape.h * x->shape.w : 0;
}

static Layout
get_layout (const UnclipNode *node,
            UnclipRecorder   *recorder)
{
  const UnclipAttentionParams *params = node->params;
  UnclipShape                  shape = node->output->shape;
  Layout                       layout = {
                          .n = shape.n,
                          .heads = params->n_heads,
                          .queries = shape.h * shape.w,
                          .own_keys = count_rows (node->inputs[INPUT_K]),
                          .extra_keys = count_rows (node->inputs[INPUT_EXTRA_K]),
                          .width4 = shape.c / params->n_heads / 4,
                          .lanes = (int) unclip_recorder_get_limits (recorder)->subgroup_size,
  };

  layout.keys = layout.own_keys + layout.extra_keys;
  layout.padded4 = unclip_div_up (layout.width4, layout.lanes) * layout.lanes;
  layout.panels = unclip_div_up (layout.keys, 4 * layout.lanes);
  layout.keys_bytes = align256 ((gsize) layout.n * (gsize) layout.heads * (gsize) layout.panels * (gsize) layout.padded4
                                * (gsize) layout.lanes * 64);
  layout.bias_bytes = align256 ((gsize) layout.n * (gsize) layout.panels * (gsize) layout.lanes * 16);
  if (layout.extra_keys > 0)
    layout.values_bytes = align256 ((gsize) layout.n * (gsize) layout.keys * (gsize) shape.c * 4);
  return layout;
}

static gsize
count_scratch (const UnclipNode *node,
               UnclipRecorder   *recorder)
{
  Layout layout = get_layout (node, recorder);

  if (choose_tile (node, recorder) == NULL)
    return 0;
  return layout.keys_bytes + layout.bias_bytes + layout.values_bytes;
}

static void
record_pack (const UnclipNode *node,
             UnclipRecorder   *recorder,
             const Layout     *layout)
{
  UnclipOperand k = unclip_recorder_read (recorder, node->inputs[INPUT_K]);
  UnclipOperand extra = unclip_recorder_read (recorder, node->inputs[INPUT_EXTRA_K]);
  UnclipOperand bias = unclip_recorder_read (recorder, node->inputs[INPUT_KEY_BIAS]);
  PackPush      push = {
         .n_items = (guint32) (layout->n * layout->heads * layout->panels * layout->padded4 * layout->lanes),
         .padded4 = unclip_divisor (layout->padded4),
         .panels = unclip_divisor (layout->panels),
         .heads = unclip_divisor (layout->heads),
         .width4 = (guint32) layout->width4,
         .extra_keys = (guint32) layout->extra_keys,
         .own_keys = (guint32) layout->own_keys,
         .k_stride4 = k.stride4,
         .k_offset4 = k.offset4,
         .extra_stride4 = extra.stride4,
         .extra_offset4 = extra.offset4,
         .bias_stride4 = bias.stride4,
         .bias_offset4 = bias.offset4,
  };

  unclip_flat_dispatch (recorder,
                        &(UnclipFlatKernel){
                          .shader = "attention_pack_f32",
                          .bindings = { k.binding, extra.binding, bias.binding,
                                        unclip_recorder_scratch (recorder, 0, layout->keys_bytes, UNCLIP_GPU_TEXEL_NONE,
                                                                 UNCLIP_GPU_WRITE),
                                        unclip_recorder_scratch (recorder, layout->keys_bytes, layout->bias_bytes,
                                                                 UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE) },
                          .n_bindings = 5,
                          .push = &push,
                          .push_bytes = sizeof push,
                          .spec = { (guint32) layout->lanes, node->inputs[INPUT_KEY_BIAS] != NULL, layout->extra_keys > 0 },
                          .n_spec = 3,
                          .n_items = push.n_items,
                        });
}

/* Returns the values as the register kernel reads them. */
static UnclipOperand
record_join (const UnclipNode *node,
             UnclipRecorder   *recorder,
             const Layout     *layout)
{
  int           c4 = layout->heads * layout->width4;
  gsize         offset = layout->keys_bytes + layout->bias_bytes;
  UnclipOperand v = unclip_recorder_read (recorder, node->inputs[INPUT_V]);
  UnclipOperand extra;
  JoinPush      push;

  if (layout->extra_keys == 0)
    return v;

  extra = unclip_recorder_read (recorder, node->inputs[INPUT_EXTRA_V]);
  push = (JoinPush){
    .n_texels = (guint32) (layout->n * layout->keys * c4),
    .c4 = unclip_divisor (c4),
    .keys = unclip_divisor (layout->keys),
    .extra_keys = (guint32) layout->extra_keys,
    .v_stride4 = v.stride4,
    .v_offset4 = v.offset4,
    .extra_stride4 = extra.stride4,
    .extra_offset4 = extra.offset4,
  };
  unclip_flat_dispatch (recorder, &(UnclipFlatKernel){
                                    .shader = "attention_join_f32",
                                    .bindings = { v.binding, extra.binding,
                                                  unclip_recorder_scratch (recorder, offset, layout->values_bytes,
                                                                           UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE) },
                                    .n_bindings = 3,
                                    .push = &push,
                                    .push_bytes = sizeof push,
                                    .n_items = push.n_texels,
                                  });
  return (UnclipOperand){
    .binding = unclip_recorder_scratch (recorder, offset, layout->values_bytes, UNCLIP_GPU_TEXEL_RGBA32F, UNCLIP_GPU_READ),
    .stride4 = c4,
  };
}

static void
record_register (const UnclipNode *node,
                 UnclipRecorder   *recorder,
                 const Tile       *tile)
{
  const UnclipAttentionParams *params = node->params;
  Layout                       layout = get_layout (node, recorder);
  UnclipOperand                q, v, y;
  RegisterPush                 push;
  UnclipGpuKernelDesc          desc;

  record_pack (node, recorder, &layout);
  v = record_join (node, recorder, &layout);
  q = unclip_recorder_read (recorder, node->inputs[INPUT_Q]);
  y = unclip_recorder_write (recorder, node->output);
  push = (RegisterPush){
    .queries = layout.queries,
    .keys = layout.keys,
    .panels = layout.panels,
    .width4 = layout.width4,
    .padded4 = layout.padded4,
    .causal = params->causal,
    .q_stride4 = q.stride4,
    .q_offset4 = q.offset4,
    .v_stride4 = v.stride4,
    .v_offset4 = v.offset4,
    .y_stride4 = y.stride4,
    .scale = params->scale * (float) M_LOG2E,
  };
  desc = (UnclipGpuKernelDesc){
    .shader = tile->shaders[y.is_f16],
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL,
                  UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 5,
    .push_bytes = sizeof push,
    .spec = { { 0, (guint32) layout.lanes } },
    .n_spec = 1,
  };
  unclip_recorder_note (recorder, "tile %d", tile->tile);
  unclip_recorder_dispatch (recorder, &desc,
                            (UnclipGpuBinding[]){
                              q.binding,
                              unclip_recorder_scratch (recorder, 0, layout.keys_bytes, UNCLIP_GPU_TEXEL_RGBA32F,
                                                       UNCLIP_GPU_READ),
                              unclip_recorder_scratch (recorder, layout.keys_bytes, layout.bias_bytes,
                                                       UNCLIP_GPU_TEXEL_RGBA32F, UNCLIP_GPU_READ),
                              v.binding,
                              y.binding,
                            },
                            &push, (guint) unclip_div_up (layout.queries, tile->tile), (guint) layout.heads,
                            (guint) layout.n);
}

static void
record_shared (const UnclipNode *node,
               UnclipRecorder   *recorder)
{
  const UnclipAttentionParams *params = node->params;
  Layout                       layout = get_layout (node, recorder);
  UnclipOperand                in[N_INPUTS], y;
  UnclipGpuBinding             bindings[N_INPUTS + 1];
  SharedPush                   push;
  UnclipGpuKernelDesc          desc;

  for (guint i = 0; i < N_INPUTS; i++)
    in[i] = unclip_recorder_read (recorder, node->inputs[i]);
  y = unclip_recorder_write (recorder, node->output);
  push = (SharedPush){
    .queries = layout.queries,
    .extra_keys = layout.extra_keys,
    .own_keys = layout.own_keys,
    .width4 = layout.width4,
    .q_stride4 = in[INPUT_Q].stride4,
    .q_offset4 = in[INPUT_Q].offset4,
    .k_stride4 = in[INPUT_K].stride4,
    .k_offset4 = in[INPUT_K].offset4,
    .v_stride4 = in[INPUT_V].stride4,
    .v_offset4 = in[INPUT_V].offset4,
    .extra_k_stride4 = in[INPUT_EXTRA_K].stride4,
    .extra_k_offset4 = in[INPUT_EXTRA_K].offset4,
    .extra_v_stride4 = in[INPUT_EXTRA_V].stride4,
    .extra_v_offset4 = in[INPUT_EXTRA_V].offset4,
    .bias_stride4 = in[INPUT_KEY_BIAS].stride4,
    .bias_offset4 = in[INPUT_KEY_BIAS].offset4,
    .y_stride4 = y.stride4,
    .scale = params->scale * (float) M_LOG2E,
  };
  desc = (UnclipGpuKernelDesc){
    .shader = y.is_f16 ? "attention_shared_f16" : "attention_shared_f32",
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL,
                  UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 7,
    .push_bytes = sizeof push,
    .spec = { { 0, SHARED_GROUP },
              { 10, (guint32) unclip_div_up (layout.width4, SHARED_CHUNK4) },
              { 11, (guint32) params->causal },
              { 12, node->inputs[INPUT_KEY_BIAS] != NULL } },
    .n_spec = 4,
  };
  bindings[0] = in[INPUT_Q].binding;
  bindings[1] = in[INPUT_K].binding;
  bindings[2] = in[INPUT_V].binding;
  bindings[3] = in[INPUT_EXTRA_K].binding;
  bindings[4] = in[INPUT_EXTRA_V].binding;
  bindings[5] = in[INPUT_KEY_BIAS].binding;
  bindings[6] = y.binding;
  unclip_recorder_dispatch (recorder, &desc, bindings, &push, (guint) unclip_div_up (layout.queries, SHARED_QUERIES),
                            (guint) layout.heads, (guint) layout.n);
}

static void
record (const UnclipNode *node,
        UnclipRecorder   *recorder)
{
  const Tile *tile = choose_tile (node, recorder);

  if (tile == NULL)
    record_shared (node, recorder);
  else
    record_register (node, recorder, tile);
}

static guint64
count_flop (const UnclipNode *node)
{
  guint64 keys = (guint64) (count_rows (node->inputs[INPUT_K]) + count_rows (node->inputs[INPUT_EXTRA_K]));

  return 4 * (guint64) unclip_shape_get_n_values (node->output->shape) * keys;
}

static const UnclipOp op_attention = {
  .name = "attention",
  .count_flop = count_flop,
  .count_scratch = count_scratch,
  .record = record,
};

UnclipTensor *
unclip_op_attention (UnclipGraph                 *graph,
                     UnclipTensor                *q,
                     UnclipTensor                *k,
                     UnclipTensor                *v,
                     const UnclipAttentionParams *params)
{
  UnclipTensor *inputs[N_INPUTS] = { q, k, v, params->key_bias, params->extra_k, params->extra_v };
  int           n_keys = count_rows (k) + count_rows (params->extra_k);

  g_assert (params->n_heads >= 1 && q->shape.c % (4 * params->n_heads) == 0);
  g_assert (q->shape.c / params->n_heads <= MAX_WIDTH);
  g_assert (k->shape.c == q->shape.c && v->shape.c == q->shape.c);
  g_assert (k->shape.n == q->shape.n && v->shape.n == q->shape.n && count_rows (v) == count_rows (k));
  g_assert ((params->extra_k == NULL) == (params->extra_v == NULL));
  if (params->extra_k != NULL)
    {
      g_assert (unclip_shape_equal (params->extra_k->shape, params->extra_v->shape));
      g_assert (params->extra_k->shape.n == q->shape.n && params->extra_k->shape.c == q->shape.c);
    }
  if (params->key_bias != NULL)
    g_assert (params->key_bias->shape.n == q->shape.n && params->key_bias->shape.c == 1 && count_rows (params->key_bias) == n_keys);
  if (params->causal)
    g_assert (n_keys >= count_rows (q));
  return unclip_op_add_node (graph, &op_attention, inputs, N_INPUTS, params, sizeof *params, q->shape);
}
