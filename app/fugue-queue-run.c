/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every picture that is asked for is an item of a job. An item has an id while an engine has it; ids carry the session, the picture and
 * the attempt, so that word of an attempt that was given up means nothing any more.
 *
 * schedule() is the one place that hands out work; everything that may have made room or work asks for it, and it runs once in the
 * main loop's turn.
 */

#include "config.h"

#include "fugue-queue-private.h"

#include "unclip-error.h"

#include <glib/gi18n.h>

/* Pictures that an engine gets at a time. */
#define MAX_CHUNK 8

/* Engines that one picture may end. */
#define MAX_DEATHS 2

/* Handing out work. */

void
fugue_queue_fail_item (FugueQueue *queue, FugueJobItem *item, const char *code, const char *message)
{
  fugue_picture_set_error (item->picture, code, message);
  fugue_picture_set_state (item->picture, FUGUE_PICTURE_FAILED);
  fugue_job_set_message (item->job, message);
  if (!fugue_job_is_hidden (item->job))
    fugue_session_store_picture (queue->session, item->picture);
  g_signal_emit (queue, fugue_queue_signals[FUGUE_QUEUE_PICTURE_FAILED], 0, item->picture);
}

static gboolean
is_waiting (FugueJobItem *item)
{
  return item->id == NULL && !item->is_saving && fugue_picture_get_state (item->picture) == FUGUE_PICTURE_WAITING;
}

static FugueJobItem *
get_waiting (FugueJob *job)
{
  for (guint i = 0; i < fugue_job_get_n_items (job); i++)
    if (is_waiting (fugue_job_get_item (job, i)))
      return fugue_job_get_item (job, i);
  return NULL;
}

void
fugue_queue_check_done (FugueQueue *queue, FugueJob *job)
{
  g_autoptr (FugueJob) kept = g_object_ref (job);
  g_autofree char     *pace = NULL;
  FugueJobState        state = FUGUE_JOB_FINISHED;

  fugue_job_count (job);
  fugue_queue_update_times (queue);
  if (!fugue_job_is_done (job) || (fugue_job_get_state (job) != FUGUE_JOB_WAITING && fugue_job_get_state (job) != FUGUE_JOB_RUNNING))
    return;
  for (guint i = 0; i < fugue_job_get_n_items (job); i++)
    if (fugue_job_get_item (job, i)->is_given_up && !fugue_job_get_item (job, i)->is_skipped)
      state = FUGUE_JOB_CANCELLED;
  if (fugue_job_get_n_finished (job) == 0 && fugue_job_get_n_failed (job) > 0)
    state = FUGUE_JOB_FAILED;
  g_hash_table_remove_all (fugue_job_get_images (job));
  pace = fugue_pace_dup_string (queue->pace);
  fugue_session_set_setting (queue->session, FUGUE_QUEUE_PACE_SETTING, pace);
  fugue_queue_remove_job (queue, job);
  fugue_job_set_seconds_left (job, 0);
  fugue_job_set_state (job, state);
  fugue_queue_update_current (queue);
  fugue_queue_update_times (queue);
  g_ptr_array_remove (queue->old_drafts, job);
  if (!fugue_job_is_draft (job))
    g_signal_emit (queue, fugue_queue_signals[FUGUE_QUEUE_JOB_ENDED], 0, job);
}

typedef struct
{
  FugueQueue *queue;                    /* referenced */
  FugueJob   *job;                      /* referenced */
  char       *sha256;
} Loading;

static void
source_loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Loading               *loading = user_data;
  FugueQueue            *queue = loading->queue;
  FugueJob              *job = loading->job;
  g_autoptr (GError)     error = NULL;
  UnclipImage           *image = fugue_session_load_finish (FUGUE_SESSION (object), result, &error);
  FugueJobItem          *item;

  fugue_job_add_loading (job, -1);
  if (image != NULL)
    g_hash_table_insert (fugue_job_get_images (job), g_strdup (loading->sha256), image);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      while ((item = get_waiting (job)) != NULL)
        fugue_queue_fail_item (queue, item, "source", error->message);
      fugue_queue_check_done (queue, job);
    }
  fugue_queue_request_schedule (queue);
  g_object_unref (queue);
  g_object_unref (job);
  g_free (loading->sha256);
  g_free (loading);
}

/* Sees to it that the sources of a job are in memory. %FALSE: they are on their way. */
static gboolean
has_sources (FugueQueue *queue, FugueJob *job)
{
  g_autoptr (GHashTable) missing = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter         iter;
  gpointer               sha256;

  if (fugue_job_is_loading (job))
    return FALSE;
  for (guint i = 0; i < fugue_job_get_n_items (job); i++)
    {
      FugueJobItem *item = fugue_job_get_item (job, i);

      if (!is_waiting (item))
        continue;
      for (const char *const *source = unclip_recipe_get_sources (fugue_picture_get_recipe (item->picture)); *source != NULL; source++)
        if (!g_hash_table_contains (fugue_job_get_images (job), *source))
          g_hash_table_add (missing, (gpointer) *source);
    }
  fugue_job_add_loading (job, (int) g_hash_table_size (missing));
  g_hash_table_iter_init (&iter, missing);
  while (g_hash_table_iter_next (&iter, &sha256, NULL))
    {
      Loading *loading = g_new (Loading, 1);

      *loading = (Loading){ g_object_ref (queue), g_object_ref (job), g_strdup (sha256) };
      fugue_session_load_source_async (queue->session, sha256, queue->cancellable, source_loaded_cb, loading);
    }
  return g_hash_table_size (missing) == 0;
}

/* The items that the next engine gets: as many as make full use of all that are free; one that an engine has died of goes alone. */
static GPtrArray *
take_chunk (FugueJob *job, guint n_free)
{
  g_autoptr (GPtrArray) chunk = g_ptr_array_new ();
  guint                 n_waiting = 0;
  guint                 most;

  for (guint i = 0; i < fugue_job_get_n_items (job); i++)
    n_waiting += is_waiting (fugue_job_get_item (job, i));
  most = MIN ((n_waiting + n_free - 1) / n_free, MAX_CHUNK);
  for (guint i = 0; i < fugue_job_get_n_items (job) && chunk->len < most; i++)
    {
      FugueJobItem *item = fugue_job_get_item (job, i);

      if (!is_waiting (item) || (item->n_deaths > 0 && chunk->len > 0))
        continue;
      g_ptr_array_add (chunk, item);
      if (item->n_deaths > 0)
        break;
    }
  return g_steal_pointer (&chunk);
}

static void
submit (FugueQueue *queue, FugueJob *job, GPtrArray *chunk)
{
  g_autofree const char   **ids = g_new0 (const char *, chunk->len);
  g_autofree UnclipRecipe **recipes = g_new0 (UnclipRecipe *, chunk->len);

  for (guint i = 0; i < chunk->len; i++)
    {
      FugueJobItem *item = g_ptr_array_index (chunk, i);

      item->id = g_strdup_printf ("%u-%" G_GINT64_FORMAT "-%u", queue->serial, fugue_picture_get_id (item->picture), ++queue->n_attempts);
      item->has_started = FALSE;
      g_hash_table_insert (queue->running, item->id, item);
      ids[i] = item->id;
      recipes[i] = fugue_picture_get_recipe (item->picture);
    }
  queue->batch_seconds = -1;
  if (fugue_job_get_state (job) != FUGUE_JOB_RUNNING)
    {
      fugue_job_set_state (job, FUGUE_JOB_RUNNING);
      fugue_queue_update_current (queue);
    }
  fugue_runner_submit (queue->runner, &(FugueBatch){
                                        .ids = ids,
                                        .recipes = recipes,
                                        .n = chunk->len,
                                        .images = fugue_job_get_images (job),
                                        .preview_every = fugue_job_get_preview_every (job),
                                        .on_processor = fugue_job_is_on_processor (job),
                                      });
}

static gboolean
can_start (FugueQueue *queue, FugueJob *job)
{
  return get_waiting (job) != NULL && fugue_runner_get_n_free (queue->runner, fugue_job_is_on_processor (job)) > 0;
}

/* The first job that has something to hand out and a place where to: the draft, then by order. */
static FugueJob *
find_work (FugueQueue *queue)
{
  if (queue->draft != NULL && can_start (queue, queue->draft))
    return queue->draft;
  for (guint i = 0; i < queue->jobs->len; i++)
    if (can_start (queue, fugue_queue_get_job (queue, i)))
      return fugue_queue_get_job (queue, i);
  return NULL;
}

static void
schedule (FugueQueue *queue)
{
  const GError *trouble = fugue_session_get_trouble (queue->session);
  FugueJob     *job;

  /* What is made while nothing can be saved would only pile up in memory. */
  if (trouble != NULL)
    fugue_queue_set_pause_reason (queue, trouble->message);
  else if (fugue_session_get_free_bytes (queue->session) < FUGUE_SESSION_STOP_BYTES)
    fugue_queue_set_pause_reason (queue, _ ("The disk is nearly full; make room, and the queue goes on."));
  else
    fugue_queue_set_pause_reason (queue, NULL);
  if (queue->is_paused || queue->pause_reason != NULL)
    return;
  while ((job = find_work (queue)) != NULL)
    {
      g_autoptr (GPtrArray) chunk = NULL;

      if (!has_sources (queue, job))
        break;
      chunk = take_chunk (job, fugue_runner_get_n_free (queue->runner, fugue_job_is_on_processor (job)));
      submit (queue, job, chunk);
    }
  fugue_queue_update_times (queue);
}

static gboolean
schedule_cb (gpointer user_data)
{
  FugueQueue *queue = user_data;

  queue->schedule_source = 0;
  schedule (queue);
  return G_SOURCE_REMOVE;
}

void
fugue_queue_request_schedule (FugueQueue *queue)
{
  if (queue->schedule_source == 0 && queue->runner != NULL)
    queue->schedule_source = g_idle_add_full (G_PRIORITY_DEFAULT, schedule_cb, queue, NULL);
}

/* Word from engines. */

static FugueJobItem *
find_item (FugueQueue *queue, const char *id)
{
  return g_hash_table_lookup (queue->running, id);
}

/* The engine has let go of it. */
static void
release_item (FugueQueue *queue, FugueJobItem *item)
{
  fugue_pace_forget (queue->pace, item->id);
  g_hash_table_remove (queue->running, item->id);
  g_clear_pointer (&item->id, g_free);
  fugue_queue_update_stopping (queue);
  fugue_queue_request_schedule (queue);
}

static void
on_progress (FugueQueue *queue, char **ids, const char *stage, guint step, guint n_steps, double seconds_left)
{
  g_autoptr (FugueJob) job = NULL;
  guint                n_ours = 0;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      FugueJobItem *item = find_item (queue, ids[i]);
      double        progress;

      if (item == NULL || item->is_given_up)
        continue;
      n_ours++;
      item->has_started = TRUE;
      progress = fugue_recipe_get_progress (fugue_picture_get_recipe (item->picture), stage, step);
      fugue_picture_set_state (item->picture, FUGUE_PICTURE_RUNNING);
      fugue_picture_set_progress (item->picture, stage, step, n_steps, progress);
      g_set_object (&job, item->job);
    }
  if (job == NULL)
    return;
  fugue_pace_report (queue->pace, ids[0], n_ours, stage, step, (double) g_get_monotonic_time () / G_USEC_PER_SEC);
  queue->batch_seconds = seconds_left;
  fugue_job_count (job);
  fugue_queue_update_times (queue);
}

static void
on_preview (FugueQueue *queue, const char *id, const char *stage, guint step, guint n_steps, UnclipImage *image)
{
  FugueJobItem *item = find_item (queue, id);

  if (item != NULL && !item->is_given_up)
    fugue_picture_set_preview (item->picture, image);
}

static FugueJobItem *
find_saving (FugueQueue *queue, FuguePicture *picture)
{
  for (guint i = 0; i < queue->jobs->len; i++)
    for (guint k = 0; k < fugue_job_get_n_items (fugue_queue_get_job (queue, i)); k++)
      {
        FugueJobItem *item = fugue_job_get_item (fugue_queue_get_job (queue, i), k);

        if (item->picture == picture)
          return item;
      }
  return NULL;
}

static void
announced (FuguePicture *picture, gpointer user_data)
{
  FugueQueue   *queue = FUGUE_QUEUE (user_data);
  FugueJobItem *item = find_saving (queue, picture);

  g_signal_emit (queue, fugue_queue_signals[FUGUE_QUEUE_PICTURE_FINISHED], 0, picture);
  if (item == NULL)
    return;
  item->is_saving = FALSE;
  fugue_queue_check_done (queue, item->job);
}

static void
on_finished (FugueQueue *queue, const char *id, UnclipImage *image, GVariant *figures)
{
  FugueJobItem *item = find_item (queue, id);

  if (item == NULL)
    return;
  release_item (queue, item);
  /* Stopped, but the engine was quicker: a picture that is there is kept, unless it is a draft. */
  if (fugue_job_is_hidden (item->job))
    {
      if (!item->is_given_up)
        {
          fugue_picture_set_figures (item->picture, figures, g_get_real_time ());
          fugue_picture_take_part (item->picture, FUGUE_PICTURE_PART_IMAGE, unclip_image_ref (image));
          fugue_picture_take_part (item->picture, FUGUE_PICTURE_PART_THUMBNAIL, unclip_image_ref (image));
          fugue_picture_set_state (item->picture, FUGUE_PICTURE_FINISHED);
          fugue_picture_set_preview (item->picture, NULL);
          g_signal_emit (queue, fugue_queue_signals[FUGUE_QUEUE_PICTURE_FINISHED], 0, item->picture);
        }
      else
        fugue_picture_set_state (item->picture, FUGUE_PICTURE_CANCELLED);
      fugue_queue_check_done (queue, item->job);
      return;
    }
  if (fugue_session_find_picture (queue->session, fugue_picture_get_id (item->picture)) == NULL)
    {
      /* It has left the gallery already. */
      fugue_picture_set_state (item->picture, FUGUE_PICTURE_CANCELLED);
      fugue_queue_check_done (queue, item->job);
      return;
    }
  item->is_saving = TRUE;
  fugue_session_finish_picture (queue->session, item->picture, image, figures, announced, g_object_ref (G_OBJECT (queue)));
}

/* Back to the place where it waited, to be run again; or failed, if engines keep dying of it. */
static gboolean
requeue (FugueQueue *queue, FugueJobItem *item, const char *message)
{
  release_item (queue, item);
  if (item->is_given_up)
    {
      fugue_picture_set_state (item->picture, FUGUE_PICTURE_CANCELLED);
      return FALSE;
    }
  item->n_deaths += item->has_started;
  if (item->n_deaths >= MAX_DEATHS)
    {
      g_autofree char *sentence = g_strdup_printf (_ ("The engine ended twice while it made this picture. %s"), message);

      fugue_queue_fail_item (queue, item, "engine", sentence);
      return FALSE;
    }
  fugue_picture_set_state (item->picture, FUGUE_PICTURE_WAITING);
  return TRUE;
}

static void
on_failed (FugueQueue *queue, const char *id, GError *error)
{
  FugueJobItem *item = find_item (queue, id);
  FugueJob     *job;

  if (item == NULL)
    return;
  job = item->job;
  if (g_error_matches (error, UNCLIP_ERROR, UNCLIP_ERROR_DEVICE_LOST))
    requeue (queue, item, error->message);
  else
    {
      release_item (queue, item);
      if (item->is_given_up)
        fugue_picture_set_state (item->picture, FUGUE_PICTURE_CANCELLED);
      else
        fugue_queue_fail_item (queue, item, error->domain == UNCLIP_ERROR ? unclip_error_get_nick (error->code) : "engine", error->message);
    }
  fugue_queue_check_done (queue, job);
}

static void
on_cancelled (FugueQueue *queue, const char *id)
{
  FugueJobItem *item = find_item (queue, id);
  FugueJob     *job;

  if (item == NULL)
    return;
  job = item->job;
  release_item (queue, item);
  fugue_picture_set_state (item->picture, item->is_given_up ? FUGUE_PICTURE_CANCELLED : FUGUE_PICTURE_WAITING);
  fugue_queue_check_done (queue, job);
}

static void
on_died (FugueQueue *queue, char **ids, GError *error)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);
  guint                 n_requeued = 0;
  guint                 n_ours = 0;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      FugueJobItem *item = find_item (queue, ids[i]);

      if (item == NULL)
        continue;
      n_ours++;
      if (!g_ptr_array_find (jobs, item->job, NULL))
        g_ptr_array_add (jobs, g_object_ref (item->job));
      n_requeued += requeue (queue, item, error->message);
    }
  if (n_ours > 0)
    g_signal_emit (queue, fugue_queue_signals[FUGUE_QUEUE_ENGINE_DIED], 0, error->message, n_requeued);
  for (guint i = 0; i < jobs->len; i++)
    fugue_queue_check_done (queue, g_ptr_array_index (jobs, i));
  fugue_queue_request_schedule (queue);
}

void
fugue_queue_follow (FugueQueue *queue)
{
  g_signal_connect_object (queue->runner, "free", G_CALLBACK (fugue_queue_request_schedule), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->runner, "progress", G_CALLBACK (on_progress), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->runner, "preview", G_CALLBACK (on_preview), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->runner, "finished", G_CALLBACK (on_finished), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->runner, "failed", G_CALLBACK (on_failed), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->runner, "cancelled", G_CALLBACK (on_cancelled), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->runner, "died", G_CALLBACK (on_died), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->session, "notify::trouble", G_CALLBACK (fugue_queue_request_schedule), queue, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue->session, "notify::free-bytes", G_CALLBACK (fugue_queue_request_schedule), queue, G_CONNECT_SWAPPED);
}
