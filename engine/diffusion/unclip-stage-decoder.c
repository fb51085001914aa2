/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The decoder: from image embeddings to small pictures.
 *
 * text_proj turns embedding and caption into the decoder's context and a vector that is added to its time embedding; both,
 * and the context's keys and values in every attention, stay the same over the steps and are computed once. With guidance
 * a batch holds first the unconditional rows (learned null embedding, empty caption), then the conditional ones; only the
 * predicted noise is guided, the variance is the conditional one.
 */

#include "config.h"

#include "unclip-error.h"
#include "unclip-guidance.h"
#include "unclip-stages.h"

#include <math.h>
#include <string.h>

typedef struct
{
  UnclipTextProj   *text_proj_net;
  UnclipUnet       *net;
  UnclipUnetParams  params;
  int               n_tokens;           /* of the caption */
  UnclipProgram    *text_proj;
  UnclipProgram    *context;            /* NULL for a decoder without attention */
  UnclipProgram    *step;
} Programs;

static UnclipGraph *
build_text_proj (gconstpointer data, GError **error)
{
  const Programs *programs = data;

  return unclip_text_proj_build (programs->text_proj_net, programs->params.n, programs->n_tokens, FALSE);
}

static UnclipGraph *
build_context (gconstpointer data, GError **error)
{
  const Programs *programs = data;

  return unclip_unet_build_context (programs->net, programs->params.n, programs->params.n_context);
}

static UnclipGraph *
build_step (gconstpointer data, GError **error)
{
  const Programs *programs = data;

  return unclip_unet_build (programs->net, &programs->params, error);
}

static gboolean
get_programs (UnclipStages *stages, int n_rows, int n_tokens, Programs *programs, GError **error)
{
  UnclipModel     *model = unclip_stages_get_model (stages);
  g_autofree char *text_proj = g_strdup_printf ("text_proj/%d", n_rows);
  g_autofree char *context = g_strdup_printf ("decoder context/%d", n_rows);
  g_autofree char *step = g_strdup_printf ("decoder/%d", n_rows);

  memset (programs, 0, sizeof *programs);
  programs->text_proj_net = unclip_model_get_text_proj (model, error);
  programs->net = programs->text_proj_net != NULL ? unclip_model_get_decoder (model, error) : NULL;
  if (programs->net == NULL
      || !unclip_model_get_decoder_size (model, &programs->params.height, &programs->params.width, error))
    return FALSE;
  programs->params.n = n_rows;
  programs->n_tokens = n_tokens;

  programs->text_proj = unclip_stages_get_program (stages, text_proj, build_text_proj, programs, error);
  if (programs->text_proj == NULL)
    return FALSE;
  programs->params.n_context = unclip_program_get_output_shape (programs->text_proj, "text_encoder_hidden_states").w;
  if (unclip_unet_get_n_attentions (programs->net) > 0)
    {
      programs->params.masked = TRUE;
      programs->params.kept_context = TRUE;
      programs->context = unclip_stages_get_program (stages, context, build_context, programs, error);
      if (programs->context == NULL)
        return FALSE;
    }
  programs->step = unclip_stages_get_program (stages, step, build_step, programs, error);
  return programs->step != NULL;
}

/* The mask of the context: the extra tokens made of the embedding are always seen, then the caption's mask. */
static float *
dup_mask (const Programs *programs, const UnclipCaptionCode *const *rows)
{
  int    n_extra = programs->params.n_context - programs->n_tokens;
  float *mask = g_new (float, programs->params.n * programs->params.n_context);

  for (int row = 0; row < programs->params.n; row++)
    for (int i = 0; i < programs->params.n_context; i++)
      mask[row * programs->params.n_context + i] = i < n_extra ? 1 : rows[row]->mask[i - n_extra];
  return mask;
}

static gboolean
run_text_proj (const UnclipDecoderRun         *run,
               gboolean                        guided,
               const Programs                 *programs,
               const UnclipCaptionCode *const *rows,
               GCancellable                   *cancellable,
               GError                        **error)
{
  const UnclipCaptionCode *model = run->empty;
  const UnclipArray       *null = unclip_text_proj_get_null_embedding (programs->text_proj_net);
  gint64                   n_embed = unclip_array_get_n_elements (null);
  int                      n_rows = programs->params.n;
  gsize                    n_hidden = (gsize) model->n_tokens * (gsize) model->n_hidden;
  g_autofree float        *images = g_new (float, n_rows * n_embed);
  g_autofree float        *embeds = g_new (float, n_rows * model->n_embed);
  g_autofree float        *hidden = g_new (float, (gsize) n_rows * n_hidden);

  for (int row = 0; row < n_rows; row++)
    {
      if (guided && row < run->n)
        unclip_array_copy_f32 (null, 0, n_embed, images + row * n_embed);
      else
        memcpy (images + row * n_embed, run->embeddings + (row % run->n) * n_embed, (gsize) n_embed * sizeof (float));
      memcpy (embeds + row * model->n_embed, rows[row]->embeds, (gsize) model->n_embed * sizeof (float));
      memcpy (hidden + (gsize) row * n_hidden, rows[row]->hidden, n_hidden * sizeof (float));
    }
  return unclip_program_write_f32 (programs->text_proj, "image_embeddings", images, error)
         && unclip_program_write_f32 (programs->text_proj, "prompt_embeds", embeds, error)
         && unclip_program_write_f32 (programs->text_proj, "text_encoder_hidden_states", hidden, error)
         && unclip_program_run (programs->text_proj, cancellable, error);
}

/* Everything that does not change from step to step. */
static gboolean
prepare (const UnclipDecoderRun *run, gboolean guided, const Programs *programs, GCancellable *cancellable, GError **error)
{
  g_autofree const UnclipCaptionCode **rows = g_new (const UnclipCaptionCode *, programs->params.n);
  g_autofree float                    *mask = NULL;

  for (int row = 0; row < programs->params.n; row++)
    rows[row] = guided && row < run->n ? run->empty : run->captions[row % run->n];
  mask = dup_mask (programs, rows);

  if (!run_text_proj (run, guided, programs, rows, cancellable, error)
      || !unclip_program_copy (programs->step, "class_labels", programs->text_proj, "additive_clip_time_embeddings", error))
    return FALSE;
  if (programs->context == NULL)
    return TRUE;
  return unclip_program_copy (programs->context, "encoder_hidden_states", programs->text_proj, "text_encoder_hidden_states", error)
         && unclip_program_run (programs->context, cancellable, error)
         && unclip_unet_copy_context (programs->net, programs->step, programs->context, error)
         && unclip_unet_write_mask (programs->net, &programs->params, programs->step, mask, error);
}

/* A learned variance comes in three further channels. */
static gboolean
check_channels (const Programs *programs, const UnclipSampler *sampler, GError **error)
{
  int n_out = unclip_program_get_output_shape (programs->step, "sample").c;

  if (n_out == 6 || (n_out == 3 && !unclip_sampler_get_step (sampler, 0)->learns_variance))
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
               "The decoder gives %d channels, which its scheduler's variance_type does not fit; pictures have 3, or 6 with “learned_range”.", n_out);
  return FALSE;
}

/* What a run allocates: sizes in pixels of one picture and channels. */
typedef struct
{
  int    n_rows;        /* of the batch, guidance included */
  int    n_out;         /* channels that the network gives: 3, or 6 with the variance */
  gsize  n_pixels;      /* of n pictures */
  float *rows;          /* n_rows pictures */
  float *times;         /* n_rows */
  float *out;           /* n_rows pictures of n_out channels; the first n then hold the guided result */
  float *noise;         /* n pictures */
  float *x0;            /* n pictures */
} Buffers;

static void
buffers_init (Buffers *buffers, const UnclipDecoderRun *run, const Programs *programs)
{
  gsize n_pixels = (gsize) programs->params.height * (gsize) programs->params.width;

  buffers->n_rows = programs->params.n;
  buffers->n_out = unclip_program_get_output_shape (programs->step, "sample").c;
  buffers->n_pixels = (gsize) run->n * n_pixels;
  buffers->rows = g_new (float, (gsize) buffers->n_rows * n_pixels * 3);
  buffers->times = g_new (float, buffers->n_rows);
  buffers->out = g_new (float, (gsize) buffers->n_rows * n_pixels * (gsize) buffers->n_out);
  buffers->noise = g_new (float, buffers->n_pixels * 3);
  buffers->x0 = g_new (float, buffers->n_pixels * 3);
}

static void
buffers_clear (Buffers *buffers)
{
  g_free (buffers->rows);
  g_free (buffers->times);
  g_free (buffers->out);
  g_free (buffers->noise);
  g_free (buffers->x0);
}

static gboolean
evaluate (const UnclipDecoderRun *run,
          const Programs         *programs,
          int                     timestep,
          const float            *x,
          Buffers                *buffers,
          GCancellable           *cancellable,
          GError                **error)
{
  gsize n = buffers->n_pixels * 3;

  for (int copy = 0; copy < buffers->n_rows / run->n; copy++)
    memcpy (buffers->rows + (gsize) copy * n, x, n * sizeof *x);
  for (int row = 0; row < buffers->n_rows; row++)
    buffers->times[row] = (float) timestep;

  if (!unclip_program_write_f32 (programs->step, "sample", buffers->rows, error)
      || !unclip_program_write_f32 (programs->step, "timestep", buffers->times, error)
      || !unclip_program_run (programs->step, cancellable, error)
      || !unclip_program_read_f32 (programs->step, "sample", buffers->out, error))
    return FALSE;

  if (buffers->n_rows > run->n)
    unclip_guidance_apply (&(UnclipGuidanceBuffers){ .n_pixels = buffers->n_pixels,
                                                     .n_channels = (guint) buffers->n_out,
                                                     .n_guided = 3,
                                                     .scale = run->guidance,
                                                     .unconditional = buffers->out,
                                                     .conditional = buffers->out + buffers->n_pixels * (gsize) buffers->n_out,
                                                     .out = buffers->out });
  return TRUE;
}

static void
report (const UnclipDecoderRun *run, const Programs *programs, const UnclipWatch *watch, guint n_done, const float *x0)
{
  gsize n = (gsize) programs->params.height * (gsize) programs->params.width * 3;

  if (watch->progress != NULL)
    watch->progress ("decoder", n_done, run->n_steps, watch->user_data);
  for (int item = 0; item < run->n && watch->preview != NULL; item++)
    watch->preview ("decoder", n_done, run->n_steps, item, x0 + (gsize) item * n, programs->params.height, programs->params.width,
                    watch->user_data);
}

static gboolean
run_steps (const UnclipDecoderRun *run,
           const Programs         *programs,
           const UnclipSampler    *sampler,
           Buffers                *buffers,
           const UnclipWatch      *watch,
           float                  *x,
           GError                **error)
{
  gsize n_item = buffers->n_pixels * 3 / (gsize) run->n;

  unclip_noise_draw (&run->noise, UNCLIP_RNG_DECODER, UNCLIP_RNG_START, run->n, n_item, x);
  for (guint k = 0; k < run->n_steps; k++)
    {
      const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, k);

      if (!evaluate (run, programs, step->timestep, x, buffers, watch->cancellable, error))
        return FALSE;
      if (step->adds_noise)
        unclip_noise_draw (&run->noise, UNCLIP_RNG_DECODER, UNCLIP_RNG_STEP (k), run->n, n_item, buffers->noise);
      unclip_step_apply (step, &(UnclipStepBuffers){ .n_pixels = buffers->n_pixels,
                                                     .n_channels = 3,
                                                     .n_out_channels = (guint) buffers->n_out,
                                                     .x = x,
                                                     .out = buffers->out,
                                                     .noise = step->adds_noise ? buffers->noise : NULL,
                                                     .next = x,
                                                     .x0 = buffers->x0 });
      report (run, programs, watch, k + 1, buffers->x0);
    }
  return TRUE;
}

gboolean
unclip_stages_run_decoder (UnclipStages *stages, const UnclipDecoderRun *run, const UnclipWatch *watch, float *out, GError **error)
{
  gboolean                  guided = unclip_guidance_is_on (run->guidance);
  UnclipSamplerChoice       choice = { run->sampler, run->n_steps, run->eta };
  g_autoptr (UnclipSampler) sampler = unclip_model_new_sampler (unclip_stages_get_model (stages), UNCLIP_MODEL_DECODER, &choice, error);
  Programs                  programs;
  Buffers                   buffers;
  gboolean                  ok;

  if (sampler == NULL || !get_programs (stages, guided ? 2 * run->n : run->n, run->empty->n_tokens, &programs, error)
      || !check_channels (&programs, sampler, error)
      || !prepare (run, guided, &programs, watch->cancellable, error))
    return FALSE;

  buffers_init (&buffers, run, &programs);
  ok = run_steps (run, &programs, sampler, &buffers, watch, out, error);
  for (gsize i = 0; i < buffers.n_pixels * 3 && ok; i++)
    {
      if (!isfinite (out[i]))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT,
                       "The decoder gave NaN or infinity: the model's weights are damaged, or f16 is too narrow for them (try --precision f32).");
          ok = FALSE;
        }
      out[i] = CLAMP (out[i], -1.0f, 1.0f);
    }
  buffers_clear (&buffers);
  return ok;
}
