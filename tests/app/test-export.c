/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-support.h"

#include "fugue-export.h"
#include "unclip-error.h"
#include "unclip-image-file.h"
#include "unclip-image-text.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char         *folder;
  FugueSession *session;
  UnclipImage  *image;
  FuguePicture *picture;
} Fixture;

static gboolean
is_finished (gpointer picture)
{
  return fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) figures = g_variant_ref_sink (g_variant_new_parsed ("{'device': <'llvmpipe'>}"));
  g_autofree char     *path = NULL;

  fixture->folder = app_dup_folder ();
  path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->session = app_open (path);
  fixture->image = app_new_image (48, 40, 1);
  fixture->picture = app_add_picture (fixture->session, 1, 2);
  fugue_session_finish_picture (fixture->session, fixture->picture, fixture->image, figures, NULL, NULL);
  app_wait_until (is_finished, fixture->picture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  unclip_image_unref (fixture->image);
  app_close (fixture->session);
  app_remove_folder (fixture->folder);
}

static void
got_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

/* The first path, or NULL with the error. */
static char *
export (Fixture *fixture, const FugueExportOptions *options, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray)    pictures = g_ptr_array_new ();
  g_auto (GStrv)           paths = NULL;

  g_ptr_array_add (pictures, fixture->picture);
  fugue_export_async (fixture->session, pictures, options, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  paths = fugue_export_finish (fixture->session, result, error);
  if (paths == NULL)
    return NULL;
  g_assert_cmpuint (g_strv_length (paths), ==, 1);
  return g_strdup (paths[0]);
}

static FugueImport *
import (const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fugue_import_file_async (path, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  return fugue_import_finish (result, error);
}

/* Out and in again: same pixels, same recipe; with less said, less comes back. */
static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  for (FugueExportRecipe recipe = FUGUE_EXPORT_RECIPE_FULL; recipe <= FUGUE_EXPORT_RECIPE_NONE; recipe++)
    {
      g_autoptr (GError)      error = NULL;
      g_autofree char        *path = export (fixture, &(FugueExportOptions){ .folder = fixture->folder, .recipe = recipe }, &error);
      g_autoptr (FugueImport) back = NULL;
      g_autoptr (GHashTable)  notes = NULL;

      g_assert_no_error (error);
      notes = unclip_image_text_read (path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_hash_table_contains (notes, UNCLIP_IMAGE_TEXT_RECIPE), ==, recipe == FUGUE_EXPORT_RECIPE_FULL);
      g_assert_cmpint (g_hash_table_contains (notes, UNCLIP_IMAGE_TEXT_PARAMETERS), ==, recipe != FUGUE_EXPORT_RECIPE_NONE);
      back = import (path, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (unclip_image_get_pixels (back->image), unclip_image_get_n_bytes (back->image),
                       unclip_image_get_pixels (fixture->image), unclip_image_get_n_bytes (fixture->image));
      g_assert_null (back->message);
      if (recipe == FUGUE_EXPORT_RECIPE_FULL)
        g_assert_cmpstr (unclip_recipe_get_hash (back->recipe), ==, unclip_recipe_get_hash (fugue_picture_get_recipe (fixture->picture)));
      else
        g_assert_null (back->recipe);
      g_assert_cmpint (back->has_seed, ==, recipe == FUGUE_EXPORT_RECIPE_INTEROPERABLE);
      if (back->has_seed)
        g_assert_cmpuint (back->seed, ==, 41);
    }
}

/* Names follow the pattern and never meet a file that is there. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *pattern;
    const char *first;
    const char *second;
  } cases[] = {
    { NULL, "lighthouse-vary-41-3.png", "lighthouse-vary-41-4.png" },
    { "{n} of {source}", "3-of-lighthouse.png", "4-of-lighthouse.png" },
    { "../{verb}\n{seed", "-.-vary-{seed.png", "-.-vary-{seed-2.png" },
    { "héllo/..", "héllo-...png", "héllo-..-2.png" },
  };
  g_autofree char *json = g_build_filename (fixture->folder, "lighthouse-vary-41-5.fugue.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      FugueExportOptions options = { .folder = fixture->folder, .pattern = cases[i].pattern };
      g_autofree char   *first = export (fixture, &options, &error);
      g_autofree char   *second = export (fixture, &options, &error);
      g_autofree char   *first_name = g_path_get_basename (first);
      g_autofree char   *second_name = g_path_get_basename (second);

      g_assert_no_error (error);
      g_assert_cmpstr (first_name, ==, cases[i].first);
      g_assert_cmpstr (second_name, ==, cases[i].second);
    }
  {
    g_autoptr (GError)      error = NULL;
    g_autofree char        *path = export (fixture, &(FugueExportOptions){ .folder = fixture->folder, .with_json = TRUE }, &error);
    g_autoptr (FugueImport) back = import (json, &error);

    g_assert_no_error (error);
    g_assert_null (back->image);
    g_assert_cmpstr (unclip_recipe_get_hash (back->recipe), ==, unclip_recipe_get_hash (fugue_picture_get_recipe (fixture->picture)));
  }
}

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  g_autofree char   *nowhere = g_build_filename (fixture->folder, "nowhere", NULL);
  g_autofree char   *junk = g_build_filename (fixture->folder, "junk.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (export (fixture, &(FugueExportOptions){ .folder = nowhere }, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "nowhere"));
  g_clear_error (&error);
  g_assert_null (import (nowhere, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (junk, "{\"some\": \"thing\"}", -1, NULL));
  g_assert_null (import (junk, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "mine.png", NULL);

  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  for (guint overwrite = 0; overwrite < 2; overwrite++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError)       error = NULL;
      g_auto (GStrv)           paths = NULL;

      fugue_export_file_async (fixture->session, fixture->picture, path, overwrite != 0, FUGUE_EXPORT_RECIPE_FULL, NULL, got_result, &result);
      app_wait_until (is_set, &result);
      paths = fugue_export_finish (fixture->session, result, &error);
      if (overwrite != 0)
        {
          g_autoptr (FugueImport) back = import (path, &error);

          g_assert_no_error (error);
          g_assert_nonnull (back->recipe);
          g_assert_cmpstr (paths[0], ==, path);
        }
      else
        {
          g_autofree char *contents = NULL;

          g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
          g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
          g_assert_cmpstr (contents, ==, "old");
        }
    }
}

static void
test_encode (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) imported = NULL;
  g_autoptr (GError)       error = NULL;
  g_autoptr (GBytes)       bytes = NULL;
  g_autoptr (FugueImport)  back = NULL;

  fugue_export_encode_async (fixture->session, fixture->picture, FUGUE_EXPORT_RECIPE_FULL, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  bytes = fugue_export_encode_finish (fixture->session, result, &error);
  g_assert_no_error (error);
  fugue_import_bytes_async (bytes, "pasted", NULL, got_result, &imported);
  app_wait_until (is_set, &imported);
  back = fugue_import_finish (imported, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->name, ==, "pasted");
  g_assert_nonnull (back->recipe);
}

/* What other programs write. */
static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *key;
    const char *text;
    const char *caption;
    gboolean    has_seed;
    guint64     seed;
  } cases[] = {
    { "parameters", "a red boat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Size: 512x512",
      "a red boat", TRUE, 12345 },
    { "parameters", "Steps: 20, Seed: -1", NULL, FALSE, 0 },
    { "parameters", "just words", "just words", FALSE, 0 },
    { "prompt", "{\"3\": {\"inputs\": {\"seed\": 77, \"steps\": 20}}, \"6\": {\"inputs\": {\"text\": \"a castle\", \"clip\": [\"4\", 1]}}}",
      "a castle", TRUE, 77 },
    { "invokeai_metadata", "{\"positive_prompt\": \"a fox\", \"seed\": 8589934593}", "a fox", TRUE, 1 },
    { "prompt", "[[[[", NULL, FALSE, 0 },
    { "fugue", "{\"schema\": 1, \"recipe\": {\"schema\": 99}}", NULL, FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char        *path = g_strdup_printf ("%s/foreign-%u.png", fixture->folder, i);
      g_autoptr (GError)      error = NULL;
      g_autoptr (FugueImport) back = NULL;

      g_assert_true (unclip_image_save_png (fixture->image, path, &(UnclipImageText){ cases[i].key, cases[i].text, FALSE }, 1, &error));
      back = import (path, &error);
      g_assert_no_error (error);
      g_assert_nonnull (back->image);
      g_assert_null (back->recipe);
      g_assert_cmpstr (back->caption, ==, cases[i].caption);
      g_assert_cmpint (back->has_seed, ==, cases[i].has_seed);
      if (cases[i].has_seed)
        g_assert_cmpuint (back->seed, ==, cases[i].seed);
      if (g_str_equal (cases[i].key, "fugue"))
        g_assert_nonnull (back->message);
      else
        g_assert_cmpstr (back->other, ==, cases[i].text);
    }
}

static char *
export_sheet (Fixture *fixture, GPtrArray *pictures, const char *folder, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fugue_export_sheet_async (fixture->session, pictures, folder, NULL, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  return fugue_export_sheet_finish (fixture->session, result, error);
}

static void
assert_sheet (const char *path, const char *expected_name, guint expected_width, guint expected_height)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) sheet = unclip_image_load (path, &error);
  g_autofree char        *name = g_path_get_basename (path);

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, expected_name);
  g_assert_cmpuint (unclip_image_get_width (sheet), ==, expected_width);
  g_assert_cmpuint (unclip_image_get_height (sheet), ==, expected_height);
}

/* Small pictures are shown with 160 pixels, large ones with 512; the next sheet of the same has the next number. */
static void
test_sheet (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (GPtrArray)   pictures = g_ptr_array_new ();
  g_autoptr (UnclipImage) large = app_new_image (1000, 600, 2);
  FuguePicture           *other = app_add_picture (fixture->session, 1, 3);
  g_autofree char        *first = NULL, *second = NULL, *nowhere = NULL;
  g_autofree char        *missing = g_build_filename (fixture->folder, "missing", NULL);

  g_ptr_array_add (pictures, fixture->picture);
  g_ptr_array_add (pictures, fixture->picture);
  first = export_sheet (fixture, pictures, fixture->folder, &error);
  g_assert_no_error (error);
  /* 16 + 160 + 12 + 160 + 16, and 16 + the title's 32 + 133 + the words' 20 + 16 */
  assert_sheet (first, "lighthouse-sheet-1.png", 364, 217);

  fugue_session_finish_picture (fixture->session, other, large, NULL, NULL, NULL);
  app_wait_until (is_finished, other);
  g_ptr_array_set_size (pictures, 0);
  g_ptr_array_add (pictures, other);
  second = export_sheet (fixture, pictures, fixture->folder, &error);
  g_assert_no_error (error);
  assert_sheet (second, "lighthouse-sheet-2.png", 544, 391);

  nowhere = export_sheet (fixture, pictures, missing, &error);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "missing"));
  g_assert_null (nowhere);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/app/export/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/app/export/names", Fixture, NULL, set_up, test_names, tear_down);
  g_test_add ("/app/export/errors", Fixture, NULL, set_up, test_errors, tear_down);
  g_test_add ("/app/export/file", Fixture, NULL, set_up, test_file, tear_down);
  g_test_add ("/app/export/encode", Fixture, NULL, set_up, test_encode, tear_down);
  g_test_add ("/app/export/sheet", Fixture, NULL, set_up, test_sheet, tear_down);
  g_test_add ("/app/export/foreign", Fixture, NULL, set_up, test_foreign, tear_down);
  return g_test_run ();
}
