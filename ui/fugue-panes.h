/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three panes side by side. On a narrow window first the pane at the start, then the one at the end leaves the row and slides
 * in over the middle when it is asked for.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  FUGUE_PANE_START,
  FUGUE_PANE_END,
} FuguePane;

#define FUGUE_TYPE_PANES (fugue_panes_get_type ())

/* Signal "changed": a pane was shown or hidden, went over the middle or back. */
G_DECLARE_FINAL_TYPE (FuguePanes, fugue_panes, FUGUE, PANES, GtkWidget)

/**
 * fugue_panes_new:
 * @start: (transfer none): of the start
 * @centre: (transfer none): of the middle
 * @end: (transfer none): of the end
 */
GtkWidget *fugue_panes_new         (GtkWidget  *start,
                                    GtkWidget  *centre,
                                    GtkWidget  *end);

/**
 * fugue_panes_set_shown:
 *
 * Shows or hides a pane, wherever it is now. At first both are shown in a wide window, and hidden where they would lie over the
 * middle.
 */
void       fugue_panes_set_shown   (FuguePanes *self,
                                    FuguePane   pane,
                                    gboolean    shown);
gboolean   fugue_panes_get_shown   (FuguePanes *self,
                                    FuguePane   pane);

/**
 * fugue_panes_hide_overlaid:
 *
 * Hides the panes that lie over the middle.
 *
 * Returns: %FALSE if there were none
 */
gboolean   fugue_panes_hide_overlaid (FuguePanes *self);

/* Pixels, of a pane in the row; remembered while it is not. */
void       fugue_panes_set_width   (FuguePanes *self,
                                    FuguePane   pane,
                                    int         width);
int        fugue_panes_get_width   (FuguePanes *self,
                                    FuguePane   pane);

G_END_DECLS
