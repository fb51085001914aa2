/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-compare.h"

#include <math.h>

static gsize
count (const TestShape *shape)
{
  gsize n = 1;

  g_assert (shape->n_dims >= 1 && shape->n_dims <= TEST_MAX_DIMS);
  for (guint i = 0; i < shape->n_dims; i++)
    n *= (gsize) shape->dims[i];
  return n;
}

static char *
dup_index (const TestShape *shape,
           gsize            flat,
           gboolean         is_shape)
{
  gint64 index[TEST_MAX_DIMS];
  GString *text = g_string_new (is_shape ? "(" : "[");

  for (guint i = shape->n_dims; i-- > 0;)
    {
      index[i] = is_shape ? shape->dims[i] : (gint64) (flat % (gsize) shape->dims[i]);
      flat /= (gsize) shape->dims[i];
    }
  for (guint i = 0; i < shape->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", index[i]);
  g_string_append_c (text, is_shape ? ')' : ']');
  return g_string_free (text, FALSE);
}

static char *
save (const char  *what,
      const char  *suffix,
      const float *values,
      gsize        n)
{
  g_autofree char *name = g_strdup_printf ("failed-%s-%s.f32", what, suffix);
  char *path;

  g_strdelimit (name, " /", '-');
  path = g_build_filename (g_test_get_dir (G_TEST_BUILT), name, NULL);
  g_file_set_contents (path, (const char *) values, (gssize) (n * sizeof values[0]), NULL);
  return path;
}

static void
fail (const char      *what,
      const float     *found,
      const float     *expected,
      const TestShape *shape,
      gsize            worst,
      gsize            n_wrong)
{
  gsize n = count (shape);
  g_autofree char *dims = dup_index (shape, n - 1, TRUE);
  g_autofree char *index = dup_index (shape, worst, FALSE);
  g_autofree char *found_path = save (what, "found", found, n);
  g_autofree char *expected_path = save (what, "expected", expected, n);

  g_test_message ("%s %s: worst at %s: found %.9g, expected %.9g; %" G_GSIZE_FORMAT
                  " of %" G_GSIZE_FORMAT
                  " elements wrong; normalised error %.3g; saved as %s and %s",
                  what, dims, index, found[worst], expected[worst], n_wrong, n,
                  test_compare_error (found, expected, n), found_path, expected_path);
  g_error ("%s %s differs at %s: found %.9g, expected %.9g", what, dims, index, found[worst],
           expected[worst]);
}

double
test_compare_error (const float *found,
                    const float *expected,
                    gsize        n)
{
  double difference = 0, norm = 0;

  for (gsize i = 0; i < n; i++)
    {
      double d = (double) found[i] - expected[i];

      difference += d * d;
      norm += (double) expected[i] * expected[i];
    }
  if (isnan (difference) || isnan (norm))
    return INFINITY;
  return difference == 0 ? 0 : sqrt (difference / norm);
}

/* The difference as a multiple of what is allowed; infinity for NaN. */
static double
badness (float  found,
         float  expected,
         double absolute,
         double relative)
{
  double difference = fabs ((double) found - expected);
  double allowed = absolute + relative * fabs (expected);

  if (found == expected)
    return 0;
  if (isnan (difference) || isinf (difference))
    return INFINITY;
  return allowed > 0 ? difference / allowed : INFINITY;
}

void
test_compare_close (const char  *what,
                    const float *found,
                    const float *expected,
                    TestShape    shape,
                    double       absolute,
                    double       relative)
{
  gsize n = count (&shape), worst = 0, n_wrong = 0;
  double worst_badness = -1;

  for (gsize i = 0; i < n; i++)
    {
      double bad = badness (found[i], expected[i], absolute, relative);

      n_wrong += bad > 1 ? 1 : 0;
      if (bad > worst_badness)
        {
          worst_badness = bad;
          worst = i;
        }
    }
  if (n_wrong > 0)
    fail (what, found, expected, &shape, worst, n_wrong);
}

void
test_compare_normalised (const char  *what,
                         const float *found,
                         const float *expected,
                         TestShape    shape,
                         double       limit)
{
  gsize n = count (&shape), worst = 0;
  double worst_badness = -1;

  if (test_compare_error (found, expected, n) <= limit)
    return;
  for (gsize i = 0; i < n; i++)
    {
      double bad = badness (found[i], expected[i], 1.0, 0.0);

      if (bad > worst_badness)
        {
          worst_badness = bad;
          worst = i;
        }
    }
  fail (what, found, expected, &shape, worst, n);
}
