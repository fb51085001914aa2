// SPDX-License-Identifier: GPL-3.0-or-later

// Division by a number that only the kernel knows, or that is not worth room in the push block (else see index.glsl).

// (a / d, a % d) for 0 <= a < 2^31, d > 0 and a quotient below 2^20: the estimate in f32 is then off by one at most.
ivec2
quotient (int a, int d)
{
  int q = int (float (a) * (1.0 / float (d)));
  int r = a - q * d;

  if (r < 0)
    {
      q--;
      r += d;
    }
  if (r >= d)
    {
      q++;
      r -= d;
    }
  return ivec2 (q, r);
}
