/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-half.h"

#include <string.h>

/* binary16: sign 1, exponent 5 (bias 15), fraction 10; binary32: sign 1, exponent 8 (bias 127), fraction 23. */

static float
float_from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

float
unclip_half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 exponent = half >> 10 & 0x1f;
  guint32 fraction = half & 0x3ff;

  if (exponent == 31)
    return float_from_bits (sign | 0x7f800000 | fraction << 13);
  if (exponent > 0)
    return float_from_bits (sign | (exponent + 112) << 23 | fraction << 13);

  /* Subnormal: fraction · 2^-24, exact in binary32. */
  {
    float magnitude = (float) fraction * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
}

guint16
unclip_half_from_float (float value)
{
  guint32 bits, sign, magnitude, half, shift, rest, halfway;

  memcpy (&bits, &value, sizeof bits);
  sign = bits >> 16 & 0x8000;
  magnitude = bits & 0x7fffffff;

  if (magnitude > 0x7f800000)
    return (guint16) (sign | 0x7e00);
  if (magnitude >= 0x47800000)          /* 2^16 and above */
    return (guint16) (sign | 0x7c00);
  if (magnitude < 0x33000000)           /* below 2^-25 */
    return (guint16) sign;

  if (magnitude >= 0x38800000)          /* 2^-14 and above: normal */
    {
      shift = 13;
      half = magnitude - (112u << 23);
    }
  else
    {
      shift = 126 - (magnitude >> 23);
      half = (magnitude & 0x7fffff) | 0x800000;
    }

  /* Dropping the low bits, to nearest even; a carry out of the fraction steps the exponent, up to infinity. */
  rest = half & ((1u << shift) - 1);
  halfway = 1u << (shift - 1);
  half >>= shift;
  if (rest > halfway || (rest == halfway && (half & 1)))
    half++;
  return (guint16) (sign | half);
}
