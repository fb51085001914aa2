/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of the program, in GSettings; keys and ranges stand in data/io.github.fugue.Fugue.gschema.xml. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FUGUE_SETTINGS_ID "io.github.fugue.Fugue"

/**
 * fugue_settings_get_default:
 *
 * The schema is the installed one, or, for a program that runs from where it was built, the build folder's.
 *
 * Returns: (transfer none): one for the whole program; aborts with a sentence if there is no schema, as GSettings does
 */
GSettings *fugue_settings_get_default (void);

/**
 * fugue_settings_add_model_folder:
 * @path: of a model, or of a folder of models
 *
 * Puts it among those that are looked through for models, if it is not there yet.
 *
 * Returns: whether it was not
 */
gboolean   fugue_settings_add_model_folder (GSettings  *settings,
                                            const char *path);

G_END_DECLS
