/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Only names out of the table below are ever looked for in a folder, so an index cannot lead anywhere else. */

#include "config.h"

#include "unclip-model-folder.h"

#include "unclip-error.h"
#include "unclip-file-hash.h"
#include "unclip-json.h"
#include "unclip-weights.h"

#include <string.h>

/* The components that Fugue knows, and the class that each must have. */
typedef struct
{
  const char *name;
  const char *class_name;
  gboolean    is_required;
  gboolean    has_weights;
} Known;

static const Known known[] = {
  { "decoder", "UNet2DConditionModel", TRUE, TRUE },
  { "decoder_scheduler", "UnCLIPScheduler", TRUE, FALSE },
  { "feature_extractor", "CLIPImageProcessor", FALSE, FALSE },
  { "image_encoder", "CLIPVisionModelWithProjection", FALSE, TRUE },
  { "prior", "PriorTransformer", FALSE, TRUE },
  { "prior_scheduler", "UnCLIPScheduler", FALSE, FALSE },
  { "super_res_first", "UNet2DModel", TRUE, TRUE },
  { "super_res_last", "UNet2DModel", TRUE, TRUE },
  { "super_res_scheduler", "UnCLIPScheduler", TRUE, FALSE },
  { "text_encoder", "CLIPTextModelWithProjection", TRUE, TRUE },
  { "text_proj", "UnCLIPTextProjModel", TRUE, TRUE },
  { "tokenizer", "CLIPTokenizer", TRUE, FALSE },
};

/* The same class under an older or faster name. */
static const struct
{
  const char *other, *class_name;
} aliases[] = {
  { "CLIPFeatureExtractor", "CLIPImageProcessor" },
  { "CLIPImageProcessorFast", "CLIPImageProcessor" },
  { "CLIPTokenizerFast", "CLIPTokenizer" },
};

struct _UnclipModelFolder
{
  gatomicrefcount  ref_count;

  /* Owned. */
  char            *path;
  char            *name;
  char            *pipeline;
  char            *components[G_N_ELEMENTS (known)];    /* paths; NULL where the model has none */
  char            *sha256;                              /* NULL until asked for, as the next */
  char            *weights_sha256;
};

/* Finding. */

static char *
dup_cache_folder (void)
{
  const char *folder = g_getenv ("HF_HUB_CACHE");

  if (folder != NULL && folder[0] != '\0')
    return g_strdup (folder);
  folder = g_getenv ("HF_HOME");
  if (folder != NULL && folder[0] != '\0')
    return g_build_filename (folder, "hub", NULL);
  return g_build_filename (g_get_user_cache_dir (), "huggingface", "hub", NULL);
}

static gboolean
has_index (const char *folder)
{
  g_autofree char *index = g_build_filename (folder, "model_index.json", NULL);

  return g_file_test (index, G_FILE_TEST_IS_REGULAR);
}

static gint64
get_mtime (const char *path)
{
  g_autoptr (GFile)     file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_TIME_MODIFIED, G_FILE_QUERY_INFO_NONE, NULL, NULL);

  return info != NULL ? (gint64) g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED) : 0;
}

/* The snapshot that refs/main names, else the newest one. */
static char *
find_snapshot (const char *repository)
{
  g_autofree char *ref_path = g_build_filename (repository, "refs", "main", NULL);
  g_autofree char *snapshots = g_build_filename (repository, "snapshots", NULL);
  g_autofree char *commit = NULL;
  g_autoptr (GDir) dir = NULL;
  char            *best = NULL;
  const char      *name;

  if (g_file_get_contents (ref_path, &commit, NULL, NULL) && strlen (g_strstrip (commit)) > 0 && strchr (commit, '/') == NULL)
    {
      g_autofree char *path = g_build_filename (snapshots, commit, NULL);

      if (has_index (path))
        return g_steal_pointer (&path);
    }
  dir = g_dir_open (snapshots, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (snapshots, name, NULL);

      if (!has_index (path) || (best != NULL && get_mtime (path) <= get_mtime (best)))
        continue;
      g_free (best);
      best = g_steal_pointer (&path);
    }
  return best;
}

/* The folder of a repository's complete copy, or NULL. */
static char *
find_cached (const char *name, const char *cache)
{
  g_auto (GStrv)   words = g_strsplit (name, "/", -1);
  g_autofree char *folder = NULL;
  g_autofree char *repository = NULL;

  if (g_strv_length (words) != 2 || words[0][0] == '\0' || words[1][0] == '\0' || words[0][0] == '.')
    return NULL;
  folder = g_strdup_printf ("models--%s--%s", words[0], words[1]);
  repository = g_build_filename (cache, folder, NULL);
  return find_snapshot (repository);
}

/* Whether a snapshot is of an unCLIP pipeline; what else is in the cache is none of our business. */
static gboolean
is_unclip (const char *snapshot)
{
  g_autofree char *path = g_build_filename (snapshot, "model_index.json", NULL);
  g_autoptr (JsonObject) index = unclip_json_load_object (path, NULL);
  JsonNode *class_name = index != NULL ? json_object_get_member (index, "_class_name") : NULL;

  return class_name != NULL && json_node_get_value_type (class_name) == G_TYPE_STRING
         && g_str_has_prefix (json_node_get_string (class_name), "UnCLIP");
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
unclip_model_folder_list_cached (void)
{
  g_autofree char *cache = dup_cache_folder ();
  g_autoptr (GDir) dir = g_dir_open (cache, 0, NULL);
  GPtrArray       *names = g_ptr_array_new ();
  const char      *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_auto (GStrv)   words = g_strsplit (entry, "--", 3);
      g_autofree char *name = NULL;
      g_autofree char *snapshot = NULL;

      if (g_strv_length (words) != 3 || !g_str_equal (words[0], "models"))
        continue;
      name = g_strconcat (words[1], "/", words[2], NULL);
      snapshot = find_cached (name, cache);
      if (snapshot != NULL && is_unclip (snapshot))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static void
set_not_found_error (const char *name, const char *cache, GError **error)
{
  g_auto (GStrv)   cached = unclip_model_folder_list_cached ();
  g_autofree char *list = g_strjoinv (", ", cached);

  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
               "There is no model folder “%s”, and no complete copy of a repository of that name in %s%s%s", name, cache,
               cached[0] != NULL ? "; these are there: " : "", list);
}

static char *
find_default (GError **error)
{
  const char *named = g_getenv ("FUGUE_MODEL_PATH");
  const char *bases[] = { FUGUE_DATADIR, FUGUE_SOURCE_DATADIR };

  if (named != NULL && named[0] != '\0')
    return g_strdup (named);
  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autofree char *path = g_build_filename (bases[i], "models", "mini", NULL);

      if (has_index (path))
        return g_steal_pointer (&path);
    }
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
               "Fugue's own model Mini is neither in %s/models/mini nor in %s/models/mini; name a model with --model", bases[0], bases[1]);
  return NULL;
}

char *
unclip_model_folder_find (const char *name, GError **error)
{
  g_autofree char *cache = NULL;
  char            *found;

  if (name == NULL)
    return find_default (error);
  if (g_file_test (name, G_FILE_TEST_EXISTS))
    return g_strdup (name);
  cache = dup_cache_folder ();
  found = find_cached (name, cache);
  if (found == NULL)
    set_not_found_error (name, cache, error);
  return found;
}

/* Opening. */

/* “org/name” for a snapshot in a cache, else the folder's own name. */
static char *
dup_name (const char *path)
{
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  const char      *repository = strstr (canonical, "/models--");
  g_autofree char *base = g_path_get_basename (canonical);

  if (repository != NULL && strstr (repository, "/snapshots/") != NULL)
    {
      g_autofree char *words = g_strndup (repository + strlen ("/models--"), strcspn (repository + strlen ("/models--"), "/"));
      const char      *dashes = strstr (words, "--");

      if (dashes != NULL)
        {
          g_autofree char *org = g_strndup (words, (gsize) (dashes - words));

          return g_strconcat (org, "/", dashes + 2, NULL);
        }
    }
  return g_utf8_make_valid (base, -1);
}

static gboolean
check_place (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "“%s” is a single file; Fugue reads model folders in diffusers' layout, with a model_index.json and a folder for each part", path);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND, "There is no model folder “%s”", path);
      return FALSE;
    }
  if (!has_index (path))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
                   "“%s” holds no model_index.json, so it is no model folder in diffusers' layout", path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
class_is (const char *found, const char *class_name)
{
  if (g_str_equal (found, class_name))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (found, aliases[i].other) && g_str_equal (class_name, aliases[i].class_name))
      return TRUE;
  return FALSE;
}

/* The class that the index gives a component: the second of two strings. */
static const char *
get_class (JsonObject *index, const char *name)
{
  JsonNode  *node = json_object_get_member (index, name);
  JsonArray *pair = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  JsonNode  *class_name = pair != NULL && json_array_get_length (pair) == 2 ? json_array_get_element (pair, 1) : NULL;

  return class_name != NULL && json_node_get_value_type (class_name) == G_TYPE_STRING ? json_node_get_string (class_name) : NULL;
}

static gboolean
fail_other_model (UnclipModelFolder *folder, const char *what, GError **error)
{
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
               "“%s” is a %s, %s; Fugue needs an unCLIP model such as Karlo (kakaobrain/karlo-v1-alpha)", folder->path, folder->pipeline, what);
  return FALSE;
}

/* A cache keeps its files as links to where downloads go: one that leads nowhere is a download that was cut off. */
static gboolean
check_links (const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  const char      *name;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (g_file_test (file, G_FILE_TEST_IS_SYMLINK) && !g_file_test (file, G_FILE_TEST_EXISTS))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
                       "“%s” is a link that leads nowhere; the model's copy is incomplete, fetch it again", file);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
add_component (UnclipModelFolder *folder, guint i, JsonObject *index, GError **error)
{
  const char      *class_name = get_class (index, known[i].name);
  g_autofree char *path = g_build_filename (folder->path, known[i].name, NULL);
  g_autofree char *lack = NULL;

  if (class_name == NULL && !known[i].is_required)
    return TRUE;
  if (class_name == NULL)
    {
      lack = g_strdup_printf ("which has no %s", known[i].name);
      return fail_other_model (folder, lack, error);
    }
  if (!class_is (class_name, known[i].class_name))
    {
      lack = g_strdup_printf ("whose %s is a %s where a %s is wanted", known[i].name, class_name, known[i].class_name);
      return fail_other_model (folder, lack, error);
    }
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
                   "The model “%s” lists a %s, but has no folder of that name; the copy is incomplete, fetch it again", folder->path, known[i].name);
      return FALSE;
    }
  if (!check_links (path, error))
    return FALSE;
  folder->components[i] = g_steal_pointer (&path);
  return TRUE;
}

static gboolean
read_index (UnclipModelFolder *folder, GError **error)
{
  g_autofree char       *path = g_build_filename (folder->path, "model_index.json", NULL);
  g_autoptr (JsonObject) index = unclip_json_load_object (path, error);
  JsonNode              *class_name;

  if (index == NULL)
    return FALSE;
  class_name = json_object_get_member (index, "_class_name");
  folder->pipeline = g_strdup (class_name != NULL && json_node_get_value_type (class_name) == G_TYPE_STRING ? json_node_get_string (class_name)
                                                                                                             : "model of no named class");
  if (get_class (index, "unet") != NULL)
    return fail_other_model (folder, get_class (index, "image_normalizer") != NULL || get_class (index, "movq") != NULL
                                       ? "a family that this version of Fugue does not run"
                                       : "without image conditioning", error);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (!add_component (folder, i, index, error))
      return FALSE;
  if (!unclip_model_folder_can_vary (folder) && !unclip_model_folder_can_imagine (folder))
    return fail_other_model (folder, "with neither an image_encoder nor a prior", error);
  return TRUE;
}

UnclipModelFolder *
unclip_model_folder_open (const char *path, GError **error)
{
  g_autoptr (UnclipModelFolder) folder = NULL;

  if (!check_place (path, error))
    return NULL;
  folder = g_new0 (UnclipModelFolder, 1);
  g_atomic_ref_count_init (&folder->ref_count);
  folder->path = g_strdup (path);
  folder->name = dup_name (path);
  return read_index (folder, error) ? g_steal_pointer (&folder) : NULL;
}

UnclipModelFolder *
unclip_model_folder_ref (UnclipModelFolder *folder)
{
  g_atomic_ref_count_inc (&folder->ref_count);
  return folder;
}

void
unclip_model_folder_unref (UnclipModelFolder *folder)
{
  if (folder == NULL || !g_atomic_ref_count_dec (&folder->ref_count))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_free (folder->components[i]);
  g_free (folder->path);
  g_free (folder->name);
  g_free (folder->pipeline);
  g_free (folder->sha256);
  g_free (folder->weights_sha256);
  g_free (folder);
}

static void
replace_component (UnclipModelFolder *folder, const char *name, const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].name, name))
      {
        g_free (folder->components[i]);
        folder->components[i] = g_strdup (path);
      }
  g_clear_pointer (&folder->sha256, g_free);
  g_clear_pointer (&folder->weights_sha256, g_free);
}

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

gboolean
unclip_model_folder_use_image_encoder (UnclipModelFolder *folder, const char *path, GError **error)
{
  g_autofree char *inner = g_build_filename (path, "image_encoder", NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  const char      *tower = has_file (inner, "config.json") ? inner : path;
  const char      *bases[] = { path, path, parent };
  const char      *names[] = { "", "feature_extractor", "feature_extractor" };

  if (!has_file (tower, "config.json"))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
                   "“%s” holds neither a config.json nor an image_encoder with one, so it is no image encoder", path);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autofree char *processor = g_build_filename (bases[i], names[i], NULL);

      if (!has_file (processor, "preprocessor_config.json"))
        continue;
      replace_component (folder, "image_encoder", tower);
      replace_component (folder, "feature_extractor", processor);
      return TRUE;
    }
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
               "There is no preprocessor_config.json for the image encoder “%s”, neither in it nor in a feature_extractor "
               "beside it", tower);
  return FALSE;
}

const char *
unclip_model_folder_get_path (UnclipModelFolder *folder)
{
  return folder->path;
}

const char *
unclip_model_folder_get_name (UnclipModelFolder *folder)
{
  return folder->name;
}

const char *
unclip_model_folder_get_pipeline (UnclipModelFolder *folder)
{
  return folder->pipeline;
}

const char *
unclip_model_folder_get_component (UnclipModelFolder *folder, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].name, name))
      return folder->components[i];
  return NULL;
}

const char *
unclip_model_folder_get_class (UnclipModelFolder *folder, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].name, name) && folder->components[i] != NULL)
      return known[i].class_name;
  g_return_val_if_reached (NULL);
}

gboolean
unclip_model_folder_can_vary (UnclipModelFolder *folder)
{
  return unclip_model_folder_get_component (folder, "image_encoder") != NULL
         && unclip_model_folder_get_component (folder, "feature_extractor") != NULL;
}

gboolean
unclip_model_folder_can_imagine (UnclipModelFolder *folder)
{
  return unclip_model_folder_get_component (folder, "prior") != NULL
         && unclip_model_folder_get_component (folder, "prior_scheduler") != NULL;
}

/* The lines "component sha256", one for each component with weights. */
static gboolean
add_weight_lines (UnclipModelFolder *folder, GString *lines, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autoptr (UnclipWeights) weights = NULL;
      g_autofree char          *sha256 = NULL;

      if (!known[i].has_weights || folder->components[i] == NULL)
        continue;
      weights = unclip_weights_open (folder->components[i], error);
      sha256 = weights != NULL ? unclip_weights_dup_hash (weights, NULL, error) : NULL;
      if (sha256 == NULL)
        return FALSE;
      g_string_append_printf (lines, "%s %s\n", known[i].name, sha256);
    }
  return TRUE;
}

static gboolean
add_axes_line (UnclipModelFolder *folder, GString *lines, GError **error)
{
  g_autofree char *path = g_build_filename (folder->path, UNCLIP_AXES_FILE, NULL);
  g_autofree char *sha256 = NULL;

  if (!has_file (folder->path, UNCLIP_AXES_FILE))
    return TRUE;
  sha256 = unclip_file_hash (path, NULL, error);
  if (sha256 == NULL)
    return FALSE;
  g_string_append_printf (lines, "embedding_axes %s\n", sha256);
  return TRUE;
}

/* Works out both hashes on first use. */
static gboolean
find_hashes (UnclipModelFolder *folder, GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autofree char    *weights_sha256 = NULL;

  if (folder->sha256 != NULL)
    return TRUE;
  if (!add_weight_lines (folder, lines, error))
    return FALSE;
  weights_sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lines->str, -1);
  if (!add_axes_line (folder, lines, error))
    return FALSE;
  folder->weights_sha256 = g_steal_pointer (&weights_sha256);
  folder->sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lines->str, -1);
  return TRUE;
}

const char *
unclip_model_folder_get_sha256 (UnclipModelFolder *folder, GError **error)
{
  return find_hashes (folder, error) ? folder->sha256 : NULL;
}

const char *
unclip_model_folder_get_weights_sha256 (UnclipModelFolder *folder, GError **error)
{
  return find_hashes (folder, error) ? folder->weights_sha256 : NULL;
}
