/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The session's file: opening, checking, migrating; and one worker thread that reads and writes it.
 *
 * Writes are done in the order in which they were given, several in one transaction where they wait. One that fails because of the
 * disk stays, with all that come after it, and is tried again; reads go on meanwhile.
 *
 * Thread: as each function says. Replies come on the main thread.
 */

#pragma once

#include "fugue-error.h"

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

#define FUGUE_STORE_APPLICATION_ID 0x46754765  /* "FuGe" */

typedef struct _FugueStore FugueStore;

/**
 * FugueStoreFunc:
 *
 * Runs SQL. Errors of SQLite go through fugue_store_set_error().
 *
 * Thread: the worker's.
 */
typedef gboolean (*FugueStoreFunc) (sqlite3  *db,
                                    gpointer  data,
                                    GError  **error);

/**
 * FugueStoreDone:
 * @error: (nullable): why it could not be done and never will be
 */
typedef void (*FugueStoreDone) (gpointer      data,
                                const GError *error);

/**
 * FugueStoreWatch:
 * @changed: something about the store is new, see fugue_store_get_status()
 */
typedef void (*FugueStoreWatch) (gpointer owner);

/**
 * FugueStoreStatus:
 * @trouble: (nullable): (transfer full): why writes wait
 * @n_waiting: writes that do
 * @free_bytes: on the disk, G_MAXUINT64 while not known
 */
typedef struct
{
  GError  *trouble;
  guint    n_waiting;
  guint64  free_bytes;
} FugueStoreStatus;

/**
 * fugue_store_open:
 * @notice: (out): what a person should know, or %NULL
 *
 * Errors: as fugue_session_open().
 * Thread: any; waits.
 */
FugueStore *fugue_store_open        (const char       *path,
                                     char            **notice,
                                     GError          **error);

/**
 * fugue_store_get_db:
 *
 * For reading right after fugue_store_open(), before fugue_store_start().
 */
sqlite3    *fugue_store_get_db      (FugueStore       *store);

/**
 * fugue_store_start:
 * @owner: a GObject, watched weakly; gets @watch on the main thread
 */
void        fugue_store_start       (FugueStore       *store,
                                     FugueStoreWatch   watch,
                                     gpointer          owner);

/**
 * fugue_store_write: fugue_store_read:
 * @data: (transfer full): freed with @free_data, on the main thread after @done, or at closing
 * @done: (nullable)
 *
 * Thread: the main thread.
 */
void        fugue_store_write       (FugueStore       *store,
                                     FugueStoreFunc    func,
                                     gpointer          data,
                                     GDestroyNotify    free_data,
                                     FugueStoreDone    done);
void        fugue_store_read        (FugueStore       *store,
                                     FugueStoreFunc    func,
                                     gpointer          data,
                                     GDestroyNotify    free_data,
                                     FugueStoreDone    done);
void        fugue_store_get_status  (FugueStore       *store,
                                     FugueStoreStatus *status);
void        fugue_store_retry       (FugueStore       *store);

/**
 * fugue_store_flush:
 *
 * Waits until all writes were tried.
 *
 * Returns: %FALSE with @error set to the trouble, if some wait on
 */
gboolean    fugue_store_flush       (FugueStore       *store,
                                     GError          **error);

/**
 * fugue_store_dispatch: answers now what the worker has done so far; on the main thread
 */
void        fugue_store_dispatch    (FugueStore       *store);

/**
 * fugue_store_close:
 *
 * Tries once more to write what waits, ends the worker, closes the file and frees @store. What was not answered yet never is.
 */
gboolean    fugue_store_close       (FugueStore       *store,
                                     GError          **error);

/* Parts that tests take by themselves. */

/**
 * fugue_store_migrate:
 * @steps: (array length=n_steps): steps[v] brings a file of version v to v + 1
 *
 * Each step is a transaction of its own, version number included.
 *
 * Errors: %FUGUE_ERROR_SESSION_NEWER if the file's version is above @n_steps; the disk's.
 */
gboolean    fugue_store_migrate     (sqlite3           *db,
                                     const char *const *steps,
                                     guint              n_steps,
                                     GError           **error);

/* SQL. */

/**
 * fugue_store_set_error:
 *
 * Sets the error of the last call on @db, as %FUGUE_ERROR_DISK_FULL, _READ_ONLY, _BUSY or _STORE.
 *
 * Returns: %FALSE
 */
gboolean    fugue_store_set_error   (sqlite3          *db,
                                     GError          **error);
gboolean    fugue_store_exec        (sqlite3          *db,
                                     const char       *sql,
                                     GError          **error);

/**
 * fugue_store_run:
 * @types: one letter an argument: "i" gint64, "d" double (NaN: NULL), "s" string or NULL, "b" GBytes or NULL
 *
 * One statement with its parameters, which gives no rows.
 */
gboolean    fugue_store_run         (sqlite3          *db,
                                     GError          **error,
                                     const char       *sql,
                                     const char       *types,
                                     ...);

/**
 * fugue_store_prepare:
 *
 * Returns: (transfer full) (nullable): finish with sqlite3_finalize()
 */
sqlite3_stmt *fugue_store_prepare   (sqlite3          *db,
                                     const char       *sql,
                                     GError          **error);

G_END_DECLS
