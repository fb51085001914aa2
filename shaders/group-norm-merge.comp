// SPDX-License-Identifier: GPL-3.0-or-later

// Group norm, second step, for items of more than one chunk: each channel's chunks merged, one after the other, into mean
// and sum of squared deviations over all the item's rows.
//
//     δ = mean_b − mean_a;   mean = mean_a + δ · n_b / n;   M = M_a + M_b + δ² · n_a · n_b / n
//
// One invocation does four channels. Source: Chan, Golub & LeVeque 1979.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_items;                         // N · c4
  uint c4, c4_mul, c4_shift;            // texels a row
  uint chunks;                          // an item
  uint rows;                            // an item
  uint chunk_rows;                      // of every chunk but the last
};

layout (binding = 0) uniform textureBuffer stats;
OUTPUT (1, Output, merged);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_items)
    return;

  uint  item = divide (i, c4_mul, c4_shift);
  int   at = int (2u * (item * chunks * c4 + i - item * c4));
  vec4  mean = texelFetch (stats, at), squares = texelFetch (stats, at + 1);
  float n_a = float (chunk_rows);

  for (uint chunk = 1u; chunk < chunks; chunk++)
    {
      at += int (2u * c4);

      float n_b = float (min (chunk_rows, rows - chunk * chunk_rows));
      float n = n_a + n_b;
      vec4  delta = texelFetch (stats, at) - mean;

      mean += delta * (n_b / n);
      squares += texelFetch (stats, at + 1) + delta * delta * (n_a * (n_b / n));
      n_a = n;
    }
  WRITE (merged, 2u * i, mean);
  WRITE (merged, 2u * i + 1u, squares);
}
