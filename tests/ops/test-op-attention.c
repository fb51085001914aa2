/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"
#include "unclip-node.h"
#include "unclip-ref.h"

#include <math.h>

/* f32: dot products and weighted sums in f32, exponentials of the device within a few ulp. f16: one rounding of the
 * result. */
static const TestOpLimits limits = { 3e-6, 1e-3 };

typedef struct
{
  int      queries, keys, extra, heads, width;
  gboolean causal, key_bias;
} Case;

static UnclipTensor *
attend (TestOp *op, const Case *c, UnclipTensor *q, UnclipTensor *k, UnclipTensor *v)
{
  int                   d = c->heads * c->width;
  UnclipAttentionParams params = {
    .n_heads = c->heads,
    .scale = (float) (1 / sqrt (c->width)),
    .causal = c->causal,
    .key_bias = c->key_bias ? test_op_input_scaled (op, "key_bias", 1, c->extra + c->keys, 1, -2, 3) : NULL,
    .extra_k = c->extra > 0 ? test_op_input (op, "extra_k", 1, c->extra, d) : NULL,
    .extra_v = c->extra > 0 ? test_op_input (op, "extra_v", 1, c->extra, d) : NULL,
  };

  return unclip_op_attention (op->graph, q, k, v, &params);
}

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case   *c = data;
  int           d = c->heads * c->width;
  UnclipTensor *q = test_op_input (op, "q", 1, c->queries, d);
  UnclipTensor *k = test_op_input (op, "k", 1, c->keys, d);
  UnclipTensor *v = test_op_input (op, "v", 1, c->keys, d);

  return attend (op, c, q, k, v);
}

/* Queries, keys and values as slices of one product. */
static UnclipTensor *
build_stacked (TestOp *op, gconstpointer data)
{
  const Case   *c = data;
  int           d = c->heads * c->width;
  UnclipTensor *qkv = test_op_input (op, "qkv", 1, c->queries, 3 * d);

  return attend (op, c, unclip_graph_slice_channels (op->graph, qkv, 0, d),
                 unclip_graph_slice_channels (op->graph, qkv, d, d),
                 unclip_graph_slice_channels (op->graph, qkv, 2 * d, d));
}

static void
check (TestOpBuild function, const Case *c, int n)
{
  g_autofree char *what = g_strdup_printf ("attention %d queries, %d + %d keys, %d × %d%s%s", c->queries, c->extra, c->keys,
                                           c->heads, c->width, c->causal ? ", causal" : "", c->key_bias ? ", key bias" : "");

  test_op_check (what, function, c, n, &limits);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 1, 1, 0, 1, 4, FALSE, FALSE },    { 3, 3, 0, 2, 8, FALSE, FALSE },    { 16, 16, 0, 3, 12, FALSE, FALSE },
    { 1, 81, 0, 2, 64, FALSE, FALSE },  { 4, 33, 0, 2, 40, FALSE, FALSE },  { 17, 31, 0, 1, 64, FALSE, FALSE },
    { 77, 77, 0, 1, 64, FALSE, FALSE }, { 5, 65, 0, 1, 96, FALSE, FALSE },  { 9, 33, 0, 1, 128, FALSE, FALSE },
    { 6, 40, 0, 1, 160, FALSE, FALSE }, { 3, 33, 0, 1, 256, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (build, &cases[i], 2);
}

static void
test_causal (void)
{
  static const Case cases[] = {
    { 1, 1, 0, 1, 4, TRUE, FALSE },   { 45, 45, 0, 2, 32, TRUE, FALSE }, { 3, 81, 0, 2, 64, TRUE, FALSE },
    { 3, 3, 78, 2, 64, TRUE, FALSE }, { 35, 35, 0, 1, 64, TRUE, TRUE },  { 40, 70, 9, 1, 36, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (build, &cases[i], 2);
}

static void
test_extra (void)
{
  static const Case cases[] = {
    { 16, 16, 81, 3, 32, FALSE, TRUE }, { 20, 20, 10, 2, 64, FALSE, FALSE }, { 1, 1, 1, 2, 4, FALSE, TRUE },
    { 7, 5, 33, 1, 24, FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (build, &cases[i], 2);
}

static void
test_stacked (void)
{
  static const Case cases[] = {
    { 16, 16, 81, 3, 32, FALSE, TRUE }, { 37, 37, 0, 1, 64, TRUE, FALSE }, { 50, 50, 0, 3, 20, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (build_stacked, &cases[i], 2);
}

static void
test_long (void)
{
  static const Case cases[] = { { 20, 1024, 0, 1, 64, FALSE, FALSE }, { 3, 4096, 0, 1, 32, FALSE, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (build, &cases[i], 1);
}

/* Masking by −10000, with nothing but masked keys in the first panel, and one key in all left. */
static UnclipTensor *
build_masked (TestOp *op, gconstpointer data)
{
  UnclipTensor         *x = test_op_input (op, "x", 1, 70, 32);
  UnclipTensor         *bias = test_op_input_scaled (op, "bias", 1, 70, 1, -10000, 1000);
  UnclipAttentionParams params = { .n_heads = 1, .scale = 0.2f, .key_bias = bias };

  return unclip_op_attention (op->graph, x, x, x, &params);
}

static void
test_masked (void)
{
  test_op_check ("attention with masked keys", build_masked, NULL, 2, &limits);
}

/* Two keys whose scores differ by ln 3: weights 1/4 and 3/4. */
static void
test_reference (void)
{
  float                  q[] = { 1, 0, 0, 0 }, k[] = { 0, 9, 9, 9, (float) log (3) / 2, 9, 9, 9 };
  float                  v[] = { 4, 0, 8, 1, 0, 4, 8, 1 }, y[4];
  UnclipAttentionParams  params = { .n_heads = 1, .scale = 2 };
  UnclipRefTensor        in[] = { { { 1, 1, 1, 4 }, q, NULL }, { { 1, 1, 2, 4 }, k, NULL }, { { 1, 1, 2, 4 }, v, NULL } };
  UnclipRefTensor        out = { { 1, 1, 1, 4 }, y, NULL };
  const UnclipRefTensor *inputs[] = { &in[0], &in[1], &in[2], NULL, NULL, NULL };
  UnclipNode             node = { .params = &params };
  const double           expected[] = { 1, 3, 8, 1 };

  unclip_ref_attention_node (&node, inputs, &out);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (y[i], expected[i], 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/attention/reference", test_reference);
  g_test_add_func ("/ops/attention/shapes", test_shapes);
  g_test_add_func ("/ops/attention/causal", test_causal);
  g_test_add_func ("/ops/attention/extra", test_extra);
  g_test_add_func ("/ops/attention/stacked", test_stacked);
  g_test_add_func ("/ops/attention/masked", test_masked);
  g_test_add_func ("/ops/attention/long", test_long);
  return test_op_run ();
}
