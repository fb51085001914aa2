/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A source as a small square: the picture, what the model does not see of it darker; or a dashed outline with a letter in it.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-source.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_THUMB (fugue_thumb_get_type ())
G_DECLARE_FINAL_TYPE (FugueThumb, fugue_thumb, FUGUE, THUMB, GtkWidget)

/**
 * fugue_thumb_new:
 * @size: pixels a side
 * @letter: (nullable): for the empty place
 */
GtkWidget *fugue_thumb_new        (int          size,
                                   const char  *letter);
void       fugue_thumb_set_source (FugueThumb  *self,
                                   FugueSource *source);

G_END_DECLS
