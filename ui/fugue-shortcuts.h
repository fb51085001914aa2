/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window that lists all keys, made of the one table in fugue-shortcuts-table.h.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * fugue_shortcuts_window_new:
 * @parent: (nullable)
 */
GtkWindow *fugue_shortcuts_window_new (GtkWindow *parent);

G_END_DECLS
