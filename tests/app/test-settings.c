/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The schema's enumerations are ours, number by number, and what it takes for granted exists. */

#include "config.h"

#include "fugue-enums.h"
#include "fugue-enum-types.h"
#include "fugue-export.h"
#include "fugue-settings.h"

static void
check_enum (const char *key, GType type)
{
  GSettings             *settings = fugue_settings_get_default ();
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (type);

  for (guint i = 0; i < enum_class->n_values; i++)
    {
      g_autofree char *nick = NULL;

      g_assert_true (g_settings_set_enum (settings, key, enum_class->values[i].value));
      nick = g_settings_get_string (settings, key);
      g_assert_cmpstr (nick, ==, enum_class->values[i].value_nick);
    }
  g_settings_reset (settings, key);
}

static void
test_enums (void)
{
  check_enum ("mode", FUGUE_TYPE_MODE);
  check_enum ("export-recipe", FUGUE_TYPE_EXPORT_RECIPE);
}

static void
test_defaults (void)
{
  g_autofree char *pattern = g_settings_get_string (fugue_settings_get_default (), "export-pattern");

  g_assert_cmpstr (pattern, ==, FUGUE_EXPORT_PATTERN);
  g_assert_true (fugue_settings_get_default () == fugue_settings_get_default ());
}

static void
test_nicks (void)
{
  g_assert_cmpstr (fugue_enum_get_nick (FUGUE_TYPE_MODE, FUGUE_MODE_INVERT), ==, "invert");
  g_assert_cmpstr (fugue_enum_get_nick (FUGUE_TYPE_MODE, 99), ==, "");
  g_assert_cmpint (fugue_enum_from_nick (FUGUE_TYPE_MODE, "mix", -1), ==, FUGUE_MODE_MIX);
  g_assert_cmpint (fugue_enum_from_nick (FUGUE_TYPE_MODE, "paint", -1), ==, -1);
  g_assert_cmpint (fugue_enum_from_nick (FUGUE_TYPE_MODE, NULL, 2), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/app/settings/enums", test_enums);
  g_test_add_func ("/app/settings/defaults", test_defaults);
  g_test_add_func ("/app/settings/nicks", test_nicks);
  return g_test_run ();
}
