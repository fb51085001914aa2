/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The values that a person sets: of all modes, in one object; and recipes from them and back.
 *
 * Each value is a property. Range and default stand in its GParamSpec and come from one table in fugue-controls.c, from which
 * the panels take them too. Defaults that are the model's (steps, guidance) replace those of the GParamSpec once a model is known:
 * ask fugue_controls_get_default().
 *
 * Some values move others: quality sets the step counts, and becomes custom when they are set; how-far sets looseness and chance
 * while is-linked; the pad's dot sets the weights, and typed weights move the dot.
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-model-info.h"
#include "fugue-session.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_CONTROLS (fugue_controls_get_type ())

/* Properties (type, range, default), all writable and notified:
 *
 *   common
 *     seed (uint, 0 … 4294967295, 0)             drawn anew at each batch unless is-seed-locked
 *     is-seed-locked (boolean, FALSE)
 *     n-pictures (uint, 1 … 64, 8)               pictures a batch
 *     quality (FugueQuality, NORMAL)
 *     decoder-steps (uint, 4 … 250, 25)          those of the model, once it is known; likewise:
 *     prior-steps (uint, 5 … 100, 25)
 *     upsampler-steps (uint, 1 … 50, 7)
 *     decoder-guidance (double, 1 … 20, 8)
 *     prior-guidance (double, 1 … 20, 4)
 *     preview-every (uint, 0 … 10, 1)            steps; 0: none
 *     caption (string, "")
 *     sampler (FugueSampler, AUTO)
 *     freeu-b1, -b2, -s1, -s2 (double, 0 … 2, 1)  all 1: off
 *   vary
 *     how-far (double, 0 … 100, 35)              percent
 *     is-linked (boolean, TRUE)
 *     looseness (double, 0 … 1, 0)               deviations along the embedding's axes
 *     chance (double, 0 … 1, 1)                  η
 *     layout-detail (double, −100 … 100, 0)      percent; negative: another layout, positive: other details
 *   diff
 *     from-caption, to-caption (string, "")
 *     amount (double, −1 … 1, 0)                 fraction of the way; beyond ±0.5 only with
 *     overdrive (boolean, FALSE)
 *     keep-noise (FugueKeepNoise, SEED)          INVERTED when the source is locked
 *     strip-frames (uint, 3 … 21, 7)             odd
 *   mix
 *     pad-x, pad-y (double, −0.25 … 1.25, 0.5)
 *     weight-a … weight-d (double, 0 … 100, 25)  percent
 *     blend (FugueBlend, SPHERICAL)
 *     mix-noise (FugueMixNoise, SEED)
 *   invert
 *     method (FugueMethod, EXACT)
 *     invert-steps (uint, 10 … 500, 50)
 *     rounds (uint, 1 … 20, 5)
 *     tolerance (double, 1e-6 … 1e-2, 1e-4)
 *     invert-guidance (double, 1 … 4, 1)
 *
 * and "model" (FugueModelInfo), %NULL before one is known, and, read-only, "path-degrees" (double): what an amount of 1 turns by with
 * these captions; NaN as long as no picture of theirs was made.
 *
 * Signal "edited" (const char *property, const GValue *before): a value was changed, other than by fugue_controls_roll_seed().
 */
G_DECLARE_FINAL_TYPE (FugueControls, fugue_controls, FUGUE, CONTROLS, GObject)

FugueControls  *fugue_controls_new              (void);

/**
 * fugue_controls_follow_session:
 *
 * Takes the values that the session file has, keeps them there from now on, and watches the sources: which corners the pad has,
 * and whether there is a locked one, which changes the defaults of chance and keep-noise.
 */
void            fugue_controls_follow_session   (FugueControls        *controls,
                                                 FugueSession         *session);
FugueModelInfo *fugue_controls_get_model        (FugueControls        *controls);

/**
 * fugue_controls_set_model:
 *
 * Values that stand at their old default go to the model's.
 */
void            fugue_controls_set_model        (FugueControls        *controls,
                                                 FugueModelInfo       *model);

/**
 * fugue_controls_learn_path: fugue_controls_forget_path:
 * @recipe: of a picture that was made from the source that counts
 * @degrees: its fugue_picture_get_path_degrees()
 *
 * Sets "path-degrees", if the recipe has the present captions. Other captions forget it; another source has to be told.
 */
void            fugue_controls_learn_path       (FugueControls        *controls,
                                                 UnclipRecipe         *recipe,
                                                 double                degrees);
void            fugue_controls_forget_path      (FugueControls        *controls);

/**
 * fugue_controls_get_default:
 * @property: a number
 *
 * Returns: its default with this model and these sources
 */
double          fugue_controls_get_default      (FugueControls        *controls,
                                                 const char           *property);

/**
 * fugue_controls_reset:
 *
 * Sets a property, of any type, to its default.
 */
void            fugue_controls_reset            (FugueControls        *controls,
                                                 const char           *property);
void            fugue_controls_reset_mode       (FugueControls        *controls,
                                                 FugueMode             mode);

/**
 * fugue_controls_scale_how_far:
 * @factor: 1.5 for "farther", 1 / 1.5 for "nearer"
 */
void            fugue_controls_scale_how_far    (FugueControls        *controls,
                                                 double                factor);

/**
 * fugue_controls_roll_seed:
 *
 * Draws a new seed, unless it is locked. Not undoable.
 */
void            fugue_controls_roll_seed        (FugueControls        *controls);

/* The pad. */

/**
 * fugue_controls_set_corners: fugue_controls_get_corners:
 * @corners: bit s is set where slot s has a source that is not muted
 *
 * fugue_controls_follow_session() does it by itself.
 */
void            fugue_controls_set_corners      (FugueControls        *controls,
                                                 guint                 corners);
guint           fugue_controls_get_corners      (FugueControls        *controls);

/**
 * fugue_pad_get_corner:
 * @corners: as above
 * @slot: one of them
 *
 * Where a corner lies: four of them are A (0, 0), B (1, 0), C (0, 1), D (1, 1); three the first two above and the third below
 * in the middle, (0.5, 1); two left and right, at y 0.5; one in the middle.
 */
void            fugue_pad_get_corner            (guint                 corners,
                                                 FugueSlot             slot,
                                                 double               *x,
                                                 double               *y);

/**
 * fugue_pad_get_weights:
 * @weights: (out caller-allocates): 4 values that sum up to 1; 0 for corners that are not there, negative for those that a dot
 *   outside takes away from
 */
void            fugue_pad_get_weights           (guint                 corners,
                                                 double                x,
                                                 double                y,
                                                 double                weights[FUGUE_N_SLOTS]);

/**
 * fugue_pad_get_position:
 *
 * The dot for weights; of four corners, the one whose sums along the sides agree.
 */
void            fugue_pad_get_position          (guint                 corners,
                                                 const double          weights[FUGUE_N_SLOTS],
                                                 double               *x,
                                                 double               *y);

/* Recipes. */

/**
 * FugueRecipeRequest:
 * @mode: whose values count
 * @source: (nullable): of vary, diff and invert; %NULL: that in A, else the first slot that has one
 * @sources: (nullable): of mix: A … D, some %NULL; %NULL: those in the session's slots that are not muted
 * @n: recipes; 0: as many as n-pictures says (invert: 1)
 * @first: number of the first picture within its seed; 0 as a rule
 * @is_strip: of diff: recipes for the frames of the strip, which differ in amount alone; @n is strip-frames then
 * @is_draft: fewer steps, no upsampler: for live mode
 * @has_place: of mix: with the dot at @x, @y rather than where it is
 */
typedef struct
{
  FugueMode    mode;
  FugueSource *source;
  FugueSource *sources[FUGUE_N_SLOTS];
  gboolean     has_sources;
  guint        n;
  guint        first;
  gboolean     is_strip;
  gboolean     is_draft;
  gboolean     has_place;
  double       x;
  double       y;
} FugueRecipeRequest;

/**
 * fugue_controls_build_recipes:
 * @session: (nullable): whose slots count where @request names no source
 *
 * Errors: %FUGUE_ERROR_SOURCE if there is no source, or %FUGUE_ERROR_MODEL if no model is known or it lacks what the mode needs;
 *   %FUGUE_ERROR_CAPTION if diff has no caption to go to; %UNCLIP_ERROR_RECIPE.
 *
 * Returns: (transfer full) (element-type UnclipRecipe)
 */
GPtrArray      *fugue_controls_build_recipes    (FugueControls             *controls,
                                                 FugueSession              *session,
                                                 const FugueRecipeRequest  *request,
                                                 GError                   **error);

/**
 * fugue_controls_get_strip_amount:
 * @frame: 0 … strip-frames − 1
 *
 * Returns: what stands under that frame; the strip spans the slider's range
 */
double          fugue_controls_get_strip_amount (FugueControls        *controls,
                                                 guint                 frame);

/**
 * fugue_controls_load_recipe:
 * @mode: (out) (optional): the mode whose recipe it is
 *
 * Sets the values to those that make this recipe. What a recipe does not say stays as it is; sources are not touched.
 *
 * Returns: %FALSE if the recipe is one that no mode makes; common values were taken all the same
 */
gboolean        fugue_controls_load_recipe      (FugueControls        *controls,
                                                 UnclipRecipe         *recipe,
                                                 FugueMode            *mode);

/**
 * fugue_controls_dup_json: fugue_controls_load_json:
 *
 * All values as a JSON object. What is missing, unknown or out of range in it is passed over.
 */
char           *fugue_controls_dup_json         (FugueControls        *controls);
void            fugue_controls_load_json        (FugueControls        *controls,
                                                 const char           *json);

/**
 * fugue_recipe_get_verb:
 *
 * Returns: (transfer none): the mode that makes such a recipe, as a verb; "imagine" for a caption's
 */
const char     *fugue_recipe_get_verb           (UnclipRecipe         *recipe);

G_END_DECLS
