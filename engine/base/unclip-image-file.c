/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading by what a file holds, not by its name; and saving. PNG itself is in unclip-image-png.c. */

#include "config.h"

#include "unclip-image-file.h"

#include "unclip-error.h"
#include "unclip-file.h"
#include "unclip-image-png.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

/* The largest picture allowed, 16384 × 16384 of 24 bits, fits uncompressed. */
#define MAX_FILE_BYTES ((gsize) 1 << 30)

/* Fed to a gdk-pixbuf loader at a time, so that one whose picture is too large is stopped early. */
#define FEED_BYTES 65536

typedef struct
{
  guint width, height;                  /* as the file says, or 0 while unknown */
  guint first_row, end_row;             /* decoded so far; equal for a loader that does not say */
} Progress;

/* Zero asks the loader to give up; not all of them do, so the feeder looks too. */
static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, gpointer user_data)
{
  Progress *progress = user_data;

  progress->width = (guint) MAX (width, 0);
  progress->height = (guint) MAX (height, 0);
  if (width > UNCLIP_IMAGE_MAX_SIDE || height > UNCLIP_IMAGE_MAX_SIDE)
    gdk_pixbuf_loader_set_size (loader, 0, 0);
}

static void
area_updated_cb (GdkPixbufLoader *loader, int x, int y, int width, int height, gpointer user_data)
{
  Progress *progress = user_data;

  if (progress->first_row == progress->end_row)
    progress->first_row = (guint) y;
  progress->first_row = MIN (progress->first_row, (guint) y);
  progress->end_row = MAX (progress->end_row, (guint) (y + height));
}

static gboolean
feed (GdkPixbufLoader *loader, GBytes *bytes, const Progress *progress, GError **error)
{
  gsize         n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  for (gsize done = 0; done < n_bytes; done += FEED_BYTES)
    {
      if (!gdk_pixbuf_loader_write (loader, data + done, MIN (n_bytes - done, FEED_BYTES), error))
        return FALSE;
      if (progress->width > UNCLIP_IMAGE_MAX_SIDE || progress->height > UNCLIP_IMAGE_MAX_SIDE)
        return FALSE;
    }
  return TRUE;
}

/* Asked before the loader is closed: then some fill what is missing with grey and call it a success. Loaders other than
 * these decode all at once, at the end, and then say for themselves what they lack. */
static gboolean
lacks_rows (GdkPixbufLoader *loader, const Progress *progress)
{
  static const char *const gradual[] = { "bmp", "jpeg", "pnm", "webp", NULL };
  GdkPixbufFormat         *format = gdk_pixbuf_loader_get_format (loader);
  g_autofree char         *name = format != NULL ? gdk_pixbuf_format_get_name (format) : NULL;

  if (name == NULL || !g_strv_contains (gradual, name))
    return FALSE;
  return progress->height == 0 || progress->end_row - progress->first_row < progress->height;
}

static UnclipColour *
pixbuf_colour (GdkPixbuf *pixbuf)
{
  const char        *base64 = gdk_pixbuf_get_option (pixbuf, "icc-profile");
  g_autofree guint8 *profile = NULL;
  gsize              n_bytes;

  if (base64 == NULL)
    return NULL;
  profile = g_base64_decode (base64, &n_bytes);
  return unclip_colour_new_from_icc (profile, n_bytes, FALSE);
}

static UnclipImage *
image_from_pixbuf (GdkPixbuf *pixbuf)
{
  guint                    width = (guint) gdk_pixbuf_get_width (pixbuf);
  guint                    height = (guint) gdk_pixbuf_get_height (pixbuf);
  guint                    n_channels = (guint) gdk_pixbuf_get_n_channels (pixbuf);
  g_autoptr (UnclipColour) colour = pixbuf_colour (pixbuf);
  g_autofree guint16      *rgba = g_new (guint16, 4 * width), *scratch = g_new (guint16, 3 * width);
  guint8                  *pixels = g_try_malloc ((gsize) width * height * 3);

  if (pixels == NULL)
    return NULL;
  for (guint row = 0; row < height; row++)
    {
      const guint8 *in = gdk_pixbuf_read_pixels (pixbuf) + (gsize) row * (gsize) gdk_pixbuf_get_rowstride (pixbuf);

      for (guint i = 0; i < width; i++)
        for (guint c = 0; c < 4; c++)
          rgba[4 * i + c] = c < n_channels ? in[(gsize) i * n_channels + c] * 257 : 65535;
      unclip_image_flatten_row (rgba, colour, scratch, pixels + (gsize) row * width * 3, width);
    }
  return unclip_image_new_take (width, height, pixels);
}

static void
set_pixbuf_error (GError **error, const GError *cause, const char *name)
{
  if (g_error_matches (cause, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_UNKNOWN_TYPE))
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT,
                 "“%s” is not a picture of any kind that this machine can read", name);
  else if (g_error_matches (cause, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY))
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY, "There is not enough memory for “%s”", name);
  else
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "“%s” is damaged or cut short (%s)", name,
                 cause != NULL ? cause->message : "part of the picture is missing");
}

/* A loader that has to find out the format for itself holds the first 4 KiB back until it is closed, and with a file
 * smaller than that lacks_rows() would have nothing to go by. */
static GdkPixbufLoader *
loader_new (GBytes *bytes)
{
  gsize            n_bytes;
  const guint8    *data = g_bytes_get_data (bytes, &n_bytes);
  GdkPixbufLoader *loader = NULL;

  if (n_bytes >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0)
    loader = gdk_pixbuf_loader_new_with_type ("jpeg", NULL);
  else if (n_bytes >= 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    loader = gdk_pixbuf_loader_new_with_type ("webp", NULL);
  return loader != NULL ? loader : gdk_pixbuf_loader_new ();
}

static UnclipImage *
load_with_pixbuf (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = loader_new (bytes);
  g_autoptr (GdkPixbuf)       upright = NULL;
  g_autoptr (GError)          cause = NULL;
  GdkPixbuf                  *pixbuf;
  UnclipImage                *image;
  Progress                    progress = { 0 };
  gboolean                    is_whole;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), &progress);
  g_signal_connect (loader, "area-updated", G_CALLBACK (area_updated_cb), &progress);
  is_whole = feed (loader, bytes, &progress, &cause) && !lacks_rows (loader, &progress);
  if (!gdk_pixbuf_loader_close (loader, cause == NULL ? &cause : NULL))
    is_whole = FALSE;

  if ((progress.width > 0 || progress.height > 0)
      && !unclip_image_check_size (progress.width, progress.height, name, error))
    return NULL;
  pixbuf = is_whole ? gdk_pixbuf_loader_get_pixbuf (loader) : NULL;
  if (pixbuf == NULL)
    {
      set_pixbuf_error (error, cause, name);
      return NULL;
    }

  upright = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  if (upright == NULL || (image = image_from_pixbuf (upright)) == NULL)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY,
                   "There is not enough memory for “%s”, %u × %u pixels", name, progress.width, progress.height);
      return NULL;
    }
  return image;
}

UnclipImage *
unclip_image_load_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  name = name != NULL ? name : "The picture";
  if (g_bytes_get_size (bytes) == 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "“%s” is empty", name);
      return NULL;
    }
  if (unclip_image_png_is (bytes))
    return unclip_image_png_decode (bytes, name, error);
  return load_with_pixbuf (bytes, name, error);
}

UnclipImage *
unclip_image_load (const char *path, GError **error)
{
  g_autofree char   *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = unclip_file_read (path, MAX_FILE_BYTES, error);

  return bytes != NULL ? unclip_image_load_bytes (bytes, name, error) : NULL;
}

gboolean
unclip_image_save_png (const UnclipImage     *image,
                       const char            *path,
                       const UnclipImageText *texts,
                       guint                  n_texts,
                       GError               **error)
{
  g_autoptr (GBytes) file = unclip_image_encode_png (image, texts, n_texts, error);

  return file != NULL && unclip_file_write_new (path, file, error);
}

char *
unclip_image_save_numbered (const UnclipImage     *image,
                            const char            *folder,
                            const char            *stem,
                            guint                  first,
                            const UnclipImageText *texts,
                            guint                  n_texts,
                            GError               **error)
{
  g_autoptr (GBytes) file = unclip_image_encode_png (image, texts, n_texts, error);

  return file != NULL ? unclip_file_write_numbered (folder, stem, ".png", first, file, error) : NULL;
}
