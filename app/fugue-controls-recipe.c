/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes of the values, and values of a recipe. */

#include "config.h"

#include "fugue-controls-private.h"
#include "unclip-bands.h"
#include "unclip-how-far.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Inverting ends a little above 0, where a study found 10 dB more and a start noise of sane size; the way back starts there. */
#define FIRST_TIMESTEP 20

/* A draft is looked at for a moment. */
#define DRAFT_STEPS 8

/* How far. */

double
fugue_how_far_find (double looseness, double chance)
{
  double low = 0, high = 100;
  double found_looseness, found_chance;

  /* Both grow with the percentage, so their sum tells where. */
  for (int i = 0; i < 50; i++)
    {
      double middle = (low + high) / 2;

      unclip_how_far_get (middle, &found_looseness, &found_chance);
      if (found_looseness + found_chance < looseness + chance)
        low = middle;
      else
        high = middle;
    }
  unclip_how_far_get (high, &found_looseness, &found_chance);
  if (fabs (found_looseness - looseness) > 1e-6 || fabs (found_chance - chance) > 1e-6)
    return -1;
  /* What was set was a round number as a rule. */
  return fabs (high - round (high)) < 1e-6 ? round (high) : high;
}

/* Building. */

typedef struct
{
  FugueControls *controls;
  FugueMode      mode;
  FugueSource   *source;                /* of all modes but mix */
  FugueSource   *sources[FUGUE_N_SLOTS];
  guint          n;
  guint          first;
  gboolean       is_strip;
  gboolean       is_draft;
  gboolean       has_place;
  double         x;                     /* of the dot on the pad, as the next */
  double         y;
} Build;

/* Nodes of one recipe: trees hang together by pointers while it is made. */
typedef struct
{
  UnclipEmbedding embedding;
  UnclipEmbedding images[FUGUE_N_SLOTS];
  UnclipMixPart   parts[FUGUE_N_SLOTS];
  UnclipNoiseNode noise;
  UnclipNoiseNode base;
  UnclipNoiseNode fresh;
  UnclipNoiseNode inverted[FUGUE_N_SLOTS];
  UnclipNoiseNode blends[FUGUE_N_SLOTS];
} Nodes;

static double
number (const Build *build, FugueControl control)
{
  return fugue_controls_get_number (build->controls, control);
}

static void
set_crop (FugueSource *source, guint crop[4])
{
  UnclipRect rect;

  if (!fugue_source_has_crop (source))
    return;
  fugue_source_get_crop (source, &rect);
  crop[0] = rect.x;
  crop[1] = rect.y;
  crop[2] = rect.width;
  crop[3] = rect.height;
}

static void
set_image (UnclipEmbedding *embedding, FugueSource *source)
{
  *embedding = (UnclipEmbedding){ .kind = UNCLIP_EMBEDDING_IMAGE, .source = fugue_source_get_sha256 (source) };
  set_crop (source, embedding->crop);
}

static void
set_seed (const Build *build, UnclipNoiseNode *noise, guint picture)
{
  *noise = (UnclipNoiseNode){ .kind = UNCLIP_NOISE_SEED, .seed = (guint64) number (build, FUGUE_CONTROL_SEED), .picture = picture };
}

static void
set_inverted (const Build *build, UnclipNoiseNode *noise, FugueSource *source)
{
  static const UnclipInversionMethod methods[] = { UNCLIP_INVERSION_DDIM, UNCLIP_INVERSION_FIXED_POINT, UNCLIP_INVERSION_EXACT };

  *noise = (UnclipNoiseNode){
    .kind = UNCLIP_NOISE_INVERT,
    .source = fugue_source_get_sha256 (source),
    .method = methods[(int) number (build, FUGUE_CONTROL_METHOD)],
    .n_steps = (guint) number (build, FUGUE_CONTROL_INVERT_STEPS),
    .n_rounds = (guint) number (build, FUGUE_CONTROL_ROUNDS),
    .tolerance = number (build, FUGUE_CONTROL_TOLERANCE),
    .guidance = number (build, FUGUE_CONTROL_INVERT_GUIDANCE),
    .first_timestep = FIRST_TIMESTEP,
  };
  set_crop (source, noise->crop);
}

/* Whether the recipe starts from inverted noise. */
static gboolean
is_locked (const Build *build)
{
  switch (build->mode)
    {
    case FUGUE_MODE_VARY:
      return fugue_source_is_locked (build->source);
    case FUGUE_MODE_DIFF:
      return number (build, FUGUE_CONTROL_KEEP_NOISE) == FUGUE_KEEP_NOISE_INVERTED;
    case FUGUE_MODE_MIX:
      return number (build, FUGUE_CONTROL_MIX_NOISE) != FUGUE_MIX_NOISE_SEED;
    case FUGUE_MODE_INVERT:
    default:
      return TRUE;
    }
}

static double
get_chance (const Build *build)
{
  /* Edits take none: along a strip or over the pad only what is edited should change. Nor do pictures that share a band of
   * start noise, most of which chance replaces on the way. */
  if (build->mode != FUGUE_MODE_VARY || (!is_locked (build) && number (build, FUGUE_CONTROL_LAYOUT_DETAIL) != 0))
    return 0;
  return number (build, FUGUE_CONTROL_CHANCE);
}

static void
set_sampler (const Build *build, UnclipRecipeSampler *sampler)
{
  gboolean     locked = is_locked (build);
  double       chance = get_chance (build);
  FugueSampler asked = (FugueSampler) number (build, FUGUE_CONTROL_SAMPLER);
  gboolean     exact = number (build, FUGUE_CONTROL_METHOD) == FUGUE_METHOD_EXACT;

  *sampler = (UnclipRecipeSampler){
    .n_steps = (guint) number (build, locked ? FUGUE_CONTROL_INVERT_STEPS : FUGUE_CONTROL_DECODER_STEPS),
    /* What guidance adds to a locked source counts as its detail, and is taken back; a reconstruction shows the bare way back. */
    .guidance = number (build, build->mode == FUGUE_MODE_INVERT ? FUGUE_CONTROL_INVERT_GUIDANCE : FUGUE_CONTROL_DECODER_GUIDANCE),
    .n_upsampler_steps = build->is_draft ? 0 : MAX ((guint) number (build, FUGUE_CONTROL_UPSAMPLER_STEPS), 2),
    .freeu = { number (build, FUGUE_CONTROL_FREEU_B1), number (build, FUGUE_CONTROL_FREEU_B2), number (build, FUGUE_CONTROL_FREEU_S1),
               number (build, FUGUE_CONTROL_FREEU_S2) },
  };
  sampler->has_freeu = sampler->freeu.b1 != 1 || sampler->freeu.b2 != 1 || sampler->freeu.s1 != 1 || sampler->freeu.s2 != 1;
  if (locked)
    {
      /* The way back is the way there: same scheme, same steps. Chance needs the one scheme that takes noise on the way. */
      sampler->kind = exact && chance == 0 ? UNCLIP_RECIPE_EXACT : UNCLIP_RECIPE_DDIM;
      sampler->first_timestep = FIRST_TIMESTEP;
      sampler->eta = chance;
      return;
    }
  if (build->is_draft)
    sampler->n_steps = MIN (sampler->n_steps, DRAFT_STEPS);
  if (asked == FUGUE_SAMPLER_DPM_SOLVER)
    sampler->kind = UNCLIP_RECIPE_DPM_SOLVER;
  else if (asked == FUGUE_SAMPLER_ANCESTRAL || (asked == FUGUE_SAMPLER_AUTO && chance == 1))
    sampler->kind = UNCLIP_RECIPE_ANCESTRAL;
  else
    {
      sampler->kind = UNCLIP_RECIPE_DDIM;
      sampler->eta = chance;
    }
}

static void
set_vary (const Build *build, guint picture, Nodes *nodes)
{
  double layout_detail = number (build, FUGUE_CONTROL_LAYOUT_DETAIL);
  double looseness = number (build, FUGUE_CONTROL_LOOSENESS);

  set_image (&nodes->images[0], build->source);
  nodes->embedding = nodes->images[0];
  if (looseness > 0)
    nodes->embedding = (UnclipEmbedding){ .kind = UNCLIP_EMBEDDING_LOOSEN,
                                          .base = &nodes->images[0],
                                          .amount = looseness,
                                          .seed = (guint64) number (build, FUGUE_CONTROL_SEED),
                                          .picture = picture };
  if (is_locked (build))
    set_inverted (build, &nodes->base, build->source);
  else
    set_seed (build, &nodes->base, layout_detail != 0 ? build->first : picture);
  nodes->noise = nodes->base;
  if (layout_detail == 0)
    return;
  /* One part of the noise is that of the first picture, or the source's; the other is this picture's own. */
  set_seed (build, &nodes->fresh, picture + 1);
  nodes->noise = (UnclipNoiseNode){ .kind = UNCLIP_NOISE_BANDS,
                                    .low = layout_detail < 0 ? &nodes->fresh : &nodes->base,
                                    .high = layout_detail < 0 ? &nodes->base : &nodes->fresh,
                                    .cutoff = unclip_bands_get_cutoff (layout_detail),
                                    .softness = UNCLIP_BANDS_SOFTNESS };
}

static double
get_strip_limit (FugueControls *controls)
{
  return fugue_controls_get_number (controls, FUGUE_CONTROL_OVERDRIVE) != 0 ? 1 : 0.5;
}

double
fugue_controls_get_strip_amount (FugueControls *controls, guint frame)
{
  double limit, n;

  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), 0);

  limit = get_strip_limit (controls);
  n = fugue_controls_get_number (controls, FUGUE_CONTROL_STRIP_FRAMES);
  /* To three decimals, as it is shown. */
  return round (1000 * limit * (2 * frame / (n - 1) - 1)) / 1000;
}

static void
set_diff (const Build *build, guint picture, guint frame, Nodes *nodes)
{
  double amount = build->is_strip ? fugue_controls_get_strip_amount (build->controls, frame) : number (build, FUGUE_CONTROL_AMOUNT);

  set_image (&nodes->images[0], build->source);
  nodes->embedding = (UnclipEmbedding){ .kind = UNCLIP_EMBEDDING_DIFF,
                                        .base = &nodes->images[0],
                                        .from = fugue_controls_get_text (build->controls, FUGUE_CONTROL_FROM_CAPTION),
                                        .to = fugue_controls_get_text (build->controls, FUGUE_CONTROL_TO_CAPTION),
                                        .amount = amount };
  if (is_locked (build))
    set_inverted (build, &nodes->noise, build->source);
  else
    set_seed (build, &nodes->noise, picture);
}

/* In percent: as the sliders say, or as the dot does where it lies outside the corners and takes away from some, or is another. It counts
 * there as it lies to four decimals, so that a recipe read back gives the same weights to the last digit. */
static void
get_weights (const Build *build, double weights[FUGUE_N_SLOTS])
{
  guint    corners = fugue_controls_get_corners (build->controls);
  double   x = round (1e4 * build->x) / 1e4, y = round (1e4 * build->y) / 1e4;
  double   of_dot[FUGUE_N_SLOTS] = { 0 };
  gboolean is_of_dot = build->has_place;

  if (corners != 0)
    fugue_pad_get_weights (corners, x, y, of_dot);
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    is_of_dot |= of_dot[slot] < 0;
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    weights[slot] = is_of_dot ? 100 * of_dot[slot] : number (build, FUGUE_CONTROL_WEIGHT_A + slot);
}

/* The inverted noises of all, one after the other, each by its weight in the sum so far. */
static void
set_blended (const Build *build, Nodes *nodes)
{
  const UnclipNoiseNode *so_far = NULL;
  double                 weights[FUGUE_N_SLOTS], sum = 0;

  get_weights (build, weights);
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    {
      double weight = weights[slot];

      if (build->sources[slot] == NULL || weight <= 0)
        continue;
      set_inverted (build, &nodes->inverted[slot], build->sources[slot]);
      sum += weight;
      if (so_far == NULL)
        {
          so_far = &nodes->inverted[slot];
          continue;
        }
      nodes->blends[slot] = (UnclipNoiseNode){ .kind = UNCLIP_NOISE_BLEND,
                                               .a = so_far,
                                               .b = &nodes->inverted[slot],
                                               .amount = weight / sum };
      so_far = &nodes->blends[slot];
    }
  nodes->noise = *so_far;
}

static FugueSource *
get_first (FugueSource *const sources[FUGUE_N_SLOTS])
{
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    if (sources[slot] != NULL)
      return sources[slot];
  return NULL;
}

static void
set_mix (const Build *build, guint picture, Nodes *nodes)
{
  FugueMixNoise noise = (FugueMixNoise) number (build, FUGUE_CONTROL_MIX_NOISE);
  guint         n_parts = 0;
  double        weights[FUGUE_N_SLOTS];

  get_weights (build, weights);
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    if (build->sources[slot] != NULL && weights[slot] != 0)
      {
        set_image (&nodes->images[n_parts], build->sources[slot]);
        nodes->parts[n_parts] = (UnclipMixPart){ &nodes->images[n_parts], weights[slot] };
        n_parts++;
      }
  nodes->embedding = (UnclipEmbedding){
    .kind = UNCLIP_EMBEDDING_MIX,
    .blend = number (build, FUGUE_CONTROL_BLEND) == FUGUE_BLEND_STRAIGHT ? UNCLIP_BLEND_STRAIGHT : UNCLIP_BLEND_SPHERICAL,
    .parts = nodes->parts,
    .n_parts = n_parts,
  };
  if (noise == FUGUE_MIX_NOISE_SEED)
    set_seed (build, &nodes->noise, picture);
  else if (noise == FUGUE_MIX_NOISE_A)
    set_inverted (build, &nodes->noise, get_first (build->sources));
  else
    set_blended (build, nodes);
}

static UnclipRecipe *
build_recipe (const Build *build, guint index, GError **error)
{
  FugueModelInfo    *model = fugue_controls_get_model (build->controls);
  guint              picture = build->first + (build->is_strip ? 0 : index);
  Nodes              nodes = { 0 };
  UnclipRecipeParams params = { 0 };

  switch (build->mode)
    {
    case FUGUE_MODE_VARY:
      set_vary (build, picture, &nodes);
      break;
    case FUGUE_MODE_DIFF:
      set_diff (build, picture, index, &nodes);
      break;
    case FUGUE_MODE_MIX:
      set_mix (build, picture, &nodes);
      break;
    case FUGUE_MODE_INVERT:
    default:
      set_image (&nodes.embedding, build->source);
      set_inverted (build, &nodes.noise, build->source);
    }
  params.embedding = nodes.embedding;
  params.noise = nodes.noise;
  params.has_step_noise = nodes.noise.kind != UNCLIP_NOISE_SEED;
  params.step_noise = (UnclipStepNoise){ (guint64) number (build, FUGUE_CONTROL_SEED), picture };
  params.caption = fugue_controls_get_text (build->controls, FUGUE_CONTROL_CAPTION);
  params.model_name = model->name;
  params.model_sha256 = model->sha256;
  set_sampler (build, &params.sampler);
  /* A source's own detail belongs on that source alone, with its layout. */
  params.sampler.keep_detail = nodes.noise.kind == UNCLIP_NOISE_INVERT && build->mode != FUGUE_MODE_MIX && params.sampler.eta == 0
                               && !build->is_draft;
  return unclip_recipe_new (&params, error);
}

/* Whether nothing in the recipes depends on the number of the picture, so that all would be the same. */
static gboolean
is_certain (const Build *build)
{
  if (!is_locked (build))
    return FALSE;
  return build->mode != FUGUE_MODE_VARY
         || (get_chance (build) == 0 && number (build, FUGUE_CONTROL_LOOSENESS) == 0 && number (build, FUGUE_CONTROL_LAYOUT_DETAIL) == 0);
}

static gboolean
fail (GError **error, FugueError code, const char *message)
{
  g_set_error_literal (error, FUGUE_ERROR, (int) code, message);
  return FALSE;
}

static gboolean
check (const Build *build, GError **error)
{
  FugueModelInfo *model = fugue_controls_get_model (build->controls);
  double          weights[FUGUE_N_SLOTS], sum = 0;

  if (model == NULL)
    return fail (error, FUGUE_ERROR_MODEL, _ ("No model is loaded yet."));
  if (!model->can_vary)
    return fail (error, FUGUE_ERROR_MODEL,
                 _ ("The image encoder of this model is missing, without which no picture can be a source; see Preferences, Models."));
  get_weights (build, weights);
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    sum += build->sources[slot] != NULL ? weights[slot] : 0;
  if (build->mode == FUGUE_MODE_MIX ? get_first (build->sources) == NULL : build->source == NULL)
    return fail (error, FUGUE_ERROR_SOURCE, _ ("There is no source; drop a picture, paste one, or press Ctrl+O."));
  if (build->mode == FUGUE_MODE_MIX && sum <= 0)
    return fail (error, FUGUE_ERROR_SOURCE, _ ("All weights are 0; move the dot on the pad."));
  if (build->mode == FUGUE_MODE_DIFF && *fugue_controls_get_text (build->controls, FUGUE_CONTROL_TO_CAPTION) == '\0')
    return fail (error, FUGUE_ERROR_CAPTION, _ ("Say in “To” what the picture should become."));
  if (build->mode == FUGUE_MODE_VARY && number (build, FUGUE_CONTROL_LOOSENESS) > 0 && !model->has_axes)
    return fail (error, FUGUE_ERROR_MODEL, _ ("This model comes without the axes of its embeddings; set Looseness to 0."));
  return TRUE;
}

static void
take_sources (Build *build, FugueSession *session, const FugueRecipeRequest *request)
{
  FugueSource *all[FUGUE_N_SLOTS] = { NULL };

  for (guint slot = 0; slot < FUGUE_N_SLOTS && session != NULL; slot++)
    {
      FugueSource *source = fugue_session_get_slot (session, slot);

      all[slot] = source;
      if (!request->has_sources && source != NULL && !fugue_source_is_muted (source))
        build->sources[slot] = source;
    }
  for (guint slot = 0; slot < FUGUE_N_SLOTS && request->has_sources; slot++)
    build->sources[slot] = request->sources[slot];
  build->source = request->source != NULL ? request->source : get_first (all);
}

GPtrArray *
fugue_controls_build_recipes (FugueControls *controls, FugueSession *session, const FugueRecipeRequest *request, GError **error)
{
  g_autoptr (GPtrArray) recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  Build                 build = {
                    .controls = controls,
                    .mode = request->mode,
                    .n = request->n,
                    .first = request->first,
                    .is_strip = request->is_strip && request->mode == FUGUE_MODE_DIFF,
                    .is_draft = request->is_draft,
                    .has_place = request->has_place,
  };

  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);

  build.x = build.has_place ? request->x : number (&build, FUGUE_CONTROL_PAD_X);
  build.y = build.has_place ? request->y : number (&build, FUGUE_CONTROL_PAD_Y);
  take_sources (&build, session, request);
  if (!check (&build, error))
    return NULL;
  if (build.is_strip)
    build.n = (guint) number (&build, FUGUE_CONTROL_STRIP_FRAMES);
  else if (is_certain (&build))
    build.n = 1;
  else if (build.n == 0)
    build.n = build.is_draft ? 1 : (guint) number (&build, FUGUE_CONTROL_N_PICTURES);
  for (guint i = 0; i < build.n; i++)
    {
      UnclipRecipe *recipe = build_recipe (&build, i, error);

      if (recipe == NULL)
        return NULL;
      g_ptr_array_add (recipes, recipe);
    }
  return g_steal_pointer (&recipes);
}

/* Reading. */

static void
put (FugueControls *controls, FugueControl control, double value)
{
  fugue_controls_put_number (controls, control, value);
}

static const UnclipNoiseNode *
find_inverted (const UnclipNoiseNode *noise)
{
  const UnclipNoiseNode *found = NULL;

  switch (noise->kind)
    {
    case UNCLIP_NOISE_INVERT:
      return noise;
    case UNCLIP_NOISE_BLEND:
      found = find_inverted (noise->a);
      return found != NULL ? found : find_inverted (noise->b);
    case UNCLIP_NOISE_BANDS:
      found = find_inverted (noise->low);
      return found != NULL ? found : find_inverted (noise->high);
    case UNCLIP_NOISE_SEED:
    default:
      return NULL;
    }
}

static void
load_inverted (FugueControls *controls, const UnclipNoiseNode *inverted)
{
  put (controls, FUGUE_CONTROL_METHOD, inverted->method == UNCLIP_INVERSION_DDIM          ? FUGUE_METHOD_DDIM
                                       : inverted->method == UNCLIP_INVERSION_FIXED_POINT ? FUGUE_METHOD_FIXED_POINT
                                                                                          : FUGUE_METHOD_EXACT);
  put (controls, FUGUE_CONTROL_INVERT_STEPS, inverted->n_steps);
  put (controls, FUGUE_CONTROL_INVERT_GUIDANCE, inverted->guidance);
  if (inverted->method != UNCLIP_INVERSION_FIXED_POINT)
    return;
  put (controls, FUGUE_CONTROL_ROUNDS, inverted->n_rounds);
  put (controls, FUGUE_CONTROL_TOLERANCE, inverted->tolerance);
}

static void
load_common (FugueControls *controls, UnclipRecipe *recipe, int mode, gboolean locked)
{
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (recipe);

  put (controls, FUGUE_CONTROL_SEED, (double) unclip_recipe_get_step_noise (recipe).seed);
  put (controls, FUGUE_CONTROL_IS_SEED_LOCKED, 1);
  if (sampler->n_upsampler_steps > 0)
    put (controls, FUGUE_CONTROL_UPSAMPLER_STEPS, sampler->n_upsampler_steps);
  put (controls, FUGUE_CONTROL_FREEU_B1, sampler->has_freeu ? sampler->freeu.b1 : 1);
  put (controls, FUGUE_CONTROL_FREEU_B2, sampler->has_freeu ? sampler->freeu.b2 : 1);
  put (controls, FUGUE_CONTROL_FREEU_S1, sampler->has_freeu ? sampler->freeu.s1 : 1);
  put (controls, FUGUE_CONTROL_FREEU_S2, sampler->has_freeu ? sampler->freeu.s2 : 1);
  fugue_controls_put_text (controls, FUGUE_CONTROL_CAPTION, unclip_recipe_get_caption (recipe));
  if (mode != FUGUE_MODE_INVERT)
    put (controls, FUGUE_CONTROL_DECODER_GUIDANCE, sampler->guidance);
  if (!locked)
    {
      /* Through the property, so that quality follows. */
      g_object_set (controls, "decoder-steps", CLAMP (sampler->n_steps, 4, 250), NULL);
      put (controls, FUGUE_CONTROL_SAMPLER, sampler->kind == UNCLIP_RECIPE_DPM_SOLVER ? FUGUE_SAMPLER_DPM_SOLVER
                                            : sampler->kind == UNCLIP_RECIPE_DDIM && sampler->eta == 1 ? FUGUE_SAMPLER_DDIM
                                            : sampler->kind == UNCLIP_RECIPE_ANCESTRAL && mode != FUGUE_MODE_VARY
                                              ? FUGUE_SAMPLER_ANCESTRAL
                                              : FUGUE_SAMPLER_AUTO);
    }
}

static void
load_vary (FugueControls *controls, UnclipRecipe *recipe)
{
  const UnclipEmbedding     *embedding = unclip_recipe_get_embedding (recipe);
  const UnclipNoiseNode     *noise = unclip_recipe_get_noise (recipe);
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (recipe);
  double                     looseness = embedding->kind == UNCLIP_EMBEDDING_LOOSEN ? embedding->amount : 0;
  double                     chance = sampler->kind == UNCLIP_RECIPE_DDIM ? sampler->eta : sampler->kind == UNCLIP_RECIPE_EXACT ? 0 : 1;
  double                     how_far = fugue_how_far_find (looseness, chance);
  double                     layout_detail = 0;

  put (controls, FUGUE_CONTROL_LOOSENESS, looseness);
  put (controls, FUGUE_CONTROL_CHANCE, chance);
  put (controls, FUGUE_CONTROL_IS_LINKED, how_far >= 0);
  if (how_far >= 0)
    put (controls, FUGUE_CONTROL_HOW_FAR, how_far);
  if (noise->kind == UNCLIP_NOISE_BANDS)
    {
      /* This picture's own noise has a number above that of the noise that is kept, which may be inverted. */
      gboolean low_is_own = noise->low->kind == UNCLIP_NOISE_SEED
                            && (noise->high->kind != UNCLIP_NOISE_SEED || noise->low->picture > noise->high->picture);

      layout_detail = unclip_bands_get_layout_detail (noise->cutoff, low_is_own);
    }
  put (controls, FUGUE_CONTROL_LAYOUT_DETAIL, round (layout_detail));
}

static void
load_diff (FugueControls *controls, const UnclipEmbedding *embedding, gboolean locked)
{
  fugue_controls_put_text (controls, FUGUE_CONTROL_FROM_CAPTION, embedding->from);
  fugue_controls_put_text (controls, FUGUE_CONTROL_TO_CAPTION, embedding->to);
  if (fabs (embedding->amount) > 0.5)
    put (controls, FUGUE_CONTROL_OVERDRIVE, 1);
  put (controls, FUGUE_CONTROL_AMOUNT, embedding->amount);
  put (controls, FUGUE_CONTROL_KEEP_NOISE, locked ? FUGUE_KEEP_NOISE_INVERTED : FUGUE_KEEP_NOISE_SEED);
}

/* A part goes to the corner where its source is; where it is in none, to the next that is free. */
static void
load_weights (FugueControls *controls, const UnclipEmbedding *embedding, guint corners, double weights[FUGUE_N_SLOTS])
{
  gboolean is_taken[FUGUE_N_SLOTS] = { FALSE };
  double   sum = 0;

  for (guint i = 0; i < embedding->n_parts; i++)
    sum += embedding->parts[i].weight;
  /* Ours add up to 100 but for the last digits, which would make another recipe. */
  if (fabs (sum - 100) < 1e-6)
    sum = 100;
  for (guint i = 0; i < embedding->n_parts; i++)
    {
      guint slot = fugue_controls_find_slot (controls, embedding->parts[i].embedding->source);

      for (guint other = 0; slot >= FUGUE_N_SLOTS && other < FUGUE_N_SLOTS; other++)
        if ((corners & (1u << other)) != 0 && !is_taken[other])
          slot = other;
      if (slot >= FUGUE_N_SLOTS)
        return;
      is_taken[slot] = TRUE;
      weights[slot] = 100 / sum * embedding->parts[i].weight;
    }
}

static void
load_mix (FugueControls *controls, const UnclipEmbedding *embedding, const UnclipNoiseNode *noise)
{
  guint  corners = fugue_controls_get_corners (controls);
  double weights[FUGUE_N_SLOTS] = { 0 };
  double on_pad = 0, least = 0;
  double x, y;

  if (corners == 0)
    corners = (1u << MIN (embedding->n_parts, FUGUE_N_SLOTS)) - 1;
  load_weights (controls, embedding, corners, weights);
  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    {
      put (controls, FUGUE_CONTROL_WEIGHT_A + slot, weights[slot]);
      least = MIN (least, weights[slot]);
      on_pad += (corners & (1u << slot)) != 0 ? weights[slot] : 0;
    }
  /* Muted sources are not on it. */
  if (on_pad > 0)
    {
      fugue_pad_get_position (corners, weights, &x, &y);
      put (controls, FUGUE_CONTROL_PAD_X, x);
      put (controls, FUGUE_CONTROL_PAD_Y, y);
    }
  if (least < 0)
    fugue_controls_put_weights (controls);
  put (controls, FUGUE_CONTROL_BLEND, embedding->blend == UNCLIP_BLEND_STRAIGHT ? FUGUE_BLEND_STRAIGHT : FUGUE_BLEND_SPHERICAL);
  put (controls, FUGUE_CONTROL_MIX_NOISE, noise->kind == UNCLIP_NOISE_BLEND    ? FUGUE_MIX_NOISE_BLEND
                                          : noise->kind == UNCLIP_NOISE_INVERT ? FUGUE_MIX_NOISE_A
                                                                               : FUGUE_MIX_NOISE_SEED);
}

/* A mode whose recipes look like this one; -1: none. */
static int
find_mode (UnclipRecipe *recipe)
{
  const UnclipEmbedding     *embedding = unclip_recipe_get_embedding (recipe);
  const UnclipNoiseNode     *noise = unclip_recipe_get_noise (recipe);
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (recipe);

  switch (embedding->kind)
    {
    case UNCLIP_EMBEDDING_IMAGE:
      if (noise->kind == UNCLIP_NOISE_INVERT && sampler->eta == 0 && sampler->guidance == noise->guidance)
        return FUGUE_MODE_INVERT;
      return FUGUE_MODE_VARY;
    case UNCLIP_EMBEDDING_LOOSEN:
      return embedding->base->kind == UNCLIP_EMBEDDING_IMAGE ? FUGUE_MODE_VARY : -1;
    case UNCLIP_EMBEDDING_DIFF:
      return embedding->base->kind == UNCLIP_EMBEDDING_IMAGE ? FUGUE_MODE_DIFF : -1;
    case UNCLIP_EMBEDDING_MIX:
      for (guint i = 0; i < embedding->n_parts; i++)
        if (embedding->parts[i].embedding->kind != UNCLIP_EMBEDDING_IMAGE)
          return -1;
      return FUGUE_MODE_MIX;
    case UNCLIP_EMBEDDING_CAPTION:
    default:
      return -1;
    }
}

gboolean
fugue_controls_load_recipe (FugueControls *controls, UnclipRecipe *recipe, FugueMode *mode)
{
  const UnclipNoiseNode *inverted;
  int                    found;

  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), FALSE);

  inverted = find_inverted (unclip_recipe_get_noise (recipe));
  found = find_mode (recipe);
  g_object_freeze_notify (G_OBJECT (controls));
  load_common (controls, recipe, found, inverted != NULL);
  if (inverted != NULL)
    load_inverted (controls, inverted);
  if (found == FUGUE_MODE_VARY)
    load_vary (controls, recipe);
  else if (found == FUGUE_MODE_DIFF)
    load_diff (controls, unclip_recipe_get_embedding (recipe), inverted != NULL);
  else if (found == FUGUE_MODE_MIX)
    load_mix (controls, unclip_recipe_get_embedding (recipe), unclip_recipe_get_noise (recipe));
  g_object_thaw_notify (G_OBJECT (controls));
  if (found >= 0 && mode != NULL)
    *mode = (FugueMode) found;
  return found >= 0;
}

const char *
fugue_recipe_get_verb (UnclipRecipe *recipe)
{
  int mode = find_mode (recipe);

  if (mode >= 0)
    return fugue_enum_get_nick (FUGUE_TYPE_MODE, mode);
  return unclip_recipe_get_embedding (recipe)->kind == UNCLIP_EMBEDDING_CAPTION ? "imagine" : "mix";
}
