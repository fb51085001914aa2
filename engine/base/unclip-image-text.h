/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The notes inside a PNG file: reading them, and writing "parameters" as other programs read it.
 *
 * Fugue's own note is "fugue", the recipe in JSON. To be read by others it also writes "parameters" in the form that
 * AUTOMATIC1111's web UI began, "Software" and "Title"; and an XMP packet that says that a machine made the picture.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UNCLIP_IMAGE_TEXT_RECIPE "fugue"
#define UNCLIP_IMAGE_TEXT_PARAMETERS "parameters"
#define UNCLIP_IMAGE_TEXT_SOFTWARE "Software"
#define UNCLIP_IMAGE_TEXT_TITLE "Title"
#define UNCLIP_IMAGE_TEXT_XMP "XML:com.adobe.xmp"

/* The longest note that is read, in bytes after decompression; longer ones are left out. */
#define UNCLIP_IMAGE_TEXT_MAX_BYTES (1024 * 1024)

/* The most notes that are read from one file. */
#define UNCLIP_IMAGE_TEXT_MAX_NOTES 64

/**
 * unclip_image_text_read_bytes:
 * @bytes: (transfer none): a PNG file
 * @name: (nullable): what to call it in errors
 *
 * All notes (tEXt, zTXt, iTXt) as UTF-8, before and after the pixels; of several with one key the first. A note that is
 * damaged, too long or not text is left out, and what follows a cut is not there. Pixels are not decoded.
 *
 * Errors: %UNCLIP_ERROR_IMAGE_FORMAT when it is no PNG file.
 * Thread: any.
 *
 * Returns: (transfer full) (nullable): key → text, or %NULL with @error set
 */
GHashTable *unclip_image_text_read_bytes       (GBytes                      *bytes,
                                                const char                  *name,
                                                GError                     **error);

/**
 * unclip_image_text_read:
 * @path: of a PNG file
 *
 * As unclip_image_text_read_bytes(), also with G_FILE_ERROR.
 *
 * Thread: any; waits for the disk.
 */
GHashTable *unclip_image_text_read             (const char                  *path,
                                                GError                     **error);

typedef struct
{
  const char        *caption;           /* (nullable): its line breaks become spaces */
  guint              n_steps;
  const char        *sampler;           /* such as "DDIM" */
  double             guidance;          /* "CFG scale" */
  guint64            seed;
  guint              width, height;     /* pixels of the result */
  const char        *model_hash;        /* (nullable): hexadecimal; the first ten digits are written */
  const char        *model;             /* (nullable): name */
  const char *const *extra;             /* (nullable) (array zero-terminated): key, value, key, value, …: Fugue's own,
                                         * written last */
} UnclipImageParameters;

/**
 * unclip_image_text_build_parameters:
 *
 *     a red boat
 *     Steps: 25, Sampler: DDIM, CFG scale: 8, Seed: 41, Size: 256x256, Model hash: 0123456789, Model: karlo-v1,
 *     Version: Fugue 0.1.0, Verb: vary
 *
 * (the last three lines are one). Values with a comma, a colon, a quote or a line break in them are quoted as JSON
 * strings. Numbers are written with a point in every locale.
 *
 * Thread: any.
 *
 * Returns: (transfer full): the note
 */
char       *unclip_image_text_build_parameters (const UnclipImageParameters *parameters);

/**
 * unclip_image_text_build_xmp:
 * @title: (nullable): UTF-8
 * @has_source: whether the picture was made from another one rather than from words alone
 *
 * A small XMP packet with IPTC's DigitalSourceType, "compositeWithTrainedAlgorithmicMedia" or "trainedAlgorithmicMedia",
 * by which viewers and libraries tell generated pictures. To be written under %UNCLIP_IMAGE_TEXT_XMP.
 *
 * Thread: any.
 * Source: IPTC Photo Metadata Standard 2022.1, Digital Source Type; XMP Specification Part 3, PNG.
 *
 * Returns: (transfer full): the packet
 */
char       *unclip_image_text_build_xmp        (const char                  *title,
                                                gboolean                     has_source);

G_END_DECLS
