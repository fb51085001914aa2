/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"
#include "unclip-node.h"
#include "unclip-ref.h"

/* Weights and sums in f32, twice; f16 rounds the result. */
static const TestOpLimits limits = { 1e-6, 1e-3 };

typedef struct
{
  int h, w, c, height, width;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_resize_bicubic (op->graph, test_op_input (op, "x", c->h, c->w, c->c), c->height, c->width);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, 1, 1, 1 },    { 1, 1, 3, 5, 7 },     { 5, 7, 3, 5, 7 },    { 8, 8, 3, 32, 32 }, { 16, 16, 3, 64, 64 },
    { 31, 29, 5, 7, 11 }, { 13, 100, 4, 17, 3 }, { 40, 3, 9, 2, 30 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("resize-bicubic", build, &cases[i], 3, &limits);
}

static UnclipTensor *
build_slice (TestOp *op, gconstpointer data)
{
  UnclipTensor *x = test_op_input (op, "x", 6, 5, 22);

  return unclip_op_resize_bicubic (op->graph, unclip_graph_slice_channels (op->graph, x, 8, 14), 9, 4);
}

static void
test_slice (void)
{
  test_op_check ("resize-bicubic of a slice", build_slice, NULL, 2, &limits);
}

/* Values of torch 1.13, interpolate (mode="bicubic", antialias=True), within the rounding of its f32 weights. */
static void
test_reference (void)
{
  static const float     expected3[] = { 2.8830645f, 5.1196585f, 5.1653228f };
  static const float     expected10[] = { 0.7577193f, 3.3242555f, 4.53125f,  1.9552499f, 6.3549991f,
                                          6.7050014f, 3.0052495f, 6.28125f,  5.8560190f, 3.8182898f };
  float                  x[] = { 1, 5, 2, 8, 3, 7, 4 }, y[10];
  UnclipRefTensor        in = { { 1, 1, 7, 1 }, x, NULL }, out = { { 1, 1, 3, 1 }, y, NULL };
  const UnclipRefTensor *inputs[] = { &in };

  unclip_ref_resize_bicubic_node (NULL, inputs, &out);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (y[i], expected3[i], 1e-5);
  out.shape.w = 10;
  unclip_ref_resize_bicubic_node (NULL, inputs, &out);
  for (int i = 0; i < 10; i++)
    g_assert_cmpfloat_with_epsilon (y[i], expected10[i], 1e-5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/resize-bicubic/reference", test_reference);
  g_test_add_func ("/ops/resize-bicubic/shapes", test_shapes);
  g_test_add_func ("/ops/resize-bicubic/slice", test_slice);
  return test_op_run ();
}
