/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The contact sheet of the pad: its cells come one by one, from the middle, when nobody wants anything else. */

#include "config.h"

#include "app-support.h"
#include "fake-runner.h"

#include "fugue-sheet.h"

typedef struct
{
  char          *folder;
  FugueSession  *session;
  FugueControls *controls;
  FakeRunner    *runner;
  FugueQueue    *queue;
  FugueSheet    *sheet;
} Fixture;

static void
add_source (Fixture *fixture, FugueSlot slot)
{
  g_autoptr (UnclipImage) image = app_new_image (32, 32, slot + 1);

  fugue_session_add_source (fixture->session, image, "source", slot);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (
    "{'name': <'mini'>, 'sha256': <'" APP_MODEL_SHA256 "'>, 'can_vary': <true>, 'can_imagine': <true>, 'has_axes': <true>,"
    " 'defaults': <{'decoder_steps': <uint32 20>, 'prior_steps': <uint32 25>, 'upsampler_steps': <uint32 7>,"
    "               'decoder_guidance': <2.5>, 'prior_guidance': <2.0>}>}"));
  g_autoptr (FugueModelInfo) model = fugue_model_info_new_from_variant (variant);
  g_autofree char           *path = NULL;

  fixture->folder = app_dup_folder ();
  path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->session = app_open (path);
  fixture->controls = fugue_controls_new ();
  fugue_controls_follow_session (fixture->controls, fixture->session);
  fugue_controls_set_model (fixture->controls, model);
  fixture->runner = fake_runner_new (1);
  fixture->queue = fugue_queue_new (fixture->session, FUGUE_RUNNER (fixture->runner));
  for (FugueSlot slot = FUGUE_SLOT_A; slot < (FugueSlot) GPOINTER_TO_UINT (data); slot++)
    add_source (fixture, slot);
  fixture->sheet = fugue_sheet_new (fixture->session, fixture->controls, fixture->queue);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_run_dispose (G_OBJECT (fixture->sheet));
  fake_runner_let_go (fixture->runner);
  g_assert_finalize_object (fixture->sheet);
  g_object_run_dispose (G_OBJECT (fixture->queue));
  g_assert_true (fugue_session_flush (fixture->session, NULL));
  app_run_ready ();
  g_assert_finalize_object (fixture->queue);
  g_assert_finalize_object (fixture->runner);
  g_assert_finalize_object (fixture->controls);
  app_close (fixture->session);
  app_remove_folder (fixture->folder);
}

static guint
count_made (Fixture *fixture)
{
  guint                 n, n_made = 0;
  double                side;
  const FugueSheetCell *cells = fugue_sheet_get_cells (fixture->sheet, &n, &side);

  for (guint i = 0; i < n; i++)
    n_made += cells[i].image != NULL;
  return n_made;
}

static guint
count_cells (Fixture *fixture)
{
  guint  n;
  double side;

  fugue_sheet_get_cells (fixture->sheet, &n, &side);
  return n;
}

/* Of the recipe that is being made: how many sources it mixes. */
static guint
get_n_parts (Fixture *fixture)
{
  return unclip_recipe_get_embedding (fake_runner_get_recipe (fixture->runner, 0, 0))->n_parts;
}

static void
set_size (Fixture *fixture, FugueContactSheet size)
{
  g_object_set (fixture->controls, "contact-sheet", size, NULL);
}

/* Nine cells, the middle one first; the dot moves none of them, another blend all. Nothing of it is in the gallery. */
static void
test_fill (Fixture *fixture, gconstpointer data)
{
  set_size (fixture, FUGUE_CONTACT_SHEET_3);
  fugue_sheet_set_active (fixture->sheet, TRUE);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (count_cells (fixture), ==, 9);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 1);
  g_assert_cmpuint (get_n_parts (fixture), ==, 4);
  for (guint i = 1; i <= 9; i++)
    {
      fake_runner_wait_for (fixture->runner, 1);
      fake_runner_finish (fixture->runner, 0, 0);
      app_run_ready ();
      g_assert_cmpuint (count_made (fixture), ==, i);
    }
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (fixture->session)), ==, 0);

  g_object_set (fixture->controls, "pad-x", 0.9, NULL);
  app_run_ready ();
  g_assert_cmpuint (count_made (fixture), ==, 9);
  g_object_set (fixture->controls, "blend", FUGUE_BLEND_STRAIGHT, NULL);
  app_run_ready ();
  g_assert_cmpuint (count_cells (fixture), ==, 9);
  /* At the corners there is one picture, whatever the blend. */
  g_assert_cmpuint (count_made (fixture), <=, 4);
}

/* What a person does comes first: the cell that is being made is given up, and made again later. */
static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  FugueJobParams        params = { .mode = FUGUE_MODE_MIX, .title = "Mix", .label = "" };
  FugueRecipeRequest    request = { .mode = FUGUE_MODE_MIX, .n = 2 };
  g_autoptr (GPtrArray) asked = NULL;

  set_size (fixture, FUGUE_CONTACT_SHEET_5);
  fugue_sheet_set_active (fixture->sheet, TRUE);
  fake_runner_wait_for (fixture->runner, 1);

  /* A slider moves. */
  g_object_set (fixture->controls, "pad-x", 0.9, NULL);
  g_assert_cmpuint (fake_runner_get_n_cancels (fixture->runner), ==, 1);
  fake_runner_let_go (fixture->runner);
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
  fake_runner_wait_for (fixture->runner, 1);

  /* A batch is wanted: it does not wait for the cell, and the sheet waits for it. */
  asked = fugue_controls_build_recipes (fixture->controls, fixture->session, &request, NULL);
  params.recipes = asked;
  fugue_queue_add (fixture->queue, &params, FALSE);
  g_assert_cmpuint (fake_runner_get_n_cancels (fixture->runner), ==, 2);
  fake_runner_let_go (fixture->runner);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 2);
  fake_runner_finish_all (fixture->runner, 0);
  fake_runner_wait_for (fixture->runner, 1);
  g_assert_cmpuint (fake_runner_get_n (fixture->runner, 0), ==, 1);
  g_assert_cmpuint (count_made (fixture), ==, 0);

  /* Nobody looks. */
  fugue_sheet_set_active (fixture->sheet, FALSE);
  g_assert_cmpuint (fake_runner_get_n_cancels (fixture->runner), ==, 3);
  fake_runner_let_go (fixture->runner);
  app_run_ready ();
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
}

/* A person who stops it has it stopped, until the next movement. */
static void
test_stop (Fixture *fixture, gconstpointer data)
{
  set_size (fixture, FUGUE_CONTACT_SHEET_3);
  fugue_sheet_set_active (fixture->sheet, TRUE);
  fake_runner_wait_for (fixture->runner, 1);
  fugue_queue_stop (fixture->queue);
  fake_runner_let_go (fixture->runner);
  app_run_ready ();
  g_assert_cmpuint (fake_runner_get_n_batches (fixture->runner), ==, 0);
  g_object_set (fixture->controls, "seed", 7u, NULL);
  fake_runner_wait_for (fixture->runner, 1);
}

/* Three pictures make a triangle, two a line, one nothing. */
static void
test_shapes (Fixture *fixture, gconstpointer data)
{
  set_size (fixture, FUGUE_CONTACT_SHEET_3);
  fugue_sheet_set_active (fixture->sheet, TRUE);
  app_run_ready ();
  g_assert_cmpuint (count_cells (fixture), ==, 0);
  add_source (fixture, FUGUE_SLOT_B);
  app_run_ready ();
  g_assert_cmpuint (count_cells (fixture), ==, 3);
  add_source (fixture, FUGUE_SLOT_C);
  app_run_ready ();
  /* The upper side, the middle, the tip. */
  g_assert_cmpuint (count_cells (fixture), ==, 5);
  set_size (fixture, FUGUE_CONTACT_SHEET_OFF);
  app_run_ready ();
  g_assert_cmpuint (count_cells (fixture), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/app/contact-sheet/fill", Fixture, GUINT_TO_POINTER (4), set_up, test_fill, tear_down);
  g_test_add ("/app/contact-sheet/cancel", Fixture, GUINT_TO_POINTER (4), set_up, test_cancel, tear_down);
  g_test_add ("/app/contact-sheet/stop", Fixture, GUINT_TO_POINTER (4), set_up, test_stop, tear_down);
  g_test_add ("/app/contact-sheet/shapes", Fixture, GUINT_TO_POINTER (1), set_up, test_shapes, tear_down);
  return g_test_run ();
}
