/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


#include "unclip-node.h"
#include "unclip-ref.h"

/* f32: sums of up to a hundred thousand values, in chunks. f16: one rounding of the result and of scale and shift. */
static const TestOpLimits limits = { 3e-6, 1e-3 };

/* With a mean of a thousand deviations the input itself has lost three digits; what is left must survive. */
static const TestOpLimits limits_large_mean = { 1e-3, 2e-3 };

typedef struct
{
  int      h, w, c, n_groups;
  gboolean scale_shift, silu;
  double   mean;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case           *c = data;
  UnclipTensor         *x = test_op_input_scaled (op, "x", c->h, c->w, c->c, c->mean, 1);
  UnclipGroupNormParams params = {
    .gamma = test_op_weight (op, "gamma", 1, c->c),
    .beta = test_op_weight (op, "beta", 1, c->c),
    .n_groups = c->n_groups,
    .eps = 1e-5f,
    .scale_shift = c->scale_shift ? test_op_input (op, "scale_shift", 1, 1, 2 * c->c) : NULL,
    .silu = c->silu,
  };

  return unclip_op_group_norm (op->graph, x, &params);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 2, 1, 1, FALSE, FALSE, 0 },     { 3, 5, 7, 7, FALSE, TRUE, 1 },     { 3, 5, 6, 2, TRUE, TRUE, 0 },
    { 8, 8, 32, 32, FALSE, TRUE, 0.5 },  { 7, 9, 30, 5, TRUE, FALSE, 0 },    { 5, 13, 10, 2, TRUE, TRUE, 0 },
    { 16, 16, 64, 32, TRUE, TRUE, 0 },   { 4, 4, 320, 32, FALSE, TRUE, -1 }, { 17, 19, 96, 32, FALSE, FALSE, 0 },
    { 33, 31, 36, 3, TRUE, TRUE, 0 },    { 8, 8, 128, 16, TRUE, TRUE, 0 },   { 8, 8, 256, 16, TRUE, TRUE, 0 },
    { 9, 7, 128, 4, FALSE, TRUE, 0 },    { 1, 1, 12, 3, FALSE, FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("group-norm", build, &cases[i], 3, &limits);
}

static void
test_many_chunks (void)
{
  static const Case many = { 150, 140, 8, 2, FALSE, TRUE, 1 };

  test_op_check ("group-norm of many chunks", build, &many, 1, &limits);
}

static void
test_large_mean (void)
{
  static const Case large = { 32, 32, 20, 4, FALSE, FALSE, 1000 };

  test_op_check ("group-norm with a large mean", build, &large, 2, &limits_large_mean);
}

/* The parts, and scale and shift as a slice of a longer row. */
static UnclipTensor *
build_concat (TestOp *op, gconstpointer data)
{
  const Case           *c = data;
  int                   first = c->n_groups * 4;
  UnclipTensor         *a = test_op_input (op, "a", c->h, c->w, first);
  UnclipTensor         *b = test_op_input_scaled (op, "b", c->h, c->w, c->c - first, 2, 3);
  UnclipTensor         *times = test_op_input (op, "times", 1, 1, 16 + 2 * c->c);
  UnclipGroupNormParams params = {
    .gamma = test_op_weight (op, "gamma", 1, c->c),
    .beta = test_op_weight (op, "beta", 1, c->c),
    .n_groups = c->n_groups,
    .eps = 1e-5f,
    .scale_shift = unclip_graph_slice_channels (op->graph, times, 16, 2 * c->c),
    .silu = TRUE,
  };

  return unclip_op_group_norm (op->graph, unclip_graph_concat_channels (op->graph, a, b), &params);
}

static void
test_concat (void)
{
  static const Case cases[] = {
    { 5, 7, 30, 3, TRUE, TRUE, 0 }, { 16, 9, 64, 4, TRUE, TRUE, 0 }, { 8, 8, 192, 32, TRUE, TRUE, 0 }, { 6, 6, 14, 2, TRUE, TRUE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("group-norm of a concatenation", build_concat, &cases[i], 3, &limits);
}

/* Channels 0 and 1 in one group, two rows: values 1, 3, 5, 7 have mean 4 and variance 5. */
static void
test_reference (void)
{
  float                  x[] = { 1, 3, 5, 7 }, gamma[] = { 1, 2 }, beta[] = { 0, 1 }, scale[] = { 1, 0, 0, -1 }, y[4];
  UnclipGroupNormParams  params = { .n_groups = 1, .eps = 4 };
  UnclipShape            shape = { 1, 1, 2, 2 };
  UnclipRefTensor        in[] = { { shape, x, NULL }, { shape, gamma, NULL }, { shape, beta, NULL }, { shape, scale, NULL } };
  UnclipRefTensor        out = { shape, y, NULL };
  const UnclipRefTensor *inputs[] = { &in[0], &in[1], &in[2], &in[3] };
  UnclipNode             node = { .params = &params };
  const double           expected[] = { -1.0 * 2, (-1.0 / 3 * 2 + 1) - 1, 1.0 / 3 * 2, (1.0 * 2 + 1) - 1 };

  unclip_ref_group_norm_node (&node, inputs, &out);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (y[i], expected[i], 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/group-norm/reference", test_reference);
  g_test_add_func ("/ops/group-norm/shapes", test_shapes);
  g_test_add_func ("/ops/group-norm/many-chunks", test_many_chunks);
  g_test_add_func ("/ops/group-norm/large-mean", test_large_mean);
  g_test_add_func ("/ops/group-norm/concat", test_concat);
  return test_op_run ();
}
