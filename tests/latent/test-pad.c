/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mixing pad's arithmetic. Exact in doubles but for rounding of a few operations: 1e-12. */

#include "config.h"

#include "unclip-pad.h"

static void
test_corners (void)
{
  for (guint n = 1; n <= UNCLIP_PAD_MAX_CORNERS; n++)
    for (guint corner = 0; corner < n; corner++)
      {
        double x, y, weights[UNCLIP_PAD_MAX_CORNERS];

        unclip_pad_get_corner (n, corner, &x, &y);
        unclip_pad_get_weights (n, x, y, weights);
        for (guint i = 0; i < n; i++)
          g_assert_cmpfloat (weights[i], ==, i == corner ? 1 : 0);
      }
}

/* Anywhere, the weights sum up to 1 and lead back to the same point. */
static void
test_round_trip (void)
{
  for (guint n = 2; n <= UNCLIP_PAD_MAX_CORNERS; n++)
    for (guint turn = 0; turn < 100; turn++)
      {
        double x = g_test_rand_double_range (UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM);
        double y = n == 2 ? 0.5 : g_test_rand_double_range (UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM);
        double weights[UNCLIP_PAD_MAX_CORNERS], x_again, y_again, sum = 0;

        unclip_pad_get_weights (n, x, y, weights);
        for (guint i = 0; i < n; i++)
          sum += weights[i];
        g_assert_cmpfloat_with_epsilon (sum, 1, 1e-12);

        unclip_pad_get_position (n, weights, &x_again, &y_again);
        g_assert_cmpfloat_with_epsilon (x_again, x, 1e-12);
        g_assert_cmpfloat_with_epsilon (y_again, y, 1e-12);
      }
}

static void
test_by_hand (void)
{
  double weights[UNCLIP_PAD_MAX_CORNERS], x, y;

  unclip_pad_get_weights (4, 0.25, 0.5, weights);
  g_assert_cmpfloat (weights[0], ==, 0.375);
  g_assert_cmpfloat (weights[1], ==, 0.125);
  g_assert_cmpfloat (weights[2], ==, 0.375);
  g_assert_cmpfloat (weights[3], ==, 0.125);

  unclip_pad_get_weights (2, 1.25, 0.9, weights);
  g_assert_cmpfloat (weights[0], ==, -0.25);
  g_assert_cmpfloat (weights[1], ==, 1.25);

  /* Weights need not be normalised. */
  unclip_pad_get_position (3, (const double[]) { 30, 30, 60 }, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (y, 0.5, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/latent/pad/corners", test_corners);
  g_test_add_func ("/latent/pad/round-trip", test_round_trip);
  g_test_add_func ("/latent/pad/by-hand", test_by_hand);
  return g_test_run ();
}
