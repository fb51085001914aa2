/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The application: its command line, its windows, and the engines that they share.
 *
 * Each window has a session of its own. Which sessions are open stands in a state file, so that after a crash the next start brings
 * them back.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-engine-pool.h"
#include "fugue-runner.h"
#include "fugue-style.h"

G_BEGIN_DECLS

#define FUGUE_APPLICATION_ID "io.github.fugue.Fugue"

#define FUGUE_TYPE_APPLICATION (fugue_application_get_type ())
G_DECLARE_FINAL_TYPE (FugueApplication, fugue_application, FUGUE, APPLICATION, GtkApplication)

FugueApplication *fugue_application_new        (void);

/* (transfer none); from startup on */
FugueEnginePool  *fugue_application_get_pool   (FugueApplication *self);
FugueRunner      *fugue_application_get_runner (FugueApplication *self);
FugueStyle       *fugue_application_get_style  (FugueApplication *self);

G_END_DECLS
