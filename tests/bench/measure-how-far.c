/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measures the curve of unclip-how-far.c: measure-how-far [--model DIR] PICTURE…
 *
 * Each picture is varied from its inverted noise, as `unclip vary --lock` does: first with rising eta and no looseness, then
 * with eta 1 and rising looseness. A result's distance is the angle between its CLIP embedding and the source's. Prints each setting's mean
 * distance over the pictures and its standard error, then the table: the settings at every 5 %, the lower 35 % evenly
 * spaced in distance from eta 0 to eta 1, the rest evenly from looseness 0 to the largest measured. */

#include "config.h"

#include "unclip-evaluator.h"
#include "unclip-image-file.h"
#include "unclip-slerp.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#define TURN 35                 /* percent, where eta has reached 1 */
#define BATCH 8

/* Of locked edits on the command line. */
#define STEPS 50
#define FIRST_TIMESTEP 20

static const double etas[] = { 0, 0.15, 0.3, 0.45, 0.6, 0.8, 1 };
static const double loosenesses[] = { 0, 0.2, 0.4, 0.6, 0.8, 1 };

typedef struct
{
  UnclipStages    *stages;
  UnclipEvaluator *evaluator;
  int              n_embed;
  gboolean         free_noise;
  GPtrArray       *hashes;      /* of the sources */
  float           *embeddings;  /* of the sources, one behind the other */
  double          *angles;      /* of the run now, one a source */
} Measure;

static UnclipRecipe *
make_recipe (Measure *measure, guint source, double eta, double looseness)
{
  g_autoptr (GError)         error = NULL;
  UnclipModel               *model = unclip_stages_get_model (measure->stages);
  const UnclipModelDefaults *defaults = unclip_model_get_defaults (model);
  const UnclipEmbedding      image = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = g_ptr_array_index (measure->hashes, source) };
  const UnclipRecipeParams   params = {
    .embedding = { .kind = UNCLIP_EMBEDDING_LOOSEN, .base = &image, .amount = looseness, .seed = 1, .picture = source },
    .noise = { .kind = measure->free_noise ? UNCLIP_NOISE_SEED : UNCLIP_NOISE_INVERT, .seed = 1, .picture = source,
               .source = image.source, .method = UNCLIP_INVERSION_DDIM, .n_steps = STEPS, .guidance = 1,
               .first_timestep = FIRST_TIMESTEP },
    .has_step_noise = TRUE,
    .step_noise = { 1, source },
    .sampler = { .kind = UNCLIP_RECIPE_DDIM, .n_steps = STEPS, .guidance = defaults->decoder_guidance, .eta = eta,
                 .n_upsampler_steps = defaults->upsampler_steps, .first_timestep = measure->free_noise ? 0 : FIRST_TIMESTEP },
    .model_name = "measured",
    .model_sha256 = unclip_model_folder_get_sha256 (unclip_model_get_folder (model), NULL),
  };
  UnclipRecipe *recipe = unclip_recipe_new (&params, &error);

  g_assert_no_error (error);
  return recipe;
}

static gboolean
on_finished (guint index, UnclipImage *image, gpointer user_data, GError **error)
{
  Measure          *measure = user_data;
  g_autofree float *embedding = g_new (float, measure->n_embed);

  if (!unclip_stages_encode_image (measure->stages, image, embedding, NULL, error))
    return FALSE;
  measure->angles[index] = 180 / G_PI * unclip_vector_angle (embedding, measure->embeddings + index * (guint) measure->n_embed,
                                                             (gsize) measure->n_embed);
  return TRUE;
}

/* Mean angle over the sources. */
static double
run (Measure *measure, double eta, double looseness)
{
  g_autoptr (GError)         error = NULL;
  g_autoptr (GPtrArray)      recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  const UnclipEvaluatorWatch watch = { .finished = on_finished, .user_data = measure };
  double                     sum = 0, squares = 0, n = measure->hashes->len;

  for (guint i = 0; i < measure->hashes->len; i++)
    g_ptr_array_add (recipes, make_recipe (measure, i, eta, looseness));
  if (!unclip_evaluator_run (measure->evaluator, (UnclipRecipe *const *) recipes->pdata, recipes->len, BATCH, &watch, &error))
    g_error ("%s", error->message);
  for (guint i = 0; i < measure->hashes->len; i++)
    {
      sum += measure->angles[i] / n;
      squares += measure->angles[i] * measure->angles[i] / n;
    }
  g_print ("  %4.2f  %9.2f  %8.2f ± %.2f\n", eta, looseness, sum, sqrt (MAX (squares - sum * sum, 0) / MAX (n - 1, 1)));
  return sum;
}

/* Where the rising list of angles, made rising if it wavers, reaches @angle. */
static double
find (const double *values, const double *angles, guint n, double angle)
{
  for (guint i = 1; i < n; i++)
    if (angles[i] >= angle || i == n - 1)
      {
        double step = angles[i] - angles[i - 1];

        return values[i - 1] + (values[i] - values[i - 1]) * (step > 0 ? CLAMP ((angle - angles[i - 1]) / step, 0, 1) : 0);
      }
  g_assert_not_reached ();
}

static void
make_rising (double *angles, guint n)
{
  for (guint i = 1; i < n; i++)
    angles[i] = MAX (angles[i], angles[i - 1]);
}

static void
print_table (const double *by_eta, const double *by_looseness)
{
  guint n_etas = G_N_ELEMENTS (etas), n_loosenesses = G_N_ELEMENTS (loosenesses);

  g_print ("\n  percent  eta   looseness\n");
  for (guint percent = 0; percent <= 100; percent += 5)
    {
      double below = MIN (percent, TURN) / (double) TURN, above = (MAX (percent, TURN) - TURN) / (100.0 - TURN);
      double eta = find (etas, by_eta, n_etas, by_eta[0] + below * (by_eta[n_etas - 1] - by_eta[0]));
      double looseness = find (loosenesses, by_looseness, n_loosenesses,
                               by_looseness[0] + above * (by_looseness[n_loosenesses - 1] - by_looseness[0]));

      g_print ("  %7u  %.3f  %.3f\n", percent, percent >= TURN ? 1 : eta, percent <= TURN ? 0 : looseness);
    }
}

static void
add_source (Measure *measure, const char *path)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = unclip_image_load (path, &error);
  gsize                   n = measure->hashes->len;

  measure->embeddings = g_renew (float, measure->embeddings, (n + 1) * (gsize) measure->n_embed);
  if (image == NULL || !unclip_stages_encode_image (measure->stages, image, measure->embeddings + n * (gsize) measure->n_embed, NULL, &error))
    g_error ("%s", error->message);
  g_ptr_array_add (measure->hashes, (gpointer) unclip_evaluator_add_source (measure->evaluator, image));
}

static UnclipStages *
open_stages (const char *name)
{
  g_autoptr (GError)            error = NULL;
  g_autofree char              *path = unclip_model_folder_find (name, &error);
  g_autoptr (UnclipModelFolder) folder = path != NULL ? unclip_model_folder_open (path, &error) : NULL;
  g_autoptr (UnclipModel)       model = folder != NULL ? unclip_model_open (folder, &error) : NULL;
  g_autoptr (UnclipExecutor)    executor = model != NULL ? unclip_executor_open_vulkan (NULL, UNCLIP_PRECISION_AUTO, &error) : NULL;

  if (executor == NULL)
    g_error ("%s", error->message);
  return unclip_stages_new (model, executor);
}

int
main (int argc, char **argv)
{
  g_autofree char           *model = NULL;
  Measure                    measure = { NULL };
  const GOptionEntry         entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &model, "Model folder (default: Mini)", "DIR" },
    { "free", 0, 0, G_OPTION_ARG_NONE, &measure.free_noise, "Start from noise of a seed instead", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("PICTURE…");
  g_autoptr (GError)         error = NULL;
  double                     by_eta[G_N_ELEMENTS (etas)], by_looseness[G_N_ELEMENTS (loosenesses)];

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc < 2)
    g_error ("%s", error != NULL ? error->message : "name some pictures");
  measure.stages = open_stages (model);
  measure.evaluator = unclip_evaluator_new (measure.stages);
  measure.n_embed = unclip_model_get_n_embed (unclip_stages_get_model (measure.stages), NULL);
  measure.hashes = g_ptr_array_new ();
  for (int i = 1; i < argc; i++)
    add_source (&measure, argv[i]);
  measure.angles = g_new (double, measure.hashes->len);

  g_print ("%u pictures\n   eta  looseness   degrees\n", measure.hashes->len);
  for (guint i = 0; i < G_N_ELEMENTS (etas); i++)
    by_eta[i] = run (&measure, etas[i], 0);
  by_looseness[0] = by_eta[G_N_ELEMENTS (etas) - 1];
  for (guint i = 1; i < G_N_ELEMENTS (loosenesses); i++)
    by_looseness[i] = run (&measure, 1, loosenesses[i]);
  make_rising (by_eta, G_N_ELEMENTS (etas));
  make_rising (by_looseness, G_N_ELEMENTS (loosenesses));
  print_table (by_eta, by_looseness);
  unclip_evaluator_free (measure.evaluator);
  unclip_stages_free (measure.stages);
  g_ptr_array_unref (measure.hashes);
  g_free (measure.embeddings);
  g_free (measure.angles);
  return 0;
}
