/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-pad.h"

static const double corners[UNCLIP_PAD_MAX_CORNERS][UNCLIP_PAD_MAX_CORNERS][2] = {
  { { 0.5, 0.5 } },
  { { 0, 0.5 }, { 1, 0.5 } },
  { { 0, 0 }, { 1, 0 }, { 0.5, 1 } },
  { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 } },
};

void
unclip_pad_get_corner (guint n_corners, guint corner, double *x, double *y)
{
  g_return_if_fail (n_corners >= 1 && n_corners <= UNCLIP_PAD_MAX_CORNERS && corner < n_corners);

  *x = corners[n_corners - 1][corner][0];
  *y = corners[n_corners - 1][corner][1];
}

void
unclip_pad_get_weights (guint n_corners, double x, double y, double *weights)
{
  g_return_if_fail (n_corners >= 1 && n_corners <= UNCLIP_PAD_MAX_CORNERS);

  switch (n_corners)
    {
    case 1:
      weights[0] = 1;
      break;
    case 2:
      weights[0] = 1 - x;
      weights[1] = x;
      break;
    case 3:
      weights[0] = 1 - x - y / 2;
      weights[1] = x - y / 2;
      weights[2] = y;
      break;
    default:
      weights[0] = (1 - x) * (1 - y);
      weights[1] = x * (1 - y);
      weights[2] = (1 - x) * y;
      weights[3] = x * y;
    }
}

void
unclip_pad_get_position (guint n_corners, const double *weights, double *x, double *y)
{
  double sum = 0;

  g_return_if_fail (n_corners >= 1 && n_corners <= UNCLIP_PAD_MAX_CORNERS);

  *x = *y = 0;
  for (guint i = 0; i < n_corners; i++)
    {
      *x += weights[i] * corners[n_corners - 1][i][0];
      *y += weights[i] * corners[n_corners - 1][i][1];
      sum += weights[i];
    }
  g_return_if_fail (sum > 0);
  *x /= sum;
  *y /= sum;
}
