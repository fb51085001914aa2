// SPDX-License-Identifier: GPL-3.0-or-later

// Loads x[m,k] of a linear layer: rows as they are, or two parts side by side.

layout (constant_id = 23) const bool IS_CONCAT = false;

#define ROW ivec2

// Where row m begins in x and in x2.
ROW
locate_row (int m)
{
  return ivec2 (x_offset4 + m * x_stride4 + int (gl_WorkGroupID.z) * x_batch4, x2_offset4 + m * x2_stride4);
}

#define COLUMN ivec2

// Texel q of the sum: which texel of x and of x2 it is. −1 keeps away from the tail, and from the other part.
COLUMN
locate_column (int q)
{
  return ivec2 (q < x_c4 ? q : -1, q >= x_c4 && q < k4 ? q - x_c4 : -1);
}

vec4
load (ROW row, COLUMN column)
{
  vec4 v = texelFetch (x, column.x < 0 ? -1 : row.x + column.x);

  if (IS_CONCAT)
    v += texelFetch (x2, column.y < 0 ? -1 : row.y + column.y);
  return v;
}
