/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One enumeration of an object, as a row: its name and a list to choose from.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_CHOICE_ROW (fugue_choice_row_get_type ())

G_DECLARE_FINAL_TYPE (FugueChoiceRow, fugue_choice_row, FUGUE, CHOICE_ROW, GtkWidget)

/**
 * FugueChoiceSpec:
 * @property: of the object; an enumeration whose values are 0, 1, 2 …
 * @title: untranslated
 * @help: one sentence, untranslated
 * @names: (array zero-terminated=1): of the values in their order, untranslated
 */
typedef struct
{
  const char        *property;
  const char        *title;
  const char        *help;
  const char *const *names;
} FugueChoiceSpec;

/**
 * fugue_choice_row_new:
 * @spec: (transfer none): kept; static data as a rule
 * @object: (transfer none): has the property; referenced
 */
GtkWidget *fugue_choice_row_new       (const FugueChoiceSpec *spec,
                                       GObject               *object);

/* The list, for tests. */
GtkWidget *fugue_choice_row_get_list  (FugueChoiceRow        *self);

G_END_DECLS
