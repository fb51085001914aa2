/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether a recipe's values are in their ranges. Recipes come from files and other programs: nothing is taken on trust,
 * and each message names the value and its range. */

#include "config.h"

#include "unclip-recipe-private.h"

#include "unclip-error.h"
#include "unclip-mix.h"

#include <math.h>
#include <string.h>

#define MAX_WEIGHT 1e6
#define MAX_FREEU 4

gboolean
unclip_recipe_fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list          args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE, message);
  return FALSE;
}

static gboolean
is_sha256 (const char *text)
{
  return text != NULL && strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static gboolean
check_range (const char *what, double value, double low, double high, GError **error)
{
  if (isfinite (value) && value >= low && value <= high)
    return TRUE;
  return unclip_recipe_fail (error, "%s is %g, but must be %g … %g.", what, value, low, high);
}

static gboolean
check_key (const char *what, guint64 seed, guint32 picture, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%s's picture", what);

  return check_range (what, (double) seed, 0, (double) UNCLIP_RECIPE_MAX_SEED, error)
         && check_range (number, picture, 0, G_MAXINT32, error);
}

static gboolean
check_caption (const char *text, GError **error)
{
  if (text == NULL)
    return TRUE;
  if (strlen (text) > UNCLIP_RECIPE_MAX_CAPTION)
    return unclip_recipe_fail (error, "The caption is longer than %d bytes; shorten it.", UNCLIP_RECIPE_MAX_CAPTION);
  if (!g_utf8_validate (text, -1, NULL))
    return unclip_recipe_fail (error, "The caption is not valid UTF-8.");
  return TRUE;
}

static gboolean
check_source (const char *source, const guint crop[4], GError **error)
{
  if (!is_sha256 (source))
    return unclip_recipe_fail (error, "The source “%s” is not the SHA-256 of a picture.", source != NULL ? source : "");
  if (crop[2] > 0 && crop[3] == 0)
    return unclip_recipe_fail (error, "The crop has no height.");
  return TRUE;
}

/* Looked at before anything below it, so that a tree without end ends here. */
static gboolean
enter_node (guint depth, guint *n_nodes, GError **error)
{
  if (depth > UNCLIP_RECIPE_MAX_DEPTH)
    return unclip_recipe_fail (error, "The recipe's nodes lie more than %d deep in each other.", UNCLIP_RECIPE_MAX_DEPTH);
  if (++*n_nodes > UNCLIP_RECIPE_MAX_NODES)
    return unclip_recipe_fail (error, "The recipe has more than %d nodes.", UNCLIP_RECIPE_MAX_NODES);
  return TRUE;
}

static gboolean check_embedding (const UnclipEmbedding *embedding, guint depth, guint *n_nodes, GError **error);

static gboolean
check_image (const UnclipEmbedding *embedding, guint depth, guint *n_nodes, GError **error)
{
  return check_source (embedding->source, embedding->crop, error);
}

static gboolean
check_prior (const UnclipEmbedding *embedding, guint depth, guint *n_nodes, GError **error)
{
  return check_caption (embedding->text, error)
         && check_range ("The prior's number of steps", embedding->n_steps, 2, UNCLIP_RECIPE_MAX_STEPS, error)
         && check_range ("The prior's guidance", embedding->guidance, 0, UNCLIP_RECIPE_MAX_GUIDANCE, error)
         && check_range ("The caption's seed", (double) embedding->seed, 0, (double) UNCLIP_RECIPE_MAX_SEED, error)
         && check_range ("best_of", embedding->best_of, 1, UNCLIP_RECIPE_MAX_BEST_OF, error);
}

static gboolean
check_diff (const UnclipEmbedding *embedding, guint depth, guint *n_nodes, GError **error)
{
  return check_caption (embedding->from, error) && check_caption (embedding->to, error)
         && check_range ("The amount of the text difference", embedding->amount, -1, 1, error)
         && check_embedding (embedding->base, depth + 1, n_nodes, error);
}

static gboolean
check_mix (const UnclipEmbedding *embedding, guint depth, guint *n_nodes, GError **error)
{
  double weights[UNCLIP_MIX_MAX_PARTS];

  if (!check_range ("The number of a mix's parts", embedding->n_parts, 1, UNCLIP_MIX_MAX_PARTS, error))
    return FALSE;
  for (guint i = 0; i < embedding->n_parts; i++)
    {
      weights[i] = embedding->parts[i].weight;
      if (!check_range ("A weight of the mix", weights[i], -MAX_WEIGHT, MAX_WEIGHT, error)
          || !check_embedding (embedding->parts[i].embedding, depth + 1, n_nodes, error))
        return FALSE;
    }
  return unclip_mix_check_weights (weights, embedding->n_parts, error);
}

static gboolean
check_loosen (const UnclipEmbedding *embedding, guint depth, guint *n_nodes, GError **error)
{
  return check_range ("The looseness", embedding->amount, 0, 1, error)
         && check_key ("The looseness' seed", embedding->seed, embedding->picture, error)
         && check_embedding (embedding->base, depth + 1, n_nodes, error);
}

static gboolean
check_embedding (const UnclipEmbedding *embedding, guint depth, guint *n_nodes, GError **error)
{
  static gboolean (*const check[]) (const UnclipEmbedding *, guint, guint *, GError **) = {
    [UNCLIP_EMBEDDING_IMAGE] = check_image,
    [UNCLIP_EMBEDDING_CAPTION] = check_prior,
    [UNCLIP_EMBEDDING_DIFF] = check_diff,
    [UNCLIP_EMBEDDING_MIX] = check_mix,
    [UNCLIP_EMBEDDING_LOOSEN] = check_loosen,
  };

  g_return_val_if_fail (embedding != NULL && embedding->kind < G_N_ELEMENTS (check), FALSE);
  return enter_node (depth, n_nodes, error) && check[embedding->kind] (embedding, depth, n_nodes, error);
}

static gboolean check_noise (const UnclipNoiseNode *noise, guint depth, guint *n_nodes, GError **error);

static gboolean
check_seed (const UnclipNoiseNode *noise, guint depth, guint *n_nodes, GError **error)
{
  return check_key ("The seed", noise->seed, noise->picture, error);
}

static gboolean
check_invert (const UnclipNoiseNode *noise, guint depth, guint *n_nodes, GError **error)
{
  if (!check_source (noise->source, noise->crop, error)
      || !check_range ("The inversion's number of steps", noise->n_steps, 2, UNCLIP_RECIPE_MAX_STEPS, error)
      || !check_range ("The inversion's guidance", noise->guidance, 0, UNCLIP_RECIPE_MAX_GUIDANCE, error)
      || !check_range ("The inversion's first timestep", noise->first_timestep, 0, UNCLIP_RECIPE_MAX_TIMESTEP, error))
    return FALSE;
  return noise->method != UNCLIP_INVERSION_FIXED_POINT
         || (check_range ("The inversion's number of rounds", noise->n_rounds, 1, UNCLIP_RECIPE_MAX_ROUNDS, error)
             && check_range ("The inversion's tolerance", noise->tolerance, 0, 1, error));
}

static gboolean
check_blend (const UnclipNoiseNode *noise, guint depth, guint *n_nodes, GError **error)
{
  return check_range ("The amount of the blend", noise->amount, 0, 1, error)
         && check_noise (noise->a, depth + 1, n_nodes, error) && check_noise (noise->b, depth + 1, n_nodes, error);
}

static gboolean
check_bands (const UnclipNoiseNode *noise, guint depth, guint *n_nodes, GError **error)
{
  return check_range ("The cutoff of the bands", noise->cutoff, 0, 1, error)
         && check_range ("The softness of the bands", noise->softness, 0, 1, error)
         && check_noise (noise->low, depth + 1, n_nodes, error) && check_noise (noise->high, depth + 1, n_nodes, error);
}

static gboolean
check_noise (const UnclipNoiseNode *noise, guint depth, guint *n_nodes, GError **error)
{
  static gboolean (*const check[]) (const UnclipNoiseNode *, guint, guint *, GError **) = {
    [UNCLIP_NOISE_SEED] = check_seed,
    [UNCLIP_NOISE_INVERT] = check_invert,
    [UNCLIP_NOISE_BLEND] = check_blend,
    [UNCLIP_NOISE_BANDS] = check_bands,
  };

  g_return_val_if_fail (noise != NULL && noise->kind < G_N_ELEMENTS (check), FALSE);
  return enter_node (depth, n_nodes, error) && check[noise->kind] (noise, depth, n_nodes, error);
}

static gboolean
check_freeu (const UnclipRecipeFreeu *freeu, GError **error)
{
  return check_range ("FreeU's b1", freeu->b1, 0, MAX_FREEU, error) && check_range ("FreeU's b2", freeu->b2, 0, MAX_FREEU, error)
         && check_range ("FreeU's s1", freeu->s1, 0, MAX_FREEU, error) && check_range ("FreeU's s2", freeu->s2, 0, MAX_FREEU, error);
}

static gboolean
check_sampler (const UnclipRecipeSampler *sampler, const UnclipNoiseNode *noise, GError **error)
{
  if (!check_range ("The number of steps", sampler->n_steps, 2, UNCLIP_RECIPE_MAX_STEPS, error)
      || !check_range ("The guidance", sampler->guidance, 0, UNCLIP_RECIPE_MAX_GUIDANCE, error)
      || !check_range ("Eta", sampler->eta, 0, 1, error)
      || !check_range ("The first timestep", sampler->first_timestep, 0, UNCLIP_RECIPE_MAX_TIMESTEP, error))
    return FALSE;
  if (sampler->kind != UNCLIP_RECIPE_DDIM && sampler->eta != 0)
    return unclip_recipe_fail (error, "Eta %g needs the sampler “ddim”, not “%s”.", sampler->eta,
                               unclip_recipe_sampler_names[sampler->kind]);
  if (sampler->n_upsampler_steps != 0
      && !check_range ("The number of upsampler steps", sampler->n_upsampler_steps, 2, UNCLIP_RECIPE_MAX_STEPS, error))
    return FALSE;
  if (sampler->keep_detail && noise->kind != UNCLIP_NOISE_INVERT)
    return unclip_recipe_fail (error, "“keep_detail” needs noise of the node “invert”, whose source has the detail.");
  return !sampler->has_freeu || check_freeu (&sampler->freeu, error);
}

gboolean
unclip_recipe_check (const UnclipRecipeParams *params, GError **error)
{
  guint n_nodes = 0;

  if (!check_embedding (&params->embedding, 1, &n_nodes, error) || !check_noise (&params->noise, 1, &n_nodes, error)
      || !check_caption (params->caption, error) || !check_sampler (&params->sampler, &params->noise, error))
    return FALSE;
  if (params->has_step_noise && !check_key ("The seed of the step noise", params->step_noise.seed, params->step_noise.picture, error))
    return FALSE;
  if (!params->has_step_noise && params->noise.kind != UNCLIP_NOISE_SEED)
    return unclip_recipe_fail (error, "The recipe has no “step_noise”, which it needs when its noise is not a “seed”.");
  if (!is_sha256 (params->model_sha256))
    return unclip_recipe_fail (error, "The model's hash “%s” is not a SHA-256.", params->model_sha256 != NULL ? params->model_sha256 : "");
  return TRUE;
}
