/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a picture was made: its recipe line by line and raw, what it was made on, how long that took. Each line can be copied.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-session.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_DETAILS (fugue_details_get_type ())
G_DECLARE_FINAL_TYPE (FugueDetails, fugue_details, FUGUE, DETAILS, GtkWidget)

GtkWidget *fugue_details_new         (FugueSession *session);

/**
 * fugue_details_set_picture:
 * @picture: (nullable): followed from now on
 */
void       fugue_details_set_picture (FugueDetails *self,
                                      FuguePicture *picture);

/**
 * fugue_recipe_dup_embedding_text: fugue_recipe_dup_noise_text:
 * @session: (nullable): gives names to sources
 *
 * Returns: (transfer full): the expression in words
 */
char      *fugue_recipe_dup_embedding_text (UnclipRecipe *recipe,
                                            FugueSession *session);
char      *fugue_recipe_dup_noise_text     (UnclipRecipe *recipe,
                                            FugueSession *session);

G_END_DECLS
