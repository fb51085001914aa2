/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* A copy: f32 exact, f16 one rounding. */
static const TestOpLimits limits = { 0, 5e-4 };

typedef struct
{
  int h, w, c;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_upsample2 (op->graph, test_op_input (op, "x", c->h, c->w, c->c));
}

static void
test_shapes (void)
{
  static const Case cases[] = { { 1, 1, 1 }, { 3, 5, 7 }, { 7, 2, 12 }, { 16, 16, 4 }, { 17, 19, 20 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("upsample2", build, &cases[i], 3, &limits);
}

static UnclipTensor *
build_slice (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 3, 5, 22);

  return unclip_op_upsample2 (op->graph, unclip_graph_slice_channels (op->graph, x, 8, 14));
}

static void
test_slice (void)
{
  test_op_check ("upsample2 of a slice", build_slice, NULL, 2, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/upsample2/shapes", test_shapes);
  g_test_add_func ("/ops/upsample2/slice", test_slice);
  return test_op_run ();
}
