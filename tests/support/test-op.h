/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One operation under test: the same little graph, built and run by the scalar reference and by every Vulkan variant
 * (f32 and f16 storage; kernels shaped for software Vulkan and for GPUs), on the same seeded input.
 *
 *     static UnclipTensor *
 *     build (TestOp *op, gconstpointer data)
 *     {
 *       UnclipTensor *x = test_op_input (op, "x", 5, 7, 36);
 *       UnclipTensor *w = test_op_weight (op, "w", 2, 20, 36);
 *
 *       return unclip_op_linear (op->graph, x, w, NULL, UNCLIP_ACTIVATION_NONE, NULL);
 *     }
 *
 *     test_op_check ("linear", build, NULL, 3, &(TestOpLimits){ 1e-6, 1e-3 });
 *
 * Programs end with `return test_op_run ();`.
 */

#pragma once

#include "unclip-ops.h"

typedef struct
{
  UnclipGraph *graph;
  int          n;               /* batch of this build */
  int          first_item;      /* which item of the whole batch is item 0 here */
} TestOp;

typedef UnclipTensor *(*TestOpBuild) (TestOp *op, gconstpointer data);

/**
 * TestOpLimits:
 * @f32: @f16: allowed |found − expected|₂ / |expected|₂ for f32 and f16 storage
 */
typedef struct
{
  double f32;
  double f16;
} TestOpLimits;

/**
 * test_op_input:
 *
 * An input of (op->n, h, w, c) standard normals, the same for an item whichever batch it is in.
 */
UnclipTensor *test_op_input      (TestOp             *op,
                                  const char         *name,
                                  int                 h,
                                  int                 w,
                                  int                 c);

/**
 * test_op_input_scaled: as test_op_input(), values mean + deviation · normal.
 */
UnclipTensor *test_op_input_scaled (TestOp           *op,
                                  const char         *name,
                                  int                 h,
                                  int                 w,
                                  int                 c,
                                  double              mean,
                                  double              deviation);

/**
 * test_op_input_ids: an I32 input (op->n, 1, s, 1) of integers 0 … limit − 1.
 */
UnclipTensor *test_op_input_ids  (TestOp             *op,
                                  const char         *name,
                                  int                 s,
                                  int                 limit);

/**
 * test_op_weight:
 * @n_dims: followed by as many ints
 *
 * A weight of normals with deviation 1/√(product of all but the first dimension), or around 1 for one dimension.
 */
UnclipTensor *test_op_weight     (TestOp             *op,
                                  const char         *name,
                                  guint               n_dims,
                                  ...);

/**
 * test_op_check:
 * @build: makes the graph; called once for every run
 * @n: batch
 *
 * Compares every Vulkan variant with the scalar reference, and each item of the batch, run alone, with the same item in
 * the batch, byte for byte.
 */
void          test_op_check      (const char         *what,
                                  TestOpBuild         build,
                                  gconstpointer       data,
                                  int                 n,
                                  const TestOpLimits *limits);

/**
 * test_op_check_windows:
 *
 * Compares every Vulkan variant with itself on a device that binds 4 KiB at once, byte for byte. The output must take more than
 * two times that, 128 KiB at most.
 */
void          test_op_check_windows (const char      *what,
                                  TestOpBuild         build,
                                  gconstpointer       data,
                                  int                 n);

/**
 * test_op_run: runs the tests and closes the executors.
 */
int           test_op_run        (void);
