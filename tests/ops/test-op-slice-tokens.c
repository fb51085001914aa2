/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


/* A copy: f32 exact, f16 one rounding. */
static const TestOpLimits limits = { 0, 5e-4 };

typedef struct
{
  int h, w, c, first, n;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_slice_tokens (op->graph, test_op_input (op, "x", c->h, c->w, c->c), c->first, c->n);
}

static void
test_shapes (void)
{
  static const Case cases[] = { { 1, 1, 1, 0, 1 }, { 1, 81, 20, 80, 1 }, { 1, 81, 7, 3, 77 }, { 4, 5, 36, 6, 13 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("slice-tokens", build, &cases[i], 3, &limits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/slice-tokens/shapes", test_shapes);
  return test_op_run ();
}
