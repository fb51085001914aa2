/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finishes pictures in a session as fast as it can, and says the number of each that was announced; until it is killed.
 *
 *     app-crash SESSION
 */

#include "config.h"

#include "app-support.h"

#include <stdio.h>

static void
announced (FuguePicture *picture, gpointer user_data)
{
  if (fugue_picture_is_saved (picture))
    printf ("%" G_GINT64_FORMAT "\n", fugue_picture_get_id (picture));
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  g_autoptr (FugueSession) session = app_open (argv[1]);

  for (guint i = 0;; i++)
    {
      FuguePicture           *picture = app_add_picture (session, 1, i);
      g_autoptr (UnclipImage) image = app_new_image (64, 64, (guint) fugue_picture_get_id (picture));

      fugue_session_finish_picture (session, picture, image, NULL, announced, NULL);
      while (fugue_picture_get_state (picture) != FUGUE_PICTURE_FINISHED && i % 8 == 7)
        g_main_context_iteration (NULL, TRUE);
      app_run_ready ();
    }
}
