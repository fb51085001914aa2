/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The UNets: blocks by configuration, the forward pass, and the context's part that can be kept. */

#include "config.h"

#include "unclip-unet.h"

#include "unclip-error.h"

#define MASKED -10000.0f   /* safe in f16, where minus infinity is not */

#define CONTEXT_NORM_EPS 1e-5f   /* of attentions that read the context: norm_eps does not reach them */

/* A down, mid or up block: layers of a resnet and perhaps an attention, then perhaps a resnet that
 * resizes. The mid block has one attention less than resnets, standing between them. */
typedef struct
{
  char                 *path;            /* (owned) such as "down_blocks.0" */
  int                   level;           /* 0 is the full size */
  UnclipResnet         *resnets;         /* (owned) n_layers of them, then the sampler's */
  UnclipAttentionBlock *attentions;      /* (owned) n_attentions of them */
  int                   n_layers;
  int                   n_attentions;
  int                   first_attention; /* their place among the net's attentions that read the context */
  gboolean              has_sampler;
} UnetBlock;

struct _UnclipUnet
{
  UnclipUnetConfig config;
  GPtrArray       *copies;   /* (owned) (nullable): filled-up weights */
  int              n_levels;
  int              n_attentions;    /* that read the context */
  UnclipLayer      conv_in;         /* (C0, in_channels, 3, 3) */
  UnclipLayer      time_linear_1;   /* (T, C0) */
  UnclipLayer      time_linear_2;   /* (T, T) */
  UnetBlock       *blocks;          /* (owned) n_levels down blocks, mid block, n_levels up blocks */
  UnclipLayer      conv_norm_out;   /* (C0) */
  UnclipLayer      conv_out;        /* (out_channels, C0, 3, 3) */
};

/* One forward pass in the making. */
typedef struct
{
  UnclipUnet             *net;
  UnclipGraph            *graph;
  const UnclipUnetInputs *inputs;
  UnclipTensor           *emb;      /* silu of the time embedding, (N, 1, 1, T) */
  GPtrArray              *skips;    /* kept outputs of the way down */
} UnetPass;

static int
get_n_blocks (UnclipUnet *net)
{
  return 2 * net->n_levels + 1;
}

static int
get_n_resnets (const UnetBlock *block)
{
  return block->n_layers + (block->has_sampler ? 1 : 0);
}

/* ---- construction ---------------------------------------------------------------------------- */

static void
load_resnet (UnclipUnet   *net,
             UnclipLoader *loader,
             UnetBlock    *block,
             int           i,
             int           n_in,
             int           n_out)
{
  gboolean is_sampler = i == block->n_layers;
  const char *sampler = g_str_has_prefix (block->path, "down") ? "downsamplers" : "upsamplers";
  g_autofree char *prefix = g_strdup_printf ("%s.%s.%d", block->path, is_sampler ? sampler : "resnets",
                                             is_sampler ? 0 : i);

  unclip_resnet_load (&block->resnets[i], loader,
                      &(UnclipResnetSpec){
                        .n_in = n_in,
                        .n_out = n_out,
                        .n_time = unclip_unet_get_n_time (net),
                        .n_groups = net->config.norm_num_groups,
                        .eps = net->config.norm_eps,
                        .scale_shift = net->config.scale_shift,
                      },
                      prefix);
}

/* What an attention of that many channels is: in the decoder it reads the context; in UNet2DModel
 * it does not, and has no norm where resnets scale and shift. */
static UnclipAttentionBlockSpec
make_attention_spec (UnclipUnet *net,
                     int         n_channels,
                     int         head_dim)
{
  const UnclipUnetConfig *config = &net->config;
  UnclipAttentionBlockSpec spec = {
    .n_channels = n_channels,
    .head_dim = head_dim > 0 ? head_dim : n_channels,
    .n_groups = config->norm_num_groups,
    .eps = CONTEXT_NORM_EPS,
  };

  spec.n_heads = n_channels / spec.head_dim;
  if (config->cross_attention_dim > 0)
    {
      spec.n_context = config->cross_attention_dim;
      return spec;
    }
  spec.eps = config->norm_eps;
  if (config->scale_shift)
    spec.n_groups = 0;
  return spec;
}

static void
load_attentions (UnclipUnet   *net,
                 UnclipLoader *loader,
                 UnetBlock    *block,
                 int           n_channels,
                 int           head_dim)
{
  UnclipAttentionBlockSpec spec = make_attention_spec (net, n_channels, head_dim);

  block->first_attention = net->n_attentions;
  block->attentions = g_new0 (UnclipAttentionBlock, block->n_attentions);
  if (spec.n_context > 0)
    net->n_attentions += block->n_attentions;
  for (int i = 0; i < block->n_attentions; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("%s.attentions.%d", block->path, i);

      unclip_attention_block_load (&block->attentions[i], loader, &spec, prefix);
    }
}

static void
load_down_block (UnclipUnet   *net,
                 UnclipLoader *loader,
                 int           i)
{
  const UnclipUnetConfig *config = &net->config;
  UnetBlock *block = &net->blocks[i];
  int n_out = config->block_out_channels[i];
  int n_in = config->block_out_channels[MAX (i - 1, 0)];

  block->path = g_strdup_printf ("down_blocks.%d", i);
  block->level = i;
  block->n_layers = config->layers_per_block[i];
  block->has_sampler = i < net->n_levels - 1;
  block->resnets = g_new0 (UnclipResnet, get_n_resnets (block));
  for (int k = 0; k < get_n_resnets (block); k++)
    load_resnet (net, loader, block, k, k == 0 ? n_in : n_out, n_out);
  if (config->down_attention[i])
    {
      block->n_attentions = block->n_layers;
      load_attentions (net, loader, block, n_out, config->attention_head_dim[i]);
    }
}

static void
load_mid_block (UnclipUnet   *net,
                UnclipLoader *loader)
{
  const UnclipUnetConfig *config = &net->config;
  UnetBlock *block = &net->blocks[net->n_levels];
  int c = config->block_out_channels[net->n_levels - 1];

  block->path = g_strdup ("mid_block");
  block->level = net->n_levels - 1;
  block->n_layers = 2;
  block->resnets = g_new0 (UnclipResnet, block->n_layers);
  for (int k = 0; k < block->n_layers; k++)
    load_resnet (net, loader, block, k, c, c);
  if (config->mid_attention)
    {
      block->n_attentions = 1;
      load_attentions (net, loader, block, c, config->attention_head_dim[net->n_levels - 1]);
    }
}

/* The kept outputs that block i reads are, in this order: those of the layers of its level, then
 * the one that came down into that level. */
static void
load_up_block (UnclipUnet   *net,
               UnclipLoader *loader,
               int           i)
{
  const UnclipUnetConfig *config = &net->config;
  UnetBlock *block = &net->blocks[net->n_levels + 1 + i];
  int level = net->n_levels - 1 - i;
  int n_out = config->block_out_channels[level];
  int n_before = config->block_out_channels[MIN (level + 1, net->n_levels - 1)];
  int n_last_skip = config->block_out_channels[MAX (level - 1, 0)];

  block->path = g_strdup_printf ("up_blocks.%d", i);
  block->level = level;
  block->n_layers = config->layers_per_block[level] + 1;
  block->has_sampler = level > 0;
  block->resnets = g_new0 (UnclipResnet, get_n_resnets (block));
  for (int k = 0; k < block->n_layers; k++)
    load_resnet (net, loader, block, k,
                 (k == 0 ? n_before : n_out) + (k == block->n_layers - 1 ? n_last_skip : n_out), n_out);
  if (block->has_sampler)
    load_resnet (net, loader, block, block->n_layers, n_out, n_out);
  if (config->up_attention[i])
    {
      /* Indexed by i and not by level: diffusers turns round every list but this one for the way up. */
      block->n_attentions = block->n_layers;
      load_attentions (net, loader, block, n_out, config->attention_head_dim[i]);
    }
}

static void
load (UnclipUnet   *net,
      UnclipLoader *loader)
{
  const UnclipUnetConfig *config = &net->config;
  int c = config->block_out_channels[0];
  int t = unclip_unet_get_n_time (net);

  net->conv_in = unclip_loader_conv (loader, c, config->in_channels, 3, "conv_in");
  net->time_linear_1 = unclip_loader_linear (loader, t, c, "time_embedding.linear_1");
  net->time_linear_2 = unclip_loader_linear (loader, t, t, "time_embedding.linear_2");
  for (int i = 0; i < net->n_levels; i++)
    load_down_block (net, loader, i);
  load_mid_block (net, loader);
  for (int i = 0; i < net->n_levels; i++)
    load_up_block (net, loader, i);
  net->conv_norm_out = unclip_loader_norm (loader, c, "conv_norm_out");
  net->conv_out = unclip_loader_conv (loader, config->out_channels, c, 3, "conv_out");
}

static gboolean
check_config (const UnclipUnetConfig *config,
              GError                **error)
{
  if (config->block_out_channels[0] % 2 != 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "The UNet's first block is %d channels wide; the time embedding needs an even number",
                   config->block_out_channels[0]);
      return FALSE;
    }
  return TRUE;
}

UnclipUnet *
unclip_unet_new (const UnclipUnetConfig *config,
                 UnclipWeights          *weights,
                 GError                **error)
{
  g_autoptr (UnclipUnet) net = NULL;
  UnclipLoader loader = { .weights = weights };

  if (!check_config (config, error))
    return NULL;

  net = g_new0 (UnclipUnet, 1);
  net->config = *config;
  net->n_levels = config->n_blocks;
  net->blocks = g_new0 (UnetBlock, get_n_blocks (net));
  load (net, &loader);
  if (!unclip_loader_finish (&loader, &net->copies, error))
    return NULL;
  return g_steal_pointer (&net);
}

void
unclip_unet_free (UnclipUnet *net)
{
  if (net == NULL)
    return;
  for (int i = 0; i < get_n_blocks (net); i++)
    {
      g_free (net->blocks[i].path);
      g_free (net->blocks[i].resnets);
      g_free (net->blocks[i].attentions);
    }
  g_free (net->blocks);
  g_clear_pointer (&net->copies, g_ptr_array_unref);
  g_free (net);
}

/* ---- questions ------------------------------------------------------------------------------- */

const UnclipUnetConfig *
unclip_unet_get_config (UnclipUnet *net)
{
  return &net->config;
}

int
unclip_unet_get_n_attentions (UnclipUnet *net)
{
  return net->n_attentions;
}

gboolean
unclip_unet_has_level_attention (UnclipUnet *net,
                                 int         level)
{
  for (int i = 0; i < get_n_blocks (net) && net->n_attentions > 0; i++)
    if (net->blocks[i].level == level && net->blocks[i].n_attentions > 0)
      return TRUE;
  return FALSE;
}

gboolean
unclip_unet_needs_class_labels (UnclipUnet *net)
{
  return net->config.class_embed_identity;
}

int
unclip_unet_get_n_time (UnclipUnet *net)
{
  return 4 * net->config.block_out_channels[0];
}

gboolean
unclip_unet_check_size (UnclipUnet *net,
                        int         height,
                        int         width,
                        GError    **error)
{
  int step = 1 << (net->n_levels - 1);

  if (height >= step && width >= step && height % step == 0 && width % step == 0)
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
               "The UNet cannot take a picture of %d×%d pixels: both sides must be multiples of %d",
               width, height, step);
  return FALSE;
}

/* ---- forward pass ---------------------------------------------------------------------------- */

/* emb = time_embedding (t) + class_labels, kept as silu (emb): nothing else is read of it. */
static void
embed_time (UnetPass *pass)
{
  UnclipUnet *net = pass->net;
  const UnclipUnetConfig *config = &net->config;
  UnclipTensor *emb;

  emb = unclip_op_timestep_embedding (pass->graph, pass->inputs->timestep, config->block_out_channels[0],
                                      config->flip_sin_to_cos, config->freq_shift);  /* (N, 1, 1, C0) */
  emb = unclip_layer_linear (pass->graph, &net->time_linear_1, emb, UNCLIP_ACTIVATION_SILU, NULL); /* (N, 1, 1, T) */
  emb = unclip_layer_linear (pass->graph, &net->time_linear_2, emb, UNCLIP_ACTIVATION_NONE, NULL); /* (N, 1, 1, T) */
  unclip_graph_probe (pass->graph, emb, "time_embedding");
  if (unclip_unet_needs_class_labels (net))
    emb = unclip_op_add (pass->graph, emb, pass->inputs->class_labels);             /* (N, 1, 1, T) */
  pass->emb = unclip_op_activation (pass->graph, emb, UNCLIP_ACTIVATION_SILU);      /* (N, 1, 1, T) */
}

/* The time projections of all resnets of a block, one product for those that a slice can give. A
 * slice begins at a multiple of four channels, so a resnet of odd width gets a product of its own. */
static UnclipTensor **
project_time (UnetPass        *pass,
              const UnetBlock *block)
{
  int n = get_n_resnets (block);
  g_autofree const UnclipLayer **stacked = g_new0 (const UnclipLayer *, n);
  UnclipTensor **time = g_new0 (UnclipTensor *, n);
  UnclipTensor *stack = NULL;
  int n_stacked = 0;
  int first = 0;

  for (int i = 0; i < n; i++)
    if (unclip_resnet_get_n_time_rows (&block->resnets[i]) % 4 == 0)
      stacked[n_stacked++] = &block->resnets[i].time_emb_proj;
  if (n_stacked > 0)
    stack = unclip_layer_linear_stack (pass->graph, stacked, n_stacked, pass->emb); /* (N, 1, 1, sum) */
  for (int i = 0; i < n; i++)
    {
      int n_rows = unclip_resnet_get_n_time_rows (&block->resnets[i]);

      if (n_rows % 4 != 0)
        {
          time[i] = unclip_layer_linear (pass->graph, &block->resnets[i].time_emb_proj, pass->emb,
                                         UNCLIP_ACTIVATION_NONE, NULL);             /* (N, 1, 1, O or 2·O) */
          continue;
        }
      time[i] = unclip_graph_slice_channels (pass->graph, stack, first, n_rows);    /* (N, 1, 1, O or 2·O) */
      first += n_rows;
    }
  return time;
}

static UnclipTensor *
attend (UnetPass        *pass,
        const UnetBlock *block,
        int              i,
        UnclipTensor    *x)
{
  gboolean reads_context = pass->net->n_attentions > 0;
  UnclipTensor *const *kv = pass->inputs->context_kv;
  UnclipTensor *const *key_bias = pass->inputs->key_bias;

  x = unclip_attention_block_forward (&block->attentions[i], pass->graph, x,
                                      reads_context ? kv[block->first_attention + i] : NULL,
                                      reads_context && key_bias != NULL ? key_bias[block->level] : NULL);
  unclip_graph_probe (pass->graph, x, "%s.attentions.%d", block->path, i);
  return x;
}

static UnclipTensor *
run_resnet (UnetPass        *pass,
            const UnetBlock *block,
            int              i,
            UnclipTensor    *x,
            UnclipTensor    *time)
{
  x = unclip_resnet_forward (&block->resnets[i], pass->graph, x, time, UNCLIP_RESIZE_NONE);
  unclip_graph_probe (pass->graph, x, "%s.resnets.%d", block->path, i);
  return x;
}

/* ResnetDownsampleBlock2D, SimpleCrossAttnDownBlock2D */
static UnclipTensor *
run_down_block (UnetPass        *pass,
                const UnetBlock *block,
                UnclipTensor    *x)
{
  g_autofree UnclipTensor **time = project_time (pass, block);

  for (int i = 0; i < block->n_layers; i++)
    {
      x = run_resnet (pass, block, i, x, time[i]);                                  /* (N, H, W, O) */
      if (block->n_attentions > 0)
        x = attend (pass, block, i, x);                                             /* (N, H, W, O) */
      g_ptr_array_add (pass->skips, x);
    }
  if (block->has_sampler)
    {
      x = unclip_resnet_forward (&block->resnets[block->n_layers], pass->graph, x, time[block->n_layers],
                                 UNCLIP_RESIZE_DOWN);                               /* (N, H/2, W/2, O) */
      unclip_graph_probe (pass->graph, x, "%s.downsamplers.0", block->path);
      g_ptr_array_add (pass->skips, x);
    }
  unclip_graph_probe (pass->graph, x, "%s", block->path);
  return x;
}

/* UNetMidBlock2D, UNetMidBlock2DSimpleCrossAttn */
static UnclipTensor *
run_mid_block (UnetPass        *pass,
               const UnetBlock *block,
               UnclipTensor    *x)
{
  g_autofree UnclipTensor **time = project_time (pass, block);

  x = run_resnet (pass, block, 0, x, time[0]);                                      /* (N, H, W, C) */
  if (block->n_attentions > 0)
    x = attend (pass, block, 0, x);                                                 /* (N, H, W, C) */
  x = run_resnet (pass, block, 1, x, time[1]);                                      /* (N, H, W, C) */
  unclip_graph_probe (pass->graph, x, "%s", block->path);
  return x;
}

/* What a resnet of an up block reads; see UnclipUnetFreeu. */
static UnclipTensor *
join_skip (UnetPass        *pass,
           const UnetBlock *block,
           UnclipTensor    *x,
           UnclipTensor    *skip)
{
  const UnclipUnetFreeu *freeu = pass->inputs->freeu;
  int i = pass->net->n_levels - 1 - block->level;

  if (freeu != NULL && i < UNCLIP_UNET_N_FREEU)
    {
      x = unclip_op_freeu (pass->graph, x, unclip_tensor_get_shape (x).c / 2, freeu->b[i], 1); /* (N, H, W, C) */
      skip = unclip_op_freeu (pass->graph, skip, 0, 1, freeu->s[i]);                /* (N, H, W, S) */
    }
  return unclip_graph_concat_channels (pass->graph, x, skip);                       /* (N, H, W, C + S) */
}

/* ResnetUpsampleBlock2D, SimpleCrossAttnUpBlock2D */
static UnclipTensor *
run_up_block (UnetPass        *pass,
              const UnetBlock *block,
              UnclipTensor    *x)
{
  g_autofree UnclipTensor **time = project_time (pass, block);

  for (int i = 0; i < block->n_layers; i++)
    {
      UnclipTensor *skip = g_ptr_array_steal_index (pass->skips, pass->skips->len - 1);

      x = join_skip (pass, block, x, skip);                                         /* (N, H, W, I) */
      x = run_resnet (pass, block, i, x, time[i]);                                  /* (N, H, W, O) */
      if (block->n_attentions > 0)
        x = attend (pass, block, i, x);                                             /* (N, H, W, O) */
    }
  if (block->has_sampler)
    {
      x = unclip_resnet_forward (&block->resnets[block->n_layers], pass->graph, x, time[block->n_layers],
                                 UNCLIP_RESIZE_UP);                                 /* (N, 2H, 2W, O) */
      unclip_graph_probe (pass->graph, x, "%s.upsamplers.0", block->path);
    }
  unclip_graph_probe (pass->graph, x, "%s", block->path);
  return x;
}

UnclipTensor *
unclip_unet_forward (UnclipUnet             *net,
                     UnclipGraph            *graph,
                     const UnclipUnetInputs *inputs)
{
  g_autoptr (GPtrArray) skips = g_ptr_array_new ();
  UnetPass pass = { .net = net, .graph = graph, .inputs = inputs, .skips = skips };
  UnclipTensor *x;

  embed_time (&pass);
  x = unclip_layer_conv (graph, &net->conv_in, inputs->sample, NULL);               /* (N, H, W, C0) */
  unclip_graph_probe (graph, x, "conv_in");
  g_ptr_array_add (skips, x);
  for (int i = 0; i < net->n_levels; i++)
    x = run_down_block (&pass, &net->blocks[i], x);
  x = run_mid_block (&pass, &net->blocks[net->n_levels], x);
  for (int i = 0; i < net->n_levels; i++)
    x = run_up_block (&pass, &net->blocks[net->n_levels + 1 + i], x);
  x = unclip_layer_group_norm (graph, &net->conv_norm_out, x, net->config.norm_num_groups, net->config.norm_eps,
                               NULL, TRUE);                                         /* (N, H, W, C0) */
  return unclip_layer_conv (graph, &net->conv_out, x, NULL);                        /* (N, H, W, out_channels) */
}

/* The context-reading attention of that number, and its name in graphs: "context_kv." and its module path. */
static const UnclipAttentionBlock *
get_attention (UnclipUnet *net,
               int         n,
               char      **name)
{
  for (int i = 0; i < get_n_blocks (net); i++)
    {
      const UnetBlock *block = &net->blocks[i];
      int k = n - block->first_attention;

      if (k < 0 || k >= block->n_attentions)
        continue;
      *name = g_strdup_printf ("context_kv.%s.attentions.%d", block->path, k);
      return &block->attentions[k];
    }
  g_assert_not_reached ();
}

void
unclip_unet_forward_context (UnclipUnet    *net,
                             UnclipGraph   *graph,
                             UnclipTensor  *encoder_hidden_states,
                             UnclipTensor **context_kv)
{
  for (int i = 0; i < net->n_attentions; i++)
    {
      g_autofree char *name = NULL;

      context_kv[i] = unclip_attention_block_forward_context (get_attention (net, i, &name), graph,
                                                              encoder_hidden_states); /* (N, 1, M, 2D) */
    }
}

/* ---- graphs ---------------------------------------------------------------------------------- */

static char *
dup_key_bias_name (int level)
{
  return g_strdup_printf ("key_bias.%d", level);
}

static int
get_n_keys (const UnclipUnetParams *params,
            int                     level)
{
  return params->n_context + (params->height >> level) * (params->width >> level);
}

static gboolean
check_params (UnclipUnet             *net,
              const UnclipUnetParams *params,
              GError                **error)
{
  if (!unclip_unet_check_size (net, params->height, params->width, error))
    return FALSE;
  if (params->n < 1 || (net->n_attentions > 0 && params->n_context < 1))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                   "The UNet needs at least one picture and one context token, not %d and %d",
                   params->n, params->n_context);
      return FALSE;
    }
  return TRUE;
}

static void
add_context_inputs (UnclipUnet             *net,
                    UnclipGraph            *graph,
                    const UnclipUnetParams *params,
                    UnclipTensor          **context_kv)
{
  if (!params->kept_context)
    {
      unclip_unet_forward_context (net, graph,
                                   unclip_net_tokens_input (graph, "encoder_hidden_states", params->n,
                                                            params->n_context, net->config.cross_attention_dim),
                                   context_kv);
      return;
    }
  for (int i = 0; i < net->n_attentions; i++)
    {
      g_autofree char *name = NULL;
      const UnclipAttentionBlockSpec *spec = &get_attention (net, i, &name)->spec;

      context_kv[i] = unclip_net_tokens_input (graph, name, params->n, params->n_context,
                                               2 * spec->n_heads * spec->head_dim); /* (N, 1, M, 2D) */
    }
}

static void
add_key_bias_inputs (UnclipUnet             *net,
                     UnclipGraph            *graph,
                     const UnclipUnetParams *params,
                     UnclipTensor          **key_bias)
{
  for (int level = 0; level < net->n_levels; level++)
    {
      g_autofree char *name = dup_key_bias_name (level);

      if (unclip_unet_has_level_attention (net, level))
        key_bias[level] = unclip_net_tokens_input (graph, name, params->n, get_n_keys (params, level), 1);
    }
}

UnclipGraph *
unclip_unet_build (UnclipUnet             *net,
                   const UnclipUnetParams *params,
                   GError                **error)
{
  g_autoptr (UnclipGraph) graph = NULL;
  g_autofree UnclipTensor **context_kv = g_new0 (UnclipTensor *, net->n_attentions);
  g_autofree UnclipTensor **key_bias = g_new0 (UnclipTensor *, net->n_levels);
  UnclipShape shape = { params->n, params->height, params->width, net->config.in_channels };
  UnclipUnetInputs inputs = { .context_kv = context_kv, .freeu = params->has_freeu ? &params->freeu : NULL };

  if (!check_params (net, params, error))
    return NULL;

  graph = unclip_graph_new ("unet");
  unclip_graph_set_probes (graph, params->probes);
  inputs.sample = unclip_graph_input (graph, "sample", shape, UNCLIP_DTYPE_F32);
  inputs.timestep = unclip_net_vector_input (graph, "timestep", params->n, 1);
  if (unclip_unet_needs_class_labels (net))
    inputs.class_labels = unclip_net_vector_input (graph, "class_labels", params->n, unclip_unet_get_n_time (net));
  if (net->n_attentions > 0)
    {
      add_context_inputs (net, graph, params, context_kv);
      if (params->masked)
        {
          add_key_bias_inputs (net, graph, params, key_bias);
          inputs.key_bias = key_bias;
        }
    }
  unclip_graph_output (graph, "sample", unclip_unet_forward (net, graph, &inputs));
  return g_steal_pointer (&graph);
}

UnclipGraph *
unclip_unet_build_context (UnclipUnet *net,
                           int         n,
                           int         n_context)
{
  UnclipGraph *graph = unclip_graph_new ("unet-context");
  g_autofree UnclipTensor **context_kv = g_new0 (UnclipTensor *, net->n_attentions);

  g_assert (net->n_attentions > 0);
  unclip_unet_forward_context (net, graph,
                               unclip_net_tokens_input (graph, "encoder_hidden_states", n, n_context,
                                                        net->config.cross_attention_dim),
                               context_kv);
  for (int i = 0; i < net->n_attentions; i++)
    {
      g_autofree char *name = NULL;

      get_attention (net, i, &name);
      unclip_graph_output (graph, name, context_kv[i]);
    }
  return graph;
}

gboolean
unclip_unet_copy_context (UnclipUnet    *net,
                          UnclipProgram *step,
                          UnclipProgram *context,
                          GError       **error)
{
  for (int i = 0; i < net->n_attentions; i++)
    {
      g_autofree char *name = NULL;

      get_attention (net, i, &name);
      if (!unclip_program_copy (step, name, context, name, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
unclip_unet_write_mask (UnclipUnet             *net,
                        const UnclipUnetParams *params,
                        UnclipProgram          *program,
                        const float            *mask,
                        GError                **error)
{
  int m = params->n_context;

  for (int level = 0; level < net->n_levels; level++)
    {
      int n_keys = get_n_keys (params, level);
      g_autofree char *name = dup_key_bias_name (level);
      g_autofree float *bias = NULL;

      if (!unclip_unet_has_level_attention (net, level))
        continue;
      bias = g_new0 (float, (gsize) params->n * n_keys);
      for (int i = 0; i < params->n; i++)
        for (int k = 0; k < m; k++)
          bias[(gsize) i * n_keys + k] = (1 - mask[i * m + k]) * MASKED;
      if (!unclip_program_write_f32 (program, name, bias, error))
        return FALSE;
    }
  return TRUE;
}
