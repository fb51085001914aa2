/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The prior: from captions to image embeddings, by ancestral sampling in the normalised embedding space.
 *
 * With guidance a batch holds first the unconditional rows, all of the empty caption, then the conditional ones. Keys and
 * values of the prompt positions are computed once (reference: diffusers computes them anew at each step, with the same
 * result), so a step runs three positions instead of all. Guidance and the sampler's step are the end of the same program.
 */

#include "config.h"

#include "unclip-device-step.h"
#include "unclip-guidance.h"
#include "unclip-stages.h"

#include <string.h>

typedef struct
{
  UnclipPrior     *net;
  UnclipDeviceStep sampler_step;
  int              n_rows;      /* of the batch, guidance included */
  UnclipProgram   *prompt;
  UnclipProgram   *step;
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
  UnclipGraph    *graph = unclip_prior_build_step (programs->net, programs->n_rows, TRUE);

  unclip_device_step_build (&programs->sampler_step, graph);
  return graph;
}

static gboolean
get_programs (UnclipStages *stages, int n, int n_rows, Programs *programs, GError **error)
{
  g_autofree char *prompt = g_strdup_printf ("prior prompt/%d", n_rows);
  g_autofree char *step = g_strdup_printf ("prior step/%d of %d", n, n_rows);

  programs->net = unclip_model_get_prior (unclip_stages_get_model (stages), error);
  programs->n_rows = n_rows;
  if (programs->net == NULL)
    return FALSE;
  programs->sampler_step = (UnclipDeviceStep){ .input = "hidden_states",
                                               .output = "predicted_image_embedding",
                                               .n = n,
                                               .n_channels = unclip_prior_get_config (programs->net)->embedding_dim };
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

gboolean
unclip_stages_run_prior (UnclipStages *stages, const UnclipPriorRun *run, const UnclipWatch *watch, float *out, GError **error)
{
  gboolean                  guided = unclip_guidance_is_on (run->guidance);
  UnclipModel              *model = unclip_stages_get_model (stages);
  UnclipSamplerChoice       choice = { UNCLIP_SAMPLER_ANCESTRAL, run->n_steps, 0 };
  g_autoptr (UnclipSampler) sampler = unclip_model_new_sampler (model, UNCLIP_MODEL_PRIOR, &choice, error);
  g_autofree float         *noise = NULL;
  Programs                  programs;
  gsize                     n_embed;

  if (sampler == NULL || !get_programs (stages, run->n, guided ? 2 * run->n : run->n, &programs, error)
      || !run_prompt (run, guided, &programs, watch->cancellable, error))
    return FALSE;

  n_embed = (gsize) programs.sampler_step.n_channels;
  noise = g_new (float, (gsize) run->n * n_embed);
  unclip_noise_draw (&run->noise, UNCLIP_RNG_PRIOR, UNCLIP_RNG_START, run->n, n_embed, out);
  if (!unclip_device_step_start (&programs.sampler_step, programs.step, out, error))
    return FALSE;

  for (guint k = 0; k < run->n_steps; k++)
    {
      UnclipDeviceStepRun step = { unclip_sampler_get_step (sampler, k), run->guidance, noise };

      if (k > 0 && !unclip_device_step_advance (&programs.sampler_step, programs.step, programs.step, error))
        return FALSE;
      if (step.coefficients->adds_noise)
        unclip_noise_draw (&run->noise, UNCLIP_RNG_PRIOR, UNCLIP_RNG_STEP (k), run->n, n_embed, noise);
      if (!unclip_device_step_run (&programs.sampler_step, programs.step, &step, watch->cancellable, error))
        return FALSE;
      if (watch->progress != NULL)
        watch->progress ("prior", k + 1, run->n_steps, watch->user_data);
    }
  if (!unclip_device_step_read (&programs.sampler_step, programs.step, out, error))
    return FALSE;
  unclip_prior_denormalise (programs.net, out, run->n);
  return TRUE;
}
