// SPDX-License-Identifier: GPL-3.0-or-later

// A product for software Vulkan: one subgroup a workgroup, no shared memory, no barrier.
//
// `lanes` lanes lie along the columns, each owning four of them; the subgroup's other lanes hold further groups of rows.
// Every group computes TILE_ROWS rows. In each round a lane loads one texel of each row of x, so that the group holds
// 4·lanes values of k a row; then, for four k at a time, the weights are fetched (one texel a lane and k), and each row's
// x[m,k] is handed to the whole group by a shuffle.
//
// Sums run over k in order, whatever TILE_ROWS and `lanes` are: all tile shapes give the same bits.

#define STEP(r, c, l, w) sum[r] += subgroupShuffle (a[r].c, group + uint (l)) * w;
#define STEPS(r, s, l) \
  STEP (r, x, l, w0) STEP (s, x, l, w0) STEP (r, y, l, w1) STEP (s, y, l, w1) \
  STEP (r, z, l, w2) STEP (s, z, l, w2) STEP (r, w, l, w3) STEP (s, w, l, w3)
#define FOUR_K(l) \
  { \
    vec4 w0 = texelFetch (weight, at), w1 = texelFetch (weight, at + lanes); \
    vec4 w2 = texelFetch (weight, at + 2 * lanes), w3 = texelFetch (weight, at + 3 * lanes); \
    at += 4 * lanes; \
    PAIRS (STEPS, l) \
  }
#define START(r) sum[r] = start; rows[r] = locate_row (m + r);
#define LOAD(r) a[r] = load (rows[r], column);
#define FINISH(r) finish (sum[r], m + r, n4);

// Loops test at their end: on software Vulkan one that tests first runs its body once more, masked.
void
main ()
{
  int  lane = int (gl_SubgroupInvocationID) & (lanes - 1);
  uint group = gl_SubgroupInvocationID - uint (lane);
  int  m = m_first + quotient (int (gl_WorkGroupID.x * gl_SubgroupSize + group), lanes).x * TILE_ROWS;
  int  n4 = int (gl_WorkGroupID.y) * lanes + lane;
  int  at = int (gl_WorkGroupID.y) * panel4 + int (gl_WorkGroupID.z) * w_batch4 + lane;
  vec4 start = texelFetch (bias, n4);
  ROW  rows[TILE_ROWS];
  vec4 sum[TILE_ROWS], a[TILE_ROWS];
  int  q = 0;

  ROWS (START)
  do
    {
      COLUMN column = locate_column (q + lane);
      int    n = min (lanes, k4 - q), l = 0;

      ROWS (LOAD)
      do
        {
          FOUR_K (l)
          FOUR_K (l + 1)
          l += 2;
        }
      while (l < n);
      q += lanes;
    }
  while (q < k4);
  ROWS (FINISH)
}
