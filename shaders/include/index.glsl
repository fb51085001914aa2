// SPDX-License-Identifier: GPL-3.0-or-later

// Integer division, which is a loop over the lanes on software Vulkan and slow on GPUs, without dividing.

// a / d for 0 <= a < 2^31 and a number d that is known before the dispatch: mul and shift stand for it, made by
// unclip_divisor() in engine/ops/unclip-op-flat.h.
uint
divide (uint a, uint mul, uint shift)
{
  uint high, low;

  umulExtended (a << 1, mul, high, low);
  return high >> shift;
}

// (a / d, a % d) for 0 <= a < 2^31 and a number d > 0 that only the kernel knows, or that is not worth room in the push block.
// The quotient must be below 2^20: the estimate in f32 is then off by one at most.
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
