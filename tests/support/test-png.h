/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PNG files put together chunk by chunk, to have forms that no encoder would write. */

#pragma once

#include <glib.h>

/* The values of IHDR's colour type. */
typedef enum
{
  TEST_PNG_GREY = 0,
  TEST_PNG_RGB = 2,
  TEST_PNG_PALETTE = 3,
  TEST_PNG_GREY_ALPHA = 4,
  TEST_PNG_RGBA = 6,
} TestPngColour;

/**
 * test_png_new:
 *
 * Returns: (transfer full): a signature and a header
 */
GByteArray *test_png_new          (guint32        width,
                                   guint32        height,
                                   guint8         depth,
                                   TestPngColour  colour,
                                   gboolean       is_interlaced);

/**
 * test_png_add_chunk:
 * @type: four letters
 *
 * Adds any chunk, with its length and CRC.
 */
void        test_png_add_chunk    (GByteArray    *png,
                                   const char    *type,
                                   gconstpointer  data,
                                   gsize          n_bytes);

/**
 * test_png_add_compressed:
 * @head: bytes before the compressed ones
 *
 * Adds a chunk that ends in zlib-compressed bytes: IDAT, iCCP, zTXt or iTXt.
 */
void        test_png_add_compressed (GByteArray    *png,
                                     const char    *type,
                                     gconstpointer  head,
                                     gsize          n_head,
                                     gconstpointer  data,
                                     gsize          n_bytes);

/**
 * test_png_finish:
 * @rows: (array): scanlines, each with its filter byte first
 *
 * Adds IDAT and IEND.
 *
 * Returns: (transfer full): the file; @png is consumed
 */
GBytes     *test_png_finish       (GByteArray    *png,
                                   gconstpointer  rows,
                                   gsize          n_bytes);
