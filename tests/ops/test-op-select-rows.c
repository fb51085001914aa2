/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* A copy: f32 exact, f16 one rounding. */
static const TestOpLimits limits = { 0, 5e-4 };

typedef struct
{
  int s, c;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_select_rows (op->graph, test_op_input (op, "x", 1, c->s, c->c),
                                test_op_input_ids (op, "index", 1, c->s));
}

static void
test_shapes (void)
{
  static const Case cases[] = { { 1, 1 }, { 77, 20 }, { 13, 7 }, { 5, 1030 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("select-rows", build, &cases[i], 5, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/select-rows/shapes", test_shapes);
  return test_op_run ();
}
