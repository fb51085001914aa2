/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-image-processor.h"

#include "unclip-error.h"
#include "unclip-resize.h"

#include <string.h>

/* Size after resizing, before the cut. */
static void
resized_size (const UnclipImageProcessorParams *params, const UnclipImage *image, guint *width, guint *height)
{
  guint64 in_width = unclip_image_get_width (image);
  guint64 in_height = unclip_image_get_height (image);
  guint64 edge = params->shortest_edge;

  *width = (guint) in_width;
  *height = (guint) in_height;
  if (!params->resizes)
    return;
  *width = (guint) (in_width <= in_height ? edge : edge * in_width / in_height);
  *height = (guint) (in_width <= in_height ? edge * in_height / in_width : edge);
}

/* One axis of the cut: where it begins in the resized picture, how much of it there is, and how much black lies before. */
static void
cut_axis (guint size, guint crop, guint *start, guint *length, guint *margin)
{
  *length = MIN (size, crop);
  *start = size > crop ? (size - crop) / 2 : 0;
  *margin = crop > size ? (crop - size + 1) / 2 : 0;
}

static UnclipImage *
pad (const UnclipImage *image, guint width, guint height, guint left, guint top)
{
  gsize   row_bytes = (gsize) unclip_image_get_width (image) * 3;
  guint8 *pixels = g_malloc0 ((gsize) width * height * 3);

  for (guint row = 0; row < unclip_image_get_height (image); row++)
    memcpy (pixels + ((gsize) (top + row) * width + left) * 3,
            unclip_image_get_pixels (image) + row * row_bytes, row_bytes);
  return unclip_image_new_take (width, height, pixels);
}

static gboolean
check_params (const UnclipImageProcessorParams *params, GError **error)
{
  if ((params->resizes && (params->shortest_edge < 1 || params->shortest_edge > UNCLIP_IMAGE_MAX_SIDE))
      || (params->crops && (params->crop_width < 1 || params->crop_width > UNCLIP_IMAGE_MAX_SIDE
                            || params->crop_height < 1 || params->crop_height > UNCLIP_IMAGE_MAX_SIDE)))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "The model's image processor asks for a shorter side of %u and a cut of %u × %u pixels",
                   params->shortest_edge, params->crop_width, params->crop_height);
      return FALSE;
    }
  return TRUE;
}

UnclipImage *
unclip_image_processor_prepare (const UnclipImageProcessorParams *params, UnclipImage *image, GError **error)
{
  g_autoptr (UnclipImage) cut = NULL;
  UnclipRect              window = { 0 };
  guint                   width, height, left = 0, top = 0;

  if (!check_params (params, error))
    return NULL;

  resized_size (params, image, &width, &height);
  window.width = width;
  window.height = height;
  if (params->crops)
    {
      cut_axis (width, params->crop_width, &window.x, &window.width, &left);
      cut_axis (height, params->crop_height, &window.y, &window.height, &top);
    }
  if (window.width > UNCLIP_IMAGE_MAX_SIDE || window.height > UNCLIP_IMAGE_MAX_SIDE)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT,
                   "A picture of %u × %u pixels is too long for this model: crop it first",
                   unclip_image_get_width (image), unclip_image_get_height (image));
      return NULL;
    }

  cut = unclip_image_resize_window (image, UNCLIP_FILTER_BICUBIC, width, height, &window);
  if (params->crops && (window.width < params->crop_width || window.height < params->crop_height))
    return pad (cut, params->crop_width, params->crop_height, left, top);
  return g_steal_pointer (&cut);
}

void
unclip_image_processor_normalize (const UnclipImageProcessorParams *params,
                                  const UnclipImage                *image,
                                  gboolean                          is_channels_last,
                                  float                            *out)
{
  gsize         n_pixels = (gsize) unclip_image_get_width (image) * unclip_image_get_height (image);
  gsize         pixel_stride = is_channels_last ? 3 : 1;
  gsize         channel_stride = is_channels_last ? 1 : n_pixels;
  const guint8 *pixels = unclip_image_get_pixels (image);

  for (gsize i = 0; i < n_pixels; i++)
    for (guint c = 0; c < 3; c++)
      {
        float value = pixels[3 * i + c];

        if (params->rescales)
          value = (float) (pixels[3 * i + c] * params->rescale_factor);
        if (params->normalizes)
          value = (value - params->mean[c]) / params->std[c];
        out[i * pixel_stride + c * channel_stride] = value;
      }
}
