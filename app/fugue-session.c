/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lists are what counts while the program runs; each change goes to the store as a statement or two, and comes back from there
 * only at the next start. */

#include "config.h"

#include "fugue-session-internal.h"

#include "unclip-image-file.h"

#include <glib/gi18n.h>

/* A slider that moves is written once. */
#define SETTINGS_DELAY_MS 250

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

void
fugue_session_statement_done (gpointer data, const GError *error)
{
  if (error != NULL)
    g_critical ("%s", error->message);
}

void
fugue_session_execute (FugueSession *session, const char *sql, const char *types, ...)
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
  fugue_store_write (session->store, statement_run, statement, statement_free, fugue_session_statement_done);
}

/* Pictures in the list. */

static void
picture_seen (FuguePicture *picture, GParamSpec *pspec, FugueSession *session)
{
  fugue_session_execute (session, "UPDATE pictures SET seen = ? WHERE id = ?", "ii", (gint64) fugue_picture_get_seen (picture),
           fugue_picture_get_id (picture));
}

void
fugue_session_adopt_picture (FugueSession *session, FuguePicture *picture)
{
  gint64 id = fugue_picture_get_id (picture);

  fugue_picture_set_loader (picture, fugue_session_load_part, session);
  g_signal_connect_object (picture, "edited", G_CALLBACK (fugue_session_tell_edited), session, 0);
  g_signal_connect_object (picture, "notify::seen", G_CALLBACK (picture_seen), session, 0);
  g_hash_table_insert (session->pictures_by_id, g_memdup2 (&id, sizeof id), g_object_ref (picture));
}

static void
insert_picture (FugueSession *session, FuguePicture *picture)
{
  UnclipRecipe     *recipe = fugue_picture_get_recipe (picture);
  FuguePictureFacts facts;

  fugue_picture_get_facts (picture, &facts);
  fugue_session_execute (session, "INSERT OR IGNORE INTO recipes (sha256, json) VALUES (?, ?)", "ss", unclip_recipe_get_hash (recipe), facts.recipe_json);
  fugue_session_execute (session,
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
void
fugue_session_update_places (FugueSession *session)
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

void
fugue_session_count_batches (FugueSession *session)
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
fugue_session_tell_edited (GObject *object, const char *property, const GValue *before, FugueSession *session)
{
  if (FUGUE_IS_SOURCE (object))
    {
      fugue_session_list_source (session, FUGUE_SOURCE (object));
      fugue_session_write_source (session, FUGUE_SOURCE (object));
    }
  else
    {
      FuguePicture *picture = FUGUE_PICTURE (object);
      guint         position;

      fugue_session_execute (session, "UPDATE pictures SET mark = ?, rating = ?, place = ? WHERE id = ?", "iiii",
               (gint64) fugue_picture_get_mark (picture), (gint64) fugue_picture_get_rating (picture), fugue_picture_get_place (picture),
               fugue_picture_get_id (picture));
      if (g_str_equal (property, "place") && g_list_store_find (session->pictures, picture, &position))
        {
          refresh (session, position, picture);
          fugue_session_update_places (session);
        }
    }
  g_signal_emit (session, signals[EDITED], 0, object, property, before);
}

void
fugue_session_add_pictures (FugueSession *session, GPtrArray *pictures)
{
  for (guint i = 0; i < pictures->len; i++)
    {
      FuguePicture *picture = g_ptr_array_index (pictures, i);

      fugue_session_adopt_picture (session, picture);
      insert_picture (session, picture);
    }
  fugue_session_count_batches (session);
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
      fugue_session_execute (session, "DELETE FROM pictures WHERE id = ?", "i", id);
    }
  fugue_session_update_places (session);
  fugue_session_count_batches (session);
}

void
fugue_session_store_picture (FugueSession *session, FuguePicture *picture)
{
  FuguePictureFacts facts;

  fugue_picture_get_facts (picture, &facts);
  fugue_session_execute (session, "UPDATE pictures SET state = ?, job = ?, error_code = ?, error_message = ? WHERE id = ?", "iissi",
           (gint64) facts.state, facts.job, facts.error_code, facts.error_message, facts.id);
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

UnclipImage *
fugue_session_new_thumbnail (UnclipImage *image)
{
  if (unclip_image_get_width (image) <= FUGUE_THUMBNAIL_SIZE && unclip_image_get_height (image) <= FUGUE_THUMBNAIL_SIZE)
    return unclip_image_ref (image);
  return unclip_image_resize_to_fit (image, FUGUE_THUMBNAIL_SIZE, FUGUE_THUMBNAIL_SIZE);
}

gboolean
fugue_session_encode (UnclipImage *image, GBytes **png, UnclipImage **thumbnail, GBytes **thumbnail_png, GError **error)
{
  if (*thumbnail == NULL)
    *thumbnail = fugue_session_new_thumbnail (image);
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

  return fugue_session_encode (finished->image, &finished->png, &finished->thumbnail, &finished->thumbnail_png, error)
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
  fugue_picture_take_part (picture, FUGUE_PICTURE_PART_THUMBNAIL, fugue_session_new_thumbnail (finished->image));
  fugue_session_keep_recent (session, picture, FUGUE_PICTURE_PART_IMAGE);
  fugue_session_keep_recent (session, picture, FUGUE_PICTURE_PART_THUMBNAIL);
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

  fugue_session_statement_done (data, error);
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

void
fugue_session_store_changed (gpointer owner)
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

/* Settings. */

static void
write_settings (FugueSession *session)
{
  GHashTableIter iter;
  gpointer       key;

  g_clear_handle_id (&session->settings_timeout, g_source_remove);
  g_hash_table_iter_init (&iter, session->dirty_settings);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    fugue_session_execute (session, "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", "ss", key,
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
  fugue_session_execute (session,
                         "INSERT OR REPLACE INTO jobs (id, position, state, mode, title, preview_every, on_processor)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?)",
                         "iiiisii", job->id, job->position, (gint64) job->state, (gint64) job->mode, job->title,
                         (gint64) job->preview_every, (gint64) job->on_processor);
}

void
fugue_session_forget_job (FugueSession *session, gint64 id)
{
  fugue_session_execute (session, "DELETE FROM jobs WHERE id = ?", "i", id);
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
  fugue_session_execute (session, "INSERT OR REPLACE INTO undo (position, step) VALUES (?, ?)", "is", position, step);
}

void
fugue_session_forget_undo (FugueSession *session, gint64 first, gint64 last)
{
  fugue_session_execute (session, "DELETE FROM undo WHERE position BETWEEN ? AND ?", "ii", first, last);
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
