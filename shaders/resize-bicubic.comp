// SPDX-License-Identifier: GPL-3.0-or-later

// Antialiased bicubic resampling along one axis. x is seen as outer × in × inner texels, y as outer × out × inner:
//
//     centre = (o + 1/2) · in / out;   blur = max (in / out, 1)
//     y[o] = Σ_j w_j x[j] / Σ_j w_j,   w_j = cubic ((j + 1/2 − centre) / blur) for j inside the picture
//
// The centre is kept as integer and fraction: as one f32 it would lose a ten-thousandth of a pixel on large pictures. One
// texel (four channels) of y an invocation.
// Source: Keys 1981, Cubic convolution interpolation, with a = −1/2.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint inner, inner_mul, inner_shift;   // texels
  uint out_n, out_n_mul, out_n_shift;   // samples of y along the axis
  uint twice, twice_mul, twice_shift;   // 2 · out_n
  uint in_n;                            // samples of x along the axis
  int  x_stride4, x_offset4;            // from one sample to the next
};

layout (binding = 0) uniform textureBuffer x;
OUTPUT (1, Output, y);

float
cubic (float t)
{
  t = abs (t);
  if (t < 1.0)
    return (1.5 * t - 2.5) * t * t + 1.0;
  if (t < 2.0)
    return -0.5 * (((t - 5.0) * t + 8.0) * t - 4.0);
  return 0.0;
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint  row = divide (i, inner_mul, inner_shift);
  int   at = x_offset4 + int (i - row * inner);
  uint  outer = divide (row, out_n_mul, out_n_shift);
  uint  numerator = (2u * (row - outer * out_n) + 1u) * in_n;
  int   whole = int (divide (numerator, twice_mul, twice_shift));
  float part = float (numerator - uint (whole) * twice) / float (twice);
  float blur = max (float (in_n) / float (out_n), 1.0);
  int   first = max (0, whole + int (floor (part - 2.0 * blur + 0.5)));
  int   end = min (int (in_n), whole + int (floor (part + 2.0 * blur + 0.5)));
  vec4  sum = vec4 (0.0);
  float weights = 0.0;

  for (int j = first; j < end; j++)
    {
      float w = cubic ((float (j - whole) + 0.5 - part) / blur);

      sum += w * texelFetch (x, at + (int (outer * in_n) + j) * x_stride4);
      weights += w;
    }
  WRITE (y, i, sum / weights);
}
