/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The view of pictures: zoom by keys and actions, and that it holds what it is given and no longer. */

#include "config.h"

#include "fugue-view.h"
#include "test-widgets.h"

static GdkTexture *
texture_new (int side)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (3 * side * side), 3 * side * side);

  return gdk_memory_texture_new (side, side, GDK_MEMORY_R8G8B8, bytes, 3 * side);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_properties (void)
{
  GtkWidget  *view = g_object_ref_sink (fugue_view_new ());
  GdkTexture *texture = texture_new (8);
  guint       n_zoom = 0, n_sharp = 0;

  g_signal_connect_swapped (view, "notify::zoom", G_CALLBACK (count_cb), &n_zoom);
  g_signal_connect_swapped (view, "notify::is-sharp", G_CALLBACK (count_cb), &n_sharp);
  g_object_set (view, "zoom", 2.0, "is-sharp", TRUE, NULL);
  g_object_set (view, "zoom", 2.0, "is-sharp", TRUE, NULL);
  g_assert_cmpuint (n_zoom, ==, 1);
  g_assert_cmpuint (n_sharp, ==, 1);
  g_assert_cmpfloat (fugue_view_get_shown_zoom (FUGUE_VIEW (view)), ==, 0);

  fugue_view_set_panes (FUGUE_VIEW (view), &(FugueViewPane) { texture, "Source" }, 1);
  g_assert_cmpfloat (fugue_view_get_shown_zoom (FUGUE_VIEW (view)), ==, 2);
  gtk_test_accessible_assert_role (view, GTK_ACCESSIBLE_ROLE_IMG);
  g_assert_finalize_object (view);
  g_assert_finalize_object (texture);
}

static void
test_keys (void)
{
  g_autoptr (GdkTexture) texture = texture_new (40);
  GtkWidget             *widget = fugue_view_new ();
  FugueView             *view = FUGUE_VIEW (widget);
  GtkWindow             *window;
  double                 fit;

  gtk_widget_set_size_request (widget, 200, 160);
  window = test_window_new (widget);
  fugue_view_set_panes (view, &(FugueViewPane) { texture, NULL }, 1);
  gtk_widget_grab_focus (widget);
  fit = fugue_view_get_shown_zoom (view);
  g_assert_cmpfloat (fit, ==, MIN (gtk_widget_get_width (widget), gtk_widget_get_height (widget)) / 40.0);

  test_key (window, "plus");
  test_wait_for (ABS (fugue_view_get_zoom (view) - fit * 1.25) < 1e-9);
  test_key (window, "minus");
  test_wait_for (ABS (fugue_view_get_zoom (view) - fit) < 1e-9);
  test_key (window, "ctrl+2");
  test_wait_for (fugue_view_get_zoom (view) == 2);
  test_key (window, "ctrl+1");
  test_wait_for (fugue_view_get_zoom (view) == 1);
  test_key (window, "0");
  test_wait_for (fugue_view_get_zoom (view) == 0);
  gtk_window_destroy (window);
}

/* Three panes share the width, and are drawn without a complaint at any zoom. */
static void
test_panes (void)
{
  g_autoptr (GdkTexture) texture = texture_new (40);
  const FugueViewPane    panes[] = { { texture, "Source" }, { texture, "Reconstruction" }, { NULL, "Difference" } };
  GtkWidget             *widget = fugue_view_new ();
  FugueView             *view = FUGUE_VIEW (widget);
  GtkWindow             *window;

  gtk_widget_set_size_request (widget, 360, 100);
  window = test_window_new (widget);
  fugue_view_set_panes (view, panes, G_N_ELEMENTS (panes));
  g_assert_cmpfloat (fugue_view_get_shown_zoom (view), <=, (gtk_widget_get_width (widget) - 24) / 3.0 / 40);
  g_object_set (widget, "is-sharp", TRUE, NULL);
  for (double zoom = 64; zoom >= 0.25; zoom /= 4)
    {
      GtkSnapshot              *snapshot = gtk_snapshot_new ();
      g_autoptr (GskRenderNode) node = NULL;

      fugue_view_set_zoom (view, zoom);
      GTK_WIDGET_GET_CLASS (widget)->snapshot (widget, snapshot);
      node = gtk_snapshot_free_to_node (snapshot);
      g_assert_nonnull (node);
    }
  gtk_window_destroy (window);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/view/properties", test_properties);
  g_test_add_func ("/ui/view/keys", test_keys);
  g_test_add_func ("/ui/view/panes", test_panes);
  return g_test_run ();
}
