/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The preferences: pages of rows bound to GSettings. What a page changes acts at once, through whoever watches the settings.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-engine-pool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * fugue_preferences_new:
 * @parent: (nullable)
 * @settings: (transfer none): of the schema io.github.fugue.Fugue
 * @pool: (transfer none): whose main engine looks for models and knows the devices
 */
GtkWindow *fugue_preferences_new (GtkWindow       *parent,
                                  GSettings       *settings,
                                  FugueEnginePool *pool);

/**
 * fugue_preferences_show_page:
 * @window: from fugue_preferences_new()
 * @page: "general", "models", "computing", "export", "keyboard" or "storage"
 */
void       fugue_preferences_show_page (GtkWindow  *window,
                                        const char *page);

G_END_DECLS
