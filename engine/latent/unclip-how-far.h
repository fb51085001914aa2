/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One number for how far a variation goes from its source: looseness and eta along a curve that was measured.
 *
 * 0 is the source again, if the noise is its own (inverted). Up to 35, eta rises: the sampler adds more and more noise of
 * its own. At 35 eta is 1 and the embedding still the source's, a plain unCLIP variation. Above, the embedding is loosened.
 * On each side equal steps are equal steps of the mean CLIP angle between variations and their sources.
 *
 * Source: measured with Mini, see EDITS.md.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Percent, where eta has reached 1 and looseness begins. */
#define UNCLIP_HOW_FAR_PLAIN 35

/**
 * unclip_how_far_get:
 * @percent: 0 … 100
 * @looseness: (out): of the node loosen
 * @eta: (out): of DDIM
 *
 * Thread: any.
 */
void unclip_how_far_get (double  percent,
                         double *looseness,
                         double *eta);

G_END_DECLS
