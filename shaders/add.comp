// SPDX-License-Identifier: GPL-3.0-or-later

// y[n,s,c] = a[n,s,c] + b[n·b_item_rows + s·b_row_step, c], which covers b of a's shape, one b for all items, and one row
// of b for all rows of an item. One texel (four channels) an invocation.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a row
  uint rows, rows_mul, rows_shift;      // rows an item
  uint b_item_rows;                     // rows from one item of b to the next; 0: all items share one
  uint b_row_step;                      // 1, or 0: all rows of an item share one
  int  a_stride4, a_offset4;
  int  b_stride4, b_offset4;
};

layout (binding = 0) uniform textureBuffer a;
layout (binding = 1) uniform textureBuffer b;
OUTPUT (2, Output, y);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint row = divide (i, c4_mul, c4_shift);
  int  c = int (i - row * c4);
  uint item = divide (row, rows_mul, rows_shift);
  uint b_row = item * b_item_rows + (row - item * rows) * b_row_step;

  WRITE (y, i, texelFetch (a, a_offset4 + int (row) * a_stride4 + c)
               + texelFetch (b, b_offset4 + int (b_row) * b_stride4 + c));
}
