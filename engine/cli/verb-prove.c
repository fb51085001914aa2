/* SPDX-License-Identifier: GPL-3.0-or-later */

/* unclip prove: runs the recipe inside a picture again and compares the pixels.
 *
 * The same recipe on the same device and build gives the same bytes. Elsewhere sums are rounded in another order, and the
 * pictures are alike but not the same; how far apart they are is told, with what differs between then and now.
 */

#include "config.h"

#include "cli-sources.h"
#include "unclip-image-file.h"
#include "unclip-result-note.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Differences of a root mean square of 2.55 levels, which nobody sees. */
#define DEFAULT_TOLERANCE_DB 40

typedef enum
{
  VERDICT_IDENTICAL,
  VERDICT_WITHIN,
  VERDICT_DIFFERENT,
  VERDICT_UNPROVEN,     /* the recipe could not be run again */
} Verdict;

static const char *const verdict_names[] = { "identical", "within-tolerance", "different", "unproven" };

typedef struct
{
  char    **sources;
  double    tolerance;          /* dB */
  gboolean  exact;
} ProveOptions;

typedef struct
{
  Cli                *cli;
  UnclipStages       *stages;
  UnclipEvaluator    *evaluator;
  const ProveOptions *options;
  UnclipImage        *made;             /* by the run that is on */
  guint               first, n;         /* of all pictures, for the progress */
  guint               counts[G_N_ELEMENTS (verdict_names)];
} Prove;

typedef struct
{
  Verdict    verdict;
  GPtrArray *reasons;           /* sentences: why it may differ, or could not be run */
  gboolean   is_compared;
  guint      max_difference;    /* 8-bit levels */
  double     psnr_db;           /* infinity for equal pixels */
} Proof;

static void
add_reason (Proof *proof, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_reason (Proof *proof, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (proof->reasons, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
compare_word (Proof *proof, const char *what, const char *then, const char *now)
{
  if (then == NULL)
    add_reason (proof, "%s: the picture does not say which; now “%s”", what, now);
  else if (!g_str_equal (then, now))
    add_reason (proof, "%s: “%s” then, “%s” now", what, then, now);
}

/* Recipes once named a model by its weights alone. */
static gboolean
names_no_axes (UnclipModelFolder *folder, UnclipRecipe *recipe)
{
  const char *named = unclip_recipe_get_model_sha256 (recipe);

  return g_strcmp0 (named, unclip_model_folder_get_weights_sha256 (folder, NULL)) == 0
         && g_strcmp0 (named, unclip_model_folder_get_sha256 (folder, NULL)) != 0;
}

/* What is not as it was when the picture was made. */
static void
list_reasons (Prove *prove, const UnclipResultNote *note, UnclipImage *image, Proof *proof)
{
  UnclipExecutor  *executor = unclip_stages_get_executor (prove->stages);
  g_autofree char *device = unclip_executor_dup_device_name (executor);
  g_autofree char *sha256 = unclip_image_dup_sha256 (image);

  if (note->sha256 != NULL && !g_str_equal (note->sha256, sha256))
    add_reason (proof, "the picture's pixels were changed after it was made");
  if (names_no_axes (unclip_model_get_folder (unclip_stages_get_model (prove->stages)), note->recipe))
    add_reason (proof, "axes that embeddings are loosened along: the picture does not say which");
  compare_word (proof, "device", note->device, device);
  compare_word (proof, "precision", note->precision, unclip_executor_get_precision (executor) == UNCLIP_PRECISION_F16 ? "f16" : "f32");
  compare_word (proof, "version of Fugue", note->version, FUGUE_VERSION);
}

/* PSNR over all values: 10 log10 (255² / mean squared difference). */
static void
compare_pixels (UnclipImage *a, UnclipImage *b, Proof *proof)
{
  gsize         n = (gsize) unclip_image_get_width (a) * unclip_image_get_height (a) * 3;
  const guint8 *left = unclip_image_get_pixels (a), *right = unclip_image_get_pixels (b);
  guint64       sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      int difference = left[i] - right[i];

      sum += (guint64) (difference * difference);
      proof->max_difference = MAX (proof->max_difference, (guint) abs (difference));
    }
  proof->is_compared = TRUE;
  proof->psnr_db = sum > 0 ? 10 * log10 (255.0 * 255.0 * (double) n / (double) sum) : INFINITY;
}

static void
judge (Prove *prove, UnclipImage *image, Proof *proof)
{
  if (unclip_image_get_width (image) != unclip_image_get_width (prove->made)
      || unclip_image_get_height (image) != unclip_image_get_height (prove->made))
    {
      proof->verdict = VERDICT_DIFFERENT;
      add_reason (proof, "the picture has %u × %u pixels, its recipe gives %u × %u", unclip_image_get_width (image),
                  unclip_image_get_height (image), unclip_image_get_width (prove->made), unclip_image_get_height (prove->made));
      return;
    }
  compare_pixels (image, prove->made, proof);
  if (proof->max_difference == 0)
    proof->verdict = VERDICT_IDENTICAL;
  else
    proof->verdict = proof->psnr_db >= prove->options->tolerance ? VERDICT_WITHIN : VERDICT_DIFFERENT;
}

static gboolean
on_finished (guint index, UnclipImage *image, gpointer user_data, GError **error)
{
  ((Prove *) user_data)->made = unclip_image_ref (image);
  return TRUE;
}

static void
on_progress (guint first, guint n, const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  Prove *prove = user_data;

  cli_progress (prove->cli, stage, n_done, n_steps, prove->first / (double) prove->n);
}

static gboolean
run_again (Prove *prove, UnclipRecipe *recipe, GError **error)
{
  const UnclipEvaluatorWatch watch = {
    .progress = on_progress,
    .finished = on_finished,
    .user_data = prove,
    .cancellable = prove->cli->cancellable,
  };

  g_clear_pointer (&prove->made, unclip_image_unref);
  return cli_find_sources (prove->cli, prove->evaluator, prove->options->sources, &recipe, 1, error)
         && unclip_evaluator_run (prove->evaluator, &recipe, 1, 1, &watch, error);
}

static void
report (Prove *prove, const char *path, const UnclipResultNote *note, const Proof *proof)
{
  JsonBuilder *event = cli_begin_event ("proof");

  cli_clear_progress (prove->cli);
  cli_add_string (event, "path", path);
  cli_add_string (event, "verdict", verdict_names[proof->verdict]);
  if (note != NULL)
    cli_add_string (event, "recipe_hash", unclip_recipe_get_hash (note->recipe));
  if (proof->is_compared)
    cli_add_int (event, "max_difference", proof->max_difference);
  if (proof->is_compared && proof->max_difference > 0)
    cli_add_double (event, "psnr_db", proof->psnr_db);
  json_builder_set_member_name (event, "reasons");
  json_builder_begin_array (event);
  for (guint i = 0; i < proof->reasons->len; i++)
    json_builder_add_string_value (event, g_ptr_array_index (proof->reasons, i));
  json_builder_end_array (event);
  cli_end_event (prove->cli, event);
  if (prove->cli->json)
    return;

  printf ("%s: %s", path, verdict_names[proof->verdict]);
  if (proof->is_compared && proof->max_difference > 0)
    printf (", largest difference %u of 255, PSNR %.1f dB", proof->max_difference, proof->psnr_db);
  printf ("\n");
  for (guint i = 0; i < proof->reasons->len; i++)
    printf ("  %s\n", (const char *) g_ptr_array_index (proof->reasons, i));
  fflush (stdout);
}

/* FALSE only when stopped: a picture that cannot be proven is a verdict. */
static gboolean
prove_picture (Prove *prove, const char *path, GError **error)
{
  g_autoptr (GError)           reason = NULL;
  g_autoptr (GPtrArray)        reasons = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (UnclipResultNote) note = unclip_result_note_load (path, &reason);
  g_autoptr (UnclipImage)      image = note != NULL ? unclip_image_load (path, &reason) : NULL;
  Proof                        proof = { .verdict = VERDICT_UNPROVEN, .reasons = reasons };

  if (image != NULL && run_again (prove, note->recipe, &reason))
    judge (prove, image, &proof);
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (reason != NULL)
    add_reason (&proof, "%s", reason->message);
  else if (proof.verdict != VERDICT_IDENTICAL)
    list_reasons (prove, note, image, &proof);
  prove->counts[proof.verdict]++;
  report (prove, path, note, &proof);
  return TRUE;
}

static int
run (Cli *cli, const ProveOptions *options, guint n_paths, char **paths)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (UnclipStages)    stages = cli_open_stages (cli, &error);
  g_autoptr (UnclipEvaluator) evaluator = stages != NULL ? unclip_evaluator_new (stages) : NULL;
  Prove                       prove = { .cli = cli, .stages = stages, .evaluator = evaluator, .options = options, .n = n_paths };
  gboolean                    ok = TRUE;
  JsonBuilder                *done;

  if (stages == NULL)
    return cli_fail (cli, error);
  for (; ok && prove.first < n_paths; prove.first++)
    ok = prove_picture (&prove, paths[prove.first], &error);
  g_clear_pointer (&prove.made, unclip_image_unref);
  if (!ok)
    return cli_fail (cli, error);

  done = cli_begin_event ("done");
  for (guint i = 0; i < G_N_ELEMENTS (verdict_names); i++)
    cli_add_int (done, verdict_names[i], prove.counts[i]);
  cli_done (cli, done, unclip_stages_get_executor (stages));
  return prove.counts[VERDICT_IDENTICAL] + (options->exact ? 0 : prove.counts[VERDICT_WITHIN]) == n_paths ? CLI_OK : CLI_FAILED;
}

int
verb_prove (Cli *cli, int argc, char **argv)
{
  ProveOptions       options = { .tolerance = DEFAULT_TOLERANCE_DB };
  int                status;
  const GOptionEntry entries[] = {
    { "source", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.sources, "A source picture or a folder of them; may be repeated", "PATH" },
    { "tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &options.tolerance, "PSNR from which pictures count as the same but for rounding (default 40)",
      "DB" },
    { "exact", 0, 0, G_OPTION_ARG_NONE, &options.exact, "Fail on anything but identical pixels", NULL },
    { NULL },
  };

  if (cli_parse (cli, "prove", "PNG…", entries, NULL, 1, -1, &argc, &argv, &status))
    {
      if (options.tolerance > 0)
        status = run (cli, &options, (guint) argc - 1, argv + 1);
      else
        status = cli_usage_error (cli, "--tolerance is %g dB, but must be above 0", options.tolerance);
    }
  g_strfreev (options.sources);
  return status;
}
