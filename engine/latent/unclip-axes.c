/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-axes.h"

#include "unclip-error.h"
#include "unclip-model-folder.h"
#include "unclip-weights.h"

#include <string.h>

struct _UnclipAxes
{
  gsize  n_axes;
  gsize  n_embed;
  float *axes;                  /* n_axes × n_embed */
  float *deviations;            /* n_axes */
};

gboolean
unclip_axes_exist (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, UNCLIP_AXES_FILE, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static gboolean
check_deviations (const UnclipAxes *axes, const char *path, GError **error)
{
  for (gsize k = 0; k < axes->n_axes; k++)
    if (axes->deviations[k] < 0)
      {
        g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "Deviation %" G_GSIZE_FORMAT " in “%s” is negative.", k, path);
        return FALSE;
      }
  return TRUE;
}

static UnclipAxes *
read_axes (UnclipWeights *weights, int n_embed, GError **error)
{
  const char             *path = unclip_weights_get_path (weights);
  const UnclipArray      *found = unclip_weights_find (weights, "deviations");
  gint64                  n_axes = found != NULL && found->n_dims == 1 ? found->dims[0] : 1;
  const UnclipArray      *deviations = unclip_weights_require (weights, "deviations", UNCLIP_DIMS (n_axes), error);
  const UnclipArray      *vectors = deviations != NULL ? unclip_weights_require (weights, "axes", UNCLIP_DIMS (n_axes, n_embed), error) : NULL;
  g_autoptr (UnclipAxes)  axes = NULL;

  if (vectors == NULL || !unclip_weights_check_finite (weights, error))
    return NULL;
  axes = g_new (UnclipAxes, 1);
  *axes = (UnclipAxes){ (gsize) n_axes, (gsize) n_embed, g_new (float, n_axes * n_embed), g_new (float, n_axes) };
  unclip_array_copy_f32 (vectors, 0, n_axes * n_embed, axes->axes);
  unclip_array_copy_f32 (deviations, 0, n_axes, axes->deviations);
  return check_deviations (axes, path, error) ? g_steal_pointer (&axes) : NULL;
}

UnclipAxes *
unclip_axes_open (const char *folder, int n_embed, GError **error)
{
  g_autofree char          *path = g_build_filename (folder, UNCLIP_AXES_FILE, NULL);
  g_autoptr (UnclipWeights) weights = NULL;

  if (!unclip_axes_exist (folder))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
                   "The model in “%s” brings no %s, without which embeddings cannot be loosened; Mini has it.", folder, UNCLIP_AXES_FILE);
      return NULL;
    }
  weights = unclip_weights_open_file (path, error);
  return weights != NULL ? read_axes (weights, n_embed, error) : NULL;
}

void
unclip_axes_free (UnclipAxes *axes)
{
  if (axes == NULL)
    return;
  g_free (axes->axes);
  g_free (axes->deviations);
  g_free (axes);
}

void
unclip_axes_loosen (const UnclipAxes *axes, const float *z, double amount, const UnclipRngKey *key, float *out)
{
  g_autofree float  *normals = g_new (float, axes->n_axes);
  g_autofree double *sum = g_new0 (double, axes->n_embed);

  unclip_rng_fill_normal (key, 0, normals, axes->n_axes);
  for (gsize k = 0; k < axes->n_axes; k++)
    for (gsize i = 0; i < axes->n_embed; i++)
      sum[i] += amount * normals[k] * axes->deviations[k] * axes->axes[k * axes->n_embed + i];
  for (gsize i = 0; i < axes->n_embed; i++)
    out[i] = (float) (z[i] + sum[i]);
}
