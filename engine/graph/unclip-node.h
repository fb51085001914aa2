/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inside of graphs: what operations, planners and executors see, and networks do not.
 *
 * An operation is an #UnclipOp, a constant table of functions; a use of it is an #UnclipNode with its inputs, its one
 * output and a copy of its parameters. Nodes stand in the order in which they were built, and run in that order.
 */

#pragma once

#include "unclip-graph.h"

G_BEGIN_DECLS

#define UNCLIP_NODE_MAX_INPUTS 10

typedef struct _UnclipNode     UnclipNode;
typedef struct _UnclipOp       UnclipOp;
typedef struct _UnclipRecorder UnclipRecorder;

/**
 * UnclipTensorKind:
 * @UNCLIP_TENSOR_INPUT: written by the caller, keeps its values from run to run
 * @UNCLIP_TENSOR_WEIGHT: constant
 * @UNCLIP_TENSOR_ACTIVATION: the output of a node
 * @UNCLIP_TENSOR_SLICE: some channels of @parent
 * @UNCLIP_TENSOR_RESHAPE: @parent's rows under another shape
 * @UNCLIP_TENSOR_CONCAT: @parts along channels, nowhere stored
 */
typedef enum
{
  UNCLIP_TENSOR_INPUT,
  UNCLIP_TENSOR_WEIGHT,
  UNCLIP_TENSOR_ACTIVATION,
  UNCLIP_TENSOR_SLICE,
  UNCLIP_TENSOR_RESHAPE,
  UNCLIP_TENSOR_CONCAT,
} UnclipTensorKind;

struct _UnclipTensor
{
  UnclipGraph      *graph;
  guint             id;                 /* position in graph->tensors */
  UnclipTensorKind  kind;
  UnclipShape       shape;
  UnclipDType       dtype;              /* F32 or I32: how callers see it */
  gboolean          keep_f32;           /* stored as f32 whatever the precision: outputs, sensitive small vectors */
  char             *name;               /* of an input or output, else NULL */

  /* ACTIVATION */
  UnclipNode       *producer;

  /* SLICE, RESHAPE */
  UnclipTensor     *parent;
  int               first_channel;

  /* CONCAT */
  UnclipTensor     *parts[2];
  UnclipTensor     *whole;              /* its materialised copy, once somebody needed it */

  /* WEIGHT: arrays stacked along their first dimension; data NULL stands for rows of zeros */
  guint             n_dims;
  gint64            dims[UNCLIP_ARRAY_MAX_DIMS];
  UnclipArray      *arrays;
  gint64           *n_array_rows;
  guint             n_arrays;
};

/**
 * UnclipOp:
 * @name: for labels and for finding the scalar reference
 * @reads_concat: can take an unmaterialised concatenation (of parts whose first is a multiple of 4 wide) as input 0
 * @count_flop: (nullable): multiply and add counted as two
 * @count_scratch: (nullable): bytes of scratch memory while the node runs
 * @record: puts the node's dispatches into the recorder; failures stick to the recorder
 */
struct _UnclipOp
{
  const char *name;
  gboolean    reads_concat;
  guint64   (*count_flop)    (const UnclipNode *node);
  gsize     (*count_scratch) (const UnclipNode *node, UnclipRecorder *recorder);
  void      (*record)        (const UnclipNode *node, UnclipRecorder *recorder);
};

struct _UnclipNode
{
  const UnclipOp *op;
  guint           index;                /* position in graph->nodes */
  UnclipTensor   *inputs[UNCLIP_NODE_MAX_INPUTS];       /* an absent optional input is NULL */
  guint           n_inputs;
  UnclipTensor   *output;
  gpointer        params;               /* the op's own struct, copied */
};

struct _UnclipGraph
{
  char      *name;
  gboolean   probes;
  GPtrArray *tensors;                   /* UnclipTensor, owned */
  GPtrArray *nodes;                     /* UnclipNode, owned */
  GPtrArray *inputs;                    /* UnclipTensor, borrowed from tensors */
  GPtrArray *outputs;                   /* UnclipTensor, borrowed from tensors */
};

/**
 * unclip_graph_add_node:
 * @inputs: (array length=n_inputs): entries may be %NULL
 * @params: (nullable): copied
 *
 * Operations call unclip_op_add_node(), which first makes concatenations whole where need be.
 *
 * Returns: (transfer none): the node; its output is a new activation of @shape
 */
UnclipNode   *unclip_graph_add_node         (UnclipGraph         *graph,
                                             const UnclipOp      *op,
                                             UnclipTensor *const *inputs,
                                             guint                n_inputs,
                                             gconstpointer        params,
                                             gsize                params_size,
                                             UnclipShape          shape);

/**
 * unclip_tensor_resolve:
 * @first_channel: (out): where @x begins in the stored rows
 *
 * Follows slices and reshapes down to the tensor that has storage: an input, weight or activation.
 */
UnclipTensor *unclip_tensor_resolve         (UnclipTensor        *x,
                                             int                 *first_channel);

/**
 * unclip_tensor_get_stride4: texels of four channels that one stored row takes.
 */
int           unclip_tensor_get_stride4     (UnclipTensor        *x);

/**
 * unclip_tensor_copy_weight_row:
 * @row: along the first dimension
 * @out: as many values as one row has: the product of the other dimensions
 *
 * For pack functions.
 */
void          unclip_tensor_copy_weight_row (UnclipTensor        *weight,
                                             gint64               row,
                                             float               *out);
gint64        unclip_tensor_get_weight_row_length (UnclipTensor  *weight);

static inline gint64
unclip_shape_get_n_rows (UnclipShape s)
{
  return (gint64) s.n * s.h * s.w;
}

static inline gint64
unclip_shape_get_n_values (UnclipShape s)
{
  return unclip_shape_get_n_rows (s) * s.c;
}

static inline gboolean
unclip_shape_equal (UnclipShape a, UnclipShape b)
{
  return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c;
}

static inline int
unclip_div_up (gint64 a, gint64 b)
{
  return (int) ((a + b - 1) / b);
}

G_END_DECLS
