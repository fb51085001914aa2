/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finds a component's weight files, joins shards into one list of tensors, and checks what networks ask of them. */

#include "config.h"

#include "unclip-weights.h"

#include "unclip-error.h"
#include "unclip-file-hash.h"
#include "unclip-json.h"
#include "unclip-safetensors.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* More shards than any model has; each costs a mapping. */
#define MAX_SHARDS 1024

struct UnclipWeights
{
  gatomicrefcount ref_count;

  /* Constant after open, owned. */
  char           *path;
  GPtrArray      *files;        /* of UnclipSafetensors */
  GPtrArray      *arrays;       /* of const UnclipArray, which @files keep alive */
  GHashTable     *by_name;      /* name → UnclipArray, likewise */
};

static UnclipWeights *
weights_new (const char *path)
{
  UnclipWeights *self = g_new0 (UnclipWeights, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_strdup (path);
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_safetensors_unref);
  self->arrays = g_ptr_array_new ();
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

static void
add_array (UnclipWeights *self, const UnclipArray *array)
{
  g_ptr_array_add (self->arrays, (gpointer) array);
  g_hash_table_insert (self->by_name, (gpointer) array->name, (gpointer) array);
}

UnclipWeights *
unclip_weights_open_file (const char *path, GError **error)
{
  g_autoptr (UnclipWeights) self = weights_new (path);
  UnclipSafetensors *file = unclip_safetensors_open (path, error);

  if (!file)
    return NULL;
  g_ptr_array_add (self->files, file);
  for (guint i = 0; i < unclip_safetensors_get_n_tensors (file); i++)
    add_array (self, unclip_safetensors_get_nth (file, i));
  return g_steal_pointer (&self);
}

/* A shard is a file beside its index: nothing that leads elsewhere. */
static gboolean
is_plain_name (const char *name)
{
  return *name != '\0' && !strchr (name, '/') && !strchr (name, '\\') && !g_str_equal (name, ".")
         && !g_str_equal (name, "..");
}

static UnclipSafetensors *
open_shard (UnclipWeights *self, GHashTable *shards, const char *name, GError **error)
{
  UnclipSafetensors *file = g_hash_table_lookup (shards, name);
  g_autofree char   *folder = NULL;
  g_autofree char   *path = NULL;

  if (file)
    return file;
  if (!is_plain_name (name))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "“%s” names the shard “%s”, which is not a file beside it", self->path, name);
      return NULL;
    }
  if (self->files->len == MAX_SHARDS)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” names more than %d shards", self->path,
                   MAX_SHARDS);
      return NULL;
    }
  folder = g_path_get_dirname (self->path);
  path = g_build_filename (folder, name, NULL);
  file = unclip_safetensors_open (path, error);
  if (!file)
    {
      g_prefix_error (error, "A shard of “%s” is missing or broken: ", self->path);
      return NULL;
    }
  g_ptr_array_add (self->files, file);
  g_hash_table_insert (shards, g_strdup (name), file);
  return file;
}

static gboolean
add_sharded_tensor (UnclipWeights *self, GHashTable *shards, const char *name, JsonNode *value, GError **error)
{
  UnclipSafetensors *file;
  const UnclipArray *array;

  if (!JSON_NODE_HOLDS_VALUE (value) || json_node_get_value_type (value) != G_TYPE_STRING)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” names no file for the tensor “%s”", self->path,
                   name);
      return FALSE;
    }
  file = open_shard (self, shards, json_node_get_string (value), error);
  if (!file)
    return FALSE;
  array = unclip_safetensors_find (file, name);
  if (!array)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_TENSOR_MISSING, "“%s” has no tensor “%s”, though “%s” says so",
                   unclip_safetensors_get_path (file), name, self->path);
      return FALSE;
    }
  add_array (self, array);
  return TRUE;
}

static UnclipWeights *
open_index (const char *path, GError **error)
{
  g_autoptr (UnclipWeights) self = weights_new (path);
  g_autoptr (JsonObject) index = unclip_json_load_object (path, error);
  g_autoptr (GHashTable) shards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonNode      *map;
  JsonObjectIter iter;
  const char    *name;
  JsonNode      *value;

  if (!index)
    return NULL;
  map = json_object_get_member (index, "weight_map");
  if (!map || !JSON_NODE_HOLDS_OBJECT (map))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” has no object “weight_map”", path);
      return NULL;
    }
  json_object_iter_init_ordered (&iter, json_node_get_object (map));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    if (!add_sharded_tensor (self, shards, name, value, error))
      return NULL;
  return g_steal_pointer (&self);
}

/* What a folder without safetensors holds instead, said so that the person knows what to do. */
static void
set_no_weights_error (const char *folder, GError **error)
{
  static const char *const pickle_suffixes[] = { ".bin", ".ckpt", ".pt", ".pth", ".pkl" };
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while (dir && (name = g_dir_read_name (dir)))
    for (guint i = 0; i < G_N_ELEMENTS (pickle_suffixes); i++)
      if (g_str_has_suffix (name, pickle_suffixes[i]))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                       "“%s” holds its weights as a pickle (%s), which can run code and is never read; convert it to "
                       "safetensors, for instance in Python by from_pretrained (…) and save_pretrained (…, "
                       "safe_serialization=True)", folder, name);
          return;
        }
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND,
               "“%s” holds no weights: neither diffusion_pytorch_model.safetensors nor model.safetensors", folder);
}

UnclipWeights *
unclip_weights_open (const char *folder, GError **error)
{
  static const struct
  {
    const char *name;
    gboolean    is_index;
  } candidates[] = {
    { "diffusion_pytorch_model.safetensors", FALSE },
    { "model.safetensors", FALSE },
    { "diffusion_pytorch_model.safetensors.index.json", TRUE },
    { "model.safetensors.index.json", TRUE },
    { "diffusion_pytorch_model.fp16.safetensors", FALSE },
    { "model.fp16.safetensors", FALSE },
    { "diffusion_pytorch_model.safetensors.index.fp16.json", TRUE },
    { "model.safetensors.index.fp16.json", TRUE },
  };

  g_return_val_if_fail (folder != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      g_autofree char *path = g_build_filename (folder, candidates[i].name, NULL);

      /* A dangling link counts as there: its error names the file. */
      if (g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        return candidates[i].is_index ? open_index (path, error) : unclip_weights_open_file (path, error);
    }
  set_no_weights_error (folder, error);
  return NULL;
}

UnclipWeights *
unclip_weights_ref (UnclipWeights *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
unclip_weights_unref (UnclipWeights *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->arrays);
  g_ptr_array_unref (self->files);
  g_free (self->path);
  g_free (self);
}

const char *
unclip_weights_get_path (UnclipWeights *self)
{
  return self->path;
}

guint
unclip_weights_get_n_tensors (UnclipWeights *self)
{
  return self->arrays->len;
}

const UnclipArray *
unclip_weights_get_nth (UnclipWeights *self, guint n)
{
  g_return_val_if_fail (n < self->arrays->len, NULL);
  return g_ptr_array_index (self->arrays, n);
}

guint64
unclip_weights_get_n_bytes (UnclipWeights *self)
{
  guint64 sum = 0;

  for (guint i = 0; i < self->arrays->len; i++)
    sum += unclip_weights_get_nth (self, i)->n_bytes;
  return sum;
}

const UnclipArray *
unclip_weights_find (UnclipWeights *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

static gboolean
is_float (UnclipDType dtype)
{
  return dtype == UNCLIP_DTYPE_F32 || dtype == UNCLIP_DTYPE_F16 || dtype == UNCLIP_DTYPE_BF16;
}

const UnclipArray *
unclip_weights_require (UnclipWeights *self, const char *name, guint n_dims, const gint64 *dims, GError **error)
{
  const UnclipArray *array = unclip_weights_find (self, name);
  UnclipArray        expected = { .n_dims = n_dims };

  g_return_val_if_fail (n_dims <= UNCLIP_ARRAY_MAX_DIMS, NULL);

  if (!array)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_TENSOR_MISSING, "“%s” lacks the tensor “%s”", self->path, name);
      return NULL;
    }
  memcpy (expected.dims, dims, n_dims * sizeof *dims);
  if (array->n_dims != n_dims || memcmp (array->dims, dims, n_dims * sizeof *dims) != 0)
    {
      g_autofree char *wanted = unclip_array_dup_shape_string (&expected);
      g_autofree char *found = unclip_array_dup_shape_string (array);

      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH,
                   "In “%s” the tensor “%s” has the shape %s, but the config calls for %s", self->path, name, found,
                   wanted);
      return NULL;
    }
  if (!is_float (array->dtype))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "In “%s” the tensor “%s” is of type %s, but numbers with fractions are needed", self->path, name,
                   unclip_dtype_get_name (array->dtype));
      return NULL;
    }
  return array;
}

/* Bits of the exponent: all set in infinity and NaN, in nothing else. */
#define F32_EXPONENT 0x7f800000u
#define F16_EXPONENT 0x7c00u
#define BF16_EXPONENT 0x7f80u

#define BLOCK_BYTES 4096

/* Whether a block has a value with all bits of @exponent. The copy makes it aligned, and the loop has no branches, so
 * that the compiler makes vectors of it. */
static gboolean
block_is_finite (const guint8 *bytes, gsize n_bytes, gsize size, guint32 exponent)
{
  union
  {
    guint32 words[BLOCK_BYTES / 4];
    guint16 halves[BLOCK_BYTES / 2];
  } block;
  guint32 bad = 0;

  memcpy (&block, bytes, n_bytes);
  if (size == sizeof (guint32))
    for (gsize i = 0; i < n_bytes / sizeof (guint32); i++)
      bad |= (block.words[i] & exponent) == exponent;
  else
    for (gsize i = 0; i < n_bytes / sizeof (guint16); i++)
      bad |= (block.halves[i] & exponent) == exponent;
  return bad == 0;
}

static gboolean
check_array (UnclipWeights *self, const UnclipArray *array, GError **error)
{
  guint32       exponent = array->dtype == UNCLIP_DTYPE_F32   ? F32_EXPONENT
                           : array->dtype == UNCLIP_DTYPE_F16 ? F16_EXPONENT
                                                              : BF16_EXPONENT;
  gsize         size = unclip_dtype_get_size (array->dtype);
  const guint8 *bytes = array->data;
  gsize         at = 0;

  while (at < array->n_bytes && block_is_finite (bytes + at, MIN (BLOCK_BYTES, array->n_bytes - at), size, exponent))
    at += BLOCK_BYTES;
  if (at >= array->n_bytes)
    return TRUE;

  for (gint64 i = at / size;; i++)
    {
      float value;

      unclip_array_copy_f32 (array, i, 1, &value);
      if (!isfinite (value))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                       "In “%s” the tensor “%s” is broken: its element %" G_GINT64_FORMAT " is %s", self->path,
                       array->name, i, isnan (value) ? "not a number" : "infinite");
          return FALSE;
        }
    }
}

gboolean
unclip_weights_check_finite (UnclipWeights *self, GError **error)
{
  for (guint i = 0; i < self->arrays->len; i++)
    {
      const UnclipArray *array = unclip_weights_get_nth (self, i);

      if (is_float (array->dtype) && !check_array (self, array, error))
        return FALSE;
    }
  return unclip_weights_check_whole (self, error);
}

gboolean
unclip_weights_check_whole (UnclipWeights *self, GError **error)
{
  for (guint i = 0; i < self->files->len; i++)
    if (!unclip_safetensors_check_whole (g_ptr_array_index (self->files, i), error))
      return FALSE;
  return TRUE;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
unclip_weights_dup_hash (UnclipWeights *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < self->files->len; i++)
    {
      const char      *path = unclip_safetensors_get_path (g_ptr_array_index (self->files, i));
      g_autofree char *name = g_path_get_basename (path);
      g_autofree char *hash = unclip_file_hash (path, cancellable, error);

      if (!hash)
        return NULL;
      if (self->files->len == 1)
        return g_steal_pointer (&hash);
      g_ptr_array_add (lines, g_strdup_printf ("%s %s\n", name, hash));
    }
  g_ptr_array_sort (lines, compare_strings);
  for (guint i = 0; i < lines->len; i++)
    g_checksum_update (checksum, g_ptr_array_index (lines, i), -1);
  return g_strdup (g_checksum_get_string (checksum));
}
