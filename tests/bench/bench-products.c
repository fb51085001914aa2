/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Times linear, conv2d and attention at the shapes of the networks: LP_NUM_THREADS=0 build/tests/bench/bench-products
 *
 *     bench-products [WORD [RUNS]]     only operations whose label has the word; the best of so many runs
 *
 * Wall time is the device's, the best of some runs. Beside it stands the time that the processor spent, which on
 * software Vulkan is the honest figure where other programs run at the same time. */

#include "config.h"

#include "test-random.h"
#include "unclip-executor.h"
#include "unclip-ops.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_RUNS 6

typedef struct
{
  int      n, h, w, n_in, n_out;
  int      kernel;      /* 1: linear, 3: conv2d, 0: attention of the width n_in */
  int      stride;
  gboolean upsample;
  int      heads;
} Shape;

static const Shape shapes[] = {
  { 1, 1, 1024, 1024, 1024, 1 }, { 16, 1, 16, 128, 384, 1 },    { 16, 1, 17, 192, 768, 1 },      { 16, 1, 77, 96, 384, 1 },
  { 16, 1, 77, 512, 512, 1 },    { 16, 1, 1, 64, 256, 1 },      { 1, 64, 64, 256, 256, 3, 1 },   { 16, 32, 32, 3, 16, 3, 1 },
  { 16, 32, 32, 16, 16, 3, 1 },  { 16, 32, 32, 32, 16, 3, 1 },  { 16, 16, 16, 32, 32, 3, 1 },    { 16, 8, 8, 96, 96, 3, 1 },
  { 16, 4, 4, 128, 128, 3, 1 },  { 2, 4, 4, 128, 128, 3, 1 },   { 16, 32, 32, 16, 6, 3, 1 },     { 16, 16, 16, 32, 32, 3, 2 },
  { 16, 8, 8, 96, 32, 3, 1, TRUE }, { 1, 128, 128, 16, 16, 3, 1 }, { 1, 128, 128, 32, 32, 3, 1 }, { 1, 128, 128, 6, 16, 3, 1 },
  { .n = 1, .h = 32, .w = 32, .n_in = 512, .heads = 8 }, { .n = 1, .h = 64, .w = 64, .n_in = 512, .heads = 8 },
};

static UnclipTensor *
make_weight (UnclipGraph *graph, const Shape *s, GPtrArray *kept)
{
  UnclipArray array = { .name = "weight", .n_dims = s->kernel == 1 ? 2 : 4, .dims = { s->n_out, s->n_in, 3, 3 } };
  gsize       n = (gsize) s->n_out * s->n_in * s->kernel * s->kernel;
  float      *values = test_random_normal (1, n, 1 / sqrt (s->n_in * s->kernel * s->kernel));

  g_ptr_array_add (kept, values);
  array.data = values;
  array.n_bytes = n * sizeof *values;
  return unclip_graph_weight (graph, &array);
}

static UnclipTensor *
add_attention (UnclipGraph *graph, const Shape *s, UnclipTensor *x)
{
  const UnclipAttentionParams params = { .n_heads = s->heads, .scale = 1 / sqrtf ((float) s->n_in / (float) s->heads) };

  return unclip_op_attention (graph, x, x, x, &params);
}

static UnclipGraph *
build (const Shape *s, GPtrArray *kept)
{
  UnclipGraph  *graph = unclip_graph_new ("bench");
  UnclipTensor *x = unclip_graph_input (graph, "x", (UnclipShape){ s->n, s->h, s->w, s->n_in }, UNCLIP_DTYPE_F32);
  UnclipTensor *weight = s->kernel > 0 ? make_weight (graph, s, kept) : NULL;

  if (weight == NULL)
    unclip_graph_output (graph, "y", add_attention (graph, s, x));
  else if (s->kernel == 1)
    unclip_graph_output (graph, "y", unclip_op_linear (graph, x, weight, NULL, UNCLIP_ACTIVATION_NONE, NULL));
  else
    unclip_graph_output (graph, "y", unclip_op_conv2d (graph, x, &(UnclipConvParams){ .weight = weight,
                                                                                     .stride = s->stride,
                                                                                     .upsample = s->upsample }));
  return graph;
}

static gboolean
measure (UnclipExecutor *executor, const Shape *s, const char *word, int n_runs, GPtrArray *kept, GError **error)
{
  g_autoptr (UnclipProgram) program = unclip_executor_compile (executor, build (s, kept), error);
  gsize                     n = (gsize) s->n * s->h * s->w * s->n_in;
  g_autofree float         *x = test_random_normal (2, n, 1);
  g_autoptr (GArray)        times = NULL;
  const UnclipOpTime       *time;
  double                    best = INFINITY, best_cpu = INFINITY;

  if (program == NULL || !unclip_program_write_f32 (program, "x", x, error))
    return FALSE;
  for (int i = 0; i < n_runs; i++)
    {
      clock_t start = clock ();

      if (!unclip_program_run (program, NULL, error))
        return FALSE;
      best_cpu = MIN (best_cpu, (double) (clock () - start) / CLOCKS_PER_SEC);
      g_clear_pointer (&times, g_array_unref);
      times = unclip_program_get_times (program);
      time = &g_array_index (times, UnclipOpTime, 0);
      if (word != NULL && strstr (time->label, word) == NULL)
        return TRUE;
      best = MIN (best, time->seconds);
    }
  g_print ("%-52s %9.3f ms %6.1f GFLOP/s   processor %9.3f ms %6.1f GFLOP/s\n", time->label, best * 1e3,
           (double) time->flop / best * 1e-9, best_cpu * 1e3, (double) time->flop / best_cpu * 1e-9);
  return TRUE;
}

int
main (int argc, char **argv)
{
  const char                *word = argc > 1 ? argv[1] : NULL;
  int                        n_runs = argc > 2 ? atoi (argv[2]) : N_RUNS;
  g_autoptr (GError)         error = NULL;
  g_autoptr (UnclipExecutor) executor = unclip_executor_open_vulkan (NULL, UNCLIP_PRECISION_AUTO, &error);
  g_autoptr (GPtrArray)      kept = g_ptr_array_new_with_free_func (g_free);
  g_autofree char           *name = executor != NULL ? unclip_executor_dup_device_name (executor) : NULL;

  setlocale (LC_ALL, "");
  if (executor != NULL)
    {
      g_print ("%s\n", name);
      unclip_executor_set_timers (executor, TRUE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes) && error == NULL; i++)
    measure (executor, &shapes[i], word, MAX (n_runs, 1), kept, &error);
  if (error != NULL)
    g_printerr ("%s\n", error->message);
  return error != NULL;
}
