/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-service-model.h"

#include "unclip-weights.h"

/* In the order of the pipeline. */
typedef struct
{
  const char *name;
  gboolean    has_weights;
} Part;

static const Part parts[] = {
  { "tokenizer", FALSE },         { "text_encoder", TRUE },    { "feature_extractor", FALSE }, { "image_encoder", TRUE },
  { "prior", TRUE },              { "prior_scheduler", FALSE }, { "text_proj", TRUE },          { "decoder", TRUE },
  { "decoder_scheduler", FALSE }, { "super_res_first", TRUE }, { "super_res_last", TRUE },     { "super_res_scheduler", FALSE },
};

/* Bytes of one part's weights; 0 for a part without any, or with weights that can't be read. */
static guint64
get_part_bytes (UnclipModelFolder *folder, const Part *part)
{
  const char               *path = unclip_model_folder_get_component (folder, part->name);
  g_autoptr (UnclipWeights) weights = part->has_weights && path != NULL ? unclip_weights_open (path, NULL) : NULL;

  return weights != NULL ? unclip_weights_get_n_bytes (weights) : 0;
}

static guint64
get_bytes (UnclipModelFolder *folder)
{
  guint64 n_bytes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    n_bytes += get_part_bytes (folder, &parts[i]);
  return n_bytes;
}

static gboolean
open_networks (UnclipModel *model, GError **error)
{
  UnclipModelFolder *folder = unclip_model_get_folder (model);

  return unclip_model_get_tokenizer (model, error) != NULL && unclip_model_get_text (model, error) != NULL
         && unclip_model_get_text_proj (model, error) != NULL && unclip_model_get_decoder (model, error) != NULL
         && unclip_model_get_upsampler (model, FALSE, error) != NULL && unclip_model_get_upsampler (model, TRUE, error) != NULL
         && (!unclip_model_folder_can_vary (folder)
             || (unclip_model_get_vision (model, error) != NULL && unclip_model_get_processor (model, error) != NULL))
         && (!unclip_model_folder_can_imagine (folder) || unclip_model_get_prior (model, error) != NULL);
}

gboolean
unclip_service_check_model (UnclipModel *model, UnclipBytesFunc func, gpointer user_data, GCancellable *cancellable, GError **error)
{
  UnclipModelFolder *folder = unclip_model_get_folder (model);
  guint64            total = get_bytes (folder);
  guint64            done = 0;

  if (!open_networks (model, error))
    return FALSE;
  /* Hashes are remembered for each file, so that of the whole model costs nothing more; part by part it can be followed. */
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const char               *path = unclip_model_folder_get_component (folder, parts[i].name);
      g_autoptr (UnclipWeights) weights = NULL;
      g_autofree char          *sha256 = NULL;

      if (!parts[i].has_weights || path == NULL)
        continue;
      weights = unclip_weights_open (path, error);
      sha256 = weights != NULL ? unclip_weights_dup_hash (weights, cancellable, error) : NULL;
      if (sha256 == NULL)
        return FALSE;
      done += unclip_weights_get_n_bytes (weights);
      func (done, total, user_data);
    }
  return unclip_model_folder_get_sha256 (folder, error) != NULL;
}

static void
add_parts (GVariantDict *dict, UnclipModelFolder *folder)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      gboolean     present = unclip_model_folder_get_component (folder, parts[i].name) != NULL;
      GVariantDict part;

      g_variant_dict_init (&part, NULL);
      g_variant_dict_insert (&part, "name", "s", parts[i].name);
      g_variant_dict_insert (&part, "class", "s", present ? unclip_model_folder_get_class (folder, parts[i].name) : "");
      g_variant_dict_insert (&part, "present", "b", present);
      g_variant_dict_insert (&part, "bytes", "t", get_part_bytes (folder, &parts[i]));
      g_variant_builder_add_value (&list, g_variant_dict_end (&part));
    }
  g_variant_dict_insert_value (dict, "parts", g_variant_builder_end (&list));
}

static void
add_defaults (GVariantDict *dict, const UnclipModelDefaults *defaults)
{
  GVariantDict list;

  g_variant_dict_init (&list, NULL);
  g_variant_dict_insert (&list, "decoder_steps", "u", defaults->decoder_steps);
  g_variant_dict_insert (&list, "prior_steps", "u", defaults->prior_steps);
  g_variant_dict_insert (&list, "upsampler_steps", "u", defaults->upsampler_steps);
  g_variant_dict_insert (&list, "decoder_guidance", "d", (double) defaults->decoder_guidance);
  g_variant_dict_insert (&list, "prior_guidance", "d", (double) defaults->prior_guidance);
  g_variant_dict_insert_value (dict, "defaults", g_variant_dict_end (&list));
}

GVariant *
unclip_service_describe_model (UnclipModel *model)
{
  UnclipModelFolder *folder = unclip_model_get_folder (model);
  const char        *path = unclip_model_folder_get_path (folder);
  g_autofree char   *axes = g_build_filename (path, UNCLIP_AXES_FILE, NULL);
  int                low_height = 0, low_width = 0, height = 0, width = 0;
  GVariantDict       dict;

  /* The networks are open: their sizes are known. */
  unclip_model_get_decoder_size (model, &low_height, &low_width, NULL);
  unclip_model_get_picture_size (model, &height, &width, NULL);

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "name", "s", unclip_model_folder_get_name (folder));
  g_variant_dict_insert (&dict, "folder", "s", path);
  g_variant_dict_insert (&dict, "sha256", "s", unclip_model_folder_get_sha256 (folder, NULL));
  g_variant_dict_insert (&dict, "bytes", "t", get_bytes (folder));
  g_variant_dict_insert (&dict, "decoder_size", "u", (guint) low_width);
  g_variant_dict_insert (&dict, "picture_size", "u", (guint) width);
  g_variant_dict_insert (&dict, "can_vary", "b", unclip_model_folder_can_vary (folder));
  g_variant_dict_insert (&dict, "can_imagine", "b", unclip_model_folder_can_imagine (folder));
  g_variant_dict_insert (&dict, "has_axes", "b", g_file_test (axes, G_FILE_TEST_IS_REGULAR));
  add_parts (&dict, folder);
  add_defaults (&dict, unclip_model_get_defaults (model));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* Finding. */

static void
add_found (GVariantBuilder *list, GHashTable *seen, const char *name, const char *path)
{
  g_autoptr (GError)            error = NULL;
  g_autoptr (UnclipModelFolder) folder = NULL;
  g_autofree char              *canonical = g_canonicalize_filename (path, NULL);
  g_autofree char              *shown = g_utf8_make_valid (canonical, -1);
  g_autofree char              *base = g_path_get_basename (shown);
  GVariantDict                  model;

  if (!g_hash_table_add (seen, g_strdup (canonical)))
    return;
  folder = unclip_model_folder_open (canonical, &error);
  if (name == NULL)
    name = folder != NULL ? unclip_model_folder_get_name (folder) : base;
  g_variant_dict_init (&model, NULL);
  g_variant_dict_insert (&model, "name", "s", name);
  g_variant_dict_insert (&model, "folder", "s", shown);
  g_variant_dict_insert (&model, "complete", "b", folder != NULL);
  g_variant_dict_insert (&model, "message", "s", folder != NULL ? "" : error->message);
  g_variant_dict_insert (&model, "bytes", "t", folder != NULL ? get_bytes (folder) : 0);
  g_variant_builder_add_value (list, g_variant_dict_end (&model));
}

static gboolean
has_index (const char *folder)
{
  g_autofree char *index = g_build_filename (folder, "model_index.json", NULL);

  return g_file_test (index, G_FILE_TEST_EXISTS);
}

/* A folder that is no model may hold some, one level down. */
static void
add_folder (GVariantBuilder *list, GHashTable *seen, const char *path)
{
  g_autoptr (GDir) dir = has_index (path) ? NULL : g_dir_open (path, 0, NULL);
  const char      *name;

  if (dir == NULL)
    {
      add_found (list, seen, NULL, path);
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      if (has_index (inner))
        add_found (list, seen, NULL, inner);
    }
}

GVariant *
unclip_service_find_models (const char *const *folders)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char       *mini = unclip_model_folder_find (NULL, NULL);
  g_auto (GStrv)         cached = unclip_model_folder_list_cached ();
  GVariantBuilder        list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  if (mini != NULL)
    add_found (&list, seen, NULL, mini);
  for (guint i = 0; cached[i] != NULL; i++)
    {
      g_autofree char *path = unclip_model_folder_find (cached[i], NULL);

      if (path != NULL)
        add_found (&list, seen, cached[i], path);
    }
  for (guint i = 0; folders[i] != NULL; i++)
    add_folder (&list, seen, folders[i]);
  return g_variant_ref_sink (g_variant_builder_end (&list));
}
