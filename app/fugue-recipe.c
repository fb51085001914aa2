/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-recipe.h"

#include "unclip-json.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* All keys of the noise of pictures; that of the prior, whose candidates are compared, stays. */
static void
set_seed (JsonObject *object, guint64 seed)
{
  const char *node = json_object_get_string_member_with_default (object, "node", "");
  GList      *members;

  if (json_object_has_member (object, "seed") && !g_str_equal (node, "caption"))
    json_object_set_int_member (object, "seed", (gint64) seed);
  members = json_object_get_members (object);
  for (GList *l = members; l != NULL; l = l->next)
    {
      JsonNode  *member = json_object_get_member (object, l->data);
      JsonArray *array = JSON_NODE_HOLDS_ARRAY (member) ? json_node_get_array (member) : NULL;

      if (JSON_NODE_HOLDS_OBJECT (member))
        set_seed (json_node_get_object (member), seed);
      for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
        if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, i)))
          set_seed (json_array_get_object_element (array, i), seed);
    }
  g_list_free (members);
}

UnclipRecipe *
fugue_recipe_dup_with_seed (UnclipRecipe *recipe, guint64 seed)
{
  const char          *canonical = unclip_recipe_get_canonical (recipe);
  g_autoptr (JsonNode) root = unclip_json_parse (canonical, strlen (canonical), NULL);
  g_autofree char     *json = NULL;

  set_seed (json_node_get_object (root), MIN (seed, (guint64) UNCLIP_RECIPE_MAX_SEED));
  json = json_to_string (root, FALSE);
  return unclip_recipe_parse (json, strlen (json), NULL);
}
