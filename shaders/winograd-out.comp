// SPDX-License-Identifier: GPL-3.0-or-later

// y = Aᵀ m A + bias + image_bias + residual, one invocation a tile of 4×4 pixels and texel of four channels:
//
//         ( 1  1  1  1  1  0 )
//    Aᵀ = ( 0  1 −1  2 −2  0 )
//         ( 0  1  1  4  4  0 )
//         ( 0  1 −1  8 −8  1 )
#version 450
#extension GL_GOOGLE_include_directive : require
#include "tensor.glsl"
#include "index.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 21) const bool HAS_IMAGE_BIAS = false;
layout (constant_id = 22) const bool HAS_RESIDUAL = false;

#include "winograd.glsl"

layout (binding = 0) uniform textureBuffer m;
layout (binding = 1) uniform textureBuffer bias;
layout (binding = 2) uniform textureBuffer image_bias;
layout (binding = 3) uniform textureBuffer residual;
OUTPUT (4, Y, y);

struct Four
{
  vec4 a, b, c, d;
};

Four
transform (vec4 a, vec4 b, vec4 c, vec4 d, vec4 e, vec4 f)
{
  vec4 bc = b + c, b_c = b - c, de = d + e, d_e = d - e;

  return Four (a + bc + de, b_c + 2.0 * d_e, bc + 4.0 * de, b_c + 8.0 * d_e + f);
}

#define LOAD(i, j) texelFetch (m, ((i * 6 + j) * n_tiles + which.x) * c4 + which.y)
#define TRANSFORM_COLUMN(j) transform (LOAD (0, j), LOAD (1, j), LOAD (2, j), LOAD (3, j), LOAD (4, j), LOAD (5, j))

void
store (ivec2 at, vec4 value, int image, int texel)
{
  int row = (image * h + at.x) * w + at.y;

  if (at.x >= h || at.y >= w)
    return;
  if (HAS_RESIDUAL)
    value += texelFetch (residual, residual_offset4 + row * residual_stride4 + texel);
  WRITE (y, row * c4 + texel, value);
}

void
store_row (int i, Four row, ivec3 tile, int texel, vec4 start)
{
  store (tile.yz + ivec2 (i, 0), row.a + start, tile.x, texel);
  store (tile.yz + ivec2 (i, 1), row.b + start, tile.x, texel);
  store (tile.yz + ivec2 (i, 2), row.c + start, tile.x, texel);
  store (tile.yz + ivec2 (i, 3), row.d + start, tile.x, texel);
}

void
main ()
{
  ivec2 which = locate (int (gl_GlobalInvocationID.x));
  ivec3 tile = locate_tile (which.x);
  vec4  start = texelFetch (bias, which.y);

  if (which.x >= n_tiles)
    return;
  if (HAS_IMAGE_BIAS)
    start += texelFetch (image_bias, image_bias_offset4 + tile.x * image_bias_stride4 + which.y);

  Four p = TRANSFORM_COLUMN (0), q = TRANSFORM_COLUMN (1), r = TRANSFORM_COLUMN (2);
  Four s = TRANSFORM_COLUMN (3), t = TRANSFORM_COLUMN (4), u = TRANSFORM_COLUMN (5);

  store_row (0, transform (p.a, q.a, r.a, s.a, t.a, u.a), tile, which.y, start);
  store_row (1, transform (p.b, q.b, r.b, s.b, t.b, u.b), tile, which.y, start);
  store_row (2, transform (p.c, q.c, r.c, s.c, t.c, u.c), tile, which.y, start);
  store_row (3, transform (p.d, q.d, r.d, s.d, t.d, u.d), tile, which.y, start);
}
