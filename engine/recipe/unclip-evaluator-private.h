/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the evaluator share: embeddings live in unclip-evaluator-embedding.c, start noises in
 * unclip-evaluator-noise.c, batches of pictures in unclip-evaluator.c. */

#pragma once

#include "unclip-axes.h"
#include "unclip-evaluator.h"

G_BEGIN_DECLS

struct _UnclipEvaluator
{
  UnclipStages          *stages;        /* borrowed: outlives the evaluator */
  GHashTable            *sources;       /* SHA-256 of the pixels → UnclipImage */
  GHashTable            *embeddings;    /* hash of the expression → float[E], of those that a network gave */
  GHashTable            *noises;        /* hash of an inversion → UnclipInverted */
  GHashTable            *references;    /* what a source comes back as → float[height × width × 3]; see -detail.c */
  GHashTable            *captions;      /* text → UnclipCaptionCode */
  UnclipAxes            *axes;          /* of the model; NULL until something is loosened */
  UnclipEvaluatorCounts  counts;
};

/**
 * UnclipEvaluatorSpan:
 *
 * For which recipes of a call something is worked out; what it tells goes to @watch under their numbers.
 */
typedef struct
{
  const UnclipEvaluatorWatch *watch;
  guint                       first;
  guint                       n;
} UnclipEvaluatorSpan;

/**
 * UnclipEvaluatorBatch:
 * @recipes: (array): that many as @span has
 *
 * Recipes that go through the networks together.
 */
typedef struct
{
  UnclipEvaluator      *evaluator;
  UnclipRecipe *const  *recipes;
  UnclipEvaluatorSpan   span;
  int                   low_height, low_width;
  int                   height, width;  /* of the finished pictures: the upsampler's, or the decoder's without one */
} UnclipEvaluatorBatch;

/**
 * unclip_evaluator_batch_init:
 *
 * Finds the sizes.
 */
gboolean                 unclip_evaluator_batch_init       (UnclipEvaluatorBatch      *batch,
                                                            UnclipEvaluator           *evaluator,
                                                            UnclipRecipe *const       *recipes,
                                                            const UnclipEvaluatorSpan *span,
                                                            GError                   **error);

/**
 * unclip_evaluator_decode:
 * @low: (out caller-allocates): n × low_height × low_width × 3
 */
gboolean                 unclip_evaluator_decode           (UnclipEvaluatorBatch      *batch,
                                                            const UnclipWatch         *watch,
                                                            float                     *low,
                                                            GError                   **error);

/**
 * unclip_evaluator_upsample:
 * @high: (out caller-allocates): n × height × width × 3
 */
gboolean                 unclip_evaluator_upsample         (UnclipEvaluatorBatch      *batch,
                                                            const UnclipWatch         *watch,
                                                            const float               *low,
                                                            float                     *high,
                                                            GError                   **error);

/**
 * unclip_evaluator_prepare_detail:
 *
 * Does the costly part of unclip_evaluator_add_detail(), so that progress is told in order.
 */
gboolean                 unclip_evaluator_prepare_detail   (UnclipEvaluatorBatch      *batch,
                                                            GError                   **error);

/**
 * unclip_evaluator_add_detail:
 * @pictures: (inout): n × height × width × 3
 *
 * For recipes that keep the source's detail.
 */
gboolean                 unclip_evaluator_add_detail       (UnclipEvaluatorBatch      *batch,
                                                            float                     *pictures,
                                                            GError                   **error);

/**
 * unclip_evaluator_measure:
 * @rgb: height × width × 3, what @image was made of
 *
 * Holds a picture against its source, if that is known and somebody wants to know.
 */
gboolean                 unclip_evaluator_measure          (UnclipEvaluatorBatch      *batch,
                                                            guint                      item,
                                                            const float               *rgb,
                                                            UnclipImage               *image,
                                                            GError                   **error);

/**
 * unclip_evaluator_forward_progress:
 * @span: an #UnclipEvaluatorSpan
 *
 * For #UnclipWatch.
 */
void                     unclip_evaluator_forward_progress (const char                *stage,
                                                            guint                      n_done,
                                                            guint                      n_steps,
                                                            gpointer                   span);

/**
 * unclip_evaluator_get_source:
 * @crop: as in a node
 *
 * Errors: %UNCLIP_ERROR_RECIPE if the source is not known or the crop leaves it.
 *
 * Returns: (transfer full): the picture, cropped
 */
UnclipImage             *unclip_evaluator_get_source       (UnclipEvaluator           *evaluator,
                                                            const char                *sha256,
                                                            const guint                crop[4],
                                                            GError                   **error);

/**
 * unclip_evaluator_resize_source:
 * @crop: as in a node
 *
 * A source as the networks for pictures of that size see it: the middle of it in their proportion, as the vision tower's
 * processor takes it, brought to the size by antialiased bicubic.
 *
 * Returns: (transfer full)
 */
UnclipImage             *unclip_evaluator_resize_source    (UnclipEvaluator           *evaluator,
                                                            const char                *sha256,
                                                            const guint                crop[4],
                                                            guint                      height,
                                                            guint                      width,
                                                            GError                   **error);

/**
 * unclip_evaluator_dup_pixels:
 *
 * The same as numbers.
 *
 * Returns: (transfer full): height × width × 3 values in −1 … 1
 */
float                   *unclip_evaluator_dup_pixels       (UnclipEvaluator           *evaluator,
                                                            const char                *sha256,
                                                            const guint                crop[4],
                                                            int                        height,
                                                            int                        width,
                                                            GError                   **error);

/**
 * unclip_evaluator_get_caption:
 *
 * Each text is encoded once.
 *
 * Returns: (transfer none)
 */
const UnclipCaptionCode *unclip_evaluator_get_caption      (UnclipEvaluator           *evaluator,
                                                            const char                *text,
                                                            GCancellable              *cancellable,
                                                            GError                   **error);

/**
 * unclip_evaluator_embed:
 * @out: (out caller-allocates): E values, not normalised
 *
 * The value of an embedding expression. What a network gives for a sub-expression is kept; arithmetic on it is done again,
 * which is cheaper than to look after its results.
 *
 * Errors: %UNCLIP_ERROR_RECIPE where captions have no direction between them or a mix no mean;
 * %UNCLIP_ERROR_MODEL_NOT_FOUND where the model lacks a part; what the stages give.
 */
gboolean                 unclip_evaluator_embed            (UnclipEvaluator           *evaluator,
                                                            const UnclipEmbedding     *embedding,
                                                            float                     *out,
                                                            UnclipEvaluatorSpan       *span,
                                                            GError                   **error);

/**
 * unclip_evaluator_get_noise:
 * @n: values: height × width × 3 of the decoder's pictures
 * @out: (out caller-allocates) (array length=n): the start noise x_T, channels last
 *
 * The value of a noise expression, kept as embeddings are.
 */
gboolean                 unclip_evaluator_get_noise        (UnclipEvaluator           *evaluator,
                                                            const UnclipNoiseNode     *noise,
                                                            gsize                      n,
                                                            float                     *out,
                                                            UnclipEvaluatorSpan       *span,
                                                            GError                   **error);

/**
 * unclip_evaluator_get_histories:
 * @start: @end: (out caller-allocates) (array length=n): of #UnclipDecoderRun; zeros where the noise has none
 *
 * What goes with start noise that was worked out before. Those of blended noise are blended straight.
 */
void                     unclip_evaluator_get_histories    (UnclipEvaluator           *evaluator,
                                                            const UnclipNoiseNode     *noise,
                                                            gsize                      n,
                                                            float                     *start,
                                                            float                     *end);

/**
 * unclip_evaluator_fail_source:
 *
 * Returns: %FALSE, with @error saying that this source is not known
 */
gboolean                 unclip_evaluator_fail_source      (const char                *sha256,
                                                            GError                   **error);

/**
 * unclip_evaluator_check_noise:
 *
 * The exact sampler comes back only in the steps of the inversion.
 *
 * Errors: %UNCLIP_ERROR_RECIPE.
 */
gboolean                 unclip_evaluator_check_noise      (UnclipRecipe              *recipe,
                                                            GError                   **error);

G_END_DECLS
