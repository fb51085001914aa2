// SPDX-License-Identifier: GPL-3.0-or-later

// y = gain (x + (low_gain − 1) low (x)),   gain = first_gain for channels below n_first, else 1
//
// low (x) is the part of a plane that its lowest frequencies make, u and v of 0 and −1 each:
//
//     low[y,x] = 1/(H W) Re Σ X[u,v] exp (2πi (u y / H + v x / W)),   X[u,v] = Σ x exp (−2πi (u y / H + v x / W))
//
// Four sums of H W terms, their real and imaginary parts found by two passes over the plane: a full transform would find
// H W of them. One texel column (four channels of one item) an invocation; the sums' order is fixed.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint  n_columns;              // items · texels a row
  uint  c4, c4_mul, c4_shift;   // texels a row
  uint  height, width;
  int   x_stride4, x_offset4;
  int   n_first;
  float first_gain;
  float low_gain;
};

layout (binding = 0) uniform textureBuffer x;
OUTPUT (1, Output, y);

const float TURN = 6.283185307179586;

// cos and sin of 2π k / n
vec2
turn (uint k, uint n)
{
  float angle = TURN * float (k) / float (n);

  return vec2 (cos (angle), sin (angle));
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_columns)
    return;

  uint item = divide (i, c4_mul, c4_shift);
  int  c = int (i - item * c4);
  uint first = item * height * width;
  vec4 gain = mix (vec4 (1.0), vec4 (first_gain), lessThan (4 * c + ivec4 (0, 1, 2, 3), ivec4 (n_first)));

  // Σ x, and Σ x (cos, sin) of v x alone, of u y alone, of both.
  vec4 s00 = vec4 (0.0);
  vec4 c01 = vec4 (0.0), s01 = vec4 (0.0);
  vec4 c10 = vec4 (0.0), s10 = vec4 (0.0);
  vec4 c11 = vec4 (0.0), s11 = vec4 (0.0);

  if (low_gain != 1.0)
    for (uint v = 0u; v < height; v++)
      {
        vec4 row = vec4 (0.0), row_cos = vec4 (0.0), row_sin = vec4 (0.0);
        vec2 a = turn (v, height);

        for (uint u = 0u; u < width; u++)
          {
            vec4 value = texelFetch (x, x_offset4 + int (first + v * width + u) * x_stride4 + c);
            vec2 b = turn (u, width);

            row += value;
            row_cos += b.x * value;
            row_sin += b.y * value;
          }
        s00 += row;
        c01 += row_cos;
        s01 += row_sin;
        c10 += a.x * row;
        s10 += a.y * row;
        c11 += a.x * row_cos - a.y * row_sin;
        s11 += a.y * row_cos + a.x * row_sin;
      }

  // On a side of 1 the frequencies 0 and −1 are one.
  float has_u = height > 1u ? 1.0 : 0.0, has_v = width > 1u ? 1.0 : 0.0;
  float scale = (low_gain - 1.0) / float (height * width);

  for (uint v = 0u; v < height; v++)
    {
      vec2 a = turn (v, height);

      for (uint u = 0u; u < width; u++)
        {
          uint at = first + v * width + u;
          vec2 b = turn (u, width);
          vec4 low = s00 + has_v * (b.x * c01 + b.y * s01) + has_u * (a.x * c10 + a.y * s10)
                     + has_u * has_v * ((a.x * b.x - a.y * b.y) * c11 + (a.y * b.x + a.x * b.y) * s11);

          WRITE (y, at * c4 + uint (c), gain * (texelFetch (x, x_offset4 + int (at) * x_stride4 + c) + scale * low));
        }
    }
}
