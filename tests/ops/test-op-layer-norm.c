/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


#include "unclip-node.h"
#include "unclip-op-layer-norm.h"
#include "unclip-ref.h"

/* f32: sums of up to a thousand values in f32. f16: one rounding of the result. */
static const TestOpLimits limits = { 2e-6, 1e-3 };

/* With a mean of a thousand deviations the input itself has lost three digits; what is left must survive. */
static const TestOpLimits limits_large_mean = { 1e-3, 2e-3 };

typedef struct
{
  int    s, c;
  double mean;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_layer_norm (op->graph, test_op_input_scaled (op, "x", 1, c->s, c->c, c->mean, 1),
                               test_op_weight (op, "gamma", 1, c->c), test_op_weight (op, "beta", 1, c->c), 1e-5f);
}

static void
test_shapes (void)
{
  static const Case cases[] = { { 1, 2, 0 }, { 7, 5, 0.5 }, { 3, 31, 1 }, { 77, 33, -1 }, { 3, 127, 0 }, { 5, 1030, 2 }, { 16, 64, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("layer-norm", build, &cases[i], 3, &limits);
}

static void
test_large_mean (void)
{
  static const Case large = { 9, 260, 1000 };

  test_op_check ("layer-norm with a large mean", build, &large, 2, &limits_large_mean);
}

/* More rows than one grid dimension holds workgroups. */
static void
test_many_rows (void)
{
  static const Case many = { 65600, 4, 0 };

  test_op_check ("layer-norm of many rows", build, &many, 1, &limits);
}

static UnclipTensor *
build_slice (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = unclip_graph_slice_channels (op->graph, test_op_input (op, "x", 3, 3, 34), 8, 26);

  return unclip_op_layer_norm (op->graph, x, test_op_weight (op, "gamma", 1, 26), test_op_weight (op, "beta", 1, 26), 1e-5f);
}

static void
test_slice (void)
{
  test_op_check ("layer-norm of a slice", build_slice, NULL, 2, &limits);
}

/* (1, 3): mean 2, variance 1. */
static void
test_reference (void)
{
  float                   x[] = { 1, 3 }, gamma[] = { 2, 3 }, beta[] = { 10, 20 }, y[2];
  UnclipOpLayerNormParams params = { 0 };
  UnclipShape             shape = { 1, 1, 1, 2 };
  UnclipRefTensor         in[] = { { shape, x, NULL }, { shape, gamma, NULL }, { shape, beta, NULL } }, out = { shape, y, NULL };
  const UnclipRefTensor  *inputs[] = { &in[0], &in[1], &in[2] };
  UnclipNode              node = { .params = &params };

  unclip_ref_layer_norm_node (&node, inputs, &out);
  g_assert_cmpfloat_with_epsilon (y[0], 8, 1e-6);
  g_assert_cmpfloat_with_epsilon (y[1], 23, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/layer-norm/reference", test_reference);
  g_test_add_func ("/ops/layer-norm/shapes", test_shapes);
  g_test_add_func ("/ops/layer-norm/large-mean", test_large_mean);
  g_test_add_func ("/ops/layer-norm/many-rows", test_many_rows);
  g_test_add_func ("/ops/layer-norm/slice", test_slice);
  return test_op_run ();
}
