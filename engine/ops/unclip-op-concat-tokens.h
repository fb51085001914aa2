/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "unclip-op-flat.h"

/* Inputs: the parts, then positions (nullable). */
typedef struct
{
  guint n_parts;
} UnclipOpConcatTokensParams;

/**
 * UnclipTokenCopy:
 * @x: (N, 1, …, D), or (1, 1, …, D) for every item
 * @positions: (nullable): added, by the token's place in the output
 * @y: the node's output
 * @x_first: first token of @x that is copied
 * @y_first: where it goes
 * @n_tokens: how many
 */
typedef struct
{
  UnclipTensor *x;
  UnclipTensor *positions;
  UnclipTensor *y;
  int           x_first;
  int           y_first;
  int           n_tokens;
} UnclipTokenCopy;

/**
 * unclip_op_copy_tokens:
 *
 * Records one run of concat-tokens.comp: a part of a concatenation, or a slice.
 */
void unclip_op_copy_tokens (UnclipRecorder        *recorder,
                            const UnclipTokenCopy *copy);
