/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A file in memory that another program may shorten.
 *
 * Reading a mapping beyond the end of its file ends the process (SIGBUS), and a file that was whole when it was mapped may be
 * overwritten at any time. Within these mappings such a page becomes zeros instead, and the mapping says that it is no longer
 * whole: whoever has read from it asks before the values are used.
 *
 * The first mapping installs a handler of SIGBUS for the process, which hands on what is not ours.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _UnclipMappedFile UnclipMappedFile;

/**
 * unclip_mapped_file_new:
 * @fd: of a regular file; may be closed afterwards
 *
 * Maps the file for reading.
 *
 * Errors: G_FILE_ERROR, without the file's name.
 *
 * Thread: any.
 *
 * Returns: (transfer full)
 */
UnclipMappedFile *unclip_mapped_file_new          (int                 fd,
                                                   GError            **error);

/**
 * unclip_mapped_file_free:
 * @file: (nullable)
 */
void              unclip_mapped_file_free         (UnclipMappedFile   *file);

/**
 * unclip_mapped_file_get_contents:
 * @length: (out): bytes when the file was mapped
 *
 * Returns: (transfer none): lives as long as @file
 */
const char       *unclip_mapped_file_get_contents (UnclipMappedFile   *file,
                                                   gsize              *length);

/**
 * unclip_mapped_file_is_whole:
 *
 * Thread: any.
 *
 * Returns: whether all that was read so far came from the file
 */
gboolean          unclip_mapped_file_is_whole     (UnclipMappedFile   *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipMappedFile, unclip_mapped_file_free)

G_END_DECLS
