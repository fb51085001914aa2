/* SPDX-License-Identifier: GPL-3.0-or-later */

/* safetensors files: a checked, memory-mapped reader and a small writer.
 *
 * Layout: the header's length H as a little-endian 64-bit number, H bytes of JSON (name → dtype, shape, data_offsets;
 * optionally "__metadata__", strings to strings), then the data, which the tensors cover without holes or overlaps.
 *
 * A file is taken as hostile: after unclip_safetensors_open() has returned, every array lies inside the mapping and its
 * dimensions multiply to its bytes. What a mapping cannot guard against is a file that another program shortens while
 * it is in use; the kernel then ends the process. Replace models by renaming, as unclip_safetensors_writer_save() does.
 */

#pragma once

#include "unclip-array.h"

G_BEGIN_DECLS

typedef struct UnclipSafetensors UnclipSafetensors;
typedef struct UnclipSafetensorsWriter UnclipSafetensorsWriter;

/**
 * unclip_safetensors_open:
 * @path: a file
 *
 * Maps a file and checks its header to the last offset. Reads none of the data.
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT naming file, tensor and fault, also for dtypes other than those of #UnclipDType;
 * G_FILE_ERROR when the file can't be opened.
 *
 * Thread: any; reads a file.
 * Source: safetensors format, https://github.com/huggingface/safetensors, README.
 *
 * Returns: (transfer full): the open file
 */
UnclipSafetensors       *unclip_safetensors_open              (const char              *path,
                                                               GError                 **error);

/**
 * unclip_safetensors_ref:
 *
 * Thread: any. An open file never changes, so threads may share it.
 *
 * Returns: (transfer full): @safetensors
 */
UnclipSafetensors       *unclip_safetensors_ref               (UnclipSafetensors       *safetensors);

/**
 * unclip_safetensors_unref:
 * @safetensors: (nullable) (transfer full): the last reference unmaps the file; no array of it may be used afterwards
 */
void                     unclip_safetensors_unref             (UnclipSafetensors       *safetensors);

/**
 * unclip_safetensors_check_whole:
 *
 * Whether the file still was what it was when it was opened while its values were read. Where another program shortened it,
 * zeros were read; see unclip-mapped-file.h. Ask after reading, before the values are used.
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT naming the file.
 *
 * Thread: any.
 *
 * Returns: %FALSE with @error set
 */
gboolean            unclip_safetensors_check_whole   (UnclipSafetensors  *self,
                                                      GError            **error);

/**
 * unclip_safetensors_get_path:
 *
 * Returns: (transfer none): the path it was opened by
 */
const char              *unclip_safetensors_get_path          (UnclipSafetensors       *safetensors);

/**
 * unclip_safetensors_get_n_tensors:
 *
 * Returns: how many tensors there are, possibly 0
 */
guint                    unclip_safetensors_get_n_tensors     (UnclipSafetensors       *safetensors);

/**
 * unclip_safetensors_get_nth:
 * @n: less than the number of tensors
 *
 * Returns: (transfer none): the @n-th array, in the order of the header
 */
const UnclipArray       *unclip_safetensors_get_nth           (UnclipSafetensors       *safetensors,
                                                               guint                    n);

/**
 * unclip_safetensors_find:
 *
 * Returns: (transfer none) (nullable): the array of that name
 */
const UnclipArray       *unclip_safetensors_find              (UnclipSafetensors       *safetensors,
                                                               const char              *name);

/**
 * unclip_safetensors_get_metadata:
 *
 * Returns: (transfer none) (nullable): the string that the file's metadata holds under @key
 */
const char              *unclip_safetensors_get_metadata      (UnclipSafetensors       *safetensors,
                                                               const char              *key);

/**
 * unclip_safetensors_writer_new:
 *
 * Starts an empty file in memory.
 *
 * Thread: one at a time.
 *
 * Returns: (transfer full): free with unclip_safetensors_writer_free()
 */
UnclipSafetensorsWriter *unclip_safetensors_writer_new        (void);

void                     unclip_safetensors_writer_free       (UnclipSafetensorsWriter *writer);

/**
 * unclip_safetensors_writer_set_metadata:
 *
 * Puts a pair of strings into the file's metadata, in place of an older value of @key.
 */
void                     unclip_safetensors_writer_set_metadata (UnclipSafetensorsWriter *writer,
                                                                 const char              *key,
                                                                 const char              *value);

/**
 * unclip_safetensors_writer_add:
 * @name: UTF-8, not used before in this file, not "__metadata__"
 * @dtype: of the values
 * @n_dims: up to %UNCLIP_ARRAY_MAX_DIMS, 0 for a scalar
 * @dims: (array length=n_dims) (nullable): sizes, row-major
 * @data: (transfer none): as many elements as the product of @dims; copied
 *
 * Adds a tensor. Tensors are written in the order they came.
 */
void                     unclip_safetensors_writer_add        (UnclipSafetensorsWriter *writer,
                                                               const char              *name,
                                                               UnclipDType              dtype,
                                                               guint                    n_dims,
                                                               const gint64            *dims,
                                                               const void              *data);

/**
 * unclip_safetensors_writer_save:
 * @path: replaced if it exists
 *
 * Writes the file beside @path under another name and renames it, so @path is either as it was or complete; after an
 * error (a full disk, say) nothing new is left behind.
 *
 * Errors: G_FILE_ERROR naming the file.
 *
 * Thread: any; writes a file.
 *
 * Returns: %FALSE with @error set
 */
gboolean                 unclip_safetensors_writer_save       (UnclipSafetensorsWriter *writer,
                                                               const char              *path,
                                                               GError                 **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipSafetensors, unclip_safetensors_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipSafetensorsWriter, unclip_safetensors_writer_free)

G_END_DECLS
