/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes run in bulk, in shards, after a kill; pictures proven by their recipes. */

#include "config.h"

#include "cli-run.h"
#include "test-device.h"
#include "unclip-image-file.h"
#include "unclip-image-text.h"
#include "unclip-result-note.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define QUICK " --steps 2 --upsampler-steps 2"
#define N 6

/* Sets the case up, with N recipes of @picture in the file "list"; FALSE where there is no device. */
static gboolean
begin (CliPlace *place)
{
  g_auto (CliResult) list = { 0 };
  g_autofree char   *path = NULL;

  if (test_device_get () == NULL)
    return FALSE;
  cli_place_init (place);
  cli_run_ok (place, "vary @picture --model @model --seed 7 -n 6 --recipes" QUICK, &list);
  path = g_build_filename (place->folder, "list", NULL);
  g_assert_true (g_file_set_contents (path, list.out, -1, NULL));
  return TRUE;
}

/* Hashes of the recipes in a folder's pictures, each of which must be there once. (A kill may leave a file in the making
 * under a hidden name, which is none of the results.) */
static GHashTable *
list_hashes (const char *folder)
{
  GHashTable      *hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *names = cli_list_folder (folder);
  g_auto (GStrv)   lines = g_strsplit (names, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr (GError)           error = NULL;
      g_autofree char             *path = g_build_filename (folder, lines[i], NULL);
      g_autoptr (UnclipResultNote) note = lines[i][0] != '.' ? unclip_result_note_load (path, &error) : NULL;

      if (lines[i][0] == '.')
        continue;
      g_assert_no_error (error);
      g_assert_true (g_hash_table_add (hashes, g_strdup (unclip_recipe_get_hash (note->recipe))));
    }
  return hashes;
}

/* Three runs of a third each, into one folder, give what one run gives: every recipe once, and the same bytes. */
static void
test_shards (void)
{
  g_auto (CliPlace)      place = { NULL };
  g_auto (CliResult)     third = { 0 }, first = { 0 }, second = { 0 }, all = { 0 };
  g_autoptr (GHashTable) hashes = NULL;
  g_autofree char       *whole = NULL, *names = NULL, *whole_names = NULL;
  g_auto (GStrv)         lines = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "run @folder/list --model @model --source @picture --shard 3/3 -o @out", &third);
  cli_run_ok (&place, "run @folder/list --model @model --source @picture --shard 1/3 -o @out", &first);
  cli_run_ok (&place, "run @folder/list --model @model --source @picture --shard 2/3 -o @out", &second);
  hashes = list_hashes (place.out);
  g_assert_cmpuint (g_hash_table_size (hashes), ==, N);

  whole = g_build_filename (place.folder, "whole", NULL);
  cli_run_ok (&place, "run @folder/list --model @model --source @picture -o @folder/whole", &all);
  names = cli_list_folder (place.out);
  whole_names = cli_list_folder (whole);
  g_assert_cmpstr (names, ==, whole_names);
  lines = g_strsplit (names, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GBytes) a = cli_read (place.out, lines[i]);
      g_autoptr (GBytes) b = cli_read (whole, lines[i]);

      g_assert_true (g_bytes_equal (a, b));
    }
}

/* Every shard of every cut, by the numbers: nothing is left out and nothing is done twice. (With --resume on a finished
 * folder nothing is made, so this costs no pictures.) */
static void
test_shard_counts (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) first = { 0 };

  if (!begin (&place))
    return;
  cli_run_ok (&place, "run @folder/list --model @model --source @picture -o @out", &first);
  for (guint n = 1; n <= 8; n++)
    {
      gint64 sum = 0;

      for (guint i = 1; i <= n; i++)
        {
          g_autofree char      *arguments = g_strdup_printf ("run @folder/list --model @model --shard %u/%u --resume --json -o @out", i, n);
          g_auto (CliResult)    result = { 0 };
          g_autoptr (GPtrArray) events = NULL;
          JsonObject           *plan;

          cli_run_ok (&place, arguments, &result);
          events = cli_parse_events (result.out);
          plan = g_ptr_array_index (events, 0);
          g_assert_cmpint (json_object_get_int_member (plan, "recipes"), ==, N);
          g_assert_cmpint (json_object_get_int_member (plan, "done_before"), ==, json_object_get_int_member (plan, "shard"));
          sum += json_object_get_int_member (plan, "shard");
        }
      g_assert_cmpint (sum, ==, N);
    }
}

/* Killed right after a picture: what is there is whole, and --resume makes the others alone. */
static void
test_kill (void)
{
  g_auto (CliPlace)           place = { NULL };
  g_auto (CliResult)          again = { 0 };
  g_autoptr (GSubprocess)     process = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GHashTable)      before = NULL, after = NULL;
  g_autoptr (GPtrArray)       events = NULL;
  g_autofree char            *line = NULL;
  guint                       n_before;

  if (!begin (&place))
    return;
  process = cli_start (&place, "run @folder/list --model @model --source @picture --batch 1 -o @out", NULL);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_assert_nonnull (line);
  g_subprocess_send_signal (process, SIGKILL);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));

  before = list_hashes (place.out);
  n_before = g_hash_table_size (before);
  g_assert_cmpuint (n_before, >=, 1);
  g_assert_cmpuint (n_before, <, N);

  cli_run_ok (&place, "run @folder/list --model @model --source @picture --resume --json -o @out", &again);
  events = cli_parse_events (again.out);
  g_assert_cmpint (json_object_get_int_member (g_ptr_array_index (events, 0), "done_before"), ==, n_before);
  g_assert_cmpint (json_object_get_int_member (g_ptr_array_index (events, events->len - 1), "pictures"), ==, N - n_before);
  after = list_hashes (place.out);
  g_assert_cmpuint (g_hash_table_size (after), ==, N);
}

/* One recipe as a document, the same in a PNG, the same twice in lines: one picture. A folder of sources, of which one
 * file is no picture. */
static void
test_inputs (void)
{
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    first = { 0 }, all = { 0 }, missing = { 0 }, broken = { 0 };
  g_autoptr (GPtrArray) events = NULL;
  g_autofree char      *list = NULL, *path = NULL, *pretty = NULL, *doubled = NULL, *sources = NULL, *picture = NULL, *junk = NULL;
  g_autoptr (JsonNode)  node = NULL;
  g_auto (GStrv)        lines = NULL;
  g_autoptr (GBytes)    bytes = NULL;

  if (!begin (&place))
    return;
  path = g_build_filename (place.folder, "list", NULL);
  g_assert_true (g_file_get_contents (path, &list, NULL, NULL));
  lines = g_strsplit (list, "\n", -1);
  node = json_from_string (lines[0], NULL);
  pretty = json_to_string (node, TRUE);
  doubled = g_strdup_printf ("\n%s\r\n\n%s\n", lines[0], lines[0]);
  g_assert_true (g_file_set_contents (path, pretty, -1, NULL));

  sources = g_build_filename (place.folder, "sources", NULL);
  g_assert_cmpint (g_mkdir (sources, 0777), ==, 0);
  junk = g_build_filename (sources, "a.png", NULL);
  g_assert_true (g_file_set_contents (junk, "junk", -1, NULL));
  bytes = cli_read ("/", place.picture);
  picture = g_build_filename (sources, "b.png", NULL);
  g_assert_true (g_file_set_contents (picture, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));

  cli_run (&place, "run @folder/list --model @model -o @out", &missing);
  g_assert_cmpint (missing.status, ==, 1);
  g_assert_nonnull (strstr (missing.err, "--source"));
  cli_run_ok (&place, "run @folder/list --model @model --source @folder/sources -o @out", &first);
  g_assert_nonnull (strstr (first.err, "a.png"));

  g_assert_true (g_file_set_contents (path, doubled, -1, NULL));
  g_strdelimit (first.out, "\n", ' ');
  {
    g_autofree char *arguments = g_strdup_printf ("run @folder/list %s --model @model --source @picture --json -o @folder/again", first.out);

    cli_run_ok (&place, arguments, &all);
  }
  events = cli_parse_events (all.out);
  g_assert_cmpint (json_object_get_int_member (g_ptr_array_index (events, 0), "recipes"), ==, 1);

  g_assert_true (g_file_set_contents (path, "{}\n{}\n", -1, NULL));
  cli_run (&place, "run @folder/list --model @model -o @out", &broken);
  g_assert_cmpint (broken.status, ==, 1);
  g_assert_nonnull (strstr (broken.err, "line 1"));
}

static void
test_folder (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) made = { 0 }, folder = { 0 }, empty = { 0 };
  g_autofree char   *names = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 1 -n 2 -o @out" QUICK, &made);
  cli_run_ok (&place, "vary @out --model @model --seed 2 -n 1 -o @folder/two" QUICK, &folder);
  names = g_build_filename (place.folder, "two", NULL);
  g_assert_cmpint (g_chdir (names), ==, 0);
  g_assert_true (g_file_test ("picture-0-vary-1-1-vary-2-1.png", G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test ("picture-0-vary-1-2-vary-2-1.png", G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  cli_run (&place, "vary @model --model @model -o @out" QUICK, &empty);
  g_assert_cmpint (empty.status, ==, 1);
}

/* Replaces, in the line of that number, the hash behind a member's name by one that nobody has. */
static void
spoil (char **lines, guint line, const char *member)
{
  char *hash = strstr (lines[line], member);

  g_assert_nonnull (hash);
  memset (hash + strlen (member), '0', 64);
}

/* Recipes that fail are told of one by one, and the others are made. */
static void
test_failures (void)
{
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    made = { 0 };
  g_autofree char      *path = NULL, *list = NULL, *spoilt = NULL;
  g_auto (GStrv)        lines = NULL;
  g_autoptr (GPtrArray) events = NULL;
  guint                 n_errors = 0, n_with_hash = 0, n_pictures = 0;
  JsonObject           *done;

  if (!begin (&place))
    return;
  path = g_build_filename (place.folder, "list", NULL);
  g_assert_true (g_file_get_contents (path, &list, NULL, NULL));
  lines = g_strsplit (list, "\n", -1);
  lines[1][0] = '[';
  spoil (lines, 2, "\"sha256\":\"");
  spoil (lines, 4, "\"source\":\"");
  spoilt = g_strjoinv ("\n", lines);
  g_assert_true (g_file_set_contents (path, spoilt, -1, NULL));

  cli_run (&place, "run @folder/list @folder/nothing --model @model --source @picture --sheet --json -o @out", &made);
  g_assert_cmpint (made.status, ==, 1);
  events = cli_parse_events (made.out);
  for (guint i = 0; i < events->len; i++)
    {
      JsonObject *event = g_ptr_array_index (events, i);
      const char *name = json_object_get_string_member (event, "event");

      n_errors += g_str_equal (name, "error");
      n_with_hash += g_str_equal (name, "error") && json_object_has_member (event, "recipe_hash");
      n_pictures += g_str_equal (name, "picture");
    }
  g_assert_cmpuint (n_errors, ==, 4);
  g_assert_cmpuint (n_with_hash, ==, 2);
  g_assert_cmpuint (n_pictures, ==, N - 3);
  done = g_ptr_array_index (events, events->len - 1);
  g_assert_cmpstr (json_object_get_string_member (done, "event"), ==, "done");
  g_assert_cmpint (json_object_get_int_member (done, "pictures"), ==, N - 3);
  g_assert_cmpint (json_object_get_int_member (done, "failed"), ==, 4);
  g_assert_nonnull (strstr (made.err, "line 2"));
  g_assert_nonnull (strstr (made.err, "4 recipes failed, 3 pictures were made"));
}

/* Proofs. */

/* Saves the picture at @path again as @name, after a change to its pixels or to its note. */
static void
forge (CliPlace *place, const char *path, const char *name, int change, const char *from, const char *to)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = unclip_image_load (path, &error);
  g_autoptr (UnclipImage) changed = NULL;
  g_autoptr (GHashTable)  notes = unclip_image_text_read (path, &error);
  g_autoptr (GString)     note = g_string_new (g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_RECIPE));
  guint                   width = unclip_image_get_width (image), height = unclip_image_get_height (image);
  g_autofree guint8      *rgb = g_memdup2 (unclip_image_get_pixels (image), (gsize) width * height * 3);
  g_autofree char        *target = g_build_filename (place->folder, name, NULL);
  UnclipImageText         text = { UNCLIP_IMAGE_TEXT_RECIPE, NULL, TRUE };

  for (guint i = 0; change != 0 && i < width * height * 3; i++)
    rgb[i] = (guint8) (rgb[i] >= 128 ? rgb[i] - change : rgb[i] + change);
  if (from != NULL)
    g_assert_cmpuint (g_string_replace (note, from, to, 0), >=, 1);
  text.text = note->str;
  changed = unclip_image_new_copy (width, height, rgb);
  g_assert_true (unclip_image_save_png (changed, target, &text, 1, &error));
  g_assert_no_error (error);
}

/* The verdict on one file, and that a reason holds the word. */
static void
check_proof (CliPlace *place, const char *arguments, const char *verdict, const char *reason, int status)
{
  g_autofree char      *line = g_strdup_printf ("prove %s --json", arguments);
  g_auto (CliResult)    result = { 0 };
  g_autoptr (GPtrArray) events = NULL;

  cli_run (place, line, &result);
  events = cli_parse_events (result.out);
  for (guint i = 0; i < events->len; i++)
    {
      JsonObject *event = g_ptr_array_index (events, i);
      JsonArray  *reasons;

      if (!g_str_equal (json_object_get_string_member (event, "event"), "proof"))
        continue;
      g_assert_cmpstr (json_object_get_string_member (event, "verdict"), ==, verdict);
      reasons = json_object_get_array_member (event, "reasons");
      g_assert_cmpuint (json_array_get_length (reasons), ==, reason != NULL ? 1 : 0);
      if (reason != NULL)
        g_assert_nonnull (strstr (json_array_get_string_element (reasons, 0), reason));
      g_assert_cmpint (result.status, ==, status);
      return;
    }
  g_error ("no proof: %s", result.err);
}

static void
test_prove (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) made = { 0 };
  g_autofree char   *path = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 1 -o @out" QUICK, &made);
  path = g_build_filename (place.out, "picture-0-vary-7-1.png", NULL);

  check_proof (&place, "@out/picture-0-vary-7-1.png --model @model --source @picture", "identical", NULL, 0);
  check_proof (&place, "@out/picture-0-vary-7-1.png --model @model", "unproven", "--source", 1);

  /* Two levels everywhere are 20 log10 (255 / 2) = 42.1 dB, sixty are 12.6 dB. */
  forge (&place, path, "near.png", 2, NULL, NULL);
  check_proof (&place, "@folder/near.png --model @model --source @picture", "within-tolerance", "pixels were changed", 0);
  check_proof (&place, "@folder/near.png --model @model --source @picture --exact", "within-tolerance", "pixels were changed", 1);
  check_proof (&place, "@folder/near.png --model @model --source @picture --tolerance 43", "different", "pixels were changed", 1);
  forge (&place, path, "far.png", 60, NULL, NULL);
  check_proof (&place, "@folder/far.png --model @model --source @picture", "different", "pixels were changed", 1);

  forge (&place, path, "recipe.png", 0, "\"seed\":7", "\"seed\":8");
  check_proof (&place, "@folder/recipe.png --model @model --source @picture", "unproven", "its hash is another one", 1);
  check_proof (&place, "@picture --model @model", "unproven", "no recipe", 1);
}

/* With another model the recipe cannot be run, and the message names both. */
static void
test_prove_other_model (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) made = { 0 };

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 1 -o @out" QUICK, &made);
  check_proof (&place, "@out/picture-0-vary-7-1.png --model @imagine_model --source @picture", "unproven", "--model", 1);
}

/* What was otherwise when the picture was made is told, where the pixels are not the same. */
static void
test_prove_other_device (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) made = { 0 };
  g_autofree char   *path = NULL, *sha256 = NULL;
  g_autoptr (UnclipResultNote) note = NULL;
  g_autoptr (UnclipImage)      image = NULL;
  g_autoptr (GBytes)           rgb = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 1 -o @out" QUICK, &made);
  path = g_build_filename (place.out, "picture-0-vary-7-1.png", NULL);
  note = unclip_result_note_load (path, NULL);
  forge (&place, path, "near.png", 1, NULL, NULL);
  g_free (path);
  path = g_build_filename (place.folder, "near.png", NULL);
  image = unclip_image_load (path, NULL);
  sha256 = unclip_image_dup_sha256 (image);

  /* As another machine would have saved it: its own pixels' hash, its own name. */
  forge (&place, path, "theirs.png", 0, note->sha256, sha256);
  g_free (path);
  path = g_build_filename (place.folder, "theirs.png", NULL);
  forge (&place, path, "other.png", 0, note->device, "A faster one");
  check_proof (&place, "@folder/theirs.png --model @model --source @picture", "within-tolerance", NULL, 0);
  check_proof (&place, "@folder/other.png --model @model --source @picture", "within-tolerance", "device: “A faster one” then", 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/run/shards", test_shards);
  g_test_add_func ("/cli/run/shard-counts", test_shard_counts);
  g_test_add_func ("/cli/run/kill", test_kill);
  g_test_add_func ("/cli/run/inputs", test_inputs);
  g_test_add_func ("/cli/run/failures", test_failures);
  g_test_add_func ("/cli/vary/folder", test_folder);
  g_test_add_func ("/cli/prove/verdicts", test_prove);
  g_test_add_func ("/cli/prove/other-model", test_prove_other_model);
  g_test_add_func ("/cli/prove/other-device", test_prove_other_device);
  return test_device_run ();
}
