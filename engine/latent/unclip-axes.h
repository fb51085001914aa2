/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The principal axes of a model's image embeddings, and noise along them.
 *
 * Isotropic noise leaves the data: an embedding has few directions in which pictures differ much, and many in which none
 * ever do. A model may bring the axes of its training embeddings in embedding_axes.safetensors beside its components:
 * "axes" (K, E), one of length 1 a row, and "deviations" (K), the standard deviation of the embeddings along each.
 */

#pragma once

#include "unclip-rng.h"

G_BEGIN_DECLS

typedef struct _UnclipAxes UnclipAxes;

/**
 * unclip_axes_exist:
 * @folder: of the model
 *
 * Thread: any; looks at the file system.
 *
 * Returns: whether the model brings axes
 */
gboolean    unclip_axes_exist  (const char         *folder);

/**
 * unclip_axes_open:
 * @folder: of the model
 * @n_embed: E, values of an embedding
 *
 * Errors: %UNCLIP_ERROR_MODEL_NOT_FOUND if the model has none; %UNCLIP_ERROR_MODEL_FORMAT, %UNCLIP_ERROR_TENSOR_MISSING or
 * %UNCLIP_ERROR_SHAPE_MISMATCH for a bad file.
 * Thread: any; reads a file.
 *
 * Returns: (transfer full)
 */
UnclipAxes *unclip_axes_open   (const char         *folder,
                                int                 n_embed,
                                GError            **error);
void        unclip_axes_free   (UnclipAxes         *axes);

/**
 * unclip_axes_loosen:
 * @z: (array): E values
 * @amount: 0 … 1, in deviations; 0 gives @z to the bit
 * @key: names K normals, one an axis
 * @out: (out caller-allocates) (array): E values; may be @z
 *
 *     out = z + amount · Σ_k normal_k deviation_k axis_k
 *
 * Thread: any.
 */
void        unclip_axes_loosen (const UnclipAxes   *axes,
                                const float        *z,
                                double              amount,
                                const UnclipRngKey *key,
                                float              *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipAxes, unclip_axes_free)

G_END_DECLS
