/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-bands.h"

#include <math.h>
#include <string.h>

#define OCTAVES 4

void
unclip_bands_get_gains (double radius, double cutoff, double softness, double *low, double *high)
{
  double s, t;

  if (softness > 0)
    {
      s = CLAMP ((radius - cutoff) / softness + 0.5, 0, 1);
      t = s * s * (3 - 2 * s);
    }
  else
    t = radius < cutoff ? 0 : 1;
  *low = cos (G_PI_2 * t);
  *high = sin (G_PI_2 * t);
}

/* Of row or column @k of @n, in parts of the Nyquist frequency. */
static double
get_frequency (int k, int n)
{
  return 2.0 * MIN (k, n - k) / n;
}

/* Planes (2·C, H, W/2 + 1, 2): those of the low noise first. */
static void
apply_masks (UnclipShape shape, double cutoff, double softness, float *spectrum)
{
  int n_columns = shape.w / 2 + 1;

  for (int u = 0; u < shape.h; u++)
    for (int v = 0; v < n_columns; v++)
      {
        double gains[2];

        unclip_bands_get_gains (hypot (get_frequency (u, shape.h), get_frequency (v, shape.w)), cutoff, softness, &gains[0], &gains[1]);
        for (int plane = 0; plane < 2 * shape.c; plane++)
          {
            float *value = spectrum + 2 * (((gsize) plane * (gsize) shape.h + (gsize) u) * (gsize) n_columns + (gsize) v);

            value[0] = (float) (value[0] * gains[plane / shape.c]);
            value[1] = (float) (value[1] * gains[plane / shape.c]);
          }
      }
}

gboolean
unclip_bands_mix (UnclipExecutor *executor,
                  UnclipShape     shape,
                  const float    *low,
                  const float    *high,
                  double          cutoff,
                  double          softness,
                  float          *out,
                  GError        **error)
{
  UnclipShape       both = { 2, shape.h, shape.w, shape.c };
  gsize             n = (gsize) shape.h * (gsize) shape.w * (gsize) shape.c;
  g_autofree float *real = g_new (float, 2 * n);
  g_autofree float *spectrum = g_new (float, 2 * (gsize) shape.c * (gsize) shape.h * (gsize) (shape.w / 2 + 1) * 2);

  g_assert (shape.n == 1);
  memcpy (real, low, n * sizeof *real);
  memcpy (real + n, high, n * sizeof *real);
  if (!unclip_executor_fft (executor, both, real, spectrum, error))
    return FALSE;
  apply_masks (shape, cutoff, softness, spectrum);
  if (!unclip_executor_inverse_fft (executor, both, spectrum, real, error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    out[i] = real[i] + real[n + i];
  return TRUE;
}

double
unclip_bands_get_cutoff (double layout_detail)
{
  double octaves = layout_detail < 0 ? -layout_detail / 100 : 1 - layout_detail / 100;

  return exp2 (-OCTAVES * octaves);
}

double
unclip_bands_get_layout_detail (double cutoff, gboolean is_low_new)
{
  double octaves = CLAMP (-log2 (MAX (cutoff, 1e-6)) / OCTAVES, 0, 1);

  return is_low_new ? -100 * octaves : 100 * (1 - octaves);
}
