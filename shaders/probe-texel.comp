// SPDX-License-Identifier: GPL-3.0-or-later

// out[i] = texel (first + i) of a texel buffer. Used by the tests of engine/gpu to see what fetches inside and outside the
// view give; not part of any net. Variants: floats (f32 or f16 views) and integers (only x is given then, as a float).
#version 450

layout (local_size_x_id = 0) in;

layout (push_constant) uniform Push
{
  uint n;
  int  first;
};

#ifdef INTEGERS
layout (binding = 0) uniform itextureBuffer in_texels;
#else
layout (binding = 0) uniform textureBuffer in_texels;
#endif
layout (binding = 1) writeonly buffer Output { vec4 out_values[]; };

void
main ()
{
  uint i = gl_GlobalInvocationID.x;

  if (i >= n)
    return;
#ifdef INTEGERS
  out_values[i] = vec4 (float (texelFetch (in_texels, first + int (i)).x), 0.0, 0.0, 0.0);
#else
  out_values[i] = texelFetch (in_texels, first + int (i));
#endif
}
