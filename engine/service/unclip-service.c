/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The main loop's side: methods are answered here from what is known, or handed to the worker; the worker's events become
 * signals. Previews wait while the connection is full, and of each job only the newest does. */

#include "config.h"

#include "unclip-service.h"

#include "unclip-engine-bus.h"
#include "unclip-error.h"
#include "unclip-service-error.h"
#include "unclip-service-model.h"
#include "unclip-worker.h"

#include <stdlib.h>
#include <string.h>

#define OBJECT_PATH "/io/github/fugue/Engine"
#define DEFAULT_MAX_BATCH 8
#define MAX_BATCH 256

/* A worker in the middle of compiling can't be interrupted; what it does is worth nothing any more. */
#define PATIENCE_MS 2000

/* Sources beyond this are forgotten, the longest unused first, unless a job needs them. */
#define MAX_SOURCE_MIB 1024

/* A source that is there. */
typedef struct
{
  char  *sha256;
  gsize  n_bytes;
} Source;

/* A picture that is being put, piece by piece. */
typedef struct
{
  char   *sha256;
  guint   width, height;
  guint   n_rows;               /* there already */
  guint8 *rgb;
} Upload;

typedef struct
{
  GMainLoop       *loop;
  GDBusConnection *connection;
  UnclipEngineBus *bus;
  UnclipWorker    *worker;
  GError          *error;               /* why it ends, if not as it should */

  GHashTable      *jobs;                /* id → UnclipJob, those that have no result yet */
  GQueue           sources;             /* of Source, the last used last */
  gsize            source_bytes;
  gsize            max_source_bytes;
  Upload           upload;
  UnclipModel     *model;               /* of which only what never changes is used here */
  GVariant        *device;              /* a{sv}; NULL until the worker has told */
  GSList          *describes;           /* GDBusMethodInvocation, waiting for it */

  GHashTable      *previews;            /* UnclipJob → UnclipEvent that waits to be sent */
  gboolean         flushing;
} Service;

static void
source_free (gpointer data)
{
  Source *source = data;

  g_free (source->sha256);
  g_free (source);
}

static void
clear_upload (Upload *upload)
{
  g_free (upload->sha256);
  g_free (upload->rgb);
  *upload = (Upload){ 0 };
}

/* Signals. */

static void
send_preview (Service *self, UnclipEvent *event)
{
  UnclipImage *image = event->image;
  GVariant    *rgb = g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, unclip_image_get_pixels (image), unclip_image_get_n_bytes (image),
                                              TRUE, (GDestroyNotify) unclip_image_unref, unclip_image_ref (image));

  unclip_engine_bus_emit_preview (self->bus, event->job->id, event->stage, event->step, event->steps, unclip_image_get_width (image),
                                  unclip_image_get_height (image), rgb);
}

static void send_previews (Service *self);

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* Failed only if the connection closed, and then the service is gone. */
  if (g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL))
    {
      Service *self = user_data;

      self->flushing = FALSE;
      send_previews (self);
    }
}

/* Sends what waits, and nothing more before all of it has left this process. */
static void
send_previews (Service *self)
{
  GHashTableIter iter;
  gpointer       event;

  if (self->flushing || g_hash_table_size (self->previews) == 0)
    return;
  g_hash_table_iter_init (&iter, self->previews);
  while (g_hash_table_iter_next (&iter, NULL, &event))
    send_preview (self, event);
  g_hash_table_remove_all (self->previews);
  self->flushing = TRUE;
  g_dbus_connection_flush (self->connection, NULL, flushed_cb, self);
}

static void
send_progress (Service *self, UnclipEvent *event)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < event->jobs->len; i++)
    {
      UnclipJob *job = g_ptr_array_index (event->jobs, i);

      if (!g_atomic_int_get (&job->is_dropped))
        g_ptr_array_add (ids, job->id);
    }
  g_ptr_array_add (ids, NULL);
  if (ids->len > 1)
    unclip_engine_bus_emit_progress (self->bus, (const char *const *) ids->pdata, event->stage, event->step, event->steps,
                                     event->seconds_left);
}

static void
send_finished (Service *self, UnclipEvent *event)
{
  UnclipImage *image = event->image;
  GVariant    *rgb = g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, unclip_image_get_pixels (image), unclip_image_get_n_bytes (image),
                                              TRUE, (GDestroyNotify) unclip_image_unref, unclip_image_ref (image));

  unclip_engine_bus_emit_finished (self->bus, event->job->id, unclip_image_get_width (image), unclip_image_get_height (image), rgb,
                                   event->details);
}

/* The job has its result: its name is free again. */
static void
forget (Service *self, UnclipJob *job)
{
  g_hash_table_remove (self->previews, job);
  g_hash_table_remove (self->jobs, job->id);
}

static void
answer_load (Service *self, UnclipEvent *event)
{
  GDBusMethodInvocation *invocation = event->token;

  if (event->error != NULL)
    {
      g_dbus_method_invocation_return_gerror (invocation, event->error);
      return;
    }
  g_clear_pointer (&self->model, unclip_model_unref);
  self->model = g_steal_pointer (&event->model);
  unclip_engine_bus_complete_load_model (self->bus, invocation, event->details);
}

static void
answer_describe (Service *self, GDBusMethodInvocation *invocation)
{
  UnclipWorkerStatus status = unclip_worker_get_status (self->worker);
  GVariantDict       dict;

  g_variant_dict_init (&dict, self->device);
  g_variant_dict_insert (&dict, "version", "s", FUGUE_VERSION);
  g_variant_dict_insert (&dict, "memory_used", "t", status.used_bytes);
  g_variant_dict_insert (&dict, "busy_seconds", "d", status.busy_seconds);
  unclip_engine_bus_complete_describe (self->bus, invocation, g_variant_dict_end (&dict));
}

static void
set_device (Service *self, GVariant *device)
{
  g_clear_pointer (&self->device, g_variant_unref);
  self->device = g_variant_ref (device);
  for (GSList *l = self->describes; l != NULL; l = l->next)
    answer_describe (self, l->data);
  g_clear_pointer (&self->describes, g_slist_free);
}

static void
on_event (UnclipEvent *event, gpointer user_data)
{
  Service *self = user_data;

  switch (event->kind)
    {
    case UNCLIP_EVENT_DEVICE:
      set_device (self, event->details);
      break;
    case UNCLIP_EVENT_LOADING:
      unclip_engine_bus_emit_loading (self->bus, event->done, event->total);
      break;
    case UNCLIP_EVENT_LOADED:
      answer_load (self, event);
      break;
    case UNCLIP_EVENT_PROGRESS:
      send_progress (self, event);
      break;
    case UNCLIP_EVENT_PREVIEW:
      g_hash_table_replace (self->previews, event->job, event);
      send_previews (self);
      return;
    case UNCLIP_EVENT_FINISHED:
      forget (self, event->job);
      send_finished (self, event);
      break;
    case UNCLIP_EVENT_FAILED:
      forget (self, event->job);
      unclip_engine_bus_emit_failed (self->bus, event->job->id, unclip_service_error_get_code (event->error), event->error->message);
      break;
    case UNCLIP_EVENT_LOST:
      g_clear_error (&self->error);
      self->error = g_steal_pointer (&event->error);
      g_main_loop_quit (self->loop);
      break;
    default:
      g_assert_not_reached ();
    }
  unclip_event_free (event);
}

/* Methods. */

static gboolean
describe_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, Service *self)
{
  if (self->device != NULL)
    answer_describe (self, invocation);
  else
    self->describes = g_slist_prepend (self->describes, invocation);
  return TRUE;
}

/* A string that counts only if it is not empty. */
static char *
dup_option (GVariant *options, const char *key)
{
  const char *value = NULL;

  return g_variant_lookup (options, key, "&s", &value) && value[0] != '\0' ? g_strdup (value) : NULL;
}

static gboolean
load_model_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, const char *folder, GVariant *options, Service *self)
{
  g_autofree char   *image_encoder = dup_option (options, "image_encoder");
  g_autofree char   *device = dup_option (options, "device");
  g_autofree char   *precision = dup_option (options, "precision");
  UnclipWorkerChoice choice = {
    .folder = folder[0] != '\0' ? (char *) folder : NULL,
    .image_encoder = image_encoder,
    .device = device,
    .precision = UNCLIP_PRECISION_AUTO,
  };

  g_variant_lookup (options, "warm_batch", "u", &choice.warm_batch);
  choice.warm_batch = MIN (choice.warm_batch, MAX_BATCH);
  if (g_strcmp0 (precision, "f32") == 0)
    choice.precision = UNCLIP_PRECISION_F32;
  else if (g_strcmp0 (precision, "f16") == 0)
    choice.precision = UNCLIP_PRECISION_F16;
  else if (precision != NULL && !g_str_equal (precision, "auto"))
    {
      g_dbus_method_invocation_return_error (invocation, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                                             "The precision is “%s”, but must be auto, f32 or f16.", precision);
      return TRUE;
    }
  unclip_worker_load (self->worker, &choice, invocation);
  return TRUE;
}

static void
find_models_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, unclip_service_find_models (data), (GDestroyNotify) g_variant_unref);
}

static void
found_models_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) models = g_task_propagate_pointer (G_TASK (result), NULL);

  unclip_engine_bus_complete_find_models (UNCLIP_ENGINE_BUS (source), user_data, models);
}

static gboolean
find_models_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, const char *const *folders, Service *self)
{
  g_autoptr (GTask) task = g_task_new (bus, NULL, found_models_cb, invocation);

  g_task_set_task_data (task, g_strdupv ((char **) folders), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, find_models_worker);
  return TRUE;
}

/* Whether it is there; if so, it is the last used one now. */
static gboolean
use_source (Service *self, const char *sha256)
{
  for (GList *l = self->sources.head; l != NULL; l = l->next)
    if (g_str_equal (((Source *) l->data)->sha256, sha256))
      {
        g_queue_unlink (&self->sources, l);
        g_queue_push_tail_link (&self->sources, l);
        return TRUE;
      }
  return FALSE;
}

static gboolean
is_needed (Service *self, const Source *source)
{
  GHashTableIter iter;
  gpointer       job;

  g_hash_table_iter_init (&iter, self->jobs);
  while (g_hash_table_iter_next (&iter, NULL, &job))
    if (g_strv_contains (unclip_recipe_get_sources (((UnclipJob *) job)->recipe), source->sha256))
      return TRUE;
  return FALSE;
}

/* After a submission, when it is known what is needed. */
static void
forget_sources (Service *self)
{
  for (GList *l = self->sources.head, *next; l != NULL && self->source_bytes > self->max_source_bytes; l = next)
    {
      Source *source = l->data;

      next = l->next;
      if (is_needed (self, source))
        continue;
      unclip_worker_remove_source (self->worker, source->sha256);
      self->source_bytes -= source->n_bytes;
      source_free (source);
      g_queue_delete_link (&self->sources, l);
    }
}

static gboolean
has_sources_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, const char *const *sources, Service *self)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();

  for (guint i = 0; sources[i] != NULL; i++)
    if (!use_source (self, sources[i]))
      g_ptr_array_add (missing, (gpointer) sources[i]);
  g_ptr_array_add (missing, NULL);
  unclip_engine_bus_complete_has_sources (bus, invocation, (const char *const *) missing->pdata);
  return TRUE;
}

/* Puts a piece in its place; pieces of another picture begin anew. */
static gboolean
take_rows (Upload *upload, const Upload *piece, const guint8 *rgb, gsize n_bytes, GError **error)
{
  gsize stride = (gsize) piece->width * 3;

  if (piece->width == 0 || piece->width > UNCLIP_IMAGE_MAX_SIDE || piece->height == 0 || piece->height > UNCLIP_IMAGE_MAX_SIDE
      || n_bytes == 0 || n_bytes % stride != 0)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "A source of %u × %u pixels can't be put in pieces of %" G_GSIZE_FORMAT " bytes.",
                   piece->width, piece->height, n_bytes);
      return FALSE;
    }
  if (piece->n_rows == 0)
    {
      clear_upload (upload);
      *upload = (Upload){ g_strdup (piece->sha256), piece->width, piece->height, 0, g_malloc (stride * piece->height) };
    }
  if (g_strcmp0 (upload->sha256, piece->sha256) != 0 || upload->width != piece->width || upload->height != piece->height
      || upload->n_rows != piece->n_rows || n_bytes / stride > upload->height - upload->n_rows)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "The pieces of source %.12s… do not follow one another.", piece->sha256);
      return FALSE;
    }
  memcpy (upload->rgb + stride * upload->n_rows, rgb, n_bytes);
  upload->n_rows += (guint) (n_bytes / stride);
  return TRUE;
}

/* All rows are there. */
static gboolean
finish_upload (Service *self, GError **error)
{
  g_autoptr (UnclipImage) image = unclip_image_new_take (self->upload.width, self->upload.height, g_steal_pointer (&self->upload.rgb));
  g_autofree char        *sha256 = unclip_image_dup_sha256 (image);
  gboolean                ok = g_str_equal (sha256, self->upload.sha256);

  clear_upload (&self->upload);
  if (!ok)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_IMAGE_FORMAT, "A source arrived damaged: its pixels have the hash %.12s….", sha256);
      return FALSE;
    }
  if (!use_source (self, sha256))
    {
      Source *source = g_new (Source, 1);

      unclip_worker_add_source (self->worker, sha256, image);
      *source = (Source){ g_steal_pointer (&sha256), unclip_image_get_n_bytes (image) };
      self->source_bytes += source->n_bytes;
      g_queue_push_tail (&self->sources, source);
    }
  return TRUE;
}

static gboolean
put_source_cb (UnclipEngineBus       *bus,
               GDBusMethodInvocation *invocation,
               const char            *sha256,
               guint                  width,
               guint                  height,
               guint                  first_row,
               GVariant              *rows,
               Service               *self)
{
  const Upload piece = { (char *) sha256, width, height, first_row, NULL };
  GError      *error = NULL;
  gsize        n_bytes;
  const guint8 *rgb = g_variant_get_fixed_array (rows, &n_bytes, 1);

  if (take_rows (&self->upload, &piece, rgb, n_bytes, &error)
      && (self->upload.n_rows < self->upload.height || finish_upload (self, &error)))
    unclip_engine_bus_complete_put_source (bus, invocation);
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static gboolean
check_ids (Service *self, GVariant *jobs, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantIter           iter;
  const char            *id, *json;

  g_variant_iter_init (&iter, jobs);
  while (g_variant_iter_next (&iter, "(&s&s)", &id, &json))
    if (g_hash_table_contains (self->jobs, id) || !g_hash_table_add (seen, (gpointer) id))
      {
        g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT, "The job “%s” is under way already.", id);
        return FALSE;
      }
  return TRUE;
}

static gboolean
submit_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, GVariant *jobs, GVariant *options, Service *self)
{
  g_autoptr (GPtrArray) accepted = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_job_unref);
  guint                 preview_every = 0, max_batch = DEFAULT_MAX_BATCH;
  GError               *error = NULL;
  GVariantIter          iter;
  const char           *id, *json;

  if (!check_ids (self, jobs, &error))
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return TRUE;
    }
  unclip_engine_bus_complete_submit (bus, invocation);

  g_variant_lookup (options, "preview_every", "u", &preview_every);
  g_variant_lookup (options, "max_batch", "u", &max_batch);
  g_variant_iter_init (&iter, jobs);
  while (g_variant_iter_next (&iter, "(&s&s)", &id, &json))
    {
      g_autoptr (GError) refusal = NULL;
      UnclipRecipe      *recipe = unclip_recipe_parse (json, strlen (json), &refusal);
      UnclipJob         *job;

      if (recipe == NULL)
        {
          unclip_engine_bus_emit_failed (bus, id, unclip_service_error_get_code (refusal), refusal->message);
          continue;
        }
      job = unclip_job_new (id, recipe, preview_every);
      g_hash_table_insert (self->jobs, job->id, unclip_job_ref (job));
      g_ptr_array_add (accepted, job);
    }
  if (accepted->len > 0)
    unclip_worker_run (self->worker, accepted, CLAMP (max_batch, 1, MAX_BATCH));
  forget_sources (self);
  return TRUE;
}

static gboolean
cancel_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, const char *const *ids, Service *self)
{
  guint n_found = 0;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      UnclipJob            *found = g_hash_table_lookup (self->jobs, ids[i]);
      g_autoptr (UnclipJob) job = found != NULL ? unclip_job_ref (found) : NULL;

      if (job == NULL)
        continue;
      n_found++;
      unclip_worker_drop (self->worker, job);
      forget (self, job);
      unclip_engine_bus_emit_cancelled (bus, ids[i]);
    }
  unclip_engine_bus_complete_cancel (bus, invocation, n_found);
  return TRUE;
}

static gboolean
pause_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, gboolean paused, Service *self)
{
  unclip_worker_set_paused (self->worker, paused);
  unclip_engine_bus_complete_pause (bus, invocation);
  return TRUE;
}

static guint
count_dropped (UnclipTokenizer *tokenizer, const char *text, gsize n_bytes)
{
  g_autofree char         *prefix = g_strndup (text, n_bytes);
  g_autoptr (UnclipTokens) tokens = unclip_tokenizer_encode (tokenizer, prefix);

  return tokens->n_dropped;
}

/* The longest beginning of the text that fits, at a boundary of characters. */
static guint
find_kept_bytes (UnclipTokenizer *tokenizer, const char *text)
{
  glong low = 0, high = g_utf8_strlen (text, -1);

  if (count_dropped (tokenizer, text, strlen (text)) == 0)
    return (guint) strlen (text);
  /* At low characters it fits, at high it does not. */
  while (high - low > 1)
    {
      glong middle = (low + high) / 2;
      gsize n_bytes = (gsize) (g_utf8_offset_to_pointer (text, middle) - text);

      if (count_dropped (tokenizer, text, n_bytes) == 0)
        low = middle;
      else
        high = middle;
    }
  return (guint) (g_utf8_offset_to_pointer (text, low) - text);
}

static gboolean
count_tokens_cb (UnclipEngineBus *bus, GDBusMethodInvocation *invocation, const char *text, Service *self)
{
  GError                  *error = NULL;
  UnclipTokenizer         *tokenizer = NULL;
  g_autoptr (UnclipTokens) tokens = NULL;
  guint                    n = 0;

  if (self->model == NULL)
    g_set_error_literal (&error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND, "No model is loaded; choose one first.");
  else
    tokenizer = unclip_model_get_tokenizer (self->model, &error);
  if (tokenizer == NULL)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return TRUE;
    }
  tokens = unclip_tokenizer_encode (tokenizer, text);
  for (guint i = 0; i < tokens->n; i++)
    n += tokens->mask[i];
  unclip_engine_bus_complete_count_tokens (bus, invocation, n - 2 + tokens->n_dropped, tokens->n - 2, find_kept_bytes (tokenizer, text));
  return TRUE;
}

/* Beginning and end. */

static gboolean
allow_mechanism_cb (GDBusAuthObserver *observer, const char *mechanism, gpointer user_data)
{
  /* Who holds the pipe is the client. Others would look for credentials or write cookies into the home folder. */
  return g_str_equal (mechanism, "ANONYMOUS");
}

static gboolean
authorize_cb (GDBusAuthObserver *observer, GIOStream *stream, GCredentials *credentials, gpointer user_data)
{
  return TRUE;
}

static GDBusConnection *
connect_client (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusAuthObserver) observer = g_dbus_auth_observer_new ();
  g_autofree char              *guid = g_dbus_generate_guid ();
  const GDBusConnectionFlags    flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                     | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS
                                     | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING;
  GDBusConnection              *connection;

  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism_cb), NULL);
  g_signal_connect (observer, "authorize-authenticated-peer", G_CALLBACK (authorize_cb), NULL);
  connection = g_dbus_connection_new_sync (stream, guid, flags, observer, cancellable, error);
  if (connection == NULL)
    g_prefix_error (error, "The client does not speak D-Bus: ");
  return connection;
}

static void
closed_cb (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error, Service *self)
{
  g_main_loop_quit (self->loop);
}

static gboolean
quit_cb (GCancellable *cancellable, gpointer user_data)
{
  g_main_loop_quit (((Service *) user_data)->loop);
  return G_SOURCE_REMOVE;
}

static void
connect_methods (Service *self)
{
  const struct
  {
    const char *name;
    GCallback   callback;
  } methods[] = {
    { "handle-describe", G_CALLBACK (describe_cb) },       { "handle-load-model", G_CALLBACK (load_model_cb) },
    { "handle-find-models", G_CALLBACK (find_models_cb) }, { "handle-has-sources", G_CALLBACK (has_sources_cb) },
    { "handle-put-source", G_CALLBACK (put_source_cb) },   { "handle-submit", G_CALLBACK (submit_cb) },
    { "handle-cancel", G_CALLBACK (cancel_cb) },           { "handle-pause", G_CALLBACK (pause_cb) },
    { "handle-count-tokens", G_CALLBACK (count_tokens_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect (self->bus, methods[i].name, methods[i].callback, self);
}

static void
serve (Service *self, GCancellable *cancellable)
{
  g_autoptr (GSource) cancelled = g_cancellable_source_new (cancellable);

  connect_methods (self);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->bus), self->connection, OBJECT_PATH, &self->error))
    return;
  g_signal_connect (self->connection, "closed", G_CALLBACK (closed_cb), self);
  g_source_set_callback (cancelled, G_SOURCE_FUNC (quit_cb), self, NULL);
  g_source_attach (cancelled, NULL);
  g_dbus_connection_start_message_processing (self->connection);
  g_main_loop_run (self->loop);
  g_source_destroy (cancelled);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->bus));
}

static void
unref_event (gpointer data)
{
  unclip_event_free (data);
}

static gsize
get_max_source_bytes (void)
{
  const char *text = g_getenv ("UNCLIP_SERVE_SOURCE_MIB");
  gsize       mib = text != NULL ? (gsize) strtoul (text, NULL, 10) : MAX_SOURCE_MIB;

  return mib << 20;
}

gboolean
unclip_service_run (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  Service self = { .max_source_bytes = get_max_source_bytes () };

  unclip_service_error_register ();
  self.loop = g_main_loop_new (NULL, FALSE);
  self.bus = unclip_engine_bus_skeleton_new ();
  self.jobs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) unclip_job_unref);
  g_queue_init (&self.sources);
  self.previews = g_hash_table_new_full (NULL, NULL, NULL, unref_event);
  /* Drivers are asked while the client is still greeting. */
  self.worker = unclip_worker_new (on_event, &self);
  self.connection = connect_client (stream, cancellable, &self.error);
  if (self.connection != NULL)
    serve (&self, cancellable);

  unclip_worker_stop (self.worker, PATIENCE_MS);
  g_clear_object (&self.connection);
  g_object_unref (self.bus);
  g_main_loop_unref (self.loop);
  g_hash_table_unref (self.previews);
  g_hash_table_unref (self.jobs);
  g_queue_clear_full (&self.sources, source_free);
  clear_upload (&self.upload);
  unclip_model_unref (self.model);
  g_clear_pointer (&self.device, g_variant_unref);
  g_slist_free (self.describes);
  if (self.error == NULL)
    return TRUE;
  g_propagate_error (error, self.error);
  return FALSE;
}
