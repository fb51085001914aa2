/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Noise from a file instead of a seed: every draw of a pipeline's run as a tensor, to run beside another implementation.
 *
 * Names, in the order in which the reference pipelines draw: prior_latents, prior_noise.0 …, decoder_latents,
 * decoder_noise.0 …, super_res_latents, super_res_noise.0 …, with no noise at the last step of a stage. Shapes as torch
 * has them: (N, E) or (N, C, H, W).
 */

#pragma once

#include "unclip-safetensors.h"
#include "unclip-stages.h"

G_BEGIN_DECLS

/**
 * unclip_stored_noise_check:
 * @file: (transfer none): with the draws
 * @n_items: batch
 * @n_steps: of the stage
 * @n: values an item
 *
 * Looks whether the file has all draws of a stage, since unclip_stored_noise_draw() cannot fail.
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH, naming the tensor.
 *
 * Returns: %FALSE with @error set
 */
gboolean unclip_stored_noise_check (UnclipSafetensors  *file,
                                    UnclipRngStage      stage,
                                    int                 n_items,
                                    guint               n_steps,
                                    gsize               n,
                                    GError            **error);

/**
 * unclip_stored_noise_draw:
 * @user_data: the #UnclipSafetensors, checked
 *
 * An #UnclipDrawFunc.
 */
void     unclip_stored_noise_draw  (UnclipRngStage      stage,
                                    guint               step,
                                    int                 item,
                                    float              *out,
                                    gsize               n,
                                    gpointer            user_data);

/**
 * unclip_stored_noise_copy_item:
 * @array: (N, C, …)
 * @item: less than N
 * @out: (out caller-allocates): the item's values, channels last
 */
void     unclip_stored_noise_copy_item (const UnclipArray *array,
                                    int                 item,
                                    float              *out);

G_END_DECLS
