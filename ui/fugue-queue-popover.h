/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of jobs: how far each is, how long it takes; to be moved (Alt+Up, Alt+Down), repeated and removed.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-queue.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_QUEUE_POPOVER (fugue_queue_popover_get_type ())
G_DECLARE_FINAL_TYPE (FugueQueuePopover, fugue_queue_popover, FUGUE, QUEUE_POPOVER, GtkPopover)

GtkWidget *fugue_queue_popover_new (FugueQueue *queue);

G_END_DECLS
