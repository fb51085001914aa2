/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"

#include "unclip-op-freeu.h"
#include "unclip-ref.h"

/* Sums of up to 256 terms in f32, and the device's own sines; f16 rounds input and result. */
static const TestOpLimits limits = { 3e-6, 1e-3 };

typedef struct
{
  int   h, w, c;
  int   n_first;
  float first_gain, low_gain;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_freeu (op->graph, test_op_input (op, "x", c->h, c->w, c->c), c->n_first, c->first_gain, c->low_gain);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, 1, 1, 1.5f, 0.2f }, { 1, 5, 3, 0, 1, 0.2f }, { 4, 1, 8, 4, 1.3f, 1 }, { 2, 2, 7, 3, 1.4f, 0.5f }, { 3, 7, 20, 10, 1.2f, 0.9f },
    { 8, 8, 48, 0, 1, 0.2f }, { 16, 12, 6, 0, 1, 1.7f }, { 16, 16, 38, 19, 1.6f, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("freeu", build, &cases[i], 3, &limits);
}

static UnclipTensor *
build_slice (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 6, 5, 22);

  return unclip_op_freeu (op->graph, unclip_graph_slice_channels (op->graph, x, 8, 14), 7, 1.3f, 0.4f);
}

static void
test_slice (void)
{
  test_op_check ("freeu of a slice", build_slice, NULL, 2, &limits);
}

/* Worked out by hand on a row of four: of (4, 0, 0, 0) the frequency 0 makes 1 everywhere, −1 makes (1, 0, −1, 0). */
static void
test_by_hand (void)
{
  const UnclipOpFreeuParams params = { 1, 2, 0.5f };
  const float               expected[4] = { 6, -1, 0, -1 };
  float                     x[4] = { 4, 0, 0, 0 }, y[4];
  const UnclipNode          node = { .params = (gpointer) &params };
  const UnclipRefTensor     in = { { 1, 1, 4, 1 }, x, NULL };
  UnclipRefTensor           out = { { 1, 1, 4, 1 }, y, NULL };

  unclip_ref_freeu_node (&node, (const UnclipRefTensor *const[]){ &in }, &out);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (y[i], expected[i], 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/freeu/shapes", test_shapes);
  g_test_add_func ("/ops/freeu/slice", test_slice);
  g_test_add_func ("/ops/freeu/by-hand", test_by_hand);
  return test_op_run ();
}
