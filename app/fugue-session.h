/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One session: the sources, the pictures, the queue and the history of one window, in one SQLite file.
 *
 * Everything is written by one worker thread with its own connection, in the order in which it was asked for. A finished picture
 * is announced (its state becomes FINISHED) after it was committed, so that whatever a person has seen is there after a crash.
 * Where nothing can be written (disk full, file read-only, locked by another program) the writes wait in memory, "trouble" says
 * so, finished pictures are announced with "is-saved" FALSE, and the session tries again until it works.
 *
 * A file that is damaged is set aside under another name, never deleted, and "notice" says so. A file is open in one window
 * only.
 *
 * The tables are described in fugue-store.c; other programs may read the file at any time.
 *
 * Thread: the main thread, but for fugue_session_open().
 */

#pragma once

#include "fugue-error.h"
#include "fugue-picture.h"
#include "fugue-source.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_SESSION (fugue_session_get_type ())

/* Properties, read-only and notified:
 *
 *     path (string)
 *     notice (string)          what happened at opening that a person should know; %NULL mostly
 *     trouble (GError)         why writing waits; %NULL when all is written or on its way
 *     n-unsaved (uint)         writes that wait
 *     free-bytes (uint64)      on the file's disk, as of the last write; G_MAXUINT64 before
 *
 * Signals:
 *
 *     edited (GObject *object, const char *property, const GValue *before)    a mark, a rating, a place or a source's value was set
 *     picture-added (FuguePicture *picture)
 */
G_DECLARE_FINAL_TYPE (FugueSession, fugue_session, FUGUE, SESSION, GObject)

/* Bytes free on the disk: below the first a window should warn, below the second the queue holds. */
#define FUGUE_SESSION_LOW_BYTES (G_GUINT64_CONSTANT (1) << 30)
#define FUGUE_SESSION_STOP_BYTES (G_GUINT64_CONSTANT (200) << 20)

/**
 * fugue_session_open:
 * @path: of a session file; made if it is not there, with its folder
 *
 * Errors: %FUGUE_ERROR_SESSION_IN_USE if another window has it; %FUGUE_ERROR_SESSION_NEWER if a newer Fugue wrote it;
 *   %FUGUE_ERROR_SESSION_FOREIGN if it is something else; %FUGUE_ERROR_DISK_FULL, %FUGUE_ERROR_READ_ONLY, %FUGUE_ERROR_BUSY and
 *   %FUGUE_ERROR_STORE from the disk.
 * Thread: any; reads the whole file to check it.
 *
 * Returns: (transfer full)
 */
FugueSession *fugue_session_open              (const char          *path,
                                               GError             **error);

/**
 * fugue_session_open_async: as fugue_session_open(), without waiting
 */
void          fugue_session_open_async        (const char          *path,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
FugueSession *fugue_session_open_finish       (GAsyncResult        *result,
                                               GError             **error);

/**
 * fugue_session_dup_new_path:
 *
 * Returns: (transfer full): of a session that does not exist yet, in $XDG_DATA_HOME/fugue/sessions
 */
char         *fugue_session_dup_new_path      (void);

/**
 * fugue_session_close:
 *
 * Writes what waits and closes the file; the lists stay. Also done when the last reference goes.
 *
 * Errors: those of "trouble", if something could not be written; it is lost then.
 */
gboolean      fugue_session_close             (FugueSession        *session,
                                               GError             **error);

/**
 * fugue_session_flush:
 *
 * Waits until everything that was asked for so far is written, or cannot be; for tests and for the end of the program.
 *
 * Returns: %FALSE with @error set if something could not be written (it still waits)
 */
gboolean      fugue_session_flush             (FugueSession        *session,
                                               GError             **error);

/**
 * fugue_session_retry: tries to write again now, rather than in a moment
 */
void          fugue_session_retry             (FugueSession        *session);

/**
 * fugue_session_save_copy_async:
 * @path: of a file that does not exist yet
 *
 * Writes a copy of the whole session.
 *
 * Errors: as fugue_session_open(); G_FILE_ERROR_EXIST.
 */
void          fugue_session_save_copy_async   (FugueSession        *session,
                                               const char          *path,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
gboolean      fugue_session_save_copy_finish  (FugueSession        *session,
                                               GAsyncResult        *result,
                                               GError             **error);

const char   *fugue_session_get_path          (FugueSession        *session);
const char   *fugue_session_get_notice        (FugueSession        *session);
const GError *fugue_session_get_trouble       (FugueSession        *session);
guint64       fugue_session_get_free_bytes    (FugueSession        *session);

/* Pictures. */

/**
 * fugue_session_get_pictures:
 *
 * Returns: (transfer none): a GListModel of FuguePicture in order of their ids: those of a batch beside each other, oldest first. That is
 *   not the order of the gallery, see fugue_picture_compare().
 */
GListModel   *fugue_session_get_pictures      (FugueSession        *session);

/**
 * fugue_session_find_picture:
 *
 * Returns: (transfer none) (nullable)
 */
FuguePicture *fugue_session_find_picture      (FugueSession        *session,
                                               gint64               id);

/**
 * fugue_session_remove_pictures:
 * @pictures: (element-type FuguePicture)
 *
 * Takes pictures out for good; for "Empty rejected". Not undoable.
 */
void          fugue_session_remove_pictures   (FugueSession        *session,
                                               GPtrArray           *pictures);

/**
 * fugue_session_load_picture_async:
 *
 * The picture's pixels, whether they are here or must be read.
 *
 * fugue_session_load_finish() returns (transfer full).
 *
 * Errors: %FUGUE_ERROR_STORE if it is not there or cannot be read.
 */
void          fugue_session_load_picture_async  (FugueSession        *session,
                                                 FuguePicture        *picture,
                                                 GCancellable        *cancellable,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

/* Sources. */

/**
 * fugue_session_get_sources:
 *
 * Returns: (transfer none): a GListModel of the FugueSource in slots and tray, in the order in which they came
 */
GListModel   *fugue_session_get_sources       (FugueSession        *session);

/**
 * fugue_session_get_slot:
 * @slot: A … D
 *
 * Returns: (transfer none) (nullable): who is there
 */
FugueSource  *fugue_session_get_slot          (FugueSession        *session,
                                               FugueSlot            slot);

/**
 * fugue_session_find_source: fugue_session_find_source_by_id:
 *
 * Also sources that were taken out.
 *
 * Returns: (transfer none) (nullable)
 */
FugueSource  *fugue_session_find_source       (FugueSession        *session,
                                               const char          *sha256);
FugueSource  *fugue_session_find_source_by_id (FugueSession        *session,
                                               gint64               id);

/**
 * fugue_session_move_source:
 *
 * Puts a source elsewhere; who was in that slot takes its old place (or the tray, if it had none). %FUGUE_SLOT_NONE takes it
 * out. Undoable.
 */
void          fugue_session_move_source       (FugueSession        *session,
                                               FugueSource         *source,
                                               FugueSlot            slot);

/**
 * fugue_session_add_source:
 * @name: of its file, for people
 * @slot: where to; who was there goes to the tray. %FUGUE_SLOT_NONE: nowhere, only to be used in recipes
 *
 * A picture that was in the session before (same pixels) is not stored again; its source goes to @slot, unless it stands in a better
 * place. Hashes the pixels: for
 * pictures that are small, and tests. Undoable.
 *
 * Returns: (transfer none)
 */
FugueSource  *fugue_session_add_source        (FugueSession        *session,
                                               UnclipImage         *image,
                                               const char          *name,
                                               FugueSlot            slot);

/**
 * fugue_session_add_image_async: fugue_session_add_file_async: fugue_session_add_bytes_async: fugue_session_add_picture_async:
 * fugue_session_copy_source_async:
 *
 * As fugue_session_add_source(), with all slow work elsewhere: from pixels, from a picture file of any kind that
 * unclip_image_load() reads, from such a file's contents, from a picture of the gallery (its
 * lineage is kept, unless it is another session's), or from a source of another session.
 *
 * fugue_session_add_finish() returns (transfer full).
 *
 * Errors: those of unclip_image_load(), naming the file.
 */
void          fugue_session_add_image_async   (FugueSession        *session,
                                               UnclipImage         *image,
                                               const char          *name,
                                               FugueSlot            slot,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
void          fugue_session_add_file_async    (FugueSession        *session,
                                               const char          *path,
                                               FugueSlot            slot,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
void          fugue_session_add_bytes_async   (FugueSession        *session,
                                               GBytes              *bytes,
                                               const char          *name,
                                               FugueSlot            slot,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
void          fugue_session_add_picture_async (FugueSession        *session,
                                               FuguePicture        *picture,
                                               FugueSlot            slot,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
void          fugue_session_copy_source_async (FugueSession        *session,
                                               FugueSource         *source,
                                               FugueSlot            slot,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
FugueSource  *fugue_session_add_finish        (FugueSession        *session,
                                               GAsyncResult        *result,
                                               GError             **error);

/**
 * fugue_session_load_source_async:
 * @sha256: of a source, in the list or not
 *
 * Its pixels, for engines. fugue_session_load_finish() returns (transfer full).
 *
 * Errors: %FUGUE_ERROR_SOURCE if the session has no such picture.
 */
void          fugue_session_load_source_async  (FugueSession        *session,
                                                const char          *sha256,
                                                GCancellable        *cancellable,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data);
UnclipImage  *fugue_session_load_finish       (FugueSession        *session,
                                               GAsyncResult        *result,
                                               GError             **error);

/* Settings of this session: strings by key, such as the controls. Written a moment after the last change. */

/**
 * fugue_session_get_setting:
 *
 * Returns: (transfer none) (nullable)
 */
const char   *fugue_session_get_setting       (FugueSession        *session,
                                               const char          *key);
void          fugue_session_set_setting       (FugueSession        *session,
                                               const char          *key,
                                               const char          *value);

G_END_DECLS
