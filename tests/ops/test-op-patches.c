/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"
#include "unclip-ref-patches.h"

/* A copy: exact in f32, one rounding in f16. */
static const TestOpLimits limits = { 0, 5e-4 };

typedef struct
{
  int h, w, c, size;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_patches (op->graph, test_op_input (op, "x", c->h, c->w, c->c), c->size);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, 1, 1 }, { 14, 28, 3, 14 }, { 6, 4, 4, 2 }, { 35, 21, 5, 7 }, { 32, 32, 3, 8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("patches", build, &cases[i], 3, &limits);
}

static UnclipTensor *
build_slice (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 4, 6, 11);

  return unclip_op_patches (op->graph, unclip_graph_slice_channels (op->graph, x, 4, 7), 2);
}

static void
test_slice (void)
{
  test_op_check ("slice", build_slice, NULL, 2, &limits);
}

/* Two patches of 2×2 pixels side by side, two channels: pixel p holds 2p and 2p + 1. */
static void
test_reference (void)
{
  static const float x[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
  static const float expected[16] = { 0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15 };
  float              y[16];

  unclip_ref_patches ((UnclipShape){ 1, 2, 4, 2 }, 2, x, y);
  for (guint i = 0; i < G_N_ELEMENTS (y); i++)
    g_assert_cmpfloat (y[i], ==, expected[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/patches/reference", test_reference);
  g_test_add_func ("/ops/patches/shapes", test_shapes);
  g_test_add_func ("/ops/patches/slice", test_slice);
  return test_op_run ();
}
