/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-settings.h"

static GSettings *
new_from_build (void)
{
  g_autoptr (GSettingsSchemaSource) source = g_settings_schema_source_new_from_directory (
    FUGUE_BUILD_SCHEMADIR, g_settings_schema_source_get_default (), FALSE, NULL);
  g_autoptr (GSettingsSchema) schema = source != NULL ? g_settings_schema_source_lookup (source, FUGUE_SETTINGS_ID, FALSE) : NULL;

  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

GSettings *
fugue_settings_get_default (void)
{
  static GSettings *settings;

  if (settings != NULL)
    return settings;
  /* The build folder's first: a program that runs from there must not meet an older schema of an installed one. */
  settings = new_from_build ();
  if (settings == NULL)
    settings = g_settings_new (FUGUE_SETTINGS_ID);
  return settings;
}
