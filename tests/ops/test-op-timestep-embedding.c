/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"


#include "unclip-node.h"
#include "unclip-op-timestep-embedding.h"
#include "unclip-ref.h"

/* The sines themselves are within 2e-7; always stored as f32, but the copy behind the operation rounds nothing either. */
static const TestOpLimits limits = { 5e-7, 5e-7 };

typedef struct
{
  int      dim;
  gboolean flip_sin_to_cos;
  float    freq_shift;
  double   mean, deviation;     /* of t */
} Case;

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case *c = data;

  return unclip_op_timestep_embedding (op->graph, test_op_input_scaled (op, "t", 1, 1, 1, c->mean, c->deviation), c->dim,
                                       c->flip_sin_to_cos, c->freq_shift);
}

static void
test_shapes (void)
{
  static const Case cases[] = {
    { 2, TRUE, 0, 500, 200 },   { 320, TRUE, 0, 999, 0 },  { 320, TRUE, 0, 0, 0 }, { 2048, TRUE, 0, 500, 250 },
    { 36, FALSE, 1, 500, 200 }, { 30, TRUE, 0, 500, 200 }, { 6, FALSE, 0, 900, 90 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    test_op_check ("timestep-embedding", build, &cases[i], 5, &limits);
}

/* Values of diffusers 0.19.3 for 320 channels at t = 500: cosines from 0, sines from 160. One unit in the last place of a
 * frequency, which is how far two good exponentials may be apart, moves them by 3e-5. */
static void
test_reference (void)
{
  static const float cosines[] = { -0.8838493f, 0.7027591f, 0.8866860f }, sines[] = { -0.4677718f, 0.7114279f, -0.4623720f };
  const double                    tolerance = 3.5e-5;
  UnclipOpTimestepEmbeddingParams params = { 320, TRUE, 0 };
  float                           t = 500, y[320];
  UnclipRefTensor                 in = { { 1, 1, 1, 1 }, &t, NULL }, out = { { 1, 1, 1, 320 }, y, NULL };
  const UnclipRefTensor          *inputs[] = { &in };
  UnclipNode                      node = { .params = &params };

  unclip_ref_timestep_embedding_node (&node, inputs, &out);
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpfloat_with_epsilon (y[i], cosines[i], tolerance);
      g_assert_cmpfloat_with_epsilon (y[160 + i], sines[i], tolerance);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/timestep-embedding/reference", test_reference);
  g_test_add_func ("/ops/timestep-embedding/shapes", test_shapes);
  return test_op_run ();
}
