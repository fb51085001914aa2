/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP vision tower with projection: a normalised picture to one image embedding.
 *
 * Source: Dosovitskiy et al. 2020; Radford et al. 2021; transformers models/clip/modeling_clip.py,
 * CLIPVisionModelWithProjection.
 */

#pragma once

#include "unclip-config.h"
#include "unclip-layers.h"

G_BEGIN_DECLS

typedef struct _UnclipClipVision UnclipClipVision;

/**
 * unclip_clip_vision_new:
 * @weights: (not transferred): must outlive the net and every program made from it
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH, %UNCLIP_ERROR_MODEL_FORMAT.
 *
 * Returns: (transfer full)
 */
UnclipClipVision *unclip_clip_vision_new     (const UnclipClipVisionConfig *config,
                                              UnclipWeights                *weights,
                                              GError                      **error);
void              unclip_clip_vision_free    (UnclipClipVision             *net);
const UnclipClipVisionConfig *
                  unclip_clip_vision_get_config (UnclipClipVision          *net);

/**
 * unclip_clip_vision_get_input_size:
 *
 * Rows and columns that the input `pixel_values` has: the config's `image_size` without the rest
 * that no patch covers. A caller with a picture of `image_size` leaves off its last rows and
 * columns.
 */
int               unclip_clip_vision_get_input_size (UnclipClipVision      *net);

/**
 * UnclipClipVisionOutput:
 * @last_hidden_state: (N, 1, 1 + S, D): class token and patches, before the post norm
 * @image_embeds: (N, 1, 1, P), not normalised
 */
typedef struct
{
  UnclipTensor *last_hidden_state;
  UnclipTensor *image_embeds;
} UnclipClipVisionOutput;

/**
 * unclip_clip_vision_forward:
 * @pixel_values: (N, H, W, 3), H and W from unclip_clip_vision_get_input_size()
 */
UnclipClipVisionOutput
                  unclip_clip_vision_forward (UnclipClipVision             *net,
                                              UnclipGraph                  *graph,
                                              UnclipTensor                 *pixel_values);

/**
 * unclip_clip_vision_build:
 * @n: batch, 1 or more
 * @probes: make every block an output
 *
 * A graph with the input `pixel_values` and the outputs `last_hidden_state` and `image_embeds`.
 *
 * Returns: (transfer full)
 */
UnclipGraph      *unclip_clip_vision_build   (UnclipClipVision             *net,
                                              int                           n,
                                              gboolean                      probes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipClipVision, unclip_clip_vision_free)

G_END_DECLS
