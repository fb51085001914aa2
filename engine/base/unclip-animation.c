/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libpng knows nothing of animation, but an animated PNG is little more than its frames' PNG files in one: each frame is
 * encoded by itself, and its IDAT chunks are taken over, from the second frame on as fdAT, which is IDAT behind a number.
 */

#include "config.h"

#include "unclip-animation.h"

#include "unclip-error.h"
#include "unclip-image-file.h"

#include <string.h>
#include <zlib.h>

#define SIGNATURE_BYTES 8
#define CHUNK_BYTES 12          /* of a chunk without data: length, type, CRC */

typedef struct
{
  GByteArray *png;
  guint32     sequence;         /* of fcTL and fdAT, counted together */
} Writer;

static void
put_u32 (GByteArray *bytes, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const guint8 *) &big, sizeof big);
}

static void
put_u16 (GByteArray *bytes, guint value)
{
  guint16 big = GUINT16_TO_BE ((guint16) value);

  g_byte_array_append (bytes, (const guint8 *) &big, sizeof big);
}

static guint32
get_u32 (const guint8 *data)
{
  guint32 big;

  memcpy (&big, data, sizeof big);
  return GUINT32_FROM_BE (big);
}

/* Starts a chunk; its length is filled in at the end. */
static guint
begin_chunk (Writer *writer, const char *type)
{
  guint start = writer->png->len;

  put_u32 (writer->png, 0);
  g_byte_array_append (writer->png, (const guint8 *) type, 4);
  return start;
}

static void
end_chunk (Writer *writer, guint start)
{
  guint32 length = writer->png->len - start - 8;
  guint32 big = GUINT32_TO_BE (length);

  memcpy (writer->png->data + start, &big, sizeof big);
  put_u32 (writer->png, (guint32) crc32 (0, writer->png->data + start + 4, length + 4));
}

static void
put_animation_control (Writer *writer, guint n_frames)
{
  guint start = begin_chunk (writer, "acTL");

  put_u32 (writer->png, n_frames);
  put_u32 (writer->png, 0);     /* plays without end */
  end_chunk (writer, start);
}

static void
put_frame_control (Writer *writer, const UnclipAnimationFrame *frame)
{
  guint        start = begin_chunk (writer, "fcTL");
  const guint8 keep_and_replace[2] = { 0, 0 };

  put_u32 (writer->png, writer->sequence++);
  put_u32 (writer->png, unclip_image_get_width (frame->image));
  put_u32 (writer->png, unclip_image_get_height (frame->image));
  put_u32 (writer->png, 0);
  put_u32 (writer->png, 0);
  put_u16 (writer->png, frame->milliseconds);
  put_u16 (writer->png, 1000);
  g_byte_array_append (writer->png, keep_and_replace, sizeof keep_and_replace);
  end_chunk (writer, start);
}

static void
put_data (Writer *writer, gboolean is_first, const guint8 *data, guint32 n_bytes)
{
  guint start = begin_chunk (writer, is_first ? "IDAT" : "fdAT");

  if (!is_first)
    put_u32 (writer->png, writer->sequence++);
  g_byte_array_append (writer->png, data, n_bytes);
  end_chunk (writer, start);
}

/* Takes over what the frame's own PNG file holds: of the first frame everything, of others the data. */
static void
put_frame (Writer *writer, const UnclipAnimationFrame *frame, guint n_frames, gboolean is_first, GBytes *file)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (file, &size);
  gboolean      has_control = FALSE;

  for (gsize at = SIGNATURE_BYTES; at + CHUNK_BYTES <= size;)
    {
      guint32 length = get_u32 (data + at);
      gboolean is_data = memcmp (data + at + 4, "IDAT", 4) == 0;

      if (is_data && !has_control)
        {
          put_frame_control (writer, frame);
          has_control = TRUE;
        }
      if (is_data)
        put_data (writer, is_first, data + at + 8, length);
      else if (is_first && memcmp (data + at + 4, "IEND", 4) != 0)
        g_byte_array_append (writer->png, data + at, CHUNK_BYTES + length);
      if (is_first && memcmp (data + at + 4, "IHDR", 4) == 0)
        put_animation_control (writer, n_frames);
      at += CHUNK_BYTES + length;
    }
}

static gboolean
check_size (const UnclipAnimationFrame *first, const UnclipAnimationFrame *frame, GError **error)
{
  if (unclip_image_get_width (first->image) == unclip_image_get_width (frame->image)
      && unclip_image_get_height (first->image) == unclip_image_get_height (frame->image))
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT, "A film's pictures must have one size, but %u × %u and %u × %u were given.",
               unclip_image_get_width (first->image), unclip_image_get_height (first->image), unclip_image_get_width (frame->image),
               unclip_image_get_height (frame->image));
  return FALSE;
}

GBytes *
unclip_animation_encode_png (const UnclipAnimationFrame *frames, guint n_frames, GError **error)
{
  static const guint8    signature[SIGNATURE_BYTES] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  g_autoptr (GByteArray) png = g_byte_array_new ();
  Writer                 writer = { png, 0 };

  g_return_val_if_fail (n_frames > 0, NULL);

  g_byte_array_append (png, signature, sizeof signature);
  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (GBytes) file = NULL;

      if (!check_size (&frames[0], &frames[i], error))
        return NULL;
      file = unclip_image_encode_png (frames[i].image, NULL, 0, error);
      if (file == NULL)
        return NULL;
      put_frame (&writer, &frames[i], n_frames, i == 0, file);
    }
  end_chunk (&writer, begin_chunk (&writer, "IEND"));
  return g_byte_array_free_to_bytes (g_steal_pointer (&png));
}
