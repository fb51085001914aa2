/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The residual block of the UNets, ResnetBlock2D: two normalised 3×3 convolutions, the time
 * embedding between them, and optionally a halving or doubling of the picture.
 *
 *     h = conv1 (resize (silu (norm1 (x))))
 *     default:      h = silu (norm2 (h + time))
 *     scale_shift:  h = silu (norm2 (h) · (1 + time.first_half) + time.second_half)
 *     out = shortcut (resize (x)) + conv2 (h)
 *
 * with time = time_emb_proj (silu (emb)).
 *
 * Source: Dhariwal & Nichol 2021, sec. 3 and app. A; diffusers models/resnet.py, ResnetBlock2D.
 */

#pragma once

#include "unclip-layers.h"

G_BEGIN_DECLS

/**
 * UnclipResnetSpec:
 * @n_in: channels of x, both parts of a concatenation together
 * @n_out: channels of the result
 * @n_time: width of the time embedding
 * @n_groups: of both norms; divides n_in and n_out
 * @eps: of both norms
 * @scale_shift: how the time embedding enters
 */
typedef struct
{
  int      n_in;
  int      n_out;
  int      n_time;
  int      n_groups;
  float    eps;
  gboolean scale_shift;
} UnclipResnetSpec;

typedef enum
{
  UNCLIP_RESIZE_NONE,
  UNCLIP_RESIZE_DOWN,   /* means of 2×2 pixels */
  UNCLIP_RESIZE_UP,     /* nearest neighbour, ×2 */
} UnclipResize;

typedef struct
{
  UnclipResnetSpec spec;
  UnclipLayer      norm1;           /* (n_in) */
  UnclipLayer      conv1;           /* (n_out, n_in, 3, 3) */
  UnclipLayer      time_emb_proj;   /* (n_out or 2·n_out, n_time) */
  UnclipLayer      norm2;           /* (n_out) */
  UnclipLayer      conv2;           /* (n_out, n_out, 3, 3) */
  UnclipLayer      conv_shortcut;   /* (n_out, n_in, 1, 1), where n_in and n_out differ */
} UnclipResnet;

/**
 * unclip_resnet_load:
 * @prefix: such as "down_blocks.0.resnets.1"
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT when the groups do not divide the channels, in the loader; and
 * those of weights.
 */
void          unclip_resnet_load    (UnclipResnet           *resnet,
                                     UnclipLoader           *loader,
                                     const UnclipResnetSpec *spec,
                                     const char             *prefix);

/**
 * unclip_resnet_get_n_time_rows: outputs of its time_emb_proj
 */
int           unclip_resnet_get_n_time_rows (const UnclipResnet *resnet);

/**
 * unclip_resnet_forward:
 * @x: (N, H, W, n_in); may be an unmaterialised concatenation, then without @resize
 * @time: (N, 1, 1, n_out), or 2·n_out with scale_shift: time_emb_proj of silu (emb)
 *
 * Returns: (transfer none): (N, H', W', n_out)
 */
UnclipTensor *unclip_resnet_forward (const UnclipResnet     *resnet,
                                     UnclipGraph            *graph,
                                     UnclipTensor           *x,
                                     UnclipTensor           *time,
                                     UnclipResize            resize);

G_END_DECLS
