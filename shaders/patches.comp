// SPDX-License-Identifier: GPL-3.0-or-later

// y[n, v, u, (a·P + b)·C + c] = x[n, P·v + a, P·u + b, c], one invocation a texel of four channels of y.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "tensor.glsl"
#include "index.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  uint n_texels;
  int  y_c4;            // texels and
  int  y_c;             // channels of a row of y
  int  size;            // P
  int  c;               // C
  int  in_w, out_w;     // pixels of a row of x, patches of a row of y
  int  x_stride4;
  int  x_offset4;
};

layout (binding = 0) uniform textureBuffer x;
OUTPUT (1, Y, y);

// Channel i of the patch whose first pixel is given. Rows of patches lie under each other through the whole batch.
float
get (int pixel, int i)
{
  ivec2 at = quotient (i, c);
  ivec2 inside = quotient (at.x, size);
  vec4  texel;

  if (i >= y_c)
    return 0.0;
  texel = texelFetch (x, x_offset4 + (pixel + inside.x * in_w + inside.y) * x_stride4 + (at.y >> 2));
  return texel[at.y & 3];
}

void
main ()
{
  int   number = int (INVOCATION);
  ivec2 row = quotient (number, y_c4);
  ivec2 patch_at = quotient (row.x, out_w);
  int   pixel = (patch_at.x * in_w + patch_at.y) * size;
  int   i = 4 * row.y;

  if (INVOCATION >= n_texels)
    return;
  WRITE (y, number, vec4 (get (pixel, i), get (pixel, i + 1), get (pixel, i + 2), get (pixel, i + 3)));
}
