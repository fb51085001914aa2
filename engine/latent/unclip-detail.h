/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a model cannot say of a picture, carried over to edits of it.
 *
 *     detail = picture − reconstruction,    out = edit + W · detail
 *
 * W is 1 where the edit is the reconstruction, so that an edit of nothing gives the picture back. It falls where the edit
 * differs: in colour soon for the detail's colour (edges of an apple made blue must not glow red), later for its lightness,
 * which is mostly edges and shading; both fall where lightness itself moved, since then the edge is somewhere else.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UnclipDetail:
 *
 * Pictures of height × width × 3 values, nominally −1 … 1.
 */
typedef struct
{
  guint        height;
  guint        width;
  const float *picture;
  const float *reconstruction;
} UnclipDetail;

/**
 * unclip_detail_add:
 * @edit: (inout) (array): height × width × 3 values; gets the detail
 *
 * With d the largest difference of a channel, and l that of lightness, between edit and reconstruction, each averaged over
 * 5 × 5 pixels:
 *
 *     W = exp (−(l / 0.25)²) for the detail's lightness;  exp (−(l / 0.25)² − (d / 0.15)²) for the rest of it
 *
 * Thread: any.
 */
void unclip_detail_add (const UnclipDetail *detail,
                        float              *edit);

G_END_DECLS
