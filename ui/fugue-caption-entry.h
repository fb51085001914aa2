/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A caption: its name, what was typed, and how many tokens the model makes of it. What is beyond the model's limit is
 * underlined in the entry and said in words, never cut in silence.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-engine-pool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_CAPTION_ENTRY (fugue_caption_entry_get_type ())

/* Property "text" (string), notified. */
G_DECLARE_FINAL_TYPE (FugueCaptionEntry, fugue_caption_entry, FUGUE, CAPTION_ENTRY, GtkWidget)

/**
 * fugue_caption_entry_new:
 * @title: translated
 * @help: one sentence, translated; also shown in the empty entry
 */
GtkWidget  *fugue_caption_entry_new        (const char        *title,
                                            const char        *help);

/**
 * fugue_caption_entry_set_pool:
 * @pool: (transfer none) (nullable): whose main engine counts; without one nothing is said about tokens
 */
void        fugue_caption_entry_set_pool   (FugueCaptionEntry *self,
                                            FugueEnginePool   *pool);

/**
 * fugue_caption_entry_set_count:
 * @n_tokens: that the model makes of the text; 0: not known
 * @limit: that it reads
 * @kept_bytes: of the text that it reads
 *
 * What the engine answered.
 */
void        fugue_caption_entry_set_count  (FugueCaptionEntry *self,
                                            guint              n_tokens,
                                            guint              limit,
                                            guint              kept_bytes);

const char *fugue_caption_entry_get_text   (FugueCaptionEntry *self);

/* For tests. */
GtkWidget  *fugue_caption_entry_get_entry  (FugueCaptionEntry *self);
const char *fugue_caption_entry_get_note   (FugueCaptionEntry *self);

G_END_DECLS
