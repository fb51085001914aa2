/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine client against the real engine with Mini, and against launchers that are none. */

#include "config.h"

#include "engine-fixture.h"
#include "fugue-error.h"
#include "test-device.h"
#include "unclip-error.h"
#include "unclip-evaluator.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define N 2
#define STEPS 4

static char *
dup_sha256 (EngineFixture *fixture, const char *id)
{
  UnclipImage *image = g_hash_table_lookup (fixture->finished, id);

  g_assert_nonnull (image);
  return unclip_image_dup_sha256 (image);
}

static void
assert_same (EngineFixture *a, const char *id_a, EngineFixture *b, const char *id_b)
{
  g_autofree char *sha_a = dup_sha256 (a, id_a), *sha_b = dup_sha256 (b, id_b);

  g_assert_cmpstr (sha_a, ==, sha_b);
}

/* What the evaluator of this process makes of the fixture's pictures. */
typedef struct
{
  GPtrArray *hashes;
} Here;

static gboolean
here_cb (guint recipe, UnclipImage *image, gpointer user_data, GError **error)
{
  g_ptr_array_add (((Here *) user_data)->hashes, unclip_image_dup_sha256 (image));
  return TRUE;
}

static GPtrArray *
make_here (EngineFixture *fixture)
{
  g_autoptr (GError)            error = NULL;
  g_autoptr (UnclipModelFolder) folder = unclip_model_folder_open (fugue_engine_get_model (fixture->engine)->folder, &error);
  g_autoptr (UnclipModel)       model = unclip_model_open (folder, &error);
  g_autoptr (UnclipExecutor)    executor = unclip_executor_open_vulkan (g_getenv ("UNCLIP_TEST_DEVICE"), UNCLIP_PRECISION_AUTO, &error);
  g_autoptr (UnclipStages)      stages = unclip_stages_new (model, executor);
  g_autoptr (UnclipEvaluator)   evaluator = unclip_evaluator_new (stages);
  g_autoptr (UnclipRecipe)      first = engine_fixture_make_recipe (fixture, 0, STEPS), second = engine_fixture_make_recipe (fixture, 1, STEPS);
  UnclipRecipe                 *recipes[N] = { first, second };
  Here                          here = { g_ptr_array_new_with_free_func (g_free) };
  const UnclipEvaluatorWatch    watch = { .finished = here_cb, .user_data = &here };

  unclip_evaluator_add_source (evaluator, fixture->source);
  unclip_evaluator_run (evaluator, recipes, N, N, &watch, &error);
  g_assert_no_error (error);
  return here.hashes;
}

/* Variations come through the wire with previews, and are the pictures that this process would have made. */
static void
test_round_trip (void)
{
  EngineFixture         fixture;
  g_autoptr (GPtrArray) here = NULL;
  g_autofree char      *first = NULL, *second = NULL;
  guint                 batch = 0;
  double                seconds = 0;
  gint64                begin = g_get_monotonic_time ();

  if (test_device_get () == NULL)
    return;
  engine_fixture_open (&fixture, NULL);
  fugue_engine_start (fixture.engine);
  g_assert_cmpint (fugue_engine_get_state (fixture.engine), ==, FUGUE_ENGINE_STARTING);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  g_test_message ("ready after %.3f s", (double) (g_get_monotonic_time () - begin) / 1e6);
  g_assert_cmpstr (fugue_engine_get_model (fixture.engine)->name, ==, "mini");
  g_assert_true (fugue_engine_get_model (fixture.engine)->can_vary);
  g_assert_true (fugue_engine_can_take_jobs (fixture.engine));

  begin = g_get_monotonic_time ();
  engine_fixture_submit (&fixture, "a", N, STEPS);
  g_assert_cmpint (fugue_engine_get_state (fixture.engine), ==, FUGUE_ENGINE_BUSY);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == N);
  g_test_message ("first preview after %.3f s", (double) (fixture.first_preview - begin) / 1e6);
  g_assert_cmpint (fugue_engine_get_state (fixture.engine), ==, FUGUE_ENGINE_READY);
  /* A progress for each step of the batch; at the last one nothing is left. */
  g_assert_cmpuint (fixture.n_progress, ==, STEPS + 2);
  g_assert_cmpfloat (fixture.seconds_left, ==, 0);
  /* Previews may be left out, but not all of them. */
  g_assert_cmpuint (fixture.n_previews, >=, N);
  g_assert_cmpuint (fixture.n_previews, <=, N * (STEPS + 2));
  g_assert_true (g_variant_lookup (fixture.figures, "batch", "u", &batch));
  g_assert_cmpuint (batch, ==, N);
  g_assert_true (g_variant_lookup (fixture.figures, "seconds", "d", &seconds));
  g_assert_cmpfloat (seconds, >, 0);

  here = make_here (&fixture);
  first = dup_sha256 (&fixture, "a0");
  second = dup_sha256 (&fixture, "a1");
  g_assert_cmpstr (first, ==, g_ptr_array_index (here, 0));
  g_assert_cmpstr (second, ==, g_ptr_array_index (here, 1));
  engine_fixture_close (&fixture);
}

/* A shell that becomes the engine; with the fault as long as the file is there. */
static char *
dup_launcher (const char *file, const char *fault)
{
  g_autofree char *unclip = g_test_build_filename (G_TEST_BUILT, "..", "engine", "cli", "unclip", NULL);

  if (file == NULL)
    return g_strdup_printf ("sh -c 'exec \"%s\" serve'", unclip);
  return g_strdup_printf ("sh -c 'test -e \"%s\" && export UNCLIP_SERVE_FAULT=%s; exec \"%s\" serve'", file, fault, unclip);
}

static char *
make_file (void)
{
  g_autoptr (GError) error = NULL;
  char              *path;
  int                fd = g_file_open_tmp ("fugue-fault-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  return path;
}

/* kill -9 in the middle of a run: the jobs are named, the engine is back, the same jobs give the pictures of a run that
 * was let alone. Through a launcher that is a shell, as ssh would be. */
static void
test_kill (void)
{
  EngineFixture     fixture;
  g_autofree char  *launcher = dup_launcher (NULL, NULL);
  GPid              pid;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open (&fixture, launcher);
  g_assert_cmpstr (fugue_engine_get_launcher (fixture.engine), ==, launcher);
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  engine_fixture_submit (&fixture, "a", N, STEPS);
  engine_fixture_wait (fixture.n_progress > 0);
  pid = (GPid) g_ascii_strtoll (fugue_engine_get_pid (fixture.engine), NULL, 10);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);

  engine_fixture_wait (fixture.n_deaths == 1);
  g_assert_error (fugue_engine_get_error (fixture.engine), FUGUE_ERROR, FUGUE_ERROR_ENGINE);
  g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, "signal 9"));
  g_assert_cmpuint (fixture.died->len, ==, N);
  g_assert_cmpstr (g_ptr_array_index (fixture.died, 0), ==, "a0");
  g_assert_cmpstr (g_ptr_array_index (fixture.died, 1), ==, "a1");
  g_assert_cmpuint (g_hash_table_size (fixture.finished), ==, 0);
  g_assert_null (fugue_engine_get_model (fixture.engine));

  /* The names are free again, and the source is put into the new process. */
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  g_assert_null (fugue_engine_get_error (fixture.engine));
  engine_fixture_submit (&fixture, "a", N, STEPS);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == N);
  engine_fixture_submit (&fixture, "b", N, STEPS);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == 2 * N);
  assert_same (&fixture, "a0", &fixture, "b0");
  assert_same (&fixture, "a1", &fixture, "b1");
  engine_fixture_close (&fixture);
}

/* A job that brings the engine down every time does so twice. */
static void
test_dies_twice (void)
{
  EngineFixture    fixture;
  g_autofree char *file = make_file ();
  g_autofree char *launcher = dup_launcher (file, "abort:1");

  if (test_device_get () == NULL)
    return;
  engine_fixture_open_tiny (&fixture, launcher);
  fugue_engine_start (fixture.engine);
  for (guint death = 1; death <= 2; death++)
    {
      engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
      engine_fixture_submit (&fixture, "a", N, STEPS);
      engine_fixture_wait (fixture.n_deaths == death);
      g_assert_cmpuint (fixture.died->len, ==, death * N);
    }
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_cmpint (fugue_engine_get_state (fixture.engine), ==, FUGUE_ENGINE_GIVEN_UP);
  g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, "try again"));

  fugue_engine_retry (fixture.engine);
  g_assert_null (fugue_engine_get_error (fixture.engine));
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  engine_fixture_submit (&fixture, "a", N, STEPS);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == N);
  engine_fixture_close (&fixture);
}

/* A device that is lost takes the process with it, whose last words say so; memory that is too small for a batch takes
 * nothing. */
static void
test_device (void)
{
  EngineFixture    fixture;
  g_autofree char *file = make_file ();
  g_autofree char *unclip = g_test_build_filename (G_TEST_BUILT, "..", "engine", "cli", "unclip", NULL);
  g_autofree char *launcher = g_strdup_printf ("sh -c 'export UNCLIP_GPU_FAULT=$(cat \"%s\"); exec \"%s\" serve'", file, unclip);
  guint            batch = 0;

  if (test_device_get () == NULL)
    return;
  g_assert_true (g_file_set_contents (file, "submit:20", -1, NULL));
  engine_fixture_open_tiny (&fixture, launcher);
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  engine_fixture_submit (&fixture, "a", N, 100);
  engine_fixture_wait (fixture.n_deaths == 1);
  g_test_message ("%s", fugue_engine_get_error (fixture.engine)->message);
  g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, "status 1. Its last words"));
  g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, "the driver gave up on the device"));
  g_assert_cmpuint (fixture.died->len, ==, N);

  /* The next process has read it by now. */
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_STARTING);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  fugue_engine_stop (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_DEAD);
  engine_fixture_wait (fixture.n_deaths == 2);
  g_assert_true (g_file_set_contents (file, "alloc:8", -1, NULL));
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  engine_fixture_submit (&fixture, "a", N, STEPS);
  engine_fixture_wait (fugue_engine_can_take_jobs (fixture.engine));
  g_assert_cmpuint (g_hash_table_size (fixture.finished), ==, N);
  /* Each by itself, after the batch had failed. */
  g_assert_true (g_variant_lookup (fixture.figures, "batch", "u", &batch));
  g_assert_cmpuint (batch, ==, 1);
  g_assert_cmpint (g_remove (file), ==, 0);
  engine_fixture_close (&fixture);
}

/* A device that hangs, and a process that does. */
static void
test_hang (void)
{
  EngineFixture    fixture;
  g_autofree char *file = make_file ();
  g_autofree char *launcher = dup_launcher (file, "hang:1");
  GPid             pid;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open_tiny (&fixture, launcher);
  /* Seconds, since this machine may be as busy as it likes. */
  fugue_engine_set_limits (fixture.engine, &(FugueEngineLimits){ .ping_ms = 500, .silence_ms = 2000, .step_ms = 1500, .memory_of_death_ms = 1 });
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  engine_fixture_submit (&fixture, "a", N, STEPS);
  engine_fixture_wait (fixture.n_deaths == 1);
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_cmpuint (fixture.died->len, ==, N);
  g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, "hangs"));

  fugue_engine_set_limits (fixture.engine, &(FugueEngineLimits){ .step_ms = 60000 });
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  pid = (GPid) g_ascii_strtoll (fugue_engine_get_pid (fixture.engine), NULL, 10);
  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  engine_fixture_wait (fixture.n_deaths == 2);
  g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, "has not answered for 2 s"));
  g_assert_cmpuint (fixture.died->len, ==, N);
  engine_fixture_close (&fixture);
}

/* Cancelling answers at once; who is not cancelled gets the picture; the rest goes on. */
static void
test_cancel (void)
{
  static const char *const one[] = { "a1", "nobody", NULL };
  static const char *const all[] = { "b0", "b1", "b2", "b3", NULL };
  EngineFixture fixture;
  gint64        begin;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open_tiny (&fixture, NULL);
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);

  /* Before the engine has heard of it, and while it is at it. */
  engine_fixture_submit (&fixture, "a", N, STEPS);
  fugue_engine_cancel (fixture.engine, one);
  g_assert_cmpuint (g_hash_table_size (fixture.cancelled), ==, 0);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == 1);
  g_assert_true (g_hash_table_contains (fixture.finished, "a0"));
  g_assert_true (g_hash_table_contains (fixture.cancelled, "a1"));

  fixture.n_progress = 0;
  engine_fixture_submit (&fixture, "b", 4, 1000);
  engine_fixture_wait (fixture.n_progress > 1);
  begin = g_get_monotonic_time ();
  fugue_engine_cancel (fixture.engine, all);
  engine_fixture_wait (g_hash_table_size (fixture.cancelled) == 5);
  g_test_message ("cancelled after %.1f ms", (double) (g_get_monotonic_time () - begin) / 1e3);
  g_assert_cmpint (fugue_engine_get_state (fixture.engine), ==, FUGUE_ENGINE_READY);
  fixture.n_progress = 0;
  begin = g_get_monotonic_time ();
  engine_fixture_submit (&fixture, "c", N, STEPS);
  engine_fixture_wait (fixture.n_progress > 0);
  g_test_message ("first step of the next run after %.1f ms", (double) (g_get_monotonic_time () - begin) / 1e3);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == 1 + N);
  g_assert_cmpuint (g_hash_table_size (fixture.failed), ==, 0);
  engine_fixture_close (&fixture);
}

static guint64
get_used_bytes (EngineFixture *fixture)
{
  guint64 n_bytes;

  g_object_get (fixture->engine, "memory-used", &n_bytes, NULL);
  return n_bytes;
}

/* A pause holds a run where it is, lets it be cancelled, and survives a restart. */
static void
test_pause (void)
{
  EngineFixture      fixture;
  g_autoptr (GTimer) timer = NULL;
  guint              n_held;
  guint64            n_bytes;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open_tiny (&fixture, NULL);
  fugue_engine_set_limits (fixture.engine, &(FugueEngineLimits){ .ping_ms = 50, .restart_ms = 10 });
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  engine_fixture_submit (&fixture, "a", N, 150);
  engine_fixture_wait (fixture.n_progress > 1 && get_used_bytes (&fixture) > 0);
  n_bytes = get_used_bytes (&fixture);
  fugue_engine_set_paused (fixture.engine, TRUE);
  g_assert_cmpint (fugue_engine_get_state (fixture.engine), ==, FUGUE_ENGINE_PAUSED);
  timer = g_timer_new ();
  while (g_timer_elapsed (timer, NULL) < 0.5)
    engine_fixture_iterate ();
  n_held = fixture.n_progress;
  while (g_timer_elapsed (timer, NULL) < 1.5)
    engine_fixture_iterate ();
  /* The step that was under way comes to its end, and no other one. */
  g_assert_cmpuint (fixture.n_progress, <=, n_held + 1);
  g_assert_cmpuint (fixture.n_progress, <, 150);
  /* The device's memory is left to others. */
  g_test_message ("memory: %" G_GUINT64_FORMAT " bytes, held %" G_GUINT64_FORMAT, n_bytes, get_used_bytes (&fixture));
  g_assert_cmpuint (get_used_bytes (&fixture), <, n_bytes / 10);

  fugue_engine_set_paused (fixture.engine, FALSE);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == N);
  engine_fixture_submit (&fixture, "b", N, 150);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == 2 * N);
  assert_same (&fixture, "a0", &fixture, "b0");

  /* Held before its first step, and stopped there. */
  fugue_engine_set_paused (fixture.engine, TRUE);
  engine_fixture_submit (&fixture, "c", N, STEPS);
  fixture.n_progress = 0;
  g_timer_start (timer);
  while (g_timer_elapsed (timer, NULL) < 0.3)
    engine_fixture_iterate ();
  g_assert_cmpuint (fixture.n_progress, ==, 0);
  fugue_engine_stop (fixture.engine);
  engine_fixture_wait (fixture.n_deaths == 1);
  g_assert_cmpint (fugue_engine_get_state (fixture.engine), ==, FUGUE_ENGINE_DEAD);
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_PAUSED);
  engine_fixture_close (&fixture);
}

/* What a recipe gets wrong is told of that recipe alone, by its code. */
static void
test_failures (void)
{
  EngineFixture            fixture;
  g_autoptr (UnclipRecipe) good = NULL, other_model = NULL, bad_crop = NULL, no_source = NULL;
  g_autoptr (GError)       error = NULL;
  UnclipRecipeParams       params;
  GError                  *failure;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open_tiny (&fixture, NULL);
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  good = engine_fixture_make_recipe (&fixture, 0, STEPS);
  unclip_recipe_get_params (good, &params);
  params.embedding.crop[0] = 16000;
  params.embedding.crop[2] = params.embedding.crop[3] = 10;
  bad_crop = unclip_recipe_new (&params, &error);
  g_assert_no_error (error);
  unclip_recipe_get_params (good, &params);
  params.embedding.source = params.model_sha256;
  no_source = unclip_recipe_new (&params, &error);
  g_assert_no_error (error);
  unclip_recipe_get_params (good, &params);
  params.model_sha256 = fixture.source_sha256;
  other_model = unclip_recipe_new (&params, &error);
  g_assert_no_error (error);

  {
    const FugueEngineJob     jobs[] = { { "crop", bad_crop }, { "source", no_source }, { "good", good }, { "model", other_model } };
    const FugueSubmitOptions options = { 0 };

    fugue_engine_submit (fixture.engine, jobs, G_N_ELEMENTS (jobs), &options);
  }
  engine_fixture_wait (fugue_engine_can_take_jobs (fixture.engine));
  g_assert_cmpuint (g_hash_table_size (fixture.finished), ==, 1);
  g_assert_true (g_hash_table_contains (fixture.finished, "good"));
  g_assert_cmpuint (fixture.n_previews, ==, 0);
  failure = g_hash_table_lookup (fixture.failed, "crop");
  g_assert_error (failure, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_nonnull (strstr (failure->message, "crop"));
  failure = g_hash_table_lookup (fixture.failed, "source");
  g_assert_error (failure, FUGUE_ERROR, FUGUE_ERROR_SOURCE);
  failure = g_hash_table_lookup (fixture.failed, "model");
  g_assert_error (failure, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  engine_fixture_close (&fixture);
}

/* A model that can't be loaded is refused in the engine's words; the one that works stays. */
static void
test_model (void)
{
  EngineFixture fixture;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open (&fixture, NULL);
  fugue_engine_set_model (fixture.engine, &(FugueModelChoice){ .folder = "/nowhere/at/all" });
  fugue_engine_start (fixture.engine);
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_NO_MODEL);
  g_assert_error (fugue_engine_get_error (fixture.engine), UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
  g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, "/nowhere/at/all"));
  g_assert_false (fugue_engine_can_take_jobs (fixture.engine));

  fugue_engine_set_model (fixture.engine, &(FugueModelChoice){ .warm_batch = N });
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  g_assert_null (fugue_engine_get_error (fixture.engine));
  g_assert_cmpuint (fugue_engine_get_model (fixture.engine)->n_parts, >, 0);
  g_assert_cmpuint (fugue_engine_get_model (fixture.engine)->decoder_steps, >, 0);

  fugue_engine_set_model (fixture.engine, &(FugueModelChoice){ .device = "no such device" });
  engine_fixture_wait_state (&fixture, FUGUE_ENGINE_READY);
  g_assert_error (fugue_engine_get_error (fixture.engine), UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE);
  engine_fixture_submit (&fixture, "a", N, STEPS);
  engine_fixture_wait (g_hash_table_size (fixture.finished) == N);
  engine_fixture_close (&fixture);
}

/* Two at once share the machine, not their results. */
static void
test_two (void)
{
  EngineFixture one, other;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open_tiny (&one, NULL);
  engine_fixture_open_tiny (&other, NULL);
  fugue_engine_start (one.engine);
  fugue_engine_start (other.engine);
  engine_fixture_wait_state (&one, FUGUE_ENGINE_READY);
  engine_fixture_wait_state (&other, FUGUE_ENGINE_READY);
  engine_fixture_submit (&one, "a", N, STEPS);
  engine_fixture_submit (&other, "b", N, STEPS);
  engine_fixture_wait (g_hash_table_size (one.finished) == N && g_hash_table_size (other.finished) == N);
  assert_same (&one, "a0", &other, "b0");
  assert_same (&one, "a1", &other, "b1");
  engine_fixture_close (&one);
  engine_fixture_close (&other);
}

/* Launchers that are no engine, and what is said of them. */
static void
test_launchers (void)
{
  static const struct
  {
    const char *launcher, *words;
    guint       n_deaths;
  } cases[] = {
    { "/no/such/program serve", "/no/such/program", 0 },
    { "sh -c 'unclosed", "no command line", 0 },
    { "/bin/echo hello", "does not speak as a Fugue engine does", 2 },
    { "sh -c 'cat /dev/urandom'", "does not speak as a Fugue engine does", 2 },
    { "cat /dev/zero", "does not speak as a Fugue engine does", 2 },
    { "cat", "does not speak as a Fugue engine does", 2 },
    { "sh -c 'echo the cluster is full >&2; exit 7'", "It ended with status 7. Its last words were “the cluster is full”.", 2 },
    { "sleep 1000", "has not answered within 0.3 s", 2 },
    { "sh -c 'sleep 1000; echo'", "has not answered within 0.3 s", 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      EngineFixture fixture;

      engine_fixture_open (&fixture, cases[i].launcher);
      fugue_engine_set_limits (fixture.engine, &(FugueEngineLimits){ .start_ms = strstr (cases[i].launcher, "sleep") != NULL ? 300 : 60000 });
      fugue_engine_start (fixture.engine);
      engine_fixture_wait_state (&fixture, FUGUE_ENGINE_GIVEN_UP);
      g_test_message ("%s", fugue_engine_get_error (fixture.engine)->message);
      g_assert_error (fugue_engine_get_error (fixture.engine), FUGUE_ERROR, FUGUE_ERROR_ENGINE);
      g_assert_nonnull (strstr (fugue_engine_get_error (fixture.engine)->message, cases[i].words));
      g_assert_cmpuint (fixture.n_deaths, ==, cases[i].n_deaths);
      g_assert_cmpuint (fixture.died->len, ==, 0);
      engine_fixture_close (&fixture);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/launchers", test_launchers);
  g_test_add_func ("/engine/round-trip", test_round_trip);
  g_test_add_func ("/engine/kill", test_kill);
  g_test_add_func ("/engine/dies-twice", test_dies_twice);
  g_test_add_func ("/engine/device", test_device);
  g_test_add_func ("/engine/hang", test_hang);
  g_test_add_func ("/engine/cancel", test_cancel);
  g_test_add_func ("/engine/pause", test_pause);
  g_test_add_func ("/engine/failures", test_failures);
  g_test_add_func ("/engine/model", test_model);
  g_test_add_func ("/engine/two", test_two);
  return test_device_run ();
}
