/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes run on the tiny models of tests/golden/pipelines: memo, batches, sameness. */

#include "config.h"

#include "test-device.h"
#include "test-stages.h"
#include "unclip-axes.h"
#include "unclip-error.h"
#include "unclip-evaluator.h"
#include "unclip-image-file.h"
#include "unclip-safetensors.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define N 5
#define N_EMBED 24              /* of the tiny models */

typedef struct
{
  TestStages       model;
  GPtrArray       *pictures;    /* UnclipImage, in the order of finishing */
  guint            n_previews;
  guint            n_steps_done;
  guint            cancel_at;   /* step; 0 never */
  gboolean         parks;       /* at every step */
  GCancellable    *cancellable;
} Fixture;

static gboolean
open_folder (Fixture *fixture, const char *path)
{
  memset (fixture, 0, sizeof *fixture);
  if (!test_stages_open (&fixture->model, path))
    return FALSE;
  fixture->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  fixture->cancellable = g_cancellable_new ();
  return TRUE;
}

static gboolean
open_fixture (Fixture *fixture, const char *family)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", family, "model", NULL);

  return open_folder (fixture, path);
}

static void
close_fixture (Fixture *fixture)
{
  test_stages_close (&fixture->model);
  g_ptr_array_unref (fixture->pictures);
  g_object_unref (fixture->cancellable);
}

static const char *
add_picture (Fixture *fixture)
{
  return test_stages_add_source (&fixture->model, "golden/pipelines/variation/guided/picture-0.png");
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
    .model_sha256 = fixture->model.sha256,
  };
  UnclipRecipe *recipe = unclip_recipe_new (&params, &error);

  g_assert_no_error (error);
  return recipe;
}

/* Ancestral noise of picture 0, and start noise of @noise. */
static UnclipRecipe *
make_recipe_from (Fixture *fixture, const UnclipEmbedding *embedding, const UnclipNoiseNode *noise)
{
  g_autoptr (GError)       error = NULL;
  const UnclipRecipeParams params = {
    .embedding = *embedding,
    .noise = *noise,
    .has_step_noise = TRUE,
    .step_noise = { 41, 0 },
    .sampler = { .n_steps = 2, .guidance = 1 },
    .model_name = "tiny",
    .model_sha256 = fixture->model.sha256,
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
  if (fixture->parks)
    unclip_executor_park (unclip_stages_get_executor (fixture->model.stages), NULL);
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
  const UnclipEvaluatorWatch watch = {
    .progress = on_progress, .preview = on_preview, .finished = on_finished, .user_data = fixture, .cancellable = fixture->cancellable,
  };

  g_ptr_array_set_size (fixture->pictures, 0);
  return unclip_evaluator_run (fixture->model.evaluator, (UnclipRecipe *const *) recipes->pdata, recipes->len, max_batch, &watch, error);
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
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_images_encoded, ==, 1);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_decoder_runs, ==, N);
  /* Previews of every picture at each of three decoder and three upsampler steps. */
  g_assert_cmpuint (fixture.n_previews, ==, N * 6);

  run (&fixture, recipes, 3, &error);
  g_assert_no_error (error);
  batched = dup_hashes (&fixture);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_images_encoded, ==, 1);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_captions_encoded, ==, 1);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_decoder_runs, ==, N + 2);
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
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_prior_runs, ==, 2);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_captions_encoded, ==, 2);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_decoder_runs, ==, 2);
  close_fixture (&fixture);
}

/* A run that leaves the device's memory to others at each step, of every stage, makes the same. */
static void
test_parked (void)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) straight = NULL, interrupted = NULL;
  const UnclipEmbedding embedding = { .kind = UNCLIP_EMBEDDING_CAPTION, .text = "a red boat", .n_steps = 3, .guidance = 2, .seed = 7, .best_of = 1 };

  for (guint i = 0; i < 2; i++)
    {
      Fixture               fixture;
      g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);

      if (!open_fixture (&fixture, "text-to-image"))
        return;
      fixture.parks = i == 1;
      for (guint k = 0; k < 2; k++)
        g_ptr_array_add (recipes, make_recipe (&fixture, &embedding, k, 3));
      run (&fixture, recipes, 2, &error);
      g_assert_no_error (error);
      *(i == 0 ? &straight : &interrupted) = dup_hashes (&fixture);
      close_fixture (&fixture);
    }
  g_assert_cmpuint (straight->len, ==, 2);
  assert_same (straight, interrupted);
}

static void
add_edit (Fixture *fixture, GPtrArray *recipes, const UnclipEmbedding *embedding)
{
  const UnclipNoiseNode noise = { .seed = 41 };

  g_ptr_array_add (recipes, make_recipe_from (fixture, embedding, &noise));
}

static void
assert_counts (Fixture *fixture, guint n_images, guint n_captions, guint n_prior_runs)
{
  UnclipEvaluatorCounts counts = unclip_evaluator_get_counts (fixture->model.evaluator);

  g_assert_cmpuint (counts.n_images_encoded, ==, n_images);
  g_assert_cmpuint (counts.n_captions_encoded, ==, n_captions);
  g_assert_cmpuint (counts.n_prior_runs, ==, n_prior_runs);
}

/* A slider that moves encodes nothing again; at 0 the picture is that of the source, and batches change nothing. */
static void
test_diff (void)
{
  Fixture               fixture;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  g_autoptr (GPtrArray) alone = NULL, batched = NULL;
  UnclipEmbedding       image = { .kind = UNCLIP_EMBEDDING_IMAGE };
  UnclipEmbedding       diff = { .kind = UNCLIP_EMBEDDING_DIFF, .base = &image, .from = "", .to = "a boat" };

  if (!open_fixture (&fixture, "variation"))
    return;
  image.source = add_picture (&fixture);
  add_edit (&fixture, recipes, &image);
  for (int i = -2; i <= 2; i++)
    {
      diff.amount = 0.2 * i;
      add_edit (&fixture, recipes, &diff);
    }
  run (&fixture, recipes, 1, &error);
  g_assert_no_error (error);
  alone = dup_hashes (&fixture);
  /* The decoder's empty caption, the dummy caption, and the boat. */
  assert_counts (&fixture, 1, 3, 0);
  g_assert_cmpstr (alone->pdata[0], ==, alone->pdata[3]);
  g_assert_cmpstr (alone->pdata[0], !=, alone->pdata[1]);
  g_assert_cmpstr (alone->pdata[0], !=, alone->pdata[5]);
  g_assert_cmpstr (alone->pdata[1], !=, alone->pdata[5]);
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  batched = dup_hashes (&fixture);
  assert_same (alone, batched);

  /* The path is as long for every amount, and goes on where captions are swapped; a plain picture has none. */
  {
    double forth = unclip_evaluator_get_path_degrees (fixture.model.evaluator, recipes->pdata[1]);
    double back;

    g_assert_cmpfloat (forth, >, 0);
    g_assert_cmpfloat (forth, <, 180);
    for (guint i = 2; i < recipes->len; i++)
      g_assert_cmpfloat (unclip_evaluator_get_path_degrees (fixture.model.evaluator, recipes->pdata[i]), ==, forth);
    g_assert_true (isnan (unclip_evaluator_get_path_degrees (fixture.model.evaluator, recipes->pdata[0])));
    diff.from = "a boat";
    diff.to = "";
    add_edit (&fixture, recipes, &diff);
    back = unclip_evaluator_get_path_degrees (fixture.model.evaluator, recipes->pdata[recipes->len - 1]);
    g_assert_cmpfloat_with_epsilon (forth + back, 180, 1e-3);
    diff.from = "";
    diff.to = "a boat";
  }

  for (int i = 0; i < 5; i++)
    {
      diff.amount = 0.03 * i;
      add_edit (&fixture, recipes, &diff);
    }
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  assert_counts (&fixture, 1, 3, 0);
  close_fixture (&fixture);
}

/* All the weight on one picture gives that picture's; other weights, another way to blend and a caption give others; and
 * the prior runs once for all of them. */
static void
test_mix (void)
{
  Fixture               fixture;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  g_autoptr (GPtrArray) hashes = NULL;
  UnclipEmbedding       boat = { .kind = UNCLIP_EMBEDDING_CAPTION, .text = "a red boat", .n_steps = 3, .guidance = 2, .best_of = 1 };
  UnclipEmbedding       tree = { .kind = UNCLIP_EMBEDDING_CAPTION, .text = "a tree", .n_steps = 3, .guidance = 2, .best_of = 1 };
  UnclipMixPart         parts[] = { { &boat, 1 }, { &tree, 0 } };
  UnclipEmbedding       mix = { .kind = UNCLIP_EMBEDDING_MIX, .parts = parts, .n_parts = 2 };

  if (!open_fixture (&fixture, "text-to-image"))
    return;
  add_edit (&fixture, recipes, &boat);
  add_edit (&fixture, recipes, &mix);
  parts[1].weight = 1;
  add_edit (&fixture, recipes, &mix);
  parts[0].weight = parts[1].weight = 0.25;
  add_edit (&fixture, recipes, &mix);
  mix.blend = UNCLIP_BLEND_STRAIGHT;
  add_edit (&fixture, recipes, &mix);
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  hashes = dup_hashes (&fixture);
  assert_counts (&fixture, 0, 3, 2);
  g_assert_cmpstr (hashes->pdata[0], ==, hashes->pdata[1]);
  g_assert_cmpstr (hashes->pdata[0], !=, hashes->pdata[2]);
  g_assert_cmpstr (hashes->pdata[2], ==, hashes->pdata[3]);
  g_assert_cmpstr (hashes->pdata[3], !=, hashes->pdata[4]);
  close_fixture (&fixture);
}

/* The ends of a blend are its noises. */
static void
test_blend (void)
{
  Fixture               fixture;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  g_autoptr (GPtrArray) hashes = NULL;
  UnclipEmbedding       image = { .kind = UNCLIP_EMBEDDING_IMAGE };
  const UnclipNoiseNode a = { .seed = 1 }, b = { .seed = 2, .picture = 3 };
  UnclipNoiseNode       blend = { .kind = UNCLIP_NOISE_BLEND, .a = &a, .b = &b };

  if (!open_fixture (&fixture, "variation"))
    return;
  image.source = add_picture (&fixture);
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &a));
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &b));
  for (int i = 0; i <= 2; i++)
    {
      blend.amount = 0.5 * i;
      g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &blend));
    }
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  hashes = dup_hashes (&fixture);
  g_assert_cmpstr (hashes->pdata[0], !=, hashes->pdata[1]);
  g_assert_cmpstr (hashes->pdata[2], ==, hashes->pdata[0]);
  g_assert_cmpstr (hashes->pdata[4], ==, hashes->pdata[1]);
  g_assert_cmpstr (hashes->pdata[3], !=, hashes->pdata[0]);
  g_assert_cmpstr (hashes->pdata[3], !=, hashes->pdata[1]);
  close_fixture (&fixture);
}

/* Bands of one noise are that noise; with no low band the high noise is left, but for the rounding of the transforms, which
 * ends in at most a level; in between it is neither. The same recipe gives the same bytes. */
static void
test_bands (void)
{
  Fixture               fixture;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  g_autoptr (GPtrArray) hashes = NULL;
  UnclipEmbedding       image = { .kind = UNCLIP_EMBEDDING_IMAGE };
  const UnclipNoiseNode a = { .seed = 1 }, b = { .seed = 2, .picture = 3 };
  const UnclipNoiseNode same = { .kind = UNCLIP_NOISE_BANDS, .low = &a, .high = &a, .cutoff = 0.4, .softness = 0.3 };
  const UnclipNoiseNode none = { .kind = UNCLIP_NOISE_BANDS, .low = &b, .high = &a };
  const UnclipNoiseNode bands = { .kind = UNCLIP_NOISE_BANDS, .low = &a, .high = &b, .cutoff = 0.4, .softness = 0.3 };
  const guint8         *left, *right;

  if (!open_fixture (&fixture, "variation"))
    return;
  image.source = add_picture (&fixture);
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &a));
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &same));
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &none));
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &b));
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &bands));
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &bands));
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  hashes = dup_hashes (&fixture);
  g_assert_cmpstr (hashes->pdata[1], ==, hashes->pdata[0]);
  g_assert_cmpstr (hashes->pdata[4], !=, hashes->pdata[0]);
  g_assert_cmpstr (hashes->pdata[4], !=, hashes->pdata[3]);
  g_assert_cmpstr (hashes->pdata[5], ==, hashes->pdata[4]);

  left = unclip_image_get_pixels (fixture.pictures->pdata[0]);
  right = unclip_image_get_pixels (fixture.pictures->pdata[2]);
  for (gsize i = 0; i < unclip_image_get_n_bytes (fixture.pictures->pdata[0]); i++)
    g_assert_cmpint (ABS (left[i] - right[i]), <=, 1);
  close_fixture (&fixture);
}

/* Gains of 1 change nothing, not even a bit; others do, also one after the other, when the program is another one. */
static void
test_freeu (void)
{
  static const UnclipRecipeFreeu gains[] = { { 1, 1, 1, 1 }, { 1.3, 1.4, 0.9, 0.2 }, { 1.3, 1.4, 0.9, 0.8 }, { 1.3, 1.4, 0.9, 0.2 } };
  Fixture               fixture;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  g_autoptr (GPtrArray) hashes = NULL;
  UnclipEmbedding       image = { .kind = UNCLIP_EMBEDDING_IMAGE };
  const UnclipNoiseNode noise = { .seed = 1 };
  UnclipRecipeParams    params;

  if (!open_fixture (&fixture, "variation"))
    return;
  image.source = add_picture (&fixture);
  g_ptr_array_add (recipes, make_recipe_from (&fixture, &image, &noise));
  unclip_recipe_get_params (recipes->pdata[0], &params);
  params.sampler.has_freeu = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (gains); i++)
    {
      params.sampler.freeu = gains[i];
      g_ptr_array_add (recipes, unclip_recipe_new (&params, &error));
      g_assert_no_error (error);
    }
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  hashes = dup_hashes (&fixture);
  g_assert_cmpstr (hashes->pdata[1], ==, hashes->pdata[0]);
  g_assert_cmpstr (hashes->pdata[2], !=, hashes->pdata[0]);
  g_assert_cmpstr (hashes->pdata[3], !=, hashes->pdata[2]);
  g_assert_cmpstr (hashes->pdata[4], ==, hashes->pdata[2]);
  close_fixture (&fixture);
}

/* The tiny model in another folder, with axes beside it: as many as its embeddings have values, all alike. */
static char *
make_model_with_axes (void)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autofree char  *from = g_test_build_filename (G_TEST_DIST, "golden", "pipelines", "variation", "model", NULL);
  g_autofree char  *real = g_canonicalize_filename (from, NULL);
  char             *folder = g_dir_make_tmp ("fugue-model-XXXXXX", NULL);
  g_autofree char  *path = g_build_filename (folder, UNCLIP_AXES_FILE, NULL);
  g_autoptr (GDir)  dir = g_dir_open (from, 0, NULL);
  const gint64      dims[] = { N_EMBED, N_EMBED };
  float             axes[N_EMBED][N_EMBED] = { 0 }, deviations[N_EMBED];
  const char       *name;

  for (guint i = 0; i < N_EMBED; i++)
    {
      axes[i][i] = 1;
      deviations[i] = 0.5;
    }
  unclip_safetensors_writer_add (writer, "axes", UNCLIP_DTYPE_F32, 2, dims, axes);
  unclip_safetensors_writer_add (writer, "deviations", UNCLIP_DTYPE_F32, 1, dims, deviations);
  g_assert_true (unclip_safetensors_writer_save (writer, path, NULL));
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *target = g_build_filename (real, name, NULL), *link = g_build_filename (folder, name, NULL);

      g_assert_cmpint (symlink (target, link), ==, 0);
    }
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Looseness 0 is the source itself, more is another picture by its own key. A model without axes says so. */
static void
test_loosen (void)
{
  Fixture               fixture;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  g_autoptr (GPtrArray) hashes = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char      *folder = NULL;
  const char           *weights;
  UnclipEmbedding       image = { .kind = UNCLIP_EMBEDDING_IMAGE };
  UnclipEmbedding       loosen = { .kind = UNCLIP_EMBEDDING_LOOSEN, .base = &image, .seed = 5 };

  if (test_device_get () == NULL)
    return;
  folder = make_model_with_axes ();
  g_assert_true (open_folder (&fixture, folder));
  image.source = add_picture (&fixture);
  add_edit (&fixture, recipes, &image);
  add_edit (&fixture, recipes, &loosen);
  loosen.amount = 0.5;
  add_edit (&fixture, recipes, &loosen);
  loosen.picture = 1;
  add_edit (&fixture, recipes, &loosen);
  run (&fixture, recipes, 8, &error);
  g_assert_no_error (error);
  hashes = dup_hashes (&fixture);
  assert_counts (&fixture, 1, 1, 0);
  g_assert_cmpstr (hashes->pdata[0], ==, hashes->pdata[1]);
  g_assert_cmpstr (hashes->pdata[0], !=, hashes->pdata[2]);
  g_assert_cmpstr (hashes->pdata[2], !=, hashes->pdata[3]);

  /* The axes are part of the model's hash; recipes from before they were name the weights alone, and still run. */
  weights = unclip_model_folder_get_weights_sha256 (unclip_model_get_folder (unclip_stages_get_model (fixture.model.stages)), &error);
  g_assert_cmpstr (weights, !=, fixture.model.sha256);
  fixture.model.sha256 = weights;
  g_ptr_array_set_size (recipes, 0);
  add_edit (&fixture, recipes, &loosen);
  g_assert_true (run (&fixture, recipes, 8, &error));
  again = dup_hashes (&fixture);
  g_assert_cmpstr (hashes->pdata[3], ==, again->pdata[0]);
  close_fixture (&fixture);
  remove_folder (folder);

  g_assert_true (open_fixture (&fixture, "variation"));
  add_picture (&fixture);
  g_assert_false (run (&fixture, recipes, 8, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, UNCLIP_AXES_FILE));
  close_fixture (&fixture);
}

/* Captions that say the same have no direction between them. */
static void
test_edit_errors (void)
{
  Fixture               fixture;
  g_autoptr (GError)    same = NULL;
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  UnclipEmbedding       image = { .kind = UNCLIP_EMBEDDING_IMAGE };
  UnclipEmbedding       diff = { .kind = UNCLIP_EMBEDDING_DIFF, .base = &image, .from = "a boat", .to = "a boat", .amount = 0.1 };

  if (!open_fixture (&fixture, "variation"))
    return;
  image.source = add_picture (&fixture);
  add_edit (&fixture, recipes, &diff);
  g_assert_false (run (&fixture, recipes, 8, &same));
  g_assert_error (same, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
  g_assert_nonnull (strstr (same->message, "“a boat” to “a boat”"));
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

  fixture.model.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
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
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluator/order", test_order);
  g_test_add_func ("/evaluator/parked", test_parked);
  g_test_add_func ("/evaluator/caption", test_caption);
  g_test_add_func ("/evaluator/diff", test_diff);
  g_test_add_func ("/evaluator/mix", test_mix);
  g_test_add_func ("/evaluator/blend", test_blend);
  g_test_add_func ("/evaluator/bands", test_bands);
  g_test_add_func ("/evaluator/freeu", test_freeu);
  g_test_add_func ("/evaluator/loosen", test_loosen);
  g_test_add_func ("/evaluator/edit-errors", test_edit_errors);
  g_test_add_func ("/evaluator/cancel", test_cancel);
  g_test_add_func ("/evaluator/errors", test_errors);
  return test_stages_run ();
}
