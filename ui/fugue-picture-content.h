/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures of the gallery on the clipboard and on drags: as themselves within the program, as a PNG with its recipe, as files.
 * What others take is made when they ask for it.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-session.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_PICTURE_CONTENT (fugue_picture_content_get_type ())
G_DECLARE_FINAL_TYPE (FuguePictureContent, fugue_picture_content, FUGUE, PICTURE_CONTENT, GdkContentProvider)

/**
 * fugue_picture_content_new:
 * @pictures: (element-type FuguePicture): finished ones, at least one
 *
 * Within the program it gives a value of %FUGUE_TYPE_PICTURE (the first one). Files lie in a folder of the run-time
 * directory, which the desktop clears at the end of the session.
 *
 * Returns: (transfer full)
 */
GdkContentProvider *fugue_picture_content_new (FugueSession *session,
                                               GPtrArray    *pictures);

G_END_DECLS
