/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ResnetBlock2D: both ways for the time embedding to enter, and its halving and doubling twins. */

#include "config.h"

#include "unclip-resnet.h"

#include "unclip-error.h"

static void
check_groups (UnclipLoader           *loader,
              const UnclipResnetSpec *spec,
              const char             *prefix)
{
  if (loader->error != NULL)
    return;
  if (spec->n_groups < 1 || spec->n_in % spec->n_groups != 0 || spec->n_out % spec->n_groups != 0)
    g_set_error (&loader->error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                 "%d and %d channels of “%s” cannot be normalised in %d groups",
                 spec->n_in, spec->n_out, prefix, spec->n_groups);
}

void
unclip_resnet_load (UnclipResnet           *resnet,
                    UnclipLoader           *loader,
                    const UnclipResnetSpec *spec,
                    const char             *prefix)
{
  resnet->spec = *spec;
  check_groups (loader, spec, prefix);
  resnet->norm1 = unclip_loader_norm (loader, spec->n_in, "%s.norm1", prefix);
  resnet->conv1 = unclip_loader_conv (loader, spec->n_out, spec->n_in, 3, "%s.conv1", prefix);
  resnet->time_emb_proj = unclip_loader_linear (loader, unclip_resnet_get_n_time_rows (resnet), spec->n_time,
                                                "%s.time_emb_proj", prefix);
  resnet->norm2 = unclip_loader_norm (loader, spec->n_out, "%s.norm2", prefix);
  resnet->conv2 = unclip_loader_conv (loader, spec->n_out, spec->n_out, 3, "%s.conv2", prefix);
  if (spec->n_in != spec->n_out)
    resnet->conv_shortcut = unclip_loader_conv (loader, spec->n_out, spec->n_in, 1, "%s.conv_shortcut", prefix);
}

int
unclip_resnet_get_n_time_rows (const UnclipResnet *resnet)
{
  return resnet->spec.scale_shift ? 2 * resnet->spec.n_out : resnet->spec.n_out;
}

UnclipTensor *
unclip_resnet_forward (const UnclipResnet *resnet,
                       UnclipGraph        *graph,
                       UnclipTensor       *x,
                       UnclipTensor       *time,
                       UnclipResize        resize)
{
  const UnclipResnetSpec *spec = &resnet->spec;
  UnclipConvParams conv1 = { .image_bias = spec->scale_shift ? NULL : time };
  UnclipConvParams conv2 = { 0 };
  UnclipTensor *h;

  h = unclip_layer_group_norm (graph, &resnet->norm1, x, spec->n_groups, spec->eps, NULL, TRUE); /* (N, H, W, I) */
  if (resize == UNCLIP_RESIZE_DOWN)
    {
      h = unclip_op_avg_pool2 (graph, h);                                            /* (N, H/2, W/2, I) */
      x = unclip_op_avg_pool2 (graph, x);                                            /* (N, H/2, W/2, I) */
    }
  else if (resize == UNCLIP_RESIZE_UP)
    {
      conv1.upsample = TRUE;
      x = unclip_op_upsample2 (graph, x);                                            /* (N, 2H, 2W, I) */
    }
  h = unclip_layer_conv (graph, &resnet->conv1, h, &conv1);                          /* (N, H', W', O) */
  h = unclip_layer_group_norm (graph, &resnet->norm2, h, spec->n_groups, spec->eps,
                               spec->scale_shift ? time : NULL, TRUE);               /* (N, H', W', O) */
  if (resnet->conv_shortcut.weight != NULL)
    x = unclip_layer_linear (graph, &resnet->conv_shortcut, x, UNCLIP_ACTIVATION_NONE, NULL); /* (N, H', W', O) */
  conv2.residual = x;
  return unclip_layer_conv (graph, &resnet->conv2, h, &conv2);                       /* (N, H', W', O) */
}
