/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-image.h"

#include <math.h>

static const guint8 six[] = { 0, 1, 2, 10, 11, 12, 20, 21, 22, 100, 101, 102, 110, 111, 112, 120, 121, 255 };

static void
test_bytes (void)
{
  g_autoptr (UnclipImage) image = unclip_image_new_copy (3, 2, six);
  g_autoptr (UnclipImage) again = unclip_image_ref (image);
  g_autofree char        *sha256 = unclip_image_dup_sha256 (image);
  g_autofree char        *expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, six, sizeof six);

  g_assert_cmpuint (unclip_image_get_width (again), ==, 3);
  g_assert_cmpuint (unclip_image_get_height (again), ==, 2);
  g_assert_cmpmem (unclip_image_get_pixels (image), unclip_image_get_n_bytes (image), six, sizeof six);
  g_assert_cmpstr (sha256, ==, expected);
}

static void
test_crop (void)
{
  static const guint8     right[] = { 10, 11, 12, 20, 21, 22, 110, 111, 112, 120, 121, 255 };
  g_autoptr (UnclipImage) image = unclip_image_new_copy (3, 2, six);
  g_autoptr (UnclipImage) part = unclip_image_crop (image, 1, 0, 2, 2);
  g_autoptr (UnclipImage) all = unclip_image_crop (image, 0, 0, 3, 2);

  g_assert_cmpmem (unclip_image_get_pixels (part), unclip_image_get_n_bytes (part), right, sizeof right);
  g_assert_true (all == image);
}

static void
test_signed_round_trip (void)
{
  guint8                  bytes[256 * 3];
  float                   values[256 * 3], planes[256 * 3];
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = NULL, back = NULL;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i / 3 + i % 3);
  image = unclip_image_new_copy (16, 16, bytes);
  unclip_image_copy_signed (image, values);
  unclip_image_copy_planes (image, planes);
  back = unclip_image_new_from_signed (16, 16, values, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (unclip_image_get_pixels (back), unclip_image_get_n_bytes (back), bytes, sizeof bytes);
  for (guint i = 0; i < 256; i++)
    for (guint c = 0; c < 3; c++)
      g_assert_cmpfloat (planes[256 * c + i], ==, values[3 * i + c]);
}

static void
test_signed_edges (void)
{
  /* Beyond the range, and the one value in the middle of two bytes: 127.5 goes to the even one. */
  const float             values[] = { -7.0f, -1.0f, 1.0f, 1e30f, 0.0f, -0.01f };
  static const guint8     expected[] = { 0, 0, 255, 255, 128, 126 };
  const float             broken[][3] = { { 0, NAN, 0 }, { 0, 0, INFINITY } };
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = unclip_image_new_from_signed (2, 1, values, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (unclip_image_get_pixels (image), 6, expected, sizeof expected);

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_assert_null (unclip_image_new_from_signed (1, 1, broken[i], &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT);
      g_clear_error (&error);
    }
}

static void
test_flat (void)
{
  static const guint8     same[] = { 7, 8, 9, 7, 8, 9, 7, 8, 9 };
  static const guint8     other[] = { 7, 8, 9, 7, 8, 9, 7, 8, 10 };
  g_autoptr (UnclipImage) flat = unclip_image_new_copy (3, 1, same);
  g_autoptr (UnclipImage) not_flat = unclip_image_new_copy (1, 3, other);

  g_assert_true (unclip_image_is_flat (flat));
  g_assert_false (unclip_image_is_flat (not_flat));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/image/bytes", test_bytes);
  g_test_add_func ("/base/image/crop", test_crop);
  g_test_add_func ("/base/image/signed/round-trip", test_signed_round_trip);
  g_test_add_func ("/base/image/signed/edges", test_signed_edges);
  g_test_add_func ("/base/image/flat", test_flat);
  return g_test_run ();
}
