/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A PNG file is a row of chunks: length, four letters, data, CRC of letters and data. Only those with notes are looked
 * at, so nothing here decodes a picture, and the most that a file can make this use is MAX_NOTES · MAX_BYTES.
 */

#include "config.h"

#include "unclip-image-text.h"

#include "unclip-error.h"
#include "unclip-file.h"
#include "unclip-image-png.h"

#include <string.h>
#include <zlib.h>

#define MAX_FILE_BYTES ((gsize) 1 << 30)

/* Length, letters and CRC. */
#define CHUNK_OVERHEAD 12

#define MAX_KEY_LENGTH 79

/* Letters of a model's hash that others expect. */
#define HASH_DIGITS 10

typedef struct
{
  const guint8 *data;                   /* borrowed */
  gsize         n_bytes;
} Span;

/* Cuts the text up to the next NUL off the front; FALSE when there is none. */
static gboolean
take_string (Span *span, const char **string, gsize *length)
{
  const guint8 *end = memchr (span->data, '\0', span->n_bytes);

  if (end == NULL)
    return FALSE;
  *string = (const char *) span->data;
  *length = (gsize) (end - span->data);
  span->data += *length + 1;
  span->n_bytes -= *length + 1;
  return TRUE;
}

/* A NUL-terminated copy, decompressed; %NULL when damaged or too long. */
static char *
dup_inflated (const Span *span, gsize *length)
{
  z_stream         stream = { 0 };
  g_autofree char *text = g_malloc (UNCLIP_IMAGE_TEXT_MAX_BYTES + 1);
  int              status;

  if (inflateInit (&stream) != Z_OK)
    return NULL;
  stream.next_in = (Bytef *) span->data;
  stream.avail_in = (uInt) span->n_bytes;
  stream.next_out = (Bytef *) text;
  stream.avail_out = UNCLIP_IMAGE_TEXT_MAX_BYTES;
  status = inflate (&stream, Z_FINISH);
  *length = stream.total_out;
  inflateEnd (&stream);
  if (status != Z_STREAM_END)
    return NULL;

  text[*length] = '\0';
  return g_realloc (g_steal_pointer (&text), *length + 1);
}

static char *
dup_text (const Span *span, gboolean is_compressed, gboolean is_latin1)
{
  g_autofree char *raw = NULL;
  gsize            length = span->n_bytes;

  if (is_compressed)
    raw = dup_inflated (span, &length);
  else if (length <= UNCLIP_IMAGE_TEXT_MAX_BYTES)
    raw = g_strndup ((const char *) span->data, length);
  if (raw == NULL || strlen (raw) != length)
    return NULL;

  if (is_latin1)
    return g_convert (raw, -1, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  return g_utf8_validate (raw, -1, NULL) ? g_steal_pointer (&raw) : NULL;
}

/* iTXt after its key: compression flag and method, then language and translated key, which nobody here reads. */
static char *
dup_international (Span *span)
{
  const char *ignored;
  gsize       length;
  gboolean    is_compressed;

  if (span->n_bytes < 2 || span->data[0] > 1 || (span->data[0] == 1 && span->data[1] != 0))
    return NULL;
  is_compressed = span->data[0] == 1;
  span->data += 2;
  span->n_bytes -= 2;
  if (!take_string (span, &ignored, &length) || !take_string (span, &ignored, &length))
    return NULL;
  return dup_text (span, is_compressed, FALSE);
}

static void
read_note (GHashTable *notes, const guint8 *type, Span span)
{
  const char      *key;
  gsize            key_length;
  g_autofree char *utf8_key = NULL, *text = NULL;

  if (!take_string (&span, &key, &key_length) || key_length < 1 || key_length > MAX_KEY_LENGTH)
    return;

  if (memcmp (type, "iTXt", 4) == 0)
    text = dup_international (&span);
  else if (memcmp (type, "tEXt", 4) == 0)
    text = dup_text (&span, FALSE, TRUE);
  else if (span.n_bytes >= 1 && span.data[0] == 0)
    {
      span.data++;
      span.n_bytes--;
      text = dup_text (&span, TRUE, TRUE);
    }

  utf8_key = g_convert (key, (gssize) key_length, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  if (text != NULL && utf8_key != NULL && !g_hash_table_contains (notes, utf8_key))
    g_hash_table_insert (notes, g_steal_pointer (&utf8_key), g_steal_pointer (&text));
}

static gboolean
is_note (const guint8 *type)
{
  return memcmp (type, "tEXt", 4) == 0 || memcmp (type, "zTXt", 4) == 0 || memcmp (type, "iTXt", 4) == 0;
}

static guint32
read_u32 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

GHashTable *
unclip_image_text_read_bytes (GBytes *bytes, const char *name, GError **error)
{
  GHashTable   *notes;
  gsize         n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  if (!unclip_image_png_is (bytes))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "“%s” is not a PNG file",
                   name != NULL ? name : "The picture");
      return NULL;
    }

  notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize at = 8; n_bytes - at >= CHUNK_OVERHEAD && g_hash_table_size (notes) < UNCLIP_IMAGE_TEXT_MAX_NOTES;)
    {
      gsize         length = read_u32 (data + at);
      const guint8 *type = data + at + 4;

      if (length > n_bytes - at - CHUNK_OVERHEAD || memcmp (type, "IEND", 4) == 0)
        break;
      if (is_note (type) && crc32 (0, type, (uInt) (length + 4)) == read_u32 (type + 4 + length))
        read_note (notes, type, (Span) { type + 4, length });
      at += length + CHUNK_OVERHEAD;
    }
  return notes;
}

GHashTable *
unclip_image_text_read (const char *path, GError **error)
{
  g_autofree char   *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = unclip_file_read (path, MAX_FILE_BYTES, error);

  return bytes != NULL ? unclip_image_text_read_bytes (bytes, name, error) : NULL;
}

/* As json.dumps() would write it, which is how readers take it apart. */
static void
append_quoted (GString *out, const char *value)
{
  g_string_append_c (out, '"');
  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if (*p == '\n')
        g_string_append (out, "\\n");
      else if ((guchar) *p < 0x20)
        g_string_append_printf (out, "\\u%04x", (guint) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void
append_field (GString *out, const char *key, const char *value)
{
  g_string_append_printf (out, ", %s: ", key);
  if (strpbrk (value, ",:\"\n\r\t") != NULL)
    append_quoted (out, value);
  else
    g_string_append (out, value);
}

char *
unclip_image_text_build_parameters (const UnclipImageParameters *parameters)
{
  GString *out = g_string_new (NULL);
  char     guidance[G_ASCII_DTOSTR_BUF_SIZE];

  if (parameters->caption != NULL && *parameters->caption != '\0')
    {
      g_autofree char *line = g_strdelimit (g_strdup (parameters->caption), "\r\n", ' ');

      g_string_append_printf (out, "%s\n", line);
    }

  g_ascii_formatd (guidance, sizeof guidance, "%g", parameters->guidance);
  g_string_append_printf (out, "Steps: %u", parameters->n_steps);
  append_field (out, "Sampler", parameters->sampler);
  g_string_append_printf (out, ", CFG scale: %s, Seed: %" G_GUINT64_FORMAT ", Size: %ux%u",
                          guidance, parameters->seed, parameters->width, parameters->height);
  if (parameters->model_hash != NULL)
    g_string_append_printf (out, ", Model hash: %.*s", HASH_DIGITS, parameters->model_hash);
  if (parameters->model != NULL)
    append_field (out, "Model", parameters->model);
  append_field (out, "Version", "Fugue " FUGUE_VERSION);

  for (const char *const *extra = parameters->extra; extra != NULL && extra[0] != NULL && extra[1] != NULL; extra += 2)
    append_field (out, extra[0], extra[1]);
  return g_string_free (out, FALSE);
}

char *
unclip_image_text_build_xmp (const char *title, gboolean has_source)
{
  g_autoptr (GString) dublin_core = g_string_new (NULL);

  if (title != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (title, -1);

      g_string_append_printf (dublin_core,
                              "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">%s</rdf:li></rdf:Alt></dc:title>",
                              escaped);
    }
  return g_strdup_printf ("<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
                          "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
                          "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
                          "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                          "xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">"
                          "<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/%s"
                          "</Iptc4xmpExt:DigitalSourceType>%s"
                          "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>",
                          has_source ? "compositeWithTrainedAlgorithmicMedia" : "trainedAlgorithmicMedia",
                          dublin_core->str);
}
