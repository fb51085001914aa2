/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The values by number, for the files that make recipes of them and for undo. */

#pragma once

#include "fugue-controls.h"

G_BEGIN_DECLS

typedef enum
{
  FUGUE_CONTROL_SEED,
  FUGUE_CONTROL_IS_SEED_LOCKED,
  FUGUE_CONTROL_N_PICTURES,
  FUGUE_CONTROL_QUALITY,
  FUGUE_CONTROL_DECODER_STEPS,
  FUGUE_CONTROL_PRIOR_STEPS,
  FUGUE_CONTROL_UPSAMPLER_STEPS,
  FUGUE_CONTROL_DECODER_GUIDANCE,
  FUGUE_CONTROL_PRIOR_GUIDANCE,
  FUGUE_CONTROL_PREVIEW_EVERY,
  FUGUE_CONTROL_CAPTION,
  FUGUE_CONTROL_SAMPLER,
  FUGUE_CONTROL_FREEU_B1,
  FUGUE_CONTROL_FREEU_B2,
  FUGUE_CONTROL_FREEU_S1,
  FUGUE_CONTROL_FREEU_S2,
  FUGUE_CONTROL_HOW_FAR,
  FUGUE_CONTROL_IS_LINKED,
  FUGUE_CONTROL_LOOSENESS,
  FUGUE_CONTROL_CHANCE,
  FUGUE_CONTROL_LAYOUT_DETAIL,
  FUGUE_CONTROL_FROM_CAPTION,
  FUGUE_CONTROL_TO_CAPTION,
  FUGUE_CONTROL_AMOUNT,
  FUGUE_CONTROL_OVERDRIVE,
  FUGUE_CONTROL_KEEP_NOISE,
  FUGUE_CONTROL_STRIP_FRAMES,
  FUGUE_CONTROL_PAD_X,
  FUGUE_CONTROL_PAD_Y,
  FUGUE_CONTROL_WEIGHT_A,
  FUGUE_CONTROL_WEIGHT_B,
  FUGUE_CONTROL_WEIGHT_C,
  FUGUE_CONTROL_WEIGHT_D,
  FUGUE_CONTROL_BLEND,
  FUGUE_CONTROL_MIX_NOISE,
  FUGUE_CONTROL_CONTACT_SHEET,
  FUGUE_CONTROL_METHOD,
  FUGUE_CONTROL_INVERT_STEPS,
  FUGUE_CONTROL_ROUNDS,
  FUGUE_CONTROL_TOLERANCE,
  FUGUE_CONTROL_INVERT_GUIDANCE,
  FUGUE_N_CONTROLS,
} FugueControl;

double      fugue_controls_get_number (FugueControls *controls,
                                       FugueControl   control);
const char *fugue_controls_get_text   (FugueControls *controls,
                                       FugueControl   control);

/**
 * fugue_controls_put_number: fugue_controls_put_text:
 *
 * Sets a value alone, without those that it moves. Told as "edited".
 */
void        fugue_controls_put_number (FugueControls *controls,
                                       FugueControl   control,
                                       double         value);
void        fugue_controls_put_text   (FugueControls *controls,
                                       FugueControl   control,
                                       const char    *text);

/**
 * fugue_controls_put_weights:
 *
 * Sets the weights to those of the dot, where that adds to a corner; 0 where it takes away.
 */
void        fugue_controls_put_weights (FugueControls *controls);

/**
 * fugue_controls_restore:
 *
 * As the above, by name; for undo.
 */
void        fugue_controls_restore    (FugueControls *controls,
                                       const char    *property,
                                       const GValue  *value);

/**
 * fugue_controls_find_slot:
 *
 * Returns: A … D if the source with these pixels is there in the session that is followed, else %FUGUE_SLOT_NONE
 */
FugueSlot   fugue_controls_find_slot  (FugueControls *controls,
                                       const char    *sha256);

/**
 * fugue_how_far_find:
 *
 * The inverse of unclip_how_far_get().
 *
 * Returns: the percentage where the curve has these values; negative if it has not
 */
double      fugue_how_far_find        (double         looseness,
                                       double         chance);

G_END_DECLS
