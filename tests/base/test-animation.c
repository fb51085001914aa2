/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Films taken apart again by a reader of the test's own: order and numbers of the chunks, and each frame's pixels by
 * putting it back into a PNG file. */

#include "config.h"

#include "unclip-animation.h"
#include "unclip-error.h"
#include "unclip-image-file.h"

#include <string.h>
#include <zlib.h>

#define N 3

static UnclipImage *
make_image (guint width, guint height, guint seed)
{
  guint8 *pixels = g_new (guint8, width * height * 3);

  for (guint i = 0; i < width * height * 3; i++)
    pixels[i] = (guint8) ((i * 7 + seed * 50) ^ (i / 5));
  return unclip_image_new_take (width, height, pixels);
}

static guint32
read_u32 (const guint8 *data)
{
  return (guint32) data[0] << 24 | (guint32) data[1] << 16 | (guint32) data[2] << 8 | data[3];
}

static void
put_chunk (GByteArray *png, const char *type, const guint8 *data, guint32 n)
{
  guint8 number[4] = { (guint8) (n >> 24), (guint8) (n >> 16), (guint8) (n >> 8), (guint8) n };
  guint  start = png->len + 4;
  uLong  crc;

  g_byte_array_append (png, number, 4);
  g_byte_array_append (png, (const guint8 *) type, 4);
  g_byte_array_append (png, data, n);
  crc = crc32 (0, png->data + start, n + 4);
  for (guint i = 0; i < 4; i++)
    number[i] = (guint8) (crc >> (24 - 8 * i));
  g_byte_array_append (png, number, 4);
}

typedef struct
{
  GString    *types;            /* of all chunks, in order */
  guint32     n_frames, n_plays;
  guint32     next;             /* sequence number to come */
  guint       milliseconds[N];
  guint8      header[13];
  GByteArray *frames[N];        /* as PNG files, without IEND */
  guint       n_found;
} Film;

static void
take_chunk (Film *film, const char *type, const guint8 *data, guint32 n)
{
  g_string_append_printf (film->types, "%s ", type);
  if (g_str_equal (type, "IHDR"))
    {
      g_assert_cmpuint (n, ==, 13);
      memcpy (film->header, data, 13);
    }
  else if (g_str_equal (type, "acTL"))
    {
      film->n_frames = read_u32 (data);
      film->n_plays = read_u32 (data + 4);
    }
  else if (g_str_equal (type, "fcTL"))
    {
      GByteArray *frame = g_byte_array_new ();

      g_assert_cmpuint (n, ==, 26);
      g_assert_cmpuint (read_u32 (data), ==, film->next++);
      g_assert_cmpmem (data + 4, 8, film->header, 8);           /* width and height */
      g_assert_cmpuint (read_u32 (data + 12) + read_u32 (data + 16), ==, 0);
      g_assert_cmpuint (read_u32 (data + 20) & 0xffff, ==, 1000);
      g_assert_cmpuint (film->n_found, <, N);
      film->milliseconds[film->n_found] = read_u32 (data + 20) >> 16;
      g_byte_array_append (frame, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
      put_chunk (frame, "IHDR", film->header, 13);
      film->frames[film->n_found++] = frame;
    }
  else if (g_str_equal (type, "IDAT"))
    put_chunk (film->frames[film->n_found - 1], "IDAT", data, n);
  else if (g_str_equal (type, "fdAT"))
    {
      g_assert_cmpuint (read_u32 (data), ==, film->next++);
      put_chunk (film->frames[film->n_found - 1], "IDAT", data + 4, n - 4);
    }
}

static void
take_apart (Film *film, GBytes *bytes)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gsize         at = 8;

  *film = (Film){ .types = g_string_new (NULL) };
  while (at < size)
    {
      guint32 n = read_u32 (data + at);
      char    type[5] = { 0 };

      memcpy (type, data + at + 4, 4);
      g_assert_cmpuint (read_u32 (data + at + 8 + n), ==, crc32 (0, data + at + 4, n + 4));
      take_chunk (film, type, data + at + 8, n);
      at += n + 12;
    }
  g_assert_cmpuint (at, ==, size);
}

static void
assert_frame (Film *film, guint i, UnclipImage *image)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (GBytes)      file = NULL;
  g_autoptr (UnclipImage) found = NULL;
  g_autofree char        *expected_hash = unclip_image_dup_sha256 (image), *found_hash = NULL;

  put_chunk (film->frames[i], "IEND", NULL, 0);
  file = g_byte_array_free_to_bytes (film->frames[i]);
  found = unclip_image_load_bytes (file, "frame", &error);
  g_assert_no_error (error);
  found_hash = unclip_image_dup_sha256 (found);
  g_assert_cmpstr (found_hash, ==, expected_hash);
}

static void
test_film (void)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (GBytes)      bytes = NULL, again = NULL;
  g_autoptr (UnclipImage) still = NULL;
  g_autofree char        *still_hash = NULL, *first_hash = NULL;
  UnclipImage            *images[N];
  UnclipAnimationFrame    frames[N];
  Film                    film;

  for (guint i = 0; i < N; i++)
    {
      images[i] = make_image (37, 23, i);
      frames[i] = (UnclipAnimationFrame){ images[i], 100 + i };
    }
  bytes = unclip_animation_encode_png (frames, N, &error);
  g_assert_no_error (error);
  take_apart (&film, bytes);
  g_assert_true (g_str_has_prefix (film.types->str, "IHDR acTL "));
  g_assert_nonnull (strstr (film.types->str, "fcTL IDAT fcTL fdAT fcTL fdAT IEND"));
  g_assert_cmpuint (film.n_frames, ==, N);
  g_assert_cmpuint (film.n_plays, ==, 0);
  g_assert_cmpuint (film.n_found, ==, N);
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (film.milliseconds[i], ==, 100 + i);
      assert_frame (&film, i, images[i]);
    }

  /* Those who know no animation see the first picture. */
  still = unclip_image_load_bytes (bytes, "film", &error);
  g_assert_no_error (error);
  still_hash = unclip_image_dup_sha256 (still);
  first_hash = unclip_image_dup_sha256 (images[0]);
  g_assert_cmpstr (still_hash, ==, first_hash);

  again = unclip_animation_encode_png (frames, N, NULL);
  g_assert_true (g_bytes_equal (bytes, again));
  for (guint i = 0; i < N; i++)
    unclip_image_unref (images[i]);
  g_string_free (film.types, TRUE);
}

static void
test_sizes (void)
{
  g_autoptr (GError)         error = NULL;
  g_autoptr (UnclipImage)    a = make_image (8, 8, 0), b = make_image (8, 9, 0);
  const UnclipAnimationFrame frames[] = { { a, 100 }, { b, 100 } };

  g_assert_null (unclip_animation_encode_png (frames, 2, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/animation/film", test_film);
  g_test_add_func ("/animation/sizes", test_sizes);
  return g_test_run ();
}
