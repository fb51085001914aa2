// SPDX-License-Identifier: GPL-3.0-or-later

// y = softmax (scale · q kᵀ + bias) · v for 16 queries of one head of one item; for ordinary GPUs.
//
// 128 invocations: eight to a query. Keys go by blocks of 32, four to an invocation; k and v pass through shared memory in
// chunks of 16 texels of a head, scores through shared memory to the eight that share a query. Maximum and sum of the
// softmax run along (online softmax, Milakov & Gimelshein 2018); the eight repeat them, in the same order, rather than
// exchange them.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "attention.glsl"
#include "tensor.glsl"

#define QUERIES 16
#define KEYS 32
#define CHUNK 16
#define TEAM 8                          // invocations a query
#define GROUP (QUERIES * TEAM)

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const int  CHUNKS = 1;        // of a head
layout (constant_id = 11) const bool causal = false;
layout (constant_id = 12) const bool has_bias = false;

layout (push_constant) uniform Push
{
  int   queries;                        // an item
  int   extra_keys;                     // an item
  int   own_keys;                       // an item
  int   width4;                         // texels of a head
  int   q_stride4, q_offset4;
  int   k_stride4, k_offset4;
  int   v_stride4, v_offset4;
  int   extra_k_stride4, extra_k_offset4;
  int   extra_v_stride4, extra_v_offset4;
  int   bias_stride4, bias_offset4;
  int   y_stride4;
  float scale;                          // log2 e included
};

layout (binding = 0) uniform textureBuffer q;
layout (binding = 1) uniform textureBuffer k;
layout (binding = 2) uniform textureBuffer v;
layout (binding = 3) uniform textureBuffer extra_k;
layout (binding = 4) uniform textureBuffer extra_v;
layout (binding = 5) uniform textureBuffer key_bias;
OUTPUT (6, Output, y);

shared vec4  queries_tile[QUERIES][CHUNKS * CHUNK];
shared vec4  rows[KEYS][CHUNK + 1];     // one more, so that rows begin in different banks
shared float scores[QUERIES][KEYS + 1];

// Fetches one chunk of the block's rows of k (or v) into shared memory. Rows beyond the last repeat it: their scores are
// masked, and what they hold must be finite if the last row is.
void
load_rows (bool values, int item, int key0, int c0, int head_offset)
{
  barrier ();                           // nobody still reads the chunk before
  for (int i = int (gl_LocalInvocationID.x); i < KEYS * CHUNK; i += GROUP)
    {
      int  c = c0 + i % CHUNK;
      int  key = min (key0 + i / CHUNK, extra_keys + own_keys - 1);
      int  own = item * own_keys + key - extra_keys, extra = item * extra_keys + key;
      vec4 texel = vec4 (0.0);

      if (c < width4)
        {
          c += head_offset;
          if (key < extra_keys)
            texel = values ? texelFetch (extra_v, extra_v_offset4 + extra * extra_v_stride4 + c)
                           : texelFetch (extra_k, extra_k_offset4 + extra * extra_k_stride4 + c);
          else
            texel = values ? texelFetch (v, v_offset4 + own * v_stride4 + c)
                           : texelFetch (k, k_offset4 + own * k_stride4 + c);
        }
      rows[i / CHUNK][i % CHUNK] = texel;
    }
  barrier ();
}

void
main ()
{
  int   me = int (gl_LocalInvocationID.x);
  int   r = me / TEAM, member = me % TEAM;
  int   first = int (gl_WorkGroupID.x) * QUERIES;
  int   head_offset = int (gl_WorkGroupID.y) * width4, item = int (gl_WorkGroupID.z);
  int   keys = extra_keys + own_keys;
  int   seen = causal ? min (keys, first + QUERIES + keys - queries) : keys;
  float most = MASKED, total = 0.0;
  vec4  sums[2 * CHUNKS];

  for (int i = me; i < QUERIES * CHUNKS * CHUNK; i += GROUP)
    {
      int row = item * queries + min (first + i / (CHUNKS * CHUNK), queries - 1), c = i % (CHUNKS * CHUNK);

      queries_tile[i / (CHUNKS * CHUNK)][c] = c < width4 ? scale * texelFetch (q, q_offset4 + row * q_stride4 + head_offset + c)
                                                         : vec4 (0.0);
    }
  for (int j = 0; j < 2 * CHUNKS; j++)
    sums[j] = vec4 (0.0);

  for (int key0 = 0; key0 < seen; key0 += KEYS)
    {
      float s[4] = float[4] (0.0, 0.0, 0.0, 0.0);
      float m = most, shrink;

      for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
          load_rows (false, item, key0, chunk * CHUNK, head_offset);
          for (int c = 0; c < CHUNK; c++)
            for (int t = 0; t < 4; t++)
              s[t] += dot (queries_tile[r][chunk * CHUNK + c], rows[member + t * TEAM][c]);
        }
      for (int t = 0; t < 4; t++)
        {
          int key = key0 + member + t * TEAM;

          if (has_bias)
            s[t] += LOG2_E * texelFetch (key_bias, bias_offset4 + (item * keys + min (key, keys - 1)) * bias_stride4).x;
          if (key >= keys || (causal && key > first + r + keys - queries))
            s[t] = MASKED;
          scores[r][member + t * TEAM] = s[t];
        }
      barrier ();
      for (int key = 0; key < KEYS; key++)
        m = max (m, scores[r][key]);
      shrink = exp2 (most - m);
      most = m;
      barrier ();
      for (int t = 0; t < 4; t++)
        scores[r][member + t * TEAM] = exp2 (s[t] - m);
      barrier ();
      total *= shrink;
      for (int key = 0; key < KEYS; key++)
        total += scores[r][key];

      for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
          vec4 low = sums[2 * chunk] * shrink, high = sums[2 * chunk + 1] * shrink;

          load_rows (true, item, key0, chunk * CHUNK, head_offset);
          for (int key = 0; key < KEYS; key++)
            {
              low += scores[r][key] * rows[key][member];
              high += scores[r][key] * rows[key][member + TEAM];
            }
          sums[2 * chunk] = low;
          sums[2 * chunk + 1] = high;
        }
      barrier ();                       // before the scores are overwritten
    }

  if (first + r < queries)
    for (int j = 0; j < 2 * CHUNKS; j++)
      if (j * TEAM + member < width4)
        WRITE (y, (item * queries + first + r) * y_stride4 + head_offset + j * TEAM + member, sums[j] / total);
}
