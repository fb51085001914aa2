/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-config-reader.h"

#include "unclip-error.h"
#include "unclip-json.h"

/* What a message shows of a value; a hostile file may hold a very long one. */
#define MAX_SHOWN_CHARACTERS 60

void
unclip_config_reader_init (UnclipConfigReader *reader, const char *folder, const char *file_name)
{
  *reader = (UnclipConfigReader) { .path = g_build_filename (folder, file_name, NULL) };
  reader->root = unclip_json_load_object (reader->path, &reader->error);
  if (!reader->root)
    reader->root = json_object_new ();
  reader->object = reader->root;
}

void
unclip_config_reader_clear (UnclipConfigReader *reader)
{
  g_clear_pointer (&reader->path, g_free);
  g_clear_pointer (&reader->root, json_object_unref);
  g_clear_error (&reader->error);
}

gboolean
unclip_config_reader_finish (UnclipConfigReader *reader, GError **error)
{
  if (!reader->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reader->error));
  return FALSE;
}

void
unclip_config_reader_fail (UnclipConfigReader *reader, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list          args;

  if (reader->error)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (&reader->error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "In “%s”, %s", reader->path, message);
}

static char *
dup_shown (JsonNode *node)
{
  g_autofree char *json = json_to_string (node, FALSE);

  if (g_utf8_strlen (json, -1) > MAX_SHOWN_CHARACTERS)
    {
      g_autofree char *start = g_utf8_substring (json, 0, MAX_SHOWN_CHARACTERS);

      return g_strconcat (start, "…", NULL);
    }
  return g_steal_pointer (&json);
}

static void
fail_value (UnclipConfigReader *reader, const char *key, JsonNode *node, const char *wanted)
{
  g_autofree char *shown = dup_shown (node);

  unclip_config_reader_fail (reader, "“%s” is %s, but must be %s", key, shown, wanted);
}

JsonNode *
unclip_config_reader_find (UnclipConfigReader *reader, const char *key)
{
  JsonNode *node = reader->error ? NULL : json_object_get_member (reader->object, key);

  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
node_is (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static int
take_int (UnclipConfigReader *reader, const char *key, JsonNode *node, int fallback, int minimum, int maximum)
{
  if (!node_is (node, G_TYPE_INT64) || json_node_get_int (node) < minimum || json_node_get_int (node) > maximum)
    {
      g_autofree char *wanted = g_strdup_printf ("a whole number from %d to %d", minimum, maximum);

      fail_value (reader, key, node, wanted);
      return fallback;
    }
  return (int) json_node_get_int (node);
}

int
unclip_config_reader_int (UnclipConfigReader *reader, const char *key, int fallback, int minimum, int maximum)
{
  JsonNode *node = unclip_config_reader_find (reader, key);

  return node ? take_int (reader, key, node, fallback, minimum, maximum) : fallback;
}

double
unclip_config_reader_double (UnclipConfigReader *reader, const char *key, double fallback, double minimum, double maximum)
{
  JsonNode *node = unclip_config_reader_find (reader, key);

  if (!node)
    return fallback;
  if ((!node_is (node, G_TYPE_DOUBLE) && !node_is (node, G_TYPE_INT64))
      || !(json_node_get_double (node) >= minimum && json_node_get_double (node) <= maximum))
    {
      g_autofree char *wanted = g_strdup_printf ("a number from %g to %g", minimum, maximum);

      fail_value (reader, key, node, wanted);
      return fallback;
    }
  return json_node_get_double (node);
}

gboolean
unclip_config_reader_bool (UnclipConfigReader *reader, const char *key, gboolean fallback)
{
  JsonNode *node = unclip_config_reader_find (reader, key);

  if (!node)
    return fallback;
  if (!node_is (node, G_TYPE_BOOLEAN))
    {
      fail_value (reader, key, node, "true or false");
      return fallback;
    }
  return json_node_get_boolean (node);
}

const char *
unclip_config_reader_string (UnclipConfigReader *reader, const char *key, const char *fallback)
{
  JsonNode *node = unclip_config_reader_find (reader, key);

  if (!node)
    return fallback;
  if (!node_is (node, G_TYPE_STRING))
    {
      fail_value (reader, key, node, "a string");
      return fallback;
    }
  return json_node_get_string (node);
}

int
unclip_config_reader_choice (UnclipConfigReader       *reader,
                             const char               *key,
                             int                       fallback,
                             const UnclipConfigChoice *choices)
{
  JsonNode   *node = unclip_config_reader_find (reader, key);
  const char *name = unclip_config_reader_string (reader, key, NULL);
  g_autoptr (GString) names = g_string_new (NULL);

  if (!name)
    return fallback;
  for (const UnclipConfigChoice *choice = choices; choice->name; choice++)
    {
      if (g_str_equal (name, choice->name))
        return choice->value;
      g_string_append_printf (names, "%s%s", names->len > 0 ? " or " : "", choice->name);
    }
  fail_value (reader, key, node, names->str);
  return fallback;
}

void
unclip_config_reader_ints (UnclipConfigReader *reader,
                           const char         *key,
                           int                 fallback,
                           int                 minimum,
                           int                 maximum,
                           int                 n,
                           int                *out)
{
  JsonNode *node = unclip_config_reader_find (reader, key);

  if (node && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      if (json_array_get_length (array) != (guint) n)
        unclip_config_reader_fail (reader, "“%s” has %u entries, but must have %d", key,
                                   json_array_get_length (array), n);
      for (int i = 0; i < n; i++)
        out[i] = reader->error ? fallback
                               : take_int (reader, key, json_array_get_element (array, i), fallback, minimum, maximum);
      return;
    }
  for (int i = 0; i < n; i++)
    out[i] = node ? take_int (reader, key, node, fallback, minimum, maximum) : fallback;
}

void
unclip_config_reader_refuse (UnclipConfigReader *reader, const char *key, const char *neutral)
{
  JsonNode        *node = unclip_config_reader_find (reader, key);
  g_autofree char *json = node ? json_to_string (node, FALSE) : NULL;

  if (!node || g_strcmp0 (json, neutral) == 0)
    return;
  if (node_is (node, G_TYPE_DOUBLE) && neutral && g_ascii_strtod (neutral, NULL) == json_node_get_double (node))
    return;
  g_clear_pointer (&json, g_free);
  json = dup_shown (node);
  unclip_config_reader_fail (reader, "“%s” is %s, which Fugue does not support (only %s)", key, json,
                             neutral ? neutral : "null");
}
