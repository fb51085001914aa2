/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip run: makes the pictures of recipes, many of them, on one machine or several.
 *
 * What is done is known by the recipe's hash, which stands in the result's name and in its note; a result gets its name
 * only when all of it is on the disk. So a run that was killed at any moment goes on with --resume, and runs of several
 * machines may share a folder.
 */

#include "config.h"

#include "cli-pictures.h"
#include "cli-sources.h"
#include "unclip-file.h"
#include "unclip-json.h"
#include "unclip-result-note.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES ((gsize) 256 << 20)
#define HASH_DIGITS 16

typedef struct
{
  char    **sources;
  char     *shard;
  guint     shard_index;        /* from 0 */
  guint     n_shards;
  gboolean  resume;
} RunOptions;

/* Reading recipes. What cannot be read is told of and left out. */

typedef struct
{
  Cli       *cli;
  GPtrArray *recipes;
  guint      n_failed;
} Reader;

static void
tell_unread (Reader *reader, const GError *error)
{
  reader->n_failed++;
  cli_tell_failure (reader->cli, error, NULL);
}

/* Standard input to its end. */
static GBytes *
read_input (GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8                 buffer[65536];
  gssize                 n;

  while ((n = read (STDIN_FILENO, buffer, sizeof buffer)) != 0)
    if (n > 0 && bytes->len + (gsize) n <= MAX_BYTES)
      g_byte_array_append (bytes, buffer, (guint) n);
    else if (n > 0 || errno != EINTR)
      {
        g_set_error (error, G_FILE_ERROR, n > 0 ? G_FILE_ERROR_NOMEM : g_file_error_from_errno (errno),
                     "The recipes on standard input could not be read: %s.", n > 0 ? "there are more than 256 MiB" : g_strerror (errno));
        return NULL;
      }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static gboolean
is_png (const char *text, gsize length)
{
  return length >= 8 && memcmp (text, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static gboolean
is_blank (const char *line, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (line[i]))
      return FALSE;
  return TRUE;
}

static void
add_recipe (Reader *reader, const char *text, gsize length, const char *name)
{
  g_autoptr (GError) error = NULL;
  UnclipRecipe      *recipe = unclip_recipe_parse (text, length, &error);

  if (recipe != NULL)
    {
      g_ptr_array_add (reader->recipes, recipe);
      return;
    }
  g_prefix_error (&error, "%s: ", name);
  tell_unread (reader, error);
}

/* One recipe a line. */
static void
add_lines (Reader *reader, const char *text, gsize length, const char *name)
{
  const char *end = text + length;
  guint       number = 0;

  for (const char *line = text; line < end;)
    {
      const char      *newline = memchr (line, '\n', (gsize) (end - line));
      const char      *next = newline != NULL ? newline : end;
      g_autofree char *place = g_strdup_printf ("%s, line %u", name, ++number);

      if (!is_blank (line, (gsize) (next - line)))
        add_recipe (reader, line, (gsize) (next - line), place);
      line = next + 1;
    }
}

/* A whole file is one recipe where its first line is no JSON by itself, or the only one. */
static gboolean
is_one_document (const char *text, gsize length)
{
  const char          *newline = memchr (text, '\n', length);
  g_autoptr (JsonNode) first = newline != NULL ? unclip_json_parse (text, (gsize) (newline - text), NULL) : NULL;

  return first == NULL || is_blank (newline, length - (gsize) (newline - text));
}

static void
add_text (Reader *reader, GBytes *bytes, const char *name)
{
  gsize       length;
  const char *text = g_bytes_get_data (bytes, &length);

  while (length > 0 && g_ascii_isspace (*text))
    {
      text++;
      length--;
    }
  if (length == 0)
    return;
  if (is_one_document (text, length))
    add_recipe (reader, text, length, name);
  else
    add_lines (reader, text, length, name);
}

static void
add_input (Reader *reader, const char *path)
{
  g_autoptr (GError)           error = NULL;
  gboolean                     is_input = g_str_equal (path, "-");
  g_autoptr (GBytes)           bytes = is_input ? read_input (&error) : unclip_file_read (path, MAX_BYTES, &error);
  g_autoptr (UnclipResultNote) note = NULL;

  if (bytes != NULL && !is_png (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)))
    add_text (reader, bytes, is_input ? "standard input" : path);
  else if (bytes != NULL && (note = unclip_result_note_load (path, &error)) != NULL)
    g_ptr_array_add (reader->recipes, unclip_recipe_ref (note->recipe));
  else
    tell_unread (reader, error);
}

/* What is to be done. */

/* Each recipe once, in the order of its first coming. */
static void
drop_repeated (GPtrArray *recipes)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < recipes->len;)
    {
      const char *hash = unclip_recipe_get_hash (g_ptr_array_index (recipes, i));

      /* Asked first: adding would take the key of an entry that is about to go. */
      if (g_hash_table_contains (seen, hash))
        g_ptr_array_remove_index (recipes, i);
      else
        {
          g_hash_table_add (seen, (gpointer) hash);
          i++;
        }
    }
}

/* Shard i of n is recipes ⌊i K / n⌋ … ⌊(i + 1) K / n⌋ − 1 of K: neighbours, which often batch, stay together. */
static void
keep_shard (GPtrArray *recipes, const RunOptions *options)
{
  guint64 n = recipes->len;
  guint   first = (guint) (n * options->shard_index / options->n_shards);
  guint   end = (guint) (n * (options->shard_index + 1) / options->n_shards);

  g_ptr_array_remove_range (recipes, end, (guint) n - end);
  g_ptr_array_remove_range (recipes, 0, first);
}

/* Hashes of the recipes in a folder's pictures, whatever their names. */
static GHashTable *
list_done (const char *path, GError **error)
{
  g_autoptr (GHashTable) done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir)       folder = g_dir_open (path, 0, error);
  const char            *name;

  if (folder == NULL)
    return NULL;
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char             *file = g_build_filename (path, name, NULL);
      g_autoptr (UnclipResultNote) note = g_str_has_suffix (name, ".png") ? unclip_result_note_load (file, NULL) : NULL;

      if (note != NULL)
        g_hash_table_add (done, g_strdup (unclip_recipe_get_hash (note->recipe)));
    }
  return g_steal_pointer (&done);
}

static gboolean
drop_done (GPtrArray *recipes, const char *folder, GError **error)
{
  g_autoptr (GHashTable) done = list_done (folder, error);

  if (done == NULL)
    return FALSE;
  for (guint i = 0; i < recipes->len;)
    if (g_hash_table_contains (done, unclip_recipe_get_hash (g_ptr_array_index (recipes, i))))
      g_ptr_array_remove_index (recipes, i);
    else
      i++;
  return TRUE;
}

static void
report_plan (Cli *cli, guint n_given, guint n_shard, guint n_left)
{
  JsonBuilder *event = cli_begin_event ("plan");

  cli_add_int (event, "recipes", n_given);
  cli_add_int (event, "shard", n_shard);
  cli_add_int (event, "done_before", n_shard - n_left);
  cli_end_event (cli, event);
  fprintf (stderr, "unclip: %u recipes, %u of them for this run, %u done before\n", n_given, n_shard, n_shard - n_left);
}

/* The recipes of this run, from all inputs; how many could not be read goes to @n_failed. */
static GPtrArray *
choose_recipes (Cli *cli, const RunOptions *options, const char *folder, int n_paths, char **paths, guint *n_failed, GError **error)
{
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  Reader                reader = { cli, recipes, 0 };
  guint                 n_given, n_shard;

  for (int i = 0; i < n_paths; i++)
    add_input (&reader, paths[i]);
  *n_failed = reader.n_failed;
  drop_repeated (recipes);
  n_given = recipes->len;
  keep_shard (recipes, options);
  n_shard = recipes->len;
  if (options->resume && !drop_done (recipes, folder, error))
    return NULL;
  if (n_given > 0 || reader.n_failed == 0)
    report_plan (cli, n_given, n_shard, recipes->len);
  return g_steal_pointer (&recipes);
}

/* The verb. */

static gboolean
check (Cli *cli, RunOptions *options)
{
  int consumed = 0;

  options->n_shards = 1;
  if (options->shard == NULL)
    return TRUE;
  if (sscanf (options->shard, "%u/%u%n", &options->shard_index, &options->n_shards, &consumed) < 2 || options->shard[consumed] != '\0'
      || strchr (options->shard, '-') != NULL || options->shard_index < 1 || options->shard_index > options->n_shards)
    {
      cli_usage_error (cli, "--shard is “%s”, but must be I/N with I from 1 to N, such as 2/8", options->shard);
      return FALSE;
    }
  options->shard_index--;
  return TRUE;
}

/* Nothing of the result depends on the file that the recipe came in. */
static void
add_job (GPtrArray *jobs, UnclipRecipe *recipe)
{
  const char *hash = unclip_recipe_get_hash (recipe);
  CliJob     *job;

  cli_jobs_add_labelled (jobs, unclip_recipe_ref (recipe), g_strdup_printf ("run-%.*s", HASH_DIGITS, hash),
                         g_strdup_printf ("Recipe %.*s", HASH_DIGITS, hash), g_strdup_printf ("%.8s", hash));
  job = g_ptr_array_index (jobs, jobs->len - 1);
  job->number = 1;
}

static int
make_pictures (Cli *cli, const CliPictureOptions *options, const RunOptions *run, GPtrArray *recipes)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GPtrArray)       jobs = cli_jobs_new ();
  g_autoptr (UnclipStages)    stages = cli_open_stages (cli, &error);
  g_autoptr (UnclipEvaluator) evaluator = stages != NULL ? unclip_evaluator_new (stages) : NULL;

  if (stages == NULL)
    return cli_fail (cli, error);
  for (guint i = 0; i < recipes->len; i++)
    add_job (jobs, g_ptr_array_index (recipes, i));
  if (!cli_find_sources (cli, evaluator, run->sources, (UnclipRecipe *const *) recipes->pdata, recipes->len, &error))
    {
      if (!g_error_matches (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE))
        return cli_fail (cli, error);
      /* The recipes that start from them will fail, and others need not. */
      cli_warn (cli, "%s", error->message);
    }
  return cli_run_jobs (cli, evaluator, stages, options, jobs, NULL);
}

static int
run (Cli *cli, CliPictureOptions *options, const RunOptions *run, int n_paths, char **paths)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = choose_recipes (cli, run, options->folder, n_paths, paths, &options->n_failed, &error);
  JsonBuilder          *done;

  if (recipes == NULL)
    return cli_fail (cli, error);
  if (recipes->len > 0)
    return make_pictures (cli, options, run, recipes);
  done = cli_begin_event ("done");
  cli_add_int (done, "pictures", 0);
  cli_add_int (done, "failed", options->n_failed);
  cli_done (cli, done, NULL);
  return options->n_failed == 0 ? CLI_OK : CLI_FAILED;
}

int
verb_run (Cli *cli, int argc, char **argv)
{
  CliPictureOptions  options;
  RunOptions         run_options = { 0 };
  int                status;
  const GOptionEntry entries[] = {
    { "source", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &run_options.sources, "A source picture or a folder of them; may be repeated", "PATH" },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &run_options.shard, "Part I of N of the recipes", "I/N" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &run_options.resume, "Leave out recipes whose pictures are in the output folder", NULL },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.folder, "Folder for the pictures (default: here)", "DIR" },
    { "sheet", 0, 0, G_OPTION_ARG_NONE, &options.sheet, "Also draw a contact sheet", NULL },
    { "batch", 0, 0, G_OPTION_ARG_INT, &options.batch, "Pictures made at a time (default 8)", "N" },
    { NULL },
  };

  cli_picture_options_init (&options);
  options.keeps_going = TRUE;
  if (cli_parse (cli, "run", "RECIPE.json|LINES|PNG|-…", entries, NULL, 1, -1, &argc, &argv, &status))
    {
      status = CLI_USAGE;
      if (check (cli, &run_options) && cli_picture_options_check (cli, &options, &status))
        status = run (cli, &options, &run_options, argc - 1, argv + 1);
    }
  g_strfreev (run_options.sources);
  g_free (run_options.shard);
  cli_picture_options_clear (&options);
  return status;
}
