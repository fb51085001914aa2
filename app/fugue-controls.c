/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One table of values. Numbers of all kinds are kept as doubles, so that whatever goes over all values is one loop. */

#include "config.h"

#include "fugue-controls-private.h"
#include "unclip-how-far.h"

#include "unclip-json.h"
#include "unclip-pad.h"
#include "unclip-presets.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* With a locked source η is a spice, not the meal: the paper's figures vary little around the source. */
#define LOCKED_CHANCE 0.3

#define SETTING "controls"

typedef enum
{
  KIND_UINT,
  KIND_DOUBLE,
  KIND_BOOLEAN,
  KIND_ENUM,
  KIND_TEXT,
} Kind;

/* Modes, as bits; what belongs to all has them all. */
#define VARY (1 << FUGUE_MODE_VARY)
#define DIFF (1 << FUGUE_MODE_DIFF)
#define MIX (1 << FUGUE_MODE_MIX)
#define INVERT (1 << FUGUE_MODE_INVERT)
#define COMMON (VARY | DIFF | MIX | INVERT)

typedef struct
{
  const char *name;
  Kind        kind;
  double      minimum;
  double      maximum;
  double      by_default;
  guint       modes;
  GType     (*get_type) (void);
} Info;

static const Info table[FUGUE_N_CONTROLS] = {
  [FUGUE_CONTROL_SEED] = { "seed", KIND_UINT, 0, 4294967295.0, 0, COMMON },
  [FUGUE_CONTROL_IS_SEED_LOCKED] = { "is-seed-locked", KIND_BOOLEAN, 0, 1, 0, COMMON },
  [FUGUE_CONTROL_N_PICTURES] = { "n-pictures", KIND_UINT, 1, 64, 8, COMMON },
  [FUGUE_CONTROL_QUALITY] = { "quality", KIND_ENUM, 0, FUGUE_QUALITY_CUSTOM, FUGUE_QUALITY_NORMAL, COMMON, fugue_quality_get_type },
  [FUGUE_CONTROL_DECODER_STEPS] = { "decoder-steps", KIND_UINT, 4, 250, 25, COMMON },
  [FUGUE_CONTROL_PRIOR_STEPS] = { "prior-steps", KIND_UINT, 5, 100, 25, COMMON },
  [FUGUE_CONTROL_UPSAMPLER_STEPS] = { "upsampler-steps", KIND_UINT, 1, 50, 7, COMMON },
  [FUGUE_CONTROL_DECODER_GUIDANCE] = { "decoder-guidance", KIND_DOUBLE, 1, 20, 8, COMMON },
  [FUGUE_CONTROL_PRIOR_GUIDANCE] = { "prior-guidance", KIND_DOUBLE, 1, 20, 4, COMMON },
  [FUGUE_CONTROL_PREVIEW_EVERY] = { "preview-every", KIND_UINT, 0, 10, 1, COMMON },
  [FUGUE_CONTROL_CAPTION] = { "caption", KIND_TEXT, .modes = COMMON },
  [FUGUE_CONTROL_SAMPLER] = { "sampler", KIND_ENUM, 0, FUGUE_SAMPLER_DPM_SOLVER, FUGUE_SAMPLER_AUTO, COMMON, fugue_sampler_get_type },
  [FUGUE_CONTROL_FREEU_B1] = { "freeu-b1", KIND_DOUBLE, 0, 2, 1, COMMON },
  [FUGUE_CONTROL_FREEU_B2] = { "freeu-b2", KIND_DOUBLE, 0, 2, 1, COMMON },
  [FUGUE_CONTROL_FREEU_S1] = { "freeu-s1", KIND_DOUBLE, 0, 2, 1, COMMON },
  [FUGUE_CONTROL_FREEU_S2] = { "freeu-s2", KIND_DOUBLE, 0, 2, 1, COMMON },
  [FUGUE_CONTROL_HOW_FAR] = { "how-far", KIND_DOUBLE, 0, 100, UNCLIP_HOW_FAR_PLAIN, VARY },
  [FUGUE_CONTROL_IS_LINKED] = { "is-linked", KIND_BOOLEAN, 0, 1, 1, VARY },
  [FUGUE_CONTROL_LOOSENESS] = { "looseness", KIND_DOUBLE, 0, 1, 0, VARY },
  [FUGUE_CONTROL_CHANCE] = { "chance", KIND_DOUBLE, 0, 1, 1, VARY },
  [FUGUE_CONTROL_LAYOUT_DETAIL] = { "layout-detail", KIND_DOUBLE, -100, 100, 0, VARY },
  [FUGUE_CONTROL_FROM_CAPTION] = { "from-caption", KIND_TEXT, .modes = DIFF },
  [FUGUE_CONTROL_TO_CAPTION] = { "to-caption", KIND_TEXT, .modes = DIFF },
  [FUGUE_CONTROL_AMOUNT] = { "amount", KIND_DOUBLE, -1, 1, 0, DIFF },
  [FUGUE_CONTROL_OVERDRIVE] = { "overdrive", KIND_BOOLEAN, 0, 1, 0, DIFF },
  [FUGUE_CONTROL_KEEP_NOISE] = { "keep-noise", KIND_ENUM, 0, FUGUE_KEEP_NOISE_INVERTED, FUGUE_KEEP_NOISE_SEED, DIFF,
                                 fugue_keep_noise_get_type },
  [FUGUE_CONTROL_STRIP_FRAMES] = { "strip-frames", KIND_UINT, 3, 21, 7, DIFF },
  [FUGUE_CONTROL_PAD_X] = { "pad-x", KIND_DOUBLE, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM, 0.5, MIX },
  [FUGUE_CONTROL_PAD_Y] = { "pad-y", KIND_DOUBLE, UNCLIP_PAD_MINIMUM, UNCLIP_PAD_MAXIMUM, 0.5, MIX },
  [FUGUE_CONTROL_WEIGHT_A] = { "weight-a", KIND_DOUBLE, 0, 100, 25, MIX },
  [FUGUE_CONTROL_WEIGHT_B] = { "weight-b", KIND_DOUBLE, 0, 100, 25, MIX },
  [FUGUE_CONTROL_WEIGHT_C] = { "weight-c", KIND_DOUBLE, 0, 100, 25, MIX },
  [FUGUE_CONTROL_WEIGHT_D] = { "weight-d", KIND_DOUBLE, 0, 100, 25, MIX },
  [FUGUE_CONTROL_BLEND] = { "blend", KIND_ENUM, 0, FUGUE_BLEND_STRAIGHT, FUGUE_BLEND_SPHERICAL, MIX, fugue_blend_get_type },
  [FUGUE_CONTROL_MIX_NOISE] = { "mix-noise", KIND_ENUM, 0, FUGUE_MIX_NOISE_BLEND, FUGUE_MIX_NOISE_SEED, MIX, fugue_mix_noise_get_type },
  [FUGUE_CONTROL_CONTACT_SHEET] = { "contact-sheet", KIND_ENUM, 0, FUGUE_CONTACT_SHEET_7, FUGUE_CONTACT_SHEET_OFF, MIX,
                                    fugue_contact_sheet_get_type },
  [FUGUE_CONTROL_METHOD] = { "method", KIND_ENUM, 0, FUGUE_METHOD_EXACT, FUGUE_METHOD_EXACT, INVERT, fugue_method_get_type },
  [FUGUE_CONTROL_INVERT_STEPS] = { "invert-steps", KIND_UINT, 10, 500, 50, INVERT },
  [FUGUE_CONTROL_ROUNDS] = { "rounds", KIND_UINT, 1, 20, 5, INVERT },
  [FUGUE_CONTROL_TOLERANCE] = { "tolerance", KIND_DOUBLE, 1e-6, 1e-2, 1e-4, INVERT },
  [FUGUE_CONTROL_INVERT_GUIDANCE] = { "invert-guidance", KIND_DOUBLE, 1, 4, 1, INVERT },
};

struct _FugueControls
{
  GObject         parent_instance;

  double          numbers[FUGUE_N_CONTROLS];
  char           *texts[FUGUE_N_CONTROLS];
  FugueModelInfo *model;
  guint           corners;
  gboolean        has_lock;             /* the source that counts is locked */
  gboolean        is_quiet;             /* changes are no person's */
  double          path_degrees;
  FugueSession   *session;              /* weak */
};

G_DEFINE_FINAL_TYPE (FugueControls, fugue_controls, G_TYPE_OBJECT)

/* Properties are numbered as the table, from 1. */
#define PROP_MODEL (FUGUE_N_CONTROLS + 1)
#define PROP_PATH_DEGREES (FUGUE_N_CONTROLS + 2)
#define N_PROPS (FUGUE_N_CONTROLS + 3)

static GParamSpec *props[N_PROPS];
static guint       edited_signal;

/* Values as GValues. */

static void
init_value (GValue *value, FugueControl control)
{
  g_value_init (value, G_PARAM_SPEC_VALUE_TYPE (props[control + 1]));
}

static void
get_value (FugueControls *controls, FugueControl control, GValue *value)
{
  double number = controls->numbers[control];

  switch (table[control].kind)
    {
    case KIND_UINT:
      g_value_set_uint (value, (guint) number);
      break;
    case KIND_DOUBLE:
      g_value_set_double (value, number);
      break;
    case KIND_BOOLEAN:
      g_value_set_boolean (value, number != 0);
      break;
    case KIND_ENUM:
      g_value_set_enum (value, (int) number);
      break;
    case KIND_TEXT:
    default:
      g_value_set_string (value, controls->texts[control]);
    }
}

static double
get_value_number (FugueControl control, const GValue *value)
{
  switch (table[control].kind)
    {
    case KIND_UINT:
      return g_value_get_uint (value);
    case KIND_DOUBLE:
      return g_value_get_double (value);
    case KIND_BOOLEAN:
      return g_value_get_boolean (value);
    case KIND_ENUM:
      return g_value_get_enum (value);
    case KIND_TEXT:
    default:
      g_assert_not_reached ();
    }
}

/* Setting one value. */

static void
tell (FugueControls *controls, FugueControl control, const GValue *before)
{
  g_object_notify_by_pspec (G_OBJECT (controls), props[control + 1]);
  if (control == FUGUE_CONTROL_FROM_CAPTION || control == FUGUE_CONTROL_TO_CAPTION)
    fugue_controls_forget_path (controls);
  if (!controls->is_quiet)
    g_signal_emit (controls, edited_signal, 0, table[control].name, before);
  if (controls->session != NULL)
    {
      g_autofree char *json = fugue_controls_dup_json (controls);

      fugue_session_set_setting (controls->session, SETTING, json);
    }
}

void
fugue_controls_put_number (FugueControls *controls, FugueControl control, double value)
{
  const Info    *info = &table[control];
  g_auto (GValue) before = G_VALUE_INIT;

  if (info->kind != KIND_DOUBLE)
    value = round (value);
  if (!(value >= info->minimum))        /* also what is no number */
    value = info->minimum;
  value = MIN (value, info->maximum);
  if (controls->numbers[control] == value)
    return;
  init_value (&before, control);
  get_value (controls, control, &before);
  controls->numbers[control] = value;
  tell (controls, control, &before);
}

void
fugue_controls_put_text (FugueControls *controls, FugueControl control, const char *text)
{
  g_auto (GValue) before = G_VALUE_INIT;

  if (text == NULL)
    text = "";
  if (g_str_equal (controls->texts[control], text))
    return;
  init_value (&before, control);
  g_value_take_string (&before, controls->texts[control]);
  controls->texts[control] = g_strdup (text);
  tell (controls, control, &before);
}

double
fugue_controls_get_number (FugueControls *controls, FugueControl control)
{
  return controls->numbers[control];
}

const char *
fugue_controls_get_text (FugueControls *controls, FugueControl control)
{
  return controls->texts[control];
}

static int
find_control (const char *property)
{
  for (int i = 0; i < FUGUE_N_CONTROLS; i++)
    if (g_str_equal (table[i].name, property))
      return i;
  return -1;
}

void
fugue_controls_restore (FugueControls *controls, const char *property, const GValue *value)
{
  int control = find_control (property);

  if (control < 0)
    return;
  if (table[control].kind == KIND_TEXT)
    fugue_controls_put_text (controls, control, g_value_get_string (value));
  else
    fugue_controls_put_number (controls, control, get_value_number (control, value));
}

/* Defaults. */

static double
get_default (FugueControls *controls, FugueControl control)
{
  const FugueModelInfo *model = controls->model;

  switch (control)
    {
    case FUGUE_CONTROL_DECODER_STEPS:
      return model != NULL && model->decoder_steps > 0 ? model->decoder_steps : table[control].by_default;
    case FUGUE_CONTROL_PRIOR_STEPS:
      return model != NULL && model->prior_steps > 0 ? model->prior_steps : table[control].by_default;
    case FUGUE_CONTROL_UPSAMPLER_STEPS:
      return model != NULL && model->upsampler_steps > 0 ? model->upsampler_steps : table[control].by_default;
    case FUGUE_CONTROL_DECODER_GUIDANCE:
      return model != NULL && model->decoder_guidance > 0 ? model->decoder_guidance : table[control].by_default;
    case FUGUE_CONTROL_PRIOR_GUIDANCE:
      return model != NULL && model->prior_guidance > 0 ? model->prior_guidance : table[control].by_default;
    case FUGUE_CONTROL_HOW_FAR:
      return controls->has_lock ? fugue_how_far_find (0, LOCKED_CHANCE) : table[control].by_default;
    case FUGUE_CONTROL_CHANCE:
      return controls->has_lock ? LOCKED_CHANCE : table[control].by_default;
    case FUGUE_CONTROL_KEEP_NOISE:
      return controls->has_lock ? FUGUE_KEEP_NOISE_INVERTED : table[control].by_default;
    default:
      return table[control].by_default;
    }
}

/* The step counts of a quality, in parts of the default ones. */
static double
get_preset (FugueControls *controls, FugueQuality quality, FugueControl control)
{
  /* The upsampler's last step is one of its own, for which the model was trained: few steps stay as they are. */
  double factor = control == FUGUE_CONTROL_UPSAMPLER_STEPS ? 1 : unclip_preset_get ((UnclipQuality) quality)->decoder_steps;

  return round (get_default (controls, control) * factor);
}

static const FugueControl step_counts[] = { FUGUE_CONTROL_DECODER_STEPS, FUGUE_CONTROL_PRIOR_STEPS, FUGUE_CONTROL_UPSAMPLER_STEPS };

static FugueQuality
find_quality (FugueControls *controls)
{
  for (FugueQuality quality = FUGUE_QUALITY_DRAFT; quality < FUGUE_QUALITY_CUSTOM; quality++)
    {
      gboolean same = TRUE;

      for (guint i = 0; i < G_N_ELEMENTS (step_counts); i++)
        same = same && controls->numbers[step_counts[i]] == get_preset (controls, quality, step_counts[i]);
      if (same)
        return quality;
    }
  return FUGUE_QUALITY_CUSTOM;
}

/* Values that move others. */

/* The sliders show what the dot adds; what it takes away, outside the corners, has no slider. */
void
fugue_controls_put_weights (FugueControls *controls)
{
  double weights[FUGUE_N_SLOTS];
  double sum = 0;

  if (controls->corners == 0)
    return;
  fugue_pad_get_weights (controls->corners, controls->numbers[FUGUE_CONTROL_PAD_X], controls->numbers[FUGUE_CONTROL_PAD_Y], weights);
  for (guint i = 0; i < FUGUE_N_SLOTS; i++)
    sum += MAX (weights[i], 0);
  for (guint i = 0; i < FUGUE_N_SLOTS; i++)
    fugue_controls_put_number (controls, FUGUE_CONTROL_WEIGHT_A + i, 100 / sum * MAX (weights[i], 0));
}

static void
put_dot (FugueControls *controls)
{
  double weights[FUGUE_N_SLOTS];
  double sum = 0;
  double x, y;

  for (guint i = 0; i < FUGUE_N_SLOTS; i++)
    {
      weights[i] = (controls->corners & (1u << i)) != 0 ? controls->numbers[FUGUE_CONTROL_WEIGHT_A + i] : 0;
      sum += weights[i];
    }
  if (sum <= 0)
    return;
  fugue_pad_get_position (controls->corners, weights, &x, &y);
  fugue_controls_put_number (controls, FUGUE_CONTROL_PAD_X, x);
  fugue_controls_put_number (controls, FUGUE_CONTROL_PAD_Y, y);
}

static void
follow_how_far (FugueControls *controls)
{
  double looseness, chance;

  unclip_how_far_get (controls->numbers[FUGUE_CONTROL_HOW_FAR], &looseness, &chance);
  fugue_controls_put_number (controls, FUGUE_CONTROL_LOOSENESS, looseness);
  fugue_controls_put_number (controls, FUGUE_CONTROL_CHANCE, chance);
}

static void
limit_amount (FugueControls *controls)
{
  double limit = controls->numbers[FUGUE_CONTROL_OVERDRIVE] != 0 ? 1 : 0.5;

  fugue_controls_put_number (controls, FUGUE_CONTROL_AMOUNT, CLAMP (controls->numbers[FUGUE_CONTROL_AMOUNT], -limit, limit));
}

/* What follows from a change of @control. */
static void
derive (FugueControls *controls, FugueControl control)
{
  FugueQuality quality;

  switch (control)
    {
    case FUGUE_CONTROL_QUALITY:
      quality = (FugueQuality) controls->numbers[control];
      for (guint i = 0; i < G_N_ELEMENTS (step_counts) && quality != FUGUE_QUALITY_CUSTOM; i++)
        fugue_controls_put_number (controls, step_counts[i], get_preset (controls, quality, step_counts[i]));
      break;
    case FUGUE_CONTROL_DECODER_STEPS:
    case FUGUE_CONTROL_PRIOR_STEPS:
    case FUGUE_CONTROL_UPSAMPLER_STEPS:
      fugue_controls_put_number (controls, FUGUE_CONTROL_QUALITY, find_quality (controls));
      break;
    case FUGUE_CONTROL_HOW_FAR:
    case FUGUE_CONTROL_IS_LINKED:
      if (controls->numbers[FUGUE_CONTROL_IS_LINKED] != 0)
        follow_how_far (controls);
      break;
    case FUGUE_CONTROL_LOOSENESS:
    case FUGUE_CONTROL_CHANCE:
      fugue_controls_put_number (controls, FUGUE_CONTROL_IS_LINKED, 0);
      break;
    case FUGUE_CONTROL_AMOUNT:
    case FUGUE_CONTROL_OVERDRIVE:
      limit_amount (controls);
      break;
    case FUGUE_CONTROL_STRIP_FRAMES:
      fugue_controls_put_number (controls, control, 2 * floor (controls->numbers[control] / 2) + 1);
      break;
    case FUGUE_CONTROL_PAD_X:
    case FUGUE_CONTROL_PAD_Y:
      fugue_controls_put_weights (controls);
      break;
    case FUGUE_CONTROL_WEIGHT_A:
    case FUGUE_CONTROL_WEIGHT_B:
    case FUGUE_CONTROL_WEIGHT_C:
    case FUGUE_CONTROL_WEIGHT_D:
      put_dot (controls);
      break;
    default:
      break;
    }
}

static void
set_number (FugueControls *controls, FugueControl control, double value)
{
  double before = controls->numbers[control];

  g_object_freeze_notify (G_OBJECT (controls));
  fugue_controls_put_number (controls, control, value);
  if (controls->numbers[control] != before)
    derive (controls, control);
  g_object_thaw_notify (G_OBJECT (controls));
}

double
fugue_controls_get_default (FugueControls *controls, const char *property)
{
  int control = find_control (property);

  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), 0);
  g_return_val_if_fail (control >= 0 && table[control].kind != KIND_TEXT, 0);

  return get_default (controls, control);
}

void
fugue_controls_reset (FugueControls *controls, const char *property)
{
  int control = find_control (property);

  g_return_if_fail (FUGUE_IS_CONTROLS (controls));
  g_return_if_fail (control >= 0);

  if (table[control].kind == KIND_TEXT)
    fugue_controls_put_text (controls, control, "");
  else
    set_number (controls, control, get_default (controls, control));
}

void
fugue_controls_reset_mode (FugueControls *controls, FugueMode mode)
{
  g_return_if_fail (FUGUE_IS_CONTROLS (controls));

  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    if (table[i].modes == 1u << mode)
      {
        if (table[i].kind == KIND_TEXT)
          fugue_controls_put_text (controls, i, "");
        else
          fugue_controls_put_number (controls, i, get_default (controls, i));
      }
  if (mode == FUGUE_MODE_MIX)
    fugue_controls_put_weights (controls);
}

void
fugue_controls_scale_how_far (FugueControls *controls, double factor)
{
  double value;

  g_return_if_fail (FUGUE_IS_CONTROLS (controls));

  value = controls->numbers[FUGUE_CONTROL_HOW_FAR];
  /* From nothing a factor leads nowhere. */
  if (value < 1 && factor > 1)
    value = 1;
  fugue_controls_put_number (controls, FUGUE_CONTROL_IS_LINKED, 1);
  set_number (controls, FUGUE_CONTROL_HOW_FAR, CLAMP (value * factor, 0, 100));
}

void
fugue_controls_roll_seed (FugueControls *controls)
{
  g_return_if_fail (FUGUE_IS_CONTROLS (controls));

  if (controls->numbers[FUGUE_CONTROL_IS_SEED_LOCKED] != 0)
    return;
  controls->is_quiet = TRUE;
  fugue_controls_put_number (controls, FUGUE_CONTROL_SEED, g_random_int ());
  controls->is_quiet = FALSE;
}

/* Model and sources: what is at its default follows the default. */

static void
with_new_defaults (FugueControls *controls, void (*change) (FugueControls *, gpointer), gpointer data)
{
  gboolean was_default[FUGUE_N_CONTROLS];
  int      quality = (int) controls->numbers[FUGUE_CONTROL_QUALITY];

  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    was_default[i] = table[i].kind != KIND_TEXT && controls->numbers[i] == get_default (controls, i);
  change (controls, data);
  g_object_freeze_notify (G_OBJECT (controls));
  controls->is_quiet = TRUE;
  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    if (was_default[i])
      fugue_controls_put_number (controls, i, get_default (controls, i));
  if (quality != FUGUE_QUALITY_CUSTOM)
    derive (controls, FUGUE_CONTROL_QUALITY);
  controls->is_quiet = FALSE;
  g_object_thaw_notify (G_OBJECT (controls));
}

static void
change_model (FugueControls *controls, gpointer model)
{
  g_clear_pointer (&controls->model, fugue_model_info_unref);
  controls->model = model != NULL ? fugue_model_info_ref (model) : NULL;
}

void
fugue_controls_set_model (FugueControls *controls, FugueModelInfo *model)
{
  g_return_if_fail (FUGUE_IS_CONTROLS (controls));

  if (controls->model == model)
    return;
  with_new_defaults (controls, change_model, model);
  g_object_notify_by_pspec (G_OBJECT (controls), props[PROP_MODEL]);
}

static void
set_path_degrees (FugueControls *controls, double degrees)
{
  if (controls->path_degrees == degrees || (isnan (controls->path_degrees) && isnan (degrees)))
    return;
  controls->path_degrees = degrees;
  g_object_notify_by_pspec (G_OBJECT (controls), props[PROP_PATH_DEGREES]);
}

void
fugue_controls_learn_path (FugueControls *controls, UnclipRecipe *recipe, double degrees)
{
  const UnclipEmbedding *embedding;

  g_return_if_fail (FUGUE_IS_CONTROLS (controls));
  g_return_if_fail (recipe != NULL);

  embedding = unclip_recipe_get_embedding (recipe);
  if (embedding->kind == UNCLIP_EMBEDDING_DIFF && g_str_equal (embedding->from, controls->texts[FUGUE_CONTROL_FROM_CAPTION])
      && g_str_equal (embedding->to, controls->texts[FUGUE_CONTROL_TO_CAPTION]))
    set_path_degrees (controls, degrees);
}

void
fugue_controls_forget_path (FugueControls *controls)
{
  g_return_if_fail (FUGUE_IS_CONTROLS (controls));

  set_path_degrees (controls, NAN);
}

FugueModelInfo *
fugue_controls_get_model (FugueControls *controls)
{
  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);

  return controls->model;
}

static void
change_lock (FugueControls *controls, gpointer has_lock)
{
  controls->has_lock = GPOINTER_TO_INT (has_lock);
}

void
fugue_controls_set_corners (FugueControls *controls, guint corners)
{
  g_return_if_fail (FUGUE_IS_CONTROLS (controls));

  if (controls->corners == corners)
    return;
  controls->corners = corners;
  controls->is_quiet = TRUE;
  fugue_controls_put_weights (controls);
  controls->is_quiet = FALSE;
}

guint
fugue_controls_get_corners (FugueControls *controls)
{
  return controls->corners;
}

static void
look_at_sources (FugueControls *controls)
{
  FugueSource *first = NULL;
  guint        corners = 0;
  gboolean     has_lock;

  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    {
      FugueSource *source = fugue_session_get_slot (controls->session, slot);

      if (source != NULL && first == NULL)
        first = source;
      if (source != NULL && !fugue_source_is_muted (source))
        corners |= 1u << slot;
    }
  has_lock = first != NULL && fugue_source_is_locked (first);
  if (has_lock != controls->has_lock)
    with_new_defaults (controls, change_lock, GINT_TO_POINTER (has_lock));
  fugue_controls_set_corners (controls, corners);
}

static void
source_edited (FugueSession *session, GObject *object, const char *property, const GValue *before, FugueControls *controls)
{
  if (FUGUE_IS_SOURCE (object))
    look_at_sources (controls);
}

void
fugue_controls_follow_session (FugueControls *controls, FugueSession *session)
{
  const char *json;

  g_return_if_fail (FUGUE_IS_CONTROLS (controls));
  g_return_if_fail (controls->session == NULL);

  json = fugue_session_get_setting (session, SETTING);
  if (json != NULL)
    {
      controls->is_quiet = TRUE;
      fugue_controls_load_json (controls, json);
      controls->is_quiet = FALSE;
    }
  g_set_weak_pointer (&controls->session, session);
  g_signal_connect_object (session, "edited", G_CALLBACK (source_edited), controls, 0);
  look_at_sources (controls);
}

FugueSlot
fugue_controls_find_slot (FugueControls *controls, const char *sha256)
{
  FugueSource *source = controls->session != NULL ? fugue_session_find_source (controls->session, sha256) : NULL;

  return source != NULL && fugue_source_get_slot (source) < FUGUE_SLOT_TRAY ? fugue_source_get_slot (source) : FUGUE_SLOT_NONE;
}

/* JSON. */

char *
fugue_controls_dup_json (FugueControls *controls)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode)    root = NULL;

  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);

  json_builder_begin_object (builder);
  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    {
      json_builder_set_member_name (builder, table[i].name);
      if (table[i].kind == KIND_TEXT)
        json_builder_add_string_value (builder, controls->texts[i]);
      else if (table[i].kind == KIND_ENUM)
        json_builder_add_string_value (builder, fugue_enum_get_nick (table[i].get_type (), (int) controls->numbers[i]));
      else if (table[i].kind == KIND_DOUBLE)
        json_builder_add_double_value (builder, controls->numbers[i]);
      else
        json_builder_add_int_value (builder, (gint64) controls->numbers[i]);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
load_member (FugueControls *controls, FugueControl control, JsonNode *node)
{
  const Info *info = &table[control];
  GType       type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  double      number;

  if (info->kind == KIND_TEXT)
    {
      if (type == G_TYPE_STRING)
        fugue_controls_put_text (controls, control, json_node_get_string (node));
      return;
    }
  if (info->kind == KIND_ENUM && type == G_TYPE_STRING)
    number = fugue_enum_from_nick (info->get_type (), json_node_get_string (node), -1);
  else if (info->kind != KIND_ENUM && (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE))
    number = json_node_get_double (node);
  else
    return;
  if (number >= info->minimum && number <= info->maximum)
    fugue_controls_put_number (controls, control, number);
}

void
fugue_controls_load_json (FugueControls *controls, const char *json)
{
  g_autoptr (JsonNode) root = NULL;

  g_return_if_fail (FUGUE_IS_CONTROLS (controls));
  g_return_if_fail (json != NULL);

  root = unclip_json_parse (json, strlen (json), NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return;
  g_object_freeze_notify (G_OBJECT (controls));
  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    {
      JsonNode *node = json_object_get_member (json_node_get_object (root), table[i].name);

      if (node != NULL)
        load_member (controls, i, node);
    }
  g_object_thaw_notify (G_OBJECT (controls));
}

/* The pad. Its arithmetic counts corners; here they have names. */

static guint
list_corners (guint corners, guint slots[FUGUE_N_SLOTS])
{
  guint n = 0;

  for (guint slot = 0; slot < FUGUE_N_SLOTS; slot++)
    if ((corners & (1u << slot)) != 0)
      slots[n++] = slot;
  return n;
}

void
fugue_pad_get_corner (guint corners, FugueSlot slot, double *x, double *y)
{
  guint slots[FUGUE_N_SLOTS];
  guint n = list_corners (corners, slots);

  for (guint i = 0; i < n; i++)
    if (slots[i] == slot)
      {
        unclip_pad_get_corner (n, i, x, y);
        return;
      }
  g_return_if_reached ();
}

void
fugue_pad_get_weights (guint corners, double x, double y, double weights[FUGUE_N_SLOTS])
{
  guint  slots[FUGUE_N_SLOTS];
  guint  n = list_corners (corners, slots);
  double of_corners[FUGUE_N_SLOTS] = { 0 };

  g_return_if_fail (n > 0);

  unclip_pad_get_weights (n, x, y, of_corners);
  for (guint i = 0; i < FUGUE_N_SLOTS; i++)
    weights[i] = 0;
  for (guint i = 0; i < n; i++)
    weights[slots[i]] = of_corners[i];
}

void
fugue_pad_get_position (guint corners, const double weights[FUGUE_N_SLOTS], double *x, double *y)
{
  guint  slots[FUGUE_N_SLOTS];
  guint  n = list_corners (corners, slots);
  double of_corners[FUGUE_N_SLOTS];

  g_return_if_fail (n > 0);

  for (guint i = 0; i < n; i++)
    of_corners[i] = weights[slots[i]];
  unclip_pad_get_position (n, of_corners, x, y);
}

/* The class. */

static void
fugue_controls_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FugueControls *controls = FUGUE_CONTROLS (object);

  if (prop == PROP_MODEL)
    g_value_set_boxed (value, controls->model);
  else if (prop == PROP_PATH_DEGREES)
    g_value_set_double (value, controls->path_degrees);
  else if (prop <= FUGUE_N_CONTROLS)
    get_value (controls, prop - 1, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
}

static void
fugue_controls_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  FugueControls *controls = FUGUE_CONTROLS (object);

  if (prop == PROP_MODEL)
    fugue_controls_set_model (controls, g_value_get_boxed (value));
  else if (prop > FUGUE_N_CONTROLS)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
  else if (table[prop - 1].kind == KIND_TEXT)
    fugue_controls_put_text (controls, prop - 1, g_value_get_string (value));
  else
    set_number (controls, prop - 1, get_value_number (prop - 1, value));
}

static void
fugue_controls_finalize (GObject *object)
{
  FugueControls *controls = FUGUE_CONTROLS (object);

  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    g_free (controls->texts[i]);
  g_clear_pointer (&controls->model, fugue_model_info_unref);
  g_clear_weak_pointer (&controls->session);
  G_OBJECT_CLASS (fugue_controls_parent_class)->finalize (object);
}

static GParamSpec *
new_pspec (const Info *info)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  switch (info->kind)
    {
    case KIND_UINT:
      return g_param_spec_uint (info->name, NULL, NULL, (guint) info->minimum, (guint) info->maximum, (guint) info->by_default, flags);
    case KIND_DOUBLE:
      return g_param_spec_double (info->name, NULL, NULL, info->minimum, info->maximum, info->by_default, flags);
    case KIND_BOOLEAN:
      return g_param_spec_boolean (info->name, NULL, NULL, info->by_default != 0, flags);
    case KIND_ENUM:
      return g_param_spec_enum (info->name, NULL, NULL, info->get_type (), (int) info->by_default, flags);
    case KIND_TEXT:
    default:
      return g_param_spec_string (info->name, NULL, NULL, "", flags);
    }
}

static void
fugue_controls_class_init (FugueControlsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fugue_controls_get_property;
  object_class->set_property = fugue_controls_set_property;
  object_class->finalize = fugue_controls_finalize;

  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    props[i + 1] = new_pspec (&table[i]);
  props[PROP_MODEL] = g_param_spec_boxed ("model", NULL, NULL, FUGUE_TYPE_MODEL_INFO,
                                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_PATH_DEGREES] = g_param_spec_double ("path-degrees", NULL, NULL, 0, 180, 0,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);

  edited_signal = g_signal_new ("edited", FUGUE_TYPE_CONTROLS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                G_TYPE_VALUE);
}

static void
fugue_controls_init (FugueControls *controls)
{
  controls->path_degrees = NAN;
  for (guint i = 0; i < FUGUE_N_CONTROLS; i++)
    {
      controls->numbers[i] = table[i].by_default;
      controls->texts[i] = table[i].kind == KIND_TEXT ? g_strdup ("") : NULL;
    }
}

FugueControls *
fugue_controls_new (void)
{
  return g_object_new (FUGUE_TYPE_CONTROLS, NULL);
}
