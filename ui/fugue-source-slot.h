/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One of the places A … D for sources: its picture with what the model sees of it, padlock, mute, weight, crop. Empty it
 * is a place to drop something.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-controls.h"
#include "fugue-intake.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_SOURCE_SLOT (fugue_source_slot_get_type ())

/* Signal "chosen" (FugueSource *source): clicked or Return; to be put on stage. */
G_DECLARE_FINAL_TYPE (FugueSourceSlot, fugue_source_slot, FUGUE, SOURCE_SLOT, GtkWidget)

GtkWidget   *fugue_source_slot_new          (FugueSession    *session,
                                             FugueControls   *controls,
                                             FugueIntake     *intake,
                                             FugueSlot        slot);
FugueSlot    fugue_source_slot_get_slot     (FugueSourceSlot *self);

/**
 * fugue_source_slot_get_source:
 *
 * Returns: (transfer none) (nullable)
 */
FugueSource *fugue_source_slot_get_source   (FugueSourceSlot *self);

/**
 * fugue_source_slot_refresh:
 *
 * Looks again who is in the slot.
 */
void         fugue_source_slot_refresh      (FugueSourceSlot *self);

/**
 * fugue_source_slot_show_weight:
 *
 * Shows the field of the weight, which counts in mixes only.
 */
void         fugue_source_slot_show_weight  (FugueSourceSlot *self,
                                             gboolean         shown);

/**
 * fugue_slot_get_letter:
 * @slot: A … D
 *
 * Returns: (transfer none): "A" …
 */
const char  *fugue_slot_get_letter          (FugueSlot        slot);

G_END_DECLS
