/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes run on the tiny models of tests/golden/pipelines: memo, batches, sameness. */

#include "config.h"

#include "test-device.h"
#include "unclip-error.h"
#include "unclip-evaluator.h"
#include "unclip-image-file.h"

#include <string.h>

#define N 5

typedef struct
{
  UnclipStages    *stages;
  UnclipEvaluator *evaluator;
  const char      *sha256;      /* of the model */
  GPtrArray       *pictures;    /* UnclipImage, in the order of finishing */
  guint            n_previews;
  guint            n_steps_done;
  guint            cancel_at;   /* step; 0 never */
  GCancellable    *cancellable;
} Fixture;

static UnclipExecutor *executor;

static gboolean
open_fixture (Fixture *fixture, const char *family)
{
  g_autoptr (GError)            error = NULL;
  g_autofree char              *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", family, "model", NULL);
  g_autoptr (UnclipModelFolder) folder = NULL;
  g_autoptr (UnclipModel)       model = NULL;

  memset (fixture, 0, sizeof *fixture);
  if (test_device_get () == NULL)
    return FALSE;
  if (executor == NULL)
    executor = unclip_executor_open_vulkan (g_getenv ("UNCLIP_TEST_DEVICE"), UNCLIP_PRECISION_AUTO, &error);
  g_assert_no_error (error);
  folder = unclip_model_folder_open (path, &error);
  g_assert_no_error (error);
  model = unclip_model_open (folder, &error);
  g_assert_no_error (error);
  fixture->stages = unclip_stages_new (model, executor);
  fixture->evaluator = unclip_evaluator_new (fixture->stages);
  fixture->sha256 = unclip_model_folder_get_sha256 (folder, &error);
  g_assert_no_error (error);
  fixture->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  fixture->cancellable = g_cancellable_new ();
  return TRUE;
}

static void
close_fixture (Fixture *fixture)
{
  unclip_evaluator_free (fixture->evaluator);
  unclip_stages_free (fixture->stages);
  g_ptr_array_unref (fixture->pictures);
  g_object_unref (fixture->cancellable);
}

static const char *
add_picture (Fixture *fixture)
{
  g_autoptr (GError)      error = NULL;
  g_autofree char        *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "guided", "picture-0.png", NULL);
  g_autoptr (UnclipImage) image = unclip_image_load (path, &error);

  g_assert_no_error (error);
  return unclip_evaluator_add_source (fixture->evaluator, image);
}

static UnclipRecipe *
make_recipe (Fixture *fixture, const UnclipEmbedding *embedding, guint picture, double guidance)
{
  g_autoptr (GError)       error = NULL;
  const UnclipRecipeParams params = {
    .embedding = *embedding,
    .noise = { .seed = 41, .picture = picture },
    .sampler = { .kind = UNCLIP_RECIPE_ANCESTRAL, .n_steps = 3, .guidance = guidance, .n_upsampler_steps = 3 },
    .model_name = "tiny",
    .model_sha256 = fixture->sha256,
  };
  UnclipRecipe *recipe = unclip_recipe_new (&params, &error);

  g_assert_no_error (error);
  return recipe;
}

static void
on_progress (guint first, guint n, const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (++fixture->n_steps_done == fixture->cancel_at)
    g_cancellable_cancel (fixture->cancellable);
}

static void
on_preview (guint recipe, const char *stage, guint n_done, guint n_steps, UnclipImage *image, gpointer user_data)
{
  ((Fixture *) user_data)->n_previews++;
}

static gboolean
on_finished (guint recipe, UnclipImage *image, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;

  g_assert_cmpuint (recipe, ==, fixture->pictures->len);
  g_ptr_array_add (fixture->pictures, unclip_image_ref (image));
  return TRUE;
}

static gboolean
run (Fixture *fixture, GPtrArray *recipes, guint max_batch, GError **error)
{
  const UnclipEvaluatorWatch watch = { on_progress, on_preview, on_finished, fixture, fixture->cancellable };

  g_ptr_array_set_size (fixture->pictures, 0);
  return unclip_evaluator_run (fixture->evaluator, (UnclipRecipe *const *) recipes->pdata, recipes->len, max_batch, &watch, error);
}

static GPtrArray *
dup_hashes (Fixture *fixture)
{
  GPtrArray *hashes = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < fixture->pictures->len; i++)
    g_ptr_array_add (hashes, unclip_image_dup_sha256 (g_ptr_array_index (fixture->pictures, i)));
  return hashes;
}

static void
assert_same (GPtrArray *a, GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    g_assert_cmpstr (g_ptr_array_index (a, i), ==, g_ptr_array_index (b, i));
}

static GPtrArray *
make_variations (Fixture *fixture, const char *source)
{
  GPtrArray            *recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  const UnclipEmbedding embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = source };

  for (guint i = 0; i < N; i++)
    g_ptr_array_add (recipes, make_recipe (fixture, &embedding, i, 3));
  return recipes;
}

/* Same recipe, same bytes: one by one, in batches, with the memo warm or cold; and one encoding for all of it. */
static void
test_order (void)
{
  Fixture               fixture, cold;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = NULL, cold_recipes = NULL;
  g_autoptr (GPtrArray) alone = NULL, batched = NULL, anew = NULL;

  if (!open_fixture (&fixture, "variation"))
    return;
  recipes = make_variations (&fixture, add_picture (&fixture));
  run (&fixture, recipes, 1, &error);
  g_assert_no_error (error);
  alone = dup_hashes (&fixture);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_images_encoded, ==, 1);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_decoder_runs, ==, N);
  /* Previews of every picture at each of three decoder and three upsampler steps. */
  g_assert_cmpuint (fixture.n_previews, ==, N * 6);

  run (&fixture, recipes, 3, &error);
  g_assert_no_error (error);
  batched = dup_hashes (&fixture);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_images_encoded, ==, 1);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_captions_encoded, ==, 1);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_decoder_runs, ==, N + 2);
  assert_same (alone, batched);
  for (guint i = 1; i < N; i++)
    g_assert_cmpstr (g_ptr_array_index (alone, 0), !=, g_ptr_array_index (alone, i));
  close_fixture (&fixture);

  g_assert_true (open_fixture (&cold, "variation"));
  cold_recipes = make_variations (&cold, add_picture (&cold));
  run (&cold, cold_recipes, 5, &error);
  g_assert_no_error (error);
  anew = dup_hashes (&cold);
  assert_same (alone, anew);
  close_fixture (&cold);
}

/* A caption goes through the prior once, however many recipes share the expression; recipes of other settings do not
 * share a batch. */
static void
test_caption (void)
{
  Fixture               fixture;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  UnclipEmbedding       embedding = { .kind = UNCLIP_EMBEDDING_CAPTION, .text = "a red boat", .n_steps = 3, .guidance = 2, .seed = 7, .best_of = 2 };

  if (!open_fixture (&fixture, "text-to-image"))
    return;
  g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, 0, 3));
  g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, 1, 3));
  g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, 2, 1));
  embedding.seed = 8;
  g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, 3, 1));
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture.pictures->len, ==, 4);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_prior_runs, ==, 2);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_captions_encoded, ==, 2);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.evaluator).n_decoder_runs, ==, 2);
  close_fixture (&fixture);
}

/* Cancelled at any step: the error is that of GIO, and the evaluator goes on working. */
static void
test_cancel (void)
{
  Fixture               fixture;
  g_autoptr (GPtrArray) recipes = NULL;

  if (!open_fixture (&fixture, "variation"))
    return;
  recipes = make_variations (&fixture, add_picture (&fixture));
  for (guint step = 1; step <= 5; step++)
    {
      g_autoptr (GError) error = NULL;

      fixture.n_steps_done = 0;
      fixture.cancel_at = step;
      g_assert_false (run (&fixture, recipes, 5, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (fixture.pictures->len, ==, 0);
      g_cancellable_reset (fixture.cancellable);
    }
  fixture.cancel_at = 0;
  g_assert_true (run (&fixture, recipes, 5, NULL));
  g_assert_cmpuint (fixture.pictures->len, ==, N);
  close_fixture (&fixture);
}

static void
test_errors (void)
{
  Fixture               fixture;
  UnclipEmbedding       embedding = { .kind = UNCLIP_EMBEDDING_IMAGE };
  g_autoptr (GError)    unknown = NULL, crop = NULL, model = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);

  if (!open_fixture (&fixture, "variation"))
    return;
  embedding.source = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, 0, 3));
  g_assert_false (run (&fixture, recipes, 8, &unknown));
  g_assert_error (unknown, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_nonnull (strstr (unknown->message, "0123456789ab"));

  embedding.source = add_picture (&fixture);
  embedding.crop[2] = embedding.crop[3] = 16000;
  g_ptr_array_set_size (recipes, 0);
  g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, 0, 3));
  g_assert_false (run (&fixture, recipes, 8, &crop));
  g_assert_error (crop, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);

  fixture.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  embedding.crop[2] = 0;
  g_ptr_array_set_size (recipes, 0);
  g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, 0, 3));
  g_assert_false (run (&fixture, recipes, 8, &model));
  g_assert_error (model, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_nonnull (strstr (model->message, "--model"));
  close_fixture (&fixture);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluator/order", test_order);
  g_test_add_func ("/evaluator/caption", test_caption);
  g_test_add_func ("/evaluator/cancel", test_cancel);
  g_test_add_func ("/evaluator/errors", test_errors);
  status = test_device_run ();
  g_clear_pointer (&executor, unclip_executor_unref);
  return status;
}
