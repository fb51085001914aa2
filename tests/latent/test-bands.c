/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-compare.h"
#include "test-device.h"
#include "test-random.h"
#include "unclip-bands.h"
#include "unclip-ref.h"

#include <complex.h>
#include <math.h>
#include <string.h>

/* Signed frequency of bin @k of @n, cycles a sample: −1/2 … 1/2 */
static double
get_signed (int k, int n)
{
  return (k > n / 2 ? k - n : k) / (double) n;
}

/* The header's formula over all H × W frequencies in double precision, with nothing of the engine's. */
static void
mix_by_definition (UnclipShape shape, const float *low, const float *high, double cutoff, double softness, float *out)
{
  for (int c = 0; c < shape.c; c++)
    {
      g_autofree double complex *mixed = g_new0 (double complex, shape.h * shape.w);

      for (int u = 0; u < shape.h; u++)
        for (int v = 0; v < shape.w; v++)
          {
            double         r = 2 * sqrt (pow (get_signed (u, shape.h), 2) + pow (get_signed (v, shape.w), 2));
            double         s = softness > 0 ? fmin (fmax ((r - cutoff + softness / 2) / softness, 0), 1) : (r >= cutoff);
            double         t = s * s * (3 - 2 * s);
            double complex a = 0, b = 0;

            for (int y = 0; y < shape.h; y++)
              for (int x = 0; x < shape.w; x++)
                {
                  double complex wave = cexp (-2 * G_PI * I * (u * y / (double) shape.h + v * x / (double) shape.w));

                  a += low[(y * shape.w + x) * shape.c + c] * wave;
                  b += high[(y * shape.w + x) * shape.c + c] * wave;
                }
            mixed[u * shape.w + v] = cos (G_PI / 2 * t) * a + sin (G_PI / 2 * t) * b;
          }
      for (int y = 0; y < shape.h; y++)
        for (int x = 0; x < shape.w; x++)
          {
            double complex sum = 0;

            for (int u = 0; u < shape.h; u++)
              for (int v = 0; v < shape.w; v++)
                sum += mixed[u * shape.w + v] * cexp (2 * G_PI * I * (u * y / (double) shape.h + v * x / (double) shape.w));
            out[(y * shape.w + x) * shape.c + c] = (float) (creal (sum) / (shape.h * shape.w));
          }
    }
}

static void
check (UnclipExecutor *executor, UnclipShape shape, double cutoff, double softness)
{
  g_autoptr (GError) error = NULL;
  gsize              n = (gsize) (shape.h * shape.w * shape.c);
  g_autofree float  *low = test_random_normal (1, n, 1);
  g_autofree float  *high = test_random_normal (2, n, 1);
  g_autofree float  *expected = g_new (float, n);
  g_autofree float  *found = g_new (float, n);

  mix_by_definition (shape, low, high, cutoff, softness, expected);
  g_assert_true (unclip_bands_mix (executor, shape, low, high, cutoff, softness, found, &error));
  g_assert_no_error (error);
  /* As the transforms, see test-gpu-fft.c; spectra are rounded to f32 on the way. */
  test_compare_normalised ("bands", found, expected, TEST_SHAPE (shape.h, shape.w, shape.c), 2e-6);
}

static void
test_formula (void)
{
  static const UnclipShape shapes[] = { { 1, 1, 1, 3 }, { 1, 1, 5, 2 }, { 1, 6, 1, 1 }, { 1, 7, 5, 3 }, { 1, 8, 8, 3 }, { 1, 9, 12, 2 } };
  g_autoptr (UnclipExecutor) executor = unclip_executor_new_ref ();

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      check (executor, shapes[i], 0.5, 0.3);
      check (executor, shapes[i], 0.25, 1);
      check (executor, shapes[i], 0.4, 0);
      check (executor, shapes[i], 0, 0);
      check (executor, shapes[i], 1, 0.2);
    }
}

static void
test_device (void)
{
  g_autoptr (GError)         error = NULL;
  g_autoptr (UnclipExecutor) executor = NULL;

  if (test_device_get () == NULL)
    return;
  executor = unclip_executor_open_vulkan (g_getenv ("UNCLIP_TEST_DEVICE"), UNCLIP_PRECISION_AUTO, &error);
  g_assert_no_error (error);
  check (executor, (UnclipShape) { 1, 12, 7, 3 }, 0.4, 0.3);
  check (executor, (UnclipShape) { 1, 12, 7, 3 }, 0.7, 0);
}

static void
test_gains (void)
{
  double low, high;

  for (double cutoff = 0; cutoff <= 1; cutoff += 0.25)
    for (double softness = 0; softness <= 1; softness += 0.25)
      for (double r = 0; r < 1.5; r += 0.01)
        {
          unclip_bands_get_gains (r, cutoff, softness, &low, &high);
          g_assert_cmpfloat_with_epsilon (low * low + high * high, 1, 1e-12);
        }
  /* Numbers worked out by hand: half way the bands are equal, a quarter in from the edge's start t is 5/32. */
  unclip_bands_get_gains (0.5, 0.5, 0.4, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, G_SQRT2 / 2, 1e-12);
  unclip_bands_get_gains (0.4, 0.5, 0.4, &low, &high);
  g_assert_cmpfloat_with_epsilon (high, 0.2429801799032639, 1e-12);
  unclip_bands_get_gains (0.3, 0.5, 0.4, &low, &high);
  g_assert_cmpfloat (high, ==, 0);
  unclip_bands_get_gains (0.5, 0.5, 0, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, 0, 1e-12);
}

/* The mean square of 27648 independent normals is 1 ± 0.0085 (one deviation); over nine cutoffs four deviations are wide
 * enough. A linear edge would give 0.9 and less at a softness of 1. */
static void
test_variance (void)
{
  const UnclipShape          shape = { 1, 24, 24, 48 };
  g_autoptr (UnclipExecutor) executor = unclip_executor_new_ref ();
  gsize                      n = (gsize) (shape.h * shape.w * shape.c);
  g_autofree float          *low = test_random_normal (3, n, 1);
  g_autofree float          *high = test_random_normal (4, n, 1);
  g_autofree float          *out = g_new (float, n);

  for (double cutoff = 0.2; cutoff <= 0.9; cutoff += 0.3)
    for (double softness = 0; softness <= 1; softness += 0.5)
      {
        double sum = 0;

        g_assert_true (unclip_bands_mix (executor, shape, low, high, cutoff, softness, out, NULL));
        for (gsize i = 0; i < n; i++)
          sum += (double) out[i] * out[i];
        g_assert_cmpfloat_with_epsilon (sum / (double) n, 1, 4 * sqrt (2.0 / (double) n));
      }
}

static void
test_cutoff (void)
{
  g_assert_cmpfloat (unclip_bands_get_cutoff (-100), ==, 1 / 16.0);
  g_assert_cmpfloat (unclip_bands_get_cutoff (-50), ==, 1 / 4.0);
  g_assert_cmpfloat (unclip_bands_get_cutoff (50), ==, 1 / 4.0);
  g_assert_cmpfloat (unclip_bands_get_cutoff (100), ==, 1);

  for (int x = -100; x <= 100; x++)
    if (x != 0)
      g_assert_cmpfloat_with_epsilon (unclip_bands_get_layout_detail (unclip_bands_get_cutoff (x), x < 0), x, 1e-9);
  g_assert_cmpfloat (unclip_bands_get_layout_detail (0, TRUE), ==, -100);
  g_assert_cmpfloat (unclip_bands_get_layout_detail (0, FALSE), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/latent/bands/gains", test_gains);
  g_test_add_func ("/latent/bands/formula", test_formula);
  g_test_add_func ("/latent/bands/variance", test_variance);
  g_test_add_func ("/latent/bands/cutoff", test_cutoff);
  g_test_add_func ("/latent/bands/device", test_device);
  return test_device_run ();
}
