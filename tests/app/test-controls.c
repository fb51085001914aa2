/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-support.h"

#include "fugue-controls.h"
#include "unclip-bands.h"

#include <math.h>

typedef struct
{
  char          *folder;
  char          *path;
  FugueSession  *session;
  FugueControls *controls;
} Fixture;

static FugueModelInfo *
new_model (void)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (
    "{'name': <'mini'>, 'sha256': <'" APP_MODEL_SHA256 "'>, 'can_vary': <true>, 'can_imagine': <true>, 'has_axes': <true>,"
    " 'defaults': <{'decoder_steps': <uint32 20>, 'prior_steps': <uint32 25>, 'upsampler_steps': <uint32 7>,"
    "               'decoder_guidance': <2.5>, 'prior_guidance': <2.0>}>}"));

  return fugue_model_info_new_from_variant (variant);
}

static void
add_source (Fixture *fixture, guint seed, FugueSlot slot)
{
  g_autoptr (UnclipImage) image = app_new_image (40, 30, seed);

  fugue_session_add_source (fixture->session, image, "source", slot);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueModelInfo) model = new_model ();

  fixture->folder = app_dup_folder ();
  fixture->path = g_build_filename (fixture->folder, "one.fugue", NULL);
  fixture->session = app_open (fixture->path);
  fixture->controls = fugue_controls_new ();
  fugue_controls_follow_session (fixture->controls, fixture->session);
  fugue_controls_set_model (fixture->controls, model);
  add_source (fixture, 1, FUGUE_SLOT_A);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->controls);
  app_close (fixture->session);
  g_free (fixture->path);
  app_remove_folder (fixture->folder);
}

static double
get (FugueControls *controls, const char *property)
{
  GParamSpec     *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (controls), property);
  g_auto (GValue) value = G_VALUE_INIT;

  g_auto (GValue) number = G_VALUE_INIT;

  g_value_init (&value, spec->value_type);
  g_object_get_property (G_OBJECT (controls), property, &value);
  if (G_IS_PARAM_SPEC_ENUM (spec))
    return g_value_get_enum (&value);
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return g_value_get_boolean (&value);
  g_value_init (&number, G_TYPE_DOUBLE);
  g_assert_true (g_value_transform (&value, &number));
  return g_value_get_double (&number);
}

/* Every number, but for enumerations, starts at its default, keeps within its range, and comes back to the default. */
static void
test_ranges (void)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  guint                     n;
  g_autofree GParamSpec   **pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (controls), &n);
  guint                     n_seen = 0;

  for (guint i = 0; i < n; i++)
    {
      const char *name = pspecs[i]->name;
      double      low, high, by_default;

      if (!(pspecs[i]->flags & G_PARAM_WRITABLE))
        continue;
      if (G_IS_PARAM_SPEC_UINT (pspecs[i]))
        {
          GParamSpecUInt *spec = G_PARAM_SPEC_UINT (pspecs[i]);

          low = spec->minimum;
          high = spec->maximum;
          by_default = spec->default_value;
          g_object_set (controls, name, spec->maximum, NULL);
        }
      else if (G_IS_PARAM_SPEC_DOUBLE (pspecs[i]))
        {
          GParamSpecDouble *spec = G_PARAM_SPEC_DOUBLE (pspecs[i]);

          low = spec->minimum;
          high = spec->maximum;
          by_default = spec->default_value;
          g_object_set (controls, "overdrive", TRUE, name, spec->maximum, NULL);
        }
      else
        continue;
      n_seen++;
      g_assert_cmpfloat (low, <=, by_default);
      g_assert_cmpfloat (by_default, <=, high);
      g_assert_cmpfloat_with_epsilon (get (controls, name), high, 1e-9);
      fugue_controls_reset (controls, name);
      g_assert_cmpfloat_with_epsilon (get (controls, name), by_default, 1e-9);
    }
  g_assert_cmpuint (n_seen, >, 20);
}

static void
test_moves_others (Fixture *fixture, gconstpointer data)
{
  FugueControls *controls = fixture->controls;

  /* The model's defaults took the place of the table's. */
  g_assert_cmpfloat (get (controls, "decoder-steps"), ==, 20);
  g_assert_cmpfloat (get (controls, "decoder-guidance"), ==, 2.5);
  g_assert_cmpfloat (fugue_controls_get_default (controls, "decoder-guidance"), ==, 2.5);

  g_object_set (controls, "quality", FUGUE_QUALITY_FINE, NULL);
  g_assert_cmpfloat (get (controls, "decoder-steps"), ==, 40);
  g_object_set (controls, "decoder-steps", 41u, NULL);
  g_assert_cmpfloat (get (controls, "quality"), ==, FUGUE_QUALITY_CUSTOM);
  g_object_set (controls, "decoder-steps", 40u, NULL);
  g_assert_cmpfloat (get (controls, "quality"), ==, FUGUE_QUALITY_FINE);

  g_object_set (controls, "how-far", 100.0, NULL);
  g_assert_cmpfloat (get (controls, "looseness"), ==, 1);
  g_assert_cmpfloat (get (controls, "chance"), ==, 1);
  g_object_set (controls, "how-far", 0.0, NULL);
  g_assert_cmpfloat (get (controls, "chance"), ==, 0);
  g_object_set (controls, "chance", 0.5, NULL);
  g_assert_cmpfloat (get (controls, "is-linked"), ==, 0);
  g_object_set (controls, "how-far", 35.0, NULL);
  g_assert_cmpfloat (get (controls, "chance"), ==, 0.5);
  g_object_set (controls, "is-linked", TRUE, NULL);
  g_assert_cmpfloat (get (controls, "chance"), ==, 1);
  fugue_controls_scale_how_far (controls, 1.5);
  g_assert_cmpfloat (get (controls, "how-far"), ==, 52.5);

  g_object_set (controls, "amount", 0.9, NULL);
  g_assert_cmpfloat (get (controls, "amount"), ==, 0.5);
  g_object_set (controls, "overdrive", TRUE, "amount", 0.9, NULL);
  g_assert_cmpfloat (get (controls, "amount"), ==, 0.9);
  g_object_set (controls, "overdrive", FALSE, NULL);
  g_assert_cmpfloat (get (controls, "amount"), ==, 0.5);
  g_object_set (controls, "strip-frames", 8u, NULL);
  g_assert_cmpfloat (get (controls, "strip-frames"), ==, 9);
  g_assert_cmpfloat (fugue_controls_get_strip_amount (controls, 0), ==, -0.5);
  g_assert_cmpfloat (fugue_controls_get_strip_amount (controls, 4), ==, 0);
  g_assert_cmpfloat (fugue_controls_get_strip_amount (controls, 8), ==, 0.5);

  g_object_set (controls, "is-seed-locked", TRUE, "seed", 7u, NULL);
  fugue_controls_roll_seed (controls);
  g_assert_cmpfloat (get (controls, "seed"), ==, 7);
}

/* The lock changes what is usual; what a person set stays. */
static void
test_lock (Fixture *fixture, gconstpointer data)
{
  FugueSource *source = fugue_session_get_slot (fixture->session, FUGUE_SLOT_A);

  fugue_source_set_locked (source, TRUE);
  g_assert_cmpfloat_with_epsilon (get (fixture->controls, "chance"), 0.3, 1e-9);
  g_assert_cmpfloat (get (fixture->controls, "keep-noise"), ==, FUGUE_KEEP_NOISE_INVERTED);
  fugue_source_set_locked (source, FALSE);
  g_assert_cmpfloat (get (fixture->controls, "chance"), ==, 1);
  g_assert_cmpfloat (get (fixture->controls, "how-far"), ==, 35);
  g_object_set (fixture->controls, "how-far", 60.0, NULL);
  fugue_source_set_locked (source, TRUE);
  g_assert_cmpfloat (get (fixture->controls, "how-far"), ==, 60);
}

static void
test_pad (Fixture *fixture, gconstpointer data)
{
  FugueControls *controls = fixture->controls;
  double         weights[FUGUE_N_SLOTS];
  double         x, y;

  g_assert_cmpuint (fugue_controls_get_corners (controls), ==, 1);
  g_assert_cmpfloat (get (controls, "weight-a"), ==, 100);
  add_source (fixture, 2, FUGUE_SLOT_C);
  g_assert_cmpuint (fugue_controls_get_corners (controls), ==, 5);
  g_object_set (controls, "pad-x", 0.25, NULL);
  g_assert_cmpfloat (get (controls, "weight-a"), ==, 75);
  g_assert_cmpfloat (get (controls, "weight-b"), ==, 0);
  g_assert_cmpfloat (get (controls, "weight-c"), ==, 25);
  g_object_set (controls, "weight-c", 75.0, NULL);
  g_assert_cmpfloat (get (controls, "pad-x"), ==, 0.5);
  add_source (fixture, 3, FUGUE_SLOT_B);
  add_source (fixture, 4, FUGUE_SLOT_D);
  g_object_set (controls, "pad-x", 0.0, "pad-y", 1.0, NULL);
  g_assert_cmpfloat (get (controls, "weight-c"), ==, 100);

  /* Outside, the dot takes away from the far corner, and the sliders show what it adds. */
  fugue_pad_get_weights (15, -0.25, 0, weights);
  g_assert_cmpfloat (weights[0], ==, 1.25);
  g_assert_cmpfloat (weights[1], ==, -0.25);
  g_object_set (controls, "pad-x", -0.25, "pad-y", 0.0, NULL);
  g_assert_cmpfloat (get (controls, "weight-a"), ==, 100);
  g_assert_cmpfloat (get (controls, "weight-b"), ==, 0);
  fugue_pad_get_corner (14, FUGUE_SLOT_D, &x, &y);
  g_assert_cmpfloat (x, ==, 0.5);
  g_assert_cmpfloat (y, ==, 1);

  fugue_source_set_muted (fugue_session_get_slot (fixture->session, FUGUE_SLOT_C), TRUE);
  g_assert_cmpuint (fugue_controls_get_corners (controls), ==, 11);
  g_assert_cmpfloat (get (controls, "weight-c"), ==, 0);
}

static GPtrArray *
build (Fixture *fixture, FugueRecipeRequest request)
{
  g_autoptr (GError) error = NULL;
  GPtrArray         *recipes = fugue_controls_build_recipes (fixture->controls, fixture->session, &request, &error);

  g_assert_no_error (error);
  return recipes;
}

static void
assert_build_fails (Fixture *fixture, FugueMode mode, FugueError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fugue_controls_build_recipes (fixture->controls, fixture->session, &(FugueRecipeRequest){ .mode = mode }, &error));
  g_assert_error (error, FUGUE_ERROR, (int) code);
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  fugue_session_move_source (fixture->session, fugue_session_get_slot (fixture->session, FUGUE_SLOT_A), FUGUE_SLOT_TRAY);
  assert_build_fails (fixture, FUGUE_MODE_VARY, FUGUE_ERROR_SOURCE);
  assert_build_fails (fixture, FUGUE_MODE_MIX, FUGUE_ERROR_SOURCE);
  add_source (fixture, 2, FUGUE_SLOT_B);
  assert_build_fails (fixture, FUGUE_MODE_DIFF, FUGUE_ERROR_CAPTION);
  fugue_controls_set_model (fixture->controls, NULL);
  assert_build_fails (fixture, FUGUE_MODE_VARY, FUGUE_ERROR_MODEL);
}

static UnclipRecipe *
get_recipe (GPtrArray *recipes, guint index)
{
  return g_ptr_array_index (recipes, index);
}

/* What a batch has in common, and what not. */
static void
test_recipes (Fixture *fixture, gconstpointer data)
{
  FugueControls       *controls = fixture->controls;
  FugueSource         *source = fugue_session_get_slot (fixture->session, FUGUE_SLOT_A);
  g_autoptr (GPtrArray) plain = NULL;
  g_autoptr (GPtrArray) loose = NULL;
  g_autoptr (GPtrArray) bands = NULL;
  g_autoptr (GPtrArray) locked = NULL;
  g_autoptr (GPtrArray) strip = NULL;
  g_autoptr (GPtrArray) draft = NULL;

  g_object_set (controls, "seed", 41u, "is-seed-locked", TRUE, NULL);
  plain = build (fixture, (FugueRecipeRequest){ .mode = FUGUE_MODE_VARY });
  g_assert_cmpuint (plain->len, ==, 8);
  g_assert_cmpint (unclip_recipe_get_embedding (get_recipe (plain, 3))->kind, ==, UNCLIP_EMBEDDING_IMAGE);
  g_assert_cmpstr (unclip_recipe_get_embedding (get_recipe (plain, 3))->source, ==, fugue_source_get_sha256 (source));
  g_assert_cmpuint (unclip_recipe_get_noise (get_recipe (plain, 3))->picture, ==, 3);
  g_assert_cmpuint (unclip_recipe_get_noise (get_recipe (plain, 3))->seed, ==, 41);
  g_assert_cmpint (unclip_recipe_get_sampler (get_recipe (plain, 3))->kind, ==, UNCLIP_RECIPE_ANCESTRAL);
  g_assert_cmpuint (unclip_recipe_get_sampler (get_recipe (plain, 3))->n_steps, ==, 20);
  g_assert_cmpstr (fugue_recipe_get_verb (get_recipe (plain, 3)), ==, "vary");

  g_object_set (controls, "how-far", 80.0, NULL);
  loose = build (fixture, (FugueRecipeRequest){ .mode = FUGUE_MODE_VARY, .n = 2 });
  g_assert_cmpuint (loose->len, ==, 2);
  g_assert_cmpint (unclip_recipe_get_embedding (get_recipe (loose, 1))->kind, ==, UNCLIP_EMBEDDING_LOOSEN);
  g_assert_true (unclip_recipe_can_batch (get_recipe (plain, 0), get_recipe (loose, 0)));

  g_object_set (controls, "how-far", 35.0, "layout-detail", 60.0, NULL);
  bands = build (fixture, (FugueRecipeRequest){ .mode = FUGUE_MODE_VARY });
  g_assert_cmpint (unclip_recipe_get_noise (get_recipe (bands, 1))->kind, ==, UNCLIP_NOISE_BANDS);
  g_assert_cmpstr (unclip_recipe_get_noise (get_recipe (bands, 1))->low->hash, ==, unclip_recipe_get_noise (get_recipe (bands, 2))->low->hash);
  g_assert_cmpstr (unclip_recipe_get_noise (get_recipe (bands, 1))->high->hash, !=,
                   unclip_recipe_get_noise (get_recipe (bands, 2))->high->hash);
  g_assert_cmpfloat (unclip_recipe_get_noise (get_recipe (bands, 1))->cutoff, ==, unclip_bands_get_cutoff (60));

  /* Nothing is left to chance: one picture is all there is. */
  fugue_source_set_locked (source, TRUE);
  g_object_set (controls, "layout-detail", 0.0, "how-far", 0.0, NULL);
  locked = build (fixture, (FugueRecipeRequest){ .mode = FUGUE_MODE_VARY });
  g_assert_cmpuint (locked->len, ==, 1);
  g_assert_cmpint (unclip_recipe_get_noise (get_recipe (locked, 0))->kind, ==, UNCLIP_NOISE_INVERT);
  g_assert_cmpint (unclip_recipe_get_sampler (get_recipe (locked, 0))->kind, ==, UNCLIP_RECIPE_EXACT);
  g_assert_true (unclip_recipe_get_sampler (get_recipe (locked, 0))->keep_detail);
  g_assert_cmpuint (unclip_recipe_get_sampler (get_recipe (locked, 0))->n_steps, ==, unclip_recipe_get_noise (get_recipe (locked, 0))->n_steps);

  g_object_set (controls, "to-caption", "a red boat", "keep-noise", FUGUE_KEEP_NOISE_SEED, NULL);
  strip = build (fixture, (FugueRecipeRequest){ .mode = FUGUE_MODE_DIFF, .is_strip = TRUE });
  g_assert_cmpuint (strip->len, ==, 7);
  g_assert_cmpfloat (unclip_recipe_get_embedding (get_recipe (strip, 0))->amount, ==, -0.5);
  g_assert_cmpfloat (unclip_recipe_get_embedding (get_recipe (strip, 3))->amount, ==, 0);
  g_assert_cmpstr (unclip_recipe_get_noise (get_recipe (strip, 0))->hash, ==, unclip_recipe_get_noise (get_recipe (strip, 6))->hash);

  draft = build (fixture, (FugueRecipeRequest){ .mode = FUGUE_MODE_DIFF, .is_draft = TRUE });
  g_assert_cmpuint (draft->len, ==, 1);
  g_assert_cmpuint (unclip_recipe_get_sampler (get_recipe (draft, 0))->n_upsampler_steps, ==, 0);
  g_assert_cmpuint (unclip_recipe_get_sampler (get_recipe (draft, 0))->n_steps, <, 20);
}

typedef struct
{
  const char *name;
  FugueMode   mode;
  gboolean    is_locked;
  const char *first_property;           /* properties and values as JSON */
} Case;

/* Values → recipe → values of a fresh object → the same recipe. */
static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  static const Case cases[] = {
    { "plain", FUGUE_MODE_VARY, FALSE, "{\"how-far\": 35}" },
    { "loose", FUGUE_MODE_VARY, FALSE, "{\"looseness\": 0.3, \"chance\": 1, \"is-linked\": 0, \"caption\": \"a boat\"}" },
    { "ddim", FUGUE_MODE_VARY, FALSE, "{\"chance\": 0.5, \"decoder-steps\": 31, \"decoder-guidance\": 3.25}" },
    { "dpm", FUGUE_MODE_VARY, FALSE, "{\"sampler\": \"dpm-solver\", \"freeu-b1\": 1.2}" },
    { "layout", FUGUE_MODE_VARY, FALSE, "{\"layout-detail\": -40}" },
    { "detail", FUGUE_MODE_VARY, FALSE, "{\"layout-detail\": 40}" },
    { "locked", FUGUE_MODE_VARY, TRUE, "{\"chance\": 0.3, \"method\": \"ddim\", \"invert-steps\": 60}" },
    { "locked-detail", FUGUE_MODE_VARY, TRUE, "{\"chance\": 0.3, \"layout-detail\": -25}" },
    { "locked-0", FUGUE_MODE_VARY, TRUE, "{\"how-far\": 0, \"chance\": 0, \"is-linked\": 0}" },
    { "ancestral", FUGUE_MODE_DIFF, FALSE, "{\"to-caption\": \"a red boat\", \"amount\": 0.2, \"sampler\": \"ancestral\"}" },
    { "diff", FUGUE_MODE_DIFF, FALSE, "{\"from-caption\": \"a blue boat\", \"to-caption\": \"a red boat\", \"amount\": -0.3}" },
    { "overdrive", FUGUE_MODE_DIFF, TRUE,
      "{\"to-caption\": \"a red boat\", \"overdrive\": 1, \"amount\": 0.8, \"keep-noise\": \"inverted\", \"invert-guidance\": 1.5}" },
    { "mix", FUGUE_MODE_MIX, FALSE, "{\"pad-x\": 0.3, \"pad-y\": 0.8, \"blend\": \"straight\"}" },
    { "mix-outside", FUGUE_MODE_MIX, FALSE, "{\"pad-x\": -0.2137, \"pad-y\": 0.1234567}" },
    { "mix-a", FUGUE_MODE_MIX, FALSE, "{\"pad-x\": 0.1, \"mix-noise\": \"a\"}" },
    { "mix-blend", FUGUE_MODE_MIX, FALSE, "{\"pad-x\": 0.7, \"mix-noise\": \"blend\", \"method\": \"fixed-point\", \"rounds\": 7}" },
    { "invert", FUGUE_MODE_INVERT, FALSE, "{\"method\": \"fixed-point\", \"tolerance\": 0.001, \"invert-steps\": 25}" },
  };

  add_source (fixture, 2, FUGUE_SLOT_B);
  add_source (fixture, 3, FUGUE_SLOT_C);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FugueControls)  written = fugue_controls_new ();
      g_autoptr (FugueControls)  read = fugue_controls_new ();
      g_autoptr (FugueModelInfo) model = new_model ();
      g_autoptr (GPtrArray)      recipes = NULL;
      g_autoptr (GPtrArray)      again = NULL;
      g_autoptr (GError)         error = NULL;
      FugueMode                  mode = FUGUE_N_MODES;

      g_test_message ("%s", cases[i].name);
      fugue_source_set_locked (fugue_session_get_slot (fixture->session, FUGUE_SLOT_A), cases[i].is_locked);
      fugue_controls_set_model (written, model);
      fugue_controls_set_corners (written, 7);
      fugue_controls_load_json (written, cases[i].first_property);
      g_object_set (written, "seed", 41u, "is-seed-locked", TRUE, "pad-x", get (written, "pad-x") + 0.01, NULL);
      fugue_controls_set_model (read, model);
      fugue_controls_follow_session (read, fixture->session);

      recipes = fugue_controls_build_recipes (written, fixture->session, &(FugueRecipeRequest){ .mode = cases[i].mode, .n = 2 }, &error);
      g_assert_no_error (error);
      if (g_str_equal (cases[i].name, "mix-outside"))
        g_assert_cmpfloat (unclip_recipe_get_embedding (get_recipe (recipes, 0))->parts[1].weight, <, 0);
      g_assert_true (fugue_controls_load_recipe (read, get_recipe (recipes, 0), &mode));
      g_assert_cmpint (mode, ==, cases[i].mode);
      again = fugue_controls_build_recipes (read, fixture->session, &(FugueRecipeRequest){ .mode = mode, .n = 2 }, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (again->len, ==, recipes->len);
      for (guint k = 0; k < again->len; k++)
        g_assert_cmpstr (unclip_recipe_get_canonical (get_recipe (again, k)), ==, unclip_recipe_get_canonical (get_recipe (recipes, k)));
    }
}

/* Values are kept in the session; nonsense in it does no harm. */
static void
test_stored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FugueControls) again = fugue_controls_new ();
  g_autoptr (FugueControls) other = fugue_controls_new ();
  g_autofree char          *json = NULL;

  g_object_set (fixture->controls, "to-caption", "a “red” boat", "amount", 0.25, "method", FUGUE_METHOD_DDIM, "seed", 4294967295u, NULL);
  fugue_controls_follow_session (again, fixture->session);
  json = fugue_controls_dup_json (again);
  {
    g_autofree char *expected = fugue_controls_dup_json (fixture->controls);

    g_assert_cmpstr (json, ==, expected);
  }
  fugue_controls_load_json (other, "{\"amount\": 0.3, \"seed\": -1, \"method\": \"magic\", \"to-caption\": 7, \"nothing\": 1, \"pad-x\": 1e300}");
  g_assert_cmpfloat (get (other, "amount"), ==, 0.3);
  g_assert_cmpfloat (get (other, "seed"), ==, 0);
  g_assert_cmpfloat (get (other, "method"), ==, FUGUE_METHOD_EXACT);
  g_assert_cmpfloat (get (other, "pad-x"), ==, 0.5);
  fugue_controls_load_json (other, "no JSON");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/app/controls/ranges", test_ranges);
  g_test_add ("/app/controls/moves-others", Fixture, NULL, set_up, test_moves_others, tear_down);
  g_test_add ("/app/controls/lock", Fixture, NULL, set_up, test_lock, tear_down);
  g_test_add ("/app/controls/pad", Fixture, NULL, set_up, test_pad, tear_down);
  g_test_add ("/app/controls/missing", Fixture, NULL, set_up, test_missing, tear_down);
  g_test_add ("/app/controls/recipes", Fixture, NULL, set_up, test_recipes, tear_down);
  g_test_add ("/app/controls/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/app/controls/stored", Fixture, NULL, set_up, test_stored, tear_down);
  return g_test_run ();
}
