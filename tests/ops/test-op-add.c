/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* One rounding: f32 exact but for the order of operands; f16 rounds the result and a weight. */
static const TestOpLimits limits = { 1e-7, 1e-3 };

typedef struct
{
  int      h, w, c;
  gboolean b_is_row;            /* (N, 1, 1, C) rather than (N, H, W, C) */
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case   *c = data;
  UnclipTensor *a = test_op_input (op, "a", c->h, c->w, c->c);
  UnclipTensor *b = test_op_input (op, "b", c->b_is_row ? 1 : c->h, c->b_is_row ? 1 : c->w, c->c);

  return unclip_op_add (op->graph, a, b);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, 1, FALSE }, { 3, 5, 7, FALSE }, { 5, 51, 4, FALSE }, { 1, 257, 4, FALSE }, { 1, 1, 1021, FALSE },
    { 3, 5, 7, TRUE },  { 1, 1, 9, TRUE },  { 16, 16, 36, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check (cases[i].b_is_row ? "add row" : "add", build, &cases[i], 3, &limits);
}

static UnclipTensor *
build_weight_row (TestOp *op, gconstpointer data)
{
  return unclip_op_add (op->graph, test_op_input (op, "a", 4, 3, 18), test_op_weight (op, "b", 1, 18));
}

static UnclipTensor *
build_weight_rows (TestOp *op, gconstpointer data)
{
  return unclip_op_add (op->graph, test_op_input (op, "a", 1, 12, 18), test_op_weight (op, "b", 3, 1, 12, 18));
}

static void
test_weights (void)
{
  test_op_check ("add one row to all", build_weight_row, NULL, 3, &limits);
  test_op_check ("add one item to all", build_weight_rows, NULL, 3, &limits);
}

static UnclipTensor *
build_slices (TestOp *op, gconstpointer data)
{
  UnclipTensor *a = unclip_graph_slice_channels (op->graph, test_op_input (op, "a", 3, 3, 22), 8, 14);
  UnclipTensor *b = unclip_graph_slice_channels (op->graph, test_op_input (op, "b", 1, 1, 34), 20, 14);

  return unclip_op_add (op->graph, a, b);
}

static void
test_slices (void)
{
  test_op_check ("add slices", build_slices, NULL, 2, &limits);
}

/* More workgroups than one grid dimension holds: 65535 × 256. */
static void
test_large (void)
{
  static const Case large = { 257, 65536, 1, TRUE };

  test_op_check ("add, large", build, &large, 1, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/add/shapes", test_shapes);
  g_test_add_func ("/ops/add/weights", test_weights);
  g_test_add_func ("/ops/add/slices", test_slices);
  if (g_test_slow ())
    g_test_add_func ("/ops/add/large", test_large);
  return test_op_run ();
}
