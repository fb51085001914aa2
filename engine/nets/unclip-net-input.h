/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tensors in torch's layout going into and coming out of a network: names, shapes, and channels
 * first to channels last.
 *
 * What a person hands to `unclip eval` is untrusted: whatever is missing or misshapen ends in one
 * sentence.
 */

#pragma once

#include "unclip-executor.h"
#include "unclip-safetensors.h"

G_BEGIN_DECLS

/**
 * UNCLIP_NET_ANY: stands for any size where a shape is asked for
 */
#define UNCLIP_NET_ANY (-1)

/**
 * UnclipNetInputs:
 * @file: (not owned): tensors named as the arguments of the class's forward()
 * @prefix: stands before each name in the file; "" for none
 */
typedef struct
{
  UnclipSafetensors *file;
  const char        *prefix;
} UnclipNetInputs;

/**
 * unclip_net_inputs_find:
 *
 * Returns: (transfer none) (nullable): the tensor of that argument
 */
const UnclipArray *unclip_net_inputs_find    (const UnclipNetInputs *inputs,
                                              const char            *name);

/**
 * unclip_net_inputs_require:
 * @dims: (array length=n_dims): sizes wanted, %UNCLIP_NET_ANY where any will do
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING; %UNCLIP_ERROR_SHAPE_MISMATCH naming the argument, expected
 * and found.
 *
 * Returns: (transfer none): the tensor of that argument
 */
const UnclipArray *unclip_net_inputs_require (const UnclipNetInputs *inputs,
                                              const char            *name,
                                              const gint64          *dims,
                                              guint                  n_dims,
                                              GError               **error);

/**
 * unclip_net_inputs_get_flag:
 *
 * Returns: whether the argument is there and is not 0
 */
gboolean           unclip_net_inputs_get_flag (const UnclipNetInputs *inputs,
                                              const char            *name);

/**
 * unclip_net_inputs_dup_timesteps:
 * @n: batch
 *
 * Reads `timestep`: one number for all items, or one an item.
 *
 * Returns: (transfer full) (array length=n): %NULL with @error set
 */
float             *unclip_net_inputs_dup_timesteps (const UnclipNetInputs *inputs,
                                              int                    n,
                                              GError               **error);

/**
 * unclip_net_array_dup_f32:
 *
 * Returns: (transfer full): all values of the array
 */
float             *unclip_net_array_dup_f32  (const UnclipArray     *array);

/**
 * unclip_net_array_dup_channels_last:
 * @array: (N, C, H, W)
 * @height: @width: rows and columns to keep, from the first; at most H and W
 *
 * Returns: (transfer full): (N, height, width, C)
 */
float             *unclip_net_array_dup_channels_last (const UnclipArray *array,
                                              int                    height,
                                              int                    width);

/**
 * UnclipNetLayout:
 * @UNCLIP_NET_VECTOR: (N, C)
 * @UNCLIP_NET_TOKENS: (N, S, C)
 * @UNCLIP_NET_PICTURE: (N, C, H, W)
 *
 * How torch stores what a graph has as (N, H, W, C).
 */
typedef enum
{
  UNCLIP_NET_VECTOR,
  UNCLIP_NET_TOKENS,
  UNCLIP_NET_PICTURE,
} UnclipNetLayout;

/**
 * UnclipNetResult:
 * @name: of the returned field, or the block's module path
 * @is_block: an inner block's output
 * @n_dims: of @dims
 * @dims: in torch's layout
 * @values: (array): row-major
 */
typedef struct
{
  char    *name;
  gboolean is_block;
  guint    n_dims;
  gint64   dims[4];
  float   *values;
} UnclipNetResult;

/**
 * unclip_net_result_read:
 * @name: an output of the program
 *
 * Returns: (transfer full): %NULL with @error set
 */
UnclipNetResult   *unclip_net_result_read    (UnclipProgram         *program,
                                              const char            *name,
                                              UnclipNetLayout        layout,
                                              GError               **error);
void               unclip_net_result_free    (UnclipNetResult       *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipNetResult, unclip_net_result_free)

G_END_DECLS
