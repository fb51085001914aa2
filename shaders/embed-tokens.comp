// SPDX-License-Identifier: GPL-3.0-or-later

// y[n,s] = table[ids[n,s]] + positions[s]. One texel (four channels) an invocation.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a row
  uint tokens, tokens_mul, tokens_shift; // an item
  int  table_stride4;
  int  positions_stride4;
};

layout (binding = 0) uniform isamplerBuffer ids;
layout (binding = 1) uniform textureBuffer table;
layout (binding = 2) uniform textureBuffer positions;
OUTPUT (3, Output, y);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint row = divide (i, c4_mul, c4_shift);
  int  c = int (i - row * c4);
  uint s = row - divide (row, tokens_mul, tokens_shift) * tokens;
  int  id = texelFetch (ids, int (row)).x;

  WRITE (y, i, texelFetch (table, id * table_stride4 + c)
               + texelFetch (positions, int (s) * positions_stride4 + c));
}
