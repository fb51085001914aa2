/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PNG in and out.
 *
 * libpng reports errors by a long jump. Each of the two entry points sets one trap, keeps everything that it owns in a
 * struct outside the trap, and releases it afterwards; nothing else here may own anything across a libpng call.
 *
 * Reading asks libpng for one form, 16-bit RGBA, whatever the file holds, so that colour and transparency are treated
 * at one place and no bit of a 16-bit picture is lost before.
 */

#include "config.h"

#include "unclip-image-png.h"

#include "unclip-error.h"
#include "unclip-image-file.h"
#include "unclip-image-text.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

/* Upper bounds for what a file may make libpng keep: large enough for any display profile. */
#define MAX_CHUNK_BYTES (16 * 1024 * 1024)
#define MAX_KEPT_CHUNKS 64

/* zlib's own default; more takes twice the time for a hundredth of the size. */
#define COMPRESSION_LEVEL 6

#define MID_GREY (128 * 257)

typedef struct
{
  /* constant */
  const guint8 *bytes;                  /* borrowed */
  gsize         n_bytes;

  /* owned */
  png_structp   png;
  png_infop     info;
  UnclipColour *colour;
  guint16      *rgba;                   /* one row, or all of them when interlaced */
  guint16      *scratch;                /* one row of RGB */
  guint8       *pixels;                 /* the result */

  gsize         position;
  guint         width, height;
  guint         n_kept_rows;            /* rows of rgba */
  gboolean      is_out_of_memory;
  char          message[128];           /* libpng's words */
} Reader;

gboolean
unclip_image_png_is (GBytes *bytes)
{
  gsize         n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  return n_bytes >= 8 && png_sig_cmp (data, 0, 8) == 0;
}

gboolean
unclip_image_check_size (guint width, guint height, const char *name, GError **error)
{
  if (width >= 1 && height >= 1 && width <= UNCLIP_IMAGE_MAX_SIDE && height <= UNCLIP_IMAGE_MAX_SIDE)
    return TRUE;

  if (width == 0 || height == 0)
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "“%s” has no pixels", name);
  else
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT,
                 "“%s” is %u × %u pixels, and a side may have %d at most: make it smaller first",
                 name, width, height, UNCLIP_IMAGE_MAX_SIDE);
  return FALSE;
}

void
unclip_image_flatten_row (const guint16 *rgba, UnclipColour *colour, guint16 *scratch, guint8 *out, gsize n_pixels)
{
  for (gsize i = 0; i < n_pixels; i++)
    for (guint c = 0; c < 3; c++)
      scratch[3 * i + c] = rgba[4 * i + c];
  if (colour != NULL)
    unclip_colour_convert (colour, scratch, n_pixels);

  for (gsize i = 0; i < n_pixels; i++)
    {
      guint32 alpha = rgba[4 * i + 3];

      for (guint c = 0; c < 3; c++)
        {
          guint32 value = scratch[3 * i + c];

          if (alpha != 65535)
            value = (guint32) (((guint64) value * alpha + (guint64) MID_GREY * (65535 - alpha) + 32767) / 65535);
          /* the nearest byte: value / 257 */
          out[3 * i + c] = (guint8) ((value * 255 + 32895) >> 16);
        }
    }
}

static void
read_cb (png_structp png, png_bytep out, size_t n)
{
  Reader *reader = png_get_io_ptr (png);

  if (n > reader->n_bytes - reader->position)
    png_error (png, "the file ends too early");
  memcpy (out, reader->bytes + reader->position, n);
  reader->position += n;
}

static void
error_cb (png_structp png, png_const_charp message)
{
  char *kept = png_get_error_ptr (png);

  g_strlcpy (kept, message, sizeof ((Reader *) NULL)->message);
  png_longjmp (png, 1);
}

static void
warning_cb (png_structp png, png_const_charp message)
{
}

/* What the file says of its colours, the most exact first. */
static UnclipColour *
read_colour (png_structp png, png_infop info)
{
  gboolean  is_grey = !(png_get_color_type (png, info) & PNG_COLOR_MASK_COLOR);
  char     *profile_name;
  png_bytep profile;
  png_uint_32 n_bytes;
  int       method, intent;
  double    gamma;
  double    x[4], y[4];

  if (png_get_iCCP (png, info, &profile_name, &method, &profile, &n_bytes) == PNG_INFO_iCCP)
    return unclip_colour_new_from_icc (profile, n_bytes, is_grey);
  if (png_get_sRGB (png, info, &intent) == PNG_INFO_sRGB)
    return NULL;
  if (png_get_gAMA (png, info, &gamma) != PNG_INFO_gAMA)
    return NULL;
  if (png_get_cHRM (png, info, &x[0], &y[0], &x[1], &y[1], &x[2], &y[2], &x[3], &y[3]) == PNG_INFO_cHRM)
    {
      UnclipColourPrimaries primaries;

      memcpy (primaries.x, x, sizeof x);
      memcpy (primaries.y, y, sizeof y);
      return unclip_colour_new_from_gamma (gamma, &primaries);
    }
  return unclip_colour_new_from_gamma (gamma, NULL);
}

static void
set_limits (png_structp png)
{
  static const png_byte skipped[] = "tEXt\0zTXt\0iTXt\0eXIf\0sPLT\0hIST\0pCAL";

  png_set_user_limits (png, UNCLIP_IMAGE_MAX_SIDE, UNCLIP_IMAGE_MAX_SIDE);
  png_set_chunk_malloc_max (png, MAX_CHUNK_BYTES);
  png_set_chunk_cache_max (png, MAX_KEPT_CHUNKS);
  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
}

static void
ask_for_rgba16 (png_structp png)
{
  png_set_expand_16 (png);              /* palettes, fewer bits and transparent colours too */
  png_set_gray_to_rgb (png);
  png_set_add_alpha (png, 0xffff, PNG_FILLER_AFTER);
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (png);
}

static gboolean
allocate (Reader *reader)
{
  gsize n = reader->width;

  reader->rgba = g_try_malloc (n * reader->n_kept_rows * 4 * sizeof (guint16));
  reader->scratch = g_try_malloc (n * 3 * sizeof (guint16));
  reader->pixels = g_try_malloc (n * reader->height * 3);
  reader->is_out_of_memory = reader->rgba == NULL || reader->scratch == NULL || reader->pixels == NULL;
  return !reader->is_out_of_memory;
}

static void
flatten (Reader *reader, guint row, const guint16 *rgba)
{
  unclip_image_flatten_row (rgba, reader->colour, reader->scratch,
                            reader->pixels + (gsize) row * reader->width * 3, reader->width);
}

/* The part inside the trap: no variable of its own may matter after a jump. */
static gboolean
read_image (Reader *reader)
{
  int n_passes;

  if (setjmp (png_jmpbuf (reader->png)))
    return FALSE;

  set_limits (reader->png);
  png_set_read_fn (reader->png, reader, read_cb);
  png_read_info (reader->png, reader->info);
  reader->width = png_get_image_width (reader->png, reader->info);
  reader->height = png_get_image_height (reader->png, reader->info);
  reader->colour = read_colour (reader->png, reader->info);
  ask_for_rgba16 (reader->png);
  n_passes = png_set_interlace_handling (reader->png);
  png_read_update_info (reader->png, reader->info);
  if (png_get_rowbytes (reader->png, reader->info) != (gsize) reader->width * 4 * sizeof (guint16))
    png_error (reader->png, "its pixels are of an unknown kind");

  reader->n_kept_rows = n_passes > 1 ? reader->height : 1;
  if (!allocate (reader))
    return FALSE;

  for (int pass = 0; pass < n_passes; pass++)
    for (guint row = 0; row < reader->height; row++)
      {
        guint16 *rgba = reader->rgba + (gsize) (row % reader->n_kept_rows) * reader->width * 4;

        png_read_row (reader->png, (png_bytep) rgba, NULL);
        if (pass == n_passes - 1)
          flatten (reader, row, rgba);
      }
  return TRUE;
}

/* The size stands at a fixed place, and is looked at before libpng is. */
static gboolean
check_header (const guint8 *bytes, gsize n_bytes, const char *name, GError **error)
{
  guint32 size[2];

  if (n_bytes < 33 || memcmp (bytes + 12, "IHDR", 4) != 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT,
                   "“%s” is a damaged PNG file: it has no header", name);
      return FALSE;
    }
  memcpy (size, bytes + 16, sizeof size);
  return unclip_image_check_size (GUINT32_FROM_BE (size[0]), GUINT32_FROM_BE (size[1]), name, error);
}

UnclipImage *
unclip_image_png_decode (GBytes *bytes, const char *name, GError **error)
{
  Reader       reader = { 0 };
  UnclipImage *image = NULL;

  reader.bytes = g_bytes_get_data (bytes, &reader.n_bytes);
  if (!check_header (reader.bytes, reader.n_bytes, name, error))
    return NULL;

  reader.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, reader.message, error_cb, warning_cb);
  if (reader.png != NULL)
    reader.info = png_create_info_struct (reader.png);
  reader.is_out_of_memory = reader.info == NULL;

  if (!reader.is_out_of_memory && read_image (&reader))
    image = unclip_image_new_take (reader.width, reader.height, g_steal_pointer (&reader.pixels));
  else if (reader.is_out_of_memory)
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY,
                 "There is not enough memory for “%s”, %u × %u pixels", name, reader.width, reader.height);
  else
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT,
                 "“%s” is a damaged PNG file (%s)", name, reader.message);

  png_destroy_read_struct (&reader.png, &reader.info, NULL);
  unclip_colour_free (reader.colour);
  g_free (reader.rgba);
  g_free (reader.scratch);
  g_free (reader.pixels);
  return image;
}

typedef struct
{
  png_structp png;                      /* owned */
  png_infop   info;                     /* owned */
  GByteArray *bytes;                    /* owned */
  png_text   *texts;                    /* owned; its strings are borrowed but for those in latin1 */
  GPtrArray  *latin1;                   /* owned */
  char        message[128];
} Writer;

G_STATIC_ASSERT (sizeof ((Reader *) NULL)->message == sizeof ((Writer *) NULL)->message);

static void
write_cb (png_structp png, png_bytep data, size_t n)
{
  Writer *writer = png_get_io_ptr (png);

  g_byte_array_append (writer->bytes, data, (guint) n);
}

static void
flush_cb (png_structp png)
{
}

/* The form in which a note is written: tEXt has no characters beyond Latin-1, iTXt has them all, and XMP is looked for
 * in plain iTXt alone. */
static void
set_text (Writer *writer, png_text *out, const UnclipImageText *text)
{
  char *latin1 = NULL;

  if (!text->is_compressed && strcmp (text->key, UNCLIP_IMAGE_TEXT_XMP) != 0)
    latin1 = g_convert (text->text, -1, "ISO-8859-1", "UTF-8", NULL, NULL, NULL);

  out->key = (png_charp) text->key;
  out->lang = (png_charp) "";
  out->lang_key = (png_charp) "";
  if (latin1 != NULL)
    {
      g_ptr_array_add (writer->latin1, latin1);
      out->compression = PNG_TEXT_COMPRESSION_NONE;
      out->text = latin1;
      out->text_length = strlen (latin1);
    }
  else
    {
      out->compression = text->is_compressed ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
      out->text = (png_charp) text->text;
      out->itxt_length = strlen (text->text);
    }
}

/* The part inside the trap. */
static gboolean
write_image (Writer *writer, const UnclipImage *image, guint n_texts)
{
  guint         width = unclip_image_get_width (image);
  guint         height = unclip_image_get_height (image);
  const guint8 *pixels = unclip_image_get_pixels (image);

  if (setjmp (png_jmpbuf (writer->png)))
    return FALSE;

  png_set_write_fn (writer->png, writer, write_cb, flush_cb);
  png_set_user_limits (writer->png, UNCLIP_IMAGE_MAX_SIDE, UNCLIP_IMAGE_MAX_SIDE);
  png_set_compression_level (writer->png, COMPRESSION_LEVEL);
  png_set_filter (writer->png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
  png_set_IHDR (writer->png, writer->info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_sRGB (writer->png, writer->info, PNG_sRGB_INTENT_PERCEPTUAL);
  if (n_texts > 0)
    png_set_text (writer->png, writer->info, writer->texts, (int) n_texts);
  png_write_info (writer->png, writer->info);
  for (guint row = 0; row < height; row++)
    png_write_row (writer->png, pixels + (gsize) row * width * 3);
  png_write_end (writer->png, NULL);
  return TRUE;
}

GBytes *
unclip_image_encode_png (const UnclipImage *image, const UnclipImageText *texts, guint n_texts, GError **error)
{
  Writer  writer = { 0 };
  GBytes *file = NULL;

  g_return_val_if_fail (image != NULL && (texts != NULL || n_texts == 0), NULL);

  writer.bytes = g_byte_array_new ();
  writer.latin1 = g_ptr_array_new_with_free_func (g_free);
  writer.texts = g_new0 (png_text, MAX (n_texts, 1));
  for (guint i = 0; i < n_texts; i++)
    set_text (&writer, &writer.texts[i], &texts[i]);

  writer.png = png_create_write_struct (PNG_LIBPNG_VER_STRING, writer.message, error_cb, warning_cb);
  if (writer.png != NULL)
    writer.info = png_create_info_struct (writer.png);

  if (writer.info != NULL && write_image (&writer, image, n_texts))
    file = g_byte_array_free_to_bytes (g_steal_pointer (&writer.bytes));
  else
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_INTERNAL, "The picture cannot be encoded as PNG (%s)",
                 writer.info != NULL ? writer.message : "not enough memory");

  png_destroy_write_struct (&writer.png, &writer.info);
  g_clear_pointer (&writer.bytes, g_byte_array_unref);
  g_ptr_array_unref (writer.latin1);
  g_free (writer.texts);
  return file;
}
