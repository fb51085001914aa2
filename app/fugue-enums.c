/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-enums.h"

const char *
fugue_enum_get_nick (GType type, int value)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (type);
  const GEnumValue      *found = g_enum_get_value (enum_class, value);

  return found != NULL ? found->value_nick : "";
}

int
fugue_enum_from_nick (GType type, const char *nick, int fallback)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (type);
  const GEnumValue      *found = nick != NULL ? g_enum_get_value_by_nick (enum_class, nick) : NULL;

  return found != NULL ? found->value : fallback;
}
