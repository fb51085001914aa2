// SPDX-License-Identifier: GPL-3.0-or-later

// One part of a concatenation of tokens, or a slice of them:
//
//     y[n, y_first + s] = x[n·x_item_rows + x_first + s] + positions[y_first + s],   s = 0 … tokens − 1
//
// One texel (four channels) an invocation, over the tokens of this part.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const bool has_positions = false;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of this part
  uint c4, c4_mul, c4_shift;            // texels a row
  uint tokens, tokens_mul, tokens_shift; // of this part
  uint x_item_rows;                     // rows from one item of x to the next; 0: all items share one
  uint x_first;
  uint y_item_rows;
  uint y_first;
  int  x_stride4, x_offset4;
  int  positions_stride4;
};

layout (binding = 0) uniform textureBuffer x;
layout (binding = 1) uniform textureBuffer positions;
OUTPUT (2, Output, y);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint row = divide (i, c4_mul, c4_shift);
  uint c = i - row * c4;
  uint item = divide (row, tokens_mul, tokens_shift);
  uint s = row - item * tokens;
  uint x_row = item * x_item_rows + x_first + s;
  vec4 value = texelFetch (x, x_offset4 + int (x_row) * x_stride4 + int (c));

  if (has_positions)
    value += texelFetch (positions, int (y_first + s) * positions_stride4 + int (c));
  WRITE (y, (item * y_item_rows + y_first + s) * c4 + c, value);
}
