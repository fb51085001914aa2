// SPDX-License-Identifier: GPL-3.0-or-later

// v = Bᵀ d B of each 6×6 patch d of x, one invocation a tile and texel of four channels:
//
//         ( 4  0 −5  0  1  0 )
//         ( 0 −4 −4  1  1  0 )
//    Bᵀ = ( 0  4 −4 −1  1  0 )
//         ( 0 −2 −1  2  1  0 )
//         ( 0  2 −1 −2  1  0 )
//         ( 0  4  0 −5  0  1 )
#version 450
#extension GL_GOOGLE_include_directive : require
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const int UPSAMPLE = 0;       // 1: x is doubled by nearest neighbour first

#include "winograd.glsl"

layout (binding = 0) uniform textureBuffer x;
OUTPUT (1, V, v);

void
transform (inout vec4 a, inout vec4 b, inout vec4 c, inout vec4 d, inout vec4 e, inout vec4 f)
{
  vec4 e_4c = e - 4.0 * c, d_4b = d - 4.0 * b, e_c = e - c, d_b = 2.0 * (d - b);

  a = 4.0 * a - 5.0 * c + e;
  f = 4.0 * b - 5.0 * d + f;
  b = e_4c + d_4b;
  c = e_4c - d_4b;
  d = e_c + d_b;
  e = e_c - d_b;
}

vec4
load (ivec2 at, int first, int texel)
{
  bool inside = uint (at.x) < uint (in_h << UPSAMPLE) && uint (at.y) < uint (in_w << UPSAMPLE);

  at >>= UPSAMPLE;
  return texelFetch (x, inside ? (first + at.x * in_w + at.y) * x_stride4 + x_offset4 + texel : -1);
}

#define LOAD(i, j) d[i][j] = load (at + ivec2 (i, j), tile.x * in_h * in_w, which.y);
#define STORE(i, j) WRITE (v, ((i * 6 + j) * n_tiles + which.x) * c4 + which.y, d[i][j]);
#define COLUMN(F, i) F (i, 0) F (i, 1) F (i, 2) F (i, 3) F (i, 4) F (i, 5)
#define ALL(F) COLUMN (F, 0) COLUMN (F, 1) COLUMN (F, 2) COLUMN (F, 3) COLUMN (F, 4) COLUMN (F, 5)
#define TRANSFORM_COLUMN(j) transform (d[0][j], d[1][j], d[2][j], d[3][j], d[4][j], d[5][j]);
#define TRANSFORM_ROW(i) transform (d[i][0], d[i][1], d[i][2], d[i][3], d[i][4], d[i][5]);

void
main ()
{
  ivec2 which = locate (int (gl_GlobalInvocationID.x));
  ivec3 tile = locate_tile (which.x);
  ivec2 at = tile.yz - 1;
  vec4  d[6][6];

  if (which.x >= n_tiles)
    return;
  ALL (LOAD)
  TRANSFORM_COLUMN (0) TRANSFORM_COLUMN (1) TRANSFORM_COLUMN (2)
  TRANSFORM_COLUMN (3) TRANSFORM_COLUMN (4) TRANSFORM_COLUMN (5)
  TRANSFORM_ROW (0) TRANSFORM_ROW (1) TRANSFORM_ROW (2)
  TRANSFORM_ROW (3) TRANSFORM_ROW (4) TRANSFORM_ROW (5)
  ALL (STORE)
}
