// SPDX-License-Identifier: GPL-3.0-or-later

// Attention's values where there are extra ones: y[n] = [extra[n] ; v[n]] along tokens, in scratch. One texel (four
// channels) an invocation.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a row
  uint keys, keys_mul, keys_shift;      // an item, extra ones included
  uint extra_keys;                      // an item
  int  v_stride4, v_offset4;
  int  extra_stride4, extra_offset4;
};

layout (binding = 0) uniform textureBuffer v;
layout (binding = 1) uniform textureBuffer extra_v;
OUTPUT (2, Output, y);

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint row = divide (i, c4_mul, c4_shift);
  int  c = int (i - row * c4);
  uint item = divide (row, keys_mul, keys_shift);
  uint key = row - item * keys;

  vec4 value;

  if (key < extra_keys)
    value = texelFetch (extra_v, extra_offset4 + int (item * extra_keys + key) * extra_stride4 + c);
  else
    value = texelFetch (v, v_offset4 + int (item * (keys - extra_keys) + key - extra_keys) * v_stride4 + c);
  WRITE (y, i, value);
}
