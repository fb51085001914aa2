/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows of measurements: median, extremes, rate. */

#include "config.h"

#include "bench.h"
#include "unclip-rng.h"

#include <string.h>

typedef struct
{
  char    *label;
  guint    count;       /* in one run */
  guint64  flop;        /* in one run */
  gboolean is_whole;    /* a program or stage, rather than a part of one */
  GArray  *seconds;     /* double, one a run */
} Row;

struct _Bench
{
  Cli            *cli;
  UnclipExecutor *executor;
  guint           n_runs;
  GPtrArray      *rows;         /* in the order of their first measurement */
};

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->label);
  g_array_unref (row->seconds);
  g_free (row);
}

Bench *
bench_new (Cli *cli, UnclipExecutor *executor, guint n_runs)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->cli = cli;
  bench->executor = unclip_executor_ref (executor);
  bench->n_runs = n_runs;
  bench->rows = g_ptr_array_new_with_free_func (row_free);
  return bench;
}

void
bench_free (Bench *bench)
{
  if (bench == NULL)
    return;
  g_ptr_array_unref (bench->rows);
  unclip_executor_unref (bench->executor);
  g_free (bench);
}

static Row *
get_row (Bench *bench, const char *label, guint first)
{
  Row *row;

  for (guint i = first; i < bench->rows->len; i++)
    {
      row = g_ptr_array_index (bench->rows, i);
      if (g_str_equal (row->label, label))
        return row;
    }
  row = g_new0 (Row, 1);
  row->label = g_strdup (label);
  row->seconds = g_array_new (FALSE, FALSE, sizeof (double));
  g_ptr_array_add (bench->rows, row);
  return row;
}

void
bench_add (Bench *bench, const char *label, guint count, double seconds, guint64 flop)
{
  Row *row = get_row (bench, label, 0);

  row->is_whole = TRUE;
  row->count = count;
  row->flop = flop;
  g_array_append_val (row->seconds, seconds);
}

/* Operations of one label are summed within a run. Rows before @first belong to other programs. */
static void
add_operations (Bench *bench, guint first, guint run, GArray *times)
{
  for (guint i = 0; i < times->len; i++)
    {
      const UnclipOpTime *time = &g_array_index (times, UnclipOpTime, i);
      Row                *row = get_row (bench, time->label, first);

      if (row->seconds->len == run)
        {
          g_array_append_val (row->seconds, time->seconds);
          row->count = 1;
          row->flop = time->flop;
          continue;
        }
      g_array_index (row->seconds, double, run) += time->seconds;
      row->count++;
      row->flop += time->flop;
    }
}

gboolean
bench_program (Bench *bench, const char *title, UnclipProgram *program, GError **error)
{
  UnclipProgramFigures figures = unclip_program_get_figures (program);
  guint                first;

  if (!unclip_program_run (program, bench->cli->cancellable, error))
    return FALSE;
  for (guint run = 0; run < bench->n_runs; run++)
    {
      gint64            start = g_get_monotonic_time ();
      g_autoptr (GArray) times = NULL;

      if (!unclip_program_run (program, bench->cli->cancellable, error))
        return FALSE;
      bench_add (bench, title, 1, (double) (g_get_monotonic_time () - start) / 1e6, figures.flop);
      if (run == 0)
        first = bench->rows->len;
      times = unclip_program_get_times (program);
      add_operations (bench, first, run, times);
    }
  return TRUE;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static double
get_median (const Row *row)
{
  guint  n = row->seconds->len;
  double low = g_array_index (row->seconds, double, (n - 1) / 2), high = g_array_index (row->seconds, double, n / 2);

  return (low + high) / 2;
}

static double
get_rate (const Row *row)
{
  double seconds = get_median (row);

  return row->flop > 0 && seconds > 0 ? (double) row->flop / seconds / 1e9 : 0;
}

static void
print_row (const Row *row)
{
  g_autofree char *range = g_strdup_printf ("(%.3f–%.3f)", g_array_index (row->seconds, double, 0) * 1e3,
                                            g_array_index (row->seconds, double, row->seconds->len - 1) * 1e3);
  g_autofree char *rate = row->flop > 0 ? g_strdup_printf ("%.1f", get_rate (row)) : g_strdup ("");

  /* Widths count characters, not bytes. */
  g_print ("%s%s%*s %5u× %12.3f ms %22s%*s %8s\n", row->is_whole ? "" : "  ", row->label,
           (int) MAX (62 - g_utf8_strlen (row->label, -1) - (row->is_whole ? 0 : 2), 0), "", row->count, get_median (row) * 1e3, range, 0, "", rate);
}

static void
add_rows (Bench *bench, JsonBuilder *done)
{
  json_builder_set_member_name (done, "rows");
  json_builder_begin_array (done);
  for (guint i = 0; i < bench->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (bench->rows, i);

      json_builder_begin_object (done);
      cli_add_string (done, "label", row->label);
      cli_add_string (done, "kind", row->is_whole ? "whole" : "operation");
      cli_add_int (done, "count", row->count);
      cli_add_double (done, "seconds", get_median (row));
      cli_add_double (done, "seconds_min", g_array_index (row->seconds, double, 0));
      cli_add_double (done, "seconds_max", g_array_index (row->seconds, double, row->seconds->len - 1));
      cli_add_int (done, "runs", row->seconds->len);
      if (row->flop > 0)
        cli_add_double (done, "gflop_per_second", get_rate (row));
      json_builder_end_object (done);
    }
  json_builder_end_array (done);
}

void
bench_report (Bench *bench, JsonBuilder *done)
{
  g_autofree char *device = unclip_executor_dup_device_name (bench->executor);
  gboolean         is_f16 = unclip_executor_get_precision (bench->executor) == UNCLIP_PRECISION_F16;

  for (guint i = 0; i < bench->rows->len; i++)
    g_array_sort (((Row *) g_ptr_array_index (bench->rows, i))->seconds, compare_doubles);
  if (!bench->cli->json)
    {
      g_print ("%s, %s\n%-62s %6s %15s %22s %8s\n", device, is_f16 ? "f16" : "f32", "", "", "median", "(least–most)", "GFLOP/s");
      for (guint i = 0; i < bench->rows->len; i++)
        print_row (g_ptr_array_index (bench->rows, i));
    }
  cli_add_string (done, "device", device);
  cli_add_string (done, "precision", is_f16 ? "f16" : "f32");
  add_rows (bench, done);
  cli_done (bench->cli, done, bench->executor);
  g_ptr_array_set_size (bench->rows, 0);
}

gboolean
bench_write_normals (UnclipProgram *program, const char *name, gsize n, GError **error)
{
  const UnclipRngKey key = { .stage = UNCLIP_RNG_DECODER };
  g_autofree float  *values = NULL;

  if (!unclip_program_has_input (program, name))
    return TRUE;
  values = g_new (float, n);
  unclip_rng_fill_normal (&key, 0, values, n);
  return unclip_program_write_f32 (program, name, values, error);
}
