/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-difference.h"

UnclipImage *
fugue_source_image_new (UnclipImage *source, const UnclipRect *crop, guint width, guint height)
{
  g_autoptr (UnclipImage) cropped = NULL;

  g_return_val_if_fail (source != NULL && crop != NULL && crop->width > 0 && crop->height > 0, NULL);

  cropped = unclip_image_crop (source, crop->x, crop->y, crop->width, crop->height);
  if (width == 0 || height == 0)
    {
      double factor = MIN (1.0, (double) FUGUE_DIFFERENCE_MAX_SIDE / MAX (crop->width, crop->height));

      width = MAX (1, (guint) (crop->width * factor));
      height = MAX (1, (guint) (crop->height * factor));
    }
  return unclip_image_resize (cropped, UNCLIP_FILTER_BICUBIC, width, height);
}

UnclipImage *
fugue_difference_image_new (const UnclipImage *a, const UnclipImage *b)
{
  gsize         n_bytes;
  const guint8 *a_pixels, *b_pixels;
  guint8       *out;

  g_return_val_if_fail (unclip_image_get_width (a) == unclip_image_get_width (b), NULL);
  g_return_val_if_fail (unclip_image_get_height (a) == unclip_image_get_height (b), NULL);

  n_bytes = unclip_image_get_n_bytes (a);
  a_pixels = unclip_image_get_pixels (a);
  b_pixels = unclip_image_get_pixels (b);
  out = g_malloc (n_bytes);
  for (gsize i = 0; i < n_bytes; i++)
    out[i] = MIN (ABS (a_pixels[i] - b_pixels[i]) * FUGUE_DIFFERENCE_GAIN, 255);
  return unclip_image_new_take (unclip_image_get_width (a), unclip_image_get_height (a), out);
}
