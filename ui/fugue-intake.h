/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The way in: pictures and recipes that are opened, dropped or pasted, of every kind, become sources of the session.
 *
 * Files are read elsewhere; what is slow never waits here. What came, and what went wrong, is told by signals.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-export.h"
#include "fugue-session.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_INTAKE (fugue_intake_get_type ())

/* Properties, read-only and notified: "hovered" (FugueSlot): who takes what is being dragged over a drop target; NONE: nothing is.
 * "hover-use" (FugueIntakeUse, as an int): what for, by the keys that are held.
 *
 * Signals:
 *
 *     arrived (FugueSource *source, gboolean is_first)                         is_first: the first one of those that came together
 *     recipe (FugueImport *import, FugueSource *source, FugueIntakeUse use)    something with a recipe; source is %NULL for a recipe alone
 *     folder (GFile *folder)                                                   a folder: nothing of it was read yet
 *     failed (const char *message)                                             a sentence that names the file
 */
G_DECLARE_FINAL_TYPE (FugueIntake, fugue_intake, FUGUE, INTAKE, GObject)

/**
 * FugueIntakeUse:
 * @FUGUE_INTAKE_ASK: as a source; settings are offered
 * @FUGUE_INTAKE_SETTINGS: for its settings alone (Ctrl while dropping)
 * @FUGUE_INTAKE_BOTH: as a source and for its settings (Shift)
 *
 * What to do with a picture that has a recipe.
 */
typedef enum
{
  FUGUE_INTAKE_ASK,
  FUGUE_INTAKE_SETTINGS,
  FUGUE_INTAKE_BOTH,
} FugueIntakeUse;

/* A slot for fugue_intake_take_…(): the first one that is empty, else the tray. */
#define FUGUE_SLOT_FREE ((FugueSlot) 100)

FugueIntake   *fugue_intake_new           (FugueSession   *session);

/**
 * fugue_intake_take_files:
 * @files: (element-type GFile)
 * @slot: of the first; the others take the empty slots after it, then the tray
 */
void           fugue_intake_take_files    (FugueIntake    *self,
                                           GListModel     *files,
                                           FugueSlot       slot,
                                           FugueIntakeUse  use);

/**
 * fugue_intake_take_value:
 * @value: what a drop gave: a file list, a texture, a picture of the gallery, a source, or text (URIs or paths)
 *
 * Returns: %FALSE if it is none of these
 */
gboolean       fugue_intake_take_value    (FugueIntake    *self,
                                           const GValue   *value,
                                           FugueSlot       slot,
                                           FugueIntakeUse  use);

/**
 * fugue_intake_paste:
 *
 * Takes what is on a clipboard: picture, files, or the text of a recipe.
 */
void           fugue_intake_paste         (FugueIntake    *self,
                                           GdkClipboard   *clipboard);

/**
 * fugue_intake_dup_hint:
 *
 * What letting go would do now, as a sentence.
 *
 * Returns: (transfer full) (nullable): %NULL while nothing is dragged over a drop target
 */
char          *fugue_intake_dup_hint      (FugueIntake    *self);

/**
 * fugue_intake_add_drop_target:
 * @widget: takes everything that fugue_intake_take_value() does
 * @slot: where it goes
 */
void           fugue_intake_add_drop_target (FugueIntake  *self,
                                             GtkWidget    *widget,
                                             FugueSlot     slot);

G_END_DECLS
