/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-support.h"
#include "fake-runner.h"

#include "fugue-pace.h"
#include "fugue-queue.h"
#include "unclip-error.h"

#include <sqlite3.h>
#include <string.h>

typedef struct
{
  char         *folder;
  char         *path;
  char         *source;                 /* its hash */
  FugueSession *session;
  FakeRunner   *runner;
  FugueQueue   *queue;
  guint         n_ended;
  FugueJobState ended_as;
  guint         n_died;
  guint         n_requeued;
} Fixture;

static void
job_ended (FugueQueue *queue, FugueJob *job, Fixture *fixture)
{
  fixture->n_ended++;
  fixture->ended_as = fugue_job_get_state (job);
}

static void
engine_died (FugueQueue *queue, const char *message, guint n_requeued, Fixture *fixture)
{
  fixture->n_died++;
  fixture->n_requeued = n_requeued;
}

static void
start (Fixture *fixture, guint n_places)
{
  fixture->session = app_open (fixture->path);
  fixture->runner = fake_runner_new (n_places);
  fixture->queue = fugue_queue_new (fixture->session, FUGUE_RUNNER (fixture->runner));
  g_signal_connect (fixture->queue, "job-ended", G_CALLBACK (job_ended), fixture);
  g_signal_connect (fixture->queue, "engine-died", G_CALLBACK (engine_died), fixture);
}

static void
end (Fixture *fixture)
{
  /* What is being saved or read still holds the queue. */
  g_object_run_dispose (G_OBJECT (fixture->queue));
  g_assert_true (fugue_session_flush (fixture->session, NULL));
  app_run_ready ();
  g_assert_finalize_object (fixture->queue);
  g_assert_finalize_object (fixture->runner);
  app_close (fixture->session);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipImage) image = app_new_image (32, 32, 1);

  fixture->folder = app_dup_folder ();
  fixture->path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->source = unclip_image_dup_sha256 (image);
  start (fixture, GPOINTER_TO_UINT (data));
  fugue_session_add_source (fixture->session, image, "lighthouse", FUGUE_SLOT_A);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  end (fixture);
  g_free (fixture->source);
  g_free (fixture->path);
  app_remove_folder (fixture->folder);
}

static FugueJobParams
new_params (Fixture *fixture, guint n, guint64 seed)
{
  GPtrArray *recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (recipes, app_new_recipe (fixture->source, seed, i));
  return (FugueJobParams){ .mode = FUGUE_MODE_VARY, .title = "Vary lighthouse", .label = "lighthouse", .recipes = recipes, .preview_every = 1 };
}

static FugueJob *
add (Fixture *fixture, guint n, guint64 seed, gboolean in_front)
{
  FugueJobParams params = new_params (fixture, n, seed);
  FugueJob      *job = fugue_queue_add (fixture->queue, &params, in_front);

  g_ptr_array_unref (params.recipes);
  return job;
}

static FugueJob *
set_draft (Fixture *fixture, guint64 seed)
{
  FugueJobParams params = new_params (fixture, 1, seed);
  FugueJob      *job = fugue_queue_set_draft (fixture->queue, &params);

  g_ptr_array_unref (params.recipes);
  return job;
}

static gboolean
is_ended (gpointer data)
{
  return ((Fixture *) data)->n_ended > 0;
}

static FuguePicture *
get_picture (FugueJob *job, guint index)
{
  g_autoptr (FuguePicture) picture = g_list_model_get_item (fugue_job_get_pictures (job), index);

  return picture;
}

static guint
count_pictures (Fixture *fixture)
{
  return g_list_model_get_n_items (fugue_session_get_pictures (fixture->session));
}

static guint64
get_seed (Fixture *fixture, guint batch, guint index)
{
  return unclip_recipe_get_step_noise (fake_runner_get_recipe (fixture->runner, batch, index)).seed;
}

/* From asking to having: pictures wait in the gallery, run with previews, are saved; the job tells how far it is. */
static void
test_run (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob)    job = g_object_ref (add (fixture, 10, 41, FALSE));
  g_autoptr (UnclipImage) preview = app_new_image (8, 8, 3);
  FuguePicture           *first = get_picture (job, 0);

  g_assert_cmpuint (count_pictures (fixture), ==, 10);
  g_assert_cmpint (fugue_job_get_state (job), ==, FUGUE_JOB_WAITING);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 8);
  g_assert_cmpuint (fake_runner_get_n_images (fixture->runner), ==, 1);
  g_assert_cmpint (fugue_job_get_state (job), ==, FUGUE_JOB_RUNNING);
  g_assert_true (fugue_queue_get_current (fixture->queue) == job);
  g_assert_cmpfloat (fugue_queue_get_seconds_left (fixture->queue), <, 0);

  fake_runner_progress (fixture->runner, 0, "decoder", 1, -1);
  fake_runner_preview (fixture->runner, 0, 0, preview);
  g_assert_cmpint (fugue_picture_get_state (first), ==, FUGUE_PICTURE_RUNNING);
  g_assert_cmpstr (fugue_picture_get_stage (first), ==, "decoder");
  g_assert_cmpuint (fugue_picture_get_step (first), ==, 1);
  g_assert_true (fugue_picture_get_preview (first) == preview);
  g_usleep (2000);
  fake_runner_progress (fixture->runner, 0, "decoder", 16, 4.5);
  g_assert_cmpfloat_with_epsilon (fugue_picture_get_progress (first), 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (fugue_job_get_progress (job), 0.4, 1e-9);
  /* The engine's word for those that run, and something for the two that wait. */
  g_assert_cmpfloat (fugue_job_get_seconds_left (job), >, 4.5);

  fake_runner_finish_all (fixture->runner, 0);
  g_assert_cmpint (fugue_picture_get_state (first), ==, FUGUE_PICTURE_RUNNING);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 2);
  fake_runner_finish_all (fixture->runner, 0);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
  g_assert_cmpuint (fugue_job_get_n_finished (job), ==, 10);
  g_assert_cmpfloat (fugue_job_get_progress (job), ==, 1);
  g_assert_true (fugue_picture_is_saved (first));
  g_assert_null (fugue_picture_get_preview (first));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 0);
  g_assert_null (fugue_queue_get_current (fixture->queue));

  end (fixture);
  start (fixture, 1);
  g_assert_cmpuint (count_pictures (fixture), ==, 10);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_queue_get_left_over (fixture->queue)), ==, 0);
}

/* Two engines share one job. */
static void
test_two_engines (Fixture *fixture, gconstpointer data)
{
  add (fixture, 8, 41, FALSE);
  fake_runner_wait_for (fixture->runner, 2);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 4);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 1), ==, 4);
  fake_runner_finish_all (fixture->runner, 1);
  fake_runner_finish_all (fixture->runner, 0);
  app_wait_until (is_ended, fixture);
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  FugueJob *second, *third, *front;

  add (fixture, 1, 1, FALSE);
  fake_runner_wait_for (fixture->runner, 1);
  second = add (fixture, 1, 2, FALSE);
  third = add (fixture, 1, 3, FALSE);
  front = add (fixture, 1, 4, TRUE);
  {
    g_autoptr (FugueJob) at = g_list_model_get_item (G_LIST_MODEL (fixture->queue), 1);

    g_assert_true (at == front);
  }
  fugue_queue_move (fixture->queue, third, 2);
  fugue_queue_duplicate (fixture->queue, second, 9);
  fugue_queue_remove (fixture->queue, front);
  g_assert_cmpuint (count_pictures (fixture), ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      static const guint64 seeds[] = { 1, 3, 2, 9 };

      g_assert_cmpuint (get_seed (fixture, 0, 0), ==, seeds[i]);
      fake_runner_finish (fixture->runner, 0, 0);
      if (i < 3)
        fake_runner_wait_for (fixture->runner, 1);
    }
}

/* An engine dies: its pictures run again, one by one; the one that kills again is given up with a sentence, the others come. */
static void
test_death (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob) job = g_object_ref (add (fixture, 3, 41, FALSE));

  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_progress (fixture->runner, 0, "decoder", 1, -1);
  fake_runner_die (fixture->runner, 0);
  g_assert_cmpuint (fixture->n_died, ==, 1);
  g_assert_cmpuint (fixture->n_requeued, ==, 3);
  g_assert_cmpint (fugue_picture_get_state (get_picture (job, 0)), ==, FUGUE_PICTURE_WAITING);

  for (guint i = 0; i < 3; i++)
    {
      fake_runner_wait_for (fixture->runner, 1);
      g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 1);
      fake_runner_progress (fixture->runner, 0, "decoder", 1, -1);
      if (i == 1)
        fake_runner_die (fixture->runner, 0);
      else
        fake_runner_finish (fixture->runner, 0, 0);
    }
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
  g_assert_cmpuint (fugue_job_get_n_finished (job), ==, 2);
  g_assert_cmpuint (fugue_job_get_n_failed (job), ==, 1);
  g_assert_cmpint (fugue_picture_get_state (get_picture (job, 1)), ==, FUGUE_PICTURE_FAILED);
  g_assert_nonnull (strstr (fugue_picture_get_error_message (get_picture (job, 1)), "twice"));
  g_assert_cmpstr (fugue_picture_get_error_code (get_picture (job, 1)), ==, "engine");

  end (fixture);
  start (fixture, 1);
  g_assert_cmpint (fugue_picture_get_state (fugue_session_find_picture (fixture->session, 2)), ==, FUGUE_PICTURE_FAILED);
  g_assert_nonnull (strstr (fugue_picture_get_error_message (fugue_session_find_picture (fixture->session, 2)), "twice"));
}

/* What an engine has not begun is not what killed it. */
static void
test_death_before_start (Fixture *fixture, gconstpointer data)
{
  add (fixture, 2, 41, FALSE);
  for (guint i = 0; i < 5; i++)
    {
      fake_runner_wait_for (fixture->runner, 1);
      g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 2);
      fake_runner_die (fixture->runner, 0);
    }
  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_finish_all (fixture->runner, 0);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
}

static void
test_failed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob) job = g_object_ref (add (fixture, 2, 41, FALSE));
  g_autoptr (GError)   bad = g_error_new_literal (UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT, "It came out flat.");
  g_autoptr (GError)   lost = g_error_new_literal (UNCLIP_ERROR, UNCLIP_ERROR_DEVICE_LOST, "The device is gone.");

  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_fail (fixture->runner, 0, 0, bad);
  fake_runner_fail (fixture->runner, 0, 0, lost);
  g_assert_cmpstr (fugue_picture_get_error_code (get_picture (job, 0)), ==, "bad-result");
  g_assert_cmpstr (fugue_job_get_message (job), ==, "It came out flat.");
  /* A lost device is no fault of the picture. */
  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_finish (fixture->runner, 0, 0);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
  g_assert_nonnull (fugue_queue_resume (fixture->queue, job));
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 1);
}

/* What failed is made again in its place, on the processor, while the engines go on; nobody else makes it meanwhile. */
static void
test_on_processor (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob)  job = g_object_ref (add (fixture, 3, 41, FALSE));
  g_autoptr (FugueJob)  again = NULL;
  g_autoptr (GError)    bad = g_error_new_literal (UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT, "It came out flat.");
  FuguePicture         *failed = get_picture (job, 0);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();

  g_ptr_array_add (pictures, failed);
  g_assert_null (fugue_queue_try_on_processor (fixture->queue, pictures));
  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_fail (fixture->runner, 0, 0, bad);
  again = g_object_ref (fugue_queue_try_on_processor (fixture->queue, pictures));
  g_assert_nonnull (again);
  g_assert_cmpint (fugue_picture_get_state (failed), ==, FUGUE_PICTURE_WAITING);
  g_assert_cmpstr (fugue_picture_get_error_code (failed), ==, "");
  g_assert_cmpint (fugue_picture_get_job (failed), ==, fugue_job_get_id (again));
  g_assert_cmpuint (g_list_model_get_n_items (fugue_job_get_pictures (job)), ==, 2);
  g_assert_cmpuint (count_pictures (fixture), ==, 3);

  fake_runner_wait_for (fixture->runner, 2);
  g_assert_false (fake_runner_is_on_processor (fixture->runner, 0));
  g_assert_true (fake_runner_is_on_processor (fixture->runner, 1));
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 1), ==, 1);
  fake_runner_finish (fixture->runner, 1, 0);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fugue_job_get_state (again), ==, FUGUE_JOB_FINISHED);
  g_assert_cmpint (fugue_picture_get_state (failed), ==, FUGUE_PICTURE_FINISHED);
  fixture->n_ended = 0;
  fake_runner_finish_all (fixture->runner, 0);
  app_wait_until (is_ended, fixture);
  g_assert_null (fugue_queue_resume (fixture->queue, job));
}

static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob) job = g_object_ref (add (fixture, 5, 41, FALSE));
  FugueJob            *later = add (fixture, 1, 7, FALSE);
  FugueJob            *resumed;
  gboolean             is_stopping;

  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_progress (fixture->runner, 0, "decoder", 1, -1);
  fake_runner_finish (fixture->runner, 0, 0);
  fake_runner_finish (fixture->runner, 0, 0);
  fugue_queue_stop (fixture->queue);
  g_object_get (fixture->queue, "is-stopping", &is_stopping, NULL);
  g_assert_true (is_stopping);
  g_assert_cmpuint (count_pictures (fixture), ==, 3);
  /* One was quicker than the stop; it is not in the gallery any more, so it does not come back. */
  fake_runner_finish (fixture->runner, 0, 0);
  fake_runner_let_go (fixture->runner);
  g_object_get (fixture->queue, "is-stopping", &is_stopping, NULL);
  g_assert_false (is_stopping);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_CANCELLED);
  g_assert_cmpuint (fugue_job_get_n_finished (job), ==, 2);

  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (get_seed (fixture, 0, 0), ==, 7);
  resumed = fugue_queue_resume (fixture->queue, job);
  g_assert_nonnull (resumed);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_job_get_pictures (resumed)), ==, 3);
  g_assert_cmpint (fugue_job_get_state (later), ==, FUGUE_JOB_RUNNING);
  fake_runner_finish (fixture->runner, 0, 0);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (get_seed (fixture, 0, 0), ==, 41);
}

static void
test_skip_and_pause (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob) job = g_object_ref (add (fixture, 2, 41, FALSE));

  fake_runner_wait_for (fixture->runner, 1);
  fugue_queue_skip (fixture->queue);
  fake_runner_let_go (fixture->runner);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 1);
  g_assert_cmpuint (count_pictures (fixture), ==, 1);
  fugue_queue_set_paused (fixture->queue, TRUE);
  g_assert_true (fake_runner_is_paused (fixture->runner));
  add (fixture, 1, 7, FALSE);
  fake_runner_finish (fixture->runner, 0, 0);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
  g_assert_null (fugue_queue_resume (fixture->queue, job));
  app_run_ready ();
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
  fugue_queue_set_paused (fixture->queue, FALSE);
  fake_runner_wait_for (fixture->runner, 1);
}

/* The newest draft wins: it goes first, the one before is cancelled, and what comes of that one goes nowhere. */
/* What engines tell when a queue that was paused lets them go on is not for it any more. */
static void
test_closed_while_paused (Fixture *fixture, gconstpointer data)
{
  add (fixture, 1, 41, FALSE);
  fugue_queue_set_paused (fixture->queue, TRUE);
  app_run_ready ();
  g_object_run_dispose (G_OBJECT (fixture->queue));
  g_assert_false (fake_runner_is_paused (fixture->runner));
  app_run_ready ();
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
}

static void
test_draft (Fixture *fixture, gconstpointer data)
{
  FugueJob     *draft;
  FuguePicture *picture;

  draft = set_draft (fixture, 1);
  g_assert_true (fugue_job_is_draft (draft));
  fake_runner_wait_for (fixture->runner, 1);
  add (fixture, 1, 7, FALSE);
  set_draft (fixture, 2);
  g_assert_cmpuint (fake_runner_get_n_cancels (fixture->runner), ==, 1);
  draft = set_draft (fixture, 3);
  g_assert_cmpuint (fake_runner_get_n_cancels (fixture->runner), ==, 1);
  fake_runner_let_go (fixture->runner);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (get_seed (fixture, 0, 0), ==, 3);
  picture = get_picture (draft, 0);
  fake_runner_finish (fixture->runner, 0, 0);
  g_assert_cmpint (fugue_picture_get_state (picture), ==, FUGUE_PICTURE_FINISHED);
  g_assert_nonnull (fugue_picture_get_image (picture));
  g_assert_cmpuint (count_pictures (fixture), ==, 1);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (get_seed (fixture, 0, 0), ==, 7);

  draft = set_draft (fixture, 4);
  fugue_queue_set_draft (fixture->queue, NULL);
  g_assert_null (fugue_queue_get_draft (fixture->queue));
  fake_runner_finish (fixture->runner, 0, 0);
  app_wait_until (is_ended, fixture);
  app_run_ready ();
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
  g_assert_cmpuint (fixture->n_ended, ==, 1);
}

/* The program ends in the middle of a job: at the next start it is offered, and resumed or discarded as asked. */
static void
test_left_over (Fixture *fixture, gconstpointer data)
{
  guint n_left_over;

  add (fixture, 3, 41, FALSE);
  add (fixture, 2, 42, FALSE);
  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_progress (fixture->runner, 0, "decoder", 1, -1);
  fake_runner_finish (fixture->runner, 0, 0);

  end (fixture);
  start (fixture, 1);
  g_object_get (fixture->queue, "n-left-over", &n_left_over, NULL);
  g_assert_cmpuint (n_left_over, ==, 2);
  app_run_ready ();
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
  g_assert_cmpuint (count_pictures (fixture), ==, 5);
  fugue_queue_resume_left_over (fixture->queue);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 2);
  g_assert_cmpuint (get_seed (fixture, 0, 0), ==, 41);
  g_assert_cmpuint (unclip_recipe_get_step_noise (fake_runner_get_recipe (fixture->runner, 0, 0)).picture, ==, 1);

  end (fixture);
  start (fixture, 1);
  fugue_queue_discard_left_over (fixture->queue);
  g_assert_cmpuint (count_pictures (fixture), ==, 1);
  end (fixture);
  start (fixture, 1);
  g_object_get (fixture->queue, "n-left-over", &n_left_over, NULL);
  g_assert_cmpuint (n_left_over, ==, 0);
  g_assert_cmpuint (count_pictures (fixture), ==, 1);
}

/* What was to be made on the processor still is, after the program's end and after a stop. */
static void
test_left_over_on_processor (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob)  job = g_object_ref (add (fixture, 1, 41, FALSE));
  g_autoptr (FugueJob)  again = NULL;
  g_autoptr (GError)    bad = g_error_new_literal (UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT, "It came out flat.");
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();

  g_ptr_array_add (pictures, get_picture (job, 0));
  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_fail (fixture->runner, 0, 0, bad);
  g_assert_nonnull (fugue_queue_try_on_processor (fixture->queue, pictures));
  fake_runner_wait_for (fixture->runner, 1);

  end (fixture);
  start (fixture, 1);
  fugue_queue_resume_left_over (fixture->queue);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_true (fake_runner_is_on_processor (fixture->runner, 0));

  again = g_list_model_get_item (G_LIST_MODEL (fixture->queue), 0);
  fugue_queue_stop (fixture->queue);
  fake_runner_let_go (fixture->runner);
  g_assert_nonnull (fugue_queue_resume (fixture->queue, again));
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_true (fake_runner_is_on_processor (fixture->runner, 0));
}

/* How long steps take is known at the next start, so what was left over can be told in minutes at once. */
static void
test_pace_is_kept (Fixture *fixture, gconstpointer data)
{
  add (fixture, 1, 41, FALSE);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpfloat (fugue_queue_estimate_steps (fixture->queue, 25, 7), <, 0);
  fake_runner_progress (fixture->runner, 0, "decoder", 1, -1);
  g_usleep (2000);
  fake_runner_progress (fixture->runner, 0, "decoder", 2, -1);
  fake_runner_finish (fixture->runner, 0, 0);
  app_wait_until (is_ended, fixture);

  end (fixture);
  start (fixture, 1);
  g_assert_cmpfloat (fugue_queue_estimate_steps (fixture->queue, 25, 7), >, 0);
}

/* A recipe that names a picture which is not there fails by itself. */
static void
test_no_source (Fixture *fixture, gconstpointer data)
{
  g_autofree char *real = fixture->source;

  fixture->source = g_strdup (APP_MODEL_SHA256);
  add (fixture, 1, 41, FALSE);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FAILED);
}

static gboolean
is_held (gpointer queue)
{
  g_autofree char *reason = NULL;

  g_object_get (queue, "pause-reason", &reason, NULL);
  return reason != NULL;
}

/* While nothing can be saved nothing new is begun; what was is finished, and kept. */
static void
test_trouble (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob) job = NULL;
  sqlite3             *db;

  g_assert_true (fugue_session_flush (fixture->session, NULL));
  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  job = g_object_ref (add (fixture, 1, 41, FALSE));
  fake_runner_wait_for (fixture->runner, 1);
  fake_runner_finish (fixture->runner, 0, 0);
  app_wait_until (is_ended, fixture);
  g_assert_false (fugue_picture_is_saved (get_picture (job, 0)));
  add (fixture, 1, 42, FALSE);
  app_wait_until (is_held, fixture->queue);
  app_run_ready ();
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
  g_assert_cmpint (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  fugue_session_retry (fixture->session);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_false (is_held (fixture->queue));
  g_assert_true (fugue_picture_is_saved (get_picture (job, 0)));
}

static void
test_pace (void)
{
  g_autoptr (FuguePace)    pace = fugue_pace_new ();
  g_autoptr (FuguePace)    later = fugue_pace_new ();
  g_autoptr (UnclipRecipe) recipe = app_new_recipe (APP_MODEL_SHA256, 1, 0);
  g_autofree char         *text = NULL;

  g_assert_cmpfloat (fugue_pace_estimate (pace, recipe), <, 0);
  /* Four pictures at a time, a second each step; the first step took long and does not count. */
  fugue_pace_report (pace, "a", 4, "decoder", 1, 100);
  g_assert_cmpfloat (fugue_pace_estimate (pace, recipe), <, 0);
  fugue_pace_report (pace, "a", 4, "decoder", 2, 101);
  fugue_pace_report (pace, "a", 4, "decoder", 4, 103);
  g_assert_cmpfloat_with_epsilon (fugue_pace_estimate (pace, recipe), 25 * 0.25, 1e-9);
  fugue_pace_report (pace, "a", 4, "upsampler", 1, 110);
  fugue_pace_report (pace, "a", 4, "upsampler", 2, 114);
  g_assert_cmpfloat_with_epsilon (fugue_pace_estimate (pace, recipe), 25 * 0.25 + 7, 1e-9);
  g_assert_cmpfloat (fugue_recipe_get_progress (recipe, "upsampler", 7), ==, 1);
  g_assert_cmpfloat (fugue_recipe_get_progress (recipe, "prior", 7), ==, 0);

  fugue_pace_read_string (later, NULL);
  fugue_pace_read_string (later, "decoder=-1;upsampler;=;decoder=inf;x");
  g_assert_cmpfloat (fugue_pace_estimate (later, recipe), <, 0);
  text = fugue_pace_dup_string (pace);
  fugue_pace_read_string (later, text);
  g_assert_cmpfloat_with_epsilon (fugue_pace_estimate (later, recipe), 25 * 0.25 + 7, 1e-4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/app/queue/run", Fixture, GUINT_TO_POINTER (1), set_up, test_run, tear_down);
  g_test_add ("/app/queue/two-engines", Fixture, GUINT_TO_POINTER (2), set_up, test_two_engines, tear_down);
  g_test_add ("/app/queue/order", Fixture, GUINT_TO_POINTER (1), set_up, test_order, tear_down);
  g_test_add ("/app/queue/death", Fixture, GUINT_TO_POINTER (1), set_up, test_death, tear_down);
  g_test_add ("/app/queue/death-before-start", Fixture, GUINT_TO_POINTER (1), set_up, test_death_before_start, tear_down);
  g_test_add ("/app/queue/failed", Fixture, GUINT_TO_POINTER (1), set_up, test_failed, tear_down);
  g_test_add ("/app/queue/pace-is-kept", Fixture, GUINT_TO_POINTER (1), set_up, test_pace_is_kept, tear_down);
  g_test_add ("/app/queue/left-over-on-processor", Fixture, GUINT_TO_POINTER (1), set_up, test_left_over_on_processor, tear_down);
  g_test_add ("/app/queue/on-processor", Fixture, GUINT_TO_POINTER (1), set_up, test_on_processor, tear_down);
  g_test_add ("/app/queue/stop", Fixture, GUINT_TO_POINTER (1), set_up, test_stop, tear_down);
  g_test_add ("/app/queue/skip-and-pause", Fixture, GUINT_TO_POINTER (1), set_up, test_skip_and_pause, tear_down);
  g_test_add ("/app/queue/closed-while-paused", Fixture, GUINT_TO_POINTER (1), set_up, test_closed_while_paused, tear_down);
  g_test_add ("/app/queue/draft", Fixture, GUINT_TO_POINTER (1), set_up, test_draft, tear_down);
  g_test_add ("/app/queue/left-over", Fixture, GUINT_TO_POINTER (1), set_up, test_left_over, tear_down);
  g_test_add ("/app/queue/no-source", Fixture, GUINT_TO_POINTER (1), set_up, test_no_source, tear_down);
  g_test_add ("/app/queue/trouble", Fixture, GUINT_TO_POINTER (1), set_up, test_trouble, tear_down);
  g_test_add_func ("/app/queue/pace", test_pace);
  return g_test_run ();
}
