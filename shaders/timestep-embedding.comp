// SPDX-License-Identifier: GPL-3.0-or-later

// y[n] = [cos (t f) ; sin (t f)] or [sin (t f) ; cos (t f)], f the dim/2 frequencies. One texel (four channels) of y an
// invocation.
//
// Built-in sines are coarse beyond ±π (and on software Vulkan everywhere), so the angle is reduced here: to the nearest
// multiple of π/2 in three parts of few enough bits that their products with the multiple are exact, then by polynomials
// on ±π/4 (Taylor's terms up to the 12th power there leave less than 1e-9).
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a row
  uint half_dim;
  uint cos_first;                       // 1: cosines before sines
  int  t_stride4, t_offset4;
};

layout (binding = 0) uniform textureBuffer t;
layout (binding = 1) uniform textureBuffer frequencies;
OUTPUT (2, Output, y);

// Returns sin (x + quarters · π/2), for |x| up to some thousands.
float
sine (float x, int quarters)
{
  // π/2 = high + middle + low; the first two have 12 and 11 bits.
  const float high = 1.57080078125, middle = -4.455447196960449e-6, low = 9.9209357968e-10;
  precise float n = round (x * 0.63661977);
  precise float r = ((x - n * high) - n * middle) - n * low;
  int   k = (int (n) + quarters) & 3;
  float r2 = r * r;
  float s = r + r * r2 * (-1.0 / 6.0 + r2 * (1.0 / 120.0 + r2 * (-1.0 / 5040.0 + r2 * (1.0 / 362880.0))));
  float c = 1.0 - 0.5 * r2 + r2 * r2 * (1.0 / 24.0 + r2 * (-1.0 / 720.0 + r2 * (1.0 / 40320.0 - r2 * (1.0 / 3628800.0))));
  float value = (k & 1) == 0 ? s : c;

  return k < 2 ? value : -value;
}

float
embed (float time, uint channel)
{
  if (channel >= 2u * half_dim)
    return 0.0;

  bool  second = channel >= half_dim;
  uint  i = second ? channel - half_dim : channel;
  precise float angle = time * texelFetch (frequencies, int (i >> 2))[i & 3u];

  return sine (angle, second == (cos_first == 1u) ? 0 : 1);
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint  item = divide (i, c4_mul, c4_shift);
  uint  channel = 4u * (i - item * c4);
  float time = texelFetch (t, t_offset4 + int (item) * t_stride4).x;

  WRITE (y, i, vec4 (embed (time, channel), embed (time, channel + 1u),
                     embed (time, channel + 2u), embed (time, channel + 3u)));
}
