/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-convert.h"

#include <glib/gi18n.h>

#include "unclip-error.h"

/* As in unclip-image-file.h. */
#define GREY 128

GdkTexture *
fugue_texture_new_from_image (UnclipImage *image)
{
  g_autoptr (GBytes) bytes = NULL;
  guint width = unclip_image_get_width (image);

  bytes = g_bytes_new_with_free_func (unclip_image_get_pixels (image), unclip_image_get_n_bytes (image),
                                      (GDestroyNotify) unclip_image_unref, unclip_image_ref (image));
  return gdk_memory_texture_new (width, unclip_image_get_height (image), GDK_MEMORY_R8G8B8, bytes, 3 * (gsize) width);
}

UnclipImage *
fugue_image_new_from_texture (GdkTexture  *texture,
                              GError     **error)
{
  int width = gdk_texture_get_width (texture);
  int height = gdk_texture_get_height (texture);
  gsize n_pixels = (gsize) width * height;
  g_autofree guint32 *argb = NULL;
  guint8 *rgb;

  if (width > UNCLIP_IMAGE_MAX_SIDE || height > UNCLIP_IMAGE_MAX_SIDE)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT,
                   _("The picture measures %d × %d pixels; Fugue takes %d a side at the most."),
                   width, height, UNCLIP_IMAGE_MAX_SIDE);
      return NULL;
    }

  /* One word a pixel, alpha in its highest byte, colours multiplied with it. */
  argb = g_new (guint32, n_pixels);
  gdk_texture_download (texture, (guchar *) argb, 4 * (gsize) width);
  rgb = g_malloc (3 * n_pixels);
  for (gsize i = 0; i < n_pixels; i++)
    {
      guint alpha = argb[i] >> 24;
      guint ground = ((255 - alpha) * GREY + 127) / 255;

      for (guint channel = 0; channel < 3; channel++)
        rgb[3 * i + channel] = MIN (((argb[i] >> (16 - 8 * channel)) & 255) + ground, 255);
    }
  return unclip_image_new_take (width, height, rgb);
}
