/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The application's error domain, for what goes wrong outside engines. What an engine reports keeps its UNCLIP_ERROR.
 *
 * Messages are one sentence that names the thing (file, launcher) and, where there is one, the way out.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FugueError:
 * @FUGUE_ERROR_ENGINE: an engine could not be started, died, hung, or does not speak Fugue's protocol
 * @FUGUE_ERROR_SOURCE: a source picture that is needed is not there
 * @FUGUE_ERROR_MODEL: no model is loaded, or it lacks what is asked for
 * @FUGUE_ERROR_CAPTION: a caption that is needed is empty
 * @FUGUE_ERROR_SESSION_IN_USE: another window has the session file
 * @FUGUE_ERROR_SESSION_NEWER: a newer version wrote the session file
 * @FUGUE_ERROR_SESSION_FOREIGN: the file is no session file
 * @FUGUE_ERROR_DISK_FULL: the session file cannot grow
 * @FUGUE_ERROR_READ_ONLY: the session file cannot be written
 * @FUGUE_ERROR_BUSY: another program holds the session file
 * @FUGUE_ERROR_STORE: the session file cannot be read or written for another reason
 */
typedef enum
{
  FUGUE_ERROR_ENGINE,
  FUGUE_ERROR_SOURCE,
  FUGUE_ERROR_MODEL,
  FUGUE_ERROR_CAPTION,
  FUGUE_ERROR_SESSION_IN_USE,
  FUGUE_ERROR_SESSION_NEWER,
  FUGUE_ERROR_SESSION_FOREIGN,
  FUGUE_ERROR_DISK_FULL,
  FUGUE_ERROR_READ_ONLY,
  FUGUE_ERROR_BUSY,
  FUGUE_ERROR_STORE,
} FugueError;

#define FUGUE_ERROR (fugue_error_quark ())

GQuark fugue_error_quark (void);

G_END_DECLS
