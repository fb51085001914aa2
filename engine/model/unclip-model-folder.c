/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-model-folder.h"

#include "unclip-error.h"
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
  char            *path;
  char            *name;
  char            *pipeline;
  char            *components[G_N_ELEMENTS (known)];    /* paths; NULL where the model has none */
  char            *sha256;                              /* NULL until asked for */
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
               "Fugue's own model Mini is neither in %s/models/mini nor in %s/models/mini; name a model with --model.", bases[0], bases[1]);
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
    g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
                 "There is no model folder “%s”, and no complete copy of a repository of that name in %s.", name, cache);
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
                   "“%s” is a single file; Fugue reads model folders in diffusers' layout, with a model_index.json and a folder for each part.", path);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND, "There is no model folder “%s”.", path);
      return FALSE;
    }
  if (!has_index (path))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
                   "“%s” holds no model_index.json, so it is no model folder in diffusers' layout.", path);
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
               "“%s” is a %s, %s; Fugue needs an unCLIP model such as Karlo (kakaobrain/karlo-v1-alpha).", folder->path, folder->pipeline, what);
  return FALSE;
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
                   "The model “%s” lists a %s, but has no folder of that name; the copy is incomplete, fetch it again.", folder->path, known[i].name);
      return FALSE;
    }
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
  g_free (folder);
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

const char *
unclip_model_folder_get_sha256 (UnclipModelFolder *folder, GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (known) && folder->sha256 == NULL; i++)
    {
      g_autoptr (UnclipWeights) weights = NULL;
      g_autofree char          *sha256 = NULL;

      if (!known[i].has_weights || folder->components[i] == NULL)
        continue;
      weights = unclip_weights_open (folder->components[i], error);
      sha256 = weights != NULL ? unclip_weights_dup_hash (weights, NULL, error) : NULL;
      if (sha256 == NULL)
        return NULL;
      g_string_append_printf (lines, "%s %s\n", known[i].name, sha256);
    }
  if (folder->sha256 == NULL)
    folder->sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lines->str, -1);
  return folder->sha256;
}
