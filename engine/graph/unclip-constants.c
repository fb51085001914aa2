/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A network has hundreds of weights and a driver only some thousand allocations to give, so small constants share slabs.
 *
 * Constants are found by the address of the weight's data and the name of the packed form. Addresses are those of the
 * mapped files, which outlive the programs (see unclip_executor_forget_weights()).
 */

#include "config.h"

#include "unclip-constants.h"

#include "unclip-error.h"
#include "unclip-half.h"

#define SLAB_BYTES (32u << 20)          /* one in two hundred of a real model: the waste at the last slab's end is small */
#define ALIGNMENT 256                   /* the most that Vulkan allows a device to ask for */
#define PIECE_VALUES (1 << 20)          /* packed at a time */
#define MAX_ZERO_TEXELS 4096

struct _UnclipConstants
{
  UnclipGpuDevice *device;      /* owned */
  GHashTable      *table;       /* key string → UnclipGpuBinding; the buffers are kept by @buffers */
  GPtrArray       *buffers;     /* UnclipGpuBuffer, owned */
  UnclipGpuBuffer *slab;        /* borrowed from @buffers; the one being filled */
  gsize            slab_used;
  UnclipGpuBuffer *zeros;       /* owned */
};

UnclipConstants *
unclip_constants_new (UnclipGpuDevice *device)
{
  UnclipConstants *constants = g_new0 (UnclipConstants, 1);

  constants->device = unclip_gpu_device_ref (device);
  constants->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  constants->buffers = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_gpu_buffer_unref);
  return constants;
}

void
unclip_constants_clear (UnclipConstants *constants)
{
  g_hash_table_remove_all (constants->table);
  g_ptr_array_set_size (constants->buffers, 0);
  constants->slab = NULL;
}

void
unclip_constants_free (UnclipConstants *constants)
{
  if (constants == NULL)
    return;
  g_hash_table_unref (constants->table);
  g_ptr_array_unref (constants->buffers);
  g_clear_pointer (&constants->zeros, unclip_gpu_buffer_unref);
  unclip_gpu_device_unref (constants->device);
  g_free (constants);
}

static char *
dup_key (const UnclipConstantParams *params, gboolean as_f16)
{
  GString *key = g_string_new (params->layout);

  g_string_append (key, as_f16 ? ":f16" : ":f32");
  for (guint i = 0; params->weight != NULL && i < params->weight->n_arrays; i++)
    g_string_append_printf (key, ":%p+%" G_GINT64_FORMAT, params->weight->arrays[i].data, params->weight->n_array_rows[i]);
  return g_string_free (key, FALSE);
}

/* For messages and debugging tools. */
static const char *
get_name (const UnclipConstantParams *params)
{
  return params->weight != NULL ? params->weight->arrays[0].name : params->layout;
}

/* Room for @n_bytes: in the slab if it is small, else in a buffer of its own. */
static gboolean
allocate (UnclipConstants *constants, gsize n_bytes, const char *label, UnclipGpuBinding *binding, GError **error)
{
  gsize            padded = (n_bytes + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);
  gboolean         is_large = padded > SLAB_BYTES / 4;
  UnclipGpuBuffer *buffer = constants->slab;

  if (is_large || buffer == NULL || constants->slab_used + padded > SLAB_BYTES)
    {
      buffer = unclip_gpu_buffer_new (constants->device, is_large ? padded : SLAB_BYTES, UNCLIP_GPU_MEMORY_DEVICE,
                                      is_large ? label : "weights", error);
      if (buffer == NULL)
        return FALSE;
      g_ptr_array_add (constants->buffers, buffer);
      if (!is_large)
        {
          constants->slab = buffer;
          constants->slab_used = 0;
        }
    }

  *binding = (UnclipGpuBinding){ .buffer = buffer, .n_bytes = n_bytes, .access = UNCLIP_GPU_READ };
  if (!is_large)
    {
      binding->offset = constants->slab_used;
      constants->slab_used += padded;
    }
  return TRUE;
}

static gboolean
upload (const UnclipConstantParams *params, gboolean as_f16, const UnclipGpuBinding *binding, GError **error)
{
  gint64              granule = MAX (params->granule, 4);
  gint64              piece = MAX (PIECE_VALUES / granule, 1) * granule;
  g_autofree float   *values = g_new (float, MIN (piece, params->n_values));
  g_autofree guint16 *halves = as_f16 ? g_new (guint16, MIN (piece, params->n_values)) : NULL;
  gsize               size = as_f16 ? 2 : 4;

  for (gint64 first = 0; first < params->n_values; first += piece)
    {
      gint64 n = MIN (piece, params->n_values - first);

      params->pack (params->user_data, first, n, values);
      if (as_f16)
        for (gint64 i = 0; i < n; i++)
          halves[i] = unclip_half_from_float (values[i]);
      if (!unclip_gpu_buffer_write (binding->buffer, binding->offset + (gsize) first * size,
                                    as_f16 ? (const void *) halves : values, (gsize) n * size, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
unclip_constants_get (UnclipConstants             *constants,
                      const UnclipConstantParams  *params,
                      gboolean                     as_f16,
                      UnclipGpuBinding            *binding,
                      GError                     **error)
{
  g_autofree char        *key = dup_key (params, as_f16);
  const UnclipGpuBinding *found = g_hash_table_lookup (constants->table, key);
  guint64                 max_texels = unclip_gpu_device_get_limits (constants->device)->max_texel_elements;
  gsize                   n_bytes = (gsize) params->n_values * (as_f16 ? 2 : 4);

  g_assert (params->n_values > 0 && params->n_values % 4 == 0);
  if (found != NULL)
    {
      *binding = *found;
      return TRUE;
    }
  if ((guint64) params->n_values / 4 > max_texels)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
                   "Weight %s takes %" G_GSIZE_FORMAT " MiB, more than this device can bind at once.",
                   get_name (params), n_bytes >> 20);
      return FALSE;
    }
  if (!allocate (constants, n_bytes, get_name (params), binding, error)
      || !upload (params, as_f16, binding, error))
    return FALSE;

  binding->texel = as_f16 ? UNCLIP_GPU_TEXEL_RGBA16F : UNCLIP_GPU_TEXEL_RGBA32F;
  g_hash_table_insert (constants->table, g_steal_pointer (&key), g_memdup2 (binding, sizeof *binding));
  return TRUE;
}

gboolean
unclip_constants_get_zeros (UnclipConstants *constants, gint64 n_texels, UnclipGpuBinding *binding, GError **error)
{
  g_assert (n_texels <= MAX_ZERO_TEXELS);

  if (constants->zeros == NULL)
    {
      gsize              n_bytes = MAX_ZERO_TEXELS * 16;
      g_autofree guint8 *zeros = g_malloc0 (n_bytes);

      constants->zeros = unclip_gpu_buffer_new (constants->device, n_bytes, UNCLIP_GPU_MEMORY_DEVICE, "zeros", error);
      if (constants->zeros == NULL || !unclip_gpu_buffer_write (constants->zeros, 0, zeros, n_bytes, error))
        return FALSE;
    }
  *binding = (UnclipGpuBinding){ .buffer = constants->zeros,
                                 .n_bytes = (gsize) MAX (n_texels, 1) * 16,
                                 .texel = UNCLIP_GPU_TEXEL_RGBA32F,
                                 .access = UNCLIP_GPU_READ };
  return TRUE;
}
