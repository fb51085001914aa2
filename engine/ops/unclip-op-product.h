/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The matrix product inside linear and conv2d: y[m,n] = Σ_k x[m,k] · w[k,n], its kernel variants and its packed weights.
 *
 * Rows m are pixels or tokens of the whole batch, k and n are counted in texels of four channels. Weights lie in panels
 * of 4·lanes columns, [panel][block][k][column], k padded with zeros to a multiple of 8; a block is one product of several
 * that run side by side (Winograd has 36).
 */

#pragma once

#include "unclip-op.h"

G_BEGIN_DECLS

/**
 * UnclipProductKind:
 * @UNCLIP_PRODUCT_LINEAR: x[m,k] is row m of x, or of two parts side by side
 * @UNCLIP_PRODUCT_CONV2D: x[m,k] is the 3×3 patch around pixel m; k = (tap, channel)
 */
typedef enum
{
  UNCLIP_PRODUCT_LINEAR,
  UNCLIP_PRODUCT_CONV2D,
} UnclipProductKind;

typedef struct _UnclipPanels UnclipPanels;

/**
 * UnclipPanelsArrange:
 * @source: one row of the weight, in the order of its file
 * @target: (out caller-allocates): zeroed; n_blocks · k_padded values of that row in the order of k
 */
typedef void (*UnclipPanelsArrange) (const UnclipPanels *panels, const float *source, float *target);

/**
 * UnclipPanels:
 *
 * How a weight is packed; also the user data of its pack function.
 */
struct _UnclipPanels
{
  UnclipTensor       *weight;
  UnclipPanelsArrange arrange;
  const char         *name;     /* of the arrangement, for the memo */
  int                 n_columns;        /* channels of the result */
  int                 k4;       /* texels in the sum */
  int                 n_blocks;

  /* filled in by unclip_panels_init() */
  int                 lanes;    /* texels of columns a panel */
  int                 n_panels;
  int                 k_padded; /* values */
};

void             unclip_panels_init   (UnclipPanels   *panels,
                                       UnclipRecorder *recorder);
UnclipGpuBinding unclip_panels_pack   (UnclipPanels   *panels,
                                       UnclipRecorder *recorder,
                                       gboolean        keep_f32);

/**
 * UnclipProduct:
 *
 * One dispatch, or several where the rows exceed a grid. Unset members are 0.
 */
typedef struct
{
  UnclipProductKind   kind;
  const UnclipPanels *panels;
  UnclipGpuBinding    weight;           /* of unclip_panels_pack() */
  gint64              n_rows;
  UnclipOperand       x;
  int                 x_c4;             /* texels of a row of x */
  UnclipTensor       *x2;               /* linear only, nullable: second part of a concatenation */
  UnclipTensor       *bias;             /* nullable */
  UnclipTensor       *image_bias;       /* nullable */
  UnclipTensor       *residual;         /* nullable */
  UnclipActivation    activation;
  int                 rows_per_image;
  UnclipOperand       y;

  int                 x_batch4, y_batch4;       /* texels from one block's matrices to the next one's */

  /* conv2d */
  int                 in_h, in_w, out_w;
  int                 stride;
  gboolean            upsample;
} UnclipProduct;

void             unclip_product_record (const UnclipProduct *product,
                                        UnclipRecorder      *recorder);

G_END_DECLS
