/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading recipes. What is read is put together as parameters for unclip_recipe_new(), which checks, copies and hashes;
 * here it lies in a pool that goes away with the reader. */

#include "config.h"

#include "unclip-recipe-private.h"

#include "unclip-json.h"
#include "unclip-mix.h"

#include <math.h>

/* Parsing: each object is taken apart key by key through a small reader that remembers the first failure. */

typedef struct
{
  JsonObject *object;
  const char *where;            /* for messages: "embedding", "sampler", … */
  GPtrArray  *pool;             /* borrowed: strings and nodes that were read */
  guint       n_read;
  GError    **error;
  gboolean    failed;
} Fields;

/* Takes @data into the pool. */
static gpointer
own (Fields *fields, gpointer data)
{
  g_ptr_array_add (fields->pool, data);
  return data;
}

static gboolean
has (Fields *fields, const char *key)
{
  return !fields->failed && json_object_has_member (fields->object, key);
}

static JsonNode *
take (Fields *fields, const char *key, gboolean is_required)
{
  JsonNode *node;

  if (fields->failed)
    return NULL;
  node = json_object_get_member (fields->object, key);
  if (node != NULL)
    fields->n_read++;
  else if (is_required)
    fields->failed = !unclip_recipe_fail (fields->error, "The recipe's %s has no “%s”.", fields->where, key);
  return node;
}

/* "" after a failure. */
static const char *
take_string (Fields *fields, const char *key)
{
  JsonNode *node = take (fields, key, TRUE);

  if (node != NULL && json_node_get_value_type (node) == G_TYPE_STRING)
    return own (fields, g_strdup (json_node_get_string (node)));
  if (node != NULL)
    fields->failed = !unclip_recipe_fail (fields->error, "“%s” in the recipe's %s is not a string.", key, fields->where);
  return "";
}

static gboolean
take_boolean (Fields *fields, const char *key)
{
  JsonNode *node = take (fields, key, TRUE);

  if (node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  if (node != NULL)
    fields->failed = !unclip_recipe_fail (fields->error, "“%s” in the recipe's %s is not true or false.", key, fields->where);
  return FALSE;
}

static double
take_number (Fields *fields, const char *key)
{
  JsonNode *node = take (fields, key, TRUE);
  GType     type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type == G_TYPE_INT64)
    return (double) json_node_get_int (node);
  if (type == G_TYPE_DOUBLE)
    return json_node_get_double (node);
  if (!fields->failed)
    fields->failed = !unclip_recipe_fail (fields->error, "“%s” in the recipe's %s is not a number.", key, fields->where);
  return 0;
}

static guint64
take_whole (Fields *fields, const char *key, guint64 high)
{
  double value = take_number (fields, key);

  if (fields->failed)
    return 0;
  if (value >= 0 && value <= (double) high && value == floor (value))
    return (guint64) value;
  fields->failed = !unclip_recipe_fail (fields->error, "“%s” in the recipe's %s must be a whole number, 0 … %" G_GUINT64_FORMAT ".", key,
                          fields->where, high);
  return 0;
}

static Fields
enter_node (Fields *parent, JsonNode *node, const char *where)
{
  Fields fields = { .where = where, .pool = parent->pool, .error = parent->error, .failed = parent->failed };

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    fields.object = json_node_get_object (node);
  else if (!fields.failed)
    fields.failed = parent->failed = !unclip_recipe_fail (parent->error, "The recipe's “%s” is not an object.", where);
  return fields;
}

static Fields
enter (Fields *parent, const char *key)
{
  return enter_node (parent, take (parent, key, TRUE), key);
}

/* A key that nobody read is a key that nobody knows. */
static void
leave (Fields *fields, Fields *parent)
{
  if (!fields->failed && fields->n_read != json_object_get_size (fields->object))
    fields->failed = !unclip_recipe_fail (fields->error, "The recipe's %s has a key that this version of Fugue does not know.", fields->where);
  if (parent != NULL)
    parent->failed |= fields->failed;
}

static void
read_crop (Fields *fields, guint crop[4])
{
  JsonNode  *node = take (fields, "crop", FALSE);
  JsonArray *array;

  if (node == NULL)
    return;
  array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  for (guint i = 0; i < 4; i++)
    {
      JsonNode *element = array != NULL && json_array_get_length (array) == 4 ? json_array_get_element (array, i) : NULL;
      gint64    value = element != NULL && json_node_get_value_type (element) == G_TYPE_INT64 ? json_node_get_int (element) : -1;

      if (value < (i < 2 ? 0 : 1) || value > G_MAXINT32)
        {
          fields->failed = !unclip_recipe_fail (fields->error, "The recipe's crop must be four whole numbers: x, y, width, height.");
          return;
        }
      crop[i] = (guint) value;
    }
}

static void read_embedding (Fields *parent, const char *key, UnclipEmbedding *embedding);
static void read_noise (Fields *parent, const char *key, UnclipNoiseNode *noise);

/* The number in @names of the string at @key. */
static guint
read_name (Fields *fields, const char *key, const char *what, const char *const *names)
{
  const char *name = take_string (fields, key);

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (name, names[i]))
      return i;
  if (!fields->failed)
    fields->failed = !unclip_recipe_fail (fields->error, "This version of Fugue does not know the %s “%s”.", what, name);
  return 0;
}

/* Embeddings. */

static void
read_image (Fields *fields, UnclipEmbedding *embedding)
{
  embedding->source = take_string (fields, "source");
  read_crop (fields, embedding->crop);
}

static void
read_caption (Fields *fields, UnclipEmbedding *embedding)
{
  embedding->text = take_string (fields, "text");
  embedding->n_steps = (guint) take_whole (fields, "steps", G_MAXINT32);
  embedding->guidance = take_number (fields, "guidance");
  embedding->seed = take_whole (fields, "seed", UNCLIP_RECIPE_MAX_SEED);
  embedding->best_of = (guint) take_whole (fields, "best_of", G_MAXINT32);
}

static const UnclipEmbedding *
read_base (Fields *parent, const char *key)
{
  UnclipEmbedding *embedding = own (parent, g_new0 (UnclipEmbedding, 1));

  read_embedding (parent, key, embedding);
  return embedding;
}

static void
read_diff (Fields *fields, UnclipEmbedding *embedding)
{
  embedding->base = read_base (fields, "base");
  embedding->from = take_string (fields, "from");
  embedding->to = take_string (fields, "to");
  embedding->amount = take_number (fields, "amount");
}

static void
read_part (Fields *mix, JsonNode *node, UnclipMixPart *part)
{
  Fields fields = enter_node (mix, node, "parts");

  part->embedding = read_base (&fields, "embedding");
  part->weight = take_number (&fields, "weight");
  leave (&fields, mix);
}

static void
read_mix (Fields *fields, UnclipEmbedding *embedding)
{
  JsonNode      *node = take (fields, "parts", TRUE);
  JsonArray     *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint          n = array != NULL ? json_array_get_length (array) : 0;
  UnclipMixPart *parts;

  embedding->blend = read_name (fields, "blend", "blend", unclip_recipe_blend_names);
  if (fields->failed)
    return;
  if (n < 1 || n > UNCLIP_MIX_MAX_PARTS)
    {
      fields->failed = !unclip_recipe_fail (fields->error, "“parts” of the recipe's mix must be a list of 1 … %d.", UNCLIP_MIX_MAX_PARTS);
      return;
    }
  parts = own (fields, g_new0 (UnclipMixPart, n));
  for (guint i = 0; i < n; i++)
    read_part (fields, json_array_get_element (array, i), &parts[i]);
  embedding->parts = parts;
  embedding->n_parts = n;
}

static void
read_loosen (Fields *fields, UnclipEmbedding *embedding)
{
  embedding->base = read_base (fields, "base");
  embedding->amount = take_number (fields, "amount");
  embedding->seed = take_whole (fields, "seed", UNCLIP_RECIPE_MAX_SEED);
  embedding->picture = (guint32) take_whole (fields, "picture", G_MAXINT32);
}

static void
read_embedding (Fields *parent, const char *key, UnclipEmbedding *embedding)
{
  static const char *const names[] = { "image", "caption", "diff", "mix", "loosen", NULL };
  static void (*const read[]) (Fields *, UnclipEmbedding *) = {
    [UNCLIP_EMBEDDING_IMAGE] = read_image,
    [UNCLIP_EMBEDDING_CAPTION] = read_caption,
    [UNCLIP_EMBEDDING_DIFF] = read_diff,
    [UNCLIP_EMBEDDING_MIX] = read_mix,
    [UNCLIP_EMBEDDING_LOOSEN] = read_loosen,
  };
  Fields fields = enter (parent, key);

  embedding->kind = read_name (&fields, "node", "embedding node", names);
  read[embedding->kind] (&fields, embedding);
  leave (&fields, parent);
}

/* Noises. */

static void
read_seed (Fields *fields, UnclipNoiseNode *noise)
{
  noise->seed = take_whole (fields, "seed", UNCLIP_RECIPE_MAX_SEED);
  noise->picture = (guint32) take_whole (fields, "picture", G_MAXINT32);
}

static void
read_invert (Fields *fields, UnclipNoiseNode *noise)
{
  noise->source = take_string (fields, "source");
  read_crop (fields, noise->crop);
  noise->method = read_name (fields, "method", "inversion", unclip_recipe_inversion_names);
  noise->n_steps = (guint) take_whole (fields, "steps", G_MAXINT32);
  if (noise->method == UNCLIP_INVERSION_FIXED_POINT)
    {
      noise->n_rounds = (guint) take_whole (fields, "rounds", G_MAXINT32);
      noise->tolerance = take_number (fields, "tolerance");
    }
  noise->guidance = take_number (fields, "guidance");
  noise->first_timestep = (guint) take_whole (fields, "first_timestep", G_MAXINT32);
}

static const UnclipNoiseNode *
read_operand (Fields *parent, const char *key)
{
  UnclipNoiseNode *noise = own (parent, g_new0 (UnclipNoiseNode, 1));

  read_noise (parent, key, noise);
  return noise;
}

static void
read_blend (Fields *fields, UnclipNoiseNode *noise)
{
  noise->a = read_operand (fields, "a");
  noise->b = read_operand (fields, "b");
  noise->amount = take_number (fields, "amount");
}

static void
read_bands (Fields *fields, UnclipNoiseNode *noise)
{
  noise->low = read_operand (fields, "low");
  noise->high = read_operand (fields, "high");
  noise->cutoff = take_number (fields, "cutoff");
  noise->softness = take_number (fields, "softness");
}

static void
read_noise (Fields *parent, const char *key, UnclipNoiseNode *noise)
{
  static const char *const names[] = { "seed", "invert", "blend", "bands", NULL };
  static void (*const read[]) (Fields *, UnclipNoiseNode *) = {
    [UNCLIP_NOISE_SEED] = read_seed,
    [UNCLIP_NOISE_INVERT] = read_invert,
    [UNCLIP_NOISE_BLEND] = read_blend,
    [UNCLIP_NOISE_BANDS] = read_bands,
  };
  Fields fields = enter (parent, key);

  noise->kind = read_name (&fields, "node", "noise node", names);
  read[noise->kind] (&fields, noise);
  leave (&fields, parent);
}

/* The rest. */

static void
read_step_noise (Fields *parent, UnclipRecipeParams *params)
{
  Fields fields;

  params->has_step_noise = has (parent, "step_noise");
  if (!params->has_step_noise)
    return;
  fields = enter (parent, "step_noise");
  params->step_noise.seed = take_whole (&fields, "seed", UNCLIP_RECIPE_MAX_SEED);
  params->step_noise.picture = (guint32) take_whole (&fields, "picture", G_MAXINT32);
  leave (&fields, parent);
}

static void
read_freeu (Fields *parent, UnclipRecipeSampler *sampler)
{
  Fields fields;

  sampler->has_freeu = has (parent, "freeu");
  if (!sampler->has_freeu)
    return;
  fields = enter (parent, "freeu");
  sampler->freeu.b1 = take_number (&fields, "b1");
  sampler->freeu.b2 = take_number (&fields, "b2");
  sampler->freeu.s1 = take_number (&fields, "s1");
  sampler->freeu.s2 = take_number (&fields, "s2");
  leave (&fields, parent);
}

static void
read_sampler (Fields *parent, UnclipRecipeSampler *sampler)
{
  Fields fields = enter (parent, "sampler");

  sampler->kind = read_name (&fields, "kind", "sampler", unclip_recipe_sampler_names);
  sampler->n_steps = (guint) take_whole (&fields, "steps", G_MAXINT32);
  sampler->guidance = take_number (&fields, "guidance");
  sampler->eta = take_number (&fields, "eta");
  sampler->n_upsampler_steps = (guint) take_whole (&fields, "upsampler_steps", G_MAXINT32);
  if (has (&fields, "first_timestep"))
    sampler->first_timestep = (guint) take_whole (&fields, "first_timestep", G_MAXINT32);
  if (has (&fields, "keep_detail"))
    sampler->keep_detail = take_boolean (&fields, "keep_detail");
  read_freeu (&fields, sampler);
  leave (&fields, parent);
}

static void
read_model (Fields *parent, UnclipRecipeParams *params)
{
  Fields fields = enter (parent, "model");

  params->model_name = take_string (&fields, "name");
  params->model_sha256 = take_string (&fields, "sha256");
  leave (&fields, parent);
}

UnclipRecipe *
unclip_recipe_parse (const char *json, gsize length, GError **error)
{
  g_autoptr (GError)    json_error = NULL;
  g_autoptr (JsonNode)  root = unclip_json_parse (json, length, &json_error);
  g_autoptr (GPtrArray) pool = g_ptr_array_new_with_free_func (g_free);
  UnclipRecipeParams    params = { 0 };
  Fields                fields = { .where = "top level", .pool = pool, .error = error };

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      unclip_recipe_fail (error, "This is not a recipe: %s", json_error != NULL ? json_error->message : "it is not a JSON object.");
      return NULL;
    }
  fields.object = json_node_get_object (root);
  if (take_whole (&fields, "schema", G_MAXINT32) != UNCLIP_RECIPE_SCHEMA && !fields.failed)
    fields.failed = !unclip_recipe_fail (error, "This recipe was made by a newer version of Fugue; this one reads schema %d.",
                                         UNCLIP_RECIPE_SCHEMA);
  read_embedding (&fields, "embedding", &params.embedding);
  read_noise (&fields, "noise", &params.noise);
  read_step_noise (&fields, &params);
  read_sampler (&fields, &params.sampler);
  read_model (&fields, &params);
  params.caption = take_string (&fields, "caption");
  leave (&fields, NULL);
  return fields.failed ? NULL : unclip_recipe_new (&params, error);
}
