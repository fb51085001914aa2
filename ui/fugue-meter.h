/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How well a reconstruction holds its source: a bar, a word, and the figures. Never by colour alone.
 *
 *     40 dB and more   green   held
 *     30 … 40 dB       amber   close
 *     less             red     different
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_METER_GOOD_DB 40.0
#define FUGUE_METER_FAIR_DB 30.0

#define FUGUE_TYPE_METER (fugue_meter_get_type ())

G_DECLARE_FINAL_TYPE (FugueMeter, fugue_meter, FUGUE, METER, GtkWidget)

GtkWidget  *fugue_meter_new         (void);

/**
 * fugue_meter_set_values:
 * @psnr_db: peak signal-to-noise ratio against the source; infinite for equal pictures, NaN for unknown
 * @max_difference: largest difference of a channel, in 8-bit levels; NaN for unknown
 * @clip_degrees: angle between the CLIP embeddings; NaN for unknown
 */
void        fugue_meter_set_values  (FugueMeter *self,
                                     double      psnr_db,
                                     double      max_difference,
                                     double      clip_degrees);

/**
 * fugue_meter_get_words:
 *
 * Returns: (transfer none): what it says
 */
const char *fugue_meter_get_words   (FugueMeter *self);

G_END_DECLS
