// SPDX-License-Identifier: GPL-3.0-or-later

// y[r] = [a[r] ; b[r]], one invocation a texel of y. Channel by channel only where a's width is not a multiple of 4.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;
  int  c4;
  int  a_c;
  int  c;
  int  a_stride4;
  int  a_offset4;
  int  b_stride4;
  int  b_offset4;
};

layout (binding = 0) uniform textureBuffer a;
layout (binding = 1) uniform textureBuffer b;
OUTPUT (2, Y, y);

float
fetch_channel (int row, int channel)
{
  if (channel < a_c)
    return texelFetch (a, a_offset4 + row * a_stride4 + channel / 4)[channel % 4];
  channel -= a_c;
  return texelFetch (b, b_offset4 + row * b_stride4 + channel / 4)[channel % 4];
}

void
main ()
{
  uint i = INVOCATION;
  int  row = int (i) / c4, t = int (i) % c4;
  vec4 v = vec4 (0.0);

  if (i >= n_texels)
    return;
  if (4 * t + 4 <= a_c)
    v = texelFetch (a, a_offset4 + row * a_stride4 + t);
  else if (a_c % 4 == 0)
    v = texelFetch (b, b_offset4 + row * b_stride4 + t - a_c / 4);
  else
    for (int k = 0; k < 4; k++)
      if (4 * t + k < c)
        v[k] = fetch_channel (row, 4 * t + k);
  WRITE (y, i, v);
}
