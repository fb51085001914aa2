/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of the application share: a folder of their own, waiting for the main loop, small pictures and recipes. */

#pragma once

#include "fugue-session-private.h"

G_BEGIN_DECLS

#define APP_MODEL_SHA256 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

/**
 * app_dup_folder:
 *
 * Returns: (transfer full): a new folder; remove with app_remove_folder()
 */
char         *app_dup_folder      (void);
void          app_remove_folder   (char         *folder);

/**
 * app_wait_until:
 *
 * Runs the main loop until @condition holds; fails the test after two minutes.
 */
void          app_wait_until      (gboolean    (*condition) (gpointer data),
                                   gpointer      data);

/* Runs what is ready in the main loop. */
void          app_run_ready       (void);

/**
 * app_new_image: a picture whose pixels depend on @seed
 */
UnclipImage  *app_new_image       (guint         width,
                                   guint         height,
                                   guint         seed);
UnclipRecipe *app_new_recipe      (const char   *source,
                                   guint64       seed,
                                   guint         number);

/**
 * app_add_picture:
 *
 * Returns: (transfer none): a waiting picture of the session
 */
FuguePicture *app_add_picture     (FugueSession *session,
                                   gint64        job,
                                   guint         number);

/**
 * app_open: opens a session, which must work
 */
FugueSession *app_open            (const char   *path);

/**
 * app_close:
 * @session: (transfer full)
 *
 * Closes it, which must work, and sees to it that nobody else holds it.
 */
void          app_close           (FugueSession *session);

G_END_DECLS
