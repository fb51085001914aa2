/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The contact sheet of the mixing pad: drafts at places all over it, made while there is nothing else to do, from the middle outwards.
 *
 * How many there are is the control "contact-sheet". Whatever a person does (a control, a source, a job or a draft in the queue) cancels
 * the one that is being made; it goes on after a rest. Drafts stay as long as their recipes would be the same: moving the dot
 * changes none.
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-controls.h"
#include "fugue-queue.h"

G_BEGIN_DECLS

/* Cells of the largest. */
#define FUGUE_SHEET_MAX_CELLS 49

#define FUGUE_TYPE_SHEET (fugue_sheet_get_type ())

/* Signal "changed": cells came, went, or got their pictures. */
G_DECLARE_FINAL_TYPE (FugueSheet, fugue_sheet, FUGUE, SHEET, GObject)

/**
 * FugueSheetCell:
 * @x: @y: its middle on the pad
 * @image: (transfer none) (nullable): %NULL while it is not made
 */
typedef struct
{
  double       x;
  double       y;
  UnclipImage *image;
} FugueSheetCell;

/**
 * fugue_sheet_new:
 * @session: @controls: @queue: (transfer none): referenced
 *
 * Returns: (transfer full): one that does nothing yet
 */
FugueSheet           *fugue_sheet_new        (FugueSession  *session,
                                              FugueControls *controls,
                                              FugueQueue    *queue);

/**
 * fugue_sheet_set_active: whether somebody looks at it
 */
void                  fugue_sheet_set_active (FugueSheet    *sheet,
                                              gboolean       is_active);

/**
 * fugue_sheet_get_cells:
 * @n_cells: (out): 0 if there is no sheet, or nothing to mix
 * @side: (out): of a cell, as a part of the way from corner to corner
 *
 * Returns: (transfer none) (array length=n_cells): those within the corners; valid until "changed"
 */
const FugueSheetCell *fugue_sheet_get_cells  (FugueSheet    *sheet,
                                              guint         *n_cells,
                                              double        *side);

G_END_DECLS
