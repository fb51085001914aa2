/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Principal axes from files made here, good and bad, and what noise along them does. */

#include "config.h"

#include "unclip-axes.h"
#include "unclip-error.h"
#include "unclip-model-folder.h"
#include "unclip-safetensors.h"
#include "unclip-slerp.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define E 4

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fugue-axes-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, UNCLIP_AXES_FILE, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

/* Two axes in four dimensions: one along the first, one between the second and the third. */
static const float good_axes[2 * E] = { 1, 0, 0, 0, 0, 0.6f, 0.8f, 0 };
static const float good_deviations[2] = { 2, 0.5f };

static void
put (Fixture *fixture, const char *axes_name, gint64 n_axes, const float *axes, gint64 n_deviations, const float *deviations)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autoptr (GError)                  error = NULL;

  unclip_safetensors_writer_add (writer, axes_name, UNCLIP_DTYPE_F32, 2, (const gint64[]){ n_axes, E }, axes);
  unclip_safetensors_writer_add (writer, "deviations", UNCLIP_DTYPE_F32, 1, &n_deviations, deviations);
  unclip_safetensors_writer_save (writer, fixture->path, &error);
  g_assert_no_error (error);
}

/* Over many draws: mean z, the deviations asked for along the axes, nothing across them. 4000 draws know a deviation to
 * 1.1 % and a mean to 1.6 % of it; the bounds are four times that. */
static void
test_spread (Fixture *fixture, gconstpointer data)
{
  const float            z[E] = { 10, 20, 30, 40 };
  const int              n = 4000;
  const double           amount = 0.3;
  g_autoptr (GError)     error = NULL;
  g_autoptr (UnclipAxes) axes = NULL;
  double                 sum[2] = { 0 }, squares[2] = { 0 };

  put (fixture, "axes", 2, good_axes, 2, good_deviations);
  g_assert_true (unclip_axes_exist (fixture->folder));
  axes = unclip_axes_open (fixture->folder, E, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    {
      const UnclipRngKey key = { 5, (guint32) i, UNCLIP_RNG_EMBEDDING, UNCLIP_RNG_START };
      float              out[E];

      unclip_axes_loosen (axes, z, amount, &key, out);
      g_assert_cmpfloat (out[3], ==, 40);
      /* Along the second axis's normal in its plane. */
      g_assert_cmpfloat_with_epsilon (0.8 * (out[1] - 20) - 0.6 * (out[2] - 30), 0, 1e-5);
      for (guint k = 0; k < 2; k++)
        {
          double along = k == 0 ? out[0] - 10 : 0.6 * (out[1] - 20) + 0.8 * (out[2] - 30);

          sum[k] += along / n;
          squares[k] += along * along / n;
        }
    }
  for (guint k = 0; k < 2; k++)
    {
      g_assert_cmpfloat_with_epsilon (sum[k], 0, 0.064 * amount * good_deviations[k]);
      g_assert_cmpfloat_with_epsilon (sqrt (squares[k]), amount * good_deviations[k], 0.045 * amount * good_deviations[k]);
    }
}

/* The same key, the same noise, in proportion to the amount; none at 0. */
static void
test_amount (Fixture *fixture, gconstpointer data)
{
  const float            z[E] = { 0.1f, 0.2f, 0.3f, 0.4f };
  const UnclipRngKey     key = { 5, 1, UNCLIP_RNG_EMBEDDING, UNCLIP_RNG_START };
  g_autoptr (UnclipAxes) axes = NULL;
  float                  none[E], half[E], whole[E];

  put (fixture, "axes", 2, good_axes, 2, good_deviations);
  axes = unclip_axes_open (fixture->folder, E, NULL);
  unclip_axes_loosen (axes, z, 0, &key, none);
  g_assert_cmpmem (none, sizeof none, z, sizeof z);
  unclip_axes_loosen (axes, z, 0.5, &key, half);
  unclip_axes_loosen (axes, z, 1, &key, whole);
  g_assert_cmpfloat (half[0], !=, z[0]);
  for (guint i = 0; i < E; i++)
    g_assert_cmpfloat_with_epsilon (whole[i] - z[i], 2 * (half[i] - z[i]), 1e-6);
}

static void
assert_fails (Fixture *fixture, int n_embed, UnclipError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (unclip_axes_open (fixture->folder, n_embed, &error));
  g_assert_error (error, UNCLIP_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, UNCLIP_AXES_FILE));
}

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  const float negative[] = { 2, -1 }, infinite[] = { INFINITY, 1 };

  g_assert_false (unclip_axes_exist (fixture->folder));
  assert_fails (fixture, E, UNCLIP_ERROR_MODEL_NOT_FOUND);
  put (fixture, "axes", 2, good_axes, 2, negative);
  assert_fails (fixture, E, UNCLIP_ERROR_MODEL_FORMAT);
  put (fixture, "axes", 2, good_axes, 2, infinite);
  assert_fails (fixture, E, UNCLIP_ERROR_MODEL_FORMAT);
  put (fixture, "axis", 2, good_axes, 2, good_deviations);
  assert_fails (fixture, E, UNCLIP_ERROR_TENSOR_MISSING);
  put (fixture, "axes", 1, good_axes, 2, good_deviations);
  assert_fails (fixture, E, UNCLIP_ERROR_SHAPE_MISMATCH);
  put (fixture, "axes", 2, good_axes, 2, good_deviations);
  assert_fails (fixture, E + 1, UNCLIP_ERROR_SHAPE_MISMATCH);
  g_assert_true (g_file_set_contents (fixture->path, "not tensors", -1, NULL));
  assert_fails (fixture, E, UNCLIP_ERROR_MODEL_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/latent/axes/spread", Fixture, NULL, set_up, test_spread, tear_down);
  g_test_add ("/latent/axes/amount", Fixture, NULL, set_up, test_amount, tear_down);
  g_test_add ("/latent/axes/bad", Fixture, NULL, set_up, test_bad, tear_down);
  return g_test_run ();
}
