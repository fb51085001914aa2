/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole files: read with a limit, written so that either all of a file is there or nothing, and never over another one.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * unclip_file_read:
 * @path: in the file system's encoding
 * @max_bytes: refuse more than this
 *
 * Regular files only: a folder, a pipe or a device is refused before anything is read.
 *
 * Errors: G_FILE_ERROR, with a sentence that names the file.
 * Thread: any; waits for the disk.
 *
 * Returns: (transfer full) (nullable): the contents, or %NULL with @error set
 */
GBytes   *unclip_file_read           (const char  *path,
                                      gsize        max_bytes,
                                      GError     **error);

/**
 * unclip_file_write_new:
 * @path: of a file that must not exist yet, in a folder that must
 * @contents: (transfer none): all of it
 *
 * Written under another name in the same folder, brought to the disk, and only then given its name. On failure nothing
 * is left behind.
 *
 * Errors: G_FILE_ERROR, %G_FILE_ERROR_EXIST when @path is there already; with a sentence that names the file.
 * Thread: any; waits for the disk.
 *
 * Returns: %FALSE with @error set
 */
gboolean  unclip_file_write_new      (const char  *path,
                                      GBytes      *contents,
                                      GError     **error);

/**
 * unclip_file_write_numbered:
 * @folder: must exist
 * @stem: file name without number and suffix
 * @suffix: such as ".png"
 * @first: number to try first
 * @contents: (transfer none): all of it
 *
 * As unclip_file_write_new(), to FOLDER/STEM-N.SUFFIX with the smallest N from @first on that is free, also when several
 * processes write at once.
 *
 * Returns: (transfer full) (nullable): the path, or %NULL with @error set
 */
char     *unclip_file_write_numbered (const char  *folder,
                                      const char  *stem,
                                      const char  *suffix,
                                      guint        first,
                                      GBytes      *contents,
                                      GError     **error);

/**
 * unclip_file_dup_stem:
 * @name: what the result was made from: a file name without its folder and suffix, or a caption
 * @verb: such as "vary"
 * @seed: the recipe's
 *
 * NAME-VERB-SEED, with white space and separators in @name turned into dashes, unprintable characters dropped, and
 * NAME cut to 60 bytes, so that any caption makes a file name.
 *
 * Returns: (transfer full): a stem for unclip_file_write_numbered()
 */
char     *unclip_file_dup_stem       (const char  *name,
                                      const char  *verb,
                                      guint64      seed);

/**
 * unclip_file_dup_name:
 * @path: of a file
 *
 * Returns: (transfer full): its name without folder and suffix, in UTF-8
 */
char     *unclip_file_dup_name       (const char  *path);

G_END_DECLS
