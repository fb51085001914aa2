/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A loaded model: the networks of one model folder, with their configs, tokenizer and schedules.
 *
 * Loading maps the weight files and checks names and shapes; nothing is computed and little is read. Networks are loaded
 * when they are first asked for, so a variation never opens the prior.
 */

#pragma once

#include "unclip-clip-text.h"
#include "unclip-clip-vision.h"
#include "unclip-image-processor.h"
#include "unclip-inversion.h"
#include "unclip-model-folder.h"
#include "unclip-prior.h"
#include "unclip-sampler.h"
#include "unclip-text-proj.h"
#include "unclip-tokenizer.h"
#include "unclip-unet.h"

G_BEGIN_DECLS

typedef struct _UnclipModel UnclipModel;

/**
 * UnclipModelStage:
 *
 * The three diffusion processes of a model, each with its scheduler config.
 */
typedef enum
{
  UNCLIP_MODEL_PRIOR,
  UNCLIP_MODEL_DECODER,
  UNCLIP_MODEL_UPSAMPLER,
} UnclipModelStage;

/**
 * UnclipModelDefaults:
 *
 * What runs use unless told otherwise: "_fugue_defaults" in model_index.json, else those of the reference pipelines
 * (25, 25 and 7 steps; guidance 4 and 8).
 */
typedef struct
{
  guint prior_steps;
  guint decoder_steps;
  guint upsampler_steps;
  float prior_guidance;
  float decoder_guidance;
} UnclipModelDefaults;

/**
 * unclip_model_open:
 * @folder: (transfer none): referenced
 *
 * Errors: %UNCLIP_ERROR_MODEL_NOT_FOUND, %UNCLIP_ERROR_MODEL_FORMAT.
 *
 * Returns: (transfer full)
 */
UnclipModel               *unclip_model_open              (UnclipModelFolder  *folder,
                                                           GError            **error);
UnclipModel               *unclip_model_ref               (UnclipModel        *model);
void                       unclip_model_unref             (UnclipModel        *model);
UnclipModelFolder         *unclip_model_get_folder        (UnclipModel        *model);
const UnclipModelDefaults *unclip_model_get_defaults      (UnclipModel        *model);

/**
 * unclip_model_get_text:
 *
 * The getters load on first use.
 *
 * Errors: %UNCLIP_ERROR_MODEL_NOT_FOUND if the folder lacks the part (the message says what that makes impossible), and
 * whatever its files give.
 *
 * Returns: (transfer none)
 */
UnclipClipText            *unclip_model_get_text          (UnclipModel        *model,
                                                           GError            **error);
UnclipClipVision          *unclip_model_get_vision        (UnclipModel        *model,
                                                           GError            **error);
UnclipPrior               *unclip_model_get_prior         (UnclipModel        *model,
                                                           GError            **error);
UnclipTextProj            *unclip_model_get_text_proj     (UnclipModel        *model,
                                                           GError            **error);
UnclipUnet                *unclip_model_get_decoder       (UnclipModel        *model,
                                                           GError            **error);

/**
 * unclip_model_get_upsampler:
 * @last: the network of the final step
 */
UnclipUnet                *unclip_model_get_upsampler     (UnclipModel        *model,
                                                           gboolean            last,
                                                           GError            **error);
UnclipTokenizer           *unclip_model_get_tokenizer     (UnclipModel        *model,
                                                           GError            **error);
const UnclipImageProcessorParams *
                           unclip_model_get_processor     (UnclipModel        *model,
                                                           GError            **error);

/**
 * unclip_model_get_n_embed:
 *
 * Returns: E, values of an image embedding; 0 with @error set
 */
int                        unclip_model_get_n_embed       (UnclipModel        *model,
                                                           GError            **error);

/**
 * unclip_model_get_decoder_size: pixels of the decoder's pictures
 */
gboolean                   unclip_model_get_decoder_size  (UnclipModel        *model,
                                                           int                *height,
                                                           int                *width,
                                                           GError            **error);

/**
 * unclip_model_get_picture_size: pixels of the upsampler's pictures
 */
gboolean                   unclip_model_get_picture_size  (UnclipModel        *model,
                                                           int                *height,
                                                           int                *width,
                                                           GError            **error);

/**
 * UnclipSamplerChoice:
 * @eta: of DDIM
 * @first_timestep: where the list of timesteps ends, 0 or a little above
 */
typedef struct
{
  UnclipSamplerKind kind;
  guint             n_steps;
  float             eta;
  guint             first_timestep;
} UnclipSamplerChoice;

/**
 * unclip_model_new_sampler:
 *
 * A sampler on the stage's own schedule: its prediction, variance and clipping come from the scheduler config.
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT for a number of steps out of range.
 *
 * Returns: (transfer full)
 */
UnclipSampler             *unclip_model_new_sampler       (UnclipModel        *model,
                                                           UnclipModelStage    stage,
                                                           const UnclipSamplerChoice *choice,
                                                           GError            **error);

/**
 * unclip_model_new_inversion:
 *
 * The decoder's steps backwards; a decoder that learns its variance takes part with its prediction.
 *
 * Errors: as for unclip_model_new_sampler().
 *
 * Returns: (transfer full)
 */
UnclipInversion           *unclip_model_new_inversion     (UnclipModel        *model,
                                                           UnclipInverter      inverter,
                                                           guint               n_steps,
                                                           guint               first_timestep,
                                                           GError            **error);

/**
 * unclip_model_check_whole:
 *
 * unclip_weights_check_whole() of all weights that are open.
 */
gboolean                   unclip_model_check_whole          (UnclipModel  *model,
                                                              GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipModel, unclip_model_unref)

G_END_DECLS
