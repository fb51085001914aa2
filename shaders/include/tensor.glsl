// SPDX-License-Identifier: GPL-3.0-or-later

// How every operation writes its result: rows of texels of four channels, f32 or f16 by -DDTYPE_F16=1.
// (Results are read back through texel buffers, which widen f16 by themselves.)
//
//   OUTPUT (2, Y, y);          declares the storage buffer at binding 2
//   y[i] = TEXEL (v);          stores a vec4

#if DTYPE_F16
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define TEXEL_TYPE f16vec4
#else
#define TEXEL_TYPE vec4
#endif
#define TEXEL(v) TEXEL_TYPE (v)
#define OUTPUT(slot, Block, name) layout (binding = slot, std430) writeonly buffer Block { TEXEL_TYPE name[]; }

// The invocation's number in a grid that unclip_op_split_groups() laid out over x and y.
#define INVOCATION ((gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x)

// 1 for the channels of texel i4 that exist in a row of c channels, 0 for the padding.
vec4
channel_mask (int i4, int c)
{
  return vec4 (lessThan (4 * i4 + ivec4 (0, 1, 2, 3), ivec4 (c)));
}
