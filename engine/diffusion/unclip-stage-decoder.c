/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The decoder: from image embeddings to small pictures.
 *
 * text_proj turns embedding and caption into the decoder's context and a vector that is added to its time embedding; both,
 * and the context's keys and values in every attention, stay the same over the steps and are computed once. With guidance
 * a batch holds first the unconditional rows (learned null embedding, empty caption), then the conditional ones; only the
 * predicted noise is guided, the variance is the conditional one. Guidance and the sampler's step are the end of the
 * network's own program.
 */

#include "config.h"

#include "unclip-decoder-private.h"

#include "unclip-error.h"
#include "unclip-guidance.h"

#include <math.h>
#include <string.h>

static UnclipGraph *
build_text_proj (gconstpointer data, GError **error)
{
  const UnclipDecoderPrograms *programs = data;

  return unclip_text_proj_build (programs->text_proj_net, programs->params.n, programs->n_tokens, FALSE);
}

static UnclipGraph *
build_context (gconstpointer data, GError **error)
{
  const UnclipDecoderPrograms *programs = data;

  return unclip_unet_build_context (programs->net, programs->params.n, programs->params.n_context);
}

static UnclipGraph *
build_step (gconstpointer data, GError **error)
{
  const UnclipDecoderPrograms *programs = data;
  UnclipGraph    *graph = unclip_unet_build (programs->net, &programs->params, error);

  if (graph != NULL)
    unclip_device_step_build (&programs->sampler_step, graph);
  return graph;
}

/* A learned variance comes in three further channels. */
static gboolean
check_channels (UnclipUnet *net, gboolean learns_variance, GError **error)
{
  int n_out = unclip_unet_get_config (net)->out_channels;

  if (n_out == 6 || (n_out == 3 && !learns_variance))
    return TRUE;
  g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
               "The decoder gives %d channels, which its scheduler's variance_type does not fit; pictures have 3, or 6 with “learned_range”.", n_out);
  return FALSE;
}

#define FREEU_PREFIX "decoder with FreeU "

/* With FreeU the values are part of the program; the programs of other values than these are dropped. */
static char *
dup_step_name (UnclipStages *stages, const UnclipDecoderRun *run, int n_rows)
{
  const UnclipUnetFreeu *freeu = run->freeu;
  g_autofree char       *values = NULL;

  if (freeu == NULL)
    return g_strdup_printf ("decoder/%d of %d", run->n, n_rows);
  values = g_strdup_printf (FREEU_PREFIX "%.9g %.9g %.9g %.9g/", freeu->b[0], freeu->b[1], freeu->s[0], freeu->s[1]);
  unclip_stages_drop_programs (stages, FREEU_PREFIX, values);
  return g_strdup_printf ("%s%d of %d", values, run->n, n_rows);
}

static gboolean
get_programs (UnclipStages *stages, const UnclipDecoderRun *run, gboolean learns_variance, UnclipDecoderPrograms *programs, GError **error)
{
  UnclipModel     *model = unclip_stages_get_model (stages);
  int              n_rows = unclip_guidance_is_on (run->guidance) ? 2 * run->n : run->n;
  g_autofree char *text_proj = g_strdup_printf ("text_proj/%d", n_rows);
  g_autofree char *context = g_strdup_printf ("decoder context/%d", n_rows);
  g_autofree char *step = dup_step_name (stages, run, n_rows);

  memset (programs, 0, sizeof *programs);
  programs->text_proj_net = unclip_model_get_text_proj (model, error);
  programs->net = programs->text_proj_net != NULL ? unclip_model_get_decoder (model, error) : NULL;
  if (programs->net == NULL || !check_channels (programs->net, learns_variance, error)
      || !unclip_model_get_decoder_size (model, &programs->params.height, &programs->params.width, error))
    return FALSE;
  programs->params.n = n_rows;
  programs->params.has_freeu = run->freeu != NULL;
  if (run->freeu != NULL)
    programs->params.freeu = *run->freeu;
  programs->sampler_step = (UnclipDeviceStep){ .input = "sample", .output = "sample", .n = run->n, .n_channels = 3 };
  programs->n_tokens = run->empty->n_tokens;

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
dup_mask (const UnclipDecoderPrograms *programs, const UnclipCaptionCode *const *rows)
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
               const UnclipDecoderPrograms    *programs,
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
prepare (const UnclipDecoderRun *run, gboolean guided, const UnclipDecoderPrograms *programs, GCancellable *cancellable, GError **error)
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

gboolean
unclip_decoder_prepare (UnclipStages           *stages,
                        const UnclipDecoderRun *run,
                        gboolean                learns_variance,
                        UnclipDecoderPrograms  *programs,
                        GCancellable           *cancellable,
                        GError                **error)
{
  return get_programs (stages, run, learns_variance, programs, error)
         && prepare (run, unclip_guidance_is_on (run->guidance), programs, cancellable, error);
}

gboolean
unclip_decoder_check (const float *values, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      {
        g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT,
                     "The decoder gave NaN or infinity: the model's weights are damaged, or f16 is too narrow for them (try --precision f32).");
        return FALSE;
      }
  return TRUE;
}

/* Samples as the exact scheme needs them back: the one that a step began with is the next step's history. */
typedef struct
{
  float *current;
  float *before;
} Trail;

static gboolean
write_history (const UnclipDecoderRun       *run,
               const UnclipDecoderPrograms  *programs,
               const UnclipStepCoefficients *step,
               const Trail                  *trail,
               guint                         k,
               GError                      **error)
{
  const float *given = k == 0 ? run->start_history : run->end_history;
  gsize        n_values = (gsize) run->n * (gsize) programs->params.height * (gsize) programs->params.width * 3;

  switch (step->history)
    {
    case UNCLIP_HISTORY_X0:
      return unclip_program_copy (programs->step, "history", programs->step, "x0", error);
    case UNCLIP_HISTORY_X:
      return unclip_program_write_f32 (programs->step, "history", trail->before, error);
    case UNCLIP_HISTORY_GIVEN:
      if (given == NULL)
        {
          memset (trail->before, 0, n_values * sizeof (float));
          given = trail->before;
        }
      return unclip_program_write_f32 (programs->step, "history", given, error);
    case UNCLIP_HISTORY_NONE:
    default:
      return TRUE;
    }
}

/* After a step of the exact scheme. */
static gboolean
follow_trail (const UnclipDecoderPrograms *programs, Trail *trail, GError **error)
{
  float *free_one = trail->before;

  trail->before = trail->current;
  trail->current = free_one;
  return unclip_device_step_read (&programs->sampler_step, programs->step, trail->current, error);
}

static gboolean
run_steps (const UnclipDecoderRun      *run,
           const UnclipDecoderPrograms *programs,
           const UnclipSampler         *sampler,
           const UnclipWatch           *watch,
           float                       *x,
           GError                     **error)
{
  gsize             n_item = (gsize) programs->params.height * (gsize) programs->params.width * 3;
  gsize             n_values = (gsize) run->n * n_item;
  g_autofree float *noise = g_new (float, n_values), *before = g_new (float, n_values), *current = g_new (float, n_values);
  Trail             trail = { current, before };

  if (run->start != NULL)
    memcpy (x, run->start, n_values * sizeof *x);
  else
    unclip_noise_draw (&run->noise, UNCLIP_RNG_DECODER, UNCLIP_RNG_START, run->n, n_item, x);
  if (run->sampler == UNCLIP_SAMPLER_EXACT)
    unclip_sampler_round (x, n_values);
  memcpy (current, x, n_values * sizeof *x);
  if (!unclip_device_step_start (&programs->sampler_step, programs->step, x, error))
    return FALSE;
  for (guint k = 0; k < run->n_steps; k++)
    {
      UnclipDeviceStepRun step = { unclip_sampler_get_step (sampler, k), run->guidance, noise };

      if (k > 0 && !unclip_device_step_advance (&programs->sampler_step, programs->step, programs->step, error))
        return FALSE;
      if (step.coefficients->adds_noise)
        unclip_noise_draw (&run->noise, UNCLIP_RNG_DECODER, UNCLIP_RNG_STEP (k), run->n, n_item, noise);
      if (!write_history (run, programs, step.coefficients, &trail, k, error)
          || !unclip_device_step_run (&programs->sampler_step, programs->step, &step, watch->cancellable, error)
          || !unclip_watch_report (watch, programs->step, "decoder", run->n, k + 1, run->n_steps, error)
          || (run->sampler == UNCLIP_SAMPLER_EXACT && !follow_trail (programs, &trail, error)))
        return FALSE;
    }
  return unclip_device_step_read (&programs->sampler_step, programs->step, x, error);
}

gboolean
unclip_stages_run_decoder (UnclipStages *stages, const UnclipDecoderRun *run, const UnclipWatch *watch, float *out, GError **error)
{
  UnclipSamplerChoice       choice = { run->sampler, run->n_steps, run->eta, run->first_timestep };
  g_autoptr (UnclipSampler) sampler = unclip_model_new_sampler (unclip_stages_get_model (stages), UNCLIP_MODEL_DECODER, &choice, error);
  UnclipDecoderPrograms     programs;
  gsize                     n_values;

  if (sampler == NULL
      || !unclip_decoder_prepare (stages, run, unclip_sampler_get_step (sampler, 0)->learns_variance, &programs, watch->cancellable, error)
      || !run_steps (run, &programs, sampler, watch, out, error))
    return FALSE;

  n_values = (gsize) run->n * (gsize) programs.params.height * (gsize) programs.params.width * 3;
  if (!unclip_decoder_check (out, n_values, error))
    return FALSE;
  for (gsize i = 0; i < n_values; i++)
    out[i] = CLAMP (out[i], -1.0f, 1.0f);
  return TRUE;
}
