/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP text tower: embeddings, causal pre-norm blocks, final norm, projection of the end token. */

#include "config.h"

#include "unclip-clip-text.h"

#include "unclip-error.h"
#include "unclip-transformer-block.h"

/* What configs written before transformers 4.30 carry, whatever the tokenizer's end token is. */
#define LEGACY_EOS_TOKEN_ID 2

struct _UnclipClipText
{
  UnclipClipTextConfig    config;
  GPtrArray              *copies;   /* (owned) (nullable): filled-up weights */
  const UnclipArray      *token_embedding;      /* (V, D) */
  const UnclipArray      *position_embedding;   /* (S, D) */
  UnclipTransformerBlock *layers;               /* (owned) config.num_hidden_layers of them */
  UnclipLayer             final_layer_norm;     /* (D) */
  UnclipLayer             text_projection;      /* (P, D), no bias */
};

UnclipClipText *
unclip_clip_text_new (const UnclipClipTextConfig *config,
                      UnclipWeights              *weights,
                      GError                    **error)
{
  g_autoptr (UnclipClipText) net = g_new0 (UnclipClipText, 1);
  UnclipLoader loader = { .weights = weights };
  int d = config->hidden_size;

  net->config = *config;
  net->layers = g_new0 (UnclipTransformerBlock, config->num_hidden_layers);
  net->token_embedding = unclip_loader_array (&loader, (gint64[]){ config->vocab_size, d }, 2,
                                              "text_model.embeddings.token_embedding.weight");
  net->position_embedding = unclip_loader_array (&loader, (gint64[]){ config->max_position_embeddings, d }, 2,
                                                 "text_model.embeddings.position_embedding.weight");
  for (int i = 0; i < config->num_hidden_layers; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("text_model.encoder.layers.%d", i);

      unclip_transformer_block_load_clip (&net->layers[i], &loader, d, config->num_attention_heads,
                                          config->intermediate_size, prefix);
    }
  net->final_layer_norm = unclip_loader_norm (&loader, d, "text_model.final_layer_norm");
  net->text_projection.weight = unclip_loader_array (&loader, (gint64[]){ config->projection_dim, d }, 2,
                                                     "text_projection.weight");
  if (!unclip_loader_finish (&loader, &net->copies, error))
    return NULL;
  return g_steal_pointer (&net);
}

void
unclip_clip_text_free (UnclipClipText *net)
{
  if (net == NULL)
    return;
  g_free (net->layers);
  g_clear_pointer (&net->copies, g_ptr_array_unref);
  g_free (net);
}

const UnclipClipTextConfig *
unclip_clip_text_get_config (UnclipClipText *net)
{
  return &net->config;
}

int
unclip_clip_text_find_end (const UnclipClipTextConfig *config,
                           const gint32               *ids,
                           int                         n)
{
  gint32 end = config->eos_token_id;

  if (end == LEGACY_EOS_TOKEN_ID)
    for (int i = 0; i < n; i++)
      end = i == 0 ? ids[0] : MAX (end, ids[i]);
  for (int i = 0; i < n; i++)
    if (ids[i] == end)
      return i;
  return 0;
}

UnclipClipTextOutput
unclip_clip_text_forward (UnclipClipText *net,
                          UnclipGraph    *graph,
                          UnclipTensor   *input_ids,
                          UnclipTensor   *end,
                          UnclipTensor   *key_bias)
{
  UnclipTransformerParams params = {
    .eps = net->config.layer_norm_eps,
    .activation = net->config.hidden_act,
    .causal = TRUE,
    .key_bias = key_bias,
  };
  UnclipClipTextOutput out;
  UnclipTensor *x, *pooled;

  x = unclip_op_embed_tokens (graph, input_ids, unclip_graph_weight (graph, net->token_embedding),
                              unclip_graph_weight (graph, net->position_embedding)); /* (N, 1, S, D) */
  unclip_graph_probe (graph, x, "text_model.embeddings");
  for (int i = 0; i < net->config.num_hidden_layers; i++)
    {
      x = unclip_transformer_block_forward (&net->layers[i], graph, x, &params);     /* (N, 1, S, D) */
      unclip_graph_probe (graph, x, "text_model.encoder.layers.%d", i);
    }
  x = unclip_layer_layer_norm (graph, &net->final_layer_norm, x, params.eps);        /* (N, 1, S, D) */
  unclip_graph_probe (graph, x, "text_model.final_layer_norm");
  out.last_hidden_state = x;

  pooled = unclip_op_select_rows (graph, x, end);                                    /* (N, 1, 1, D) */
  out.text_embeds = unclip_layer_linear (graph, &net->text_projection, pooled,
                                         UNCLIP_ACTIVATION_NONE, NULL);              /* (N, 1, 1, P) */
  return out;
}

UnclipGraph *
unclip_clip_text_build (UnclipClipText *net,
                        int             n,
                        int             n_tokens,
                        gboolean        masked,
                        gboolean        probes,
                        GError        **error)
{
  g_autoptr (UnclipGraph) graph = NULL;
  UnclipTensor *input_ids, *end, *key_bias = NULL;
  UnclipClipTextOutput out;

  if (n < 1 || n_tokens < 1 || n_tokens > net->config.max_position_embeddings)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                   "The text tower takes 1 to %d tokens, not %d", net->config.max_position_embeddings, n_tokens);
      return NULL;
    }

  graph = unclip_graph_new ("clip-text");
  unclip_graph_set_probes (graph, probes);
  input_ids = unclip_graph_input (graph, "input_ids", (UnclipShape){ n, 1, n_tokens, 1 }, UNCLIP_DTYPE_I32);
  end = unclip_graph_input (graph, "end", (UnclipShape){ n, 1, 1, 1 }, UNCLIP_DTYPE_I32);
  if (masked)
    key_bias = unclip_net_tokens_input (graph, "key_bias", n, n_tokens, 1);

  out = unclip_clip_text_forward (net, graph, input_ids, end, key_bias);
  unclip_graph_output (graph, "last_hidden_state", out.last_hidden_state);
  unclip_graph_output (graph, "text_embeds", out.text_embeds);
  return g_steal_pointer (&graph);
}
