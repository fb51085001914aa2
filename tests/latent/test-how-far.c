/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The curve is a measured table; what is sure of it is its shape: from the source itself through the plain variation to
 * the loosest, never back, and no jump. */

#include "config.h"

#include "unclip-how-far.h"

static void
assert_is (double percent, double looseness, double eta)
{
  double found_looseness, found_eta;

  unclip_how_far_get (percent, &found_looseness, &found_eta);
  g_assert_cmpfloat (found_looseness, ==, looseness);
  g_assert_cmpfloat (found_eta, ==, eta);
}

static void
test_ends (void)
{
  assert_is (0, 0, 0);
  assert_is (UNCLIP_HOW_FAR_PLAIN, 0, 1);
  assert_is (100, 1, 1);
  assert_is (-3, 0, 0);
  assert_is (1000, 1, 1);
}

/* A hundredth of the way moves neither by more than a tenth of its range: 0.1 % steps, by a hundredth. */
static void
test_rises (void)
{
  double last_looseness = 0, last_eta = 0;

  for (guint i = 1; i <= 1000; i++)
    {
      double looseness, eta;

      unclip_how_far_get (i / 10.0, &looseness, &eta);
      g_assert_cmpfloat (looseness, >=, last_looseness);
      g_assert_cmpfloat (eta, >=, last_eta);
      g_assert_cmpfloat (looseness + eta, >, last_looseness + last_eta);
      g_assert_cmpfloat (looseness - last_looseness, <, 0.01);
      g_assert_cmpfloat (eta - last_eta, <, 0.01);
      last_looseness = looseness;
      last_eta = eta;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/latent/how-far/ends", test_ends);
  g_test_add_func ("/latent/how-far/rises", test_rises);
  return g_test_run ();
}
