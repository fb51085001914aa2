// SPDX-License-Identifier: GPL-3.0-or-later

// y[n,v,u] = mean of x[n, 2v … 2v+1, 2u … 2u+1]; an odd last row or column of x is dropped. One texel (four channels) of y
// an invocation.
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
  uint y_h, y_h_mul, y_h_shift;         // rows of pixels of y
  uint x_w, x_h;
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
  uint line = divide (row, y_w_mul, y_w_shift);
  uint u = row - line * y_w;
  uint item = divide (line, y_h_mul, y_h_shift);
  uint v = line - item * y_h;
  int  at = x_offset4 + int ((item * x_h + 2u * v) * x_w + 2u * u) * x_stride4 + c;
  int  below = at + int (x_w) * x_stride4;

  WRITE (y, i, 0.25 * ((texelFetch (x, at) + texelFetch (x, at + x_stride4))
                       + (texelFetch (x, below) + texelFetch (x, below + x_stride4))));
}
