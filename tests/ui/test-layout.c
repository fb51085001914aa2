/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where things lie when there is little room: in a bar that goes on in another row, and in panes with text of double size. */

#include "config.h"

#include "app-support.h"
#include "fugue-gallery.h"
#include "fugue-panel.h"
#include "fugue-panes.h"
#include "fugue-wrap-box.h"
#include "test-widgets.h"

/* ---- the bar ---- */

static GtkWidget *
add_child (GtkWidget *bar,
           int        width)
{
  GtkWidget *child = gtk_label_new (NULL);

  gtk_widget_set_size_request (child, width, 20);
  gtk_widget_insert_before (child, bar, NULL);
  return child;
}

static int
get_height (GtkWidget *bar,
            int        width)
{
  int height;

  gtk_widget_measure (bar, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  return height;
}

static void
assert_at (GtkWidget *child,
           GtkWidget *bar,
           double     left,
           double     top)
{
  double x, y;

  g_assert_true (gtk_widget_translate_coordinates (child, bar, 0, 0, &x, &y));
  g_assert_cmpfloat (x, ==, left);
  g_assert_cmpfloat (y, ==, top);
}

/* As many in a row as there is room for; who expands takes what is left of the row; from right to left it is mirrored. */
static void
test_wrap (void)
{
  GtkWidget *bar = g_object_ref_sink (fugue_wrap_box_new ());
  GtkWidget *a = add_child (bar, 100);
  GtkWidget *b = add_child (bar, 100);
  GtkWidget *hidden = add_child (bar, 500);
  GtkWidget *c = add_child (bar, 100);
  int minimum, natural;

  gtk_widget_set_visible (hidden, FALSE);
  gtk_widget_set_hexpand (b, TRUE);
  gtk_widget_measure (bar, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, ==, 100);
  g_assert_cmpint (natural, ==, 312);
  g_assert_cmpint (get_height (bar, 312), ==, 20);
  g_assert_cmpint (get_height (bar, 311), ==, 46);
  g_assert_cmpint (get_height (bar, 100), ==, 72);

  gtk_widget_allocate (bar, 400, 20, -1, NULL);
  g_assert_cmpint (gtk_widget_get_width (b), ==, 188);
  assert_at (c, bar, 300, 0);
  gtk_widget_allocate (bar, 250, 46, -1, NULL);
  assert_at (b, bar, 106, 0);
  assert_at (c, bar, 0, 26);
  gtk_widget_set_direction (bar, GTK_TEXT_DIR_RTL);
  gtk_widget_allocate (bar, 250, 46, -1, NULL);
  assert_at (a, bar, 150, 0);
  assert_at (c, bar, 150, 26);
  g_assert_finalize_object (bar);
}

/* ---- the panes ---- */

typedef struct
{
  char          *folder;
  FugueSession  *session;
  FugueControls *controls;
  GtkWidget     *start;
  GtkWidget     *gallery;
  GtkWidget     *panel;
  GtkWidget     *panes;
  GtkWindow     *window;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autofree char *path = NULL;
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Sans 20", NULL);
  gtk_widget_set_default_direction (GPOINTER_TO_INT (data));
  fixture->folder = app_dup_folder ();
  path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->session = app_open (path);
  fixture->controls = fugue_controls_new ();
  fixture->start = gtk_label_new ("Sources");
  gtk_widget_set_size_request (fixture->start, 200, -1);
  fixture->gallery = fugue_gallery_new (fixture->session);
  fixture->panel = fugue_panel_diff_new (fixture->controls);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), fixture->panel);
  fixture->panes = fugue_panes_new (fixture->start, fixture->gallery, scrolled);
  fugue_panes_set_width (FUGUE_PANES (fixture->panes), FUGUE_PANE_START, 200);
  fugue_panes_set_width (FUGUE_PANES (fixture->panes), FUGUE_PANE_END, 300);
  gtk_widget_set_size_request (fixture->panes, 1280, 700);
  fixture->window = test_window_new (fixture->panes);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  gtk_window_destroy (fixture->window);
  app_run_ready ();
  g_assert_finalize_object (fixture->controls);
  app_close (fixture->session);
  app_remove_folder (fixture->folder);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
  gtk_settings_reset_property (gtk_settings_get_default (), "gtk-font-name");
}

static gboolean
is_within (Fixture   *fixture,
           GtkWidget *widget)
{
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds (widget, fixture->panes, &bounds) && bounds.origin.x >= 0
         && bounds.origin.x + bounds.size.width <= gtk_widget_get_width (fixture->panes);
}

/* With text of double size all three panes have their place in 1280 pixels, whole. */
static void
test_large (Fixture       *fixture,
            gconstpointer  data)
{
  int minimum;

  test_wait_for (is_within (fixture, fixture->panel));
  gtk_widget_measure (fixture->panel, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (gtk_widget_get_width (fixture->panel), >=, minimum);
  g_assert_true (is_within (fixture, fixture->gallery));
  g_assert_true (is_within (fixture, fixture->start));
  g_assert_true (fugue_panes_get_shown (FUGUE_PANES (fixture->panes), FUGUE_PANE_START));
}

/* Where there is no room for all, the pane at the start gives way before anything is cut. */
static void
test_gives_way (Fixture       *fixture,
                gconstpointer  data)
{
  gtk_widget_set_size_request (fixture->start, 600, -1);
  test_wait_for (!fugue_panes_get_shown (FUGUE_PANES (fixture->panes), FUGUE_PANE_START));
  test_wait_for (is_within (fixture, fixture->panel));
  g_assert_true (fugue_panes_get_shown (FUGUE_PANES (fixture->panes), FUGUE_PANE_END));
}

/* From right to left the sources are at the right. */
static void
test_mirrored (Fixture       *fixture,
               gconstpointer  data)
{
  double start, panel;

  test_wait_for (is_within (fixture, fixture->panel));
  g_assert_true (gtk_widget_translate_coordinates (fixture->start, fixture->panes, 0, 0, &start, NULL));
  g_assert_true (gtk_widget_translate_coordinates (fixture->panel, fixture->panes, 0, 0, &panel, NULL));
  g_assert_cmpfloat (start, >, panel);
  g_assert_true (is_within (fixture, fixture->start));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();

  g_test_add_func ("/ui/layout/wrap", test_wrap);
  g_test_add ("/ui/layout/large", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_LTR), set_up, test_large, tear_down);
  g_test_add ("/ui/layout/gives-way", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_LTR), set_up, test_gives_way, tear_down);
  g_test_add ("/ui/layout/mirrored", Fixture, GINT_TO_POINTER (GTK_TEXT_DIR_RTL), set_up, test_mirrored, tear_down);
  return g_test_run ();
}
