/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The style sheets, and which of the light and the dark one is on: the desktop's wish, read from its portal and followed
 * as it changes, unless the settings say otherwise.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  FUGUE_STYLE_SYSTEM,
  FUGUE_STYLE_LIGHT,
  FUGUE_STYLE_DARK,
} FugueStyleScheme;

#define FUGUE_TYPE_STYLE (fugue_style_get_type ())
G_DECLARE_FINAL_TYPE (FugueStyle, fugue_style, FUGUE, STYLE, GObject)

/**
 * fugue_style_new:
 * @display: (transfer none): its windows get the style
 *
 * Follows the desktop until told otherwise. Where there is no portal, the light style is on.
 */
FugueStyle *fugue_style_new        (GdkDisplay       *display);

/**
 * fugue_style_set_scheme:
 * @scheme: overrides the desktop's wish, or %FUGUE_STYLE_SYSTEM
 */
void        fugue_style_set_scheme (FugueStyle       *self,
                                    FugueStyleScheme  scheme);

gboolean    fugue_style_is_dark    (FugueStyle       *self);

G_END_DECLS
