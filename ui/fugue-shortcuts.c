/* SPDX-License-Identifier: GPL-3.0-or-later */

/* At the floor of GTK 4.8 a GtkShortcutsWindow takes children from a builder alone, so the table becomes a description first. */

#include "config.h"

#include "fugue-shortcuts.h"

#include "fugue-shortcut-keys.h"

#include <glib/gi18n.h>

/* Rows of a column, and of a group, so that the window keeps below 720 pixels. */
#define COLUMN_ROWS 16
#define GROUP_ROWS  12

static void
append_property (GString *xml, const char *name, const char *value)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);

  g_string_append_printf (xml, "<property name=\"%s\">%s</property>", name, escaped);
}

static void
append_shortcut (GString *xml, const FugueShortcut *shortcut, const char *keys)
{
  g_string_append (xml, "<child><object class=\"GtkShortcutsShortcut\">");
  append_property (xml, "title", _(shortcut->title));
  append_property (xml, "accelerator", keys);
  g_string_append (xml, "</object></child>");
}

static void
begin_group (GString *xml, FugueShortcutSection section)
{
  g_string_append (xml, "<child><object class=\"GtkShortcutsGroup\">");
  append_property (xml, "title", fugue_shortcuts_get_section_title (section));
}

static void
end_group (GString *xml)
{
  g_string_append (xml, "</object></child>");
}

/* A section, in groups that are no longer than a column: the window breaks columns between groups alone. */
static void
append_section (GString *xml, FugueShortcutSection section)
{
  guint                n, n_rows = 0;
  const FugueShortcut *shortcuts = fugue_shortcuts_get (&n);

  begin_group (xml, section);
  for (guint i = 0; i < n; i++)
    {
      const char *keys = fugue_shortcut_keys_get (fugue_shortcut_keys_get_default (), &shortcuts[i]);

      if (shortcuts[i].section != section || *keys == '\0')
        continue;
      if (n_rows++ == GROUP_ROWS)
        {
          end_group (xml);
          begin_group (xml, section);
          n_rows = 1;
        }
      append_shortcut (xml, &shortcuts[i], keys);
    }
  end_group (xml);
}

GtkWindow *
fugue_shortcuts_window_new (GtkWindow *parent)
{
  g_autoptr (GString)    xml = g_string_new ("<interface><object class=\"GtkShortcutsWindow\" id=\"window\">"
                                             "<property name=\"modal\">1</property>"
                                             "<child><object class=\"GtkShortcutsSection\">"
                                             "<property name=\"section-name\">fugue</property>"
                                             "<property name=\"max-height\">" G_STRINGIFY (COLUMN_ROWS) "</property>");
  g_autoptr (GtkBuilder) builder = NULL;
  GtkWindow             *window;

  for (guint section = 0; section < FUGUE_SHORTCUTS_N_SECTIONS; section++)
    append_section (xml, section);
  g_string_append (xml, "</object></child></object></interface>");

  builder = gtk_builder_new_from_string (xml->str, -1);
  window = GTK_WINDOW (gtk_builder_get_object (builder, "window"));
  gtk_window_set_transient_for (window, parent);
  return window;
}
