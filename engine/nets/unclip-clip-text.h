/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP text tower with projection: token ids to hidden states and one text embedding.
 *
 * Source: Radford et al. 2021; transformers models/clip/modeling_clip.py,
 * CLIPTextModelWithProjection.
 */

#pragma once

#include "unclip-config.h"
#include "unclip-layers.h"

G_BEGIN_DECLS

typedef struct _UnclipClipText UnclipClipText;

/**
 * unclip_clip_text_new:
 * @weights: (not transferred): must outlive the net and every program made from it
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH, %UNCLIP_ERROR_MODEL_FORMAT.
 *
 * Returns: (transfer full)
 */
UnclipClipText *unclip_clip_text_new     (const UnclipClipTextConfig *config,
                                          UnclipWeights              *weights,
                                          GError                    **error);
void            unclip_clip_text_free    (UnclipClipText             *net);
const UnclipClipTextConfig *
                unclip_clip_text_get_config (UnclipClipText          *net);

/**
 * unclip_clip_text_find_end:
 * @ids: (array length=n)
 *
 * The position whose hidden state is projected. Configs older than the key carry the placeholder
 * `eos_token_id` 2: then it is the first of the largest ids. Otherwise it is the first id equal to
 * `eos_token_id`, or 0 without one.
 */
int             unclip_clip_text_find_end (const UnclipClipTextConfig *config,
                                          const gint32               *ids,
                                          int                         n);

/**
 * UnclipClipTextOutput:
 * @last_hidden_state: (N, 1, S, D), after the final norm
 * @text_embeds: (N, 1, 1, P), not normalised
 */
typedef struct
{
  UnclipTensor *last_hidden_state;
  UnclipTensor *text_embeds;
} UnclipClipTextOutput;

/**
 * unclip_clip_text_forward:
 * @input_ids: (N, 1, S, 1) of %UNCLIP_DTYPE_I32, S at most the config's positions
 * @end: (N, 1, 1, 1) of %UNCLIP_DTYPE_I32: from unclip_clip_text_find_end()
 * @key_bias: (nullable): (N, 1, S, 1): −10000 for tokens to be hidden; the released pipelines give
 * none
 */
UnclipClipTextOutput
                unclip_clip_text_forward (UnclipClipText             *net,
                                          UnclipGraph                *graph,
                                          UnclipTensor               *input_ids,
                                          UnclipTensor               *end,
                                          UnclipTensor               *key_bias);

/**
 * unclip_clip_text_build:
 * @n: batch
 * @n_tokens: S
 * @masked: take key_bias
 * @probes: make every block an output
 *
 * A graph with the inputs `input_ids`, `end` and, if @masked, `key_bias`, and the outputs
 * `last_hidden_state` and `text_embeds`.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT when there are more tokens than positions.
 *
 * Returns: (transfer full)
 */
UnclipGraph    *unclip_clip_text_build   (UnclipClipText             *net,
                                          int                         n,
                                          int                         n_tokens,
                                          gboolean                    masked,
                                          gboolean                    probes,
                                          GError                    **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipClipText, unclip_clip_text_free)

G_END_DECLS
