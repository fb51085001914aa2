/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any component with weights, by the name of its class: one forward pass from tensors named as
 * diffusers' and transformers' forward() arguments to tensors named as the fields that they return.
 * This is what `unclip eval` and the parity tests run.
 *
 * Arguments → fields, by class; what stands in brackets may be absent:
 *
 *     CLIPTextModelWithProjection: input_ids, [attention_mask] → last_hidden_state, text_embeds
 *     CLIPVisionModelWithProjection: pixel_values → last_hidden_state, image_embeds
 *     PriorTransformer: hidden_states, timestep, proj_embedding, encoder_hidden_states,
 *       [attention_mask] → predicted_image_embedding
 *     UnCLIPTextProjModel: image_embeddings, prompt_embeds, text_encoder_hidden_states,
 *       [do_classifier_free_guidance] → text_encoder_hidden_states, additive_clip_time_embeddings
 *     UNet2DConditionModel, UNet2DModel: sample, timestep; class_labels and encoder_hidden_states
 *       where the configuration wants them; [attention_mask or encoder_attention_mask] → sample
 */

#pragma once

#include "unclip-net-input.h"

G_BEGIN_DECLS

typedef struct _UnclipNet UnclipNet;

/**
 * unclip_net_open:
 * @folder: a component's folder, with config.json and weights
 * @class_name: (nullable): such as "PriorTransformer"; %NULL to take it from config.json
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT for a class that Fugue does not know, and for configurations
 * beyond it; %UNCLIP_ERROR_MODEL_NOT_FOUND, %UNCLIP_ERROR_TENSOR_MISSING,
 * %UNCLIP_ERROR_SHAPE_MISMATCH, G_FILE_ERROR.
 *
 * Returns: (transfer full)
 */
UnclipNet  *unclip_net_open           (const char            *folder,
                                       const char            *class_name,
                                       GError               **error);
void        unclip_net_free           (UnclipNet             *net);

/**
 * unclip_net_get_class_name:
 *
 * Returns: (transfer none): a static string
 */
const char *unclip_net_get_class_name (UnclipNet             *net);

/**
 * unclip_net_eval:
 * @inputs: in torch's layout
 * @blocks: also return what inner blocks gave
 * @cancellable: (nullable)
 *
 * One forward pass.
 *
 * Errors: %UNCLIP_ERROR_TENSOR_MISSING, %UNCLIP_ERROR_SHAPE_MISMATCH and %UNCLIP_ERROR_ARGUMENT for
 * the inputs; those of executors.
 *
 * Returns: (transfer full) (element-type UnclipNetResult): in the order of computation, fields last
 */
GPtrArray  *unclip_net_eval           (UnclipNet             *net,
                                       UnclipExecutor        *executor,
                                       const UnclipNetInputs *inputs,
                                       gboolean               blocks,
                                       GCancellable          *cancellable,
                                       GError               **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipNet, unclip_net_free)

G_END_DECLS
