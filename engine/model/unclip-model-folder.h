/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Model folders in diffusers' layout: model_index.json, and one folder a component.
 *
 * Components are known by their class, whatever library the index names (private copies exist under other names), and
 * whatever the pipeline calls itself: what a model can do follows from the parts that are there.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* In the model's folder, beside its components; see unclip-axes.h. */
#define UNCLIP_AXES_FILE "embedding_axes.safetensors"

typedef struct _UnclipModelFolder UnclipModelFolder;

/**
 * unclip_model_folder_find:
 * @name: (nullable): a folder; or a repository such as "kakaobrain/karlo-v1-alpha", looked up in the Hugging Face
 *   cache; or %NULL for the default model
 *
 * The default is $FUGUE_MODEL_PATH, else the Mini that is installed, else the Mini of the source tree. The cache is
 * $HF_HUB_CACHE, else $HF_HOME/hub, else $XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub; of a repository's
 * snapshots the one that refs/main names, else the newest. Nothing is ever written there.
 *
 * Errors: %UNCLIP_ERROR_MODEL_NOT_FOUND, saying where it looked.
 * Thread: any; reads folders.
 *
 * Returns: (transfer full): path of a folder
 */
char              *unclip_model_folder_find          (const char         *name,
                                                      GError            **error);

/**
 * unclip_model_folder_list_cached:
 *
 * The unCLIP models in the Hugging Face cache.
 *
 * Thread: any; reads folders and indices.
 *
 * Returns: (transfer full) (array zero-terminated=1): names such as "kakaobrain/karlo-v1-alpha", sorted; maybe none
 */
char             **unclip_model_folder_list_cached   (void);

/**
 * unclip_model_folder_open:
 * @path: of the folder
 *
 * Reads the index and looks for each component's folder. Opens no weights.
 *
 * Errors: %UNCLIP_ERROR_MODEL_NOT_FOUND if there is no folder or no index, or a component's folder is missing or an
 * incomplete download; %UNCLIP_ERROR_MODEL_FORMAT if it is no unCLIP model. The message names the folder and the way out.
 * Thread: any; reads files.
 *
 * Returns: (transfer full)
 */
UnclipModelFolder *unclip_model_folder_open          (const char         *path,
                                                      GError            **error);
/**
 * unclip_model_folder_use_image_encoder:
 * @path: a folder with the vision tower of a CLIP model (or of a whole one) and its preprocessor_config.json; or a model
 *   folder, whose image_encoder and feature_extractor are taken
 *
 * Gives a model the vision tower that it lacks, or another one. A text-to-image model then makes variations: Karlo's
 * two models differ in nothing but this tower, which is that of OpenAI's ViT-L/14. The content hash changes with it.
 *
 * Errors: %UNCLIP_ERROR_MODEL_NOT_FOUND.
 * Thread: before others use @folder.
 *
 * Returns: %FALSE with @error set
 */
gboolean           unclip_model_folder_use_image_encoder (UnclipModelFolder *folder,
                                                          const char        *path,
                                                          GError           **error);
UnclipModelFolder *unclip_model_folder_ref           (UnclipModelFolder  *folder);
void               unclip_model_folder_unref         (UnclipModelFolder  *folder);

const char        *unclip_model_folder_get_path      (UnclipModelFolder  *folder);

/**
 * unclip_model_folder_get_name: the folder's own name; of a cached repository, "org/name".
 */
const char        *unclip_model_folder_get_name      (UnclipModelFolder  *folder);

/**
 * unclip_model_folder_get_pipeline: the pipeline class in the index, such as "UnCLIPPipeline".
 */
const char        *unclip_model_folder_get_pipeline  (UnclipModelFolder  *folder);

/**
 * unclip_model_folder_get_component:
 * @name: such as "decoder"
 *
 * Returns: (transfer none) (nullable): the component's folder; %NULL if the model has none
 */
const char        *unclip_model_folder_get_component (UnclipModelFolder  *folder,
                                                      const char         *name);

/**
 * unclip_model_folder_get_class:
 * @name: of a component that the model has
 *
 * Returns: (transfer none): its class, such as "UNet2DConditionModel", whatever other name of it the index uses
 */
const char        *unclip_model_folder_get_class     (UnclipModelFolder  *folder,
                                                      const char         *name);

/**
 * unclip_model_folder_can_vary: has what pictures are encoded with.
 */
gboolean           unclip_model_folder_can_vary      (UnclipModelFolder  *folder);

/**
 * unclip_model_folder_can_imagine: has a prior.
 */
gboolean           unclip_model_folder_can_imagine   (UnclipModelFolder  *folder);

/**
 * unclip_model_folder_get_sha256:
 *
 * Of the model's content: SHA-256 of lines "component sha256-of-weights", by name, and a last one "embedding_axes
 * sha256-of-file" where it brings %UNCLIP_AXES_FILE; worked out on first use. Configs and tokenizer are not part of it: they
 * differ in harmless ways between copies.
 *
 * Thread: one at a time; may read all weight files.
 *
 * Returns: (transfer none) (nullable): 64 hexadecimal digits
 */
const char        *unclip_model_folder_get_sha256    (UnclipModelFolder  *folder,
                                                      GError            **error);

/**
 * unclip_model_folder_get_weights_sha256:
 *
 * The same without the axes, as recipes named their model until the axes were part of it.
 */
const char        *unclip_model_folder_get_weights_sha256 (UnclipModelFolder *folder,
                                                      GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipModelFolder, unclip_model_folder_unref)

G_END_DECLS
