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
  { 0, 0 }, { 0.248, 0 }, { 0.365, 0 },
  { 0.462, 0 }, { 0.551, 0 }, { 0.662, 0 },
  { 0.8, 0 }, { 1, 0 }, { 1, 0.139 },
  { 1, 0.239 }, { 1, 0.309 }, { 1, 0.379 },
  { 1, 0.461 }, { 1, 0.549 }, { 1, 0.64 },
  { 1, 0.735 }, { 1, 0.814 }, { 1, 0.861 },
  { 1, 0.907 }, { 1, 0.954 }, { 1, 1 },
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
