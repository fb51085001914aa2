/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-slerp.h"

#include <math.h>
#include <string.h>

/* Radians; below it single precision holds no direction from one vector to the other. */
#define SMALL_ANGLE 1e-6

double
unclip_vector_dot (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

double
unclip_vector_length (const float *a, gsize n)
{
  return sqrt (unclip_vector_dot (a, a, n));
}

double
unclip_vector_angle (const float *a, const float *b, gsize n)
{
  double length_a = unclip_vector_length (a, n), length_b = unclip_vector_length (b, n);
  double difference = 0, sum = 0;

  if (length_a == 0 || length_b == 0)
    return 0;
  for (gsize i = 0; i < n; i++)
    {
      double u = a[i] / length_a, v = b[i] / length_b;

      difference += (u - v) * (u - v);
      sum += (u + v) * (u + v);
    }
  return 2 * atan2 (sqrt (difference), sqrt (sum));
}

void
unclip_vector_pick_normal (const double *unit, gsize n, double *out)
{
  gsize  smallest = 0;
  double length;

  for (gsize i = 1; i < n; i++)
    if (fabs (unit[i]) < fabs (unit[smallest]))
      smallest = i;
  /* e − (e · u) u, whose length is √(1 − u²) of that coordinate. */
  length = sqrt (1 - unit[smallest] * unit[smallest]);
  for (gsize i = 0; i < n; i++)
    out[i] = ((i == smallest ? 1 : 0) - unit[smallest] * unit[i]) / length;
}

/* From a to −λ a. */
static void
turn_half (const float *a, double length_a, double length_b, double amount, gsize n, float *out)
{
  g_autofree double *unit = g_new (double, n);
  g_autofree double *normal = g_new (double, n);
  double             length = (1 - amount) * length_a + amount * length_b;

  for (gsize i = 0; i < n; i++)
    unit[i] = a[i] / length_a;
  unclip_vector_pick_normal (unit, n, normal);
  for (gsize i = 0; i < n; i++)
    out[i] = (float) (length * (cos (amount * G_PI) * unit[i] + sin (amount * G_PI) * normal[i]));
}

void
unclip_slerp (const float *a, const float *b, double amount, gsize n, float *out)
{
  double length_a = unclip_vector_length (a, n), length_b = unclip_vector_length (b, n);
  double angle = unclip_vector_angle (a, b, n);
  double from = 1 - amount, to = amount;

  if (amount == 0 || amount == 1)
    {
      memmove (out, amount == 0 ? a : b, n * sizeof *out);
      return;
    }
  if (angle > G_PI - SMALL_ANGLE && n > 1)
    {
      turn_half (a, length_a, length_b, amount, n, out);
      return;
    }
  if (angle >= SMALL_ANGLE && angle <= G_PI - SMALL_ANGLE)
    {
      from = sin ((1 - amount) * angle) / sin (angle);
      to = sin (amount * angle) / sin (angle);
    }
  for (gsize i = 0; i < n; i++)
    out[i] = (float) (from * a[i] + to * b[i]);
}
