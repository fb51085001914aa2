/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every action that has a key: one table, from which the application takes its accelerators, the window the keys that act outside
 * text fields, menus their items, and the list of shortcuts its rows.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  FUGUE_SHORTCUTS_GENERAL,
  FUGUE_SHORTCUTS_PANES,
  FUGUE_SHORTCUTS_RUN,
  FUGUE_SHORTCUTS_EXPLORE,
  FUGUE_SHORTCUTS_STAGE,
  FUGUE_SHORTCUTS_EXPORT,
  FUGUE_SHORTCUTS_N_SECTIONS,
} FugueShortcutSection;

/**
 * FugueShortcutKind:
 * @FUGUE_SHORTCUT_ANYWHERE: acts wherever the focus is
 * @FUGUE_SHORTCUT_OUTSIDE_TEXT: left to text fields, which have a meaning of their own for it
 * @FUGUE_SHORTCUT_LETTER: likewise, and can be switched off in the preferences: a single letter, digit or sign
 * @FUGUE_SHORTCUT_BUILT_IN: a widget's own; here for the list alone
 */
typedef enum
{
  FUGUE_SHORTCUT_ANYWHERE,
  FUGUE_SHORTCUT_OUTSIDE_TEXT,
  FUGUE_SHORTCUT_LETTER,
  FUGUE_SHORTCUT_BUILT_IN,
} FugueShortcutKind;

/**
 * FugueShortcut:
 * @action: detailed name, such as "win.rate(3)"; %NULL of built-in ones
 * @keys: accelerators with a space between, as gtk_accelerator_parse() reads; "" for none
 * @title: to be translated
 * @keys_with_moves: (nullable): those where the letters H, J, K and L move in the gallery, if they are others then
 */
typedef struct
{
  FugueShortcutSection  section;
  FugueShortcutKind     kind;
  const char           *action;
  const char           *keys;
  const char           *title;
  const char           *keys_with_moves;
} FugueShortcut;

/**
 * fugue_shortcuts_get:
 * @n_shortcuts: (out): how many
 *
 * Returns: (transfer none) (array length=n_shortcuts): in the order of sections
 */
const FugueShortcut *fugue_shortcuts_get             (guint                *n_shortcuts);

/**
 * fugue_shortcuts_find:
 * @action: detailed name
 *
 * Returns: (transfer none) (nullable)
 */
const FugueShortcut *fugue_shortcuts_find            (const char           *action);

/**
 * fugue_shortcuts_get_section_title:
 *
 * Returns: (transfer none): translated
 */
const char          *fugue_shortcuts_get_section_title (FugueShortcutSection  section);

/**
 * fugue_shortcuts_install:
 *
 * Gives the application the accelerators that act anywhere.
 */
void                 fugue_shortcuts_install         (GtkApplication       *application);

/**
 * fugue_shortcuts_controller_new:
 *
 * The keys that act outside text fields, as a controller for a window: it activates the actions as seen from the widget that has
 * the focus. Single letters act as long as the setting "single-letters" says so.
 *
 * Returns: (transfer full)
 */
GtkEventController  *fugue_shortcuts_controller_new  (GSettings            *settings);

/**
 * fugue_shortcuts_append_item:
 * @action: detailed name of one in the table
 *
 * Adds a menu item with the title of the table, and its keys to the right.
 */
void                 fugue_shortcuts_append_item     (GMenu                *menu,
                                                      const char           *action);

/**
 * fugue_shortcuts_dup_tooltip:
 *
 * Returns: (transfer full): title and keys, such as "Undo (Ctrl+Z)"
 */
char                *fugue_shortcuts_dup_tooltip     (const char           *action);

G_END_DECLS
