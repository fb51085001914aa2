/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Means on the sphere. The condition that defines them is checked with log maps of the test's own; results are single
 * precision, so a sum of log maps at them is 0 to about 1e-6. */

#include "config.h"

#include "test-random.h"
#include "unclip-error.h"
#include "unclip-mix.h"
#include "unclip-slerp.h"

#include <math.h>
#include <string.h>

#define N 192
#define TOLERANCE 2e-6

typedef struct
{
  guint  n_parts;
  double weights[UNCLIP_MIX_MAX_PARTS];
  float  values[UNCLIP_MIX_MAX_PARTS][N];
} Parts;

/* Embeddings of one model share a direction; @spread is how far they stray from it. */
static void
draw_parts (Parts *parts, guint n_parts, guint64 seed, double spread)
{
  g_autofree float *shared = test_random_normal (seed, N, 1);

  parts->n_parts = n_parts;
  for (guint i = 0; i < n_parts; i++)
    {
      g_autofree float *own = test_random_normal (seed + 1 + i, N, spread);

      parts->weights[i] = g_test_rand_double_range (0.05, 3);
      for (guint k = 0; k < N; k++)
        parts->values[i][k] = (float) ((1 + 0.1 * i) * (shared[k] + own[k]));
    }
}

static gboolean
mix (const Parts *parts, float *out, GError **error)
{
  const float *list[UNCLIP_MIX_MAX_PARTS];

  for (guint i = 0; i < parts->n_parts; i++)
    list[i] = parts->values[i];
  return unclip_mix_spherical (list, parts->weights, parts->n_parts, N, out, error);
}

/* |Σ w log_m (u)| by the arc cosine: the mean is where it vanishes. */
static double
get_gradient (const Parts *parts, const float *out)
{
  double total = 0, sum[N] = { 0 }, length = 0, length_out = unclip_vector_length (out, N);

  for (guint i = 0; i < parts->n_parts; i++)
    total += parts->weights[i];
  for (guint i = 0; i < parts->n_parts; i++)
    {
      double size = unclip_vector_length (parts->values[i], N);
      double cosine = unclip_vector_dot (parts->values[i], out, N) / size / length_out;
      double angle = acos (cosine);

      for (guint k = 0; k < N; k++)
        sum[k] += parts->weights[i] / total * angle / sin (angle) * (parts->values[i][k] / size - cosine * out[k] / length_out);
    }
  for (guint k = 0; k < N; k++)
    length += sum[k] * sum[k];
  return sqrt (length);
}

static void
test_gradient (void)
{
  for (guint n = 2; n <= UNCLIP_MIX_MAX_PARTS; n++)
    for (guint turn = 0; turn < 5; turn++)
      {
        g_autoptr (GError) error = NULL;
        float              out[N];
        double             length = 0, total = 0;
        Parts              parts;

        draw_parts (&parts, n, 100 * n + 10 * turn, 0.3 + 0.3 * turn);
        g_assert_true (mix (&parts, out, &error));
        g_assert_no_error (error);
        g_assert_cmpfloat (get_gradient (&parts, out), <, TOLERANCE);
        for (guint i = 0; i < n; i++)
          {
            length += parts.weights[i] * log (unclip_vector_length (parts.values[i], N));
            total += parts.weights[i];
          }
        g_assert_cmpfloat_with_epsilon (unclip_vector_length (out, N), exp (length / total), 1e-4);
        /* Away from the mean the condition does not hold. */
        out[0] += 1;
        g_assert_cmpfloat (get_gradient (&parts, out), >, 0.01);
      }
}

/* Beyond the parts too, as far as the pad reaches: a quarter outside. */
static void
test_two (void)
{
  static const double amounts[] = { -0.25, 0.1, 0.5, 0.8, 1.25 };

  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      Parts parts;
      float out[N], expected[N];

      draw_parts (&parts, 2, 7, 0.8);
      parts.weights[0] = 3 * (1 - amounts[i]);
      parts.weights[1] = 3 * amounts[i];
      g_assert_true (unclip_mix_check_weights (parts.weights, 2, NULL));
      g_assert_true (mix (&parts, out, NULL));
      /* Lengths change slerp's way: it is the same one for directions alone. */
      for (guint part = 0; part < 2; part++)
        {
          double length = unclip_vector_length (parts.values[part], N);

          for (guint k = 0; k < N; k++)
            parts.values[part][k] = (float) (parts.values[part][k] / length);
        }
      unclip_slerp (parts.values[0], parts.values[1], amounts[i], N, expected);
      g_assert_cmpfloat (unclip_vector_angle (out, expected, N), <, TOLERANCE);
    }
}

static void
test_order (void)
{
  Parts parts, turned;
  float a[N], b[N];

  draw_parts (&parts, 4, 31, 1);
  turned = parts;
  for (guint i = 0; i < 4; i++)
    {
      turned.weights[i] = 10 * parts.weights[3 - i];
      memcpy (turned.values[i], parts.values[3 - i], sizeof turned.values[i]);
    }
  g_assert_true (mix (&parts, a, NULL));
  g_assert_true (mix (&turned, b, NULL));
  g_assert_cmpfloat (unclip_vector_angle (a, b, N), <, TOLERANCE);
}

/* One part, and one that has all the weight, come back to the bit; a part without weight may be anything. */
static void
test_one (void)
{
  Parts parts;
  float out[N];

  draw_parts (&parts, 1, 3, 1);
  g_assert_true (mix (&parts, out, NULL));
  g_assert_cmpmem (out, sizeof out, parts.values[0], sizeof out);

  draw_parts (&parts, 3, 3, 1);
  parts.weights[0] = parts.weights[2] = 0;
  memset (parts.values[0], 0, sizeof parts.values[0]);
  g_assert_true (mix (&parts, out, NULL));
  g_assert_cmpmem (out, sizeof out, parts.values[1], sizeof out);

  /* Twice the same. */
  draw_parts (&parts, 2, 3, 1);
  memcpy (parts.values[1], parts.values[0], sizeof parts.values[1]);
  g_assert_true (mix (&parts, out, NULL));
  g_assert_cmpfloat (unclip_vector_angle (out, parts.values[0], N), <, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (unclip_vector_length (out, N), unclip_vector_length (parts.values[0], N), 1e-4);
}

/* Opposite directions: a place on the half circle of unclip_slerp(), by weight. */
static void
test_opposite (void)
{
  static const double shares[] = { 0.2, 0.5, 0.7 };

  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      Parts parts;
      float out[N], expected[N];

      draw_parts (&parts, 2, 11, 1);
      for (guint k = 0; k < N; k++)
        parts.values[1][k] = -parts.values[0][k];
      parts.weights[0] = 1 - shares[i];
      parts.weights[1] = shares[i];
      g_assert_true (mix (&parts, out, NULL));
      unclip_slerp (parts.values[0], parts.values[1], shares[i], N, expected);
      g_assert_cmpfloat_with_epsilon (unclip_vector_angle (out, parts.values[0], N), shares[i] * G_PI, TOLERANCE);
      g_assert_cmpfloat_with_epsilon (unclip_vector_length (out, N), unclip_vector_length (parts.values[0], N), 1e-4);
      g_assert_cmpfloat (unclip_vector_angle (out, expected, N), <, TOLERANCE);
    }
}

/* Parts on all sides of the sphere: finite, of the right length, and always the same. */
static void
test_spread (void)
{
  for (guint turn = 0; turn < 20; turn++)
    {
      Parts parts;
      float out[N], again[N];

      draw_parts (&parts, UNCLIP_MIX_MAX_PARTS, 1000 + 10 * turn, 1);
      for (guint i = 0; i < UNCLIP_MIX_MAX_PARTS; i++)
        for (guint k = 0; k < N; k++)
          parts.values[i][k] *= (i + k / 3) % 2 == 0 ? 1 : -1;
      g_assert_true (mix (&parts, out, NULL));
      g_assert_true (mix (&parts, again, NULL));
      g_assert_cmpmem (out, sizeof out, again, sizeof again);
      g_assert_true (isfinite (unclip_vector_length (out, N)));
      g_assert_cmpfloat (unclip_vector_length (out, N), >, 1);
    }
}

static void
test_errors (void)
{
  g_autoptr (GError) none = NULL, zero = NULL, outweighed = NULL, negative = NULL;
  Parts              parts;
  float              out[N];

  draw_parts (&parts, 3, 5, 1);
  memset (parts.values[1], 0, sizeof parts.values[1]);
  g_assert_false (mix (&parts, out, &none));
  g_assert_error (none, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_nonnull (strstr (none->message, "Part 2"));

  g_assert_false (unclip_mix_check_weights ((const double[]){ 0, 0 }, 2, &zero));
  g_assert_error (zero, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_false (unclip_mix_check_weights ((const double[]){ 1, -0.99 }, 2, &outweighed));
  g_assert_error (outweighed, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_false (unclip_mix_check_weights ((const double[]){ -1, -1 }, 2, &negative));
  g_assert_error (negative, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
}

static void
test_straight (void)
{
  Parts        parts;
  const float *list[3];
  float        out[N];

  draw_parts (&parts, 3, 9, 1);
  for (guint i = 0; i < 3; i++)
    list[i] = parts.values[i];
  parts.weights[0] = 1;
  parts.weights[1] = 2;
  parts.weights[2] = -0.5;
  unclip_mix_straight (list, parts.weights, 3, N, out);
  for (guint k = 0; k < N; k++)
    g_assert_cmpfloat_with_epsilon (out[k], (list[0][k] + 2.0 * list[1][k] - 0.5 * list[2][k]) / 2.5, TOLERANCE * 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/latent/mix/gradient", test_gradient);
  g_test_add_func ("/latent/mix/two", test_two);
  g_test_add_func ("/latent/mix/order", test_order);
  g_test_add_func ("/latent/mix/one", test_one);
  g_test_add_func ("/latent/mix/opposite", test_opposite);
  g_test_add_func ("/latent/mix/spread", test_spread);
  g_test_add_func ("/latent/mix/errors", test_errors);
  g_test_add_func ("/latent/mix/straight", test_straight);
  return g_test_run ();
}
