/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The modes' panels against real controls: each slider sets its property and goes back to its default, rows come and go with
 * the values they belong to, captions swap, and everything that can have the focus has a role and a name.
 */

#include "config.h"

#include "fugue-panel.h"
#include "test-widgets.h"

#define SOURCE "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

typedef GtkWidget *(*PanelNew) (FugueControls *controls);

static void
for_each (GtkWidget *widget, void (*func) (GtkWidget *widget, gpointer data), gpointer data)
{
  func (widget, data);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    for_each (child, func, data);
}

/* Rows below More are there once it is open. */
static void
open_more (GtkWidget *widget, gpointer data)
{
  if (GTK_IS_EXPANDER (widget))
    gtk_expander_set_expanded (GTK_EXPANDER (widget), TRUE);
}

static GtkWidget *
open_panel_new (PanelNew panel_new, FugueControls *controls)
{
  GtkWidget *panel = g_object_ref_sink (panel_new (controls));

  for_each (panel, open_more, NULL);
  return panel;
}

static void
check_slider (GtkWidget *widget, gpointer data)
{
  FugueControls         *controls = data;
  FugueSliderRow        *row;
  const FugueSliderSpec *spec;
  GtkAdjustment         *adjustment;
  double                 before, after, usual;

  if (!FUGUE_IS_SLIDER_ROW (widget))
    return;
  row = FUGUE_SLIDER_ROW (widget);
  spec = fugue_slider_row_get_spec (row);
  adjustment = gtk_range_get_adjustment (GTK_RANGE (fugue_slider_row_get_scale (row)));
  g_test_message ("%s", spec->property);

  before = gtk_adjustment_get_value (adjustment);
  after = before + gtk_adjustment_get_step_increment (adjustment) <= gtk_adjustment_get_upper (adjustment)
            ? gtk_adjustment_get_upper (adjustment) : gtk_adjustment_get_lower (adjustment);
  gtk_adjustment_set_value (adjustment, after);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), !=, before);

  fugue_slider_row_reset (row);
  usual = fugue_controls_get_default (controls, spec->property);
  {
    g_auto (GValue) value = G_VALUE_INIT;

    g_value_init (&value, G_TYPE_DOUBLE);
    g_object_get_property (G_OBJECT (controls), spec->property, &value);
    g_assert_cmpfloat_with_epsilon (g_value_get_double (&value), usual, 1e-9);
  }
}

static void
test_sliders (gconstpointer data)
{
  PanelNew                   panel_new = data;
  g_autoptr (FugueControls)  controls = fugue_controls_new ();
  GtkWidget                 *panel = open_panel_new (panel_new, controls);

  for_each (panel, check_slider, controls);
  g_assert_finalize_object (panel);
}

/* What GTK makes inside its own widgets is named by the widget around it. */
static gboolean
is_inner (GtkWidget *widget)
{
  for (GtkWidget *parent = gtk_widget_get_parent (widget); parent; parent = gtk_widget_get_parent (parent))
    if (GTK_IS_ENTRY (parent) || GTK_IS_SPIN_BUTTON (parent) || GTK_IS_DROP_DOWN (parent) || GTK_IS_MENU_BUTTON (parent)
        || GTK_IS_SCALE (parent))
      return TRUE;
  return FALSE;
}

static void
check_name (GtkWidget *widget, gpointer n)
{
  if (!gtk_widget_get_focusable (widget) || is_inner (widget) || GTK_IS_SCROLLED_WINDOW (widget) || GTK_IS_POPOVER (widget)
      || GTK_IS_LABEL (widget))
    return;
  g_test_message ("%s", G_OBJECT_TYPE_NAME (widget));
  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget)), !=, GTK_ACCESSIBLE_ROLE_WIDGET);
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL));
  (*(guint *) n)++;
}

static void
test_names (gconstpointer data)
{
  PanelNew                  panel_new = data;
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  GtkWidget                *panel = open_panel_new (panel_new, controls);
  guint                     n = 0;

  for_each (panel, check_name, &n);
  g_assert_cmpuint (n, >, 4);
  g_assert_finalize_object (panel);
}

typedef struct
{
  const char *property;
  GtkWidget  *row;
} Search;

static void
search (GtkWidget *widget, gpointer data)
{
  Search *wanted = data;

  if (FUGUE_IS_SLIDER_ROW (widget)
      && g_str_equal (fugue_slider_row_get_spec (FUGUE_SLIDER_ROW (widget))->property, wanted->property))
    wanted->row = widget;
}

static GtkWidget *
find_row (GtkWidget *panel, const char *property)
{
  Search wanted = { property, NULL };

  for_each (panel, search, &wanted);
  g_assert_nonnull (wanted.row);
  return wanted.row;
}

static void
test_invert_rows (void)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  GtkWidget                *panel = g_object_ref_sink (fugue_panel_invert_new (controls));

  g_object_set (controls, "method", FUGUE_METHOD_EXACT, NULL);
  g_assert_false (gtk_widget_get_visible (find_row (panel, "rounds")));
  g_assert_false (gtk_widget_get_visible (find_row (panel, "tolerance")));
  g_object_set (controls, "method", FUGUE_METHOD_FIXED_POINT, NULL);
  g_assert_true (gtk_widget_get_visible (find_row (panel, "rounds")));
  g_assert_true (gtk_widget_get_visible (find_row (panel, "tolerance")));
  g_assert_finalize_object (panel);
}

static void
test_mix_rows (void)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  GtkWidget                *panel;

  fugue_controls_set_corners (controls, 1 << FUGUE_SLOT_A | 1 << FUGUE_SLOT_C);
  panel = g_object_ref_sink (fugue_panel_mix_new (controls));
  g_assert_true (gtk_widget_get_visible (find_row (panel, "weight-a")));
  g_assert_false (gtk_widget_get_visible (find_row (panel, "weight-b")));
  g_assert_true (gtk_widget_get_visible (find_row (panel, "weight-c")));
  g_assert_false (gtk_widget_get_visible (find_row (panel, "weight-d")));
  fugue_controls_set_corners (controls, 1 << FUGUE_SLOT_A | 1 << FUGUE_SLOT_B | 1 << FUGUE_SLOT_D);
  g_assert_true (gtk_widget_get_visible (find_row (panel, "weight-b")));
  g_assert_false (gtk_widget_get_visible (find_row (panel, "weight-c")));
  g_assert_true (gtk_widget_get_visible (find_row (panel, "weight-d")));
  g_assert_finalize_object (panel);
}

static void
test_overdrive (void)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  GtkWidget                *panel = g_object_ref_sink (fugue_panel_diff_new (controls));
  GtkWidget                *scale = fugue_slider_row_get_scale (FUGUE_SLIDER_ROW (find_row (panel, "amount")));
  GtkAdjustment            *adjustment = gtk_range_get_adjustment (GTK_RANGE (scale));

  g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), ==, 0.5);
  g_object_set (controls, "overdrive", TRUE, NULL);
  g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), ==, 1);
  g_assert_cmpfloat (gtk_adjustment_get_lower (adjustment), ==, -1);
  g_assert_finalize_object (panel);
}

static gboolean
has_captions (FugueControls *controls, const char *from, const char *to)
{
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;

  g_object_get (controls, "from-caption", &a, "to-caption", &b, NULL);
  return g_str_equal (a, from) && g_str_equal (b, to);
}

static void
test_swap (void)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  GtkWidget                *panel = fugue_panel_diff_new (controls);
  GtkWindow                *window = test_window_new (panel);

  g_object_set (controls, "from-caption", "an apple", "to-caption", "a pear", NULL);
  test_key (window, "ctrl+shift+x");
  test_wait_for (has_captions (controls, "a pear", "an apple"));
  /* Not while another mode is shown. */
  gtk_widget_set_visible (panel, FALSE);
  test_key (window, "ctrl+shift+x");
  test_key (window, "Tab");
  for (guint turn = 0; turn < 20; turn++)
    test_turn ();
  g_assert_true (has_captions (controls, "a pear", "an apple"));
  gtk_window_destroy (window);
}

static void
test_long_caption (void)
{
  GtkWidget         *caption = g_object_ref_sink (fugue_caption_entry_new ("Caption", "What it shows"));
  FugueCaptionEntry *self = FUGUE_CAPTION_ENTRY (caption);
  GtkEntry          *entry = GTK_ENTRY (fugue_caption_entry_get_entry (self));

  g_object_set (caption, "text", "a very long caption", NULL);
  fugue_caption_entry_set_count (self, 6, 77, 19);
  g_assert_cmpstr (fugue_caption_entry_get_note (self), ==, "6 of 77 tokens");
  g_assert_null (gtk_entry_get_attributes (entry));
  fugue_caption_entry_set_count (self, 81, 77, 7);
  g_assert_cmpstr (fugue_caption_entry_get_note (self), ==, "81 of 77 tokens: the end is not read");
  g_assert_nonnull (gtk_entry_get_attributes (entry));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);
  g_object_set (caption, "text", "", NULL);
  g_assert_cmpstr (fugue_caption_entry_get_note (self), ==, "");
  g_assert_finalize_object (caption);
}

/* The amount in degrees, once an engine has told how long the path of these captions is. */
static void
test_degrees (void)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  GtkWidget                *panel = open_panel_new (fugue_panel_diff_new, controls);
  FugueSliderRow           *row = FUGUE_SLIDER_ROW (find_row (panel, "amount"));
  UnclipEmbedding           image = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = SOURCE };
  g_autoptr (UnclipRecipe)  recipe = unclip_recipe_new (&(UnclipRecipeParams) {
      .embedding = { .kind = UNCLIP_EMBEDDING_DIFF, .base = &image, .from = "day", .to = "night", .amount = 0.1 },
      .noise = { .kind = UNCLIP_NOISE_SEED, .seed = 1 },
      .sampler = { .kind = UNCLIP_RECIPE_DDIM, .n_steps = 4, .guidance = 1 },
      .model_name = "mini", .model_sha256 = SOURCE }, NULL);

  g_assert_nonnull (recipe);
  g_object_set (controls, "from-caption", "day", "to-caption", "night", "amount", -0.25, NULL);
  test_accessible_text (fugue_slider_row_get_scale (row), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "-0.25");
  fugue_controls_learn_path (controls, recipe, 90);
  test_accessible_text (fugue_slider_row_get_scale (row), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "-0.25, -22.5°");
  g_object_set (controls, "amount", 0.0, NULL);
  test_accessible_text (fugue_slider_row_get_scale (row), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "0.00, 0.0°");

  /* Other captions have another path, and what comes late of the first ones is not theirs. */
  g_object_set (controls, "to-caption", "dusk", "amount", 0.5, NULL);
  test_accessible_text (fugue_slider_row_get_scale (row), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "0.50");
  fugue_controls_learn_path (controls, recipe, 90);
  test_accessible_text (fugue_slider_row_get_scale (row), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "0.50");
  g_object_unref (panel);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; PanelNew panel_new; } panels[] = {
    { "vary", fugue_panel_vary_new }, { "diff", fugue_panel_diff_new },
    { "mix", fugue_panel_mix_new }, { "invert", fugue_panel_invert_new },
  };

  gtk_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (panels); i++)
    {
      g_autofree char *sliders = g_strdup_printf ("/ui/panels/%s/sliders", panels[i].name);
      g_autofree char *names = g_strdup_printf ("/ui/panels/%s/names", panels[i].name);

      g_test_add_data_func (sliders, panels[i].panel_new, test_sliders);
      g_test_add_data_func (names, panels[i].panel_new, test_names);
    }
  g_test_add_func ("/ui/panels/invert/rows", test_invert_rows);
  g_test_add_func ("/ui/panels/mix/rows", test_mix_rows);
  g_test_add_func ("/ui/panels/diff/overdrive", test_overdrive);
  g_test_add_func ("/ui/panels/diff/degrees", test_degrees);
  g_test_add_func ("/ui/panels/diff/swap", test_swap);
  g_test_add_func ("/ui/panels/long-caption", test_long_caption);
  return g_test_run ();
}
