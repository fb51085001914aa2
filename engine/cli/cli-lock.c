/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli-lock.h"

#include "unclip-error.h"

#include <string.h>

static UnclipNoiseNode *
keep_node (CliLock *lock, UnclipNoiseNode node)
{
  UnclipNoiseNode *kept = g_memdup2 (&node, sizeof node);

  g_ptr_array_add (lock->nodes, kept);
  return kept;
}

static const UnclipNoiseNode *
invert (CliLock *lock, const UnclipEmbedding *image, const UnclipRecipeSampler *sampler)
{
  UnclipNoiseNode node = {
    .kind = UNCLIP_NOISE_INVERT,
    .source = image->source,
    .method = sampler->kind == UNCLIP_RECIPE_EXACT ? UNCLIP_INVERSION_EXACT : UNCLIP_INVERSION_DDIM,
    .n_steps = sampler->n_steps,
    .guidance = 1,
    .first_timestep = sampler->first_timestep,
  };

  memcpy (node.crop, image->crop, sizeof node.crop);
  return keep_node (lock, node);
}

static const UnclipNoiseNode *find_noise (CliLock                    *lock,
                                          const UnclipEmbedding      *embedding,
                                          const UnclipRecipeSampler  *sampler,
                                          GError                    **error);

/* The first n parts are as one of the sum of their weights, to which the next is blended. */
static const UnclipNoiseNode *
blend_parts (CliLock *lock, const UnclipEmbedding *mix, const UnclipRecipeSampler *sampler, GError **error)
{
  const UnclipNoiseNode *noise = NULL;
  double                 sum = 0;

  for (guint i = 0; i < mix->n_parts; i++)
    {
      const UnclipNoiseNode *part;

      if (mix->parts[i].weight <= 0)
        continue;
      part = find_noise (lock, mix->parts[i].embedding, sampler, error);
      if (part == NULL)
        return NULL;
      sum += mix->parts[i].weight;
      if (noise == NULL)
        noise = part;
      else
        noise = keep_node (lock, (UnclipNoiseNode){ .kind = UNCLIP_NOISE_BLEND, .a = noise, .b = part, .amount = mix->parts[i].weight / sum });
    }
  return noise;
}

static const UnclipNoiseNode *
find_noise (CliLock                    *lock,
            const UnclipEmbedding      *embedding,
            const UnclipRecipeSampler  *sampler,
            GError                    **error)
{
  switch (embedding->kind)
    {
    case UNCLIP_EMBEDDING_IMAGE:
      return invert (lock, embedding, sampler);
    case UNCLIP_EMBEDDING_DIFF:
    case UNCLIP_EMBEDDING_LOOSEN:
      return find_noise (lock, embedding->base, sampler, error);
    case UNCLIP_EMBEDDING_MIX:
      if (lock->part > 0)
        return find_noise (lock, embedding->parts[lock->part - 1].embedding, sampler, error);
      return blend_parts (lock, embedding, sampler, error);
    case UNCLIP_EMBEDDING_CAPTION:
    default:
      g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                           "--lock starts from a picture's own noise, which a caption does not have; leave out --lock, or the caption.");
      return NULL;
    }
}

gboolean
cli_lock_apply (CliLock *lock, UnclipRecipeParams *params, GError **error)
{
  const UnclipNoiseNode *noise;

  lock->nodes = g_ptr_array_new_with_free_func (g_free);
  params->sampler.first_timestep = CLI_LOCK_FIRST_TIMESTEP;
  noise = find_noise (lock, &params->embedding, &params->sampler, error);
  if (noise == NULL)
    return FALSE;
  params->noise = *noise;
  params->sampler.keep_detail = noise->kind == UNCLIP_NOISE_INVERT && params->sampler.eta == 0 && lock->part == 0;
  return TRUE;
}

void
cli_lock_clear (CliLock *lock)
{
  g_clear_pointer (&lock->nodes, g_ptr_array_unref);
}
