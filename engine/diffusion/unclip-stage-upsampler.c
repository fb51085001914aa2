/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The upsampler: from small pictures to large ones.
 *
 * The network sees [noised large picture ; small picture enlarged by antialiased bicubic], six channels. The last step has
 * a network of its own, fine-tuned for it. No guidance, no text.
 */

#include "config.h"

#include "unclip-resize.h"
#include "unclip-stages.h"

#include <string.h>

typedef struct
{
  UnclipUnet      *net;
  UnclipUnetParams params;
} Build;

static UnclipGraph *
build_step (gconstpointer data, GError **error)
{
  const Build *build = data;

  return unclip_unet_build (build->net, &build->params, error);
}

static UnclipProgram *
get_program (UnclipStages *stages, int n, gboolean last, int height, int width, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s/%d", last ? "super_res_last" : "super_res_first", n);
  Build            build = { unclip_model_get_upsampler (unclip_stages_get_model (stages), last, error),
                             { .n = n, .height = height, .width = width } };

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

static gboolean
evaluate (UnclipProgram *program, int n, int timestep, const float *rows, float *out, GCancellable *cancellable, GError **error)
{
  g_autofree float *times = g_new (float, n);

  for (int i = 0; i < n; i++)
    times[i] = (float) timestep;
  return unclip_program_write_f32 (program, "sample", rows, error)
         && unclip_program_write_f32 (program, "timestep", times, error)
         && unclip_program_run (program, cancellable, error)
         && unclip_program_read_f32 (program, "sample", out, error);
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
  g_autofree float         *rows = NULL, *prediction = NULL, *noise = NULL, *x0 = NULL;
  gsize                     n_item, n_pixels, n_low;
  int                       height, width, low_height, low_width;

  if (sampler == NULL || !unclip_model_get_picture_size (model, &height, &width, error)
      || !unclip_model_get_decoder_size (model, &low_height, &low_width, error))
    return FALSE;
  n_item = (gsize) height * (gsize) width * 3;
  n_pixels = (gsize) run->n * (gsize) height * (gsize) width;
  n_low = (gsize) low_height * (gsize) low_width * 3;
  rows = g_new (float, n_pixels * 6);
  prediction = g_new (float, n_pixels * 3);
  noise = g_new (float, n_pixels * 3);
  x0 = g_new (float, n_pixels * 3);

  for (int item = 0; item < run->n; item++)
    unclip_resize_f32 (run->low + (gsize) item * n_low, (guint) low_width, (guint) low_height, 3, UNCLIP_FILTER_BICUBIC,
                       x0 + (gsize) item * n_item, (guint) width, (guint) height);
  put_picture (rows, x0, n_pixels, 3);
  unclip_noise_draw (&run->noise, UNCLIP_RNG_SUPER_RES, UNCLIP_RNG_START, run->n, n_item, out);

  for (guint k = 0; k < run->n_steps; k++)
    {
      const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, k);
      UnclipProgram                *program = get_program (stages, run->n, k + 1 == run->n_steps, height, width, error);

      put_picture (rows, out, n_pixels, 0);
      if (program == NULL || !evaluate (program, run->n, step->timestep, rows, prediction, watch->cancellable, error))
        return FALSE;
      if (step->adds_noise)
        unclip_noise_draw (&run->noise, UNCLIP_RNG_SUPER_RES, UNCLIP_RNG_STEP (k), run->n, n_item, noise);
      unclip_step_apply (step, &(UnclipStepBuffers){ .n_pixels = n_pixels,
                                                     .n_channels = 3,
                                                     .n_out_channels = 3,
                                                     .x = out,
                                                     .out = prediction,
                                                     .noise = step->adds_noise ? noise : NULL,
                                                     .next = out,
                                                     .x0 = x0 });
      if (watch->progress != NULL)
        watch->progress ("upsampler", k + 1, run->n_steps, watch->user_data);
      for (int item = 0; item < run->n && watch->preview != NULL; item++)
        watch->preview ("upsampler", k + 1, run->n_steps, item, x0 + (gsize) item * n_item, height, width, watch->user_data);
    }
  return TRUE;
}
