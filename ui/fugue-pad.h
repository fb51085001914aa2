/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mixing pad: a dot among up to four corners, each with the picture that it stands for.
 *
 * What a place means is not known here: see unclip-pad.h for the geometry. Beyond the corners, where the ground is hatched, the
 * far pictures count negative.
 *
 * Keys: arrows move by 0.02, with Shift by 0.1, with Ctrl by 0.005; a b c d jump to the corners, = to the middle; Return asks
 * for full quality, Ctrl+G for another contact sheet. From right to left the pad is mirrored, as all rows are. Two labelled sliders along its edges say and move
 * the same for those who do not see it.
 *
 * Properties: "x" and "y" (double, UNCLIP_PAD_MINIMUM … UNCLIP_PAD_MAXIMUM, default 0.5), notified when they change.
 * Signals "activate" and "sheet": Return, or Ctrl+G, was pressed.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_PAD (fugue_pad_get_type ())

G_DECLARE_FINAL_TYPE (FuguePad, fugue_pad, FUGUE, PAD, GtkWidget)

GtkWidget *fugue_pad_new            (void);

/**
 * FuguePadCorner:
 * @letter: such as "A"
 * @paintable: (nullable): drawn in the corner
 */
typedef struct
{
  const char   *letter;
  GdkPaintable *paintable;
} FuguePadCorner;

/**
 * fugue_pad_set_corners:
 * @corners: (array length=n_corners): copied
 * @n_corners: 0 … 4; below two there is nothing to mix, and the pad is insensitive
 */
void       fugue_pad_set_corners    (FuguePad             *self,
                                     const FuguePadCorner *corners,
                                     guint                 n_corners);

/**
 * FuguePadCell:
 * @x: @y: its middle
 * @paintable: (nullable): nothing is drawn
 */
typedef struct
{
  double        x;
  double        y;
  GdkPaintable *paintable;
} FuguePadCell;

/**
 * fugue_pad_set_sheet:
 * @cells: (array length=n_cells): copied; as many as there may be
 * @side: of a cell, as a part of the way from corner to corner
 *
 * Sets the pictures that lie under the dot.
 */
void       fugue_pad_set_sheet      (FuguePad             *self,
                                     const FuguePadCell   *cells,
                                     guint                 n_cells,
                                     double                side);

/**
 * fugue_pad_set_value_text:
 * @text: what the dot's place means, such as "Mix: 50 % lighthouse, 50 % orchard"
 */
void       fugue_pad_set_value_text (FuguePad             *self,
                                     const char           *text);

double     fugue_pad_get_x          (FuguePad             *self);
double     fugue_pad_get_y          (FuguePad             *self);

/* Values outside the range are brought into it. */
void       fugue_pad_move           (FuguePad             *self,
                                     double                x,
                                     double                y);

G_END_DECLS
