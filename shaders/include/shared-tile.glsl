// SPDX-License-Identifier: GPL-3.0-or-later

// A product for GPUs: tiles of 64 rows by 4·LANES columns (LANES 16 or 8) by 64 invocations, each of which owns 8 rows
// and one or two texels of columns. x and the weights pass through shared memory, 4 texels of k at a time.
//
// Sums run over k in order, as in register-tile.glsl.

layout (constant_id = 10) const int LANES = 16;

const int K_TEXELS = 4;
const int ROWS_SHARED = 64;

shared vec4 shared_x[K_TEXELS][ROWS_SHARED];
shared vec4 shared_w[4 * K_TEXELS][16];

// Row of the tile that an invocation owns: 8 apart, so that neighbours read neighbouring texels.
#define OWN_ROW(r) (8 * r + own_row)
#define START(r) low[r] = start_low; high[r] = start_high;
#define FINISH(r) \
  finish (low[r], m + OWN_ROW (r), n4); \
  if (LANES == 16) \
    finish (high[r], m + OWN_ROW (r), n4 + 8);
#define STEP(r) \
  { \
    vec4 a = shared_x[q][OWN_ROW (r)]; \
    low[r] += a.x * w0; low[r] += a.y * w1; low[r] += a.z * w2; low[r] += a.w * w3; \
    if (LANES == 16) \
      { high[r] += a.x * v0; high[r] += a.y * v1; high[r] += a.z * v2; high[r] += a.w * v3; } \
  }

// One texel of x a row and k texel: invocation i loads row i, so the rows' places are worked out once.
void
load_x (ROW row, int first_q)
{
  for (int q = 0; q < K_TEXELS; q++)
    shared_x[q][gl_LocalInvocationID.x] = load (row, locate_column (first_q + q));
}

void
load_w (int first, int first_q)
{
  int i = int (gl_LocalInvocationID.x);

  for (int at = i; at < 4 * K_TEXELS * LANES; at += ROWS_SHARED)
    shared_w[at / LANES][at % LANES] = first_q + at / (4 * LANES) < k4 ? texelFetch (weight, first + at) : vec4 (0);
}

void
main ()
{
  int  i = int (gl_LocalInvocationID.x);
  int  own_row = i / 8, own_column = i % 8;
  int  m = m_first + int (gl_WorkGroupID.x) * ROWS_SHARED;
  int  n4 = int (gl_WorkGroupID.y) * LANES + own_column;
  int  first = int (gl_WorkGroupID.y) * panel4 + int (gl_WorkGroupID.z) * w_batch4;
  ROW  row = locate_row (m + i);
  vec4 start_low = texelFetch (bias, n4), start_high = texelFetch (bias, n4 + 8);
  vec4 low[8], high[8];

  REPEAT_8 (START)
  for (int first_q = 0; first_q < k4; first_q += K_TEXELS)
    {
      barrier ();                       // nobody still reads the last tile
      load_x (row, first_q);
      load_w (first + first_q * 4 * LANES, first_q);
      barrier ();
      for (int q = 0; q < K_TEXELS; q++)
        {
          vec4 w0 = shared_w[4 * q][own_column], w1 = shared_w[4 * q + 1][own_column];
          vec4 w2 = shared_w[4 * q + 2][own_column], w3 = shared_w[4 * q + 3][own_column];
          vec4 v0 = vec4 (0), v1 = vec4 (0), v2 = vec4 (0), v3 = vec4 (0);

          if (LANES == 16)
            {
              v0 = shared_w[4 * q][own_column + 8];
              v1 = shared_w[4 * q + 1][own_column + 8];
              v2 = shared_w[4 * q + 2][own_column + 8];
              v3 = shared_w[4 * q + 3][own_column + 8];
            }
          REPEAT_8 (STEP)
        }
    }
  REPEAT_8 (FINISH)
}
