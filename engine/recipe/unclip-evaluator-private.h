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
  GHashTable            *noises;        /* hash of the expression → float[H × W × 3], likewise */
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

G_END_DECLS
