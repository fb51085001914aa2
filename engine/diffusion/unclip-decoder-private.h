/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The decoder's programs, which sampling and inversion share. */

#pragma once

#include "unclip-device-step.h"
#include "unclip-stages.h"

G_BEGIN_DECLS

typedef struct
{
  UnclipTextProj   *text_proj_net;
  UnclipUnet       *net;
  UnclipUnetParams  params;
  UnclipDeviceStep  sampler_step;
  int               n_tokens;           /* of the caption */
  UnclipProgram    *text_proj;
  UnclipProgram    *context;            /* NULL for a decoder without attention */
  UnclipProgram    *step;
} UnclipDecoderPrograms;

/**
 * unclip_decoder_prepare:
 * @run: of it count n, embeddings, captions, empty and guidance
 * @learns_variance: whether a step will look at the variance that the network predicts
 * @programs: (out caller-allocates): borrowed from @stages
 *
 * Compiles what is needed and does all that stays the same over the steps.
 */
gboolean unclip_decoder_prepare (UnclipStages            *stages,
                                 const UnclipDecoderRun  *run,
                                 gboolean                 learns_variance,
                                 UnclipDecoderPrograms   *programs,
                                 GCancellable            *cancellable,
                                 GError                 **error);

/**
 * unclip_decoder_check:
 * @values: (array length=n): what a run of the decoder came to
 *
 * Errors: %UNCLIP_ERROR_BAD_RESULT for NaN or infinity.
 */
gboolean unclip_decoder_check   (const float             *values,
                                 gsize                    n,
                                 GError                 **error);

G_END_DECLS
