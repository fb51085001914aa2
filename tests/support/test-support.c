/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tools of the tests, tested: a comparison that lets everything pass would hide every other
 * fault. */

#include "config.h"

#include "test-compare.h"
#include "test-random.h"

#include <math.h>

typedef struct
{
  const char *name;
  float       found[4];
  double      limit;      /* absolute, relative and normalised alike */
  gboolean    normalised;
  gboolean    passes;
} Case;

static const float expected[4] = { 1.0f, -2.0f, 0.0f, 4.0f };

static const Case cases[] = {
  { "equal", { 1.0f, -2.0f, 0.0f, 4.0f }, 0.0, FALSE, TRUE },
  { "within", { 1.0f, -2.0f, 0.0f, 4.04f }, 0.01, FALSE, TRUE },
  { "beyond", { 1.0f, -2.0f, 0.0f, 4.06f }, 0.01, FALSE, FALSE },
  { "near-zero", { 1.0f, -2.0f, 0.011f, 4.0f }, 0.01, FALSE, FALSE },
  { "nan", { 1.0f, -2.0f, NAN, 4.0f }, 1e9, FALSE, FALSE },
  { "infinite", { 1.0f, -2.0f, 0.0f, INFINITY }, 1e9, FALSE, FALSE },
  { "normalised-equal", { 1.0f, -2.0f, 0.0f, 4.0f }, 0.0, TRUE, TRUE },
  { "normalised-within", { 1.0f, -2.0f, 0.04f, 4.0f }, 0.01, TRUE, TRUE },
  { "normalised-beyond", { 1.0f, -2.0f, 0.05f, 4.0f }, 0.01, TRUE, FALSE },
  { "normalised-nan", { NAN, -2.0f, 0.0f, 4.0f }, 1e9, TRUE, FALSE },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;

  if (g_test_subprocess ())
    {
      if (c->normalised)
        test_compare_normalised (c->name, c->found, expected, TEST_SHAPE (2, 2), c->limit);
      else
        test_compare_close (c->name, c->found, expected, TEST_SHAPE (2, 2), c->limit, c->limit);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  if (c->passes)
    g_test_trap_assert_passed ();
  else
    {
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr ("*(2, 2) differs at [*, *]*");
    }
}

static void
test_seeds (void)
{
  enum { N = 100000 };
  g_autofree float *a = test_random_normal (1, N, 2.0);
  g_autofree float *again = test_random_normal (1, N, 2.0);
  g_autofree float *b = test_random_normal (2, N, 2.0);
  g_autofree float *u = test_random_uniform (1, N, -1.0, 3.0);
  double mean = 0, square = 0, product = 0;

  g_assert_cmpmem (a, N * sizeof a[0], again, N * sizeof again[0]);
  for (guint i = 0; i < N; i++)
    {
      mean += a[i];
      square += a[i] * a[i];
      product += a[i] * b[i];
      g_assert_true (u[i] >= -1.0f && u[i] < 3.0f);
    }
  /* Five standard errors each: 2 / sqrt (N), 4 sqrt (2 / N), 4 / sqrt (N). */
  g_assert_cmpfloat (fabs (mean / N), <, 0.032);
  g_assert_cmpfloat (fabs (square / N - 4.0), <, 0.09);
  g_assert_cmpfloat (fabs (product / N), <, 0.064);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/support/compare/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/support/random/seeds", test_seeds);
  return g_test_run ();
}
