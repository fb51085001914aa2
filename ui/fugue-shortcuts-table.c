/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Accelerators of a GtkApplication act before the widget that has the focus sees the key. That is right for Ctrl+Return, and
 * wrong for letters and for Ctrl+Z or Ctrl+V, which text fields need: those are tried after the focus widget has passed on them, by
 * a controller in the bubble phase.
 */

#include "config.h"

#include "fugue-shortcuts-table.h"

#include "fugue-shortcut-keys.h"

#include <glib/gi18n.h>

#define GENERAL  FUGUE_SHORTCUTS_GENERAL
#define PANES    FUGUE_SHORTCUTS_PANES
#define RUN      FUGUE_SHORTCUTS_RUN
#define EXPLORE  FUGUE_SHORTCUTS_EXPLORE
#define STAGE    FUGUE_SHORTCUTS_STAGE
#define EXPORT   FUGUE_SHORTCUTS_EXPORT

#define ANYWHERE FUGUE_SHORTCUT_ANYWHERE
#define OUTSIDE  FUGUE_SHORTCUT_OUTSIDE_TEXT
#define LETTER   FUGUE_SHORTCUT_LETTER
#define BUILT_IN FUGUE_SHORTCUT_BUILT_IN

static const FugueShortcut SHORTCUTS[] = {
  { GENERAL, ANYWHERE, "app.new-window", "<Control>n", N_("New window") },
  { GENERAL, ANYWHERE, "win.open", "<Control>o", N_("Open pictures") },
  { GENERAL, ANYWHERE, "win.open-folder", "<Shift><Control>o", N_("Vary every picture in a folder") },
  { GENERAL, OUTSIDE, "win.paste", "<Control>v", N_("Paste a picture or a recipe") },
  { GENERAL, OUTSIDE, "win.undo", "<Control>z", N_("Undo") },
  { GENERAL, OUTSIDE, "win.redo", "<Shift><Control>z", N_("Redo") },
  { GENERAL, ANYWHERE, "win.close", "<Control>w", N_("Close the window") },
  { GENERAL, ANYWHERE, "app.quit", "<Control>q", N_("Quit") },
  { GENERAL, ANYWHERE, "app.preferences", "<Control>comma", N_("Preferences") },
  { GENERAL, ANYWHERE, "app.shortcuts", "<Control>question F1", N_("Keyboard shortcuts") },
  { GENERAL, BUILT_IN, NULL, "F10", N_("Menu") },
  { GENERAL, ANYWHERE, "win.fullscreen", "F11", N_("Full screen") },

  { PANES, ANYWHERE, "win.show-sources", "F9", N_("Sources") },
  { PANES, ANYWHERE, "win.show-controls", "<Shift>F9", N_("Controls") },
  { PANES, ANYWHERE, "win.show-queue", "F7", N_("Queue") },
  { PANES, BUILT_IN, NULL, "<Alt>Up <Alt>Down", N_("Queue: earlier and later") },
  { PANES, BUILT_IN, NULL, "Return", N_("Queue: edit the batch") },
  { PANES, BUILT_IN, NULL, "Delete", N_("Queue: remove the batch") },
  { PANES, ANYWHERE, "win.focus-pane(1)", "F6", N_("Next pane") },
  { PANES, ANYWHERE, "win.focus-pane(-1)", "<Shift>F6", N_("Previous pane") },
  { PANES, ANYWHERE, "win.mode::vary", "<Alt>1", N_("Vary") },
  { PANES, ANYWHERE, "win.mode::diff", "<Alt>2", N_("Diff") },
  { PANES, ANYWHERE, "win.mode::mix", "<Alt>3", N_("Mix") },
  { PANES, ANYWHERE, "win.mode::invert", "<Alt>4", N_("Invert") },
  { PANES, ANYWHERE, "win.next-mode", "<Control>Tab", N_("Next mode") },

  { RUN, ANYWHERE, "win.go", "<Control>Return", N_("Go, with these settings") },
  { RUN, ANYWHERE, "win.go-next", "<Shift><Control>Return", N_("Go, before all that waits") },
  { RUN, LETTER, "win.live", "l", N_("Live: sliders show what they do"), "<Shift>l" },
  { RUN, LETTER, "win.pause", "p", N_("Pause") },
  { RUN, OUTSIDE, "win.stop", "Escape", N_("Close the popover, else stop, else leave") },
  { RUN, ANYWHERE, "win.skip", "<Shift>Escape", N_("Skip this picture") },
  { RUN, ANYWHERE, "win.repeat", "<Control>period", N_("The last batch again, with another seed") },

  { EXPLORE, LETTER, "win.vary", "v", N_("Vary this") },
  { EXPLORE, LETTER, "win.vary-nearer", "<Shift>v", N_("Vary this, one notch nearer") },
  { EXPLORE, LETTER, "win.farther", "f", N_("Farther") },
  { EXPLORE, LETTER, "win.nearer", "n", N_("Nearer") },
  { EXPLORE, LETTER, "win.reroll", "r", N_("Make the rejected ones again") },
  { EXPLORE, LETTER, "win.try-on-processor", "<Shift>r", N_("Try what failed again, on the processor") },
  { EXPLORE, LETTER, "win.copy-report", "<Shift>e", N_("Copy a report of what failed") },
  { EXPLORE, LETTER, "win.keep", "k", N_("Keep"), "<Shift>k" },
  { EXPLORE, LETTER, "win.reject", "x Delete", N_("Reject"), "<Shift>x Delete" },
  { EXPLORE, LETTER, "win.unmark", "u", N_("Take the mark away") },
  { EXPLORE, LETTER, "win.rate(1)", "1", N_("Rate 1 star") },
  { EXPLORE, LETTER, "win.rate(2)", "2", N_("Rate 2 stars") },
  { EXPLORE, LETTER, "win.rate(3)", "3", N_("Rate 3 stars") },
  { EXPLORE, LETTER, "win.rate(4)", "4", N_("Rate 4 stars") },
  { EXPLORE, LETTER, "win.rate(5)", "5", N_("Rate 5 stars") },
  { EXPLORE, LETTER, "win.diff", "d", N_("Diff with this") },
  { EXPLORE, LETTER, "win.send-to::a", "<Shift>a", N_("Send to slot A") },
  { EXPLORE, LETTER, "win.send-to::b", "<Shift>b", N_("Send to slot B") },
  { EXPLORE, LETTER, "win.send-to::c", "<Shift>c", N_("Send to slot C") },
  { EXPLORE, LETTER, "win.send-to::d", "<Shift>d", N_("Send to slot D") },
  { EXPLORE, LETTER, "win.lock", "i", N_("Invert: hold on to exactly this picture") },
  { EXPLORE, LETTER, "win.parent", "g", N_("Go to what it was made from") },
  { EXPLORE, LETTER, "win.child", "<Shift>g", N_("Go to what was made from it") },
  { EXPLORE, LETTER, "win.details", "e", N_("Details") },
  { EXPLORE, LETTER, "win.move::left", "", N_("The picture to the left"), "h" },
  { EXPLORE, LETTER, "win.move::down", "", N_("The picture below"), "j" },
  { EXPLORE, LETTER, "win.move::up", "", N_("The picture above"), "k" },
  { EXPLORE, LETTER, "win.move::right", "", N_("The picture to the right"), "l" },
  { EXPLORE, LETTER, "win.previous-unmarked", "comma", N_("Previous unmarked") },
  { EXPLORE, LETTER, "win.next-unmarked", "period", N_("Next unmarked") },
  { EXPLORE, BUILT_IN, NULL, "Return", N_("Put on stage") },
  { EXPLORE, BUILT_IN, NULL, "space", N_("Hold: quick look") },
  { EXPLORE, BUILT_IN, NULL, "<Control>a", N_("Select all") },
  { EXPLORE, BUILT_IN, NULL, "Home End", N_("First and last") },
  { EXPLORE, BUILT_IN, NULL, "<Shift>Left <Shift>Right", N_("Select more") },
  { EXPLORE, OUTSIDE, "win.copy", "<Control>c", N_("Copy the picture") },
  { EXPLORE, OUTSIDE, "win.copy-recipe", "<Shift><Control>c", N_("Copy the recipe") },
  { EXPLORE, ANYWHERE, "win.find", "<Control>f", N_("Find") },
  { EXPLORE, ANYWHERE, "win.larger", "<Control>plus <Control>equal", N_("Larger pictures") },
  { EXPLORE, ANYWHERE, "win.smaller", "<Control>minus", N_("Smaller pictures") },

  { STAGE, BUILT_IN, NULL, "plus minus", N_("Zoom in and out") },
  { STAGE, BUILT_IN, NULL, "0", N_("Fit") },
  { STAGE, BUILT_IN, NULL, "<Control>1 <Control>2", N_("Pixel for pixel, twice as large") },
  { STAGE, BUILT_IN, NULL, "<Control>Left <Control>Right", N_("Move the picture") },
  { STAGE, BUILT_IN, NULL, "b", N_("Hold, also in the gallery: the source") },
  { STAGE, BUILT_IN, NULL, "Left Right", N_("Pad: move; strip: walk the frames") },
  { STAGE, BUILT_IN, NULL, "a...d", N_("Pad: jump to a corner") },
  { STAGE, BUILT_IN, NULL, "equal", N_("Pad: to the middle") },
  { STAGE, BUILT_IN, NULL, "<Control>g", N_("Pad: another contact sheet") },
  { STAGE, ANYWHERE, "win.mute::a", "<Alt>a", N_("Mute: leave A out of mixes") },
  { STAGE, ANYWHERE, "win.mute::b", "<Alt>b", N_("Mute: leave B out of mixes") },
  { STAGE, ANYWHERE, "win.mute::c", "<Alt>c", N_("Mute: leave C out of mixes") },
  { STAGE, ANYWHERE, "win.mute::d", "<Alt>d", N_("Mute: leave D out of mixes") },
  { STAGE, BUILT_IN, NULL, "Return", N_("Pad and strip: make this one in full") },
  { STAGE, BUILT_IN, NULL, "<Shift><Control>x", N_("Diff: swap the captions") },
  { STAGE, BUILT_IN, NULL, "BackSpace", N_("Slider: back to its default") },

  { EXPORT, ANYWHERE, "win.export", "<Control>e", N_("Export again") },
  { EXPORT, ANYWHERE, "win.export-as", "<Shift><Control>e", N_("Export as…") },
  { EXPORT, ANYWHERE, "win.contact-sheet", "<Control>p", N_("Contact sheet of what is selected or shown") },
  { EXPORT, ANYWHERE, "win.save-copy", "<Control>s", N_("Save a copy of the session") },
};

const FugueShortcut *
fugue_shortcuts_get (guint *n_shortcuts)
{
  *n_shortcuts = G_N_ELEMENTS (SHORTCUTS);
  return SHORTCUTS;
}

const FugueShortcut *
fugue_shortcuts_find (const char *action)
{
  for (guint i = 0; i < G_N_ELEMENTS (SHORTCUTS); i++)
    if (g_strcmp0 (SHORTCUTS[i].action, action) == 0)
      return &SHORTCUTS[i];
  return NULL;
}

const char *
fugue_shortcuts_get_section_title (FugueShortcutSection section)
{
  static const char *const TITLES[FUGUE_SHORTCUTS_N_SECTIONS] = {
    [GENERAL] = N_("General"),
    [PANES] = N_("Panes"),
    [RUN] = N_("Run"),
    [EXPLORE] = N_("Explore"),
    [STAGE] = N_("Stage and controls"),
    [EXPORT] = N_("Export"),
  };

  g_return_val_if_fail (section < FUGUE_SHORTCUTS_N_SECTIONS, NULL);

  return _(TITLES[section]);
}

static char **
split_keys (const FugueShortcut *shortcut)
{
  return g_strsplit (fugue_shortcut_keys_get (fugue_shortcut_keys_get_default (), shortcut), " ", -1);
}

static void
set_accels (GtkApplication *application)
{
  for (guint i = 0; i < G_N_ELEMENTS (SHORTCUTS); i++)
    if (SHORTCUTS[i].kind == ANYWHERE)
      {
        g_auto (GStrv) keys = split_keys (&SHORTCUTS[i]);

        gtk_application_set_accels_for_action (application, SHORTCUTS[i].action, (const char *const *) keys);
      }
}

void
fugue_shortcuts_install (GtkApplication *application)
{
  set_accels (application);
  g_signal_connect_object (fugue_shortcut_keys_get_default (), "changed", G_CALLBACK (set_accels), application,
                           G_CONNECT_SWAPPED);
}

/* ---- keys outside text fields ---- */

typedef struct
{
  GPtrArray *triggers[G_N_ELEMENTS (SHORTCUTS)];   /* of GtkShortcutTrigger; NULL where the application has the key */
  GSettings *settings;
  gulong     changed;
} Keys;

static void
keys_free (gpointer  data,
           GClosure *closure)
{
  Keys *keys = data;

  g_signal_handler_disconnect (fugue_shortcut_keys_get_default (), keys->changed);
  for (guint i = 0; i < G_N_ELEMENTS (SHORTCUTS); i++)
    g_clear_pointer (&keys->triggers[i], g_ptr_array_unref);
  g_object_unref (keys->settings);
  g_free (keys);
}

/* A popover is a place of its own: keys typed there are not meant for the gallery behind it. */
static gboolean
is_elsewhere (GtkWidget *focus)
{
  return focus != NULL
         && (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus)
             || gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL);
}

static gboolean
activate (GtkWidget  *widget,
          const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  if (!g_action_parse_detailed_name (detailed, &name, &target, NULL))
    g_assert_not_reached ();
  return gtk_widget_activate_action_variant (widget, name, target);
}

static gboolean
matches (GPtrArray *triggers,
         GdkEvent  *event)
{
  for (guint i = 0; i < triggers->len; i++)
    if (gtk_shortcut_trigger_trigger (triggers->pdata[i], event, FALSE) == GDK_KEY_MATCH_EXACT)
      return TRUE;
  return FALSE;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                Keys                  *keys)
{
  GtkWidget *window = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window));
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));
  gboolean letters = g_settings_get_boolean (keys->settings, "single-letters");

  for (guint i = 0; i < G_N_ELEMENTS (SHORTCUTS); i++)
    {
      if (keys->triggers[i] == NULL || !matches (keys->triggers[i], event))
        continue;
      if (SHORTCUTS[i].kind == LETTER && (is_elsewhere (focus) || !letters))
        return GDK_EVENT_PROPAGATE;
      return activate (focus != NULL ? focus : window, SHORTCUTS[i].action);
    }
  return GDK_EVENT_PROPAGATE;
}

static GPtrArray *
parse_keys (const FugueShortcut *shortcut)
{
  g_auto (GStrv) keys = split_keys (shortcut);
  GPtrArray *triggers = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; keys[i] != NULL; i++)
    {
      GtkShortcutTrigger *trigger = gtk_shortcut_trigger_parse_string (keys[i]);

      g_assert (trigger != NULL);
      g_ptr_array_add (triggers, trigger);
    }
  return triggers;
}

static void
parse_all (Keys *keys)
{
  for (guint i = 0; i < G_N_ELEMENTS (SHORTCUTS); i++)
    {
      g_clear_pointer (&keys->triggers[i], g_ptr_array_unref);
      if (SHORTCUTS[i].kind == OUTSIDE || SHORTCUTS[i].kind == LETTER)
        keys->triggers[i] = parse_keys (&SHORTCUTS[i]);
    }
}

GtkEventController *
fugue_shortcuts_controller_new (GSettings *settings)
{
  GtkEventController *controller = gtk_event_controller_key_new ();
  Keys *keys = g_new0 (Keys, 1);

  keys->settings = g_object_ref (settings);
  keys->changed = g_signal_connect_swapped (fugue_shortcut_keys_get_default (), "changed", G_CALLBACK (parse_all), keys);
  parse_all (keys);

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_BUBBLE);
  g_signal_connect_data (controller, "key-pressed", G_CALLBACK (key_pressed_cb), keys, keys_free, 0);
  return controller;
}

/* ---- words ---- */

void
fugue_shortcuts_append_item (GMenu      *menu,
                             const char *action)
{
  const FugueShortcut *shortcut = fugue_shortcuts_find (action);
  g_auto (GStrv) keys = NULL;
  g_autoptr (GMenuItem) item = NULL;

  g_return_if_fail (shortcut != NULL);

  keys = split_keys (shortcut);
  item = g_menu_item_new (_(shortcut->title), action);
  /* Shown beside the item; the application does not know the keys that are not its own. */
  if (shortcut->kind != ANYWHERE && keys[0] != NULL)
    g_menu_item_set_attribute (item, "accel", "s", keys[0]);
  g_menu_append_item (menu, item);
}

char *
fugue_shortcuts_dup_tooltip (const char *action)
{
  const FugueShortcut *shortcut = fugue_shortcuts_find (action);
  g_autofree char *keys = NULL;

  g_return_val_if_fail (shortcut != NULL, NULL);

  keys = fugue_shortcut_keys_dup_label (fugue_shortcut_keys_get_default (), shortcut);
  return *keys != '\0' ? g_strdup_printf ("%s (%s)", _(shortcut->title), keys) : g_strdup (_(shortcut->title));
}
