/* SPDX-License-Identifier: GPL-3.0-or-later */

/* 3×3 convolution, in one of two ways:
 *
 * direct: one product whose left matrix, the patches, is never laid out;
 * Winograd F(4×4, 3×3), on software Vulkan and stride 1: patches of 6×6 are transformed, 36 products take the place of
 *   144 multiplications a tile and channel, and a second transform gives 4×4 pixels. The transformed values pass through
 *   scratch memory in chunks of tiles.
 *
 * Which way runs depends on channels and size of the picture, never on the batch, so that batches keep their bits.
 */

#include "config.h"

#include "unclip-op-conv2d.h"

#include "unclip-op-product.h"

#include <string.h>

#define N_TAPS 9
#define TILE 4                          /* output pixels a side */
#define N_ELEMENTS 36                   /* of a transformed patch */
#define MIN_SCRATCH_BYTES (4u << 20)    /* chunks this small stay in a processor's cache */
#define MAX_SCRATCH_BYTES (32u << 20)
#define MAX_WINOGRAD_WEIGHT_BYTES (G_GINT64_CONSTANT (128) << 20)       /* four times the plain weights: wide layers stay direct */
#define GROUP_SIZE 64
#define MAX_GROUPS 65535

/* Mirrors the push block of shaders/include/winograd.glsl. */
typedef struct
{
  gint32 t_first;
  gint32 n_tiles;
  gint32 c4;
  gint32 tiles_per_image, tiles_w;
  gint32 h, w;
  gint32 x_stride4, x_offset4;
  gint32 in_h, in_w;
  gint32 image_bias_stride4, image_bias_offset4;
  gint32 residual_stride4, residual_offset4;
} WinogradPush;

/* Sizes that both transforms and the products need. */
typedef struct
{
  int    i4, o4;                /* texels of a pixel of x and y */
  int    tiles_h, tiles_w;
  gint64 n_tiles;               /* of the batch */
  gint64 chunk;                 /* tiles at a time */
  gsize  v_bytes, m_bytes;      /* scratch of a chunk: transformed patches, and their products */
} Winograd;

static UnclipPanels
get_panels (const UnclipNode *node)
{
  return (UnclipPanels){
    .weight = node->inputs[1],
    .n_columns = node->output->shape.c,
    .k4 = unclip_div_up (node->inputs[0]->shape.c, 4),
    .n_blocks = 1,
  };
}

/* Values in the order (tap, channel), each tap padded to whole texels. */
static void
arrange_direct (const UnclipPanels *panels, const float *source, float *target)
{
  int n_channels = (int) panels->weight->dims[1];
  int padded = unclip_div_up (n_channels, 4) * 4;

  for (int i = 0; i < n_channels; i++)
    for (int tap = 0; tap < N_TAPS; tap++)
      target[tap * padded + i] = source[i * N_TAPS + tap];
}

/* G g Gᵀ of each channel's 3×3 kernel g, element by element. Lavin & Gray 2015, sec. 4.3. */
static void
arrange_winograd (const UnclipPanels *panels, const float *source, float *target)
{
  static const double g[6][3] = {
    { 1 / 4.0, 0, 0 },
    { -1 / 6.0, -1 / 6.0, -1 / 6.0 },
    { -1 / 6.0, 1 / 6.0, -1 / 6.0 },
    { 1 / 24.0, 1 / 12.0, 1 / 6.0 },
    { 1 / 24.0, -1 / 12.0, 1 / 6.0 },
    { 0, 0, 1 },
  };

  for (int i = 0; i < (int) panels->weight->dims[1]; i++, source += N_TAPS)
    for (int a = 0; a < 6; a++)
      {
        double rows[3];

        for (int b = 0; b < 3; b++)
          rows[b] = g[a][0] * source[b] + g[a][1] * source[3 + b] + g[a][2] * source[6 + b];
        for (int b = 0; b < 6; b++)
          target[(a * 6 + b) * panels->k_padded + i] = (float) (rows[0] * g[b][0] + rows[1] * g[b][1] + rows[2] * g[b][2]);
      }
}

/* What one picture costs either way, in processor cycles of one core. The constants are fitted to the times of forty
 * shapes on a Zen 3 core (see SPEED.md): for one row of a product and one panel of eight texels of columns, a texel of k
 * takes @arithmetic and @load, a finished row @store; a transform takes its cycles for each element of eight texels.
 * Winograd must win clearly, since it costs memory and digits. */
static gboolean
is_winograd_faster (const UnclipNode *node, const UnclipPanels *panels)
{
  const double arithmetic = 25, load = 24, store = 220, transform_in = 180, transform_out = 95, clearly = 0.9;
  UnclipShape  y = node->output->shape;
  double       i4 = panels->k4, o4 = unclip_div_up (panels->n_columns, 4);
  double       n_panels = panels->n_panels * panels->lanes / 8.0;
  double       texel = arithmetic + load / panels->lanes;
  double       n_tiles = (double) unclip_div_up (y.h, TILE) * unclip_div_up (y.w, TILE);
  double       direct = (double) y.h * y.w * n_panels * (N_TAPS * i4 * texel + store);
  double       products = n_panels * (i4 * texel + store);

  return n_tiles * N_ELEMENTS * (products + transform_in * i4 / 8 + transform_out * o4 / 8) < clearly * direct;
}

static gboolean
uses_winograd (const UnclipNode *node, UnclipRecorder *recorder)
{
  const UnclipOpConv2dParams *params = node->params;
  UnclipPanels                panels = get_panels (node);
  gint64                      n_bytes;

  if (unclip_recorder_prefers_shared (recorder) || params->stride != 1)
    return FALSE;
  unclip_panels_init (&panels, recorder);
  n_bytes = (gint64) N_ELEMENTS * panels.k_padded * panels.n_panels * panels.lanes * 16;
  return n_bytes <= MAX_WINOGRAD_WEIGHT_BYTES && is_winograd_faster (node, &panels);
}

/* A chunk's scratch may be as large as the weights that each chunk reads again, within limits. */
static Winograd
get_winograd (const UnclipNode *node)
{
  UnclipShape y = node->output->shape;
  Winograd    winograd = {
       .i4 = unclip_div_up (node->inputs[0]->shape.c, 4),
       .o4 = unclip_div_up (y.c, 4),
       .tiles_h = unclip_div_up (y.h, TILE),
       .tiles_w = unclip_div_up (y.w, TILE),
  };
  gint64 per_tile = N_ELEMENTS * 16 * (winograd.i4 + winograd.o4);
  gint64 weights = (gint64) N_ELEMENTS * 64 * winograd.i4 * winograd.o4;
  gint64 most = CLAMP (weights, MIN_SCRATCH_BYTES, MAX_SCRATCH_BYTES) / per_tile / 16 * 16;

  winograd.n_tiles = (gint64) y.n * winograd.tiles_h * winograd.tiles_w;
  winograd.chunk = MIN (winograd.n_tiles, MAX (most, 16));
  winograd.v_bytes = (gsize) (N_ELEMENTS * 16 * winograd.chunk * winograd.i4 + 255) & ~(gsize) 255;
  winograd.m_bytes = (gsize) (N_ELEMENTS * 16 * winograd.chunk * winograd.o4 + 255) & ~(gsize) 255;
  return winograd;
}

static gsize
count_scratch (const UnclipNode *node, UnclipRecorder *recorder)
{
  Winograd winograd;

  if (!uses_winograd (node, recorder))
    return 0;
  winograd = get_winograd (node);
  return winograd.v_bytes + winograd.m_bytes;
}

static void
record_direct (const UnclipNode *node, UnclipRecorder *recorder)
{
  const UnclipOpConv2dParams *params = node->params;
  UnclipShape                 x = node->inputs[0]->shape, y = node->output->shape;
  UnclipPanels                panels = get_panels (node);
  UnclipProduct               product = {
                  .kind = UNCLIP_PRODUCT_CONV2D,
                  .panels = &panels,
                  .n_rows = unclip_shape_get_n_rows (y),
                  .x = unclip_recorder_read (recorder, node->inputs[0]),
                  .x_c4 = panels.k4,
                  .bias = node->inputs[2],
                  .image_bias = node->inputs[3],
                  .residual = node->inputs[4],
                  .rows_per_image = y.h * y.w,
                  .y = unclip_recorder_write (recorder, node->output),
                  .in_h = x.h,
                  .in_w = x.w,
                  .out_w = y.w,
                  .stride = params->stride,
                  .upsample = params->upsample,
  };

  panels.k4 *= N_TAPS;
  panels.arrange = arrange_direct;
  panels.name = "conv2d";
  unclip_panels_init (&panels, recorder);
  product.weight = unclip_panels_pack (&panels, recorder, FALSE);
  unclip_product_record (&product, recorder);
}

static WinogradPush
get_winograd_push (const UnclipNode *node, const Winograd *winograd, gint64 first, gint64 n_tiles)
{
  UnclipShape x = node->inputs[0]->shape, y = node->output->shape;

  G_STATIC_ASSERT (sizeof (WinogradPush) == 60);
  return (WinogradPush){
    .t_first = (gint32) first,
    .n_tiles = (gint32) n_tiles,
    .tiles_per_image = winograd->tiles_h * winograd->tiles_w,
    .tiles_w = winograd->tiles_w,
    .h = y.h,
    .w = y.w,
    .in_h = x.h,
    .in_w = x.w,
  };
}

static void
record_transform_in (const UnclipNode       *node,
                     UnclipRecorder         *recorder,
                     const Winograd         *winograd,
                     WinogradPush            push,
                     const UnclipGpuBinding *v)
{
  const UnclipOpConv2dParams *params = node->params;
  UnclipOperand               x = unclip_recorder_read (recorder, node->inputs[0]);
  UnclipGpuKernelDesc         desc = {
            .shader = "winograd_in_f32",
            .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
            .n_bindings = 2,
            .push_bytes = sizeof push,
            .spec = { { 0, GROUP_SIZE }, { 10, (guint32) params->upsample } },
            .n_spec = 2,
  };

  push.c4 = winograd->i4;
  push.x_stride4 = x.stride4;
  push.x_offset4 = x.offset4;
  unclip_recorder_dispatch (recorder, &desc, (UnclipGpuBinding[]){ x.binding, *v }, &push,
                            (guint) unclip_div_up ((gint64) push.n_tiles * push.c4, GROUP_SIZE), 1, 1);
}

static void
record_transform_out (const UnclipNode       *node,
                      UnclipRecorder         *recorder,
                      const Winograd         *winograd,
                      WinogradPush            push,
                      const UnclipGpuBinding *m)
{
  UnclipOperand       image_bias = unclip_recorder_read (recorder, node->inputs[3]);
  UnclipOperand       residual = unclip_recorder_read (recorder, node->inputs[4]);
  UnclipOperand       y = unclip_recorder_write (recorder, node->output);
  UnclipGpuBinding    bias = unclip_recorder_vector (recorder, node->inputs[2], node->inputs[2] != NULL ? 4 * winograd->o4 : 4);
  UnclipGpuKernelDesc desc = {
    .shader = y.is_f16 ? "winograd_out_f16" : "winograd_out_f32",
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL,
                  UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 5,
    .push_bytes = sizeof push,
    .spec = { { 0, GROUP_SIZE }, { 21, node->inputs[3] != NULL }, { 22, node->inputs[4] != NULL } },
    .n_spec = 3,
  };

  push.c4 = winograd->o4;
  push.image_bias_stride4 = image_bias.stride4;
  push.image_bias_offset4 = image_bias.offset4;
  push.residual_stride4 = residual.stride4;
  push.residual_offset4 = residual.offset4;
  unclip_recorder_dispatch (recorder, &desc,
                            (UnclipGpuBinding[]){ *m, bias, image_bias.binding, residual.binding, y.binding }, &push,
                            (guint) unclip_div_up ((gint64) push.n_tiles * push.c4, GROUP_SIZE), 1, 1);
}

/* Transformed weights and values stay f32 at f16 precision: f16 would lose what the transform's cancellation leaves. */
static void
record_winograd (const UnclipNode *node, UnclipRecorder *recorder)
{
  Winograd         winograd = get_winograd (node);
  UnclipPanels     panels = get_panels (node);
  UnclipGpuBinding v_in, v_out, m_in, m_out, weight;

  v_out = unclip_recorder_scratch (recorder, 0, winograd.v_bytes, UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE);
  v_in = unclip_recorder_scratch (recorder, 0, winograd.v_bytes, UNCLIP_GPU_TEXEL_RGBA32F, UNCLIP_GPU_READ);
  m_out = unclip_recorder_scratch (recorder, winograd.v_bytes, winograd.m_bytes, UNCLIP_GPU_TEXEL_NONE, UNCLIP_GPU_WRITE);
  m_in = unclip_recorder_scratch (recorder, winograd.v_bytes, winograd.m_bytes, UNCLIP_GPU_TEXEL_RGBA32F, UNCLIP_GPU_READ);
  panels.arrange = arrange_winograd;
  panels.name = "winograd";
  panels.n_blocks = N_ELEMENTS;
  unclip_panels_init (&panels, recorder);
  weight = unclip_panels_pack (&panels, recorder, TRUE);

  for (gint64 first = 0; first < winograd.n_tiles; first += winograd.chunk)
    {
      gint64        n_tiles = MIN (winograd.chunk, winograd.n_tiles - first);
      WinogradPush  push = get_winograd_push (node, &winograd, first, n_tiles);
      UnclipProduct product = {
        .kind = UNCLIP_PRODUCT_LINEAR,
        .panels = &panels,
        .weight = weight,
        .n_rows = n_tiles,
        .x = { .binding = v_in, .stride4 = winograd.i4 },
        .x_c4 = winograd.i4,
        .y = { .binding = m_out, .stride4 = winograd.o4 },
        .x_batch4 = (int) n_tiles * winograd.i4,
        .y_batch4 = (int) n_tiles * winograd.o4,
      };

      record_transform_in (node, recorder, &winograd, push, &v_out);
      unclip_product_record (&product, recorder);
      record_transform_out (node, recorder, &winograd, push, &m_in);
    }
  unclip_recorder_note (recorder, "winograd");
}

static void
record (const UnclipNode *node, UnclipRecorder *recorder)
{
  if (uses_winograd (node, recorder))
    record_winograd (node, recorder);
  else
    record_direct (node, recorder);
}

static guint64
count_flop (const UnclipNode *node)
{
  return 2 * N_TAPS * (guint64) unclip_shape_get_n_values (node->output->shape) * (guint64) node->inputs[0]->shape.c;
}

static const UnclipOp op_conv2d = {
  .name = "conv2d",
  .count_flop = count_flop,
  .count_scratch = count_scratch,
  .record = record,
};

static UnclipShape
get_shape (UnclipShape x, const UnclipConvParams *params)
{
  int scale = params->upsample ? 2 : 1;

  return (UnclipShape){ x.n, unclip_div_up (x.h * scale, params->stride), unclip_div_up (x.w * scale, params->stride),
                        (int) params->weight->dims[0] };
}

UnclipTensor *
unclip_op_conv2d (UnclipGraph *graph, UnclipTensor *x, const UnclipConvParams *params)
{
  const UnclipOpConv2dParams own = { params->stride, params->upsample };
  const UnclipTensor        *weight = params->weight;
  UnclipShape                shape = get_shape (x->shape, params);

  g_assert (params->stride == 1 || (params->stride == 2 && !params->upsample));
  g_assert (weight->kind == UNCLIP_TENSOR_WEIGHT && weight->n_dims == 4);
  g_assert (weight->dims[1] == x->shape.c && weight->dims[2] == 3 && weight->dims[3] == 3);
  g_assert (params->bias == NULL || (params->bias->n_dims == 1 && params->bias->dims[0] == shape.c));
  g_assert (params->image_bias == NULL
            || unclip_shape_equal (params->image_bias->shape, (UnclipShape){ shape.n, 1, 1, shape.c }));
  g_assert (params->residual == NULL || unclip_shape_equal (params->residual->shape, shape));

  return unclip_op_add_node (graph, &op_conv2d,
                             (UnclipTensor *[]){ x, params->weight, params->bias, params->image_bias, params->residual }, 5,
                             &own, sizeof own, shape);
}
