/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture that one starts from: in one of the slots A … D, or in the tray.
 *
 * Thread: the main thread. Made by FugueSession.
 */

#pragma once

#include "fugue-enums.h"
#include "fugue-enum-types.h"
#include "unclip-image.h"
#include "unclip-resize.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_SOURCE (fugue_source_get_type ())

/* Properties, each notified:
 *
 *     id (int64)               unique within the session
 *     slot (FugueSlot)         set by fugue_session_move_source()
 *     name (string)            of its file, without folder and suffix; writable
 *     sha256 (string)          of its pixels, as recipes name it
 *     width, height (uint)     pixels
 *     thumbnail (UnclipImage)  at most FUGUE_THUMBNAIL_SIZE a side; there from the start
 *     image (UnclipImage)      after fugue_source_request_image()
 *     picture (int64)          the gallery's picture that it is; 0 for one from outside
 *     is-locked (boolean)      work from its inverted noise; writable
 *     is-muted (boolean)       takes no part in mixes; writable
 *
 * The crop is notified as "crop". Signal "edited" (const char *property, const GValue *before): a person's value was set to
 * another one; that of the crop is a string as fugue_source_dup_crop_text() gives.
 */
G_DECLARE_FINAL_TYPE (FugueSource, fugue_source, FUGUE, SOURCE, GObject)

gint64       fugue_source_get_id        (FugueSource      *source);
FugueSlot    fugue_source_get_slot      (FugueSource      *source);
const char  *fugue_source_get_name      (FugueSource      *source);
void         fugue_source_set_name      (FugueSource      *source,
                                         const char       *name);
const char  *fugue_source_get_sha256    (FugueSource      *source);
guint        fugue_source_get_width     (FugueSource      *source);
guint        fugue_source_get_height    (FugueSource      *source);
gint64       fugue_source_get_picture   (FugueSource      *source);

/**
 * fugue_source_get_thumbnail: fugue_source_get_image:
 *
 * Returns: (transfer none) (nullable): what is here now
 */
UnclipImage *fugue_source_get_thumbnail (FugueSource      *source);
UnclipImage *fugue_source_get_image     (FugueSource      *source);

/**
 * fugue_source_request_image:
 *
 * Has the pixels read, unless they are here or on their way; "image" is notified when they are.
 */
void         fugue_source_request_image (FugueSource      *source);

/**
 * fugue_source_get_crop:
 * @crop: (out): what the model sees, in pixels of the source: a square within it. Until it is set, the largest one in the middle
 */
void         fugue_source_get_crop      (FugueSource      *source,
                                         UnclipRect       *crop);

/**
 * fugue_source_set_crop:
 * @crop: (nullable): %NULL for the square in the middle; brought into the picture otherwise
 */
void         fugue_source_set_crop      (FugueSource      *source,
                                         const UnclipRect *crop);

/**
 * fugue_source_has_crop:
 *
 * Whether a crop was set; recipes of a source without one name the whole picture, of which the model takes the middle.
 */
gboolean     fugue_source_has_crop      (FugueSource      *source);

/**
 * fugue_source_dup_crop_text: fugue_source_set_crop_text:
 *
 * "x,y,width,height", or "" for none.
 */
char        *fugue_source_dup_crop_text (FugueSource      *source);
void         fugue_source_set_crop_text (FugueSource      *source,
                                         const char       *text);
gboolean     fugue_source_is_locked     (FugueSource      *source);
void         fugue_source_set_locked    (FugueSource      *source,
                                         gboolean          is_locked);
gboolean     fugue_source_is_muted      (FugueSource      *source);
void         fugue_source_set_muted     (FugueSource      *source,
                                         gboolean          is_muted);

G_END_DECLS
