/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a file says about how it was made: by Fugue, or by other programs, of which only the caption and the seed are understood. All of
 * it is taken as hostile: lengths are limited by those who read the file, nothing in it is a path or a command. */

#include "config.h"

#include "fugue-export.h"

#include "unclip-error.h"
#include "unclip-file.h"
#include "unclip-image-file.h"
#include "unclip-image-text.h"
#include "unclip-json.h"
#include "unclip-result-note.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <string.h>

/* Of a picture file. */
#define MAX_BYTES ((gsize) 1 << 30)

/* Of a foreign recipe, as far as it is shown. */
#define MAX_OTHER_BYTES 65536

void
fugue_import_free (FugueImport *import)
{
  if (import == NULL)
    return;
  g_clear_pointer (&import->image, unclip_image_unref);
  g_clear_pointer (&import->recipe, unclip_recipe_unref);
  g_free (import->name);
  g_free (import->caption);
  g_free (import->other);
  g_free (import->message);
  g_free (import);
}

/* Foreign recipes. */

static void
set_seed (FugueImport *import, guint64 seed)
{
  /* Theirs may have more digits than ours. */
  import->seed = seed & G_MAXUINT32;
  import->has_seed = TRUE;
}

static void
set_caption (FugueImport *import, const char *caption, gsize length)
{
  g_autofree char *text = g_strndup (caption, MIN (length, UNCLIP_RECIPE_MAX_CAPTION));

  if (import->caption != NULL || !g_utf8_validate (text, -1, NULL))
    return;
  g_strstrip (text);
  if (*text != '\0')
    import->caption = g_steal_pointer (&text);
}

/* "parameters": the caption, maybe a negative one, and a line of values that begins with "Steps: ". */
static void
read_parameters (FugueImport *import, const char *text)
{
  const char *steps = g_str_has_prefix (text, "Steps: ") ? text : strstr (text, "\nSteps: ");
  const char *negative = strstr (text, "\nNegative prompt:");
  const char *end = steps != NULL ? steps : text + strlen (text);
  const char *seed = steps != NULL ? strstr (steps, "Seed: ") : NULL;

  if (negative != NULL && negative < end)
    end = negative;
  set_caption (import, text, (gsize) (end - text));
  if (seed != NULL && g_ascii_isdigit (seed[strlen ("Seed: ")]))
    set_seed (import, g_ascii_strtoull (seed + strlen ("Seed: "), NULL, 10));
}

/* JSON of other programs: the first string under one of the names that captions have, the first whole number under one of seeds. */
static void
read_node (FugueImport *import, const char *name, JsonNode *node)
{
  static const char *const captions[] = { "text", "positive_prompt", "prompt", NULL };
  static const char *const seeds[] = { "seed", "noise_seed", NULL };

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char    *key;
      JsonNode      *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &key, &member))
        read_node (import, key, member);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        read_node (import, name, json_array_get_element (array, i));
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && name != NULL)
    {
      GType type = json_node_get_value_type (node);

      if (type == G_TYPE_STRING && g_strv_contains (captions, name))
        set_caption (import, json_node_get_string (node), strlen (json_node_get_string (node)));
      else if (type == G_TYPE_INT64 && !import->has_seed && json_node_get_int (node) >= 0 && g_strv_contains (seeds, name))
        set_seed (import, (guint64) json_node_get_int (node));
    }
}

static void
read_foreign (FugueImport *import, GHashTable *notes)
{
  static const char *const json_keys[] = { "prompt", "invokeai_metadata" };
  const char              *text = g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_PARAMETERS);

  if (text != NULL)
    read_parameters (import, text);
  for (guint i = 0; i < G_N_ELEMENTS (json_keys) && text == NULL; i++)
    {
      g_autoptr (JsonNode) root = NULL;

      text = g_hash_table_lookup (notes, json_keys[i]);
      root = text != NULL ? unclip_json_parse (text, strlen (text), NULL) : NULL;
      if (root != NULL)
        read_node (import, NULL, root);
    }
  if (text != NULL)
    {
      g_autofree char *start = g_strndup (text, MAX_OTHER_BYTES);

      import->other = g_utf8_make_valid (start, -1);
    }
}

/* Fugue's own. */

static void
read_notes (FugueImport *import, GBytes *bytes)
{
  g_autoptr (GHashTable) notes = unclip_image_text_read_bytes (bytes, import->name, NULL);
  const char            *text = notes != NULL ? g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_RECIPE) : NULL;

  if (text != NULL)
    {
      g_autoptr (GError)           error = NULL;
      g_autoptr (UnclipResultNote) note = unclip_result_note_parse (text, import->name, &error);

      if (note != NULL)
        import->recipe = unclip_recipe_ref (note->recipe);
      else
        import->message = g_strdup (error->message);
    }
  if (notes != NULL && import->recipe == NULL)
    read_foreign (import, notes);
}

/* A recipe by itself, or a note. */
static gboolean
read_json (FugueImport *import, const char *text, gsize length, GError **error)
{
  g_autoptr (UnclipResultNote) note = NULL;
  g_autofree char             *copy = g_strndup (text, length);

  import->recipe = unclip_recipe_parse (text, length, error);
  if (import->recipe != NULL)
    return TRUE;
  note = unclip_result_note_parse (copy, import->name, NULL);
  if (note == NULL)
    {
      g_prefix_error (error, "%s: ", import->name);
      return FALSE;
    }
  g_clear_error (error);
  import->recipe = unclip_recipe_ref (note->recipe);
  return TRUE;
}

static gboolean
is_json (const char *text, gsize length)
{
  gsize start = 0;

  while (start < length && g_ascii_isspace (text[start]))
    start++;
  return start < length && text[start] == '{';
}

static FugueImport *
import_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (FugueImport) import = g_new0 (FugueImport, 1);
  gsize                   length;
  const char             *data = g_bytes_get_data (bytes, &length);

  import->name = g_strdup (name);
  if (data != NULL && is_json (data, length))
    return read_json (import, data, length, error) ? g_steal_pointer (&import) : NULL;
  import->image = unclip_image_load_bytes (bytes, name, error);
  if (import->image == NULL)
    return NULL;
  if (length > 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    read_notes (import, bytes);
  return g_steal_pointer (&import);
}

/* A thread reads. */

typedef struct
{
  char   *path;
  GBytes *bytes;
  char   *name;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->path);
  g_clear_pointer (&request->bytes, g_bytes_unref);
  g_free (request->name);
  g_free (request);
}

static void
import_worker (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Request     *request = data;
  GError      *error = NULL;
  FugueImport *import = NULL;

  if (request->path != NULL)
    request->bytes = unclip_file_read (request->path, MAX_BYTES, &error);
  if (request->bytes != NULL)
    import = import_bytes (request->bytes, request->name, &error);
  if (import != NULL)
    g_task_return_pointer (task, import, (GDestroyNotify) fugue_import_free);
  else
    g_task_return_error (task, error);
}

static void
start_import (Request *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, import_worker);
}

void
fugue_import_file_async (const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->path = g_strdup (path);
  request->name = unclip_file_dup_name (path);
  start_import (request, cancellable, callback, user_data);
}

void
fugue_import_bytes_async (GBytes *bytes, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->bytes = g_bytes_ref (bytes);
  request->name = g_strdup (name);
  start_import (request, cancellable, callback, user_data);
}

FugueImport *
fugue_import_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
