/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The recorder's inside, for the Vulkan executor, which makes one to compile a graph. */

#pragma once

#include "unclip-constants.h"
#include "unclip-plan.h"
#include "unclip-recorder.h"

G_BEGIN_DECLS

struct _UnclipRecorder
{
  /* Constant, borrowed from the executor and the program */
  UnclipGpuDevice  *device;
  UnclipConstants  *constants;
  gboolean          use_f16;
  gboolean          prefers_shared;
  UnclipPlan       *plan;               /* NULL while scratch is being counted */
  UnclipGpuBuffer  *arena;
  UnclipGpuCommand *command;

  /* State */
  const UnclipNode *node;               /* being recorded */
  GString          *note;
  guint64           weight_bytes;
  GHashTable       *seen_weights;       /* set of buffer+offset strings already counted */
  GError           *error;              /* the first failure */
};

/**
 * unclip_recorder_stores_f16: whether that tensor with storage is f16 on the device.
 */
gboolean unclip_recorder_stores_f16 (UnclipRecorder *recorder,
                                     UnclipTensor   *root);

/**
 * unclip_recorder_get_tensor_bytes: with padding.
 */
gsize    unclip_recorder_get_tensor_bytes (UnclipRecorder *recorder,
                                           UnclipTensor   *root);

G_END_DECLS
