/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What tests of widgets share: a window that has the keyboard, real key strokes, waiting. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * test_window_new:
 * @child: (transfer floating)
 *
 * Returns: a window with @child that is shown and has the keyboard; destroy it with gtk_window_destroy()
 */
GtkWindow *test_window_new   (GtkWidget  *child);

/**
 * test_window_show: shows a window and gives it the keyboard
 */
void       test_window_show  (GtkWindow  *window);

/**
 * test_key:
 * @key: as xdotool says it, such as "ctrl+Return"
 *
 * Presses a key in the window, as the X server would.
 */
void       test_key          (GtkWindow  *window,
                              const char *key);

/**
 * test_accessible_text:
 * @property: one whose value is text
 *
 * gtk_test_accessible_assert_property(), whose own words cannot have a percent sign.
 */
void       test_accessible_text (GtkWidget             *widget,
                                 GtkAccessibleProperty  property,
                                 const char            *expected);

/**
 * test_unref_last:
 * @object: (transfer full)
 *
 * g_assert_finalize_object() for what a thread may still be letting go of.
 */
void       test_unref_last   (gpointer    object);

/* One turn of the main loop, which waits at most 10 ms. */
void       test_turn         (void);

/* Turns the main loop until the condition holds; fails after ten seconds. */
#define test_wait_for(condition) \
  G_STMT_START \
    { \
      gint64 test_deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC; \
      while (!(condition) && g_get_monotonic_time () < test_deadline) \
        test_turn (); \
      g_assert_true (condition); \
    } \
  G_STMT_END

G_END_DECLS
