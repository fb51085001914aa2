/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"
#include "unclip-ref-activation.h"

#include <math.h>

/* f32: exp of the device within a few ulp, erf within 1.5e-7 absolute. f16: one rounding of input and result each. */
static const TestOpLimits limits = { 1e-6, 1e-3 };

typedef struct
{
  int              h, w, c;
  UnclipActivation activation;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_activation (op->graph, test_op_input_scaled (op, "x", c->h, c->w, c->c, 0, 3), c->activation);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, 1, UNCLIP_ACTIVATION_SILU },       { 3, 5, 7, UNCLIP_ACTIVATION_GELU },
    { 1, 63, 4, UNCLIP_ACTIVATION_QUICK_GELU }, { 1, 65, 4, UNCLIP_ACTIVATION_NONE },
    { 8, 8, 36, UNCLIP_ACTIVATION_GELU },      { 1, 1, 1001, UNCLIP_ACTIVATION_SILU },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("activation", build, &cases[i], 3, &limits);
}

/* More texels than one grid dimension holds workgroups: 65535 × 64. */
static void
test_large (void)
{
  static const Case large = { 65, 65536, 1, UNCLIP_ACTIVATION_SILU };

  test_op_check ("activation", build, &large, 1, &limits);
}

static UnclipTensor *
build_slice (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 3, 3, 22);

  return unclip_op_activation (op->graph, unclip_graph_slice_channels (op->graph, x, 8, 14), UNCLIP_ACTIVATION_SILU);
}

static void
test_slice (void)
{
  test_op_check ("slice", build_slice, NULL, 2, &limits);
}

static void
test_reference (void)
{
  g_assert_cmpfloat_with_epsilon (unclip_ref_activate (1, UNCLIP_ACTIVATION_SILU), 0.7310585786, 1e-9);
  g_assert_cmpfloat_with_epsilon (unclip_ref_activate (1, UNCLIP_ACTIVATION_GELU), 0.8413447461, 1e-9);
  g_assert_cmpfloat_with_epsilon (unclip_ref_activate (-1, UNCLIP_ACTIVATION_QUICK_GELU), -0.1542042, 1e-6);
  g_assert_cmpfloat (unclip_ref_activate (-2.5, UNCLIP_ACTIVATION_NONE), ==, -2.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/activation/reference", test_reference);
  g_test_add_func ("/ops/activation/shapes", test_shapes);
  g_test_add_func ("/ops/activation/slice", test_slice);
  g_test_add_func ("/ops/activation/large", test_large);
  return test_op_run ();
}
