/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-support.h"

#include <glib/gstdio.h>

char *
app_dup_folder (void)
{
  g_autoptr (GError) error = NULL;
  char              *folder = g_dir_make_tmp ("fugue-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
app_remove_folder (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_chmod (path, 0700);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        app_remove_folder (g_strdup (path));
      else
        g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

static gboolean
set_flag_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

void
app_wait_until (gboolean (*condition) (gpointer data), gpointer data)
{
  gboolean too_late = FALSE;
  guint    timeout = g_timeout_add_seconds (120, set_flag_cb, &too_late);

  while (!condition (data) && !too_late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (too_late);
  g_source_remove (timeout);
}

void
app_run_ready (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

UnclipImage *
app_new_image (guint width, guint height, guint seed)
{
  gsize   n_bytes = (gsize) width * height * 3;
  guint8 *pixels = g_malloc (n_bytes);
  guint32 state = seed * 2654435761u + 1;

  for (gsize i = 0; i < n_bytes; i++)
    {
      state = state * 1664525u + 1013904223u;
      pixels[i] = (guint8) (state >> 24);
    }
  return unclip_image_new_take (width, height, pixels);
}

UnclipRecipe *
app_new_recipe (const char *source, guint64 seed, guint number)
{
  g_autoptr (GError) error = NULL;
  UnclipRecipe      *recipe = unclip_recipe_new (&(UnclipRecipeParams){
                                                   .embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = source },
                                                   .noise = { .kind = UNCLIP_NOISE_SEED, .seed = seed, .picture = number },
                                                   .sampler = { .kind = UNCLIP_RECIPE_ANCESTRAL, .n_steps = 25, .guidance = 2.5, .n_upsampler_steps = 7 },
                                                   .model_name = "mini",
                                                   .model_sha256 = APP_MODEL_SHA256,
                                                 },
                                                 &error);

  g_assert_no_error (error);
  return recipe;
}

FuguePicture *
app_add_picture (FugueSession *session, gint64 job, guint number)
{
  g_autoptr (UnclipRecipe) recipe = app_new_recipe (APP_MODEL_SHA256, 41, number);
  g_autoptr (FuguePicture) picture = fugue_picture_new (&(FuguePictureFacts){
    .id = fugue_session_reserve_picture_id (session),
    .job = job,
    .recipe = recipe,
    .number = number,
    .verb = "vary",
    .label = "lighthouse",
  });
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();

  g_ptr_array_add (pictures, picture);
  fugue_session_add_pictures (session, pictures);
  return picture;
}

FugueSession *
app_open (const char *path)
{
  g_autoptr (GError) error = NULL;
  FugueSession      *session = fugue_session_open (path, &error);

  g_assert_no_error (error);
  return session;
}

void
app_close (FugueSession *session)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fugue_session_close (session, &error));
  g_assert_no_error (error);
  g_assert_finalize_object (session);
}
