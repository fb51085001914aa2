// SPDX-License-Identifier: GPL-3.0-or-later

// Group norm, last step: y[r,c] = silu ((x[r,c] − mean[n,c]) · scale[n,c] + shift[n,c]), silu where wanted. The mean is
// subtracted first, rather than folded into the shift, so that a large one costs no digits. In the padding scale and shift
// are zero. One invocation does four channels of a block of rows; lanes run along the channels. x may be two tensors side by
// side.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "activation.glsl"
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const bool has_second = false;
layout (constant_id = 11) const bool has_silu = false;

layout (push_constant) uniform Push
{
  uint n_items;                         // N · blocks · c4
  uint c4, c4_mul, c4_shift;            // texels a row of the whole
  uint blocks, blocks_mul, blocks_shift; // an item
  uint rows;                            // an item
  uint block_rows;                      // of every block but an item's last
  int  first_c4;                        // texels a row of the first part
  int  x_stride4, x_offset4;
  int  second_stride4, second_offset4;
};

layout (binding = 0) uniform textureBuffer x;
layout (binding = 1) uniform textureBuffer second;
layout (binding = 2) uniform textureBuffer coefficients;
OUTPUT (3, Output, y);

vec4
fetch (uint row, int c)
{
  if (has_second && c >= first_c4)
    return texelFetch (second, second_offset4 + int (row) * second_stride4 + c - first_c4);
  return texelFetch (x, x_offset4 + int (row) * x_stride4 + c);
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_items)
    return;

  uint part = divide (i, c4_mul, c4_shift);             // n · blocks + block
  uint c = i - part * c4;
  uint item = divide (part, blocks_mul, blocks_shift);
  uint begin = (part - item * blocks) * block_rows;
  uint row = item * rows + begin;
  uint end = row + min (block_rows, rows - begin);
  int  at = int (3u * (item * c4 + c));
  vec4 mean = texelFetch (coefficients, at);
  vec4 scale = texelFetch (coefficients, at + 1);
  vec4 shift = texelFetch (coefficients, at + 2);

  for (; row < end; row++)
    {
      vec4 value = (fetch (row, int (c)) - mean) * scale + shift;

      WRITE (y, row * c4 + c, activate (value, has_silu ? ACTIVATION_SILU : ACTIVATION_NONE));
    }
}
