/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli-sources.h"

#include "unclip-image-file.h"

#include <string.h>

static gboolean
looks_like_picture (const char *name)
{
  g_autofree char *type = g_content_type_guess (name, NULL, 0, NULL);

  return name[0] != '.' && g_content_type_is_mime_type (type, "image/*");
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
list_folder (GPtrArray *list, const char *path, GError **error)
{
  g_autoptr (GDir)      folder = g_dir_open (path, 0, error);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  const char           *name;

  if (folder == NULL)
    return FALSE;
  while ((name = g_dir_read_name (folder)) != NULL)
    if (looks_like_picture (name))
      g_ptr_array_add (found, g_build_filename (path, name, NULL));
  if (found->len == 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "There are no pictures in the folder “%s”.", path);
      return FALSE;
    }
  g_ptr_array_sort (found, compare_paths);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (list, g_ptr_array_index (found, i));
  return TRUE;
}

GPtrArray *
cli_list_pictures (char **paths, guint n, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++)
    if (!g_file_test (paths[i], G_FILE_TEST_IS_DIR))
      g_ptr_array_add (list, g_strdup (paths[i]));
    else if (!list_folder (list, paths[i], error))
      return NULL;
  return g_steal_pointer (&list);
}

/* Hashes of sources that are not there yet, to the first recipe that wants each. */
static GHashTable *
list_wanted (UnclipEvaluator *evaluator, UnclipRecipe *const *recipes, guint n)
{
  GHashTable *wanted = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < n; i++)
    for (const char *const *source = unclip_recipe_get_sources (recipes[i]); *source != NULL; source++)
      if (!unclip_evaluator_has_source (evaluator, *source) && !g_hash_table_contains (wanted, *source))
        g_hash_table_insert (wanted, (gpointer) *source, recipes[i]);
  return wanted;
}

static void
offer (Cli *cli, UnclipEvaluator *evaluator, const char *path, GHashTable *wanted)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = unclip_image_load (path, &error);
  g_autofree char        *sha256 = image != NULL ? unclip_image_dup_sha256 (image) : NULL;

  if (image == NULL)
    cli_warn (cli, "%s", error->message);
  else if (g_hash_table_remove (wanted, sha256))
    unclip_evaluator_add_source (evaluator, image);
}

static void
set_missing (GHashTable *wanted, GError **error)
{
  GHashTableIter iter;
  gpointer       sha256, recipe;

  g_hash_table_iter_init (&iter, wanted);
  g_hash_table_iter_next (&iter, &sha256, &recipe);
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
               "%u source picture(s) of the recipes were not found, such as the one with the pixels %.12s… of recipe %.12s…; name them, or "
               "their folder, with --source.",
               g_hash_table_size (wanted), (const char *) sha256, unclip_recipe_get_hash (recipe));
}

gboolean
cli_find_sources (Cli *cli, UnclipEvaluator *evaluator, char **places, UnclipRecipe *const *recipes, guint n, GError **error)
{
  g_autoptr (GHashTable) wanted = list_wanted (evaluator, recipes, n);
  g_autoptr (GPtrArray)  paths = cli_list_pictures (places, places != NULL ? g_strv_length (places) : 0, error);

  if (paths == NULL)
    return FALSE;
  for (guint i = 0; i < paths->len && g_hash_table_size (wanted) > 0; i++)
    offer (cli, evaluator, g_ptr_array_index (paths, i), wanted);
  if (g_hash_table_size (wanted) == 0)
    return TRUE;
  set_missing (wanted, error);
  return FALSE;
}
