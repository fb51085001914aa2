/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* Four additions in f32; f16 rounds the result. */
static const TestOpLimits limits = { 3e-7, 1e-3 };

typedef struct
{
  int h, w, c;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_avg_pool2 (op->graph, test_op_input (op, "x", c->h, c->w, c->c));
}

static void
test_shapes (void)
{
  static const Case cases[] = { { 2, 2, 1 }, { 3, 5, 7 }, { 7, 2, 12 }, { 32, 16, 8 }, { 31, 33, 20 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("avg-pool2", build, &cases[i], 3, &limits);
}

static UnclipTensor *
build_slice (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 6, 5, 22);

  return unclip_op_avg_pool2 (op->graph, unclip_graph_slice_channels (op->graph, x, 8, 14));
}

static void
test_slice (void)
{
  test_op_check ("avg-pool2 of a slice", build_slice, NULL, 2, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/avg-pool2/shapes", test_shapes);
  g_test_add_func ("/ops/avg-pool2/slice", test_slice);
  return test_op_run ();
}
