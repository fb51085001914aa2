/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A place in the gallery: the picture, or while it comes the newest preview with a ring of progress; its mark; a line about it.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-picture.h"

G_BEGIN_DECLS

#define FUGUE_CELL_MIN_SIZE 64
#define FUGUE_CELL_MAX_SIZE 512

#define FUGUE_TYPE_CELL (fugue_cell_get_type ())
G_DECLARE_FINAL_TYPE (FugueCell, fugue_cell, FUGUE, CELL, GtkWidget)

GtkWidget    *fugue_cell_new         (void);

/**
 * fugue_cell_set_picture:
 * @picture: (nullable): followed from now on
 */
void          fugue_cell_set_picture (FugueCell    *self,
                                      FuguePicture *picture);
FuguePicture *fugue_cell_get_picture (FugueCell    *self);

/**
 * fugue_cell_set_size:
 * @size: pixels a side of the picture's square, %FUGUE_CELL_MIN_SIZE … %FUGUE_CELL_MAX_SIZE
 */
void          fugue_cell_set_size    (FugueCell    *self,
                                      int           size);

/**
 * fugue_picture_dup_description:
 *
 * Returns: (transfer full): for people who hear it: "Variation 3 of 8 of star, seed 41, kept"
 */
char         *fugue_picture_dup_description (FuguePicture *picture);

/**
 * fugue_picture_get_verb_title:
 *
 * Returns: (transfer none): its verb, translated, with a capital
 */
const char   *fugue_picture_get_verb_title  (FuguePicture *picture);

/**
 * fugue_stage_get_title:
 * @stage: what engines call it: "decoder" …
 *
 * Returns: (transfer none): translated
 */
const char   *fugue_stage_get_title         (const char   *stage);

G_END_DECLS
