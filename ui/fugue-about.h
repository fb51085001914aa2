/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Fugue is, whose work it holds, under which terms; and the report that helps when something goes wrong.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-engine-pool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * fugue_about_new:
 * @parent: (nullable)
 * @pool: (nullable): whose engines the report tells of
 */
GtkWindow *fugue_about_new        (GtkWindow       *parent,
                                   FugueEnginePool *pool);

/**
 * fugue_about_dup_report:
 *
 * Versions, display, engines, devices and model, in plain lines of English. No names of files or people.
 *
 * Returns: (transfer full)
 */
char      *fugue_about_dup_report (FugueEnginePool *pool);

G_END_DECLS
