/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The enumerations of the application; their GTypes come from glib-mkenums (fugue-enum-types.h). Numbers are stored in session
 * files and settings: add at the end, never renumber. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * FugueMode:
 *
 * Numbered as in the GSettings schema; the nick ("vary" …) is the verb of the pictures made in it.
 */
typedef enum
{
  FUGUE_MODE_VARY,
  FUGUE_MODE_DIFF,
  FUGUE_MODE_MIX,
  FUGUE_MODE_INVERT,
} FugueMode;

#define FUGUE_N_MODES 4

/**
 * FugueSlot:
 * @FUGUE_SLOT_TRAY: kept at hand, but in none of the four places
 * @FUGUE_SLOT_NONE: taken out by a person; not in the list, but there for undo and for recipes that name it
 */
typedef enum
{
  FUGUE_SLOT_A,
  FUGUE_SLOT_B,
  FUGUE_SLOT_C,
  FUGUE_SLOT_D,
  FUGUE_SLOT_TRAY,
  FUGUE_SLOT_NONE,
} FugueSlot;

#define FUGUE_N_SLOTS 4

typedef enum
{
  FUGUE_PICTURE_WAITING,
  FUGUE_PICTURE_RUNNING,
  FUGUE_PICTURE_FINISHED,
  FUGUE_PICTURE_FAILED,
  FUGUE_PICTURE_CANCELLED,
} FuguePictureState;

typedef enum
{
  FUGUE_MARK_NONE,
  FUGUE_MARK_KEEP,
  FUGUE_MARK_REJECT,
} FugueMark;

/**
 * FugueJobState:
 * @FUGUE_JOB_LEFT_OVER: waited or ran when the program ended; waits for a person's word
 */
typedef enum
{
  FUGUE_JOB_WAITING,
  FUGUE_JOB_RUNNING,
  FUGUE_JOB_FINISHED,
  FUGUE_JOB_FAILED,
  FUGUE_JOB_CANCELLED,
  FUGUE_JOB_LEFT_OVER,
} FugueJobState;

/**
 * FugueQuality:
 * @FUGUE_QUALITY_CUSTOM: the step counts were set one by one
 */
typedef enum
{
  FUGUE_QUALITY_DRAFT,
  FUGUE_QUALITY_NORMAL,
  FUGUE_QUALITY_FINE,
  FUGUE_QUALITY_CUSTOM,
} FugueQuality;

typedef enum
{
  FUGUE_KEEP_NOISE_SEED,
  FUGUE_KEEP_NOISE_INVERTED,
} FugueKeepNoise;

typedef enum
{
  FUGUE_BLEND_SPHERICAL,
  FUGUE_BLEND_STRAIGHT,
} FugueBlend;

/**
 * FugueContactSheet:
 *
 * Pictures across the pad's contact sheet.
 */
typedef enum
{
  FUGUE_CONTACT_SHEET_OFF,
  FUGUE_CONTACT_SHEET_3,
  FUGUE_CONTACT_SHEET_5,
  FUGUE_CONTACT_SHEET_7,
} FugueContactSheet;

/**
 * FugueMixNoise:
 * @FUGUE_MIX_NOISE_A: the inverted noise of source A
 * @FUGUE_MIX_NOISE_BLEND: the inverted noises of all sources, blended by the weights
 */
typedef enum
{
  FUGUE_MIX_NOISE_SEED,
  FUGUE_MIX_NOISE_A,
  FUGUE_MIX_NOISE_BLEND,
} FugueMixNoise;

typedef enum
{
  FUGUE_METHOD_DDIM,
  FUGUE_METHOD_FIXED_POINT,
  FUGUE_METHOD_EXACT,
} FugueMethod;

/**
 * FugueSampler:
 * @FUGUE_SAMPLER_AUTO: ancestral where chance is 1, else DDIM; what the inversion method asks for with an inverted noise
 */
typedef enum
{
  FUGUE_SAMPLER_AUTO,
  FUGUE_SAMPLER_ANCESTRAL,
  FUGUE_SAMPLER_DDIM,
  FUGUE_SAMPLER_DPM_SOLVER,
} FugueSampler;

/**
 * FugueExportRecipe:
 *
 * What an exported picture says of how it was made; numbered as in the GSettings schema.
 * @FUGUE_EXPORT_RECIPE_FULL: all notes
 * @FUGUE_EXPORT_RECIPE_INTEROPERABLE: what other programs read, without Fugue's own note
 * @FUGUE_EXPORT_RECIPE_NONE: nothing
 */
typedef enum
{
  FUGUE_EXPORT_RECIPE_FULL,
  FUGUE_EXPORT_RECIPE_INTEROPERABLE,
  FUGUE_EXPORT_RECIPE_NONE,
} FugueExportRecipe;

typedef enum
{
  FUGUE_FILTER_ALL,
  FUGUE_FILTER_KEPT,
  FUGUE_FILTER_UNMARKED,
  FUGUE_FILTER_REJECTED,
} FugueFilter;

typedef enum
{
  FUGUE_SORT_TIME,
  FUGUE_SORT_SEED,
  FUGUE_SORT_RATING,
} FugueSort;

/**
 * fugue_enum_get_nick:
 * @type: of an enumeration
 *
 * Returns: (transfer none): such as "vary" for %FUGUE_MODE_VARY; "" for a number that is none of its values
 */
const char *fugue_enum_get_nick   (GType       type,
                                   int         value);

/**
 * fugue_enum_from_nick:
 * @fallback: for a nick that is none, or %NULL
 */
int         fugue_enum_from_nick  (GType       type,
                                   const char *nick,
                                   int         fallback);

G_END_DECLS
