/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The stages of unCLIP over one loaded model and one executor: CLIP's towers, the prior, the decoder, the upsampler.
 *
 * Each stage takes plain arrays in and gives plain arrays out, channels last, so that it can be checked by itself
 * against the reference pipelines with every noise draw given. Programs are compiled on first use and kept, one a network
 * and batch size. Items of a batch do not influence each other: the same item gives the same bytes in any batch.
 *
 * One thread, the engine's worker, uses an #UnclipStages.
 *
 * Source: Ramesh et al. 2022; diffusers pipelines/unclip/pipeline_unclip.py and pipeline_unclip_image_variation.py.
 */

#pragma once

#include "unclip-executor.h"
#include "unclip-image.h"
#include "unclip-model.h"
#include "unclip-rng.h"
#include "unclip-sampler.h"

G_BEGIN_DECLS

/**
 * UnclipDrawFunc:
 * @stage: @step: which draw: %UNCLIP_RNG_START for the start noise, UNCLIP_RNG_STEP (k) for that added by step k
 * @item: of the batch
 * @out: (out caller-allocates) (array length=n): standard normals, channels last
 *
 * Where noise comes from: Philox by seed (unclip_draw_by_seed()), or given tensors in parity tests.
 */
typedef void (*UnclipDrawFunc) (UnclipRngStage stage,
                                guint          step,
                                int            item,
                                float         *out,
                                gsize          n,
                                gpointer       user_data);

typedef struct
{
  UnclipDrawFunc draw;
  gpointer       user_data;
} UnclipNoise;

/**
 * unclip_noise_draw:
 * @out: (out caller-allocates): @n_items times @n values, one item's draw behind the other
 */
void unclip_noise_draw (const UnclipNoise *noise,
                        UnclipRngStage     stage,
                        guint              step,
                        int                n_items,
                        gsize              n,
                        float             *out);

/**
 * UnclipWatch:
 * @progress: (nullable): called after each step; @n_done steps of @n_steps of the stage "prior", "inversion", "decoder" or "upsampler"
 * @preview: (nullable): the predicted clean picture of an item after a step of the decoder or upsampler: rows × columns × 3
 *   values in −1 … 1, valid during the call
 * @cancellable: (nullable): polled between submits
 *
 * How the caller follows a run. Functions are called on the worker's thread.
 */
typedef struct
{
  void        (*progress) (const char *stage, guint n_done, guint n_steps, gpointer user_data);
  void        (*preview)  (const char *stage, guint n_done, guint n_steps, int item, const float *rgb, int height, int width,
                           gpointer user_data);
  gpointer      user_data;
  GCancellable *cancellable;
} UnclipWatch;

/**
 * unclip_watch_report:
 * @program: of network and sampler's step, just run
 * @n_items: of the batch
 *
 * Calls the watch's functions after a step that makes pictures. What the device predicts of the clean pictures comes down
 * only if somebody looks.
 *
 * Returns: %FALSE with @error set if it could not be read
 */
gboolean unclip_watch_report (const UnclipWatch *watch,
                              UnclipProgram     *program,
                              const char        *stage,
                              int                n_items,
                              guint              n_done,
                              guint              n_steps,
                              GError           **error);

/**
 * UnclipCaptionCode:
 * @embeds: (array): E values, not normalised
 * @hidden: (array): n_tokens × D values, the text tower's last hidden state
 * @mask: (array): n_tokens values, 1 for the caption with its start and end, 0 for padding
 *
 * A caption as CLIP's text tower sees it.
 */
typedef struct
{
  int    n_tokens;
  int    n_embed;
  int    n_hidden;
  float *embeds;
  float *hidden;
  float *mask;
} UnclipCaptionCode;

void                unclip_caption_code_free     (UnclipCaptionCode         *code);

typedef struct _UnclipStages UnclipStages;

/**
 * unclip_stages_new:
 * @model: (transfer none): referenced
 * @executor: (transfer none): referenced
 *
 * Returns: (transfer full)
 */
UnclipStages       *unclip_stages_new            (UnclipModel               *model,
                                                  UnclipExecutor            *executor);
void                unclip_stages_free           (UnclipStages              *stages);
UnclipModel        *unclip_stages_get_model      (UnclipStages              *stages);
UnclipExecutor     *unclip_stages_get_executor   (UnclipStages              *stages);

/**
 * unclip_stages_get_program:
 * @name: tells this program from the others, batch included, such as "decoder/16"
 * @build: gives the graph when there is no such program yet
 *
 * Returns: (transfer none): kept until the stages are freed
 */
UnclipProgram      *unclip_stages_get_program    (UnclipStages              *stages,
                                                  const char                *name,
                                                  UnclipGraph             *(*build) (gconstpointer data, GError **error),
                                                  gconstpointer              data,
                                                  GError                   **error);

/**
 * unclip_stages_drop_programs:
 * @prefix: of names
 * @keep: prefix of names that stay
 *
 * Frees programs, those of which there would otherwise be one for every value of a slider.
 */
void                unclip_stages_drop_programs  (UnclipStages              *stages,
                                                  const char                *prefix,
                                                  const char                *keep);

/**
 * unclip_stages_encode_image:
 * @out: (out caller-allocates): E values of the image embedding, not normalised
 *
 * Image processor and vision tower.
 */
gboolean            unclip_stages_encode_image   (UnclipStages              *stages,
                                                  UnclipImage               *image,
                                                  float                     *out,
                                                  GCancellable              *cancellable,
                                                  GError                   **error);

/**
 * unclip_stages_encode_pixels:
 * @pixels: (array): height × width × 3 values, channels last, of the image processor
 *
 * The vision tower alone, for parity tests.
 */
gboolean            unclip_stages_encode_pixels  (UnclipStages              *stages,
                                                  const float               *pixels,
                                                  int                        height,
                                                  int                        width,
                                                  float                     *out,
                                                  GCancellable              *cancellable,
                                                  GError                   **error);

/**
 * unclip_stages_encode_caption:
 *
 * Tokenizer and text tower (causal mask only, as the released pipelines do).
 */
UnclipCaptionCode  *unclip_stages_encode_caption (UnclipStages              *stages,
                                                  const char                *caption,
                                                  GCancellable              *cancellable,
                                                  GError                   **error);

/**
 * UnclipPriorRun:
 * @n: items
 * @captions: (array length=n): what each item is made from
 * @empty: the code of "", for guidance
 * @n_steps: 2 or more
 * @guidance: above 1 it is on
 */
typedef struct
{
  int                             n;
  const UnclipCaptionCode *const *captions;
  const UnclipCaptionCode        *empty;
  guint                           n_steps;
  float                           guidance;
  UnclipNoise                     noise;
} UnclipPriorRun;

/**
 * unclip_stages_run_prior:
 * @out: (out caller-allocates): n × E image embeddings in CLIP's own scale
 */
gboolean            unclip_stages_run_prior      (UnclipStages              *stages,
                                                  const UnclipPriorRun      *run,
                                                  const UnclipWatch         *watch,
                                                  float                     *out,
                                                  GError                   **error);

/**
 * UnclipDecoderRun:
 * @n: items
 * @embeddings: (array): n × E image embeddings
 * @captions: (array length=n): the decoder's text path
 * @empty: the code of "", for guidance
 * @sampler: any kind; @eta is DDIM's
 * @first_timestep: where the sampler's list ends, 0 or a little above
 * @start: (nullable) (array): n × H × W × 3, x_T; %NULL draws it from @noise
 * @start_history: @end_history: (nullable) (array): n × H × W × 3 each, of %UNCLIP_SAMPLER_EXACT, from #UnclipInverted;
 *   %NULL stands for zeros
 * @freeu: (nullable): see #UnclipUnetFreeu; other values are another program
 */
typedef struct
{
  int                             n;
  const float                    *embeddings;
  const UnclipCaptionCode *const *captions;
  const UnclipCaptionCode        *empty;
  UnclipSamplerKind               sampler;
  guint                           n_steps;
  float                           guidance;
  float                           eta;
  UnclipNoise                     noise;
  guint                           first_timestep;
  const float                    *start;
  const float                    *start_history;
  const float                    *end_history;
  const UnclipUnetFreeu          *freeu;
} UnclipDecoderRun;

/**
 * unclip_stages_run_decoder:
 * @out: (out caller-allocates): n × H × W × 3 values in −1 … 1, of the size in unclip_model_get_decoder_size()
 */
gboolean            unclip_stages_run_decoder    (UnclipStages              *stages,
                                                  const UnclipDecoderRun    *run,
                                                  const UnclipWatch         *watch,
                                                  float                     *out,
                                                  GError                   **error);

/**
 * UnclipInversionRun:
 * @picture: (array): H × W × 3 values in −1 … 1, of the decoder's size
 * @embedding: (array): E values, of the picture itself
 * @caption: the decoder's text path, usually the code of ""
 * @empty: the code of "", for guidance
 * @n_steps: levels of the sampler's list, 2 or more
 * @n_rounds: of %UNCLIP_INVERTER_FIXED_POINT: the most rounds at a level
 * @tolerance: of %UNCLIP_INVERTER_FIXED_POINT: rounds end when no value moved farther
 * @guidance: 1 in the literature; the exact scheme comes back at any, if the sampler uses the same
 */
typedef struct
{
  const float             *picture;
  const float             *embedding;
  const UnclipCaptionCode *caption;
  const UnclipCaptionCode *empty;
  UnclipInverter           inverter;
  guint                    n_steps;
  guint                    n_rounds;
  float                    tolerance;
  float                    guidance;
  guint                    first_timestep;
} UnclipInversionRun;

/**
 * UnclipInverted:
 * @start: (array): H × W × 3, x_T
 * @start_history: @end_history: (array) (nullable): H × W × 3 each, of %UNCLIP_INVERTER_EXACT: what the sampler's first and
 *   last step miss of the samples that the inversion went through. The first is small, the last what the network cannot
 *   say of the picture (with Mini 0.05 of its range from −1 to 1)
 *
 * A picture as noise.
 */
typedef struct
{
  float *start;
  float *start_history;
  float *end_history;
} UnclipInverted;

void                unclip_inverted_free         (UnclipInverted            *inverted);

/**
 * unclip_stages_invert:
 *
 * The noise that the decoder turns into the picture when it is run with the same embedding, caption, guidance, number of
 * steps and first timestep: by %UNCLIP_SAMPLER_EXACT to the last bit of f32 after the exact scheme, by %UNCLIP_SAMPLER_DDIM
 * with eta 0 nearly so after the others. Progress is told of the stage "inversion".
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT for a number of steps out of range; %UNCLIP_ERROR_BAD_RESULT.
 *
 * Returns: (transfer full)
 */
UnclipInverted     *unclip_stages_invert         (UnclipStages              *stages,
                                                  const UnclipInversionRun  *run,
                                                  const UnclipWatch         *watch,
                                                  GError                   **error);

/**
 * UnclipUpsamplerRun:
 * @n: items
 * @low: (array): n × H × W × 3 values in −1 … 1, of the decoder's size
 * @n_steps: 2 or more; the last uses a network of its own
 */
typedef struct
{
  int          n;
  const float *low;
  guint        n_steps;
  UnclipNoise  noise;
} UnclipUpsamplerRun;

/**
 * unclip_stages_run_upsampler:
 * @out: (out caller-allocates): n × H' × W' × 3 values, nominally in −1 … 1, of the size in unclip_model_get_picture_size()
 */
gboolean            unclip_stages_run_upsampler  (UnclipStages              *stages,
                                                  const UnclipUpsamplerRun  *run,
                                                  const UnclipWatch         *watch,
                                                  float                     *out,
                                                  GError                   **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipStages, unclip_stages_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipInverted, unclip_inverted_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipCaptionCode, unclip_caption_code_free)

G_END_DECLS
