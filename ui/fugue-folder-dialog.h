/* SPDX-License-Identifier: GPL-3.0-or-later */

/* "Vary every picture in photos": how many there are, how long it takes, and whether to begin.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-folder-batch.h"

G_BEGIN_DECLS

/**
 * fugue_folder_dialog_new:
 * @parent: (nullable): the dialog is modal to it
 * @folder: on this computer
 *
 * Counts the pictures elsewhere; until it knows, nothing can be begun. Beginning hands them to @batch and closes the dialog.
 *
 * Returns: (transfer none): not shown yet
 */
GtkWindow *fugue_folder_dialog_new (GtkWindow        *parent,
                                    GFile            *folder,
                                    FugueFolderBatch *batch,
                                    FugueQueue       *queue,
                                    FugueControls    *controls);

G_END_DECLS
