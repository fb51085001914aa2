/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The square of a source that the model sees, as a frame on the picture: moved and sized by the pointer or by keys.
 *
 * Arrows move it by a hundredth of the picture (with Shift a tenth), plus and minus size it, Backspace brings back the middle.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-source.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_CROP (fugue_crop_get_type ())
G_DECLARE_FINAL_TYPE (FugueCrop, fugue_crop, FUGUE, CROP, GtkWidget)

GtkWidget *fugue_crop_new        (void);

/**
 * fugue_crop_set_source:
 * @source: (nullable): whose crop is set
 */
void       fugue_crop_set_source (FugueCrop   *self,
                                  FugueSource *source);

/**
 * fugue_crop_append_frame:
 * @rect: where the whole picture is drawn
 *
 * Draws what is outside the frame darker, and the frame.
 */
void       fugue_crop_append_frame (GtkSnapshot           *snapshot,
                                    FugueSource           *source,
                                    const graphene_rect_t *rect);

G_END_DECLS
