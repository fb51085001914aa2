/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Models as the window speaks of them to engines: which to load, what was loaded, what there is. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * FugueModelChoice:
 * @folder: (nullable): folder or repository; %NULL for the default model
 * @image_encoder: (nullable): folder of a vision tower for a model without one
 * @device: (nullable): index or name; %NULL for the best
 * @precision: (nullable): "f32" or "f16"; %NULL for what suits the device
 * @warm_batch: prepare for so many pictures at a time after loading; 0: do not
 */
typedef struct
{
  const char *folder;
  const char *image_encoder;
  const char *device;
  const char *precision;
  guint       warm_batch;
} FugueModelChoice;

/**
 * fugue_model_choice_clear: frees strings that fugue_model_choice_copy() made, and sets everything to its default.
 */
void            fugue_model_choice_clear  (FugueModelChoice       *choice);
void            fugue_model_choice_copy   (FugueModelChoice       *to,
                                           const FugueModelChoice *from);

/**
 * FugueModelPart:
 * @name: such as "image_encoder"
 * @class_name: such as "CLIPVisionModelWithProjection"; "" if @is_present is %FALSE
 * @n_bytes: of its weights; 0 for parts without
 */
typedef struct
{
  char    *name;
  char    *class_name;
  gboolean is_present;
  guint64  n_bytes;
} FugueModelPart;

/**
 * FugueModelInfo:
 * @name: for people and recipes: the folder's name, or "org/name" of a repository
 * @sha256: of the content, as recipes have it
 * @n_bytes: of all weights
 * @decoder_size: pixels a side of the decoder's pictures
 * @picture_size: pixels a side of upsampled pictures
 * @can_vary: pictures can be sources
 * @can_imagine: captions can be
 * @has_axes: looseness moves along the axes of the training embeddings
 * @parts: (array length=n_parts)
 *
 * Immutable.
 */
typedef struct
{
  char           *name;
  char           *folder;
  char           *sha256;
  guint64         n_bytes;
  guint           decoder_size;
  guint           picture_size;
  gboolean        can_vary;
  gboolean        can_imagine;
  gboolean        has_axes;

  guint           prior_steps;          /* defaults */
  guint           decoder_steps;
  guint           upsampler_steps;
  double          prior_guidance;
  double          decoder_guidance;

  FugueModelPart *parts;
  guint           n_parts;
} FugueModelInfo;

#define FUGUE_TYPE_MODEL_INFO (fugue_model_info_get_type ())

GType           fugue_model_info_get_type (void);

/**
 * fugue_model_info_new_from_variant:
 * @variant: what LoadModel gives, see io.github.fugue.Engine1.xml; keys that are missing count as 0, "" or %FALSE
 *
 * Returns: (transfer full)
 */
FugueModelInfo *fugue_model_info_new_from_variant (GVariant *variant);
FugueModelInfo *fugue_model_info_ref      (FugueModelInfo *info);
void            fugue_model_info_unref    (FugueModelInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FugueModelInfo, fugue_model_info_unref)

/**
 * FugueFoundModel:
 * @message: why it can't be used; "" if @is_complete
 *
 * One model on an engine's disk.
 */
typedef struct
{
  char    *name;
  char    *folder;
  gboolean is_complete;
  char    *message;
  guint64  n_bytes;
} FugueFoundModel;

void            fugue_found_model_free    (FugueFoundModel *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FugueFoundModel, fugue_found_model_free)

G_END_DECLS
