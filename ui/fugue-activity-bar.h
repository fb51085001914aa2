/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the machine is doing: device and memory, the batch, its stage and step, the time left; pause and stop; the queue.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-engine-pool.h"
#include "fugue-queue.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_ACTIVITY_BAR (fugue_activity_bar_get_type ())
G_DECLARE_FINAL_TYPE (FugueActivityBar, fugue_activity_bar, FUGUE, ACTIVITY_BAR, GtkWidget)

GtkWidget *fugue_activity_bar_new           (FugueQueue       *queue,
                                             FugueEnginePool  *pool);

/**
 * fugue_activity_bar_toggle_queue:
 *
 * Opens or closes the list of jobs.
 */
void       fugue_activity_bar_show_queue   (FugueActivityBar *self);
void       fugue_activity_bar_toggle_queue  (FugueActivityBar *self);

/**
 * fugue_format_duration:
 * @seconds: not negative
 *
 * Returns: (transfer full): for people: "14 s", "3 min", "2 h 10 min"
 */
char      *fugue_format_duration            (double            seconds);

G_END_DECLS
