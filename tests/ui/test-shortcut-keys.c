/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keys of one's own: the file, what is refused and in which words, the editor in the preferences, and that they act at once. */

#include "config.h"

#include "fugue-preferences.h"
#include "fugue-settings.h"
#include "fugue-shortcut-keys.h"
#include "test-widgets.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fugue-keys-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "deeper", "shortcuts.ini", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deeper = g_path_get_dirname (fixture->path);

  g_unlink (fixture->path);
  g_rmdir (deeper);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
assert_keys (FugueShortcutKeys *keys, const char *action, const char *expected)
{
  g_assert_cmpstr (fugue_shortcut_keys_get (keys, fugue_shortcuts_find (action)), ==, expected);
}

static void
refuse (FugueShortcutKeys *keys, const char *action, const char *text, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fugue_shortcut_keys_set (keys, fugue_shortcuts_find (action), text, &error));
  g_assert_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static void
count_cb (FugueShortcutKeys *keys, gpointer n)
{
  (*(guint *) n)++;
}

static void
test_set (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueShortcutKeys) keys = fugue_shortcut_keys_new (fixture->path);
  g_autoptr (FugueShortcutKeys) later = NULL;
  g_autoptr (GError)            error = NULL;
  guint                         n_changes = 0;

  g_signal_connect (keys, "changed", G_CALLBACK (count_cb), &n_changes);
  assert_keys (keys, "win.keep", "k");
  refuse (keys, "win.keep", "x", "X is the key of “Reject” already");
  refuse (keys, "win.keep", "F10", "“Menu”");
  refuse (keys, "win.keep", "no-such-key", "no key that can be used");
  refuse (keys, "win.export", "y", "would act while you type");
  g_assert_cmpuint (n_changes, ==, 0);

  /* What another action gave up is free. */
  g_assert_true (fugue_shortcut_keys_set (keys, fugue_shortcuts_find ("win.reject"), "", &error));
  g_assert_true (fugue_shortcut_keys_set (keys, fugue_shortcuts_find ("win.keep"), "x", &error));
  g_assert_true (fugue_shortcut_keys_set (keys, fugue_shortcuts_find ("win.rate(3)"), "<Alt>r <Alt>t", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_changes, ==, 3);
  refuse (keys, "win.reject", NULL, "“Keep”");

  later = fugue_shortcut_keys_new (fixture->path);
  assert_keys (later, "win.reject", "");
  assert_keys (later, "win.keep", "x");
  assert_keys (later, "win.rate(3)", "<Alt>r <Alt>t");
  assert_keys (later, "win.vary", "v");
  {
    g_autofree char *label = fugue_shortcut_keys_dup_label (later, fugue_shortcuts_find ("win.rate(3)"));

    g_assert_cmpstr (label, ==, "Alt+R, Alt+T");
  }
  g_assert_true (fugue_shortcut_keys_reset_all (later, &error));
  assert_keys (later, "win.reject", "x Delete");
}

/* A file that somebody wrote by hand: what is wrong in it is passed over. */
static void
test_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueShortcutKeys) keys = NULL;
  g_autofree char              *folder = g_path_get_dirname (fixture->path);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->path,
                                      "[shortcuts]\nwin.keep=y\nwin.reject=<Nonsense>q\nwin.dance=d\nwin.vary=f\n", -1, NULL));
  g_test_expect_message ("Fugue", G_LOG_LEVEL_MESSAGE, "*<Nonsense>q*");
  g_test_expect_message ("Fugue", G_LOG_LEVEL_MESSAGE, "*win.dance*");
  g_test_expect_message ("Fugue", G_LOG_LEVEL_MESSAGE, "*Farther*");
  keys = fugue_shortcut_keys_new (fixture->path);
  g_test_assert_expected_messages ();
  assert_keys (keys, "win.keep", "y");
  assert_keys (keys, "win.reject", "x Delete");
  assert_keys (keys, "win.vary", "v");
}

/* Where letters move, marks and live mode have other keys, and a person's own come before both. */
static void
test_letters_move (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueShortcutKeys) keys = fugue_shortcut_keys_new (fixture->path);
  g_autoptr (FugueShortcutKeys) later = NULL;
  g_autoptr (GError)            error = NULL;
  guint                         n_changes = 0;

  assert_keys (keys, "win.move::left", "");
  g_signal_connect (keys, "changed", G_CALLBACK (count_cb), &n_changes);
  g_object_set (keys, "letters-move", TRUE, NULL);
  g_object_set (keys, "letters-move", TRUE, NULL);
  g_assert_cmpuint (n_changes, ==, 1);
  assert_keys (keys, "win.move::left", "h");
  assert_keys (keys, "win.move::up", "k");
  assert_keys (keys, "win.keep", "<Shift>k");
  assert_keys (keys, "win.reject", "<Shift>x Delete");
  assert_keys (keys, "win.live", "<Shift>l");
  assert_keys (keys, "win.unmark", "u");
  refuse (keys, "win.vary", "k", "“The picture above”");

  /* Free without letters that move, given by a person, and so no key of moving afterwards. */
  g_object_set (keys, "letters-move", FALSE, NULL);
  g_assert_true (fugue_shortcut_keys_set (keys, fugue_shortcuts_find ("win.vary"), "h", &error));
  g_assert_true (fugue_shortcut_keys_set (keys, fugue_shortcuts_find ("win.unmark"), "<Shift>x", &error));
  g_object_set (keys, "letters-move", TRUE, NULL);
  assert_keys (keys, "win.vary", "h");
  assert_keys (keys, "win.move::left", "");
  assert_keys (keys, "win.reject", "Delete");

  /* Free with letters that move, and good in the file whichever way it is read. */
  g_assert_true (fugue_shortcut_keys_set (keys, fugue_shortcuts_find ("win.details"), "x", &error));
  g_assert_no_error (error);
  later = fugue_shortcut_keys_new (fixture->path);
  assert_keys (later, "win.vary", "h");
  assert_keys (later, "win.details", "x");
  assert_keys (later, "win.unmark", "<Shift>x");
  assert_keys (later, "win.reject", "Delete");
  assert_keys (later, "win.keep", "k");
}

/* The keys are asked of the table without a case left out: no two actions have the same, whether letters move or not. */
static void
test_table (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueShortcutKeys) keys = fugue_shortcut_keys_new (fixture->path);
  guint                         n;
  const FugueShortcut          *all = fugue_shortcuts_get (&n);

  for (guint i = 0; i < 2 * n; i++)
    {
      g_autoptr (GError) error = NULL;

      g_object_set (keys, "letters-move", i >= n, NULL);
      if (all[i % n].action == NULL)
        continue;
      fugue_shortcut_keys_set (keys, &all[i % n], NULL, &error);
      g_assert_no_error (error);
    }
}

static void
find_button (GtkWidget *widget, const char *label, GtkWidget **found)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    *found = widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !*found; child = gtk_widget_get_next_sibling (child))
    find_button (child, label, found);
}

static gboolean
has_label (GtkWidget *widget, const char *words)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), words))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    if (has_label (child, words))
      return TRUE;
  return FALSE;
}

static void
edit (GtkWindow *window, const char *label, const char *key)
{
  GtkWidget *button = NULL;

  find_button (GTK_WIDGET (window), label, &button);
  g_assert_nonnull (button);
  gtk_widget_grab_focus (button);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (button)), ==, "Press a key…");
  test_key (window, key);
  test_wait_for (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), "Press a key…") != 0);
}

static void
kept_cb (GSimpleAction *action, GVariant *parameter, gpointer n)
{
  (*(guint *) n)++;
}

/* A button takes the next key; a conflict is said; the key acts in windows that are open. */
static void
test_editor (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueEnginePool)    pool = fugue_engine_pool_new ();
  FugueShortcutKeys             *keys = fugue_shortcut_keys_get_default ();
  GtkWindow                     *preferences = fugue_preferences_new (NULL, fugue_settings_get_default (), pool);
  GtkWindow                     *window;
  GtkWidget                     *button = gtk_button_new_with_label ("here");
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GSimpleAction)      keep = g_simple_action_new ("keep", NULL);
  g_autofree char               *file = g_build_filename (g_get_user_config_dir (), "fugue", "shortcuts.ini", NULL);
  guint                          n_kept = 0;

  fugue_preferences_show_page (preferences, "keyboard");
  test_window_show (preferences);
  edit (preferences, "K", "x");
  test_wait_for (has_label (GTK_WIDGET (preferences), "X is the key of “Reject” already"));
  assert_keys (keys, "win.keep", "k");
  edit (preferences, "K", "Escape");
  assert_keys (keys, "win.keep", "k");
  edit (preferences, "K", "y");
  assert_keys (keys, "win.keep", "y");
  g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));

  g_signal_connect (keep, "activate", G_CALLBACK (kept_cb), &n_kept);
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (keep));
  window = test_window_new (button);
  gtk_widget_insert_action_group (GTK_WIDGET (window), "win", G_ACTION_GROUP (actions));
  gtk_widget_add_controller (GTK_WIDGET (window), fugue_shortcuts_controller_new (fugue_settings_get_default ()));
  gtk_widget_grab_focus (button);
  test_key (window, "k");
  test_key (window, "y");
  test_wait_for (n_kept == 1);
  g_settings_set_boolean (fugue_settings_get_default (), "single-letters", FALSE);
  test_key (window, "y");
  g_settings_set_boolean (fugue_settings_get_default (), "single-letters", TRUE);
  g_assert_true (fugue_shortcut_keys_set (keys, fugue_shortcuts_find ("win.keep"), NULL, NULL));
  test_key (window, "y");
  test_key (window, "k");
  test_wait_for (n_kept == 2);

  gtk_window_destroy (window);
  gtk_window_destroy (preferences);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add ("/ui/shortcut-keys/set", Fixture, NULL, set_up, test_set, tear_down);
  g_test_add ("/ui/shortcut-keys/file", Fixture, NULL, set_up, test_file, tear_down);
  g_test_add ("/ui/shortcut-keys/letters-move", Fixture, NULL, set_up, test_letters_move, tear_down);
  g_test_add ("/ui/shortcut-keys/table", Fixture, NULL, set_up, test_table, tear_down);
  g_test_add ("/ui/shortcut-keys/editor", Fixture, NULL, set_up, test_editor, tear_down);
  return g_test_run ();
}
