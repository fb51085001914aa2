/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A source as the model sees it, and how far a picture is from it.
 *
 * Thread: any.
 */

#pragma once

#include "unclip-resize.h"

G_BEGIN_DECLS

/* The longest side at which a source is shown by itself. */
#define FUGUE_DIFFERENCE_MAX_SIDE 2048

/* Differences are shown so many times as large as they are: what the eye can't see, the stage shall show. */
#define FUGUE_DIFFERENCE_GAIN 8

/**
 * fugue_source_image_new:
 * @source: (transfer none)
 * @crop: within @source
 * @width: @height: wanted size; 0 for the crop's own, held to %FUGUE_DIFFERENCE_MAX_SIDE
 *
 * Returns: (transfer full)
 */
UnclipImage *fugue_source_image_new     (UnclipImage       *source,
                                         const UnclipRect  *crop,
                                         guint              width,
                                         guint              height);

/**
 * fugue_difference_image_new:
 * @a: @b: of the same size
 *
 *     out = min (|a - b| · gain, 255)
 *
 * Returns: (transfer full)
 */
UnclipImage *fugue_difference_image_new (const UnclipImage *a,
                                         const UnclipImage *b);

G_END_DECLS
