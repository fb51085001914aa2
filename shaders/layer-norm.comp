// SPDX-License-Identifier: GPL-3.0-or-later

// y[r,c] = gamma[c] · (x[r,c] − mean[r]) / √(var[r] + eps) + beta[c], mean and population variance over the row. A
// workgroup a row, lanes along the channels; the mean is taken first and the deviations from it afterwards, so that a
// large mean does not eat the variance.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "reduce.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint  rows;
  uint  c, c4;                          // channels, texels a row
  int   x_stride4, x_offset4;
  float eps;
};

layout (binding = 0) uniform textureBuffer x;
layout (binding = 1) uniform textureBuffer gamma;
layout (binding = 2) uniform textureBuffer beta;
OUTPUT (3, Output, y);

// Returns what channels 4i … 4i + 3 of the row differ from the mean by, 0 in the padding.
vec4
fetch_deviation (int base, uint i, float mean)
{
  return (texelFetch (x, base + int (i)) - mean) * channel_mask (int (i), int (c));
}

void
main ()
{
  uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;

  if (row >= rows)
    return;                             // the whole workgroup

  int  base = x_offset4 + int (row) * x_stride4;
  vec4 sum = vec4 (0.0);

  for (uint i = gl_LocalInvocationID.x; i < c4; i += gl_WorkGroupSize.x)
    sum += texelFetch (x, base + int (i));

  float mean = reduce_sum ((sum.x + sum.y) + (sum.z + sum.w)) / float (c);

  sum = vec4 (0.0);
  for (uint i = gl_LocalInvocationID.x; i < c4; i += gl_WorkGroupSize.x)
    {
      vec4 d = fetch_deviation (base, i, mean);

      sum += d * d;
    }

  float var = reduce_sum ((sum.x + sum.y) + (sum.z + sum.w)) / float (c);
  float scale = 1.0 / sqrt (var + eps);

  for (uint i = gl_LocalInvocationID.x; i < c4; i += gl_WorkGroupSize.x)
    WRITE (y, row * c4 + i, fetch_deviation (base, i, mean) * scale * texelFetch (gamma, int (i))
                            + texelFetch (beta, int (i)));
}
