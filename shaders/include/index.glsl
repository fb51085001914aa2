// SPDX-License-Identifier: GPL-3.0-or-later

// Division by a number known before the dispatch, as a multiplication and a shift: integer division is a loop over the
// lanes on software Vulkan, and slow on GPUs. The numbers are made by unclip_op_divisor() in engine/ops/unclip-op-divisor.h.

// Returns a / d, for a below 2^31; mul and shift stand for d.
uint
divide (uint a, uint mul, uint shift)
{
  uint high, low;

  umulExtended (a << 1, mul, high, low);
  return high >> shift;
}
