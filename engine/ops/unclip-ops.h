/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The operations that networks are written in.
 *
 * Each builder checks shapes (a wrong one is the programmer's mistake: configs and weights were validated before), adds
 * a node to the graph and returns its output. Formulas are in terms of rows: a row is one (n, h, w).
 *
 * Every operation has its shader, its dispatch in unclip-op-<name>.c, its scalar reference in engine/ref and its test.
 * Storage is f32, or f16 where the executor was asked for it; sums are f32 always. Which kernel runs never depends on N,
 * and every sum has a fixed order that does not depend on N, so a batch gives the same bytes as its pictures alone.
 */

#pragma once

#include "unclip-graph.h"

G_BEGIN_DECLS

/**
 * UnclipActivation:
 * @UNCLIP_ACTIVATION_NONE: x
 * @UNCLIP_ACTIVATION_SILU: x · sigmoid(x)
 * @UNCLIP_ACTIVATION_GELU: x/2 · (1 + erf(x/√2)), the exact form
 * @UNCLIP_ACTIVATION_QUICK_GELU: x · sigmoid(1.702 x)
 */
typedef enum
{
  UNCLIP_ACTIVATION_NONE,
  UNCLIP_ACTIVATION_SILU,
  UNCLIP_ACTIVATION_GELU,
  UNCLIP_ACTIVATION_QUICK_GELU,
} UnclipActivation;

/**
 * unclip_op_linear:
 * @x: (N, H, W, I); may be an unmaterialised concatenation
 * @weight: weight of dims (O, I), or (O, I', kh, kw) with I = kh·kw·I' and x's channels ordered (ky, kx, i)
 * @bias: (nullable): weight of dims (O)
 * @activation: applied before @residual is added
 * @residual: (nullable): (N, H, W, O)
 *
 *     y[r,o] = activation (Σ_i x[r,i] · weight[o,i] + bias[o]) + residual[r,o]
 *
 * Also the 1×1 convolution.
 * Source: torch.nn.Linear. Reference: unclip_ref_linear(); test /ops/linear.
 *
 * Returns: (transfer none): (N, H, W, O)
 */
UnclipTensor *unclip_op_linear         (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        UnclipTensor     *weight,
                                        UnclipTensor     *bias,
                                        UnclipActivation  activation,
                                        UnclipTensor     *residual);

/**
 * UnclipConvParams:
 * @weight: dims (O, I, 3, 3)
 * @bias: (nullable): dims (O)
 * @stride: 1 or 2
 * @upsample: the input is first doubled by nearest neighbour (then @stride is 1)
 * @image_bias: (nullable): (N, 1, 1, O), added to every pixel of its picture: the time embedding of a "default" resnet
 * @residual: (nullable): of the output's shape, added last
 */
typedef struct
{
  UnclipTensor *weight;
  UnclipTensor *bias;
  int           stride;
  gboolean      upsample;
  UnclipTensor *image_bias;
  UnclipTensor *residual;
} UnclipConvParams;

/**
 * unclip_op_conv2d:
 * @x: (N, H, W, I)
 *
 * 3×3 cross-correlation with one pixel of zero padding on each side.
 *
 *     y[n,v,u,o] = bias[o] + image_bias[n,o] + Σ_{a,b,i} x'[n, s·v+a−1, s·u+b−1, i] · weight[o,i,a,b] + residual[n,v,u,o]
 *
 * with x' the input, or the input doubled; with stride 2 the output has ⌈H/2⌉ × ⌈W/2⌉ pixels.
 * Source: torch.nn.Conv2d(k=3, padding=1); Winograd F(4×4, 3×3): Lavin & Gray 2015, where it pays (relative error about 5e-5).
 * Reference: unclip_ref_conv2d(); test /ops/conv2d.
 */
UnclipTensor *unclip_op_conv2d         (UnclipGraph            *graph,
                                        UnclipTensor           *x,
                                        const UnclipConvParams *params);

/**
 * unclip_op_patches:
 * @size: patch side P; divides H and W
 *
 * Cuts the picture into patches: y[n, v, u, (a·P + b)·C + c] = x[n, P·v + a, P·u + b, c]. With unclip_op_linear() and a
 * weight of dims (O, C, P, P) this is a convolution of kernel P and stride P (CLIP vision's patch embedding).
 *
 * Returns: (transfer none): (N, H/P, W/P, P·P·C)
 */
UnclipTensor *unclip_op_patches        (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        int               size);

/**
 * UnclipGroupNormParams:
 * @gamma: dims (C)
 * @beta: dims (C)
 * @n_groups: divides C
 * @eps: added to the variance
 * @scale_shift: (nullable): (N, 1, 1, 2C): first half scale, second half shift, applied as y · (1 + scale) + shift
 * @silu: apply silu last
 */
typedef struct
{
  UnclipTensor *gamma;
  UnclipTensor *beta;
  int           n_groups;
  float         eps;
  UnclipTensor *scale_shift;
  gboolean      silu;
} UnclipGroupNormParams;

/**
 * unclip_op_group_norm:
 * @x: (N, H, W, C); may be an unmaterialised concatenation (the result is then one tensor)
 *
 *     y[r,c] = gamma[c] · (x[r,c] − mean[n,g]) / √(var[n,g] + eps) + beta[c], population variance over (H, W, C/groups)
 *
 * Statistics in f32, by chunks combined in a fixed order (Chan, Golub & LeVeque 1979), so that a large mean does not
 * eat the variance.
 * Source: Wu & He 2018, Group Normalization, sec. 3.
 */
UnclipTensor *unclip_op_group_norm     (UnclipGraph                 *graph,
                                        UnclipTensor                *x,
                                        const UnclipGroupNormParams *params);

/**
 * unclip_op_layer_norm:
 *
 * Mean 0 and variance 1 over the channels of each row, then gamma, beta.
 */
UnclipTensor *unclip_op_layer_norm     (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        UnclipTensor     *gamma,
                                        UnclipTensor     *beta,
                                        float             eps);

/**
 * UnclipAttentionParams:
 * @n_heads: A; divides the width, head size K = D/A a multiple of 4, at most 256
 * @scale: multiplies q·k, usually 1/√K
 * @causal: key j is seen by query i only if j ≤ i + (keys − queries): the last query sees every key
 * @key_bias: (nullable): (N, 1, Sx + S, 1) f32, added to the scores of each key of its item, for every head and query:
 *   0 to keep, −10000 to mask
 * @extra_k: (nullable): (N, 1, Sx, D) keys that stand before @k: added text keys, or cached ones
 * @extra_v: (nullable): their values
 */
typedef struct
{
  int           n_heads;
  float         scale;
  gboolean      causal;
  UnclipTensor *key_bias;
  UnclipTensor *extra_k;
  UnclipTensor *extra_v;
} UnclipAttentionParams;

/**
 * unclip_op_attention:
 * @q: (N, …, D), rows as queries: N items of H·W queries
 * @k: (N, …, D), H·W keys an item; the numbers of queries and keys may differ
 * @v: as @k
 *
 *     y = softmax (scale · q kᵀ + key_bias + causal mask) · v, head by head, softmax in f32, online: no S×S matrix in memory
 *
 * q, k and v may be slices of one tensor.
 * Source: Vaswani et al. 2017; Milakov & Gimelshein 2018 (online softmax).
 *
 * Returns: (transfer none): of q's shape
 */
UnclipTensor *unclip_op_attention      (UnclipGraph                 *graph,
                                        UnclipTensor                *q,
                                        UnclipTensor                *k,
                                        UnclipTensor                *v,
                                        const UnclipAttentionParams *params);

/**
 * unclip_op_activation:
 *
 * Element-wise; in a shader of its own where it cannot ride on a product.
 */
UnclipTensor *unclip_op_activation     (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        UnclipActivation  activation);

/**
 * unclip_op_add:
 * @b: of a's shape, or with N = 1 (the same for every item), or (N, 1, 1, C) / (1, 1, 1, C) (the same for every row of an item);
 *   a weight may stand here
 */
UnclipTensor *unclip_op_add            (UnclipGraph      *graph,
                                        UnclipTensor     *a,
                                        UnclipTensor     *b);

/**
 * unclip_op_copy_concat:
 * Returns: (transfer none): the concatenation [a ; b] along channels as one tensor, for consumers that need it whole
 */
UnclipTensor *unclip_op_copy_concat    (UnclipGraph      *graph,
                                        UnclipTensor     *a,
                                        UnclipTensor     *b);

/**
 * unclip_op_concat_tokens:
 * @parts: (array length=n_parts): (N, 1, S_i, D) each, or (1, 1, S_i, D) repeated for every item (weights too)
 * @n_parts: at most 6
 * @positions: (nullable): weight of dims (…, S, D), added; may be longer than S (the first S rows count)
 *
 * Returns: (transfer none): (N, 1, Σ S_i, D)
 */
UnclipTensor *unclip_op_concat_tokens  (UnclipGraph         *graph,
                                        UnclipTensor *const *parts,
                                        guint                n_parts,
                                        UnclipTensor        *positions);

/**
 * unclip_op_embed_tokens:
 * @ids: (N, 1, S, 1) of %UNCLIP_DTYPE_I32, each in 0 … V−1 (checked by the writer of the input)
 * @table: weight of dims (V, D); may be larger than one storage binding
 * @positions: weight of dims (S' ≥ S, D), added
 *
 * Returns: (transfer none): (N, 1, S, D)
 */
UnclipTensor *unclip_op_embed_tokens   (UnclipGraph      *graph,
                                        UnclipTensor     *ids,
                                        UnclipTensor     *table,
                                        UnclipTensor     *positions);

/**
 * unclip_op_select_rows:
 * @index: (N, 1, 1, 1) of %UNCLIP_DTYPE_I32: which row of the item
 *
 * Returns: (transfer none): (N, 1, 1, C)
 */
UnclipTensor *unclip_op_select_rows    (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        UnclipTensor     *index);

/**
 * unclip_op_slice_tokens:
 * Returns: (transfer none): rows @first … @first + @n − 1 of each item, (N, 1, n, C); a copy
 */
UnclipTensor *unclip_op_slice_tokens   (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        int               first,
                                        int               n);

/**
 * unclip_op_split_tokens:
 * @x: (N, 1, 1, T·D)
 * @n_tokens: T
 * @interleaved: token j, channel d = x[T·d + j] (Karlo's text projection); else x[D·j + d] (Kandinsky's)
 *
 * Returns: (transfer none): (N, 1, T, D)
 */
UnclipTensor *unclip_op_split_tokens   (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        int               n_tokens,
                                        gboolean          interleaved);

/**
 * unclip_op_timestep_embedding:
 * @t: (N, 1, 1, 1) f32: timesteps, 0 … 999, fractions allowed
 * @dim: even
 * @flip_sin_to_cos: cosines first
 * @freq_shift: f_i = exp (−ln 10000 · i / (dim/2 − freq_shift))
 *
 * Returns: (transfer none): (N, 1, 1, dim), always f32
 * Source: diffusers models/embeddings.py, get_timestep_embedding.
 */
UnclipTensor *unclip_op_timestep_embedding (UnclipGraph  *graph,
                                        UnclipTensor     *t,
                                        int               dim,
                                        gboolean          flip_sin_to_cos,
                                        float             freq_shift);

/**
 * unclip_op_avg_pool2: 2×2 means, stride 2; an odd last row or column is dropped, as torch does.
 */
UnclipTensor *unclip_op_avg_pool2      (UnclipGraph      *graph,
                                        UnclipTensor     *x);

/**
 * unclip_op_freeu:
 * @n_first: channels that @first_gain multiplies
 * @low_gain: on each plane's lowest frequencies, u and v of 0 and −1 each; 1 costs no sums
 *
 * FreeU's two changes to the features of a UNet: the backbone takes a gain on the first half of its channels, the skip
 * features one on their low frequencies. The frequencies are those in the square of two by two in the middle of a shifted
 * spectrum, as FreeU's filter with threshold 1 takes them; of the then complex plane the real part counts.
 *
 * Range: f32 sums over a plane, in a fixed order.
 * Returns: (transfer none): of the shape of x
 * Source: Si et al. 2023, FreeU: Free Lunch in Diffusion U-Net, sec. 3.2; its code, Fourier_filter().
 */
UnclipTensor *unclip_op_freeu          (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        int               n_first,
                                        float             first_gain,
                                        float             low_gain);

/**
 * unclip_op_upsample2: nearest neighbour, ×2.
 */
UnclipTensor *unclip_op_upsample2      (UnclipGraph      *graph,
                                        UnclipTensor     *x);

/**
 * unclip_op_resize_bicubic:
 * @height: @width: of the result, larger or smaller than x
 *
 * Separable antialiased bicubic, a = −0.5, border taps dropped and the rest renormalised: Pillow's filter without its
 * rounding, and torch.nn.functional.interpolate (mode="bicubic", antialias=True, align_corners=False).
 */
UnclipTensor *unclip_op_resize_bicubic (UnclipGraph      *graph,
                                        UnclipTensor     *x,
                                        int               height,
                                        int               width);

/**
 * UnclipStepCoefficient:
 *
 * Where the numbers of a sampler's step stand among the coefficients of unclip_op_sampler_step(). Flags are 0 or 1;
 * UNCLIP_STEP_PER_GRID is 1 / grid.
 */
typedef enum
{
  UNCLIP_STEP_X0_FROM_X,
  UNCLIP_STEP_X0_FROM_OUT,
  UNCLIP_STEP_X0_DIVISOR,
  UNCLIP_STEP_X0_LIMIT,
  UNCLIP_STEP_MEAN_FROM_X0,
  UNCLIP_STEP_MEAN_FROM_X,
  UNCLIP_STEP_MEAN_FROM_OUT,
  UNCLIP_STEP_SIGMA,
  UNCLIP_STEP_LOG_VARIANCE_MIN,
  UNCLIP_STEP_LOG_VARIANCE_MAX,
  UNCLIP_STEP_GUIDANCE,
  UNCLIP_STEP_ADDS_NOISE,
  UNCLIP_STEP_LEARNS_VARIANCE,
  UNCLIP_STEP_MEAN_FROM_HISTORY,
  UNCLIP_STEP_GRID,
  UNCLIP_STEP_PER_GRID,
  UNCLIP_STEP_N,
} UnclipStepCoefficient;

/**
 * UnclipSamplerStepParams:
 * @out: (M, H, W, C), or (M, H, W, 2C) where the network may predict its variance: what it gave. With M = 2N the step is
 *   guided: first N unconditional items, then N conditional ones
 * @noise: (N, H, W, C) standard normals; not looked at when the step adds none
 * @history: (N, H, W, C), of the step before; not looked at when its factor is 0
 * @coefficients: (1, 1, 1, UNCLIP_STEP_N), by #UnclipStepCoefficient
 */
typedef struct
{
  UnclipTensor *out;
  UnclipTensor *noise;
  UnclipTensor *history;
  UnclipTensor *coefficients;
} UnclipSamplerStepParams;

/**
 * unclip_op_sampler_step:
 * @x: (M, H, W, C'): the network's input. Its first C channels are the sample, the others a condition; if M = 2N the
 *   second half repeats the first
 * @x0: (out) (optional) (transfer none): (N, H, W, C): the predicted clean sample, for previews
 *
 *     o    = u + guidance · (c − u) in the first C channels of out, c in the others; o = out where unguided
 *     x0   = clamp ((x0_from_x · x + x0_from_out · o) / x0_divisor, −x0_limit, x0_limit)
 *     mean = mean_from_x0 · x0 + mean_from_x · x + mean_from_out · o, rounded to a multiple of grid where that is not 0
 *     y    = mean + mean_from_history · history + s · noise,  s = sigma, or exp (½ (f · log_variance_max + (1 − f) · log_variance_min)), f = (v + 1) / 2
 *
 * with v the second C channels of o. The channels of x from C on are handed through, and each half of a guided batch gets
 * the same, so that the result can be the network's next input as it is.
 * Source: engine/diffusion/unclip-sampler.h and unclip-guidance.h, whose unclip_step_apply() and unclip_guidance_apply()
 * are the reference; test /ops/sampler-step.
 *
 * Returns: (transfer none): of x's shape
 */
UnclipTensor *unclip_op_sampler_step   (UnclipGraph                   *graph,
                                        UnclipTensor                  *x,
                                        const UnclipSamplerStepParams *params,
                                        UnclipTensor                 **x0);

G_END_DECLS
