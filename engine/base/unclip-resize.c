/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Separable resampling, in bytes as Pillow does it and in floats.
 *
 * Both forms share one table of weights for each direction. The order of the double operations in it matters: Pillow's
 * bytes depend on how weights round at 22 bits.
 */

#include "config.h"

#include "unclip-resize.h"

#include <math.h>
#include <string.h>

/* 32 bits less 8 for the pixel and 2 for the sign and the cubic's overshoot. */
#define PRECISION_BITS 22

/* Weights of a run of outputs: output i draws on the taps inputs from first[i] on. */
typedef struct
{
  guint   n_outputs;
  guint   stride;                       /* weights kept for each output; the rest are zero */
  guint  *first;                        /* owned, n_outputs */
  guint  *n_taps;                       /* owned, n_outputs */
  double *weights;                      /* owned, n_outputs · stride */
} Taps;

static void
taps_clear (Taps *taps)
{
  g_clear_pointer (&taps->first, g_free);
  g_clear_pointer (&taps->n_taps, g_free);
  g_clear_pointer (&taps->weights, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Taps, taps_clear)

static double
filter_support (UnclipFilter filter)
{
  return filter == UNCLIP_FILTER_BOX ? 0.5 : 2.0;
}

static double
filter_value (UnclipFilter filter, double x)
{
  const double a = -0.5;

  if (filter == UNCLIP_FILTER_BOX)
    return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;

  x = fabs (x);
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0)
    return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

/* Weights of outputs @first_output … of a line of @n_in made into @n_out. */
static void
taps_init (Taps *taps, UnclipFilter filter, guint n_in, guint n_out, guint first_output, guint n_outputs)
{
  double scale = (double) n_in / n_out;
  double width = MAX (scale, 1.0);
  double support = filter_support (filter) * width;
  double inverse_width = 1.0 / width;

  taps->n_outputs = n_outputs;
  taps->stride = MIN ((guint) ceil (support) * 2 + 1, n_in);
  taps->first = g_new (guint, n_outputs);
  taps->n_taps = g_new (guint, n_outputs);
  taps->weights = g_new0 (double, (gsize) n_outputs * taps->stride);

  for (guint i = 0; i < n_outputs; i++)
    {
      double *weights = taps->weights + (gsize) i * taps->stride;
      double  center = (first_output + i + 0.5) * scale;
      int     low = MAX (0, (int) (center - support + 0.5));
      int     high = MIN ((int) n_in, (int) (center + support + 0.5));
      double  sum = 0.0;

      g_assert (low < high && (guint) (high - low) <= taps->stride);
      for (int k = low; k < high; k++)
        {
          weights[k - low] = filter_value (filter, (k - center + 0.5) * inverse_width);
          sum += weights[k - low];
        }
      /* The box may miss a value that it just touches, by a rounding of c. */
      if (sum == 0.0)
        weights[0] = sum = 1.0;
      for (int k = low; k < high; k++)
        weights[k - low] /= sum;
      taps->first[i] = (guint) low;
      taps->n_taps[i] = (guint) (high - low);
    }
}

/* To fixed point, half away from zero. */
static gint32 *
taps_dup_fixed (const Taps *taps)
{
  gsize   n = (gsize) taps->n_outputs * taps->stride;
  gint32 *fixed = g_new (gint32, n);

  for (gsize i = 0; i < n; i++)
    fixed[i] = (gint32) (taps->weights[i] * (1 << PRECISION_BITS) + (taps->weights[i] < 0 ? -0.5 : 0.5));
  return fixed;
}

static inline guint8
round_fixed (gint32 sum)
{
  sum >>= PRECISION_BITS;
  return (guint8) CLAMP (sum, 0, 255);
}

/* One row of RGB into taps->n_outputs pixels. */
static void
resize_row (const Taps *taps, const gint32 *fixed, const guint8 *in, guint8 *out)
{
  for (guint i = 0; i < taps->n_outputs; i++)
    {
      const gint32 *weights = fixed + (gsize) i * taps->stride;
      const guint8 *pixel = in + 3 * (gsize) taps->first[i];
      gint32        r = 1 << (PRECISION_BITS - 1), g = r, b = r;

      for (guint k = 0; k < taps->n_taps[i]; k++, pixel += 3)
        {
          r += pixel[0] * weights[k];
          g += pixel[1] * weights[k];
          b += pixel[2] * weights[k];
        }
      *out++ = round_fixed (r);
      *out++ = round_fixed (g);
      *out++ = round_fixed (b);
    }
}

/* Rows @n_bytes long; row 0 of @in is row @in_first of the picture. */
static void
resize_columns (const Taps *taps, const gint32 *fixed, const guint8 *in, guint in_first, gsize n_bytes, guint8 *out)
{
  g_autofree gint32 *sums = g_new (gint32, n_bytes);

  for (guint i = 0; i < taps->n_outputs; i++, out += n_bytes)
    {
      for (gsize j = 0; j < n_bytes; j++)
        sums[j] = 1 << (PRECISION_BITS - 1);
      for (guint k = 0; k < taps->n_taps[i]; k++)
        {
          const guint8 *row = in + (taps->first[i] + k - in_first) * n_bytes;
          gint32        weight = fixed[(gsize) i * taps->stride + k];

          for (gsize j = 0; j < n_bytes; j++)
            sums[j] += row[j] * weight;
        }
      for (gsize j = 0; j < n_bytes; j++)
        out[j] = round_fixed (sums[j]);
    }
}

UnclipImage *
unclip_image_resize_window (UnclipImage      *image,
                            UnclipFilter      filter,
                            guint             width,
                            guint             height,
                            const UnclipRect *window)
{
  guint              in_width = unclip_image_get_width (image);
  g_auto (Taps)      columns = { 0 }, rows = { 0 };
  g_autofree gint32 *fixed_columns = NULL, *fixed_rows = NULL;
  g_autofree guint8 *narrow = NULL;
  guint8            *out;
  guint              first_row, end_row;
  gsize              n_bytes = (gsize) window->width * 3;

  g_return_val_if_fail (window->width >= 1 && window->width <= UNCLIP_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (window->height >= 1 && window->height <= UNCLIP_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (window->x < width && window->width <= width - window->x, NULL);
  g_return_val_if_fail (window->y < height && window->height <= height - window->y, NULL);

  taps_init (&columns, filter, in_width, width, window->x, window->width);
  taps_init (&rows, filter, unclip_image_get_height (image), height, window->y, window->height);
  fixed_columns = taps_dup_fixed (&columns);
  fixed_rows = taps_dup_fixed (&rows);

  first_row = rows.first[0];
  end_row = rows.first[window->height - 1] + rows.n_taps[window->height - 1];
  narrow = g_malloc ((end_row - first_row) * n_bytes);
  for (guint row = first_row; row < end_row; row++)
    resize_row (&columns, fixed_columns, unclip_image_get_pixels (image) + (gsize) row * in_width * 3,
                narrow + (row - first_row) * n_bytes);

  out = g_malloc (n_bytes * window->height);
  resize_columns (&rows, fixed_rows, narrow, first_row, n_bytes, out);
  return unclip_image_new_take (window->width, window->height, out);
}

UnclipImage *
unclip_image_resize (UnclipImage *image, UnclipFilter filter, guint width, guint height)
{
  const UnclipRect all = { 0, 0, width, height };

  if (width == unclip_image_get_width (image) && height == unclip_image_get_height (image))
    return unclip_image_ref (image);
  return unclip_image_resize_window (image, filter, width, height, &all);
}

UnclipImage *
unclip_image_resize_to_fit (UnclipImage *image, guint width, guint height)
{
  guint  in_width = unclip_image_get_width (image);
  guint  in_height = unclip_image_get_height (image);
  double scale = MIN ((double) width / in_width, (double) height / in_height);

  g_return_val_if_fail (width >= 1 && height >= 1, NULL);

  width = CLAMP ((guint) rint (in_width * scale), 1, width);
  height = CLAMP ((guint) rint (in_height * scale), 1, height);
  return unclip_image_resize (image, scale < 1.0 ? UNCLIP_FILTER_BOX : UNCLIP_FILTER_BICUBIC, width, height);
}

void
unclip_resize_f32 (const float *in,
                   guint        in_width,
                   guint        in_height,
                   guint        n_channels,
                   UnclipFilter filter,
                   float       *out,
                   guint        out_width,
                   guint        out_height)
{
  g_auto (Taps)      columns = { 0 }, rows = { 0 };
  g_autofree double *narrow = NULL;
  gsize              n_row = (gsize) out_width * n_channels;

  g_return_if_fail (in_width >= 1 && in_height >= 1 && n_channels >= 1 && out_width >= 1 && out_height >= 1);

  taps_init (&columns, filter, in_width, out_width, 0, out_width);
  taps_init (&rows, filter, in_height, out_height, 0, out_height);

  narrow = g_new0 (double, in_height * n_row);          /* (in_height, out_width, C) */
  for (guint y = 0; y < in_height; y++)
    for (guint i = 0; i < out_width; i++)
      for (guint k = 0; k < columns.n_taps[i]; k++)
        for (guint c = 0; c < n_channels; c++)
          narrow[y * n_row + (gsize) i * n_channels + c]
            += columns.weights[(gsize) i * columns.stride + k]
               * (double) in[((gsize) y * in_width + columns.first[i] + k) * n_channels + c];

  for (guint i = 0; i < out_height; i++)
    for (gsize j = 0; j < n_row; j++)
      {
        double sum = 0.0;

        for (guint k = 0; k < rows.n_taps[i]; k++)
          sum += rows.weights[(gsize) i * rows.stride + k] * narrow[(rows.first[i] + k) * n_row + j];
        out[i * n_row + j] = (float) sum;
      }
}
