/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory planning: every activation gets a place in one arena for as long as somebody will still read it. */

#pragma once

#include "unclip-node.h"

G_BEGIN_DECLS

/**
 * UnclipPlan:
 * @arena_bytes: size of the arena
 * @sum_bytes: what the same blocks would take one beside the other
 * @offsets: (array): by tensor id: byte offset in the arena; %UNCLIP_PLAN_NOWHERE for tensors without storage of their own
 * @scratch_offsets: (array): by node index: where the node's scratch begins
 * @scratch_bytes: (array): by node index
 */
typedef struct
{
  gsize  arena_bytes;
  gsize  sum_bytes;
  gsize *offsets;
  gsize *scratch_offsets;
  gsize *scratch_bytes;
} UnclipPlan;

#define UNCLIP_PLAN_NOWHERE G_MAXSIZE

/**
 * UnclipPlanBytesFunc:
 *
 * Returns: bytes that @tensor takes, with its padding
 */
typedef gsize (*UnclipPlanBytesFunc) (UnclipTensor *tensor, gpointer user_data);

/**
 * unclip_plan_new:
 * @scratch_bytes: (array) (transfer full): by node index, bytes each node needs while it runs
 * @alignment: of every block, a power of two
 *
 * Blocks are placed from the largest to the smallest, each at the lowest offset that is free for its whole lifetime.
 * Inputs and outputs of the graph keep their places for ever. A node's output never shares bytes with its inputs or
 * its scratch.
 *
 * Thread: any; the graph must not change meanwhile.
 */
UnclipPlan *unclip_plan_new  (UnclipGraph         *graph,
                              UnclipPlanBytesFunc  get_bytes,
                              gpointer             user_data,
                              gsize               *scratch_bytes,
                              gsize                alignment);
void        unclip_plan_free (UnclipPlan          *plan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipPlan, unclip_plan_free)

G_END_DECLS
