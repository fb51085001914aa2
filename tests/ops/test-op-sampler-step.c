/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"

#include <float.h>

/* f32: exp and the division of the device within a few ulp, sums that cancel within a few more. f16: the coefficients are
 * weights here, and so rounded, as is the result. */
static const TestOpLimits limits = { 2e-6, 3e-3 };

typedef struct
{
  int          h, w, c;
  int          n_conditions;    /* channels of x behind the sample */
  gboolean     has_variance;    /* out has 2C channels */
  gboolean     guided;
  gboolean     clean;
  const float *coefficients;
} Case;

/* Packed weights are found by address, so the numbers of each kind of step stand in an array of their own. */
static const float on_grid[UNCLIP_STEP_N] = { 0.5f, -0.875f, 1, 1, 0.375f, -0.25f, 0, 9, 9, 9, 2, 0, 1, 1, 0.125f, 8 };
static const float learned[UNCLIP_STEP_N] = { 1, -0.75f, 0.625f, 1, 0.25f, 0.6875f, 0, 9, -3, -1.5f, 4, 1, 1 };
static const float fixed[UNCLIP_STEP_N] = { 0, 1, 1, 5, 0.25f, 0.75f, 0, 0.375f, 9, 9, 3, 1, 0 };
static const float noiseless[UNCLIP_STEP_N] = { 0.5f, -0.875f, 1, FLT_MAX, 0.75f, 0.125f, 0.375f, 9, 9, 9, 2, 0, 1, -0.5f };

/* The same batch for any n: first everyone's unconditional prediction, then everyone's conditional one. */
static UnclipTensor *
stack_items (TestOp *op, UnclipTensor *first, UnclipTensor *second)
{
  UnclipShape   shape = unclip_tensor_get_shape (first);
  UnclipShape   flat = { 1, 1, shape.n * shape.h * shape.w, shape.c };
  UnclipTensor *parts[] = { unclip_graph_reshape (op->graph, first, flat), unclip_graph_reshape (op->graph, second, flat) };

  return unclip_graph_reshape (op->graph, unclip_op_concat_tokens (op->graph, parts, 2, NULL),
                               (UnclipShape){ 2 * shape.n, shape.h, shape.w, shape.c });
}

/* The sum of the two halves of a guided result, an item's row each as test_op_check() wants it. */
static UnclipTensor *
add_halves (TestOp *op, UnclipTensor *y)
{
  UnclipShape   shape = unclip_tensor_get_shape (y);
  UnclipTensor *rows = unclip_graph_reshape (op->graph, y, (UnclipShape){ 1, 1, shape.n * shape.h * shape.w, shape.c });
  int           n_rows = shape.n / 2 * shape.h * shape.w;

  return unclip_graph_reshape (op->graph, unclip_op_add (op->graph, unclip_op_slice_tokens (op->graph, rows, 0, n_rows),
                                                         unclip_op_slice_tokens (op->graph, rows, n_rows, n_rows)),
                               (UnclipShape){ shape.n / 2, shape.h, shape.w, shape.c });
}

static UnclipTensor *
build (TestOp *op, gconstpointer data)
{
  const Case             *c = data;
  int                     n_out = c->has_variance ? 2 * c->c : c->c;
  UnclipArray             coefficients = { .name = "coefficients",
                                           .dtype = UNCLIP_DTYPE_F32,
                                           .n_dims = 1,
                                           .dims = { UNCLIP_STEP_N },
                                           .data = (gpointer) c->coefficients,
                                           .n_bytes = UNCLIP_STEP_N * sizeof (float) };
  UnclipTensor           *x = test_op_input (op, "x", c->h, c->w, c->c + c->n_conditions);
  UnclipSamplerStepParams params = { .out = test_op_input (op, "out", c->h, c->w, n_out),
                                     .noise = test_op_input (op, "noise", c->h, c->w, c->c),
                                     .history = test_op_input (op, "history", c->h, c->w, c->c),
                                     .coefficients = unclip_graph_weight (op->graph, &coefficients) };
  UnclipTensor           *x0, *next;

  if (c->guided)
    {
      x = stack_items (op, x, x);
      params.out = stack_items (op, params.out, test_op_input (op, "conditional", c->h, c->w, n_out));
    }
  next = unclip_op_sampler_step (op->graph, x, &params, c->clean ? &x0 : NULL);
  if (c->clean)
    return x0;
  return c->guided ? add_halves (op, next) : next;
}

static void
check (int h, int w, int c, int n_conditions)
{
  static const struct
  {
    const char  *name;
    gboolean     has_variance;
    const float *coefficients;
  } kinds[] = {
    { "learned", TRUE, learned },
    { "fixed", FALSE, fixed },
    { "fixed, variance dropped", TRUE, fixed },
    { "noiseless, with a history", TRUE, noiseless },
    { "on a grid", TRUE, on_grid },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (int bits = 0; bits < 4; bits++)
      {
        const Case       item = { h, w, c, n_conditions, kinds[i].has_variance, bits & 1, bits & 2, kinds[i].coefficients };
        g_autofree char *name = g_strdup_printf ("%s, %s %s of %d+%d channels", kinds[i].name,
                                                 item.guided ? "guided" : "unguided", item.clean ? "x0" : "next", c,
                                                 n_conditions);

        test_op_check (name, build, &item, 3, &limits);
      }
}

static void
test_pictures (void)
{
  check (5, 7, 3, 0);
  check (1, 1, 1, 0);
}

static void
test_conditions (void)
{
  check (3, 5, 3, 3);
}

static void
test_wide (void)
{
  check (2, 2, 4, 0);
  check (3, 1, 5, 2);
  check (1, 1, 192, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/sampler-step/pictures", test_pictures);
  g_test_add_func ("/ops/sampler-step/conditions", test_conditions);
  g_test_add_func ("/ops/sampler-step/wide", test_wide);
  return test_op_run ();
}
