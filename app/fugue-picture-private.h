/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What session and queue may do to a picture. */

#pragma once

#include "fugue-picture.h"

G_BEGIN_DECLS

/**
 * FuguePictureFacts:
 * @recipe_json: (nullable): canonical; read when it is first asked for, so that a large session opens quickly
 * @recipe: (nullable): instead of @recipe_json
 * @place: id of the first picture of its place; 0: it has one of its own
 *
 * What is stored of a picture, pixels apart. Strings are borrowed.
 */
typedef struct
{
  gint64             id;
  gint64             job;
  gint64             parent;
  gint64             place;
  FuguePictureState  state;
  const char        *recipe_json;
  UnclipRecipe      *recipe;
  guint              number;
  const char        *verb;
  const char        *label;
  FugueMark          mark;
  guint              rating;
  gboolean           seen;
  gint64             created;
  const char        *error_code;
  const char        *error_message;
  double             psnr_db;
  double             max_difference;
  double             clip_degrees;
  double             seconds;
  const char        *device;
  const char        *precision;
  const char        *version;
} FuguePictureFacts;

typedef enum
{
  FUGUE_PICTURE_PART_THUMBNAIL,
  FUGUE_PICTURE_PART_IMAGE,
} FuguePicturePart;

/**
 * FuguePictureLoader:
 *
 * Begins to read a part; ends with fugue_picture_take_part().
 */
typedef void (*FuguePictureLoader) (FuguePicture     *picture,
                                    FuguePicturePart  part,
                                    gpointer          owner);

FuguePicture *fugue_picture_new          (const FuguePictureFacts *facts);

/**
 * fugue_picture_get_facts:
 * @facts: (out): strings and recipe are borrowed
 */
void          fugue_picture_get_facts    (FuguePicture            *picture,
                                          FuguePictureFacts       *facts);

/**
 * fugue_picture_set_loader:
 * @owner: (nullable): a GObject, watched weakly
 */
void          fugue_picture_set_loader   (FuguePicture            *picture,
                                          FuguePictureLoader       loader,
                                          gpointer                 owner);

/**
 * fugue_picture_dup_owner:
 *
 * Returns: (transfer full) (nullable): the session that it belongs to, while there is one
 */
gpointer      fugue_picture_dup_owner    (FuguePicture            *picture);

/**
 * fugue_picture_take_part:
 * @image: (transfer full) (nullable): %NULL if it could not be read, or to let it go
 */
void          fugue_picture_take_part    (FuguePicture            *picture,
                                          FuguePicturePart         part,
                                          UnclipImage             *image);
void          fugue_picture_set_state    (FuguePicture            *picture,
                                          FuguePictureState        state);
void          fugue_picture_set_saved    (FuguePicture            *picture,
                                          gboolean                 is_saved);
void          fugue_picture_set_progress (FuguePicture            *picture,
                                          const char              *stage,
                                          guint                    step,
                                          guint                    n_steps,
                                          double                   progress);
void          fugue_picture_set_preview  (FuguePicture            *picture,
                                          UnclipImage             *image);
void          fugue_picture_set_error    (FuguePicture            *picture,
                                          const char              *code,
                                          const char              *message);

/**
 * fugue_picture_set_figures:
 * @figures: (nullable): a{sv} of Finished, see io.github.fugue.Engine1.xml
 * @created: µs since 1970
 */
void          fugue_picture_set_figures  (FuguePicture            *picture,
                                          GVariant                *figures,
                                          gint64                   created);

/* Whether another picture came to its place later; follows from the places of all, see fugue_session_add_pictures(). */
void          fugue_picture_set_replaced (FuguePicture            *picture,
                                          gboolean                 is_replaced);

void          fugue_picture_set_n_in_batch (FuguePicture          *picture,
                                          guint                    n);

/* As if read from the file: without "edited". */
void          fugue_picture_set_job      (FuguePicture            *picture,
                                          gint64                   job);

G_END_DECLS
