/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-widgets.h"

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_REMOVE;
}

void
test_turn (void)
{
  guint id = g_timeout_add (10, wake_cb, NULL);

  if (g_main_context_iteration (NULL, TRUE))
    {
      GSource *source = g_main_context_find_source_by_id (NULL, id);

      if (source)
        g_source_destroy (source);
    }
}

static void
run (const char *const *arguments)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, &error);

  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

void
test_window_show (GtkWindow *window)
{
  g_autofree char  *title = g_strdup_printf ("test %d", g_random_int_range (0, G_MAXINT));
  const char *const focus[] = { "xdotool", "search", "--sync", "--onlyvisible", "--name", title, "windowfocus", NULL };

  gtk_window_set_title (window, title);
  gtk_window_present (window);
  test_wait_for (gtk_widget_get_mapped (GTK_WIDGET (window)));
  /* There is no window manager: nobody gives the focus unless asked. */
  run (focus);
  test_wait_for (gtk_window_is_active (window) && gtk_widget_get_width (gtk_window_get_child (window)) > 0);
}

GtkWindow *
test_window_new (GtkWidget *child)
{
  GtkWindow *window = GTK_WINDOW (gtk_window_new ());

  gtk_window_set_child (window, child);
  test_window_show (window);
  return window;
}

void
test_key (GtkWindow *window, const char *key)
{
  const char *const press[] = { "xdotool", "key", key, NULL };

  g_assert_true (gtk_window_is_active (window));
  run (press);
}

void
test_accessible_text (GtkWidget *widget, GtkAccessibleProperty property, const char *expected)
{
  gtk_test_accessible_assert_property (widget, property, expected);
}

void
test_unref_last (gpointer object)
{
  gpointer gone = object;

  g_object_add_weak_pointer (object, &gone);
  g_object_unref (object);
  test_wait_for (gone == NULL);
}
