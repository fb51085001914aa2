/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reader works in three passes: the header's JSON into a table of names, each tensor's shape against its bytes,
 * then all offsets in order, which finds overlaps and holes at once. The format's own library asks for the same.
 */

#include "config.h"

#include "unclip-safetensors.h"

#include "unclip-error.h"
#include "unclip-json.h"
#include "unclip-mapped-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The limit of the format's own library. */
#define MAX_HEADER_BYTES (100 * 1000 * 1000)

/* Data start at a multiple of this in files that we write. */
#define ALIGNMENT 8

struct UnclipSafetensors
{
  gatomicrefcount   ref_count;

  /* Constant after open, owned. */
  char             *path;
  UnclipMappedFile *file;
  GStringChunk     *strings;    /* names, and both halves of the metadata */
  GArray           *arrays;     /* of UnclipArray, in the header's order */
  GHashTable       *by_name;    /* name → index in @arrays + 1 */
  GHashTable       *metadata;   /* string → string */

  /* Into the mapping. */
  const guint8     *data;
  gsize             data_bytes;
};

/* What a tensor's entry in the header says, before it is believed. */
typedef struct
{
  gboolean    has_dtype, has_shape, has_offsets;
  UnclipArray array;
  gint64      begin, end;
} Entry;

static gboolean
fail (UnclipSafetensors *self, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (UnclipSafetensors *self, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list          args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” is not a usable safetensors file: %s", self->path,
               message);
  return FALSE;
}

static gboolean
dtype_from_name (const char *name, UnclipDType *dtype)
{
  for (UnclipDType i = UNCLIP_DTYPE_F32; i <= UNCLIP_DTYPE_BOOL; i++)
    if (g_str_equal (name, unclip_dtype_get_name (i)))
      {
        *dtype = i;
        return TRUE;
      }
  return FALSE;
}

static void
read_dtype (UnclipJsonReader *reader, const char *tensor, Entry *entry)
{
  const char *name = unclip_json_reader_read_string (reader);

  if (!reader->error && !dtype_from_name (name, &entry->array.dtype))
    unclip_json_reader_fail (reader, "tensor “%s” is of type “%s”, but only F32, F16, BF16, I64, I32, U8 and BOOL are "
                             "read", tensor, name);
  entry->has_dtype = TRUE;
}

static void
read_shape (UnclipJsonReader *reader, const char *tensor, Entry *entry)
{
  entry->array.n_dims = 0;
  unclip_json_reader_enter (reader, UNCLIP_JSON_ARRAY);
  while (unclip_json_reader_next_item (reader))
    {
      gint64 dim = unclip_json_reader_read_int (reader);

      if (dim < 0)
        unclip_json_reader_fail (reader, "tensor “%s” has a negative dimension", tensor);
      else if (entry->array.n_dims == UNCLIP_ARRAY_MAX_DIMS)
        unclip_json_reader_fail (reader, "tensor “%s” has more than %d dimensions", tensor, UNCLIP_ARRAY_MAX_DIMS);
      else
        entry->array.dims[entry->array.n_dims++] = dim;
    }
  entry->has_shape = TRUE;
}

static void
read_offsets (UnclipJsonReader *reader, const char *tensor, Entry *entry)
{
  gint64 offsets[2] = { 0, 0 };
  guint  n = 0;

  unclip_json_reader_enter (reader, UNCLIP_JSON_ARRAY);
  while (unclip_json_reader_next_item (reader))
    {
      gint64 offset = unclip_json_reader_read_int (reader);

      if (n < 2)
        offsets[n] = offset;
      n++;
    }
  if (n != 2)
    unclip_json_reader_fail (reader, "tensor “%s” has %u data_offsets, not 2", tensor, n);
  entry->begin = offsets[0];
  entry->end = offsets[1];
  entry->has_offsets = TRUE;
}

static void
read_entry (UnclipJsonReader *reader, const char *tensor, Entry *entry)
{
  static const struct
  {
    const char *key;
    gsize       seen;
    void      (*read) (UnclipJsonReader *, const char *, Entry *);
  } fields[] = {
    { "dtype", G_STRUCT_OFFSET (Entry, has_dtype), read_dtype },
    { "shape", G_STRUCT_OFFSET (Entry, has_shape), read_shape },
    { "data_offsets", G_STRUCT_OFFSET (Entry, has_offsets), read_offsets },
  };
  const char *key;

  unclip_json_reader_enter (reader, UNCLIP_JSON_OBJECT);
  while ((key = unclip_json_reader_next_member (reader)))
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (fields) && !g_str_equal (key, fields[i].key))
        i++;
      if (i == G_N_ELEMENTS (fields))
        unclip_json_reader_skip (reader);
      else if (G_STRUCT_MEMBER (gboolean, entry, fields[i].seen))
        unclip_json_reader_fail (reader, "tensor “%s” has two keys “%s”", tensor, key);
      else
        fields[i].read (reader, tensor, entry);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!G_STRUCT_MEMBER (gboolean, entry, fields[i].seen))
      unclip_json_reader_fail (reader, "tensor “%s” lacks the key “%s”", tensor, fields[i].key);
}

/* Believes an entry if its bytes lie in the file and are as many as its shape needs. */
static void
check_entry (UnclipSafetensors *self, UnclipJsonReader *reader, Entry *entry)
{
  UnclipArray     *array = &entry->array;
  g_autofree char *shape = NULL;
  guint64          n_bytes;     /* of the dimensions that are not 0, whose product must fit in any order */
  gboolean         empty = FALSE, fits = TRUE;

  if (reader->error)
    return;
  if (entry->begin < 0 || entry->end < entry->begin || (guint64) entry->end > self->data_bytes)
    {
      unclip_json_reader_fail (reader, "tensor “%s” claims bytes %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                               ", but the file holds %" G_GSIZE_FORMAT " of data%s", array->name, entry->begin,
                               entry->end, self->data_bytes, entry->end > entry->begin ? "; is it cut short?" : "");
      return;
    }
  n_bytes = unclip_dtype_get_size (array->dtype);
  for (guint i = 0; i < array->n_dims && fits; i++)
    {
      empty |= array->dims[i] == 0;
      fits = g_uint64_checked_mul (&n_bytes, n_bytes, MAX (array->dims[i], 1)) && n_bytes <= G_MAXINT64;
    }
  if (empty)
    n_bytes = 0;

  shape = unclip_array_dup_shape_string (array);
  if (!fits || n_bytes != (guint64) (entry->end - entry->begin))
    unclip_json_reader_fail (reader, "tensor “%s” has %" G_GINT64_FORMAT " bytes, which its shape %s of %s does not "
                             "make", array->name, entry->end - entry->begin, shape,
                             unclip_dtype_get_name (array->dtype));
  array->data = self->data + entry->begin;
  array->n_bytes = n_bytes;
}

static void
read_metadata (UnclipSafetensors *self, UnclipJsonReader *reader)
{
  const char *key;

  if (self->metadata)
    unclip_json_reader_fail (reader, "the key “__metadata__” stands twice");
  else
    self->metadata = g_hash_table_new (g_str_hash, g_str_equal);

  unclip_json_reader_enter (reader, UNCLIP_JSON_OBJECT);
  while ((key = unclip_json_reader_next_member (reader)))
    {
      if (unclip_json_reader_peek (reader) != UNCLIP_JSON_STRING)
        unclip_json_reader_fail (reader, "the metadata's “%s” is not a string", key);
      else if (g_hash_table_contains (self->metadata, key))
        unclip_json_reader_fail (reader, "the metadata's key “%s” stands twice", key);
      else
        g_hash_table_insert (self->metadata, g_string_chunk_insert (self->strings, key),
                             g_string_chunk_insert (self->strings, unclip_json_reader_read_string (reader)));
    }
}

static void
read_tensor (UnclipSafetensors *self, UnclipJsonReader *reader, const char *key)
{
  Entry entry = { .array.name = g_string_chunk_insert (self->strings, key) };

  if (g_hash_table_contains (self->by_name, entry.array.name))
    unclip_json_reader_fail (reader, "tensor “%s” stands twice", entry.array.name);
  read_entry (reader, entry.array.name, &entry);
  check_entry (self, reader, &entry);
  if (reader->error)
    return;
  g_array_append_val (self->arrays, entry.array);
  g_hash_table_insert (self->by_name, (gpointer) entry.array.name, GUINT_TO_POINTER (self->arrays->len));
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const UnclipArray *first = *(const UnclipArray *const *) a;
  const UnclipArray *second = *(const UnclipArray *const *) b;

  if (first->data != second->data)
    return first->data < second->data ? -1 : 1;
  /* An empty tensor before the one that starts where it stands. */
  return (first->n_bytes > second->n_bytes) - (first->n_bytes < second->n_bytes);
}

static gboolean
check_coverage (UnclipSafetensors *self, GError **error)
{
  g_autofree const UnclipArray **places = g_new (const UnclipArray *, self->arrays->len + 1);
  const guint8      *at = self->data;
  const UnclipArray *last = NULL;

  for (guint i = 0; i < self->arrays->len; i++)
    places[i] = &g_array_index (self->arrays, UnclipArray, i);
  if (self->arrays->len > 0)
    qsort (places, self->arrays->len, sizeof *places, compare_places);

  for (guint i = 0; i < self->arrays->len; i++)
    {
      const guint8 *begin = places[i]->data;

      if (begin < at)
        return fail (self, error, "the tensors “%s” and “%s” overlap", last->name, places[i]->name);
      if (begin > at)
        return fail (self, error, "%" G_GSIZE_FORMAT " bytes before tensor “%s” belong to nothing", (gsize) (begin - at),
                     places[i]->name);
      at = begin + places[i]->n_bytes;
      last = places[i];
    }
  if (at != self->data + self->data_bytes)
    return fail (self, error, "%" G_GSIZE_FORMAT " bytes at its end belong to no tensor",
                 self->data_bytes - (gsize) (at - self->data));
  return TRUE;
}

static gboolean
parse_header (UnclipSafetensors *self, const char *text, gsize length, GError **error)
{
  g_auto (UnclipJsonReader) reader = { 0 };
  g_autoptr (GError) fault = NULL;
  const char *key;

  unclip_json_reader_init (&reader, text, length);
  unclip_json_reader_enter (&reader, UNCLIP_JSON_OBJECT);
  while ((key = unclip_json_reader_next_member (&reader)))
    {
      if (g_str_equal (key, "__metadata__"))
        read_metadata (self, &reader);
      else
        read_tensor (self, &reader, key);
    }
  if (!unclip_json_reader_finish (&reader, &fault))
    return fail (self, error, "in its header, %s", fault->message);
  return TRUE;
}

static gboolean
parse (UnclipSafetensors *self, GError **error)
{
  gsize       length;
  const char *contents = unclip_mapped_file_get_contents (self->file, &length);
  guint64     header_bytes;

  if (length < sizeof header_bytes)
    return fail (self, error, "it has only %" G_GSIZE_FORMAT " bytes", length);
  memcpy (&header_bytes, contents, sizeof header_bytes);
  header_bytes = GUINT64_FROM_LE (header_bytes);
  if (header_bytes > MAX_HEADER_BYTES)
    return fail (self, error, "its header claims %" G_GUINT64_FORMAT " bytes", header_bytes);
  if (header_bytes > length - sizeof header_bytes)
    return fail (self, error, "its header claims %" G_GUINT64_FORMAT " bytes, but the file ends after %" G_GSIZE_FORMAT
                 "; is it cut short?", header_bytes, length - sizeof header_bytes);

  self->data = (const guint8 *) contents + sizeof header_bytes + header_bytes;
  self->data_bytes = length - sizeof header_bytes - header_bytes;
  return parse_header (self, contents + sizeof header_bytes, header_bytes, error) && check_coverage (self, error)
         && unclip_safetensors_check_whole (self, error);
}

static UnclipMappedFile *
map_file (UnclipSafetensors *self, GError **error)
{
  /* O_NONBLOCK: opening a pipe must not wait for its other end. */
  int               fd = g_open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat       info;
  UnclipMappedFile *file = NULL;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "Could not open “%s”: %s", self->path,
                   g_strerror (saved_errno));
    }
  else if (!S_ISREG (info.st_mode))
    {
      fail (self, error, "it is %s", S_ISDIR (info.st_mode) ? "a folder" : "not a regular file");
    }
  else
    {
      file = unclip_mapped_file_new (fd, error);
      if (file == NULL)
        g_prefix_error (error, "Could not map “%s”: ", self->path);
    }
  if (fd >= 0)
    close (fd);
  return file;
}

UnclipSafetensors *
unclip_safetensors_open (const char *path, GError **error)
{
  g_autoptr (UnclipSafetensors) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (UnclipSafetensors, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_strdup (path);
  self->strings = g_string_chunk_new (4096);
  self->arrays = g_array_new (FALSE, FALSE, sizeof (UnclipArray));
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->file = map_file (self, error);
  if (!self->file || !parse (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

UnclipSafetensors *
unclip_safetensors_ref (UnclipSafetensors *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
unclip_safetensors_unref (UnclipSafetensors *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->metadata, g_hash_table_unref);
  g_hash_table_unref (self->by_name);
  g_array_unref (self->arrays);
  g_string_chunk_free (self->strings);
  g_clear_pointer (&self->file, unclip_mapped_file_free);
  g_free (self->path);
  g_free (self);
}

gboolean
unclip_safetensors_check_whole (UnclipSafetensors *self, GError **error)
{
  return unclip_mapped_file_is_whole (self->file)
         || fail (self, error, "another program shortened it while it was read; put it back and try again");
}

const char *
unclip_safetensors_get_path (UnclipSafetensors *self)
{
  return self->path;
}

guint
unclip_safetensors_get_n_tensors (UnclipSafetensors *self)
{
  return self->arrays->len;
}

const UnclipArray *
unclip_safetensors_get_nth (UnclipSafetensors *self, guint n)
{
  g_return_val_if_fail (n < self->arrays->len, NULL);
  return &g_array_index (self->arrays, UnclipArray, n);
}

const UnclipArray *
unclip_safetensors_find (UnclipSafetensors *self, const char *name)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name));

  return found > 0 ? &g_array_index (self->arrays, UnclipArray, found - 1) : NULL;
}

const char *
unclip_safetensors_get_metadata (UnclipSafetensors *self, const char *key)
{
  return self->metadata ? g_hash_table_lookup (self->metadata, key) : NULL;
}

struct UnclipSafetensorsWriter
{
  /* Owned. */
  JsonObject *header;
  JsonObject *metadata;
  GPtrArray  *blocks;           /* of GBytes, in the order of their offsets */
  gsize       data_bytes;
};

UnclipSafetensorsWriter *
unclip_safetensors_writer_new (void)
{
  UnclipSafetensorsWriter *writer = g_new0 (UnclipSafetensorsWriter, 1);

  writer->header = json_object_new ();
  writer->metadata = json_object_new ();
  writer->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return writer;
}

void
unclip_safetensors_writer_free (UnclipSafetensorsWriter *writer)
{
  if (!writer)
    return;
  json_object_unref (writer->header);
  json_object_unref (writer->metadata);
  g_ptr_array_unref (writer->blocks);
  g_free (writer);
}

void
unclip_safetensors_writer_set_metadata (UnclipSafetensorsWriter *writer, const char *key, const char *value)
{
  json_object_set_string_member (writer->metadata, key, value);
}

void
unclip_safetensors_writer_add (UnclipSafetensorsWriter *writer,
                               const char              *name,
                               UnclipDType              dtype,
                               guint                    n_dims,
                               const gint64            *dims,
                               const void              *data)
{
  JsonObject *entry;
  JsonArray  *shape, *offsets;
  gsize       n_bytes = unclip_dtype_get_size (dtype);

  g_return_if_fail (n_dims <= UNCLIP_ARRAY_MAX_DIMS);
  g_return_if_fail (!g_str_equal (name, "__metadata__") && !json_object_has_member (writer->header, name));

  entry = json_object_new ();
  shape = json_array_new ();
  offsets = json_array_new ();
  for (guint i = 0; i < n_dims; i++)
    {
      json_array_add_int_element (shape, dims[i]);
      n_bytes *= (gsize) dims[i];
    }
  json_array_add_int_element (offsets, (gint64) writer->data_bytes);
  writer->data_bytes += n_bytes;
  json_array_add_int_element (offsets, (gint64) writer->data_bytes);

  json_object_set_string_member (entry, "dtype", unclip_dtype_get_name (dtype));
  json_object_set_array_member (entry, "shape", shape);
  json_object_set_array_member (entry, "data_offsets", offsets);
  json_object_set_object_member (writer->header, name, entry);
  g_ptr_array_add (writer->blocks, g_bytes_new (data, n_bytes));
}

/* The header's JSON, padded with spaces so that the data are aligned. */
static GString *
format_header (UnclipSafetensorsWriter *writer)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *json = NULL;
  GString         *header;

  if (json_object_get_size (writer->metadata) > 0)
    json_object_set_object_member (writer->header, "__metadata__", json_object_ref (writer->metadata));
  json_node_set_object (root, writer->header);
  json = json_to_string (root, FALSE);
  json_object_remove_member (writer->header, "__metadata__");

  header = g_string_new (json);
  while ((sizeof (guint64) + header->len) % ALIGNMENT != 0)
    g_string_append_c (header, ' ');
  return header;
}

gboolean
unclip_safetensors_writer_save (UnclipSafetensorsWriter *writer, const char *path, GError **error)
{
  g_autoptr (GString) header = format_header (writer);
  g_autofree guint8 *contents = NULL;
  g_autoptr (GError) fault = NULL;
  guint64            header_bytes = GUINT64_TO_LE (header->len);
  gsize              length = sizeof header_bytes + header->len + writer->data_bytes;
  guint8            *at;

  at = contents = g_malloc (length);
  memcpy (at, &header_bytes, sizeof header_bytes);
  at += sizeof header_bytes;
  memcpy (at, header->str, header->len);
  at += header->len;
  for (guint i = 0; i < writer->blocks->len; i++)
    {
      gsize         n_bytes;
      gconstpointer block = g_bytes_get_data (g_ptr_array_index (writer->blocks, i), &n_bytes);

      if (n_bytes > 0)
        memcpy (at, block, n_bytes);
      at += n_bytes;
    }

  if (g_file_set_contents_full (path, (const char *) contents, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                &fault))
    return TRUE;
  g_set_error (error, fault->domain, fault->code, "Could not write “%s”: %s", path, fault->message);
  return FALSE;
}
