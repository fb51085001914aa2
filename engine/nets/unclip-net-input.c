/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Checked inputs and relaid outputs of networks. */

#include "config.h"

#include "unclip-net-input.h"

#include "unclip-error.h"

#include <math.h>
#include <string.h>

const UnclipArray *
unclip_net_inputs_find (const UnclipNetInputs *inputs,
                        const char            *name)
{
  g_autofree char *full = g_strconcat (inputs->prefix, name, NULL);

  return unclip_safetensors_find (inputs->file, full);
}

/* Such as "(1, any, 44)". */
static char *
dup_wanted_string (const gint64 *dims,
                   guint         n_dims)
{
  GString *s = g_string_new ("(");

  for (guint i = 0; i < n_dims; i++)
    {
      if (i > 0)
        g_string_append (s, ", ");
      if (dims[i] == UNCLIP_NET_ANY)
        g_string_append (s, "any");
      else
        g_string_append_printf (s, "%" G_GINT64_FORMAT, dims[i]);
    }
  g_string_append_c (s, ')');
  return g_string_free (s, FALSE);
}

static gboolean
has_shape (const UnclipArray *array,
           const gint64      *dims,
           guint              n_dims)
{
  if (array->n_dims != n_dims)
    return FALSE;
  for (guint i = 0; i < n_dims; i++)
    if (array->dims[i] < 1 || array->dims[i] > G_MAXINT || (dims[i] != UNCLIP_NET_ANY && dims[i] != array->dims[i]))
      return FALSE;
  return TRUE;
}

const UnclipArray *
unclip_net_inputs_require (const UnclipNetInputs *inputs,
                           const char            *name,
                           const gint64          *dims,
                           guint                  n_dims,
                           GError               **error)
{
  const UnclipArray *array = unclip_net_inputs_find (inputs, name);
  g_autofree char *wanted = NULL;
  g_autofree char *found = NULL;

  if (array != NULL && has_shape (array, dims, n_dims))
    return array;

  wanted = dup_wanted_string (dims, n_dims);
  if (array == NULL)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_TENSOR_MISSING,
                   "The input “%s” of shape %s is missing", name, wanted);
      return NULL;
    }
  found = unclip_array_dup_shape_string (array);
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH,
               "The input “%s” has shape %s where the network takes %s", name, found, wanted);
  return NULL;
}

gboolean
unclip_net_inputs_get_flag (const UnclipNetInputs *inputs,
                            const char            *name)
{
  const UnclipArray *array = unclip_net_inputs_find (inputs, name);
  float value = 0;

  if (array != NULL && unclip_array_get_n_elements (array) > 0)
    unclip_array_copy_f32 (array, 0, 1, &value);
  return value != 0;
}

float *
unclip_net_inputs_dup_timesteps (const UnclipNetInputs *inputs,
                                 int                    n,
                                 GError               **error)
{
  const UnclipArray *array = unclip_net_inputs_find (inputs, "timestep");
  gint64 n_given = array != NULL ? unclip_array_get_n_elements (array) : 0;
  g_autofree float *t = g_new (float, n);

  if (n_given != 1 && n_given != n)
    {
      g_set_error (error, UNCLIP_ERROR, array != NULL ? UNCLIP_ERROR_SHAPE_MISMATCH : UNCLIP_ERROR_TENSOR_MISSING,
                   "The input “timestep” must hold one number, or one for each of %d items", n);
      return NULL;
    }
  for (int i = 0; i < n; i++)
    {
      unclip_array_copy_f32 (array, n_given == 1 ? 0 : i, 1, &t[i]);
      if (!isfinite (t[i]))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT, "The input “timestep” is not a finite number");
          return NULL;
        }
    }
  return g_steal_pointer (&t);
}

float *
unclip_net_array_dup_f32 (const UnclipArray *array)
{
  gint64 n = unclip_array_get_n_elements (array);
  float *values = g_new (float, n);

  unclip_array_copy_f32 (array, 0, n, values);
  return values;
}

float *
unclip_net_array_dup_channels_last (const UnclipArray *array,
                                    int                height,
                                    int                width)
{
  int n = (int) array->dims[0], c = (int) array->dims[1], h = (int) array->dims[2], w = (int) array->dims[3];
  g_autofree float *values = unclip_net_array_dup_f32 (array);
  float *out = g_new (float, (gsize) n * height * width * c);

  g_assert (height <= h && width <= w);
  for (int i = 0; i < n; i++)
    for (int v = 0; v < height; v++)
      for (int u = 0; u < width; u++)
        for (int k = 0; k < c; k++)
          out[(((gsize) i * height + v) * width + u) * c + k] = values[(((gsize) i * c + k) * h + v) * w + u];
  return out;
}

static float *
dup_channels_first (const float *values,
                    UnclipShape  s)
{
  float *out = g_new (float, (gsize) s.n * s.h * s.w * s.c);

  for (int i = 0; i < s.n; i++)
    for (int k = 0; k < s.c; k++)
      for (int v = 0; v < s.h; v++)
        for (int u = 0; u < s.w; u++)
          out[(((gsize) i * s.c + k) * s.h + v) * s.w + u] = values[(((gsize) i * s.h + v) * s.w + u) * s.c + k];
  return out;
}

static void
set_dims (UnclipNetResult *result,
          UnclipNetLayout  layout,
          UnclipShape      s)
{
  switch (layout)
    {
    case UNCLIP_NET_VECTOR:
      result->n_dims = 2;
      memcpy (result->dims, (gint64[]){ s.n, s.c }, 2 * sizeof (gint64));
      break;
    case UNCLIP_NET_TOKENS:
      result->n_dims = 3;
      memcpy (result->dims, (gint64[]){ s.n, s.w, s.c }, 3 * sizeof (gint64));
      break;
    case UNCLIP_NET_PICTURE:
      result->n_dims = 4;
      memcpy (result->dims, (gint64[]){ s.n, s.c, s.h, s.w }, 4 * sizeof (gint64));
      break;
    }
}

UnclipNetResult *
unclip_net_result_read (UnclipProgram  *program,
                        const char     *name,
                        UnclipNetLayout layout,
                        GError        **error)
{
  UnclipShape shape = unclip_program_get_output_shape (program, name);
  g_autofree float *values = g_new (float, (gsize) shape.n * shape.h * shape.w * shape.c);
  UnclipNetResult *result;

  if (!unclip_program_read_f32 (program, name, values, error))
    return NULL;

  result = g_new0 (UnclipNetResult, 1);
  result->name = g_strdup (name);
  result->values = layout == UNCLIP_NET_PICTURE ? dup_channels_first (values, shape) : g_steal_pointer (&values);
  set_dims (result, layout, shape);
  return result;
}

void
unclip_net_result_free (UnclipNetResult *result)
{
  if (result == NULL)
    return;
  g_free (result->name);
  g_free (result->values);
  g_free (result);
}
