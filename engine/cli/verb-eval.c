/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip eval: one forward pass of one component, so that anyone can hold a model against diffusers or transformers.
 *
 * Tensors come in under the names of the class's forward() arguments, bare or with “in.” before them, and go out under
 * the names of the returned fields. With --blocks the outputs of inner blocks follow as “block.PATH”.
 */

#include "config.h"

#include "cli.h"
#include "unclip-model-folder.h"
#include "unclip-net.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>

#define INPUT_PREFIX "in."
#define BLOCK_PREFIX "block."

typedef struct
{
  char    *component;   /* folder */
  char    *in;
  char    *out;
  gboolean blocks;
} EvalOptions;

/* MODEL/COMPONENT as a folder: as it stands, or with MODEL looked up as --model is. */
static char *
find_component (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *model = NULL;
  char            *component;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *index = g_build_filename (path, "model_index.json", NULL);

      if (!g_file_test (index, G_FILE_TEST_EXISTS))
        return g_strdup (path);
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT, "“%s” is a whole model; name one component, such as %s/decoder.", path, path);
      return NULL;
    }
  model = unclip_model_folder_find (parent, error);
  if (model == NULL)
    return NULL;
  component = g_build_filename (model, name, NULL);
  if (g_file_test (component, G_FILE_TEST_IS_DIR))
    return component;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND, "The model “%s” has no component “%s”; unclip info tells which it has.", model, name);
  g_free (component);
  return NULL;
}

static const char *
find_prefix (UnclipSafetensors *file)
{
  for (guint i = 0; i < unclip_safetensors_get_n_tensors (file); i++)
    if (g_str_has_prefix (unclip_safetensors_get_nth (file, i)->name, INPUT_PREFIX))
      return INPUT_PREFIX;
  return "";
}

static gsize
count_values (const UnclipNetResult *result)
{
  gsize n = 1;

  for (guint i = 0; i < result->n_dims; i++)
    n *= (gsize) result->dims[i];
  return n;
}

static gboolean
is_finite (const UnclipNetResult *result)
{
  gsize n = count_values (result);

  for (gsize i = 0; i < n; i++)
    if (!isfinite (result->values[i]))
      return FALSE;
  return TRUE;
}

static gboolean
save_results (Cli *cli, GPtrArray *results, const char *class_name, const char *path, GError **error)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();

  unclip_safetensors_writer_set_metadata (writer, "class", class_name);
  for (guint i = 0; i < results->len; i++)
    {
      const UnclipNetResult *result = g_ptr_array_index (results, i);
      g_autofree char       *name = g_strconcat (result->is_block ? BLOCK_PREFIX : "", result->name, NULL);

      if (!is_finite (result))
        cli_warn (cli, "“%s” holds NaN or infinity; look at the weights and inputs, or try --precision f32", name);
      unclip_safetensors_writer_add (writer, name, UNCLIP_DTYPE_F32, result->n_dims, result->dims, result->values);
    }
  return unclip_safetensors_writer_save (writer, path, error);
}

static double
get_peak_host_mib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) usage.ru_maxrss / 1024;
}

static gboolean
eval (Cli *cli, const EvalOptions *options, UnclipExecutor *executor, GError **error)
{
  gint64                        start = g_get_monotonic_time ();
  g_autoptr (UnclipSafetensors) file = unclip_safetensors_open (options->in, error);
  g_autoptr (UnclipNet)         net = file != NULL ? unclip_net_open (options->component, NULL, error) : NULL;
  gint64                        opened = g_get_monotonic_time ();
  g_autoptr (GPtrArray)         results = NULL;
  gint64                        evaluated;
  UnclipNetInputs               inputs;
  JsonBuilder                  *done;

  if (net == NULL)
    return FALSE;
  inputs = (UnclipNetInputs){ file, find_prefix (file) };
  results = unclip_net_eval (net, executor, &inputs, options->blocks, cli->cancellable, error);
  evaluated = g_get_monotonic_time ();
  if (results == NULL || !save_results (cli, results, unclip_net_get_class_name (net), options->out, error))
    return FALSE;

  if (!cli->json)
    g_print ("%s: %s, %u tensors, opened in %.2f s, packed and run in %.2f s, device memory %.0f MiB at the most\n", options->out,
             unclip_net_get_class_name (net), results->len, (double) (opened - start) / 1e6, (double) (evaluated - opened) / 1e6,
             (double) unclip_executor_get_peak_bytes (executor) / (1 << 20));
  done = cli_begin_event ("done");
  cli_add_string (done, "class", unclip_net_get_class_name (net));
  cli_add_string (done, "path", options->out);
  cli_add_int (done, "tensors", results->len);
  cli_add_double (done, "open_seconds", (double) (opened - start) / 1e6);
  cli_add_double (done, "eval_seconds", (double) (evaluated - opened) / 1e6);
  cli_add_double (done, "peak_host_mib", get_peak_host_mib ());
  cli_done (cli, done, executor);
  return TRUE;
}

static int
run (Cli *cli, EvalOptions *options, const char *component)
{
  g_autoptr (GError)         error = NULL;
  g_autoptr (UnclipExecutor) executor = NULL;

  options->component = find_component (component, &error);
  executor = options->component != NULL ? cli_open_executor (cli, &error) : NULL;
  if (executor == NULL || !eval (cli, options, executor, &error))
    return cli_fail (cli, error);
  return CLI_OK;
}

int
verb_eval (Cli *cli, int argc, char **argv)
{
  EvalOptions        options = { NULL };
  int                status;
  const GOptionEntry entries[] = {
    { "blocks", 0, 0, G_OPTION_ARG_NONE, &options.blocks, "Also write what inner blocks return, as block.PATH", NULL },
    { NULL },
  };

  if (cli_parse (cli, "eval", "MODEL/COMPONENT IN.safetensors OUT.safetensors", entries, NULL, 3, 3, &argc, &argv, &status))
    {
      options.in = argv[2];
      options.out = argv[3];
      status = run (cli, &options, argv[1]);
    }
  g_free (options.component);
  return status;
}
