/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-worker-private.h"

#include "unclip-error.h"
#include "unclip-service-device.h"
#include "unclip-service-model.h"

#include <stdlib.h>

typedef enum
{
  REQUEST_LOAD,
  REQUEST_ADD_SOURCE,
  REQUEST_REMOVE_SOURCE,
  REQUEST_RUN,
  REQUEST_RELEASE,
  REQUEST_STOP,
} RequestKind;

typedef struct
{
  RequestKind        kind;
  UnclipWorkerChoice choice;
  gpointer           token;
  char              *sha256;
  UnclipImage       *image;
  GPtrArray         *jobs;
  guint              max_batch;
} Request;

static void
request_free (Request *request)
{
  g_free (request->choice.folder);
  g_free (request->choice.image_encoder);
  g_free (request->choice.device);
  g_free (request->sha256);
  unclip_image_unref (request->image);
  g_clear_pointer (&request->jobs, g_ptr_array_unref);
  g_free (request);
}

/* Events. */

/* On the main thread. */
static gboolean
deliver_cb (gpointer user_data)
{
  UnclipWorker *worker = user_data;
  GQueue        events;
  UnclipEvent  *event;

  g_mutex_lock (&worker->lock);
  events = worker->events;
  g_queue_init (&worker->events);
  g_clear_pointer (&worker->source, g_source_unref);
  g_mutex_unlock (&worker->lock);

  while ((event = g_queue_pop_head (&events)) != NULL)
    {
      if (event->job != NULL && g_atomic_int_get (&event->job->is_dropped))
        unclip_event_free (event);
      else
        worker->func (event, worker->user_data);
    }
  return G_SOURCE_REMOVE;
}

/* Under the lock. */
static void
remove_older_preview (UnclipWorker *worker, const UnclipJob *job)
{
  for (GList *l = worker->events.head; l != NULL; l = l->next)
    {
      UnclipEvent *event = l->data;

      if (event->kind != UNCLIP_EVENT_PREVIEW || event->job != job)
        continue;
      unclip_event_free (event);
      g_queue_delete_link (&worker->events, l);
      return;
    }
}

void
unclip_worker_tell (UnclipWorker *worker, UnclipEvent *event)
{
  g_mutex_lock (&worker->lock);
  if (event->kind == UNCLIP_EVENT_PREVIEW)
    remove_older_preview (worker, event->job);
  g_queue_push_tail (&worker->events, event);
  if (worker->source == NULL)
    {
      worker->source = g_idle_source_new ();
      g_source_set_priority (worker->source, G_PRIORITY_DEFAULT);
      g_source_set_callback (worker->source, deliver_cb, worker, NULL);
      g_source_attach (worker->source, worker->context);
    }
  g_mutex_unlock (&worker->lock);
}

void
unclip_worker_note_memory (UnclipWorker *worker)
{
  guint64 used_bytes = worker->executor != NULL ? unclip_executor_get_used_bytes (worker->executor) : 0;

  g_mutex_lock (&worker->lock);
  worker->used_bytes = used_bytes;
  g_mutex_unlock (&worker->lock);
}

void
unclip_worker_park (UnclipWorker *worker)
{
  /* What stays on a device that fails now fails at the next step, which says so. */
  if (worker->executor != NULL)
    unclip_executor_park (worker->executor, NULL);
  unclip_worker_note_memory (worker);
}

/* Loading. */

static void
tell_devices (UnclipWorker *worker)
{
  UnclipEvent *event = g_new0 (UnclipEvent, 1);

  event->kind = UNCLIP_EVENT_DEVICE;
  event->details = unclip_service_describe_device (worker->executor);
  unclip_worker_tell (worker, event);
}

static void
loading_cb (guint64 done, guint64 total, gpointer user_data)
{
  UnclipEvent *event = g_new0 (UnclipEvent, 1);

  event->kind = UNCLIP_EVENT_LOADING;
  event->done = done;
  event->total = total;
  unclip_worker_tell (user_data, event);
}

static UnclipModel *
open_model (const UnclipWorkerChoice *choice, GError **error)
{
  g_autofree char              *path = unclip_model_folder_find (choice->folder, error);
  g_autoptr (UnclipModelFolder) folder = path != NULL ? unclip_model_folder_open (path, error) : NULL;

  if (folder == NULL
      || (choice->image_encoder != NULL && !unclip_model_folder_use_image_encoder (folder, choice->image_encoder, error)))
    return NULL;
  return unclip_model_open (folder, error);
}

/* Opening a device takes a tenth of a second, so one that stays is kept. */
static UnclipExecutor *
open_executor (UnclipWorker *worker, const UnclipWorkerChoice *choice, GError **error)
{
  if (worker->executor != NULL && choice->precision == worker->precision && g_strcmp0 (choice->device, worker->device) == 0)
    return unclip_executor_ref (worker->executor);
  return unclip_executor_open_vulkan (choice->device, choice->precision, error);
}

static void
drop_model (UnclipWorker *worker)
{
  g_clear_pointer (&worker->evaluator, unclip_evaluator_free);
  g_clear_pointer (&worker->stages, unclip_stages_free);
  g_clear_pointer (&worker->model, unclip_model_unref);
  g_clear_pointer (&worker->executor, unclip_executor_unref);
  g_clear_pointer (&worker->device, g_free);
}

static gboolean
load (UnclipWorker *worker, const UnclipWorkerChoice *choice, GError **error)
{
  g_autoptr (GCancellable)   cancellable = g_cancellable_new ();
  g_autoptr (UnclipModel)    model = NULL;
  g_autoptr (UnclipExecutor) executor = NULL;
  GHashTableIter             iter;
  gpointer                   image;
  gboolean                   ok;

  g_mutex_lock (&worker->lock);
  worker->cancellable = cancellable;
  g_mutex_unlock (&worker->lock);

  model = open_model (choice, error);
  executor = model != NULL ? open_executor (worker, choice, error) : NULL;
  ok = executor != NULL && unclip_service_check_model (model, loading_cb, worker, cancellable, error);

  g_mutex_lock (&worker->lock);
  worker->cancellable = NULL;
  g_mutex_unlock (&worker->lock);
  if (!ok)
    return FALSE;

  drop_model (worker);
  worker->model = g_steal_pointer (&model);
  worker->executor = g_steal_pointer (&executor);
  worker->device = g_strdup (choice->device);
  worker->precision = choice->precision;
  worker->stages = unclip_stages_new (worker->model, worker->executor);
  worker->evaluator = unclip_evaluator_new (worker->stages);
  worker->warm_batch = choice->warm_batch;
  g_hash_table_iter_init (&iter, worker->sources);
  while (g_hash_table_iter_next (&iter, NULL, &image))
    unclip_evaluator_add_source (worker->evaluator, image);
  return TRUE;
}

static void
answer_load (UnclipWorker *worker, const Request *request)
{
  UnclipEvent *event = g_new0 (UnclipEvent, 1);

  event->kind = UNCLIP_EVENT_LOADED;
  event->token = request->token;
  if (load (worker, &request->choice, &event->error))
    {
      event->model = unclip_model_ref (worker->model);
      event->details = unclip_service_describe_model (worker->model);
      tell_devices (worker);
      unclip_worker_note_memory (worker);
    }
  unclip_worker_tell (worker, event);
}

/* The thread. */

static gboolean
is_paused (UnclipWorker *worker)
{
  gboolean paused;

  g_mutex_lock (&worker->lock);
  paused = worker->paused;
  g_mutex_unlock (&worker->lock);
  return paused;
}

/* Asked for at each pause, but it may be over by now. */
static void
release_memory (UnclipWorker *worker)
{
  if (is_paused (worker))
    unclip_worker_park (worker);
}

static void
add_source (UnclipWorker *worker, const Request *request)
{
  g_hash_table_replace (worker->sources, g_strdup (request->sha256), unclip_image_ref (request->image));
  if (worker->evaluator != NULL)
    unclip_evaluator_add_source (worker->evaluator, request->image);
}

static void
remove_source (UnclipWorker *worker, const Request *request)
{
  g_hash_table_remove (worker->sources, request->sha256);
  if (worker->evaluator != NULL)
    unclip_evaluator_remove_source (worker->evaluator, request->sha256);
}

/* The next request; meanwhile what can be prepared is. */
static Request *
wait_for_request (UnclipWorker *worker)
{
  while (worker->warm_batch > 0 && g_async_queue_length (worker->requests) <= 0 && !is_paused (worker))
    {
      guint batch = worker->warm_batch;

      worker->warm_batch = batch > 1 ? 1 : 0;
      unclip_worker_prepare (worker, batch);
    }
  return g_async_queue_pop (worker->requests);
}

static gpointer
engine_worker (gpointer data)
{
  UnclipWorker *worker = data;
  gboolean      stop = FALSE;

  tell_devices (worker);
  while (!stop)
    {
      Request *request = wait_for_request (worker);

      switch (request->kind)
        {
        case REQUEST_LOAD:
          answer_load (worker, request);
          break;
        case REQUEST_ADD_SOURCE:
          add_source (worker, request);
          break;
        case REQUEST_REMOVE_SOURCE:
          remove_source (worker, request);
          break;
        case REQUEST_RUN:
          unclip_worker_run_jobs (worker, request->jobs, request->max_batch);
          break;
        case REQUEST_RELEASE:
          release_memory (worker);
          break;
        case REQUEST_STOP:
          stop = TRUE;
          break;
        default:
          g_assert_not_reached ();
        }
      request_free (request);
    }
  drop_model (worker);

  g_mutex_lock (&worker->lock);
  worker->ended = TRUE;
  g_cond_broadcast (&worker->changed);
  g_mutex_unlock (&worker->lock);
  return NULL;
}

/* The main thread's side. */

static void
read_fault (UnclipWorker *worker)
{
  const char *text = g_getenv ("UNCLIP_SERVE_FAULT");

  if (text == NULL)
    return;
  if (g_str_has_prefix (text, "abort:"))
    worker->fault = UNCLIP_FAULT_ABORT;
  else if (g_str_has_prefix (text, "hang:"))
    worker->fault = UNCLIP_FAULT_HANG;
  if (worker->fault != UNCLIP_FAULT_NONE)
    worker->fault_step = (guint) strtoul (strchr (text, ':') + 1, NULL, 10);
}

UnclipWorker *
unclip_worker_new (UnclipEventFunc func, gpointer user_data)
{
  UnclipWorker *worker = g_new0 (UnclipWorker, 1);

  worker->func = func;
  worker->user_data = user_data;
  worker->context = g_main_context_ref_thread_default ();
  worker->requests = g_async_queue_new_full ((GDestroyNotify) request_free);
  worker->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_image_unref);
  worker->pace = unclip_pace_new ();
  g_mutex_init (&worker->lock);
  g_cond_init (&worker->changed);
  g_queue_init (&worker->events);
  read_fault (worker);
  worker->thread = g_thread_new ("engine", engine_worker, worker);
  return worker;
}

/* Ends what runs. Only preparations are ended by a request. */
static void
interrupt (UnclipWorker *worker, gboolean only_preparations)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_mutex_lock (&worker->lock);
  if (worker->cancellable != NULL && (worker->preparing || !only_preparations))
    cancellable = g_object_ref (worker->cancellable);
  g_mutex_unlock (&worker->lock);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

/* A source comes before its first run: preparations shall not end for it. */
static void
push (UnclipWorker *worker, Request *request)
{
  gboolean is_source = request->kind == REQUEST_ADD_SOURCE || request->kind == REQUEST_REMOVE_SOURCE;

  g_async_queue_push (worker->requests, request);
  if (!is_source)
    interrupt (worker, TRUE);
}

static Request *
request_new (RequestKind kind)
{
  Request *request = g_new0 (Request, 1);

  request->kind = kind;
  return request;
}

gboolean
unclip_worker_stop (UnclipWorker *worker, guint patience_ms)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) patience_ms * 1000;

  g_mutex_lock (&worker->lock);
  worker->stopping = TRUE;
  g_cond_broadcast (&worker->changed);
  g_mutex_unlock (&worker->lock);
  g_async_queue_push_front (worker->requests, request_new (REQUEST_STOP));
  interrupt (worker, FALSE);

  g_mutex_lock (&worker->lock);
  while (!worker->ended && g_cond_wait_until (&worker->changed, &worker->lock, deadline))
    ;
  if (!worker->ended)
    {
      g_mutex_unlock (&worker->lock);
      return FALSE;
    }
  g_mutex_unlock (&worker->lock);

  g_thread_join (worker->thread);
  if (worker->source != NULL)
    g_source_destroy (worker->source);
  g_clear_pointer (&worker->source, g_source_unref);
  g_queue_clear_full (&worker->events, (GDestroyNotify) unclip_event_free);
  g_async_queue_unref (worker->requests);
  g_hash_table_unref (worker->sources);
  unclip_pace_free (worker->pace);
  g_main_context_unref (worker->context);
  g_mutex_clear (&worker->lock);
  g_cond_clear (&worker->changed);
  g_free (worker);
  return TRUE;
}

void
unclip_worker_load (UnclipWorker *worker, const UnclipWorkerChoice *choice, gpointer token)
{
  Request *request = request_new (REQUEST_LOAD);

  request->choice = *choice;
  request->choice.folder = g_strdup (choice->folder);
  request->choice.image_encoder = g_strdup (choice->image_encoder);
  request->choice.device = g_strdup (choice->device);
  request->token = token;
  push (worker, request);
}

void
unclip_worker_add_source (UnclipWorker *worker, const char *sha256, UnclipImage *image)
{
  Request *request = request_new (REQUEST_ADD_SOURCE);

  request->sha256 = g_strdup (sha256);
  request->image = unclip_image_ref (image);
  push (worker, request);
}

void
unclip_worker_remove_source (UnclipWorker *worker, const char *sha256)
{
  Request *request = request_new (REQUEST_REMOVE_SOURCE);

  request->sha256 = g_strdup (sha256);
  push (worker, request);
}

void
unclip_worker_run (UnclipWorker *worker, GPtrArray *jobs, guint max_batch)
{
  Request *request = request_new (REQUEST_RUN);

  request->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_job_unref);
  for (guint i = 0; i < jobs->len; i++)
    g_ptr_array_add (request->jobs, unclip_job_ref (g_ptr_array_index (jobs, i)));
  request->max_batch = MAX (max_batch, 1);
  push (worker, request);
}

void
unclip_worker_drop (UnclipWorker *worker, UnclipJob *job)
{
  g_autoptr (GCancellable) cancellable = NULL;
  gboolean                 anybody = FALSE;

  g_atomic_int_set (&job->is_dropped, TRUE);
  g_mutex_lock (&worker->lock);
  for (guint i = 0; worker->running != NULL && i < worker->running->len; i++)
    anybody |= !g_atomic_int_get (&((UnclipJob *) g_ptr_array_index (worker->running, i))->is_dropped);
  if (worker->running != NULL && !anybody)
    cancellable = g_object_ref (worker->cancellable);
  g_mutex_unlock (&worker->lock);

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
  /* A run that is held must see it. */
  g_mutex_lock (&worker->lock);
  g_cond_broadcast (&worker->changed);
  g_mutex_unlock (&worker->lock);
}

void
unclip_worker_set_paused (UnclipWorker *worker, gboolean paused)
{
  g_mutex_lock (&worker->lock);
  worker->paused = paused;
  worker->last_step = g_get_monotonic_time ();
  g_cond_broadcast (&worker->changed);
  g_mutex_unlock (&worker->lock);
  if (paused)
    push (worker, request_new (REQUEST_RELEASE));
}

UnclipWorkerStatus
unclip_worker_get_status (UnclipWorker *worker)
{
  UnclipWorkerStatus status = { 0 };

  g_mutex_lock (&worker->lock);
  status.used_bytes = worker->used_bytes;
  if (worker->running != NULL && !worker->paused)
    status.busy_seconds = (double) (g_get_monotonic_time () - worker->last_step) / G_USEC_PER_SEC;
  g_mutex_unlock (&worker->lock);
  return status;
}
