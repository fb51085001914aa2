/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The application: its command line, its windows, and what they share.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_APPLICATION_ID "io.github.fugue.Fugue"

#define FUGUE_TYPE_APPLICATION (fugue_application_get_type ())
G_DECLARE_FINAL_TYPE (FugueApplication, fugue_application, FUGUE, APPLICATION, GtkApplication)

FugueApplication *fugue_application_new (void);

G_END_DECLS
