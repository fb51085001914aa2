// SPDX-License-Identifier: GPL-3.0-or-later

// What linear and conv2d share: the push block and bindings of a product y[m,n] = Σ_k x[m,k] · w[k,n], mirrored by
// UnclipProductPush in unclip-op-product.c, and what is done to a finished sum.
//
// k is counted in texels q of four values. Weights come in panels of 4·lanes columns: [panel][k][column], k padded with
// zeros to a multiple of 8.

layout (push_constant) uniform Push
{
  int m_first;                  // rows of y: first of this dispatch,
  int m_end;                    // one past the last
  int o4;                       // texels in a row of y
  int k4;                       // texels in the sum
  int panel4;                   // texels in a panel of weights
  int x_stride4, x_offset4;
  int x_c4;                     // texels of a row of x; where a concatenation's second part begins
  int x2_stride4, x2_offset4;   // second part of a concatenation
  int image_bias_stride4, image_bias_offset4;
  int residual_stride4, residual_offset4;
  int rows_per_image;           // rows of y that share an image bias
  int x_batch4, w_batch4, y_batch4;     // from one product to the next along gl_WorkGroupID.z
  int in_h, in_w;               // conv2d: pixels of x,
  int out_w;                    // and of y
  int stride;
  int lanes;                    // texels of columns a panel
};

layout (binding = 0) uniform textureBuffer x;
layout (binding = 1) uniform textureBuffer x2;
layout (binding = 2) uniform textureBuffer weight;
layout (binding = 3) uniform textureBuffer bias;
layout (binding = 4) uniform textureBuffer image_bias;
layout (binding = 5) uniform textureBuffer residual;
OUTPUT (6, Y, y);

layout (constant_id = 20) const int ACTIVATION = ACTIVATION_NONE;
layout (constant_id = 21) const bool HAS_IMAGE_BIAS = false;
layout (constant_id = 22) const bool HAS_RESIDUAL = false;

void
finish (vec4 sum, int m, int n4)
{
  if (m >= m_end || n4 >= o4)
    return;
  if (HAS_IMAGE_BIAS)
    sum += texelFetch (image_bias, image_bias_offset4 + quotient (m, rows_per_image).x * image_bias_stride4 + n4);
  sum = activate (sum, ACTIVATION);
  if (HAS_RESIDUAL)
    sum += texelFetch (residual, residual_offset4 + m * residual_stride4 + n4);
  WRITE (y, int (gl_WorkGroupID.z) * y_batch4 + m * o4 + n4, sum);
}
