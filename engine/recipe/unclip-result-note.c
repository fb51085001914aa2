/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-result-note.h"

#include "unclip-error.h"
#include "unclip-image-text.h"
#include "unclip-json.h"

#include <string.h>

/* Writing. */

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_recipe (JsonBuilder *builder, UnclipRecipe *recipe)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  json_builder_set_member_name (builder, "recipe");
  /* The canonical text is ours and parses. */
  json_parser_load_from_data (parser, unclip_recipe_get_canonical (recipe), -1, NULL);
  json_builder_add_value (builder, json_node_copy (json_parser_get_root (parser)));
  add_string (builder, "recipe_sha256", unclip_recipe_get_hash (recipe));
}

static char *
dup_note (UnclipRecipe *recipe, UnclipImage *image, const UnclipResultEngine *engine)
{
  g_autofree char        *sha256 = unclip_image_dup_sha256 (image);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode)    root = NULL;

  json_builder_begin_object (builder);
  add_int (builder, "schema", UNCLIP_RECIPE_SCHEMA);
  add_recipe (builder, recipe);
  json_builder_set_member_name (builder, "engine");
  json_builder_begin_object (builder);
  add_string (builder, "version", engine->version);
  add_string (builder, "device", engine->device);
  add_string (builder, "precision", engine->precision);
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "result");
  json_builder_begin_object (builder);
  add_string (builder, "sha256", sha256);
  add_int (builder, "width", unclip_image_get_width (image));
  add_int (builder, "height", unclip_image_get_height (image));
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return unclip_json_to_string (root, FALSE);
}

/* As other programs call them. */
static const char *const sampler_titles[] = {
  [UNCLIP_RECIPE_ANCESTRAL] = "UnCLIP ancestral",
  [UNCLIP_RECIPE_DDIM] = "DDIM",
  [UNCLIP_RECIPE_DPM_SOLVER] = "DPM++ 2M",
  [UNCLIP_RECIPE_EXACT] = "Exact",
};

static char *
dup_parameters (UnclipRecipe *recipe, UnclipImage *image)
{
  const UnclipRecipeSampler  *sampler = unclip_recipe_get_sampler (recipe);
  const UnclipEmbedding      *embedding = unclip_recipe_get_embedding (recipe);
  const UnclipImageParameters parameters = {
    .caption = embedding->kind == UNCLIP_EMBEDDING_CAPTION ? embedding->text : unclip_recipe_get_caption (recipe),
    .n_steps = sampler->n_steps,
    .sampler = sampler_titles[sampler->kind],
    .guidance = sampler->guidance,
    .seed = unclip_recipe_get_step_noise (recipe).seed,
    .width = unclip_image_get_width (image),
    .height = unclip_image_get_height (image),
    .model_hash = unclip_recipe_get_model_sha256 (recipe),
    .model = unclip_recipe_get_model_name (recipe),
  };

  return unclip_image_text_build_parameters (&parameters);
}

void
unclip_result_texts_init (UnclipResultTexts        *texts,
                          UnclipRecipe             *recipe,
                          UnclipImage              *image,
                          const UnclipResultEngine *engine,
                          const char               *title)
{
  gboolean has_source = unclip_recipe_get_sources (recipe)[0] != NULL;

  texts->title = g_strdup (title != NULL ? title : "");
  texts->parameters = dup_parameters (recipe, image);
  texts->note = dup_note (recipe, image, engine);
  texts->xmp = unclip_image_text_build_xmp (title, has_source);
  texts->texts[0] = (UnclipImageText){ UNCLIP_IMAGE_TEXT_TITLE, texts->title, FALSE };
  texts->texts[1] = (UnclipImageText){ UNCLIP_IMAGE_TEXT_SOFTWARE, "Fugue " FUGUE_VERSION, FALSE };
  texts->texts[2] = (UnclipImageText){ UNCLIP_IMAGE_TEXT_PARAMETERS, texts->parameters, FALSE };
  texts->texts[3] = (UnclipImageText){ UNCLIP_IMAGE_TEXT_RECIPE, texts->note, TRUE };
  texts->texts[4] = (UnclipImageText){ UNCLIP_IMAGE_TEXT_XMP, texts->xmp, FALSE };
}

void
unclip_result_texts_clear (UnclipResultTexts *texts)
{
  g_clear_pointer (&texts->title, g_free);
  g_clear_pointer (&texts->parameters, g_free);
  g_clear_pointer (&texts->note, g_free);
  g_clear_pointer (&texts->xmp, g_free);
}

/* Reading. A stranger may have written the note, so every value's type is looked at. */

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonNode *
get_value (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type ? node : NULL;
}

static char *
dup_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_value (object, name, G_TYPE_STRING);

  return node != NULL ? json_node_dup_string (node) : NULL;
}

static guint
get_side (JsonObject *object, const char *name)
{
  JsonNode *node = get_value (object, name, G_TYPE_INT64);

  return node != NULL ? (guint) CLAMP (json_node_get_int (node), 0, UNCLIP_IMAGE_MAX_SIDE) : 0;
}

static gboolean
read_recipe (UnclipResultNote *note, JsonObject *object, const char *name, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *sha256 = dup_string (object, "recipe_sha256");

  if (object == NULL || !json_object_has_member (object, "recipe"))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE, "The note in “%s” holds no recipe that this version of Fugue reads.", name);
      return FALSE;
    }
  text = json_to_string (json_object_get_member (object, "recipe"), FALSE);
  note->recipe = unclip_recipe_parse (text, strlen (text), error);
  if (note->recipe == NULL)
    return FALSE;
  if (g_strcmp0 (sha256, unclip_recipe_get_hash (note->recipe)) != 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE, "The recipe in “%s” was changed after it was written: its hash is another one.", name);
      return FALSE;
    }
  return TRUE;
}

UnclipResultNote *
unclip_result_note_parse (const char *text, const char *name, GError **error)
{
  g_autoptr (UnclipResultNote) note = g_new0 (UnclipResultNote, 1);
  g_autoptr (JsonNode)         root = unclip_json_parse (text, strlen (text), error);
  JsonObject                  *object, *engine, *result;

  if (root == NULL)
    {
      g_prefix_error (error, "The recipe in “%s” is damaged: ", name);
      return NULL;
    }
  object = JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  if (!read_recipe (note, object, name, error))
    return NULL;
  engine = get_object (object, "engine");
  result = get_object (object, "result");
  note->version = dup_string (engine, "version");
  note->device = dup_string (engine, "device");
  note->precision = dup_string (engine, "precision");
  note->sha256 = dup_string (result, "sha256");
  note->width = get_side (result, "width");
  note->height = get_side (result, "height");
  return g_steal_pointer (&note);
}

UnclipResultNote *
unclip_result_note_load (const char *path, GError **error)
{
  g_autoptr (GHashTable) notes = unclip_image_text_read (path, error);
  const char            *text = notes != NULL ? g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_RECIPE) : NULL;

  if (text != NULL)
    return unclip_result_note_parse (text, path, error);
  if (notes != NULL)
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                 "“%s” holds no recipe: Fugue did not make it, or another program has dropped its notes since.", path);
  return NULL;
}

void
unclip_result_note_free (UnclipResultNote *note)
{
  if (note == NULL)
    return;
  unclip_recipe_unref (note->recipe);
  g_free (note->version);
  g_free (note->device);
  g_free (note->precision);
  g_free (note->sha256);
  g_free (note);
}
