/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-image.h"

#include "unclip-error.h"

#include <math.h>
#include <string.h>

struct _UnclipImage
{
  /* constant after construction */
  guint             width;
  guint             height;
  guint8           *pixels;             /* owned */

  gatomicrefcount   ref_count;
};

G_DEFINE_BOXED_TYPE (UnclipImage, unclip_image, unclip_image_ref, unclip_image_unref)

static gboolean
is_size (guint width, guint height)
{
  return width >= 1 && height >= 1 && width <= UNCLIP_IMAGE_MAX_SIDE && height <= UNCLIP_IMAGE_MAX_SIDE;
}

UnclipImage *
unclip_image_new_take (guint width, guint height, guint8 *rgb)
{
  UnclipImage *image;

  g_return_val_if_fail (is_size (width, height) && rgb != NULL, NULL);

  image = g_new0 (UnclipImage, 1);
  image->width = width;
  image->height = height;
  image->pixels = rgb;
  g_atomic_ref_count_init (&image->ref_count);
  return image;
}

UnclipImage *
unclip_image_new_copy (guint width, guint height, const guint8 *rgb)
{
  g_return_val_if_fail (is_size (width, height) && rgb != NULL, NULL);
  return unclip_image_new_take (width, height, g_memdup2 (rgb, (gsize) width * height * 3));
}

UnclipImage *
unclip_image_new_from_signed (guint width, guint height, const float *rgb, GError **error)
{
  gsize              n = (gsize) width * height * 3;
  g_autofree guint8 *pixels = NULL;

  g_return_val_if_fail (is_size (width, height) && rgb != NULL, NULL);

  pixels = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    {
      if (!isfinite (rgb[i]))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT,
                       "The picture came out broken: channel %u of pixel (%u, %u) is %s",
                       (guint) (i % 3), (guint) (i / 3 % width), (guint) (i / 3 / width),
                       isnan (rgb[i]) ? "not a number" : "infinite");
          return NULL;
        }
      pixels[i] = (guint8) rintf (255.0f * CLAMP (rgb[i] * 0.5f + 0.5f, 0.0f, 1.0f));
    }
  return unclip_image_new_take (width, height, g_steal_pointer (&pixels));
}

UnclipImage *
unclip_image_ref (UnclipImage *image)
{
  g_return_val_if_fail (image != NULL, NULL);
  g_atomic_ref_count_inc (&image->ref_count);
  return image;
}

void
unclip_image_unref (UnclipImage *image)
{
  if (image == NULL || !g_atomic_ref_count_dec (&image->ref_count))
    return;
  g_free (image->pixels);
  g_free (image);
}

guint
unclip_image_get_width (const UnclipImage *image)
{
  return image->width;
}

guint
unclip_image_get_height (const UnclipImage *image)
{
  return image->height;
}

const guint8 *
unclip_image_get_pixels (const UnclipImage *image)
{
  return image->pixels;
}

gsize
unclip_image_get_n_bytes (const UnclipImage *image)
{
  return (gsize) image->width * image->height * 3;
}

static inline float
signed_from_byte (guint8 byte)
{
  return (float) byte / 127.5f - 1.0f;
}

void
unclip_image_copy_signed (const UnclipImage *image, float *out)
{
  gsize n = unclip_image_get_n_bytes (image);

  for (gsize i = 0; i < n; i++)
    out[i] = signed_from_byte (image->pixels[i]);
}

void
unclip_image_copy_planes (const UnclipImage *image, float *out)
{
  gsize n = (gsize) image->width * image->height;

  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < 3; c++)
      out[c * n + i] = signed_from_byte (image->pixels[3 * i + c]);
}

UnclipImage *
unclip_image_crop (UnclipImage *image, guint x, guint y, guint width, guint height)
{
  guint8 *pixels;

  g_return_val_if_fail (width >= 1 && x < image->width && width <= image->width - x, NULL);
  g_return_val_if_fail (height >= 1 && y < image->height && height <= image->height - y, NULL);

  if (width == image->width && height == image->height)
    return unclip_image_ref (image);

  pixels = g_malloc ((gsize) width * height * 3);
  for (guint row = 0; row < height; row++)
    memcpy (pixels + (gsize) row * width * 3,
            image->pixels + ((gsize) (y + row) * image->width + x) * 3,
            (gsize) width * 3);
  return unclip_image_new_take (width, height, pixels);
}

gboolean
unclip_image_is_flat (const UnclipImage *image)
{
  gsize n = unclip_image_get_n_bytes (image);

  return memcmp (image->pixels, image->pixels + 3, n - 3) == 0;
}

char *
unclip_image_dup_sha256 (const UnclipImage *image)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, image->pixels, unclip_image_get_n_bytes (image));
}
