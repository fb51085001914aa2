/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every fixture folder under tests/golden/nets and every run in it: blocks in the order of
 * computation, so that the first one that differs is named, then the outputs. On a device once more
 * without blocks, since an inner tensor that is read back is kept apart and in f32. Runs that
 * differ in nothing but the time need no device. */

#include "config.h"

#include "test-nets.h"
#include "unclip-net.h"

#include <string.h>

typedef struct
{
  guint executor;
  char *folder;
  char *run;            /* file name */
} Case;

/* Compares what the fixture has of the results; returns how many those were, or −1 after a failure. */
static int
compare (GPtrArray         *results,
         UnclipSafetensors *fixture,
         double             tolerance)
{
  double worst = 0;
  int n_compared = 0;

  for (guint i = 0; i < results->len; i++)
    {
      const UnclipNetResult *result = g_ptr_array_index (results, i);
      g_autofree char *name = g_strconcat (result->is_block ? "block." : "out.", result->name, NULL);
      const UnclipArray *expected = unclip_safetensors_find (fixture, name);
      g_autofree float *values = NULL;
      double difference;

      if (expected == NULL)
        {
          g_assert_true (result->is_block);
          continue;
        }
      g_assert_cmpuint (expected->n_dims, ==, result->n_dims);
      for (guint d = 0; d < result->n_dims; d++)
        g_assert_cmpint (expected->dims[d], ==, result->dims[d]);
      values = test_nets_dup_values (fixture, name);
      difference = test_nets_get_error (result->values, values, (gsize) unclip_array_get_n_elements (expected));
      if (difference > tolerance)
        {
          g_test_fail_printf ("%s differs by %.3g of its largest value, allowed are %.3g", name, difference, tolerance);
          return -1;
        }
      worst = MAX (worst, difference);
      n_compared++;
    }
  g_test_message ("%d tensors, largest difference %.2g", n_compared, worst);
  return n_compared;
}

static int
count_outputs (UnclipSafetensors *fixture)
{
  int n = 0;

  for (guint i = 0; i < unclip_safetensors_get_n_tensors (fixture); i++)
    if (g_str_has_prefix (unclip_safetensors_get_nth (fixture, i)->name, "out."))
      n++;
  return n;
}

/* A run of batch 3 stands for the others where blocks are not looked at. */
static gboolean
wants_round (const Case *c,
             gboolean    blocks)
{
  return blocks || (c->executor > 0 && g_str_has_prefix (c->run, "io-b3"));
}

/* Other times and times of their own for each item reach the networks through one small operation. */
static gboolean
wants_case (guint       executor,
            const char *run)
{
  if (strstr (run, "-t0.") != NULL || strstr (run, "-t999.") != NULL)
    return executor == 0;
  return executor < 2 || !g_str_has_prefix (run, "mixed-");
}

static void
test_parity (gconstpointer data)
{
  const Case *c = data;
  UnclipExecutor *executor = test_nets_get_executor (c->executor);
  double tolerance = test_nets_executors[c->executor].tolerance;
  g_autofree char *folder = test_nets_dup_folder (c->folder);
  g_autofree char *path = g_build_filename (folder, c->run, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipNet) net = NULL;
  g_autoptr (UnclipSafetensors) fixture = NULL;

  if (executor == NULL)
    return;
  net = unclip_net_open (folder, NULL, &error);
  g_assert_no_error (error);
  fixture = unclip_safetensors_open (path, &error);
  g_assert_no_error (error);

  for (int blocks = 1; blocks >= 0; blocks--)
    {
      UnclipNetInputs inputs = { fixture, "in." };
      g_autoptr (GPtrArray) results = NULL;
      int n_compared;

      if (!wants_round (c, blocks))
        continue;
      results = unclip_net_eval (net, executor, &inputs, blocks, NULL, &error);
      g_assert_no_error (error);
      n_compared = compare (results, fixture, tolerance);
      if (n_compared < 0)
        return;
      if (blocks)
        g_assert_cmpint (n_compared, >=, count_outputs (fixture));
      else
        g_assert_cmpint (n_compared, ==, count_outputs (fixture));
    }
}

static void
case_free (gpointer data)
{
  Case *c = data;

  g_free (c->folder);
  g_free (c->run);
  g_free (c);
}

static void
add_runs (const char *folder)
{
  g_autofree char *path = test_nets_dup_folder (folder);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *run;

  g_assert_nonnull (dir);
  while ((run = g_dir_read_name (dir)) != NULL)
    {
      if (!g_str_has_suffix (run, ".safetensors")
          || !(g_str_has_prefix (run, "io-") || g_str_has_prefix (run, "mixed-")))
        continue;
      for (guint i = 0; i < TEST_NETS_N_EXECUTORS; i++)
        {
          g_autofree char *test_path = g_strdup_printf ("/nets/parity/%s/%s/%.*s", test_nets_executors[i].name, folder,
                                                        (int) (strlen (run) - strlen (".safetensors")), run);
          Case *c;

          if (!wants_case (i, run))
            continue;
          c = g_new (Case, 1);
          *c = (Case){ i, g_strdup (folder), g_strdup (run) };
          g_test_add_data_func_full (test_path, c, test_parity, case_free);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *folder;

  g_test_init (&argc, &argv, NULL);
  path = test_nets_dup_folder (NULL);
  dir = g_dir_open (path, 0, NULL);
  g_assert_nonnull (dir);
  while ((folder = g_dir_read_name (dir)) != NULL)
    add_runs (folder);
  return test_nets_run ();
}
