/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* One addition; f16 rounds both tables and the result. */
static const TestOpLimits limits = { 1e-7, 1e-3 };

typedef struct
{
  int s, vocabulary, d, n_positions;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_embed_tokens (op->graph, test_op_input_ids (op, "ids", c->s, c->vocabulary),
                                 test_op_weight (op, "table", 2, c->vocabulary, c->d),
                                 test_op_weight (op, "positions", 2, c->n_positions, c->d));
}

static void
test_shapes (void)
{
  static const Case cases[] = { { 1, 2, 5, 3 }, { 77, 300, 20, 77 }, { 13, 31, 7, 77 }, { 5, 7, 1030, 9 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("embed-tokens", build, &cases[i], 3, &limits);
}

/* A table of 144 MiB: more than a storage binding spans on software Vulkan. */
static void
test_large_table (void)
{
  static const Case large = { 77, 49153, 768, 77 };

  test_op_check ("embed-tokens from a large table", build, &large, 1, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/embed-tokens/shapes", test_shapes);
  g_test_add_func ("/ops/embed-tokens/large-table", test_large_table);
  return test_op_run ();
}
