/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the verbs of the command line share.
 *
 * A verb is a function of its arguments; it reports through the functions here and returns one of the exit codes. With
 * --json, events go to stdout as one JSON object a line; messages and the progress bar always go to stderr.
 */

#pragma once

#include "unclip-error.h"
#include "unclip-executor.h"
#include "unclip-stages.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Exit codes. */
#define CLI_OK 0
#define CLI_FAILED 1
#define CLI_USAGE 2
#define CLI_CANCELLED 130

/* An option that is a number and was not given. Nobody means this one, so whatever is typed is held against its range. */
#define CLI_NOT_GIVEN G_MININT

/**
 * Cli:
 * @model: folder or repository name; %NULL for the default
 * @image_encoder: folder of a CLIP vision tower; %NULL for the model's own
 * @device: index or name; %NULL for the best
 * @precision: "auto", "f32" or "f16"; %NULL for auto
 * @json: events on stdout
 * @cancellable: cancelled by Ctrl+C or SIGTERM
 * @started: monotonic time in µs
 * @bar_width: characters of the progress bar on the terminal now, 0 for none
 */
typedef struct
{
  char         *model;
  char         *image_encoder;
  char         *device;
  char         *precision;
  gboolean      json;
  GCancellable *cancellable;
  gint64        started;
  guint         bar_width;
} Cli;

typedef struct
{
  const char *name;
  const char *arguments;        /* such as "PICTURE…" */
  const char *summary;
  int       (*run) (Cli *cli, int argc, char **argv);
} CliVerb;

/* The verbs, one file each. */
int  verb_bench   (Cli *cli, int argc, char **argv);
int  verb_devices (Cli *cli, int argc, char **argv);
int  verb_diff    (Cli *cli, int argc, char **argv);
int  verb_eval    (Cli *cli, int argc, char **argv);
int  verb_imagine (Cli *cli, int argc, char **argv);
int  verb_info    (Cli *cli, int argc, char **argv);
int  verb_invert  (Cli *cli, int argc, char **argv);
int  verb_mix     (Cli *cli, int argc, char **argv);
int  verb_prove   (Cli *cli, int argc, char **argv);
int  verb_run     (Cli *cli, int argc, char **argv);
int  verb_sample  (Cli *cli, int argc, char **argv);
int  verb_serve   (Cli *cli, int argc, char **argv);
int  verb_vary    (Cli *cli, int argc, char **argv);

/**
 * cli_parse:
 * @entries: @more: (nullable): the verb's own options, each list ended by a NULL entry; the common ones are added
 * @min: @max: how many arguments may be left, @max −1 for any number
 *
 * Parses options in place; what is left are the verb's arguments.
 *
 * Returns: %FALSE when the verb shall return *@status at once: usage errors (already told), --help
 */
gboolean     cli_parse        (Cli           *cli,
                               const char    *verb,
                               const char    *arguments,
                               const GOptionEntry *entries,
                               const GOptionEntry *more,
                               int            min,
                               int            max,
                               int           *argc,
                               char        ***argv,
                               int           *status);

/**
 * cli_fail:
 * @error: (transfer none)
 *
 * Tells the error, as a message and as an event.
 *
 * Returns: the exit code it means
 */
int          cli_fail         (Cli           *cli,
                               const GError  *error);

/**
 * cli_tell_failure:
 * @recipe_hash: (nullable): of the recipe that failed
 *
 * As cli_fail(), of one failure among others.
 */
void         cli_tell_failure (Cli           *cli,
                               const GError  *error,
                               const char    *recipe_hash);

/**
 * cli_usage_error:
 *
 * Tells what is wrong with the command line.
 *
 * Returns: %CLI_USAGE
 */
int          cli_usage_error  (Cli           *cli,
                               const char    *format,
                               ...) G_GNUC_PRINTF (2, 3);

/**
 * cli_is_outside:
 *
 * Returns: whether a number was given, and is not within @low … @high
 */
gboolean     cli_is_outside   (double         given,
                               double         low,
                               double         high);
void         cli_warn         (Cli           *cli,
                               const char    *format,
                               ...) G_GNUC_PRINTF (2, 3);

/**
 * cli_begin_event: cli_end_event:
 *
 * An event: an open JSON object with its "event" member set, to which the caller adds members. Nothing is printed
 * without --json.
 */
JsonBuilder *cli_begin_event  (const char    *event);
void         cli_end_event    (Cli           *cli,
                               JsonBuilder   *builder);
void         cli_add_string   (JsonBuilder   *builder,
                               const char    *name,
                               const char    *value);
void         cli_add_int      (JsonBuilder   *builder,
                               const char    *name,
                               gint64         value);
void         cli_add_double   (JsonBuilder   *builder,
                               const char    *name,
                               double         value);

/**
 * cli_progress:
 * @fraction: of the whole job done, 0 … 1
 *
 * The bar on a terminal, and the event "progress".
 */
void         cli_progress     (Cli           *cli,
                               const char    *stage,
                               guint          n_done,
                               guint          n_steps,
                               double         fraction);

/**
 * cli_clear_progress: takes the bar off the terminal before something else is printed there.
 */
void         cli_clear_progress (Cli         *cli);

/**
 * cli_open_stages:
 *
 * Opens model and device as the options say.
 *
 * Returns: (transfer full)
 */
UnclipStages *cli_open_stages (Cli           *cli,
                               GError       **error);

/**
 * cli_open_executor: the device alone.
 */
UnclipExecutor *cli_open_executor (Cli       *cli,
                               GError       **error);

/**
 * cli_done:
 *
 * Ends the event "done" with seconds and peak device memory; @builder from cli_begin_event ("done").
 */
void         cli_done         (Cli            *cli,
                               JsonBuilder    *builder,
                               UnclipExecutor *executor);

G_END_DECLS
