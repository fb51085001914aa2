/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole pipelines against stored runs of diffusers' own, with every noise draw injected: tests/golden/pipelines. */

#include "config.h"

#include "test-compare.h"
#include "test-device.h"
#include "unclip-error.h"
#include "unclip-image-file.h"
#include "unclip-json.h"
#include "unclip-safetensors.h"
#include "unclip-stages.h"
#include "unclip-stored-noise.h"

#include <math.h>
#include <string.h>

/* Pictures: what the product promises. The fixtures leave room for f32 rounding (see their README), while a wrong mask,
 * variance or network moves the picture by far more. */
#define PICTURE_TOLERANCE (2.0 / 255)

/* Embeddings after some steps of guided sampling: f32 sums in another order, amplified by the guidance scale. */
#define EMBEDDING_TOLERANCE 2e-4

typedef struct
{
  UnclipStages      *stages;
  UnclipSafetensors *noise;
  UnclipSafetensors *results;
  JsonObject        *settings;
  char              *folder;
  int                n;
} Fixture;

static UnclipExecutor *executor;

static float *
dup_items (const UnclipArray *array)
{
  gint64 n = unclip_array_get_n_elements (array);
  float *values = g_new (float, n);

  for (int item = 0; item < array->dims[0]; item++)
    unclip_stored_noise_copy_item (array, item, values + item * (n / array->dims[0]));
  return values;
}

static void
open_fixture (Fixture *fixture, const char *family, const char *run)
{
  g_autoptr (GError)            error = NULL;
  g_autofree char              *folder = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", family, NULL);
  g_autofree char              *model_path = g_build_filename (folder, "model", NULL);
  g_autofree char              *noise = g_build_filename (folder, run, "noise.safetensors", NULL);
  g_autofree char              *results = g_build_filename (folder, run, "results.safetensors", NULL);
  g_autofree char              *settings = g_build_filename (folder, run, "run.json", NULL);
  g_autoptr (UnclipModelFolder) model_folder = unclip_model_folder_open (model_path, &error);
  g_autoptr (UnclipModel)       model = NULL;

  g_assert_no_error (error);
  model = unclip_model_open (model_folder, &error);
  g_assert_no_error (error);
  fixture->stages = unclip_stages_new (model, executor);
  fixture->noise = unclip_safetensors_open (noise, &error);
  g_assert_no_error (error);
  fixture->results = unclip_safetensors_open (results, &error);
  g_assert_no_error (error);
  fixture->settings = unclip_json_load_object (settings, &error);
  g_assert_no_error (error);
  fixture->folder = g_build_filename (folder, run, NULL);
  fixture->n = (int) unclip_safetensors_find (fixture->results, "image")->dims[0];
}

static void
close_fixture (Fixture *fixture)
{
  unclip_stages_free (fixture->stages);
  unclip_safetensors_unref (fixture->noise);
  unclip_safetensors_unref (fixture->results);
  json_object_unref (fixture->settings);
  g_free (fixture->folder);
}

static void
compare (Fixture *fixture, const char *name, const float *found, double absolute)
{
  const UnclipArray *array = unclip_safetensors_find (fixture->results, name);
  g_autofree float  *expected = dup_items (array);

  test_compare_close (name, found, expected, TEST_SHAPE (array->dims[0], unclip_array_get_n_elements (array) / array->dims[0]), absolute, 0);
}

static guint
get_int (Fixture *fixture, const char *key)
{
  return (guint) json_object_get_int_member (fixture->settings, key);
}

/* From embeddings on: decoder, upsampler, and the last conversion. */
static void
check_pictures (Fixture *fixture, const float *embeddings, const UnclipCaptionCode *const *captions, const UnclipCaptionCode *empty)
{
  g_autoptr (GError) error = NULL;
  UnclipWatch        watch = { 0 };
  const UnclipArray *low_array = unclip_safetensors_find (fixture->results, "decoder_image");
  const UnclipArray *image_array = unclip_safetensors_find (fixture->results, "image");
  gint64             n_image = unclip_array_get_n_elements (image_array);
  g_autofree float  *low = g_new (float, unclip_array_get_n_elements (low_array));
  g_autofree float  *image = g_new (float, n_image);
  UnclipDecoderRun   decoder = {
      .n = fixture->n,
      .embeddings = embeddings,
      .captions = captions,
      .empty = empty,
      .sampler = UNCLIP_SAMPLER_ANCESTRAL,
      .n_steps = get_int (fixture, "decoder_num_inference_steps"),
      .guidance = (float) json_object_get_double_member (fixture->settings, "decoder_guidance_scale"),
      .noise = { unclip_stored_noise_draw, fixture->noise },
  };
  UnclipUpsamplerRun upsampler = {
    .n = fixture->n,
    .low = low,
    .n_steps = get_int (fixture, "super_res_num_inference_steps"),
    .noise = { unclip_stored_noise_draw, fixture->noise },
  };

  unclip_stages_run_decoder (fixture->stages, &decoder, &watch, low, &error);
  g_assert_no_error (error);
  compare (fixture, "decoder_image", low, PICTURE_TOLERANCE);

  unclip_stages_run_upsampler (fixture->stages, &upsampler, &watch, image, &error);
  g_assert_no_error (error);
  for (gint64 i = 0; i < n_image; i++)
    image[i] = CLAMP (image[i] / 2 + 0.5f, 0.0f, 1.0f);
  compare (fixture, "image", image, PICTURE_TOLERANCE);
}

static gboolean
have_device (void)
{
  g_autoptr (GError) error = NULL;

  if (test_device_get () == NULL)
    return FALSE;
  if (executor == NULL)
    executor = unclip_executor_open_vulkan (g_getenv ("UNCLIP_TEST_DEVICE"), UNCLIP_PRECISION_F32, &error);
  g_assert_no_error (error);
  return TRUE;
}

static UnclipCaptionCode *
encode (Fixture *fixture, const char *caption)
{
  g_autoptr (GError) error = NULL;
  UnclipCaptionCode *code = unclip_stages_encode_caption (fixture->stages, caption, NULL, &error);

  g_assert_no_error (error);
  return code;
}

static const char *
get_prompt (Fixture *fixture, guint index)
{
  JsonNode *node = json_object_get_member (fixture->settings, "prompt");

  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_string_element (json_node_get_array (node), index / get_int (fixture, "num_images_per_prompt"));
  return json_node_get_string (node);
}

static void
test_text_to_image (gconstpointer run)
{
  Fixture                              fixture;
  g_autoptr (GError)                   error = NULL;
  g_autoptr (GPtrArray)                codes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_caption_code_free);
  g_autoptr (UnclipCaptionCode)        empty = NULL;
  g_autofree float                    *embeddings = NULL;
  UnclipWatch                          watch = { 0 };
  UnclipPriorRun                       prior = { 0 };

  if (!have_device ())
    return;
  open_fixture (&fixture, "text-to-image", run);
  empty = encode (&fixture, "");
  for (int i = 0; i < fixture.n; i++)
    g_ptr_array_add (codes, encode (&fixture, get_prompt (&fixture, (guint) i)));

  prior.n = fixture.n;
  prior.captions = (const UnclipCaptionCode *const *) codes->pdata;
  prior.empty = empty;
  prior.n_steps = get_int (&fixture, "prior_num_inference_steps");
  prior.guidance = (float) json_object_get_double_member (fixture.settings, "prior_guidance_scale");
  prior.noise = (UnclipNoise){ unclip_stored_noise_draw, fixture.noise };
  embeddings = g_new (float, unclip_array_get_n_elements (unclip_safetensors_find (fixture.results, "image_embeddings")));
  unclip_stages_run_prior (fixture.stages, &prior, &watch, embeddings, &error);
  g_assert_no_error (error);
  compare (&fixture, "image_embeddings", embeddings, EMBEDDING_TOLERANCE);

  check_pictures (&fixture, embeddings, prior.captions, empty);
  close_fixture (&fixture);
}

static void
test_variation (gconstpointer run)
{
  Fixture                              fixture;
  g_autoptr (GError)                   error = NULL;
  g_autoptr (UnclipCaptionCode)        empty = NULL;
  g_autofree float                    *embeddings = NULL;
  g_autofree const UnclipCaptionCode **captions = NULL;
  JsonArray                           *files;
  guint                                per_picture;
  int                                  n_embed;

  if (!have_device ())
    return;
  open_fixture (&fixture, "variation", run);
  empty = encode (&fixture, "");
  captions = g_new (const UnclipCaptionCode *, fixture.n);
  files = json_object_get_array_member (fixture.settings, "image");
  per_picture = get_int (&fixture, "num_images_per_prompt");
  n_embed = unclip_model_get_n_embed (unclip_stages_get_model (fixture.stages), &error);
  embeddings = g_new (float, fixture.n * n_embed);
  for (int i = 0; i < fixture.n; i++)
    {
      const char             *file = json_array_get_string_element (files, (guint) i / per_picture);
      g_autofree char        *path = g_build_filename (fixture.folder, file, NULL);
      g_autoptr (UnclipImage) image = unclip_image_load (path, &error);

      g_assert_no_error (error);
      unclip_stages_encode_image (fixture.stages, image, embeddings + i * n_embed, NULL, &error);
      g_assert_no_error (error);
      captions[i] = empty;
    }
  compare (&fixture, "image_embeddings", embeddings, EMBEDDING_TOLERANCE);
  check_pictures (&fixture, embeddings, captions, empty);
  close_fixture (&fixture);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/pipelines/text-to-image/guided", "guided", test_text_to_image);
  g_test_add_data_func ("/pipelines/text-to-image/plain", "plain", test_text_to_image);
  g_test_add_data_func ("/pipelines/text-to-image/prior-guided", "prior-guided", test_text_to_image);
  g_test_add_data_func ("/pipelines/variation/guided", "guided", test_variation);
  g_test_add_data_func ("/pipelines/variation/plain", "plain", test_variation);
  g_test_add_data_func ("/pipelines/variation/two-pictures", "two-pictures", test_variation);
  status = test_device_run ();
  g_clear_pointer (&executor, unclip_executor_unref);
  return status;
}
