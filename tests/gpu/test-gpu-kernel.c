/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "gpu-probe.h"
#include "test-device.h"
#include "test-random.h"
#include "unclip-half.h"
#include "unclip-shaders.h"

#include <glib/gstdio.h>
#include <string.h>

enum
{
  TEXELS = 20,
  BEYOND = 70, /* fetched on either side of the view */
};

static const UnclipGpuKernelDesc probe_desc = {
  .shader = "probe_compute_f32",
  .bindings = { UNCLIP_GPU_BINDING_STORAGE, UNCLIP_GPU_BINDING_STORAGE },
  .n_bindings = 2,
  .push_bytes = 8,
  .spec = { { 0, PROBE_GROUP }, { 10, 0 } },
  .n_spec = 2,
};

/* The table is sorted (it is searched by halving), and every entry is SPIR-V. */
static void
test_table (void)
{
  unsigned int n;
  const UnclipShader *shaders = unclip_shaders_get_all (&n);

  g_assert_cmpuint (n, >=, 3);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (unclip_shaders_find (shaders[i].name) == &shaders[i]);
      g_assert_cmphex (shaders[i].words[0], ==, 0x07230203);
      g_assert_cmpuint (shaders[i].n_words, >, 5);
    }
  g_assert_null (unclip_shaders_find ("no_such_shader"));
}

/* A shader may ask only for what engine/gpu enables on every device, or on those whose flag in
 * UnclipGpuLimits the operation looks at. A new capability belongs into choose_features() of
 * unclip-gpu-device.c first, then here.
 */
static void
test_capabilities (void)
{
  enum { OP_CAPABILITY = 17, HEADER_WORDS = 5 };
  static const struct
  {
    guint32     capability;
    const char *suffix; /* of the variants that may ask for it; NULL for any */
  } allowed[] = {
    { 1, NULL },  /* Shader */
    { 46, NULL }, /* SampledBuffer */
    { 61, NULL }, /* GroupNonUniform */
    { 63, NULL }, /* GroupNonUniformArithmetic: beside the shuffle on every device that we know */
    { 65, NULL }, /* GroupNonUniformShuffle: has_subgroup_shuffle */
    { 4433, "_f16" }, /* StorageBuffer16BitAccess: has_f16_storage */
  };
  unsigned int n;
  const UnclipShader *shaders = unclip_shaders_get_all (&n);

  for (guint i = 0; i < n; i++)
    for (gsize at = HEADER_WORDS; (shaders[i].words[at] & 0xffff) == OP_CAPABILITY;
         at += shaders[i].words[at] >> 16)
      {
        guint32 capability = shaders[i].words[at + 1];
        gboolean is_allowed = FALSE;

        for (guint j = 0; j < G_N_ELEMENTS (allowed); j++)
          is_allowed |= allowed[j].capability == capability
                        && (allowed[j].suffix == NULL
                            || strstr (shaders[i].name, allowed[j].suffix) != NULL);
        if (!is_allowed)
          g_error ("%s asks for SPIR-V capability %u, which is not enabled", shaders[i].name,
                   capability);
      }
}

static void
test_same (void)
{
  UnclipGpuDevice *device = test_device_get ();
  UnclipGpuKernelDesc copy = probe_desc, other = probe_desc;
  g_autofree char *name = g_strdup (probe_desc.shader);
  UnclipGpuKernel *kernel;

  if (device == NULL)
    return;
  copy.shader = name;
  other.spec[1].value = 0x3f800000;
  kernel = unclip_gpu_kernel_get (device, &probe_desc, NULL);
  g_assert_nonnull (kernel);
  g_assert_true (unclip_gpu_kernel_get (device, &copy, NULL) == kernel);
  g_assert_true (unclip_gpu_kernel_get (device, &other, NULL) != kernel);
}

static void
check_texels (UnclipGpuDevice *device,
              UnclipGpuBuffer *buffer,
              gsize            offset,
              gsize            n_bytes,
              UnclipGpuTexel   texel,
              const float    (*expected)[4])
{
  float found[TEXELS + 2 * BEYOND][4];

  probe_fetch (device, buffer, offset, n_bytes, texel, -BEYOND, G_N_ELEMENTS (found), found);
  for (int i = 0; i < (int) G_N_ELEMENTS (found); i++)
    for (guint c = 0; c < 4; c++)
      {
        int at = i - BEYOND;
        float value = at >= 0 && at < TEXELS ? expected[at][c] : 0.0f;

        if (found[i][c] != value)
          g_error ("texel %d of %d, component %u: found %g, expected %g", at, TEXELS, c,
                   found[i][c], value);
      }
}

/* The view lies in the middle of a buffer full of other values: none of them may be seen outside
 * the view. */
static void
test_texels_f32 (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autofree float *values = test_random_normal (1, 4096, 1.0);
  g_autoptr (UnclipGpuBuffer) buffer = NULL;

  if (device == NULL)
    return;
  buffer = probe_buffer (device, 4096 * sizeof (float), values);
  check_texels (device, buffer, 4096, TEXELS * 16, UNCLIP_GPU_TEXEL_RGBA32F,
                (const float (*)[4]) (values + 1024));
}

static void
test_texels_f16 (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autofree float *values = test_random_normal (2, 4096, 100.0);
  g_autofree guint16 *halves = test_random_to_half (values, 4096);
  g_autoptr (UnclipGpuBuffer) buffer = NULL;

  if (device == NULL)
    return;
  buffer = probe_buffer (device, 4096 * sizeof (guint16), halves);
  check_texels (device, buffer, 2048, TEXELS * 8, UNCLIP_GPU_TEXEL_RGBA16F,
                (const float (*)[4]) (values + 1024));
}

static void
test_texels_i32 (void)
{
  UnclipGpuDevice *device = test_device_get ();
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  gint32 values[1024];
  float expected[TEXELS][4] = { { 0 } };

  if (device == NULL)
    return;
  for (gint32 i = 0; i < 1024; i++)
    values[i] = (i % 2 ? -1 : 1) * (i + 1) * 1000;
  for (guint i = 0; i < TEXELS; i++)
    expected[i][0] = (float) values[256 + i];
  buffer = probe_buffer (device, sizeof values, values);
  check_texels (device, buffer, 1024, TEXELS * 4, UNCLIP_GPU_TEXEL_R32I, expected);
}

/* Coordinates as far out as the shaders' arithmetic can bring them. */
static void
test_texels_far (void)
{
  static const int firsts[] = { G_MININT32, -(1 << 28) - 3, 1 << 26, (1 << 28) - 1,
                                G_MAXINT32 - 16 };
  UnclipGpuDevice *device = test_device_get ();
  g_autofree float *values = test_random_normal (3, 256, 1.0);
  g_autoptr (UnclipGpuBuffer) buffer = NULL;
  float found[16][4];

  if (device == NULL)
    return;
  buffer = probe_buffer (device, 256 * sizeof (float), values);
  for (guint i = 0; i < G_N_ELEMENTS (firsts); i++)
    {
      probe_fetch (device, buffer, 0, 1024, UNCLIP_GPU_TEXEL_RGBA32F, firsts[i],
                   G_N_ELEMENTS (found), found);
      for (guint j = 0; j < G_N_ELEMENTS (found); j++)
        for (guint c = 0; c < 4; c++)
          g_assert_cmpfloat (found[j][c], ==, 0.0f);
    }
}

static char *
dup_cache_path (UnclipGpuDevice *device)
{
  g_autofree char *name = g_strdup_printf ("pipelines-%s.bin",
                                           unclip_gpu_device_get_info (device)->uuid);

  return g_build_filename (g_get_user_cache_dir (), "fugue", name, NULL);
}

static void
build_probe (void)
{
  g_autoptr (UnclipGpuDevice) device = probe_open (NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (unclip_gpu_kernel_get (device, &probe_desc, &error));
  g_assert_no_error (error);
}

/* Written when the device closes; read again; ignored and replaced when damaged. */
static void
test_cache (void)
{
  UnclipGpuDevice *shared = test_device_get ();
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autofree char *damaged = NULL;
  gsize length;

  if (shared == NULL)
    return;
  path = dup_cache_path (shared);
  g_unlink (path);
  build_probe ();
  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_cmpuint (length, >, 72);
  build_probe ();

  for (gsize keep = 0; keep < length; keep += length / 3 + 1)
    {
      g_assert_true (g_file_set_contents (path, content, (gssize) keep, NULL));
      build_probe ();
    }
  damaged = g_memdup2 (content, length);
  for (gsize i = 0; i < length; i += 7)
    damaged[i] ^= 0x55;
  g_assert_true (g_file_set_contents (path, damaged, (gssize) length, NULL));
  build_probe ();
  memcpy (damaged, content, length);
  damaged[length - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, damaged, (gssize) length, NULL));
  build_probe ();
}

/* A cache folder that cannot be made costs nothing but time. */
static void
test_cache_unwritable (void)
{
  UnclipGpuDevice *shared = test_device_get ();
  g_autofree char *path = NULL;
  g_autofree char *folder = NULL;

  if (shared == NULL)
    return;
  path = dup_cache_path (shared);
  folder = g_build_filename (g_get_user_cache_dir (), "fugue", NULL);
  g_unlink (path);
  g_rmdir (folder);
  g_assert_true (g_file_set_contents (folder, "a file", -1, NULL));
  build_probe ();
  g_assert_cmpint (g_unlink (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = test_device_isolate_cache ();
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gpu/kernel/table", test_table);
  g_test_add_func ("/gpu/kernel/capabilities", test_capabilities);
  g_test_add_func ("/gpu/kernel/same", test_same);
  g_test_add_func ("/gpu/kernel/texels-f32", test_texels_f32);
  g_test_add_func ("/gpu/kernel/texels-f16", test_texels_f16);
  g_test_add_func ("/gpu/kernel/texels-i32", test_texels_i32);
  g_test_add_func ("/gpu/kernel/texels-far", test_texels_far);
  g_test_add_func ("/gpu/kernel/cache", test_cache);
  g_test_add_func ("/gpu/kernel/cache-unwritable", test_cache_unwritable);
  status = test_device_run ();
  test_device_remove_cache (folder);
  return status;
}
