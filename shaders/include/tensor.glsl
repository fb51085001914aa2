// SPDX-License-Identifier: GPL-3.0-or-later

// How every operation writes its result: rows of texels of four channels, f32 or f16 by -DDTYPE_F16=1.
// (Results are read back through texel buffers, which widen f16 by themselves.)
//
//   OUTPUT (2, Y, y);          declares the storage buffer at binding 2
//   WRITE (y, i, v);           stores a vec4 as texel i
//
// Where the device binds less at once than the output takes, the buffer is bound as an array of windows, each of
// 2^WINDOW_SHIFT bytes but the last (unclip-gpu-kernel.h).

#extension GL_EXT_control_flow_attributes : require
#if DTYPE_F16
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define TEXEL f16vec4
#define TEXEL_SHIFT 3u                  // log2 of a texel's bytes
#else
#define TEXEL vec4
#define TEXEL_SHIFT 4u
#endif

layout (constant_id = 3) const uint WINDOWS = 1u;
layout (constant_id = 4) const uint WINDOW_SHIFT = 31u;

#define OUTPUT(slot, Block, name) layout (binding = slot, std430) writeonly buffer Block { TEXEL texels[]; } name[WINDOWS]
// Converted where it is stored: a variable of 16 bits would need arithmetic of 16 bits.
#define WRITE(name, i, v) \
  { \
    uint write_at = uint (i), write_window = write_at >> (WINDOW_SHIFT - TEXEL_SHIFT); \
    vec4 write_value = v; \
    \
    if (WINDOWS == 1u) \
      name[0].texels[write_at] = TEXEL (write_value); \
    else \
      [[dont_unroll]] for (uint window = 0u; window < WINDOWS; window++) \
        if (window == write_window) \
          name[window].texels[write_at - (window << (WINDOW_SHIFT - TEXEL_SHIFT))] = TEXEL (write_value); \
  }

// The invocation's number in a grid that unclip_op_split_groups() laid out over x and y.
#define INVOCATION ((gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x)

// 1 for the channels of texel i4 that exist in a row of c channels, 0 for the padding.
vec4
channel_mask (int i4, int c)
{
  return vec4 (lessThan (4 * i4 + ivec4 (0, 1, 2, 3), ivec4 (c)));
}
