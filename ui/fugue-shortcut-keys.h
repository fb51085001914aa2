/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys in force: those of the table, or those that a person gave an action instead. They stand in the file shortcuts.ini of
 * Fugue's folder below $XDG_CONFIG_HOME:
 *
 *     [shortcuts]
 *     win.keep=y
 *     win.export=<Control>e <Control>s
 *
 * An action without a line has the keys of the table; an empty value takes them away. Lines that name no action, or keys that
 * another action has, are passed over with a message.
 *
 * The table has two sets of keys, and the property "letters-move" says which: where H, J, K and L move in the gallery, what they did
 * otherwise has other keys. A file that fits one of them is good: a key that a person gave an action is taken from whichever has it
 * in the other.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-shortcuts-table.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_SHORTCUT_KEYS (fugue_shortcut_keys_get_type ())

/* Property "letters-move" (boolean, default FALSE): H, J, K and L move in the gallery. That of get_default() follows the setting.
 *
 * Signal "changed" (): some keys are others now.
 */
G_DECLARE_FINAL_TYPE (FugueShortcutKeys, fugue_shortcut_keys, FUGUE, SHORTCUT_KEYS, GObject)

/**
 * fugue_shortcut_keys_get_default:
 *
 * Returns: (transfer none): those of the person's file, for the whole program
 */
FugueShortcutKeys *fugue_shortcut_keys_get_default (void);

/**
 * fugue_shortcut_keys_new:
 * @path: of a file, which may not exist yet
 */
FugueShortcutKeys *fugue_shortcut_keys_new         (const char           *path);

/**
 * fugue_shortcut_keys_get:
 *
 * Returns: (transfer none): accelerators with a space between, "" for none; good until they are set anew
 */
const char        *fugue_shortcut_keys_get         (FugueShortcutKeys    *self,
                                                    const FugueShortcut  *shortcut);

/**
 * fugue_shortcut_keys_set:
 * @shortcut: one with an action
 * @keys: (nullable): accelerators as gtk_accelerator_parse() reads them, with a space between; "" for none, %NULL for those of the
 *   table
 *
 * Errors: G_KEY_FILE_ERROR_INVALID_VALUE, with a sentence, for keys that are none, that another action has, or that would act while a
 *   person types; G_FILE_ERROR if they can't be stored, though they act until the end of the program.
 */
gboolean           fugue_shortcut_keys_set         (FugueShortcutKeys    *self,
                                                    const FugueShortcut  *shortcut,
                                                    const char           *keys,
                                                    GError              **error);

/* Back to the table, all of them. */
gboolean           fugue_shortcut_keys_reset_all   (FugueShortcutKeys    *self,
                                                    GError              **error);

/**
 * fugue_shortcut_keys_dup_label:
 *
 * Returns: (transfer full): for people, such as "Ctrl+E"; "" for none
 */
char              *fugue_shortcut_keys_dup_label   (FugueShortcutKeys    *self,
                                                    const FugueShortcut  *shortcut);

G_END_DECLS
