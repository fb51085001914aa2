/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SplitMix64 (Steele, Lea & Flood 2014) and the Box-Muller transform. */

#include "config.h"

#include "test-random.h"

#include "unclip-half.h"

#include <math.h>

/* In (0, 1]. */
static double
next (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  z ^= z >> 31;
  return ((double) (z >> 11) + 1) * 0x1p-53;
}

float *
test_random_normal (guint64 seed,
                    gsize   n,
                    double  scale)
{
  float *values = g_new (float, n);
  guint64 state = seed;

  for (gsize i = 0; i < n; i++)
    {
      double radius = sqrt (-2.0 * log (next (&state)));

      values[i] = (float) (scale * radius * cos (2.0 * G_PI * next (&state)));
    }
  return values;
}

float *
test_random_uniform (guint64 seed,
                     gsize   n,
                     double  low,
                     double  high)
{
  float *values = g_new (float, n);
  guint64 state = seed;

  for (gsize i = 0; i < n; i++)
    values[i] = (float) (high - (high - low) * next (&state));
  return values;
}

guint16 *
test_random_to_half (float *values,
                     gsize  n)
{
  guint16 *halves = g_new (guint16, n);

  for (gsize i = 0; i < n; i++)
    {
      halves[i] = unclip_half_from_float (values[i]);
      values[i] = unclip_half_to_float (halves[i]);
    }
  return halves;
}
