/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What runs of `unclip` leave behind and tell: files, notes, events; the same bytes for the same recipe. */

#include "config.h"

#include "cli-run.h"
#include "test-compare.h"
#include "test-device.h"
#include "unclip-image-file.h"
#include "unclip-image-text.h"
#include "unclip-recipe.h"
#include "unclip-safetensors.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#define QUICK " --steps 3 --upsampler-steps 2"

/* Sets the case up; FALSE where there is no device. */
static gboolean
begin (CliPlace *place)
{
  if (test_device_get () == NULL)
    return FALSE;
  cli_place_init (place);
  return TRUE;
}

/* The folders hold the same names and bytes. */
static void
compare_folders (const char *a, const char *b)
{
  g_autofree char *names_a = cli_list_folder (a), *names_b = cli_list_folder (b);
  g_auto (GStrv)   names = g_strsplit (names_a, "\n", -1);

  g_assert_cmpstr (names_a, ==, names_b);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GBytes) bytes_a = cli_read (a, names[i]);
      g_autoptr (GBytes) bytes_b = cli_read (b, names[i]);

      g_assert_true (g_bytes_equal (bytes_a, bytes_b));
    }
}

static void
run_twice (const char *first, const char *second)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) a = { 0 }, b = { 0 };
  g_autofree char   *one = NULL, *two = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, first, &a);
  cli_run_ok (&place, second, &b);
  one = g_build_filename (place.out, "one", NULL);
  two = g_build_filename (place.out, "two", NULL);
  compare_folders (one, two);
}

static void
test_same_seed (void)
{
  run_twice ("vary @picture --model @model --seed 7 -n 3 -o @out/one" QUICK, "vary @picture --model @model --seed 7 -n 3 -o @out/two" QUICK);
}

static void
test_ddim (void)
{
  run_twice ("vary @picture --model @model --seed 7 -n 2 --sampler ddim --eta 0.5 -o @out/one" QUICK,
             "vary @picture --model @model --seed 7 -n 2 --eta 0.5 -o @out/two" QUICK);
}

/* Order: a picture does not depend on those that it is made with. */
static void
test_batch (void)
{
  run_twice ("vary @picture --model @model --seed 7 -n 4 --batch 1 -o @out/one" QUICK,
             "vary @picture --model @model --seed 7 -n 4 --batch 8 -o @out/two" QUICK);
}

static void
test_imagine_batch (void)
{
  run_twice ("imagine 'a red boat' --model @imagine_model --seed 3 -n 3 --prior-steps 2 --batch 1 -o @out/one" QUICK,
             "imagine 'a red boat' --model @imagine_model --seed 3 -n 3 --prior-steps 2 --batch 2 -o @out/two" QUICK);
}

static void
test_nothing_overwritten (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) a = { 0 }, b = { 0 };
  g_autoptr (GBytes) before = NULL, after = NULL;
  g_autofree char   *names = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 2 -o @out" QUICK, &a);
  before = cli_read (place.out, "picture-0-vary-7-1.png");
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 2 -o @out" QUICK, &b);
  after = cli_read (place.out, "picture-0-vary-7-1.png");
  g_assert_true (g_bytes_equal (before, after));
  names = cli_list_folder (place.out);
  g_assert_cmpstr (names, ==, "picture-0-vary-7-1.png\npicture-0-vary-7-2.png\npicture-0-vary-7-3.png\npicture-0-vary-7-4.png");
}

static void
test_smallest_picture (void)
{
  g_auto (CliPlace)       place = { NULL };
  g_auto (CliResult)      result = { 0 };
  g_autoptr (UnclipImage) dot = unclip_image_new_copy (1, 1, (const guint8 *) "\x40\x80\xc0");
  g_autofree char        *path = NULL;

  if (!begin (&place))
    return;
  path = g_build_filename (place.folder, "dot.png", NULL);
  g_assert_true (unclip_image_save_png (dot, path, NULL, 0, NULL));
  cli_run_ok (&place, "vary @folder/dot.png --model @model -n 1 -o @out" QUICK, &result);
}

static void
test_sheet (void)
{
  g_auto (CliPlace)       place = { NULL };
  g_auto (CliResult)      result = { 0 };
  g_autoptr (UnclipImage) sheet = NULL;
  g_autoptr (GError)      error = NULL;
  g_autofree char        *path = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 3 --sheet -o @out" QUICK, &result);
  path = g_build_filename (place.out, "picture-0-vary-7-sheet-1.png", NULL);
  sheet = unclip_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_false (unclip_image_is_flat (sheet));
}

/* Previews of a picture, step by step, differ. */
/* The model that ships, at its defaults: a variation of the red apple is red in the middle and light in the corner. */
static void
test_default_model (void)
{
  g_auto (CliPlace)       place = { NULL };
  g_auto (CliResult)      result = { 0 };
  g_autoptr (UnclipImage) image = NULL;
  g_autoptr (GError)      error = NULL;
  g_autofree char        *sample = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "apple.png", NULL);
  g_autofree char        *arguments = g_strdup_printf ("vary %s --seed 7 -n 1 -o @out", sample);
  g_autofree char        *path = NULL;
  const guint8           *pixels, *middle;

  if (!begin (&place))
    return;
  cli_run_ok (&place, arguments, &result);
  path = g_build_filename (place.out, "apple-vary-7-1.png", NULL);
  image = unclip_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (unclip_image_get_width (image), >=, 128);
  pixels = unclip_image_get_pixels (image);
  middle = pixels + 3 * (unclip_image_get_width (image) * (unclip_image_get_height (image) / 2 + 1) + unclip_image_get_width (image) / 2);
  g_assert_cmpint (middle[0], >, middle[1] + 60);
  g_assert_cmpint (middle[0], >, middle[2] + 60);
  g_assert_cmpint (MIN (MIN (pixels[0], pixels[1]), pixels[2]), >, 200);
}

static void
test_previews (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) result = { 0 };
  g_autofree char   *folder = NULL, *names = NULL;
  g_auto (GStrv)     files = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 1 --steps 4 --upsampler-steps 2 --previews @out/previews --preview-every 1 -o @out", &result);
  folder = g_build_filename (place.out, "previews", NULL);
  names = cli_list_folder (folder);
  files = g_strsplit (names, "\n", -1);
  g_assert_cmpuint (g_strv_length (files), ==, 6);
  for (guint i = 1; files[i] != NULL; i++)
    {
      g_autoptr (GBytes) before = cli_read (folder, files[i - 1]);
      g_autoptr (GBytes) after = cli_read (folder, files[i]);

      g_assert_false (g_bytes_equal (before, after));
    }
}

static guint
count_events (GPtrArray *events, const char *name)
{
  guint n = 0;

  for (guint i = 0; i < events->len; i++)
    n += g_str_equal (json_object_get_string_member (g_ptr_array_index (events, i), "event"), name);
  return n;
}

static void
check_fields (JsonObject *event, const char *names)
{
  g_auto (GStrv) fields = g_strsplit (names, " ", -1);

  for (guint i = 0; fields[i] != NULL; i++)
    if (!json_object_has_member (event, fields[i]))
      g_error ("The event “%s” has no “%s”", json_object_get_string_member (event, "event"), fields[i]);
}

static void
test_events (void)
{
  static const struct
  {
    const char *name, *fields;
  } known[] = {
    { "device", "name" },
    { "progress", "stage step steps seconds_left" },
    { "preview", "path" },
    { "picture", "path seed recipe_hash" },
    { "sheet", "path" },
    { "done", "seconds pictures peak_device_mib" },
  };
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    result = { 0 };
  g_autoptr (GPtrArray) events = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 2 --json --sheet --previews @out --preview-every 1 -o @out" QUICK, &result);
  g_assert_cmpstr (result.err, ==, "");
  events = cli_parse_events (result.out);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_assert_cmpuint (count_events (events, known[i].name), >, 0);
      for (guint k = 0; k < events->len; k++)
        if (g_str_equal (json_object_get_string_member (g_ptr_array_index (events, k), "event"), known[i].name))
          check_fields (g_ptr_array_index (events, k), known[i].fields);
    }
  g_assert_cmpuint (count_events (events, "picture"), ==, 2);
  g_assert_cmpuint (count_events (events, "done"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (g_ptr_array_index (events, events->len - 1), "event"), ==, "done");
}

/* Without --json, stdout has one path a line and nothing else. */
static void
test_paths (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) result = { 0 };
  g_auto (GStrv)     lines = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model -n 2 -o @out" QUICK, &result);
  g_assert_cmpstr (result.err, ==, "");
  lines = g_strsplit (g_strchomp (result.out), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_true (g_file_test (lines[i], G_FILE_TEST_IS_REGULAR));
}

static void
check_recipe (const char *text, const char *path)
{
  g_autoptr (JsonNode)     node = json_from_string (text, NULL);
  JsonObject              *note = json_node_get_object (node);
  g_autofree char         *recipe_text = json_to_string (json_object_get_member (note, "recipe"), FALSE);
  g_autoptr (GError)       error = NULL;
  g_autoptr (UnclipRecipe) recipe = unclip_recipe_parse (recipe_text, strlen (recipe_text), &error);
  g_autoptr (UnclipImage)  image = NULL;
  g_autofree char         *sha256 = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (unclip_recipe_get_hash (recipe), ==, json_object_get_string_member (note, "recipe_sha256"));
  g_assert_cmpuint (unclip_recipe_get_noise (recipe)->seed, ==, 7);
  g_assert_cmpuint (unclip_recipe_get_sampler (recipe)->n_steps, ==, 3);
  image = unclip_image_load (path, &error);
  g_assert_no_error (error);
  sha256 = unclip_image_dup_sha256 (image);
  g_assert_cmpstr (sha256, ==, json_object_get_string_member (json_object_get_object_member (note, "result"), "sha256"));
}

static void
test_notes (void)
{
  g_auto (CliPlace)      place = { NULL };
  g_auto (CliResult)     result = { 0 };
  g_autoptr (GHashTable) notes = NULL;
  g_autoptr (GError)     error = NULL;
  g_autofree char       *path = NULL;
  const char            *parameters;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 1 -o @out" QUICK, &result);
  path = g_build_filename (place.out, "picture-0-vary-7-1.png", NULL);
  notes = unclip_image_text_read (path, &error);
  g_assert_no_error (error);
  parameters = g_hash_table_lookup (notes, "parameters");
  g_assert_nonnull (parameters);
  g_assert_nonnull (strstr (parameters, "Steps: 3"));
  g_assert_nonnull (strstr (parameters, "Seed: 7"));
  g_assert_nonnull (strstr (parameters, "Size: 20x20"));
  g_assert_nonnull (g_hash_table_lookup (notes, "Software"));
  check_recipe (g_hash_table_lookup (notes, "fugue"), path);
}

/* Reads until the run is well under way. */
static void
wait_for_progress (GSubprocess *process)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  gboolean                     seen = FALSE;

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  while (!seen)
    {
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);

      g_assert_nonnull (line);
      seen = strstr (line, "\"decoder\"") != NULL;
    }
}

static void
test_interrupted (gconstpointer number)
{
  g_auto (CliPlace)       place = { NULL };
  g_auto (CliResult)      result = { 0 };
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char        *names = NULL;

  if (!begin (&place))
    return;
  process = cli_start (&place, "vary @picture --model @model -n 100 --batch 2 --steps 1000 --json -o @out", NULL);
  wait_for_progress (process);
  g_subprocess_send_signal (process, GPOINTER_TO_INT (number));
  cli_finish (process, &result);
  g_assert_cmpint (result.status, ==, 130);
  g_assert_cmpstr (result.err, ==, "unclip: stopped\n");
  names = cli_list_folder (place.out);
  g_assert_cmpstr (names, ==, "");
}

/* 500 words: a warning, and pictures. */
static void
test_long_caption (void)
{
  g_auto (CliPlace)   place = { NULL };
  g_auto (CliResult)  result = { 0 };
  g_autoptr (GString) arguments = g_string_new ("imagine '");

  if (!begin (&place))
    return;
  for (int i = 0; i < 500; i++)
    g_string_append (arguments, "red ");
  g_string_append (arguments, "' --model @imagine_model -n 1 --prior-steps 2 -o @out" QUICK);
  cli_run_ok (&place, arguments->str, &result);
  g_assert_nonnull (strstr (result.err, "too long"));
}

static void
test_caption (gconstpointer caption)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) result = { 0 };
  g_autofree char   *arguments = g_strdup_printf ("imagine '%s' --model @imagine_model --seed 5 -n 1 --prior-steps 2 -o @out" QUICK, (const char *) caption);
  g_autofree char   *names = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, arguments, &result);
  names = cli_list_folder (place.out);
  g_assert_true (g_str_has_suffix (names, "imagine-5-1.png"));
}

/* The other verbs. */

static void
test_devices (void)
{
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    result = { 0 };
  g_autoptr (GPtrArray) events = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "devices --json", &result);
  events = cli_parse_events (result.out);
  g_assert_cmpuint (count_events (events, "device"), >=, 1);
  check_fields (g_ptr_array_index (events, 0), "index name kind driver uuid memory_mib chosen");
}

static void
test_info_model (void)
{
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    text = { 0 }, json = { 0 };
  g_autoptr (GPtrArray) events = NULL;
  JsonObject           *done;

  cli_place_init (&place);
  cli_run_ok (&place, "info @model", &text);
  g_assert_nonnull (strstr (text.out, "UNet2DConditionModel"));
  cli_run_ok (&place, "info @model --json", &json);
  events = cli_parse_events (json.out);
  g_assert_cmpuint (events->len, ==, 1);
  done = g_ptr_array_index (events, 0);
  check_fields (done, "kind name path pipeline sha256 width height embedding can_vary can_imagine components");
  g_assert_cmpint (json_object_get_int_member (done, "width"), ==, 20);
  g_assert_true (json_object_get_boolean_member (done, "can_vary"));
  g_assert_false (json_object_get_boolean_member (done, "can_imagine"));
  /* 77946 values in the decoder, as the fixture's file has them. */
  for (guint i = 0; i < json_array_get_length (json_object_get_array_member (done, "components")); i++)
    {
      JsonObject *component = json_array_get_object_element (json_object_get_array_member (done, "components"), i);

      if (g_str_equal (json_object_get_string_member (component, "name"), "decoder"))
        g_assert_cmpint (json_object_get_int_member (component, "parameters"), ==, 77946);
    }
}

static void
test_info_picture (void)
{
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    made = { 0 }, text = { 0 }, json = { 0 };
  g_autoptr (GPtrArray) events = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --model @model --seed 7 -n 1 -o @out" QUICK, &made);
  cli_run_ok (&place, "info @out/picture-0-vary-7-1.png", &text);
  g_assert_nonnull (strstr (text.out, "\"embedding\""));
  g_assert_nonnull (strstr (text.out, "Steps: 3"));
  cli_run_ok (&place, "info @out/picture-0-vary-7-1.png --json", &json);
  events = cli_parse_events (json.out);
  g_assert_cmpuint (events->len, ==, 1);
  check_fields (g_ptr_array_index (events, 0), "kind path fugue notes");
}

/* Compares a tensor of one file with that of another. */
static void
compare_tensors (const char *found_path, const char *found_name, const char *expected_path, const char *expected_name, double relative, double absolute)
{
  g_autoptr (GError)            error = NULL;
  g_autoptr (UnclipSafetensors) found_file = unclip_safetensors_open (found_path, &error);
  g_autoptr (UnclipSafetensors) expected_file = unclip_safetensors_open (expected_path, &error);
  const UnclipArray            *found, *expected;
  g_autofree float             *a = NULL, *b = NULL;
  TestShape                     shape = { 0 };
  gint64                        n;

  g_assert_no_error (error);
  found = unclip_safetensors_find (found_file, found_name);
  expected = unclip_safetensors_find (expected_file, expected_name);
  g_assert_nonnull (found);
  g_assert_nonnull (expected);
  g_assert_cmpuint (found->n_dims, ==, expected->n_dims);
  for (guint i = 0; i < found->n_dims; i++)
    g_assert_cmpint (found->dims[i], ==, expected->dims[i]);
  shape.n_dims = found->n_dims;
  memcpy (shape.dims, found->dims, sizeof shape.dims);
  n = unclip_array_get_n_elements (found);
  a = g_new (float, n);
  b = g_new (float, n);
  unclip_array_copy_f32 (found, 0, n, a);
  unclip_array_copy_f32 (expected, 0, n, b);
  if (relative > 0)
    test_compare_normalised (found_name, a, b, shape, relative);
  else
    test_compare_close (found_name, a, b, shape, absolute, 0);
}

/* A picture, its noise, and how near it came back; a second run finds other names. */
static void
test_invert (void)
{
  g_auto (CliPlace)             place = { NULL };
  g_auto (CliResult)            exact = { 0 }, ddim = { 0 };
  g_autoptr (GPtrArray)         events = NULL, more_events = NULL;
  g_autoptr (UnclipSafetensors) noise = NULL;
  g_autoptr (GError)            error = NULL;
  g_autofree char              *names = NULL, *path = NULL;
  JsonObject                   *done;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "invert @picture --model @model --steps 4 --json -o @out", &exact);
  events = cli_parse_events (exact.out);
  done = g_ptr_array_index (events, events->len - 1);
  check_fields (done, "psnr_db max_difference clip_degrees seconds pictures");
  g_assert_cmpfloat (json_object_get_double_member (done, "psnr_db"), >=, 50);
  g_assert_cmpint (json_object_get_int_member (done, "max_difference"), ==, 0);
  g_assert_cmpfloat (json_object_get_double_member (done, "clip_degrees"), ==, 0);

  cli_run_ok (&place, "invert @picture --model @model --method ddim --steps 4 --json -o @out", &ddim);
  more_events = cli_parse_events (ddim.out);
  done = g_ptr_array_index (more_events, more_events->len - 1);
  g_assert_cmpint (json_object_get_int_member (done, "max_difference"), >, 0);
  names = cli_list_folder (place.out);
  g_assert_cmpstr (names, ==, "picture-0-invert-0-1-difference.png\npicture-0-invert-0-1.png\npicture-0-invert-0-1.safetensors\n"
                              "picture-0-invert-0-2-difference.png\npicture-0-invert-0-2.png\npicture-0-invert-0-2.safetensors");
  path = g_build_filename (place.out, "picture-0-invert-0-1.safetensors", NULL);
  noise = unclip_safetensors_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (unclip_safetensors_get_n_tensors (noise), ==, 3);
  g_assert_nonnull (unclip_safetensors_find (noise, "start"));
}

/* A quality is a sampler and a number of steps. */
static void
test_quality (void)
{
  run_twice ("vary @picture --model @model --seed 7 -n 1 --quality draft --upsampler-steps 2 -o @out/one",
             "vary @picture --model @model --seed 7 -n 1 --sampler dpm-solver++ --steps 10 --upsampler-steps 2 -o @out/two");
}

/* The verbs that take pictures all lock, and one of nothing changed is the source. */
static void
test_lock (void)
{
  static const char *const runs[] = {
    "vary @picture --model @model --lock --steps 3 --upsampler-steps 2 --json -o @out",
    "diff @picture --to boat --amount 0 --model @model --lock --steps 3 --upsampler-steps 2 --json -o @out",
    "mix @picture @picture --weights 1,0 --model @model --lock --steps 3 --upsampler-steps 0 --json -o @out",
  };
  g_auto (CliPlace) place = { NULL };

  if (!begin (&place))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_auto (CliResult)    result = { 0 };
      g_autoptr (GPtrArray) events = NULL;
      guint                 n_pictures = 0;

      cli_run_ok (&place, runs[i], &result);
      events = cli_parse_events (result.out);
      for (guint k = 0; k < events->len; k++)
        {
          JsonObject *event = g_ptr_array_index (events, k);

          if (!g_str_equal (json_object_get_string_member (event, "event"), "picture"))
            continue;
          n_pictures++;
          g_assert_cmpint (json_object_get_int_member (event, "max_difference"), ==, 0);
        }
      g_assert_cmpuint (n_pictures, ==, 1);
    }
}

/* Against the stored run; the networks have tests of their own. 1e-4 relative is what they promise in f32. */
static void
test_eval (gconstpointer data)
{
  g_auto (GStrv)     words = g_strsplit (data, " ", -1);        /* fixture, field */
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) result = { 0 };
  g_autofree char   *io = g_test_build_filename (G_TEST_DIST, "golden", "nets", words[0], "io-b1.safetensors", NULL);
  g_autofree char   *net = g_test_build_filename (G_TEST_DIST, "golden", "nets", words[0], NULL);
  g_autofree char   *arguments = g_strdup_printf ("eval %s %s @out/result.safetensors --blocks --json --precision f32", net, io);
  g_autofree char   *expected = g_strconcat ("out.", words[1], NULL);
  g_autofree char   *path = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, arguments, &result);
  path = g_build_filename (place.out, "result.safetensors", NULL);
  compare_tensors (path, words[1], io, expected, 1e-4, 0);
}

/* Whole pipelines within 2/255, as promised; see the fixtures' README for the room they leave. */
static void
check_sample (const char *family, const char *arguments)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) result = { 0 };
  g_autofree char   *expected = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", family, "guided", "results.safetensors", NULL);
  g_autofree char   *path = NULL, *names = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, arguments, &result);
  path = g_build_filename (place.out, "results.safetensors", NULL);
  compare_tensors (path, "image_embeddings", expected, "image_embeddings", 1e-4, 0);
  compare_tensors (path, "decoder_image", expected, "decoder_image", 0, 2.0 / 255);
  compare_tensors (path, "image", expected, "image", 0, 2.0 / 255);
  names = cli_list_folder (place.out);
  g_assert_cmpstr (names, ==, "results.safetensors\nsample-1.png\nsample-2.png");
}

static void
test_sample_pictures (void)
{
  check_sample ("variation", "sample @model --noise @model/../guided/noise.safetensors --picture @picture --images-per-prompt 2"
                             " --steps 5 --upsampler-steps 4 --guidance 8 -o @out --precision f32");
}

static void
test_sample_captions (void)
{
  check_sample ("text-to-image", "sample @imagine_model --noise @imagine_model/../guided/noise.safetensors"
                                 " --caption 'a small red heart on a blue background!' --images-per-prompt 2 --prior-steps 3 --prior-guidance 4"
                                 " --steps 5 --upsampler-steps 4 --guidance 8 -o @out --precision f32");
}

static void
test_bench (void)
{
  g_auto (CliPlace)     place = { NULL };
  g_auto (CliResult)    net = { 0 }, picture = { 0 };
  g_autoptr (GPtrArray) events = NULL;
  JsonArray            *rows;
  JsonObject           *done;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "bench --net prior --runs 2 --model @imagine_model --json", &net);
  events = cli_parse_events (net.out);
  done = g_ptr_array_index (events, events->len - 1);
  check_fields (done, "device precision batch rows seconds peak_device_mib");
  rows = json_object_get_array_member (done, "rows");
  g_assert_cmpuint (json_array_get_length (rows), >, 4);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);

      check_fields (json_array_get_object_element (rows, i), "label kind count runs");
      g_assert_cmpfloat (json_object_get_double_member (row, "seconds_min"), <=, json_object_get_double_member (row, "seconds"));
      g_assert_cmpfloat (json_object_get_double_member (row, "seconds"), <=, json_object_get_double_member (row, "seconds_max"));
    }
  cli_run_ok (&place, "bench --picture @picture --runs 1 --batch 1 --model @model", &picture);
  g_assert_nonnull (strstr (picture.out, "upsampler"));
}

static void
add_runs (void)
{
  g_test_add_func ("/cli/vary/same-seed", test_same_seed);
  g_test_add_func ("/cli/vary/ddim", test_ddim);
  g_test_add_func ("/cli/vary/batch", test_batch);
  g_test_add_func ("/cli/vary/nothing-overwritten", test_nothing_overwritten);
  g_test_add_func ("/cli/vary/smallest-picture", test_smallest_picture);
  g_test_add_func ("/cli/vary/sheet", test_sheet);
  g_test_add_func ("/cli/vary/default-model", test_default_model);
  g_test_add_func ("/cli/vary/previews", test_previews);
  g_test_add_func ("/cli/vary/events", test_events);
  g_test_add_func ("/cli/vary/paths", test_paths);
  g_test_add_func ("/cli/vary/notes", test_notes);
  g_test_add_data_func ("/cli/vary/interrupted", GINT_TO_POINTER (SIGINT), test_interrupted);
  g_test_add_data_func ("/cli/vary/terminated", GINT_TO_POINTER (SIGTERM), test_interrupted);
  g_test_add_func ("/cli/imagine/batch", test_imagine_batch);
  g_test_add_func ("/cli/imagine/long-caption", test_long_caption);
  g_test_add_data_func ("/cli/imagine/emoji", "🦊🌊 👩‍🚀", test_caption);
  g_test_add_data_func ("/cli/imagine/path", "../../etc/passwd", test_caption);
}

static void
add_tools (void)
{
  g_test_add_func ("/cli/invert", test_invert);
  g_test_add_func ("/cli/lock", test_lock);
  g_test_add_func ("/cli/quality", test_quality);
  g_test_add_func ("/cli/devices", test_devices);
  g_test_add_func ("/cli/info/model", test_info_model);
  g_test_add_func ("/cli/info/picture", test_info_picture);
  g_test_add_data_func ("/cli/eval/text-encoder", "clip-text-legacy text_embeds", test_eval);
  g_test_add_data_func ("/cli/eval/text-proj", "text-proj-3 additive_clip_time_embeddings", test_eval);
  g_test_add_data_func ("/cli/eval/decoder", "decoder-2-levels sample", test_eval);
  g_test_add_func ("/cli/sample/pictures", test_sample_pictures);
  g_test_add_func ("/cli/sample/captions", test_sample_captions);
  g_test_add_func ("/cli/bench", test_bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_runs ();
  add_tools ();
  return test_device_run ();
}
