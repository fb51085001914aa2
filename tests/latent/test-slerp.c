/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Arcs against the same arcs worked out by Gram and Schmidt in double precision. Inputs are single precision and so are
 * results, which rounds each value once: 1e-6 of the values' size leaves room for the angle too. */

#include "config.h"

#include "test-random.h"
#include "unclip-slerp.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-6

static double
length_of (const double *a, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += a[i] * a[i];
  return sqrt (sum);
}

/* p = cos (tΩ) e1 + sin (tΩ) e2 in the plane's own axes, then as p = s â + t b̂, then with the lengths put back. */
static void
slerp_ref (const float *a, const float *b, double amount, gsize n, double *out)
{
  g_autofree double *e1 = g_new (double, n), *e2 = g_new (double, n);
  double             length_a, length_b, along = 0, across, angle, share_b, share_a;

  for (gsize i = 0; i < n; i++)
    {
      e1[i] = a[i];
      e2[i] = b[i];
    }
  length_a = length_of (e1, n);
  length_b = length_of (e2, n);
  for (gsize i = 0; i < n; i++)
    {
      e1[i] /= length_a;
      along += e1[i] * b[i] / length_b;
    }
  for (gsize i = 0; i < n; i++)
    e2[i] = b[i] / length_b - along * e1[i];
  across = length_of (e2, n);
  angle = acos (along);
  share_b = sin (amount * angle) / across;
  share_a = cos (amount * angle) - share_b * along;
  for (gsize i = 0; i < n; i++)
    out[i] = share_a * a[i] + share_b * b[i];
}

static void
test_reference (void)
{
  static const gsize  sizes[] = { 2, 3, 192, 768, 12288 };
  static const double amounts[] = { -0.25, 0.001, 0.3, 0.5, 0.999, 1.25 };

  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
    {
      gsize              n = sizes[k];
      g_autofree float  *a = test_random_normal (2 * k, n, 1), *b = test_random_normal (2 * k + 1, n, 1.5);
      g_autofree float  *out = g_new (float, n);
      g_autofree double *expected = g_new (double, n);

      for (guint j = 0; j < G_N_ELEMENTS (amounts); j++)
        {
          unclip_slerp (a, b, amounts[j], n, out);
          slerp_ref (a, b, amounts[j], n, expected);
          for (gsize i = 0; i < n; i++)
            g_assert_cmpfloat_with_epsilon (out[i], expected[i], TOLERANCE * 6);        /* values reach 6 */
        }
    }
}

static void
test_ends (void)
{
  g_autofree float *a = test_random_normal (1, 192, 1), *b = test_random_normal (2, 192, 1), *out = g_new (float, 192);

  unclip_slerp (a, b, 0, 192, out);
  g_assert_cmpmem (out, 192 * sizeof (float), a, 192 * sizeof (float));
  unclip_slerp (a, b, 1, 192, out);
  g_assert_cmpmem (out, 192 * sizeof (float), b, 192 * sizeof (float));

  /* In place of either. */
  unclip_slerp (a, b, 0.4, 192, out);
  unclip_slerp (a, b, 0.4, 192, a);
  g_assert_cmpmem (out, 192 * sizeof (float), a, 192 * sizeof (float));
}

/* The same direction, another length; and no length at all: the straight line. */
static void
test_straight (void)
{
  const float a[] = { 3, 4, 0 }, longer[] = { 6, 8, 0 }, none[] = { 0, 0, 0 };
  float       out[3];

  unclip_slerp (a, longer, 0.25, 3, out);
  g_assert_cmpfloat_with_epsilon (out[0], 3.75, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (out[1], 5, TOLERANCE);
  unclip_slerp (none, a, 0.5, 3, out);
  g_assert_cmpfloat_with_epsilon (out[0], 1.5, TOLERANCE);
  unclip_slerp (none, none, 0.5, 3, out);
  g_assert_cmpfloat (out[0], ==, 0);
}

/* Half a turn keeps to evenly changing length and angle, and passes through the axis in which the vector is smallest. */
static void
test_opposite (void)
{
  const float a[] = { 3, 0, 4 }, b[] = { -6, 0, -8 };
  float       out[3], last[3];

  unclip_slerp (a, b, 0.5, 3, out);
  g_assert_cmpfloat_with_epsilon (out[0], 0, TOLERANCE * 10);
  g_assert_cmpfloat_with_epsilon (out[1], 7.5, TOLERANCE * 10);
  g_assert_cmpfloat_with_epsilon (out[2], 0, TOLERANCE * 10);

  memcpy (last, a, sizeof last);
  for (int i = 1; i <= 10; i++)
    {
      unclip_slerp (a, b, i / 10.0, 3, out);
      g_assert_cmpfloat_with_epsilon (unclip_vector_length (out, 3), 5 + 0.5 * i, TOLERANCE * 10);
      g_assert_cmpfloat_with_epsilon (unclip_vector_angle (last, out, 3), G_PI / 10, TOLERANCE);
      memcpy (last, out, sizeof last);
    }
}

/* The arc cosine loses half of its digits near its ends; this angle must not. */
static void
test_angle (void)
{
  static const double angles[] = { 1e-5, 1e-3, 0.7, 1.5, 3.1, G_PI - 1e-4 };

  for (guint i = 0; i < G_N_ELEMENTS (angles); i++)
    {
      const float a[] = { 2, 0 }, b[] = { (float) (3 * cos (angles[i])), (float) (3 * sin (angles[i])) };

      /* b is rounded to single precision, which turns it by up to 6e-8. */
      g_assert_cmpfloat_with_epsilon (unclip_vector_angle (a, b, 2), angles[i], 1.2e-7);
    }
}

static void
test_normal (void)
{
  for (guint turn = 0; turn < 50; turn++)
    {
      double unit[7], out[7], length, product = 0;

      for (guint i = 0; i < 7; i++)
        unit[i] = g_test_rand_double_range (-1, 1);
      length = length_of (unit, 7);
      for (guint i = 0; i < 7; i++)
        unit[i] /= length;
      unclip_vector_pick_normal (unit, 7, out);
      for (guint i = 0; i < 7; i++)
        product += unit[i] * out[i];
      g_assert_cmpfloat_with_epsilon (length_of (out, 7), 1, 1e-12);
      g_assert_cmpfloat_with_epsilon (product, 0, 1e-12);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/latent/slerp/reference", test_reference);
  g_test_add_func ("/latent/slerp/ends", test_ends);
  g_test_add_func ("/latent/slerp/straight", test_straight);
  g_test_add_func ("/latent/slerp/opposite", test_opposite);
  g_test_add_func ("/latent/slerp/angle", test_angle);
  g_test_add_func ("/latent/slerp/normal", test_normal);
  return g_test_run ();
}
