/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "test-op.h"

#include "test-compare.h"
#include "test-random.h"
#include "unclip-error.h"
#include "unclip-executor.h"
#include "unclip-node.h"
#include "unclip-ref.h"

#include <math.h>
#include <string.h>

#define SMALL_STORAGE_RANGE 4096

/* The executors under test, opened on first use. */
static struct
{
  const char     *family;
  UnclipPrecision precision;
  const char     *label;
  UnclipExecutor *executor;
  UnclipExecutor *windowed;     /* the same on a device that binds SMALL_STORAGE_RANGE bytes at once */
} variants[] = {
  { "register", UNCLIP_PRECISION_F32, "f32 register", NULL, NULL },
  { "register", UNCLIP_PRECISION_F16, "f16 register", NULL, NULL },
  { "shared", UNCLIP_PRECISION_F32, "f32 shared", NULL, NULL },
  { "shared", UNCLIP_PRECISION_F16, "f16 shared", NULL, NULL },
};

/* What an input holds, found again by name when the program runs. */
typedef struct
{
  char  *name;
  double mean, deviation;
  int    limit;         /* of ids; 0 for floats */
} InputRule;

static GHashTable *rules;       /* name → InputRule */
static GHashTable *weights;     /* name and shape → float*, kept to the end: packed copies are found by address */

static void
rule_free (gpointer data)
{
  InputRule *rule = data;

  g_free (rule->name);
  g_free (rule);
}

static guint64
get_seed (const char *name, int item)
{
  return (guint64) g_str_hash (name) * 1000003 + (guint64) item;
}

static UnclipTensor *
add_input (TestOp *op, const char *name, UnclipShape shape, UnclipDType dtype, InputRule rule)
{
  if (rules == NULL)
    rules = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, rule_free);
  rule.name = g_strdup (name);
  g_hash_table_replace (rules, rule.name, g_memdup2 (&rule, sizeof rule));
  return unclip_graph_input (op->graph, name, shape, dtype);
}

UnclipTensor *
test_op_input_scaled (TestOp *op, const char *name, int h, int w, int c, double mean, double deviation)
{
  return add_input (op, name, (UnclipShape){ op->n, h, w, c }, UNCLIP_DTYPE_F32,
                    (InputRule){ .mean = mean, .deviation = deviation });
}

UnclipTensor *
test_op_input (TestOp *op, const char *name, int h, int w, int c)
{
  return test_op_input_scaled (op, name, h, w, c, 0, 1);
}

UnclipTensor *
test_op_input_ids (TestOp *op, const char *name, int s, int limit)
{
  return add_input (op, name, (UnclipShape){ op->n, 1, s, 1 }, UNCLIP_DTYPE_I32, (InputRule){ .limit = limit });
}

UnclipTensor *
test_op_weight (TestOp *op, const char *name, guint n_dims, ...)
{
  UnclipArray array = { .name = name, .dtype = UNCLIP_DTYPE_F32, .n_dims = n_dims };
  gint64      row_length = 1, n = 1;
  g_autofree char *shape = NULL;
  char       *key;
  va_list     args;

  va_start (args, n_dims);
  for (guint i = 0; i < n_dims; i++)
    {
      array.dims[i] = va_arg (args, int);
      n *= array.dims[i];
      if (i > 0)
        row_length *= array.dims[i];
    }
  va_end (args);

  if (weights == NULL)
    weights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  shape = unclip_array_dup_shape_string (&array);
  key = g_strconcat (name, shape, NULL);
  if (!g_hash_table_contains (weights, key))
    {
      float *values = test_random_normal (get_seed (name, -1), (gsize) n, 1 / sqrt ((double) row_length));

      for (gint64 i = 0; i < n && n_dims == 1; i++)
        values[i] = 1 + values[i] / 4;
      g_hash_table_insert (weights, g_strdup (key), values);
    }
  array.data = g_hash_table_lookup (weights, key);
  array.n_bytes = (gsize) n * sizeof (float);
  g_free (key);
  return unclip_graph_weight (op->graph, &array);
}

static void
write_ids (UnclipProgram *program, const char *name, const InputRule *rule, const TestOp *op, int per_item)
{
  g_autofree gint32 *ids = g_new (gint32, op->n * per_item);
  g_autoptr (GError) error = NULL;

  for (int item = 0; item < op->n; item++)
    {
      g_autofree float *values = test_random_uniform (get_seed (name, op->first_item + item), (gsize) per_item, 0, rule->limit);

      for (int i = 0; i < per_item; i++)
        ids[item * per_item + i] = MIN ((gint32) values[i], rule->limit - 1);
    }
  unclip_program_write_i32 (program, name, ids, &error);
  g_assert_no_error (error);
}

static void
write_floats (UnclipProgram *program, const char *name, const InputRule *rule, const TestOp *op, gint64 per_item)
{
  g_autofree float  *all = g_new (float, op->n * per_item);
  g_autoptr (GError) error = NULL;

  for (int item = 0; item < op->n; item++)
    {
      g_autofree float *values = test_random_normal (get_seed (name, op->first_item + item), (gsize) per_item, rule->deviation);

      for (gint64 i = 0; i < per_item; i++)
        all[item * per_item + i] = (float) (values[i] + rule->mean);
    }
  unclip_program_write_f32 (program, name, all, &error);
  g_assert_no_error (error);
}

static float *
run (UnclipExecutor *executor, TestOpBuild build, gconstpointer data, int first_item, int n, UnclipShape *shape)
{
  TestOp                    op = { unclip_graph_new ("test"), n, first_item };
  g_autoptr (UnclipProgram) program = NULL;
  g_autoptr (GError)        error = NULL;
  float                    *values;

  /* Outputs of a graph are always f32; a copy behind the operation lets its own output have the storage under test. */
  unclip_graph_output (op.graph, "y", unclip_op_activation (op.graph, build (&op, data), UNCLIP_ACTIVATION_NONE));
  program = unclip_executor_compile (executor, op.graph, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < op.graph->inputs->len; i++)
    {
      UnclipTensor    *x = g_ptr_array_index (op.graph->inputs, i);
      const InputRule *rule = g_hash_table_lookup (rules, x->name);
      gint64           per_item = unclip_shape_get_n_values (x->shape) / n;

      if (rule->limit > 0)
        write_ids (program, x->name, rule, &op, (int) per_item);
      else
        write_floats (program, x->name, rule, &op, per_item);
    }
  unclip_program_run (program, NULL, &error);
  g_assert_no_error (error);

  *shape = unclip_program_get_output_shape (program, "y");
  values = g_new (float, unclip_shape_get_n_values (*shape));
  unclip_program_read_f32 (program, "y", values, &error);
  g_assert_no_error (error);
  return values;
}

/* Opens one of the executors unless it is open. Returns FALSE, and marks the test as skipped, where there is no device. */
static gboolean
open_executor (guint variant, UnclipExecutor **executor)
{
  g_autoptr (GError) error = NULL;

  if (*executor != NULL)
    return TRUE;
  g_setenv ("UNCLIP_KERNELS", variants[variant].family, TRUE);
  *executor = unclip_executor_open_vulkan (NULL, variants[variant].precision, &error);
  g_unsetenv ("UNCLIP_KERNELS");
  if (*executor == NULL && g_error_matches (error, UNCLIP_ERROR, UNCLIP_ERROR_NO_DEVICE)
      && g_strcmp0 (g_getenv ("UNCLIP_GPU_TESTS"), "required") != 0)
    {
      g_test_skip (error->message);
      return FALSE;
    }
  g_assert_no_error (error);
  return TRUE;
}

static gboolean
open_executors (void)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (variants) && ok; i++)
    ok = open_executor (i, &variants[i].executor);
  return ok;
}

static gboolean
open_windowed (void)
{
  gboolean ok = TRUE;

  g_setenv ("UNCLIP_GPU_STORAGE_RANGE", G_STRINGIFY (SMALL_STORAGE_RANGE), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (variants) && ok; i++)
    ok = open_executor (i, &variants[i].windowed);
  g_unsetenv ("UNCLIP_GPU_STORAGE_RANGE");
  return ok;
}

/* An item alone must give the bytes that it gave in the batch. */
static void
check_batch (const char *what, UnclipExecutor *executor, TestOpBuild build, gconstpointer data, int n, const float *batch)
{
  for (int item = 0; item < n; item++)
    {
      UnclipShape       shape;
      g_autofree float *alone = run (executor, build, data, item, 1, &shape);
      gsize             n_values = (gsize) unclip_shape_get_n_values (shape);

      if (memcmp (alone, batch + (gsize) item * n_values, n_values * sizeof *alone) != 0)
        {
          g_test_message ("%s: item %d differs from itself in a batch of %d", what, item, n);
          g_test_fail ();
        }
    }
}

void
test_op_check (const char *what, TestOpBuild build, gconstpointer data, int n, const TestOpLimits *limits)
{
  g_autoptr (UnclipExecutor) reference = unclip_executor_new_ref ();
  g_autofree float          *expected = NULL;
  UnclipShape                shape;

  if (!open_executors ())
    return;
  expected = run (reference, build, data, 0, n, &shape);
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      UnclipShape       found_shape;
      g_autofree float *found = run (variants[i].executor, build, data, 0, n, &found_shape);
      g_autofree char  *label = g_strdup_printf ("%s (%s)", what, variants[i].label);

      g_assert_true (unclip_shape_equal (shape, found_shape));
      test_compare_normalised (label, found, expected, TEST_SHAPE (shape.n, shape.h, shape.w, shape.c),
                               variants[i].precision == UNCLIP_PRECISION_F16 ? limits->f16 : limits->f32);
      if (n > 1)
        check_batch (label, variants[i].executor, build, data, n, found);
    }
}

void
test_op_check_windows (const char *what, TestOpBuild build, gconstpointer data, int n)
{
  if (!open_executors () || !open_windowed ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      UnclipShape       shape, windowed_shape;
      g_autofree float *whole = run (variants[i].executor, build, data, 0, n, &shape);
      g_autofree float *windowed = run (variants[i].windowed, build, data, 0, n, &windowed_shape);
      gsize             n_bytes = (gsize) unclip_shape_get_n_values (shape) * sizeof *whole;

      g_assert_cmpuint (variants[i].precision == UNCLIP_PRECISION_F16 ? n_bytes / 2 : n_bytes, >, 2 * SMALL_STORAGE_RANGE);
      g_assert_true (unclip_shape_equal (shape, windowed_shape));
      g_test_message ("%s (%s)", what, variants[i].label);
      g_assert_cmpmem (whole, n_bytes, windowed, n_bytes);
    }
}

int
test_op_run (void)
{
  int status = g_test_run ();

  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_clear_pointer (&variants[i].executor, unclip_executor_unref);
      g_clear_pointer (&variants[i].windowed, unclip_executor_unref);
    }
  g_clear_pointer (&rules, g_hash_table_unref);
  g_clear_pointer (&weights, g_hash_table_unref);
  return status;
}
