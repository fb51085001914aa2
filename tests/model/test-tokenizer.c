/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tokenizer against the original's output, on captions that find every branch, and on broken files. */

#include "config.h"

#include "unclip-caption.h"
#include "unclip-error.h"
#include "unclip-json.h"
#include "unclip-tokenizer.h"

#include <glib/gstdio.h>
#include <string.h>

static char *
dup_golden_folder (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "tokenizer", name, NULL);
}

static UnclipTokenizer *
load_golden (const char *name)
{
  g_autofree char *folder = dup_golden_folder (name);
  g_autoptr (GError) error = NULL;
  UnclipTokenizer *tokenizer = unclip_tokenizer_load (folder, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static void
check_case (UnclipTokenizer *tokenizer, JsonObject *expected)
{
  const char *text = json_object_get_string_member (expected, "text");
  JsonArray  *ids = json_object_get_array_member (expected, "ids");
  JsonArray  *mask = json_object_get_array_member (expected, "mask");
  g_autoptr (UnclipTokens) tokens = unclip_tokenizer_encode (tokenizer, text);

  g_assert_cmpuint (tokens->n, ==, json_array_get_length (ids));
  for (guint i = 0; i < tokens->n; i++)
    if (tokens->ids[i] != json_array_get_int_element (ids, i) || tokens->mask[i] != json_array_get_int_element (mask, i))
      g_error ("“%s”: token %u is %d, mask %d; expected %d, %d", text, i, tokens->ids[i], tokens->mask[i],
               (int) json_array_get_int_element (ids, i), (int) json_array_get_int_element (mask, i));
}

static void
test_golden (gconstpointer name)
{
  g_autoptr (UnclipTokenizer) tokenizer = load_golden (name);
  g_autofree char *folder = dup_golden_folder (name);
  g_autofree char *path = g_build_filename (folder, "cases.json", NULL);
  g_autofree char *text = NULL;
  gsize            length;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonArray *cases;

  text = unclip_json_load_text (path, &length, &error);
  g_assert_no_error (error);
  /* A caption with NUL cannot be a C string, and none of the cases has one. */
  root = unclip_json_parse (text, length, &error);
  g_assert_no_error (error);
  cases = json_node_get_array (root);
  g_assert_cmpuint (json_array_get_length (cases), >, 150);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    check_case (tokenizer, json_array_get_object_element (cases, i));
}

static void
test_properties (void)
{
  g_autoptr (UnclipTokenizer) tokenizer = load_golden ("pad-exclamation");

  g_assert_cmpuint (unclip_tokenizer_get_n_vocab (tokenizer), ==, 844);
  g_assert_cmpuint (unclip_tokenizer_get_max_length (tokenizer), ==, 77);
}

static void
test_dropped (void)
{
  g_autoptr (UnclipTokenizer) tokenizer = load_golden ("pad-exclamation");

  for (guint n = 0; n < 200; n += n < 74 || n > 77 ? 37 : 1)
    {
      g_autoptr (GString) caption = g_string_new (NULL);
      g_autoptr (UnclipTokens) tokens = NULL;

      for (guint i = 0; i < n; i++)
        g_string_append (caption, "1 ");
      tokens = unclip_tokenizer_encode (tokenizer, caption->str);
      g_assert_cmpuint (tokens->n_dropped, ==, n > 75 ? n - 75 : 0);
      g_assert_cmpint (tokens->ids[0], ==, 842);
      g_assert_cmpint (tokens->ids[MIN (n, 75) + 1], ==, 843);
      g_assert_cmpint (tokens->mask[MIN (n, 75) + 1], ==, 1);
      if (n < 75)
        {
          g_assert_cmpint (tokens->ids[n + 2], ==, 0);
          g_assert_cmpint (tokens->mask[n + 2], ==, 0);
        }
    }
}

/* Bytes that are no UTF-8 vanish like the replacement character that Python would put there. */
static void
test_invalid_utf8 (void)
{
  g_autoptr (UnclipTokenizer) tokenizer = load_golden ("pad-end");
  g_autoptr (UnclipTokens) broken = unclip_tokenizer_encode (tokenizer, "a red\xff \xc3heart\xed\xa0\x80");
  g_autoptr (UnclipTokens) plain = unclip_tokenizer_encode (tokenizer, "a red heart");

  g_assert_cmpmem (broken->ids, broken->n * sizeof (gint32), plain->ids, plain->n * sizeof (gint32));
}

/* The one character that the reference's expression matches nowhere, so that it parts words. */
static void
test_iota_subscript (void)
{
  g_autoptr (UnclipTokenizer) tokenizer = load_golden ("pad-end");
  g_autoptr (UnclipTokens) with = unclip_tokenizer_encode (tokenizer, "red\u0345heart \u0345");
  g_autoptr (UnclipTokens) without = unclip_tokenizer_encode (tokenizer, "red heart");

  g_assert_cmpmem (with->ids, with->n * sizeof (gint32), without->ids, without->n * sizeof (gint32));
}

/* A long word takes about as many passes as it has different pairs, not as it has letters. */
static void
test_long_word (void)
{
  g_autoptr (UnclipTokenizer) tokenizer = load_golden ("pad-end");
  g_autofree char *word = g_strnfill (200000, 'a');
  g_autoptr (UnclipTokens) tokens = unclip_tokenizer_encode (tokenizer, word);

  g_assert_cmpuint (tokens->n_dropped, >, 1000);
}

static void
assert_clean (const char *text, const char *expected)
{
  g_autofree char *clean = unclip_caption_clean (text, strlen (text));

  g_assert_cmpstr (clean, ==, expected);
}

static void
test_clean (void)
{
  assert_clean ("", "");
  assert_clean (" \t\n ", "");
  assert_clean ("  A \t b\r\nC ", "a b c");
  assert_clean ("a\u2028b\u2029", "a b");
  assert_clean ("a\x01\u200d\u00ad\ufffd\ue000b", "ab");
  assert_clean ("a中b", "a 中 b");
  assert_clean ("CAFE\u0301", "caf\u00e9");
  assert_clean ("\u0130I", "i\u0307i");
  assert_clean ("ΟΔΟΣ Σ ΣΑΣ.", "οδος σ σας.");
  assert_clean ("AΣ'B AΣ' AΣ\u0301", "aσ'b aς' aς\u0301");
  assert_clean ("ⓐΣ ⅣΣ ªΣ 1Σ", "ⓐς ⅳς ªς 1σ");
}

/* ---- broken files ------------------------------------------------------------------------------------------------ */

typedef struct
{
  char *folder;
} Fixture;

static const char *const file_names[] = { "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json" };

static void
put (Fixture *fixture, const char *name, const char *text, gssize length)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_remove (path);
  g_assert_true (g_file_set_contents_full (path, text, length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *golden = dup_golden_folder ("pad-exclamation");

  fixture->folder = g_dir_make_tmp ("fugue-tokenizer-XXXXXX", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (file_names); i++)
    {
      g_autofree char *path = g_build_filename (golden, file_names[i], NULL);
      g_autofree char *text = NULL;
      gsize            length;

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      put (fixture, file_names[i], text, length);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (file_names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, file_names[i], NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

static void
assert_refused (Fixture *fixture, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipTokenizer) tokenizer = unclip_tokenizer_load (fixture->folder, &error);

  g_assert_null (tokenizer);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, fixture->folder));
  if (!strstr (error->message, why))
    g_error ("“%s” does not say “%s”", error->message, why);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *file, *text, *why;
  } cases[] = {
    { "special_tokens_map.json", "{\"pad_token\":\"<pad>\"}", "“pad_token” <pad> is not in the vocabulary" },
    { "special_tokens_map.json", "{\"pad_token\":3}", "“pad_token” is 3" },
    { "special_tokens_map.json", "{\"pad_token\":{}}", "“pad_token” holds no token" },
    { "special_tokens_map.json", "{\"pad_token\":\"\"}", "“pad_token” holds no token" },
    { "special_tokens_map.json", "nonsense", "not valid JSON" },
    { "tokenizer_config.json", "{\"model_max_length\":1}", "“model_max_length” is 1" },
    { "merges.txt", "#version\na b\nc\n", "Line 3 of" },
    { "merges.txt", "#version\na b c\n", "Line 2 of" },
    { "merges.txt", "#version\n\na b\n", "Line 2 of" },
    { "merges.txt", "#version\n\xff b\n", "not UTF-8" },
    { "vocab.json", "", "is not a vocabulary" },
    { "vocab.json", "{}", "“bos_token” <|startoftext|> is not in the vocabulary" },
    { "vocab.json", "[]", "is not a vocabulary" },
    { "vocab.json", "{\"a\":-1}", "the id of “a”" },
    { "vocab.json", "{\"a\":1048576}", "the id of “a”" },
    { "vocab.json", "{\"a\":1.5}", "whole number" },
    { "vocab.json", "{\"a\":\"1\"}", "a number belongs" },
    { "vocab.json", "{\"a\":1,\"a\":2}", "“a” stands twice" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fresh;

      set_up (&fresh, NULL);
      /* What the first of two files says is no matter if the second says otherwise. */
      put (&fresh, cases[i].file, cases[i].text, -1);
      assert_refused (&fresh, cases[i].why);
      tear_down (&fresh, NULL);
    }
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  for (guint i = G_N_ELEMENTS (file_names); i-- > 0;)
    {
      g_autofree char *path = g_build_filename (fixture->folder, file_names[i], NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipTokenizer) tokenizer = NULL;

      g_remove (path);
      tokenizer = unclip_tokenizer_load (fixture->folder, &error);
      if (i >= 2)       /* the class's defaults: padded with the end token */
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
      g_assert_nonnull (strstr (error->message, file_names[i]));
    }
}

static void
test_defaults (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipTokenizer) tokenizer = NULL;
  g_autoptr (UnclipTokens) tokens = NULL;

  put (fixture, "tokenizer_config.json", "{\"model_max_length\":1000000000000000019884624838656}", -1);
  put (fixture, "special_tokens_map.json", "{\"pad_token\":{\"content\":\"<|endoftext|>\",\"lstrip\":false}}", -1);
  tokenizer = unclip_tokenizer_load (fixture->folder, NULL);
  g_assert_cmpuint (unclip_tokenizer_get_max_length (tokenizer), ==, 77);
  tokens = unclip_tokenizer_encode (tokenizer, "");
  g_assert_cmpint (tokens->ids[76], ==, 843);
  g_assert_cmpint (tokens->mask[2], ==, 0);
}

/* Changed files load or not; what loads encodes captions into ids that it knows. */
static void
test_mutations (Fixture *fixture, gconstpointer data)
{
  const char *rounds_wanted = g_getenv ("FUGUE_FUZZ_ROUNDS");
  guint64     n_rounds = rounds_wanted ? g_ascii_strtoull (rounds_wanted, NULL, 10) : 200;

  for (guint64 round = 0; round < n_rounds; round++)
    {
      const char      *name = file_names[g_test_rand_int_range (0, G_N_ELEMENTS (file_names))];
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
      g_autofree char *text = NULL;
      gsize            length;
      g_autoptr (GString) copy = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipTokenizer) tokenizer = NULL;
      guint n_changes = g_test_rand_int_range (1, 4);

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      copy = g_string_new_len (text, length);
      for (guint i = 0; i < n_changes; i++)
        {
          gsize at = g_test_rand_int_range (0, copy->len - 1);

          if (g_test_rand_bit ())
            copy->str[at] = (char) g_test_rand_int_range (0, 256);
          else
            g_string_erase (copy, at, 1);
        }
      put (fixture, name, copy->str, copy->len);
      tokenizer = unclip_tokenizer_load (fixture->folder, &error);
      g_assert_true ((tokenizer == NULL) == (error != NULL));
      if (tokenizer)
        {
          g_autoptr (UnclipTokens) tokens = unclip_tokenizer_encode (tokenizer, "A small red heart! <|endoftext|> 🙂 it's");

          for (guint i = 0; i < tokens->n; i++)
            g_assert_true (tokens->ids[i] >= 0 && (guint) tokens->ids[i] < unclip_tokenizer_get_n_vocab (tokenizer));
        }
      put (fixture, name, text, length);
    }
}

#define ADD(name, function) g_test_add ("/model/tokenizer/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model/tokenizer/golden/pad-exclamation", "pad-exclamation", test_golden);
  g_test_add_data_func ("/model/tokenizer/golden/pad-end", "pad-end", test_golden);
  g_test_add_func ("/model/tokenizer/properties", test_properties);
  g_test_add_func ("/model/tokenizer/dropped", test_dropped);
  g_test_add_func ("/model/tokenizer/invalid-utf8", test_invalid_utf8);
  g_test_add_func ("/model/tokenizer/iota-subscript", test_iota_subscript);
  g_test_add_func ("/model/tokenizer/long-word", test_long_word);
  g_test_add_func ("/model/tokenizer/clean", test_clean);
  ADD ("refused", test_refused);
  ADD ("missing", test_missing);
  ADD ("defaults", test_defaults);
  ADD ("mutations", test_mutations);
  return g_test_run ();
}
