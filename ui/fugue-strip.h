/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The film strip below the stage of Diff: one frame for each of some amounts, with the picture at that amount once there is one,
 * and the present amount marked.
 *
 * Left and Right walk the frames and set the amount, Return asks for that frame at full quality.
 *
 * Property "amount" (double, −1 … 1, notified): the present one, also when no frame stands there.
 * Signals: "activate" (double amount): Return or a double click on a frame; "render": the button that makes the strip.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-picture.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_STRIP_MAX_FRAMES 21

#define FUGUE_TYPE_STRIP (fugue_strip_get_type ())

G_DECLARE_FINAL_TYPE (FugueStrip, fugue_strip, FUGUE, STRIP, GtkWidget)

GtkWidget    *fugue_strip_new          (void);

/**
 * fugue_strip_set_amounts:
 * @amounts: (array length=n_amounts): rising
 *
 * Makes frames anew if they differ from those there are; their pictures go.
 */
void          fugue_strip_set_amounts  (FugueStrip   *self,
                                        const double *amounts,
                                        guint         n_amounts);

/**
 * fugue_strip_set_pictures:
 * @pictures: (transfer none) (nullable): a GListModel of FuguePicture in the order of the frames; %NULL: none
 */
void          fugue_strip_set_pictures (FugueStrip   *self,
                                        GListModel   *pictures);
double        fugue_strip_get_amount   (FugueStrip   *self);
void          fugue_strip_set_amount   (FugueStrip   *self,
                                        double        amount);

/**
 * fugue_strip_get_current:
 *
 * Returns: the frame nearest to the present amount; 0 without frames
 */
guint         fugue_strip_get_current  (FugueStrip   *self);
guint         fugue_strip_get_n_frames (FugueStrip   *self);

/**
 * fugue_strip_get_picture:
 *
 * Returns: (transfer none) (nullable): of the current frame, if the present amount is that frame's
 */
FuguePicture *fugue_strip_get_picture  (FugueStrip   *self);

G_END_DECLS
