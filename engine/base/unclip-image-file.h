/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures from and to files.
 *
 * PNG is read and written through libpng; whatever else the machine knows (JPEG, WebP, …) is read through gdk-pixbuf.
 * All input is taken as hostile: sizes are checked before anything is allocated, and every failure is one sentence that
 * names the file.
 *
 * Colour: a picture's profile (ICC, or PNG's gamma and primaries) is applied, so that pictures are sRGB here. A
 * transparent one is laid on mid-grey, 128 of 255, by its sRGB values as they are, not in linear light: as nearly every
 * other program shows it. JPEGs are turned as their camera says.
 */

#pragma once

#include "unclip-image.h"

G_BEGIN_DECLS

/**
 * unclip_image_load:
 * @path: in the file system's encoding
 *
 * Errors: G_FILE_ERROR when the file cannot be read; %UNCLIP_ERROR_IMAGE_FORMAT when it is no picture, a damaged one, or
 *   larger than %UNCLIP_IMAGE_MAX_SIDE on a side; %UNCLIP_ERROR_OUT_OF_MEMORY.
 * Thread: any; waits for the disk.
 *
 * Returns: (transfer full) (nullable): the picture, or %NULL with @error set
 */
UnclipImage *unclip_image_load          (const char         *path,
                                         GError            **error);

/**
 * unclip_image_load_bytes:
 * @bytes: (transfer none): a whole picture file
 * @name: (nullable): what to call it in errors
 *
 * As unclip_image_load().
 */
UnclipImage *unclip_image_load_bytes    (GBytes             *bytes,
                                         const char         *name,
                                         GError            **error);

/**
 * UnclipImageText:
 * @key: PNG keyword: 1 … 79 characters of Latin-1, such as "Title"
 * @text: UTF-8
 * @is_compressed: as iTXt with zlib; otherwise tEXt where the text is Latin-1, and plain iTXt where not
 *   and for XMP
 *
 * A note to write into a picture file.
 */
typedef struct
{
  const char *key;
  const char *text;
  gboolean    is_compressed;
} UnclipImageText;

/**
 * unclip_image_encode_png:
 * @texts: (array length=n_texts) (nullable): notes, in this order
 * @n_texts: how many
 *
 * 8-bit RGB, marked as sRGB. Nothing in the file depends on the time or the place: equal pictures and notes give equal
 * bytes (with one version of zlib).
 *
 * Errors: %UNCLIP_ERROR_INTERNAL.
 * Thread: any.
 *
 * Returns: (transfer full) (nullable): a PNG file, or %NULL with @error set
 */
GBytes      *unclip_image_encode_png    (const UnclipImage      *image,
                                         const UnclipImageText  *texts,
                                         guint                   n_texts,
                                         GError                **error);

/**
 * unclip_image_save_png:
 * @path: of a file that does not exist yet
 * @texts: (array length=n_texts) (nullable): notes
 * @n_texts: how many
 *
 * See unclip_file_write_new(): all or nothing, and never over another file.
 *
 * Thread: any; waits for the disk.
 *
 * Returns: %FALSE with @error set
 */
gboolean     unclip_image_save_png      (const UnclipImage      *image,
                                         const char             *path,
                                         const UnclipImageText  *texts,
                                         guint                   n_texts,
                                         GError                **error);

/**
 * unclip_image_save_numbered:
 * @folder: must exist
 * @stem: such as "cat-vary-41", from unclip_file_dup_stem()
 * @first: number to try first
 * @texts: (array length=n_texts) (nullable): notes
 * @n_texts: how many
 *
 * Saves as FOLDER/STEM-N.png, see unclip_file_write_numbered().
 *
 * Thread: any; waits for the disk.
 *
 * Returns: (transfer full) (nullable): the path, or %NULL with @error set
 */
char        *unclip_image_save_numbered (const UnclipImage      *image,
                                         const char             *folder,
                                         const char             *stem,
                                         guint                   first,
                                         const UnclipImageText  *texts,
                                         guint                   n_texts,
                                         GError                **error);

G_END_DECLS
