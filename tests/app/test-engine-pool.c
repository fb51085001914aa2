/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "engine-fixture.h"
#include "fugue-engine-pool.h"
#include "fugue-error.h"
#include "test-device.h"

typedef struct
{
  FugueEnginePool *pool;
  FugueEngine     *last_free;   /* borrowed */
  guint            n_free;
  guint            n_finished;
  guint            n_previews;
  GPtrArray       *finished_on; /* of FugueEngine, borrowed */
  GPtrArray       *died;        /* ids */
  guint            n_changes;
} PoolFixture;

static void
free_cb (FugueEnginePool *pool, FugueEngine *engine, PoolFixture *fixture)
{
  fixture->n_free++;
  fixture->last_free = engine;
}

static void
preview_cb (FugueEnginePool *pool, FugueEngine *engine, const char *id, const char *stage, guint step, guint steps, UnclipImage *image,
            PoolFixture *fixture)
{
  g_assert_nonnull (image);
  fixture->n_previews++;
}

static void
finished_cb (FugueEnginePool *pool, FugueEngine *engine, const char *id, UnclipImage *image, GVariant *figures, PoolFixture *fixture)
{
  g_assert_nonnull (image);
  fixture->n_finished++;
  g_ptr_array_add (fixture->finished_on, engine);
}

static void
died_cb (FugueEnginePool *pool, FugueEngine *engine, const char *const *ids, const GError *error, PoolFixture *fixture)
{
  g_assert_error (error, FUGUE_ERROR, FUGUE_ERROR_ENGINE);
  for (guint i = 0; ids[i] != NULL; i++)
    g_ptr_array_add (fixture->died, g_strdup (ids[i]));
}

static void
changed_cb (GListModel *list, guint position, guint removed, guint added, PoolFixture *fixture)
{
  fixture->n_changes++;
}

static void
open_pool (PoolFixture *fixture)
{
  *fixture = (PoolFixture){ .pool = fugue_engine_pool_new () };
  fixture->finished_on = g_ptr_array_new ();
  fixture->died = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (fixture->pool, "engine-free", G_CALLBACK (free_cb), fixture);
  g_signal_connect (fixture->pool, "preview", G_CALLBACK (preview_cb), fixture);
  g_signal_connect (fixture->pool, "finished", G_CALLBACK (finished_cb), fixture);
  g_signal_connect (fixture->pool, "died", G_CALLBACK (died_cb), fixture);
  g_signal_connect (fixture->pool, "items-changed", G_CALLBACK (changed_cb), fixture);
}

static void
close_pool (PoolFixture *fixture)
{
  g_assert_finalize_object (fixture->pool);
  g_ptr_array_unref (fixture->finished_on);
  g_ptr_array_unref (fixture->died);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Engines whose launcher stays are the same ones. */
static void
test_launchers (void)
{
  PoolFixture             fixture;
  g_autoptr (FugueEngine) one = NULL, other = NULL, again = NULL;

  open_pool (&fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture.pool)), ==, 1);
  g_assert_null (fugue_engine_pool_get_free (fixture.pool));
  one = g_list_model_get_item (G_LIST_MODEL (fixture.pool), 0);
  g_assert_true (fugue_engine_pool_get_main (fixture.pool) == one);

  fugue_engine_pool_set_launchers (fixture.pool, (const char *const[]){ "false", "", NULL });
  g_assert_cmpuint (fixture.n_changes, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture.pool)), ==, 2);
  other = g_list_model_get_item (G_LIST_MODEL (fixture.pool), 0);
  again = g_list_model_get_item (G_LIST_MODEL (fixture.pool), 1);
  g_assert_true (again == one);
  g_assert_cmpstr (fugue_engine_get_launcher (other), ==, "false");
  g_assert_cmpint (fugue_engine_get_state (other), ==, FUGUE_ENGINE_DEAD);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture.pool), 2));

  fugue_engine_pool_set_launchers (fixture.pool, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture.pool)), ==, 1);
  g_assert_true (fugue_engine_pool_get_main (fixture.pool) == one);
  g_assert_finalize_object (g_steal_pointer (&other));
  g_clear_object (&one);
  g_clear_object (&again);
  close_pool (&fixture);
}

static UnclipImage *
find_source (const char *sha256, gpointer user_data)
{
  return unclip_image_ref (user_data);
}

static void
submit (EngineFixture *source, FugueEngine *engine, const char *id, guint steps)
{
  g_autoptr (UnclipRecipe) recipe = NULL;
  FugueEngine             *before = source->engine;

  source->engine = engine;
  recipe = engine_fixture_make_recipe (source, 0, steps);
  source->engine = before;
  fugue_engine_submit (engine, &(FugueEngineJob){ id, recipe }, 1, &(FugueSubmitOptions){ .preview_every = 1 });
}

/* Work goes to who is free; who leaves gives it back. */
static void
test_work (void)
{
  PoolFixture      fixture;
  EngineFixture    source;
  g_autofree char *unclip = g_test_build_filename (G_TEST_BUILT, "..", "engine", "cli", "unclip", NULL);
  g_autofree char *other_launcher = g_strdup_printf ("sh -c 'exec \"%s\" serve'", unclip);
  FugueEngine     *first, *second;

  if (test_device_get () == NULL)
    return;
  engine_fixture_open (&source, NULL);
  open_pool (&fixture);
  fugue_engine_pool_set_source_func (fixture.pool, find_source, source.source);
  fugue_engine_pool_start (fixture.pool);
  fugue_engine_pool_set_launchers (fixture.pool, (const char *const[]){ "", other_launcher, NULL });
  engine_fixture_wait (fixture.n_free == 2);

  first = fugue_engine_pool_get_free (fixture.pool);
  g_assert_nonnull (first);
  submit (&source, first, "a", 4);
  second = fugue_engine_pool_get_free (fixture.pool);
  g_assert_nonnull (second);
  g_assert_true (second != first);
  submit (&source, second, "b", 4);
  g_assert_null (fugue_engine_pool_get_free (fixture.pool));
  engine_fixture_wait (fixture.n_finished == 2);
  g_assert_true (g_ptr_array_index (fixture.finished_on, 0) != g_ptr_array_index (fixture.finished_on, 1));
  g_assert_cmpuint (fixture.n_previews, >, 0);
  g_assert_cmpuint (fixture.n_free, ==, 4);
  g_assert_cmpuint (fixture.died->len, ==, 0);

  fugue_engine_pool_set_paused (fixture.pool, TRUE);
  g_assert_null (fugue_engine_pool_get_free (fixture.pool));
  fugue_engine_pool_set_paused (fixture.pool, FALSE);
  g_assert_nonnull (fugue_engine_pool_get_free (fixture.pool));

  submit (&source, second, "c", 200);
  fugue_engine_pool_set_launchers (fixture.pool, (const char *const[]){ g_str_equal (fugue_engine_get_launcher (second), other_launcher) ? "" : other_launcher, NULL });
  g_assert_cmpuint (fixture.died->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (fixture.died, 0), ==, "c");
  close_pool (&fixture);
  engine_fixture_close (&source);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-pool/launchers", test_launchers);
  g_test_add_func ("/engine-pool/work", test_work);
  return test_device_run ();
}
