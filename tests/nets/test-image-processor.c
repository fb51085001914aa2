/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures of golden/images through the pieces that read, resize and normalise them. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-image-file.h"
#include "unclip-image-processor.h"
#include "unclip-resize.h"
#include "unclip-safetensors.h"

#include "test-compare.h"

#include <stdio.h>
#include <string.h>

static UnclipImage *
load (const char *folder, const char *name)
{
  g_autofree char   *file = g_strdup_printf ("%s.png", name);
  g_autofree char   *path = g_test_build_filename (G_TEST_DIST, "golden", "images", folder, file, NULL);
  g_autoptr (GError) error = NULL;
  UnclipImage       *image = unclip_image_load (path, &error);

  g_assert_no_error (error);
  return image;
}

static const char *const pictures[] = {
  "checker-31x47", "column-1x7", "dot-1x1", "edges-32x32", "grey-45x29", "noise-33x20", "palette-50x37", "row-9x1",
  "scene-17x211", "scene-224x224", "scene-300x17", "scene-64x48",
};

/* What preprocessor_config.json says in the three folders. */
static const struct
{
  const char                *folder;
  UnclipImageProcessorParams params;
} processors[] = {
  { "dict-32-crop-30",
    { TRUE, 32, TRUE, 30, 30, TRUE, 0.00392156862745098, TRUE, { 0.48145466f, 0.4578275f, 0.40821073f },
      { 0.26862954f, 0.26130258f, 0.27577711f } } },
  { "int-15-crop-15",
    { TRUE, 15, TRUE, 15, 15, TRUE, 0.00392156862745098, TRUE, { 0.48145466f, 0.4578275f, 0.40821073f },
      { 0.26862954f, 0.26130258f, 0.27577711f } } },
  { "odd-21-crop-14x9",
    { TRUE, 21, TRUE, 9, 14, TRUE, 0.00392156862745098, TRUE, { 0.5f, 0.25f, 0.4f }, { 0.5f, 0.3f, 0.125f } } },
};

/* Every resized picture, bit for bit. */
static void
test_resized (void)
{
  g_autofree char   *folder = g_test_build_filename (G_TEST_DIST, "golden", "images", "resized", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir)   dir = g_dir_open (folder, 0, &error);
  const char        *name;
  guint              n_pictures = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char        *stem = g_strndup (name, strlen (name) - strlen (".png"));
      g_autofree char        *source = g_strndup (name, (gsize) (strstr (name, ".to-") - name));
      g_autoptr (UnclipImage) in = load (".", source), expected = load ("resized", stem), out = NULL;
      guint                   width, height;

      g_test_message ("%s", name);
      g_assert_cmpint (sscanf (strstr (name, ".to-"), ".to-%ux%u.png", &width, &height), ==, 2);
      out = unclip_image_resize (in, UNCLIP_FILTER_BICUBIC, width, height);
      g_assert_cmpmem (unclip_image_get_pixels (out), unclip_image_get_n_bytes (out),
                       unclip_image_get_pixels (expected), unclip_image_get_n_bytes (expected));
      n_pictures++;
    }
  g_assert_cmpuint (n_pictures, >=, 20);
}

/* Every picture through every processor, bit for bit. */
static void
test_processors (void)
{
  for (guint p = 0; p < G_N_ELEMENTS (processors); p++)
    {
      const UnclipImageProcessorParams *params = &processors[p].params;
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "images", "processors",
                                                     processors[p].folder, "pixel_values.safetensors", NULL);
      g_autoptr (GError)            error = NULL;
      g_autoptr (UnclipSafetensors) tensors = unclip_safetensors_open (path, &error);
      gsize                         n = 3 * (gsize) params->crop_width * params->crop_height;
      g_autofree float             *expected = g_new (float, n), *out = g_new (float, n);

      g_assert_no_error (error);
      for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
        {
          const UnclipArray      *array = unclip_safetensors_find (tensors, pictures[i]);
          g_autoptr (UnclipImage) image = load (".", pictures[i]), prepared = NULL;

          g_test_message ("%s, %s", processors[p].folder, pictures[i]);
          prepared = unclip_image_processor_prepare (params, image, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (unclip_image_get_width (prepared), ==, params->crop_width);
          g_assert_cmpuint (unclip_image_get_height (prepared), ==, params->crop_height);
          unclip_image_processor_normalize (params, prepared, FALSE, out);
          g_assert_nonnull (array);
          unclip_array_copy_f32 (array, 0, (gint64) n, expected);
          g_assert_cmpmem (out, n * sizeof (float), expected, n * sizeof (float));
        }
    }
}

static void
test_channels_last (void)
{
  const UnclipImageProcessorParams *params = &processors[2].params;
  g_autoptr (UnclipImage)           image = load (".", "scene-64x48");
  g_autoptr (UnclipImage)           prepared = unclip_image_processor_prepare (params, image, NULL);
  guint                             n = 14 * 9;
  float                             planes[3 * 14 * 9], pixels[3 * 14 * 9];

  unclip_image_processor_normalize (params, prepared, FALSE, planes);
  unclip_image_processor_normalize (params, prepared, TRUE, pixels);
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < 3; c++)
      g_assert_cmpfloat (pixels[3 * i + c], ==, planes[c * n + i]);
}

/* A cut larger than the picture: black around it, the odd pixel before. */
static void
test_padding (void)
{
  static const UnclipImageProcessorParams params = { .crops = TRUE, .crop_width = 4, .crop_height = 3 };
  static const guint8                     white[] = { 255, 255, 255 };
  g_autoptr (UnclipImage) dot = unclip_image_new_copy (1, 1, white);
  g_autoptr (UnclipImage) padded = unclip_image_processor_prepare (&params, dot, NULL);
  float                   out[4 * 3 * 3];

  unclip_image_processor_normalize (&params, padded, TRUE, out);
  for (guint i = 0; i < 12; i++)
    for (guint c = 0; c < 3; c++)
      g_assert_cmpfloat (out[3 * i + c], ==, i == 1 * 4 + 2 ? 255 : 0);
}

/* Lines as long as they come: cheap with a cut, refused without. */
static void
test_long_line (void)
{
  UnclipImageProcessorParams params = processors[0].params;
  g_autoptr (UnclipImage)    line = unclip_image_new_take (UNCLIP_IMAGE_MAX_SIDE, 1, g_malloc0 (3 * UNCLIP_IMAGE_MAX_SIDE));
  g_autoptr (GError)         error = NULL;
  g_autoptr (UnclipImage)    cut = unclip_image_processor_prepare (&params, line, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (unclip_image_get_width (cut), ==, 30);
  params.crops = FALSE;
  g_assert_null (unclip_image_processor_prepare (&params, line, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);
  g_clear_error (&error);
  params.shortest_edge = 0;
  g_assert_null (unclip_image_processor_prepare (&params, line, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
}

/* torch's antialiased bicubic, every plane by itself. */
static void
test_interpolate (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "images", "interpolate.safetensors", NULL);
  g_autoptr (GError)            error = NULL;
  g_autoptr (UnclipSafetensors) tensors = unclip_safetensors_open (path, &error);
  guint                         n_cases = 0;

  g_assert_no_error (error);
  for (guint t = 0; t < unclip_safetensors_get_n_tensors (tensors); t++)
    {
      const UnclipArray *in = unclip_safetensors_get_nth (tensors, t), *expected;
      g_autofree char   *name = NULL;
      g_autofree float  *values = NULL, *wanted = NULL, *out = NULL;
      gint64             n_planes, n_in, n_out;

      if (!g_str_has_prefix (in->name, "in."))
        continue;
      name = g_strdup_printf ("out.%s", in->name + strlen ("in."));
      expected = unclip_safetensors_find (tensors, name);
      g_assert_nonnull (expected);
      n_planes = in->dims[0] * in->dims[1];
      n_in = in->dims[2] * in->dims[3];
      n_out = expected->dims[2] * expected->dims[3];
      values = g_new (float, n_planes * n_in);
      wanted = g_new (float, n_planes * n_out);
      out = g_new (float, n_planes * n_out);
      unclip_array_copy_f32 (in, 0, n_planes * n_in, values);
      unclip_array_copy_f32 (expected, 0, n_planes * n_out, wanted);
      for (gint64 p = 0; p < n_planes; p++)
        unclip_resize_f32 (values + p * n_in, (guint) in->dims[3], (guint) in->dims[2], 1, UNCLIP_FILTER_BICUBIC,
                           out + p * n_out, (guint) expected->dims[3], (guint) expected->dims[2]);
      /* torch has f32 weights and sums of at most 20 terms of magnitude up to 4 */
      test_compare_close (name, out, wanted, TEST_SHAPE (n_planes, expected->dims[2], expected->dims[3]), 2e-6, 1e-6);
      n_cases++;
    }
  g_assert_cmpuint (n_cases, >=, 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nets/image-processor/resized", test_resized);
  g_test_add_func ("/nets/image-processor/golden", test_processors);
  g_test_add_func ("/nets/image-processor/channels-last", test_channels_last);
  g_test_add_func ("/nets/image-processor/padding", test_padding);
  g_test_add_func ("/nets/image-processor/long-line", test_long_line);
  g_test_add_func ("/nets/image-processor/interpolate", test_interpolate);
  return g_test_run ();
}
