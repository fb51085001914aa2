/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes as JSON. The struct is what runs; the canonical text is written from the struct, so what was parsed and what was
 * put together by hand meet in the same bytes. */

#include "config.h"

#include "unclip-recipe.h"

#include "unclip-error.h"
#include "unclip-json.h"

#include <math.h>
#include <string.h>

struct _UnclipRecipe
{
  gatomicrefcount     ref_count;
  UnclipEmbedding     embedding;
  UnclipNoiseNode     noise;
  UnclipRecipeSampler sampler;
  char               *caption;
  char               *model_name;
  char               *model_sha256;
  char               *canonical;
  char               *hash;
};

G_DEFINE_BOXED_TYPE (UnclipRecipe, unclip_recipe, unclip_recipe_ref, unclip_recipe_unref)

static const char *const sampler_names[] = {
  [UNCLIP_RECIPE_ANCESTRAL] = "ancestral",
  [UNCLIP_RECIPE_DDIM] = "ddim",
};

/* Writing. */

static void
append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      guchar c = (guchar) *p;

      if (c == '"' || c == '\\')
        g_string_append_printf (json, "\\%c", c);
      else if (c < 0x20)
        g_string_append_printf (json, "\\u%04x", c);
      else
        g_string_append_c (json, *p);
    }
  g_string_append_c (json, '"');
}

/* The fewest digits that read back as the same double; whole numbers without a point. */
static void
append_number (GString *json, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits <= 17; digits++)
    {
      g_autofree char *format = g_strdup_printf ("%%.%dg", digits);

      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  g_string_append (json, text);
}

static void
append_embedding (GString *json, const UnclipEmbedding *embedding)
{
  if (embedding->kind == UNCLIP_EMBEDDING_IMAGE)
    {
      g_string_append (json, "{");
      if (embedding->crop[2] > 0)
        g_string_append_printf (json, "\"crop\":[%u,%u,%u,%u],", embedding->crop[0], embedding->crop[1], embedding->crop[2],
                                embedding->crop[3]);
      g_string_append (json, "\"node\":\"image\",\"source\":");
      append_string (json, embedding->source);
      g_string_append (json, "}");
      return;
    }
  g_string_append_printf (json, "{\"best_of\":%u,\"guidance\":", embedding->best_of);
  append_number (json, embedding->guidance);
  g_string_append_printf (json, ",\"node\":\"caption\",\"seed\":%" G_GUINT64_FORMAT ",\"steps\":%u,\"text\":", embedding->seed,
                          embedding->n_steps);
  append_string (json, embedding->text);
  g_string_append (json, "}");
}

static char *
dup_canonical (const UnclipRecipe *recipe)
{
  GString *json = g_string_new ("{\"caption\":");

  append_string (json, recipe->caption);
  g_string_append (json, ",\"embedding\":");
  append_embedding (json, &recipe->embedding);
  g_string_append (json, ",\"model\":{\"name\":");
  append_string (json, recipe->model_name);
  g_string_append (json, ",\"sha256\":");
  append_string (json, recipe->model_sha256);
  g_string_append_printf (json, "},\"noise\":{\"node\":\"seed\",\"picture\":%u,\"seed\":%" G_GUINT64_FORMAT "},\"sampler\":{\"eta\":",
                          recipe->noise.picture, recipe->noise.seed);
  append_number (json, recipe->sampler.eta);
  g_string_append (json, ",\"guidance\":");
  append_number (json, recipe->sampler.guidance);
  g_string_append_printf (json, ",\"kind\":\"%s\",\"steps\":%u,\"upsampler_steps\":%u},\"schema\":%d}",
                          sampler_names[recipe->sampler.kind], recipe->sampler.n_steps, recipe->sampler.n_upsampler_steps,
                          UNCLIP_RECIPE_SCHEMA);
  return g_string_free (json, FALSE);
}

/* Checking. */

static gboolean
fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list          args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE, message);
  return FALSE;
}

static gboolean
is_sha256 (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static gboolean
check_range (const char *what, double value, double low, double high, GError **error)
{
  if (isfinite (value) && value >= low && value <= high)
    return TRUE;
  return fail (error, "%s is %g, but must be %g … %g.", what, value, low, high);
}

static gboolean
check_caption (const char *text, GError **error)
{
  if (strlen (text) > UNCLIP_RECIPE_MAX_CAPTION)
    return fail (error, "The caption is longer than %d bytes; shorten it.", UNCLIP_RECIPE_MAX_CAPTION);
  if (!g_utf8_validate (text, -1, NULL))
    return fail (error, "The caption is not valid UTF-8.");
  return TRUE;
}

static gboolean
check_embedding (const UnclipEmbedding *embedding, GError **error)
{
  if (embedding->kind == UNCLIP_EMBEDDING_IMAGE)
    {
      if (!is_sha256 (embedding->source))
        return fail (error, "The source “%s” is not the SHA-256 of a picture.", embedding->source);
      if (embedding->crop[2] > 0 && embedding->crop[3] == 0)
        return fail (error, "The crop has no height.");
      return TRUE;
    }
  return check_caption (embedding->text, error)
         && check_range ("The prior's number of steps", embedding->n_steps, 2, 1000, error)
         && check_range ("The prior's guidance", embedding->guidance, 0, 100, error)
         && check_range ("The caption's seed", (double) embedding->seed, 0, (double) UNCLIP_RECIPE_MAX_SEED, error)
         && check_range ("best_of", embedding->best_of, 1, 16, error);
}

static gboolean
check_recipe (const UnclipRecipe *recipe, GError **error)
{
  const UnclipRecipeSampler *sampler = &recipe->sampler;

  if (!check_embedding (&recipe->embedding, error) || !check_caption (recipe->caption, error)
      || !check_range ("The seed", (double) recipe->noise.seed, 0, (double) UNCLIP_RECIPE_MAX_SEED, error)
      || !check_range ("The number of steps", sampler->n_steps, 2, 1000, error)
      || !check_range ("The guidance", sampler->guidance, 0, 100, error)
      || !check_range ("Eta", sampler->eta, 0, 1, error))
    return FALSE;
  if (sampler->kind != UNCLIP_RECIPE_DDIM && sampler->eta != 0)
    return fail (error, "Eta %g needs the sampler “ddim”; the sampler “%s” has its own noise.", sampler->eta,
                 sampler_names[sampler->kind]);
  if (sampler->n_upsampler_steps != 0
      && !check_range ("The number of upsampler steps", sampler->n_upsampler_steps, 2, 1000, error))
    return FALSE;
  if (!is_sha256 (recipe->model_sha256))
    return fail (error, "The model's hash “%s” is not a SHA-256.", recipe->model_sha256);
  return TRUE;
}

/* Making. */

static void
clear_embedding (UnclipEmbedding *embedding)
{
  g_free (embedding->hash);
  g_free (embedding->source);
  g_free (embedding->text);
}

static void
recipe_free (UnclipRecipe *recipe)
{
  clear_embedding (&recipe->embedding);
  g_free (recipe->caption);
  g_free (recipe->model_name);
  g_free (recipe->model_sha256);
  g_free (recipe->canonical);
  g_free (recipe->hash);
  g_free (recipe);
}

UnclipRecipe *
unclip_recipe_ref (UnclipRecipe *recipe)
{
  g_atomic_ref_count_inc (&recipe->ref_count);
  return recipe;
}

void
unclip_recipe_unref (UnclipRecipe *recipe)
{
  if (recipe != NULL && g_atomic_ref_count_dec (&recipe->ref_count))
    recipe_free (recipe);
}

static UnclipRecipe *
recipe_alloc (void)
{
  UnclipRecipe *recipe = g_new0 (UnclipRecipe, 1);

  g_atomic_ref_count_init (&recipe->ref_count);
  return recipe;
}

/* Checks the fields and works out text and hashes. Takes @recipe. */
static UnclipRecipe *
recipe_finish (UnclipRecipe *recipe, GError **error)
{
  g_autoptr (GString) expression = g_string_new (NULL);

  if (!check_recipe (recipe, error))
    {
      unclip_recipe_unref (recipe);
      return NULL;
    }
  append_embedding (expression, &recipe->embedding);
  recipe->embedding.hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, expression->str, -1);
  recipe->canonical = dup_canonical (recipe);
  recipe->hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, recipe->canonical, -1);
  return recipe;
}

UnclipRecipe *
unclip_recipe_new (const UnclipRecipeParams *params, GError **error)
{
  UnclipRecipe *recipe = recipe_alloc ();

  recipe->embedding = params->embedding;
  recipe->embedding.hash = NULL;
  recipe->embedding.source = g_strdup (params->embedding.source);
  recipe->embedding.text = g_strdup (params->embedding.text);
  recipe->noise = params->noise;
  recipe->sampler = params->sampler;
  recipe->caption = g_strdup (params->caption != NULL ? params->caption : "");
  recipe->model_name = g_strdup (params->model_name);
  recipe->model_sha256 = g_strdup (params->model_sha256);
  return recipe_finish (recipe, error);
}

/* Parsing: each object is taken apart key by key through a small reader that remembers the first failure. */

typedef struct
{
  JsonObject *object;
  const char *where;            /* for messages: "recipe", "embedding", … */
  guint       n_read;
  GError    **error;
  gboolean    failed;
} Fields;

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
    fields->failed = !fail (fields->error, "The recipe's %s has no “%s”.", fields->where, key);
  return node;
}

static char *
take_string (Fields *fields, const char *key)
{
  JsonNode *node = take (fields, key, TRUE);

  if (node == NULL)
    return g_strdup ("");
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  fields->failed = !fail (fields->error, "“%s” in the recipe's %s is not a string.", key, fields->where);
  return g_strdup ("");
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
    fields->failed = !fail (fields->error, "“%s” in the recipe's %s is not a number.", key, fields->where);
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
  fields->failed = !fail (fields->error, "“%s” in the recipe's %s must be a whole number, 0 … %" G_GUINT64_FORMAT ".", key,
                          fields->where, high);
  return 0;
}

static Fields
enter (Fields *parent, const char *key)
{
  JsonNode *node = take (parent, key, TRUE);
  Fields    fields = { .where = key, .error = parent->error, .failed = parent->failed };

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    fields.object = json_node_get_object (node);
  else if (!fields.failed)
    fields.failed = parent->failed = !fail (parent->error, "The recipe's “%s” is not an object.", key);
  return fields;
}

/* A key that nobody read is a key that nobody knows. */
static void
leave (Fields *fields, Fields *parent)
{
  if (!fields->failed && fields->n_read != json_object_get_size (fields->object))
    fields->failed = !fail (fields->error, "The recipe's %s has a key that this version of Fugue does not know.", fields->where);
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
          fields->failed = !fail (fields->error, "The recipe's crop must be four whole numbers: x, y, width, height.");
          return;
        }
      crop[i] = (guint) value;
    }
}

static void
read_embedding (Fields *parent, UnclipEmbedding *embedding)
{
  Fields           fields = enter (parent, "embedding");
  g_autofree char *node = take_string (&fields, "node");

  if (g_str_equal (node, "image"))
    {
      embedding->kind = UNCLIP_EMBEDDING_IMAGE;
      embedding->source = take_string (&fields, "source");
      read_crop (&fields, embedding->crop);
    }
  else if (g_str_equal (node, "caption"))
    {
      embedding->kind = UNCLIP_EMBEDDING_CAPTION;
      embedding->text = take_string (&fields, "text");
      embedding->n_steps = (guint) take_whole (&fields, "steps", G_MAXINT32);
      embedding->guidance = take_number (&fields, "guidance");
      embedding->seed = take_whole (&fields, "seed", UNCLIP_RECIPE_MAX_SEED);
      embedding->best_of = (guint) take_whole (&fields, "best_of", G_MAXINT32);
    }
  else if (!fields.failed)
    fields.failed = !fail (fields.error, "This version of Fugue does not know the embedding node “%s”.", node);
  leave (&fields, parent);
}

static void
read_noise (Fields *parent, UnclipNoiseNode *noise)
{
  Fields           fields = enter (parent, "noise");
  g_autofree char *node = take_string (&fields, "node");

  if (!fields.failed && !g_str_equal (node, "seed"))
    fields.failed = !fail (fields.error, "This version of Fugue does not know the noise node “%s”.", node);
  noise->seed = take_whole (&fields, "seed", UNCLIP_RECIPE_MAX_SEED);
  noise->picture = (guint32) take_whole (&fields, "picture", G_MAXINT32);
  leave (&fields, parent);
}

static void
read_sampler (Fields *parent, UnclipRecipeSampler *sampler)
{
  Fields           fields = enter (parent, "sampler");
  g_autofree char *kind = take_string (&fields, "kind");

  sampler->kind = g_str_equal (kind, sampler_names[UNCLIP_RECIPE_DDIM]) ? UNCLIP_RECIPE_DDIM : UNCLIP_RECIPE_ANCESTRAL;
  if (!fields.failed && !g_str_equal (kind, sampler_names[sampler->kind]))
    fields.failed = !fail (fields.error, "This version of Fugue does not know the sampler “%s”.", kind);
  sampler->n_steps = (guint) take_whole (&fields, "steps", G_MAXINT32);
  sampler->guidance = take_number (&fields, "guidance");
  sampler->eta = take_number (&fields, "eta");
  sampler->n_upsampler_steps = (guint) take_whole (&fields, "upsampler_steps", G_MAXINT32);
  leave (&fields, parent);
}

static void
read_model (Fields *parent, UnclipRecipe *recipe)
{
  Fields fields = enter (parent, "model");

  recipe->model_name = take_string (&fields, "name");
  recipe->model_sha256 = take_string (&fields, "sha256");
  leave (&fields, parent);
}

UnclipRecipe *
unclip_recipe_parse (const char *json, gsize length, GError **error)
{
  g_autoptr (GError)   json_error = NULL;
  g_autoptr (JsonNode) root = unclip_json_parse (json, length, &json_error);
  UnclipRecipe        *recipe;
  Fields               fields = { .where = "top level", .error = error };

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      fail (error, "This is not a recipe: %s", json_error != NULL ? json_error->message : "it is not a JSON object.");
      return NULL;
    }
  recipe = recipe_alloc ();
  fields.object = json_node_get_object (root);
  if (take_whole (&fields, "schema", G_MAXINT32) != UNCLIP_RECIPE_SCHEMA && !fields.failed)
    fields.failed = !fail (error, "This recipe was made by a newer version of Fugue; this one reads schema %d.", UNCLIP_RECIPE_SCHEMA);
  read_embedding (&fields, &recipe->embedding);
  read_noise (&fields, &recipe->noise);
  read_sampler (&fields, &recipe->sampler);
  read_model (&fields, recipe);
  recipe->caption = take_string (&fields, "caption");
  leave (&fields, NULL);
  if (fields.failed)
    {
      unclip_recipe_unref (recipe);
      return NULL;
    }
  return recipe_finish (recipe, error);
}

const char *
unclip_recipe_get_canonical (UnclipRecipe *recipe)
{
  return recipe->canonical;
}

const char *
unclip_recipe_get_hash (UnclipRecipe *recipe)
{
  return recipe->hash;
}

const UnclipEmbedding *
unclip_recipe_get_embedding (UnclipRecipe *recipe)
{
  return &recipe->embedding;
}

const UnclipNoiseNode *
unclip_recipe_get_noise (UnclipRecipe *recipe)
{
  return &recipe->noise;
}

const char *
unclip_recipe_get_caption (UnclipRecipe *recipe)
{
  return recipe->caption;
}

const UnclipRecipeSampler *
unclip_recipe_get_sampler (UnclipRecipe *recipe)
{
  return &recipe->sampler;
}

const char *
unclip_recipe_get_model_name (UnclipRecipe *recipe)
{
  return recipe->model_name;
}

const char *
unclip_recipe_get_model_sha256 (UnclipRecipe *recipe)
{
  return recipe->model_sha256;
}

gboolean
unclip_recipe_can_batch (UnclipRecipe *a, UnclipRecipe *b)
{
  return a->sampler.kind == b->sampler.kind && a->sampler.n_steps == b->sampler.n_steps
         && a->sampler.guidance == b->sampler.guidance && a->sampler.eta == b->sampler.eta
         && a->sampler.n_upsampler_steps == b->sampler.n_upsampler_steps
         && g_str_equal (a->model_sha256, b->model_sha256);
}
