/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* One addition; f16 rounds the result and the positions. */
static const TestOpLimits limits = { 1e-7, 1e-3 };

/* The prior's sequence: text tokens, two vectors of the item, one learned token for all, in that order. */
static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  int           d = GPOINTER_TO_INT (data);
  UnclipTensor *parts[] = {
    test_op_input (op, "text", 1, 13, d),
    test_op_input (op, "vector", 1, 1, d),
    test_op_weight (op, "learned", 3, 1, 1, d),
    test_op_input (op, "picture", 2, 3, d),
  };

  return unclip_op_concat_tokens (op->graph, parts, G_N_ELEMENTS (parts), test_op_weight (op, "positions", 3, 1, 25, d));
}

static void
test_positions (void)
{
  test_op_check ("concat-tokens", build, GINT_TO_POINTER (1), 3, &limits);
  test_op_check ("concat-tokens", build, GINT_TO_POINTER (18), 3, &limits);
  test_op_check ("concat-tokens", build, GINT_TO_POINTER (64), 2, &limits);
}

static UnclipTensor *
build_plain (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 1, 5, 22);
  UnclipTensor *parts[] = {
    unclip_graph_slice_channels (op->graph, x, 8, 14),
    test_op_input (op, "y", 1, 7, 14),
  };

  return unclip_op_concat_tokens (op->graph, parts, G_N_ELEMENTS (parts), NULL);
}

static void
test_plain (void)
{
  test_op_check ("concat-tokens without positions", build_plain, NULL, 3, &limits);
}

static UnclipTensor *
build_weights_only (TestOp *op, gconstpointer data)
{
  UnclipTensor *class_token = test_op_weight (op, "class", 1, 20);
  UnclipTensor *parts[] = { class_token, test_op_input (op, "x", 3, 3, 20) };

  return unclip_op_concat_tokens (op->graph, parts, 2, test_op_weight (op, "positions", 2, 10, 20));
}

static void
test_class_token (void)
{
  test_op_check ("concat-tokens behind a weight", build_weights_only, NULL, 3, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/concat-tokens/positions", test_positions);
  g_test_add_func ("/ops/concat-tokens/plain", test_plain);
  g_test_add_func ("/ops/concat-tokens/class-token", test_class_token);
  return test_op_run ();
}
