/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery by itself, with pictures that no engine made: where keys lead, what is shown where, and what is said of it. */

#include "config.h"

#include "app-support.h"
#include "fugue-cell.h"
#include "fugue-gallery.h"
#include "test-widgets.h"

#define N_PICTURES 6

typedef struct
{
  char         *folder;
  FugueSession *session;
  GPtrArray    *pictures;       /* borrowed, in order */
  GtkWidget    *gallery;
  GtkWindow    *window;
  FuguePicture *looked_at;      /* what quick look shows */
  gboolean      shows_source;
} Fixture;

static void
quick_look_cb (Fixture      *fixture,
               FuguePicture *picture)
{
  fixture->looked_at = picture;
}

static void
source_look_cb (Fixture  *fixture,
                gboolean  is_held)
{
  fixture->shows_source = is_held;
}

static gboolean
is_finished (gpointer picture)
{
  return fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autofree char *path = NULL;

  gtk_widget_set_default_direction (GPOINTER_TO_INT (data));
  fixture->folder = app_dup_folder ();
  path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->session = app_open (path);
  fixture->pictures = g_ptr_array_new ();
  for (guint i = 0; i < N_PICTURES; i++)
    {
      g_autoptr (UnclipImage) image = app_new_image (32, 32, i);
      FuguePicture *picture = app_add_picture (fixture->session, 1, i);

      fugue_session_finish_picture (fixture->session, picture, image, NULL, NULL, NULL);
      app_wait_until (is_finished, picture);
      g_ptr_array_add (fixture->pictures, picture);
    }
  fixture->gallery = fugue_gallery_new (fixture->session);
  gtk_widget_set_size_request (fixture->gallery, 900, 500);
  fixture->window = test_window_new (fixture->gallery);
  g_signal_connect_swapped (fixture->gallery, "quick-look", G_CALLBACK (quick_look_cb), fixture);
  g_signal_connect_swapped (fixture->gallery, "source-look", G_CALLBACK (source_look_cb), fixture);
  fugue_gallery_go_to (FUGUE_GALLERY (fixture->gallery), fixture->pictures->pdata[0], TRUE);
  test_wait_for (fugue_gallery_has_grid_focus (FUGUE_GALLERY (fixture->gallery)));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  gtk_window_destroy (fixture->window);
  g_ptr_array_unref (fixture->pictures);
  /* GTK lets go of list models in its own time. */
  app_run_ready ();
  app_close (fixture->session);
  app_remove_folder (fixture->folder);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

static gboolean
is_at (Fixture *fixture,
       guint    index)
{
  return fugue_gallery_get_current (FUGUE_GALLERY (fixture->gallery)) == fixture->pictures->pdata[index];
}

static guint
count_selected (Fixture *fixture)
{
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (FUGUE_GALLERY (fixture->gallery));

  return selected->len;
}

static void
hold (Fixture    *fixture,
      const char *how,
      const char *key)
{
  g_autoptr (GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "xdotool", how, key, NULL);

  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static GtkWidget *
find_cell (GtkWidget    *widget,
           FuguePicture *picture)
{
  if (FUGUE_IS_CELL (widget))
    return fugue_cell_get_picture (FUGUE_CELL (widget)) == picture ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *cell = find_cell (child, picture);

      if (cell != NULL)
        return cell;
    }
  return NULL;
}

/* Its left upper corner. */
static graphene_point_t
get_place (Fixture *fixture,
           guint    index)
{
  GtkWidget *cell = find_cell (fixture->gallery, fixture->pictures->pdata[index]);
  double x, y;

  g_assert_true (gtk_widget_translate_coordinates (cell, fixture->gallery, 0, 0, &x, &y));
  return GRAPHENE_POINT_INIT ((float) x, (float) y);
}

/* Arrows and Home and End move, with Shift they select; Ctrl+A selects all. */
static void
test_keys (Fixture       *fixture,
           gconstpointer  data)
{
  test_key (fixture->window, "Right");
  test_wait_for (is_at (fixture, 1));
  test_key (fixture->window, "End");
  test_wait_for (is_at (fixture, N_PICTURES - 1));
  test_key (fixture->window, "Home");
  test_wait_for (is_at (fixture, 0));
  g_assert_cmpuint (count_selected (fixture), ==, 1);
  test_key (fixture->window, "shift+Right");
  test_wait_for (count_selected (fixture) == 2);
  test_key (fixture->window, "shift+Right");
  test_wait_for (count_selected (fixture) == 3);
  test_key (fixture->window, "ctrl+a");
  test_wait_for (count_selected (fixture) == N_PICTURES);
}

static void
move_to (Fixture          *fixture,
         GtkDirectionType  direction,
         guint             index)
{
  fugue_gallery_move (FUGUE_GALLERY (fixture->gallery), direction);
  test_wait_for (is_at (fixture, index));
  g_assert_cmpuint (count_selected (fixture), ==, 1);
}

/* Moving leads where arrows lead, in rows and columns, in whichever direction people read; at the edge it stays. */
static void
test_move (Fixture       *fixture,
           gconstpointer  data)
{
  gboolean is_mirrored = GPOINTER_TO_INT (data) == GTK_TEXT_DIR_RTL;
  GtkDirectionType onwards = is_mirrored ? GTK_DIR_LEFT : GTK_DIR_RIGHT;
  GtkDirectionType back = is_mirrored ? GTK_DIR_RIGHT : GTK_DIR_LEFT;
  guint n_columns = 1;

  /* Two rows or more */
  gtk_widget_set_size_request (fixture->gallery, 300, 500);
  fugue_gallery_set_cell_size (FUGUE_GALLERY (fixture->gallery), 200);
  gtk_window_set_default_size (fixture->window, 700, 500);
  test_wait_for (get_place (fixture, N_PICTURES - 1).y > get_place (fixture, 0).y);
  while (get_place (fixture, n_columns).y == get_place (fixture, 0).y)
    n_columns++;

  move_to (fixture, back, 0);
  move_to (fixture, GTK_DIR_UP, 0);
  move_to (fixture, onwards, 1);
  move_to (fixture, GTK_DIR_DOWN, 1 + n_columns);
  test_key (fixture->window, is_mirrored ? "Left" : "Right");
  test_wait_for (is_at (fixture, 2 + n_columns));
  move_to (fixture, back, 1 + n_columns);
  move_to (fixture, GTK_DIR_UP, 1);
  move_to (fixture, back, 0);
}

/* From right to left the first picture is at the right, and Left goes on to the second, which lies there. */
static void
test_mirrored (Fixture       *fixture,
               gconstpointer  data)
{
  g_assert_cmpfloat (get_place (fixture, 0).x, >, get_place (fixture, 1).x);
  test_key (fixture->window, "Left");
  test_wait_for (is_at (fixture, 1));
  test_key (fixture->window, "Right");
  test_wait_for (is_at (fixture, 0));
}

/* Space shows the picture as long as it is held, and what one goes to meanwhile; B the source. Neither selects anything. */
static void
test_held (Fixture       *fixture,
           gconstpointer  data)
{
  hold (fixture, "keydown", "space");
  test_wait_for (fixture->looked_at == fixture->pictures->pdata[0]);
  test_key (fixture->window, "Right");
  test_wait_for (fixture->looked_at == fixture->pictures->pdata[1]);
  hold (fixture, "keyup", "space");
  test_wait_for (fixture->looked_at == NULL);
  g_assert_cmpuint (count_selected (fixture), ==, 1);

  hold (fixture, "keydown", "b");
  test_wait_for (fixture->shows_source);
  hold (fixture, "keyup", "b");
  test_wait_for (!fixture->shows_source);
}

/* A picture that takes another's place stands there, and the rejected one is away; what is said of it is true of both. */
static void
test_place (Fixture       *fixture,
            gconstpointer  data)
{
  FuguePicture *old = fixture->pictures->pdata[1];
  FuguePicture *new = fixture->pictures->pdata[5];
  g_autoptr (GPtrArray) all = NULL;

  test_accessible_text (find_cell (fixture->gallery, old), GTK_ACCESSIBLE_PROPERTY_LABEL,
                        "Variation 2 of 6 of lighthouse, seed 41");
  fugue_picture_set_mark (old, FUGUE_MARK_REJECT);
  test_accessible_text (find_cell (fixture->gallery, old), GTK_ACCESSIBLE_PROPERTY_LABEL,
                        "Variation 2 of 6 of lighthouse, seed 41, rejected");
  fugue_picture_set_place (new, fugue_picture_get_place (old));
  test_key (fixture->window, "ctrl+a");
  test_wait_for (count_selected (fixture) == N_PICTURES - 1);
  all = fugue_gallery_dup_selected (FUGUE_GALLERY (fixture->gallery));
  g_assert_true (all->pdata[0] == fixture->pictures->pdata[0]);
  g_assert_true (all->pdata[1] == new);
  g_assert_true (all->pdata[2] == fixture->pictures->pdata[2]);
  test_wait_for (find_cell (fixture->gallery, old) == NULL);

  /* A mark that is taken back brings it back. */
  fugue_picture_set_mark (old, FUGUE_MARK_NONE);
  test_wait_for (find_cell (fixture->gallery, old) != NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();

  g_test_add ("/ui/gallery/keys", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_LTR), set_up, test_keys, tear_down);
  g_test_add ("/ui/gallery/move", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_LTR), set_up, test_move, tear_down);
  g_test_add ("/ui/gallery/move-mirrored", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_RTL), set_up, test_move, tear_down);
  g_test_add ("/ui/gallery/mirrored", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_RTL), set_up, test_mirrored, tear_down);
  g_test_add ("/ui/gallery/held", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_LTR), set_up, test_held, tear_down);
  g_test_add ("/ui/gallery/place", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_LTR), set_up, test_place, tear_down);
  return g_test_run ();
}
