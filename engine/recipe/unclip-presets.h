/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How good a picture shall be, in one word: Draft, Normal, Fine.
 *
 * Steps are parts of the model's own default number, for which Mini's is 25. SPEED.md has the table that they were chosen
 * from.
 */

#pragma once

#include "unclip-recipe.h"

G_BEGIN_DECLS

typedef enum
{
  UNCLIP_QUALITY_DRAFT,
  UNCLIP_QUALITY_NORMAL,
  UNCLIP_QUALITY_FINE,
  UNCLIP_N_QUALITIES,
} UnclipQuality;

/**
 * UnclipPreset:
 * @name: "draft", "normal" or "fine"
 * @sampler: where nothing else asks for one
 * @decoder_steps: factor of the model's default
 * @locked_steps: of a locked edit, both ways; exact whatever the number, edits follow the flow better with more
 */
typedef struct
{
  const char              *name;
  UnclipRecipeSamplerKind  sampler;
  double                   decoder_steps;
  guint                    locked_steps;
} UnclipPreset;

/**
 * unclip_preset_get:
 *
 * Returns: (transfer none)
 */
const UnclipPreset *unclip_preset_get  (UnclipQuality  quality);

/**
 * unclip_preset_find:
 *
 * Returns: (transfer none) (nullable): %NULL if there is none of that name
 */
const UnclipPreset *unclip_preset_find (const char    *name);

G_END_DECLS
