/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Short messages that slide in over a widget and leave by themselves, one at a time. They stay while the pointer is on them or
 * the focus is in them.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_TOASTS (fugue_toasts_get_type ())
G_DECLARE_FINAL_TYPE (FugueToasts, fugue_toasts, FUGUE, TOASTS, GtkWidget)

/**
 * FugueToastButton:
 * @label: translated
 * @action: detailed name, such as "win.undo" or "win.show-in-files('file:///…')"; seen from where the toasts are
 */
typedef struct
{
  const char *label;
  const char *action;
} FugueToastButton;

GtkWidget *fugue_toasts_new       (void);

/**
 * fugue_toasts_set_child:
 * @child: (transfer none): what toasts slide over
 */
void       fugue_toasts_set_child (FugueToasts            *self,
                                   GtkWidget              *child);

/**
 * fugue_toasts_add:
 * @message: plain text, translated
 * @buttons: (array length=n_buttons) (nullable): things to do about it
 * @n_buttons: three at the most
 *
 * Shows a message after those that wait already. One with the same text as the one that is shown takes its place, and so
 * does one without buttons if the one that is shown has none either.
 */
void       fugue_toasts_add       (FugueToasts            *self,
                                   const char             *message,
                                   const FugueToastButton *buttons,
                                   guint                   n_buttons);

/**
 * fugue_toasts_dismiss:
 *
 * Takes away the message that is shown.
 *
 * Returns: %FALSE if there is none
 */
gboolean   fugue_toasts_dismiss   (FugueToasts            *self);

/**
 * fugue_toasts_get_message:
 *
 * Returns: (transfer none) (nullable): the message that is shown
 */
const char *fugue_toasts_get_message (FugueToasts         *self);

G_END_DECLS
