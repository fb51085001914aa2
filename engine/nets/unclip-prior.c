/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PriorTransformer in its plain form and in the form that keeps the prompt's keys and values. */

#include "config.h"

#include "unclip-prior.h"

#include "unclip-error.h"
#include "unclip-transformer-block.h"

#define LAYER_NORM_EPS 1e-5f   /* torch's default; no config key names it */
#define MASKED -10000.0f       /* safe in f16, where minus infinity is not */
#define N_STEP_TOKENS 3        /* time, noised embedding, query */

struct _UnclipPrior
{
  UnclipPriorConfig       config;
  GPtrArray              *copies;   /* (owned) (nullable): filled-up weights */
  int                     width;                        /* D */
  const UnclipArray      *positional_embedding;         /* (1, S + 4, D) */
  UnclipArray             step_positions;               /* its last three rows */
  const UnclipArray      *prd_embedding;                /* (1, 1, D) */
  const UnclipArray      *clip_mean, *clip_std;         /* (1, E) */
  UnclipLayer             time_linear_1, time_linear_2; /* (T, D), (D, T) */
  UnclipLayer             proj_in;                      /* (D, E) */
  UnclipLayer             embedding_proj;               /* (D, E') */
  UnclipLayer             encoder_hidden_states_proj;   /* (D, E) */
  UnclipTransformerBlock *blocks;                       /* (owned) config.num_layers of them */
  UnclipLayer             norm_out;                     /* (D) */
  UnclipLayer             proj_to_clip_embeddings;      /* (E, D) */
};

static gboolean
check_config (const UnclipPriorConfig *config,
              GError                 **error)
{
  if (config->additional_embeddings != 1 + N_STEP_TOKENS)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "The prior has %d additional embeddings; Fugue handles priors with 4",
                   config->additional_embeddings);
      return FALSE;
    }
  if (config->num_attention_heads * config->attention_head_dim % 2 != 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "The prior's width %d is odd",
                   config->num_attention_heads * config->attention_head_dim);
      return FALSE;
    }
  return TRUE;
}

/* The rows of the learned positions that the last three tokens get. */
static void
view_step_positions (UnclipPrior *net)
{
  const UnclipArray *all = net->positional_embedding;
  gsize row_bytes = net->width * unclip_dtype_get_size (all->dtype);

  net->step_positions = *all;
  net->step_positions.dims[1] = N_STEP_TOKENS;
  net->step_positions.n_bytes = N_STEP_TOKENS * row_bytes;
  net->step_positions.data = (const guint8 *) all->data + (all->dims[1] - N_STEP_TOKENS) * row_bytes;
}

static void
load (UnclipPrior  *net,
      UnclipLoader *loader)
{
  const UnclipPriorConfig *config = &net->config;
  int d = net->width;
  int e = config->embedding_dim;
  int t = config->time_embed_dim;

  net->positional_embedding
    = unclip_loader_array (loader, (gint64[]){ 1, unclip_prior_get_length (net), d }, 3, "positional_embedding");
  net->prd_embedding = unclip_loader_array (loader, (gint64[]){ 1, 1, d }, 3, "prd_embedding");
  net->clip_mean = unclip_loader_array (loader, (gint64[]){ 1, config->clip_embed_dim }, 2, "clip_mean");
  net->clip_std = unclip_loader_array (loader, (gint64[]){ 1, config->clip_embed_dim }, 2, "clip_std");
  net->time_linear_1 = unclip_loader_linear (loader, t, d, "time_embedding.linear_1");
  net->time_linear_2 = unclip_loader_linear (loader, d, t, "time_embedding.linear_2");
  net->proj_in = unclip_loader_linear (loader, d, e, "proj_in");
  net->embedding_proj = unclip_loader_linear (loader, d, config->embedding_proj_dim, "embedding_proj");
  net->encoder_hidden_states_proj = unclip_loader_linear (loader, d, e, "encoder_hidden_states_proj");
  for (int i = 0; i < config->num_layers; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("transformer_blocks.%d", i);

      unclip_transformer_block_load_diffusers (&net->blocks[i], loader, d, config->num_attention_heads, prefix);
    }
  net->norm_out = unclip_loader_norm (loader, d, "norm_out");
  net->proj_to_clip_embeddings = unclip_loader_linear (loader, config->clip_embed_dim, d, "proj_to_clip_embeddings");
}

UnclipPrior *
unclip_prior_new (const UnclipPriorConfig *config,
                  UnclipWeights           *weights,
                  GError                 **error)
{
  g_autoptr (UnclipPrior) net = NULL;
  UnclipLoader loader = { .weights = weights };

  if (!check_config (config, error))
    return NULL;

  net = g_new0 (UnclipPrior, 1);
  net->config = *config;
  net->width = config->num_attention_heads * config->attention_head_dim;
  net->blocks = g_new0 (UnclipTransformerBlock, config->num_layers);
  load (net, &loader);
  if (!unclip_loader_finish (&loader, &net->copies, error))
    return NULL;
  view_step_positions (net);
  return g_steal_pointer (&net);
}

void
unclip_prior_free (UnclipPrior *net)
{
  if (net == NULL)
    return;
  g_free (net->blocks);
  g_clear_pointer (&net->copies, g_ptr_array_unref);
  g_free (net);
}

const UnclipPriorConfig *
unclip_prior_get_config (UnclipPrior *net)
{
  return &net->config;
}

void
unclip_prior_denormalise (UnclipPrior *net,
                          float       *z,
                          int          n_items)
{
  int e = net->config.clip_embed_dim;
  g_autofree float *mean = g_new (float, e);
  g_autofree float *std = g_new (float, e);

  unclip_array_copy_f32 (net->clip_mean, 0, e, mean);
  unclip_array_copy_f32 (net->clip_std, 0, e, std);
  for (int i = 0; i < n_items; i++)
    for (int k = 0; k < e; k++)
      z[i * e + k] = z[i * e + k] * std[k] + mean[k];
}

float *
unclip_prior_dup_key_bias (UnclipPrior *net,
                           const float *mask,
                           int          n,
                           int          length)
{
  int s = net->config.num_embeddings;
  float *bias = g_new0 (float, (gsize) n * length);

  for (int i = 0; i < n; i++)
    for (int k = 0; k < MIN (s, length); k++)
      bias[i * length + k] = (1 - mask[i * s + k]) * MASKED;
  return bias;
}

int
unclip_prior_get_prompt_length (UnclipPrior *net)
{
  return net->config.num_embeddings + 1;
}

int
unclip_prior_get_length (UnclipPrior *net)
{
  return net->config.num_embeddings + 1 + N_STEP_TOKENS;
}

/* Time and noised embedding as tokens: (N, 1, 1, D) each. */
static void
embed_step (UnclipPrior   *net,
            UnclipGraph   *graph,
            UnclipTensor  *hidden_states,
            UnclipTensor  *timestep,
            UnclipTensor **tokens)
{
  UnclipTensor *time;

  time = unclip_op_timestep_embedding (graph, timestep, net->width, TRUE, 0);        /* (N, 1, 1, D) */
  time = unclip_layer_linear (graph, &net->time_linear_1, time, UNCLIP_ACTIVATION_SILU, NULL); /* (N, 1, 1, T) */
  time = unclip_layer_linear (graph, &net->time_linear_2, time, UNCLIP_ACTIVATION_NONE, NULL); /* (N, 1, 1, D) */
  unclip_graph_probe (graph, time, "time_embedding");
  tokens[0] = time;
  tokens[1] = unclip_layer_linear (graph, &net->proj_in, hidden_states, UNCLIP_ACTIVATION_NONE, NULL);
  unclip_graph_probe (graph, tokens[1], "proj_in");
  tokens[2] = unclip_graph_weight (graph, net->prd_embedding);
}

/* Text and its embedding as tokens: (N, 1, S, D) and (N, 1, 1, D). */
static void
embed_prompt (UnclipPrior             *net,
              UnclipGraph             *graph,
              const UnclipPriorPrompt *prompt,
              UnclipTensor           **tokens)
{
  tokens[0] = unclip_layer_linear (graph, &net->encoder_hidden_states_proj, prompt->encoder_hidden_states,
                                   UNCLIP_ACTIVATION_NONE, NULL);
  tokens[1] = unclip_layer_linear (graph, &net->embedding_proj, prompt->proj_embedding,
                                   UNCLIP_ACTIVATION_NONE, NULL);
  unclip_graph_probe (graph, tokens[1], "embedding_proj");
}

/* The last position, normalised and mapped back to an embedding. */
static UnclipTensor *
predict (UnclipPrior  *net,
         UnclipGraph  *graph,
         UnclipTensor *x)
{
  x = unclip_op_slice_tokens (graph, x, unclip_tensor_get_shape (x).w - 1, 1);       /* (N, 1, 1, D) */
  x = unclip_layer_layer_norm (graph, &net->norm_out, x, LAYER_NORM_EPS);            /* (N, 1, 1, D) */
  return unclip_layer_linear (graph, &net->proj_to_clip_embeddings, x,
                              UNCLIP_ACTIVATION_NONE, NULL);                         /* (N, 1, 1, E) */
}

static UnclipTransformerParams
block_params (UnclipTensor *key_bias)
{
  return (UnclipTransformerParams){
    .eps = LAYER_NORM_EPS,
    .activation = UNCLIP_ACTIVATION_GELU,
    .causal = TRUE,
    .key_bias = key_bias,
  };
}

UnclipTensor *
unclip_prior_forward (UnclipPrior             *net,
                      UnclipGraph             *graph,
                      UnclipTensor            *hidden_states,
                      UnclipTensor            *timestep,
                      const UnclipPriorPrompt *prompt,
                      UnclipTensor            *key_bias)
{
  UnclipTransformerParams params = block_params (key_bias);
  UnclipTensor *tokens[2 + N_STEP_TOKENS];
  UnclipTensor *x;

  embed_step (net, graph, hidden_states, timestep, tokens + 2);
  embed_prompt (net, graph, prompt, tokens);
  x = unclip_op_concat_tokens (graph, tokens, G_N_ELEMENTS (tokens),
                               unclip_graph_weight (graph, net->positional_embedding)); /* (N, 1, S + 4, D) */
  for (int i = 0; i < net->config.num_layers; i++)
    {
      x = unclip_transformer_block_forward (&net->blocks[i], graph, x, &params);     /* (N, 1, S + 4, D) */
      unclip_graph_probe (graph, x, "transformer_blocks.%d", i);
    }
  return predict (net, graph, x);                                                    /* (N, 1, 1, E) */
}

void
unclip_prior_forward_prompt (UnclipPrior             *net,
                             UnclipGraph             *graph,
                             const UnclipPriorPrompt *prompt,
                             UnclipTensor            *key_bias,
                             UnclipTensor           **kv)
{
  UnclipTransformerParams params = block_params (key_bias);
  int last = net->config.num_layers - 1;
  UnclipTensor *tokens[2];
  UnclipTensor *x;

  embed_prompt (net, graph, prompt, tokens);
  x = unclip_op_concat_tokens (graph, tokens, G_N_ELEMENTS (tokens),
                               unclip_graph_weight (graph, net->positional_embedding)); /* (N, 1, S + 1, D) */
  for (int i = 0; i < last; i++)
    {
      params.kv = &kv[i];                                                            /* (N, 1, S + 1, 2·A·K) */
      x = unclip_transformer_block_forward (&net->blocks[i], graph, x, &params);     /* (N, 1, S + 1, D) */
    }
  kv[last] = unclip_transformer_block_forward_kv (&net->blocks[last], graph, x, LAYER_NORM_EPS);
}

UnclipTensor *
unclip_prior_forward_step (UnclipPrior         *net,
                           UnclipGraph         *graph,
                           UnclipTensor        *hidden_states,
                           UnclipTensor        *timestep,
                           UnclipTensor        *key_bias,
                           UnclipTensor *const *kv)
{
  UnclipTransformerParams params = block_params (key_bias);
  UnclipTensor *tokens[N_STEP_TOKENS];
  UnclipTensor *x;

  embed_step (net, graph, hidden_states, timestep, tokens);
  x = unclip_op_concat_tokens (graph, tokens, G_N_ELEMENTS (tokens),
                               unclip_graph_weight (graph, &net->step_positions));   /* (N, 1, 3, D) */
  for (int i = 0; i < net->config.num_layers; i++)
    {
      params.past_kv = kv[i];                                                        /* (N, 1, S + 1, 2·A·K) */
      x = unclip_transformer_block_forward (&net->blocks[i], graph, x, &params);     /* (N, 1, 3, D) */
    }
  return predict (net, graph, x);                                                    /* (N, 1, 1, E) */
}

static UnclipPriorPrompt
prompt_inputs (UnclipPrior *net,
               UnclipGraph *graph,
               int          n)
{
  return (UnclipPriorPrompt){
    .proj_embedding = unclip_net_vector_input (graph, "proj_embedding", n, net->config.embedding_proj_dim),
    .encoder_hidden_states = unclip_net_tokens_input (graph, "encoder_hidden_states", n,
                                                      net->config.num_embeddings, net->config.embedding_dim),
  };
}

static UnclipTensor *
key_bias_input (UnclipGraph *graph,
                int          n,
                int          length,
                gboolean     masked)
{
  return masked ? unclip_net_tokens_input (graph, "key_bias", n, length, 1) : NULL;
}

UnclipGraph *
unclip_prior_build (UnclipPrior *net,
                    int          n,
                    gboolean     masked,
                    gboolean     probes)
{
  UnclipGraph *graph = unclip_graph_new ("prior");
  UnclipTensor *hidden_states, *timestep, *key_bias;
  UnclipPriorPrompt prompt;

  unclip_graph_set_probes (graph, probes);
  hidden_states = unclip_net_vector_input (graph, "hidden_states", n, net->config.embedding_dim);
  timestep = unclip_net_vector_input (graph, "timestep", n, 1);
  prompt = prompt_inputs (net, graph, n);
  key_bias = key_bias_input (graph, n, unclip_prior_get_length (net), masked);
  unclip_graph_output (graph, "predicted_image_embedding",
                       unclip_prior_forward (net, graph, hidden_states, timestep, &prompt, key_bias));
  return graph;
}

static char *
dup_cache_name (int layer)
{
  return g_strdup_printf ("kv.%d", layer);
}

UnclipGraph *
unclip_prior_build_prompt (UnclipPrior *net,
                           int          n,
                           gboolean     masked)
{
  UnclipGraph *graph = unclip_graph_new ("prior-prompt");
  g_autofree UnclipTensor **kv = g_new0 (UnclipTensor *, net->config.num_layers);
  UnclipPriorPrompt prompt = prompt_inputs (net, graph, n);
  UnclipTensor *key_bias = key_bias_input (graph, n, unclip_prior_get_prompt_length (net), masked);

  unclip_prior_forward_prompt (net, graph, &prompt, key_bias, kv);
  for (int i = 0; i < net->config.num_layers; i++)
    {
      g_autofree char *name = dup_cache_name (i);

      unclip_graph_output (graph, name, kv[i]);
    }
  return graph;
}

UnclipGraph *
unclip_prior_build_step (UnclipPrior *net,
                         int          n,
                         gboolean     masked)
{
  UnclipGraph *graph = unclip_graph_new ("prior-step");
  g_autofree UnclipTensor **kv = g_new0 (UnclipTensor *, net->config.num_layers);
  UnclipTensor *hidden_states = unclip_net_vector_input (graph, "hidden_states", n, net->config.embedding_dim);
  UnclipTensor *timestep = unclip_net_vector_input (graph, "timestep", n, 1);
  UnclipTensor *key_bias = key_bias_input (graph, n, unclip_prior_get_length (net), masked);

  for (int i = 0; i < net->config.num_layers; i++)
    {
      g_autofree char *name = dup_cache_name (i);

      kv[i] = unclip_net_tokens_input (graph, name, n, unclip_prior_get_prompt_length (net),
                                       unclip_transformer_block_get_kv_width (&net->blocks[i]));
    }
  unclip_graph_output (graph, "predicted_image_embedding",
                       unclip_prior_forward_step (net, graph, hidden_states, timestep, key_bias, kv));
  return graph;
}

gboolean
unclip_prior_copy_cache (UnclipPrior   *net,
                         UnclipProgram *step,
                         UnclipProgram *prompt,
                         GError       **error)
{
  for (int i = 0; i < net->config.num_layers; i++)
    {
      g_autofree char *name = dup_cache_name (i);

      if (!unclip_program_copy (step, name, prompt, name, error))
        return FALSE;
    }
  return TRUE;
}
