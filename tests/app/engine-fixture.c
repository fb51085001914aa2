/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "engine-fixture.h"

#include "unclip-image-file.h"

#define SEED 41

static void
progress_cb (FugueEngine *engine, const char *const *ids, const char *stage, guint step, guint steps, double seconds_left, EngineFixture *fixture)
{
  fixture->n_progress++;
  fixture->seconds_left = seconds_left;
}

static void
preview_cb (FugueEngine *engine, const char *id, const char *stage, guint step, guint steps, UnclipImage *image, EngineFixture *fixture)
{
  g_assert_cmpuint (step, >=, 1);
  g_assert_cmpuint (step, <=, steps);
  g_assert_cmpuint (unclip_image_get_width (image), >, 0);
  if (fixture->n_previews++ == 0)
    fixture->first_preview = g_get_monotonic_time ();
}

static void
finished_cb (FugueEngine *engine, const char *id, UnclipImage *image, GVariant *figures, EngineFixture *fixture)
{
  g_assert_true (g_hash_table_insert (fixture->finished, g_strdup (id), unclip_image_ref (image)));
  g_clear_pointer (&fixture->figures, g_variant_unref);
  fixture->figures = g_variant_ref (figures);
}

static void
failed_cb (FugueEngine *engine, const char *id, GError *error, EngineFixture *fixture)
{
  g_assert_true (g_hash_table_insert (fixture->failed, g_strdup (id), g_error_copy (error)));
}

static void
cancelled_cb (FugueEngine *engine, const char *id, EngineFixture *fixture)
{
  g_assert_true (g_hash_table_add (fixture->cancelled, g_strdup (id)));
}

static void
died_cb (FugueEngine *engine, const char *const *ids, GError *error, EngineFixture *fixture)
{
  fixture->n_deaths++;
  for (guint i = 0; ids[i] != NULL; i++)
    g_ptr_array_add (fixture->died, g_strdup (ids[i]));
}

static UnclipImage *
find_source (const char *sha256, gpointer user_data)
{
  EngineFixture *fixture = user_data;

  return g_str_equal (sha256, fixture->source_sha256) ? unclip_image_ref (fixture->source) : NULL;
}

void
engine_fixture_open (EngineFixture *fixture, const char *launcher)
{
  g_autoptr (GError) error = NULL;

  *fixture = (EngineFixture){ 0 };
  fixture->source = unclip_image_load (FUGUE_SOURCE_DATADIR "/samples/apple.png", &error);
  g_assert_no_error (error);
  fixture->source_sha256 = unclip_image_dup_sha256 (fixture->source);
  fixture->finished = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_image_unref);
  fixture->failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_error_free);
  fixture->cancelled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  fixture->died = g_ptr_array_new_with_free_func (g_free);

  fixture->engine = fugue_engine_new (launcher);
  fugue_engine_set_source_func (fixture->engine, find_source, fixture);
  fugue_engine_set_limits (fixture->engine, &(FugueEngineLimits){ .restart_ms = 10 });
  g_signal_connect (fixture->engine, "progress", G_CALLBACK (progress_cb), fixture);
  g_signal_connect (fixture->engine, "preview", G_CALLBACK (preview_cb), fixture);
  g_signal_connect (fixture->engine, "finished", G_CALLBACK (finished_cb), fixture);
  g_signal_connect (fixture->engine, "failed", G_CALLBACK (failed_cb), fixture);
  g_signal_connect (fixture->engine, "cancelled", G_CALLBACK (cancelled_cb), fixture);
  g_signal_connect (fixture->engine, "died", G_CALLBACK (died_cb), fixture);
}

void
engine_fixture_open_tiny (EngineFixture *fixture, const char *launcher)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "model", NULL);

  engine_fixture_open (fixture, launcher);
  fugue_engine_set_model (fixture->engine, &(FugueModelChoice){ .folder = folder });
}

void
engine_fixture_close (EngineFixture *fixture)
{
  g_assert_finalize_object (fixture->engine);
  unclip_image_unref (fixture->source);
  g_free (fixture->source_sha256);
  g_hash_table_unref (fixture->finished);
  g_hash_table_unref (fixture->failed);
  g_hash_table_unref (fixture->cancelled);
  g_ptr_array_unref (fixture->died);
  g_clear_pointer (&fixture->figures, g_variant_unref);
  /* What was cancelled with the engine comes to its end. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
engine_fixture_iterate (void)
{
  guint source = g_timeout_add (100, wake_cb, NULL);

  g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

void
engine_fixture_wait_state (EngineFixture *fixture, FugueEngineState state)
{
  gint64 deadline = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;

  while (fugue_engine_get_state (fixture->engine) != state)
    {
      engine_fixture_iterate ();
      if (g_get_monotonic_time () > deadline)
        g_error ("the engine is in state %d, not %d: %s", (int) fugue_engine_get_state (fixture->engine), (int) state,
                 fugue_engine_get_error (fixture->engine) != NULL ? fugue_engine_get_error (fixture->engine)->message : "no error");
    }
}

UnclipRecipe *
engine_fixture_make_recipe (EngineFixture *fixture, guint picture, guint steps)
{
  const FugueModelInfo    *model = fugue_engine_get_model (fixture->engine);
  g_autoptr (GError)       error = NULL;
  const UnclipRecipeParams params = {
    .embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = fixture->source_sha256 },
    .noise = { .kind = UNCLIP_NOISE_SEED, .seed = SEED, .picture = picture },
    .sampler = { .kind = UNCLIP_RECIPE_ANCESTRAL, .n_steps = steps, .guidance = model->decoder_guidance, .n_upsampler_steps = 2 },
    .model_name = model->name,
    .model_sha256 = model->sha256,
  };
  UnclipRecipe *recipe = unclip_recipe_new (&params, &error);

  g_assert_no_error (error);
  return recipe;
}

void
engine_fixture_submit (EngineFixture *fixture, const char *prefix, guint n, guint steps)
{
  const FugueSubmitOptions options = { .preview_every = 1, .max_batch = 8 };
  g_autofree FugueEngineJob *jobs = g_new (FugueEngineJob, n);

  for (guint i = 0; i < n; i++)
    jobs[i] = (FugueEngineJob){ g_strdup_printf ("%s%u", prefix, i), engine_fixture_make_recipe (fixture, i, steps) };
  fugue_engine_submit (fixture->engine, jobs, n, &options);
  for (guint i = 0; i < n; i++)
    {
      g_free ((char *) jobs[i].id);
      unclip_recipe_unref (jobs[i].recipe);
    }
}
