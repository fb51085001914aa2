/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `unclip serve` as a client on the other side of the pipe sees it, with the tiny model of tests/golden. */

#include "config.h"

#include "test-device.h"
#include "unclip-engine-bus.h"
#include "unclip-error.h"
#include "unclip-image-file.h"
#include "unclip-recipe.h"
#include "unclip-service-error.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

typedef struct
{
  GSubprocess     *process;
  GDBusConnection *connection;
  UnclipEngineBus *bus;
  char            *model_sha256;
  UnclipImage     *source;
  char            *source_sha256;
  GString         *told;        /* what the engine told of jobs: "finished a; cancelled b; " */
  guint            n_progress;
  guint            n_together;  /* the most jobs in one progress */
  guint            n_previews;
} Fixture;

static void
progress_cb (Fixture *fixture, const char *const *ids, const char *stage, guint step, guint steps, double seconds_left)
{
  fixture->n_progress++;
  fixture->n_together = MAX (fixture->n_together, g_strv_length ((char **) ids));
}

static void
preview_cb (Fixture *fixture)
{
  fixture->n_previews++;
}

static void
finished_cb (Fixture *fixture, const char *id, guint width, guint height, GVariant *rgb, GVariant *figures)
{
  guint       batch = 0;
  const char *version = "";

  g_assert_cmpuint (g_variant_get_size (rgb), ==, width * height * 3);
  g_assert_true (g_variant_lookup (figures, "batch", "u", &batch));
  g_assert_true (g_variant_lookup (figures, "version", "&s", &version));
  g_assert_cmpstr (version, ==, FUGUE_VERSION);
  g_string_append_printf (fixture->told, "finished %s of %u; ", id, batch);
}

static void
failed_cb (Fixture *fixture, const char *id, const char *code, const char *message)
{
  g_test_message ("%s failed: %s", id, message);
  g_string_append_printf (fixture->told, "failed %s %s; ", id, code);
}

static void
cancelled_cb (Fixture *fixture, const char *id)
{
  g_string_append_printf (fixture->told, "cancelled %s; ", id);
}

static gboolean
allow_mechanism_cb (GDBusAuthObserver *observer, const char *mechanism)
{
  return g_str_equal (mechanism, "ANONYMOUS");
}

static GSubprocess *
start_process (const char *source_mib)
{
  g_autoptr (GError)              error = NULL;
  g_autofree char                *unclip = g_test_build_filename (G_TEST_BUILT, "..", "engine", "cli", "unclip", NULL);
  g_autoptr (GSubprocessLauncher) start = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                                     | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  GSubprocess                    *process;

  g_subprocess_launcher_setenv (start, "UNCLIP_SERVE_SOURCE_MIB", source_mib, TRUE);
  process = g_subprocess_launcher_spawn (start, &error, unclip, "serve", NULL);
  g_assert_no_error (error);
  return process;
}

static gboolean
open_fixture_with (Fixture *fixture, const char *source_mib)
{
  g_autoptr (GError)            error = NULL;
  g_autoptr (GIOStream)         stream = NULL;
  g_autoptr (GDBusAuthObserver) observer = g_dbus_auth_observer_new ();

  if (test_device_get () == NULL)
    return FALSE;
  *fixture = (Fixture){ .process = start_process (source_mib), .told = g_string_new (NULL) };
  stream = g_simple_io_stream_new (g_subprocess_get_stdout_pipe (fixture->process), g_subprocess_get_stdin_pipe (fixture->process));
  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism_cb), NULL);
  fixture->connection = g_dbus_connection_new_sync (stream, NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, observer, NULL, &error);
  g_assert_no_error (error);
  fixture->bus = unclip_engine_bus_proxy_new_sync (fixture->connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                                   "/io/github/fugue/Engine", NULL, &error);
  g_assert_no_error (error);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (fixture->bus), G_MAXINT);
  g_signal_connect_swapped (fixture->bus, "progress", G_CALLBACK (progress_cb), fixture);
  g_signal_connect_swapped (fixture->bus, "preview", G_CALLBACK (preview_cb), fixture);
  g_signal_connect_swapped (fixture->bus, "finished", G_CALLBACK (finished_cb), fixture);
  g_signal_connect_swapped (fixture->bus, "failed", G_CALLBACK (failed_cb), fixture);
  g_signal_connect_swapped (fixture->bus, "cancelled", G_CALLBACK (cancelled_cb), fixture);
  return TRUE;
}

static gboolean
open_fixture (Fixture *fixture)
{
  return open_fixture_with (fixture, "1");
}

/* Closes the connection, unless it is closed, and waits for the process: it must end by itself. */
static void
close_fixture (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  if (!g_dbus_connection_is_closed (fixture->connection))
    g_dbus_connection_close_sync (fixture->connection, NULL, NULL);
  g_subprocess_wait (fixture->process, NULL, &error);
  g_assert_no_error (error);
  g_signal_handlers_disconnect_by_data (fixture->bus, fixture);
  g_object_unref (fixture->bus);
  g_object_unref (fixture->connection);
  g_object_unref (fixture->process);
  g_clear_pointer (&fixture->source, unclip_image_unref);
  g_free (fixture->source_sha256);
  g_free (fixture->model_sha256);
  g_string_free (fixture->told, TRUE);
}

static void
load_tiny (Fixture *fixture)
{
  g_autoptr (GError)   error = NULL;
  g_autofree char     *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "model", NULL);
  g_autoptr (GVariant) model = NULL;
  gboolean             can_vary = FALSE, can_imagine = TRUE;

  unclip_engine_bus_call_load_model_sync (fixture->bus, path, g_variant_new ("a{sv}", NULL), &model, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (model, "sha256", "s", &fixture->model_sha256));
  g_assert_true (g_variant_lookup (model, "can_vary", "b", &can_vary));
  g_assert_true (g_variant_lookup (model, "can_imagine", "b", &can_imagine));
  g_assert_true (can_vary);
  g_assert_false (can_imagine);
}

static void
load_source (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "guided", "picture-0.png", NULL);

  fixture->source = unclip_image_load (path, &error);
  g_assert_no_error (error);
  fixture->source_sha256 = unclip_image_dup_sha256 (fixture->source);
}

static gboolean
put_rows (Fixture *fixture, const char *sha256, guint first, guint n, GError **error)
{
  gsize         stride = (gsize) unclip_image_get_width (fixture->source) * 3;
  const guint8 *pixels = unclip_image_get_pixels (fixture->source) + first * stride;

  return unclip_engine_bus_call_put_source_sync (fixture->bus, sha256, unclip_image_get_width (fixture->source),
                                                 unclip_image_get_height (fixture->source), first,
                                                 g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, pixels, n * stride, 1), NULL, error);
}

static char *
make_recipe (Fixture *fixture, guint picture, guint steps, double guidance)
{
  g_autoptr (GError)       error = NULL;
  const UnclipRecipeParams params = {
    .embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = fixture->source_sha256 },
    .noise = { .kind = UNCLIP_NOISE_SEED, .seed = 5, .picture = picture },
    .sampler = { .kind = UNCLIP_RECIPE_ANCESTRAL, .n_steps = steps, .guidance = guidance, .n_upsampler_steps = 2 },
    .model_name = "tiny",
    .model_sha256 = fixture->model_sha256,
  };
  g_autoptr (UnclipRecipe) recipe = unclip_recipe_new (&params, &error);

  g_assert_no_error (error);
  return g_strdup (unclip_recipe_get_canonical (recipe));
}

static GVariant *
make_options (guint preview_every, guint max_batch)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "preview_every", "u", preview_every);
  g_variant_dict_insert (&options, "max_batch", "u", max_batch);
  return g_variant_dict_end (&options);
}

static void
wait_for (Fixture *fixture, const char *words)
{
  while (strstr (fixture->told->str, words) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* Before a model is loaded, everything has an answer. */
static void
test_no_model (void)
{
  Fixture              fixture;
  g_autoptr (GError)   count_error = NULL, load_error = NULL, precision_error = NULL;
  g_autoptr (GVariant) description = NULL, devices = NULL, model = NULL, found = NULL;
  g_autoptr (GError)   error = NULL;
  const char          *device = NULL;
  guint                tokens, limit, kept;
  gboolean             has_mini = FALSE;

  if (!open_fixture (&fixture))
    return;
  unclip_engine_bus_call_describe_sync (fixture.bus, &description, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_variant_lookup (description, "device", "&s", &device));
  devices = g_variant_lookup_value (description, "devices", G_VARIANT_TYPE ("aa{sv}"));
  g_assert_cmpuint (g_variant_n_children (devices), >=, 1);

  unclip_engine_bus_call_count_tokens_sync (fixture.bus, "a boat", &tokens, &limit, &kept, NULL, &count_error);
  g_assert_error (count_error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
  unclip_engine_bus_call_load_model_sync (fixture.bus, "/nowhere", g_variant_new ("a{sv}", NULL), &model, NULL, &load_error);
  g_assert_error (load_error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
  unclip_engine_bus_call_load_model_sync (fixture.bus, "", g_variant_new_parsed ("{'precision': <'f8'>}"), &model, NULL, &precision_error);
  g_assert_error (precision_error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);

  load_source (&fixture);
  fixture.model_sha256 = g_strdup (fixture.source_sha256);
  {
    g_autofree char *recipe = make_recipe (&fixture, 0, 3, 3);

    unclip_engine_bus_call_submit_sync (fixture.bus, g_variant_new_parsed ("[('a', %s)]", recipe), make_options (0, 8), NULL, &error);
    g_assert_no_error (error);
  }
  wait_for (&fixture, "failed a model-not-found; ");

  unclip_engine_bus_call_find_models_sync (fixture.bus, (const char *const[]){ "/nowhere", NULL }, &found, NULL, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < g_variant_n_children (found); i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (found, i);
      const char          *name = "";
      gboolean             complete = FALSE;

      g_variant_lookup (one, "name", "&s", &name);
      g_variant_lookup (one, "complete", "b", &complete);
      has_mini |= g_str_equal (name, "mini") && complete;
    }
  g_assert_true (has_mini);
  close_fixture (&fixture);
}

/* Models of a folder, good and bad. */
static void
test_find (void)
{
  Fixture              fixture;
  g_autoptr (GError)   error = NULL;
  g_autoptr (GVariant) found = NULL;
  g_autofree char     *folder = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", NULL);
  g_autofree char     *broken = g_dir_make_tmp ("fugue-models-XXXXXX", &error);
  g_autofree char     *index = g_build_filename (broken, "model_index.json", NULL);
  guint                n_good = 0, n_bad = 0;

  g_assert_no_error (error);
  if (!open_fixture (&fixture))
    return;
  g_assert_true (g_file_set_contents (index, "{\"_class_name\": \"StableDiffusionPipeline\", \"unet\": [\"diffusers\", \"UNet2DConditionModel\"]}", -1, NULL));
  unclip_engine_bus_call_find_models_sync (fixture.bus, (const char *const[]){ folder, broken, NULL }, &found, NULL, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < g_variant_n_children (found); i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (found, i);
      const char          *path = "", *message = "";
      gboolean             complete = FALSE;

      g_variant_lookup (one, "folder", "&s", &path);
      g_variant_lookup (one, "message", "&s", &message);
      g_variant_lookup (one, "complete", "b", &complete);
      g_assert_true (complete == (message[0] == '\0'));
      n_good += g_str_has_prefix (path, folder) && complete;
      n_bad += g_str_equal (path, broken) && !complete;
    }
  g_assert_cmpuint (n_good, ==, 1);
  g_assert_cmpuint (n_bad, ==, 1);
  g_remove (index);
  g_rmdir (broken);
  close_fixture (&fixture);
}

static void
test_sources (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL, gap = NULL, hash = NULL, size = NULL;
  g_auto (GStrv)     before = NULL, after = NULL;
  guint              height;

  if (!open_fixture (&fixture))
    return;
  load_source (&fixture);
  height = unclip_image_get_height (fixture.source);
  unclip_engine_bus_call_has_sources_sync (fixture.bus, (const char *const[]){ fixture.source_sha256, NULL }, &before, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (before), ==, 1);

  /* A gap, a wrong hash, more rows than there are. */
  g_assert_true (put_rows (&fixture, fixture.source_sha256, 0, 1, &error));
  g_assert_false (put_rows (&fixture, fixture.source_sha256, 2, 1, &gap));
  g_assert_error (gap, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);
  g_assert_false (put_rows (&fixture, "0123", 0, height, &hash));
  g_assert_error (hash, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);
  g_assert_true (put_rows (&fixture, fixture.source_sha256, 0, height - 1, &error));
  g_assert_false (unclip_engine_bus_call_put_source_sync (fixture.bus, fixture.source_sha256, 0, 0, 0,
                                                          g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "abc", 3, 1), NULL, &size));
  g_assert_error (size, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);

  /* Pieces in order make it known, once the last one is there. */
  for (guint row = 0; row < height; row++)
    {
      g_assert_true (put_rows (&fixture, fixture.source_sha256, row, 1, &error));
      g_assert_no_error (error);
    }
  unclip_engine_bus_call_has_sources_sync (fixture.bus, (const char *const[]){ fixture.source_sha256, NULL }, &after, NULL, &error);
  g_assert_cmpuint (g_strv_length (after), ==, 0);
  close_fixture (&fixture);
}

/* Batches, previews, names, and recipes that are none. */
static void
test_jobs (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL, twice = NULL;
  char              *recipes[4];
  guint              found = 1, tokens, limit, kept;
  g_autofree char   *long_text = NULL;
  GString           *words = g_string_new (NULL);

  if (!open_fixture (&fixture))
    return;
  load_tiny (&fixture);
  load_source (&fixture);
  g_assert_true (put_rows (&fixture, fixture.source_sha256, 0, unclip_image_get_height (fixture.source), &error));
  /* The third one can't share a batch with the others. */
  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    recipes[i] = make_recipe (&fixture, i, 3, i == 2 ? 1 : 3);

  unclip_engine_bus_call_submit_sync (fixture.bus,
                                      g_variant_new_parsed ("[('a', %s), ('b', %s), ('nonsense', 'no JSON'), ('c', %s), ('d', %s)]", recipes[0],
                                                            recipes[1], recipes[2], recipes[3]),
                                      make_options (3, 8), NULL, &error);
  g_assert_no_error (error);
  unclip_engine_bus_call_submit_sync (fixture.bus, g_variant_new_parsed ("[('d', %s)]", recipes[3]), make_options (0, 8), NULL, &twice);
  g_assert_error (twice, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
  wait_for (&fixture, "finished c");
  g_assert_cmpstr (fixture.told->str, ==, "failed nonsense recipe; finished a of 3; finished b of 3; finished d of 3; finished c of 1; ");
  g_assert_cmpuint (fixture.n_together, ==, 3);
  /* Three decoder and two upsampler steps for two batches; previews at the last step of each stage, unless they were left out. */
  g_assert_cmpuint (fixture.n_progress, ==, 10);
  g_assert_cmpuint (fixture.n_previews, >=, 1);
  g_assert_cmpuint (fixture.n_previews, <=, 8);

  /* Results make the name free. */
  g_string_truncate (fixture.told, 0);
  unclip_engine_bus_call_submit_sync (fixture.bus, g_variant_new_parsed ("[('a', %s), ('b', %s), ('d', %s)]", recipes[0], recipes[1], recipes[3]),
                                      make_options (0, 2), NULL, &error);
  g_assert_no_error (error);
  wait_for (&fixture, "finished d");
  g_assert_cmpstr (fixture.told->str, ==, "finished a of 2; finished b of 2; finished d of 1; ");
  unclip_engine_bus_call_cancel_sync (fixture.bus, (const char *const[]){ "a", "nobody", NULL }, &found, NULL, &error);
  g_assert_cmpuint (found, ==, 0);

  unclip_engine_bus_call_count_tokens_sync (fixture.bus, "", &tokens, &limit, &kept, NULL, &error);
  g_assert_cmpuint (tokens, ==, 0);
  g_assert_cmpuint (kept, ==, 0);
  for (guint i = 0; i <= limit; i++)
    g_string_append (words, "ä ");
  long_text = g_string_free (words, FALSE);
  unclip_engine_bus_call_count_tokens_sync (fixture.bus, long_text, &tokens, &limit, &kept, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tokens, >, limit);
  g_assert_cmpuint (kept, >, 0);
  g_assert_cmpuint (kept, <, strlen (long_text));
  g_assert_true (g_utf8_validate (long_text, kept, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    g_free (recipes[i]);
  close_fixture (&fixture);
}

/* Where there is room for none, a source stays as long as a job needs it. */
static void
test_forgets (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv)     during = NULL, after = NULL;
  g_autofree char   *recipe = NULL;
  const char        *sources[2] = { NULL };

  if (!open_fixture_with (&fixture, "0"))
    return;
  load_tiny (&fixture);
  load_source (&fixture);
  sources[0] = fixture.source_sha256;
  recipe = make_recipe (&fixture, 0, 3, 3);
  g_assert_true (put_rows (&fixture, fixture.source_sha256, 0, unclip_image_get_height (fixture.source), &error));
  unclip_engine_bus_call_submit_sync (fixture.bus, g_variant_new_parsed ("[('a', %s)]", recipe), make_options (0, 8), NULL, &error);
  g_assert_no_error (error);
  unclip_engine_bus_call_has_sources_sync (fixture.bus, sources, &during, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (during), ==, 0);
  wait_for (&fixture, "finished a");
  unclip_engine_bus_call_submit_sync (fixture.bus, g_variant_new_parsed ("@a(ss) []"), make_options (0, 8), NULL, &error);
  g_assert_no_error (error);
  unclip_engine_bus_call_has_sources_sync (fixture.bus, sources, &after, NULL, &error);
  g_assert_cmpuint (g_strv_length (after), ==, 1);
  close_fixture (&fixture);
}

static void
start_long_run (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *recipe = NULL;

  load_tiny (fixture);
  load_source (fixture);
  g_assert_true (put_rows (fixture, fixture->source_sha256, 0, unclip_image_get_height (fixture->source), &error));
  recipe = make_recipe (fixture, 0, 1000, 3);
  unclip_engine_bus_call_submit_sync (fixture->bus, g_variant_new_parsed ("[('a', %s)]", recipe), make_options (0, 8), NULL, &error);
  g_assert_no_error (error);
  while (fixture->n_progress < 2)
    g_main_context_iteration (NULL, TRUE);
}

/* An engine ends when nobody listens any more, in the middle of a run, and leaves no word but that on standard error. */
static void
test_pipe_closed (void)
{
  Fixture fixture;
  gint64  begin;

  if (!open_fixture (&fixture))
    return;
  start_long_run (&fixture);
  begin = g_get_monotonic_time ();
  g_assert_true (g_dbus_connection_close_sync (fixture.connection, NULL, NULL));
  g_subprocess_wait (fixture.process, NULL, NULL);
  g_test_message ("ended after %.0f ms", (double) (g_get_monotonic_time () - begin) / 1e3);
  g_assert_true (g_subprocess_get_if_exited (fixture.process));
  g_assert_cmpint (g_subprocess_get_exit_status (fixture.process), ==, 0);
  close_fixture (&fixture);
}

static void
test_terminated (void)
{
  Fixture fixture;

  if (!open_fixture (&fixture))
    return;
  start_long_run (&fixture);
  g_subprocess_send_signal (fixture.process, SIGTERM);
  g_subprocess_wait (fixture.process, NULL, NULL);
  g_assert_true (g_subprocess_get_if_exited (fixture.process));
  g_assert_cmpint (g_subprocess_get_exit_status (fixture.process), ==, 0);
  close_fixture (&fixture);
}

/* A client that speaks something else is told so, on standard error only. */
static void
test_garbage (void)
{
  static const char *const inputs[] = { "", "hello\n", "GET / HTTP/1.1\r\n\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      g_autoptr (GError)      error = NULL;
      g_autoptr (GSubprocess) process = start_process ("1");
      g_autofree char        *output = NULL, *errors = NULL;

      g_subprocess_communicate_utf8 (process, inputs[i], NULL, &output, &errors, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
      g_assert_cmpstr (output, ==, "");
      g_assert_nonnull (strstr (errors, "does not speak D-Bus"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Writing to an engine that has ended is an error, not the end. */
  signal (SIGPIPE, SIG_IGN);
  unclip_service_error_register ();
  g_test_add_func ("/service/garbage", test_garbage);
  g_test_add_func ("/service/no-model", test_no_model);
  g_test_add_func ("/service/find", test_find);
  g_test_add_func ("/service/sources", test_sources);
  g_test_add_func ("/service/forgets", test_forgets);
  g_test_add_func ("/service/jobs", test_jobs);
  g_test_add_func ("/service/pipe-closed", test_pipe_closed);
  g_test_add_func ("/service/terminated", test_terminated);
  return test_device_run ();
}
