/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ref-dft.h"

#include <complex.h>
#include <math.h>

/* exp (2πi k / n) for k = 0 … n − 1 */
static double complex *
new_turns (int n)
{
  double complex *turns = g_new (double complex, n);

  for (int k = 0; k < n; k++)
    turns[k] = cos (2 * G_PI * k / n) + sin (2 * G_PI * k / n) * I;
  return turns;
}

void
unclip_ref_dft (UnclipShape shape, const float *real, float *spectrum)
{
  g_autofree double complex *rows = new_turns (shape.h);
  g_autofree double complex *columns = new_turns (shape.w);
  int                        n_columns = shape.w / 2 + 1;

  for (int plane = 0; plane < shape.n * shape.c; plane++)
    for (int u = 0; u < shape.h; u++)
      for (int v = 0; v < n_columns; v++)
        {
          double complex sum = 0;
          float         *out = spectrum + 2 * ((gsize) (plane * shape.h + u) * (gsize) n_columns + (gsize) v);

          for (int y = 0; y < shape.h; y++)
            for (int x = 0; x < shape.w; x++)
              {
                int at = ((plane / shape.c * shape.h + y) * shape.w + x) * shape.c + plane % shape.c;

                sum += real[at] * conj (rows[u * y % shape.h] * columns[v * x % shape.w]);
              }
          out[0] = (float) creal (sum);
          out[1] = (float) cimag (sum);
        }
}

/* X[u,v] of one plane, the columns that are not stored included. */
static double complex
get_value (UnclipShape shape, const float *plane, int u, int v)
{
  int          n_columns = shape.w / 2 + 1;
  gboolean     is_stored = v < n_columns;
  int          row = is_stored ? u : (shape.h - u) % shape.h;
  int          column = is_stored ? v : shape.w - v;
  const float *value = plane + 2 * (row * n_columns + column);

  return is_stored ? value[0] + value[1] * I : value[0] - value[1] * I;
}

void
unclip_ref_inverse_dft (UnclipShape shape, const float *spectrum, float *real)
{
  g_autofree double complex *rows = new_turns (shape.h);
  g_autofree double complex *columns = new_turns (shape.w);
  int                        n_columns = shape.w / 2 + 1;

  for (int plane = 0; plane < shape.n * shape.c; plane++)
    for (int y = 0; y < shape.h; y++)
      for (int x = 0; x < shape.w; x++)
        {
          const float   *values = spectrum + 2 * (gsize) plane * (gsize) (shape.h * n_columns);
          int            at = ((plane / shape.c * shape.h + y) * shape.w + x) * shape.c + plane % shape.c;
          double complex sum = 0;

          for (int u = 0; u < shape.h; u++)
            for (int v = 0; v < shape.w; v++)
              sum += get_value (shape, values, u, v) * rows[u * y % shape.h] * columns[v * x % shape.w];
          real[at] = (float) (creal (sum) / (shape.h * shape.w));
        }
}
