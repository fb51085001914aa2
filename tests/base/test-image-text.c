/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-image-file.h"
#include "unclip-image-text.h"

#include "test-png.h"

#include <string.h>

static GBytes *
encode (const UnclipImageText *texts, guint n_texts)
{
  static const guint8     pixels[] = { 1, 2, 3, 4, 5, 6 };
  g_autoptr (UnclipImage) image = unclip_image_new_copy (2, 1, pixels);
  g_autoptr (GError)      error = NULL;
  GBytes                 *file = unclip_image_encode_png (image, texts, n_texts, &error);

  g_assert_no_error (error);
  return file;
}

static gboolean
contains (GBytes *file, const char *word)
{
  gsize         n;
  const guint8 *bytes = g_bytes_get_data (file, &n);

  for (gsize i = 0; i + strlen (word) <= n; i++)
    if (memcmp (bytes + i, word, strlen (word)) == 0)
      return TRUE;
  return FALSE;
}

static void
test_round_trip (void)
{
  g_autofree char      *filler = g_strnfill (5000, 'a');
  g_autofree char      *recipe = g_strdup_printf ("{\"caption\": \"Ж %s\"}", filler);
  const UnclipImageText texts[] = {
    { UNCLIP_IMAGE_TEXT_TITLE, "A café, in Latin-1" },
    { UNCLIP_IMAGE_TEXT_PARAMETERS, "Ж and 🚢, beyond it\nSteps: 25" },
    { UNCLIP_IMAGE_TEXT_RECIPE, recipe, TRUE },
    { "Empty", "" },
  };
  g_autoptr (GBytes)     file = encode (texts, G_N_ELEMENTS (texts));
  g_autoptr (GError)     error = NULL;
  g_autoptr (GHashTable) notes = unclip_image_text_read_bytes (file, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (notes), ==, G_N_ELEMENTS (texts));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpstr (g_hash_table_lookup (notes, texts[i].key), ==, texts[i].text);

  /* the forms: Latin-1 as tEXt, the rest as iTXt, the recipe compressed */
  g_assert_true (contains (file, "tEXtTitle"));
  g_assert_true (contains (file, "iTXtparameters"));
  g_assert_true (contains (file, "iTXtfugue"));
  g_assert_false (contains (file, "aaaaaaaa"));
}

static void
test_same_bytes (void)
{
  const UnclipImageText texts[] = { { "Title", "x" }, { "fugue", "{}", TRUE } };
  g_autoptr (GBytes)    a = encode (texts, 2), b = encode (texts, 2);

  g_assert_true (g_bytes_equal (a, b));
}

static void
test_after_pixels (void)
{
  static const guint8    row[] = { 0, 1, 2, 3 };
  GByteArray            *png = test_png_new (1, 1, 8, TEST_PNG_RGB, FALSE);
  g_autoptr (GBytes)     file = NULL;
  g_autoptr (GHashTable) notes = NULL;

  test_png_add_chunk (png, "tEXt", "first\0one", 9);
  test_png_add_chunk (png, "tEXt", "first\0two", 9);
  test_png_add_compressed (png, "IDAT", NULL, 0, row, sizeof row);
  test_png_add_compressed (png, "zTXt", "packed\0\0", 8, "caf\xe9", 4);
  test_png_add_compressed (png, "iTXt", "both\0\1\0de\0beide\0", 16, "\xc3\xa9", 2);
  test_png_add_chunk (png, "IEND", NULL, 0);
  file = g_byte_array_free_to_bytes (png);

  notes = unclip_image_text_read_bytes (file, NULL, NULL);
  g_assert_cmpuint (g_hash_table_size (notes), ==, 3);
  g_assert_cmpstr (g_hash_table_lookup (notes, "first"), ==, "one");
  g_assert_cmpstr (g_hash_table_lookup (notes, "packed"), ==, "café");
  g_assert_cmpstr (g_hash_table_lookup (notes, "both"), ==, "é");
}

/* A note that is none is left out; the good one beside it is read. */
static void
test_left_out (void)
{
  GByteArray            *png = test_png_new (1, 1, 8, TEST_PNG_RGB, FALSE);
  g_autofree char       *bomb = g_malloc0 (UNCLIP_IMAGE_TEXT_MAX_BYTES + 1);
  g_autofree char       *key = g_strnfill (80, 'k');
  g_autoptr (GBytes)     file = NULL;
  g_autoptr (GHashTable) notes = NULL;

  memset (bomb, 'b', UNCLIP_IMAGE_TEXT_MAX_BYTES + 1);
  test_png_add_compressed (png, "zTXt", "bomb\0\0", 6, bomb, UNCLIP_IMAGE_TEXT_MAX_BYTES + 1);
  test_png_add_chunk (png, "zTXt", "not zlib\0\0rubbish", 17);
  test_png_add_chunk (png, "zTXt", "odd method\0\7x", 13);
  test_png_add_chunk (png, "tEXt", "no end of key", 13);
  test_png_add_chunk (png, "tEXt", "\0no key", 7);
  test_png_add_chunk (png, "tEXt", key, 81);
  test_png_add_chunk (png, "tEXt", "NUL inside\0a\0b", 14);
  test_png_add_chunk (png, "iTXt", "not UTF-8\0\0\0\0\0\xff", 15);
  test_png_add_chunk (png, "iTXt", "short\0\0", 7);
  test_png_add_chunk (png, "iTXt", "flag\0\2\0\0\0x", 10);
  test_png_add_chunk (png, "tEXt", "bad crc\0x", 9);
  png->data[png->len - 1] ^= 1;
  test_png_add_chunk (png, "tEXt", "good\0one", 8);
  file = g_byte_array_free_to_bytes (png);

  notes = unclip_image_text_read_bytes (file, NULL, NULL);
  g_assert_cmpuint (g_hash_table_size (notes), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (notes, "good"), ==, "one");
}

/* The longest that is let through, and not more notes than there may be. */
static void
test_limits (void)
{
  GByteArray            *png = test_png_new (1, 1, 8, TEST_PNG_RGB, FALSE);
  g_autofree char       *longest = g_malloc (UNCLIP_IMAGE_TEXT_MAX_BYTES);
  g_autoptr (GBytes)     file = NULL;
  g_autoptr (GHashTable) notes = NULL;

  memset (longest, 'l', UNCLIP_IMAGE_TEXT_MAX_BYTES);
  test_png_add_compressed (png, "zTXt", "longest\0\0", 9, longest, UNCLIP_IMAGE_TEXT_MAX_BYTES);
  for (guint i = 0; i < 200; i++)
    {
      char note[8];

      g_snprintf (note, sizeof note, "%03u_x", i);
      note[3] = '\0';
      test_png_add_chunk (png, "tEXt", note, 5);
    }
  file = g_byte_array_free_to_bytes (png);

  notes = unclip_image_text_read_bytes (file, NULL, NULL);
  g_assert_cmpuint (g_hash_table_size (notes), ==, UNCLIP_IMAGE_TEXT_MAX_NOTES);
  g_assert_cmpuint (strlen (g_hash_table_lookup (notes, "longest")), ==, UNCLIP_IMAGE_TEXT_MAX_BYTES);
}

static void
test_not_png (void)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("hello", 5);
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  g_autoptr (GError) error = NULL;

  g_assert_null (unclip_image_text_read_bytes (text, "a.png", &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);
  g_assert_nonnull (strstr (error->message, "a.png"));
  g_clear_error (&error);
  g_assert_null (unclip_image_text_read_bytes (none, NULL, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT);
}

/* Every cut of a file, and many a flipped bit: no crash, whatever is read. */
static void
test_hostile (void)
{
  const UnclipImageText texts[] = { { "Title", "Latin" }, { "wide", "Ж" }, { "fugue", "{\"a\": 1}", TRUE } };
  g_autoptr (GBytes)    file = encode (texts, G_N_ELEMENTS (texts));
  gsize                 n;
  const guint8         *bytes = g_bytes_get_data (file, &n);

  for (gsize cut = 8; cut < n; cut++)
    {
      g_autoptr (GBytes)     part = g_bytes_new (bytes, cut);
      g_autoptr (GHashTable) notes = unclip_image_text_read_bytes (part, NULL, NULL);

      g_assert_cmpuint (g_hash_table_size (notes), <=, G_N_ELEMENTS (texts));
    }
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree guint8     *copy = g_memdup2 (bytes, n);
      g_autoptr (GBytes)     part = NULL;
      g_autoptr (GHashTable) notes = NULL;

      copy[g_test_rand_int_range (8, (gint32) n)] ^= (guint8) (1 << g_test_rand_int_range (0, 8));
      part = g_bytes_new_take (g_steal_pointer (&copy), n);
      notes = unclip_image_text_read_bytes (part, NULL, NULL);
      g_assert_nonnull (notes);
    }
}

static void
test_parameters (void)
{
  const char *const           extra[] = { "Verb", "vary", "Recipe", "a, b: \"c\"\n", NULL };
  const UnclipImageParameters full = {
    .caption = "a red boat\nat night", .n_steps = 25, .sampler = "DDIM", .guidance = 7.5, .seed = 41,
    .width = 256, .height = 128, .model_hash = "0123456789abcdef", .model = "karlo-v1", .extra = extra,
  };
  const UnclipImageParameters least = {
    .n_steps = 7, .sampler = "UnCLIP", .guidance = 8, .seed = G_MAXUINT64, .width = 64, .height = 64,
  };
  g_autofree char *full_text = unclip_image_text_build_parameters (&full);
  g_autofree char *least_text = unclip_image_text_build_parameters (&least);

  g_assert_cmpstr (full_text, ==,
                   "a red boat at night\n"
                   "Steps: 25, Sampler: DDIM, CFG scale: 7.5, Seed: 41, Size: 256x128, Model hash: 0123456789, "
                   "Model: karlo-v1, Version: Fugue " FUGUE_VERSION ", Verb: vary, Recipe: \"a, b: \\\"c\\\"\\n\"");
  g_assert_cmpstr (least_text, ==,
                   "Steps: 7, Sampler: UnCLIP, CFG scale: 8, Seed: 18446744073709551615, Size: 64x64, "
                   "Version: Fugue " FUGUE_VERSION);
}

/* A packet that a parser of XML takes, whatever the title. */
static void
test_xmp (void)
{
  static const char *const titles[] = { NULL, "A red boat", "<Ж & \"🚢\">" };
  const GMarkupParser      parser = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      g_autofree char                *packet = unclip_image_text_build_xmp (titles[i], i % 2 == 0);
      const UnclipImageText           text = { UNCLIP_IMAGE_TEXT_XMP, packet };
      g_autoptr (GBytes)              file = encode (&text, 1);
      g_autoptr (GHashTable)          notes = unclip_image_text_read_bytes (file, NULL, NULL);
      g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, NULL, NULL);
      g_autoptr (GError)              error = NULL;

      g_markup_parse_context_parse (context, packet, -1, &error);
      g_assert_no_error (error);
      g_assert_true (g_markup_parse_context_end_parse (context, &error));
      g_assert_nonnull (strstr (packet, i % 2 == 0 ? "/compositeWithTrained" : "/trainedAlgorithmicMedia"));
      g_assert_true (contains (file, "iTXtXML:com.adobe.xmp"));
      g_assert_cmpstr (g_hash_table_lookup (notes, UNCLIP_IMAGE_TEXT_XMP), ==, packet);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/image-text/round-trip", test_round_trip);
  g_test_add_func ("/base/image-text/same-bytes", test_same_bytes);
  g_test_add_func ("/base/image-text/after-pixels", test_after_pixels);
  g_test_add_func ("/base/image-text/left-out", test_left_out);
  g_test_add_func ("/base/image-text/limits", test_limits);
  g_test_add_func ("/base/image-text/not-png", test_not_png);
  g_test_add_func ("/base/image-text/hostile", test_hostile);
  g_test_add_func ("/base/image-text/parameters", test_parameters);
  g_test_add_func ("/base/image-text/xmp", test_xmp);
  return g_test_run ();
}
