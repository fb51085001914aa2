/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-png.h"

#include <string.h>
#include <zlib.h>

static void
append_u32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

GByteArray *
test_png_new (guint32 width, guint32 height, guint8 depth, TestPngColour colour, gboolean is_interlaced)
{
  static const guint8 signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  GByteArray             *png = g_byte_array_new ();
  g_autoptr (GByteArray)  header = g_byte_array_new ();
  const guint8            rest[] = { depth, (guint8) colour, 0, 0, (guint8) is_interlaced };

  g_byte_array_append (png, signature, sizeof signature);
  append_u32 (header, width);
  append_u32 (header, height);
  g_byte_array_append (header, rest, sizeof rest);
  test_png_add_chunk (png, "IHDR", header->data, header->len);
  return png;
}

void
test_png_add_chunk (GByteArray *png, const char *type, gconstpointer data, gsize n_bytes)
{
  uLong crc = crc32 (crc32 (0, (const Bytef *) type, 4), data, (uInt) n_bytes);

  if (n_bytes == 0)
    crc = crc32 (0, (const Bytef *) type, 4);
  append_u32 (png, (guint32) n_bytes);
  g_byte_array_append (png, (const guint8 *) type, 4);
  if (n_bytes > 0)
    g_byte_array_append (png, data, (guint) n_bytes);
  append_u32 (png, (guint32) crc);
}

void
test_png_add_compressed (GByteArray    *png,
                         const char    *type,
                         gconstpointer  head,
                         gsize          n_head,
                         gconstpointer  data,
                         gsize          n_bytes)
{
  uLongf             n_packed = compressBound (n_bytes);
  g_autofree guint8 *chunk = g_malloc (n_head + n_packed);

  if (n_head > 0)
    memcpy (chunk, head, n_head);
  g_assert_cmpint (compress2 (chunk + n_head, &n_packed, data, n_bytes, 9), ==, Z_OK);
  test_png_add_chunk (png, type, chunk, n_head + n_packed);
}

GBytes *
test_png_finish (GByteArray *png, gconstpointer rows, gsize n_bytes)
{
  test_png_add_compressed (png, "IDAT", NULL, 0, rows, n_bytes);
  test_png_add_chunk (png, "IEND", NULL, 0);
  return g_byte_array_free_to_bytes (png);
}
