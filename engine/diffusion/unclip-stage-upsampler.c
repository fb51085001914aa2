/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The upsampler: from small pictures to large ones.
 *
 * The network sees [noised large picture ; small picture enlarged by antialiased bicubic], six channels. The last step has
 * a network of its own, fine-tuned for it. No guidance, no text.
 */

#include "config.h"

#include "unclip-device-step.h"
#include "unclip-resize.h"
#include "unclip-stages.h"

typedef struct
{
  UnclipUnet             *net;
  UnclipUnetParams        params;
  const UnclipDeviceStep *sampler_step;
} Build;

static UnclipGraph *
build_step (gconstpointer data, GError **error)
{
  const Build *build = data;
  UnclipGraph *graph = unclip_unet_build (build->net, &build->params, error);

  if (graph != NULL)
    unclip_device_step_build (build->sampler_step, graph);
  return graph;
}

static UnclipProgram *
get_program (UnclipStages *stages, const UnclipDeviceStep *step, gboolean last, int height, int width, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s/%d", last ? "super_res_last" : "super_res_first", step->n);
  Build            build = { unclip_model_get_upsampler (unclip_stages_get_model (stages), last, error),
                             { .n = step->n, .height = height, .width = width },
                             step };

  return build.net != NULL ? unclip_stages_get_program (stages, name, build_step, &build, error) : NULL;
}

/* Rows of six channels: @x in the first three, the rest as it is. */
static void
put_picture (float *rows, const float *x, gsize n_pixels, int first_channel)
{
  for (gsize i = 0; i < n_pixels; i++)
    for (int c = 0; c < 3; c++)
      rows[i * 6 + (gsize) first_channel + (gsize) c] = x[i * 3 + (gsize) c];
}

/* The network's input at the start: noise, and beside it the small pictures enlarged. */
static float *
dup_start (const UnclipUpsamplerRun *run, int low_height, int low_width, int height, int width)
{
  gsize             n_low = (gsize) low_height * (gsize) low_width * 3, n_item = (gsize) height * (gsize) width * 3;
  gsize             n_pixels = (gsize) run->n * (gsize) height * (gsize) width;
  float            *rows = g_new (float, n_pixels * 6);
  g_autofree float *picture = g_new (float, n_pixels * 3);

  for (int item = 0; item < run->n; item++)
    unclip_resize_f32 (run->low + (gsize) item * n_low, (guint) low_width, (guint) low_height, 3, UNCLIP_FILTER_BICUBIC,
                       picture + (gsize) item * n_item, (guint) width, (guint) height);
  put_picture (rows, picture, n_pixels, 3);
  unclip_noise_draw (&run->noise, UNCLIP_RNG_SUPER_RES, UNCLIP_RNG_START, run->n, n_item, picture);
  put_picture (rows, picture, n_pixels, 0);
  return rows;
}

gboolean
unclip_stages_run_upsampler (UnclipStages             *stages,
                             const UnclipUpsamplerRun *run,
                             const UnclipWatch        *watch,
                             float                    *out,
                             GError                  **error)
{
  UnclipModel              *model = unclip_stages_get_model (stages);
  UnclipSamplerChoice       choice = { UNCLIP_SAMPLER_ANCESTRAL, run->n_steps, 0 };
  g_autoptr (UnclipSampler) sampler = unclip_model_new_sampler (model, UNCLIP_MODEL_UPSAMPLER, &choice, error);
  UnclipDeviceStep          sampler_step = { .input = "sample", .output = "sample", .n = run->n, .n_channels = 3 };
  g_autofree float         *rows = NULL, *noise = NULL;
  UnclipProgram            *previous = NULL;
  gsize                     n_item;
  int                       height, width, low_height, low_width;

  if (sampler == NULL || !unclip_model_get_picture_size (model, &height, &width, error)
      || !unclip_model_get_decoder_size (model, &low_height, &low_width, error))
    return FALSE;
  n_item = (gsize) height * (gsize) width * 3;
  noise = g_new (float, (gsize) run->n * n_item);
  rows = dup_start (run, low_height, low_width, height, width);

  for (guint k = 0; k < run->n_steps; k++)
    {
      UnclipDeviceStepRun step = { unclip_sampler_get_step (sampler, k), 1, noise };
      UnclipProgram      *program = get_program (stages, &sampler_step, k + 1 == run->n_steps, height, width, error);

      if (program == NULL
          || !(previous == NULL ? unclip_device_step_start (&sampler_step, program, rows, error)
                                : unclip_device_step_advance (&sampler_step, program, previous, error)))
        return FALSE;
      if (step.coefficients->adds_noise)
        unclip_noise_draw (&run->noise, UNCLIP_RNG_SUPER_RES, UNCLIP_RNG_STEP (k), run->n, n_item, noise);
      if (!unclip_device_step_run (&sampler_step, program, &step, watch->cancellable, error)
          || !unclip_watch_report (watch, program, "upsampler", run->n, k + 1, run->n_steps, error))
        return FALSE;
      previous = program;
    }
  return unclip_device_step_read (&sampler_step, previous, out, error);
}
