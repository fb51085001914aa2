/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
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
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString)      json = g_string_new (CANONICAL);
      g_autoptr (GError)       error = NULL;
      g_autoptr (UnclipRecipe) recipe = NULL;

      g_assert_cmpuint (g_string_replace (json, cases[i].find, cases[i].replace, 1), ==, 1);
      recipe = parse (json->str, &error);
      g_assert_null (recipe);
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("case %u says “%s”, not “%s”", i, error->message, cases[i].words);
    }
}

/* Cut short at every byte, and one byte changed at a time: an error or a recipe, never a crash. */
static void
test_damage (void)
{
  gsize n = strlen (CANONICAL);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (UnclipRecipe) cut = unclip_recipe_parse (CANONICAL, i, NULL);

      g_assert_null (cut);
    }
  for (int i = 0; i < 5000; i++)
    {
      g_autofree char         *text = g_strdup (CANONICAL);
      g_autoptr (GError)       error = NULL;
      g_autoptr (UnclipRecipe) recipe = NULL;

      text[g_test_rand_int_range (0, (gint32) n)] = (char) g_test_rand_int_range (1, 256);
      recipe = parse (text, &error);
      g_assert_true ((recipe != NULL) != (error != NULL));
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
  g_test_add_func ("/recipe/expression-hash", test_expression_hash);
  g_test_add_func ("/recipe/errors", test_errors);
  g_test_add_func ("/recipe/damage", test_damage);
  g_test_add_func ("/recipe/numbers", test_numbers);
  return g_test_run ();
}
