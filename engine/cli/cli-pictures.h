/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the picture-making verbs share: options of the sampler and of the prior, running recipes, files, previews, the
 * contact sheet and the film. */

#pragma once

#include "cli.h"
#include "unclip-evaluator.h"

G_BEGIN_DECLS

/**
 * CliPictureOptions:
 *
 * As given on the command line; %CLI_NOT_GIVEN and %NULL stand for what was not. What stands below @batch no option of
 * cli_picture_options_list() sets, but a verb may.
 *
 * @default_sampler: for when @sampler was not given and nothing else decides
 * @finished: (nullable): called for each picture, saved at @path and measured if its noise is an inverted source; FALSE fails
 *   the run
 * @add_figures: (nullable): adds members to the last event
 * @keeps_going: a recipe that fails is told of, and the others are made; @n_failed have failed before
 * @lock_on: of a mix with @lock: 1 … for the picture whose noise it is, 0 for all
 * @film: also save the pictures as an animated PNG, there and back
 * @n_columns: of the sheet, which then has no sources on it; 0 leaves it to the sheet
 */
typedef struct
{
  int       n;
  gint64    seed;
  int       steps;
  int       upsampler_steps;
  double    guidance;
  double    eta;
  double    layout_detail;      /* −100 … 100, 0 for all of the noise */
  char     *sampler;
  char     *caption;
  char     *folder;
  char     *previews;
  int       preview_every;
  gboolean  sheet;
  int       batch;
  gboolean  lock;
  char     *freeu;              /* "B1,B2,S1,S2" */
  char     *quality;            /* a preset's name, once checked */
  gboolean  recipes;            /* print the recipes, make nothing */

  const char *default_sampler;
  int         lock_on;
  gboolean    keeps_going;
  guint       n_failed;
  gboolean    film;
  guint       n_columns;
  gboolean  (*finished)    (UnclipRecipe *recipe, UnclipImage *image, const char *path, const UnclipMeter *meter, gpointer user_data,
                            GError **error);
  void      (*add_figures) (JsonBuilder *done, gpointer user_data);
  gpointer    user_data;
} CliPictureOptions;

/**
 * CliJob:
 * @recipe: (transfer full)
 * @stem: (transfer full): of the file, see unclip_file_dup_stem()
 * @title: (transfer full): for the sheet and the file's Title
 * @number: tried first in the file's name
 * @label: (transfer full): under the picture on the sheet
 */
typedef struct
{
  UnclipRecipe *recipe;
  char         *stem;
  char         *title;
  guint         number;
  char         *label;
} CliJob;

/**
 * CliPriorOptions:
 * @steps: @guidance: %CLI_NOT_GIVEN for the model's
 * @best_of: candidates
 */
typedef struct
{
  int    steps;
  double guidance;
  int    best_of;
} CliPriorOptions;

void          cli_picture_options_init  (CliPictureOptions  *options);
void          cli_picture_options_clear (CliPictureOptions  *options);

/**
 * cli_picture_options_list:
 *
 * Returns: (transfer full): entries that write into @options; free with g_free()
 */
GOptionEntry *cli_picture_options_list  (CliPictureOptions  *options);

/**
 * cli_picture_options_check:
 *
 * Ranges that need no model; picks a random seed if none was given, and makes the output folders.
 *
 * Returns: %FALSE when the verb shall return *@status
 */
gboolean      cli_picture_options_check (Cli                *cli,
                                         CliPictureOptions  *options,
                                         int                *status);

/**
 * cli_new_recipe:
 * @embedding: copied
 * @picture: number within the run
 *
 * A recipe for the loaded model with the options, and the model's defaults where none was given.
 */
UnclipRecipe *cli_new_recipe            (UnclipStages            *stages,
                                         const CliPictureOptions *options,
                                         const UnclipEmbedding   *embedding,
                                         guint                    picture,
                                         GError                 **error);

/**
 * cli_prior_options_list:
 * @options: set to the defaults
 * @own: (nullable): entries of the verb, which come first
 *
 * Returns: (transfer full): entries that write into @options; free with g_free()
 */
GOptionEntry *cli_prior_options_list    (CliPriorOptions    *options,
                                         const GOptionEntry *own);

/**
 * cli_prior_options_check:
 *
 * Ranges, which need no model.
 *
 * Returns: %FALSE when the verb shall return %CLI_USAGE
 */
gboolean      cli_prior_options_check   (Cli                   *cli,
                                         const CliPriorOptions *options);

/**
 * cli_get_caption_embedding:
 * @text: (transfer none): must outlive the result
 * @seed: of the prior
 *
 * A caption as an expression, and a warning if the model does not read it to its end.
 *
 * Returns: %FALSE with @error set if there is no tokenizer
 */
gboolean      cli_get_caption_embedding (Cli                     *cli,
                                         UnclipStages            *stages,
                                         const CliPriorOptions   *options,
                                         const char              *text,
                                         guint64                  seed,
                                         UnclipEmbedding         *embedding,
                                         GError                 **error);

/**
 * cli_warn_of_long_caption:
 *
 * Says so if the model does not read @text to its end.
 *
 * Returns: %FALSE with @error set if there is no tokenizer
 */
gboolean      cli_warn_of_long_caption  (Cli                     *cli,
                                         UnclipStages            *stages,
                                         const char              *text,
                                         GError                 **error);

/**
 * cli_load_source:
 * @sources: (element-type UnclipImage): the picture is added
 *
 * Returns: (transfer none) (nullable): the hash of the picture, for recipes
 */
const char   *cli_load_source           (UnclipEvaluator    *evaluator,
                                         const char         *path,
                                         GPtrArray          *sources,
                                         GError            **error);

GPtrArray    *cli_jobs_new              (void);

/**
 * cli_jobs_add:
 * @stem: @title: (transfer full)
 *
 * Numbers and labels the picture by its place among those of its seed.
 */
void          cli_jobs_add              (GPtrArray          *jobs,
                                         UnclipRecipe       *recipe,
                                         char               *stem,
                                         char               *title);

/**
 * cli_jobs_add_labelled:
 * @stem: @title: @label: (transfer full)
 *
 * For pictures that share their noise: those of one stem, which are added one behind the other, are numbered from 1.
 */
void          cli_jobs_add_labelled     (GPtrArray          *jobs,
                                         UnclipRecipe       *recipe,
                                         char               *stem,
                                         char               *title,
                                         char               *label);

/**
 * cli_add_meter: members psnr_db, max_difference and clip_degrees
 */
void          cli_add_meter             (JsonBuilder        *event,
                                         const UnclipMeter  *meter);

/**
 * cli_run_jobs:
 * @jobs: (element-type CliJob)
 * @sources: (nullable) (element-type UnclipImage): stand first on the sheet
 *
 * Makes and saves the pictures, tells events, draws the sheet and the film.
 *
 * Returns: the exit code
 */
int           cli_run_jobs              (Cli                     *cli,
                                         UnclipEvaluator         *evaluator,
                                         UnclipStages            *stages,
                                         const CliPictureOptions *options,
                                         GPtrArray               *jobs,
                                         GPtrArray               *sources);

G_END_DECLS
