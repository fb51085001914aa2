/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-support.h"

#include <glib/gstdio.h>
#include <math.h>

typedef struct
{
  char         *folder;
  char         *path;
  FugueSession *session;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = app_dup_folder ();
  fixture->path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->session = app_open (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  app_close (fixture->session);
  g_free (fixture->path);
  app_remove_folder (fixture->folder);
}

static void
reopen (Fixture *fixture)
{
  app_close (fixture->session);
  fixture->session = app_open (fixture->path);
}

static gboolean
is_finished (gpointer picture)
{
  return fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED;
}

static gboolean
has_image (gpointer picture)
{
  return fugue_picture_get_image (picture) != NULL;
}

static gboolean
has_thumbnail (gpointer picture)
{
  return fugue_picture_get_thumbnail (picture) != NULL;
}

static void
assert_same_image (UnclipImage *a, UnclipImage *b)
{
  g_assert_nonnull (a);
  g_assert_cmpmem (unclip_image_get_pixels (a), unclip_image_get_n_bytes (a), unclip_image_get_pixels (b), unclip_image_get_n_bytes (b));
}

static void
count_announced (FuguePicture *picture, gpointer user_data)
{
  guint n = GPOINTER_TO_UINT (g_object_get_data (user_data, "n"));

  g_assert_cmpint (fugue_picture_get_state (picture), ==, FUGUE_PICTURE_FINISHED);
  g_assert_true (fugue_picture_is_saved (picture));
  g_object_set_data (user_data, "n", GUINT_TO_POINTER (n + 1));
}

/* All of a finished picture is there again in the next session on the file; thumbnails are small. */
static void
test_pictures (Fixture *fixture, gconstpointer data)
{
  FuguePicture           *picture = app_add_picture (fixture->session, 7, 3);
  g_autoptr (UnclipImage) image = app_new_image (400, 300, 1);
  g_autoptr (GObject)     counter = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GVariant)    figures = g_variant_ref_sink (g_variant_new_parsed (
    "{'psnr_db': <41.5>, 'max_difference': <7.0>, 'seconds': <2.5>, 'device': <'llvmpipe'>, 'precision': <'f32'>, 'version': <'9'>}"));
  g_autofree char        *hash = g_strdup (unclip_recipe_get_hash (fugue_picture_get_recipe (picture)));
  g_autofree char        *device = NULL;
  FuguePicture           *again;

  fugue_session_finish_picture (fixture->session, picture, image, figures, count_announced, g_object_ref (counter));
  g_assert_cmpint (fugue_picture_get_state (picture), ==, FUGUE_PICTURE_WAITING);
  app_wait_until (is_finished, picture);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_object_get_data (counter, "n")), ==, 1);
  assert_same_image (fugue_picture_get_image (picture), image);
  fugue_picture_set_mark (picture, FUGUE_MARK_KEEP);
  fugue_picture_set_rating (picture, 4);
  fugue_picture_set_seen (picture, TRUE);

  reopen (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (fixture->session)), ==, 1);
  again = fugue_session_find_picture (fixture->session, 1);
  g_assert_nonnull (again);
  g_assert_cmpint (fugue_picture_get_state (again), ==, FUGUE_PICTURE_FINISHED);
  g_assert_true (fugue_picture_is_saved (again));
  g_assert_cmpint (fugue_picture_get_mark (again), ==, FUGUE_MARK_KEEP);
  g_assert_cmpuint (fugue_picture_get_rating (again), ==, 4);
  g_assert_true (fugue_picture_get_seen (again));
  g_assert_cmpint (fugue_picture_get_job (again), ==, 7);
  g_assert_cmpuint (fugue_picture_get_number (again), ==, 3);
  g_assert_cmpuint (fugue_picture_get_seed (again), ==, 41);
  g_assert_cmpstr (unclip_recipe_get_hash (fugue_picture_get_recipe (again)), ==, hash);
  g_assert_cmpfloat (fugue_picture_get_psnr_db (again), ==, 41.5);
  g_assert_cmpfloat (fugue_picture_get_max_difference (again), ==, 7);
  g_assert_true (isnan (fugue_picture_get_clip_degrees (again)));
  g_object_get (again, "device", &device, NULL);
  g_assert_cmpstr (device, ==, "llvmpipe");
  g_assert_null (fugue_picture_get_image (again));

  fugue_picture_request_image (again);
  fugue_picture_request_thumbnail (again);
  app_wait_until (has_image, again);
  app_wait_until (has_thumbnail, again);
  assert_same_image (fugue_picture_get_image (again), image);
  g_assert_cmpuint (unclip_image_get_width (fugue_picture_get_thumbnail (again)), ==, FUGUE_THUMBNAIL_SIZE);
  g_assert_cmpuint (unclip_image_get_height (fugue_picture_get_thumbnail (again)), ==, 192);

  /* Numbers are never used again. */
  {
    g_autoptr (GPtrArray) gone = g_ptr_array_new ();

    g_ptr_array_add (gone, again);
    fugue_session_remove_pictures (fixture->session, gone);
  }
  reopen (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (fixture->session)), ==, 0);
  g_assert_cmpint (fugue_session_reserve_picture_id (fixture->session), ==, 2);
}

static void
count_edited (FugueSession *session, GObject *object, const char *property, const GValue *before, gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* Slots: who comes takes the place, who was there makes room; a second coming of the same pixels is no second source. */
static void
test_sources (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipImage) first_image = app_new_image (300, 200, 1);
  g_autoptr (UnclipImage) second_image = app_new_image (20, 20, 2);
  FugueSource            *first = fugue_session_add_source (fixture->session, first_image, "first", FUGUE_SLOT_A);
  FugueSource            *second = fugue_session_add_source (fixture->session, second_image, "second", FUGUE_SLOT_A);
  GListModel             *list = fugue_session_get_sources (fixture->session);
  g_autofree char        *sha256 = unclip_image_dup_sha256 (first_image);
  guint                   n_edited = 0;
  UnclipRect              crop;

  g_assert_true (fugue_session_get_slot (fixture->session, FUGUE_SLOT_A) == second);
  g_assert_cmpint (fugue_source_get_slot (first), ==, FUGUE_SLOT_TRAY);
  fugue_session_move_source (fixture->session, second, FUGUE_SLOT_C);
  fugue_session_move_source (fixture->session, first, FUGUE_SLOT_C);
  g_assert_true (fugue_session_get_slot (fixture->session, FUGUE_SLOT_C) == first);
  g_assert_cmpint (fugue_source_get_slot (second), ==, FUGUE_SLOT_TRAY);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 2);

  fugue_session_move_source (fixture->session, first, FUGUE_SLOT_NONE);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 1);
  g_assert_true (fugue_session_find_source (fixture->session, sha256) == first);
  g_assert_true (fugue_session_add_source (fixture->session, first_image, "again", FUGUE_SLOT_B) == first);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 2);

  fugue_source_get_crop (first, &crop);
  g_assert_cmpuint (crop.x, ==, 50);
  g_assert_cmpuint (crop.width, ==, 200);
  g_assert_false (fugue_source_has_crop (first));
  g_signal_connect (fixture->session, "edited", G_CALLBACK (count_edited), &n_edited);
  fugue_source_set_crop (first, &(UnclipRect){ 290, 10, 100, 100 });
  fugue_source_set_locked (first, TRUE);
  fugue_source_set_locked (first, TRUE);
  g_assert_cmpuint (n_edited, ==, 2);

  reopen (fixture);
  first = fugue_session_get_slot (fixture->session, FUGUE_SLOT_B);
  g_assert_nonnull (first);
  g_assert_cmpstr (fugue_source_get_name (first), ==, "first");
  g_assert_cmpstr (fugue_source_get_sha256 (first), ==, sha256);
  g_assert_cmpuint (fugue_source_get_width (first), ==, 300);
  g_assert_true (fugue_source_is_locked (first));
  fugue_source_get_crop (first, &crop);
  g_assert_cmpuint (crop.x, ==, 200);
  g_assert_cmpuint (crop.y, ==, 10);
  g_assert_nonnull (fugue_source_get_thumbnail (first));
}

/* A source that recipes name and nobody sees is stored too; adding one that has a place leaves it there. */
static void
test_unseen_source (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipImage) image = app_new_image (20, 20, 1);
  FugueSource            *source = fugue_session_add_source (fixture->session, image, "unseen", FUGUE_SLOT_NONE);
  g_autofree char        *sha256 = g_strdup (fugue_source_get_sha256 (source));

  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_sources (fixture->session)), ==, 0);
  reopen (fixture);
  g_assert_nonnull (fugue_session_find_source (fixture->session, sha256));
  source = fugue_session_add_source (fixture->session, image, "unseen", FUGUE_SLOT_B);
  g_assert_true (fugue_session_add_source (fixture->session, image, "unseen", FUGUE_SLOT_NONE) == source);
  g_assert_true (fugue_session_add_source (fixture->session, image, "unseen", FUGUE_SLOT_TRAY) == source);
  g_assert_cmpint (fugue_source_get_slot (source), ==, FUGUE_SLOT_B);
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

/* A file, a broken file, and a picture of the gallery become sources; a source's pixels come back for an engine. */
static void
test_add_async (Fixture *fixture, gconstpointer data)
{
  g_autofree char         *sample = g_build_filename (FUGUE_SOURCE_DATADIR, "samples", "star.png", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError)       error = NULL;
  g_autoptr (FugueSource)  source = NULL;
  g_autoptr (FugueSource)  from_picture = NULL;
  g_autoptr (UnclipImage)  image = app_new_image (16, 16, 1);
  g_autoptr (UnclipImage)  pixels = NULL;
  g_autoptr (GBytes)       junk = g_bytes_new_static ("no picture", 10);
  g_autofree char         *sha256 = NULL;
  FuguePicture            *picture = app_add_picture (fixture->session, 1, 0);

  fugue_session_add_file_async (fixture->session, sample, FUGUE_SLOT_A, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  source = fugue_session_add_finish (fixture->session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fugue_source_get_name (source), ==, "star");
  sha256 = g_strdup (fugue_source_get_sha256 (source));
  g_clear_object (&source);
  g_clear_object (&result);

  fugue_session_add_bytes_async (fixture->session, junk, "junk", FUGUE_SLOT_B, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  g_assert_null (fugue_session_add_finish (fixture->session, result, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "junk"));
  g_clear_error (&error);
  g_clear_object (&result);

  fugue_session_finish_picture (fixture->session, picture, image, NULL, NULL, NULL);
  app_wait_until (is_finished, picture);
  fugue_session_add_picture_async (fixture->session, picture, FUGUE_SLOT_B, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  from_picture = fugue_session_add_finish (fixture->session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fugue_source_get_picture (from_picture), ==, fugue_picture_get_id (picture));
  g_assert_cmpstr (fugue_source_get_name (from_picture), ==, "lighthouse");
  g_clear_object (&from_picture);
  g_clear_object (&result);

  reopen (fixture);
  fugue_session_load_source_async (fixture->session, sha256, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  pixels = fugue_session_load_finish (fixture->session, result, &error);
  g_assert_no_error (error);
  {
    g_autofree char *loaded = unclip_image_dup_sha256 (pixels);

    g_assert_cmpstr (loaded, ==, sha256);
  }
  g_clear_object (&result);
  fugue_session_load_source_async (fixture->session, APP_MODEL_SHA256, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  g_assert_null (fugue_session_load_finish (fixture->session, result, &error));
  g_assert_error (error, FUGUE_ERROR, FUGUE_ERROR_SOURCE);
}

static gboolean
source_has_image (gpointer source)
{
  return fugue_source_get_image (source) != NULL;
}

/* A tray of many keeps the pixels of a few; the others' are read when they are asked for. */
static void
test_tray (Fixture *fixture, gconstpointer data)
{
  FugueSource *first = NULL;

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (UnclipImage) image = app_new_image (16, 16, i);
      FugueSource            *source = fugue_session_add_source (fixture->session, image, "source", FUGUE_SLOT_TRAY);

      if (first == NULL)
        first = source;
    }
  g_assert_null (fugue_source_get_image (first));
  g_assert_nonnull (fugue_source_get_thumbnail (first));
  fugue_session_move_source (fixture->session, first, FUGUE_SLOT_A);
  fugue_source_request_image (first);
  app_wait_until (source_has_image, first);
}

static void
test_settings (Fixture *fixture, gconstpointer data)
{
  g_assert_null (fugue_session_get_setting (fixture->session, "controls"));
  fugue_session_set_setting (fixture->session, "controls", "{}");
  fugue_session_set_setting (fixture->session, "controls", "{\"a\":1}");
  reopen (fixture);
  g_assert_cmpstr (fugue_session_get_setting (fixture->session, "controls"), ==, "{\"a\":1}");
}

/* Searching looks at captions, label, verb, seed and model; marks filter. */
static void
test_filters (Fixture *fixture, gconstpointer data)
{
  FuguePicture *a = app_add_picture (fixture->session, 1, 0);
  FuguePicture *b = app_add_picture (fixture->session, 1, 1);

  fugue_picture_set_mark (a, FUGUE_MARK_KEEP);
  fugue_picture_set_rating (b, 3);
  g_assert_true (fugue_picture_matches (a, FUGUE_FILTER_KEPT, NULL));
  g_assert_false (fugue_picture_matches (b, FUGUE_FILTER_KEPT, NULL));
  g_assert_true (fugue_picture_matches (b, FUGUE_FILTER_UNMARKED, ""));
  g_assert_false (fugue_picture_matches (b, FUGUE_FILTER_REJECTED, ""));
  g_assert_true (fugue_picture_matches (a, FUGUE_FILTER_ALL, "LIGHT vary 41 mini"));
  g_assert_false (fugue_picture_matches (a, FUGUE_FILTER_ALL, "light 42"));
  g_assert_cmpint (fugue_picture_compare (a, b, FUGUE_SORT_TIME), <, 0);
  g_assert_cmpint (fugue_picture_compare (a, b, FUGUE_SORT_SEED), <, 0);
  g_assert_cmpint (fugue_picture_compare (a, b, FUGUE_SORT_RATING), >, 0);
}

/* A picture that comes to another one's place stands there, also after a restart; a rejected one makes room, as long as the new one
 * is there. */
static void
test_places (Fixture *fixture, gconstpointer data)
{
  FuguePicture         *old = app_add_picture (fixture->session, 1, 0);
  FuguePicture         *other = app_add_picture (fixture->session, 1, 1);
  FuguePicture         *new = app_add_picture (fixture->session, 2, 0);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  fugue_session_store_job (fixture->session, &(FugueStoredJob){ .id = 1, .title = (char *) "a job" });
  fugue_session_store_job (fixture->session, &(FugueStoredJob){ .id = 2, .title = (char *) "another job" });
  g_assert_cmpint (fugue_picture_get_place (new), ==, fugue_picture_get_id (new));
  fugue_picture_set_place (new, fugue_picture_get_place (old));
  g_assert_true (fugue_picture_is_replaced (old));
  g_assert_false (fugue_picture_is_replaced (new));
  g_assert_true (fugue_picture_matches (old, FUGUE_FILTER_ALL, NULL));
  fugue_picture_set_mark (old, FUGUE_MARK_REJECT);
  g_assert_false (fugue_picture_matches (old, FUGUE_FILTER_ALL, NULL));
  g_assert_true (fugue_picture_matches (old, FUGUE_FILTER_REJECTED, NULL));
  g_assert_cmpint (fugue_picture_compare (old, new, FUGUE_SORT_TIME), <, 0);
  g_assert_cmpint (fugue_picture_compare (new, other, FUGUE_SORT_TIME), <, 0);

  reopen (fixture);
  old = fugue_session_find_picture (fixture->session, 1);
  other = fugue_session_find_picture (fixture->session, 2);
  new = fugue_session_find_picture (fixture->session, 3);
  g_assert_cmpint (fugue_picture_get_place (new), ==, 1);
  g_assert_true (fugue_picture_is_replaced (old));
  g_assert_cmpint (fugue_picture_compare (new, other, FUGUE_SORT_TIME), <, 0);

  g_ptr_array_add (gone, new);
  fugue_session_remove_pictures (fixture->session, gone);
  g_assert_false (fugue_picture_is_replaced (old));
  g_assert_true (fugue_picture_matches (old, FUGUE_FILTER_ALL, NULL));
}

static void
test_copy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError)       error = NULL;
  g_autofree char         *path = g_build_filename (fixture->folder, "copy.fugue", NULL);
  g_autoptr (FugueSession) copy = NULL;

  app_add_picture (fixture->session, 1, 0);
  fugue_session_store_job (fixture->session, &(FugueStoredJob){ .id = 1, .title = (char *) "a job" });
  fugue_session_save_copy_async (fixture->session, path, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  g_assert_true (fugue_session_save_copy_finish (fixture->session, result, &error));
  g_assert_no_error (error);
  copy = app_open (path);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (copy)), ==, 1);
  g_clear_object (&result);

  fugue_session_save_copy_async (fixture->session, path, NULL, got_result, &result);
  app_wait_until (is_set, &result);
  g_assert_false (fugue_session_save_copy_finish (fixture->session, result, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/app/session/pictures", Fixture, NULL, set_up, test_pictures, tear_down);
  g_test_add ("/app/session/sources", Fixture, NULL, set_up, test_sources, tear_down);
  g_test_add ("/app/session/unseen-source", Fixture, NULL, set_up, test_unseen_source, tear_down);
  g_test_add ("/app/session/add-async", Fixture, NULL, set_up, test_add_async, tear_down);
  g_test_add ("/app/session/tray", Fixture, NULL, set_up, test_tray, tear_down);
  g_test_add ("/app/session/settings", Fixture, NULL, set_up, test_settings, tear_down);
  g_test_add ("/app/session/filters", Fixture, NULL, set_up, test_filters, tear_down);
  g_test_add ("/app/session/places", Fixture, NULL, set_up, test_places, tear_down);
  g_test_add ("/app/session/copy", Fixture, NULL, set_up, test_copy, tear_down);
  return g_test_run ();
}
