// SPDX-License-Identifier: GPL-3.0-or-later

// Group norm, first step: mean and sum of squared deviations of every channel over every chunk of an item's rows:
//
//     chunks[n, chunk, c] = (mean, Σ (x − mean)²)
//
// Deviations are first taken from the chunk's first row, so that a large mean does not eat the variance. One invocation
// does four channels of one chunk; lanes run along the channels. x may be two tensors side by side.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const bool has_second = false;

layout (push_constant) uniform Push
{
  uint n_items;                         // N · chunks · c4
  uint c4, c4_mul, c4_shift;            // texels a row of the whole
  uint chunks, chunks_mul, chunks_shift; // an item
  uint rows;                            // an item
  uint chunk_rows;                      // of every chunk but an item's last
  int  first_c4;                        // texels a row of the first part
  int  x_stride4, x_offset4;
  int  second_stride4, second_offset4;
};

layout (binding = 0) uniform textureBuffer x;
layout (binding = 1) uniform textureBuffer second;
OUTPUT (2, Output, stats);

vec4
fetch (int row, int c)
{
  if (has_second && c >= first_c4)
    return texelFetch (second, second_offset4 + row * second_stride4 + c - first_c4);
  return texelFetch (x, x_offset4 + row * x_stride4 + c);
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_items)
    return;

  uint part = divide (i, c4_mul, c4_shift);             // n · chunks + chunk
  int  c = int (i - part * c4);
  uint item = divide (part, chunks_mul, chunks_shift);
  uint begin = (part - item * chunks) * chunk_rows;
  uint count = min (chunk_rows, rows - begin);
  int  row = int (item * rows + begin);
  vec4 origin = fetch (row, c);
  vec4 sum = vec4 (0.0), squares = vec4 (0.0);

  for (uint r = 1u; r < count; r++)
    {
      vec4 d = fetch (row + int (r), c) - origin;

      sum += d;
      squares += d * d;
    }

  vec4 shift = sum / float (count);

  WRITE (stats, 2u * i, origin + shift);
  WRITE (stats, 2u * i + 1u, max (squares - sum * shift, 0.0));
}
