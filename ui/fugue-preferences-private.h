/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the pages of the preferences share. */

#pragma once

#include "fugue-engine-pool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct
{
  GtkWindow       *window;              /* borrowed */
  GtkStack        *pages;               /* borrowed */
  GSettings       *settings;            /* owned */
  FugueEnginePool *pool;                /* owned */
  GCancellable    *cancellable;         /* owned; cancelled when the window goes */
} FuguePreferences;

/* A page is a box; rows are appended to it. */
GtkWidget *fugue_preferences_page_new    (void);

/* A line with a name, a widget at the end and maybe a sentence below; the widget is labelled by the name. */
void       fugue_preferences_add_row     (GtkWidget        *page,
                                          const char       *title,
                                          const char       *subtitle,
                                          GtkWidget        *widget);
void       fugue_preferences_add_heading (GtkWidget        *page,
                                          const char       *title);
GtkWidget *fugue_preferences_add_text    (GtkWidget        *page,
                                          const char       *text);
void       fugue_preferences_add_switch  (FuguePreferences *self,
                                          GtkWidget        *page,
                                          const char       *key,
                                          const char       *title,
                                          const char       *subtitle);

/* A list of the values of an enumeration in the schema. */
typedef struct
{
  const char *nick;
  const char *name;                     /* untranslated */
} FuguePreferencesChoice;

void       fugue_preferences_add_choice  (FuguePreferences             *self,
                                          GtkWidget                    *page,
                                          const char                   *key,
                                          const char                   *title,
                                          const char                   *subtitle,
                                          const FuguePreferencesChoice *choices,
                                          guint                         n_choices);

/* Pages of files of their own. */
GtkWidget *fugue_preferences_models_new    (FuguePreferences *self);
GtkWidget *fugue_preferences_computing_new (FuguePreferences *self);

/* Scrolls by itself, unlike the others. */
GtkWidget *fugue_preferences_keyboard_new  (FuguePreferences *self);

G_END_DECLS
