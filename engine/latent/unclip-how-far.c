/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-how-far.h"

/* Percent from one point to the next. */
#define STEP 5

/* What tests/bench/measure-how-far prints; straight lines between the points. */
static const struct
{
  double eta, looseness;
} curve[100 / STEP + 1] = {
  { 0, 0 }, { 0.169, 0 }, { 0.268, 0 },
  { 0.365, 0 }, { 0.464, 0 }, { 0.586, 0 },
  { 0.762, 0 }, { 1, 0 }, { 1, 0.245 },
  { 1, 0.366 }, { 1, 0.444 }, { 1, 0.505 },
  { 1, 0.566 }, { 1, 0.623 }, { 1, 0.675 },
  { 1, 0.726 }, { 1, 0.778 }, { 1, 0.833 },
  { 1, 0.888 }, { 1, 0.944 }, { 1, 1 },
};

void
unclip_how_far_get (double percent, double *looseness, double *eta)
{
  double place = CLAMP (percent, 0, 100) / STEP;
  guint  below = MIN ((guint) place, G_N_ELEMENTS (curve) - 2);
  double share = place - below;

  *looseness = (1 - share) * curve[below].looseness + share * curve[below + 1].looseness;
  *eta = (1 - share) * curve[below].eta + share * curve[below + 1].eta;
}
