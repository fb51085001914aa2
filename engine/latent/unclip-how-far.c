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
  { 0, 0 }, { 0.306, 0 }, { 0.41, 0 },
  { 0.506, 0 }, { 0.597, 0 }, { 0.704, 0 },
  { 0.819, 0 }, { 1, 0 }, { 1, 0.185 },
  { 1, 0.319 }, { 1, 0.425 }, { 1, 0.493 },
  { 1, 0.56 }, { 1, 0.618 }, { 1, 0.661 },
  { 1, 0.704 }, { 1, 0.747 }, { 1, 0.79 },
  { 1, 0.856 }, { 1, 0.928 }, { 1, 1 },
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
