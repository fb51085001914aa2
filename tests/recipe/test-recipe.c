/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-json.h"
#include "unclip-recipe.h"

#include <string.h>

#define SHA_A "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA_B "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

/* The canonical form, byte for byte, and its hash: another machine or version must come to the same. */
#define CANONICAL                                                                                                       \
  "{\"caption\":\"\",\"embedding\":{\"crop\":[1,2,30,40],\"node\":\"image\",\"source\":\"" SHA_A "\"},"                 \
  "\"model\":{\"name\":\"mini\",\"sha256\":\"" SHA_B "\"},\"noise\":{\"node\":\"seed\",\"picture\":3,\"seed\":41},"     \
  "\"sampler\":{\"eta\":0.3,\"guidance\":8,\"kind\":\"ddim\",\"steps\":25,\"upsampler_steps\":7},\"schema\":1}"

#define IMAGE_A "{\"node\":\"image\",\"source\":\"" SHA_A "\"}"
#define SEED_1 "{\"node\":\"seed\",\"picture\":0,\"seed\":1}"

/* Every node, and every key that may be left out. */
#define TREE                                                                                                            \
  "{\"caption\":\"\",\"embedding\":{\"amount\":0.25,\"base\":{\"amount\":-0.5,\"base\":{\"blend\":\"spherical\","         \
  "\"node\":\"mix\",\"parts\":[{\"embedding\":" IMAGE_A ",\"weight\":1},{\"embedding\":{\"best_of\":2,\"guidance\":4,"      \
  "\"node\":\"caption\",\"seed\":0,\"steps\":25,\"text\":\"a boat\"},\"weight\":0.5}]},\"from\":\"\",\"node\":\"diff\","     \
  "\"to\":\"a \\\"red\\\" cat\"},\"node\":\"loosen\",\"picture\":3,\"seed\":7},"                                      \
  "\"model\":{\"name\":\"mini\",\"sha256\":\"" SHA_B "\"},"                                                              \
  "\"noise\":{\"cutoff\":0.2,\"high\":{\"a\":" SEED_1 ",\"amount\":0.5,\"b\":{\"crop\":[1,2,30,40],\"first_timestep\":20,"   \
  "\"guidance\":1,\"method\":\"fixed-point\",\"node\":\"invert\",\"rounds\":5,\"source\":\"" SHA_A "\",\"steps\":50,"       \
  "\"tolerance\":0.0001},\"node\":\"blend\"},\"low\":{\"first_timestep\":0,\"guidance\":1,\"method\":\"exact\","             \
  "\"node\":\"invert\",\"source\":\"" SHA_B "\",\"steps\":25},\"node\":\"bands\",\"softness\":0.1},"                     \
  "\"sampler\":{\"eta\":0,\"first_timestep\":20,\"freeu\":{\"b1\":1.2,\"b2\":1.4,\"s1\":0.9,\"s2\":0.2},\"guidance\":8,"   \
  "\"kind\":\"dpm-solver++\",\"steps\":25,\"upsampler_steps\":7},\"schema\":1,"                                      \
  "\"step_noise\":{\"picture\":2,\"seed\":41}}"

static UnclipRecipe *
parse (const char *json, GError **error)
{
  return unclip_recipe_parse (json, strlen (json), error);
}

static void
test_canonical (void)
{
  const char *loose = "{ \"schema\": 1, \"caption\": \"\", \"sampler\": { \"kind\": \"ddim\", \"steps\": 25, \"guidance\": 8.0, \"eta\": 0.30,"
                      " \"upsampler_steps\": 7 }, \"noise\": { \"node\": \"seed\", \"seed\": 41, \"picture\": 3 },\n"
                      " \"model\": { \"name\": \"mini\", \"sha256\": \"" SHA_B "\" },"
                      " \"embedding\": { \"node\": \"image\", \"source\": \"" SHA_A "\", \"crop\": [1, 2, 30, 40] } }";
  g_autoptr (GError)       error = NULL;
  g_autoptr (UnclipRecipe) parsed = parse (loose, &error);
  g_autoptr (UnclipRecipe) again = NULL;
  g_autoptr (UnclipRecipe) made = NULL;
  g_autofree char         *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, CANONICAL, -1);
  UnclipRecipeParams       params = {
          .embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = SHA_A, .crop = { 1, 2, 30, 40 } },
          .noise = { .seed = 41, .picture = 3 },
          .sampler = { .kind = UNCLIP_RECIPE_DDIM, .n_steps = 25, .guidance = 8, .eta = 0.3, .n_upsampler_steps = 7 },
          .model_name = "mini",
          .model_sha256 = SHA_B,
  };

  g_assert_no_error (error);
  g_assert_cmpstr (unclip_recipe_get_canonical (parsed), ==, CANONICAL);
  g_assert_cmpstr (unclip_recipe_get_hash (parsed), ==, hash);

  again = parse (unclip_recipe_get_canonical (parsed), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unclip_recipe_get_hash (again), ==, hash);

  made = unclip_recipe_new (&params, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unclip_recipe_get_canonical (made), ==, CANONICAL);
  g_assert_true (unclip_recipe_can_batch (made, parsed));
}

/* Parsed, copied and parsed again, a tree with every node is the same bytes; its nodes are what the text says. */
static void
test_tree (void)
{
  g_autoptr (GError)       error = NULL;
  g_autoptr (UnclipRecipe) parsed = parse (TREE, &error);
  g_autoptr (UnclipRecipe) copy = NULL;
  UnclipRecipeParams       params;
  const UnclipEmbedding   *loosen, *mix;
  const UnclipNoiseNode   *bands;

  g_assert_no_error (error);
  g_assert_cmpstr (unclip_recipe_get_canonical (parsed), ==, TREE);
  loosen = unclip_recipe_get_embedding (parsed);
  g_assert_cmpint (loosen->kind, ==, UNCLIP_EMBEDDING_LOOSEN);
  g_assert_cmpuint (loosen->picture, ==, 3);
  g_assert_cmpint (loosen->base->kind, ==, UNCLIP_EMBEDDING_DIFF);
  g_assert_cmpstr (loosen->base->to, ==, "a \"red\" cat");
  mix = loosen->base->base;
  g_assert_cmpuint (mix->n_parts, ==, 2);
  g_assert_cmpfloat (mix->parts[1].weight, ==, 0.5);
  g_assert_cmpstr (mix->parts[1].embedding->text, ==, "a boat");
  bands = unclip_recipe_get_noise (parsed);
  g_assert_cmpint (bands->high->b->method, ==, UNCLIP_INVERSION_FIXED_POINT);
  g_assert_cmpfloat (bands->high->b->tolerance, ==, 1e-4);
  g_assert_cmpuint (unclip_recipe_get_step_noise (parsed).seed, ==, 41);
  g_assert_cmpuint (g_strv_length ((char **) unclip_recipe_get_sources (parsed)), ==, 2);
  g_assert_cmpstr (unclip_recipe_get_sources (parsed)[0], ==, SHA_A);
  g_assert_cmpstr (unclip_recipe_get_sources (parsed)[1], ==, SHA_B);

  unclip_recipe_get_params (parsed, &params);
  copy = unclip_recipe_new (&params, &error);
  g_assert_no_error (error);
  g_clear_pointer (&parsed, unclip_recipe_unref);
  g_assert_cmpstr (unclip_recipe_get_canonical (copy), ==, TREE);
}

/* Hashes once given out are in files for good. These were worked out by sha256sum from the canonical text. */
static void
test_hashes (void)
{
  static const struct
  {
    const char *json, *hash, *embedding, *noise;
  } cases[] = {
    { CANONICAL, "95bddc003139afccdce67d15f5187db10743be032742f6546b58e6dc729d394f", "92e47d81b17346c40f38d5aff88d0dcb4cc1e018159495d3c4de8b7902fa64c2", "4416d5f6846fac1be4927d82da44d77802b524ac7f155e1354ba1c607bc6c58f" },
    { TREE, "49661d8b154bbd3c61a2889013fa44ed987dedcae092150f68b808921c96f4ef", "a11b32c87a18124576cc81d861634e2bd0dac1d43b48609139de462e186d7398", "66f81a71b7cf528db73a04687a70972a1b41e1cf622d8dea5e7a1b269dbea775" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (UnclipRecipe) recipe = parse (cases[i].json, NULL);

      g_assert_cmpstr (unclip_recipe_get_hash (recipe), ==, cases[i].hash);
      g_assert_cmpstr (unclip_recipe_get_embedding (recipe)->hash, ==, cases[i].embedding);
      g_assert_cmpstr (unclip_recipe_get_noise (recipe)->hash, ==, cases[i].noise);
    }
}

/* What came after the first version leaves no trace where it has its default value; nor does a zero's sign. */
static void
test_defaults (void)
{
  static const struct
  {
    const char *find, *replace;
  } cases[] = {
    { "\"schema\":1", "\"schema\":1,\"step_noise\":{\"picture\":3,\"seed\":41}" },
    { "\"steps\":25", "\"steps\":25,\"first_timestep\":0" },
    { "\"steps\":25", "\"steps\":25,\"keep_detail\":false" },
  };
  g_autoptr (GString)      zero = g_string_new (CANONICAL);
  g_autoptr (UnclipRecipe) negative = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString)      json = g_string_new (CANONICAL);
      g_autoptr (UnclipRecipe) recipe = NULL;

      g_assert_cmpuint (g_string_replace (json, cases[i].find, cases[i].replace, 1), ==, 1);
      recipe = parse (json->str, NULL);
      g_assert_cmpstr (unclip_recipe_get_canonical (recipe), ==, CANONICAL);
    }
  g_string_replace (zero, "\"eta\":0.3", "\"eta\":-0.0", 1);
  negative = parse (zero->str, NULL);
  g_assert_nonnull (strstr (unclip_recipe_get_canonical (negative), "\"eta\":0,"));
}

/* What changes an expression changes its hash, what does not leaves it alone. */
static void
test_expression_hash (void)
{
  UnclipRecipeParams params = {
    .embedding = { .kind = UNCLIP_EMBEDDING_CAPTION, .text = "a \"red\" boat\n", .n_steps = 25, .guidance = 4, .seed = 7, .best_of = 2 },
    .sampler = { .kind = UNCLIP_RECIPE_ANCESTRAL, .n_steps = 25, .guidance = 8, .n_upsampler_steps = 7 },
    .model_name = "mini",
    .model_sha256 = SHA_B,
  };
  g_autoptr (UnclipRecipe) first = unclip_recipe_new (&params, NULL);
  g_autoptr (UnclipRecipe) other_noise = NULL;
  g_autoptr (UnclipRecipe) other_seed = NULL;
  g_autoptr (UnclipRecipe) parsed = parse (unclip_recipe_get_canonical (first), NULL);

  params.noise.seed = 12;
  other_noise = unclip_recipe_new (&params, NULL);
  params.embedding.seed = 8;
  other_seed = unclip_recipe_new (&params, NULL);

  g_assert_cmpstr (unclip_recipe_get_embedding (parsed)->text, ==, "a \"red\" boat\n");
  g_assert_cmpstr (unclip_recipe_get_embedding (first)->hash, ==, unclip_recipe_get_embedding (parsed)->hash);
  g_assert_cmpstr (unclip_recipe_get_embedding (first)->hash, ==, unclip_recipe_get_embedding (other_noise)->hash);
  g_assert_cmpstr (unclip_recipe_get_hash (first), !=, unclip_recipe_get_hash (other_noise));
  g_assert_cmpstr (unclip_recipe_get_embedding (first)->hash, !=, unclip_recipe_get_embedding (other_seed)->hash);
}

static void
assert_fails (const char *text, const char *find, const char *replace, const char *words)
{
  g_autoptr (GString)      json = g_string_new (text);
  g_autoptr (GError)       error = NULL;
  g_autoptr (UnclipRecipe) recipe = NULL;

  g_assert_cmpuint (g_string_replace (json, find, replace, 1), ==, 1);
  recipe = parse (json->str, &error);
  g_assert_null (recipe);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” for “%s” says “%s”, not “%s”", replace, find, error->message, words);
}

/* Each bad recipe fails with a message that holds the given words. */
static void
test_errors (void)
{
  static const struct
  {
    const char *find, *replace, *words;
  } cases[] = {
    { "{\"caption\"", "[\"caption\"", "not a recipe" },
    { "\"schema\":1", "\"schema\":2", "newer version" },
    { ",\"schema\":1", "", "no “schema”" },
    { "\"caption\":\"\"", "\"caption\":7", "not a string" },
    { "\"node\":\"image\"", "\"node\":\"steer\"", "node “steer”" },
    { "\"node\":\"seed\"", "\"node\":\"pink\"", "node “pink”" },
    { "\"seed\":41", "\"seed\":-1", "“seed”" },
    { "\"seed\":41", "\"seed\":1.5", "whole number" },
    { "\"seed\":41", "\"seed\":1e300", "whole number" },
    { "\"steps\":25", "\"steps\":1", "number of steps" },
    { "\"steps\":25", "\"steps\":\"25\"", "not a number" },
    { "\"steps\":25", "\"steps\":25,\"mask\":1", "does not know" },
    { "\"kind\":\"ddim\"", "\"kind\":\"plms\"", "“plms”" },
    { "\"kind\":\"ddim\"", "\"kind\":\"ancestral\"", "Eta" },
    { "\"eta\":0.3", "\"eta\":1.5", "Eta" },
    { "\"guidance\":8", "\"guidance\":1e9", "guidance" },
    { "[1,2,30,40]", "[1,2,30]", "crop" },
    { "[1,2,30,40]", "[1,2,0,40]", "crop" },
    { "[1,2,30,40]", "\"all\"", "crop" },
    { "\"upsampler_steps\":7", "\"upsampler_steps\":1", "upsampler" },
    { SHA_A, "cat.png", "not the SHA-256" },
    { SHA_B, "", "not a SHA-256" },
    { "\"model\":{\"name\":\"mini\",", "\"model\":{", "“name”" },
    { "\"noise\":{\"node\":\"seed\",\"picture\":3,\"seed\":41}", "\"noise\":41", "“noise”" },
    { "\"schema\":1", "\"schema\":1,\"step_noise\":41", "“step_noise”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_fails (CANONICAL, cases[i].find, cases[i].replace, cases[i].words);
}

static void
test_tree_errors (void)
{
  static const struct
  {
    const char *find, *replace, *words;
  } cases[] = {
    { "\"amount\":0.25", "\"amount\":1.25", "looseness" },
    { "\"amount\":-0.5", "\"amount\":-1.5", "text difference" },
    { "\"amount\":-0.5", "\"amount\":null", "not a number" },
    { "\"to\":\"a \\\"red\\\" cat\"", "\"to\":[]", "not a string" },
    { "\"blend\":\"spherical\"", "\"blend\":\"cubic\"", "“cubic”" },
    { "\"weight\":1}", "\"weight\":-1}", "negative weights" },
    { "\"weight\":0.5}]", "\"weight\":1e9}]", "weight" },
    { "\"weight\":0.5}]", "\"weight\":0.5},7]", "not an object" },
    { ",\"weight\":1}", "}", "no “weight”" },
    { "\"method\":\"exact\"", "\"method\":\"inexact\"", "“inexact”" },
    { "\"method\":\"exact\"", "\"method\":\"exact\",\"rounds\":5", "does not know" },
    { "\"rounds\":5", "\"rounds\":0", "rounds" },
    { "\"tolerance\":0.0001", "\"tolerance\":2", "tolerance" },
    { "\"amount\":0.5,\"b\"", "\"amount\":-0.5,\"b\"", "blend" },
    { "\"cutoff\":0.2", "\"cutoff\":1.2", "cutoff" },
    { "\"softness\":0.1", "\"softness\":\"soft\"", "not a number" },
    { "\"first_timestep\":20,\"freeu\"", "\"first_timestep\":1000,\"freeu\"", "first timestep" },
    { "\"b1\":1.2", "\"b1\":5", "b1" },
    { "\"b1\":1.2,", "", "“b1”" },
    { "\"freeu\":{", "\"keep_detail\":true,\"freeu\":{", "keep_detail" },
    { "\"freeu\":{", "\"keep_detail\":1,\"freeu\":{", "true or false" },
    { ",\"step_noise\":{\"picture\":2,\"seed\":41}", "", "step_noise" },
    { "\"picture\":2,\"seed\":41", "\"picture\":2,\"seed\":41,\"step\":1", "does not know" },
    { "\"low\":{\"first_timestep\":0,", "\"low\":{", "first_timestep" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_fails (TREE, cases[i].find, cases[i].replace, cases[i].words);
}

/* A recipe whose embedding is @n times what @before and @after put around an image. */
static char *
dup_nested (guint n, const char *before, const char *after)
{
  g_autoptr (GString) json = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (json, before);
  g_string_append (json, "{\"node\":\"image\",\"source\":\"" SHA_A "\",\"crop\":[1,2,3,4]}");
  for (guint i = 0; i < n; i++)
    g_string_append (json, after);
  return g_strdup_printf ("{\"caption\":\"\",\"embedding\":%s,\"model\":{\"name\":\"mini\",\"sha256\":\"" SHA_B "\"},"
                          "\"noise\":" SEED_1 ",\"sampler\":{\"eta\":0,\"guidance\":8,\"kind\":\"ddim\",\"steps\":25,"
                          "\"upsampler_steps\":7},\"schema\":1}", json->str);
}

/* Trees as deep as they may be read back from a note, where they lie in one object more; deeper ones are refused. */
static void
test_depth (void)
{
  static const char mix[] = "{\"blend\":\"straight\",\"node\":\"mix\",\"parts\":[{\"embedding\":", mix_end[] = ",\"weight\":1}]}";
  g_autofree char         *deepest = dup_nested (UNCLIP_RECIPE_MAX_DEPTH - 1, mix, mix_end);
  g_autofree char         *deeper = dup_nested (UNCLIP_RECIPE_MAX_DEPTH, mix, mix_end);
  g_autofree char         *hopeless = dup_nested (100000, mix, mix_end);
  g_autofree char         *note = g_strdup_printf ("{\"recipe\":%s}", deepest);
  g_autoptr (UnclipRecipe) recipe = parse (deepest, NULL);
  g_autoptr (JsonNode)     root = unclip_json_parse (note, strlen (note), NULL);
  g_autoptr (GError)       deep = NULL, very_deep = NULL;

  g_assert_nonnull (recipe);
  g_assert_nonnull (root);
  g_assert_null (parse (deeper, &deep));
  g_assert_error (deep, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_nonnull (strstr (deep->message, "deep"));
  g_assert_null (parse (hopeless, &very_deep));
  g_assert_error (very_deep, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
}

/* Eight mixes of eight are 73 nodes with the one above them. Made by hand, since shared nodes count each time. */
static void
test_breadth (void)
{
  const UnclipEmbedding    image = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = SHA_A };
  const UnclipMixPart      few[] = { { &image, 1 }, { &image, 1 }, { &image, 1 }, { &image, 1 }, { &image, 1 }, { &image, 1 } };
  const UnclipMixPart      many[] = { { &image, 1 }, { &image, 1 }, { &image, 1 }, { &image, 1 },
                                      { &image, 1 }, { &image, 1 }, { &image, 1 }, { &image, 1 } };
  UnclipEmbedding          inner = { .kind = UNCLIP_EMBEDDING_MIX, .parts = few, .n_parts = 6 };
  const UnclipMixPart      all[] = { { &inner, 1 }, { &inner, 1 }, { &inner, 1 }, { &inner, 1 },
                                     { &inner, 1 }, { &inner, 1 }, { &inner, 1 }, { &inner, 1 } };
  const UnclipRecipeParams params = {
    .embedding = { .kind = UNCLIP_EMBEDDING_MIX, .parts = all, .n_parts = 8 },
    .sampler = { .n_steps = 25 },
    .model_name = "mini",
    .model_sha256 = SHA_B,
  };
  g_autoptr (GError)       error = NULL;
  g_autoptr (UnclipRecipe) wide = unclip_recipe_new (&params, &error), wider = NULL;

  g_assert_no_error (error);
  inner.parts = many;
  inner.n_parts = 8;
  wider = unclip_recipe_new (&params, &error);
  g_assert_null (wider);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_nonnull (strstr (error->message, "nodes"));
}

/* Parameters of a recipe with one thing changed, here a node hung above its tree, make another recipe; the first is as it
 * was. */
static void
test_params (void)
{
  g_autoptr (UnclipRecipe) recipe = parse (CANONICAL, NULL);
  g_autoptr (UnclipRecipe) edited = NULL;
  UnclipRecipeParams       params;

  unclip_recipe_get_params (recipe, &params);
  params.embedding = (UnclipEmbedding){
    .kind = UNCLIP_EMBEDDING_DIFF, .base = unclip_recipe_get_embedding (recipe), .to = "a boat", .amount = 0.1,
  };
  edited = unclip_recipe_new (&params, NULL);
  g_assert_cmpstr (unclip_recipe_get_embedding (edited)->base->hash, ==, unclip_recipe_get_embedding (recipe)->hash);
  g_assert_cmpstr (unclip_recipe_get_embedding (edited)->from, ==, "");
  g_assert_cmpstr (unclip_recipe_get_canonical (recipe), ==, CANONICAL);
  g_assert_true (unclip_recipe_can_batch (recipe, edited));
}

/* Cut short at every byte; one byte changed at a time; pieces of it moved about: an error or a recipe, never a crash. A
 * recipe that comes of it is one: its canonical form reads back the same. */
static void
test_damage (gconstpointer data)
{
  const char *text = data;
  gsize       n = strlen (text);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (UnclipRecipe) cut = unclip_recipe_parse (text, i, NULL);

      g_assert_null (cut);
    }
  for (int i = 0; i < 5000; i++)
    {
      g_autofree char         *damaged = g_strdup (text);
      g_autoptr (GError)       error = NULL;
      g_autoptr (UnclipRecipe) recipe = NULL, again = NULL;
      gsize                    from = (gsize) g_test_rand_int_range (0, (gint32) n), to = (gsize) g_test_rand_int_range (0, (gint32) n);
      gsize                    length = (gsize) g_test_rand_int_range (1, 8);

      if (i % 2 == 0)
        damaged[from] = (char) g_test_rand_int_range (1, 256);
      else
        memcpy (damaged + to, text + from, MIN (length, n - MAX (from, to)));
      recipe = parse (damaged, &error);
      g_assert_true ((recipe != NULL) != (error != NULL));
      if (recipe == NULL)
        continue;
      again = parse (unclip_recipe_get_canonical (recipe), NULL);
      g_assert_cmpstr (unclip_recipe_get_canonical (again), ==, unclip_recipe_get_canonical (recipe));
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    double      value;
    const char *text;
  } cases[] = { { 0.1, "0.1" }, { 1.0 / 3, "0.3333333333333333" }, { 8, "8" }, { 99.5, "99.5" }, { 1e-7, "1e-07" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      UnclipRecipeParams params = {
        .embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = SHA_A },
        .sampler = { .kind = UNCLIP_RECIPE_ANCESTRAL, .n_steps = 25, .guidance = cases[i].value },
        .model_name = "mini",
        .model_sha256 = SHA_B,
      };
      g_autoptr (UnclipRecipe) recipe = unclip_recipe_new (&params, NULL);
      g_autofree char         *words = g_strdup_printf ("\"guidance\":%s,", cases[i].text);

      g_assert_nonnull (strstr (unclip_recipe_get_canonical (recipe), words));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/canonical", test_canonical);
  g_test_add_func ("/recipe/tree", test_tree);
  g_test_add_func ("/recipe/hashes", test_hashes);
  g_test_add_func ("/recipe/defaults", test_defaults);
  g_test_add_func ("/recipe/expression-hash", test_expression_hash);
  g_test_add_func ("/recipe/errors", test_errors);
  g_test_add_func ("/recipe/tree-errors", test_tree_errors);
  g_test_add_func ("/recipe/depth", test_depth);
  g_test_add_func ("/recipe/breadth", test_breadth);
  g_test_add_func ("/recipe/params", test_params);
  g_test_add_data_func ("/recipe/damage/first", CANONICAL, test_damage);
  g_test_add_data_func ("/recipe/damage/tree", TREE, test_damage);
  g_test_add_func ("/recipe/numbers", test_numbers);
  return g_test_run ();
}
