/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"
#include "unclip-ref-linear.h"

/* f32: sums of up to some hundred products, each rounded at 6e-8, wander to a few 1e-7. f16: input, weight and result are
 * rounded once each, at 2.8e-4 a value on average, and the residual too. */
static const TestOpLimits limits = { 1e-6, 1e-3 };

typedef struct
{
  int              h, w, n_in, n_out;
  UnclipActivation activation;
  gboolean         has_bias, has_residual;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case   *c = data;
  UnclipTensor *x = test_op_input (op, "x", c->h, c->w, c->n_in);
  UnclipTensor *weight = test_op_weight (op, "weight", 2, c->n_out, c->n_in);
  UnclipTensor *bias = c->has_bias ? test_op_weight (op, "bias", 1, c->n_out) : NULL;
  UnclipTensor *residual = c->has_residual ? test_op_input (op, "residual", c->h, c->w, c->n_out) : NULL;

  return unclip_op_linear (op->graph, x, weight, bias, c->activation, residual);
}

/* One below, at and above the sizes of tiles (4, 8, 16 and 64 rows, 8 to 64 columns, 8 to 32 values of k); primes. */
static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, 1, 1 },    { 1, 1, 3, 6 },    { 1, 5, 13, 7 },   { 1, 7, 31, 33 },  { 1, 16, 32, 32 },   { 1, 17, 33, 31 },
    { 1, 21, 5, 9 },   { 7, 9, 17, 16 },  { 8, 8, 36, 63 },  { 5, 13, 64, 65 }, { 1, 77, 100, 130 }, { 1, 3, 588, 24 },
    { 1, 1, 97, 211 }, { 9, 29, 8, 3 },   { 1, 2, 4, 40 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("linear", build, &cases[i], 2, &limits);
}

static void
test_epilogues (void)
{
  static const Case cases[] = {
    { 1, 19, 21, 23, UNCLIP_ACTIVATION_NONE, TRUE, FALSE },       { 1, 19, 21, 23, UNCLIP_ACTIVATION_NONE, FALSE, TRUE },
    { 1, 19, 21, 23, UNCLIP_ACTIVATION_SILU, TRUE, TRUE },        { 1, 19, 21, 23, UNCLIP_ACTIVATION_GELU, TRUE, FALSE },
    { 1, 19, 21, 23, UNCLIP_ACTIVATION_QUICK_GELU, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("epilogue", build, &cases[i], 2, &limits);
}

/* More rows than one workgroup of any kernel, in a batch whose size decides the rows of a register tile. */
static void
test_batch (void)
{
  static const Case c = { 1, 11, 40, 48, UNCLIP_ACTIVATION_SILU, TRUE, TRUE };

  for (int n = 5; n <= 16; n += 11)
    test_op_check ("batch", build, &c, n, &limits);
}

static UnclipTensor *
build_concat (TestOp *op, gconstpointer data)
{
  const int    *widths = data;
  UnclipTensor *a = test_op_input (op, "a", 3, 7, widths[0]);
  UnclipTensor *b = test_op_input (op, "b", 3, 7, widths[1]);
  UnclipTensor *weight = test_op_weight (op, "weight", 2, 20, widths[0] + widths[1]);

  return unclip_op_linear (op->graph, unclip_graph_concat_channels (op->graph, a, b), weight, NULL, UNCLIP_ACTIVATION_NONE, NULL);
}

/* The seam lies at the end of a round of loads, inside one, and where parts cannot stand side by side (6). */
static void
test_concat (void)
{
  static const int widths[][2] = { { 32, 32 }, { 4, 1 }, { 20, 33 }, { 36, 7 }, { 6, 10 } };

  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    test_op_check ("concat", build_concat, widths[i], 2, &limits);
}

static UnclipTensor *
build_slices (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 1, 10, 54);
  UnclipTensor *other = test_op_input (op, "other", 1, 10, 26);
  UnclipTensor *weight = test_op_weight (op, "weight", 2, 18, 12);
  UnclipTensor *first = unclip_graph_slice_channels (op->graph, x, 20, 12);
  UnclipTensor *residual = unclip_graph_slice_channels (op->graph, other, 8, 18);
  UnclipTensor *y = unclip_op_linear (op->graph, first, weight, NULL, UNCLIP_ACTIVATION_NONE, residual);
  UnclipTensor *last = unclip_graph_slice_channels (op->graph, x, 40, 14);
  UnclipTensor *both = unclip_graph_concat_channels (op->graph, first, last);

  return unclip_op_linear (op->graph, both, test_op_weight (op, "next", 2, 18, 26), NULL, UNCLIP_ACTIVATION_NONE, y);
}

static void
test_slices (void)
{
  test_op_check ("slices", build_slices, NULL, 2, &limits);
}

static UnclipTensor *
build_patches (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 6, 9, 5);

  return unclip_op_linear (op->graph, unclip_op_patches (op->graph, x, 3), test_op_weight (op, "weight", 4, 10, 5, 3, 3),
                           NULL, UNCLIP_ACTIVATION_NONE, NULL);
}

static void
test_patch_weight (void)
{
  test_op_check ("patch weight", build_patches, NULL, 2, &limits);
}

static void
test_reference (void)
{
  static const float    x[] = { 1, 2, 3, -1, 0, 2 };
  static const float    weight[] = { 1, 0, -1, 2, 1, 0.5f };
  static const float    bias[] = { 10, -20 };
  static const float    residual[] = { 1, 2, 3, 4 };
  const UnclipRefLinear plain = { .n_rows = 2, .n_in = 3, .n_out = 2, .x = x, .weight = weight };
  UnclipRefLinear       full = plain;
  float                 y[4];

  unclip_ref_linear (&plain, y);
  g_assert_cmpfloat (y[0], ==, -2);
  g_assert_cmpfloat (y[1], ==, 5.5);
  g_assert_cmpfloat (y[2], ==, -3);
  g_assert_cmpfloat (y[3], ==, -1);

  full.bias = bias;
  full.residual = residual;
  full.activation = UNCLIP_ACTIVATION_SILU;
  unclip_ref_linear (&full, y);
  g_assert_cmpfloat_with_epsilon (y[0], 8.99731720, 1e-5);         /* silu (8) + 1 = 7.99732 + 1 */
  g_assert_cmpfloat_with_epsilon (y[1], 1.99999272, 1e-6);              /* silu (−14.5) + 2 */
  g_assert_cmpfloat_with_epsilon (y[2], 9.99362236, 1e-5);              /* silu (7) + 3 */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/linear/reference", test_reference);
  g_test_add_func ("/ops/linear/shapes", test_shapes);
  g_test_add_func ("/ops/linear/epilogues", test_epilogues);
  g_test_add_func ("/ops/linear/batch", test_batch);
  g_test_add_func ("/ops/linear/concat", test_concat);
  g_test_add_func ("/ops/linear/slices", test_slices);
  g_test_add_func ("/ops/linear/patch-weight", test_patch_weight);
  return test_op_run ();
}
