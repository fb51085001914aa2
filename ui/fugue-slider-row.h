/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One number of an object, as a row: its name, a slider with a mark at the default, the value to type, a "?" that says in
 * one sentence what it does.
 *
 *     ┌──────────────────────────────┐
 *     │ Looseness           [ 120] ? │
 *     │ ─────●────────────────────── │
 *     └──────────────────────────────┘
 *
 * Range and default are the property's own, from its GParamSpec, so that no number stands in two places. On the slider:
 * arrows move by the small step, Page Up and Page Down by the large one, Home and End go to the ends, Backspace and
 * Ctrl+click to the default. The row keeps to its object until it is bound to another or disposed of.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_SLIDER_ROW (fugue_slider_row_get_type ())

G_DECLARE_FINAL_TYPE (FugueSliderRow, fugue_slider_row, FUGUE, SLIDER_ROW, GtkWidget)

/**
 * FugueSliderSpec:
 * @property: of the object; a number (int, uint, int64, uint64, float or double)
 * @title: untranslated, may have a mnemonic
 * @unit: (nullable): untranslated, such as "%"; stands behind the number
 * @help: one sentence, untranslated; the range is added to it
 * @factor: shown value = property × @factor; 0 for 1
 * @step: small step, as shown
 * @page: large step, as shown
 * @n_digits: decimals shown
 * @bipolar: the bar starts at the middle, not at the lower end
 * @logarithmic: the slider moves by equal ratios, for ranges such as 1e-6 … 1e-2; @step and @page are then in decades
 */
typedef struct
{
  const char *property;
  const char *title;
  const char *unit;
  const char *help;
  double      factor;
  double      step;
  double      page;
  guint       n_digits;
  gboolean    bipolar;
  gboolean    logarithmic;
} FugueSliderSpec;

/**
 * fugue_slider_row_new:
 * @spec: (transfer none): kept; static data as a rule
 *
 * Returns: (transfer floating): a row, insensitive until it is bound
 */
GtkWidget  *fugue_slider_row_new            (const FugueSliderSpec *spec);

/**
 * fugue_slider_row_bind:
 * @object: (transfer none) (nullable): has the property that the spec names; %NULL to let go
 */
void        fugue_slider_row_bind           (FugueSliderRow        *self,
                                             GObject               *object);

/**
 * fugue_slider_row_set_range:
 * @minimum: @maximum: in the property's unit, within the property's own range
 *
 * Narrows the slider, as Amount without overdrive does; typed values are held to it too. A value outside is left as it is.
 */
void        fugue_slider_row_set_range      (FugueSliderRow        *self,
                                             double                 minimum,
                                             double                 maximum);

/**
 * fugue_slider_row_set_default:
 * @default_value: in the property's unit
 *
 * Where the mark is and Backspace leads, when that is not what the GParamSpec says: some defaults are the model's.
 */
void        fugue_slider_row_set_default    (FugueSliderRow        *self,
                                             double                 default_value);

/**
 * fugue_slider_row_set_other_unit:
 * @factor: what 1 of the property is in another unit; 0 for none
 * @unit: untranslated, static; stands right behind its number
 *
 * For numbers without a unit of their own: says them in another one too, beside the entry and to screen readers.
 */
void        fugue_slider_row_set_other_unit (FugueSliderRow        *self,
                                             double                 factor,
                                             const char            *unit);

/**
 * fugue_slider_row_reset:
 *
 * Sets the property to its default.
 */
void        fugue_slider_row_reset          (FugueSliderRow        *self);

/**
 * fugue_slider_row_dup_value_text:
 *
 * Returns: (transfer full): the value with its unit, as a screen reader says it
 */
char       *fugue_slider_row_dup_value_text (FugueSliderRow        *self);

/* The slider itself, which has the focus, and the entry; for tests and for LABELLED_BY relations. */
GtkWidget  *fugue_slider_row_get_scale      (FugueSliderRow        *self);
GtkWidget  *fugue_slider_row_get_entry      (FugueSliderRow        *self);

const FugueSliderSpec *fugue_slider_row_get_spec (FugueSliderRow   *self);

G_END_DECLS
