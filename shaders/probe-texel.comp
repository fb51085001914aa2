// SPDX-License-Identifier: GPL-3.0-or-later

// out[i] = texel (first + i) of a texel buffer of four-component floats. Used by the tests of engine/gpu to see what
// fetches inside and outside the view give; not part of any net.
#version 450

layout (local_size_x_id = 0) in;

layout (push_constant) uniform Push
{
  uint n;
  int  first;
};

layout (binding = 0) uniform textureBuffer in_texels;
layout (binding = 1) writeonly buffer Output { vec4 out_values[]; };

void
main ()
{
  uint i = gl_GlobalInvocationID.x;

  if (i >= n)
    return;
  out_values[i] = texelFetch (in_texels, first + int (i));
}
