/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip info: what a model folder holds and can do, or the recipe inside a picture. */

#include "config.h"

#include "cli.h"
#include "unclip-config.h"
#include "unclip-image-text.h"
#include "unclip-json.h"
#include "unclip-model.h"
#include "unclip-result-note.h"
#include "unclip-weights.h"

#include <string.h>

/* In the order of the pipeline. */
static const char *const component_names[] = {
  "tokenizer", "text_encoder", "feature_extractor", "image_encoder", "prior", "prior_scheduler", "text_proj",
  "decoder", "decoder_scheduler", "super_res_first", "super_res_last", "super_res_scheduler",
};

typedef struct
{
  const char *name;
  const char *class_name;
  guint       n_tensors;
  gint64      n_parameters;
  guint64     n_bytes;
  char       *dtypes;           /* such as "F16 F32" */
  char       *sha256;           /* NULL when it was not asked for */
} Component;

static void
component_free (gpointer data)
{
  Component *component = data;

  g_free (component->dtypes);
  g_free (component->sha256);
  g_free (component);
}

/* Counts of all tensors, and the dtypes in use. */
static void
count_weights (Component *component, UnclipWeights *weights)
{
  g_autoptr (GString) dtypes = g_string_new (NULL);
  guint32             seen = 0;

  component->n_tensors = unclip_weights_get_n_tensors (weights);
  component->n_bytes = unclip_weights_get_n_bytes (weights);
  for (guint i = 0; i < component->n_tensors; i++)
    {
      const UnclipArray *array = unclip_weights_get_nth (weights, i);

      component->n_parameters += unclip_array_get_n_elements (array);
      if ((seen & (1u << array->dtype)) == 0)
        g_string_append_printf (dtypes, "%s%s", seen != 0 ? " " : "", unclip_dtype_get_name (array->dtype));
      seen |= 1u << array->dtype;
    }
  component->dtypes = g_string_free (g_steal_pointer (&dtypes), FALSE);
}

static gboolean
has_weights (const char *name)
{
  return !g_str_equal (name, "tokenizer") && !g_str_equal (name, "feature_extractor") && !g_str_has_suffix (name, "_scheduler");
}

static Component *
read_component (Cli *cli, UnclipModelFolder *folder, const char *name, gboolean hash, GError **error)
{
  Component                *component = g_new0 (Component, 1);
  g_autoptr (UnclipWeights) weights = NULL;

  component->name = name;
  component->class_name = unclip_model_folder_get_class (folder, name);
  if (!has_weights (name))
    return component;
  weights = unclip_weights_open (unclip_model_folder_get_component (folder, name), error);
  if (weights != NULL)
    {
      count_weights (component, weights);
      component->sha256 = hash ? unclip_weights_dup_hash (weights, cli->cancellable, error) : NULL;
    }
  if (weights != NULL && (!hash || component->sha256 != NULL))
    return component;
  component_free (component);
  return NULL;
}

static GPtrArray *
read_components (Cli *cli, UnclipModelFolder *folder, gboolean hash, GError **error)
{
  g_autoptr (GPtrArray) components = g_ptr_array_new_with_free_func (component_free);

  for (guint i = 0; i < G_N_ELEMENTS (component_names); i++)
    {
      const char *path = unclip_model_folder_get_component (folder, component_names[i]);
      Component  *component = path != NULL ? read_component (cli, folder, component_names[i], hash, error) : NULL;

      if (path != NULL && component == NULL)
        return NULL;
      if (component != NULL)
        g_ptr_array_add (components, component);
    }
  return g_steal_pointer (&components);
}

typedef struct
{
  UnclipUnetConfig     decoder, super_res;
  UnclipTextProjConfig text_proj;
} Sizes;

static gboolean
read_sizes (UnclipModelFolder *folder, Sizes *sizes, GError **error)
{
  return unclip_unet_config_load (unclip_model_folder_get_component (folder, "decoder"), &sizes->decoder, error)
         && unclip_unet_config_load (unclip_model_folder_get_component (folder, "super_res_first"), &sizes->super_res, error)
         && unclip_text_proj_config_load (unclip_model_folder_get_component (folder, "text_proj"), &sizes->text_proj, error);
}

static void
print_model (UnclipModelFolder *folder, GPtrArray *components, const Sizes *sizes, const char *sha256)
{
  guint64 n_bytes = 0;
  gint64  n_parameters = 0;

  g_print ("%s\n  folder      %s\n  pipeline    %s\n", unclip_model_folder_get_name (folder), unclip_model_folder_get_path (folder),
           unclip_model_folder_get_pipeline (folder));
  if (sha256 != NULL)
    g_print ("  SHA-256     %s\n", sha256);
  g_print ("  pictures    %d × %d pixels, %d × %d before the upsampler; embeddings of %d values\n", sizes->super_res.sample_width,
           sizes->super_res.sample_height, sizes->decoder.sample_width, sizes->decoder.sample_height, sizes->text_proj.clip_embeddings_dim);
  g_print ("  can         vary pictures: %s; imagine captions: %s\n\n", unclip_model_folder_can_vary (folder) ? "yes" : "no",
           unclip_model_folder_can_imagine (folder) ? "yes" : "no");
  g_print ("  %-20s %-30s %7s %13s %9s  %-9s %s\n", "component", "class", "tensors", "parameters", "MiB", "dtypes", "SHA-256");
  for (guint i = 0; i < components->len; i++)
    {
      const Component *component = g_ptr_array_index (components, i);

      if (component->dtypes == NULL)
        g_print ("  %-20s %s\n", component->name, component->class_name);
      else
        g_print ("  %-20s %-30s %7u %13" G_GINT64_FORMAT " %9.2f  %-9s %.16s\n", component->name, component->class_name, component->n_tensors,
                 component->n_parameters, (double) component->n_bytes / (1 << 20), component->dtypes,
                 component->sha256 != NULL ? component->sha256 : "");
      n_bytes += component->n_bytes;
      n_parameters += component->n_parameters;
    }
  g_print ("  %-59s %13" G_GINT64_FORMAT " %9.2f\n", "in all", n_parameters, (double) n_bytes / (1 << 20));
}

static void
add_components (JsonBuilder *builder, GPtrArray *components)
{
  json_builder_set_member_name (builder, "components");
  json_builder_begin_array (builder);
  for (guint i = 0; i < components->len; i++)
    {
      const Component *component = g_ptr_array_index (components, i);

      json_builder_begin_object (builder);
      cli_add_string (builder, "name", component->name);
      cli_add_string (builder, "class", component->class_name);
      if (component->dtypes != NULL)
        {
          cli_add_int (builder, "tensors", component->n_tensors);
          cli_add_int (builder, "parameters", component->n_parameters);
          cli_add_double (builder, "mib", (double) component->n_bytes / (1 << 20));
          cli_add_string (builder, "dtypes", component->dtypes);
        }
      if (component->sha256 != NULL)
        cli_add_string (builder, "sha256", component->sha256);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
report_model (Cli *cli, UnclipModelFolder *folder, GPtrArray *components, const Sizes *sizes, const char *sha256)
{
  JsonBuilder *done = cli_begin_event ("done");

  cli_add_string (done, "kind", "model");
  cli_add_string (done, "name", unclip_model_folder_get_name (folder));
  cli_add_string (done, "path", unclip_model_folder_get_path (folder));
  cli_add_string (done, "pipeline", unclip_model_folder_get_pipeline (folder));
  if (sha256 != NULL)
    cli_add_string (done, "sha256", sha256);
  cli_add_int (done, "width", sizes->super_res.sample_width);
  cli_add_int (done, "height", sizes->super_res.sample_height);
  cli_add_int (done, "decoder_width", sizes->decoder.sample_width);
  cli_add_int (done, "decoder_height", sizes->decoder.sample_height);
  cli_add_int (done, "embedding", sizes->text_proj.clip_embeddings_dim);
  add_bool (done, "can_vary", unclip_model_folder_can_vary (folder));
  add_bool (done, "can_imagine", unclip_model_folder_can_imagine (folder));
  add_components (done, components);
  cli_done (cli, done, NULL);
}

static int
show_model (Cli *cli, gboolean hash)
{
  g_autoptr (GError)            error = NULL;
  g_autofree char              *path = unclip_model_folder_find (cli->model, &error);
  g_autoptr (UnclipModelFolder) folder = path != NULL ? unclip_model_folder_open (path, &error) : NULL;
  g_autoptr (GPtrArray)         components = folder != NULL ? read_components (cli, folder, hash, &error) : NULL;
  const char                   *sha256 = NULL;
  Sizes                         sizes;

  if (components == NULL || !read_sizes (folder, &sizes, &error))
    return cli_fail (cli, error);
  if (hash && (sha256 = unclip_model_folder_get_sha256 (folder, &error)) == NULL)
    return cli_fail (cli, error);
  if (!cli->json)
    print_model (folder, components, &sizes, sha256);
  report_model (cli, folder, components, &sizes, sha256);
  return CLI_OK;
}

/* Pictures. */

/* The note as JSON, if its recipe reads and hashes to what the note says. */
static JsonNode *
check_note (const char *text, const char *path, GError **error)
{
  g_autoptr (UnclipResultNote) note = unclip_result_note_parse (text, path, error);

  return note != NULL ? unclip_json_parse (text, strlen (text), error) : NULL;
}

/* A stranger's text must not steer the terminal. */
static char *
dup_printable (const char *text)
{
  char *copy = g_strdup (text);

  for (char *at = copy; *at != '\0'; at++)
    if ((guchar) *at < ' ' && *at != '\n' && *at != '\t')
      *at = '?';
  return copy;
}

static void
print_notes (GHashTable *notes)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (notes), (GCompareFunc) strcmp);

  for (GList *l = keys; l != NULL; l = l->next)
    if (!g_str_equal (l->data, UNCLIP_IMAGE_TEXT_RECIPE))
      {
        g_autofree char *key = dup_printable (l->data);
        g_autofree char *text = dup_printable (g_hash_table_lookup (notes, l->data));

        g_print ("%s: %s\n", key, text);
      }
}

static void
report_notes (Cli *cli, const char *path, JsonNode *note, GHashTable *notes)
{
  JsonBuilder      *done = cli_begin_event ("done");
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (notes), (GCompareFunc) strcmp);

  cli_add_string (done, "kind", "picture");
  cli_add_string (done, "path", path);
  json_builder_set_member_name (done, UNCLIP_IMAGE_TEXT_RECIPE);
  json_builder_add_value (done, json_node_copy (note));
  json_builder_set_member_name (done, "notes");
  json_builder_begin_object (done);
  for (GList *l = keys; l != NULL; l = l->next)
    if (!g_str_equal (l->data, UNCLIP_IMAGE_TEXT_RECIPE))
      cli_add_string (done, l->data, g_hash_table_lookup (notes, l->data));
  json_builder_end_object (done);
  cli_done (cli, done, NULL);
}

static int
show_picture (Cli *cli, const char *path)
{
  g_autoptr (GError)     error = NULL;
  g_autoptr (GHashTable) notes = unclip_image_text_read (path, &error);
  g_autoptr (JsonNode)   note = NULL;
  const char            *text;

  if (notes == NULL)
    {
      g_prefix_error (&error, "Neither a model folder nor a picture with a recipe: ");
      return cli_fail (cli, error);
    }
  if (!cli->json)
    print_notes (notes);
  text = g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_RECIPE);
  if (text != NULL)
    note = check_note (text, path, &error);
  else
    g_set_error (&error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                 "“%s” holds no recipe: Fugue did not make it, or another program has dropped its notes since.", path);
  if (note == NULL)
    return cli_fail (cli, error);
  if (!cli->json)
    {
      g_autofree char *pretty = unclip_json_to_string (note, TRUE);

      g_print ("%s: %s\n", UNCLIP_IMAGE_TEXT_RECIPE, pretty);
    }
  report_notes (cli, path, note, notes);
  return CLI_OK;
}

int
verb_info (Cli *cli, int argc, char **argv)
{
  gboolean           no_hash = FALSE;
  int                status;
  const GOptionEntry entries[] = {
    { "no-hash", 0, 0, G_OPTION_ARG_NONE, &no_hash, "Leave out the hashes, for which all weights are read once", NULL },
    { NULL },
  };

  if (!cli_parse (cli, "info", "[MODEL|PNG]", entries, NULL, 0, 1, &argc, &argv, &status))
    return status;
  if (argc == 2 && g_file_test (argv[1], G_FILE_TEST_EXISTS) && !g_file_test (argv[1], G_FILE_TEST_IS_DIR))
    return show_picture (cli, argv[1]);
  if (argc == 2)
    {
      g_free (cli->model);
      cli->model = g_strdup (argv[1]);
    }
  return show_model (cli, !no_hash);
}
