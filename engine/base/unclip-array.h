/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A host array with a name: what a safetensors file holds, and what a network's weights are given as.
 *
 * An #UnclipArray describes memory that somebody else keeps alive (usually a mapped file); it owns nothing. Values are
 * row-major, little-endian, and may be unaligned: read them through unclip_array_get_f32() or the bulk copies.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UNCLIP_ARRAY_MAX_DIMS 8

/**
 * UnclipDType:
 * @UNCLIP_DTYPE_F32: IEEE binary32
 * @UNCLIP_DTYPE_F16: IEEE binary16
 * @UNCLIP_DTYPE_BF16: the upper half of a binary32
 * @UNCLIP_DTYPE_I64: signed 64-bit integer
 * @UNCLIP_DTYPE_I32: signed 32-bit integer
 * @UNCLIP_DTYPE_U8: unsigned byte
 * @UNCLIP_DTYPE_BOOL: one byte, 0 or 1
 *
 * The element types that Fugue reads and writes.
 */
typedef enum
{
  UNCLIP_DTYPE_F32,
  UNCLIP_DTYPE_F16,
  UNCLIP_DTYPE_BF16,
  UNCLIP_DTYPE_I64,
  UNCLIP_DTYPE_I32,
  UNCLIP_DTYPE_U8,
  UNCLIP_DTYPE_BOOL,
} UnclipDType;

typedef struct
{
  const char *name;                     /* borrowed from the file it came from */
  UnclipDType dtype;
  guint       n_dims;                   /* 0 for a scalar */
  gint64      dims[UNCLIP_ARRAY_MAX_DIMS];
  const void *data;                     /* borrowed; may be unaligned */
  gsize       n_bytes;
} UnclipArray;

/**
 * unclip_dtype_get_size:
 *
 * Thread: any.
 *
 * Returns: bytes an element
 */
gsize        unclip_dtype_get_size      (UnclipDType        dtype);

/**
 * unclip_dtype_get_name:
 *
 * Returns: (transfer none): the safetensors spelling, such as "F32"
 */
const char  *unclip_dtype_get_name      (UnclipDType        dtype);

/**
 * unclip_array_get_n_elements:
 *
 * Returns: the product of the dimensions, 1 for a scalar
 */
gint64       unclip_array_get_n_elements (const UnclipArray *array);

/**
 * unclip_array_copy_f32:
 * @array: any dtype
 * @first: first element, in row-major order
 * @n: how many elements
 * @out: (out caller-allocates) (array length=n): values as f32
 *
 * Converts a run of elements. Exact for F16 and BF16; integers beyond 2^24 are rounded.
 *
 * Thread: any.
 */
void         unclip_array_copy_f32      (const UnclipArray *array,
                                         gint64             first,
                                         gint64             n,
                                         float             *out);

/**
 * unclip_array_dup_shape_string:
 *
 * Returns: (transfer full): such as "(320, 3, 3, 3)", for messages
 */
char        *unclip_array_dup_shape_string (const UnclipArray *array);

G_END_DECLS
