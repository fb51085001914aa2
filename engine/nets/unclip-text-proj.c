/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The decoder's conditioning: an addition to its time embedding, and its context tokens. */

#include "config.h"

#include "unclip-text-proj.h"

#define LAYER_NORM_EPS 1e-5f   /* torch's default; no config key names it */

struct _UnclipTextProj
{
  UnclipTextProjConfig config;
  const UnclipArray   *learned_classifier_free_guidance_embeddings;   /* (E) */
  UnclipLayer          embedding_proj;                                /* (T', E) */
  UnclipLayer          clip_image_embeddings_project_to_time_embeddings;   /* (T', E) */
  UnclipLayer          clip_extra_context_tokens_proj;                /* (T·X, E) */
  UnclipLayer          encoder_hidden_states_proj;                    /* (X, E) */
  UnclipLayer          text_encoder_hidden_states_norm;               /* (X) */
};

UnclipTextProj *
unclip_text_proj_new (const UnclipTextProjConfig *config,
                      UnclipWeights              *weights,
                      GError                    **error)
{
  g_autoptr (UnclipTextProj) net = g_new0 (UnclipTextProj, 1);
  UnclipLoader loader = { .weights = weights };
  int e = config->clip_embeddings_dim;
  int x = config->cross_attention_dim;

  net->config = *config;
  net->learned_classifier_free_guidance_embeddings
    = unclip_loader_array (&loader, (gint64[]){ e }, 1, "learned_classifier_free_guidance_embeddings");
  net->embedding_proj = unclip_loader_linear (&loader, config->time_embed_dim, e, "embedding_proj");
  net->clip_image_embeddings_project_to_time_embeddings
    = unclip_loader_linear (&loader, config->time_embed_dim, e, "clip_image_embeddings_project_to_time_embeddings");
  net->clip_extra_context_tokens_proj
    = unclip_loader_linear (&loader, config->clip_extra_context_tokens * x, e, "clip_extra_context_tokens_proj");
  net->encoder_hidden_states_proj = unclip_loader_linear (&loader, x, e, "encoder_hidden_states_proj");
  net->text_encoder_hidden_states_norm = unclip_loader_norm (&loader, x, "text_encoder_hidden_states_norm");
  if (!unclip_loader_finish (&loader, NULL, error))
    return NULL;
  return g_steal_pointer (&net);
}

void
unclip_text_proj_free (UnclipTextProj *net)
{
  g_free (net);
}

const UnclipTextProjConfig *
unclip_text_proj_get_config (UnclipTextProj *net)
{
  return &net->config;
}

const UnclipArray *
unclip_text_proj_get_null_embedding (UnclipTextProj *net)
{
  return net->learned_classifier_free_guidance_embeddings;
}

UnclipTextProjOutput
unclip_text_proj_forward (UnclipTextProj *net,
                          UnclipGraph    *graph,
                          UnclipTensor   *image_embeddings,
                          UnclipTensor   *prompt_embeds,
                          UnclipTensor   *text_encoder_hidden_states)
{
  UnclipTextProjOutput out;
  UnclipTensor *time, *extra, *hidden;
  UnclipTensor *parts[2];

  time = unclip_layer_linear (graph, &net->embedding_proj, prompt_embeds,
                              UNCLIP_ACTIVATION_NONE, NULL);                        /* (N, 1, 1, T') */
  unclip_graph_probe (graph, time, "embedding_proj");
  out.additive_clip_time_embeddings
    = unclip_layer_linear (graph, &net->clip_image_embeddings_project_to_time_embeddings, image_embeddings,
                           UNCLIP_ACTIVATION_NONE, time);                           /* (N, 1, 1, T') */

  extra = unclip_layer_linear (graph, &net->clip_extra_context_tokens_proj, image_embeddings,
                               UNCLIP_ACTIVATION_NONE, NULL);                       /* (N, 1, 1, T·X) */
  unclip_graph_probe (graph, extra, "clip_extra_context_tokens_proj");
  extra = unclip_op_split_tokens (graph, extra, net->config.clip_extra_context_tokens, TRUE); /* (N, 1, T, X) */

  hidden = unclip_layer_linear (graph, &net->encoder_hidden_states_proj, text_encoder_hidden_states,
                                UNCLIP_ACTIVATION_NONE, NULL);                      /* (N, 1, S, X) */
  unclip_graph_probe (graph, hidden, "encoder_hidden_states_proj");
  hidden = unclip_layer_layer_norm (graph, &net->text_encoder_hidden_states_norm, hidden,
                                    LAYER_NORM_EPS);                                /* (N, 1, S, X) */
  parts[0] = extra;
  parts[1] = hidden;
  out.text_encoder_hidden_states = unclip_op_concat_tokens (graph, parts, 2, NULL); /* (N, 1, T + S, X) */
  return out;
}

UnclipGraph *
unclip_text_proj_build (UnclipTextProj *net,
                        int             n,
                        int             n_tokens,
                        gboolean        probes)
{
  int e = net->config.clip_embeddings_dim;
  UnclipGraph *graph = unclip_graph_new ("text-proj");
  UnclipTensor *image_embeddings, *prompt_embeds, *hidden;
  UnclipTextProjOutput out;

  unclip_graph_set_probes (graph, probes);
  image_embeddings = unclip_net_vector_input (graph, "image_embeddings", n, e);
  prompt_embeds = unclip_net_vector_input (graph, "prompt_embeds", n, e);
  hidden = unclip_net_tokens_input (graph, "text_encoder_hidden_states", n, n_tokens, e);
  out = unclip_text_proj_forward (net, graph, image_embeddings, prompt_embeds, hidden);
  unclip_graph_output (graph, "text_encoder_hidden_states", out.text_encoder_hidden_states);
  unclip_graph_output (graph, "additive_clip_time_embeddings", out.additive_clip_time_embeddings);
  return graph;
}
