/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-half.h"

#include <math.h>

static void
test_round_trip (void)
{
  for (guint32 i = 0; i < 0x10000; i++)
    {
      float value = unclip_half_to_float ((guint16) i);

      if (isnan (value))
        g_assert_true (isnan (unclip_half_to_float (unclip_half_from_float (value))));
      else
        g_assert_cmphex (unclip_half_from_float (value), ==, i);
    }
}

static void
test_known (void)
{
  static const struct
  {
    float   value;
    guint16 half;
  } cases[] = {
    { 0.0f, 0x0000 },          { -0.0f, 0x8000 },          { 1.0f, 0x3c00 },
    { -2.0f, 0xc000 },         { 65504.0f, 0x7bff },       { 65519.0f, 0x7bff },
    { 65520.0f, 0x7c00 },      { 1e30f, 0x7c00 },          { -INFINITY, 0xfc00 },
    { 0x1p-24f, 0x0001 },      { 0x1p-25f, 0x0000 },       { 0x1.000002p-25f, 0x0001 },
    { 0x1p-14f, 0x0400 },      { 0x1.ff8p-15f, 0x03ff },   { 0x1.ffcp-15f, 0x0400 },
    { 1.0f + 0x1p-11f, 0x3c00 }, { 1.0f + 0x1.8p-10f, 0x3c02 }, { 0.1f, 0x2e66 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmphex (unclip_half_from_float (cases[i].value), ==, cases[i].half);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/half/round-trip", test_round_trip);
  g_test_add_func ("/base/half/known", test_known);
  return g_test_run ();
}
