// SPDX-License-Identifier: GPL-3.0-or-later

// Loads x[m,k] of a 3×3 convolution as if its patches were laid out in rows: k runs over the nine taps, then channels.
// Pixels outside come from texel −1, which reads 0.

layout (constant_id = 23) const bool UPSAMPLE = false;  // x is doubled by nearest neighbour first

#define ROW ivec3

// Bit i: whether first + i is one of n rows (or columns).
int
inside (int first, int n)
{
  ivec3 at = first + ivec3 (0, 1, 2);

  return int (uint (at.x) < uint (n)) | int (uint (at.y) < uint (n)) << 1 | int (uint (at.z) < uint (n)) << 2;
}

// Plain: the texel of the patch's first pixel, and a bit a tap that lies inside.
// Doubled: the patch's first row and column, and the first pixel of its picture.
ROW
locate_row (int m)
{
  ivec2 image = quotient (m, rows_per_image);
  ivec2 at = quotient (image.y, out_w) * stride - 1;
  int   first = image.x * in_h * in_w;
  int   rows, columns;

  if (UPSAMPLE)
    return ivec3 (at, first);
  rows = inside (at.x, in_h);
  columns = inside (at.y, in_w);
  return ivec3 ((first + at.x * in_w + at.y) * x_stride4,
                (rows & 1) * columns | (rows >> 1 & 1) * columns << 3 | (rows >> 2) * columns << 6, 0);
}

#define COLUMN ivec3

// Texel q of the sum. Plain: its distance from the patch's first texel, and its tap. Doubled: its tap's row and column,
// and its texel in the pixel. The sum's tail lies outside every picture.
COLUMN
locate_column (int q)
{
  ivec2 tap = quotient (q, x_c4);
  ivec2 at = quotient (tap.x, 3);
  int   texel = x_offset4 + tap.y;

  if (UPSAMPLE)
    return q < k4 ? ivec3 (at, texel) : ivec3 (-0x10000, 0, 0);
  return ivec3 ((at.x * in_w + at.y) * x_stride4 + texel, q < k4 ? tap.x : 9, 0);
}

vec4
load (ROW row, COLUMN column)
{
  ivec2 at;

  if (!UPSAMPLE)
    return texelFetch (x, (row.y >> column.y & 1) != 0 ? row.x + column.x : -1);
  at = row.xy + column.xy;
  if (uint (at.x) < uint (2 * in_h) && uint (at.y) < uint (2 * in_w))
    at.x = ((row.z + (at.x >> 1) * in_w + (at.y >> 1)) * x_stride4 + column.z);
  else
    at.x = -1;
  return texelFetch (x, at.x);
}
