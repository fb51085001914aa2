/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-image-text.h"
#include "unclip-result-note.h"

#include <glib/gstdio.h>
#include <string.h>

#define SHA_A "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA_B "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define RECIPE                                                                                                          \
  "{\"caption\":\"\",\"embedding\":{\"node\":\"image\",\"source\":\"" SHA_A "\"},"                                      \
  "\"model\":{\"name\":\"mini\",\"sha256\":\"" SHA_B "\"},\"noise\":{\"node\":\"seed\",\"picture\":3,\"seed\":41},"     \
  "\"sampler\":{\"eta\":0.3,\"guidance\":8,\"kind\":\"ddim\",\"steps\":25,\"upsampler_steps\":7},\"schema\":1}"

static UnclipRecipe *
make_recipe (void)
{
  g_autoptr (GError) error = NULL;
  UnclipRecipe      *recipe = unclip_recipe_parse (RECIPE, strlen (RECIPE), &error);

  g_assert_no_error (error);
  return recipe;
}

static UnclipImage *
make_image (void)
{
  static const guint8 rgb[2 * 1 * 3] = { 1, 2, 3, 250, 128, 7 };

  return unclip_image_new_copy (2, 1, rgb);
}

/* Through a real file: what was written is what is read, and other programs find their notes. */
static void
test_round_trip (void)
{
  const UnclipResultEngine     engine = { "0.1.0", "A “device”", "f16" };
  g_autoptr (GError)           error = NULL;
  g_autoptr (UnclipRecipe)     recipe = make_recipe ();
  g_autoptr (UnclipImage)      image = make_image ();
  g_autofree char             *sha256 = unclip_image_dup_sha256 (image);
  g_autofree char             *folder = g_dir_make_tmp ("test-result-note-XXXXXX", &error);
  g_autofree char             *path = g_build_filename (folder, "a.png", NULL);
  g_autoptr (UnclipResultNote) note = NULL;
  g_autoptr (GHashTable)       notes = NULL;
  UnclipResultTexts            texts;

  unclip_result_texts_init (&texts, recipe, image, &engine, "a cat");
  g_assert_true (unclip_image_save_png (image, path, texts.texts, UNCLIP_RESULT_N_TEXTS, &error));
  g_assert_no_error (error);
  unclip_result_texts_clear (&texts);

  note = unclip_result_note_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unclip_recipe_get_hash (note->recipe), ==, unclip_recipe_get_hash (recipe));
  g_assert_cmpstr (note->version, ==, "0.1.0");
  g_assert_cmpstr (note->device, ==, "A “device”");
  g_assert_cmpstr (note->precision, ==, "f16");
  g_assert_cmpstr (note->sha256, ==, sha256);
  g_assert_cmpuint (note->width, ==, 2);
  g_assert_cmpuint (note->height, ==, 1);

  notes = unclip_image_text_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_TITLE), ==, "a cat");
  g_assert_nonnull (strstr (g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_PARAMETERS), "Seed: 41, Size: 2x1"));
  g_assert_nonnull (strstr (g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_XMP), "compositeWithTrainedAlgorithmicMedia"));
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static char *
dup_note (const char *recipe, const char *sha256, const char *rest)
{
  return g_strdup_printf ("{\"recipe\":%s,\"recipe_sha256\":%s%s}", recipe, sha256, rest);
}

/* Values of a wrong type are as good as none, and unknown keys are passed over. */
static void
test_loose (void)
{
  static const char *const rests[] = {
    "",
    ",\"engine\":7,\"result\":[]",
    ",\"engine\":{\"device\":{},\"version\":[1],\"precision\":null},\"result\":{\"sha256\":1,\"width\":\"2\",\"height\":{}}",
    ",\"news\":{\"from\":\"the future\"}",
  };
  g_autoptr (UnclipRecipe) recipe = make_recipe ();
  g_autofree char         *sha256 = g_strdup_printf ("\"%s\"", unclip_recipe_get_hash (recipe));

  for (guint i = 0; i < G_N_ELEMENTS (rests); i++)
    {
      g_autoptr (GError)           error = NULL;
      g_autofree char             *text = dup_note (RECIPE, sha256, rests[i]);
      g_autoptr (UnclipResultNote) note = unclip_result_note_parse (text, "x.png", &error);

      g_assert_no_error (error);
      g_assert_null (note->version);
      g_assert_null (note->device);
      g_assert_null (note->precision);
      g_assert_null (note->sha256);
      g_assert_cmpuint (note->width, ==, 0);
      g_assert_cmpuint (note->height, ==, 0);
    }
}

static void
test_refused (void)
{
  g_autofree char *other_hash = dup_note (RECIPE, "\"" SHA_A "\"", "");
  g_autofree char *no_hash = dup_note (RECIPE, "1", "");
  g_autofree char *no_object = dup_note ("[]", "\"" SHA_A "\"", "");
  const struct
  {
    const char *text;
    int         code;
  } cases[] = {
    { other_hash, UNCLIP_ERROR_RECIPE },
    { no_hash, UNCLIP_ERROR_RECIPE },
    { no_object, UNCLIP_ERROR_RECIPE },
    { "[]", UNCLIP_ERROR_RECIPE },
    { "{}", UNCLIP_ERROR_RECIPE },
    { "{", UNCLIP_ERROR_MODEL_FORMAT },
    { "", UNCLIP_ERROR_MODEL_FORMAT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (unclip_result_note_parse (cases[i].text, "x.png", &error));
      g_assert_error (error, UNCLIP_ERROR, cases[i].code);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/result-note/round-trip", test_round_trip);
  g_test_add_func ("/recipe/result-note/loose", test_loose);
  g_test_add_func ("/recipe/result-note/refused", test_refused);
  return g_test_run ();
}
