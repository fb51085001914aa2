/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine as a process: the interface of io.github.fugue.Engine1.xml on one connection, in front of a worker. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * unclip_service_run:
 * @stream: (transfer none): to the client, which authenticates itself as nobody in particular
 * @cancellable: ends the service
 *
 * Serves until the connection closes, @cancellable is cancelled, or the device is lost. A worker that does not come to an
 * end within two seconds is left behind, so the process had better end when this returns.
 *
 * Environment: UNCLIP_SERVE_SOURCE_MIB, how many MiB of sources are kept that no job needs; default 1024.
 *
 * Errors: %UNCLIP_ERROR_DEVICE_LOST; those of the connection's beginning.
 * Thread: the main thread; runs the default main context.
 *
 * Returns: %TRUE if the client closed the connection or @cancellable was cancelled; %FALSE with @error set
 */
gboolean unclip_service_run (GIOStream     *stream,
                             GCancellable  *cancellable,
                             GError       **error);

G_END_DECLS
