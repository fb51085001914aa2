// SPDX-License-Identifier: GPL-3.0-or-later

// Attention's keys in the order in which the register kernel reads them. A panel is 4 · LANES keys; lane l of the reader
// owns keys 4l … 4l + 3 of the panel:
//
//     keys[n, head, panel, d, l] = (k[4l, d], k[4l + 1, d], k[4l + 2, d], k[4l + 3, d])
//     bias[n, panel, l]          = their biases · log2 e, and MASKED for keys beyond the last
//
// Extra keys come first. Beyond the head's width, and beyond the last key, keys are zero. One invocation transposes four
// keys by four channels.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "attention.glsl"
#include "index.glsl"
#include "tensor.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout (constant_id = 10) const uint LANES = 8;
layout (constant_id = 11) const bool has_bias = false;
layout (constant_id = 12) const bool has_extra = false;

layout (push_constant) uniform Push
{
  uint n_items;                         // N · heads · panels · padded4 · LANES
  uint padded4, padded4_mul, padded4_shift; // texels of a head, up to a whole number of LANES
  uint panels, panels_mul, panels_shift;
  uint heads, heads_mul, heads_shift;
  uint width4;                          // texels of a head
  uint extra_keys;                      // an item
  uint own_keys;
  int  k_stride4, k_offset4;
  int  extra_stride4, extra_offset4;
  int  bias_stride4, bias_offset4;
};

layout (binding = 0) uniform textureBuffer k;
layout (binding = 1) uniform textureBuffer extra_k;
layout (binding = 2) uniform textureBuffer key_bias;
OUTPUT (3, Keys, keys);
OUTPUT (4, Bias, bias);

vec4
fetch_key (uint item, uint key, uint c)
{
  if (has_extra && key < extra_keys)
    return texelFetch (extra_k, extra_offset4 + int (item * extra_keys + key) * extra_stride4 + int (c));
  if (key < extra_keys + own_keys)
    return texelFetch (k, k_offset4 + int (item * own_keys + key - extra_keys) * k_stride4 + int (c));
  return vec4 (0.0);
}

float
fetch_bias (uint item, uint key)
{
  uint all = extra_keys + own_keys;

  if (key >= all)
    return MASKED;
  return has_bias ? LOG2_E * texelFetch (key_bias, bias_offset4 + int (item * all + key) * bias_stride4).x : 0.0;
}

void
main ()
{
  uint i = INVOCATION;

  if (i >= n_items)
    return;

  uint lane = i % LANES;
  uint block = i / LANES;
  uint rest = divide (block, padded4_mul, padded4_shift);
  uint d4 = block - rest * padded4;
  uint outer = divide (rest, panels_mul, panels_shift);
  uint panel = rest - outer * panels;
  uint item = divide (outer, heads_mul, heads_shift);
  uint head = outer - item * heads;
  uint key = 4u * (panel * LANES + lane);
  mat4 m = mat4 (0.0);

  if (d4 < width4)
    {
      uint c = head * width4 + d4;

      m = transpose (mat4 (fetch_key (item, key, c), fetch_key (item, key + 1u, c), fetch_key (item, key + 2u, c),
                           fetch_key (item, key + 3u, c)));
    }

  uint at = 4u * block * LANES + lane;

  WRITE (keys, at, m[0]);
  WRITE (keys, at + LANES, m[1]);
  WRITE (keys, at + 2u * LANES, m[2]);
  WRITE (keys, at + 3u * LANES, m[3]);
  if (head == 0u && d4 == 0u)
    WRITE (bias, (item * panels + panel) * LANES + lane, vec4 (fetch_bias (item, key), fetch_bias (item, key + 1u),
                                                               fetch_bias (item, key + 2u), fetch_bias (item, key + 3u)));
}
