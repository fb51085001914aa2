/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of programs, and the two encoders. The diffusion stages have files of their own. */

#include "config.h"

#include "unclip-stages.h"

#include "unclip-error.h"
#include "unclip-image-processor.h"

#include <math.h>
#include <string.h>

struct _UnclipStages
{
  UnclipModel    *model;        /* owned */
  UnclipExecutor *executor;     /* owned */
  GHashTable     *programs;     /* name → UnclipProgram */
};

UnclipStages *
unclip_stages_new (UnclipModel *model, UnclipExecutor *executor)
{
  UnclipStages *stages = g_new0 (UnclipStages, 1);

  stages->model = unclip_model_ref (model);
  stages->executor = unclip_executor_ref (executor);
  stages->programs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_program_free);
  return stages;
}

void
unclip_stages_free (UnclipStages *stages)
{
  if (stages == NULL)
    return;
  /* Packed weights are known by the address of the files' mappings, which go with the model. */
  g_hash_table_unref (stages->programs);
  unclip_executor_forget_weights (stages->executor);
  unclip_executor_unref (stages->executor);
  unclip_model_unref (stages->model);
  g_free (stages);
}

UnclipModel *
unclip_stages_get_model (UnclipStages *stages)
{
  return stages->model;
}

UnclipExecutor *
unclip_stages_get_executor (UnclipStages *stages)
{
  return stages->executor;
}

UnclipProgram *
unclip_stages_get_program (UnclipStages  *stages,
                           const char    *name,
                           UnclipGraph *(*build) (gconstpointer data, GError **error),
                           gconstpointer  data,
                           GError       **error)
{
  UnclipProgram *program = g_hash_table_lookup (stages->programs, name);
  UnclipGraph   *graph;

  if (program != NULL)
    return program;
  graph = build (data, error);
  if (graph == NULL)
    return NULL;
  program = unclip_executor_compile (stages->executor, graph, error);
  if (program == NULL)
    return NULL;
  /* Weights were packed, and may be zeros. */
  if (!unclip_model_check_whole (stages->model, error))
    {
      unclip_program_free (program);
      unclip_executor_forget_weights (stages->executor);
      return NULL;
    }
  g_hash_table_insert (stages->programs, g_strdup (name), program);
  return program;
}

void
unclip_stages_drop_programs (UnclipStages *stages, const char *prefix, const char *keep)
{
  GHashTableIter iter;
  gpointer       name;

  g_hash_table_iter_init (&iter, stages->programs);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (g_str_has_prefix (name, prefix) && !g_str_has_prefix (name, keep))
      g_hash_table_iter_remove (&iter);
}

void
unclip_noise_draw (const UnclipNoise *noise, UnclipRngStage stage, guint step, int n_items, gsize n, float *out)
{
  for (int item = 0; item < n_items; item++)
    noise->draw (stage, step, item, out + (gsize) item * n, n, noise->user_data);
}

gboolean
unclip_watch_report (const UnclipWatch *watch,
                     UnclipProgram     *program,
                     const char        *stage,
                     int                n_items,
                     guint              n_done,
                     guint              n_steps,
                     GError           **error)
{
  UnclipShape       shape = unclip_program_get_output_shape (program, "x0");
  gsize             n_item = (gsize) shape.h * (gsize) shape.w * (gsize) shape.c;
  g_autofree float *x0 = NULL;

  if (watch->progress != NULL)
    watch->progress (stage, n_done, n_steps, watch->user_data);
  if (watch->preview == NULL)
    return TRUE;
  x0 = g_new (float, (gsize) n_items * n_item);
  if (!unclip_program_read_f32 (program, "x0", x0, error))
    return FALSE;
  for (int item = 0; item < n_items; item++)
    watch->preview (stage, n_done, n_steps, item, x0 + (gsize) item * n_item, shape.h, shape.w, watch->user_data);
  return TRUE;
}

void
unclip_caption_code_free (UnclipCaptionCode *code)
{
  if (code == NULL)
    return;
  g_free (code->embeds);
  g_free (code->hidden);
  g_free (code->mask);
  g_free (code);
}

static UnclipGraph *
build_vision (gconstpointer data, GError **error)
{
  return unclip_clip_vision_build ((UnclipClipVision *) data, 1, FALSE);
}

static gboolean
check_finite (const float *values, gsize n, const char *what, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      {
        g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT,
                     "The %s came out as NaN or infinity: the model's weights are damaged, or the driver is.", what);
        return FALSE;
      }
  return TRUE;
}

/* What no patch covers at the right and bottom is left off. */
static float *
dup_top_left (const float *pixels, int width, int size)
{
  float *out = g_new (float, (gsize) size * (gsize) size * 3);

  for (int y = 0; y < size; y++)
    memcpy (out + y * size * 3, pixels + y * width * 3, (gsize) size * 3 * sizeof *out);
  return out;
}

gboolean
unclip_stages_encode_pixels (UnclipStages *stages, const float *pixels, int height, int width, float *out, GCancellable *cancellable, GError **error)
{
  UnclipClipVision *vision = unclip_model_get_vision (stages->model, error);
  UnclipProgram    *program;
  g_autofree float *seen = NULL;
  int               size;

  if (vision == NULL)
    return FALSE;
  program = unclip_stages_get_program (stages, "image_encoder", build_vision, vision, error);
  if (program == NULL)
    return FALSE;
  size = unclip_clip_vision_get_input_size (vision);
  if (height < size || width < size)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                   "The image processor gives %d×%d pixels, but the vision tower wants %d×%d.", height, width, size, size);
      return FALSE;
    }
  seen = dup_top_left (pixels, width, size);
  return unclip_program_write_f32 (program, "pixel_values", seen, error)
         && unclip_program_run (program, cancellable, error)
         && unclip_program_read_f32 (program, "image_embeds", out, error)
         && check_finite (out, (gsize) unclip_program_get_output_shape (program, "image_embeds").c, "image embedding", error);
}

gboolean
unclip_stages_encode_image (UnclipStages *stages, UnclipImage *image, float *out, GCancellable *cancellable, GError **error)
{
  const UnclipImageProcessorParams *params = unclip_model_get_processor (stages->model, error);
  g_autoptr (UnclipImage)           prepared = params != NULL ? unclip_image_processor_prepare (params, image, error) : NULL;
  g_autofree float                 *pixels = NULL;

  if (prepared == NULL)
    return FALSE;
  pixels = g_new (float, unclip_image_get_n_bytes (prepared));
  unclip_image_processor_normalize (params, prepared, TRUE, pixels);
  return unclip_stages_encode_pixels (stages, pixels, (int) unclip_image_get_height (prepared), (int) unclip_image_get_width (prepared),
                                      out, cancellable, error);
}

typedef struct
{
  UnclipClipText *text;
  int             n_tokens;
} TextBuild;

static UnclipGraph *
build_text (gconstpointer data, GError **error)
{
  const TextBuild *build = data;

  return unclip_clip_text_build (build->text, 1, build->n_tokens, FALSE, FALSE, error);
}

UnclipCaptionCode *
unclip_stages_encode_caption (UnclipStages *stages, const char *caption, GCancellable *cancellable, GError **error)
{
  UnclipTokenizer              *tokenizer = unclip_model_get_tokenizer (stages->model, error);
  UnclipClipText               *text = tokenizer != NULL ? unclip_model_get_text (stages->model, error) : NULL;
  g_autoptr (UnclipTokens)      tokens = NULL;
  g_autoptr (UnclipCaptionCode) code = NULL;
  UnclipProgram                *program;
  gint32                        end;

  if (text == NULL)
    return NULL;
  tokens = unclip_tokenizer_encode (tokenizer, caption);
  program = unclip_stages_get_program (stages, "text_encoder", build_text, &(TextBuild){ text, (int) tokens->n }, error);
  if (program == NULL)
    return NULL;

  code = g_new0 (UnclipCaptionCode, 1);
  code->n_tokens = (int) tokens->n;
  code->n_embed = unclip_program_get_output_shape (program, "text_embeds").c;
  code->n_hidden = unclip_program_get_output_shape (program, "last_hidden_state").c;
  code->embeds = g_new (float, code->n_embed);
  code->hidden = g_new (float, (gsize) code->n_tokens * (gsize) code->n_hidden);
  code->mask = g_new (float, code->n_tokens);
  for (int i = 0; i < code->n_tokens; i++)
    code->mask[i] = (float) tokens->mask[i];

  end = unclip_clip_text_find_end (unclip_clip_text_get_config (text), tokens->ids, code->n_tokens);
  if (!unclip_program_write_i32 (program, "input_ids", tokens->ids, error)
      || !unclip_program_write_i32 (program, "end", &end, error)
      || !unclip_program_run (program, cancellable, error)
      || !unclip_program_read_f32 (program, "last_hidden_state", code->hidden, error)
      || !unclip_program_read_f32 (program, "text_embeds", code->embeds, error)
      || !check_finite (code->embeds, (gsize) code->n_embed, "caption's embedding", error))
    return NULL;
  return g_steal_pointer (&code);
}
