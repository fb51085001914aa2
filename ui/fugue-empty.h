/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands in the middle of a session without pictures: how to bring one in, and samples to begin with.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_EMPTY (fugue_empty_get_type ())
G_DECLARE_FINAL_TYPE (FugueEmpty, fugue_empty, FUGUE, EMPTY, GtkWidget)

GtkWidget *fugue_empty_new (void);

/**
 * fugue_dup_sample_path:
 * @name: such as "star.png"
 *
 * Returns: (transfer full) (nullable): the sample picture, installed or of the source tree
 */
char      *fugue_dup_sample_path (const char *name);

G_END_DECLS
