/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-detail.h"

#include <math.h>

/* Differences at which the weights have fallen to 1/e; chosen by looking at strips of colour edits. */
#define LIGHTNESS_SCALE 0.25f
#define COLOUR_SCALE 0.15f

/* Pixels to each side that a difference is averaged over: one alone is mostly the two pictures' noise. */
#define REACH 2

static float
get_lightness (const float *rgb)
{
  return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}

/* Mean of |values| over the window around (y, x), less where the picture ends. */
static float
average (const float *values, int y, int x, int height, int width)
{
  float sum = 0;
  int   n = 0;

  for (int i = MAX (y - REACH, 0); i <= MIN (y + REACH, height - 1); i++)
    for (int j = MAX (x - REACH, 0); j <= MIN (x + REACH, width - 1); j++, n++)
      sum += values[i * width + j];
  return sum / (float) n;
}

static void
measure (const UnclipDetail *detail, const float *edit, float *lightness, float *colour)
{
  gsize n = (gsize) detail->height * detail->width;

  for (gsize i = 0; i < n; i++)
    {
      const float *a = edit + 3 * i, *b = detail->reconstruction + 3 * i;

      lightness[i] = fabsf (get_lightness (a) - get_lightness (b));
      colour[i] = fmaxf (fmaxf (fabsf (a[0] - b[0]), fabsf (a[1] - b[1])), fabsf (a[2] - b[2]));
    }
}

void
unclip_detail_add (const UnclipDetail *detail, float *edit)
{
  int               height = (int) detail->height, width = (int) detail->width;
  g_autofree float *lightness = g_new (float, (gsize) height * (gsize) width);
  g_autofree float *colour = g_new (float, (gsize) height * (gsize) width);

  measure (detail, edit, lightness, colour);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        gsize i = 3 * ((gsize) y * (gsize) width + (gsize) x);
        float l = average (lightness, y, x, height, width) / LIGHTNESS_SCALE;
        float d = average (colour, y, x, height, width) / COLOUR_SCALE;
        float keep = expf (-l * l), keep_colour = expf (-l * l - d * d), rest[3], grey;

        for (int c = 0; c < 3; c++)
          rest[c] = detail->picture[i + (gsize) c] - detail->reconstruction[i + (gsize) c];
        grey = get_lightness (rest);
        for (int c = 0; c < 3; c++)
          edit[i + (gsize) c] += keep * grey + keep_colour * (rest[c] - grey);
      }
}
