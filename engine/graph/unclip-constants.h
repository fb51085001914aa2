/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packed weights on the device, made once and shared by every program that asks for the same form. */

#pragma once

#include "unclip-recorder.h"

G_BEGIN_DECLS

typedef struct _UnclipConstants UnclipConstants;

UnclipConstants *unclip_constants_new    (UnclipGpuDevice             *device);
void             unclip_constants_free   (UnclipConstants             *constants);

/**
 * unclip_constants_clear:
 *
 * Forgets everything. Memory that recorded commands still use stays until they are freed.
 */
void             unclip_constants_clear  (UnclipConstants             *constants);

/**
 * unclip_constants_get:
 * @as_f16: storage
 * @binding: (out): for reading; borrowed buffer
 *
 * Finds the packed form or makes it.
 */
gboolean         unclip_constants_get    (UnclipConstants             *constants,
                                          const UnclipConstantParams  *params,
                                          gboolean                     as_f16,
                                          UnclipGpuBinding            *binding,
                                          GError                     **error);

/**
 * unclip_constants_get_zeros:
 * @n_texels: at most 4096
 *
 * Texels of zeros, for absent operands.
 */
gboolean         unclip_constants_get_zeros (UnclipConstants          *constants,
                                          gint64                       n_texels,
                                          UnclipGpuBinding            *binding,
                                          GError                     **error);

G_END_DECLS
