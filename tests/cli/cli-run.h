/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Running the built `unclip` as a person would, in a folder of its own that is gone afterwards. */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/**
 * CliPlace:
 * @folder: of one test case, empty at first but for @out
 * @out: an empty folder in it, for pictures
 * @model: of the stored image variation pipeline: a whole model, very small
 * @imagine_model: of the stored text-to-image pipeline
 * @picture: a small PNG
 */
typedef struct
{
  char *folder;
  char *out;
  char *model;
  char *imagine_model;
  char *picture;
} CliPlace;

void       cli_place_init      (CliPlace           *place);

/* Also removes the folder with all that is in it. */
void       cli_place_clear     (CliPlace           *place);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliPlace, cli_place_clear)

/**
 * cli_place_expand:
 * @text: with @folder, @out, @model, @imagine_model or @picture spelt as here; the longest name counts
 *
 * Returns: (transfer full): @text with the paths in their place
 */
char      *cli_place_expand    (const CliPlace     *place,
                                const char         *text);

/**
 * CliResult:
 * @status: exit status; −1 when a signal ended the process
 */
typedef struct
{
  int   status;
  char *out;
  char *err;
} CliResult;

void       cli_result_clear    (CliResult          *result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliResult, cli_result_clear)

/**
 * cli_start:
 * @arguments: one string, expanded and then split as a shell does
 * @environment: (nullable): "NAME=value", or %NULL
 */
GSubprocess *cli_start         (const CliPlace     *place,
                                const char         *arguments,
                                const char         *environment);

/**
 * cli_finish:
 *
 * Waits for the end; a process that takes more than two minutes fails the test.
 */
void       cli_finish          (GSubprocess        *process,
                                CliResult          *result);

/* cli_start() and cli_finish(). */
void       cli_run             (const CliPlace     *place,
                                const char         *arguments,
                                CliResult          *result);

/* cli_run(), and the run must succeed. */
void       cli_run_ok          (const CliPlace     *place,
                                const char         *arguments,
                                CliResult          *result);

/**
 * cli_parse_events:
 * @out: what --json printed
 *
 * Every line must be an object with a member "event".
 *
 * Returns: (transfer full) (element-type JsonObject)
 */
GPtrArray *cli_parse_events    (const char         *out);

/**
 * cli_list_folder:
 *
 * Returns: (transfer full): all names in the folder and those in it, hidden ones too, sorted, one a line
 */
char      *cli_list_folder     (const char         *path);

/* A file's contents; it must be there. */
GBytes    *cli_read            (const char         *folder,
                                const char         *name);
