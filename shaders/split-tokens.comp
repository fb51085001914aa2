// SPDX-License-Identifier: GPL-3.0-or-later

// One row of T·D channels as T tokens of D channels: y[n,j,d] = x[n, T·d + j] if interleaved, else x[n, D·j + d]. One
// texel (four channels) of y an invocation.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a token
  uint tokens, tokens_mul, tokens_shift; // T
  uint width;                           // D
  uint token_step;                      // channels of x from one token to the next: 1 if interleaved, else D
  uint channel_step;                    // channels of x from one channel of a token to the next: T, or 1
  int  x_stride4, x_offset4;
};

layout (binding = 0) uniform textureBuffer x;
OUTPUT (1, Output, y);

float
fetch_channel (int base, uint channel)
{
  return texelFetch (x, base + int (channel >> 2))[channel & 3u];
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint row = divide (i, c4_mul, c4_shift);
  uint d = 4u * (i - row * c4);
  uint item = divide (row, tokens_mul, tokens_shift);
  uint channel = (row - item * tokens) * token_step + d * channel_step;
  int  base = x_offset4 + int (item) * x_stride4;
  vec4 value = vec4 (0.0);

  value.x = fetch_channel (base, channel);
  if (d + 1u < width)
    value.y = fetch_channel (base, channel + channel_step);
  if (d + 2u < width)
    value.z = fetch_channel (base, channel + 2u * channel_step);
  if (d + 3u < width)
    value.w = fetch_channel (base, channel + 3u * channel_step);
  WRITE (y, i, value);
}
