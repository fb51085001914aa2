// SPDX-License-Identifier: GPL-3.0-or-later

// out[i] = in[i] * scale + add, one element an invocation. Used by the tests of engine/gpu to see what a chain of
// dispatches, offsets and specialisation constants do; not part of any net.
#version 450

layout (local_size_x_id = 0) in;
layout (constant_id = 10) const float add = 0.0;

layout (push_constant) uniform Push
{
  uint  n;
  float scale;
};

layout (binding = 0) readonly buffer Input { float in_values[]; };
layout (binding = 1) writeonly buffer Output { float out_values[]; };

void
main ()
{
  uint i = gl_GlobalInvocationID.x;

  if (i >= n)
    return;
  out_values[i] = in_values[i] * scale + add;
}
