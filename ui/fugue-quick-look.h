/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One picture as large as the window, as long as a key is held. It takes neither the pointer nor the focus.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-picture.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_QUICK_LOOK (fugue_quick_look_get_type ())
G_DECLARE_FINAL_TYPE (FugueQuickLook, fugue_quick_look, FUGUE, QUICK_LOOK, GtkWidget)

/**
 * fugue_quick_look_new:
 *
 * Returns: (transfer floating): hidden, to be laid over the rest
 */
GtkWidget    *fugue_quick_look_new         (void);

/**
 * fugue_quick_look_set_picture:
 * @picture: (nullable): shown, and followed while it comes; %NULL hides
 */
void          fugue_quick_look_set_picture (FugueQuickLook *self,
                                            FuguePicture   *picture);
FuguePicture *fugue_quick_look_get_picture (FugueQuickLook *self);

G_END_DECLS
