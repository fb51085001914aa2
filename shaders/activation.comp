// SPDX-License-Identifier: GPL-3.0-or-later

// y[r,c] = activation (x[r,c]), one invocation a texel of four channels.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "tensor.glsl"
#include "activation.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const int ACTIVATION = ACTIVATION_NONE;

layout (push_constant) uniform Push
{
  uint n_texels;
  uint c4;
  int  x_stride4;
  int  x_offset4;
};

layout (binding = 0) uniform textureBuffer x;
OUTPUT (1, Y, y);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;
  WRITE (y, i, activate (texelFetch (x, x_offset4 + int (i / c4) * x_stride4 + int (i % c4)), ACTIVATION));
}
