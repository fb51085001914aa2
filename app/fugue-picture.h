/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One place in the gallery: a picture that waits, comes, is there, or failed.
 *
 * Pixels are not kept here: a cell asks for the thumbnail, the stage for the whole picture, and both arrive by notify. Mark,
 * rating, seen and place are a person's; whatever sets them, they are stored and can be undone.
 *
 * Thread: the main thread. Made by FugueQueue or, from a session file, by FugueSession.
 */

#pragma once

#include "fugue-enums.h"
#include "fugue-enum-types.h"
#include "unclip-image.h"
#include "unclip-recipe.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_PICTURE (fugue_picture_get_type ())

/* Properties, each notified:
 *
 *     id (int64)               unique within the session, never used again
 *     state (FuguePictureState)
 *     is-saved (boolean)       whether a finished picture is in the session file; %FALSE while the disk is full
 *     progress (double)        0 … 1 over all stages
 *     stage (string)           "encoder", "prior", "decoder", "upsampler", … as engines call it; "" when not running
 *     step, n-steps (uint)     within the stage
 *     preview (UnclipImage)    while running: the newest predicted picture
 *     thumbnail (UnclipImage)  at most FUGUE_THUMBNAIL_SIZE a side; after fugue_picture_request_thumbnail()
 *     image (UnclipImage)      after fugue_picture_request_image(); goes again when many others were asked for
 *     recipe (UnclipRecipe)    how it is made
 *     seed (uint64)            key of its noise
 *     number (uint)            within its batch, from 0
 *     verb (string)            "vary", "diff", "mix", "invert"
 *     label (string)           for people: what it was made of, such as the source's name
 *     mark (FugueMark), rating (uint, 0 … 5), seen (boolean)   writable
 *     parent (int64)           the picture that it was made from; 0 if that was a source from outside
 *     place (int64)            where it stands in the gallery: the id of the picture that came there first, mostly itself; writable
 *     is-replaced (boolean)    another picture came to its place later
 *     job (int64)              the batch it belongs to
 *     n-in-batch (uint)        pictures of that batch in the gallery; 0 if it is not there
 *     created (int64)          µs since 1970, when it was finished; 0 before
 *     error-code, error-message (string)     of FAILED; the code is unclip_error_get_nick()'s, or "engine"
 *     psnr-db, max-difference, clip-degrees (double)   of recipes that invert; NaN when not known. max-difference is in 8-bit levels
 *     path-degrees (double)    of text differences that were just made: what an amount of 1 would turn by; else NaN. Not stored
 *     seconds (double), device, precision, version (string)   what made it, and how long its batch took
 *
 * Signal "edited" (const char *property, const GValue *before): mark, rating or place was set to another value.
 */
G_DECLARE_FINAL_TYPE (FuguePicture, fugue_picture, FUGUE, PICTURE, GObject)

/* Pixels: the longest side of a thumbnail. */
#define FUGUE_THUMBNAIL_SIZE 256

gint64             fugue_picture_get_id             (FuguePicture *picture);
FuguePictureState  fugue_picture_get_state          (FuguePicture *picture);
gboolean           fugue_picture_is_saved           (FuguePicture *picture);
double             fugue_picture_get_progress       (FuguePicture *picture);
const char        *fugue_picture_get_stage          (FuguePicture *picture);
guint              fugue_picture_get_step           (FuguePicture *picture);
guint              fugue_picture_get_n_steps        (FuguePicture *picture);

/**
 * fugue_picture_get_preview: fugue_picture_get_thumbnail: fugue_picture_get_image:
 *
 * Returns: (transfer none) (nullable): what is here now
 */
UnclipImage       *fugue_picture_get_preview        (FuguePicture *picture);
UnclipImage       *fugue_picture_get_thumbnail      (FuguePicture *picture);
UnclipImage       *fugue_picture_get_image          (FuguePicture *picture);

/**
 * fugue_picture_request_thumbnail: fugue_picture_request_image:
 *
 * Has it read, unless it is here or on its way; the property is notified when it is. Pictures that are not finished, and those
 * whose session was closed, have none.
 */
void               fugue_picture_request_thumbnail  (FuguePicture *picture);
void               fugue_picture_request_image      (FuguePicture *picture);

/**
 * fugue_picture_get_recipe:
 *
 * Returns: (transfer none) (nullable): %NULL if it was made by a version whose recipes this one cannot read
 */
UnclipRecipe      *fugue_picture_get_recipe         (FuguePicture *picture);
guint64            fugue_picture_get_seed           (FuguePicture *picture);
guint              fugue_picture_get_number         (FuguePicture *picture);
const char        *fugue_picture_get_verb           (FuguePicture *picture);
const char        *fugue_picture_get_label          (FuguePicture *picture);
FugueMark          fugue_picture_get_mark           (FuguePicture *picture);
void               fugue_picture_set_mark           (FuguePicture *picture,
                                                     FugueMark     mark);
guint              fugue_picture_get_rating         (FuguePicture *picture);
void               fugue_picture_set_rating         (FuguePicture *picture,
                                                     guint         rating);
gboolean           fugue_picture_get_seen           (FuguePicture *picture);
void               fugue_picture_set_seen           (FuguePicture *picture,
                                                     gboolean      seen);
gint64             fugue_picture_get_parent         (FuguePicture *picture);
gint64             fugue_picture_get_place          (FuguePicture *picture);

/**
 * fugue_picture_set_place:
 * @place: of the picture that it stands in for
 */
void               fugue_picture_set_place          (FuguePicture *picture,
                                                     gint64        place);
gboolean           fugue_picture_is_replaced        (FuguePicture *picture);
gint64             fugue_picture_get_job            (FuguePicture *picture);
guint              fugue_picture_get_n_in_batch     (FuguePicture *picture);
gint64             fugue_picture_get_created        (FuguePicture *picture);
const char        *fugue_picture_get_error_code     (FuguePicture *picture);
const char        *fugue_picture_get_error_message  (FuguePicture *picture);
double             fugue_picture_get_psnr_db        (FuguePicture *picture);
double             fugue_picture_get_max_difference (FuguePicture *picture);
double             fugue_picture_get_clip_degrees   (FuguePicture *picture);
double             fugue_picture_get_path_degrees   (FuguePicture *picture);

/**
 * fugue_picture_matches:
 * @words: (nullable): each of them must stand in label, captions, verb, seed, model or date (case does not matter)
 *
 * For a filter model of the gallery. %FUGUE_FILTER_ALL leaves out rejected pictures whose place another one has taken.
 */
gboolean           fugue_picture_matches            (FuguePicture *picture,
                                                     FugueFilter   filter,
                                                     const char   *words);

/**
 * fugue_picture_compare:
 *
 * For a sort model of the gallery: by time oldest first, by seed smallest first, by rating best first; equal ones by time. A
 * picture in another one's place has that one's time.
 *
 * Returns: negative, 0 or positive as @a stands before, with or after @b
 */
int                fugue_picture_compare            (FuguePicture *a,
                                                     FuguePicture *b,
                                                     FugueSort     sort);

G_END_DECLS
