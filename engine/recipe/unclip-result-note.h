/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a picture's file says about itself: the recipe, what made which pixels of it, and the same for other programs.
 *
 * The note "fugue" is JSON:
 *
 *     { "schema": 1, "recipe": { … }, "recipe_sha256": "…",
 *       "engine": { "version": "0.1.0", "device": "llvmpipe …", "precision": "f32" },
 *       "result": { "sha256": "<of the pixels>", "width": 256, "height": 256 } }
 *
 * Keys may be added to it; a reader passes over those that it does not know. The recipe itself is strict, see
 * unclip-recipe.h. Whoever saves a picture, the command line or the window, writes the texts that are made here.
 */

#pragma once

#include "unclip-image-file.h"
#include "unclip-recipe.h"

G_BEGIN_DECLS

/**
 * UnclipResultEngine:
 * @version: Fugue's
 * @device: its name, as `unclip devices` tells it
 * @precision: "f32" or "f16"
 *
 * What made a picture; borrowed strings.
 */
typedef struct
{
  const char *version;
  const char *device;
  const char *precision;
} UnclipResultEngine;

#define UNCLIP_RESULT_N_TEXTS 5

/**
 * UnclipResultTexts:
 * @texts: Title, Software, parameters, fugue and the XMP packet, for unclip_image_save_png() and its like
 */
typedef struct
{
  UnclipImageText  texts[UNCLIP_RESULT_N_TEXTS];

  /* Owned: what texts points to. */
  char            *title;
  char            *parameters;
  char            *note;
  char            *xmp;
} UnclipResultTexts;

/**
 * unclip_result_texts_init:
 * @texts: (out caller-allocates): free with unclip_result_texts_clear()
 * @recipe: made @image
 * @title: (nullable): UTF-8, such as the source's name or the caption; %NULL leaves the Title empty
 *
 * The notes for a finished picture. Nothing in them depends on the time.
 *
 * Thread: any.
 */
void              unclip_result_texts_init  (UnclipResultTexts        *texts,
                                             UnclipRecipe             *recipe,
                                             UnclipImage              *image,
                                             const UnclipResultEngine *engine,
                                             const char               *title);
void              unclip_result_texts_clear (UnclipResultTexts        *texts);

/**
 * UnclipResultNote:
 * @version: @device: @precision: (nullable): what made the picture, where the note says so
 * @sha256: (nullable): of the pixels as they were made
 * @width: @height: in pixels, 0 where the note does not say
 *
 * A note that was read back.
 */
typedef struct
{
  UnclipRecipe *recipe;
  char         *version;
  char         *device;
  char         *precision;
  char         *sha256;
  guint         width, height;
} UnclipResultNote;

/**
 * unclip_result_note_parse:
 * @text: the note "fugue"
 * @name: where it stands, for messages
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT if it is no JSON; %UNCLIP_ERROR_RECIPE if it holds no recipe, one that is not
 *   valid, or one whose hash is not what the note says.
 * Thread: any.
 *
 * Returns: (transfer full)
 */
UnclipResultNote *unclip_result_note_parse  (const char               *text,
                                             const char               *name,
                                             GError                  **error);

/**
 * unclip_result_note_load:
 * @path: of a PNG file
 *
 * As unclip_result_note_parse(); also what unclip_image_text_read() gives, and %UNCLIP_ERROR_RECIPE if there is no note.
 *
 * Thread: any; waits for the disk.
 *
 * Returns: (transfer full)
 */
UnclipResultNote *unclip_result_note_load   (const char               *path,
                                             GError                  **error);
void              unclip_result_note_free   (UnclipResultNote         *note);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipResultNote, unclip_result_note_free)

G_END_DECLS
