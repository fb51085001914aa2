/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-ops.h"
#include "unclip-plan.h"

static gsize
get_bytes (UnclipTensor *x, gpointer user_data)
{
  return (gsize) unclip_shape_get_n_values (x->shape) * 4;
}

static UnclipPlan *
make_plan (UnclipGraph *graph, gsize scratch)
{
  gsize *scratch_bytes = g_new (gsize, graph->nodes->len);

  for (guint i = 0; i < graph->nodes->len; i++)
    scratch_bytes[i] = scratch;
  return unclip_plan_new (graph, get_bytes, NULL, scratch_bytes, 256);
}

/* Twenty activations in a row need the room of two, beside the input and the output. */
static void
test_chain (void)
{
  g_autoptr (UnclipGraph) graph = unclip_graph_new ("chain");
  UnclipShape             shape = { 1, 8, 8, 64 };
  UnclipTensor           *x = unclip_graph_input (graph, "x", shape, UNCLIP_DTYPE_F32);
  g_autoptr (UnclipPlan)  plan = NULL;
  const gsize             block = 8 * 8 * 64 * 4;

  for (int i = 0; i < 20; i++)
    x = unclip_op_activation (graph, x, UNCLIP_ACTIVATION_SILU);
  unclip_graph_output (graph, "y", x);

  plan = make_plan (graph, 0);
  g_assert_cmpuint (plan->sum_bytes, ==, 21 * block);
  g_assert_cmpuint (plan->arena_bytes, ==, 4 * block);
}

typedef struct
{
  gsize begin, end;
  int   first, last;
} Life;

static Life
get_life (UnclipGraph *graph, UnclipPlan *plan, UnclipTensor *x)
{
  Life life = { plan->offsets[x->id], plan->offsets[x->id] + get_bytes (x, NULL), -1, -1 };

  if (x->producer != NULL)
    life.first = life.last = (int) x->producer->index;
  if (x->kind == UNCLIP_TENSOR_INPUT)
    life.last = G_MAXINT;
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const UnclipNode *node = g_ptr_array_index (graph->nodes, i);

      for (guint j = 0; j < node->n_inputs; j++)
        if (node->inputs[j] == x)
          life.last = MAX (life.last, (int) i);
    }
  return life;
}

/* Random graphs: no two tensors that live together may share a byte, nor may scratch and a living tensor. */
static void
test_disjoint (void)
{
  for (int round = 0; round < 30; round++)
    {
      g_autoptr (UnclipGraph) graph = unclip_graph_new ("random");
      g_autoptr (UnclipPlan)  plan = NULL;
      g_autoptr (GPtrArray)   made = g_ptr_array_new ();
      g_autoptr (GArray)      lives = g_array_new (FALSE, FALSE, sizeof (Life));

      g_ptr_array_add (made, unclip_graph_input (graph, "x", (UnclipShape){ 1, 1, 1, 8 }, UNCLIP_DTYPE_F32));
      for (int i = 0; i < 60; i++)
        {
          UnclipTensor *a = g_ptr_array_index (made, g_test_rand_int_range (MAX (0, (int) made->len - 9), (int) made->len));
          UnclipTensor *b = g_ptr_array_index (made, g_test_rand_int_range (MAX (0, (int) made->len - 9), (int) made->len));
          gboolean      is_wide = a->shape.c > 4000;

          g_ptr_array_add (made, is_wide ? unclip_op_activation (graph, b, UNCLIP_ACTIVATION_GELU)
                                         : unclip_op_copy_concat (graph, a, b));
        }
      unclip_graph_output (graph, "y", g_ptr_array_index (made, made->len - 1));

      plan = make_plan (graph, 1000);
      g_assert_cmpuint (plan->arena_bytes, <, plan->sum_bytes);
      for (guint i = 0; i < made->len; i++)
        {
          Life life = get_life (graph, plan, g_ptr_array_index (made, i));

          if (i == made->len - 1)
            life.last = G_MAXINT;
          g_array_append_val (lives, life);
        }
      for (guint i = 0; i < graph->nodes->len; i++)
        {
          Life life = { plan->scratch_offsets[i], plan->scratch_offsets[i] + 1000, (int) i, (int) i };

          g_array_append_val (lives, life);
        }
      for (guint i = 0; i < lives->len; i++)
        for (guint j = 0; j < i; j++)
          {
            const Life *a = &g_array_index (lives, Life, i), *b = &g_array_index (lives, Life, j);
            gboolean    same_time = a->first <= b->last && b->first <= a->last;
            gboolean    same_bytes = a->begin < b->end && b->begin < a->end;

            g_assert_false (same_time && same_bytes);
            g_assert_cmpuint (a->end, <=, plan->arena_bytes);
          }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/plan/chain", test_chain);
  g_test_add_func ("/graph/plan/disjoint", test_disjoint);
  return g_test_run ();
}
