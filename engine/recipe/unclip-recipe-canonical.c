/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canonical form, written from the structs, so that what was parsed and what was put together by hand meet in the same
 * bytes. Each function writes the keys of its object in their sorted order. */

#include "config.h"

#include "unclip-recipe-private.h"

#include "unclip-json.h"

static void
put_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text != NULL ? text : ""; *p != '\0'; p++)
    {
      guchar c = (guchar) *p;

      if (c == '"' || c == '\\')
        g_string_append_printf (json, "\\%c", c);
      else if (c < 0x20)
        g_string_append_printf (json, "\\u%04x", c);
      else
        g_string_append_c (json, *p);
    }
  g_string_append_c (json, '"');
}

static void
put_key (GString *json, const char *key)
{
  if (json->len > 0 && json->str[json->len - 1] != '{')
    g_string_append_c (json, ',');
  g_string_append_printf (json, "\"%s\":", key);
}

static void
put_string (GString *json, const char *key, const char *text)
{
  put_key (json, key);
  put_text (json, text);
}

static void
put_whole (GString *json, const char *key, guint64 value)
{
  put_key (json, key);
  g_string_append_printf (json, "%" G_GUINT64_FORMAT, value);
}

static void
put_number (GString *json, const char *key, double value)
{
  put_key (json, key);
  unclip_json_append_number (json, value);
}

static void
put_crop (GString *json, const guint crop[4])
{
  if (crop[2] == 0)
    return;
  put_key (json, "crop");
  g_string_append_printf (json, "[%u,%u,%u,%u]", crop[0], crop[1], crop[2], crop[3]);
}

static void
put_embedding (GString *json, const char *key, const UnclipEmbedding *embedding)
{
  put_key (json, key);
  unclip_recipe_append_embedding (json, embedding);
}

static void
put_noise (GString *json, const char *key, const UnclipNoiseNode *noise)
{
  put_key (json, key);
  unclip_recipe_append_noise (json, noise);
}

static void
put_image (GString *json, const UnclipEmbedding *embedding)
{
  put_crop (json, embedding->crop);
  put_string (json, "node", "image");
  put_string (json, "source", embedding->source);
}

static void
put_caption (GString *json, const UnclipEmbedding *embedding)
{
  put_whole (json, "best_of", embedding->best_of);
  put_number (json, "guidance", embedding->guidance);
  put_string (json, "node", "caption");
  put_whole (json, "seed", embedding->seed);
  put_whole (json, "steps", embedding->n_steps);
  put_string (json, "text", embedding->text);
}

static void
put_diff (GString *json, const UnclipEmbedding *embedding)
{
  put_number (json, "amount", embedding->amount);
  put_embedding (json, "base", embedding->base);
  put_string (json, "from", embedding->from);
  put_string (json, "node", "diff");
  put_string (json, "to", embedding->to);
}

static void
put_mix (GString *json, const UnclipEmbedding *embedding)
{
  put_string (json, "blend", unclip_recipe_blend_names[embedding->blend]);
  put_string (json, "node", "mix");
  put_key (json, "parts");
  for (guint i = 0; i < embedding->n_parts; i++)
    {
      g_string_append (json, i == 0 ? "[{" : ",{");
      put_embedding (json, "embedding", embedding->parts[i].embedding);
      put_number (json, "weight", embedding->parts[i].weight);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}

static void
put_loosen (GString *json, const UnclipEmbedding *embedding)
{
  put_number (json, "amount", embedding->amount);
  put_embedding (json, "base", embedding->base);
  put_string (json, "node", "loosen");
  put_whole (json, "picture", embedding->picture);
  put_whole (json, "seed", embedding->seed);
}

void
unclip_recipe_append_embedding (GString *json, const UnclipEmbedding *embedding)
{
  static void (*const put[]) (GString *, const UnclipEmbedding *) = {
    [UNCLIP_EMBEDDING_IMAGE] = put_image,
    [UNCLIP_EMBEDDING_CAPTION] = put_caption,
    [UNCLIP_EMBEDDING_DIFF] = put_diff,
    [UNCLIP_EMBEDDING_MIX] = put_mix,
    [UNCLIP_EMBEDDING_LOOSEN] = put_loosen,
  };

  g_string_append_c (json, '{');
  put[embedding->kind] (json, embedding);
  g_string_append_c (json, '}');
}

static void
put_seed (GString *json, const UnclipNoiseNode *noise)
{
  put_string (json, "node", "seed");
  put_whole (json, "picture", noise->picture);
  put_whole (json, "seed", noise->seed);
}

static void
put_invert (GString *json, const UnclipNoiseNode *noise)
{
  gboolean has_rounds = noise->method == UNCLIP_INVERSION_FIXED_POINT;

  put_crop (json, noise->crop);
  put_whole (json, "first_timestep", noise->first_timestep);
  put_number (json, "guidance", noise->guidance);
  put_string (json, "method", unclip_recipe_inversion_names[noise->method]);
  put_string (json, "node", "invert");
  if (has_rounds)
    put_whole (json, "rounds", noise->n_rounds);
  put_string (json, "source", noise->source);
  put_whole (json, "steps", noise->n_steps);
  if (has_rounds)
    put_number (json, "tolerance", noise->tolerance);
}

static void
put_blend (GString *json, const UnclipNoiseNode *noise)
{
  put_noise (json, "a", noise->a);
  put_number (json, "amount", noise->amount);
  put_noise (json, "b", noise->b);
  put_string (json, "node", "blend");
}

static void
put_bands (GString *json, const UnclipNoiseNode *noise)
{
  put_number (json, "cutoff", noise->cutoff);
  put_noise (json, "high", noise->high);
  put_noise (json, "low", noise->low);
  put_string (json, "node", "bands");
  put_number (json, "softness", noise->softness);
}

void
unclip_recipe_append_noise (GString *json, const UnclipNoiseNode *noise)
{
  static void (*const put[]) (GString *, const UnclipNoiseNode *) = {
    [UNCLIP_NOISE_SEED] = put_seed,
    [UNCLIP_NOISE_INVERT] = put_invert,
    [UNCLIP_NOISE_BLEND] = put_blend,
    [UNCLIP_NOISE_BANDS] = put_bands,
  };

  g_string_append_c (json, '{');
  put[noise->kind] (json, noise);
  g_string_append_c (json, '}');
}

static void
put_sampler (GString *json, const UnclipRecipeSampler *sampler)
{
  put_key (json, "sampler");
  g_string_append_c (json, '{');
  put_number (json, "eta", sampler->eta);
  if (sampler->first_timestep != 0)
    put_whole (json, "first_timestep", sampler->first_timestep);
  if (sampler->has_freeu)
    {
      put_key (json, "freeu");
      g_string_append_c (json, '{');
      put_number (json, "b1", sampler->freeu.b1);
      put_number (json, "b2", sampler->freeu.b2);
      put_number (json, "s1", sampler->freeu.s1);
      put_number (json, "s2", sampler->freeu.s2);
      g_string_append_c (json, '}');
    }
  put_number (json, "guidance", sampler->guidance);
  if (sampler->keep_detail)
    {
      put_key (json, "keep_detail");
      g_string_append (json, "true");
    }
  put_string (json, "kind", unclip_recipe_sampler_names[sampler->kind]);
  put_whole (json, "steps", sampler->n_steps);
  put_whole (json, "upsampler_steps", sampler->n_upsampler_steps);
  g_string_append_c (json, '}');
}

static gboolean
has_own_step_noise (const UnclipRecipeParams *params)
{
  return params->has_step_noise
         && !(params->noise.kind == UNCLIP_NOISE_SEED && params->noise.seed == params->step_noise.seed
              && params->noise.picture == params->step_noise.picture);
}

char *
unclip_recipe_dup_canonical (const UnclipRecipeParams *params)
{
  GString *json = g_string_new ("{");

  put_string (json, "caption", params->caption);
  put_embedding (json, "embedding", &params->embedding);
  put_key (json, "model");
  g_string_append_c (json, '{');
  put_string (json, "name", params->model_name);
  put_string (json, "sha256", params->model_sha256);
  g_string_append_c (json, '}');
  put_noise (json, "noise", &params->noise);
  put_sampler (json, &params->sampler);
  put_whole (json, "schema", UNCLIP_RECIPE_SCHEMA);
  if (has_own_step_noise (params))
    {
      put_key (json, "step_noise");
      g_string_append_c (json, '{');
      put_whole (json, "picture", params->step_noise.picture);
      put_whole (json, "seed", params->step_noise.seed);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}
