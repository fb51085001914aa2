/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys of every action: a button each, which takes the next key that is pressed. */

#include "config.h"

#include "fugue-preferences-private.h"
#include "fugue-shortcut-keys.h"
#include "fugue-shortcuts.h"

#include <glib/gi18n.h>

typedef struct
{
  FuguePreferences  *preferences;       /* borrowed: goes with the window, as this does */
  FugueShortcutKeys *keys;              /* borrowed: the program's */
  GtkWidget         *status;            /* borrowed widgets */
  GPtrArray         *buttons;           /* of GtkWidget */
  GtkWidget         *waiting;           /* the button that takes the next key; NULL mostly */
} Page;

static const FugueShortcut *
get_shortcut (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (button), "shortcut");
}

static void
update_button (Page *page, GtkWidget *button)
{
  const FugueShortcut *shortcut = get_shortcut (button);
  g_autofree char     *label = fugue_shortcut_keys_dup_label (page->keys, shortcut);
  g_autofree char     *words = NULL;

  if (button == page->waiting)
    {
      g_free (label);
      label = g_strdup (_("Press a key…"));
    }
  else if (*label == '\0')
    {
      g_free (label);
      label = g_strdup (_("None"));
    }
  words = g_strdup_printf ("%s: %s", _(shortcut->title), label);
  gtk_button_set_label (GTK_BUTTON (button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
update (Page *page)
{
  for (guint i = 0; i < page->buttons->len; i++)
    update_button (page, g_ptr_array_index (page->buttons, i));
}

static void
say (Page *page, const char *words)
{
  gtk_label_set_label (GTK_LABEL (page->status), words);
}

static void
wait_for_key (Page *page, GtkWidget *button)
{
  page->waiting = button;
  update (page);
  say (page, button ? _("Escape leaves it as it is, Backspace gives it its own key back, Delete takes it away.") : "");
}

static void
clicked_cb (GtkButton *button, Page *page)
{
  wait_for_key (page, GTK_WIDGET (button));
}

static void
set_keys (Page *page, const char *keys)
{
  const FugueShortcut *shortcut = get_shortcut (page->waiting);
  g_autoptr (GError)   error = NULL;

  wait_for_key (page, NULL);
  if (!fugue_shortcut_keys_set (page->keys, shortcut, keys, &error))
    say (page, error->message);
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, Page *page)
{
  GdkModifierType  modifiers = state & gtk_accelerator_get_default_mod_mask ();
  g_autofree char *key = gtk_accelerator_name (gdk_keyval_to_lower (keyval), modifiers);

  if (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller)) != page->waiting)
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Escape && modifiers == 0)
    wait_for_key (page, NULL);
  else if (keyval == GDK_KEY_BackSpace && modifiers == 0)
    set_keys (page, NULL);
  else if (keyval == GDK_KEY_Delete && modifiers == 0)
    set_keys (page, "");
  /* Ctrl by itself is only the beginning. */
  else if (!gdk_key_event_is_modifier (gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller))))
    set_keys (page, key);
  return GDK_EVENT_STOP;
}

static void
focus_left_cb (GtkEventController *controller, Page *page)
{
  if (gtk_event_controller_get_widget (controller) == page->waiting)
    wait_for_key (page, NULL);
}

static GtkWidget *
key_button_new (Page *page, const FugueShortcut *shortcut)
{
  GtkWidget          *button = gtk_button_new ();
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_object_set_data (G_OBJECT (button), "shortcut", (gpointer) shortcut);
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_pressed_cb), page);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_left_cb), page);
  gtk_widget_add_controller (button, key);
  gtk_widget_add_controller (button, focus);
  g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), page);
  g_ptr_array_add (page->buttons, button);
  return button;
}

static void
add_section (Page *page, GtkWidget *widget, FugueShortcutSection section)
{
  guint                n;
  const FugueShortcut *all = fugue_shortcuts_get (&n);

  fugue_preferences_add_heading (widget, fugue_shortcuts_get_section_title (section));
  for (guint i = 0; i < n; i++)
    if (all[i].section == section && all[i].action != NULL)
      fugue_preferences_add_row (widget, _(all[i].title), NULL, key_button_new (page, &all[i]));
}

static gboolean
has_actions (FugueShortcutSection section)
{
  guint                n;
  const FugueShortcut *all = fugue_shortcuts_get (&n);

  for (guint i = 0; i < n; i++)
    if (all[i].section == section && all[i].action != NULL)
      return TRUE;
  return FALSE;
}

static void
show_shortcuts_cb (Page *page)
{
  gtk_window_present (fugue_shortcuts_window_new (page->preferences->window));
}

static void
reset_cb (Page *page)
{
  g_autoptr (GError) error = NULL;

  wait_for_key (page, NULL);
  if (!fugue_shortcut_keys_reset_all (page->keys, &error))
    say (page, error->message);
}

static void
page_free (gpointer data)
{
  Page *page = data;

  g_signal_handlers_disconnect_by_data (page->keys, page);
  g_ptr_array_unref (page->buttons);
  g_free (page);
}

GtkWidget *
fugue_preferences_keyboard_new (FuguePreferences *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *widget = fugue_preferences_page_new ();
  GtkWidget *show = gtk_button_new_with_label (_("Show"));
  GtkWidget *reset = gtk_button_new_with_label (_("Reset"));
  Page      *page = g_new0 (Page, 1);

  page->preferences = self;
  page->keys = fugue_shortcut_keys_get_default ();
  page->buttons = g_ptr_array_new ();
  g_object_set_data_full (G_OBJECT (box), "page", page, page_free);

  fugue_preferences_add_switch (self, widget, "single-letters", _("Single letters"),
                                _("They keep, reject and vary, among others. They never act while a text field has the focus."));
  fugue_preferences_add_switch (self, widget, "letters-move", _("H, J, K and L move in the gallery"),
                                _("Left, down, up and right. Shift+K keeps then, Shift+X rejects, Shift+L is live."));
  g_signal_connect_swapped (show, "clicked", G_CALLBACK (show_shortcuts_cb), page);
  fugue_preferences_add_row (widget, _("All keyboard shortcuts"), NULL, show);
  g_signal_connect_swapped (reset, "clicked", G_CALLBACK (reset_cb), page);
  fugue_preferences_add_row (widget, _("All keys as they were"), NULL, reset);
  page->status = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS, "xalign", 0.0, "wrap", TRUE,
                               "max-width-chars", 50, "margin-start", 18, "margin-end", 18, "margin-top", 6, "margin-bottom", 6, NULL);
  for (guint section = 0; section < FUGUE_SHORTCUTS_N_SECTIONS; section++)
    if (has_actions (section))
      add_section (page, widget, section);
  g_signal_connect_swapped (page->keys, "changed", G_CALLBACK (update), page);
  update (page);

  /* What is said stays in sight, however far down the button is. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), widget);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), page->status);
  return box;
}
