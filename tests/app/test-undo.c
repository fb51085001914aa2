/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-support.h"

#include "fugue-undo.h"

typedef struct
{
  char          *folder;
  char          *path;
  FugueSession  *session;
  FugueControls *controls;
  FugueUndo     *undo;
} Fixture;

static void
start (Fixture *fixture)
{
  fixture->session = app_open (fixture->path);
  fixture->controls = fugue_controls_new ();
  fugue_controls_follow_session (fixture->controls, fixture->session);
  fixture->undo = fugue_undo_new (fixture->session, fixture->controls);
}

static void
end (Fixture *fixture)
{
  g_assert_finalize_object (fixture->undo);
  g_assert_finalize_object (fixture->controls);
  app_close (fixture->session);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = app_dup_folder ();
  fixture->path = g_build_filename (fixture->folder, "one.fugue", NULL);
  start (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  end (fixture);
  g_free (fixture->path);
  app_remove_folder (fixture->folder);
}

static double
get (Fixture *fixture, const char *property)
{
  double value;

  g_object_get (fixture->controls, property, &value, NULL);
  return value;
}

static void
test_marks (Fixture *fixture, gconstpointer data)
{
  FuguePicture *a = app_add_picture (fixture->session, 1, 0);
  FuguePicture *b = app_add_picture (fixture->session, 1, 1);

  g_assert_false (fugue_undo_undo (fixture->undo));
  fugue_picture_set_mark (a, FUGUE_MARK_KEEP);
  app_run_ready ();
  fugue_picture_set_mark (b, FUGUE_MARK_REJECT);
  app_run_ready ();
  fugue_picture_set_seen (b, TRUE);
  fugue_picture_set_rating (b, 5);
  app_run_ready ();
  g_assert_cmpstr (fugue_undo_get_undo_label (fixture->undo), ==, "Rating");
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpuint (fugue_picture_get_rating (b), ==, 0);
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpint (fugue_picture_get_mark (b), ==, FUGUE_MARK_NONE);
  g_assert_cmpint (fugue_picture_get_mark (a), ==, FUGUE_MARK_KEEP);
  g_assert_true (fugue_undo_redo (fixture->undo));
  g_assert_cmpint (fugue_picture_get_mark (b), ==, FUGUE_MARK_REJECT);
  g_assert_cmpstr (fugue_undo_get_redo_label (fixture->undo), ==, "Rating");

  /* Something new takes the place of what was undone. */
  fugue_picture_set_mark (a, FUGUE_MARK_REJECT);
  g_assert_false (fugue_undo_can_redo (fixture->undo));
}

/* A swap is one step; a source that was added goes, and comes back with its crop. */
static void
test_sources (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipImage) image = app_new_image (30, 20, 1);
  g_autoptr (UnclipImage) other_image = app_new_image (30, 20, 2);
  FugueSource            *first = fugue_session_add_source (fixture->session, image, "first", FUGUE_SLOT_A);
  FugueSource            *second;

  app_run_ready ();
  fugue_source_set_crop (first, &(UnclipRect){ 1, 2, 10, 10 });
  app_run_ready ();
  second = fugue_session_add_source (fixture->session, other_image, "second", FUGUE_SLOT_A);
  app_run_ready ();
  g_assert_cmpint (fugue_source_get_slot (first), ==, FUGUE_SLOT_TRAY);
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpint (fugue_source_get_slot (first), ==, FUGUE_SLOT_A);
  g_assert_cmpint (fugue_source_get_slot (second), ==, FUGUE_SLOT_NONE);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_sources (fixture->session)), ==, 1);
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_false (fugue_source_has_crop (first));
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_sources (fixture->session)), ==, 0);
  g_assert_false (fugue_undo_can_undo (fixture->undo));
  while (fugue_undo_redo (fixture->undo))
    ;
  g_assert_true (fugue_session_get_slot (fixture->session, FUGUE_SLOT_A) == second);
  g_assert_true (fugue_source_has_crop (first));
}

/* A drag is one step, with the values that follow from it; an ended one is not continued. */
static void
test_drag (Fixture *fixture, gconstpointer data)
{
  fugue_controls_set_corners (fixture->controls, 15);
  for (guint i = 1; i <= 10; i++)
    {
      g_object_set (fixture->controls, "pad-x", 0.5 + 0.02 * i, NULL);
      app_run_ready ();
    }
  g_assert_cmpfloat_with_epsilon (get (fixture, "pad-x"), 0.7, 1e-9);
  g_assert_cmpfloat_with_epsilon (get (fixture, "weight-a"), 15, 1e-9);
  fugue_undo_end_step (fixture->undo);
  g_object_set (fixture->controls, "pad-x", 0.9, NULL);
  app_run_ready ();
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpfloat_with_epsilon (get (fixture, "pad-x"), 0.7, 1e-9);
  g_assert_cmpstr (fugue_undo_get_undo_label (fixture->undo), ==, "Mix");
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpfloat (get (fixture, "pad-x"), ==, 0.5);
  g_assert_cmpfloat (get (fixture, "weight-a"), ==, 25);
  g_assert_false (fugue_undo_can_undo (fixture->undo));

  /* A seed that was drawn is nobody's step. */
  fugue_controls_roll_seed (fixture->controls);
  g_assert_true (fugue_undo_can_redo (fixture->undo));
}

/* Places that were taken are given back, in the next session too. */
static void
test_places (Fixture *fixture, gconstpointer data)
{
  FuguePicture *old = app_add_picture (fixture->session, 1, 0);
  FuguePicture *new = app_add_picture (fixture->session, 1, 1);

  fugue_session_store_job (fixture->session, &(FugueStoredJob){ .id = 1, .title = (char *) "a job" });
  fugue_picture_set_place (new, fugue_picture_get_place (old));
  app_run_ready ();
  g_assert_cmpstr (fugue_undo_get_undo_label (fixture->undo), ==, "Re-roll");
  end (fixture);

  start (fixture);
  old = fugue_session_find_picture (fixture->session, 1);
  new = fugue_session_find_picture (fixture->session, 2);
  g_assert_true (fugue_picture_is_replaced (old));
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpint (fugue_picture_get_place (new), ==, 2);
  g_assert_false (fugue_picture_is_replaced (old));
  g_assert_true (fugue_undo_redo (fixture->undo));
  g_assert_cmpint (fugue_picture_get_place (new), ==, 1);
}

/* The next session has the steps, done and undone; nonsense in the file does no harm. */
static void
test_stored (Fixture *fixture, gconstpointer data)
{
  app_add_picture (fixture->session, 1, 0);
  fugue_session_store_job (fixture->session, &(FugueStoredJob){ .id = 1, .title = (char *) "a job" });
  fugue_picture_set_mark (fugue_session_find_picture (fixture->session, 1), FUGUE_MARK_KEEP);
  app_run_ready ();
  g_object_set (fixture->controls, "to-caption", "a red boat", "method", FUGUE_METHOD_DDIM, "seed", 7u, "overdrive", TRUE, NULL);
  app_run_ready ();
  g_object_set (fixture->controls, "amount", 0.25, NULL);
  app_run_ready ();
  g_assert_true (fugue_undo_undo (fixture->undo));
  end (fixture);

  start (fixture);
  g_assert_cmpfloat (get (fixture, "amount"), ==, 0);
  g_assert_true (fugue_undo_redo (fixture->undo));
  g_assert_cmpfloat (get (fixture, "amount"), ==, 0.25);
  g_assert_false (fugue_undo_can_redo (fixture->undo));
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_true (fugue_undo_undo (fixture->undo));
  {
    g_autofree char *caption = NULL;
    FugueMethod      method;

    g_object_get (fixture->controls, "to-caption", &caption, "method", &method, NULL);
    g_assert_cmpstr (caption, ==, "");
    g_assert_cmpint (method, ==, FUGUE_METHOD_EXACT);
  }
  g_assert_true (fugue_undo_undo (fixture->undo));
  g_assert_cmpint (fugue_picture_get_mark (fugue_session_find_picture (fixture->session, 1)), ==, FUGUE_MARK_NONE);
  g_assert_false (fugue_undo_can_undo (fixture->undo));

  fugue_session_store_undo (fixture->session, 1000, "{\"changes\": [{\"target\": \"p\", \"id\": 99, \"property\": \"mark\"}, 7,"
                                                    " {\"target\": \"c\", \"property\": \"amount\", \"before\": \"x\", \"after\": 1}]}");
  fugue_session_store_undo (fixture->session, 1001, "no JSON");
  end (fixture);
  start (fixture);
  while (fugue_undo_redo (fixture->undo))
    ;
  g_assert_cmpfloat (get (fixture, "amount"), ==, 0.25);
}

static void
test_depth (Fixture *fixture, gconstpointer data)
{
  FuguePicture *picture = app_add_picture (fixture->session, 1, 0);
  guint         n = 0;

  fugue_session_store_job (fixture->session, &(FugueStoredJob){ .id = 1, .title = (char *) "a job" });
  for (guint i = 0; i < FUGUE_UNDO_DEPTH + 5; i++)
    {
      fugue_picture_set_rating (picture, i % 2 + 1);
      fugue_undo_end_step (fixture->undo);
    }
  end (fixture);
  start (fixture);
  while (fugue_undo_undo (fixture->undo))
    n++;
  g_assert_cmpuint (n, ==, FUGUE_UNDO_DEPTH);
  /* The five oldest are forgotten: 1 2 1 2 1. */
  g_assert_cmpuint (fugue_picture_get_rating (fugue_session_find_picture (fixture->session, 1)), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/app/undo/marks", Fixture, NULL, set_up, test_marks, tear_down);
  g_test_add ("/app/undo/sources", Fixture, NULL, set_up, test_sources, tear_down);
  g_test_add ("/app/undo/drag", Fixture, NULL, set_up, test_drag, tear_down);
  g_test_add ("/app/undo/places", Fixture, NULL, set_up, test_places, tear_down);
  g_test_add ("/app/undo/stored", Fixture, NULL, set_up, test_stored, tear_down);
  g_test_add ("/app/undo/depth", Fixture, NULL, set_up, test_depth, tear_down);
  return g_test_run ();
}
