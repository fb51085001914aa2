// SPDX-License-Identifier: GPL-3.0-or-later

// Group norm, third step: from the channels' statistics to what the last step multiplies and adds.
//
//     mean = Σ_c mean[c] / G;   var = Σ_c (M[c] + rows · (mean[c] − mean)²) / (rows · G),   c over the G channels of the group
//     scale = gamma / √(var + eps);   shift = beta;   and with scale_shift s, t:  scale · (1 + s),   shift · (1 + s) + t
//
// out[n,c] = (mean, scale, shift). Groups need not fill whole texels. One invocation does four channels; neighbours repeat
// the group's sum, which is a few fetches.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const bool has_scale_shift = false;

layout (push_constant) uniform Push
{
  uint  n_items;                        // N · c4
  uint  c4, c4_mul, c4_shift;           // texels a row
  uint  channels;
  uint  group, group_mul, group_shift;  // channels a group
  uint  rows;                           // an item
  float eps;
  int   scale_stride4, scale_offset4;
};

layout (binding = 0) uniform textureBuffer stats;
layout (binding = 1) uniform textureBuffer gamma;
layout (binding = 2) uniform textureBuffer beta;
layout (binding = 3) uniform textureBuffer scale_shift;
OUTPUT (4, Output, coefficients);

// Returns mean and 1/√(var + eps) of the group whose first channel is given.
vec2
group_statistics (int base, uint first)
{
  float sum = 0.0, squares = 0.0, mean;

  for (uint ch = first; ch < first + group; ch++)
    sum += texelFetch (stats, base + 2 * int (ch >> 2))[ch & 3u];
  mean = sum / float (group);
  for (uint ch = first; ch < first + group; ch++)
    {
      float d = texelFetch (stats, base + 2 * int (ch >> 2))[ch & 3u] - mean;

      squares += texelFetch (stats, base + 2 * int (ch >> 2) + 1)[ch & 3u] + float (rows) * (d * d);
    }
  return vec2 (mean, 1.0 / sqrt (squares / (float (rows) * float (group)) + eps));
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_items)
    return;

  uint item = divide (i, c4_mul, c4_shift);
  uint c = i - item * c4;
  int  base = int (2u * item * c4);
  int  scale_base = scale_offset4 + int (item) * scale_stride4;
  vec4 mean = vec4 (0.0), scale = texelFetch (gamma, int (c)), shift = texelFetch (beta, int (c));
  uint first = 0xffffffffu;
  vec2 statistics = vec2 (0.0);

  for (uint lane = 0u; lane < 4u; lane++)
    {
      uint ch = 4u * c + lane;

      if (ch >= channels)
        break;

      uint begin = divide (ch, group_mul, group_shift) * group;

      if (begin != first)
        {
          first = begin;
          statistics = group_statistics (base, first);
        }
      mean[lane] = statistics.x;
      scale[lane] *= statistics.y;
      if (has_scale_shift)
        {
          uint  at = channels + ch;
          float factor = 1.0 + texelFetch (scale_shift, scale_base + int (c))[lane];

          scale[lane] *= factor;
          shift[lane] = shift[lane] * factor + texelFetch (scale_shift, scale_base + int (at >> 2))[at & 3u];
        }
    }
  WRITE (coefficients, 3u * i, mean);
  WRITE (coefficients, 3u * i + 1u, scale);
  WRITE (coefficients, 3u * i + 2u, shift);
}
