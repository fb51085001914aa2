/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A contact sheet: pictures in a grid, each with a line of text under it, on one picture. Drawn by Cairo. */

#pragma once

#include "unclip-image.h"

G_BEGIN_DECLS

typedef struct
{
  UnclipImage       *image;             /* borrowed */
  const char        *caption;           /* (nullable): UTF-8; cut to the cell's width */
} UnclipSheetCell;

typedef struct
{
  const UnclipSheetCell *cells;         /* row by row */
  guint                  n_cells;       /* at least 1 */
  guint                  n_columns;     /* 0: near square, without empty places if possible */
  guint                  cell_size;     /* longer side of a picture on the sheet, in pixels; 0: the largest picture's own,
                                         * but 160 … 512 */
  const char            *title;         /* (nullable): a line above all, UTF-8 */
} UnclipSheetParams;

/**
 * unclip_sheet_new:
 * @params: (transfer none): what to draw
 *
 * Pictures keep their proportions and stand in the middle of their cells. The sheet is dark grey, so that neither dark nor
 * light pictures lose their edge.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT when the sheet would have a side beyond %UNCLIP_IMAGE_MAX_SIDE;
 *   %UNCLIP_ERROR_OUT_OF_MEMORY.
 * Thread: any.
 *
 * Returns: (transfer full) (nullable): the sheet, or %NULL with @error set
 */
UnclipImage *unclip_sheet_new (const UnclipSheetParams  *params,
                               GError                  **error);

G_END_DECLS
