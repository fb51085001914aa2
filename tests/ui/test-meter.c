/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The meter's grades, in words and in colour, on both sides of each limit. */

#include "config.h"

#include "fugue-meter.h"
#include "test-widgets.h"

#include <math.h>

static void
assert_grade (double psnr_db, const char *css_class, const char *words)
{
  GtkWidget *meter = g_object_ref_sink (fugue_meter_new ());

  fugue_meter_set_values (FUGUE_METER (meter), psnr_db, 3, 0.84);
  g_assert_cmpstr (fugue_meter_get_words (FUGUE_METER (meter)), ==, words);
  g_assert_cmpint (gtk_widget_has_css_class (meter, "meter-good"), ==, g_str_equal (css_class, "meter-good"));
  g_assert_cmpint (gtk_widget_has_css_class (meter, "meter-fair"), ==, g_str_equal (css_class, "meter-fair"));
  g_assert_cmpint (gtk_widget_has_css_class (meter, "meter-poor"), ==, g_str_equal (css_class, "meter-poor"));
  g_assert_finalize_object (meter);
}

static void
test_grades (void)
{
  assert_grade (INFINITY, "meter-good",
                "Held: hardly to be told from the source; every pixel is equal · at most 3 of 255 off · 0.8° apart in CLIP");
  assert_grade (40, "meter-good",
                "Held: hardly to be told from the source; 40.0 dB PSNR · at most 3 of 255 off · 0.8° apart in CLIP");
  assert_grade (39.9, "meter-fair", "Close: small differences; 39.9 dB PSNR · at most 3 of 255 off · 0.8° apart in CLIP");
  assert_grade (30, "meter-fair", "Close: small differences; 30.0 dB PSNR · at most 3 of 255 off · 0.8° apart in CLIP");
  assert_grade (29.9, "meter-poor",
                "Different: the picture is not held; 29.9 dB PSNR · at most 3 of 255 off · 0.8° apart in CLIP");
}

static void
test_unknown (void)
{
  GtkWidget *meter = g_object_ref_sink (fugue_meter_new ());

  g_assert_cmpstr (fugue_meter_get_words (FUGUE_METER (meter)), ==, "Not measured yet");
  fugue_meter_set_values (FUGUE_METER (meter), 35, NAN, NAN);
  g_assert_cmpstr (fugue_meter_get_words (FUGUE_METER (meter)), ==, "Close: small differences; 35.0 dB PSNR");
  fugue_meter_set_values (FUGUE_METER (meter), NAN, NAN, NAN);
  g_assert_cmpstr (fugue_meter_get_words (FUGUE_METER (meter)), ==, "Not measured yet");
  g_assert_false (gtk_widget_has_css_class (meter, "meter-fair"));
  g_assert_finalize_object (meter);
}

static void
test_accessible (void)
{
  GtkWidget *meter = g_object_ref_sink (fugue_meter_new ());
  GtkWidget *bar = gtk_widget_get_next_sibling (gtk_widget_get_first_child (meter));

  fugue_meter_set_values (FUGUE_METER (meter), 35, NAN, NAN);
  gtk_test_accessible_assert_role (bar, GTK_ACCESSIBLE_ROLE_METER);
  test_accessible_text (bar, GTK_ACCESSIBLE_PROPERTY_LABEL, "Likeness to the source");
  test_accessible_text (bar, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "Close: small differences; 35.0 dB PSNR");
  g_assert_finalize_object (meter);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/meter/grades", test_grades);
  g_test_add_func ("/ui/meter/unknown", test_unknown);
  g_test_add_func ("/ui/meter/accessible", test_accessible);
  return g_test_run ();
}
