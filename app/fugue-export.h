/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures to files and back.
 *
 * Thread: the main thread; files are written and read elsewhere.
 */

#pragma once

#include "fugue-session.h"

G_BEGIN_DECLS

#define FUGUE_EXPORT_PATTERN "{source}-{verb}-{seed}-{n}"

/**
 * FugueExportOptions:
 * @folder: must exist
 * @pattern: (nullable): file name without suffix: text and {source}, {verb}, {seed}, {n}; %NULL for %FUGUE_EXPORT_PATTERN
 * @recipe: what the file says of how it was made
 * @with_json: write the recipe beside it too, as NAME.fugue.json
 */
typedef struct
{
  const char        *folder;
  const char        *pattern;
  FugueExportRecipe  recipe;
  gboolean           with_json;
} FugueExportOptions;

/**
 * fugue_export_async:
 * @pictures: (element-type FuguePicture): finished ones
 *
 * Writes PNG files, whole or not at all. {n} is the number of the picture within its batch, from 1; where a name is taken, the next
 * free number is, and "-2", "-3" … are added to a pattern without {n}. Nothing is ever overwritten.
 *
 * fugue_export_finish() returns (transfer full) (array zero-terminated=1): the paths, in order.
 *
 * Errors: G_FILE_ERROR, naming the file; what was written before stays.
 */
void     fugue_export_async   (FugueSession              *session,
                               GPtrArray                 *pictures,
                               const FugueExportOptions  *options,
                               GCancellable              *cancellable,
                               GAsyncReadyCallback        callback,
                               gpointer                   user_data);
char   **fugue_export_finish  (FugueSession              *session,
                               GAsyncResult              *result,
                               GError                   **error);

/**
 * fugue_export_file_async:
 * @path: what a file chooser gave
 * @overwrite: the chooser asked, and the person said yes
 *
 * Writes one picture under a name of a person's choice. fugue_export_finish() gives its path.
 */
void     fugue_export_file_async (FugueSession              *session,
                                  FuguePicture              *picture,
                                  const char                *path,
                                  gboolean                   overwrite,
                                  FugueExportRecipe          recipe,
                                  GCancellable              *cancellable,
                                  GAsyncReadyCallback        callback,
                                  gpointer                   user_data);

/**
 * fugue_export_sheet_async:
 * @pictures: (element-type FuguePicture): finished ones, at least one
 * @folder: must exist
 * @pattern: (nullable): as in #FugueExportOptions, for the words under each picture; the file has a name of its own
 *
 * Writes a contact sheet, in the order given, as SOURCE-sheet-N.png with the smallest N that is free; "pictures-sheet-N.png" if
 * they have no source in common. Pictures are shown with at most 512 pixels, and with fewer on a sheet of many.
 *
 * fugue_export_sheet_finish() returns (transfer full): the path.
 *
 * Errors: G_FILE_ERROR, naming the file; those of unclip_sheet_new(), of which several thousand pictures are too many.
 */
void     fugue_export_sheet_async  (FugueSession              *session,
                                    GPtrArray                 *pictures,
                                    const char                *folder,
                                    const char                *pattern,
                                    GCancellable              *cancellable,
                                    GAsyncReadyCallback        callback,
                                    gpointer                   user_data);
char    *fugue_export_sheet_finish (FugueSession              *session,
                                    GAsyncResult              *result,
                                    GError                   **error);

/**
 * fugue_export_encode_async:
 *
 * The file's bytes, for the clipboard and for drags. fugue_export_encode_finish() returns (transfer full).
 */
void     fugue_export_encode_async  (FugueSession         *session,
                                     FuguePicture         *picture,
                                     FugueExportRecipe     recipe,
                                     GCancellable         *cancellable,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
GBytes  *fugue_export_encode_finish (FugueSession         *session,
                                     GAsyncResult         *result,
                                     GError              **error);

/**
 * fugue_export_dup_name:
 * @number: for {n}
 *
 * Returns: (transfer full): what the pattern makes of a picture, without suffix; without separators or unprintable characters
 */
char    *fugue_export_dup_name      (const char           *pattern,
                                     FuguePicture         *picture,
                                     guint                 number);

/**
 * FugueImport:
 * @image: (nullable): pixels, if the file is a picture
 * @name: without folder and suffix
 * @recipe: (nullable): Fugue's own, if it has one that can be read
 * @caption: (nullable): of a foreign recipe
 * @has_seed: whether a foreign recipe names a seed
 * @other: (nullable): the foreign recipe as it is written, to be shown
 * @message: (nullable): why a recipe that is there can't be used
 *
 * A file that was dropped, opened or pasted.
 */
typedef struct
{
  UnclipImage  *image;
  char         *name;
  UnclipRecipe *recipe;
  char         *caption;
  gboolean      has_seed;
  guint64       seed;
  char         *other;
  char         *message;
} FugueImport;

void         fugue_import_free        (FugueImport          *import);

/**
 * fugue_import_file_async: fugue_import_bytes_async:
 *
 * Reads a picture file with what it says about itself, or a recipe file (JSON). fugue_import_finish() returns (transfer full).
 *
 * Errors: those of unclip_image_load(), naming the file; %UNCLIP_ERROR_RECIPE for JSON that is no recipe.
 */
void         fugue_import_file_async  (const char           *path,
                                       GCancellable         *cancellable,
                                       GAsyncReadyCallback   callback,
                                       gpointer              user_data);
void         fugue_import_bytes_async (GBytes               *bytes,
                                       const char           *name,
                                       GCancellable         *cancellable,
                                       GAsyncReadyCallback   callback,
                                       gpointer              user_data);
FugueImport *fugue_import_finish      (GAsyncResult         *result,
                                       GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FugueImport, fugue_import_free)

G_END_DECLS
