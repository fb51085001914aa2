/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A bar whose children go on in another row where the first is full, as words do; with large text or in a narrow window.
 *
 * A child that expands takes the rest of its row. From right to left all is mirrored.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_WRAP_BOX (fugue_wrap_box_get_type ())

/* Children are added as in any .ui file, or by gtk_widget_insert_before(). */
G_DECLARE_FINAL_TYPE (FugueWrapBox, fugue_wrap_box, FUGUE, WRAP_BOX, GtkWidget)

GtkWidget *fugue_wrap_box_new (void);

G_END_DECLS
