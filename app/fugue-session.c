/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lists are what counts while the program runs; each change goes to the store as a statement or two, and comes back from there
 * only at the next start. */

#include "config.h"

#include "fugue-session-private.h"

#include "fugue-store.h"
#include "unclip-file.h"
#include "unclip-image-file.h"

#include <glib/gi18n.h>
#include <math.h>

/* Whole pictures and thumbnails that are kept in memory, those asked for last. */
#define MAX_IMAGES 48
#define MAX_THUMBNAILS 512

/* Sources outside the slots that keep their pixels, which are as large as a camera makes them. */
#define MAX_TRAY_IMAGES 4

/* A slider that moves is written once. */
#define SETTINGS_DELAY_MS 250

struct _FugueSession
{
  GObject     parent_instance;

  FugueStore *store;                    /* %NULL when closed */
  char       *path;
  char       *notice;
  GError     *trouble;
  guint       n_unsaved;
  guint64     free_bytes;

  GListStore *pictures;
  GHashTable *pictures_by_id;           /* gint64 → FuguePicture */
  GQueue      recent[2];                /* of FuguePicture, referenced, by FuguePicturePart; the last asked for first */
  GHashTable *unsaved;                  /* FuguePicture → Finished, borrowed from the store */
  gint64      next_picture;
  gint64      next_job;

  GListStore *sources;                  /* in slots and tray */
  GPtrArray  *all_sources;              /* FugueSource */
  gint64      next_source;

  GPtrArray  *jobs;                     /* FugueStoredJob, as read */
  GPtrArray  *undo;                     /* FugueStoredStep, as read */
  GHashTable *settings;                 /* key → value */
  GHashTable *dirty_settings;           /* set of keys */
  guint       settings_timeout;
};

G_DEFINE_FINAL_TYPE (FugueSession, fugue_session, G_TYPE_OBJECT)

enum
{
  PROP_PATH = 1,
  PROP_NOTICE,
  PROP_TROUBLE,
  PROP_N_UNSAVED,
  PROP_FREE_BYTES,
  N_PROPS,
};

enum
{
  EDITED,
  PICTURE_ADDED,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint       signals[N_SIGNALS];

/* Statements with their values, on their way to the store. */

#define MAX_VALUES 24

typedef struct
{
  const char *sql;
  const char *types;
  union
  {
    gint64  integer;
    double  real;
    char   *text;
  } values[MAX_VALUES];
} Statement;

static void
statement_free (gpointer data)
{
  Statement *statement = data;

  for (guint i = 0; statement->types[i] != '\0'; i++)
    if (statement->types[i] == 's')
      g_free (statement->values[i].text);
  g_free (statement);
}

static gboolean
statement_run (sqlite3 *db, gpointer data, GError **error)
{
  Statement    *statement = data;
  sqlite3_stmt *prepared = fugue_store_prepare (db, statement->sql, error);
  gboolean      ok;

  if (prepared == NULL)
    return FALSE;
  for (int i = 0; statement->types[i] != '\0'; i++)
    if (statement->types[i] == 'i')
      sqlite3_bind_int64 (prepared, i + 1, statement->values[i].integer);
    else if (statement->types[i] == 'd')
      sqlite3_bind_double (prepared, i + 1, statement->values[i].real);
    else
      sqlite3_bind_text (prepared, i + 1, statement->values[i].text, -1, SQLITE_STATIC);
  ok = sqlite3_step (prepared) == SQLITE_DONE || fugue_store_set_error (db, error);
  sqlite3_finalize (prepared);
  return ok;
}

static void
statement_done (gpointer data, const GError *error)
{
  if (error != NULL)
    g_critical ("%s", error->message);
}

/* @sql, @types: static; one letter a value, as fugue_store_run() has them. Whole numbers are gint64. */
static void
execute (FugueSession *session, const char *sql, const char *types, ...)
{
  Statement *statement;
  va_list    args;

  if (session->store == NULL)
    return;
  statement = g_new0 (Statement, 1);
  statement->sql = sql;
  statement->types = types;
  va_start (args, types);
  for (guint i = 0; types[i] != '\0'; i++)
    {
      g_assert (i < MAX_VALUES);
      if (types[i] == 'i')
        statement->values[i].integer = va_arg (args, gint64);
      else if (types[i] == 'd')
        statement->values[i].real = va_arg (args, double);
      else
        statement->values[i].text = g_strdup (va_arg (args, const char *));
    }
  va_end (args);
  fugue_store_write (session->store, statement_run, statement, statement_free, statement_done);
}

/* Pictures in the list. */

static void tell_edited (GObject *object, const char *property, const GValue *before, FugueSession *session);
static void load_part (FuguePicture *picture, FuguePicturePart part, gpointer owner);
static void load_source (FugueSource *source, gpointer owner);

static void
picture_seen (FuguePicture *picture, GParamSpec *pspec, FugueSession *session)
{
  execute (session, "UPDATE pictures SET seen = ? WHERE id = ?", "ii", (gint64) fugue_picture_get_seen (picture),
           fugue_picture_get_id (picture));
}

static void
adopt_picture (FugueSession *session, FuguePicture *picture)
{
  gint64 id = fugue_picture_get_id (picture);

  fugue_picture_set_loader (picture, load_part, session);
  g_signal_connect_object (picture, "edited", G_CALLBACK (tell_edited), session, 0);
  g_signal_connect_object (picture, "notify::seen", G_CALLBACK (picture_seen), session, 0);
  g_hash_table_insert (session->pictures_by_id, g_memdup2 (&id, sizeof id), g_object_ref (picture));
}

static void
insert_picture (FugueSession *session, FuguePicture *picture)
{
  UnclipRecipe     *recipe = fugue_picture_get_recipe (picture);
  FuguePictureFacts facts;

  fugue_picture_get_facts (picture, &facts);
  execute (session, "INSERT OR IGNORE INTO recipes (sha256, json) VALUES (?, ?)", "ss", unclip_recipe_get_hash (recipe), facts.recipe_json);
  execute (session,
           "INSERT INTO pictures (id, job, parent, state, recipe, number, verb, label, mark, rating, seen, created, place)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
           "iiiisissiiiii", facts.id, facts.job, facts.parent, (gint64) facts.state, unclip_recipe_get_hash (recipe),
           (gint64) facts.number, facts.verb, facts.label, (gint64) facts.mark, (gint64) facts.rating, (gint64) facts.seen,
           facts.created, facts.place);
}

/* Models on top look again at where the picture belongs. */
static void
refresh (FugueSession *session, guint position, FuguePicture *picture)
{
  g_list_store_splice (session->pictures, position, 1, (gpointer *) &picture, 1);
}

/* Of those in one place the newest counts. */
static void
update_places (FugueSession *session)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (session->pictures)); i > 0; i--)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (G_LIST_MODEL (session->pictures), i - 1);
      gint64                   place = fugue_picture_get_place (picture);
      gboolean                 is_replaced = !g_hash_table_add (taken, g_memdup2 (&place, sizeof place));

      if (is_replaced == fugue_picture_is_replaced (picture))
        continue;
      fugue_picture_set_replaced (picture, is_replaced);
      refresh (session, i - 1, picture);
    }
}

static void
count_batches (FugueSession *session)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GHashTableIter         iter;
  gpointer               picture;

  g_hash_table_iter_init (&iter, session->pictures_by_id);
  while (g_hash_table_iter_next (&iter, NULL, &picture))
    {
      gint64 job = fugue_picture_get_job (picture);
      guint  n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, &job));

      g_hash_table_insert (counts, g_memdup2 (&job, sizeof job), GUINT_TO_POINTER (n + 1));
    }
  g_hash_table_iter_init (&iter, session->pictures_by_id);
  while (g_hash_table_iter_next (&iter, NULL, &picture))
    {
      gint64 job = fugue_picture_get_job (picture);

      fugue_picture_set_n_in_batch (picture, GPOINTER_TO_UINT (g_hash_table_lookup (counts, &job)));
    }
}

void
fugue_session_add_pictures (FugueSession *session, GPtrArray *pictures)
{
  for (guint i = 0; i < pictures->len; i++)
    {
      FuguePicture *picture = g_ptr_array_index (pictures, i);

      adopt_picture (session, picture);
      insert_picture (session, picture);
    }
  count_batches (session);
  g_list_store_splice (session->pictures, g_list_model_get_n_items (G_LIST_MODEL (session->pictures)), 0, pictures->pdata,
                       pictures->len);
  for (guint i = 0; i < pictures->len; i++)
    g_signal_emit (session, signals[PICTURE_ADDED], 0, g_ptr_array_index (pictures, i));
}

static void
forget_recent (FugueSession *session, FuguePicture *picture)
{
  for (guint part = 0; part < G_N_ELEMENTS (session->recent); part++)
    {
      GList *link = g_queue_find (&session->recent[part], picture);

      if (link == NULL)
        continue;
      g_queue_delete_link (&session->recent[part], link);
      g_object_unref (picture);
    }
}

void
fugue_session_remove_pictures (FugueSession *session, GPtrArray *pictures)
{
  g_return_if_fail (FUGUE_IS_SESSION (session));

  for (guint i = 0; i < pictures->len; i++)
    {
      g_autoptr (FuguePicture) picture = g_object_ref (g_ptr_array_index (pictures, i));
      gint64                   id = fugue_picture_get_id (picture);
      guint                    position;

      if (!g_hash_table_remove (session->pictures_by_id, &id))
        continue;
      if (g_list_store_find (session->pictures, picture, &position))
        g_list_store_remove (session->pictures, position);
      g_signal_handlers_disconnect_by_data (picture, session);
      forget_recent (session, picture);
      execute (session, "DELETE FROM pictures WHERE id = ?", "i", id);
    }
  update_places (session);
  count_batches (session);
}

void
fugue_session_store_picture (FugueSession *session, FuguePicture *picture)
{
  FuguePictureFacts facts;

  fugue_picture_get_facts (picture, &facts);
  execute (session, "UPDATE pictures SET state = ?, job = ?, error_code = ?, error_message = ? WHERE id = ?", "iissi",
           (gint64) facts.state, facts.job, facts.error_code, facts.error_message, facts.id);
}

/* The most recent ones keep their pixels. */
static void
keep_recent (FugueSession *session, FuguePicture *picture, FuguePicturePart part)
{
  GQueue *recent = &session->recent[part];
  guint   most = part == FUGUE_PICTURE_PART_IMAGE ? MAX_IMAGES : MAX_THUMBNAILS;
  GList  *link = g_queue_find (recent, picture);

  if (link != NULL)
    {
      g_queue_unlink (recent, link);
      g_queue_push_head_link (recent, link);
      return;
    }
  g_queue_push_head (recent, g_object_ref (picture));
  for (GList *l = recent->tail; l != NULL && g_queue_get_length (recent) > most;)
    {
      GList *before = l->prev;

      /* An unsaved one is nowhere else. */
      if (!g_hash_table_contains (session->unsaved, l->data))
        {
          FuguePicture *old = l->data;

          g_queue_delete_link (recent, l);
          fugue_picture_take_part (old, part, NULL);
          g_object_unref (old);
        }
      l = before;
    }
}

/* A finished picture, on its way to the disk. */

typedef struct
{
  FugueSession        *session;         /* borrowed: the store answers only while it lives */
  FuguePicture        *picture;
  UnclipImage         *image;
  UnclipImage         *thumbnail;
  FuguePictureFacts    facts;           /* its strings are @strings' */
  GPtrArray           *strings;
  GBytes              *png;             /* made at the first try */
  GBytes              *thumbnail_png;
  FugueSessionAnnounce announce;
  GObject             *user_data;
  gboolean             is_announced;
} Finished;

static void
finished_free (gpointer data)
{
  Finished *finished = data;

  g_object_unref (finished->picture);
  unclip_image_unref (finished->image);
  g_clear_pointer (&finished->thumbnail, unclip_image_unref);
  g_ptr_array_unref (finished->strings);
  g_clear_pointer (&finished->png, g_bytes_unref);
  g_clear_pointer (&finished->thumbnail_png, g_bytes_unref);
  g_clear_object (&finished->user_data);
  g_free (finished);
}

static UnclipImage *
new_thumbnail (UnclipImage *image)
{
  if (unclip_image_get_width (image) <= FUGUE_THUMBNAIL_SIZE && unclip_image_get_height (image) <= FUGUE_THUMBNAIL_SIZE)
    return unclip_image_ref (image);
  return unclip_image_resize_to_fit (image, FUGUE_THUMBNAIL_SIZE, FUGUE_THUMBNAIL_SIZE);
}

static gboolean
encode (UnclipImage *image, GBytes **png, UnclipImage **thumbnail, GBytes **thumbnail_png, GError **error)
{
  if (*thumbnail == NULL)
    *thumbnail = new_thumbnail (image);
  if (*png == NULL)
    *png = unclip_image_encode_png (image, NULL, 0, error);
  if (*png == NULL)
    return FALSE;
  if (*thumbnail_png == NULL)
    *thumbnail_png = *thumbnail == image ? g_bytes_ref (*png) : unclip_image_encode_png (*thumbnail, NULL, 0, error);
  return *thumbnail_png != NULL;
}

static gboolean
finished_write (sqlite3 *db, gpointer data, GError **error)
{
  Finished                *finished = data;
  const FuguePictureFacts *facts = &finished->facts;

  return encode (finished->image, &finished->png, &finished->thumbnail, &finished->thumbnail_png, error)
         && fugue_store_run (db, error,
                             "UPDATE pictures SET state = ?, created = ?, psnr_db = ?, max_difference = ?, clip_degrees = ?, seconds = ?,"
                             " device = ?, precision = ?, version = ?, png = ?, thumbnail = ?, error_code = NULL, error_message = NULL"
                             " WHERE id = ?",
                             "iiddddsssbbi", (gint64) FUGUE_PICTURE_FINISHED, facts->created, facts->psnr_db, facts->max_difference,
                             facts->clip_degrees, facts->seconds, facts->device, facts->precision, facts->version, finished->png,
                             finished->thumbnail_png, facts->id);
}

static void
announce (Finished *finished)
{
  FugueSession *session = finished->session;
  FuguePicture *picture = finished->picture;

  if (finished->is_announced)
    return;
  finished->is_announced = TRUE;
  fugue_picture_take_part (picture, FUGUE_PICTURE_PART_IMAGE, unclip_image_ref (finished->image));
  /* The worker may be at it still. */
  fugue_picture_take_part (picture, FUGUE_PICTURE_PART_THUMBNAIL, new_thumbnail (finished->image));
  keep_recent (session, picture, FUGUE_PICTURE_PART_IMAGE);
  keep_recent (session, picture, FUGUE_PICTURE_PART_THUMBNAIL);
  fugue_picture_set_state (picture, FUGUE_PICTURE_FINISHED);
  fugue_picture_set_preview (picture, NULL);
  if (finished->announce != NULL)
    finished->announce (picture, finished->user_data);
  g_clear_object (&finished->user_data);
}

static void
finished_done (gpointer data, const GError *error)
{
  Finished *finished = data;

  statement_done (data, error);
  g_hash_table_remove (finished->session->unsaved, finished->picture);
  if (error == NULL)
    fugue_picture_set_saved (finished->picture, TRUE);
  announce (finished);
}

static const char *
keep_string (GPtrArray *strings, const char *string)
{
  char *copy = g_strdup (string);

  g_ptr_array_add (strings, copy);
  return copy;
}

void
fugue_session_finish_picture (FugueSession        *session,
                              FuguePicture        *picture,
                              UnclipImage         *image,
                              GVariant            *figures,
                              FugueSessionAnnounce announce_func,
                              GObject             *user_data)
{
  Finished *finished;

  g_return_if_fail (session->store != NULL);

  finished = g_new0 (Finished, 1);
  fugue_picture_set_figures (picture, figures, g_get_real_time ());
  finished->session = session;
  finished->picture = g_object_ref (picture);
  finished->image = unclip_image_ref (image);
  finished->announce = announce_func;
  finished->user_data = user_data;
  finished->strings = g_ptr_array_new_with_free_func (g_free);
  fugue_picture_get_facts (picture, &finished->facts);
  finished->facts.device = keep_string (finished->strings, finished->facts.device);
  finished->facts.precision = keep_string (finished->strings, finished->facts.precision);
  finished->facts.version = keep_string (finished->strings, finished->facts.version);
  g_hash_table_insert (session->unsaved, picture, finished);
  fugue_store_write (session->store, finished_write, finished, finished_free, finished_done);
  /* While the disk is full nobody should wait for it. */
  if (session->trouble != NULL)
    announce (finished);
}

/* What the store has to say. */

static void
announce_all (FugueSession *session)
{
  g_autoptr (GList) all = g_hash_table_get_values (session->unsaved);

  for (GList *l = all; l != NULL; l = l->next)
    announce (l->data);
}

static void
store_changed (gpointer owner)
{
  FugueSession    *session = FUGUE_SESSION (owner);
  FugueStoreStatus status;

  if (session->store == NULL)
    return;
  fugue_store_get_status (session->store, &status);
  g_object_freeze_notify (G_OBJECT (session));
  if ((status.trouble != NULL) != (session->trouble != NULL)
      || (status.trouble != NULL && !g_error_matches (session->trouble, status.trouble->domain, status.trouble->code)))
    {
      g_clear_error (&session->trouble);
      session->trouble = g_steal_pointer (&status.trouble);
      g_object_notify_by_pspec (G_OBJECT (session), props[PROP_TROUBLE]);
    }
  g_clear_error (&status.trouble);
  if (status.n_waiting != session->n_unsaved)
    {
      session->n_unsaved = status.n_waiting;
      g_object_notify_by_pspec (G_OBJECT (session), props[PROP_N_UNSAVED]);
    }
  if (status.free_bytes != session->free_bytes)
    {
      session->free_bytes = status.free_bytes;
      g_object_notify_by_pspec (G_OBJECT (session), props[PROP_FREE_BYTES]);
    }
  g_object_thaw_notify (G_OBJECT (session));
  if (session->trouble != NULL)
    announce_all (session);
}

/* What is in no slot is read again when it is wanted. While the disk is in trouble it may not be there to be read. */
static void
trim_sources (FugueSession *session)
{
  guint n_kept = 0;

  for (guint i = session->all_sources->len; i > 0 && session->trouble == NULL; i--)
    {
      FugueSource *source = g_ptr_array_index (session->all_sources, i - 1);

      if (fugue_source_get_slot (source) < FUGUE_SLOT_TRAY || fugue_source_get_image (source) == NULL)
        continue;
      if (++n_kept > MAX_TRAY_IMAGES)
        fugue_source_take_image (source, NULL);
    }
}

/* Reading pixels. */

typedef struct
{
  const char      *sql;
  gint64           id;                  /* of a picture, or 0 */
  char            *sha256;              /* of a source, or %NULL */
  UnclipImage     *image;
  FugueSession    *session;             /* borrowed, as in Finished */
  FuguePicture    *picture;
  FuguePicturePart part;
  FugueSource     *source;
  GTask           *task;
} Reading;

static GError *
new_closed_error (void)
{
  return g_error_new (FUGUE_ERROR, FUGUE_ERROR_STORE, _ ("The session was closed."));
}

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  /* Closed before it was read. */
  if (reading->task != NULL && !g_task_get_completed (reading->task))
    g_task_return_error (reading->task, new_closed_error ());
  g_free (reading->sha256);
  g_clear_pointer (&reading->image, unclip_image_unref);
  g_clear_object (&reading->picture);
  g_clear_object (&reading->source);
  g_clear_object (&reading->task);
  g_free (reading);
}

static gboolean
reading_run (sqlite3 *db, gpointer data, GError **error)
{
  Reading      *reading = data;
  sqlite3_stmt *statement = fugue_store_prepare (db, reading->sql, error);
  int           status;

  if (statement == NULL)
    return FALSE;
  if (reading->sha256 != NULL)
    sqlite3_bind_text (statement, 1, reading->sha256, -1, SQLITE_STATIC);
  else
    sqlite3_bind_int64 (statement, 1, reading->id);
  status = sqlite3_step (statement);
  if (status == SQLITE_ROW)
    {
      g_autoptr (GBytes) png = g_bytes_new (sqlite3_column_blob (statement, 0), sqlite3_column_bytes (statement, 0));

      reading->image = unclip_image_load_bytes (png, _ ("a picture of the session"), error);
    }
  else if (status == SQLITE_DONE)
    g_set_error (error, FUGUE_ERROR, FUGUE_ERROR_STORE, _ ("A picture is missing from the session."));
  else
    fugue_store_set_error (db, error);
  sqlite3_finalize (statement);
  return reading->image != NULL;
}

static void
reading_done (gpointer data, const GError *error)
{
  Reading *reading = data;

  if (error != NULL)
    g_message ("%s", error->message);
  if (reading->picture != NULL && reading->image != NULL)
    {
      fugue_picture_take_part (reading->picture, reading->part, unclip_image_ref (reading->image));
      keep_recent (reading->session, reading->picture, reading->part);
    }
  else if (reading->picture != NULL)
    fugue_picture_take_part (reading->picture, reading->part, NULL);
  if (reading->source != NULL)
    {
      fugue_source_take_image (reading->source, reading->image != NULL ? unclip_image_ref (reading->image) : NULL);
      trim_sources (reading->session);
    }
  if (reading->task == NULL)
    return;
  if (reading->image != NULL)
    g_task_return_pointer (reading->task, g_steal_pointer (&reading->image), (GDestroyNotify) unclip_image_unref);
  else
    g_task_return_error (reading->task, g_error_copy (error));
}

static Reading *
reading_new (FugueSession *session, const char *sql)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->session = session;
  reading->sql = sql;
  return reading;
}

static void
start_reading (FugueSession *session, Reading *reading)
{
  if (session->store != NULL)
    fugue_store_read (session->store, reading_run, reading, reading_free, reading_done);
  else
    reading_free (reading);
}

static void
load_part (FuguePicture *picture, FuguePicturePart part, gpointer owner)
{
  FugueSession *session = FUGUE_SESSION (owner);
  Reading      *reading = reading_new (session, part == FUGUE_PICTURE_PART_IMAGE ? "SELECT png FROM pictures WHERE id = ?"
                                                                                 : "SELECT thumbnail FROM pictures WHERE id = ?");

  reading->id = fugue_picture_get_id (picture);
  reading->picture = g_object_ref (picture);
  reading->part = part;
  start_reading (session, reading);
}

static void
load_source (FugueSource *source, gpointer owner)
{
  FugueSession *session = FUGUE_SESSION (owner);
  Reading      *reading = reading_new (session, "SELECT png FROM images WHERE sha256 = ?");

  reading->sha256 = g_strdup (fugue_source_get_sha256 (source));
  reading->source = g_object_ref (source);
  start_reading (session, reading);
}

/* Answers with the pixels that are in memory, else with those of a row. @task: (transfer full) */
static void
load_pixels (GTask *task, UnclipImage *image, const char *sql, gint64 id, const char *sha256)
{
  FugueSession *session = g_task_get_source_object (task);
  Reading      *reading;

  if (image != NULL)
    {
      g_task_return_pointer (task, unclip_image_ref (image), (GDestroyNotify) unclip_image_unref);
      g_object_unref (task);
      return;
    }
  reading = reading_new (session, sql);
  reading->id = id;
  reading->sha256 = g_strdup (sha256);
  reading->task = task;
  start_reading (session, reading);
}

void
fugue_session_load_picture_async (FugueSession       *session,
                                  FuguePicture       *picture,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  g_return_if_fail (FUGUE_IS_SESSION (session));

  load_pixels (g_task_new (session, cancellable, callback, user_data), fugue_picture_get_image (picture),
               "SELECT png FROM pictures WHERE id = ? AND png IS NOT NULL", fugue_picture_get_id (picture), NULL);
}

void
fugue_session_load_source_async (FugueSession       *session,
                                 const char         *sha256,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  FugueSource      *source;

  g_return_if_fail (FUGUE_IS_SESSION (session));

  task = g_task_new (session, cancellable, callback, user_data);
  source = fugue_session_find_source (session, sha256);
  if (source != NULL)
    load_pixels (g_steal_pointer (&task), fugue_source_get_image (source), "SELECT png FROM images WHERE sha256 = ?", 0, sha256);
  else
    g_task_return_new_error (task, FUGUE_ERROR, FUGUE_ERROR_SOURCE, _ ("The picture that this was made from is not in the session."));
}

UnclipImage *
fugue_session_load_finish (FugueSession *session, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, session), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Sources. */

/* Where it stands in the list, or would: they are ordered by id. */
static gboolean
find_position (FugueSession *session, FugueSource *source, guint *position)
{
  GListModel *list = G_LIST_MODEL (session->sources);

  for (*position = 0; *position < g_list_model_get_n_items (list); (*position)++)
    {
      g_autoptr (FugueSource) other = g_list_model_get_item (list, *position);

      if (other == source)
        return TRUE;
      if (fugue_source_get_id (other) > fugue_source_get_id (source))
        return FALSE;
    }
  return FALSE;
}

static void
update_list (FugueSession *session, FugueSource *source)
{
  gboolean belongs = fugue_source_get_slot (source) != FUGUE_SLOT_NONE;
  guint    position;
  gboolean is_there = find_position (session, source, &position);

  if (belongs && !is_there)
    g_list_store_insert (session->sources, position, source);
  else if (!belongs && is_there)
    g_list_store_remove (session->sources, position);
}

static void
adopt_source (FugueSession *session, FugueSource *source)
{
  fugue_source_set_loader (source, load_source, session);
  g_signal_connect_object (source, "edited", G_CALLBACK (tell_edited), session, 0);
  g_ptr_array_add (session->all_sources, g_object_ref (source));
  update_list (session, source);
}

static void
write_source (FugueSession *session, FugueSource *source)
{
  FugueSourceFacts facts;
  g_autofree char *crop = NULL;

  fugue_source_get_facts (source, &facts, &crop);
  execute (session,
           "INSERT OR REPLACE INTO sources (id, slot, name, sha256, picture, crop, is_locked, is_muted) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
           "iissisii", facts.id, (gint64) facts.slot, facts.name, facts.sha256, facts.picture, crop, (gint64) facts.is_locked,
           (gint64) facts.is_muted);
}

static void
tell_edited (GObject *object, const char *property, const GValue *before, FugueSession *session)
{
  if (FUGUE_IS_SOURCE (object))
    {
      update_list (session, FUGUE_SOURCE (object));
      write_source (session, FUGUE_SOURCE (object));
    }
  else
    {
      FuguePicture *picture = FUGUE_PICTURE (object);
      guint         position;

      execute (session, "UPDATE pictures SET mark = ?, rating = ?, place = ? WHERE id = ?", "iiii",
               (gint64) fugue_picture_get_mark (picture), (gint64) fugue_picture_get_rating (picture), fugue_picture_get_place (picture),
               fugue_picture_get_id (picture));
      if (g_str_equal (property, "place") && g_list_store_find (session->pictures, picture, &position))
        {
          refresh (session, position, picture);
          update_places (session);
        }
    }
  g_signal_emit (session, signals[EDITED], 0, object, property, before);
}

FugueSource *
fugue_session_get_slot (FugueSession *session, FugueSlot slot)
{
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  for (guint i = 0; i < session->all_sources->len; i++)
    {
      FugueSource *source = g_ptr_array_index (session->all_sources, i);

      if (slot < FUGUE_SLOT_TRAY && fugue_source_get_slot (source) == slot)
        return source;
    }
  return NULL;
}

FugueSource *
fugue_session_find_source (FugueSession *session, const char *sha256)
{
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  for (guint i = 0; i < session->all_sources->len; i++)
    {
      FugueSource *source = g_ptr_array_index (session->all_sources, i);

      if (g_strcmp0 (fugue_source_get_sha256 (source), sha256) == 0)
        return source;
    }
  return NULL;
}

FugueSource *
fugue_session_find_source_by_id (FugueSession *session, gint64 id)
{
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  for (guint i = 0; i < session->all_sources->len; i++)
    {
      FugueSource *source = g_ptr_array_index (session->all_sources, i);

      if (fugue_source_get_id (source) == id)
        return source;
    }
  return NULL;
}

void
fugue_session_move_source (FugueSession *session, FugueSource *source, FugueSlot slot)
{
  FugueSource *occupant;
  FugueSlot    old;

  g_return_if_fail (FUGUE_IS_SESSION (session));
  g_return_if_fail (FUGUE_IS_SOURCE (source));

  old = fugue_source_get_slot (source);
  if (old == slot)
    return;
  occupant = fugue_session_get_slot (session, slot);
  if (occupant != NULL)
    fugue_source_set_slot (occupant, old == FUGUE_SLOT_NONE ? FUGUE_SLOT_TRAY : old);
  fugue_source_set_slot (source, slot);
}

/* A new source's pixels, on their way to the disk. */

typedef struct
{
  char        *sha256;
  UnclipImage *image;
  UnclipImage *thumbnail;
  GBytes      *png;
  GBytes      *thumbnail_png;
} NewImage;

static void
new_image_free (gpointer data)
{
  NewImage *image = data;

  g_free (image->sha256);
  unclip_image_unref (image->image);
  g_clear_pointer (&image->thumbnail, unclip_image_unref);
  g_clear_pointer (&image->png, g_bytes_unref);
  g_clear_pointer (&image->thumbnail_png, g_bytes_unref);
  g_free (image);
}

static gboolean
new_image_write (sqlite3 *db, gpointer data, GError **error)
{
  NewImage *image = data;

  return encode (image->image, &image->png, &image->thumbnail, &image->thumbnail_png, error)
         && fugue_store_run (db, error, "INSERT OR IGNORE INTO images (sha256, width, height, png, thumbnail) VALUES (?, ?, ?, ?, ?)",
                             "siibb", image->sha256, (gint64) unclip_image_get_width (image->image),
                             (gint64) unclip_image_get_height (image->image), image->png, image->thumbnail_png);
}

static FugueSource *
add_hashed (FugueSession *session, UnclipImage *image, UnclipImage *thumbnail, const char *sha256, const char *name, gint64 picture,
            FugueSlot slot)
{
  FugueSource            *known = fugue_session_find_source (session, sha256);
  g_autoptr (FugueSource) source = NULL;
  NewImage               *new_image;

  if (known != NULL)
    {
      /* To be at hand is no reason to leave a place. */
      if (slot < FUGUE_SLOT_TRAY || (slot == FUGUE_SLOT_TRAY && fugue_source_get_slot (known) == FUGUE_SLOT_NONE))
        fugue_session_move_source (session, known, slot);
      return known;
    }
  source = fugue_source_new (&(FugueSourceFacts){
    .id = session->next_source++,
    .slot = FUGUE_SLOT_NONE,
    .name = name,
    .sha256 = sha256,
    .width = unclip_image_get_width (image),
    .height = unclip_image_get_height (image),
    .picture = picture,
  });
  fugue_source_take_image (source, unclip_image_ref (image));
  fugue_source_take_thumbnail (source, unclip_image_ref (thumbnail));
  new_image = g_new0 (NewImage, 1);
  new_image->sha256 = g_strdup (sha256);
  new_image->image = unclip_image_ref (image);
  new_image->thumbnail = unclip_image_ref (thumbnail);
  if (session->store != NULL)
    fugue_store_write (session->store, new_image_write, new_image, new_image_free, statement_done);
  else
    new_image_free (new_image);
  adopt_source (session, source);
  write_source (session, source);
  fugue_session_move_source (session, source, slot);
  trim_sources (session);
  return source;
}

FugueSource *
fugue_session_add_source (FugueSession *session, UnclipImage *image, const char *name, FugueSlot slot)
{
  g_autofree char        *sha256 = NULL;
  g_autoptr (UnclipImage) thumbnail = NULL;

  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);
  g_return_val_if_fail (image != NULL && name != NULL, NULL);

  sha256 = unclip_image_dup_sha256 (image);
  thumbnail = new_thumbnail (image);
  return add_hashed (session, image, thumbnail, sha256, name, 0, slot);
}

/* Adding from elsewhere: what a thread makes of it, then the main thread adds. */

typedef struct
{
  char        *path;
  GBytes      *bytes;
  UnclipImage *image;
  UnclipImage *thumbnail;
  char        *sha256;
  char        *name;
  gint64       picture;
  FugueSlot    slot;
} Adding;

static void
adding_free (gpointer data)
{
  Adding *adding = data;

  g_free (adding->path);
  g_clear_pointer (&adding->bytes, g_bytes_unref);
  g_clear_pointer (&adding->image, unclip_image_unref);
  g_clear_pointer (&adding->thumbnail, unclip_image_unref);
  g_free (adding->sha256);
  g_free (adding->name);
  g_free (adding);
}

static void
adding_worker (GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
  Adding *adding = data;
  GError *error = NULL;

  if (adding->path != NULL)
    adding->image = unclip_image_load (adding->path, &error);
  else if (adding->bytes != NULL)
    adding->image = unclip_image_load_bytes (adding->bytes, adding->name, &error);
  if (adding->image == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  adding->sha256 = unclip_image_dup_sha256 (adding->image);
  adding->thumbnail = new_thumbnail (adding->image);
  g_task_return_boolean (task, TRUE);
}

static void
start_adding (FugueSession *session, Adding *adding, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (session, cancellable, callback, user_data);

  g_task_set_task_data (task, adding, adding_free);
  g_task_run_in_thread (task, adding_worker);
}

static Adding *
adding_new (const char *name, FugueSlot slot)
{
  Adding *adding = g_new0 (Adding, 1);

  adding->name = g_strdup (name);
  adding->slot = slot;
  return adding;
}

void
fugue_session_add_image_async (FugueSession       *session,
                               UnclipImage        *image,
                               const char         *name,
                               FugueSlot           slot,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  Adding *adding = adding_new (name, slot);

  adding->image = unclip_image_ref (image);
  start_adding (session, adding, cancellable, callback, user_data);
}

void
fugue_session_add_file_async (FugueSession       *session,
                              const char         *path,
                              FugueSlot           slot,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autofree char *name = unclip_file_dup_name (path);
  Adding          *adding = adding_new (name, slot);

  adding->path = g_strdup (path);
  start_adding (session, adding, cancellable, callback, user_data);
}

void
fugue_session_add_bytes_async (FugueSession       *session,
                               GBytes             *bytes,
                               const char         *name,
                               FugueSlot           slot,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  Adding *adding = adding_new (name, slot);

  adding->bytes = g_bytes_ref (bytes);
  start_adding (session, adding, cancellable, callback, user_data);
}

/* @task: (transfer full) */
static void
go_on_adding (GTask *task, UnclipImage *image, GError *error)
{
  g_autoptr (GTask) kept = task;
  Adding           *adding = g_task_get_task_data (task);

  adding->image = image;
  if (image != NULL)
    g_task_run_in_thread (task, adding_worker);
  else
    g_task_return_error (task, error);
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GError      *error = NULL;
  UnclipImage *image = fugue_session_load_finish (FUGUE_SESSION (object), result, &error);

  go_on_adding (user_data, image, error);
}

void
fugue_session_add_picture_async (FugueSession       *session,
                                 FuguePicture       *picture,
                                 FugueSlot           slot,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  GTask                   *task = g_task_new (session, cancellable, callback, user_data);
  Adding                  *adding = adding_new (fugue_picture_get_label (picture), slot);
  g_autoptr (FugueSession) owner = fugue_picture_dup_owner (picture);

  if (owner == session)
    adding->picture = fugue_picture_get_id (picture);
  g_task_set_task_data (task, adding, adding_free);
  if (owner != NULL)
    fugue_session_load_picture_async (owner, picture, cancellable, loaded_cb, task);
  else
    go_on_adding (task, NULL, new_closed_error ());
}

void
fugue_session_copy_source_async (FugueSession       *session,
                                 FugueSource        *source,
                                 FugueSlot           slot,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  GTask                   *task = g_task_new (session, cancellable, callback, user_data);
  g_autoptr (FugueSession) owner = fugue_source_dup_owner (source);

  g_task_set_task_data (task, adding_new (fugue_source_get_name (source), slot), adding_free);
  if (owner != NULL)
    fugue_session_load_source_async (owner, fugue_source_get_sha256 (source), cancellable, loaded_cb, task);
  else
    go_on_adding (task, NULL, new_closed_error ());
}

FugueSource *
fugue_session_add_finish (FugueSession *session, GAsyncResult *result, GError **error)
{
  Adding *adding;

  g_return_val_if_fail (g_task_is_valid (result, session), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  adding = g_task_get_task_data (G_TASK (result));
  return g_object_ref (add_hashed (session, adding->image, adding->thumbnail, adding->sha256, adding->name, adding->picture,
                                   adding->slot));
}

/* Settings. */

static void
write_settings (FugueSession *session)
{
  GHashTableIter iter;
  gpointer       key;

  g_clear_handle_id (&session->settings_timeout, g_source_remove);
  g_hash_table_iter_init (&iter, session->dirty_settings);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    execute (session, "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", "ss", key,
             g_hash_table_lookup (session->settings, key));
  g_hash_table_remove_all (session->dirty_settings);
}

static gboolean
settings_cb (gpointer user_data)
{
  FugueSession *session = user_data;

  session->settings_timeout = 0;
  write_settings (session);
  return G_SOURCE_REMOVE;
}

const char *
fugue_session_get_setting (FugueSession *session, const char *key)
{
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  return g_hash_table_lookup (session->settings, key);
}

void
fugue_session_set_setting (FugueSession *session, const char *key, const char *value)
{
  g_return_if_fail (FUGUE_IS_SESSION (session));
  g_return_if_fail (key != NULL && value != NULL);

  if (g_strcmp0 (g_hash_table_lookup (session->settings, key), value) == 0)
    return;
  g_hash_table_insert (session->settings, g_strdup (key), g_strdup (value));
  g_hash_table_add (session->dirty_settings, g_strdup (key));
  if (session->settings_timeout == 0)
    session->settings_timeout = g_timeout_add (SETTINGS_DELAY_MS, settings_cb, session);
}

/* Queue and history, as rows. */

gint64
fugue_session_reserve_picture_id (FugueSession *session)
{
  return session->next_picture++;
}

gint64
fugue_session_reserve_job_id (FugueSession *session)
{
  return session->next_job++;
}

void
fugue_session_store_job (FugueSession *session, const FugueStoredJob *job)
{
  execute (session, "INSERT OR REPLACE INTO jobs (id, position, state, mode, title, preview_every) VALUES (?, ?, ?, ?, ?, ?)", "iiiisi",
           job->id, job->position, (gint64) job->state, (gint64) job->mode, job->title, (gint64) job->preview_every);
}

void
fugue_session_forget_job (FugueSession *session, gint64 id)
{
  execute (session, "DELETE FROM jobs WHERE id = ?", "i", id);
}

static GPtrArray *
steal_array (GPtrArray **array, GDestroyNotify free_item)
{
  GPtrArray *stolen = *array;

  *array = g_ptr_array_new_with_free_func (free_item);
  return stolen;
}

static void
stored_job_free (gpointer data)
{
  FugueStoredJob *job = data;

  g_free (job->title);
  g_free (job);
}

static void
stored_step_free (gpointer data)
{
  FugueStoredStep *step = data;

  g_free (step->step);
  g_free (step);
}

GPtrArray *
fugue_session_take_jobs (FugueSession *session)
{
  return steal_array (&session->jobs, stored_job_free);
}

GPtrArray *
fugue_session_take_undo (FugueSession *session)
{
  return steal_array (&session->undo, stored_step_free);
}

void
fugue_session_store_undo (FugueSession *session, gint64 position, const char *step)
{
  execute (session, "INSERT OR REPLACE INTO undo (position, step) VALUES (?, ?)", "is", position, step);
}

void
fugue_session_forget_undo (FugueSession *session, gint64 first, gint64 last)
{
  execute (session, "DELETE FROM undo WHERE position BETWEEN ? AND ?", "ii", first, last);
}

/* Reading the whole file, once. */

static const char *
get_text (sqlite3_stmt *row, int column)
{
  return (const char *) sqlite3_column_text (row, column);
}

static double
get_real (sqlite3_stmt *row, int column)
{
  return sqlite3_column_type (row, column) == SQLITE_NULL ? NAN : sqlite3_column_double (row, column);
}

static void
read_picture (FugueSession *session, sqlite3_stmt *row)
{
  g_autoptr (FuguePicture) picture = fugue_picture_new (&(FuguePictureFacts){
    .id = sqlite3_column_int64 (row, 0),
    .job = sqlite3_column_int64 (row, 1),
    .parent = sqlite3_column_int64 (row, 2),
    .state = sqlite3_column_int (row, 3),
    .recipe_json = get_text (row, 4),
    .number = sqlite3_column_int (row, 5),
    .verb = get_text (row, 6),
    .label = get_text (row, 7),
    .mark = sqlite3_column_int (row, 8),
    .rating = sqlite3_column_int (row, 9),
    .seen = sqlite3_column_int (row, 10),
    .created = sqlite3_column_int64 (row, 11),
    .error_code = get_text (row, 12),
    .error_message = get_text (row, 13),
    .psnr_db = get_real (row, 14),
    .max_difference = get_real (row, 15),
    .clip_degrees = get_real (row, 16),
    .seconds = sqlite3_column_double (row, 17),
    .device = get_text (row, 18),
    .precision = get_text (row, 19),
    .version = get_text (row, 20),
    .place = sqlite3_column_int64 (row, 21),
  });

  adopt_picture (session, picture);
  g_list_store_append (session->pictures, picture);
}

static void
read_source (FugueSession *session, sqlite3_stmt *row)
{
  g_autoptr (FugueSource) source = fugue_source_new (&(FugueSourceFacts){
    .id = sqlite3_column_int64 (row, 0),
    .slot = sqlite3_column_int (row, 1),
    .name = get_text (row, 2),
    .sha256 = get_text (row, 3),
    .picture = sqlite3_column_int64 (row, 4),
    .crop = get_text (row, 5),
    .is_locked = sqlite3_column_int (row, 6),
    .is_muted = sqlite3_column_int (row, 7),
    .width = sqlite3_column_int (row, 8),
    .height = sqlite3_column_int (row, 9),
  });
  g_autoptr (GBytes) png = g_bytes_new (sqlite3_column_blob (row, 10), sqlite3_column_bytes (row, 10));
  UnclipImage       *thumbnail = unclip_image_load_bytes (png, NULL, NULL);

  if (thumbnail != NULL)
    fugue_source_take_thumbnail (source, thumbnail);
  adopt_source (session, source);
}

static void
read_job (FugueSession *session, sqlite3_stmt *row)
{
  FugueStoredJob *job = g_new (FugueStoredJob, 1);

  *job = (FugueStoredJob){ sqlite3_column_int64 (row, 0), sqlite3_column_int64 (row, 1), sqlite3_column_int (row, 2),
                           sqlite3_column_int (row, 3),   g_strdup (get_text (row, 4)),  sqlite3_column_int (row, 5) };
  g_ptr_array_add (session->jobs, job);
}

static void
read_setting (FugueSession *session, sqlite3_stmt *row)
{
  g_hash_table_insert (session->settings, g_strdup (get_text (row, 0)), g_strdup (get_text (row, 1)));
}

static void
read_undo (FugueSession *session, sqlite3_stmt *row)
{
  FugueStoredStep *step = g_new (FugueStoredStep, 1);

  *step = (FugueStoredStep){ sqlite3_column_int64 (row, 0), g_strdup (get_text (row, 1)) };
  g_ptr_array_add (session->undo, step);
}

static void
read_sequence (FugueSession *session, sqlite3_stmt *row)
{
  const char *table = get_text (row, 0);
  gint64      next = sqlite3_column_int64 (row, 1) + 1;

  if (g_str_equal (table, "pictures"))
    session->next_picture = next;
  else if (g_str_equal (table, "sources"))
    session->next_source = next;
  else if (g_str_equal (table, "jobs"))
    session->next_job = next;
}

static gboolean
read_rows (FugueSession *session, const char *sql, void (*read_row) (FugueSession *, sqlite3_stmt *), GError **error)
{
  sqlite3      *db = fugue_store_get_db (session->store);
  sqlite3_stmt *statement = fugue_store_prepare (db, sql, error);
  int           status;

  if (statement == NULL)
    return FALSE;
  while ((status = sqlite3_step (statement)) == SQLITE_ROW)
    read_row (session, statement);
  if (status != SQLITE_DONE)
    fugue_store_set_error (db, error);
  sqlite3_finalize (statement);
  return status == SQLITE_DONE;
}

static gboolean
read_all (FugueSession *session, GError **error)
{
  return /* Unfinished, and of no job: left from a crash between two writes. */
    fugue_store_exec (fugue_store_get_db (session->store),
                      "DELETE FROM pictures WHERE state IN (0, 1) AND job NOT IN (SELECT id FROM jobs)", error)
    && read_rows (session, "SELECT name, seq FROM sqlite_sequence", read_sequence, error)
    && read_rows (session,
                  "SELECT s.id, s.slot, s.name, s.sha256, s.picture, s.crop, s.is_locked, s.is_muted, i.width, i.height, i.thumbnail"
                  " FROM sources s JOIN images i ON i.sha256 = s.sha256 ORDER BY s.id",
                  read_source, error)
    && read_rows (session,
                  "SELECT p.id, p.job, p.parent, p.state, r.json, p.number, p.verb, p.label, p.mark, p.rating, p.seen, p.created,"
                  " p.error_code, p.error_message, p.psnr_db, p.max_difference, p.clip_degrees, p.seconds, p.device, p.precision,"
                  " p.version, p.place FROM pictures p LEFT JOIN recipes r ON r.sha256 = p.recipe ORDER BY p.id",
                  read_picture, error)
    && read_rows (session, "SELECT id, position, state, mode, title, preview_every FROM jobs ORDER BY position, id", read_job, error)
    && read_rows (session, "SELECT key, value FROM settings", read_setting, error)
    && read_rows (session, "SELECT position, step FROM undo ORDER BY position", read_undo, error);
}

FugueSession *
fugue_session_open (const char *path, GError **error)
{
  g_autoptr (FugueSession) session = g_object_new (FUGUE_TYPE_SESSION, NULL);

  g_return_val_if_fail (path != NULL, NULL);

  session->path = g_canonicalize_filename (path, NULL);
  session->store = fugue_store_open (path, &session->notice, error);
  if (session->store == NULL || !read_all (session, error))
    return NULL;
  update_places (session);
  count_batches (session);
  fugue_store_start (session->store, store_changed, session);
  return g_steal_pointer (&session);
}

static void
open_worker (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  GError       *error = NULL;
  FugueSession *session = fugue_session_open (data, &error);

  if (session != NULL)
    g_task_return_pointer (task, session, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
fugue_session_open_async (const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, open_worker);
}

FugueSession *
fugue_session_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

char *
fugue_session_dup_new_path (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char      *stem = g_date_time_format (now, "%Y-%m-%d %H.%M.%S");
  g_autofree char      *folder = g_build_filename (g_get_user_data_dir (), "fugue", "sessions", NULL);
  char                 *path = g_strdup_printf ("%s/%s.fugue", folder, stem);

  for (guint n = 2; g_file_test (path, G_FILE_TEST_EXISTS); n++)
    {
      g_free (path);
      path = g_strdup_printf ("%s/%s (%u).fugue", folder, stem, n);
    }
  return path;
}

/* Writing and closing. */

gboolean
fugue_session_flush (FugueSession *session, GError **error)
{
  gboolean ok;

  g_return_val_if_fail (FUGUE_IS_SESSION (session), FALSE);

  if (session->store == NULL)
    return TRUE;
  write_settings (session);
  ok = fugue_store_flush (session->store, error);
  fugue_store_dispatch (session->store);
  return ok;
}

void
fugue_session_retry (FugueSession *session)
{
  g_return_if_fail (FUGUE_IS_SESSION (session));

  if (session->store != NULL)
    fugue_store_retry (session->store);
}

gboolean
fugue_session_close (FugueSession *session, GError **error)
{
  g_autoptr (FugueSession) kept = NULL;
  FugueStore              *store;

  g_return_val_if_fail (FUGUE_IS_SESSION (session), FALSE);

  if (session->store == NULL)
    return TRUE;
  kept = g_object_ref (session);
  fugue_session_flush (session, NULL);
  g_hash_table_remove_all (session->unsaved);
  store = g_steal_pointer (&session->store);
  return fugue_store_close (store, error);
}

typedef struct
{
  char  *path;
  GTask *task;
} Copying;

static void
copying_free (gpointer data)
{
  Copying *copying = data;

  g_free (copying->path);
  g_object_unref (copying->task);
  g_free (copying);
}

static gboolean
copying_run (sqlite3 *db, gpointer data, GError **error)
{
  Copying *copying = data;

  if (g_file_test (copying->path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST, _ ("“%s” is there already; choose another name."), copying->path);
      return FALSE;
    }
  return fugue_store_run (db, error, "VACUUM INTO ?", "s", copying->path);
}

static void
copying_done (gpointer data, const GError *error)
{
  Copying *copying = data;

  if (error != NULL)
    g_task_return_error (copying->task, g_error_copy (error));
  else
    g_task_return_boolean (copying->task, TRUE);
}

void
fugue_session_save_copy_async (FugueSession       *session,
                               const char         *path,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  Copying *copying;

  g_return_if_fail (FUGUE_IS_SESSION (session));
  g_return_if_fail (session->store != NULL);

  copying = g_new (Copying, 1);
  *copying = (Copying){ g_strdup (path), g_task_new (session, cancellable, callback, user_data) };
  write_settings (session);
  fugue_store_read (session->store, copying_run, copying, copying_free, copying_done);
}

gboolean
fugue_session_save_copy_finish (FugueSession *session, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, session), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Getters. */

const char *
fugue_session_get_path (FugueSession *session)
{
  return session->path;
}

const char *
fugue_session_get_notice (FugueSession *session)
{
  return session->notice;
}

const GError *
fugue_session_get_trouble (FugueSession *session)
{
  return session->trouble;
}

guint64
fugue_session_get_free_bytes (FugueSession *session)
{
  return session->free_bytes;
}

GListModel *
fugue_session_get_pictures (FugueSession *session)
{
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  return G_LIST_MODEL (session->pictures);
}

GListModel *
fugue_session_get_sources (FugueSession *session)
{
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  return G_LIST_MODEL (session->sources);
}

FuguePicture *
fugue_session_find_picture (FugueSession *session, gint64 id)
{
  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);

  return g_hash_table_lookup (session->pictures_by_id, &id);
}

/* The class. */

static void
fugue_session_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FugueSession *session = FUGUE_SESSION (object);

  switch (prop)
    {
    case PROP_PATH:
      g_value_set_string (value, session->path);
      break;
    case PROP_NOTICE:
      g_value_set_string (value, session->notice);
      break;
    case PROP_TROUBLE:
      g_value_set_boxed (value, session->trouble);
      break;
    case PROP_N_UNSAVED:
      g_value_set_uint (value, session->n_unsaved);
      break;
    case PROP_FREE_BYTES:
      g_value_set_uint64 (value, session->free_bytes);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_session_dispose (GObject *object)
{
  FugueSession      *session = FUGUE_SESSION (object);
  g_autoptr (GError) error = NULL;

  if (!fugue_session_close (session, &error))
    g_warning ("%s", error->message);
  g_clear_handle_id (&session->settings_timeout, g_source_remove);
  for (guint part = 0; part < G_N_ELEMENTS (session->recent); part++)
    g_queue_clear_full (&session->recent[part], g_object_unref);
  G_OBJECT_CLASS (fugue_session_parent_class)->dispose (object);
}

static void
fugue_session_finalize (GObject *object)
{
  FugueSession *session = FUGUE_SESSION (object);

  g_free (session->path);
  g_free (session->notice);
  g_clear_error (&session->trouble);
  g_object_unref (session->pictures);
  g_hash_table_unref (session->pictures_by_id);
  g_hash_table_unref (session->unsaved);
  g_object_unref (session->sources);
  g_ptr_array_unref (session->all_sources);
  g_ptr_array_unref (session->jobs);
  g_ptr_array_unref (session->undo);
  g_hash_table_unref (session->settings);
  g_hash_table_unref (session->dirty_settings);
  G_OBJECT_CLASS (fugue_session_parent_class)->finalize (object);
}

static void
fugue_session_class_init (FugueSessionClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fugue_session_get_property;
  object_class->dispose = fugue_session_dispose;
  object_class->finalize = fugue_session_finalize;

  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, read);
  props[PROP_NOTICE] = g_param_spec_string ("notice", NULL, NULL, NULL, read);
  props[PROP_TROUBLE] = g_param_spec_boxed ("trouble", NULL, NULL, G_TYPE_ERROR, read);
  props[PROP_N_UNSAVED] = g_param_spec_uint ("n-unsaved", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_FREE_BYTES] = g_param_spec_uint64 ("free-bytes", NULL, NULL, 0, G_MAXUINT64, G_MAXUINT64, read);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[EDITED] = g_signal_new ("edited", FUGUE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_OBJECT,
                                  G_TYPE_STRING, G_TYPE_VALUE);
  signals[PICTURE_ADDED] = g_signal_new ("picture-added", FUGUE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         FUGUE_TYPE_PICTURE);
}

static void
fugue_session_init (FugueSession *session)
{
  session->free_bytes = G_MAXUINT64;
  session->next_picture = session->next_job = session->next_source = 1;
  session->pictures = g_list_store_new (FUGUE_TYPE_PICTURE);
  session->pictures_by_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  session->unsaved = g_hash_table_new (NULL, NULL);
  session->sources = g_list_store_new (FUGUE_TYPE_SOURCE);
  session->all_sources = g_ptr_array_new_with_free_func (g_object_unref);
  session->jobs = g_ptr_array_new_with_free_func (stored_job_free);
  session->undo = g_ptr_array_new_with_free_func (stored_step_free);
  session->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  session->dirty_settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
