/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scalar reference: every operation in plain C, and an executor that runs graphs with it.
 *
 * Each operation has a pure function over unpadded channels-last arrays, in the order of its formula, which tests check
 * with numbers worked out by hand; and a node function that feeds it from a graph's node. Slow on purpose.
 */

#pragma once

#include "unclip-executor.h"
#include "unclip-node.h"

G_BEGIN_DECLS

/**
 * UnclipRefTensor:
 * @shape: as in the graph
 * @f: f32 values, channels last, unpadded; a weight's values in the order of its file; NULL for integers
 * @i: integer values; NULL for floats
 */
typedef struct
{
  UnclipShape shape;
  float      *f;
  gint32     *i;
} UnclipRefTensor;

/**
 * UnclipRefFunc:
 * @inputs: (array): as the node's; entries are %NULL where the node's are. Slices, reshapes and concatenations come as
 *   plain tensors.
 * @output: (out caller-allocates): zeroed, of the output's shape
 */
typedef void (*UnclipRefFunc) (const UnclipNode             *node,
                               const UnclipRefTensor *const *inputs,
                               UnclipRefTensor              *output);

void unclip_ref_activation_node (const UnclipNode             *node,
                                 const UnclipRefTensor *const *inputs,
                                 UnclipRefTensor              *output);
void unclip_ref_add_node (const UnclipNode             *node,
                          const UnclipRefTensor *const *inputs,
                          UnclipRefTensor              *output);
void unclip_ref_attention_node (const UnclipNode             *node,
                                const UnclipRefTensor *const *inputs,
                                UnclipRefTensor              *output);
void unclip_ref_avg_pool2_node (const UnclipNode             *node,
                                const UnclipRefTensor *const *inputs,
                                UnclipRefTensor              *output);
void unclip_ref_concat_tokens_node (const UnclipNode             *node,
                                    const UnclipRefTensor *const *inputs,
                                    UnclipRefTensor              *output);
void unclip_ref_conv2d_node (const UnclipNode             *node,
                             const UnclipRefTensor *const *inputs,
                             UnclipRefTensor              *output);
void unclip_ref_copy_concat_node (const UnclipNode             *node,
                                  const UnclipRefTensor *const *inputs,
                                  UnclipRefTensor              *output);
void unclip_ref_embed_tokens_node (const UnclipNode             *node,
                                   const UnclipRefTensor *const *inputs,
                                   UnclipRefTensor              *output);
void unclip_ref_freeu_node (const UnclipNode             *node,
                            const UnclipRefTensor *const *inputs,
                            UnclipRefTensor              *output);
void unclip_ref_group_norm_node (const UnclipNode             *node,
                                 const UnclipRefTensor *const *inputs,
                                 UnclipRefTensor              *output);
void unclip_ref_layer_norm_node (const UnclipNode             *node,
                                 const UnclipRefTensor *const *inputs,
                                 UnclipRefTensor              *output);
void unclip_ref_linear_node (const UnclipNode             *node,
                             const UnclipRefTensor *const *inputs,
                             UnclipRefTensor              *output);
void unclip_ref_patches_node (const UnclipNode             *node,
                              const UnclipRefTensor *const *inputs,
                              UnclipRefTensor              *output);
void unclip_ref_resize_bicubic_node (const UnclipNode             *node,
                                     const UnclipRefTensor *const *inputs,
                                     UnclipRefTensor              *output);
void unclip_ref_sampler_step_node (const UnclipNode             *node,
                                   const UnclipRefTensor *const *inputs,
                                   UnclipRefTensor              *output);
void unclip_ref_select_rows_node (const UnclipNode             *node,
                                  const UnclipRefTensor *const *inputs,
                                  UnclipRefTensor              *output);
void unclip_ref_slice_tokens_node (const UnclipNode             *node,
                                   const UnclipRefTensor *const *inputs,
                                   UnclipRefTensor              *output);
void unclip_ref_split_tokens_node (const UnclipNode             *node,
                                   const UnclipRefTensor *const *inputs,
                                   UnclipRefTensor              *output);
void unclip_ref_timestep_embedding_node (const UnclipNode             *node,
                                         const UnclipRefTensor *const *inputs,
                                         UnclipRefTensor              *output);
void unclip_ref_upsample2_node (const UnclipNode             *node,
                                const UnclipRefTensor *const *inputs,
                                UnclipRefTensor              *output);

/**
 * unclip_executor_new_ref:
 *
 * Returns: (transfer full): an executor that computes in scalar C, f32
 */
UnclipExecutor *unclip_executor_new_ref (void);

G_END_DECLS
