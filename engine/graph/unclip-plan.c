/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-plan.h"

/* A run of bytes that is taken from node @first to node @last, both included. */
typedef struct
{
  gsize  n_bytes;
  int    first;
  int    last;
  gsize *offset;        /* where the answer goes */
  gsize  begin;         /* the answer, once placed */
} Block;

#define FOR_EVER G_MAXINT

static int
compare_blocks (gconstpointer a, gconstpointer b)
{
  const Block *x = a, *y = b;

  if (x->n_bytes != y->n_bytes)
    return x->n_bytes < y->n_bytes ? 1 : -1;
  return x->first != y->first ? (x->first > y->first ? 1 : -1) : 0;
}

static int
compare_begins (gconstpointer a, gconstpointer b)
{
  const Block *x = *(const Block *const *) a, *y = *(const Block *const *) b;

  return x->begin != y->begin ? (x->begin > y->begin ? 1 : -1) : 0;
}

/* The lowest offset at which @block fits between the @n_placed blocks that live at the same time. */
static gsize
find_place (const Block *block, Block *placed, guint n_placed, GPtrArray *neighbours)
{
  gsize begin = 0;

  g_ptr_array_set_size (neighbours, 0);
  for (guint i = 0; i < n_placed; i++)
    if (placed[i].first <= block->last && block->first <= placed[i].last)
      g_ptr_array_add (neighbours, &placed[i]);
  g_ptr_array_sort (neighbours, compare_begins);

  for (guint i = 0; i < neighbours->len; i++)
    {
      const Block *other = g_ptr_array_index (neighbours, i);

      if (begin + block->n_bytes <= other->begin)
        break;
      begin = MAX (begin, other->begin + other->n_bytes);
    }
  return begin;
}

static void
mark_use (UnclipTensor *x, int index, int *last_uses)
{
  int first_channel;

  if (x->kind == UNCLIP_TENSOR_CONCAT)
    {
      mark_use (x->parts[0], index, last_uses);
      mark_use (x->parts[1], index, last_uses);
      return;
    }
  x = unclip_tensor_resolve (x, &first_channel);
  last_uses[x->id] = MAX (last_uses[x->id], index);
}

/* By tensor id: the last node that reads it, or its own producer if nobody does. */
static int *
find_last_uses (UnclipGraph *graph)
{
  int *last_uses = g_new (int, MAX (graph->tensors->len, 1));

  for (guint i = 0; i < graph->tensors->len; i++)
    {
      UnclipTensor *x = g_ptr_array_index (graph->tensors, i);

      last_uses[i] = x->producer != NULL ? (int) x->producer->index : -1;
    }
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      UnclipNode *node = g_ptr_array_index (graph->nodes, i);

      for (guint j = 0; j < node->n_inputs; j++)
        if (node->inputs[j] != NULL)
          mark_use (node->inputs[j], (int) i, last_uses);
    }
  for (guint i = 0; i < graph->outputs->len; i++)
    mark_use (g_ptr_array_index (graph->outputs, i), FOR_EVER, last_uses);
  return last_uses;
}

static GArray *
list_blocks (UnclipGraph *graph, UnclipPlan *plan, UnclipPlanBytesFunc get_bytes, gpointer user_data, gsize alignment)
{
  g_autofree int *last_uses = find_last_uses (graph);
  GArray         *blocks = g_array_new (FALSE, TRUE, sizeof (Block));

  for (guint i = 0; i < graph->tensors->len; i++)
    {
      UnclipTensor *x = g_ptr_array_index (graph->tensors, i);
      gboolean      is_input = x->kind == UNCLIP_TENSOR_INPUT;
      Block         block = { .offset = &plan->offsets[i] };

      plan->offsets[i] = UNCLIP_PLAN_NOWHERE;
      if (!is_input && x->kind != UNCLIP_TENSOR_ACTIVATION)
        continue;
      block.n_bytes = get_bytes (x, user_data);
      block.first = is_input ? -1 : (int) x->producer->index;
      block.last = is_input ? FOR_EVER : last_uses[i];
      /* An output keeps its values until the next run writes them, so nothing earlier may use its place either. */
      if (block.last == FOR_EVER)
        block.first = -1;
      g_array_append_val (blocks, block);
    }
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      Block block = { plan->scratch_bytes[i], (int) i, (int) i, &plan->scratch_offsets[i], 0 };

      if (block.n_bytes > 0)
        g_array_append_val (blocks, block);
    }
  for (guint i = 0; i < blocks->len; i++)
    {
      Block *block = &g_array_index (blocks, Block, i);

      block->n_bytes = (block->n_bytes + alignment - 1) & ~(alignment - 1);
    }
  return blocks;
}

UnclipPlan *
unclip_plan_new (UnclipGraph         *graph,
                 UnclipPlanBytesFunc  get_bytes,
                 gpointer             user_data,
                 gsize               *scratch_bytes,
                 gsize                alignment)
{
  UnclipPlan           *plan = g_new0 (UnclipPlan, 1);
  g_autoptr (GArray)    blocks = NULL;
  g_autoptr (GPtrArray) neighbours = g_ptr_array_new ();

  plan->offsets = g_new0 (gsize, MAX (graph->tensors->len, 1));
  plan->scratch_offsets = g_new0 (gsize, MAX (graph->nodes->len, 1));
  plan->scratch_bytes = scratch_bytes;

  blocks = list_blocks (graph, plan, get_bytes, user_data, alignment);
  g_array_sort (blocks, compare_blocks);
  for (guint i = 0; i < blocks->len; i++)
    {
      Block *block = &g_array_index (blocks, Block, i);

      block->begin = find_place (block, (Block *) blocks->data, i, neighbours);
      *block->offset = block->begin;
      plan->arena_bytes = MAX (plan->arena_bytes, block->begin + block->n_bytes);
      plan->sum_bytes += block->n_bytes;
    }
  return plan;
}

void
unclip_plan_free (UnclipPlan *plan)
{
  if (plan == NULL)
    return;
  g_free (plan->offsets);
  g_free (plan->scratch_offsets);
  g_free (plan->scratch_bytes);
  g_free (plan);
}
