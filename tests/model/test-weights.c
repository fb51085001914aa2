/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Weight files in their usual names, shards, and everything that can be wrong with them. */

#include "config.h"

#include "unclip-error.h"
#include "unclip-half.h"
#include "unclip-safetensors.h"
#include "unclip-weights.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fugue-weights-XXXXXX", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char      *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

static void
put_text (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_remove (path);      /* GLib's quick way to write, without fsync, doesn't cut off the old end */
  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
put_tensor (Fixture *fixture, const char *file_name, const char *name, UnclipDType dtype, gint64 n, const void *data)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autofree char *path = g_build_filename (fixture->folder, file_name, NULL);

  unclip_safetensors_writer_add (writer, name, dtype, 1, &n, data);
  g_assert_true (unclip_safetensors_writer_save (writer, path, NULL));
}

static const float zeros[4];

static void
assert_refused (Fixture *fixture, int code, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipWeights) weights = unclip_weights_open (fixture->folder, &error);

  g_assert_null (weights);
  g_test_message ("%s", error->message);
  g_assert_error (error, UNCLIP_ERROR, code);
  g_assert_nonnull (strstr (error->message, why));
}

/* Each name is found, and before the ones behind it in the list. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "model.fp16.safetensors", "diffusion_pytorch_model.fp16.safetensors", "model.safetensors",
    "diffusion_pytorch_model.safetensors",
  };

  put_text (fixture, "pytorch_model.bin", "a pickle");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipWeights) weights = NULL;
      g_autofree char *base = NULL;

      put_tensor (fixture, names[i], "a", UNCLIP_DTYPE_F32, 4, zeros);
      weights = unclip_weights_open (fixture->folder, &error);
      g_assert_no_error (error);
      base = g_path_get_basename (unclip_weights_get_path (weights));
      g_assert_cmpstr (base, ==, names[i]);
      g_assert_cmpuint (unclip_weights_get_n_bytes (weights), ==, 16);
    }
}

static void
test_none (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, UNCLIP_ERROR_MODEL_NOT_FOUND, fixture->folder);
  put_text (fixture, "pytorch_model.bin", "a pickle");
  assert_refused (fixture, UNCLIP_ERROR_MODEL_FORMAT, "safe_serialization=True");
  assert_refused (fixture, UNCLIP_ERROR_MODEL_FORMAT, "pytorch_model.bin");
}

/* As the Hugging Face cache looks after a download that was cut off. */
static void
test_dangling_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("../blobs/none", path), ==, 0);
  g_assert_null (unclip_weights_open (fixture->folder, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_require (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autoptr (UnclipWeights) weights = NULL;
  g_autofree char *path = g_build_filename (fixture->folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  const gint64       ids[2] = { 0, 1 };
  const UnclipArray *array;

  unclip_safetensors_writer_add (writer, "w", UNCLIP_DTYPE_F32, 2, (const gint64[]) { 2, 2 }, zeros);
  unclip_safetensors_writer_add (writer, "ids", UNCLIP_DTYPE_I64, 1, (const gint64[]) { 2 }, ids);
  g_assert_true (unclip_safetensors_writer_save (writer, path, NULL));
  weights = unclip_weights_open (fixture->folder, &error);
  g_assert_no_error (error);

  array = unclip_weights_require (weights, "w", UNCLIP_DIMS (2, 2), &error);
  g_assert_no_error (error);
  g_assert_true (array == unclip_weights_find (weights, "w"));

  g_assert_null (unclip_weights_require (weights, "v", UNCLIP_DIMS (2, 2), &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_TENSOR_MISSING);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "“v”"));
  g_clear_error (&error);

  g_assert_null (unclip_weights_require (weights, "w", UNCLIP_DIMS (4), &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH);
  g_assert_nonnull (strstr (error->message, "“w” has the shape (2, 2), but the config calls for (4)"));
  g_clear_error (&error);

  g_assert_null (unclip_weights_require (weights, "w", UNCLIP_DIMS (2, 3), &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_SHAPE_MISMATCH);
  g_clear_error (&error);

  g_assert_null (unclip_weights_require (weights, "ids", UNCLIP_DIMS (2), &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
}

/* A bad value at each place of a tensor longer than one block, in each type. */
static void
test_finite (Fixture *fixture, gconstpointer data)
{
  static const UnclipDType dtypes[] = { UNCLIP_DTYPE_F32, UNCLIP_DTYPE_F16, UNCLIP_DTYPE_BF16 };
  static const float       bad[] = { NAN, -NAN, INFINITY, -INFINITY };
  const gint64             n = 5003;

  for (guint i = 0; i < 12; i++)
    {
      UnclipDType dtype = dtypes[i % 3];
      float       value = bad[i / 3];
      gint64      at = (const gint64[]) { 0, 1023, 2049, n - 1 }[i / 3];
      gsize       size = unclip_dtype_get_size (dtype);
      guint32     bits;
      guint16     half;
      g_autofree guint8 *values = g_malloc0 (n * size);
      g_autoptr (UnclipWeights) weights = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *element = g_strdup_printf ("its element %" G_GINT64_FORMAT " is %s", at,
                                                  isnan (value) ? "not a number" : "infinite");

      for (gint64 j = 0; j < n; j++)      /* large numbers are fine */
        values[j * size + size - 1] = 0x7a;
      put_tensor (fixture, "model.safetensors", "w", dtype, n, values);
      weights = unclip_weights_open (fixture->folder, NULL);
      g_assert_true (unclip_weights_check_finite (weights, &error));
      g_clear_pointer (&weights, unclip_weights_unref);

      memcpy (&bits, &value, sizeof bits);
      half = dtype == UNCLIP_DTYPE_F16 ? unclip_half_from_float (value) : bits >> 16;
      if (dtype == UNCLIP_DTYPE_F32)
        memcpy (values + at * size, &bits, size);
      else
        memcpy (values + at * size, &half, size);
      put_tensor (fixture, "model.safetensors", "w", dtype, n, values);
      weights = unclip_weights_open (fixture->folder, NULL);
      g_assert_false (unclip_weights_check_finite (weights, &error));
      g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
      g_assert_nonnull (strstr (error->message, element));
      g_assert_nonnull (strstr (error->message, "“w”"));
    }
}

/* Integers whose bits look like NaN are none. */
static void
test_finite_integers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipWeights) weights = NULL;
  const gint64 id = -1;

  put_tensor (fixture, "model.safetensors", "ids", UNCLIP_DTYPE_I64, 1, &id);
  weights = unclip_weights_open (fixture->folder, NULL);
  g_assert_true (unclip_weights_check_finite (weights, NULL));
}

static void
put_shards (Fixture *fixture)
{
  put_tensor (fixture, "model-00001-of-00002.safetensors", "a", UNCLIP_DTYPE_F32, 4, zeros);
  put_tensor (fixture, "model-00002-of-00002.safetensors", "b", UNCLIP_DTYPE_F32, 2, zeros);
}

static void
test_shards (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UnclipWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = NULL;
  g_autofree char *same = NULL;

  put_shards (fixture);
  put_text (fixture, "model.safetensors.index.json",
            "{\"metadata\":{\"total_size\":24},\"weight_map\":{\"b\":\"model-00002-of-00002.safetensors\","
            "\"a\":\"model-00001-of-00002.safetensors\"}}");
  weights = unclip_weights_open (fixture->folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (unclip_weights_get_n_tensors (weights), ==, 2);
  g_assert_cmpstr (unclip_weights_get_nth (weights, 0)->name, ==, "b");
  g_assert_cmpuint (unclip_weights_get_n_bytes (weights), ==, 24);
  g_assert_nonnull (unclip_weights_require (weights, "a", UNCLIP_DIMS (4), &error));
  g_assert_true (unclip_weights_check_finite (weights, &error));
  hash = unclip_weights_dup_hash (weights, NULL, &error);
  g_assert_cmpuint (strlen (hash), ==, 64);

  /* The index may name them in another order: same weights, same hash. */
  g_clear_pointer (&weights, unclip_weights_unref);
  put_text (fixture, "model.safetensors.index.json",
            "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}");
  weights = unclip_weights_open (fixture->folder, &error);
  g_assert_no_error (error);
  same = unclip_weights_dup_hash (weights, NULL, &error);
  g_assert_cmpstr (hash, ==, same);
}

static void
test_bad_index (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *index;
    int         code;
    const char *why;
  } cases[] = {
    { "", UNCLIP_ERROR_MODEL_FORMAT, "not valid JSON" },
    { "[]", UNCLIP_ERROR_MODEL_FORMAT, "not an object" },
    { "{}", UNCLIP_ERROR_MODEL_FORMAT, "weight_map" },
    { "{\"weight_map\":[]}", UNCLIP_ERROR_MODEL_FORMAT, "weight_map" },
    { "{\"weight_map\":{\"a\":1}}", UNCLIP_ERROR_MODEL_FORMAT, "no file for the tensor “a”" },
    { "{\"weight_map\":{\"a\":null}}", UNCLIP_ERROR_MODEL_FORMAT, "no file for the tensor “a”" },
    { "{\"weight_map\":{\"a\":\"../model-00001-of-00002.safetensors\"}}", UNCLIP_ERROR_MODEL_FORMAT, "not a file beside" },
    { "{\"weight_map\":{\"a\":\"/etc/passwd\"}}", UNCLIP_ERROR_MODEL_FORMAT, "not a file beside" },
    { "{\"weight_map\":{\"a\":\"..\"}}", UNCLIP_ERROR_MODEL_FORMAT, "not a file beside" },
    { "{\"weight_map\":{\"a\":\"\"}}", UNCLIP_ERROR_MODEL_FORMAT, "not a file beside" },
    { "{\"weight_map\":{\"a\":\"model-00002-of-00002.safetensors\"}}", UNCLIP_ERROR_TENSOR_MISSING, "no tensor “a”" },
    { "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"a\":\"model-00001-of-00002.safetensors\"}}",
      UNCLIP_ERROR_MODEL_FORMAT, "stands twice" },
    { "{\"weight_map\":{\"a\":\"pytorch_model.bin\"}}", UNCLIP_ERROR_MODEL_FORMAT, "pytorch_model.bin" },
  };
  g_autoptr (GError) error = NULL;

  put_shards (fixture);
  put_text (fixture, "pytorch_model.bin", "a pickle");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      put_text (fixture, "model.safetensors.index.json", cases[i].index);
      assert_refused (fixture, cases[i].code, cases[i].why);
    }

  put_text (fixture, "model.safetensors.index.json", "{\"weight_map\":{\"a\":\"none.safetensors\"}}");
  g_assert_null (unclip_weights_open (fixture->folder, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "none.safetensors"));
}

static void
test_index_mutations (Fixture *fixture, gconstpointer data)
{
  const char *rounds_wanted = g_getenv ("FUGUE_FUZZ_ROUNDS");
  guint64     n_rounds = rounds_wanted ? g_ascii_strtoull (rounds_wanted, NULL, 10) : 300;
  const char *index = "{\"metadata\":{\"total_size\":24},\"weight_map\":{\"b\":\"model-00002-of-00002.safetensors\","
                      "\"a\":\"model-00001-of-00002.safetensors\"}}";

  put_shards (fixture);
  for (guint64 round = 0; round < n_rounds; round++)
    {
      g_autoptr (GString) copy = g_string_new (index);
      g_autoptr (GError) error = NULL;
      g_autoptr (UnclipWeights) weights = NULL;
      guint n_changes = g_test_rand_int_range (1, 4);

      for (guint i = 0; i < n_changes; i++)
        {
          gsize at = g_test_rand_int_range (0, copy->len - 1);

          if (g_test_rand_bit ())
            copy->str[at] = index[g_test_rand_int_range (0, strlen (index))];
          else
            g_string_erase (copy, at, g_test_rand_int_range (0, MIN (8, copy->len - at)));
        }
      put_text (fixture, "model.safetensors.index.json", copy->str);
      weights = unclip_weights_open (fixture->folder, &error);
      g_assert_true ((weights == NULL) == (error != NULL));
    }
}

/* A net's fixture in three shards, written by diffusers. */
static void
test_golden (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "golden", "nets", "super-res-2-levels", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipWeights) weights = unclip_weights_open (folder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (unclip_weights_require (weights, "conv_in.weight", UNCLIP_DIMS (10, 6, 3, 3), &error));
  g_assert_no_error (error);
  g_assert_true (unclip_weights_check_finite (weights, &error));
}

/* A file that somebody shortens under an open model: its end reads as zeros, and the weights say so. */
static void
test_shortened (Fixture *fixture, gconstpointer data)
{
  enum { N_VALUES = 1 << 16 };
  g_autofree float *values = g_new (float, N_VALUES);
  g_autofree char *path = g_build_filename (fixture->folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipWeights) weights = NULL;
  const float *read;

  for (guint i = 0; i < N_VALUES; i++)
    values[i] = 1;
  put_tensor (fixture, "model.safetensors", "w", UNCLIP_DTYPE_F32, N_VALUES, values);
  weights = unclip_weights_open (fixture->folder, &error);
  g_assert_no_error (error);
  g_assert_true (unclip_weights_check_finite (weights, &error));

  g_assert_cmpint (truncate (path, 5000), ==, 0);
  g_assert_true (unclip_weights_check_whole (weights, &error));
  read = unclip_weights_find (weights, "w")->data;
  g_assert_cmpfloat (read[N_VALUES - 1], ==, 0);
  g_assert_cmpfloat (read[0], ==, 1);
  g_assert_false (unclip_weights_check_whole (weights, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_false (unclip_weights_check_finite (weights, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
}

#define ADD(name, function) g_test_add ("/model/weights/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  int              status;
  g_autofree char *cache = g_dir_make_tmp ("fugue-weights-cache-XXXXXX", NULL);

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("names", test_names);
  ADD ("none", test_none);
  ADD ("dangling-link", test_dangling_link);
  ADD ("require", test_require);
  ADD ("finite", test_finite);
  ADD ("finite/integers", test_finite_integers);
  ADD ("shortened", test_shortened);
  ADD ("shards", test_shards);
  ADD ("bad-index", test_bad_index);
  ADD ("index-mutations", test_index_mutations);
  g_test_add_func ("/model/weights/golden", test_golden);
  status = g_test_run ();
  g_assert_cmpint (g_rmdir (cache), ==, 0);     /* files written just now are not remembered */
  return status;
}
