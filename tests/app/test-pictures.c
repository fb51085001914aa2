/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All parts together, without the window: values → recipes → queue → a real engine with a tiny model → session. */

#include "config.h"

#include "app-support.h"

#include "fugue-controls.h"
#include "fugue-queue.h"
#include "unclip-image-file.h"

#include <math.h>
#include <signal.h>
#include <string.h>

typedef struct
{
  char            *folder;
  char            *path;
  FugueSession    *session;
  FugueControls   *controls;
  FugueEnginePool *pool;
  FuguePoolRunner *runner;
  FugueQueue      *queue;
  FugueJobState    ended_as;
  guint            n_ended;
  guint            n_died;
  guint            n_requeued;
} Fixture;

static void
job_ended (FugueQueue *queue, FugueJob *job, Fixture *fixture)
{
  fixture->n_ended++;
  fixture->ended_as = fugue_job_get_state (job);
  if (fugue_job_get_n_failed (job) > 0)
    g_test_message ("%s", fugue_job_get_message (job));
}

static void
engine_died (FugueQueue *queue, const char *message, guint n_requeued, Fixture *fixture)
{
  fixture->n_died++;
  fixture->n_requeued += n_requeued;
}

static gboolean
has_model (gpointer pool)
{
  return fugue_engine_get_model (fugue_engine_pool_get_main (pool)) != NULL;
}

static void
add_source (Fixture *fixture, const char *name, FugueSlot slot)
{
  g_autofree char        *path = g_strdup_printf (FUGUE_SOURCE_DATADIR "/samples/%s.png", name);
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = unclip_image_load (path, &error);

  g_assert_no_error (error);
  fugue_session_add_source (fixture->session, image, name, slot);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *model = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "model", NULL);

  fixture->folder = app_dup_folder ();
  fixture->path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->session = app_open (fixture->path);
  fixture->controls = fugue_controls_new ();
  fugue_controls_follow_session (fixture->controls, fixture->session);
  add_source (fixture, "apple", FUGUE_SLOT_A);
  add_source (fixture, "fish", FUGUE_SLOT_B);

  fixture->pool = fugue_engine_pool_new ();
  fugue_engine_pool_set_launchers (fixture->pool, NULL);
  fugue_engine_pool_set_model (fixture->pool, &(FugueModelChoice){ .folder = model });
  fixture->runner = fugue_pool_runner_new (fixture->pool);
  fixture->queue = fugue_queue_new (fixture->session, FUGUE_RUNNER (fixture->runner));
  g_signal_connect (fixture->queue, "job-ended", G_CALLBACK (job_ended), fixture);
  g_signal_connect (fixture->queue, "engine-died", G_CALLBACK (engine_died), fixture);
  fugue_engine_pool_start (fixture->pool);
  app_wait_until (has_model, fixture->pool);
  fugue_controls_set_model (fixture->controls, fugue_engine_get_model (fugue_engine_pool_get_main (fixture->pool)));
  /* As few steps as the controls allow. */
  g_object_set (fixture->controls, "decoder-steps", 4u, "upsampler-steps", 2u, "invert-steps", 10u, "n-pictures", 2u, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_run_dispose (G_OBJECT (fixture->queue));
  g_assert_true (fugue_session_flush (fixture->session, NULL));
  app_run_ready ();
  g_assert_finalize_object (fixture->queue);
  g_assert_finalize_object (fixture->runner);
  g_assert_finalize_object (fixture->pool);
  app_run_ready ();
  g_assert_finalize_object (fixture->controls);
  app_close (fixture->session);
  g_free (fixture->path);
  app_remove_folder (fixture->folder);
}

static FugueJob *
go (Fixture *fixture, FugueMode mode)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = fugue_controls_build_recipes (fixture->controls, fixture->session, &(FugueRecipeRequest){ .mode = mode },
                                                                &error);

  g_assert_no_error (error);
  fixture->n_ended = 0;
  return fugue_queue_add (fixture->queue, &(FugueJobParams){ .mode = mode, .title = "a job", .label = "apple", .recipes = recipes, .preview_every = 1 },
                          FALSE);
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

/* Engines take the recipes of every mode, with all that bends them. */
static void
test_modes (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    FugueMode   mode;
    gboolean    is_locked;
    const char *values;
  } cases[] = {
    { FUGUE_MODE_VARY, FALSE, "{\"layout-detail\": -40, \"chance\": 0.5, \"is-linked\": 0}" },
    { FUGUE_MODE_VARY, TRUE, "{\"layout-detail\": 40, \"chance\": 0.3}" },
    { FUGUE_MODE_VARY, FALSE, "{\"layout-detail\": 0, \"sampler\": \"dpm-solver\", \"freeu-b1\": 1.2,"
                              " \"caption\": \"a red apple\"}" },
    { FUGUE_MODE_DIFF, TRUE, "{\"to-caption\": \"a green apple\", \"amount\": 0.3, \"keep-noise\": \"inverted\", \"sampler\": \"auto\","
                             " \"freeu-b1\": 1}" },
    { FUGUE_MODE_DIFF, FALSE, "{\"from-caption\": \"a red apple\", \"amount\": -0.2, \"keep-noise\": \"seed\"}" },
    { FUGUE_MODE_MIX, FALSE, "{\"mix-noise\": \"blend\"}" },
    { FUGUE_MODE_MIX, FALSE, "{\"mix-noise\": \"seed\", \"blend\": \"straight\"}" },
    { FUGUE_MODE_INVERT, FALSE, "{\"method\": \"fixed-point\", \"rounds\": 2}" },
    { FUGUE_MODE_INVERT, FALSE, "{\"method\": \"exact\"}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FugueJob) job = NULL;

      fugue_source_set_locked (fugue_session_get_slot (fixture->session, FUGUE_SLOT_A), cases[i].is_locked);
      fugue_controls_load_json (fixture->controls, cases[i].values);
      job = g_object_ref (go (fixture, cases[i].mode));
      app_wait_until (is_ended, fixture);
      g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
      g_assert_cmpuint (fugue_job_get_n_failed (job), ==, 0);
      g_assert_true (fugue_picture_is_saved (get_picture (job, 0)));
      g_assert_cmpstr (fugue_picture_get_verb (get_picture (job, 0)), ==, fugue_enum_get_nick (FUGUE_TYPE_MODE, (int) cases[i].mode));
      if (cases[i].mode == FUGUE_MODE_INVERT)
        g_assert_true (isfinite (fugue_picture_get_psnr_db (get_picture (job, 0))));
      g_assert_cmpint (isfinite (fugue_picture_get_path_degrees (get_picture (job, 0))), ==, cases[i].mode == FUGUE_MODE_DIFF);
    }
  g_assert_cmpuint (fixture->n_died, ==, 0);
}

static gboolean
is_running (gpointer picture)
{
  return fugue_picture_get_step (picture) > 0;
}

/* The engine is killed in the middle: another one is started and makes the pictures; the ones from before are untouched. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob) before = g_object_ref (go (fixture, FUGUE_MODE_VARY));
  g_autoptr (FugueJob) job = NULL;
  FugueEngine         *engine = fugue_engine_pool_get_main (fixture->pool);
  gint64               pid;

  app_wait_until (is_ended, fixture);
  g_object_set (fixture->controls, "decoder-steps", 100u, NULL);
  job = g_object_ref (go (fixture, FUGUE_MODE_VARY));
  app_wait_until (is_running, get_picture (job, 0));
  pid = g_ascii_strtoll (fugue_engine_get_pid (engine), NULL, 10);
  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill ((pid_t) pid, SIGKILL), ==, 0);
  app_wait_until (is_ended, fixture);
  g_assert_cmpuint (fixture->n_died, ==, 1);
  g_assert_cmpuint (fixture->n_requeued, ==, 2);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
  g_assert_cmpuint (fugue_job_get_n_finished (job), ==, 2);
  g_assert_cmpuint (fugue_job_get_n_finished (before), ==, 2);
  g_assert_true (fugue_picture_is_saved (get_picture (job, 1)));
  {
    g_autoptr (GPtrArray) recipes = g_ptr_array_new ();

    g_ptr_array_add (recipes, fugue_picture_get_recipe (get_picture (job, 0)));
    g_assert_cmpfloat (fugue_queue_estimate (fixture->queue, recipes), >, 0);
  }
}

/* An engine whose device dies each time, twice within a minute: what failed comes on the processor, although the engine was given up. */
static void
test_on_processor (Fixture *fixture, gconstpointer data)
{
  g_autofree char      *unclip = g_test_build_filename (G_TEST_BUILT, "..", "engine", "cli", "unclip", NULL);
  g_autofree char      *dying = g_strdup_printf ("sh -c 'UNCLIP_SERVE_FAULT=abort:3 exec \"%s\" serve'", unclip);
  g_autoptr (FugueJob)  job = NULL;
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  FuguePicture         *picture;
  g_autofree char      *device = NULL;

  fugue_engine_pool_set_launchers (fixture->pool, (const char *const[]){ dying, NULL });
  g_object_set (fixture->controls, "n-pictures", 1u, NULL);
  job = g_object_ref (go (fixture, FUGUE_MODE_VARY));
  picture = get_picture (job, 0);
  g_ptr_array_add (pictures, picture);
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FAILED);
  g_assert_cmpstr (fugue_picture_get_error_code (picture), ==, "engine");
  g_assert_cmpuint (fixture->n_died, ==, 2);
  g_assert_cmpint (fugue_engine_get_state (fugue_engine_pool_get_main (fixture->pool)), ==, FUGUE_ENGINE_GIVEN_UP);

  fixture->n_ended = 0;
  g_assert_nonnull (fugue_queue_try_on_processor (fixture->queue, pictures));
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FINISHED);
  g_assert_cmpint (fugue_picture_get_state (picture), ==, FUGUE_PICTURE_FINISHED);
  g_object_get (picture, "device", &device, NULL);
  g_assert_nonnull (strstr (device, "llvmpipe"));
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (fixture->session)), ==, 1);
}

/* A processor engine that can't be had fails what it is given, and does so at once. */
static void
test_no_processor (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueJob)  job = NULL;
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  g_autofree char      *before = g_strdup (g_getenv ("FUGUE_UNCLIP"));
  FuguePicture         *picture;

  fugue_engine_pool_set_launchers (fixture->pool, (const char *const[]){ "false", NULL });
  g_setenv ("FUGUE_UNCLIP", "/no/such/unclip", TRUE);
  g_object_set (fixture->controls, "n-pictures", 1u, NULL);
  job = g_object_ref (go (fixture, FUGUE_MODE_VARY));
  picture = get_picture (job, 0);
  g_ptr_array_add (pictures, picture);
  fugue_picture_set_error (picture, "bad-result", "It came out flat.");
  fugue_picture_set_state (picture, FUGUE_PICTURE_FAILED);
  g_assert_nonnull (fugue_queue_try_on_processor (fixture->queue, pictures));
  app_wait_until (is_ended, fixture);
  g_assert_cmpint (fixture->ended_as, ==, FUGUE_JOB_FAILED);
  g_assert_nonnull (strstr (fugue_picture_get_error_message (picture), "/no/such/unclip"));
  if (before != NULL)
    g_setenv ("FUGUE_UNCLIP", before, TRUE);
  else
    g_unsetenv ("FUGUE_UNCLIP");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/app/pictures/modes", Fixture, NULL, set_up, test_modes, tear_down);
  g_test_add ("/app/pictures/killed", Fixture, NULL, set_up, test_killed, tear_down);
  g_test_add ("/app/pictures/on-processor", Fixture, NULL, set_up, test_on_processor, tear_down);
  g_test_add ("/app/pictures/no-processor", Fixture, NULL, set_up, test_no_processor, tear_down);
  return g_test_run ();
}
