/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The preferences: rows write the settings and follow them, everything that can have the focus has a name, and the window
 * leaves nothing behind. The engines are never started: what they would say is not here.
 */

#include "config.h"

#include "fugue-about.h"
#include "fugue-preferences.h"
#include "fugue-settings.h"
#include "test-widgets.h"

static void
for_each (GtkWidget *widget, void (*func) (GtkWidget *widget, gpointer data), gpointer data)
{
  func (widget, data);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    for_each (child, func, data);
}

static void
check_name (GtkWidget *widget, gpointer n)
{
  if (!GTK_IS_SWITCH (widget) && !GTK_IS_DROP_DOWN (widget) && !GTK_IS_ENTRY (widget) && !GTK_IS_CHECK_BUTTON (widget)
      && !GTK_IS_TEXT_VIEW (widget))
    return;
  g_test_message ("%s", G_OBJECT_TYPE_NAME (widget));
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL));
  (*(guint *) n)++;
}

typedef struct
{
  GType      type;
  GtkWidget *found;                     /* the first */
} Search;

static void
search (GtkWidget *widget, gpointer data)
{
  Search *wanted = data;

  if (!wanted->found && G_TYPE_CHECK_INSTANCE_TYPE (widget, wanted->type))
    wanted->found = widget;
}

static GtkWidget *
find (GtkWindow *window, GType type)
{
  Search wanted = { type, NULL };

  for_each (GTK_WIDGET (window), search, &wanted);
  g_assert_nonnull (wanted.found);
  return wanted.found;
}

static void
test_rows (void)
{
  g_autoptr (FugueEnginePool) pool = fugue_engine_pool_new ();
  GSettings                  *settings = fugue_settings_get_default ();
  GtkWindow                  *window;
  GtkWidget                  *toggle, *list;
  guint                       n = 0;

  fugue_engine_pool_set_launchers (pool, NULL);
  window = fugue_preferences_new (NULL, settings, pool);
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  for_each (GTK_WIDGET (window), check_name, &n);
  g_assert_cmpuint (n, >=, 9);

  /* The first of each are "restore-session" and "colour-scheme". */
  toggle = find (window, GTK_TYPE_SWITCH);
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (toggle)));
  gtk_switch_set_active (GTK_SWITCH (toggle), FALSE);
  g_assert_false (g_settings_get_boolean (settings, "restore-session"));
  g_settings_reset (settings, "restore-session");
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (toggle)));

  list = find (window, GTK_TYPE_DROP_DOWN);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), 2);
  {
    g_autofree char *scheme = g_settings_get_string (settings, "colour-scheme");

    g_assert_cmpstr (scheme, ==, "dark");
  }
  g_settings_set_string (settings, "colour-scheme", "light");
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (list)), ==, 1);
  g_settings_reset (settings, "colour-scheme");

  gtk_window_destroy (window);
  for (guint turn = 0; turn < 100 && window; turn++)
    test_turn ();
  g_assert_null (window);
}

static void
test_report (void)
{
  g_autoptr (FugueEnginePool) pool = fugue_engine_pool_new ();
  g_autofree char            *report = NULL;

  fugue_engine_pool_set_launchers (pool, NULL);
  report = fugue_about_dup_report (pool);
  g_assert_true (g_str_has_prefix (report, "Fugue " FUGUE_VERSION "\n"));
  g_assert_nonnull (strstr (report, "\nEngine 1: FUGUE_ENGINE_DEAD\n"));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/preferences/rows", test_rows);
  g_test_add_func ("/ui/preferences/report", test_report);
  return g_test_run ();
}
