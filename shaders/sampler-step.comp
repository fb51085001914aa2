// SPDX-License-Identifier: GPL-3.0-or-later

// One step of a sampler, with guidance: the formula of unclip_op_sampler_step(), one texel (four channels) of y an
// invocation. -DCLEAN=1 gives the predicted clean sample, -DCLEAN=0 the next sample.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;                        // of y
  uint c4, c4_mul, c4_shift;            // texels a row of y
  uint width;                           // channels of y
  uint n_channels;                      // C
  uint n_rows;                          // of the noise; guided: from an unconditional row to its conditional one
  uint guided;
  int  x_stride4, x_offset4;
  int  out_stride4, out_offset4;
  int  noise_stride4, noise_offset4;
  int  history_stride4, history_offset4;
  int  coefficients_offset4;
};

layout (binding = 0) uniform textureBuffer x;
layout (binding = 1) uniform textureBuffer prediction;
layout (binding = 2) uniform textureBuffer noise;
layout (binding = 3) uniform textureBuffer history;
layout (binding = 4) uniform textureBuffer coefficients;
OUTPUT (5, Output, y);

// Mirror the members of UnclipStepCoefficient.
vec4 from;      // x0_from_x, x0_from_out, x0_divisor, x0_limit
vec4 mean;      // mean_from_x0, mean_from_x, mean_from_out, sigma
vec4 variance;  // log_variance_min, log_variance_max, guidance, adds_noise
vec4 more;      // learns_variance, mean_from_history, grid, per_grid

float
fetch_out (uint row, uint channel)
{
  return texelFetch (prediction, out_offset4 + int (row) * out_stride4 + int (channel >> 2))[channel & 3u];
}

// Noise's factor, from what the network says in channel C + channel.
float
get_spread (uint row, uint channel)
{
  float f;

  if (more.x == 0.0)
    return mean.w;
  f = (fetch_out (row, n_channels + channel) + 1.0) / 2.0;
  return exp (0.5 * (f * variance.y + (1.0 - f) * variance.x));
}

float
step_channel (uint row, uint channel, float value)
{
  uint  last = guided != 0u ? row + n_rows : row;
  precise float said = fetch_out (last, channel), x0, next;     // no fused operations: the same on every device

  if (guided != 0u)
    {
      float unconditional = fetch_out (row, channel);

      said = unconditional + variance.z * (said - unconditional);
    }
  x0 = (from.x * value + from.y * said) / from.z;
  x0 = x0 > from.w ? from.w : x0 < -from.w ? -from.w : x0;
#if CLEAN
  return x0;
#else
  next = mean.x * x0 + mean.y * value + mean.z * said;
  if (more.z != 0.0)
    next = roundEven (next * more.w) * more.z;
  if (more.y != 0.0)
    next += more.y * texelFetch (history, history_offset4 + int (row) * history_stride4 + int (channel >> 2))[channel & 3u];
  if (variance.w != 0.0)
    next += get_spread (last, channel)
            * texelFetch (noise, noise_offset4 + int (row) * noise_stride4 + int (channel >> 2))[channel & 3u];
  return next;
#endif
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_texels)
    return;

  uint y_row = divide (i, c4_mul, c4_shift);
  uint row = y_row >= n_rows ? y_row - n_rows : y_row;
  int  column = int (i - y_row * c4);
  vec4 value = texelFetch (x, x_offset4 + int (row) * x_stride4 + column);

  from = texelFetch (coefficients, coefficients_offset4);
  mean = texelFetch (coefficients, coefficients_offset4 + 1);
  variance = texelFetch (coefficients, coefficients_offset4 + 2);
  more = texelFetch (coefficients, coefficients_offset4 + 3);

  for (uint k = 0u; k < 4u; k++)
    {
      uint channel = 4u * uint (column) + k;

      if (channel < n_channels)
        value[k] = step_channel (row, channel, value[k]);
      else if (channel >= width)
        value[k] = 0.0;
    }
  WRITE (y, i, value);
}
