/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Banners and toasts whose button has the focus when they go: keys must still reach the window. */

#include "config.h"

#include "fugue-banner.h"
#include "fugue-toasts.h"
#include "test-widgets.h"

static gboolean
pressed_cb (GtkEventControllerKey *controller,
            guint                  keyval,
            guint                  keycode,
            GdkModifierType        state,
            guint                 *n_pressed)
{
  *n_pressed += keyval == GDK_KEY_v;
  return GDK_EVENT_PROPAGATE;
}

static GtkWidget *
find_button (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_BUTTON (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_button (child);
  return found;
}

static void
focus_button (GtkWidget *part)
{
  test_wait_for (find_button (part) != NULL && gtk_widget_get_mapped (find_button (part)));
  g_assert_true (gtk_widget_grab_focus (find_button (part)));
}

static void
assert_keys_arrive (GtkWindow *window)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  guint n_pressed = 0;

  g_signal_connect (keys, "key-pressed", G_CALLBACK (pressed_cb), &n_pressed);
  gtk_widget_add_controller (GTK_WIDGET (window), keys);
  test_key (window, "v");
  test_wait_for (n_pressed == 1);
  gtk_widget_remove_controller (GTK_WIDGET (window), keys);
}

static void
test_banner (void)
{
  GtkWidget *banner = fugue_banner_new ();
  GtkWindow *window = test_window_new (banner);

  fugue_banner_set (FUGUE_BANNER (banner), FUGUE_BANNER_WELCOME,
                    &(FugueBannerMessage) { "Welcome", { "Hide", NULL }, { "window.close", NULL } });
  focus_button (banner);
  fugue_banner_set (FUGUE_BANNER (banner), FUGUE_BANNER_DEVICE,
                    &(FugueBannerMessage) { "No graphics card", { "Details", NULL }, { "window.close", NULL } });
  g_assert_cmpstr (fugue_banner_get_text (FUGUE_BANNER (banner)), ==, "No graphics card");
  assert_keys_arrive (window);

  focus_button (banner);
  fugue_banner_set (FUGUE_BANNER (banner), FUGUE_BANNER_DEVICE, NULL);
  fugue_banner_set (FUGUE_BANNER (banner), FUGUE_BANNER_WELCOME, NULL);
  assert_keys_arrive (window);
  gtk_window_destroy (window);
}

static void
test_toast (void)
{
  GtkWidget *toasts = fugue_toasts_new ();
  GtkWindow *window;

  fugue_toasts_set_child (FUGUE_TOASTS (toasts), gtk_label_new ("Gallery"));
  window = test_window_new (toasts);
  fugue_toasts_add (FUGUE_TOASTS (toasts), "Stopped", &(FugueToastButton) { "Resume", "window.close" }, 1);
  focus_button (toasts);
  g_assert_true (fugue_toasts_dismiss (FUGUE_TOASTS (toasts)));
  assert_keys_arrive (window);
  gtk_window_destroy (window);
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/messages/banner", test_banner);
  g_test_add_func ("/ui/messages/toast", test_toast);
  return g_test_run ();
}
