/* SPDX-License-Identifier: GPL-3.0-or-later */

/* UnCLIPTextProjModel: image embedding and text features to what the decoder is conditioned on.
 *
 * The unconditional half of classifier-free guidance has a learned embedding in the place of the
 * image's. Which rows are unconditional is the caller's business: it writes
 * unclip_text_proj_get_null_embedding() into those rows of `image_embeddings`.
 *
 * Source: Ramesh et al. 2022, sec. 2.1; diffusers pipelines/unclip/text_proj.py.
 */

#pragma once

#include "unclip-config.h"
#include "unclip-layers.h"

G_BEGIN_DECLS

typedef struct _UnclipTextProj UnclipTextProj;

/**
 * unclip_text_proj_new:
 * @weights: (not transferred): must outlive the net and every program made from it
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH.
 *
 * Returns: (transfer full)
 */
UnclipTextProj    *unclip_text_proj_new        (const UnclipTextProjConfig *config,
                                                UnclipWeights              *weights,
                                                GError                    **error);
void               unclip_text_proj_free       (UnclipTextProj             *net);
const UnclipTextProjConfig *
                   unclip_text_proj_get_config (UnclipTextProj             *net);

/**
 * unclip_text_proj_get_null_embedding:
 *
 * Returns: (transfer none): dims (E): stands for "no picture"
 */
const UnclipArray *unclip_text_proj_get_null_embedding (UnclipTextProj     *net);

/**
 * UnclipTextProjOutput:
 * @text_encoder_hidden_states: (N, 1, T + S, X): T extra tokens made of the image embedding, then
 * the text's
 * @additive_clip_time_embeddings: (N, 1, 1, T'), added to the decoder's time embedding
 */
typedef struct
{
  UnclipTensor *text_encoder_hidden_states;
  UnclipTensor *additive_clip_time_embeddings;
} UnclipTextProjOutput;

/**
 * unclip_text_proj_forward:
 * @image_embeddings: (N, 1, 1, E)
 * @prompt_embeds: (N, 1, 1, E): the text tower's embedding
 * @text_encoder_hidden_states: (N, 1, S, E): the text tower's hidden states
 */
UnclipTextProjOutput
                   unclip_text_proj_forward    (UnclipTextProj             *net,
                                                UnclipGraph                *graph,
                                                UnclipTensor               *image_embeddings,
                                                UnclipTensor               *prompt_embeds,
                                                UnclipTensor               *text_encoder_hidden_states);

/**
 * unclip_text_proj_build:
 * @n: batch, 1 or more
 * @n_tokens: S, 1 or more
 *
 * A graph whose inputs and outputs have the names above.
 *
 * Returns: (transfer full)
 */
UnclipGraph       *unclip_text_proj_build      (UnclipTextProj             *net,
                                                int                         n,
                                                int                         n_tokens,
                                                gboolean                    probes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipTextProj, unclip_text_proj_free)

G_END_DECLS
