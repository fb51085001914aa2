/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-support.h"
#include "fake-runner.h"

#include "fugue-folder-batch.h"
#include "unclip-image-file.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char             *folder;             /* of the test */
  char             *pictures;           /* the one with pictures */
  char             *path;               /* of the session */
  FugueSession     *session;
  FakeRunner       *runner;
  FugueQueue       *queue;
  FugueControls    *controls;
  FugueFolderBatch *batch;
  guint             n_done;
  guint             n_queued;
  guint             n_failed;
  char             *message;
} Fixture;

static void
done_cb (FugueFolderBatch *batch, const char *folder, guint n_queued, guint n_failed, const char *message, Fixture *fixture)
{
  g_assert_cmpstr (folder, ==, "pictures");
  fixture->n_done++;
  fixture->n_queued = n_queued;
  fixture->n_failed = n_failed;
  fixture->message = g_strdup (message);
}

static void
set_model (Fixture *fixture)
{
  g_autoptr (GVariant)       variant = g_variant_ref_sink (g_variant_new_parsed (
    "{'name': <'mini'>, 'sha256': <%s>, 'decoder_size': <uint32 16>, 'can_vary': <true>,"
    " 'defaults': <{'decoder_steps': <uint32 25>, 'prior_steps': <uint32 25>, 'upsampler_steps': <uint32 7>,"
    " 'decoder_guidance': <2.5>, 'prior_guidance': <4.0>}>}", APP_MODEL_SHA256));
  g_autoptr (FugueModelInfo) info = fugue_model_info_new_from_variant (variant);

  fugue_controls_set_model (fixture->controls, info);
}

static void
start (Fixture *fixture)
{
  fixture->session = app_open (fixture->path);
  fixture->runner = fake_runner_new (0);
  fixture->queue = fugue_queue_new (fixture->session, FUGUE_RUNNER (fixture->runner));
  fixture->controls = fugue_controls_new ();
  fixture->batch = fugue_folder_batch_new (fixture->session, fixture->queue, fixture->controls);
  g_signal_connect (fixture->batch, "done", G_CALLBACK (done_cb), fixture);
}

static void
end (Fixture *fixture)
{
  g_object_run_dispose (G_OBJECT (fixture->batch));
  g_object_run_dispose (G_OBJECT (fixture->queue));
  g_assert_true (fugue_session_flush (fixture->session, NULL));
  app_run_ready ();
  g_object_unref (fixture->batch);
  g_assert_finalize_object (fixture->queue);
  g_assert_finalize_object (fixture->runner);
  g_assert_finalize_object (fixture->controls);
  app_close (fixture->session);
}

static void
save_picture (Fixture *fixture, const char *name, guint seed)
{
  g_autofree char        *path = g_build_filename (fixture->pictures, name, NULL);
  g_autoptr (UnclipImage) image = app_new_image (16, 16, seed);
  g_autoptr (GError)      error = NULL;

  g_assert_true (unclip_image_save_png (image, path, NULL, 0, &error));
  g_assert_no_error (error);
}

static void
save_text (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->pictures, name, NULL);

  g_assert_true (g_file_set_contents (path, "not a picture", -1, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = app_dup_folder ();
  fixture->path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->pictures = g_build_filename (fixture->folder, "pictures", NULL);
  g_assert_cmpint (g_mkdir (fixture->pictures, 0700), ==, 0);
  save_picture (fixture, "b.png", 2);
  save_picture (fixture, "a.png", 1);
  save_picture (fixture, "c \xff.png", 3);
  save_picture (fixture, ".hidden.png", 4);
  save_text (fixture, "broken.png");
  save_text (fixture, "notes.txt");
  start (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  end (fixture);
  g_free (fixture->pictures);
  g_free (fixture->path);
  g_free (fixture->message);
  app_remove_folder (fixture->folder);
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(char ***) data = fugue_folder_list_finish (result, &error);
  g_assert_no_error (error);
}

static gboolean
is_listed (gpointer data)
{
  return *(char ***) data != NULL;
}

static char **
list (Fixture *fixture)
{
  char **files = NULL;

  fugue_folder_list_async (fixture->pictures, NULL, listed_cb, &files);
  app_wait_until (is_listed, &files);
  return files;
}

static void
begin (Fixture *fixture, guint n_each)
{
  g_auto (GStrv) files = list (fixture);

  fugue_folder_batch_start (fixture->batch, fixture->pictures, (const char *const *) files, n_each);
}

static gboolean
is_done (gpointer data)
{
  return ((Fixture *) data)->n_done > 0;
}

static gboolean
has_job (gpointer data)
{
  return g_list_model_get_n_items (G_LIST_MODEL (((Fixture *) data)->queue)) > 0;
}

static guint
count_jobs (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->queue));
}

static void
failed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_assert_null (fugue_folder_list_finish (result, data));
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv)     files = list (fixture);
  const char        *names[] = { "a.png", "b.png", "broken.png", "c \xff.png" };
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_strv_length (files), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->pictures, names[i], NULL);

      g_assert_cmpstr (files[i], ==, path);
    }
  fugue_folder_list_async ("/no/such/folder", NULL, failed_cb, &error);
  app_wait_until (is_set, &error);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* One job a picture, all with the same seed, none in a slot; what can't be read is told at the end. */
static void
test_jobs (Fixture *fixture, gconstpointer data)
{
  guint64 seed = 0;

  begin (fixture, 3);
  /* Without a model nothing can be made yet. */
  app_run_ready ();
  g_assert_cmpuint (fugue_folder_batch_get_n_waiting (fixture->batch), ==, 4);
  g_assert_cmpuint (count_jobs (fixture), ==, 0);
  set_model (fixture);
  app_wait_until (is_done, fixture);
  g_assert_cmpuint (fixture->n_queued, ==, 3);
  g_assert_cmpuint (fixture->n_failed, ==, 1);
  g_assert_nonnull (strstr (fixture->message, "broken.png"));
  g_assert_cmpuint (fugue_folder_batch_get_n_waiting (fixture->batch), ==, 0);
  g_assert_cmpuint (count_jobs (fixture), ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_sources (fixture->session)), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (FugueJob)     job = g_list_model_get_item (G_LIST_MODEL (fixture->queue), i);
      g_autoptr (FuguePicture) picture = g_list_model_get_item (fugue_job_get_pictures (job), 2);

      g_assert_cmpuint (g_list_model_get_n_items (fugue_job_get_pictures (job)), ==, 3);
      if (i == 0)
        {
          seed = fugue_picture_get_seed (picture);
          g_assert_cmpstr (fugue_job_get_title (job), ==, "Vary a");
        }
      g_assert_cmpuint (fugue_picture_get_seed (picture), ==, seed);
    }
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  set_model (fixture);
  begin (fixture, 1);
  app_wait_until (has_job, fixture);
  fugue_folder_batch_cancel (fixture->batch);
  g_assert_cmpuint (fugue_folder_batch_get_n_waiting (fixture->batch), ==, 0);
  begin (fixture, 1);
  app_wait_until (is_done, fixture);
  g_assert_cmpuint (fixture->n_queued, ==, 3);
  g_assert_cmpuint (count_jobs (fixture), >=, 4);
}

/* A crash after the first picture: the next start has its job, and the others, none of them twice. */
static void
test_left_over (Fixture *fixture, gconstpointer data)
{
  set_model (fixture);
  begin (fixture, 2);
  app_wait_until (has_job, fixture);
  end (fixture);

  start (fixture);
  g_assert_cmpuint (fugue_folder_batch_get_n_waiting (fixture->batch), ==, 0);
  g_assert_cmpuint (fugue_folder_batch_get_n_left_over (fixture->batch), ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_queue_get_left_over (fixture->queue)), ==, 1);
  fugue_queue_resume_left_over (fixture->queue);
  fugue_folder_batch_resume_left_over (fixture->batch);
  g_assert_cmpuint (fugue_folder_batch_get_n_left_over (fixture->batch), ==, 0);
  set_model (fixture);
  app_wait_until (is_done, fixture);
  g_assert_cmpuint (count_jobs (fixture), ==, 3);
  end (fixture);

  start (fixture);
  g_assert_cmpuint (fugue_folder_batch_get_n_left_over (fixture->batch), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_queue_get_left_over (fixture->queue)), ==, 3);
}

/* A crash between jobs and the note that they are queued: none of them comes twice. */
static void
test_twice (Fixture *fixture, gconstpointer data)
{
  g_autofree char *setting = NULL;

  begin (fixture, 2);
  setting = g_strdup (fugue_session_get_setting (fixture->session, "folder-batches"));
  set_model (fixture);
  app_wait_until (is_done, fixture);
  fugue_session_set_setting (fixture->session, "folder-batches", setting);
  end (fixture);

  start (fixture);
  fixture->n_done = 0;
  fugue_queue_resume_left_over (fixture->queue);
  fugue_folder_batch_resume_left_over (fixture->batch);
  set_model (fixture);
  app_wait_until (is_done, fixture);
  g_assert_cmpuint (count_jobs (fixture), ==, 3);
}

static void
test_discard (Fixture *fixture, gconstpointer data)
{
  begin (fixture, 2);
  end (fixture);

  start (fixture);
  g_assert_cmpuint (fugue_folder_batch_get_n_left_over (fixture->batch), ==, 4);
  fugue_folder_batch_discard_left_over (fixture->batch);
  set_model (fixture);
  end (fixture);

  start (fixture);
  g_assert_cmpuint (fugue_folder_batch_get_n_left_over (fixture->batch), ==, 0);
  g_assert_cmpuint (fixture->n_done, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/folder-batch/list", Fixture, NULL, set_up, test_list, tear_down);
  g_test_add ("/folder-batch/jobs", Fixture, NULL, set_up, test_jobs, tear_down);
  g_test_add ("/folder-batch/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/folder-batch/left-over", Fixture, NULL, set_up, test_left_over, tear_down);
  g_test_add ("/folder-batch/twice", Fixture, NULL, set_up, test_twice, tear_down);
  g_test_add ("/folder-batch/discard", Fixture, NULL, set_up, test_discard, tear_down);
  return g_test_run ();
}
