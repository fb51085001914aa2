/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the picture-making verbs share: options of the sampler, running recipes, files, previews and the contact sheet. */

#pragma once

#include "cli.h"
#include "unclip-evaluator.h"

G_BEGIN_DECLS

/**
 * CliPictureOptions:
 *
 * As given on the command line; negative numbers and %NULL mean "not given".
 */
typedef struct
{
  int       n;
  gint64    seed;
  int       steps;
  int       upsampler_steps;
  double    guidance;
  double    eta;
  char     *sampler;
  char     *caption;
  char     *folder;
  char     *previews;
  int       preview_every;
  gboolean  sheet;
  int       batch;
} CliPictureOptions;

/**
 * CliJob:
 * @recipe: (transfer full)
 * @stem: (transfer full): of the file, see unclip_file_dup_stem()
 * @title: (transfer full): for the sheet and the file's Title
 */
typedef struct
{
  UnclipRecipe *recipe;
  char         *stem;
  char         *title;
} CliJob;

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

GPtrArray    *cli_jobs_new              (void);
void          cli_jobs_add              (GPtrArray          *jobs,
                                         UnclipRecipe       *recipe,
                                         char               *stem,
                                         char               *title);

/**
 * cli_run_jobs:
 * @jobs: (element-type CliJob)
 * @sources: (nullable) (element-type UnclipImage): stand first on the sheet
 *
 * Makes and saves the pictures, tells events, draws the sheet.
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
