// SPDX-License-Identifier: GPL-3.0-or-later

// y[n] = x[n, index[n]]: one row of each item. One texel (four channels) an invocation.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a row
  int  rows;                            // of x, an item
  int  x_stride4, x_offset4;
};

layout (binding = 0) uniform textureBuffer x;
layout (binding = 1) uniform isamplerBuffer index;
OUTPUT (2, Output, y);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint item = divide (i, c4_mul, c4_shift);
  int  c = int (i - item * c4);
  int  row = int (item) * rows + texelFetch (index, int (item)).x;

  WRITE (y, i, texelFetch (x, x_offset4 + row * x_stride4 + c));
}
