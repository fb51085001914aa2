/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli.h"

#include "unclip-json.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

gboolean
cli_parse (Cli                *cli,
           const char         *verb,
           const char         *arguments,
           const GOptionEntry *entries,
           const GOptionEntry *more,
           int                 min,
           int                 max,
           int                *argc,
           char             ***argv,
           int                *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autoptr (GError)         error = NULL;
  g_autofree char           *program = g_strdup_printf ("unclip %s", verb);
  gboolean                   help = FALSE;
  GOptionEntry               common[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &cli->model, "Model folder, or a repository in the Hugging Face cache (default: Mini)", "DIR" },
    { "image-encoder", 0, 0, G_OPTION_ARG_FILENAME, &cli->image_encoder, "CLIP vision tower for a model that has none, or another one", "DIR" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &cli->device, "Device by index or name, or `software'; see `unclip devices'", "DEVICE" },
    { "precision", 0, 0, G_OPTION_ARG_STRING, &cli->precision, "Storage: auto, f32 or f16", "P" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &cli->json, "One JSON object a line on stdout", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL },
    { NULL },
  };

  *status = CLI_USAGE;
  /* The context's help names the program by this. */
  g_set_prgname (program);
  g_option_context_set_help_enabled (context, FALSE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  if (more != NULL)
    g_option_context_add_main_entries (context, more, NULL);
  g_option_context_add_main_entries (context, common, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      if (error->domain == G_CONVERT_ERROR)
        cli_usage_error (cli, "an option's value is not valid text in UTF-8 or the locale's encoding");
      else
        cli_usage_error (cli, "%s (see unclip %s --help)", error->message, verb);
      return FALSE;
    }
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      fputs (text, stdout);
      *status = CLI_OK;
      return FALSE;
    }
  if (*argc - 1 < min || (max >= 0 && *argc - 1 > max))
    {
      cli_usage_error (cli, "usage: unclip %s [OPTION…] %s", verb, arguments);
      return FALSE;
    }
  if (cli->precision != NULL && !g_str_equal (cli->precision, "auto") && !g_str_equal (cli->precision, "f32")
      && !g_str_equal (cli->precision, "f16"))
    {
      cli_usage_error (cli, "--precision is “%s”, but must be auto, f32 or f16", cli->precision);
      return FALSE;
    }
  return TRUE;
}

JsonBuilder *
cli_begin_event (const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_add_string (builder, "event", event);
  return builder;
}

void
cli_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

void
cli_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
cli_add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

void
cli_end_event (Cli *cli, JsonBuilder *builder)
{
  json_builder_end_object (builder);
  if (cli->json)
    {
      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      g_autofree char     *line = unclip_json_to_string (root, FALSE);

      puts (line);
      fflush (stdout);
    }
  g_object_unref (builder);
}

static int
get_exit_code (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CLI_CANCELLED;
  return g_error_matches (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT) ? CLI_USAGE : CLI_FAILED;
}

static const char *
get_code_name (const GError *error)
{
  if (error->domain == UNCLIP_ERROR)
    return unclip_error_get_nick ((UnclipError) error->code);
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? "cancelled" : "file";
}

void
cli_tell_failure (Cli *cli, const GError *error, const char *recipe_hash)
{
  JsonBuilder *event = cli_begin_event ("error");

  cli_add_string (event, "code", get_code_name (error));
  cli_add_string (event, "message", error->message);
  if (recipe_hash != NULL)
    cli_add_string (event, "recipe_hash", recipe_hash);
  cli_clear_progress (cli);
  if (get_exit_code (error) == CLI_CANCELLED)
    fprintf (stderr, "unclip: stopped\n");
  else
    fprintf (stderr, "unclip: %s\n", error->message);
  cli_end_event (cli, event);
}

int
cli_fail (Cli *cli, const GError *error)
{
  cli_tell_failure (cli, error, NULL);
  return get_exit_code (error);
}

int
cli_usage_error (Cli *cli, const char *format, ...)
{
  g_autofree char *message = NULL;
  JsonBuilder     *event = cli_begin_event ("error");
  va_list          args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "unclip: %s\n", message);
  cli_add_string (event, "code", "usage");
  cli_add_string (event, "message", message);
  cli_end_event (cli, event);
  return CLI_USAGE;
}

gboolean
cli_is_outside (double given, double low, double high)
{
  return given != CLI_NOT_GIVEN && !(given >= low && given <= high);
}

void
cli_warn (Cli *cli, const char *format, ...)
{
  g_autofree char *message = NULL;
  JsonBuilder     *event = cli_begin_event ("warning");
  va_list          args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  cli_clear_progress (cli);
  fprintf (stderr, "unclip: %s\n", message);
  cli_add_string (event, "message", message);
  cli_end_event (cli, event);
}

static double
get_seconds (Cli *cli)
{
  return (double) (g_get_monotonic_time () - cli->started) / 1e6;
}

static guint
get_terminal_width (void)
{
  struct winsize size;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

void
cli_clear_progress (Cli *cli)
{
  if (cli->bar_width > 0)
    fprintf (stderr, "\r%*s\r", (int) cli->bar_width, "");
  cli->bar_width = 0;
}

static void
draw_bar (Cli *cli, const char *stage, guint n_done, guint n_steps, double fraction, double seconds_left)
{
  g_autofree char *text = g_strdup_printf (" %-9s %3u/%-3u %4.0f s left", stage, n_done, n_steps, seconds_left);
  int              room = (int) get_terminal_width () - (int) strlen (text) - 4;
  int              width = CLAMP (room, 0, 40);
  int              filled = (int) (fraction * width);

  fprintf (stderr, "\r[");
  for (int i = 0; i < width; i++)
    fputc (i < filled ? '#' : '.', stderr);
  fprintf (stderr, "]%s", text);
  cli->bar_width = (guint) (width + 2 + (int) strlen (text));
  fflush (stderr);
}

void
cli_progress (Cli *cli, const char *stage, guint n_done, guint n_steps, double fraction)
{
  double       seconds = get_seconds (cli);
  double       seconds_left = fraction > 0 ? seconds * (1 - fraction) / fraction : 0;
  JsonBuilder *event;

  if (!cli->json && isatty (STDERR_FILENO))
    draw_bar (cli, stage, n_done, n_steps, fraction, seconds_left);
  event = cli_begin_event ("progress");
  cli_add_string (event, "stage", stage);
  cli_add_int (event, "step", n_done);
  cli_add_int (event, "steps", n_steps);
  cli_add_double (event, "seconds_left", seconds_left);
  cli_end_event (cli, event);
}

UnclipExecutor *
cli_open_executor (Cli *cli, GError **error)
{
  UnclipPrecision precision = UNCLIP_PRECISION_AUTO;

  if (g_strcmp0 (cli->precision, "f32") == 0)
    precision = UNCLIP_PRECISION_F32;
  else if (g_strcmp0 (cli->precision, "f16") == 0)
    precision = UNCLIP_PRECISION_F16;
  return unclip_executor_open_vulkan (cli->device, precision, error);
}

static void
report_device (Cli *cli, UnclipExecutor *executor)
{
  g_autofree char *name = unclip_executor_dup_device_name (executor);
  JsonBuilder     *event = cli_begin_event ("device");

  cli_add_string (event, "name", name);
  cli_add_string (event, "precision", unclip_executor_get_precision (executor) == UNCLIP_PRECISION_F16 ? "f16" : "f32");
  cli_end_event (cli, event);
}

UnclipStages *
cli_open_stages (Cli *cli, GError **error)
{
  g_autofree char              *path = unclip_model_folder_find (cli->model, error);
  g_autoptr (UnclipModelFolder) folder = path != NULL ? unclip_model_folder_open (path, error) : NULL;
  g_autoptr (UnclipModel)       model = NULL;
  g_autoptr (UnclipExecutor)    executor = NULL;

  if (folder == NULL
      || (cli->image_encoder != NULL && !unclip_model_folder_use_image_encoder (folder, cli->image_encoder, error)))
    return NULL;
  model = unclip_model_open (folder, error);
  executor = model != NULL ? cli_open_executor (cli, error) : NULL;
  if (executor == NULL)
    return NULL;
  report_device (cli, executor);
  return unclip_stages_new (model, executor);
}

void
cli_done (Cli *cli, JsonBuilder *builder, UnclipExecutor *executor)
{
  cli_clear_progress (cli);
  cli_add_double (builder, "seconds", get_seconds (cli));
  if (executor != NULL)
    cli_add_double (builder, "peak_device_mib", (double) unclip_executor_get_peak_bytes (executor) / (1 << 20));
  cli_end_event (cli, builder);
}
