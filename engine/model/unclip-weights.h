/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The weights of one component: one safetensors file, or several with an index, under the names that diffusers and
 * transformers give them. Pickles (.bin, .ckpt, .pt) are never read: unpickling runs code of the file's choice.
 */

#pragma once

#include "unclip-array.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct UnclipWeights UnclipWeights;

/**
 * UNCLIP_DIMS:
 * @...: dimensions
 *
 * Count and values of a shape, for unclip_weights_require(): UNCLIP_DIMS (C, 3, 3, 3).
 */
#define UNCLIP_DIMS(...) \
  (sizeof ((const gint64[]) { __VA_ARGS__ }) / sizeof (gint64)), ((const gint64[]) { __VA_ARGS__ })

/**
 * unclip_weights_open:
 * @folder: a component's folder
 *
 * Opens diffusion_pytorch_model.safetensors or model.safetensors, or their .safetensors.index.json with its shards, or
 * the fp16 variants of these, in this order. Maps the files; reads only headers.
 *
 * Errors: %UNCLIP_ERROR_MODEL_NOT_FOUND when there are no weights; %UNCLIP_ERROR_MODEL_FORMAT for bad files, and for a
 * folder with pickles only, saying how to convert them; G_FILE_ERROR.
 *
 * Thread: any; reads files.
 *
 * Returns: (transfer full): the weights
 */
UnclipWeights     *unclip_weights_open         (const char         *folder,
                                                GError            **error);

/**
 * unclip_weights_open_file:
 * @path: a safetensors file
 *
 * As unclip_weights_open(), for one file of any name.
 *
 * Returns: (transfer full): the weights
 */
UnclipWeights     *unclip_weights_open_file    (const char         *path,
                                                GError            **error);

/**
 * unclip_weights_ref:
 *
 * Thread: any. Open weights never change, so threads may share them.
 *
 * Returns: (transfer full): @weights
 */
UnclipWeights     *unclip_weights_ref          (UnclipWeights      *weights);

/**
 * unclip_weights_unref:
 * @weights: (nullable) (transfer full): the last reference unmaps the files; no array of them may be used afterwards
 */
void               unclip_weights_unref        (UnclipWeights      *weights);

/**
 * unclip_weights_get_path:
 *
 * Returns: (transfer none): the file, or the index of the shards
 */
const char        *unclip_weights_get_path     (UnclipWeights      *weights);

/**
 * unclip_weights_get_n_tensors:
 *
 * Returns: how many tensors there are, over all shards
 */
guint              unclip_weights_get_n_tensors (UnclipWeights     *weights);

/**
 * unclip_weights_get_nth:
 * @n: less than the number of tensors
 *
 * Returns: (transfer none): the @n-th array, in the order of the file or of the index
 */
const UnclipArray *unclip_weights_get_nth      (UnclipWeights      *weights,
                                                guint               n);

/**
 * unclip_weights_get_n_bytes:
 *
 * Returns: bytes of all tensors
 */
guint64            unclip_weights_get_n_bytes  (UnclipWeights      *weights);

/**
 * unclip_weights_find:
 *
 * Returns: (transfer none) (nullable): the array of that name
 */
const UnclipArray *unclip_weights_find         (UnclipWeights      *weights,
                                                const char         *name);

/**
 * unclip_weights_require:
 * @name: such as "conv_in.weight"
 * @n_dims: how many dimensions, usually by UNCLIP_DIMS()
 * @dims: (array length=n_dims): their sizes
 *
 * Finds a tensor of floating-point numbers that must be there, in the shape that the config calls for:
 *
 *     array = unclip_weights_require (weights, "conv_in.weight", UNCLIP_DIMS (C, 3, 3, 3), error);
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH with both shapes, %UNCLIP_ERROR_MODEL_FORMAT for
 * integers; all name file and tensor.
 *
 * Thread: any.
 *
 * Returns: (transfer none): the array, kept alive by @weights
 */
const UnclipArray *unclip_weights_require      (UnclipWeights      *weights,
                                                const char         *name,
                                                guint               n_dims,
                                                const gint64       *dims,
                                                GError            **error);

/**
 * unclip_weights_check_finite:
 *
 * Reads every floating-point tensor once, looking for NaN and infinity, which would spread over the whole picture.
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT naming file, tensor and element.
 *
 * Thread: any; reads the files, at about the speed of memory once they are cached.
 *
 * Returns: %FALSE with @error set
 */
gboolean           unclip_weights_check_finite (UnclipWeights      *weights,
                                                GError            **error);

/**
 * unclip_weights_check_whole:
 *
 * unclip_safetensors_check_whole() of every file.
 */
gboolean           unclip_weights_check_whole  (UnclipWeights      *weights,
                                                GError            **error);

/**
 * unclip_weights_dup_hash:
 * @cancellable: (nullable): polled every MiB
 *
 * The content hash of the weights: the file's SHA-256, or with shards the SHA-256 of lines "name hash", by name. See
 * unclip_file_hash() for the memory of it.
 *
 * Errors: G_FILE_ERROR, %G_IO_ERROR_CANCELLED.
 *
 * Thread: any; may read the whole files.
 *
 * Returns: (transfer full): 64 lower-case hexadecimal digits
 */
char              *unclip_weights_dup_hash     (UnclipWeights      *weights,
                                                GCancellable       *cancellable,
                                                GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipWeights, unclip_weights_unref)

G_END_DECLS
