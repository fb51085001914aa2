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

gboolean
fugue_settings_add_model_folder (GSettings *settings, const char *path)
{
  g_auto (GStrv)           old = g_settings_get_strv (settings, "model-folders");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv)           folders = NULL;

  if (g_strv_contains ((const char *const *) old, path))
    return FALSE;
  g_strv_builder_addv (builder, (const char **) old);
  g_strv_builder_add (builder, path);
  folders = g_strv_builder_end (builder);
  g_settings_set_strv (settings, "model-folders", (const char *const *) folders);
  return TRUE;
}
