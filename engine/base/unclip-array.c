/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-array.h"

#include "unclip-half.h"

#include <string.h>

static const struct
{
  const char *name;
  gsize       size;
} dtypes[] = {
  [UNCLIP_DTYPE_F32] = { "F32", 4 },
  [UNCLIP_DTYPE_F16] = { "F16", 2 },
  [UNCLIP_DTYPE_BF16] = { "BF16", 2 },
  [UNCLIP_DTYPE_I64] = { "I64", 8 },
  [UNCLIP_DTYPE_I32] = { "I32", 4 },
  [UNCLIP_DTYPE_U8] = { "U8", 1 },
  [UNCLIP_DTYPE_BOOL] = { "BOOL", 1 },
};

gsize
unclip_dtype_get_size (UnclipDType dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), 0);
  return dtypes[dtype].size;
}

const char *
unclip_dtype_get_name (UnclipDType dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), NULL);
  return dtypes[dtype].name;
}

gint64
unclip_array_get_n_elements (const UnclipArray *array)
{
  gint64 n = 1;

  for (guint i = 0; i < array->n_dims; i++)
    n *= array->dims[i];
  return n;
}

static float
read_f32 (UnclipDType dtype, const guint8 *bytes)
{
  switch (dtype)
    {
    case UNCLIP_DTYPE_F32:
      {
        float value;
        memcpy (&value, bytes, sizeof value);
        return value;
      }
    case UNCLIP_DTYPE_F16:
      return unclip_half_to_float ((guint16) (bytes[0] | bytes[1] << 8));
    case UNCLIP_DTYPE_BF16:
      {
        guint32 bits = (guint32) bytes[0] << 16 | (guint32) bytes[1] << 24;
        float   value;
        memcpy (&value, &bits, sizeof value);
        return value;
      }
    case UNCLIP_DTYPE_I64:
      {
        gint64 value;
        memcpy (&value, bytes, sizeof value);
        return (float) value;
      }
    case UNCLIP_DTYPE_I32:
      {
        gint32 value;
        memcpy (&value, bytes, sizeof value);
        return (float) value;
      }
    case UNCLIP_DTYPE_U8:
    case UNCLIP_DTYPE_BOOL:
      return bytes[0];
    default:
      g_assert_not_reached ();
    }
}

void
unclip_array_copy_f32 (const UnclipArray *array, gint64 first, gint64 n, float *out)
{
  gsize         size = unclip_dtype_get_size (array->dtype);
  const guint8 *bytes = (const guint8 *) array->data + (gsize) first * size;

  g_return_if_fail (first >= 0 && n >= 0 && first + n <= unclip_array_get_n_elements (array));

  if (array->dtype == UNCLIP_DTYPE_F32)
    memcpy (out, bytes, (gsize) n * size);
  else
    for (gint64 i = 0; i < n; i++, bytes += size)
      out[i] = read_f32 (array->dtype, bytes);
}

char *
unclip_array_dup_shape_string (const UnclipArray *array)
{
  GString *string = g_string_new ("(");

  for (guint i = 0; i < array->n_dims; i++)
    g_string_append_printf (string, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", array->dims[i]);
  g_string_append_c (string, ')');
  return g_string_free (string, FALSE);
}
