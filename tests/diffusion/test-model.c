/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Models put together from parts of two: each part is right by itself, and none may be taken for one that fits. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-model.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *
dup_model_path (const char *family)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", family, "model", NULL);

  return g_canonicalize_filename (path, NULL);
}

/* A folder of links to the text-to-image model's parts, but for @part, which is the variation model's. */
static char *
make_mixture (const char *part)
{
  g_autofree char   *folder = dup_model_path ("text-to-image");
  g_autofree char   *other = dup_model_path ("variation");
  g_autoptr (GError) error = NULL;
  char              *mixture = g_dir_make_tmp ("fugue-mixture-XXXXXX", &error);
  g_autoptr (GDir)   dir = g_dir_open (folder, 0, &error);
  const char        *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *target = g_build_filename (g_strcmp0 (name, part) == 0 ? other : folder, name, NULL);
      g_autofree char *link = g_build_filename (mixture, name, NULL);

      g_assert_cmpint (symlink (target, link), ==, 0);
    }
  return mixture;
}

static void
remove_mixture (const char *mixture)
{
  g_autoptr (GDir) dir = g_dir_open (mixture, 0, NULL);
  const char      *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (mixture, name, NULL);

      g_assert_cmpint (g_unlink (link), ==, 0);
    }
  g_assert_cmpint (g_rmdir (mixture), ==, 0);
}

/* Loads every part until one fails. */
static gboolean
load_all (UnclipModel *model, GError **error)
{
  return unclip_model_get_text_proj (model, error) != NULL && unclip_model_get_text (model, error) != NULL
         && unclip_model_get_prior (model, error) != NULL && unclip_model_get_decoder (model, error) != NULL
         && unclip_model_get_upsampler (model, FALSE, error) != NULL && unclip_model_get_upsampler (model, TRUE, error) != NULL;
}

static UnclipModel *
open_model (const char *path, const char *image_encoder)
{
  g_autoptr (GError)            error = NULL;
  g_autoptr (UnclipModelFolder) folder = unclip_model_folder_open (path, &error);
  UnclipModel                  *model;

  g_assert_no_error (error);
  if (image_encoder != NULL)
    unclip_model_folder_use_image_encoder (folder, image_encoder, &error);
  g_assert_no_error (error);
  model = unclip_model_open (folder, &error);
  g_assert_no_error (error);
  return model;
}

static void
test_mixtures (void)
{
  static const char *const mixed[] = { "text_encoder", "text_proj", "decoder" };

  for (guint i = 0; i < G_N_ELEMENTS (mixed); i++)
    {
      g_autofree char        *mixture = make_mixture (mixed[i]);
      g_autoptr (UnclipModel) model = open_model (mixture, NULL);
      g_autoptr (GError)      error = NULL;

      g_assert_false (load_all (model, &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
      g_assert_nonnull (strstr (error->message, "do not belong together"));
      remove_mixture (mixture);
    }
}

/* The mixture's own way of linking is no fault. */
static void
test_whole (void)
{
  g_autofree char        *mixture = make_mixture (NULL);
  g_autoptr (UnclipModel) model = open_model (mixture, NULL);
  g_autoptr (GError)      error = NULL;

  g_assert_true (load_all (model, &error));
  g_assert_no_error (error);
  remove_mixture (mixture);
}

static void
test_vision (void)
{
  g_autofree char        *path = dup_model_path ("text-to-image");
  g_autofree char        *other = dup_model_path ("variation");
  g_autoptr (UnclipModel) model = open_model (path, other);
  g_autoptr (GError)      error = NULL;

  g_assert_null (unclip_model_get_vision (model, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, "image_encoder has a projection_dim of 24"));
}

/* The decoder's scheduler in the place of the upsampler's: its variance would be read from channels that are not there. */
static void
test_variance (void)
{
  const UnclipSamplerChoice choice = { UNCLIP_SAMPLER_ANCESTRAL, 4, 0 };
  g_autofree char          *mixture = make_mixture (NULL);
  g_autofree char          *link = g_build_filename (mixture, "super_res_scheduler", NULL);
  g_autofree char          *folder = dup_model_path ("text-to-image");
  g_autofree char          *target = g_build_filename (folder, "decoder_scheduler", NULL);
  g_autoptr (UnclipModel)   model = NULL;
  g_autoptr (UnclipSampler) decoder = NULL;
  g_autoptr (GError)        error = NULL;

  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
  model = open_model (mixture, NULL);
  decoder = unclip_model_new_sampler (model, UNCLIP_MODEL_DECODER, &choice, &error);
  g_assert_no_error (error);
  g_assert_null (unclip_model_new_sampler (model, UNCLIP_MODEL_UPSAMPLER, &choice, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, "super_res_scheduler"));
  remove_mixture (mixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/mixtures", test_mixtures);
  g_test_add_func ("/model/whole", test_whole);
  g_test_add_func ("/model/vision", test_vision);
  g_test_add_func ("/model/variance", test_variance);
  return g_test_run ();
}
