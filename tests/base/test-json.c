/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The strict JSON reader: what it takes, and everything that it must refuse. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-json.h"

#include <glib/gstdio.h>
#include <string.h>

static JsonNode *
parse (const char *text, GError **error)
{
  return unclip_json_parse (text, strlen (text), error);
}

/* What is read equals what json-glib reads, as far as json-glib is right. */
static void
test_values (void)
{
  static const char *const texts[] = {
    "{}", "[]", " [ ] \r\n\t", "0", "-0", "12", "-9223372036854775808", "9223372036854775807", "0.5", "-1.25e-3", "1E+2",
    "true", "false", "null", "\"\"", "\"plain\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\\u4e2d\"", "\"é中😀\"",
    "{\"a\":1,\"b\":[1,2,{\"c\":null}],\"\":\"empty key\"}", "[[[[[[[[]]]]]]]]", "[1,[2,[3,[]],{}],4]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = parse (texts[i], &error);
      g_autoptr (JsonNode) expected = json_from_string (texts[i], &error);

      g_assert_no_error (error);
      g_assert_true (json_node_equal (node, expected));
    }
}

static void
test_surrogates (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse ("\"\\ud83d\\ude00!\"", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (json_node_get_string (node), ==, "😀!");
}

static void
test_big_integers (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse ("9223372036854775808", &error);

  g_assert_no_error (error);
  g_assert_cmpfloat (json_node_get_double (node), ==, 9223372036854775808.0);
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "", " ", "{", "[", "\"", "{\"a\"", "{\"a\":", "{\"a\":1", "[1", "[1,", "[1,]", "{\"a\":1,}", "{,}", "[,]", "{a:1}",
    "{'a':1}", "{\"a\" 1}", "[1 2]", "{\"a\":1 \"b\":2}", "[}", "{]", "1 2", "{} {}", "[]x", "nul", "nulL", "truefalse",
    "+1", "01", "-", "-a", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "-Infinity", "1e999", "--1", "1.2.3",
    "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\u0041\"",
    "\"\\udc00\"", "\"\\", "\"a\nb\"", "\"a\tb\"", "\xff", "\"\xc3\"", "\"\xed\xa0\x80\"", "\xef\xbb\xbf{}",
    "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", "// comment\n{}", "\v1",
    "1111111111111111111111111111111111111111111111111111111111111111111111111111",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = parse (texts[i], &error);

      g_test_message ("text %u: %s", i, error ? error->message : "taken");
      g_assert_null (node);
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
    }
}

static void
test_nul (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (unclip_json_parse ("[1]\0[2]", 7, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
}

static void
test_depth (void)
{
  for (gsize depth = UNCLIP_JSON_MAX_DEPTH; depth <= 10 * 1000 * 1000; depth = depth * 40 + 1)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = NULL;
      g_autofree char *text = g_malloc (2 * depth);

      memset (text, '[', depth);
      memset (text + depth, ']', depth);
      node = unclip_json_parse (text, 2 * depth, &error);
      if (depth == UNCLIP_JSON_MAX_DEPTH)
        g_assert_no_error (error);
      else
        g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
    }
}

static void
test_skip (void)
{
  const char *text = "{\"a\": [1, {\"x\": [], \"y\": {\"z\": \"}]\"}}, null, -2.5e3], \"b\": true, \"c\": {}, \"d\": 7}";
  g_auto (UnclipJsonReader) reader = { 0 };
  g_autoptr (GError) error = NULL;
  const char *key;
  gint64      value = 0;

  unclip_json_reader_init (&reader, text, strlen (text));
  g_assert_true (unclip_json_reader_enter (&reader, UNCLIP_JSON_OBJECT));
  while ((key = unclip_json_reader_next_member (&reader)))
    {
      if (g_str_equal (key, "d"))
        value = unclip_json_reader_read_int (&reader);
      else
        unclip_json_reader_skip (&reader);
    }
  g_assert_true (unclip_json_reader_finish (&reader, &error));
  g_assert_no_error (error);
  g_assert_cmpint (value, ==, 7);
}

/* The message says in which line. */
static void
test_line (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse ("{\n  \"a\": 1,\n  \"b\": oops\n}\n", &error));
  g_assert_nonnull (strstr (error->message, "(line 3)"));
}

/* The reader goes over broken texts of every kind without reading outside of them (run it under ASan). */
static void
test_mutations (void)
{
  const char *text = "{\"a\":[1,{\"x\":[],\"y\":{\"z\":\"\\ud83d\\ude00\\n\"}},null,-2.5e3],\"b\":true,\"c\":{},\"d\":\"é\"}";
  gsize       length = strlen (text);

  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = NULL;
      gsize            cut = g_test_rand_bit () ? length : (gsize) g_test_rand_int_range (0, length);
      g_autofree char *copy = g_malloc (MAX (cut, 1));  /* exactly as long as it claims */
      guint            n_changes = g_test_rand_int_range (0, 4);

      memcpy (copy, text, cut);
      for (guint i = 0; i < n_changes && cut > 0; i++)
        copy[g_test_rand_int_range (0, cut)] = g_test_rand_bit () ? text[g_test_rand_int_range (0, length)]
                                                                   : g_test_rand_int_range (0, 256);
      node = unclip_json_parse (copy, cut, &error);
      g_assert_true ((node == NULL) == (error != NULL));
    }
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("fugue-json-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.json", NULL);
  g_autoptr (JsonObject) object = NULL;

  g_assert_null (unclip_json_load_object (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);

  g_assert_null (unclip_json_load_object (folder, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, "[1]", -1, NULL));
  g_assert_null (unclip_json_load_object (path, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, "{\"a\": 5}", -1, NULL));
  object = unclip_json_load_object (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (object, "a"), ==, 5);

  g_remove (path);
  g_rmdir (folder);
}

/* Doubles in few digits, which read back as the same; all else as json-glib writes it. */
static void
test_write (void)
{
  static const struct
  {
    const char *text, *written;
  } cases[] = {
    { "[0.1,-2.5e-7,3.0,1e300,-0.0]", "[0.1,-2.5e-07,3.0,1e+300,0.0]" },
    { "[0.30000000000000004,1,-12,true,null]", "[0.30000000000000004,1,-12,true,null]" },
    { "{\"0.10000000000000001\":\"1.50000000000000001e9 \\\\\"}", "{\"0.10000000000000001\":\"1.50000000000000001e9 \\\\\"}" },
    { "{\"a\":{\"b\\\"\":0.25}}", "{\"a\":{\"b\\\"\":0.25}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (cases[i].text, NULL);
      g_autofree char *written = unclip_json_to_string (node, FALSE);
      g_autofree char *pretty = unclip_json_to_string (node, TRUE);
      g_autoptr (JsonNode) again = json_from_string (pretty, NULL);

      g_assert_cmpstr (written, ==, cases[i].written);
      g_assert_true (json_node_equal (node, again));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/json/values", test_values);
  g_test_add_func ("/base/json/surrogates", test_surrogates);
  g_test_add_func ("/base/json/big-integers", test_big_integers);
  g_test_add_func ("/base/json/refused", test_refused);
  g_test_add_func ("/base/json/nul", test_nul);
  g_test_add_func ("/base/json/depth", test_depth);
  g_test_add_func ("/base/json/skip", test_skip);
  g_test_add_func ("/base/json/line", test_line);
  g_test_add_func ("/base/json/mutations", test_mutations);
  g_test_add_func ("/base/json/files", test_files);
  g_test_add_func ("/base/json/write", test_write);
  return g_test_run ();
}
