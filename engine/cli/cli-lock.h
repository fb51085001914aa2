/* SPDX-License-Identifier: GPL-3.0-or-later */

/* --lock: pictures of a verb start from the noise that their source was inverted to. */

#pragma once

#include "cli-pictures.h"

G_BEGIN_DECLS

/* Where the inversion of locked edits begins: with Mini 10 dB better than 0, and x_T is noise and not a drawing. */
#define CLI_LOCK_FIRST_TIMESTEP 20

/* Steps of locked edits. */
#define CLI_LOCK_STEPS 50

/**
 * CliLock:
 * @part: of a mix: 1 … for the picture whose noise it is, 0 for all of them
 * @nodes: (element-type UnclipNoiseNode): hold together what the recipe's parameters point to
 */
typedef struct
{
  guint      part;
  GPtrArray *nodes;
} CliLock;

/**
 * cli_lock_apply:
 * @lock: cleared by cli_lock_clear() once a recipe was made
 * @params: embedding, step noise and sampler are there; gets noise, and what the sampler needs to come back
 *
 * One source: its inversion, and its detail is kept where nothing else makes noise. A mix: the inversions of its pictures
 * blended by their weights, so that a corner of the pad is the picture that lies there; or one of them, whatever is mixed. Inversions are made without
 * guidance, which the noise would take for part of the picture; what the sampler's own guidance adds to the source is part
 * of the detail, and so taken back.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT where there is no picture to lock on.
 */
gboolean cli_lock_apply (CliLock             *lock,
                         UnclipRecipeParams  *params,
                         GError             **error);
void     cli_lock_clear (CliLock             *lock);

G_END_DECLS
