/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"
#include "unclip-ref-conv2d.h"

/* f32: direct sums of some hundred products stay below 1e-6; Winograd's transforms multiply and cancel by factors up to
 * 10 each way, which makes 1e-6 to 4e-6. f16: input, weight and result are rounded once each. */
static const TestOpLimits limits = { 1e-5, 1e-3 };

typedef struct
{
  int      h, w, n_in, n_out;
  int      stride;
  gboolean upsample;
  gboolean has_bias, has_image_bias, has_residual;
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case      *c = data;
  UnclipTensor    *x = test_op_input (op, "x", c->h, c->w, c->n_in);
  int              scale = c->upsample ? 2 : 1;
  UnclipConvParams params = {
    .weight = test_op_weight (op, "weight", 4, c->n_out, c->n_in, 3, 3),
    .bias = c->has_bias ? test_op_weight (op, "bias", 1, c->n_out) : NULL,
    .stride = c->stride,
    .upsample = c->upsample,
  };

  if (c->has_image_bias)
    params.image_bias = test_op_input (op, "image_bias", 1, 1, c->n_out);
  if (c->has_residual)
    params.residual = test_op_input (op, "residual", (c->h * scale + c->stride - 1) / c->stride,
                                     (c->w * scale + c->stride - 1) / c->stride, c->n_out);
  return unclip_op_conv2d (op->graph, x, &params);
}

static void
check (const char *what, const Case *cases, guint n_cases)
{
  for (guint i = 0; i < n_cases; i++)
    test_op_check (what, build, &cases[i], 2, &limits);
}

/* Few channels: direct on every device. Pictures of one pixel, one row, one column; primes; the sizes of the first and
 * last convolutions of a UNet. */
static void
test_direct (void)
{
  static const Case cases[] = {
    { 1, 1, 1, 1, 1 },  { 1, 9, 3, 5, 1 },   { 7, 1, 4, 4, 1 },  { 5, 7, 13, 9, 1 },
    { 9, 5, 16, 6, 1 }, { 11, 3, 6, 33, 1 },
  };

  check ("direct", cases, G_N_ELEMENTS (cases));
}

/* Many channels: Winograd on software Vulkan. Sizes at, below and above multiples of a tile of 4. */
static void
test_winograd (void)
{
  static const Case cases[] = {
    { 4, 4, 64, 64, 1 }, { 8, 8, 36, 48, 1 }, { 7, 9, 65, 33, 1 }, { 11, 12, 33, 70, 1 },
  };

  check ("winograd", cases, G_N_ELEMENTS (cases));
}

static void
test_stride (void)
{
  static const Case cases[] = {
    { 1, 1, 3, 3, 2 }, { 8, 8, 8, 8, 2 }, { 7, 9, 13, 9, 2 },
  };

  check ("stride 2", cases, G_N_ELEMENTS (cases));
}

static void
test_upsample (void)
{
  static const Case cases[] = {
    { 1, 1, 3, 3, 1, TRUE }, { 3, 5, 13, 9, 1, TRUE }, { 5, 4, 64, 32, 1, TRUE },
  };

  check ("upsample", cases, G_N_ELEMENTS (cases));
}

/* Everything that is added, direct and by Winograd. Each combination is a kernel of its own, and kernels take long to
 * compile: test_views() has the others. */
static void
test_epilogues (void)
{
  static const Case cases[] = {
    { 5, 6, 7, 9, 1, FALSE, TRUE, TRUE, TRUE },
    { 6, 9, 40, 42, 1, FALSE, TRUE, TRUE, TRUE },
  };

  check ("epilogue", cases, G_N_ELEMENTS (cases));
}

/* More tiles than Winograd's scratch memory holds at a time: 576 a picture, 248 a chunk of 4 MiB. */
static void
test_chunks (void)
{
  static const Case c = { 96, 96, 32, 30, 1, FALSE, TRUE, TRUE, TRUE };

  test_op_check ("chunks", build, &c, 1, &limits);
}

static UnclipTensor *
build_views (TestOp *op, gconstpointer data)
{
  const int       *n_out = data;
  UnclipTensor    *a = test_op_input (op, "a", 5, 6, 60);
  UnclipTensor    *b = test_op_input (op, "b", 5, 6, 24);
  UnclipTensor    *part = unclip_graph_slice_channels (op->graph, a, 8, 20);
  UnclipTensor    *time = unclip_graph_slice_channels (op->graph, test_op_input (op, "time", 1, 1, 96), 16, *n_out);
  UnclipConvParams params = {
    .weight = test_op_weight (op, "weight", 4, *n_out, 44, 3, 3),
    .stride = 1,
    .image_bias = time,
    .residual = unclip_graph_slice_channels (op->graph, a, 4, *n_out),
  };

  return unclip_op_conv2d (op->graph, unclip_graph_concat_channels (op->graph, part, b), &params);
}

/* A concatenation, which is copied first, and slices as image bias and residual. */
static void
test_views (void)
{
  static const int n_out[] = { 4, 48 };

  for (guint i = 0; i < G_N_ELEMENTS (n_out); i++)
    test_op_check ("views", build_views, &n_out[i], 2, &limits);
}

/* A 2×2 picture of ones under a kernel of 1 … 9: each pixel sees four taps. Then the same with everything added, by
 * stride 2, and doubled. */
static void
test_reference (void)
{
  static const float x[] = { 1, 1, 1, 1 }, weight[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  static const float bias[] = { 100 }, image_bias[] = { 1000 }, residual[] = { 1, 2, 3, 4 };
  UnclipRefConv2d    conv = { .in = { 1, 2, 2, 1 }, .out = { 1, 2, 2, 1 }, .stride = 1, .x = x, .weight = weight };
  float              y[16];

  unclip_ref_conv2d (&conv, y);
  g_assert_cmpfloat (y[0], ==, 5 + 6 + 8 + 9);
  g_assert_cmpfloat (y[1], ==, 4 + 5 + 7 + 8);
  g_assert_cmpfloat (y[2], ==, 2 + 3 + 5 + 6);
  g_assert_cmpfloat (y[3], ==, 1 + 2 + 4 + 5);

  conv.bias = bias;
  conv.image_bias = image_bias;
  conv.residual = residual;
  unclip_ref_conv2d (&conv, y);
  g_assert_cmpfloat (y[3], ==, 1 + 2 + 4 + 5 + 1104);

  conv = (UnclipRefConv2d){ .in = { 1, 2, 2, 1 }, .out = { 1, 1, 1, 1 }, .stride = 2, .x = x, .weight = weight };
  unclip_ref_conv2d (&conv, y);
  g_assert_cmpfloat (y[0], ==, 5 + 6 + 8 + 9);

  conv = (UnclipRefConv2d){ .in = { 1, 2, 2, 1 }, .out = { 1, 4, 4, 1 }, .stride = 1, .upsample = TRUE, .x = x, .weight = weight };
  unclip_ref_conv2d (&conv, y);
  g_assert_cmpfloat (y[0], ==, 5 + 6 + 8 + 9);
  g_assert_cmpfloat (y[5], ==, 45);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/conv2d/reference", test_reference);
  g_test_add_func ("/ops/conv2d/direct", test_direct);
  g_test_add_func ("/ops/conv2d/winograd", test_winograd);
  g_test_add_func ("/ops/conv2d/stride", test_stride);
  g_test_add_func ("/ops/conv2d/upsample", test_upsample);
  g_test_add_func ("/ops/conv2d/epilogues", test_epilogues);
  g_test_add_func ("/ops/conv2d/chunks", test_chunks);
  g_test_add_func ("/ops/conv2d/views", test_views);
  return test_op_run ();
}
