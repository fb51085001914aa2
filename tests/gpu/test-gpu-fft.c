/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-compare.h"
#include "test-device.h"
#include "test-random.h"
#include "unclip-error.h"
#include "unclip-gpu-fft.h"
#include "unclip-ref-dft.h"

#include <locale.h>
#include <string.h>

/* f32 transforms lose about the square root of the logarithm of their length, times 6e-8; 64 × 64 gives 2e-7. */
#define LIMIT 2e-6

/* Every side as a width and as a height; 1 has no transform, 2 no table of sines, 17, 19 and 31 go through Bluestein's
 * algorithm; then the shape that the noise has. */
static const UnclipShape shapes[] = {
  { 1, 1, 1, 2 }, { 2, 1, 3, 3 }, { 1, 3, 5, 3 }, { 1, 5, 7, 1 }, { 2, 7, 12, 2 }, { 1, 12, 31, 1 }, { 1, 31, 32, 3 }, { 1, 32, 33, 2 },
  { 1, 33, 64, 1 }, { 2, 64, 1, 2 }, { 1, 2, 17, 1 }, { 1, 19, 2, 2 }, { 1, 64, 64, 3 },
};

static gsize
get_n_values (UnclipShape shape)
{
  return (gsize) (shape.n * shape.h * shape.w * shape.c);
}

static gsize
get_n_spectrum (UnclipShape shape)
{
  return (gsize) (shape.n * shape.c * shape.h * (shape.w / 2 + 1) * 2);
}

static UnclipGpuFft *
new_fft (UnclipShape shape)
{
  g_autoptr (GError) error = NULL;
  UnclipGpuFft      *fft = unclip_gpu_fft_new (test_device_get (), (guint) shape.n, (guint) shape.h, (guint) shape.w, (guint) shape.c, &error);

  g_assert_no_error (error);
  return fft;
}

/* Both ways against the definition; the inverse starts from the device's own spectrum with one value changed, so that it
 * cannot pass by giving back what it was given. */
static void
check_shape (UnclipShape shape, guint64 seed)
{
  g_autoptr (GError)       error = NULL;
  g_autoptr (UnclipGpuFft) fft = new_fft (shape);
  gsize                    n = get_n_values (shape), n_spectrum = get_n_spectrum (shape);
  g_autofree float        *real = test_random_normal (seed, n, 1);
  g_autofree float        *spectrum = g_new (float, n_spectrum);
  g_autofree float        *expected = g_new (float, n_spectrum);
  g_autofree float        *back = g_new (float, n);
  g_autofree float        *expected_back = g_new (float, n);

  g_assert_true (unclip_gpu_fft_forward (fft, real, spectrum, &error));
  g_assert_no_error (error);
  unclip_ref_dft (shape, real, expected);
  test_compare_normalised ("spectrum", spectrum, expected, TEST_SHAPE (shape.n * shape.c, shape.h, shape.w / 2 + 1, 2), LIMIT);

  spectrum[0] += 3;
  unclip_ref_inverse_dft (shape, spectrum, expected_back);
  g_assert_true (unclip_gpu_fft_inverse (fft, spectrum, back, &error));
  g_assert_no_error (error);
  test_compare_normalised ("back", back, expected_back, TEST_SHAPE (shape.n, shape.h, shape.w, shape.c), LIMIT);
}

static void
test_shapes (void)
{
  if (test_device_get () == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_test_message ("%d × %d × %d × %d", shapes[i].n, shapes[i].h, shapes[i].w, shapes[i].c);
      check_shape (shapes[i], 100 + i);
    }
}

/* A value worked out by hand: an impulse has a flat spectrum, a wave two spikes. */
static void
test_by_hand (void)
{
  const UnclipShape shape = { 1, 4, 4, 1 };
  const float       wave[16] = { 1, 0, -1, 0, 1, 0, -1, 0, 1, 0, -1, 0, 1, 0, -1, 0 };     /* cos (2π x / 4) */
  float             impulse[16] = { 0 }, spectrum[4 * 3 * 2], expected[24] = { 0 };
  g_autoptr (UnclipGpuFft) fft = NULL;
  g_autoptr (GError)       error = NULL;

  if (test_device_get () == NULL)
    return;
  fft = new_fft (shape);
  g_assert_true (unclip_gpu_fft_forward (fft, wave, spectrum, &error));
  expected[2] = 8;              /* u = 0, v = 1: half of 16 */
  test_compare_close ("wave", spectrum, expected, TEST_SHAPE (4, 3, 2), 1e-6, 0);

  impulse[0] = 2;
  g_assert_true (unclip_gpu_fft_forward (fft, impulse, spectrum, &error));
  for (guint i = 0; i < 24; i++)
    expected[i] = i % 2 == 0 ? 2 : 0;
  test_compare_close ("impulse", spectrum, expected, TEST_SHAPE (4, 3, 2), 1e-6, 0);
}

static void
test_too_large (void)
{
  g_autoptr (GError) error = NULL;

  if (test_device_get () == NULL)
    return;
  g_assert_null (unclip_gpu_fft_new (test_device_get (), 1, 8, UNCLIP_GPU_FFT_MAX_SIDE + 1, 1, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
}

static char *
find_cache_file (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "fugue", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "fft-") && g_str_has_suffix (name, "-2-4x6.bin"))
      return g_build_filename (folder, name, NULL);
  return NULL;
}

/* Made once, then taken from the file with the same result; a file that was cut or changed is ignored and replaced. */
static void
test_cache (void)
{
  const UnclipShape        shape = { 1, 4, 6, 2 };
  g_autoptr (GError)       error = NULL;
  g_autofree float        *real = test_random_normal (7, get_n_values (shape), 1);
  g_autofree float        *first = g_new (float, get_n_spectrum (shape));
  g_autofree float        *again = g_new (float, get_n_spectrum (shape));
  g_autofree char         *path = NULL;
  g_autofree char         *content = NULL;
  gsize                    length;

  if (test_device_get () == NULL)
    return;
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (UnclipGpuFft) fft = new_fft (shape);

      /* Odd rounds spoil the file for the even ones. */
      g_assert_cmpint (unclip_gpu_fft_is_from_cache (fft), ==, i % 2 == 1);
      g_assert_true (unclip_gpu_fft_forward (fft, real, i == 0 ? first : again, &error));
      g_assert_no_error (error);
      if (i > 0)
        g_assert_cmpmem (first, get_n_spectrum (shape) * sizeof *first, again, get_n_spectrum (shape) * sizeof *again);
      if (i == 0)
        path = find_cache_file ();
      g_assert_nonnull (path);
      if (i % 2 == 0)
        continue;
      g_clear_pointer (&content, g_free);
      g_assert_true (g_file_get_contents (path, &content, &length, &error));
      content[length - 9] ^= 1;
      g_assert_true (g_file_set_contents (path, content, (gssize) (i == 1 ? length : length / 2), &error));
    }
}

/* VkFFT sets the process's locale while it writes shaders, where decimal commas would break them; see unclip-gpu-fft.c. */
static void
test_locale (void)
{
  const UnclipShape shape = { 1, 6, 4, 1 };
  g_autofree char  *before = g_strdup (setlocale (LC_ALL, NULL));

  if (test_device_get () == NULL)
    return;
  check_shape (shape, 3);
  g_assert_cmpstr (setlocale (LC_ALL, NULL), ==, before);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = test_device_isolate_cache ();
  int              status;

  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gpu/fft/by-hand", test_by_hand);
  g_test_add_func ("/gpu/fft/shapes", test_shapes);
  g_test_add_func ("/gpu/fft/too-large", test_too_large);
  g_test_add_func ("/gpu/fft/cache", test_cache);
  g_test_add_func ("/gpu/fft/locale", test_locale);
  status = test_device_run ();
  test_device_remove_cache (folder);
  return status;
}
