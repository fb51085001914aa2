/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Philox4x32-10 and Box-Muller, with elementary functions that give the same bits everywhere.
 *
 * Only +, -, ·, / and sqrt of IEEE double are used, in a fixed order; the build turns contraction into fused
 * multiply-adds off. Angles are reduced in integers, so no argument reduction can go wrong.
 */

#include "config.h"

#include "unclip-rng.h"

#include <math.h>

#define N_ROUNDS 10

/* Multipliers and Weyl increments of the paper, table 2 and section 3.3. */
#define MULTIPLIER_0 0xd2511f53u
#define MULTIPLIER_1 0xcd9e8d57u
#define WEYL_0 0x9e3779b9u
#define WEYL_1 0xbb67ae85u

/* ln 2 in two parts; the first has 21 zero bits at its end, so that its product with an exponent is exact. */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33

#define SQRT_2 1.4142135623730951
#define TWO_PI 6.283185307179586

/* Series, last term first: artanh s = s + s (s²/3 + s⁴/5 + …), sin a = a (1 - a²/3! + …), cos a = 1 - a²/2! + … */
static const double artanh_terms[] = {
  1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3,
};
static const double sine_terms[] = {
  1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040,
  1.0 / 120, -1.0 / 6, 1.0,
};
static const double cosine_terms[] = {
  1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24,
  -1.0 / 2, 1.0,
};

static inline double
horner (const double *terms, guint n_terms, double x)
{
  double sum = terms[0];

  for (guint i = 1; i < n_terms; i++)
    sum = sum * x + terms[i];
  return sum;
}

void
unclip_rng_philox4x32 (const guint32 counter[4], const guint32 key[2], guint32 out[4])
{
  guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  guint32 k0 = key[0], k1 = key[1];

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      guint64 p0 = (guint64) MULTIPLIER_0 * c0;
      guint64 p1 = (guint64) MULTIPLIER_1 * c2;

      c0 = (guint32) (p1 >> 32) ^ c1 ^ k0;
      c1 = (guint32) p1;
      c2 = (guint32) (p0 >> 32) ^ c3 ^ k1;
      c3 = (guint32) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }

  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

double
unclip_rng_log_unit (guint32 word)
{
  /* (2w + 1) / 2^33 = m · 2^e with m in [sqrt (1/2), sqrt 2) */
  guint64 odd = 2 * (guint64) word + 1;
  int     n_bits = (int) g_bit_storage (odd);
  double  m = (double) odd / (double) (G_GUINT64_CONSTANT (1) << n_bits);
  int     e = n_bits - 33;
  double  s, s2, sum;

  if (2.0 * m < SQRT_2)
    {
      m *= 2.0;
      e -= 1;
    }

  /* ln m = 2 artanh s, s = (m - 1) / (m + 1); |s| < 0.172, so the first term left out, s²⁵/25, is below 4e-21. */
  s = (m - 1.0) / (m + 1.0);
  s2 = s * s;
  sum = s2 * horner (artanh_terms, G_N_ELEMENTS (artanh_terms), s2);
  return (double) e * LN2_HIGH + (2.0 * s + (2.0 * s * sum + (double) e * LN2_LOW));
}

void
unclip_rng_sincos_turn (guint32 word, double *sine, double *cosine)
{
  /* Nearest quarter turn, and what is left of the angle: in [-π/4, π/4]. */
  guint32 quarter = (word + 0x20000000u) >> 30;
  gint32  rest = (gint32) (word - (quarter << 30));
  double  a = ((double) rest + 0.5) * (TWO_PI / 4294967296.0);
  double  a2 = a * a;
  /* The first terms left out, a¹⁹/19! and a¹⁸/18!, are below 3e-18. */
  double  s = a * horner (sine_terms, G_N_ELEMENTS (sine_terms), a2);
  double  c = horner (cosine_terms, G_N_ELEMENTS (cosine_terms), a2);

  switch (quarter & 3)
    {
    case 0:
      *sine = s;
      *cosine = c;
      break;
    case 1:
      *sine = c;
      *cosine = -s;
      break;
    case 2:
      *sine = -s;
      *cosine = -c;
      break;
    default:
      *sine = -c;
      *cosine = s;
      break;
    }
}

static void
normal_pair (guint32 w0, guint32 w1, float out[2])
{
  double r = sqrt (-2.0 * unclip_rng_log_unit (w0));
  double sine, cosine;

  unclip_rng_sincos_turn (w1, &sine, &cosine);
  out[0] = (float) (r * cosine);
  out[1] = (float) (r * sine);
}

static void
normal_block (const UnclipRngKey *key, guint64 block, float out[4])
{
  const guint32 counter[4] = {
    (guint32) block, (guint32) (block >> 32), (guint32) key->stage << 16 | key->step, key->picture,
  };
  const guint32 words_of_key[2] = { (guint32) key->seed, (guint32) (key->seed >> 32) };
  guint32       words[4];

  unclip_rng_philox4x32 (counter, words_of_key, words);
  normal_pair (words[0], words[1], out);
  normal_pair (words[2], words[3], out + 2);
}

void
unclip_rng_fill_normal (const UnclipRngKey *key, guint64 first, float *out, gsize n)
{
  gsize done = 0;

  g_return_if_fail (key != NULL && (out != NULL || n == 0));
  g_return_if_fail (key->step <= UNCLIP_RNG_MAX_STEP);

  while (done < n)
    {
      float block[4];
      guint lane = (guint) ((first + done) % 4);

      normal_block (key, (first + done) / 4, block);
      for (; lane < 4 && done < n; lane++)
        out[done++] = block[lane];
    }
}
