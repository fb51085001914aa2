/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Models as the wire has them: see io.github.fugue.Engine1.xml for the keys. */

#pragma once

#include "unclip-model.h"

G_BEGIN_DECLS

/**
 * UnclipBytesFunc:
 *
 * Told how much of a model has been looked through.
 */
typedef void (*UnclipBytesFunc) (guint64 done, guint64 total, gpointer user_data);

/**
 * unclip_service_check_model:
 * @func: called after each part
 *
 * Opens every network of a model, so that a part that is missing, damaged or of the wrong shape is told now and not in
 * the middle of the first run; and works out the content hash.
 *
 * Errors: those of the parts; %G_IO_ERROR_CANCELLED.
 * Thread: the engine's worker; reads all weights the first time.
 *
 * Returns: %FALSE with @error set
 */
gboolean  unclip_service_check_model    (UnclipModel         *model,
                                         UnclipBytesFunc      func,
                                         gpointer             user_data,
                                         GCancellable        *cancellable,
                                         GError             **error);

/**
 * unclip_service_describe_model:
 * @model: that unclip_service_check_model() found good
 *
 * Returns: (transfer full): a{sv}, what LoadModel gives
 */
GVariant *unclip_service_describe_model (UnclipModel         *model);

/**
 * unclip_service_find_models:
 * @folders: (array zero-terminated=1): model folders, or folders of such
 *
 * Thread: any; reads folders and headers.
 *
 * Returns: (transfer full): aa{sv}, what FindModels gives
 */
GVariant *unclip_service_find_models    (const char *const   *folders);

G_END_DECLS
