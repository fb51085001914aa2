/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* A copy: f32 exact, f16 one rounding. */
static const TestOpLimits limits = { 0, 5e-4 };

typedef struct
{
  int      tokens, width;
  gboolean interleaved;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_split_tokens (op->graph, test_op_input (op, "x", 1, 1, c->tokens * c->width), c->tokens, c->interleaved);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, TRUE }, { 4, 36, TRUE },  { 3, 7, TRUE },  { 10, 30, TRUE },
    { 1, 5, FALSE }, { 4, 36, FALSE }, { 3, 7, FALSE }, { 32, 18, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check (cases[i].interleaved ? "split-tokens, interleaved" : "split-tokens", build, &cases[i], 3, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/split-tokens/shapes", test_shapes);
  return test_op_run ();
}
