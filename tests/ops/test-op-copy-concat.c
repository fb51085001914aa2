/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"

/* A copy: f32 exact, f16 one rounding. */
static const TestOpLimits limits = { 0, 5e-4 };

typedef struct
{
  int h, w, a_c, b_c;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_copy_concat (op->graph, test_op_input (op, "a", c->h, c->w, c->a_c), test_op_input (op, "b", c->h, c->w, c->b_c));
}

static void
test_shapes (void)
{
  static const Case cases[] = { { 1, 1, 1, 1 }, { 3, 5, 4, 8 }, { 3, 5, 3, 3 }, { 2, 2, 7, 12 }, { 7, 9, 12, 7 }, { 1, 17, 33, 30 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("copy-concat", build, &cases[i], 3, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/copy-concat/shapes", test_shapes);
  return test_op_run ();
}
