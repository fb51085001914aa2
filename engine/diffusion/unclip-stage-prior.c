/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The prior: from captions to image embeddings, by ancestral sampling in the normalised embedding space.
 *
 * With guidance a batch holds first the unconditional rows, all of the empty caption, then the conditional ones. Keys and
 * values of the prompt positions are computed once (reference: diffusers computes them anew at each step, with the same
 * result), so a step runs three positions instead of all.
 */

#include "config.h"

#include "unclip-guidance.h"
#include "unclip-stages.h"

#include <string.h>

typedef struct
{
  UnclipPrior   *net;
  int            n_rows;        /* of the batch, guidance included */
  UnclipProgram *prompt;
  UnclipProgram *step;
} Programs;

static UnclipGraph *
build_prompt (gconstpointer data, GError **error)
{
  const Programs *programs = data;

  return unclip_prior_build_prompt (programs->net, programs->n_rows, TRUE);
}

static UnclipGraph *
build_step (gconstpointer data, GError **error)
{
  const Programs *programs = data;

  return unclip_prior_build_step (programs->net, programs->n_rows, TRUE);
}

static gboolean
get_programs (UnclipStages *stages, int n_rows, Programs *programs, GError **error)
{
  g_autofree char *prompt = g_strdup_printf ("prior prompt/%d", n_rows);
  g_autofree char *step = g_strdup_printf ("prior step/%d", n_rows);

  programs->net = unclip_model_get_prior (unclip_stages_get_model (stages), error);
  programs->n_rows = n_rows;
  if (programs->net == NULL)
    return FALSE;
  programs->prompt = unclip_stages_get_program (stages, prompt, build_prompt, programs, error);
  programs->step = programs->prompt != NULL ? unclip_stages_get_program (stages, step, build_step, programs, error) : NULL;
  return programs->step != NULL;
}

static const UnclipCaptionCode *
get_row_caption (const UnclipPriorRun *run, gboolean guided, int row)
{
  if (!guided)
    return run->captions[row];
  return row < run->n ? run->empty : run->captions[row - run->n];
}

/* Runs the prompt positions and hands their keys and values to the step program. */
static gboolean
run_prompt (const UnclipPriorRun *run, gboolean guided, const Programs *programs, GCancellable *cancellable, GError **error)
{
  const UnclipCaptionCode *model = run->empty;
  gsize                    n_hidden = (gsize) model->n_tokens * (gsize) model->n_hidden;
  g_autofree float        *embeds = g_new (float, programs->n_rows * model->n_embed);
  g_autofree float        *hidden = g_new (float, (gsize) programs->n_rows * n_hidden);
  g_autofree float        *mask = g_new (float, programs->n_rows * model->n_tokens);
  g_autofree float        *prompt_bias = NULL;
  g_autofree float        *step_bias = NULL;

  for (int row = 0; row < programs->n_rows; row++)
    {
      const UnclipCaptionCode *code = get_row_caption (run, guided, row);

      memcpy (embeds + row * model->n_embed, code->embeds, (gsize) model->n_embed * sizeof (float));
      memcpy (hidden + (gsize) row * n_hidden, code->hidden, n_hidden * sizeof (float));
      memcpy (mask + row * model->n_tokens, code->mask, (gsize) model->n_tokens * sizeof (float));
    }
  prompt_bias = unclip_prior_dup_key_bias (programs->net, mask, programs->n_rows, unclip_prior_get_prompt_length (programs->net));
  step_bias = unclip_prior_dup_key_bias (programs->net, mask, programs->n_rows, unclip_prior_get_length (programs->net));

  return unclip_program_write_f32 (programs->prompt, "proj_embedding", embeds, error)
         && unclip_program_write_f32 (programs->prompt, "encoder_hidden_states", hidden, error)
         && unclip_program_write_f32 (programs->prompt, "key_bias", prompt_bias, error)
         && unclip_program_write_f32 (programs->step, "key_bias", step_bias, error)
         && unclip_program_run (programs->prompt, cancellable, error)
         && unclip_prior_copy_cache (programs->net, programs->step, programs->prompt, error);
}

/* One evaluation: rows of z twice when guided; @out gets the guided prediction of n rows. */
static gboolean
evaluate (const UnclipPriorRun *run,
          gboolean              guided,
          const Programs       *programs,
          int                   timestep,
          int                   n_embed,
          const float          *z,
          float                *out,
          GCancellable         *cancellable,
          GError              **error)
{
  gsize             n = (gsize) run->n * (gsize) n_embed;
  g_autofree float *rows = g_new (float, (gsize) programs->n_rows * (gsize) n_embed);
  g_autofree float *times = g_new (float, programs->n_rows);

  memcpy (rows, z, n * sizeof *rows);
  if (guided)
    memcpy (rows + n, z, n * sizeof *rows);
  for (int row = 0; row < programs->n_rows; row++)
    times[row] = (float) timestep;

  if (!unclip_program_write_f32 (programs->step, "hidden_states", rows, error)
      || !unclip_program_write_f32 (programs->step, "timestep", times, error)
      || !unclip_program_run (programs->step, cancellable, error)
      || !unclip_program_read_f32 (programs->step, "predicted_image_embedding", rows, error))
    return FALSE;

  if (guided)
    unclip_guidance_apply (&(UnclipGuidanceBuffers){ .n_pixels = (gsize) run->n,
                                                     .n_channels = (guint) n_embed,
                                                     .n_guided = (guint) n_embed,
                                                     .scale = run->guidance,
                                                     .unconditional = rows,
                                                     .conditional = rows + n,
                                                     .out = out });
  else
    memcpy (out, rows, n * sizeof *out);
  return TRUE;
}

gboolean
unclip_stages_run_prior (UnclipStages *stages, const UnclipPriorRun *run, const UnclipWatch *watch, float *out, GError **error)
{
  gboolean                  guided = unclip_guidance_is_on (run->guidance);
  UnclipModel              *model = unclip_stages_get_model (stages);
  UnclipSamplerChoice       choice = { UNCLIP_SAMPLER_ANCESTRAL, run->n_steps, 0 };
  g_autoptr (UnclipSampler) sampler = unclip_model_new_sampler (model, UNCLIP_MODEL_PRIOR, &choice, error);
  g_autofree float         *prediction = NULL;
  g_autofree float         *noise = NULL;
  Programs                  programs;
  int                       n_embed;

  if (sampler == NULL || !get_programs (stages, guided ? 2 * run->n : run->n, &programs, error)
      || !run_prompt (run, guided, &programs, watch->cancellable, error))
    return FALSE;

  n_embed = unclip_program_get_output_shape (programs.step, "predicted_image_embedding").c;
  prediction = g_new (float, run->n * n_embed);
  noise = g_new (float, run->n * n_embed);
  unclip_noise_draw (&run->noise, UNCLIP_RNG_PRIOR, UNCLIP_RNG_START, run->n, (gsize) n_embed, out);

  for (guint k = 0; k < run->n_steps; k++)
    {
      const UnclipStepCoefficients *step = unclip_sampler_get_step (sampler, k);

      if (!evaluate (run, guided, &programs, step->timestep, n_embed, out, prediction, watch->cancellable, error))
        return FALSE;
      if (step->adds_noise)
        unclip_noise_draw (&run->noise, UNCLIP_RNG_PRIOR, UNCLIP_RNG_STEP (k), run->n, (gsize) n_embed, noise);
      unclip_step_apply (step, &(UnclipStepBuffers){ .n_pixels = (gsize) run->n,
                                                     .n_channels = (guint) n_embed,
                                                     .n_out_channels = (guint) n_embed,
                                                     .x = out,
                                                     .out = prediction,
                                                     .noise = step->adds_noise ? noise : NULL,
                                                     .next = out });
      if (watch->progress != NULL)
        watch->progress ("prior", k + 1, run->n_steps, watch->user_data);
    }
  unclip_prior_denormalise (programs.net, out, run->n);
  return TRUE;
}
