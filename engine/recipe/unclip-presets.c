/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-presets.h"

static const UnclipPreset presets[UNCLIP_N_QUALITIES] = {
  [UNCLIP_QUALITY_DRAFT] = { "draft", UNCLIP_RECIPE_DPM_SOLVER, 0.4, 10 },
  [UNCLIP_QUALITY_NORMAL] = { "normal", UNCLIP_RECIPE_DPM_SOLVER, 1, 25 },
  [UNCLIP_QUALITY_FINE] = { "fine", UNCLIP_RECIPE_DPM_SOLVER, 2, 50 },
};

const UnclipPreset *
unclip_preset_get (UnclipQuality quality)
{
  g_return_val_if_fail (quality < UNCLIP_N_QUALITIES, NULL);
  return &presets[quality];
}

const UnclipPreset *
unclip_preset_find (const char *name)
{
  for (guint i = 0; i < UNCLIP_N_QUALITIES; i++)
    if (g_str_equal (name, presets[i].name))
      return &presets[i];
  return NULL;
}
