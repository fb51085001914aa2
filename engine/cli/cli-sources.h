/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Source pictures: named one by one or by the folder, and found again by the hash of their pixels. */

#pragma once

#include "cli.h"
#include "unclip-evaluator.h"

G_BEGIN_DECLS

/**
 * cli_list_pictures:
 * @paths: (array length=n): files and folders
 *
 * Files as they are; of a folder, not of those below it, the files that look like pictures by their names, sorted.
 *
 * Errors: G_FILE_ERROR for a folder that cannot be read; %UNCLIP_ERROR_IMAGE_FORMAT for one without pictures.
 *
 * Returns: (transfer full) (element-type filename)
 */
GPtrArray *cli_list_pictures (char            **paths,
                              guint             n,
                              GError          **error);

/**
 * cli_find_sources:
 * @places: (nullable) (array zero-terminated=1): files and folders
 * @recipes: (array length=n)
 *
 * Gives the evaluator all pictures that the recipes name, and reads no more files than that takes. A file that cannot be
 * read is passed over with a warning: the others may do.
 *
 * Errors: as cli_list_pictures(); %UNCLIP_ERROR_RECIPE if a picture is not there.
 */
gboolean   cli_find_sources  (Cli                  *cli,
                              UnclipEvaluator      *evaluator,
                              char                **places,
                              UnclipRecipe *const  *recipes,
                              guint                 n,
                              GError              **error);

G_END_DECLS
