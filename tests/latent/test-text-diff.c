/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Text differences by their geometry: the angle gone, the length kept, the plane not left. Values are single precision,
 * of which an angle between them keeps about 1e-6. */

#include "config.h"

#include "test-random.h"
#include "unclip-error.h"
#include "unclip-slerp.h"
#include "unclip-text-diff.h"

#include <math.h>

#define N 192
#define TOLERANCE 2e-6

static void
test_direction (void)
{
  g_autofree float  *from = test_random_normal (1, N, 1), *to = test_random_normal (2, N, 1), *out = g_new (float, N);
  g_autoptr (GError) error = NULL;
  double             length = 0;

  g_assert_true (unclip_text_diff_direction (from, to, N, out, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < N; i++)
    length += pow ((double) to[i] - from[i], 2);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (out[i], (to[i] - from[i]) / sqrt (length), TOLERANCE);
}

static void
test_same_captions (void)
{
  g_autofree float  *text = test_random_normal (1, N, 1), *near = test_random_normal (1, N, 1), *none = g_new0 (float, N);
  g_autofree float  *out = g_new (float, N);
  g_autoptr (GError) same = NULL, nearly = NULL, nothing = NULL;

  near[3] += 1e-6f;
  g_assert_false (unclip_text_diff_direction (text, text, N, out, &same));
  g_assert_error (same, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_false (unclip_text_diff_direction (text, near, N, out, &nearly));
  g_assert_error (nearly, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_false (unclip_text_diff_direction (none, none, N, out, &nothing));
  g_assert_error (nothing, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
}

static void
test_turn (void)
{
  static const double amounts[] = { 0.1, 0.25, 0.5, 0.9, 1 };
  g_autofree float   *z = test_random_normal (3, N, 0.9), *from = test_random_normal (1, N, 1), *to = test_random_normal (2, N, 1);
  g_autofree float   *direction = g_new (float, N), *out = g_new (float, N);
  double              length = unclip_vector_length (z, N), whole;

  g_assert_true (unclip_text_diff_direction (from, to, N, direction, NULL));
  whole = unclip_vector_angle (z, direction, N);
  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      unclip_text_diff_turn (z, direction, amounts[i], N, out);
      g_assert_cmpfloat_with_epsilon (unclip_vector_length (out, N), length, TOLERANCE * length);
      /* Both parts of the way sum up to the whole only in the plane of the two. */
      g_assert_cmpfloat_with_epsilon (unclip_vector_angle (z, out, N), amounts[i] * whole, TOLERANCE);
      g_assert_cmpfloat_with_epsilon (unclip_vector_angle (out, direction, N), (1 - amounts[i]) * whole, TOLERANCE);
    }
  unclip_text_diff_turn (z, direction, 0, N, out);
  g_assert_cmpmem (out, N * sizeof (float), z, N * sizeof (float));
}

static void
test_negative (void)
{
  g_autofree float *z = test_random_normal (3, N, 1), *from = test_random_normal (1, N, 1), *to = test_random_normal (2, N, 1);
  g_autofree float *forth = g_new (float, N), *back = g_new (float, N), *a = g_new (float, N), *b = g_new (float, N);

  g_assert_true (unclip_text_diff_direction (from, to, N, forth, NULL));
  g_assert_true (unclip_text_diff_direction (to, from, N, back, NULL));
  unclip_text_diff_turn (z, forth, -0.3, N, a);
  unclip_text_diff_turn (z, back, 0.3, N, b);
  g_assert_cmpmem (a, N * sizeof (float), b, N * sizeof (float));
  g_assert_cmpfloat (unclip_vector_angle (a, z, N), >, 0.1);
}

/* No length, and the direction itself or its opposite. */
static void
test_degenerate (void)
{
  const float direction[] = { 0, 0.6f, 0.8f }, none[] = { 0, 0, 0 }, same[] = { 0, 3, 4 };
  float       out[3];

  unclip_text_diff_turn (none, direction, 0.5, 3, out);
  g_assert_cmpmem (out, sizeof out, none, sizeof none);
  unclip_text_diff_turn (same, direction, 0.5, 3, out);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (out[i], same[i], TOLERANCE);
  unclip_text_diff_turn (same, direction, -0.5, 3, out);
  g_assert_cmpfloat_with_epsilon (out[0], 5, TOLERANCE * 5);
  unclip_text_diff_turn (same, direction, -1, 3, out);
  g_assert_cmpfloat_with_epsilon (out[2], -4, TOLERANCE * 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/latent/text-diff/direction", test_direction);
  g_test_add_func ("/latent/text-diff/same-captions", test_same_captions);
  g_test_add_func ("/latent/text-diff/turn", test_turn);
  g_test_add_func ("/latent/text-diff/negative", test_negative);
  g_test_add_func ("/latent/text-diff/degenerate", test_degenerate);
  return g_test_run ();
}
