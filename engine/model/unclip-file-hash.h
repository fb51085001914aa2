/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SHA-256 of files, remembered between runs: a recipe names its model by hash, and a model may weigh gigabytes. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * unclip_file_hash:
 * @path: a regular file
 * @cancellable: (nullable): polled every MiB
 *
 * The SHA-256 of a file's bytes. Results are kept under XDG_CACHE_HOME/fugue/hashes by device, inode, size and time of
 * change, unless the file changed within the last two seconds (it could change again without a new time). A cache that
 * can't be written only costs time.
 *
 * Errors: G_FILE_ERROR naming the file, %G_IO_ERROR_CANCELLED.
 *
 * Thread: any; reads the whole file, about 4 s a GiB.
 *
 * Returns: (transfer full): 64 lower-case hexadecimal digits
 */
char *unclip_file_hash       (const char    *path,
                              GCancellable  *cancellable,
                              GError       **error);

G_END_DECLS
