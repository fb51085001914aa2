// SPDX-License-Identifier: GPL-3.0-or-later

// y = softmax (scale · q kᵀ + bias) · v for TILE queries of one head of one item; for software Vulkan.
//
// One subgroup a workgroup, no shared memory, no barrier. Keys go by panels of 4 · LANES, four to a lane. Lane l holds
// channels 4l … 4l + 3 of a query, and q[d] reaches all lanes by a shuffle from a constant lane, which is one permutation;
// the tile of scores that comes out has the layout of the next product's left operand, so p·v moves no data either. Maximum
// and sum of the softmax run along (online softmax, Milakov & Gimelshein 2018); each lane sums its own keys, and lanes meet
// once at the end.
//
// Fetches are calls that spill the vector registers, so four texels of k, or eight of v, are fetched first, and then all
// queries use them. The preprocessor unrolls: software Vulkan does not, whatever the attribute says, and an array that is indexed
// by a variable lives in memory. Loops test at their end, since one that tests first runs its body once more, masked.
//
// Compile with -DTILE=4, 8 or 16 (queries), -DLANES=8 or 16 (the subgroup) and -DVALUES=1, 2, 4 or 8 (texels of v, and
// of y, that a lane owns).
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#include "attention.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout (push_constant) uniform Push
{
  int   queries;                        // an item
  int   keys;                           // an item, extra ones included
  int   panels;
  int   width4;                         // texels of a head
  int   padded4;                        // the same, up to a whole number of LANES
  int   causal;
  int   q_stride4, q_offset4;
  int   v_stride4, v_offset4;
  int   y_stride4;
  float scale;                          // log2 e included
};

layout (binding = 0) uniform textureBuffer q;
layout (binding = 1) uniform textureBuffer keys_packed;
layout (binding = 2) uniform textureBuffer bias;
layout (binding = 3) uniform textureBuffer v;
OUTPUT (4, Output, y);

// Texels of a query that a lane keeps from the first panel to the last; with more than two the driver compiles for seconds.
#if VALUES <= 2
#define KEPT VALUES
#else
#define KEPT 0
#endif

// F (0, a, b) … F (n − 1, a, b)
#define EACH_4(F, a, b) F (0, a, b) F (1, a, b) F (2, a, b) F (3, a, b)
#define EACH_8(F, a, b) EACH_4 (F, a, b) F (4, a, b) F (5, a, b) F (6, a, b) F (7, a, b)
#define EACH_16(F, a, b) \
  EACH_8 (F, a, b) F (8, a, b) F (9, a, b) F (10, a, b) F (11, a, b) F (12, a, b) F (13, a, b) F (14, a, b) F (15, a, b)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_ (a, b)
#define ROWS(F, a, b) JOIN (EACH_, TILE) (F, a, b)

// G (l, a) for every lane l, or for l < LANES / 2, G being free to use ROWS. With 8 lanes the lane may be a variable (one
// vpermps), and a rolled loop stays in the instruction cache and compiles three times as fast; with 16 a variable lane would
// be a loop. Scores take two lanes a turn, which halves what the loop's mask costs; sums would outgrow the cache.
#if LANES == 8
#define TURNS(G, a, n) \
  { \
    int l = 0; \
    do \
      { \
        G (l, a) \
        l++; \
      } \
    while (l < n); \
  }
#define ALL_LANES(G, a) TURNS (G, a, 8)
#define LANE_PAIRS(G, a) TURNS (G, a, 4)
#else
#define LANES_4(G, a, l) G (l, a) G (l + 1, a) G (l + 2, a) G (l + 3, a)
#define ALL_LANES(G, a) LANES_4 (G, a, 0) LANES_4 (G, a, 4) LANES_4 (G, a, 8) LANES_4 (G, a, 12)
#define LANE_PAIRS(G, a) LANES_4 (G, a, 0) LANES_4 (G, a, 4)
#endif

#define START(r, a, b) \
  most[r] = MASKED; \
  total[r] = 0.0;
#define START_SUMS(r, j, b) sums[TILE * (j) + r] = vec4 (0.0);
#define START_SCORES(r, value, b) s[r] = value;
#define LOAD_QUERY(r, c, at) a[(at) + r] = load_query (first + r, c);

// s[r] += Σ_d q[r,d] · k[d] for the four d of lane l's texel of a[at + r]
#define SCORE(r, l, at) \
  s[r] += subgroupShuffle (a[(at) + r].x, uint (l)) * b0; \
  s[r] += subgroupShuffle (a[(at) + r].y, uint (l)) * b1; \
  s[r] += subgroupShuffle (a[(at) + r].z, uint (l)) * b2; \
  s[r] += subgroupShuffle (a[(at) + r].w, uint (l)) * b3;
#define SCORES(l, at) \
  { \
    vec4 b0 = texelFetch (keys_packed, k_at + (4 * (l)) * LANES), b1 = texelFetch (keys_packed, k_at + (4 * (l) + 1) * LANES); \
    vec4 b2 = texelFetch (keys_packed, k_at + (4 * (l) + 2) * LANES), b3 = texelFetch (keys_packed, k_at + (4 * (l) + 3) * LANES); \
    ROWS (SCORE, l, at) \
  }
#define SCORES_2(l, at) \
  SCORES (2 * (l), at) \
  SCORES (2 * (l) + 1, at)

#define MASK(r, ahead, b) s[r] = mix (s[r], vec4 (MASKED), greaterThan (ahead, ivec4 (r)));

// s[r] becomes p[r], and earlier sums are brought to the new maximum
#define SOFTEN(r, a, b) \
  { \
    float m = max (most[r], reduce_max (s[r])); \
    shrink[r] = exp2 (most[r] - m); \
    most[r] = m; \
    s[r] = exp2 (s[r] - m); \
    total[r] = total[r] * shrink[r] + ((s[r].x + s[r].y) + (s[r].z + s[r].w)); \
  }
#define SHRINK(r, j, b) sums[TILE * (j) + r] *= shrink[r];

// sums[r] += Σ_key p[r,key] · v[key] for the four keys of lane l and one texel, or two, of their values
#define VALUE(k, j) texelFetch (v, v_at + min (k, last) * v_stride4 + (j) * LANES)
#define SUM_1(r, l, b) \
  sums[r] += subgroupShuffle (s[r].x, uint (l)) * b0; \
  sums[r] += subgroupShuffle (s[r].y, uint (l)) * b1; \
  sums[r] += subgroupShuffle (s[r].z, uint (l)) * b2; \
  sums[r] += subgroupShuffle (s[r].w, uint (l)) * b3;
#define SUMS_1(l, a) \
  { \
    vec4 b0 = VALUE (4 * (l), 0), b1 = VALUE (4 * (l) + 1, 0), b2 = VALUE (4 * (l) + 2, 0), b3 = VALUE (4 * (l) + 3, 0); \
    ROWS (SUM_1, l, 0) \
  }
#define SUM_2(r, l, j) \
  { \
    float p0 = subgroupShuffle (s[r].x, uint (l)), p1 = subgroupShuffle (s[r].y, uint (l)); \
    float p2 = subgroupShuffle (s[r].z, uint (l)), p3 = subgroupShuffle (s[r].w, uint (l)); \
    vec4  low = sums[TILE * (j) + r], high = sums[TILE * (j) + TILE + r]; \
    low += p0 * b0; \
    high += p0 * b1; \
    low += p1 * b2; \
    high += p1 * b3; \
    low += p2 * b4; \
    high += p2 * b5; \
    sums[TILE * (j) + r] = low + p3 * b6; \
    sums[TILE * (j) + TILE + r] = high + p3 * b7; \
  }
#define SUMS_2(l, j) \
  { \
    vec4 b0 = VALUE (4 * (l), j), b1 = VALUE (4 * (l), j + 1), b2 = VALUE (4 * (l) + 1, j), b3 = VALUE (4 * (l) + 1, j + 1); \
    vec4 b4 = VALUE (4 * (l) + 2, j), b5 = VALUE (4 * (l) + 2, j + 1), b6 = VALUE (4 * (l) + 3, j), b7 = VALUE (4 * (l) + 3, j + 1); \
    ROWS (SUM_2, l, j) \
  }

#define FINISH(r, a, b) total[r] = 1.0 / reduce_sum (total[r]);
#define STORE(r, j, b) \
  if (first + r < queries && (j) * LANES + lane < width4) \
    WRITE (y, y_at + r * y_stride4 + (j) * LANES, sums[TILE * (j) + r] * total[r]);

// G (j) for every texel of v that a lane owns
#if VALUES == 1
#define ALL_VALUES(F) ROWS (F, 0, 0)
#elif VALUES == 2
#define ALL_VALUES(F) ROWS (F, 0, 0) ROWS (F, 1, 0)
#elif VALUES == 4
#define ALL_VALUES(F) ROWS (F, 0, 0) ROWS (F, 1, 0) ROWS (F, 2, 0) ROWS (F, 3, 0)
#else
#define ALL_VALUES(F) \
  ROWS (F, 0, 0) ROWS (F, 1, 0) ROWS (F, 2, 0) ROWS (F, 3, 0) ROWS (F, 4, 0) ROWS (F, 5, 0) ROWS (F, 6, 0) ROWS (F, 7, 0)
#endif

float
reduce_sum (float x)
{
  x += subgroupShuffleXor (x, 1u);
  x += subgroupShuffleXor (x, 2u);
  x += subgroupShuffleXor (x, 4u);
#if LANES > 8
  x += subgroupShuffleXor (x, 8u);
#endif
  return x;
}

float
reduce_max (vec4 v4)
{
  float x = max (max (v4.x, v4.y), max (v4.z, v4.w));

  x = max (x, subgroupShuffleXor (x, 1u));
  x = max (x, subgroupShuffleXor (x, 2u));
  x = max (x, subgroupShuffleXor (x, 4u));
#if LANES > 8
  x = max (x, subgroupShuffleXor (x, 8u));
#endif
  return x;
}

// Channels beyond the head's width would be the next head's: zero. Queries beyond the last repeat it and are not stored.
vec4
load_query (int query, int c)
{
  int row = int (gl_WorkGroupID.z) * queries + min (query, queries - 1);

  return c < width4 ? scale * texelFetch (q, q_offset4 + row * q_stride4 + int (gl_WorkGroupID.y) * width4 + c) : vec4 (0.0);
}

void
main ()
{
  int   lane = int (gl_LocalInvocationID.x);
  int   first = int (gl_WorkGroupID.x) * TILE;
  int   head = int (gl_WorkGroupID.y), item = int (gl_WorkGroupID.z);
  int   k_at = (item * int (gl_NumWorkGroups.y) + head) * panels * padded4 * 4 * LANES + lane;
  int   v_at = v_offset4 + item * keys * v_stride4 + head * width4 + lane;
  int   y_at = (item * queries + first) * y_stride4 + head * width4 + lane;
  int   bias_at = item * panels * LANES + lane;
  int   seen = causal != 0 ? min (keys, first + TILE + keys - queries) : keys;
  int   key = 0;
  vec4  sums[TILE * VALUES], s[TILE], a[TILE * max (KEPT, 1)];
  float most[TILE], total[TILE], shrink[TILE];

  ROWS (START, 0, 0)
  ALL_VALUES (START_SUMS)
#if KEPT > 0
  ROWS (LOAD_QUERY, lane, 0)            // narrow heads keep their queries; others fetch them for every panel
#endif
#if KEPT == 2
  ROWS (LOAD_QUERY, lane + LANES, TILE)
#endif
  do
    {
      vec4 key_bias = texelFetch (bias, bias_at);
      int  last = keys - 1 - key;

      ROWS (START_SCORES, key_bias, 0)
#if KEPT > 0
      LANE_PAIRS (SCORES_2, 0)
      k_at += 4 * LANES * LANES;
#if KEPT == 2
      LANE_PAIRS (SCORES_2, TILE)
      k_at += 4 * LANES * LANES;
#endif
#else
      int c = lane;

      do
        {
          ROWS (LOAD_QUERY, c, 0)
          LANE_PAIRS (SCORES_2, 0)
          k_at += 4 * LANES * LANES;
          c += LANES;
        }
      while (c < padded4);
#endif
      if (causal != 0)
        {
          ivec4 ahead = key + 4 * lane + ivec4 (0, 1, 2, 3) - first - keys + queries;

          ROWS (MASK, ahead, 0)
        }
      ROWS (SOFTEN, 0, 0)
      ALL_VALUES (SHRINK)
#if VALUES == 1
      ALL_LANES (SUMS_1, 0)
#else
      ALL_LANES (SUMS_2, 0)
#endif
#if VALUES >= 4
      ALL_LANES (SUMS_2, 2)
#endif
#if VALUES == 8
      ALL_LANES (SUMS_2, 4)
      ALL_LANES (SUMS_2, 6)
#endif
      v_at += 4 * LANES * v_stride4;
      bias_at += LANES;
      key += 4 * LANES;
    }
  while (key < seen);

  ROWS (FINISH, 0, 0)
  ALL_VALUES (STORE)
}
