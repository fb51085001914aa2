/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SQLite in WAL mode, one connection. Readers of other programs are welcome at any time; that no second window opens the file is
 * seen to by a lock on a file beside it, which the system lets go of when the process ends, however it does.
 */

#include "config.h"

#include "fugue-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* How long after a failure the next try comes. */
#define RETRY_MS 2000

/* How long another program may hold the file before that counts as trouble. */
#define BUSY_MS 1000

/* The tables.
 *
 *     images     the pixels of sources, as PNG, by the hash of the pixels
 *     sources    who is in which slot; slot, as FugueSlot
 *     recipes    canonical JSON by its hash
 *     pictures   the gallery: png is there once state is 2 (finished); mark, rating and seen are a person's; parent is the picture
 *                that it was made from (lineage), 0 for none; job is its batch; place is the id of the picture that came to its
 *                place in the gallery first, 0 for its own
 *     jobs       the queue: those that wait, run or were left over; state, as FugueJobState
 *     settings   strings by key
 *     undo       steps by position; the setting "undo-position" names the one that would be undone next
 *
 * steps[v] makes version v + 1 of version v. A step that was released is never changed. */
static const char *const steps[] = {
  "CREATE TABLE images (sha256 TEXT PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL, png BLOB NOT NULL,"
  "                     thumbnail BLOB NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE sources (id INTEGER PRIMARY KEY AUTOINCREMENT, slot INTEGER NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,"
  "                      picture INTEGER NOT NULL, crop TEXT NOT NULL, is_locked INTEGER NOT NULL, is_muted INTEGER NOT NULL);"
  "CREATE TABLE recipes (sha256 TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE pictures (id INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL, parent INTEGER NOT NULL, state INTEGER NOT NULL,"
  "                       recipe TEXT NOT NULL, number INTEGER NOT NULL, verb TEXT NOT NULL, label TEXT NOT NULL,"
  "                       mark INTEGER NOT NULL, rating INTEGER NOT NULL, seen INTEGER NOT NULL, created INTEGER NOT NULL,"
  "                       error_code TEXT, error_message TEXT, psnr_db REAL, max_difference REAL, clip_degrees REAL,"
  "                       seconds REAL, device TEXT, precision TEXT, version TEXT, png BLOB, thumbnail BLOB);"
  "CREATE INDEX pictures_by_job ON pictures (job);"
  "CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL, state INTEGER NOT NULL, mode INTEGER NOT NULL,"
  "                   title TEXT NOT NULL, preview_every INTEGER NOT NULL);"
  "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE undo (position INTEGER PRIMARY KEY, step TEXT NOT NULL);",
  "ALTER TABLE pictures ADD COLUMN place INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE jobs ADD COLUMN on_processor INTEGER NOT NULL DEFAULT 0",
};

typedef enum
{
  TASK_READ,
  TASK_WRITE,
  TASK_RETRY,
  TASK_FLUSH,
  TASK_QUIT,
} TaskKind;

typedef struct
{
  TaskKind        kind;
  FugueStore     *store;
  FugueStoreFunc  func;
  gpointer        data;
  GDestroyNotify  free_data;
  FugueStoreDone  done;
  GError         *error;
} Task;

struct _FugueStore
{
  /* Constant. */
  char           *path;
  char           *lock_path;
  int             lock_fd;
  sqlite3        *db;
  GThread        *thread;
  GAsyncQueue    *tasks;
  FugueStoreWatch watch;
  GWeakRef        owner;

  /* The worker's. */
  GQueue          waiting;              /* of writes, oldest first */
  gboolean        is_blocked;           /* the last try failed */

  /* Under the lock. */
  GMutex          lock;
  GCond           flushed;
  GError         *trouble;
  guint           n_waiting;
  guint64         free_bytes;
  guint           n_flushes;            /* asked for and not answered */
  gboolean        watch_pending;
  GQueue          answers;              /* of tasks that are done */
  guint           wake_source;          /* 0: none is pending */
};

/* SQL. */

static FugueError
get_error_code (sqlite3 *db)
{
  switch (sqlite3_errcode (db) & 0xff)
    {
    case SQLITE_FULL:
      return FUGUE_ERROR_DISK_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return FUGUE_ERROR_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return FUGUE_ERROR_BUSY;
    default:
      return FUGUE_ERROR_STORE;
    }
}

gboolean
fugue_store_set_error (sqlite3 *db, GError **error)
{
  const char *file = sqlite3_db_filename (db, "main");
  const char *why = sqlite3_errmsg (db);
  FugueError  code = get_error_code (db);

  if (file == NULL)
    file = "";
  switch (code)
    {
    case FUGUE_ERROR_DISK_FULL:
      g_set_error (error, FUGUE_ERROR, code, _ ("The disk of the session “%s” is full (%s); make room, and what is finished is saved."),
                   file, why);
      break;
    case FUGUE_ERROR_READ_ONLY:
      g_set_error (error, FUGUE_ERROR, code, _ ("The session “%s” cannot be written to (%s); see to its permissions."), file, why);
      break;
    case FUGUE_ERROR_BUSY:
      g_set_error (error, FUGUE_ERROR, code, _ ("Another program is holding the session “%s” (%s)."), file, why);
      break;
    default:
      g_set_error (error, FUGUE_ERROR, code, _ ("The session “%s” could not be read or written: %s."), file, why);
    }
  return FALSE;
}

gboolean
fugue_store_exec (sqlite3 *db, const char *sql, GError **error)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK || fugue_store_set_error (db, error);
}

sqlite3_stmt *
fugue_store_prepare (sqlite3 *db, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    fugue_store_set_error (db, error);
  return statement;
}

static void
bind_bytes (sqlite3_stmt *statement, int index, GBytes *bytes)
{
  gsize         n_bytes = 0;
  gconstpointer data = bytes != NULL ? g_bytes_get_data (bytes, &n_bytes) : NULL;

  if (data == NULL)
    sqlite3_bind_null (statement, index);
  else
    sqlite3_bind_blob64 (statement, index, data, n_bytes, SQLITE_STATIC);
}

static void
bind_all (sqlite3_stmt *statement, const char *types, va_list args)
{
  for (int i = 0; types[i] != '\0'; i++)
    {
      const char *text;
      double      number;

      switch (types[i])
        {
        case 'i':
          sqlite3_bind_int64 (statement, i + 1, va_arg (args, gint64));
          break;
        case 'd':
          number = va_arg (args, double);
          /* SQLite makes NULL of NaN. */
          sqlite3_bind_double (statement, i + 1, number);
          break;
        case 's':
          text = va_arg (args, const char *);
          sqlite3_bind_text (statement, i + 1, text, -1, SQLITE_STATIC);
          break;
        case 'b':
          bind_bytes (statement, i + 1, va_arg (args, GBytes *));
          break;
        default:
          g_assert_not_reached ();
        }
    }
}

gboolean
fugue_store_run (sqlite3 *db, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement = fugue_store_prepare (db, sql, error);
  va_list       args;
  gboolean      ok;

  if (statement == NULL)
    return FALSE;
  va_start (args, types);
  bind_all (statement, types, args);
  va_end (args);
  ok = sqlite3_step (statement) == SQLITE_DONE || fugue_store_set_error (db, error);
  sqlite3_finalize (statement);
  return ok;
}

/* One number that a statement gives; -1 with @error set. */
static gint64
query_int (sqlite3 *db, const char *sql, GError **error)
{
  sqlite3_stmt *statement = fugue_store_prepare (db, sql, error);
  gint64        value = -1;

  if (statement == NULL)
    return -1;
  if (sqlite3_step (statement) == SQLITE_ROW)
    value = sqlite3_column_int64 (statement, 0);
  else
    fugue_store_set_error (db, error);
  sqlite3_finalize (statement);
  return value;
}

/* Opening. */

static void
free_unstarted (FugueStore *store)
{
  g_clear_pointer (&store->db, sqlite3_close);
  if (store->lock_fd >= 0)
    {
      /* While it is still locked: nobody can have opened this one and be waiting for it. */
      g_unlink (store->lock_path);
      close (store->lock_fd);
    }
  g_async_queue_unref (store->tasks);
  g_weak_ref_clear (&store->owner);
  g_mutex_clear (&store->lock);
  g_cond_clear (&store->flushed);
  g_clear_error (&store->trouble);
  g_free (store->path);
  g_free (store->lock_path);
  g_free (store);
}

/* A lock that was taken on a file which its former holder has removed meanwhile is none. */
static gboolean
is_same_file (int fd, const char *path)
{
  struct stat by_fd, by_path;

  return fstat (fd, &by_fd) == 0 && g_stat (path, &by_path) == 0 && by_fd.st_ino == by_path.st_ino && by_fd.st_dev == by_path.st_dev;
}

static gboolean
take_lock (FugueStore *store, GError **error)
{
  int saved_errno;

  for (;;)
    {
      store->lock_fd = g_open (store->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (store->lock_fd < 0)
        break;
      if (flock (store->lock_fd, LOCK_EX | LOCK_NB) != 0)
        break;
      if (is_same_file (store->lock_fd, store->lock_path))
        return TRUE;
      close (store->lock_fd);
    }
  saved_errno = errno;
  if (store->lock_fd >= 0)
    close (store->lock_fd);
  store->lock_fd = -1;
  if (saved_errno == EWOULDBLOCK)
    g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_SESSION_IN_USE, _ ("The session “%s” is open in another window."), store->path);
  else
    g_set_error (error, FUGUE_ERROR, saved_errno == ENOSPC ? FUGUE_ERROR_DISK_FULL : FUGUE_ERROR_READ_ONLY,
                 _ ("The session “%s” cannot be written to: %s."), store->path, g_strerror (saved_errno));
  return FALSE;
}

static gboolean
is_damage (int code)
{
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* Whether SQLite finds every page and row in its place. Left as a question of its own: an error of the disk is no damage. */
static gboolean
is_sound (sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  gboolean      sound = TRUE;

  if (sqlite3_prepare_v2 (db, "PRAGMA quick_check (1)", -1, &statement, NULL) != SQLITE_OK)
    return !is_damage (sqlite3_errcode (db));
  if (sqlite3_step (statement) == SQLITE_ROW)
    sound = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
  else
    sound = !is_damage (sqlite3_errcode (db));
  sqlite3_finalize (statement);
  return sound;
}

/* The file's header says whose it is, even when the rest is damaged. */
static gboolean
has_our_header (const char *path)
{
  guint8 header[72] = { 0 };
  int    fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gssize n = fd >= 0 ? read (fd, header, sizeof header) : -1;

  if (fd >= 0)
    close (fd);
  return n == sizeof header && memcmp (header, "SQLite format 3", 16) == 0
         && ((guint32) header[68] << 24 | header[69] << 16 | header[70] << 8 | header[71]) == FUGUE_STORE_APPLICATION_ID;
}

static gint64
get_size (const char *path)
{
  struct stat info;

  return g_stat (path, &info) == 0 ? (gint64) info.st_size : 0;
}

static gboolean
open_db (FugueStore *store, GError **error)
{
  if (sqlite3_open_v2 (store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK)
    {
      fugue_store_set_error (store->db, error);
      g_clear_pointer (&store->db, sqlite3_close);
      return FALSE;
    }
  sqlite3_extended_result_codes (store->db, 1);
  sqlite3_busy_timeout (store->db, BUSY_MS);
  return TRUE;
}

/* Moves the file and what SQLite keeps beside it out of the way. */
static char *
set_aside (const char *path, GError **error)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  for (guint n = 1; n < 1000; n++)
    {
      g_autofree char *aside = g_strdup_printf ("%s.damaged-%u", path, n);

      if (g_file_test (aside, G_FILE_TEST_EXISTS))
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
        {
          g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
          g_autofree char *to = g_strconcat (aside, suffixes[i], NULL);

          if (g_rename (from, to) != 0 && i == 0)
            {
              g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_STORE, _ ("The session “%s” is damaged, and could not be set aside: %s."),
                           path, g_strerror (errno));
              return NULL;
            }
        }
      return g_steal_pointer (&aside);
    }
  g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_STORE, _ ("The session “%s” is damaged, and there are too many damaged ones beside it."),
               path);
  return NULL;
}

/* What is there must be ours and sound; what is not ours is left alone, what is damaged is set aside. */
static gboolean
check_file (FugueStore *store, char **notice, GError **error)
{
  g_autofree char *aside = NULL;
  gboolean         is_ours = has_our_header (store->path);

  if (get_size (store->path) == 0)
    return TRUE;
  /* The first page of a new session may still be in the log. */
  if (!is_ours)
    is_ours = query_int (store->db, "PRAGMA application_id", NULL) == FUGUE_STORE_APPLICATION_ID;
  if (!is_ours)
    {
      g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_SESSION_FOREIGN, _ ("“%s” is not a session of Fugue; choose another file."), store->path);
      return FALSE;
    }
  if (is_sound (store->db))
    return TRUE;

  g_clear_pointer (&store->db, sqlite3_close);
  aside = set_aside (store->path, error);
  if (aside == NULL)
    return FALSE;
  *notice = g_strdup_printf (_ ("The session was damaged. It is kept as “%s”; this is a new one."), aside);
  return open_db (store, error);
}

gboolean
fugue_store_migrate (sqlite3 *db, const char *const *all_steps, guint n_steps, GError **error)
{
  gint64 version = query_int (db, "PRAGMA user_version", error);

  if (version < 0)
    return FALSE;
  if (version > n_steps)
    {
      g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_SESSION_NEWER, _ ("The session “%s” was written by a newer version of Fugue."),
                   sqlite3_db_filename (db, "main"));
      return FALSE;
    }
  for (; version < n_steps; version++)
    {
      g_autofree char *sql = g_strdup_printf ("BEGIN IMMEDIATE; PRAGMA application_id = %d; %s; PRAGMA user_version = %d; COMMIT;",
                                              FUGUE_STORE_APPLICATION_ID, all_steps[version], (int) version + 1);

      if (!fugue_store_exec (db, sql, error))
        {
          sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
prepare_file (FugueStore *store, char **notice, GError **error)
{
  /* FULL: a commit is on the disk when it returns, also if the power goes. */
  return open_db (store, error) && check_file (store, notice, error)
         && fugue_store_exec (store->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;", error)
         && fugue_store_migrate (store->db, steps, G_N_ELEMENTS (steps), error);
}

FugueStore *
fugue_store_open (const char *path, char **notice, GError **error)
{
  FugueStore      *store = g_new0 (FugueStore, 1);
  g_autofree char *folder = g_path_get_dirname (path);

  *notice = NULL;
  store->path = g_canonicalize_filename (path, NULL);
  store->lock_path = g_strconcat (store->path, "-lock", NULL);
  store->lock_fd = -1;
  store->tasks = g_async_queue_new ();
  store->free_bytes = G_MAXUINT64;
  g_mutex_init (&store->lock);
  g_cond_init (&store->flushed);
  g_queue_init (&store->waiting);
  g_queue_init (&store->answers);
  g_weak_ref_init (&store->owner, NULL);
  g_mkdir_with_parents (folder, 0700);
  if (take_lock (store, error) && prepare_file (store, notice, error))
    return store;
  g_clear_pointer (notice, g_free);
  free_unstarted (store);
  return NULL;
}

sqlite3 *
fugue_store_get_db (FugueStore *store)
{
  return store->db;
}

/* Answers, from the worker to the main thread. */

static void
task_free (Task *task)
{
  if (task->free_data != NULL)
    task->free_data (task->data);
  g_clear_error (&task->error);
  g_free (task);
}

typedef struct
{
  FugueStore *store;
  GObject    *owner;
} Wake;

static void
wake_free (gpointer data)
{
  Wake *wake = data;

  g_object_unref (wake->owner);
  g_free (wake);
}

void
fugue_store_dispatch (FugueStore *store)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&store->owner);
  GQueue              answers;
  gboolean            is_watched;
  Task               *task;

  g_mutex_lock (&store->lock);
  answers = store->answers;
  g_queue_init (&store->answers);
  is_watched = store->watch_pending;
  store->watch_pending = FALSE;
  g_mutex_unlock (&store->lock);

  while ((task = g_queue_pop_head (&answers)) != NULL)
    {
      if (task->done != NULL)
        task->done (task->data, task->error);
      task_free (task);
    }
  if (is_watched && owner != NULL)
    store->watch (owner);
}

static gboolean
wake_cb (gpointer user_data)
{
  Wake *wake = user_data;

  g_mutex_lock (&wake->store->lock);
  wake->store->wake_source = 0;
  g_mutex_unlock (&wake->store->lock);
  fugue_store_dispatch (wake->store);
  return G_SOURCE_REMOVE;
}

/* With the lock held. The owner is kept alive until it was told: the store lives as long as it does. */
static void
wake_main (FugueStore *store)
{
  GObject *owner;
  Wake    *wake;

  if (store->wake_source != 0)
    return;
  owner = g_weak_ref_get (&store->owner);
  if (owner == NULL)
    return;
  wake = g_new (Wake, 1);
  *wake = (Wake){ store, owner };
  store->wake_source = g_idle_add_full (G_PRIORITY_DEFAULT, wake_cb, wake, wake_free);
}

static void
answer (FugueStore *store, Task *task)
{
  g_mutex_lock (&store->lock);
  g_queue_push_tail (&store->answers, task);
  wake_main (store);
  g_mutex_unlock (&store->lock);
}

/* The worker. */

static gboolean
is_trouble_of_disk (const GError *error)
{
  return g_error_matches (error, FUGUE_ERROR, FUGUE_ERROR_DISK_FULL) || g_error_matches (error, FUGUE_ERROR, FUGUE_ERROR_READ_ONLY)
         || g_error_matches (error, FUGUE_ERROR, FUGUE_ERROR_BUSY);
}

/* Only what SQLite says of the statement itself can never come right. */
static gboolean
is_hopeless (sqlite3 *db, const GError *error)
{
  int code = sqlite3_errcode (db) & 0xff;

  return !is_trouble_of_disk (error) && (code == SQLITE_ERROR || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH
                                         || code == SQLITE_TOOBIG || code == SQLITE_RANGE || code == SQLITE_MISUSE);
}

static guint64
get_free_bytes (const char *path)
{
  struct statvfs info;

  return statvfs (path, &info) == 0 ? (guint64) info.f_bavail * info.f_frsize : G_MAXUINT64;
}

static void
set_status (FugueStore *store, const GError *trouble)
{
  guint64  free_bytes = get_free_bytes (store->path);
  gboolean changed;

  g_mutex_lock (&store->lock);
  changed = free_bytes != store->free_bytes || store->n_waiting != g_queue_get_length (&store->waiting)
            || (trouble != NULL) != (store->trouble != NULL);
  store->free_bytes = free_bytes;
  store->n_waiting = g_queue_get_length (&store->waiting);
  if ((trouble != NULL) != (store->trouble != NULL) || (trouble != NULL && trouble->code != store->trouble->code))
    {
      g_clear_error (&store->trouble);
      store->trouble = trouble != NULL ? g_error_copy (trouble) : NULL;
      changed = TRUE;
    }
  if (changed)
    {
      store->watch_pending = TRUE;
      wake_main (store);
    }
  g_mutex_unlock (&store->lock);
}

/* All writes that wait, in one transaction. %FALSE: nothing of it was written, and *@bad is the write that could not be, unless the
 * whole transaction could not. */
static gboolean
write_all (FugueStore *store, GList **bad, GError **error)
{
  *bad = NULL;
  if (!fugue_store_exec (store->db, "BEGIN IMMEDIATE", error))
    return FALSE;
  for (GList *l = store->waiting.head; l != NULL; l = l->next)
    {
      Task *task = l->data;

      if (!task->func (store->db, task->data, error))
        {
          *bad = l;
          return FALSE;
        }
    }
  return fugue_store_exec (store->db, "COMMIT", error);
}

static void
write_waiting (FugueStore *store)
{
  g_autoptr (GError) trouble = NULL;

  while (!g_queue_is_empty (&store->waiting))
    {
      g_autoptr (GError) error = NULL;
      GList             *bad;
      gboolean           hopeless;

      if (write_all (store, &bad, &error))
        {
          Task *task;

          while ((task = g_queue_pop_head (&store->waiting)) != NULL)
            answer (store, task);
          break;
        }
      hopeless = bad != NULL && is_hopeless (store->db, error);
      if (!sqlite3_get_autocommit (store->db))
        sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
      if (!hopeless)
        {
          trouble = g_steal_pointer (&error);
          break;
        }
      ((Task *) bad->data)->error = g_steal_pointer (&error);
      answer (store, bad->data);
      g_queue_delete_link (&store->waiting, bad);
    }
  store->is_blocked = trouble != NULL;
  set_status (store, trouble);
}

static void
answer_flush (FugueStore *store)
{
  g_mutex_lock (&store->lock);
  store->n_flushes--;
  g_cond_broadcast (&store->flushed);
  g_mutex_unlock (&store->lock);
}

/* Takes a task and all writes right behind it. %FALSE: the end. */
static gboolean
do_task (FugueStore *store, Task *task)
{
  TaskKind kind = task->kind;

  switch (kind)
    {
    case TASK_READ:
      /* What was asked for before is there, unless the disk stands in the way. */
      if (!g_queue_is_empty (&store->waiting) && !store->is_blocked)
        write_waiting (store);
      task->func (store->db, task->data, &task->error);
      answer (store, task);
      return TRUE;
    case TASK_WRITE:
      g_queue_push_tail (&store->waiting, task);
      if (g_async_queue_length (store->tasks) <= 0)
        write_waiting (store);
      return TRUE;
    case TASK_RETRY:
    case TASK_FLUSH:
    case TASK_QUIT:
    default:
      write_waiting (store);
      g_free (task);
      if (kind == TASK_FLUSH)
        answer_flush (store);
      return kind != TASK_QUIT;
    }
}

static gpointer
store_worker (gpointer data)
{
  FugueStore *store = data;
  gboolean    goes_on = TRUE;

  while (goes_on)
    {
      Task *task;

      if (g_queue_is_empty (&store->waiting))
        task = g_async_queue_pop (store->tasks);
      else
        task = g_async_queue_timeout_pop (store->tasks, RETRY_MS * 1000);
      if (task != NULL)
        goes_on = do_task (store, task);
      else
        write_waiting (store);
    }
  return NULL;
}

/* From the main thread. */

static void
push (FugueStore *store, TaskKind kind, FugueStoreFunc func, gpointer data, GDestroyNotify free_data, FugueStoreDone done)
{
  Task *task = g_new0 (Task, 1);

  *task = (Task){ kind, store, func, data, free_data, done, NULL };
  g_async_queue_push (store->tasks, task);
}

void
fugue_store_start (FugueStore *store, FugueStoreWatch watch, gpointer owner)
{
  store->watch = watch;
  g_weak_ref_set (&store->owner, owner);
  store->thread = g_thread_new ("session", store_worker, store);
}

void
fugue_store_write (FugueStore *store, FugueStoreFunc func, gpointer data, GDestroyNotify free_data, FugueStoreDone done)
{
  push (store, TASK_WRITE, func, data, free_data, done);
}

void
fugue_store_read (FugueStore *store, FugueStoreFunc func, gpointer data, GDestroyNotify free_data, FugueStoreDone done)
{
  push (store, TASK_READ, func, data, free_data, done);
}

void
fugue_store_retry (FugueStore *store)
{
  push (store, TASK_RETRY, NULL, NULL, NULL, NULL);
}

void
fugue_store_get_status (FugueStore *store, FugueStoreStatus *status)
{
  g_mutex_lock (&store->lock);
  *status = (FugueStoreStatus){ store->trouble != NULL ? g_error_copy (store->trouble) : NULL, store->n_waiting, store->free_bytes };
  g_mutex_unlock (&store->lock);
}

static gboolean
get_trouble (FugueStore *store, GError **error)
{
  FugueStoreStatus status;

  fugue_store_get_status (store, &status);
  if (status.trouble == NULL)
    return TRUE;
  g_propagate_error (error, status.trouble);
  return FALSE;
}

gboolean
fugue_store_flush (FugueStore *store, GError **error)
{
  if (store->thread == NULL)
    return TRUE;
  g_mutex_lock (&store->lock);
  store->n_flushes++;
  push (store, TASK_FLUSH, NULL, NULL, NULL, NULL);
  while (store->n_flushes > 0)
    g_cond_wait (&store->flushed, &store->lock);
  g_mutex_unlock (&store->lock);
  return get_trouble (store, error);
}

gboolean
fugue_store_close (FugueStore *store, GError **error)
{
  gboolean ok = TRUE;
  guint    wake_source;
  Task    *task;

  if (store->thread != NULL)
    {
      push (store, TASK_QUIT, NULL, NULL, NULL, NULL);
      g_thread_join (store->thread);
      ok = get_trouble (store, error);
      wake_source = store->wake_source;
      if (wake_source != 0)
        g_source_remove (wake_source);
      while ((task = g_queue_pop_head (&store->answers)) != NULL)
        task_free (task);
      while ((task = g_queue_pop_head (&store->waiting)) != NULL)
        task_free (task);
      while ((task = g_async_queue_try_pop (store->tasks)) != NULL)
        task_free (task);
    }
  free_unstarted (store);
  return ok;
}
