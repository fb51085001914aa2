/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The stage: one picture, as it comes and when it is there; or, comparing, the source beside its reconstruction and the
 * difference of the two, with the meter.
 *
 * Without a picture it shows the source, and so it does as long as B is held. The source is shown as the model sees it: cropped, at
 * the picture's size.
 *
 * Thread: main; cropping, sizing and subtracting are done elsewhere.
 */

#pragma once

#include "fugue-picture.h"
#include "fugue-source.h"
#include "fugue-view.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_STAGE (fugue_stage_get_type ())

/* Properties, all notified: "picture" (FuguePicture), "source" (FugueSource), "is-comparing" (boolean, FALSE), "shows-source"
 * (boolean, FALSE: the source in the picture's place, as long as a key is held). */
G_DECLARE_FINAL_TYPE (FugueStage, fugue_stage, FUGUE, STAGE, GtkWidget)

GtkWidget    *fugue_stage_new              (void);

/**
 * fugue_stage_set_picture: fugue_stage_set_source:
 *
 * (nullable): followed from now on.
 */
void          fugue_stage_set_picture      (FugueStage   *self,
                                            FuguePicture *picture);
void          fugue_stage_set_source       (FugueStage   *self,
                                            FugueSource  *source);

/**
 * fugue_stage_get_picture: fugue_stage_get_source:
 *
 * Returns: (transfer none) (nullable)
 */
FuguePicture *fugue_stage_get_picture      (FugueStage   *self);
FugueSource  *fugue_stage_get_source       (FugueStage   *self);
void          fugue_stage_set_comparing    (FugueStage   *self,
                                            gboolean      is_comparing);
void          fugue_stage_set_shows_source (FugueStage   *self,
                                            gboolean      shows_source);

/**
 * fugue_stage_get_view:
 *
 * Returns: (transfer none): for zooming
 */
FugueView    *fugue_stage_get_view         (FugueStage   *self);

G_END_DECLS
