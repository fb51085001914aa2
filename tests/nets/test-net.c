/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What unclip_net_eval() refuses: each fixture's inputs with one of them left out or cut short, ids out of range, a
 * picture that cannot be halved, unknown classes. Errors, never a crash. */

#include "config.h"

#include "test-nets.h"
#include "unclip-error.h"
#include "unclip-net.h"

#include <glib/gstdio.h>
#include <string.h>

/* One input of a fixture, changed. */
typedef struct
{
  const char *folder;
  const char *name;             /* without "in." */
  int         dim;              /* this dimension is one shorter; −1 leaves the input out */
  int         code;             /* error expected */
} Change;

static const Change changes[] = {
  { "clip-text-eos", "input_ids", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "clip-vision-40", "pixel_values", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "clip-vision-40", "pixel_values", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "clip-vision-40", "pixel_values", 3, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "prior-32", "hidden_states", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "prior-32", "hidden_states", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "prior-32", "timestep", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "prior-32", "timestep", 0, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "prior-32", "proj_embedding", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "prior-32", "encoder_hidden_states", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "prior-32", "attention_mask", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "text-proj-4", "image_embeddings", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "text-proj-4", "prompt_embeds", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "text-proj-4", "text_encoder_hidden_states", 2, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "decoder-3-levels", "sample", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "decoder-3-levels", "sample", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "decoder-3-levels", "sample", 2, UNCLIP_ERROR_ARGUMENT },
  { "decoder-3-levels", "sample", 3, UNCLIP_ERROR_ARGUMENT },
  { "decoder-3-levels", "class_labels", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "decoder-3-levels", "class_labels", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "decoder-3-levels", "encoder_hidden_states", -1, UNCLIP_ERROR_TENSOR_MISSING },
  { "decoder-3-levels", "encoder_hidden_states", 2, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "decoder-3-levels", "attention_mask", 1, UNCLIP_ERROR_SHAPE_MISMATCH },
  { "super-res-3-levels", "sample", 3, UNCLIP_ERROR_ARGUMENT },
};

static UnclipSafetensors *
reopen (UnclipSafetensorsWriter *writer)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "fugue-test-net-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  UnclipSafetensors *file;
  int fd = g_mkstemp (path);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  unclip_safetensors_writer_save (writer, path, &error);
  g_assert_no_error (error);
  file = unclip_safetensors_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return file;
}

/* A copy of the fixture's inputs, one of them changed. Values do not matter: nothing gets as far as running. */
static UnclipSafetensors *
open_changed (const Change *change)
{
  g_autofree char *folder = test_nets_dup_folder (change->folder);
  g_autofree char *path = g_build_filename (folder, "io-b1.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (UnclipSafetensors) fixture = unclip_safetensors_open (path, &error);
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  gboolean is_changed = FALSE;

  g_assert_no_error (error);
  for (guint i = 0; i < unclip_safetensors_get_n_tensors (fixture); i++)
    {
      UnclipArray array = *unclip_safetensors_get_nth (fixture, i);

      if (!g_str_has_prefix (array.name, "in."))
        continue;
      if (g_str_equal (array.name + strlen ("in."), change->name))
        {
          is_changed = TRUE;
          if (change->dim < 0)
            continue;
          array.dims[change->dim]--;
        }
      unclip_safetensors_writer_add (writer, array.name, array.dtype, array.n_dims, array.dims, array.data);
    }
  g_assert_true (is_changed);
  return reopen (writer);
}

static UnclipNet *
open_net (const char *name)
{
  g_autofree char *folder = test_nets_dup_folder (name);
  g_autoptr (GError) error = NULL;
  UnclipNet *net = unclip_net_open (folder, NULL, &error);

  g_assert_no_error (error);
  return net;
}

static void
test_inputs (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (UnclipNet) net = open_net (changes[i].folder);
      g_autoptr (UnclipSafetensors) file = open_changed (&changes[i]);
      UnclipNetInputs inputs = { file, "in." };
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) results = unclip_net_eval (net, test_nets_get_executor (0), &inputs, FALSE, NULL, &error);

      g_test_message ("%s", error != NULL ? error->message : "no error");
      g_assert_null (results);
      g_assert_error (error, UNCLIP_ERROR, changes[i].code);
      if (changes[i].code != UNCLIP_ERROR_ARGUMENT)
        g_assert_nonnull (strstr (error->message, changes[i].name));
    }
}

static void
check_ids (const gint64 *ids,
           int           n_ids)
{
  g_autoptr (UnclipNet) net = open_net ("clip-text-eos");
  g_autoptr (UnclipSafetensorsWriter) writer = unclip_safetensors_writer_new ();
  g_autoptr (UnclipSafetensors) file = NULL;
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GError) error = NULL;
  UnclipNetInputs inputs = { NULL, "" };

  unclip_safetensors_writer_add (writer, "input_ids", UNCLIP_DTYPE_I64, 2, (gint64[]){ 1, n_ids }, ids);
  inputs.file = file = reopen (writer);
  results = unclip_net_eval (net, test_nets_get_executor (0), &inputs, FALSE, NULL, &error);
  g_assert_null (results);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
}

/* Vocabulary 99, 21 positions. */
static void
test_ids (void)
{
  const gint64 too_large[] = { 97, 99, 90 };
  const gint64 negative[] = { 97, -1, 90 };
  const gint64 too_many[22] = { 97 };

  check_ids (too_large, G_N_ELEMENTS (too_large));
  check_ids (negative, G_N_ELEMENTS (negative));
  check_ids (too_many, G_N_ELEMENTS (too_many));
}

static void
test_class (void)
{
  g_autofree char *folder = test_nets_dup_folder ("prior-32");
  g_autoptr (GError) error = NULL;
  UnclipNet *net = unclip_net_open (folder, "AutoencoderKL", &error);

  g_assert_null (net);
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_assert_nonnull (strstr (error->message, "AutoencoderKL"));

  net = open_net ("prior-32");
  g_assert_cmpstr (unclip_net_get_class_name (net), ==, "PriorTransformer");
  unclip_net_free (net);
  net = open_net ("clip-vision-40");
  g_assert_cmpstr (unclip_net_get_class_name (net), ==, "CLIPVisionModelWithProjection");
  unclip_net_free (net);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nets/net/inputs", test_inputs);
  g_test_add_func ("/nets/net/ids", test_ids);
  g_test_add_func ("/nets/net/class", test_class);
  return test_nets_run ();
}
