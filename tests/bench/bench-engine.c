/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands between a click and its pictures: an engine's start, its calls, the first preview, a cancel. Figures for
 * SPEED.md; with Mini, at its default settings, eight pictures. */

#include "config.h"

#include "engine-fixture.h"
#include "unclip-engine-bus.h"

#include <stdio.h>

#define N 8
#define N_CALLS 200
#define BIG 3000

static gint64 begin;

static void
tick (const char *what)
{
  printf ("%-52s %9.1f ms\n", what, (double) (g_get_monotonic_time () - begin) / 1e3);
  fflush (stdout);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint tokens, limit, kept;

  fugue_engine_count_tokens_finish (FUGUE_ENGINE (source), result, &tokens, &limit, &kept, NULL);
  ++*(guint *) user_data;
}

static void
time_calls (EngineFixture *fixture)
{
  guint n_answers = 0;

  begin = g_get_monotonic_time ();
  for (guint i = 0; i < N_CALLS; i++)
    {
      fugue_engine_count_tokens_async (fixture->engine, "", NULL, counted_cb, &n_answers);
      engine_fixture_wait (n_answers == i + 1);
    }
  printf ("%-52s %9.3f ms\n", "a call and its answer", (double) (g_get_monotonic_time () - begin) / 1e3 / N_CALLS);
}

/* The longest time that the main loop was away from waiting, by a timer of 1 ms. */
static gint64 last_turn, longest_turn;

static gboolean
turn_cb (gpointer user_data)
{
  gint64 now = g_get_monotonic_time ();

  longest_turn = MAX (longest_turn, now - last_turn);
  last_turn = now;
  return G_SOURCE_CONTINUE;
}

static void
run (EngineFixture *fixture, const char *prefix, const char *title)
{
  g_autofree char *preview = g_strdup_printf ("%s: first preview", title);
  g_autofree char *all = g_strdup_printf ("%s: %d pictures", title, N);
  guint            n_before = g_hash_table_size (fixture->finished);
  guint            timer = g_timeout_add (1, turn_cb, NULL);

  fixture->n_previews = 0;
  longest_turn = 0;
  begin = last_turn = g_get_monotonic_time ();
  engine_fixture_submit (fixture, prefix, N, fugue_engine_get_model (fixture->engine)->decoder_steps);
  engine_fixture_wait (fixture->n_previews > 0);
  tick (preview);
  engine_fixture_wait (g_hash_table_size (fixture->finished) == n_before + N);
  tick (all);
  g_source_remove (timer);
  printf ("%-52s %9u\n", "  previews that came", fixture->n_previews);
  printf ("%-52s %9.1f ms\n", "  longest turn of the client's main loop", (double) longest_turn / 1e3);
}

static void
time_cancel (EngineFixture *fixture)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv)           ids = NULL;

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *id = g_strdup_printf ("c%u", i);

      g_strv_builder_add (builder, id);
    }
  ids = g_strv_builder_end (builder);
  fixture->n_progress = 0;
  engine_fixture_submit (fixture, "c", N, 100);
  engine_fixture_wait (fixture->n_progress > 3);
  begin = g_get_monotonic_time ();
  fugue_engine_cancel (fixture->engine, (const char *const *) ids);
  engine_fixture_wait (g_hash_table_size (fixture->cancelled) == N);
  tick ("cancel: answered");
  fixture->n_progress = 0;
  engine_fixture_submit (fixture, "d", N, 100);
  engine_fixture_wait (fixture->n_progress > 0);
  tick ("cancel: first step of the next run");
  fugue_engine_stop (fixture->engine);
  begin = g_get_monotonic_time ();
  engine_fixture_wait (fixture->n_deaths == 1);
  tick ("stop in the middle of a run: the process is gone");
}

/* A large photograph, put by a job that then fails since its crop leaves it. */
static void
time_source (EngineFixture *fixture)
{
  guint8                  *rgb = g_malloc ((gsize) BIG * BIG * 3);
  UnclipImage             *before = fixture->source;
  char                    *sha_before = fixture->source_sha256;
  g_autoptr (UnclipImage)  big = NULL;
  g_autofree char         *sha256 = NULL;
  UnclipRecipeParams       params;
  g_autoptr (UnclipRecipe) recipe = NULL, bad = NULL;
  guint                    timer = g_timeout_add (1, turn_cb, NULL);

  for (gsize i = 0; i < (gsize) BIG * BIG * 3; i++)
    rgb[i] = (guint8) (i * 2654435761u >> 24);
  big = unclip_image_new_take (BIG, BIG, rgb);
  fixture->source = big;
  fixture->source_sha256 = sha256 = unclip_image_dup_sha256 (big);
  recipe = engine_fixture_make_recipe (fixture, 0, 2);
  unclip_recipe_get_params (recipe, &params);
  params.embedding.crop[0] = BIG;
  params.embedding.crop[2] = params.embedding.crop[3] = 1;
  bad = unclip_recipe_new (&params, NULL);
  longest_turn = 0;
  begin = last_turn = g_get_monotonic_time ();
  fugue_engine_submit (fixture->engine, &(FugueEngineJob){ "big", bad }, 1, &(FugueSubmitOptions){ 0 });
  engine_fixture_wait (g_hash_table_size (fixture->failed) == 1);
  tick ("a source of 3000 × 3000 pixels (27 MB) put");
  printf ("%-52s %9.1f ms\n", "  longest turn of the client's main loop", (double) longest_turn / 1e3);
  g_source_remove (timer);
  fixture->source = before;
  fixture->source_sha256 = sha_before;
}

int
main (int argc, char **argv)
{
  EngineFixture cold, warm;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_open (&cold, NULL);
  begin = g_get_monotonic_time ();
  fugue_engine_start (cold.engine);
  engine_fixture_wait_state (&cold, FUGUE_ENGINE_READY);
  tick ("start until ready");
  run (&cold, "a", "not prepared");
  run (&cold, "b", "again");
  engine_fixture_close (&cold);

  engine_fixture_open (&warm, NULL);
  fugue_engine_set_model (warm.engine, &(FugueModelChoice){ .warm_batch = N });
  fugue_engine_start (warm.engine);
  engine_fixture_wait_state (&warm, FUGUE_ENGINE_READY);
  run (&warm, "a", "submitted at once, while it prepares");
  time_calls (&warm);
  time_source (&warm);
  time_cancel (&warm);
  engine_fixture_close (&warm);
  return 0;
}
