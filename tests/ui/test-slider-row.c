/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A row bound to an object of each kind of number: both follow each other, keys move by the steps, and nothing is left over. */

#include "config.h"

#include "fugue-slider-row.h"
#include "test-widgets.h"

#include <math.h>

/* An object with the kinds of numbers that rows are bound to. */
#define TEST_TYPE_NUMBERS (test_numbers_get_type ())
G_DECLARE_FINAL_TYPE (TestNumbers, test_numbers, TEST, NUMBERS, GObject)

struct _TestNumbers
{
  GObject parent_instance;
  double  far;
  guint   steps;
  double  amount;
  double  tolerance;
};

G_DEFINE_FINAL_TYPE (TestNumbers, test_numbers, G_TYPE_OBJECT)

enum { PROP_FAR = 1, PROP_STEPS, PROP_AMOUNT, PROP_TOLERANCE };

static void
test_numbers_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TestNumbers *self = TEST_NUMBERS (object);

  switch (id)
    {
    case PROP_FAR: g_value_set_double (value, self->far); break;
    case PROP_STEPS: g_value_set_uint (value, self->steps); break;
    case PROP_AMOUNT: g_value_set_double (value, self->amount); break;
    case PROP_TOLERANCE: g_value_set_double (value, self->tolerance); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
test_numbers_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TestNumbers *self = TEST_NUMBERS (object);

  switch (id)
    {
    case PROP_FAR: self->far = g_value_get_double (value); break;
    case PROP_STEPS: self->steps = g_value_get_uint (value); break;
    case PROP_AMOUNT: self->amount = g_value_get_double (value); break;
    case PROP_TOLERANCE: self->tolerance = g_value_get_double (value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
test_numbers_class_init (TestNumbersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_numbers_get_property;
  object_class->set_property = test_numbers_set_property;
  g_object_class_install_property (object_class, PROP_FAR,
    g_param_spec_double ("far", NULL, NULL, 0, 1, 0.35, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, PROP_STEPS,
    g_param_spec_uint ("steps", NULL, NULL, 4, 250, 25, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, PROP_AMOUNT,
    g_param_spec_double ("amount", NULL, NULL, -1, 1, 0, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, PROP_TOLERANCE,
    g_param_spec_double ("tolerance", NULL, NULL, 1e-6, 1e-2, 1e-4, G_PARAM_READWRITE));
}

static void
test_numbers_init (TestNumbers *self)
{
  self->far = 0.5;
  self->steps = 25;
  self->tolerance = 1e-4;
}

static const FugueSliderSpec far_spec = {
  .property = "far", .title = "How _far", .unit = "%", .help = "How far to go.", .factor = 100, .step = 1, .page = 10,
};
static const FugueSliderSpec steps_spec = {
  .property = "steps", .title = "Steps", .help = "How many steps to take.", .step = 1, .page = 10,
};
static const FugueSliderSpec amount_spec = {
  .property = "amount", .title = "Amount", .help = "How much.", .step = 0.01, .page = 0.1, .n_digits = 2, .bipolar = TRUE,
};
static const FugueSliderSpec tolerance_spec = {
  .property = "tolerance", .title = "Tolerance", .help = "When to stop.", .step = 0.5, .page = 1, .logarithmic = TRUE,
};

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_follows_property (void)
{
  g_autoptr (TestNumbers) numbers = g_object_new (TEST_TYPE_NUMBERS, NULL);
  GtkWidget              *row = g_object_ref_sink (fugue_slider_row_new (&far_spec));
  FugueSliderRow         *self = FUGUE_SLIDER_ROW (row);
  GtkRange               *range = GTK_RANGE (fugue_slider_row_get_scale (self));
  GtkEditable            *entry = GTK_EDITABLE (fugue_slider_row_get_entry (self));
  g_autofree char        *text = NULL;
  guint                   n_notify = 0;

  g_assert_false (gtk_widget_get_sensitive (row));
  fugue_slider_row_bind (self, G_OBJECT (numbers));
  g_assert_true (gtk_widget_get_sensitive (row));
  g_assert_cmpfloat (gtk_range_get_value (range), ==, 50);
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "50");
  g_assert_cmpfloat (gtk_adjustment_get_upper (gtk_range_get_adjustment (range)), ==, 100);

  g_signal_connect_swapped (numbers, "notify::far", G_CALLBACK (count_cb), &n_notify);
  g_object_set (numbers, "far", 0.2, NULL);
  g_assert_cmpuint (n_notify, ==, 1);
  g_assert_cmpfloat (gtk_range_get_value (range), ==, 20);
  text = fugue_slider_row_dup_value_text (self);
  g_assert_cmpstr (text, ==, "20 %");
  test_accessible_text (GTK_WIDGET (range), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "20 %");

  gtk_range_set_value (range, 61);
  g_assert_cmpuint (n_notify, ==, 2);
  g_assert_cmpfloat (numbers->far, ==, 0.61);
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "61");

  fugue_slider_row_reset (self);
  g_assert_cmpfloat (numbers->far, ==, 0.35);

  /* Let go, the row no longer follows. */
  fugue_slider_row_bind (self, NULL);
  n_notify = 0;
  g_object_set (numbers, "far", 0.9, NULL);
  g_assert_cmpfloat (gtk_range_get_value (range), ==, 35);
  g_assert_finalize_object (row);
}

static void
assert_typed (FugueSliderRow *self, const char *typed, const char *shown)
{
  GtkWidget *entry = fugue_slider_row_get_entry (self);

  gtk_editable_set_text (GTK_EDITABLE (entry), typed);
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, shown);
}

static void
test_typing (void)
{
  g_autoptr (TestNumbers) numbers = g_object_new (TEST_TYPE_NUMBERS, NULL);
  GtkWidget              *row = g_object_ref_sink (fugue_slider_row_new (&amount_spec));
  FugueSliderRow         *self = FUGUE_SLIDER_ROW (row);

  fugue_slider_row_bind (self, G_OBJECT (numbers));
  assert_typed (self, "0.25", "0.25");
  assert_typed (self, " 0,5 ", "0.50");
  assert_typed (self, "−0.125", "-0.12");
  g_assert_cmpfloat (numbers->amount, ==, -0.125);
  assert_typed (self, "7", "1.00");
  assert_typed (self, "-0.001", "0.00");

  /* Nonsense is shown as such, and changes nothing. */
  g_object_set (numbers, "amount", 0.3, NULL);
  assert_typed (self, "many", "many");
  g_assert_cmpfloat (numbers->amount, ==, 0.3);
  g_assert_true (gtk_widget_has_css_class (fugue_slider_row_get_entry (self), "error"));
  assert_typed (self, "nan", "nan");
  g_assert_cmpfloat (numbers->amount, ==, 0.3);
  assert_typed (self, "0.4", "0.40");
  g_assert_false (gtk_widget_has_css_class (fugue_slider_row_get_entry (self), "error"));

  /* A narrower range holds what is typed. */
  fugue_slider_row_set_range (self, -0.5, 0.5);
  assert_typed (self, "0.8", "0.50");
  g_assert_finalize_object (row);
}

static void
test_logarithmic (void)
{
  g_autoptr (TestNumbers) numbers = g_object_new (TEST_TYPE_NUMBERS, NULL);
  GtkWidget              *row = g_object_ref_sink (fugue_slider_row_new (&tolerance_spec));
  FugueSliderRow         *self = FUGUE_SLIDER_ROW (row);
  GtkRange               *range = GTK_RANGE (fugue_slider_row_get_scale (self));

  fugue_slider_row_bind (self, G_OBJECT (numbers));
  g_assert_cmpfloat_with_epsilon (gtk_range_get_value (range), -4, 1e-9);
  gtk_range_set_value (range, -3);
  g_assert_cmpfloat_with_epsilon (numbers->tolerance, 1e-3, 1e-12);
  /* One decade and a half: two digits are kept. */
  gtk_range_set_value (range, -4.5);
  g_assert_cmpfloat_with_epsilon (numbers->tolerance, 3.2e-5, 1e-12);
  assert_typed (self, "2e-5", "2e-05");
  g_assert_cmpfloat_with_epsilon (numbers->tolerance, 2e-5, 1e-12);
  g_assert_finalize_object (row);
}

static void
test_keys (void)
{
  g_autoptr (TestNumbers) numbers = g_object_new (TEST_TYPE_NUMBERS, NULL);
  GtkWidget              *row = fugue_slider_row_new (&steps_spec);
  GtkWindow              *window = test_window_new (row);

  fugue_slider_row_bind (FUGUE_SLIDER_ROW (row), G_OBJECT (numbers));
  gtk_widget_grab_focus (row);
  g_assert_true (gtk_window_get_focus (window) == fugue_slider_row_get_scale (FUGUE_SLIDER_ROW (row)));

  test_key (window, "Right");
  test_wait_for (numbers->steps == 26);
  test_key (window, "Left");
  test_wait_for (numbers->steps == 25);
  test_key (window, "Page_Down");
  test_wait_for (numbers->steps == 15 || numbers->steps == 35);
  test_key (window, "Page_Up");
  test_wait_for (numbers->steps == 25);
  test_key (window, "End");
  test_wait_for (numbers->steps == 250);
  test_key (window, "Home");
  test_wait_for (numbers->steps == 4);
  test_key (window, "BackSpace");
  test_wait_for (numbers->steps == 25);
  gtk_window_destroy (window);
}

static void
test_accessible (void)
{
  g_autoptr (TestNumbers) numbers = g_object_new (TEST_TYPE_NUMBERS, NULL);
  GtkWidget              *row = g_object_ref_sink (fugue_slider_row_new (&far_spec));
  GtkWidget              *scale = fugue_slider_row_get_scale (FUGUE_SLIDER_ROW (row));

  fugue_slider_row_bind (FUGUE_SLIDER_ROW (row), G_OBJECT (numbers));
  gtk_test_accessible_assert_role (row, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_role (scale, GTK_ACCESSIBLE_ROLE_SLIDER);
  test_accessible_text (scale, GTK_ACCESSIBLE_PROPERTY_LABEL, "How far");
  test_accessible_text (scale, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "50 %");
  test_accessible_text (scale, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                        "How far to go.\nFrom 0 to 100 %; usually 35.");
  test_accessible_text (fugue_slider_row_get_entry (FUGUE_SLIDER_ROW (row)), GTK_ACCESSIBLE_PROPERTY_LABEL, "How far");
  g_assert_finalize_object (row);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/slider-row/follows-property", test_follows_property);
  g_test_add_func ("/ui/slider-row/typing", test_typing);
  g_test_add_func ("/ui/slider-row/logarithmic", test_logarithmic);
  g_test_add_func ("/ui/slider-row/keys", test_keys);
  g_test_add_func ("/ui/slider-row/accessible", test_accessible);
  return g_test_run ();
}
