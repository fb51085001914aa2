/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-stored-noise.h"

#include "unclip-error.h"

static const char *const stage_names[] = {
  [UNCLIP_RNG_PRIOR] = "prior",
  [UNCLIP_RNG_DECODER] = "decoder",
  [UNCLIP_RNG_SUPER_RES] = "super_res",
};

static char *
dup_name (UnclipRngStage stage, guint step)
{
  if (step == UNCLIP_RNG_START)
    return g_strdup_printf ("%s_latents", stage_names[stage]);
  return g_strdup_printf ("%s_noise.%u", stage_names[stage], step - UNCLIP_RNG_STEP (0));
}

gboolean
unclip_stored_noise_check (UnclipSafetensors *file, UnclipRngStage stage, int n_items, guint n_steps, gsize n, GError **error)
{
  for (guint step = UNCLIP_RNG_START; step < MAX (n_steps, 1); step++)
    {
      g_autofree char   *name = dup_name (stage, step);
      const UnclipArray *array = unclip_safetensors_find (file, name);
      g_autofree char   *shape = array != NULL ? unclip_array_dup_shape_string (array) : NULL;

      if (array == NULL)
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_TENSOR_MISSING, "“%s” has no noise “%s”, which a run of %u steps draws.",
                       unclip_safetensors_get_path (file), name, n_steps);
          return FALSE;
        }
      if (array->n_dims < 2 || array->dims[0] != n_items || unclip_array_get_n_elements (array) != n_items * (gint64) n)
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH,
                       "“%s” in “%s” is of shape %s, but %d pictures of %" G_GSIZE_FORMAT " values each are to be made.", name,
                       unclip_safetensors_get_path (file), shape, n_items, n);
          return FALSE;
        }
    }
  return TRUE;
}

void
unclip_stored_noise_copy_item (const UnclipArray *array, int item, float *out)
{
  gint64            n = unclip_array_get_n_elements (array) / array->dims[0];
  gint64            n_channels = array->dims[1], n_pixels = n / n_channels;
  g_autofree float *planes = g_new (float, n);

  unclip_array_copy_f32 (array, item * n, n, planes);
  for (gint64 i = 0; i < n_pixels; i++)
    for (gint64 c = 0; c < n_channels; c++)
      out[i * n_channels + c] = planes[c * n_pixels + i];
}

void
unclip_stored_noise_draw (UnclipRngStage stage, guint step, int item, float *out, gsize n, gpointer user_data)
{
  g_autofree char   *name = dup_name (stage, step);
  const UnclipArray *array = unclip_safetensors_find (user_data, name);

  g_assert (array != NULL && unclip_array_get_n_elements (array) == (gint64) n * array->dims[0]);
  unclip_stored_noise_copy_item (array, item, out);
}
