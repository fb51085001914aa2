/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-rng.h"

#include <math.h>
#include <string.h>

/* The known answers published with Random123 for ten rounds of philox4x32. */
static void
test_known_answers (void)
{
  static const struct
  {
    guint32 counter[4], key[2], out[4];
  } cases[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint32 out[4];

      unclip_rng_philox4x32 (cases[i].counter, cases[i].key, out);
      for (guint j = 0; j < 4; j++)
        g_assert_cmphex (out[j], ==, cases[i].out[j]);
    }
}

static void
check_functions (guint32 word)
{
  /* long double libm is good to far below what is asked for here */
  long double unit = ((long double) word + 0.5L) / 4294967296.0L;
  long double angle = unit * 2.0L * acosl (-1.0L);
  double      log_unit = unclip_rng_log_unit (word);
  double      sine, cosine;

  unclip_rng_sincos_turn (word, &sine, &cosine);
  /* a few last bits of a double; a wrong coefficient shows at once */
  g_assert_cmpfloat (fabsl (log_unit - logl (unit)), <=, 1e-15L * fmaxl (1.0L, fabsl (logl (unit))));
  g_assert_cmpfloat (fabsl (sine - sinl (angle)), <=, 1e-15L);
  g_assert_cmpfloat (fabsl (cosine - cosl (angle)), <=, 1e-15L);
}

static void
test_functions (void)
{
  static const guint32 words[] = {
    0, 1, 2, 0x1fffffff, 0x20000000, 0x3fffffff, 0x40000000, 0x5fffffff, 0x60000000, 0x7fffffff, 0x80000000,
    0x9fffffff, 0xa0000000, 0xb504f333, 0xb504f334, 0xbfffffff, 0xc0000000, 0xdfffffff, 0xe0000000, 0xfffffffe,
    0xffffffff,
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    check_functions (words[i]);
  for (guint i = 0; i < 200000; i++)
    check_functions ((guint32) i * 21474u + (guint32) g_test_rand_int_range (0, 20000));
}

/* A value is the same wherever the run that holds it begins or ends. */
static void
test_any_start (void)
{
  const UnclipRngKey key = { .seed = 41, .picture = 3, .stage = UNCLIP_RNG_DECODER, .step = UNCLIP_RNG_STEP (6) };
  float              whole[67], part[67];

  unclip_rng_fill_normal (&key, 0, whole, G_N_ELEMENTS (whole));
  for (guint first = 0; first < 9; first++)
    for (guint n = 0; n < G_N_ELEMENTS (whole) - first; n++)
      {
        unclip_rng_fill_normal (&key, first, part, n);
        g_assert_cmpmem (part, n * sizeof (float), whole + first, n * sizeof (float));
      }
}

/* Each part of the key leads to other values. */
static void
test_keys (void)
{
  const UnclipRngKey keys[] = {
    { 41, 0, UNCLIP_RNG_DECODER, UNCLIP_RNG_START },
    { 42, 0, UNCLIP_RNG_DECODER, UNCLIP_RNG_START },
    { 41 + (G_GUINT64_CONSTANT (1) << 32), 0, UNCLIP_RNG_DECODER, UNCLIP_RNG_START },
    { 41, 1, UNCLIP_RNG_DECODER, UNCLIP_RNG_START },
    { 41, 0, UNCLIP_RNG_PRIOR, UNCLIP_RNG_START },
    { 41, 0, UNCLIP_RNG_DECODER, UNCLIP_RNG_STEP (0) },
    { 41, 0, UNCLIP_RNG_DECODER, UNCLIP_RNG_STEP (1) },
  };
  float values[G_N_ELEMENTS (keys)][8], far[8];

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      unclip_rng_fill_normal (&keys[i], 0, values[i], 8);
      for (guint j = 0; j < i; j++)
        g_assert_cmpint (memcmp (values[i], values[j], sizeof values[i]), !=, 0);
    }
  unclip_rng_fill_normal (&keys[0], G_GUINT64_CONSTANT (1) << 34, far, 8);
  g_assert_cmpint (memcmp (far, values[0], sizeof far), !=, 0);
}

/* Bytes that must never change: a recipe's noise is part of its meaning. */
static void
test_fixed (void)
{
  /* computed by a separate program from the rule in the header, with libm's functions */
  static const guint8 bytes[] = {
    0x34, 0x7c, 0xb2, 0xbf, 0x04, 0x97, 0xc9, 0xbf, 0x58, 0x30, 0xf2, 0x3e, 0x74, 0x7a, 0x9a, 0x3e,
    0xaa, 0x7b, 0x26, 0xbf, 0x87, 0x64, 0xaa, 0xbe, 0x49, 0x14, 0xa1, 0x3f, 0x8d, 0x89, 0x01, 0xc0,
  };
  const UnclipRngKey  key = { .seed = 41, .stage = UNCLIP_RNG_DECODER };
  guint8              little_endian[32];
  float               values[8];

  unclip_rng_fill_normal (&key, 0, values, 8);
  for (guint i = 0; i < 8; i++)
    {
      guint32 bits;

      memcpy (&bits, &values[i], 4);
      bits = GUINT32_TO_LE (bits);
      memcpy (little_endian + 4 * i, &bits, 4);
    }
  g_assert_cmpmem (little_endian, sizeof little_endian, bytes, sizeof bytes);
}

static void
test_moments (void)
{
  const UnclipRngKey key = { .seed = 7, .stage = UNCLIP_RNG_SUPER_RES };
  gsize              n = 1 << 20;
  g_autofree float  *values = g_new (float, n);
  double             sum = 0, sum2 = 0, sum3 = 0, sum4 = 0, lag = 0;

  unclip_rng_fill_normal (&key, 0, values, n);
  for (gsize i = 0; i < n; i++)
    {
      double v = values[i];

      sum += v;
      sum2 += v * v;
      sum3 += v * v * v;
      sum4 += v * v * v * v;
      lag += i > 0 ? v * values[i - 1] : 0;
    }
  /* Five standard deviations of each estimate: sqrt of 1, 2, 15, 96 and 1, over sqrt n = 1024. The key is fixed. */
  g_assert_cmpfloat (fabs (sum / n), <, 5.0 / 1024);
  g_assert_cmpfloat (fabs (sum2 / n - 1), <, 5.0 * 1.42 / 1024);
  g_assert_cmpfloat (fabs (sum3 / n), <, 5.0 * 3.88 / 1024);
  g_assert_cmpfloat (fabs (sum4 / n - 3), <, 5.0 * 9.8 / 1024);
  g_assert_cmpfloat (fabs (lag / n), <, 5.0 / 1024);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/rng/known-answers", test_known_answers);
  g_test_add_func ("/base/rng/functions", test_functions);
  g_test_add_func ("/base/rng/any-start", test_any_start);
  g_test_add_func ("/base/rng/keys", test_keys);
  g_test_add_func ("/base/rng/fixed", test_fixed);
  g_test_add_func ("/base/rng/moments", test_moments);
  return g_test_run ();
}
