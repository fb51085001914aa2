// SPDX-License-Identifier: GPL-3.0-or-later

// y[m,n] = Σ_{tap,i} x[pixel (m, tap), i] · w[(tap, i), n] + bias[n] + image_bias[image,n] + residual[m,n]: a 3×3
// convolution as a product whose left matrix is never laid out, for GPUs.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "tensor.glsl"
#include "repeat.glsl"
#include "index.glsl"
#include "activation.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "product.glsl"
#include "load-conv2d.glsl"
#include "shared-tile.glsl"
