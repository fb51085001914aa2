// SPDX-License-Identifier: GPL-3.0-or-later

// Sums over a workgroup, in a fixed order.
//
// With -DKERNEL_REGISTER=1 the workgroup is one subgroup of at most 16 and lanes exchange registers: no shared memory, no
// barrier (software Vulkan). Else the workgroup is any power of two up to 256, and a tree in shared memory; then every
// invocation of the workgroup must call.

// The workgroup's size once more: glslang 11 folds comparisons of gl_WorkGroupSize as if it were its default of 1.
layout (constant_id = 10) const uint group_size = 1;

#ifdef KERNEL_REGISTER
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require

// Each step's lane mask is a constant, which makes it a single permutation.
float
reduce_sum (float x)
{
  x += subgroupShuffleXor (x, 1u);
  x += subgroupShuffleXor (x, 2u);
  if (group_size > 4u)
    x += subgroupShuffleXor (x, 4u);
  if (group_size > 8u)
    x += subgroupShuffleXor (x, 8u);
  return x;
}

#else

shared float reduce_scratch[256];

float
reduce_sum (float x)
{
  uint i = gl_LocalInvocationID.x;

  barrier ();                           // nobody still reads an earlier sum
  reduce_scratch[i] = x;
  for (uint n = group_size / 2u; n > 0u; n /= 2u)
    {
      barrier ();
      if (i < n)
        reduce_scratch[i] += reduce_scratch[i + n];
    }
  barrier ();
  return reduce_scratch[0];
}

#endif
