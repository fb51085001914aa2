/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-image-file.h"

#include "test-png.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <lcms2.h>
#include <string.h>

static UnclipImage *
load (GBytes *file)
{
  g_autoptr (GError) error = NULL;
  UnclipImage       *image = unclip_image_load_bytes (file, "test.png", &error);

  g_assert_no_error (error);
  return image;
}

static void
assert_pixels (GBytes *file, guint width, guint height, const guint8 *expected)
{
  g_autoptr (UnclipImage) image = load (file);

  g_assert_cmpuint (unclip_image_get_width (image), ==, width);
  g_assert_cmpuint (unclip_image_get_height (image), ==, height);
  g_assert_cmpmem (unclip_image_get_pixels (image), unclip_image_get_n_bytes (image), expected,
                   (gsize) width * height * 3);
}

static void
assert_refused (GBytes *file, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (unclip_image_load_bytes (file, "test.png", &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "test.png"));
  g_assert_nonnull (strstr (error->message, word));
}

typedef struct
{
  const char   *name;
  guint         width, height;
  guint8        depth;
  TestPngColour colour;
  const char   *chunk;                  /* (nullable): one before the pixels */
  guint8        chunk_data[12];
  gsize         n_chunk;
  guint8        rows[32];
  gsize         n_rows;
  guint8        expected[27];
} Form;

/* Each kind of pixel that PNG has, with what it must become. Transparent ones lie on 128. */
static const Form forms[] = {
  { "rgb8", 2, 1, 8, TEST_PNG_RGB, NULL, { 0 }, 0, { 0, 1, 2, 3, 4, 5, 255 }, 7, { 1, 2, 3, 4, 5, 255 } },
  { "rgb16", 2, 1, 16, TEST_PNG_RGB, NULL, { 0 }, 0,
    /* 0x80ff is 128.49 bytes, 0x8101 is 128.5: to the nearest, halves up */
    { 0, 0xff, 0xff, 0x80, 0xff, 0x81, 0x01, 0, 0, 0x00, 0x80, 0x00, 0x81 }, 13, { 255, 128, 129, 0, 0, 1 } },
  { "grey8", 3, 1, 8, TEST_PNG_GREY, NULL, { 0 }, 0, { 0, 0, 7, 255 }, 4, { 0, 0, 0, 7, 7, 7, 255, 255, 255 } },
  { "grey16", 1, 1, 16, TEST_PNG_GREY, NULL, { 0 }, 0, { 0, 0x12, 0x12 }, 3, { 0x12, 0x12, 0x12 } },
  { "grey4", 2, 1, 4, TEST_PNG_GREY, NULL, { 0 }, 0, { 0, 0x5f }, 2, { 85, 85, 85, 255, 255, 255 } },
  { "grey1", 9, 1, 1, TEST_PNG_GREY, NULL, { 0 }, 0, { 0, 0xa5, 0x80 }, 3,
    { 255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255, 255 } },
  { "grey8-transparent-colour", 2, 1, 8, TEST_PNG_GREY, "tRNS", { 0, 7 }, 2, { 0, 7, 8 }, 3, { 128, 128, 128, 8, 8, 8 } },
  { "rgb8-transparent-colour", 2, 1, 8, TEST_PNG_RGB, "tRNS", { 0, 1, 0, 2, 0, 3 }, 6, { 0, 1, 2, 3, 1, 2, 4 }, 7,
    { 128, 128, 128, 1, 2, 4 } },
  { "grey-alpha8", 3, 1, 8, TEST_PNG_GREY_ALPHA, NULL, { 0 }, 0, { 0, 200, 255, 200, 0, 200, 51 }, 7,
    { 200, 200, 200, 128, 128, 128, 142, 142, 142 } },
  { "grey-alpha16", 1, 1, 16, TEST_PNG_GREY_ALPHA, NULL, { 0 }, 0, { 0, 0, 0, 0x80, 0x00 }, 5, { 64, 64, 64 } },
  { "rgba8", 2, 1, 8, TEST_PNG_RGBA, NULL, { 0 }, 0, { 0, 255, 0, 100, 51, 1, 2, 3, 255 }, 9,
    { 153, 102, 122, 1, 2, 3 } },
  { "rgba16", 1, 1, 16, TEST_PNG_RGBA, NULL, { 0 }, 0, { 0, 0xff, 0xff, 0, 0, 0x64, 0x64, 0x33, 0x33 }, 9,
    { 153, 102, 122 } },
};

static void
test_form (gconstpointer data)
{
  const Form        *form = data;
  GByteArray        *png = test_png_new (form->width, form->height, form->depth, form->colour, FALSE);
  g_autoptr (GBytes) file = NULL;

  if (form->chunk != NULL)
    test_png_add_chunk (png, form->chunk, form->chunk_data, form->n_chunk);
  file = test_png_finish (png, form->rows, form->n_rows);
  assert_pixels (file, form->width, form->height, form->expected);
}

static void
test_palette (void)
{
  static const guint8 palette[] = { 10, 20, 30, 40, 50, 60, 70, 80, 90 };
  static const guint8 alpha[] = { 255, 0 };
  static const guint8 rows[] = { 0, 0x18 };             /* entries 0, 1, 2, 0 of two bits each */
  static const guint8 expected[] = { 10, 20, 30, 128, 128, 128, 70, 80, 90 };
  GByteArray         *png = test_png_new (3, 1, 2, TEST_PNG_PALETTE, FALSE);
  g_autoptr (GBytes)  file = NULL;

  test_png_add_chunk (png, "PLTE", palette, sizeof palette);
  test_png_add_chunk (png, "tRNS", alpha, sizeof alpha);
  file = test_png_finish (png, rows, sizeof rows);
  assert_pixels (file, 3, 1, expected);
}

/* Adam7 on 2 × 2: pass 1 holds (0,0), pass 6 (1,0), pass 7 the second row. */
static void
test_interlaced (void)
{
  static const guint8 rows[] = { 0, 1, 1, 1, 0, 2, 2, 2, 0, 3, 3, 3, 4, 4, 4 };
  static const guint8 expected[] = { 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4 };
  g_autoptr (GBytes)  file = test_png_finish (test_png_new (2, 2, 8, TEST_PNG_RGB, TRUE), rows, sizeof rows);

  assert_pixels (file, 2, 2, expected);
}

static GBytes *
grey_ramp_with (const char *chunk, gconstpointer data, gsize n_bytes)
{
  static const guint8 rows[] = { 0, 0, 0, 0, 128, 128, 128, 255, 255, 255 };
  GByteArray         *png = test_png_new (3, 1, 8, TEST_PNG_RGB, FALSE);

  test_png_add_chunk (png, chunk, data, n_bytes);
  return test_png_finish (png, rows, sizeof rows);
}

/* Values that are light itself: 128 / 255 of it is 187.9 in sRGB's curve. */
static void
test_gamma (void)
{
  static const guint8 linear[] = { 0, 1, 0x86, 0xa0 };          /* 100000 */
  static const guint8 usual[] = { 0, 0, 0xb1, 0x8f };           /* 45455 */
  static const guint8 none[] = { 0, 0, 0, 0 };
  static const guint8 brighter[] = { 0, 0, 0, 188, 188, 188, 255, 255, 255 };
  static const guint8 same[] = { 0, 0, 0, 128, 128, 128, 255, 255, 255 };
  g_autoptr (GBytes)  a = grey_ramp_with ("gAMA", linear, 4);
  g_autoptr (GBytes)  b = grey_ramp_with ("gAMA", usual, 4);
  g_autoptr (GBytes)  c = grey_ramp_with ("gAMA", none, 4);
  g_autoptr (GBytes)  d = grey_ramp_with ("sRGB", none, 1);

  assert_pixels (a, 3, 1, brighter);
  assert_pixels (b, 3, 1, same);
  assert_pixels (c, 3, 1, same);
  assert_pixels (d, 3, 1, same);
}

static void
put_u32 (guint8 *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (out, &value, 4);
}

/* Red of Adobe RGB's primaries is beyond sRGB's; a half-way green moves, white and grey stay. */
static void
test_primaries (void)
{
  static const guint32    adobe[] = { 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000 };
  static const guint8     gamma[] = { 0, 0, 0xb1, 0x8f };
  static const guint8     rows[] = { 0, 255, 255, 255, 128, 128, 128, 100, 150, 100 };
  GByteArray             *png = test_png_new (3, 1, 8, TEST_PNG_RGB, FALSE);
  guint8                  chunk[32];
  g_autoptr (GBytes)      file = NULL;
  g_autoptr (UnclipImage) image = NULL;
  const guint8           *pixels;

  for (guint i = 0; i < G_N_ELEMENTS (adobe); i++)
    put_u32 (chunk + 4 * i, adobe[i]);
  test_png_add_chunk (png, "gAMA", gamma, sizeof gamma);
  test_png_add_chunk (png, "cHRM", chunk, sizeof chunk);
  file = test_png_finish (png, rows, sizeof rows);
  image = load (file);
  pixels = unclip_image_get_pixels (image);
  for (guint c = 0; c < 6; c++)
    g_assert_cmpint (ABS (pixels[c] - (c < 3 ? 255 : 128)), <=, 1);
  /* linear (0.1274, 0.3050, 0.1274) by the matrix between the primaries is (0.0565, 0.3050, 0.1201): 67, 150, 97 */
  g_assert_cmpint (ABS (pixels[6] - 67), <=, 2);
  g_assert_cmpint (ABS (pixels[7] - 150), <=, 1);
  g_assert_cmpint (ABS (pixels[8] - 97), <=, 2);
}

static guint8 *
profile_dup (cmsHPROFILE profile, gsize *n_bytes)
{
  cmsUInt32Number n = 0;
  guint8         *bytes;

  g_assert_true (cmsSaveProfileToMem (profile, NULL, &n));
  bytes = g_malloc (n);
  g_assert_true (cmsSaveProfileToMem (profile, bytes, &n));
  cmsCloseProfile (profile);
  *n_bytes = n;
  return bytes;
}

static guint8 *
linear_rgb_profile_dup (gsize *n_bytes)
{
  const cmsCIExyY       white = { 0.3127, 0.3290, 1 };
  const cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1 }, { 0.30, 0.60, 1 }, { 0.15, 0.06, 1 } };
  cmsToneCurve         *curve = cmsBuildGamma (NULL, 1.0);
  cmsToneCurve         *curves[] = { curve, curve, curve };
  cmsHPROFILE           profile = cmsCreateRGBProfile (&white, &primaries, curves);

  cmsFreeToneCurve (curve);
  return profile_dup (profile, n_bytes);
}

static guint8 *
linear_grey_profile_dup (gsize *n_bytes)
{
  cmsToneCurve *curve = cmsBuildGamma (NULL, 1.0);
  cmsHPROFILE   profile = cmsCreateGrayProfile (cmsD50_xyY (), curve);

  cmsFreeToneCurve (curve);
  return profile_dup (profile, n_bytes);
}

static GBytes *
with_profile (TestPngColour colour, const guint8 *profile, gsize n_profile)
{
  static const guint8 rgb[] = { 0, 0, 0, 0, 128, 128, 128, 255, 255, 255 };
  static const guint8 grey[] = { 0, 0, 128, 255 };
  GByteArray         *png = test_png_new (3, 1, 8, colour, FALSE);

  test_png_add_compressed (png, "iCCP", "name\0\0", 6, profile, n_profile);
  return colour == TEST_PNG_GREY ? test_png_finish (png, grey, sizeof grey) : test_png_finish (png, rgb, sizeof rgb);
}

static void
test_profiles (void)
{
  static const guint8 brighter[] = { 0, 0, 0, 188, 188, 188, 255, 255, 255 };
  static const guint8 same[] = { 0, 0, 0, 128, 128, 128, 255, 255, 255 };
  gsize               n_rgb, n_grey, n_srgb;
  g_autofree guint8  *rgb = linear_rgb_profile_dup (&n_rgb);
  g_autofree guint8  *grey = linear_grey_profile_dup (&n_grey);
  g_autofree guint8  *srgb = profile_dup (cmsCreate_sRGBProfile (), &n_srgb);
  g_autoptr (GBytes)  linear = with_profile (TEST_PNG_RGB, rgb, n_rgb);
  g_autoptr (GBytes)  linear_grey = with_profile (TEST_PNG_GREY, grey, n_grey);
  g_autoptr (GBytes)  usual = with_profile (TEST_PNG_RGB, srgb, n_srgb);
  g_autoptr (GBytes)  wrong_kind = with_profile (TEST_PNG_RGB, grey, n_grey);
  g_autoptr (GBytes)  rubbish = with_profile (TEST_PNG_RGB, (const guint8 *) "rubbish", 7);
  g_autoptr (GBytes)  cut = with_profile (TEST_PNG_RGB, rgb, n_rgb / 2);

  assert_pixels (linear, 3, 1, brighter);
  assert_pixels (linear_grey, 3, 1, brighter);
  assert_pixels (usual, 3, 1, same);
  assert_pixels (wrong_kind, 3, 1, same);
  assert_pixels (rubbish, 3, 1, same);
  assert_pixels (cut, 3, 1, same);
}

static void
test_refused (void)
{
  static const guint8 row[] = { 0, 1, 2, 3 };
  static const struct
  {
    const char *bytes;
    gsize       n;
    const char *word;
  } cases[] = {
    { "", 0, "empty" },
    { "Dear diary,\n", 12, "not a picture" },
    { "\x89PNG\r\n\x1a\n", 8, "damaged" },
    { "\x89PNG\r\n\x1a\n and then something quite different", 46, "damaged" },
  };
  g_autoptr (GBytes) huge = test_png_finish (test_png_new (30000, 30000, 8, TEST_PNG_RGB, FALSE), row, sizeof row);
  g_autoptr (GBytes) wide = test_png_finish (test_png_new (16385, 1, 8, TEST_PNG_RGB, FALSE), row, sizeof row);
  g_autoptr (GBytes) none = test_png_finish (test_png_new (0, 7, 8, TEST_PNG_RGB, FALSE), row, sizeof row);
  g_autoptr (GBytes) odd = test_png_finish (test_png_new (1, 1, 3, TEST_PNG_RGB, FALSE), row, sizeof row);
  g_autoptr (GBytes) few = test_png_finish (test_png_new (1, 2, 8, TEST_PNG_RGB, FALSE), row, sizeof row);
  g_autoptr (GBytes) no_palette = test_png_finish (test_png_new (1, 1, 8, TEST_PNG_PALETTE, FALSE), row, 2);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) file = g_bytes_new_static (cases[i].bytes, cases[i].n);
      assert_refused (file, cases[i].word);
    }
  assert_refused (huge, "30000 × 30000");
  assert_refused (wide, "16385");
  assert_refused (none, "no pixels");
  assert_refused (odd, "damaged");
  assert_refused (few, "damaged");
  assert_refused (no_palette, "damaged");
}

/* The largest side that is allowed. */
static void
test_longest_line (void)
{
  gsize                   n = 1 + UNCLIP_IMAGE_MAX_SIDE;
  g_autofree guint8      *row = g_malloc0 (n);
  g_autoptr (GBytes)      file = NULL;
  g_autoptr (UnclipImage) image = NULL;

  row[n - 1] = 9;
  file = test_png_finish (test_png_new (UNCLIP_IMAGE_MAX_SIDE, 1, 8, TEST_PNG_GREY, FALSE), row, n);
  image = load (file);
  g_assert_cmpuint (unclip_image_get_pixels (image)[unclip_image_get_n_bytes (image) - 1], ==, 9);
}

static UnclipImage *
noise_new (guint width, guint height)
{
  gsize   n = (gsize) width * height * 3;
  guint8 *pixels = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    pixels[i] = (guint8) g_test_rand_int_range (0, 256);
  return unclip_image_new_take (width, height, pixels);
}

/* Every cut of a good file is refused (or, past the pixels, read), and no flipped bit does harm. */
static void
test_hostile (void)
{
  gsize                   n_profile;
  g_autofree guint8      *profile = linear_rgb_profile_dup (&n_profile);
  g_autoptr (UnclipImage) image = noise_new (13, 11);
  g_autoptr (GBytes)      plain = unclip_image_encode_png (image, NULL, 0, NULL);
  g_autoptr (GBytes)      coloured = with_profile (TEST_PNG_RGB, profile, n_profile);
  GBytes *const           files[] = { plain, coloured };

  for (guint f = 0; f < G_N_ELEMENTS (files); f++)
    {
      gsize         n;
      const guint8 *bytes = g_bytes_get_data (files[f], &n);

      for (gsize cut = 1; cut < n; cut += 1 + n / 400)
        {
          g_autoptr (GBytes)      part = g_bytes_new (bytes, cut);
          g_autoptr (GError)      error = NULL;
          g_autoptr (UnclipImage) read = unclip_image_load_bytes (part, NULL, &error);

          g_assert_true ((read == NULL) == (error != NULL));
          g_assert_true (read == NULL || cut > n - 20);
        }
      for (guint i = 0; i < 600; i++)
        {
          guint8                 *copy = g_memdup2 (bytes, n);
          g_autoptr (GBytes)      part = g_bytes_new_take (copy, n);
          g_autoptr (GError)      error = NULL;
          g_autoptr (UnclipImage) read = NULL;

          for (gint32 flips = g_test_rand_int_range (1, 5); flips > 0; flips--)
            copy[g_test_rand_int_range (0, (gint32) n)] ^= (guint8) (1 << g_test_rand_int_range (0, 8));
          read = unclip_image_load_bytes (part, NULL, &error);
          g_assert_true ((read == NULL) == (error != NULL));
        }
    }
}

/* As test_hostile(), with the check sums made right again, so that the damage goes deeper. */
static void
test_hostile_rows (void)
{
  for (guint i = 0; i < 400; i++)
    {
      static const TestPngColour colours[] = {
        TEST_PNG_GREY, TEST_PNG_RGB, TEST_PNG_PALETTE, TEST_PNG_GREY_ALPHA, TEST_PNG_RGBA,
      };
      static const guint8  depths[] = { 1, 2, 4, 8, 16 };
      static const char   *chunks[] = { "PLTE", "tRNS", "gAMA", "cHRM", "bKGD", "sBIT", "pHYs", "eXIf" };
      GByteArray          *png = test_png_new ((guint32) g_test_rand_int_range (1, 20), (guint32) g_test_rand_int_range (1, 20),
                                               depths[g_test_rand_int_range (0, 5)], colours[g_test_rand_int_range (0, 5)],
                                               g_test_rand_bit ());
      guint8               noise[3000];
      g_autoptr (GBytes)   file = NULL;
      g_autoptr (GError)   error = NULL;
      g_autoptr (UnclipImage) read = NULL;

      for (guint j = 0; j < sizeof noise; j++)
        noise[j] = (guint8) (g_test_rand_int_range (0, 256) & g_test_rand_int_range (0, 256));
      for (gint32 j = g_test_rand_int_range (0, 4); j > 0; j--)
        test_png_add_chunk (png, chunks[g_test_rand_int_range (0, 8)], noise, (gsize) g_test_rand_int_range (0, 800));
      file = test_png_finish (png, noise, (gsize) g_test_rand_int_range (0, sizeof noise));
      read = unclip_image_load_bytes (file, NULL, &error);
      g_assert_true ((read == NULL) == (error != NULL));
    }
}

static void
test_png_round_trip (void)
{
  static const guint sizes[][2] = { { 1, 1 }, { 13, 11 }, { 1, 300 }, { 257, 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (UnclipImage) image = noise_new (sizes[i][0], sizes[i][1]);
      g_autoptr (GBytes)      file = unclip_image_encode_png (image, NULL, 0, NULL);
      g_autoptr (GBytes)      again = unclip_image_encode_png (image, NULL, 0, NULL);

      assert_pixels (file, sizes[i][0], sizes[i][1], unclip_image_get_pixels (image));
      g_assert_true (g_bytes_equal (file, again));
    }
}

static void
test_save (void)
{
  g_autofree char        *folder = g_dir_make_tmp ("fugue-test-XXXXXX", NULL);
  g_autofree char        *path = g_build_filename (folder, "ü.png", NULL);
  g_autofree char        *numbered = NULL;
  g_autoptr (UnclipImage) image = noise_new (5, 4), back = NULL;
  g_autoptr (GError)      error = NULL;

  g_assert_true (unclip_image_save_png (image, path, NULL, 0, &error));
  g_assert_no_error (error);
  back = unclip_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (unclip_image_get_pixels (image), unclip_image_get_n_bytes (image),
                   unclip_image_get_pixels (back), unclip_image_get_n_bytes (back));
  g_assert_false (unclip_image_save_png (image, path, NULL, 0, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
  g_clear_error (&error);
  numbered = unclip_image_save_numbered (image, folder, "cat-vary-41", 1, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (numbered, "/cat-vary-41-1.png"));

  g_assert_null (unclip_image_load (folder, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_unlink (numbered), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static GBytes *
jpeg_new (const char *profile_base64)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 32, 16);
  char                 *bytes;
  gsize                 n;

  /* mid-grey, with a white quarter at the upper left */
  gdk_pixbuf_fill (pixbuf, 0x808080ff);
  for (guint y = 0; y < 8; y++)
    memset (gdk_pixbuf_get_pixels (pixbuf) + y * (guint) gdk_pixbuf_get_rowstride (pixbuf), 255, 16 * 3);
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &n, "jpeg", NULL, "quality", "100",
                                            profile_base64 != NULL ? "icc-profile" : NULL, profile_base64, NULL));
  return g_bytes_new_take (bytes, n);
}

static void
assert_grey (const UnclipImage *image, guint x, guint y, guint8 expected)
{
  const guint8 *pixel = unclip_image_get_pixels (image) + 3 * ((gsize) y * unclip_image_get_width (image) + x);

  /* lossy, but the colours are flat around here */
  for (guint c = 0; c < 3; c++)
    g_assert_cmpint (ABS (pixel[c] - expected), <=, 2);
}

static void
test_jpeg (void)
{
  gsize                   n_profile;
  g_autofree guint8      *profile = linear_rgb_profile_dup (&n_profile);
  g_autofree char        *base64 = g_base64_encode (profile, n_profile);
  g_autoptr (GBytes)      plain = jpeg_new (NULL), linear = jpeg_new (base64);
  g_autoptr (UnclipImage) a = load (plain), b = load (linear);

  g_assert_cmpuint (unclip_image_get_width (a), ==, 32);
  assert_grey (a, 2, 2, 255);
  assert_grey (a, 28, 12, 128);
  assert_grey (b, 2, 2, 255);
  assert_grey (b, 28, 12, 188);
}

/* Orientation 6: the camera was turned, the picture wants a quarter turn clockwise. */
static void
test_jpeg_orientation (void)
{
  static const guint8 exif[] = {
    0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
    0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
  };
  g_autoptr (GBytes)      plain = jpeg_new (NULL), turned = NULL;
  g_autoptr (UnclipImage) image = NULL;
  gsize                   n;
  const guint8           *bytes = g_bytes_get_data (plain, &n);
  GByteArray             *with_exif = g_byte_array_new ();

  g_byte_array_append (with_exif, bytes, 2);
  g_byte_array_append (with_exif, exif, sizeof exif);
  g_byte_array_append (with_exif, bytes + 2, (guint) n - 2);
  turned = g_byte_array_free_to_bytes (with_exif);
  image = load (turned);
  g_assert_cmpuint (unclip_image_get_width (image), ==, 16);
  g_assert_cmpuint (unclip_image_get_height (image), ==, 32);
  assert_grey (image, 13, 2, 255);
  assert_grey (image, 2, 2, 128);
  assert_grey (image, 13, 28, 128);
}

/* A loader that would fill the rest with grey is not believed. */
static void
test_jpeg_cut (void)
{
  gsize                 n;
  char                 *bytes;
  g_autoptr (GBytes)    whole = NULL;
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 60, 100);

  for (guint i = 0; i < 100 * (guint) gdk_pixbuf_get_rowstride (pixbuf); i++)
    gdk_pixbuf_get_pixels (pixbuf)[i] = (guint8) g_test_rand_int_range (0, 256);
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &n, "jpeg", NULL, NULL));
  whole = g_bytes_new_take (bytes, n);

  for (gsize cut = 1; cut < 8; cut++)
    {
      g_autoptr (GBytes)      part = g_bytes_new (bytes, n * cut / 8);
      g_autoptr (GError)      error = NULL;
      g_autoptr (UnclipImage) image = unclip_image_load_bytes (part, "test.jpg", &error);

      g_assert_null (image);
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);
    }
}

/* A JPEG whose header claims 30000 × 30000. */
static void
test_jpeg_too_large (void)
{
  g_autoptr (GBytes) plain = jpeg_new (NULL), large = NULL;
  gsize              n;
  guint8            *bytes = g_memdup2 (g_bytes_get_data (plain, &n), g_bytes_get_size (plain));

  for (gsize i = 0; i + 9 < n; i++)
    if (bytes[i] == 0xff && bytes[i + 1] == 0xc0)
      {
        bytes[i + 5] = bytes[i + 7] = 30000 >> 8;
        bytes[i + 6] = bytes[i + 8] = 30000 & 0xff;
        break;
      }
  large = g_bytes_new_take (bytes, n);
  assert_refused (large, "30000 × 30000");
}

static void
test_webp (void)
{
  static const guint8 webp[] = {
    0x52, 0x49, 0x46, 0x46, 0x48, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x4c, 0x3b, 0x00, 0x00, 0x00,
    0x2f, 0x02, 0x40, 0x00, 0x00, 0x2f, 0x40, 0x16, 0x60, 0xb2, 0x39, 0x74, 0x06, 0x95, 0xbf, 0x4c, 0x1a, 0x44, 0xda, 0x36,
    0xe3, 0xf3, 0xef, 0x65, 0xe8, 0xd6, 0x4e, 0x26, 0x60, 0xb1, 0x75, 0x70, 0x8b, 0xa4, 0x7f, 0x1b, 0xf3, 0x1f, 0xf0, 0x47,
    0x1e, 0xb1, 0xb6, 0x68, 0x03, 0x85, 0x6c, 0x23, 0xc0, 0xa1, 0x7b, 0x05, 0x4e, 0xe9, 0x22, 0xfa, 0x1f, 0xc3, 0x0b, 0x00,
  };
  static const guint8 expected[] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 200, 100, 50, 128, 128, 128 };
  g_autoptr (GBytes)      file = g_bytes_new_static (webp, sizeof webp);
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = unclip_image_load_bytes (file, "test.webp", &error);

  if (image == NULL && strstr (error->message, "this machine") != NULL)
    {
      g_test_skip ("gdk-pixbuf has no WebP loader here");
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpmem (unclip_image_get_pixels (image), unclip_image_get_n_bytes (image), expected, sizeof expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *path = g_strconcat ("/base/image-file/png/form/", forms[i].name, NULL);
      g_test_add_data_func (path, &forms[i], test_form);
    }
  g_test_add_func ("/base/image-file/png/palette", test_palette);
  g_test_add_func ("/base/image-file/png/interlaced", test_interlaced);
  g_test_add_func ("/base/image-file/png/gamma", test_gamma);
  g_test_add_func ("/base/image-file/png/primaries", test_primaries);
  g_test_add_func ("/base/image-file/png/profiles", test_profiles);
  g_test_add_func ("/base/image-file/png/refused", test_refused);
  g_test_add_func ("/base/image-file/png/longest-line", test_longest_line);
  g_test_add_func ("/base/image-file/png/hostile", test_hostile);
  g_test_add_func ("/base/image-file/png/hostile-rows", test_hostile_rows);
  g_test_add_func ("/base/image-file/png/round-trip", test_png_round_trip);
  g_test_add_func ("/base/image-file/png/save", test_save);
  g_test_add_func ("/base/image-file/jpeg/colour", test_jpeg);
  g_test_add_func ("/base/image-file/jpeg/orientation", test_jpeg_orientation);
  g_test_add_func ("/base/image-file/jpeg/cut", test_jpeg_cut);
  g_test_add_func ("/base/image-file/jpeg/too-large", test_jpeg_too_large);
  g_test_add_func ("/base/image-file/webp", test_webp);
  return g_test_run ();
}
