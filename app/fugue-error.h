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
 */
typedef enum
{
  FUGUE_ERROR_ENGINE,
  FUGUE_ERROR_SOURCE,
} FugueError;

#define FUGUE_ERROR (fugue_error_quark ())

GQuark fugue_error_quark (void);

G_END_DECLS
