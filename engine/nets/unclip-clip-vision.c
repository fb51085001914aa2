/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP vision tower: patches, class token, pre-norm blocks without a mask, projection of the class token. */

#include "config.h"

#include "unclip-clip-vision.h"

#include "unclip-error.h"
#include "unclip-transformer-block.h"

struct _UnclipClipVision
{
  UnclipClipVisionConfig  config;
  GPtrArray              *copies;   /* (owned) (nullable): filled-up weights */
  const UnclipArray      *class_embedding;      /* (D) */
  UnclipLayer             patch_embedding;      /* (D, 3, P, P), no bias */
  const UnclipArray      *position_embedding;   /* (1 + S, D) */
  UnclipLayer             pre_layrnorm;         /* (D) */
  UnclipTransformerBlock *layers;               /* (owned) config.num_hidden_layers of them */
  UnclipLayer             post_layernorm;       /* (D) */
  UnclipLayer             visual_projection;    /* (P, D), no bias */
};

static int
get_n_patches (const UnclipClipVisionConfig *config)
{
  int side = config->image_size / config->patch_size;

  return side * side;
}

static void
load_embeddings (UnclipClipVision *net,
                 UnclipLoader     *loader)
{
  const UnclipClipVisionConfig *config = &net->config;
  int d = config->hidden_size;
  int p = config->patch_size;

  net->class_embedding = unclip_loader_array (loader, (gint64[]){ d }, 1, "vision_model.embeddings.class_embedding");
  net->patch_embedding.weight = unclip_loader_array (loader, (gint64[]){ d, config->num_channels, p, p }, 4,
                                                     "vision_model.embeddings.patch_embedding.weight");
  net->position_embedding = unclip_loader_array (loader, (gint64[]){ 1 + get_n_patches (config), d }, 2,
                                                 "vision_model.embeddings.position_embedding.weight");
  net->pre_layrnorm = unclip_loader_norm (loader, d, "vision_model.pre_layrnorm");
}

UnclipClipVision *
unclip_clip_vision_new (const UnclipClipVisionConfig *config,
                        UnclipWeights                *weights,
                        GError                      **error)
{
  g_autoptr (UnclipClipVision) net = g_new0 (UnclipClipVision, 1);
  UnclipLoader loader = { .weights = weights };
  int d = config->hidden_size;

  if (config->patch_size < 1 || config->image_size < config->patch_size)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "The CLIP vision tower cannot cut a picture of %d pixels into patches of %d",
                   config->image_size, config->patch_size);
      return NULL;
    }

  net->config = *config;
  net->layers = g_new0 (UnclipTransformerBlock, config->num_hidden_layers);
  load_embeddings (net, &loader);
  for (int i = 0; i < config->num_hidden_layers; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("vision_model.encoder.layers.%d", i);

      unclip_transformer_block_load_clip (&net->layers[i], &loader, d, config->num_attention_heads,
                                          config->intermediate_size, prefix);
    }
  net->post_layernorm = unclip_loader_norm (&loader, d, "vision_model.post_layernorm");
  net->visual_projection.weight = unclip_loader_array (&loader, (gint64[]){ config->projection_dim, d }, 2,
                                                       "visual_projection.weight");
  if (!unclip_loader_finish (&loader, &net->copies, error))
    return NULL;
  return g_steal_pointer (&net);
}

void
unclip_clip_vision_free (UnclipClipVision *net)
{
  if (net == NULL)
    return;
  g_free (net->layers);
  g_clear_pointer (&net->copies, g_ptr_array_unref);
  g_free (net);
}

const UnclipClipVisionConfig *
unclip_clip_vision_get_config (UnclipClipVision *net)
{
  return &net->config;
}

int
unclip_clip_vision_get_input_size (UnclipClipVision *net)
{
  return net->config.image_size / net->config.patch_size * net->config.patch_size;
}

/* Patches in row order behind the class token, positions added. */
static UnclipTensor *
embed_picture (UnclipClipVision *net,
               UnclipGraph      *graph,
               UnclipTensor     *pixel_values)
{
  int n = unclip_tensor_get_shape (pixel_values).n;
  int d = net->config.hidden_size;
  UnclipTensor *parts[2];
  UnclipTensor *x;

  x = unclip_op_patches (graph, pixel_values, net->config.patch_size);               /* (N, H/P, W/P, P·P·3) */
  x = unclip_layer_linear (graph, &net->patch_embedding, x, UNCLIP_ACTIVATION_NONE, NULL); /* (N, H/P, W/P, D) */
  x = unclip_graph_reshape (graph, x, (UnclipShape){ n, 1, get_n_patches (&net->config), d }); /* (N, 1, S, D) */
  parts[0] = unclip_graph_weight (graph, net->class_embedding);                      /* (1, 1, 1, D) */
  parts[1] = x;
  return unclip_op_concat_tokens (graph, parts, 2,
                                  unclip_graph_weight (graph, net->position_embedding)); /* (N, 1, 1 + S, D) */
}

UnclipClipVisionOutput
unclip_clip_vision_forward (UnclipClipVision *net,
                            UnclipGraph      *graph,
                            UnclipTensor     *pixel_values)
{
  UnclipTransformerParams params = {
    .eps = net->config.layer_norm_eps,
    .activation = net->config.hidden_act,
  };
  UnclipClipVisionOutput out;
  UnclipTensor *x, *pooled;

  x = embed_picture (net, graph, pixel_values);                                      /* (N, 1, 1 + S, D) */
  unclip_graph_probe (graph, x, "vision_model.embeddings");
  x = unclip_layer_layer_norm (graph, &net->pre_layrnorm, x, params.eps);            /* (N, 1, 1 + S, D) */
  unclip_graph_probe (graph, x, "vision_model.pre_layrnorm");
  for (int i = 0; i < net->config.num_hidden_layers; i++)
    {
      x = unclip_transformer_block_forward (&net->layers[i], graph, x, &params);     /* (N, 1, 1 + S, D) */
      unclip_graph_probe (graph, x, "vision_model.encoder.layers.%d", i);
    }
  out.last_hidden_state = x;

  pooled = unclip_op_slice_tokens (graph, x, 0, 1);                                  /* (N, 1, 1, D) */
  pooled = unclip_layer_layer_norm (graph, &net->post_layernorm, pooled, params.eps); /* (N, 1, 1, D) */
  unclip_graph_probe (graph, pooled, "vision_model.post_layernorm");
  out.image_embeds = unclip_layer_linear (graph, &net->visual_projection, pooled,
                                          UNCLIP_ACTIVATION_NONE, NULL);             /* (N, 1, 1, P) */
  return out;
}

UnclipGraph *
unclip_clip_vision_build (UnclipClipVision *net,
                          int               n,
                          gboolean          probes)
{
  int size = unclip_clip_vision_get_input_size (net);
  UnclipGraph *graph = unclip_graph_new ("clip-vision");
  UnclipClipVisionOutput out;
  UnclipTensor *pixel_values;

  unclip_graph_set_probes (graph, probes);
  pixel_values = unclip_graph_input (graph, "pixel_values",
                                     (UnclipShape){ n, size, size, net->config.num_channels }, UNCLIP_DTYPE_F32);
  out = unclip_clip_vision_forward (net, graph, pixel_values);
  unclip_graph_output (graph, "last_hidden_state", out.last_hidden_state);
  unclip_graph_output (graph, "image_embeds", out.image_embeds);
  return graph;
}
