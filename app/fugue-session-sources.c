/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sources: who is in which slot, and how pictures from everywhere become sources. */

#include "config.h"

#include "fugue-session-internal.h"

#include "unclip-file.h"
#include "unclip-image-file.h"

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

void
fugue_session_list_source (FugueSession *session, FugueSource *source)
{
  gboolean belongs = fugue_source_get_slot (source) != FUGUE_SLOT_NONE;
  guint    position;
  gboolean is_there = find_position (session, source, &position);

  if (belongs && !is_there)
    g_list_store_insert (session->sources, position, source);
  else if (!belongs && is_there)
    g_list_store_remove (session->sources, position);
}

void
fugue_session_adopt_source (FugueSession *session, FugueSource *source)
{
  fugue_source_set_loader (source, fugue_session_load_source, session);
  g_signal_connect_object (source, "edited", G_CALLBACK (fugue_session_tell_edited), session, 0);
  g_ptr_array_add (session->all_sources, g_object_ref (source));
  fugue_session_list_source (session, source);
}

void
fugue_session_write_source (FugueSession *session, FugueSource *source)
{
  FugueSourceFacts facts;
  g_autofree char *crop = NULL;

  fugue_source_get_facts (source, &facts, &crop);
  fugue_session_execute (session,
           "INSERT OR REPLACE INTO sources (id, slot, name, sha256, picture, crop, is_locked, is_muted) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
           "iissisii", facts.id, (gint64) facts.slot, facts.name, facts.sha256, facts.picture, crop, (gint64) facts.is_locked,
           (gint64) facts.is_muted);
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

  return fugue_session_encode (image->image, &image->png, &image->thumbnail, &image->thumbnail_png, error)
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
    fugue_store_write (session->store, new_image_write, new_image, new_image_free, fugue_session_statement_done);
  else
    new_image_free (new_image);
  fugue_session_adopt_source (session, source);
  fugue_session_write_source (session, source);
  fugue_session_move_source (session, source, slot);
  fugue_session_trim_sources (session);
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
  thumbnail = fugue_session_new_thumbnail (image);
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
  adding->thumbnail = fugue_session_new_thumbnail (adding->image);
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
    go_on_adding (task, NULL, fugue_session_new_closed_error ());
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
    go_on_adding (task, NULL, fugue_session_new_closed_error ());
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
