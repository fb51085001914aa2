/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Kernel variants:
 *
 * register: for software Vulkan. Subgroups of 8 lanes, some along the columns, the rest along rows, 16 or 4 rows each.
 *   Which of them runs depends on the number of rows, the batch included, so that small maps waste little; that changes
 *   no bit of the result, since each sum has one accumulator that takes its k in order (see register-tile.glsl).
 * shared: for GPUs. Tiles of 64 rows by 64 or 32 columns in shared memory. The choice depends on the columns only.
 */

#include "config.h"

#include "unclip-op-product.h"

#include <string.h>

#define MAX_GROUPS 65535
#define SHARED_ROWS 64
#define SHARED_THREADS 64

/* Mirrors the push block of shaders/include/product.glsl. */
typedef struct
{
  gint32 m_first;
  gint32 m_end;
  gint32 o4;
  gint32 k4;
  gint32 panel4;
  gint32 x_stride4, x_offset4;
  gint32 x_c4;
  gint32 x2_stride4, x2_offset4;
  gint32 image_bias_stride4, image_bias_offset4;
  gint32 residual_stride4, residual_offset4;
  gint32 rows_per_image;
  gint32 x_batch4, w_batch4, y_batch4;
  gint32 in_h, in_w;
  gint32 out_w;
  gint32 stride;
  gint32 lanes;
} UnclipProductPush;

/* Register tiles: rows a group of lanes. Two of them, since each kernel takes half a second to compile the first time.
 * Fetching four k of weights costs about as much as 1.5 rows of arithmetic. */
static const struct
{
  int         rows;
  const char *shaders[2][2];    /* by kind; f32, f16 */
} register_tiles[] = {
  { 16, { { "linear_rows16_f32", "linear_rows16_f16" }, { "conv2d_rows16_f32", "conv2d_rows16_f16" } } },
  { 4, { { "linear_rows4_f32", "linear_rows4_f16" }, { "conv2d_rows4_f32", "conv2d_rows4_f16" } } },
};

static const double fetch_rows = 1.5;

static const char *const shared_shaders[2][2] = {
  { "linear_shared_f32", "linear_shared_f16" },
  { "conv2d_shared_f32", "conv2d_shared_f16" },
};

/* The widest panel among those that waste the fewest columns. */
static int
choose_lanes (UnclipRecorder *recorder, int n_columns)
{
  static const int register_lanes[] = { 8, 4, 2, 0 }, shared_lanes[] = { 16, 8, 0 };
  gboolean         is_shared = unclip_recorder_prefers_shared (recorder);
  int              limit = is_shared ? 16 : (int) unclip_recorder_get_limits (recorder)->subgroup_size;
  int              o4 = unclip_div_up (n_columns, 4);
  int              best = 0, best_width = 0;

  for (const int *lanes = is_shared ? shared_lanes : register_lanes; *lanes != 0; lanes++)
    {
      int width = unclip_div_up (o4, *lanes) * *lanes;

      if (*lanes <= limit && (best == 0 || width < best_width))
        {
          best = *lanes;
          best_width = width;
        }
    }
  g_assert (best != 0);
  return best;
}

void
unclip_panels_init (UnclipPanels *panels, UnclipRecorder *recorder)
{
  panels->lanes = choose_lanes (recorder, panels->n_columns);
  panels->n_panels = unclip_div_up (panels->n_columns, 4 * panels->lanes);
  panels->k_padded = unclip_div_up (panels->k4, 2) * 8;
}

static gint64
get_panel_values (const UnclipPanels *panels)
{
  return (gint64) panels->n_blocks * panels->k_padded * 4 * panels->lanes;
}

static void
pack (gconstpointer user_data, gint64 first, gint64 n, float *out)
{
  const UnclipPanels *panels = user_data;
  int                 width = 4 * panels->lanes;
  gint64              n_k = (gint64) panels->n_blocks * panels->k_padded;
  gint64              per_panel = get_panel_values (panels);
  g_autofree float   *source = g_new (float, unclip_tensor_get_weight_row_length (panels->weight));
  g_autofree float   *arranged = g_new (float, n_k);

  memset (out, 0, (gsize) n * sizeof *out);
  for (gint64 panel = first / per_panel; panel * per_panel < first + n; panel++, out += per_panel)
    for (int j = 0; j < width && panel * width + j < panels->n_columns; j++)
      {
        unclip_tensor_copy_weight_row (panels->weight, panel * width + j, source);
        memset (arranged, 0, (gsize) n_k * sizeof *arranged);
        panels->arrange (panels, source, arranged);
        for (gint64 k = 0; k < n_k; k++)
          out[k * width + j] = arranged[k];
      }
}

UnclipGpuBinding
unclip_panels_pack (UnclipPanels *panels, UnclipRecorder *recorder, gboolean keep_f32)
{
  g_autofree char *layout = g_strdup_printf ("%s %d×%d×%d by %d", panels->name, panels->n_columns, panels->n_blocks,
                                             panels->k_padded, panels->lanes);

  return unclip_recorder_constant (recorder, &(UnclipConstantParams){
                                               .weight = panels->weight,
                                               .layout = layout,
                                               .n_values = panels->n_panels * get_panel_values (panels),
                                               .granule = get_panel_values (panels),
                                               .pack = pack,
                                               .user_data = panels,
                                               .keep_f32 = keep_f32,
                                             });
}

static guint
choose_register_tile (gint64 n_rows, int n_groups)
{
  guint  best = 0;
  double best_cost = G_MAXDOUBLE;

  for (guint i = 0; i < G_N_ELEMENTS (register_tiles); i++)
    {
      int    rows = register_tiles[i].rows;
      double cost = (double) ((n_rows + rows * n_groups - 1) / (rows * n_groups)) * (rows + fetch_rows);

      if (cost < best_cost)
        {
          best = i;
          best_cost = cost;
        }
    }
  return best;
}

/* The kernel and workgroup size for this device; gives the rows that a workgroup covers. */
static int
choose_kernel (const UnclipProduct *product, UnclipRecorder *recorder, UnclipGpuKernelDesc *desc)
{
  int   subgroup = (int) unclip_recorder_get_limits (recorder)->subgroup_size;
  int   n_groups = subgroup / product->panels->lanes;
  guint tile;

  if (unclip_recorder_prefers_shared (recorder))
    {
      desc->shader = shared_shaders[product->kind][product->y.is_f16];
      desc->spec[0].value = SHARED_THREADS;
      desc->spec[desc->n_spec].id = 10;
      desc->spec[desc->n_spec++].value = (guint32) product->panels->lanes;
      return SHARED_ROWS;
    }
  tile = choose_register_tile (product->n_rows, n_groups);
  desc->shader = register_tiles[tile].shaders[product->kind][product->y.is_f16];
  desc->spec[0].value = (guint32) subgroup;
  return register_tiles[tile].rows * n_groups;
}

void
unclip_product_record (const UnclipProduct *product, UnclipRecorder *recorder)
{
  const UnclipPanels *panels = product->panels;
  int                 o4 = unclip_div_up (panels->n_columns, 4);
  UnclipOperand       x2 = unclip_recorder_read (recorder, product->x2);
  UnclipOperand       image_bias = unclip_recorder_read (recorder, product->image_bias);
  UnclipOperand       residual = unclip_recorder_read (recorder, product->residual);
  gboolean            is_conv = product->kind == UNCLIP_PRODUCT_CONV2D;
  UnclipProductPush   push = {
      .o4 = o4,
      .k4 = panels->k4,
      .panel4 = (int) (get_panel_values (panels) / 4),
      .x_stride4 = product->x.stride4,
      .x_offset4 = product->x.offset4,
      .x_c4 = product->x_c4,
      .x2_stride4 = x2.stride4,
      .x2_offset4 = x2.offset4,
      .image_bias_stride4 = image_bias.stride4,
      .image_bias_offset4 = image_bias.offset4,
      .residual_stride4 = residual.stride4,
      .residual_offset4 = residual.offset4,
      .rows_per_image = MAX (product->rows_per_image, 1),
      .x_batch4 = product->x_batch4,
      .w_batch4 = panels->k_padded * panels->lanes,
      .y_batch4 = product->y_batch4,
      .in_h = product->in_h,
      .in_w = product->in_w,
      .out_w = product->out_w,
      .stride = product->stride,
      .lanes = panels->lanes,
  };
  UnclipGpuKernelDesc desc = {
    .bindings = { UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL,
                  UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_TEXEL, UNCLIP_GPU_BINDING_STORAGE },
    .n_bindings = 7,
    .push_bytes = sizeof push,
    .spec = { { 0, 0 },
              { 20, product->activation },
              { 21, product->image_bias != NULL },
              { 22, product->residual != NULL },
              { 23, is_conv ? product->upsample : product->x2 != NULL } },
    .n_spec = 5,
  };
  const UnclipGpuBinding bindings[] = {
    product->x.binding,
    x2.binding,
    product->weight,
    unclip_recorder_vector (recorder, product->bias, product->bias != NULL ? 4 * o4 : 4),
    image_bias.binding,
    residual.binding,
    product->y.binding,
  };
  int    rows = choose_kernel (product, recorder, &desc);
  gint64 piece = (gint64) rows * MAX_GROUPS;

  G_STATIC_ASSERT (sizeof (UnclipProductPush) == 92);
  for (gint64 first = 0; first < product->n_rows; first += piece)
    {
      push.m_first = (gint32) first;
      push.m_end = (gint32) MIN (first + piece, product->n_rows);
      unclip_recorder_dispatch (recorder, &desc, bindings, &push, (guint) unclip_div_up (push.m_end - push.m_first, rows),
                                (guint) panels->n_panels, (guint) panels->n_blocks);
    }
}
