/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model folders: the two pipelines' own, merged, incomplete and foreign ones, and finding them. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-model-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const char *const parts[] = {
  "decoder", "decoder_scheduler", "feature_extractor", "image_encoder", "prior", "prior_scheduler", "super_res_first",
  "super_res_last", "super_res_scheduler", "text_encoder", "text_proj", "tokenizer",
};

static const char merged_index[] =
  "{\"_class_name\":\"UnCLIPPipeline\",\"_diffusers_version\":\"0.19.3\",\"_fugue_defaults\":{\"decoder_steps\":20},"
  "\"decoder\":[\"diffusers\",\"UNet2DConditionModel\"],\"decoder_scheduler\":[\"diffusers\",\"UnCLIPScheduler\"],"
  "\"feature_extractor\":[\"transformers\",\"CLIPFeatureExtractor\"],"
  "\"image_encoder\":[\"transformers\",\"CLIPVisionModelWithProjection\"],\"prior\":[\"diffusers\",\"PriorTransformer\"],"
  "\"prior_scheduler\":[\"diffusers\",\"UnCLIPScheduler\"],\"safety_checker\":[null,null],"
  "\"super_res_first\":[\"diffusers\",\"UNet2DModel\"],\"super_res_last\":[\"diffusers\",\"UNet2DModel\"],"
  "\"super_res_scheduler\":[\"diffusers\",\"UnCLIPScheduler\"],"
  "\"text_encoder\":[\"transformers\",\"CLIPTextModelWithProjection\"],"
  "\"text_proj\":[\"my_private_copy\",\"UnCLIPTextProjModel\"],\"tokenizer\":[\"transformers\",\"CLIPTokenizerFast\"]}";

typedef struct
{
  char *root;
  char *model;          /* a complete model, as far as folders go */
} Fixture;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char      *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_remove (path);
  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
make_model (const char *folder, const char *index)
{
  put (folder, "model_index.json", index);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (folder, parts[i], NULL);

      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
    }
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->root = g_dir_make_tmp ("fugue-model-folder-XXXXXX", NULL);
  fixture->model = g_build_filename (fixture->root, "my model", NULL);
  make_model (fixture->model, merged_index);
  g_setenv ("HF_HUB_CACHE", fixture->root, TRUE);
  g_unsetenv ("FUGUE_MODEL_PATH");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->root);
  g_free (fixture->model);
  g_free (fixture->root);
}

static void
assert_refused (const char *path, int code, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipModelFolder) folder = unclip_model_folder_open (path, &error);

  g_assert_null (folder);
  g_test_message ("%s", error->message);
  g_assert_error (error, UNCLIP_ERROR, code);
  g_assert_nonnull (strstr (error->message, path));
  if (!strstr (error->message, why))
    g_error ("“%s” does not say “%s”", error->message, why);
}

static void
test_golden (void)
{
  static const struct
  {
    const char *name, *pipeline;
    gboolean    can_vary, can_imagine;
  } models[] = {
    { "text-to-image", "UnCLIPPipeline", FALSE, TRUE },
    { "variation", "UnCLIPImageVariationPipeline", TRUE, FALSE },
  };
  char *hashes[G_N_ELEMENTS (models)] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", models[i].name, "model", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipModelFolder) folder = unclip_model_folder_open (path, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (unclip_model_folder_get_pipeline (folder), ==, models[i].pipeline);
      g_assert_cmpstr (unclip_model_folder_get_path (folder), ==, path);
      g_assert_cmpstr (unclip_model_folder_get_name (folder), ==, "model");
      g_assert_cmpint (unclip_model_folder_can_vary (folder), ==, models[i].can_vary);
      g_assert_cmpint (unclip_model_folder_can_imagine (folder), ==, models[i].can_imagine);
      hashes[i] = g_strdup (unclip_model_folder_get_sha256 (folder, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (strlen (hashes[i]), ==, 64);
      g_assert_cmpstr (hashes[i], ==, unclip_model_folder_get_sha256 (folder, &error));
    }
  g_assert_cmpstr (hashes[0], !=, hashes[1]);
  g_free (hashes[0]);
  g_free (hashes[1]);
}

/* One folder with everything; a private library's name, aliases, nulls and keys that are not components. */
static void
test_merged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipModelFolder) folder = unclip_model_folder_open (fixture->model, &error);

  g_assert_no_error (error);
  g_assert_true (unclip_model_folder_can_vary (folder));
  g_assert_true (unclip_model_folder_can_imagine (folder));
  g_assert_cmpstr (unclip_model_folder_get_name (folder), ==, "my model");
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *expected = g_build_filename (fixture->model, parts[i], NULL);

      g_assert_cmpstr (unclip_model_folder_get_component (folder, parts[i]), ==, expected);
    }
  g_assert_null (unclip_model_folder_get_component (folder, "safety_checker"));
  g_assert_null (unclip_model_folder_get_component (folder, "_class_name"));

  /* Without weight files there is nothing to hash. */
  g_assert_null (unclip_model_folder_get_sha256 (folder, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
}

static void
test_missing_part (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (fixture->model, parts[i], NULL);
      g_autofree char *why = g_strdup_printf ("lists a %s, but has no folder", parts[i]);

      g_assert_cmpint (g_rmdir (path), ==, 0);
      assert_refused (fixture->model, UNCLIP_ERROR_MODEL_NOT_FOUND, why);
      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
    }
}

static void
test_dangling_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->model, "decoder", "diffusion_pytorch_model.safetensors", NULL);

  g_assert_cmpint (symlink ("../../../blobs/none", link), ==, 0);
  assert_refused (fixture->model, UNCLIP_ERROR_MODEL_NOT_FOUND, "leads nowhere");
  assert_refused (fixture->model, UNCLIP_ERROR_MODEL_NOT_FOUND, "decoder/diffusion_pytorch_model.safetensors");
}

static void
test_places (Fixture *fixture, gconstpointer data)
{
  g_autofree char *none = g_build_filename (fixture->root, "none", NULL);
  g_autofree char *file = g_build_filename (fixture->root, "sd.ckpt", NULL);

  put (fixture->root, "sd.ckpt", "x");
  assert_refused (none, UNCLIP_ERROR_MODEL_NOT_FOUND, "no model folder");
  assert_refused (file, UNCLIP_ERROR_MODEL_FORMAT, "single file");
  assert_refused (fixture->root, UNCLIP_ERROR_MODEL_NOT_FOUND, "model_index.json");
}

static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *index, *why;
  } cases[] = {
    { "", "not valid JSON" },
    { "[]", "not an object" },
    { "{}", "which has no decoder" },
    { "{\"_class_name\":3,\"decoder\":7}", "which has no decoder" },
    { "{\"_class_name\":\"StableDiffusionPipeline\",\"unet\":[\"diffusers\",\"UNet2DConditionModel\"],\"vae\":[\"diffusers\","
      "\"AutoencoderKL\"]}", "is a StableDiffusionPipeline, without image conditioning; Fugue needs an unCLIP model" },
    { "{\"_class_name\":\"StableUnCLIPImg2ImgPipeline\",\"unet\":[\"diffusers\",\"UNet2DConditionModel\"],"
      "\"image_normalizer\":[\"stable_diffusion\",\"StableUnCLIPImageNormalizer\"]}", "does not run" },
    { "{\"_class_name\":\"UnCLIPPipeline\",\"decoder\":[\"diffusers\",\"PriorTransformer\"]}",
      "whose decoder is a PriorTransformer where a UNet2DConditionModel is wanted" },
    { "{\"_class_name\":\"UnCLIPPipeline\",\"decoder\":[null,null]}", "which has no decoder" },
    { "{\"_class_name\":\"UnCLIPPipeline\",\"decoder\":[\"UNet2DConditionModel\"]}", "which has no decoder" },
  };
  g_autofree char *path = g_build_filename (fixture->model, "model_index.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      put (fixture->model, "model_index.json", cases[i].index);
      assert_refused (fixture->model, UNCLIP_ERROR_MODEL_FORMAT, cases[i].why);
    }
}

/* Neither way in: nothing can be made with such a model. */
static void
test_no_way_in (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) index = g_string_new (merged_index);

  g_string_replace (index, "\"CLIPFeatureExtractor\"", "null", 1);
  g_string_replace (index, "\"prior\":[", "\"other\":[", 1);
  put (fixture->model, "model_index.json", index->str);
  assert_refused (fixture->model, UNCLIP_ERROR_MODEL_FORMAT, "neither an image_encoder nor a prior");
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

static void
assert_found (const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = unclip_model_folder_find (name, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, expected);
}

static char *
make_snapshot (Fixture *fixture, const char *repository, const char *commit, const char *index)
{
  char *path = g_build_filename (fixture->root, repository, "snapshots", commit, NULL);

  make_model (path, index);
  return path;
}

static void
test_cache (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *repository = g_build_filename (fixture->root, "models--org--my--name", NULL);
  g_autofree char *old = make_snapshot (fixture, "models--org--my--name", "aaa", merged_index);
  g_autofree char *current = make_snapshot (fixture, "models--org--my--name", "bbb", merged_index);
  g_autofree char *foreign = make_snapshot (fixture, "models--org--sd", "ccc", "{\"_class_name\":\"StableDiffusionPipeline\"}");
  g_autofree char *broken = make_snapshot (fixture, "models--org--broken", "ddd", "{");
  g_autoptr (UnclipModelFolder) folder = NULL;
  g_auto (GStrv) list = NULL;

  put (repository, "refs/main", "bbb");
  assert_found ("org/my--name", current);
  put (repository, "refs/main", "aaa\n");
  assert_found ("org/my--name", old);
  put (repository, "refs/main", "../../../elsewhere");
  g_free (unclip_model_folder_find ("org/my--name", &error));
  g_assert_no_error (error);

  folder = unclip_model_folder_open (current, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unclip_model_folder_get_name (folder), ==, "org/my--name");

  list = unclip_model_folder_list_cached ();
  g_assert_cmpuint (g_strv_length (list), ==, 1);
  g_assert_cmpstr (list[0], ==, "org/my--name");
}

static void
test_not_found (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "org/none", "none", "/none", "../none", "a/b/c", "./x", "x/", "/", "" };
  g_autofree char *there = make_snapshot (fixture, "models--org--there", "aaa", merged_index);
  g_autofree char *empty = g_build_filename (fixture->root, "models--org--none", "snapshots", "aaa", NULL);

  g_assert_cmpint (g_mkdir_with_parents (empty, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = unclip_model_folder_find (names[i], &error);

      if (path)         /* an existing folder, which is no model */
        {
          g_assert_cmpstr (path, ==, names[i]);
          continue;
        }
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
      g_assert_nonnull (strstr (error->message, fixture->root));
      g_assert_nonnull (strstr (error->message, "these are there: org/there"));
    }
}

static void
test_default (Fixture *fixture, gconstpointer data)
{
  g_setenv ("FUGUE_MODEL_PATH", fixture->model, TRUE);
  assert_found (NULL, fixture->model);
  assert_found (fixture->root, fixture->root);
  g_unsetenv ("FUGUE_MODEL_PATH");
}

/* ---- another vision tower ---------------------------------------------------------------------------------------- */

static void
test_image_encoder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *plain = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "text-to-image", "model", NULL);
  g_autofree char *other = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "model", NULL);
  g_autofree char *tower = g_build_filename (other, "image_encoder", NULL);
  g_autofree char *clip = g_build_filename (fixture->root, "clip", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipModelFolder) folder = unclip_model_folder_open (plain, &error);
  g_autofree char *hash = g_strdup (unclip_model_folder_get_sha256 (folder, &error));
  const char *const fine[] = { other, tower, clip };

  g_assert_no_error (error);
  g_assert_false (unclip_model_folder_can_vary (folder));
  g_assert_false (unclip_model_folder_use_image_encoder (folder, plain, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (unclip_model_folder_can_vary (folder));

  put (clip, "config.json", "{}");
  g_assert_false (unclip_model_folder_use_image_encoder (folder, clip, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "preprocessor_config.json"));
  g_clear_error (&error);

  put (clip, "preprocessor_config.json", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    {
      g_assert_true (unclip_model_folder_use_image_encoder (folder, fine[i], &error));
      g_assert_no_error (error);
      g_assert_true (unclip_model_folder_can_vary (folder));
      if (fine[i] == clip)
        continue;
      g_assert_cmpstr (unclip_model_folder_get_component (folder, "image_encoder"), ==, tower);
      g_assert_cmpstr (unclip_model_folder_get_sha256 (folder, &error), !=, hash);
      g_assert_no_error (error);
    }
}

/* The axes count for the model's hash, but not for that of its weights. */
static void
test_axes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "model", NULL);
  g_autofree char *real = g_canonicalize_filename (path, NULL);
  g_autofree char *model = g_build_filename (fixture->root, "with-axes", NULL);
  g_autoptr (GDir) dir = g_dir_open (real, 0, &error);
  const char *const axes[] = { NULL, "one", "other" };
  char *hashes[G_N_ELEMENTS (axes)], *weights[G_N_ELEMENTS (axes)];
  const char *name;

  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (model, 0777), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *target = g_build_filename (real, name, NULL);
      g_autofree char *link = g_build_filename (model, name, NULL);

      g_assert_cmpint (symlink (target, link), ==, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (axes); i++)
    {
      g_autoptr (UnclipModelFolder) folder = unclip_model_folder_open (model, &error);

      g_assert_no_error (error);
      if (axes[i] != NULL)
        put (model, UNCLIP_AXES_FILE, axes[i]);
      hashes[i] = g_strdup (unclip_model_folder_get_sha256 (folder, &error));
      g_assert_no_error (error);
      weights[i] = g_strdup (unclip_model_folder_get_weights_sha256 (folder, &error));
    }
  g_assert_cmpstr (hashes[0], ==, weights[0]);
  g_assert_cmpstr (weights[1], ==, weights[0]);
  g_assert_cmpstr (weights[2], ==, weights[0]);
  g_assert_cmpstr (hashes[1], !=, hashes[0]);
  g_assert_cmpstr (hashes[2], !=, hashes[1]);
  for (guint i = 0; i < G_N_ELEMENTS (axes); i++)
    {
      g_free (hashes[i]);
      g_free (weights[i]);
    }
}

static void
test_mutations (Fixture *fixture, gconstpointer data)
{
  const char *rounds_wanted = g_getenv ("FUGUE_FUZZ_ROUNDS");
  guint64     n_rounds = rounds_wanted ? g_ascii_strtoull (rounds_wanted, NULL, 10) : 300;

  for (guint64 round = 0; round < n_rounds; round++)
    {
      g_autoptr (GString) text = g_string_new (merged_index);
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipModelFolder) folder = NULL;
      guint n_changes = g_test_rand_int_range (1, 4);

      for (guint i = 0; i < n_changes; i++)
        {
          gsize at = g_test_rand_int_range (0, (gint32) text->len - 1);

          if (g_test_rand_bit ())
            text->str[at] = merged_index[g_test_rand_int_range (0, sizeof merged_index - 1)];
          else
            g_string_erase (text, (gssize) at, g_test_rand_int_range (0, (gint32) MIN (20, text->len - at)));
        }
      put (fixture->model, "model_index.json", text->str);
      folder = unclip_model_folder_open (fixture->model, &error);
      g_assert_true ((folder == NULL) == (error != NULL));
      if (folder)
        g_assert_nonnull (unclip_model_folder_get_component (folder, "decoder"));
    }
}

#define ADD(name, function) g_test_add ("/model/model-folder/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  int              status;
  g_autofree char *cache = g_dir_make_tmp ("fugue-model-cache-XXXXXX", NULL);

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/model-folder/golden", test_golden);
  ADD ("merged", test_merged);
  ADD ("missing-part", test_missing_part);
  ADD ("dangling-link", test_dangling_link);
  ADD ("places", test_places);
  ADD ("foreign", test_foreign);
  ADD ("no-way-in", test_no_way_in);
  ADD ("cache", test_cache);
  ADD ("not-found", test_not_found);
  ADD ("default", test_default);
  ADD ("image-encoder", test_image_encoder);
  ADD ("axes", test_axes);
  ADD ("mutations", test_mutations);
  status = g_test_run ();
  remove_tree (cache);
  return status;
}
