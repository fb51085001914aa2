/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Between the engine's pictures and GTK's textures.
 *
 * Thread: any, unless said otherwise.
 */

#pragma once

#include <gtk/gtk.h>

#include "unclip-image.h"

G_BEGIN_DECLS

/**
 * fugue_texture_new_from_image:
 * @image: kept alive by the texture, not copied
 *
 * Returns: (transfer full)
 */
GdkTexture  *fugue_texture_new_from_image (UnclipImage *image);

/**
 * fugue_image_new_from_texture:
 * @texture: of any format; a transparent one is laid on mid-grey, as pictures from files are
 *
 * Errors: %UNCLIP_ERROR_IMAGE_FORMAT if a side is longer than %UNCLIP_IMAGE_MAX_SIDE.
 *
 * Returns: (transfer full) (nullable): a picture, or %NULL with @error set
 */
UnclipImage *fugue_image_new_from_texture (GdkTexture  *texture,
                                           GError     **error);

G_END_DECLS
