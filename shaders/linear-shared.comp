// SPDX-License-Identifier: GPL-3.0-or-later

// y[m,n] = activation (Σ_k x[m,k] · w[k,n] + bias[n]) + residual[m,n], for GPUs.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "tensor.glsl"
#include "repeat.glsl"
#include "index.glsl"
#include "activation.glsl"

layout (local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "product.glsl"
#include "load-linear.glsl"
#include "shared-tile.glsl"
