/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Errors on the wire: one D-Bus error name for each code of UnclipError, such as io.github.fugue.Error.ModelNotFound. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * unclip_service_error_register:
 *
 * Teaches GDBus the names, in both directions. Both ends call it before they talk.
 *
 * Thread: any; more than once does no harm.
 */
void        unclip_service_error_register (void);

/**
 * unclip_service_error_get_code:
 *
 * Returns: (transfer none): the code that #Failed carries: unclip_error_get_nick(), or "file" for errors of GLib's own
 */
const char *unclip_service_error_get_code (const GError *error);

/**
 * unclip_service_error_new:
 *
 * The way back: from what #Failed carries to an error of the same domain and code; G_FILE_ERROR_FAILED for "file", and
 * %UNCLIP_ERROR_INTERNAL for a code of some later version.
 *
 * Returns: (transfer full)
 */
GError     *unclip_service_error_new      (const char   *code,
                                           const char   *message);

G_END_DECLS
