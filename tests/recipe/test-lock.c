/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures that start from their source's own noise: they come back, in every method and size, and nothing is done twice.
 * With Mini, which predicts the sample, and with the tiny model, which predicts noise; both learn their variance. */

#include "config.h"

#include "test-stages.h"
#include "unclip-detail.h"
#include "unclip-error.h"
#include "unclip-evaluator.h"
#include "unclip-image-file.h"

#include <math.h>
#include <string.h>

typedef struct
{
  TestStages       model;
  const char      *source;
  const char      *other;       /* another source */
  UnclipEmbedding  image;       /* of the source */
  GPtrArray       *pictures;    /* UnclipImage, in the order of finishing */
  UnclipMeter      meters[8];
  guint            n_meters;
  guint            n_told;      /* steps of inversions */
  guint            cancel_at;   /* such a step; 0 never */
  GCancellable    *cancellable;
} Fixture;

static gboolean
open_fixture (Fixture *fixture, const char *model_path, const char *source, const char *other)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, model_path, NULL);

  memset (fixture, 0, sizeof *fixture);
  if (!test_stages_open (&fixture->model, path))
    return FALSE;
  fixture->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  fixture->cancellable = g_cancellable_new ();
  fixture->source = test_stages_add_source (&fixture->model, source);
  fixture->other = test_stages_add_source (&fixture->model, other);
  fixture->image = (UnclipEmbedding){ .kind = UNCLIP_EMBEDDING_IMAGE, .source = fixture->source };
  return TRUE;
}

static gboolean
open_mini (Fixture *fixture)
{
  return open_fixture (fixture, "../data/models/mini", "../data/samples/apple.png", "../data/samples/star.png");
}

static gboolean
open_tiny (Fixture *fixture)
{
  return open_fixture (fixture, "golden/pipelines/variation/model", "golden/pipelines/variation/guided/picture-0.png",
                       "golden/images/noise-33x20.png");
}

static void
close_fixture (Fixture *fixture)
{
  test_stages_close (&fixture->model);
  g_ptr_array_unref (fixture->pictures);
  g_object_unref (fixture->cancellable);
}

static void
on_progress (guint first, guint n, const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (g_str_equal (stage, "inversion") && ++fixture->n_told == fixture->cancel_at)
    g_cancellable_cancel (fixture->cancellable);
}

static void
on_measured (guint recipe, const UnclipMeter *meter, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->meters[fixture->n_meters++ % G_N_ELEMENTS (fixture->meters)] = *meter;
}

static gboolean
on_finished (guint recipe, UnclipImage *image, gpointer user_data, GError **error)
{
  g_ptr_array_add (((Fixture *) user_data)->pictures, unclip_image_ref (image));
  return TRUE;
}

static gboolean
run_recipes (Fixture *fixture, UnclipRecipe **recipes, guint n, guint max_batch, GError **error)
{
  const UnclipEvaluatorWatch watch = { .progress = on_progress, .measured = on_measured, .finished = on_finished,
                                       .user_data = fixture, .cancellable = fixture->cancellable };

  fixture->n_meters = 0;
  g_ptr_array_set_size (fixture->pictures, 0);
  return unclip_evaluator_run (fixture->model.evaluator, recipes, n, max_batch, &watch, error);
}

static UnclipNoiseNode
invert (const char *source, UnclipInversionMethod method, guint n_steps)
{
  return (UnclipNoiseNode){ .kind = UNCLIP_NOISE_INVERT, .source = source, .method = method, .n_steps = n_steps, .n_rounds = 5,
                            .tolerance = 1e-4, .guidance = 1, .first_timestep = 20 };
}

/* Of the sampler kind, number of steps and first timestep come from the noise, unless they are given. */
static UnclipRecipe *
make_recipe (Fixture *fixture, const UnclipEmbedding *embedding, const UnclipNoiseNode *noise, UnclipRecipeSampler sampler)
{
  g_autoptr (GError) error = NULL;
  UnclipRecipeParams params = {
    .embedding = *embedding,
    .noise = *noise,
    .has_step_noise = TRUE,
    .step_noise = { 41, 0 },
    .sampler = sampler,
    .model_name = "any",
    .model_sha256 = fixture->model.sha256,
  };
  UnclipRecipe *recipe;

  if (params.sampler.n_steps == 0)
    params.sampler.n_steps = noise->n_steps;
  params.sampler.first_timestep = 20;
  if (params.sampler.guidance == 0)
    params.sampler.guidance = 1;
  recipe = unclip_recipe_new (&params, &error);
  g_assert_no_error (error);
  return recipe;
}

/* What --lock promises: 50 dB. The scheme loses nothing but the last addition's rounding, so much more is asked here. */
static void
check_round_trip (Fixture *fixture, guint n_steps)
{
  const UnclipNoiseNode    noise = invert (fixture->source, UNCLIP_INVERSION_EXACT, n_steps);
  g_autoptr (UnclipRecipe) recipe = make_recipe (fixture, &fixture->image, &noise, (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_EXACT });
  g_autoptr (GError)       error = NULL;

  run_recipes (fixture, &recipe, 1, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->n_meters, ==, 1);
  g_assert_cmpfloat (fixture->meters[0].psnr_db, >, 120);
  g_assert_cmpuint (fixture->meters[0].max_difference, ==, 0);
  g_assert_cmpfloat (fixture->meters[0].clip_degrees, ==, 0);
}

static void
test_round_trip (void)
{
  Fixture fixture;

  if (open_mini (&fixture))
    {
      check_round_trip (&fixture, 50);
      close_fixture (&fixture);
    }
  if (!open_tiny (&fixture))
    return;
  check_round_trip (&fixture, 2);
  check_round_trip (&fixture, 13);
  close_fixture (&fixture);
}

/* A slider at 0, away from it, and back: at 0 the source at full size, whatever guidance, and one inversion in all. */
static void
test_slider (void)
{
  static const double amounts[] = { 0, 0.35, 0 };
  Fixture             fixture;
  g_autoptr (GError)  error = NULL;
  UnclipRecipe       *recipes[G_N_ELEMENTS (amounts)];
  UnclipNoiseNode     noise;

  if (!open_mini (&fixture))
    return;
  noise = invert (fixture.source, UNCLIP_INVERSION_EXACT, 6);
  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      const UnclipEmbedding diff = { .kind = UNCLIP_EMBEDDING_DIFF, .base = &fixture.image, .from = "a red apple", .to = "a blue apple",
                                     .amount = amounts[i] };

      recipes[i] = make_recipe (&fixture, &diff, &noise,
                                (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_EXACT, .guidance = 2, .n_upsampler_steps = 2, .keep_detail = TRUE });
      run_recipes (&fixture, &recipes[i], 1, 1, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (fixture.n_meters, ==, 1);
      if (amounts[i] == 0)
        g_assert_cmpuint (fixture.meters[0].max_difference, ==, 0);
      else
        g_assert_cmpuint (fixture.meters[0].max_difference, >, 40);
      g_assert_cmpuint (unclip_image_get_width (g_ptr_array_index (fixture.pictures, 0)), ==, 128);
      unclip_recipe_unref (recipes[i]);
    }
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_inversions, ==, 1);
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_images_encoded, ==, 1);
  /* one picture each, and the source's own once */
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_decoder_runs, ==, 4);
  close_fixture (&fixture);
}

static void
test_methods (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL;

  if (!open_tiny (&fixture))
    return;
  for (UnclipInversionMethod method = UNCLIP_INVERSION_DDIM; method <= UNCLIP_INVERSION_FIXED_POINT; method++)
    for (UnclipRecipeSamplerKind kind = UNCLIP_RECIPE_DDIM; kind <= UNCLIP_RECIPE_DPM_SOLVER; kind++)
      for (guint n_upsampler_steps = 0; n_upsampler_steps <= 2; n_upsampler_steps += 2)
        {
          const UnclipNoiseNode    noise = invert (fixture.source, method, 4);
          g_autoptr (UnclipRecipe) recipe
            = make_recipe (&fixture, &fixture.image, &noise,
                           (UnclipRecipeSampler){ .kind = kind, .n_upsampler_steps = n_upsampler_steps, .keep_detail = TRUE });

          run_recipes (&fixture, &recipe, 1, 1, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (fixture.meters[0].max_difference, ==, 0);
        }
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_inversions, ==, 2);
  close_fixture (&fixture);
}

/* Both ends of a blend of two inverted pictures are those pictures. */
static void
test_blend (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL;
  UnclipNoiseNode    a, b;

  if (!open_tiny (&fixture))
    return;
  a = invert (fixture.source, UNCLIP_INVERSION_EXACT, 5);
  b = invert (fixture.other, UNCLIP_INVERSION_EXACT, 5);
  for (double amount = 0; amount <= 1; amount += 0.5)
    {
      const UnclipNoiseNode    blend = { .kind = UNCLIP_NOISE_BLEND, .a = &a, .b = &b, .amount = amount };
      const UnclipEmbedding    other = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = fixture.other };
      const UnclipNoiseNode   *pure = amount < 1 ? &a : &b;
      UnclipRecipe            *recipes[] = {
        make_recipe (&fixture, amount < 1 ? &fixture.image : &other, &blend, (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_EXACT, .n_steps = 5 }),
        make_recipe (&fixture, amount < 1 ? &fixture.image : &other, pure, (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_EXACT }),
      };
      const guint8 *found, *expected;
      gsize         n;

      run_recipes (&fixture, recipes, 2, 2, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (fixture.meters[0].max_difference, ==, 0);       /* the pure one; a blend is not measured */
      found = unclip_image_get_pixels (g_ptr_array_index (fixture.pictures, 0));
      expected = unclip_image_get_pixels (g_ptr_array_index (fixture.pictures, 1));
      n = unclip_image_get_n_bytes (g_ptr_array_index (fixture.pictures, 0));
      if (amount == 0.5)
        g_assert_cmpint (memcmp (found, expected, n), !=, 0);
      else
        g_assert_cmpmem (found, n, expected, n);
      unclip_recipe_unref (recipes[0]);
      unclip_recipe_unref (recipes[1]);
    }
  g_assert_cmpuint (unclip_evaluator_get_counts (fixture.model.evaluator).n_inversions, ==, 2);
  close_fixture (&fixture);
}

/* Deterministic samplers with their histories give the same bytes alone and together. */
static void
test_batch (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL;

  if (!open_tiny (&fixture))
    return;
  for (UnclipRecipeSamplerKind kind = UNCLIP_RECIPE_DDIM; kind <= UNCLIP_RECIPE_EXACT; kind++)
    {
      UnclipRecipe         *recipes[3];
      g_autoptr (GPtrArray) together = NULL;

      for (guint32 i = 0; i < 3; i++)
        {
          const UnclipNoiseNode inverted = invert (fixture.source, UNCLIP_INVERSION_EXACT, 5);
          const UnclipNoiseNode seeded = { .kind = UNCLIP_NOISE_SEED, .seed = 3, .picture = i };

          recipes[i] = make_recipe (&fixture, &fixture.image, i == 1 ? &inverted : &seeded,
                                    (UnclipRecipeSampler){ .kind = kind, .n_steps = 5, .guidance = 3 });
        }
      run_recipes (&fixture, recipes, 3, 3, &error);
      g_assert_no_error (error);
      together = g_steal_pointer (&fixture.pictures);
      fixture.pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
      run_recipes (&fixture, recipes, 3, 1, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < 3; i++)
        {
          UnclipImage *a = g_ptr_array_index (together, i), *b = g_ptr_array_index (fixture.pictures, i);

          g_assert_cmpmem (unclip_image_get_pixels (a), unclip_image_get_n_bytes (a), unclip_image_get_pixels (b), unclip_image_get_n_bytes (b));
          unclip_recipe_unref (recipes[i]);
        }
    }
  close_fixture (&fixture);
}

/* The paper's variations: the same x_T, and noise of its own for each picture at the steps. */
static void
test_eta (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL;
  UnclipNoiseNode    noise;
  double             differences[2];

  if (!open_mini (&fixture))
    return;
  noise = invert (fixture.source, UNCLIP_INVERSION_DDIM, 8);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (UnclipRecipe) recipe
        = make_recipe (&fixture, &fixture.image, &noise, (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_DDIM, .eta = i });

      run_recipes (&fixture, &recipe, 1, 1, &error);
      g_assert_no_error (error);
      differences[i] = fixture.meters[0].psnr_db;
    }
  g_assert_cmpfloat (differences[0], >, differences[1] + 6);
  close_fixture (&fixture);
}

static void
test_errors (void)
{
  Fixture            fixture;
  g_autoptr (GError) error = NULL;
  UnclipNoiseNode    noise;

  if (!open_tiny (&fixture))
    return;
  noise = invert (fixture.source, UNCLIP_INVERSION_EXACT, 5);
  {
    g_autoptr (UnclipRecipe) recipe = make_recipe (&fixture, &fixture.image, &noise, (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_EXACT, .n_steps = 6 });

    g_assert_false (run_recipes (&fixture, &recipe, 1, 1, &error));
    g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
    g_clear_error (&error);
  }
  noise.source = "00000000000000000000000000000000000000000000000000000000000000ff";
  {
    g_autoptr (UnclipRecipe) recipe = make_recipe (&fixture, &fixture.image, &noise, (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_EXACT });

    g_assert_false (run_recipes (&fixture, &recipe, 1, 1, &error));
    g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE);
    g_clear_error (&error);
  }
  /* cancelled in the middle, and then carried through: nothing half done was kept */
  noise.source = fixture.source;
  fixture.cancel_at = 2;
  {
    g_autoptr (UnclipRecipe) recipe = make_recipe (&fixture, &fixture.image, &noise, (UnclipRecipeSampler){ .kind = UNCLIP_RECIPE_EXACT });

    g_assert_false (run_recipes (&fixture, &recipe, 1, 1, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&error);
    g_assert_null (unclip_evaluator_get_inverted (fixture.model.evaluator, recipe));
    g_cancellable_reset (fixture.cancellable);
    run_recipes (&fixture, &recipe, 1, 1, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (fixture.meters[0].max_difference, ==, 0);
    g_assert_nonnull (unclip_evaluator_get_inverted (fixture.model.evaluator, recipe));
  }
  close_fixture (&fixture);
}

/* All detail where nothing was edited, lightness alone where colour was, none where the lightness is another. */
static void
test_detail (void)
{
  enum { SIDE = 9, N = SIDE * SIDE * 3 };
  float              picture[N], reconstruction[N], edit[N];
  const UnclipDetail detail = { SIDE, SIDE, picture, reconstruction };

  for (int i = 0; i < N; i++)
    {
      reconstruction[i] = 0.1f * (float) (i % 7) - 0.3f;
      picture[i] = reconstruction[i] + (i % 3 == 0 ? 0.2f : -0.1f);
    }
  memcpy (edit, reconstruction, sizeof edit);
  unclip_detail_add (&detail, edit);
  for (int i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (edit[i], picture[i], 1e-6);

  /* red up and green down at the same lightness */
  for (int i = 0; i < N; i++)
    edit[i] = reconstruction[i] + (i % 3 == 0 ? 0.587f : i % 3 == 1 ? -0.299f : 0);
  unclip_detail_add (&detail, edit);
  for (int i = 0; i < N; i++)
    {
      float bare = reconstruction[i] + (i % 3 == 0 ? 0.587f : i % 3 == 1 ? -0.299f : 0);

      /* the detail's lightness: 0.299 · 0.2 − 0.587 · 0.1 − 0.114 · 0.1 */
      g_assert_cmpfloat_with_epsilon (edit[i] - bare, -0.0103, 1e-4);
    }

  for (int i = 0; i < N; i++)
    edit[i] = reconstruction[i] + 1.5f;
  unclip_detail_add (&detail, edit);
  for (int i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (edit[i], reconstruction[i] + 1.5f, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lock/round-trip", test_round_trip);
  g_test_add_func ("/lock/slider", test_slider);
  g_test_add_func ("/lock/methods", test_methods);
  g_test_add_func ("/lock/blend", test_blend);
  g_test_add_func ("/lock/batch", test_batch);
  g_test_add_func ("/lock/eta", test_eta);
  g_test_add_func ("/lock/errors", test_errors);
  g_test_add_func ("/lock/detail", test_detail);
  return test_stages_run ();
}
