/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The controls of a mode, one above the other: rows bound to the properties of a FugueControls. The four modes' panels are made
 * of tables, in fugue-panel-vary.c and its sisters; what all share stands in fugue-panel-common.c.
 *
 * Thread: main.
 */

#pragma once

#include "fugue-caption-entry.h"
#include "fugue-choice-row.h"
#include "fugue-controls.h"
#include "fugue-slider-row.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_PANEL (fugue_panel_get_type ())

G_DECLARE_FINAL_TYPE (FuguePanel, fugue_panel, FUGUE, PANEL, GtkWidget)

/**
 * fugue_panel_vary_new: fugue_panel_diff_new: fugue_panel_mix_new: fugue_panel_invert_new:
 * @controls: (transfer none): referenced
 */
GtkWidget         *fugue_panel_vary_new     (FugueControls         *controls);
GtkWidget         *fugue_panel_diff_new     (FugueControls         *controls);
GtkWidget         *fugue_panel_mix_new      (FugueControls         *controls);
GtkWidget         *fugue_panel_invert_new   (FugueControls         *controls);

/**
 * fugue_panel_set_pool:
 * @pool: (transfer none) (nullable): whose main engine counts the tokens of captions
 */
void               fugue_panel_set_pool     (FuguePanel            *self,
                                             FugueEnginePool       *pool);

/* Building: the rows come in the order of the calls. */

/**
 * fugue_panel_new:
 * @name: translated, for screen readers
 */
FuguePanel        *fugue_panel_new          (FugueControls         *controls,
                                             const char            *name);
FugueControls     *fugue_panel_get_controls (FuguePanel            *self);
FugueSliderRow    *fugue_panel_add_slider   (FuguePanel            *self,
                                             const FugueSliderSpec *spec);
GtkWidget         *fugue_panel_add_choice   (FuguePanel            *self,
                                             const FugueChoiceSpec *spec);

/**
 * fugue_panel_add_switch:
 * @property: a boolean
 * @title: @help: translated
 *
 * Returns: (transfer none): a check button
 */
GtkWidget         *fugue_panel_add_switch   (FuguePanel            *self,
                                             const char            *property,
                                             const char            *title,
                                             const char            *help);

/**
 * fugue_panel_add_caption:
 * @property: a string
 * @title: @help: translated
 */
FugueCaptionEntry *fugue_panel_add_caption  (FuguePanel            *self,
                                             const char            *property,
                                             const char            *title,
                                             const char            *help);

/**
 * fugue_panel_add_note:
 * @text: translated
 *
 * Returns: (transfer none): a label
 */
GtkWidget         *fugue_panel_add_note     (FuguePanel            *self,
                                             const char            *text);
void               fugue_panel_add_widget   (FuguePanel            *self,
                                             GtkWidget             *widget);

/**
 * fugue_panel_begin_more: fugue_panel_end_more:
 *
 * Rows between the two lie in an expander.
 */
void               fugue_panel_begin_more   (FuguePanel            *self,
                                             const char            *title);
void               fugue_panel_end_more     (FuguePanel            *self);

/**
 * FugueCommon:
 * @FUGUE_COMMON_BATCH: pictures, seed and quality: of modes that make batches
 * @FUGUE_COMMON_PREVIEW: previews alone
 */
typedef enum
{
  FUGUE_COMMON_BATCH,
  FUGUE_COMMON_PREVIEW,
} FugueCommon;

/**
 * fugue_panel_add_common:
 *
 * The rows that modes share, with the More expander at the end.
 */
void               fugue_panel_add_common   (FuguePanel            *self,
                                             FugueCommon            common);

/**
 * fugue_panel_watch:
 * @func: called now and whenever a value changes, until the panel is gone
 *
 * For rows that come and go with values.
 */
void               fugue_panel_watch        (FuguePanel            *self,
                                             void                 (*func) (FuguePanel *self,
                                                                           gpointer    data),
                                             gpointer               data);

G_END_DECLS
