/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The safetensors reader and writer: round trips, files of the format's own library, and files that lie. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-half.h"
#include "unclip-safetensors.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fugue-safetensors-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "a.safetensors", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
put_file (const char *path, guint64 header_bytes, const char *header, const void *data, gsize n_bytes)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (header_bytes);

  g_byte_array_append (file, (const guint8 *) &length, sizeof length);
  g_byte_array_append (file, (const guint8 *) header, strlen (header));
  g_byte_array_append (file, data, n_bytes);
  g_assert_true (g_file_set_contents (path, (const char *) file->data, file->len, NULL));
}

static void
assert_refused (const char *path, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipSafetensors) file = unclip_safetensors_open (path, &error);

  g_assert_null (file);
  g_test_message ("%s", error->message);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, path));
  if (!strstr (error->message, why))
    g_error ("“%s” does not say “%s”", error->message, why);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autoptr (UnclipSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  const float        values[6] = { 1, -2.5, 3, G_MAXFLOAT, 0, -0.0f };
  const gint64       ids[3] = { 49406, -1, G_MAXINT64 };
  const guint8       byte = 7;
  const UnclipArray *array;

  unclip_safetensors_writer_set_metadata (writer, "format", "pt");
  unclip_safetensors_writer_set_metadata (writer, "quote\"", "line\nbreak");
  unclip_safetensors_writer_add (writer, "odd", UNCLIP_DTYPE_U8, 1, (const gint64[]) { 1 }, &byte);
  unclip_safetensors_writer_add (writer, "out.x", UNCLIP_DTYPE_F32, 2, (const gint64[]) { 2, 3 }, values);
  unclip_safetensors_writer_add (writer, "ids", UNCLIP_DTYPE_I64, 2, (const gint64[]) { 1, 3 }, ids);
  unclip_safetensors_writer_add (writer, "scalar", UNCLIP_DTYPE_F32, 0, NULL, values + 1);
  unclip_safetensors_writer_add (writer, "empty é", UNCLIP_DTYPE_F16, 3, (const gint64[]) { 4, 0, 5 }, NULL);
  g_assert_true (unclip_safetensors_writer_save (writer, fixture->path, &error));
  g_assert_no_error (error);

  file = unclip_safetensors_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unclip_safetensors_get_path (file), ==, fixture->path);
  g_assert_cmpuint (unclip_safetensors_get_n_tensors (file), ==, 5);
  g_assert_cmpstr (unclip_safetensors_get_nth (file, 0)->name, ==, "odd");
  g_assert_cmpstr (unclip_safetensors_get_nth (file, 4)->name, ==, "empty é");
  g_assert_cmpstr (unclip_safetensors_get_metadata (file, "format"), ==, "pt");
  g_assert_cmpstr (unclip_safetensors_get_metadata (file, "quote\""), ==, "line\nbreak");
  g_assert_null (unclip_safetensors_get_metadata (file, "none"));
  g_assert_null (unclip_safetensors_find (file, "none"));
  g_assert_null (unclip_safetensors_find (file, "__metadata__"));

  array = unclip_safetensors_find (file, "out.x");
  g_assert_cmpuint (array->n_dims, ==, 2);
  g_assert_cmpint (array->dims[1], ==, 3);
  g_assert_cmpmem (array->data, array->n_bytes, values, sizeof values);
  array = unclip_safetensors_find (file, "ids");
  g_assert_cmpmem (array->data, array->n_bytes, ids, sizeof ids);
  array = unclip_safetensors_find (file, "scalar");
  g_assert_cmpuint (array->n_dims, ==, 0);
  g_assert_cmpmem (array->data, array->n_bytes, values + 1, 4);
  array = unclip_safetensors_find (file, "empty é");
  g_assert_cmpuint (array->n_bytes, ==, 0);
  g_assert_cmpint (unclip_array_get_n_elements (array), ==, 0);
}

/* A header as other programs write it: spaces, keys in any order, keys that we don't know, offsets out of order. */
static void
test_liberal (Fixture *fixture, gconstpointer data)
{
  const char *header = "{ \"b\" : {\"shape\":[2],\"data_offsets\":[ 8 , 12 ],\"dtype\":\"BF16\", \"note\": {\"x\":[1]}},\n"
                       "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                       "\"\":{\"dtype\":\"BOOL\",\"shape\":[0,9223372036854775807],\"data_offsets\":[12,12]},"
                       "\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}    ";
  const guint16 halves[2] = { 0x3f80, 0xc000 };
  guint8        bytes[12] = { 5 };
  float         values[2];
  g_autoptr (UnclipSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (bytes + 8, halves, sizeof halves);
  put_file (fixture->path, strlen (header), header, bytes, sizeof bytes);
  file = unclip_safetensors_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unclip_safetensors_get_nth (file, 0)->name, ==, "b");
  unclip_array_copy_f32 (unclip_safetensors_find (file, "b"), 0, 2, values);
  g_assert_cmpfloat (values[0], ==, 1);
  g_assert_cmpfloat (values[1], ==, -2);
  unclip_array_copy_f32 (unclip_safetensors_find (file, "a"), 0, 1, values);
  g_assert_cmpfloat (values[0], ==, 5);
}

static void
test_lies (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *header, *why;
  } lies[] = {
    { "", "an object belongs" },
    { "[]", "an object belongs" },
    { "{\"a\":1}", "an object belongs" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}", "ends in the middle" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}x", "behind the end" },
    { "{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}", "tensor “a” is of type “F64”" },
    { "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[16],\"data_offsets\":[0,16]}}", "tensor “a” is of type “F8_E4M3”" },
    { "{\"a\":{\"dtype\":\"f32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "tensor “a” is of type “f32”" },
    { "{\"a\":{\"dtype\":3,\"shape\":[4],\"data_offsets\":[0,16]}}", "a string belongs" },
    { "{\"a\":{\"shape\":[4],\"data_offsets\":[0,16]}}", "tensor “a” lacks the key “dtype”" },
    { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", "tensor “a” lacks the key “shape”" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4]}}", "tensor “a” lacks the key “data_offsets”" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"shape\":[4],\"data_offsets\":[0,16]}}", "two keys “shape”" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
      "\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", "tensor “a” stands twice" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,20]}}", "tensor “a” claims bytes 0 to 20" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}}", "tensor “a” claims bytes" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}}", "tensor “a” claims bytes" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,9223372036854775807]}}", "tensor “a” claims bytes" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,9223372036854775808]}}", "not a whole number" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16.0]}}", "not a whole number" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16]}}", "has 1 data_offsets" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16,16]}}", "has 3 data_offsets" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,16]}}", "tensor “a” has 16 bytes, which its shape (5)" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,16]}}", "which its shape" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}", "negative dimension" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,-2],\"data_offsets\":[0,16]}}", "negative dimension" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"4\"],\"data_offsets\":[0,16]}}", "a number belongs" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,4],\"data_offsets\":[0,16]}}", "more than 8 dimensions" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905,4],\"data_offsets\":[0,16]}}", "which its shape" },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,16],\"data_offsets\":[0,16]}}", "which its shape" },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}", "which its shape" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}", "“a” and “b” overlap" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "overlap" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}", "4 bytes before tensor “b”" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[4,16]}}", "4 bytes before tensor “a”" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}", "4 bytes at its end" },
    { "{}", "16 bytes at its end" },
    { "{\"__metadata__\":{\"a\":1}}", "the metadata's “a” is not a string" },
    { "{\"__metadata__\":{\"a\":null}}", "the metadata's “a” is not a string" },
    { "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "the metadata's key “a” stands twice" },
    { "{\"__metadata__\":{},\"__metadata__\":{}}", "“__metadata__” stands twice" },
    { "{\"__metadata__\":[]}", "an object belongs" },
  };
  const guint8 bytes[16] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      put_file (fixture->path, strlen (lies[i].header), lies[i].header, bytes, sizeof bytes);
      assert_refused (fixture->path, lies[i].why);
    }
}

static void
test_header_length (Fixture *fixture, gconstpointer data)
{
  static const guint64 lengths[] = { 3, 99 * 1000 * 1000, 100 * 1000 * 1000 + 1, G_MAXINT64, G_MAXUINT64, G_MAXUINT64 - 7 };
  g_autoptr (UnclipSafetensors) file = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      put_file (fixture->path, lengths[i], "{}", NULL, 0);
      assert_refused (fixture->path, "header claims");
    }
  put_file (fixture->path, 2, "{}", NULL, 0);
  file = unclip_safetensors_open (fixture->path, NULL);
  g_assert_cmpuint (unclip_safetensors_get_n_tensors (file), ==, 0);
}

/* Every way to cut a file short. */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autofree char *contents = NULL;
  const float      values[4] = { 0 };
  gsize            length;

  unclip_safetensors_writer_add (writer, "a", UNCLIP_DTYPE_F32, 1, (const gint64[]) { 4 }, values);
  g_assert_true (unclip_safetensors_writer_save (writer, fixture->path, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));
  for (gsize cut = 0; cut < length; cut++)
    {
      g_assert_true (g_file_set_contents (fixture->path, contents, cut, NULL));
      assert_refused (fixture->path, cut < 8 ? "bytes" : "cut short");
    }
}

static void
test_not_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  assert_refused (fixture->folder, "a folder");
  assert_refused ("/dev/null", "not a regular file");

  g_assert_null (unclip_safetensors_open (fixture->path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, fixture->path));

  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  assert_refused (fixture->path, "not a regular file");
}

/* A disk that fills up, played by a limit on the size of files: nothing new may be left, the old file stays. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autoptr (UnclipSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autofree float *values = g_new0 (float, 100000);
  struct rlimit     old, small;

  unclip_safetensors_writer_add (writer, "old", UNCLIP_DTYPE_F32, 1, (const gint64[]) { 4 }, values);
  g_assert_true (unclip_safetensors_writer_save (writer, fixture->path, NULL));
  unclip_safetensors_writer_add (writer, "new", UNCLIP_DTYPE_F32, 1, (const gint64[]) { 100000 }, values);

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = old;
  small.rlim_cur = 10000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (unclip_safetensors_writer_save (writer, fixture->path, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);

  g_assert_nonnull (error);
  g_assert_true (error->domain == G_FILE_ERROR);
  g_assert_nonnull (strstr (error->message, fixture->path));
  dir = g_dir_open (fixture->folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "a.safetensors");
  g_assert_null (g_dir_read_name (dir));
  file = unclip_safetensors_open (fixture->path, NULL);
  g_assert_cmpuint (unclip_safetensors_get_n_tensors (file), ==, 1);
}

static void
test_no_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autofree char *path = g_build_filename (fixture->folder, "none", "a.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (unclip_safetensors_writer_save (writer, path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* Files of the format's own library, with every dtype that the networks' fixtures have. */
static void
test_golden (void)
{
  static const struct
  {
    const char *path;
    UnclipDType dtype;
  } files[] = {
    { "clip-text-eos/model.safetensors", UNCLIP_DTYPE_F32 },
    { "clip-text-legacy/model.safetensors", UNCLIP_DTYPE_F16 },
    { "prior-32/diffusion_pytorch_model.safetensors", UNCLIP_DTYPE_BF16 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "nets", files[i].path, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipSafetensors) file = unclip_safetensors_open (path, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (unclip_safetensors_get_n_tensors (file), >, 10);
      for (guint j = 0; j < unclip_safetensors_get_n_tensors (file); j++)
        {
          const UnclipArray *array = unclip_safetensors_get_nth (file, j);

          g_assert_true (array == unclip_safetensors_find (file, array->name));
          g_assert_true (array->dtype == files[i].dtype || array->dtype == UNCLIP_DTYPE_I64);
        }
    }
}

/* Reads every byte of every array, so that a sanitizer sees any that lies outside. */
static guint
read_all (UnclipSafetensors *file)
{
  guint sum = 0;

  for (guint i = 0; i < unclip_safetensors_get_n_tensors (file); i++)
    {
      const UnclipArray *array = unclip_safetensors_get_nth (file, i);
      const guint8      *bytes = array->data;

      g_assert_cmpuint (unclip_array_get_n_elements (array) * unclip_dtype_get_size (array->dtype), ==, array->n_bytes);
      for (gsize j = 0; j < array->n_bytes; j++)
        sum += bytes[j];
    }
  return sum;
}

/* A valid file with some bytes changed, doubled or dropped. FUGUE_FUZZ_ROUNDS asks for more than the usual number. */
static void
test_mutations (Fixture *fixture, gconstpointer data)
{
  const char *rounds_wanted = g_getenv ("FUGUE_FUZZ_ROUNDS");
  guint64     n_rounds = rounds_wanted ? g_ascii_strtoull (rounds_wanted, NULL, 10) : 500;
  guint       n_taken = 0;
  g_autofree char *contents = NULL;
  gsize            length;
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  const float values[12] = { 1, 2, 3 };

  unclip_safetensors_writer_set_metadata (writer, "format", "pt");
  unclip_safetensors_writer_add (writer, "conv.weight", UNCLIP_DTYPE_F32, 4, (const gint64[]) { 1, 3, 2, 2 }, values);
  unclip_safetensors_writer_add (writer, "conv.bias", UNCLIP_DTYPE_F16, 1, (const gint64[]) { 3 }, values);
  unclip_safetensors_writer_add (writer, "scalar", UNCLIP_DTYPE_I64, 0, NULL, values);
  g_assert_true (unclip_safetensors_writer_save (writer, fixture->path, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));

  for (guint64 round = 0; round < n_rounds; round++)
    {
      g_autoptr (GString) copy = g_string_new_len (contents, length);
      g_autoptr (UnclipSafetensors) file = NULL;
      g_autoptr (GError) error = NULL;
      guint n_changes = g_test_rand_int_range (1, 4);

      for (guint i = 0; i < n_changes; i++)
        {
          gsize at = g_test_rand_int_range (0, copy->len - 1);

          switch (g_test_rand_int_range (0, 4))
            {
            case 0:
              copy->str[at] = g_test_rand_int_range (0, 256);
              break;
            case 1:     /* digits for digits: the header stays JSON */
              if (g_ascii_isdigit (copy->str[at]))
                copy->str[at] = '0' + g_test_rand_int_range (0, 10);
              break;
            case 2:
              g_string_erase (copy, at, 1);
              break;
            default:
              g_string_insert_c (copy, at, copy->str[at]);
            }
        }
      g_remove (fixture->path);
      g_assert_true (g_file_set_contents_full (fixture->path, copy->str, copy->len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      file = unclip_safetensors_open (fixture->path, &error);
      g_assert_true ((file == NULL) == (error != NULL));
      if (file)
        {
          n_taken++;
          read_all (file);
        }
    }
  g_test_message ("%u of %" G_GUINT64_FORMAT " files were still valid", n_taken, n_rounds);
}

#define ADD(name, function) g_test_add ("/model/safetensors/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("round-trip", test_round_trip);
  ADD ("liberal", test_liberal);
  ADD ("lies", test_lies);
  ADD ("header-length", test_header_length);
  ADD ("truncated", test_truncated);
  ADD ("not-files", test_not_files);
  ADD ("full-disk", test_full_disk);
  ADD ("no-folder", test_no_folder);
  g_test_add_func ("/model/safetensors/golden", test_golden);
  ADD ("mutations", test_mutations);
  return g_test_run ();
}
