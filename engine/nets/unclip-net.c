/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Classes by name: how each is loaded, and how the arguments of its forward() become graph inputs. */

#include "config.h"

#include "unclip-net.h"

#include "unclip-clip-text.h"
#include "unclip-clip-vision.h"
#include "unclip-config.h"
#include "unclip-error.h"
#include "unclip-prior.h"
#include "unclip-text-proj.h"
#include "unclip-unet.h"
#include "unclip-weights.h"

#include <string.h>

#define MASKED -10000.0f   /* what the networks add to the scores of a hidden key */

/* One evaluation in the making. */
typedef struct
{
  UnclipExecutor        *executor;
  const UnclipNetInputs *inputs;
  gboolean               blocks;
} NetEval;

typedef struct
{
  const char      *class_name;
  UnclipNetLayout  field_layout;    /* of fields and blocks, unless they are vectors */
  gpointer       (*load)    (const char *folder, UnclipWeights *weights, GError **error);
  void           (*free)    (gpointer model);
  UnclipProgram *(*prepare) (gpointer model, const NetEval *eval, GError **error);
} NetClass;

struct _UnclipNet
{
  const NetClass *klass;
  UnclipWeights  *weights;          /* (owned) */
  gpointer        model;            /* (owned) by klass */
};

/* Writes the argument of that name, which has the graph's own order of values. */
static gboolean
write_argument (UnclipProgram     *program,
                const char        *name,
                const UnclipArray *array,
                GError           **error)
{
  g_autofree float *values = unclip_net_array_dup_f32 (array);

  return unclip_program_write_f32 (program, name, values, error);
}

static gboolean
write_timesteps (UnclipProgram         *program,
                 const UnclipNetInputs *inputs,
                 int                    n,
                 GError               **error)
{
  g_autofree float *t = unclip_net_inputs_dup_timesteps (inputs, n, error);

  return t != NULL && unclip_program_write_f32 (program, "timestep", t, error);
}

/* A mask that may be absent: FALSE only for one of the wrong shape. */
static gboolean
find_mask (const UnclipNetInputs *inputs,
           const char            *name,
           int                    n,
           int                    n_tokens,
           float                **mask,
           GError               **error)
{
  const UnclipArray *array;

  *mask = NULL;
  if (unclip_net_inputs_find (inputs, name) == NULL)
    return TRUE;
  array = unclip_net_inputs_require (inputs, name, (gint64[]){ n, n_tokens }, 2, error);
  if (array == NULL)
    return FALSE;
  *mask = unclip_net_array_dup_f32 (array);
  return TRUE;
}

/* ---- CLIP text ------------------------------------------------------------------------------- */

static gpointer
load_clip_text (const char    *folder,
                UnclipWeights *weights,
                GError       **error)
{
  UnclipClipTextConfig config;

  return unclip_clip_text_config_load (folder, &config, error) ? unclip_clip_text_new (&config, weights, error) : NULL;
}

static gint32 *
dup_ids (const UnclipArray          *array,
         const UnclipClipTextConfig *config,
         GError                    **error)
{
  gint64 n = unclip_array_get_n_elements (array);
  g_autofree float *values = unclip_net_array_dup_f32 (array);
  g_autofree gint32 *ids = g_new (gint32, n);

  for (gint64 i = 0; i < n; i++)
    {
      if (!(values[i] >= 0 && values[i] < config->vocab_size))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                       "The input “input_ids” holds %g; ids go from 0 to %d", values[i], config->vocab_size - 1);
          return NULL;
        }
      ids[i] = (gint32) values[i];
    }
  return g_steal_pointer (&ids);
}

static gboolean
write_text (UnclipProgram              *program,
            const UnclipClipTextConfig *config,
            const gint32               *ids,
            int                         n,
            int                         s,
            float                      *mask,
            GError                    **error)
{
  g_autofree gint32 *end = g_new (gint32, n);

  for (int i = 0; i < n; i++)
    end[i] = unclip_clip_text_find_end (config, ids + i * s, s);
  for (int i = 0; mask != NULL && i < n * s; i++)
    mask[i] = (1 - mask[i]) * MASKED;
  return unclip_program_write_i32 (program, "input_ids", ids, error)
         && unclip_program_write_i32 (program, "end", end, error)
         && (mask == NULL || unclip_program_write_f32 (program, "key_bias", mask, error));
}

static UnclipProgram *
prepare_clip_text (gpointer       model,
                   const NetEval *eval,
                   GError       **error)
{
  const UnclipClipTextConfig *config = unclip_clip_text_get_config (model);
  const UnclipArray *array;
  g_autoptr (UnclipProgram) program = NULL;
  g_autofree gint32 *ids = NULL;
  g_autofree float *mask = NULL;
  UnclipGraph *graph;
  int n, s;

  array = unclip_net_inputs_require (eval->inputs, "input_ids", (gint64[]){ UNCLIP_NET_ANY, UNCLIP_NET_ANY }, 2, error);
  if (array == NULL || (ids = dup_ids (array, config, error)) == NULL)
    return NULL;
  n = (int) array->dims[0];
  s = (int) array->dims[1];
  if (!find_mask (eval->inputs, "attention_mask", n, s, &mask, error))
    return NULL;
  graph = unclip_clip_text_build (model, n, s, mask != NULL, eval->blocks, error);
  if (graph == NULL)
    return NULL;
  program = unclip_executor_compile (eval->executor, graph, error);
  if (program == NULL || !write_text (program, config, ids, n, s, mask, error))
    return NULL;
  return g_steal_pointer (&program);
}

/* ---- CLIP vision ----------------------------------------------------------------------------- */

static gpointer
load_clip_vision (const char    *folder,
                  UnclipWeights *weights,
                  GError       **error)
{
  UnclipClipVisionConfig config;

  return unclip_clip_vision_config_load (folder, &config, error) ? unclip_clip_vision_new (&config, weights, error)
                                                                 : NULL;
}

static UnclipProgram *
prepare_clip_vision (gpointer       model,
                     const NetEval *eval,
                     GError       **error)
{
  const UnclipClipVisionConfig *config = unclip_clip_vision_get_config (model);
  int size = unclip_clip_vision_get_input_size (model);
  g_autoptr (UnclipProgram) program = NULL;
  g_autofree float *pixels = NULL;
  const UnclipArray *array;
  gint64 dims[] = { UNCLIP_NET_ANY, config->num_channels, config->image_size, config->image_size };

  array = unclip_net_inputs_require (eval->inputs, "pixel_values", dims, 4, error);
  if (array == NULL)
    return NULL;
  program = unclip_executor_compile (eval->executor,
                                     unclip_clip_vision_build (model, (int) array->dims[0], eval->blocks), error);
  if (program == NULL)
    return NULL;
  pixels = unclip_net_array_dup_channels_last (array, size, size);
  if (!unclip_program_write_f32 (program, "pixel_values", pixels, error))
    return NULL;
  return g_steal_pointer (&program);
}

/* ---- prior ----------------------------------------------------------------------------------- */

static gpointer
load_prior (const char    *folder,
            UnclipWeights *weights,
            GError       **error)
{
  UnclipPriorConfig config;

  return unclip_prior_config_load (folder, &config, error) ? unclip_prior_new (&config, weights, error) : NULL;
}

static gboolean
write_prior (UnclipPrior           *prior,
             UnclipProgram         *program,
             const UnclipNetInputs *inputs,
             int                    n,
             const float           *mask,
             GError               **error)
{
  static const char *const names[] = { "hidden_states", "proj_embedding", "encoder_hidden_states" };
  g_autofree float *key_bias = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!write_argument (program, names[i], unclip_net_inputs_find (inputs, names[i]), error))
      return FALSE;
  if (!write_timesteps (program, inputs, n, error))
    return FALSE;
  if (mask == NULL)
    return TRUE;
  key_bias = unclip_prior_dup_key_bias (prior, mask, n, unclip_prior_get_length (prior));
  return unclip_program_write_f32 (program, "key_bias", key_bias, error);
}

static UnclipProgram *
prepare_prior (gpointer       model,
               const NetEval *eval,
               GError       **error)
{
  const UnclipPriorConfig *config = unclip_prior_get_config (model);
  const UnclipNetInputs *inputs = eval->inputs;
  g_autoptr (UnclipProgram) program = NULL;
  g_autofree float *mask = NULL;
  const UnclipArray *array;
  gint64 n;

  array = unclip_net_inputs_require (inputs, "hidden_states", (gint64[]){ UNCLIP_NET_ANY, config->embedding_dim }, 2, error);
  if (array == NULL)
    return NULL;
  n = array->dims[0];
  if (unclip_net_inputs_require (inputs, "proj_embedding", (gint64[]){ n, config->embedding_proj_dim }, 2, error) == NULL
      || unclip_net_inputs_require (inputs, "encoder_hidden_states",
                                    (gint64[]){ n, config->num_embeddings, config->embedding_dim }, 3, error) == NULL
      || !find_mask (inputs, "attention_mask", (int) n, config->num_embeddings, &mask, error))
    return NULL;
  program = unclip_executor_compile (eval->executor,
                                     unclip_prior_build (model, (int) n, mask != NULL, eval->blocks), error);
  if (program == NULL || !write_prior (model, program, inputs, (int) n, mask, error))
    return NULL;
  return g_steal_pointer (&program);
}

/* ---- text projection ------------------------------------------------------------------------- */

static gpointer
load_text_proj (const char    *folder,
                UnclipWeights *weights,
                GError       **error)
{
  UnclipTextProjConfig config;

  return unclip_text_proj_config_load (folder, &config, error) ? unclip_text_proj_new (&config, weights, error) : NULL;
}

/* With guidance the first half of the rows, the unconditional one, has the learned embedding in the image's place. */
static float *
dup_image_rows (UnclipTextProj    *model,
                const UnclipArray *images,
                int                n,
                gboolean           guided)
{
  int e = unclip_text_proj_get_config (model)->clip_embeddings_dim;
  int n_null = guided ? n / 2 : 0;
  float *rows = g_new (float, (gsize) n * e);

  for (int i = 0; i < n_null; i++)
    unclip_array_copy_f32 (unclip_text_proj_get_null_embedding (model), 0, e, rows + (gsize) i * e);
  unclip_array_copy_f32 (images, 0, (gint64) (n - n_null) * e, rows + (gsize) n_null * e);
  return rows;
}

static UnclipProgram *
prepare_text_proj (gpointer       model,
                   const NetEval *eval,
                   GError       **error)
{
  const UnclipNetInputs *inputs = eval->inputs;
  gint64 e = unclip_text_proj_get_config (model)->clip_embeddings_dim;
  gboolean guided = unclip_net_inputs_get_flag (inputs, "do_classifier_free_guidance");
  g_autoptr (UnclipProgram) program = NULL;
  g_autofree float *rows = NULL;
  const UnclipArray *images, *prompt, *text;
  gint64 n;

  images = unclip_net_inputs_require (inputs, "image_embeddings", (gint64[]){ UNCLIP_NET_ANY, e }, 2, error);
  if (images == NULL)
    return NULL;
  n = images->dims[0] * (guided ? 2 : 1);
  prompt = unclip_net_inputs_require (inputs, "prompt_embeds", (gint64[]){ n, e }, 2, error);
  if (prompt == NULL)
    return NULL;
  text = unclip_net_inputs_require (inputs, "text_encoder_hidden_states", (gint64[]){ n, UNCLIP_NET_ANY, e }, 3, error);
  if (text == NULL)
    return NULL;

  program = unclip_executor_compile (eval->executor,
                                     unclip_text_proj_build (model, (int) n, (int) text->dims[1], eval->blocks), error);
  if (program == NULL)
    return NULL;
  rows = dup_image_rows (model, images, (int) n, guided);
  if (!unclip_program_write_f32 (program, "image_embeddings", rows, error)
      || !write_argument (program, "prompt_embeds", prompt, error)
      || !write_argument (program, "text_encoder_hidden_states", text, error))
    return NULL;
  return g_steal_pointer (&program);
}

/* ---- UNets ----------------------------------------------------------------------------------- */

static gpointer
load_unet (const char    *folder,
           UnclipWeights *weights,
           GError       **error)
{
  UnclipUnetConfig config;

  return unclip_unet_config_load (folder, &config, error) ? unclip_unet_new (&config, weights, error) : NULL;
}

/* Checks everything but the sample, whose batch is known, and fetches the mask: `attention_mask`,
 * as unCLIP's pipelines call the context's mask, goes before `encoder_attention_mask`. */
static gboolean
check_conditioning (UnclipUnet            *unet,
                    const UnclipNetInputs *inputs,
                    UnclipUnetParams      *params,
                    float                **mask,
                    GError               **error)
{
  gint64 n = params->n;
  const UnclipArray *context;

  *mask = NULL;
  if (unclip_unet_needs_class_labels (unet)
      && unclip_net_inputs_require (inputs, "class_labels", (gint64[]){ n, unclip_unet_get_n_time (unet) }, 2, error) == NULL)
    return FALSE;
  if (unclip_unet_get_n_attentions (unet) == 0)
    return TRUE;

  context = unclip_net_inputs_require (inputs, "encoder_hidden_states",
                                       (gint64[]){ n, UNCLIP_NET_ANY, unclip_unet_get_config (unet)->cross_attention_dim },
                                       3, error);
  if (context == NULL)
    return FALSE;
  params->n_context = (int) context->dims[1];
  if (!find_mask (inputs, "attention_mask", params->n, params->n_context, mask, error))
    return FALSE;
  if (*mask == NULL && !find_mask (inputs, "encoder_attention_mask", params->n, params->n_context, mask, error))
    return FALSE;
  params->masked = *mask != NULL;
  return TRUE;
}

static gboolean
write_unet (UnclipUnet             *unet,
            UnclipProgram          *program,
            const UnclipNetInputs  *inputs,
            const UnclipUnetParams *params,
            const float            *mask,
            GError                **error)
{
  static const char *const names[] = { "class_labels", "encoder_hidden_states" };
  g_autofree float *sample = unclip_net_array_dup_channels_last (unclip_net_inputs_find (inputs, "sample"),
                                                                 params->height, params->width);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (unclip_program_has_input (program, names[i])
        && !write_argument (program, names[i], unclip_net_inputs_find (inputs, names[i]), error))
      return FALSE;
  return unclip_program_write_f32 (program, "sample", sample, error)
         && write_timesteps (program, inputs, params->n, error)
         && (mask == NULL || unclip_unet_write_mask (unet, params, program, mask, error));
}

static UnclipProgram *
prepare_unet (gpointer       model,
              const NetEval *eval,
              GError       **error)
{
  gint64 dims[] = { UNCLIP_NET_ANY, unclip_unet_get_config (model)->in_channels, UNCLIP_NET_ANY, UNCLIP_NET_ANY };
  UnclipUnetParams params = { .probes = eval->blocks };
  g_autoptr (UnclipProgram) program = NULL;
  g_autofree float *mask = NULL;
  const UnclipArray *sample;
  UnclipGraph *graph;

  sample = unclip_net_inputs_require (eval->inputs, "sample", dims, 4, error);
  if (sample == NULL)
    return NULL;
  params.n = (int) sample->dims[0];
  params.height = (int) sample->dims[2];
  params.width = (int) sample->dims[3];
  if (!check_conditioning (model, eval->inputs, &params, &mask, error))
    return NULL;
  graph = unclip_unet_build (model, &params, error);
  if (graph == NULL)
    return NULL;
  program = unclip_executor_compile (eval->executor, graph, error);
  if (program == NULL || !write_unet (model, program, eval->inputs, &params, mask, error))
    return NULL;
  return g_steal_pointer (&program);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const NetClass classes[] = {
  { "CLIPTextModelWithProjection", UNCLIP_NET_TOKENS, load_clip_text, (GDestroyNotify) unclip_clip_text_free,
    prepare_clip_text },
  { "CLIPVisionModelWithProjection", UNCLIP_NET_TOKENS, load_clip_vision, (GDestroyNotify) unclip_clip_vision_free,
    prepare_clip_vision },
  { "PriorTransformer", UNCLIP_NET_TOKENS, load_prior, (GDestroyNotify) unclip_prior_free, prepare_prior },
  { "UnCLIPTextProjModel", UNCLIP_NET_TOKENS, load_text_proj, (GDestroyNotify) unclip_text_proj_free,
    prepare_text_proj },
  { "UNet2DConditionModel", UNCLIP_NET_PICTURE, load_unet, (GDestroyNotify) unclip_unet_free, prepare_unet },
  { "UNet2DModel", UNCLIP_NET_PICTURE, load_unet, (GDestroyNotify) unclip_unet_free, prepare_unet },
};

/* Fields and blocks that are one vector an item, whatever the class. */
static const char *const vector_names[] = {
  "additive_clip_time_embeddings",
  "clip_extra_context_tokens_proj",
  "embedding_proj",
  "image_embeds",
  "predicted_image_embedding",
  "proj_in",
  "text_embeds",
  "time_embedding",
  "vision_model.post_layernorm",
  NULL,
};

static const char *const field_names[] = {
  "additive_clip_time_embeddings",
  "image_embeds",
  "last_hidden_state",
  "predicted_image_embedding",
  "sample",
  "text_embeds",
  "text_encoder_hidden_states",
  NULL,
};

static const NetClass *
find_class (const char *name,
            GError    **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (classes[i].class_name, name))
      return &classes[i];
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "Fugue does not know networks of class %s", name);
  return NULL;
}

UnclipNet *
unclip_net_open (const char *folder,
                 const char *class_name,
                 GError    **error)
{
  g_autoptr (UnclipNet) net = g_new0 (UnclipNet, 1);
  g_autofree char *own_class_name = NULL;

  if (class_name == NULL)
    {
      own_class_name = unclip_config_dup_class_name (folder, error);
      if (own_class_name == NULL)
        return NULL;
      class_name = own_class_name;
    }
  net->klass = find_class (class_name, error);
  if (net->klass == NULL)
    return NULL;
  net->weights = unclip_weights_open (folder, error);
  if (net->weights == NULL)
    return NULL;
  net->model = net->klass->load (folder, net->weights, error);
  if (net->model == NULL)
    return NULL;
  return g_steal_pointer (&net);
}

void
unclip_net_free (UnclipNet *net)
{
  if (net == NULL)
    return;
  if (net->model != NULL)
    net->klass->free (net->model);
  unclip_weights_unref (net->weights);
  g_free (net);
}

const char *
unclip_net_get_class_name (UnclipNet *net)
{
  return net->klass->class_name;
}

static GPtrArray *
read_results (UnclipNet     *net,
              UnclipProgram *program,
              GError       **error)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_net_result_free);
  g_autoptr (GPtrArray) names = unclip_program_list_outputs (program);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      gboolean is_vector = g_strv_contains (vector_names, name);
      UnclipNetResult *result = unclip_net_result_read (program, name,
                                                        is_vector ? UNCLIP_NET_VECTOR : net->klass->field_layout, error);

      if (result == NULL)
        return NULL;
      result->is_block = !g_strv_contains (field_names, name);
      g_ptr_array_add (results, result);
    }
  return g_steal_pointer (&results);
}

GPtrArray *
unclip_net_eval (UnclipNet             *net,
                 UnclipExecutor        *executor,
                 const UnclipNetInputs *inputs,
                 gboolean               blocks,
                 GCancellable          *cancellable,
                 GError               **error)
{
  NetEval eval = { .executor = executor, .inputs = inputs, .blocks = blocks };
  UnclipProgram *program = net->klass->prepare (net->model, &eval, error);
  GPtrArray *results = NULL;

  if (program == NULL)
    return NULL;
  if (unclip_weights_check_whole (net->weights, error) && unclip_program_run (program, cancellable, error))
    results = read_results (net, program, error);
  unclip_program_free (program);
  /* The net, and with it the mapping that packed weights are known by, may go before the executor does. */
  unclip_executor_forget_weights (executor);
  return results;
}
