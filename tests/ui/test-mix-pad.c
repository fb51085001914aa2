/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mixing pad: keys and sliders move the dot by what they promise, within its range, and each move is told once. */

#include "config.h"

#include "fugue-pad.h"
#include "test-widgets.h"
#include "unclip-pad.h"

static const FuguePadCorner corners[] = { { "A", NULL }, { "B", NULL }, { "C", NULL }, { "D", NULL } };

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_properties (void)
{
  GtkWidget *pad = g_object_ref_sink (fugue_pad_new ());
  guint      n_x = 0, n_y = 0;
  double     x, y;

  g_signal_connect_swapped (pad, "notify::x", G_CALLBACK (count_cb), &n_x);
  g_signal_connect_swapped (pad, "notify::y", G_CALLBACK (count_cb), &n_y);
  g_object_set (pad, "x", 0.25, "y", 0.75, NULL);
  g_assert_cmpuint (n_x, ==, 1);
  g_assert_cmpuint (n_y, ==, 1);
  g_object_set (pad, "x", 0.25, NULL);
  g_assert_cmpuint (n_x, ==, 1);

  fugue_pad_move (FUGUE_PAD (pad), 7, -7);
  g_object_get (pad, "x", &x, "y", &y, NULL);
  g_assert_cmpfloat (x, ==, UNCLIP_PAD_MAXIMUM);
  g_assert_cmpfloat (y, ==, UNCLIP_PAD_MINIMUM);

  /* Nothing to mix: not to be moved. */
  g_assert_false (gtk_widget_get_sensitive (pad));
  fugue_pad_set_corners (FUGUE_PAD (pad), corners, 1);
  g_assert_false (gtk_widget_get_sensitive (pad));
  fugue_pad_set_corners (FUGUE_PAD (pad), corners, 2);
  g_assert_true (gtk_widget_get_sensitive (pad));
  g_assert_finalize_object (pad);
}

static gboolean
is_at (GtkWidget *pad, double x, double y)
{
  return ABS (fugue_pad_get_x (FUGUE_PAD (pad)) - x) < 1e-9 && ABS (fugue_pad_get_y (FUGUE_PAD (pad)) - y) < 1e-9;
}

static void
test_keys (void)
{
  static const struct { const char *key; double x, y; } strokes[] = {
    { "Right", 0.52, 0.5 }, { "Down", 0.52, 0.52 }, { "shift+Left", 0.42, 0.52 }, { "ctrl+Up", 0.42, 0.515 },
    { "a", 0, 0 }, { "b", 1, 0 }, { "c", 0, 1 }, { "d", 1, 1 }, { "shift+Right", 1.1, 1 }, { "equal", 0.5, 0.5 },
  };
  GtkWidget *pad = fugue_pad_new ();
  GtkWindow *window = test_window_new (pad);
  guint      n_activate = 0, n_sheet = 0;

  fugue_pad_set_corners (FUGUE_PAD (pad), corners, 4);
  g_signal_connect_swapped (pad, "activate", G_CALLBACK (count_cb), &n_activate);
  g_signal_connect_swapped (pad, "sheet", G_CALLBACK (count_cb), &n_sheet);
  gtk_widget_grab_focus (pad);
  for (guint i = 0; i < G_N_ELEMENTS (strokes); i++)
    {
      g_test_message ("%s", strokes[i].key);
      test_key (window, strokes[i].key);
      test_wait_for (is_at (pad, strokes[i].x, strokes[i].y));
    }
  test_key (window, "Return");
  test_wait_for (n_activate == 1);
  test_key (window, "ctrl+g");
  test_wait_for (n_sheet == 1);

  /* From right to left all is mirrored, so that Right still goes right. */
  gtk_widget_set_direction (pad, GTK_TEXT_DIR_RTL);
  test_key (window, "Right");
  test_wait_for (is_at (pad, 0.48, 0.5));
  gtk_window_destroy (window);
}

static void
test_fewer_corners (void)
{
  GtkWidget *pad = fugue_pad_new ();
  GtkWindow *window = test_window_new (pad);

  fugue_pad_set_corners (FUGUE_PAD (pad), corners, 3);
  gtk_widget_grab_focus (pad);
  test_key (window, "c");
  test_wait_for (is_at (pad, 0.5, 1));
  /* There is no D. */
  test_key (window, "d");
  test_key (window, "b");
  test_wait_for (is_at (pad, 1, 0));
  fugue_pad_set_corners (FUGUE_PAD (pad), corners, 2);
  test_key (window, "a");
  test_wait_for (is_at (pad, 0, 0.5));
  gtk_window_destroy (window);
}

/* The pad keeps the pictures of its contact sheet, and lets go of them when there is another. */
static void
test_sheet (void)
{
  GtkWidget   *pad = g_object_ref_sink (fugue_pad_new ());
  gpointer     paintable = gdk_paintable_new_empty (10, 10);
  FuguePadCell cells[] = { { 0, 0, paintable }, { 0.5, 0.5, NULL } };

  g_object_add_weak_pointer (paintable, &paintable);
  fugue_pad_set_sheet (FUGUE_PAD (pad), cells, G_N_ELEMENTS (cells), 0.5);
  g_object_unref (paintable);
  g_assert_nonnull (paintable);
  fugue_pad_set_sheet (FUGUE_PAD (pad), cells, 1, 0.5);
  g_assert_nonnull (paintable);
  fugue_pad_set_sheet (FUGUE_PAD (pad), NULL, 0, 0);
  g_assert_null (paintable);
  g_assert_finalize_object (pad);
}

static GtkWidget *
get_scale (GtkWidget *pad, GtkOrientation orientation)
{
  for (GtkWidget *child = gtk_widget_get_first_child (pad); child; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_SCALE (child) && gtk_orientable_get_orientation (GTK_ORIENTABLE (child)) == orientation)
      return child;
  g_assert_not_reached ();
}

static void
test_accessible (void)
{
  GtkWidget *pad = g_object_ref_sink (fugue_pad_new ());
  GtkWidget *across = get_scale (pad, GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *downwards = get_scale (pad, GTK_ORIENTATION_VERTICAL);
  const char *text = "Mix: 25 % lighthouse, 75 % orchard";

  gtk_test_accessible_assert_role (pad, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_role (across, GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_test_accessible_assert_role (downwards, GTK_ACCESSIBLE_ROLE_SLIDER);
  test_accessible_text (pad, GTK_ACCESSIBLE_PROPERTY_LABEL, "Mixing pad");
  test_accessible_text (across, GTK_ACCESSIBLE_PROPERTY_LABEL, "Mix, across");
  test_accessible_text (downwards, GTK_ACCESSIBLE_PROPERTY_LABEL, "Mix, downwards");

  fugue_pad_set_value_text (FUGUE_PAD (pad), text);
  test_accessible_text (across, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text);
  test_accessible_text (downwards, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text);
  test_accessible_text (pad, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text);

  gtk_range_set_value (GTK_RANGE (across), 0.75);
  gtk_range_set_value (GTK_RANGE (downwards), 0.1);
  g_assert_true (is_at (pad, 0.75, 0.1));
  g_assert_finalize_object (pad);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/pad/properties", test_properties);
  g_test_add_func ("/ui/pad/keys", test_keys);
  g_test_add_func ("/ui/pad/fewer-corners", test_fewer_corners);
  g_test_add_func ("/ui/pad/sheet", test_sheet);
  g_test_add_func ("/ui/pad/accessible", test_accessible);
  return g_test_run ();
}
