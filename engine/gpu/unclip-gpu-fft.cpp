/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The only file that sees vkFFT.h, and for its sake in C++: the header is said to be C, but C compilers refuse it.
 *
 * Sides of 1 are no length for VkFFT ("unsupported radix"): a row or a column is transformed as a line, and a single value
 * not at all.
 *
 * VkFFT transforms in place: rows of W real values stand in rows of W/2 + 1 complex ones. It makes pipelines and tables of
 * its own, and records its dispatches into a command of ours, one a direction, which is then replayed.
 */

#include "config.h"

#include "unclip-gpu-fft.h"

#include "unclip-error.h"
#include "unclip-gpu-private.h"

#include <glslang/Include/glslang_c_interface.h>
#include <glslang/Public/resource_limits_c.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* vkFFT.h is read with three of its words changed; what they mean was included above.
 *
 * VkFFT 1.2.26 lists the shader compiler's limits by position, as they stood before glslang added those of mesh shaders, so
 * that the list no longer fits the structure. The compiler's own defaults, which are the same numbers, go in their place.
 */
struct ListedResources
{
  int  counts[93];
  bool limits[9];

  const glslang_resource_t *operator& () const { return glslang_default_resource (); }
};

/* It sets the whole process to the C locale while it writes shaders, other threads included, and then sets it back by a
 * string that glibc has freed meanwhile. The C locale is set here for the calling thread alone, see initialize().
 */
static inline char *
keep_locale (void)
{
  return NULL;
}

/* And it prints a shader compiler's messages to stdout, which carries our events. */
#define glslang_resource_t ListedResources
#define setlocale(category, locale) keep_locale ()
#define printf(...) fprintf (stderr, __VA_ARGS__)
#define VKFFT_BACKEND 0
#include <vkFFT.h>
#undef glslang_resource_t
#undef setlocale
#undef printf

#define CACHE_MAGIC "FugueFF1"

enum
{
  FORWARD,
  INVERSE,
};

struct _UnclipGpuFft
{
  /* Constant after init; owned */
  UnclipGpuDevice  *device;
  guint             n, height, width, n_channels;
  guint             plan_height;    /* 1 for lines, whose length is plan_width */
  guint             plan_width;
  UnclipGpuBuffer  *buffer;         /* (N·C, plan_height, plan_width/2 + 1) complex */
  uint64_t          n_bytes;
  VkCommandPool     pool;           /* VkFFT uploads its tables through these */
  VkFence           fence;
  VkFFTApplication  application;    /* keeps the addresses of what stands above */
  gboolean          has_application;
  gboolean          is_from_cache;
  UnclipGpuCommand *commands[2];

  float            *planes;         /* what is written to and read from @buffer */
};

static guint
get_n_columns (const UnclipGpuFft *fft)
{
  return fft->plan_width / 2 + 1;
}

static guint
get_n_planes (const UnclipGpuFft *fft)
{
  return fft->n * fft->n_channels;
}

static gboolean
check (UnclipGpuFft *fft,
       VkFFTResult   result,
       GError      **error)
{
  const char *device = fft->device->info->name;

  switch (result)
    {
    case VKFFT_SUCCESS:
      return TRUE;
    case VKFFT_ERROR_FAILED_TO_SUBMIT_QUEUE:
    case VKFFT_ERROR_FAILED_TO_WAIT_FOR_FENCES:
      return unclip_gpu_check (fft->device, VK_ERROR_DEVICE_LOST, "Fourier transform", error);
    case VKFFT_ERROR_FAILED_TO_ALLOCATE_MEMORY:
      return unclip_gpu_check (fft->device, VK_ERROR_OUT_OF_DEVICE_MEMORY, "Fourier transform", error);
    case VKFFT_ERROR_MALLOC_FAILED:
      return unclip_gpu_check (fft->device, VK_ERROR_OUT_OF_HOST_MEMORY, "Fourier transform", error);
    default:
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_INTERNAL,
                   "%s: VkFFT failed with %d on %u planes of %u × %u; please report it with the device's name",
                   device, (int) result, get_n_planes (fft), fft->width,
                   fft->height);
      return FALSE;
    }
}

/* Making a plan. */

static char *
dup_cache_name (UnclipGpuFft *fft)
{
  return g_strdup_printf ("fft-%s-%d-%u-%ux%u.bin", fft->device->info->uuid, VkFFTGetVersion (), get_n_planes (fft),
                          fft->plan_height, fft->plan_width);
}

static VkFFTResult
initialize (UnclipGpuFft *fft, gboolean save, void *string)
{
  locale_t           c_locale = newlocale (LC_ALL_MASK, "C", (locale_t) 0);
  locale_t           before = uselocale (c_locale);
  VkFFTConfiguration configuration = {};
  VkFFTResult        result;

  configuration.FFTdim = fft->plan_height > 1 ? 2 : 1;
  configuration.size[0] = fft->plan_width;
  configuration.size[1] = fft->plan_height;
  configuration.physicalDevice = &fft->device->physical;
  configuration.device = &fft->device->handle;
  configuration.queue = &fft->device->queue;
  configuration.commandPool = &fft->pool;
  configuration.fence = &fft->fence;
  configuration.bufferNum = 1;
  /* The buffer itself is told when the work is recorded. Told here, VkFFT would write descriptors before it makes the tables
   * that it needs for sides with a prime factor above 13, and lengths such as 17 or 31 would come out as zeros. */
  configuration.bufferSize = &fft->n_bytes;
  configuration.numberBatches = get_n_planes (fft);
  configuration.performR2C = 1;
  configuration.normalize = 1;
  /* Sines from a table made in double precision, not from the device's, which may be off in the fourth digit. For a side of
   * 2, which has none, VkFFT would bind a table that it has not made. */
  configuration.useLUT = fft->plan_width > 2 && fft->plan_height != 2;
  configuration.saveApplicationToString = save;
  configuration.loadApplicationFromString = string != NULL;
  configuration.loadApplicationString = string;

  fft->application = VkFFTApplication {};
  result = initializeVkFFT (&fft->application, configuration);
  uselocale (before);
  freelocale (c_locale);
  fft->has_application = result == VKFFT_SUCCESS;
  return result;
}

static gboolean
create_application (UnclipGpuFft *fft, GError **error)
{
  g_autofree char   *name = dup_cache_name (fft);
  gsize              n_bytes = 0;
  g_autofree guint8 *string = unclip_gpu_cache_load (name, CACHE_MAGIC, &n_bytes);

  fft->is_from_cache = string != NULL && initialize (fft, FALSE, string) == VKFFT_SUCCESS;
  if (fft->is_from_cache)
    return TRUE;
  if (!check (fft, initialize (fft, TRUE, NULL), error))
    return FALSE;
  unclip_gpu_cache_save (name, CACHE_MAGIC, fft->application.saveApplicationString, fft->application.applicationStringSize);
  return TRUE;
}

static gboolean
create_objects (UnclipGpuFft *fft, GError **error)
{
  UnclipGpuDevice        *device = fft->device;
  VkCommandPoolCreateInfo pool_info = {};
  VkFenceCreateInfo       fence_info = {};

  pool_info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
  pool_info.queueFamilyIndex = device->queue_family;
  fence_info.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
  fft->buffer = unclip_gpu_buffer_new (device, fft->n_bytes, UNCLIP_GPU_MEMORY_DEVICE, "Fourier transform", error);
  return fft->buffer != NULL
         && unclip_gpu_check (device, vkCreateCommandPool (device->handle, &pool_info, NULL, &fft->pool), "command pool", error)
         && unclip_gpu_check (device, vkCreateFence (device->handle, &fence_info, NULL, &fft->fence), "fence", error);
}

static gboolean
record (UnclipGpuFft *fft, guint direction, GError **error)
{
  UnclipGpuCommand *command = unclip_gpu_command_new (fft->device, FALSE, error);
  VkCommandBuffer   segment;
  VkFFTLaunchParams launch = {};

  launch.commandBuffer = &segment;
  launch.buffer = &fft->buffer->handle;
  fft->commands[direction] = command;
  if (command == NULL)
    return FALSE;
  segment = unclip_gpu_command_open (command, fft->buffer);
  if (segment != VK_NULL_HANDLE && !check (fft, VkFFTAppend (&fft->application, direction == FORWARD ? -1 : 1, &launch), error))
    return FALSE;
  return unclip_gpu_command_end (command, error);
}

UnclipGpuFft *
unclip_gpu_fft_new (UnclipGpuDevice *device, guint n, guint height, guint width, guint n_channels, GError **error)
{
  g_autoptr (UnclipGpuFft) fft = NULL;

  g_assert (n > 0 && height > 0 && width > 0 && n_channels > 0);
  if (MAX (height, width) > UNCLIP_GPU_FFT_MAX_SIDE)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT, "A Fourier transform of %u × %u was asked for, but a side may have at most %d.",
                   width, height, UNCLIP_GPU_FFT_MAX_SIDE);
      return NULL;
    }
  fft = g_new0 (UnclipGpuFft, 1);
  fft->device = unclip_gpu_device_ref (device);
  fft->n = n;
  fft->height = height;
  fft->width = width;
  fft->n_channels = n_channels;
  fft->plan_width = MIN (height, width) > 1 ? width : MAX (height, width);
  fft->plan_height = MIN (height, width) > 1 ? height : 1;
  fft->n_bytes = (uint64_t) get_n_planes (fft) * fft->plan_height * get_n_columns (fft) * 2 * sizeof (float);
  fft->planes = (float *) g_malloc0 (fft->n_bytes);
  if (fft->plan_width == 1)
    return g_steal_pointer (&fft);
  if (!create_objects (fft, error) || !create_application (fft, error) || !record (fft, FORWARD, error) || !record (fft, INVERSE, error))
    return NULL;
  return g_steal_pointer (&fft);
}

void
unclip_gpu_fft_free (UnclipGpuFft *fft)
{
  if (fft == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (fft->commands); i++)
    unclip_gpu_command_free (fft->commands[i]);
  if (fft->has_application)
    deleteVkFFT (&fft->application);
  vkDestroyFence (fft->device->handle, fft->fence, NULL);
  vkDestroyCommandPool (fft->device->handle, fft->pool, NULL);
  unclip_gpu_buffer_unref (fft->buffer);
  unclip_gpu_device_unref (fft->device);
  g_free (fft->planes);
  g_free (fft);
}

gboolean
unclip_gpu_fft_is_from_cache (UnclipGpuFft *fft)
{
  return fft->is_from_cache;
}

/* Running it. */

/* Between (N, H, W, C) and planes whose rows are padded to whole complex values. */
static void
copy_real (UnclipGpuFft *fft, float *real, gboolean to_planes)
{
  gsize stride = 2 * get_n_columns (fft);

  for (gsize i = 0; i < fft->n; i++)
    for (gsize y = 0; y < fft->plan_height; y++)
      for (gsize x = 0; x < fft->plan_width; x++)
        for (gsize c = 0; c < fft->n_channels; c++)
          {
            float *channels_last = &real[((i * fft->plan_height + y) * fft->plan_width + x) * fft->n_channels + c];
            float *plane = &fft->planes[((i * fft->n_channels + c) * fft->plan_height + y) * stride + x];

            if (to_planes)
              *plane = *channels_last;
            else
              *channels_last = *plane;
          }
}

/* A column's spectrum has all H values, a line's H/2 + 1: the others are conj X[−u]. */
static void
copy_column (UnclipGpuFft *fft, float *spectrum, gboolean to_planes)
{
  gsize height = fft->height, n_columns = get_n_columns (fft);

  for (gsize plane = 0; plane < get_n_planes (fft); plane++)
    for (gsize u = 0; u < (to_planes ? n_columns : height); u++)
      {
        gsize  opposite = (height - u) % height;
        gsize  at = MIN (u, opposite);
        float *line = fft->planes + 2 * (plane * n_columns + at);
        float *column = spectrum + 2 * (plane * height + u);
        float *mirror = spectrum + 2 * (plane * height + opposite);

        if (to_planes)
          {
            line[0] = (column[0] + mirror[0]) / 2;
            line[1] = (column[1] - mirror[1]) / 2;
          }
        else
          {
            column[0] = line[0];
            column[1] = u == at ? line[1] : -line[1];
          }
      }
}

static gboolean
run (UnclipGpuFft *fft, guint direction, const float *in, float *out, GError **error)
{
  return unclip_gpu_buffer_write (fft->buffer, 0, in, fft->n_bytes, error)
         && unclip_gpu_command_run (fft->commands[direction], NULL, error)
         && unclip_gpu_buffer_read (fft->buffer, 0, out, fft->n_bytes, error);
}

gboolean
unclip_gpu_fft_forward (UnclipGpuFft *fft, const float *real, float *spectrum, GError **error)
{
  gboolean is_column = fft->width == 1;

  copy_real (fft, (float *) real, TRUE);
  if (fft->plan_width > 1 && !run (fft, FORWARD, fft->planes, is_column ? fft->planes : spectrum, error))
    return FALSE;
  if (is_column)
    copy_column (fft, spectrum, FALSE);
  return TRUE;
}

gboolean
unclip_gpu_fft_inverse (UnclipGpuFft *fft, const float *spectrum, float *real, GError **error)
{
  gboolean is_column = fft->width == 1;

  if (is_column)
    copy_column (fft, (float *) spectrum, TRUE);
  if (fft->plan_width > 1 && !run (fft, INVERSE, is_column ? fft->planes : spectrum, fft->planes, error))
    return FALSE;
  copy_real (fft, real, FALSE);
  return TRUE;
}
