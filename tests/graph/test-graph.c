/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-node.h"
#include "unclip-ops.h"
#include "unclip-ref.h"

static const float values_a[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const float values_b[] = { 11, 12, 13, 21, 22, 23 };

static void
test_weight_stack (void)
{
  g_autoptr (UnclipGraph) graph = unclip_graph_new ("stack");
  const UnclipArray       a = { "a", UNCLIP_DTYPE_F32, 2, { 1, 3 }, values_a, 12 };
  const UnclipArray       b = { "b", UNCLIP_DTYPE_F32, 2, { 2, 3 }, values_b, 24 };
  UnclipTensor           *w = unclip_graph_weight_stack (graph, (const UnclipArray *[]){ &a, NULL, &b }, (int[]){ 1, 2, 2 }, 3);
  const float             expected[5][3] = { { 1, 2, 3 }, { 0, 0, 0 }, { 0, 0, 0 }, { 11, 12, 13 }, { 21, 22, 23 } };

  g_assert_cmpint (w->dims[0], ==, 5);
  g_assert_cmpint (unclip_tensor_get_weight_row_length (w), ==, 3);
  for (int row = 0; row < 5; row++)
    {
      float out[3];

      unclip_tensor_copy_weight_row (w, row, out);
      for (int i = 0; i < 3; i++)
        g_assert_cmpfloat (out[i], ==, expected[row][i]);
    }
}

/* Slice of a reshape, and a concatenation with a first part of odd width, through the scalar executor. */
static void
test_views (void)
{
  UnclipGraph               *graph = unclip_graph_new ("views");
  UnclipTensor              *a = unclip_graph_input (graph, "a", (UnclipShape){ 1, 1, 1, 8 }, UNCLIP_DTYPE_F32);
  UnclipTensor              *b = unclip_graph_input (graph, "b", (UnclipShape){ 1, 1, 1, 6 }, UNCLIP_DTYPE_F32);
  UnclipTensor              *slice = unclip_graph_slice_channels (graph, unclip_graph_reshape (graph, a, (UnclipShape){ 1, 1, 1, 8 }), 4, 3 + 1);
  UnclipTensor              *tail = unclip_graph_slice_channels (graph, b, 4, 2);
  g_autoptr (UnclipExecutor) executor = unclip_executor_new_ref ();
  g_autoptr (UnclipProgram)  program = NULL;
  g_autoptr (GError)         error = NULL;
  float                      y[10];
  const float                expected[10] = { 22, 23, 5, 6, 7, 8, 22, 23, 5, 6 };

  slice = unclip_graph_concat_channels (graph, tail, slice);
  slice = unclip_op_activation (graph, slice, UNCLIP_ACTIVATION_NONE);
  slice = unclip_op_copy_concat (graph, slice, unclip_graph_slice_channels (graph, slice, 0, 4));
  unclip_graph_output (graph, "y", slice);

  program = unclip_executor_compile (executor, graph, &error);
  g_assert_no_error (error);
  g_assert_true (unclip_program_has_input (program, "a"));
  g_assert_false (unclip_program_has_input (program, "c"));
  g_assert_true (unclip_program_write_f32 (program, "a", values_a, NULL));
  g_assert_true (unclip_program_write_f32 (program, "b", values_b, NULL));
  g_assert_true (unclip_program_run (program, NULL, NULL));
  g_assert_true (unclip_program_read_f32 (program, "y", y, NULL));
  for (int i = 0; i < 10; i++)
    g_assert_cmpfloat (y[i], ==, expected[i]);
}

static void
test_probes (void)
{
  for (int on = 0; on < 2; on++)
    {
      g_autoptr (UnclipGraph) graph = unclip_graph_new ("probes");
      UnclipTensor           *x = unclip_graph_input (graph, "x", (UnclipShape){ 1, 2, 2, 4 }, UNCLIP_DTYPE_F32);

      unclip_graph_set_probes (graph, on);
      x = unclip_op_activation (graph, x, UNCLIP_ACTIVATION_SILU);
      unclip_graph_probe (graph, x, "blocks.%d", 3);
      unclip_graph_output (graph, "y", x);
      g_assert_cmpuint (graph->outputs->len, ==, 1 + on);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/weight-stack", test_weight_stack);
  g_test_add_func ("/graph/views", test_views);
  g_test_add_func ("/graph/probes", test_probes);
  return g_test_run ();
}
