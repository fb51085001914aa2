// SPDX-License-Identifier: GPL-3.0-or-later

// y[n,v,u] = x[n, v/2, u/2]: nearest neighbour, twice as high and wide. One texel (four channels) of y an invocation.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a row
  uint y_w, y_w_mul, y_w_shift;         // columns of y
  int  x_stride4, x_offset4;
};

layout (binding = 0) uniform textureBuffer x;
OUTPUT (1, Output, y);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint row = divide (i, c4_mul, c4_shift);
  int  c = int (i - row * c4);
  uint line = divide (row, y_w_mul, y_w_shift);         // n·2H + v; its half is n·H + v/2
  uint u = row - line * y_w;
  uint x_row = (line >> 1) * (y_w >> 1) + (u >> 1);

  WRITE (y, i, texelFetch (x, x_offset4 + int (x_row) * x_stride4 + c));
}
