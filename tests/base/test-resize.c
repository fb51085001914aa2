/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-resize.h"

#include <math.h>

/* Saturated noise, the hardest thing for rounding. */
static UnclipImage *
pattern_new (guint width, guint height)
{
  gsize   n = (gsize) width * height * 3;
  guint8 *pixels = g_malloc (n);
  guint32 x = 12345;

  for (gsize i = 0; i < n; i++)
    {
      guint8 byte;

      x = x * 1664525u + 1013904223u;
      byte = (guint8) (x >> 24);
      pixels[i] = byte > 200 ? 255 : byte < 50 ? 0 : byte;
    }
  return unclip_image_new_take (width, height, pixels);
}

/* SHA-256 of what Pillow 9.4 made of the same pattern with Image.resize. */
static const struct
{
  guint        in_width, in_height, width, height;
  UnclipFilter filter;
  const char  *sha256;
} pillow[] = {
    { 37, 23, 11, 7, UNCLIP_FILTER_BOX,
      "e75eaef84af38755e9e5c358ac114151d28c1f59f361db6f16f96e786be42e17" },
    { 37, 23, 11, 7, UNCLIP_FILTER_BICUBIC,
      "13872b9572c141b9ca72c6f051f9c3159294dc58386bb4d10feab877cfd5bbd4" },
    { 37, 23, 80, 61, UNCLIP_FILTER_BOX,
      "5356d65e1138bb357b92a52e50a19aa18fdc83806803d49620a1bbd8c4581023" },
    { 37, 23, 80, 61, UNCLIP_FILTER_BICUBIC,
      "bd75716cb84c5a34d37fc30c6ae56a6c531957b4af18b9e0f305063cd158222f" },
    { 16, 16, 16, 16, UNCLIP_FILTER_BOX,
      "f16d8466f195d722f7b52bcab68e6c133193fd8418b5eaaf0f5178b89e068ba4" },
    { 16, 16, 16, 16, UNCLIP_FILTER_BICUBIC,
      "f16d8466f195d722f7b52bcab68e6c133193fd8418b5eaaf0f5178b89e068ba4" },
    { 5, 9, 224, 224, UNCLIP_FILTER_BOX,
      "c6aa3ef1f482334899c535f8c92f0f28222f931aaf91c9d0a35a9d7b896fbe78" },
    { 5, 9, 224, 224, UNCLIP_FILTER_BICUBIC,
      "049929d7b4093b3434cb62cd0a35b65e24b49b99e4280eabcde11ddb990b944b" },
    { 224, 120, 31, 97, UNCLIP_FILTER_BOX,
      "f526b259f0c891aaa932100795af306a92e3d108ae7dc7b90e0d7f3bf594430a" },
    { 224, 120, 31, 97, UNCLIP_FILTER_BICUBIC,
      "789263dc5753597fc24650e4c5b09e9e1024d339d6e6f54dd5ea244e1606a95e" },
    { 1, 1, 9, 7, UNCLIP_FILTER_BOX,
      "8c4a8223bd1a6ae63417c1a40716803f94cc12377c61e85ca731fd29ade5eeb1" },
    { 1, 1, 9, 7, UNCLIP_FILTER_BICUBIC,
      "8c4a8223bd1a6ae63417c1a40716803f94cc12377c61e85ca731fd29ade5eeb1" },
    { 64, 1, 13, 5, UNCLIP_FILTER_BOX,
      "8628dc915c147912067ddb082bfed457abe70d901a648d4ca1beac9c02ffd17f" },
    { 64, 1, 13, 5, UNCLIP_FILTER_BICUBIC,
      "14d6cf8e7c545936665bae10f951331f75fd3db6e92e37b3ba1a2856f2a81de8" },
    { 1, 50, 3, 17, UNCLIP_FILTER_BOX,
      "d0e2196fe7c2564b1a36bfde5ff04777032d1f4d4e510b47522bd226fa5fab7a" },
    { 1, 50, 3, 17, UNCLIP_FILTER_BICUBIC,
      "8e96cbe6104c6085c3c9fd97327b7ccdace4aef4c6ef7020ec2bad954e005805" },
    { 101, 103, 64, 64, UNCLIP_FILTER_BOX,
      "6f88c941df90801da0beb77751636defeba0aa9471179489f02448b2b4a4a1b6" },
    { 101, 103, 64, 64, UNCLIP_FILTER_BICUBIC,
      "1e1f79ba830fbb7415ce07a1523ab6c4c7e9fd6704708aeb19c375090da65b6a" },
    { 640, 480, 298, 224, UNCLIP_FILTER_BOX,
      "ab9dc009d8eb30d17249868b5a30a0028fbae2d4bde039d90a29ba347b052ba7" },
    { 640, 480, 298, 224, UNCLIP_FILTER_BICUBIC,
      "be6c082d798ddaef12080e4ac3997ca0494dd7c2a0fdfad09ba88efb8d01ae25" },
};

static void
test_pillow (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pillow); i++)
    {
      g_autoptr (UnclipImage) in = pattern_new (pillow[i].in_width, pillow[i].in_height);
      g_autoptr (UnclipImage) out = unclip_image_resize (in, pillow[i].filter, pillow[i].width, pillow[i].height);
      g_autofree char        *sha256 = unclip_image_dup_sha256 (out);

      g_test_message ("%u by %u to %u by %u, filter %u", pillow[i].in_width, pillow[i].in_height, pillow[i].width,
                      pillow[i].height, pillow[i].filter);
      g_assert_cmpuint (unclip_image_get_width (out), ==, pillow[i].width);
      g_assert_cmpuint (unclip_image_get_height (out), ==, pillow[i].height);
      g_assert_cmpstr (sha256, ==, pillow[i].sha256);
    }
}

static void
test_window (void)
{
  static const struct
  {
    guint      in_width, in_height, width, height;
    UnclipRect window;
  } cases[] = {
    { 37, 23, 80, 61, { 0, 0, 80, 61 } },
    { 37, 23, 80, 61, { 13, 40, 17, 21 } },
    { 101, 103, 17, 19, { 16, 0, 1, 19 } },
    { 3, 200, 24, 1600, { 0, 788, 24, 24 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const UnclipRect       *w = &cases[i].window;
      g_autoptr (UnclipImage) in = pattern_new (cases[i].in_width, cases[i].in_height);
      g_autoptr (UnclipImage) whole
        = unclip_image_resize (in, UNCLIP_FILTER_BICUBIC, cases[i].width, cases[i].height);
      g_autoptr (UnclipImage) cropped = unclip_image_crop (whole, w->x, w->y, w->width, w->height);
      g_autoptr (UnclipImage) window
        = unclip_image_resize_window (in, UNCLIP_FILTER_BICUBIC, cases[i].width, cases[i].height, w);

      g_assert_cmpmem (unclip_image_get_pixels (window), unclip_image_get_n_bytes (window),
                       unclip_image_get_pixels (cropped), unclip_image_get_n_bytes (cropped));
    }
}

/* A whole result this large cannot be made; a window of it can. */
static void
test_window_of_a_line (void)
{
  const UnclipRect        window = { 0, 1835008 - 112, 224, 224 };
  g_autoptr (UnclipImage) line = pattern_new (1, UNCLIP_IMAGE_MAX_SIDE);
  g_autoptr (UnclipImage) middle
    = unclip_image_resize_window (line, UNCLIP_FILTER_BICUBIC, 224, 224 * UNCLIP_IMAGE_MAX_SIDE, &window);

  g_assert_cmpuint (unclip_image_get_width (middle), ==, 224);
  g_assert_cmpuint (unclip_image_get_height (middle), ==, 224);
}

static void
test_to_fit (void)
{
  static const struct
  {
    guint in_width, in_height, width, height, out_width, out_height;
  } cases[] = {
    { 40, 20, 10, 10, 10, 5 }, { 20, 40, 10, 10, 5, 10 }, { 4, 2, 10, 10, 10, 5 },
    { 300, 1, 10, 10, 10, 1 }, { 7, 7, 7, 9, 7, 7 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (UnclipImage) in = pattern_new (cases[i].in_width, cases[i].in_height);
      g_autoptr (UnclipImage) out = unclip_image_resize_to_fit (in, cases[i].width, cases[i].height);

      g_assert_cmpuint (unclip_image_get_width (out), ==, cases[i].out_width);
      g_assert_cmpuint (unclip_image_get_height (out), ==, cases[i].out_height);
    }
}

/* Four times larger, one row: each phase has the weights worked out by hand from the cubic at 1/8, 3/8, 5/8, 7/8. */
static void
test_float_weights (void)
{
  static const double weights[4][4] = {
    { -0.04394531, 0.38964844, 0.72753906, -0.07324219 },
    { -0.00683594, 0.09082031, 0.96386719, -0.04785156 },
    { -0.04785156, 0.96386719, 0.09082031, -0.00683594 },
    { -0.07324219, 0.72753906, 0.38964844, -0.04394531 },
  };
  float in[8] = { 0 }, out[32];

  in[4] = 1.0f;
  unclip_resize_f32 (in, 8, 1, 1, UNCLIP_FILTER_BICUBIC, out, 32, 1);
  for (int i = 0; i < 32; i++)
    {
      int    tap = 4 - (i / 4 - 2 + (i % 4) / 2);      /* which of the four taps of output i is input 4 */
      double expected = tap >= 0 && tap < 4 ? weights[i % 4][tap] : 0.0;

      /* weights above have eight decimals */
      g_assert_cmpfloat (fabs (out[i] - expected), <, 1e-8);
    }
}

static void
test_float_against_bytes (void)
{
  g_autoptr (UnclipImage) in = NULL, bytes = NULL;
  guint8                 *pixels = g_malloc (31 * 17 * 3);
  g_autofree float       *values = g_new (float, 31 * 17 * 3), *out = g_new (float, 20 * 40 * 3);
  float                   flat[2 * 3 * 2] = { 0 }, flat_out[5 * 7 * 2];

  /* middle tones, which no overshoot takes out of the bytes' range */
  for (guint i = 0; i < 31 * 17 * 3; i++)
    values[i] = pixels[i] = (guint8) g_test_rand_int_range (96, 160);
  in = unclip_image_new_take (31, 17, pixels);
  bytes = unclip_image_resize (in, UNCLIP_FILTER_BICUBIC, 20, 40);
  unclip_resize_f32 (values, 31, 17, 3, UNCLIP_FILTER_BICUBIC, out, 20, 40);
  /* half a step for each rounding, the first of them spread by column weights whose magnitudes add up to 1.3 at most */
  for (guint i = 0; i < 20 * 40 * 3; i++)
    g_assert_cmpfloat (fabs (out[i] - unclip_image_get_pixels (bytes)[i]), <, 0.5 * 1.3 + 0.5);

  for (guint i = 0; i < G_N_ELEMENTS (flat); i++)
    flat[i] = i % 2 ? -0.25f : 0.75f;
  unclip_resize_f32 (flat, 2, 3, 2, UNCLIP_FILTER_BICUBIC, flat_out, 5, 7);
  for (guint i = 0; i < G_N_ELEMENTS (flat_out); i++)
    g_assert_cmpfloat_with_epsilon (flat_out[i], i % 2 ? -0.25 : 0.75, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/resize/pillow", test_pillow);
  g_test_add_func ("/base/resize/window", test_window);
  g_test_add_func ("/base/resize/window-of-a-line", test_window_of_a_line);
  g_test_add_func ("/base/resize/to-fit", test_to_fit);
  g_test_add_func ("/base/resize/float/weights", test_float_weights);
  g_test_add_func ("/base/resize/float/bytes", test_float_against_bytes);
  return g_test_run ();
}
