/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of jobs and what people do to it, and what an earlier run left. */

#include "config.h"

#include "fugue-queue-private.h"

#include "fugue-recipe.h"

#include <glib/gi18n.h>

enum
{
  PROP_N_ITEMS = 1,
  PROP_CURRENT,
  PROP_IS_PAUSED,
  PROP_PAUSE_REASON,
  PROP_IS_STOPPING,
  PROP_SECONDS_LEFT,
  PROP_N_LEFT_OVER,
  PROP_DRAFT,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

guint fugue_queue_signals[FUGUE_QUEUE_N_SIGNALS];

static void queue_init_list (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FugueQueue, fugue_queue, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, queue_init_list))

static void
notify (FugueQueue *queue, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (queue), props[prop]);
}

/* The list. */

static GType
queue_get_item_type (GListModel *list)
{
  return FUGUE_TYPE_JOB;
}

static guint
queue_get_n_items (GListModel *list)
{
  return FUGUE_QUEUE (list)->jobs->len;
}

static gpointer
queue_get_item (GListModel *list, guint position)
{
  FugueQueue *queue = FUGUE_QUEUE (list);

  return position < queue->jobs->len ? g_object_ref (g_ptr_array_index (queue->jobs, position)) : NULL;
}

static void
queue_init_list (GListModelInterface *iface)
{
  iface->get_item_type = queue_get_item_type;
  iface->get_n_items = queue_get_n_items;
  iface->get_item = queue_get_item;
}

FugueJob *
fugue_queue_get_job (FugueQueue *queue, guint position)
{
  return g_ptr_array_index (queue->jobs, position);
}

/* The order in the file is that of the list. */
static void
store_jobs (FugueQueue *queue, guint first)
{
  for (guint i = first; i < queue->jobs->len; i++)
    {
      FugueJob *job = fugue_queue_get_job (queue, i);

      if (fugue_job_is_hidden (job))
        continue;
      fugue_session_store_job (queue->session, &(FugueStoredJob){
                                                 .id = fugue_job_get_id (job),
                                                 .position = i,
                                                 .state = fugue_job_get_state (job),
                                                 .mode = fugue_job_get_mode (job),
                                                 .title = (char *) fugue_job_get_title (job),
                                                 .preview_every = fugue_job_get_preview_every (job),
                                                 .on_processor = fugue_job_is_on_processor (job),
                                               });
    }
}

static void
insert_job (FugueQueue *queue, guint position, FugueJob *job)
{
  g_ptr_array_insert (queue->jobs, (int) position, g_object_ref (job));
  store_jobs (queue, position);
  g_list_model_items_changed (G_LIST_MODEL (queue), position, 0, 1);
  notify (queue, PROP_N_ITEMS);
}

void
fugue_queue_remove_job (FugueQueue *queue, FugueJob *job)
{
  guint position;

  if (!g_ptr_array_find (queue->jobs, job, &position))
    return;
  g_ptr_array_remove_index (queue->jobs, position);
  if (!fugue_job_is_hidden (job))
    fugue_session_forget_job (queue->session, fugue_job_get_id (job));
  g_list_model_items_changed (G_LIST_MODEL (queue), position, 1, 0);
  notify (queue, PROP_N_ITEMS);
}

/* What is known of the time. */

static double
estimate_waiting (FugueQueue *queue, FugueJob *job)
{
  double seconds = 0;

  for (guint i = 0; i < fugue_job_get_n_items (job); i++)
    {
      FugueJobItem *item = fugue_job_get_item (job, i);
      double        one;

      if (fugue_picture_get_state (item->picture) != FUGUE_PICTURE_WAITING || item->id != NULL)
        continue;
      one = fugue_pace_estimate (queue->pace, fugue_picture_get_recipe (item->picture));
      if (one < 0)
        return -1;
      seconds += one;
    }
  return seconds;
}

void
fugue_queue_update_times (FugueQueue *queue)
{
  double   total = 0;
  gboolean has_running = g_hash_table_size (queue->running) > 0;

  for (guint i = 0; i < queue->jobs->len; i++)
    {
      FugueJob *job = fugue_queue_get_job (queue, i);
      double    seconds = estimate_waiting (queue, job);

      if (seconds >= 0 && fugue_job_get_state (job) == FUGUE_JOB_RUNNING && has_running)
        seconds = queue->batch_seconds >= 0 ? seconds + queue->batch_seconds : -1;
      fugue_job_set_seconds_left (job, seconds);
      total = total < 0 || seconds < 0 ? -1 : total + seconds;
    }
  if (total == queue->seconds_left)
    return;
  queue->seconds_left = total;
  notify (queue, PROP_SECONDS_LEFT);
}

void
fugue_queue_update_current (FugueQueue *queue)
{
  FugueJob *current = NULL;

  for (guint i = 0; i < queue->jobs->len && current == NULL; i++)
    if (fugue_job_get_state (fugue_queue_get_job (queue, i)) == FUGUE_JOB_RUNNING)
      current = fugue_queue_get_job (queue, i);
  if (g_set_object (&queue->current, current))
    notify (queue, PROP_CURRENT);
}

static void
set_stopping (FugueQueue *queue, gboolean is_stopping)
{
  if (queue->is_stopping == is_stopping)
    return;
  queue->is_stopping = is_stopping;
  notify (queue, PROP_IS_STOPPING);
}

/* Whether engines have let go of all that was given up. */
void
fugue_queue_update_stopping (FugueQueue *queue)
{
  GHashTableIter iter;
  gpointer       value;
  gboolean       is_stopping = FALSE;

  if (!queue->is_stopping)
    return;
  g_hash_table_iter_init (&iter, queue->running);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    is_stopping = is_stopping || ((FugueJobItem *) value)->is_given_up;
  set_stopping (queue, is_stopping);
}

/* Making jobs. */

static FuguePicture *
new_picture (FugueQueue *queue, FugueJob *job, UnclipRecipe *recipe)
{
  return fugue_picture_new (&(FuguePictureFacts){
    .id = fugue_job_is_hidden (job) ? --queue->next_hidden_id : fugue_session_reserve_picture_id (queue->session),
    .job = fugue_job_get_id (job),
    .parent = fugue_job_get_parent (job),
    .recipe = recipe,
    .number = unclip_recipe_get_step_noise (recipe).picture,
    .verb = fugue_enum_get_nick (FUGUE_TYPE_MODE, fugue_job_get_mode (job)),
    .label = fugue_job_get_label (job),
  });
}

static FugueJob *
new_job (FugueQueue *queue, const FugueJobParams *params, gboolean is_draft)
{
  gboolean              is_hidden = params->is_hidden || is_draft;
  gint64                id = is_hidden ? --queue->next_hidden_id : fugue_session_reserve_job_id (queue->session);
  FugueJob             *job = fugue_job_new (id, params, is_draft);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < params->recipes->len; i++)
    {
      FuguePicture *picture = new_picture (queue, job, g_ptr_array_index (params->recipes, i));

      g_ptr_array_add (pictures, picture);
      fugue_job_add_picture (job, picture);
    }
  if (!is_hidden)
    fugue_session_add_pictures (queue->session, pictures);
  return job;
}

/* Behind what runs. */
static guint
get_front (FugueQueue *queue)
{
  guint position = 0;

  while (position < queue->jobs->len && fugue_job_get_state (fugue_queue_get_job (queue, position)) == FUGUE_JOB_RUNNING)
    position++;
  return position;
}

FugueJob *
fugue_queue_add (FugueQueue *queue, const FugueJobParams *params, gboolean in_front)
{
  g_autoptr (FugueJob) job = NULL;

  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);
  g_return_val_if_fail (params->recipes != NULL && params->recipes->len > 0, NULL);

  job = new_job (queue, params, FALSE);
  insert_job (queue, in_front ? get_front (queue) : queue->jobs->len, job);
  fugue_queue_request_schedule (queue);
  fugue_queue_update_times (queue);
  return job;
}

/* Gives up what of a job is not there yet. */
static void
give_up (FugueQueue *queue, FugueJob *job)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  for (guint i = 0; i < fugue_job_get_n_items (job); i++)
    {
      FugueJobItem     *item = fugue_job_get_item (job, i);
      FuguePictureState state = fugue_picture_get_state (item->picture);

      if (item->is_saving || (state != FUGUE_PICTURE_WAITING && state != FUGUE_PICTURE_RUNNING))
        continue;
      item->is_given_up = TRUE;
      if (item->id != NULL)
        g_ptr_array_add (ids, item->id);
      else
        fugue_picture_set_state (item->picture, FUGUE_PICTURE_CANCELLED);
      g_ptr_array_add (gone, item->picture);
    }
  if (!fugue_job_is_hidden (job))
    fugue_session_remove_pictures (queue->session, gone);
  if (ids->len > 0)
    {
      g_ptr_array_add (ids, NULL);
      fugue_runner_cancel (queue->runner, (const char *const *) ids->pdata);
    }
  fugue_queue_check_done (queue, job);
}

FugueJob *
fugue_queue_set_draft (FugueQueue *queue, const FugueJobParams *params)
{
  g_autoptr (FugueJob) old = NULL;

  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);

  old = g_steal_pointer (&queue->draft);
  if (params != NULL)
    queue->draft = new_job (queue, params, TRUE);
  if (old != NULL)
    {
      /* Until its engine has answered, its items are known by their ids. */
      g_ptr_array_add (queue->old_drafts, g_object_ref (old));
      give_up (queue, old);
      if (fugue_job_is_done (old))
        g_ptr_array_remove (queue->old_drafts, old);
    }
  notify (queue, PROP_DRAFT);
  fugue_queue_request_schedule (queue);
  return queue->draft;
}

void
fugue_queue_move (FugueQueue *queue, FugueJob *job, guint position)
{
  guint old;

  g_return_if_fail (FUGUE_IS_QUEUE (queue));

  if (!g_ptr_array_find (queue->jobs, job, &old) || fugue_job_get_state (job) == FUGUE_JOB_RUNNING)
    return;
  position = CLAMP (position, get_front (queue), queue->jobs->len - 1);
  if (position == old)
    return;
  g_object_ref (job);
  g_ptr_array_remove_index (queue->jobs, old);
  g_ptr_array_insert (queue->jobs, (int) position, job);
  store_jobs (queue, MIN (old, position));
  g_list_model_items_changed (G_LIST_MODEL (queue), MIN (old, position), MAX (old, position) - MIN (old, position) + 1,
                              MAX (old, position) - MIN (old, position) + 1);
  fugue_queue_request_schedule (queue);
}

void
fugue_queue_remove (FugueQueue *queue, FugueJob *job)
{
  g_return_if_fail (FUGUE_IS_QUEUE (queue));

  if (g_ptr_array_find (queue->jobs, job, NULL))
    give_up (queue, job);
}

void
fugue_queue_stop (FugueQueue *queue)
{
  g_autoptr (GPtrArray) running = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (FUGUE_IS_QUEUE (queue));

  for (guint i = 0; i < queue->jobs->len; i++)
    if (fugue_job_get_state (fugue_queue_get_job (queue, i)) == FUGUE_JOB_RUNNING)
      g_ptr_array_add (running, g_object_ref (fugue_queue_get_job (queue, i)));
  if (running->len == 0)
    return;
  set_stopping (queue, TRUE);
  for (guint i = 0; i < running->len; i++)
    give_up (queue, g_ptr_array_index (running, i));
  fugue_queue_update_stopping (queue);
}

void
fugue_queue_skip (FugueQueue *queue)
{
  g_return_if_fail (FUGUE_IS_QUEUE (queue));

  for (guint i = 0; i < queue->jobs->len; i++)
    for (guint k = 0; k < fugue_job_get_n_items (fugue_queue_get_job (queue, i)); k++)
      {
        FugueJobItem         *item = fugue_job_get_item (fugue_queue_get_job (queue, i), k);
        const char           *ids[] = { item->id, NULL };
        g_autoptr (GPtrArray) gone = NULL;

        if (item->id == NULL || item->is_given_up)
          continue;
        item->is_given_up = TRUE;
        item->is_skipped = TRUE;
        if (!fugue_job_is_hidden (item->job))
          {
            gone = g_ptr_array_new ();
            g_ptr_array_add (gone, item->picture);
            fugue_session_remove_pictures (queue->session, gone);
          }
        fugue_runner_cancel (queue->runner, ids);
        return;
      }
}

/* Recipes of a job: all, or those whose pictures are missing against a person's will. */
static GPtrArray *
list_recipes (FugueJob *job, gboolean missing_only)
{
  GPtrArray *recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);

  for (guint i = 0; i < fugue_job_get_n_items (job); i++)
    {
      FugueJobItem *item = fugue_job_get_item (job, i);
      UnclipRecipe *recipe = fugue_picture_get_recipe (item->picture);
      gboolean      is_missing = fugue_picture_get_state (item->picture) != FUGUE_PICTURE_FINISHED && !item->is_skipped
                            && fugue_picture_get_job (item->picture) == fugue_job_get_id (job);

      if (recipe != NULL && (is_missing || !missing_only))
        g_ptr_array_add (recipes, unclip_recipe_ref (recipe));
    }
  return recipes;
}

static FugueJob *
add_again (FugueQueue *queue, FugueJob *job, GPtrArray *recipes, gboolean in_front)
{
  const FugueJobParams params = {
    .mode = fugue_job_get_mode (job),
    .title = fugue_job_get_title (job),
    .label = fugue_job_get_label (job),
    .recipes = recipes,
    .parent = fugue_job_get_parent (job),
    .preview_every = fugue_job_get_preview_every (job),
    .is_hidden = fugue_job_is_hidden (job),
    .on_processor = fugue_job_is_on_processor (job),
  };

  return recipes->len > 0 ? fugue_queue_add (queue, &params, in_front) : NULL;
}

FugueJob *
fugue_queue_resume (FugueQueue *queue, FugueJob *job)
{
  g_autoptr (GPtrArray) recipes = NULL;

  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);

  recipes = list_recipes (job, TRUE);
  return add_again (queue, job, recipes, TRUE);
}

FugueJob *
fugue_queue_duplicate (FugueQueue *queue, FugueJob *job, guint64 seed)
{
  g_autoptr (GPtrArray) recipes = NULL;

  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);

  recipes = list_recipes (job, FALSE);
  for (guint i = 0; i < recipes->len; i++)
    {
      UnclipRecipe *old = g_ptr_array_index (recipes, i);

      g_ptr_array_index (recipes, i) = fugue_recipe_dup_with_seed (old, seed);
      unclip_recipe_unref (old);
    }
  return add_again (queue, job, recipes, FALSE);
}

/* What waits again belongs to its new job alone. */
static void
move_picture (FugueQueue *queue, FuguePicture *picture, FugueJob *job)
{
  for (guint i = 0; i < queue->jobs->len; i++)
    {
      fugue_job_drop_picture (fugue_queue_get_job (queue, i), picture);
      fugue_job_count (fugue_queue_get_job (queue, i));
    }
  fugue_job_add_picture (job, picture);
  fugue_picture_set_job (picture, fugue_job_get_id (job));
  fugue_picture_set_error (picture, NULL, NULL);
  fugue_picture_set_progress (picture, "", 0, 0, 0);
  fugue_picture_set_state (picture, FUGUE_PICTURE_WAITING);
  fugue_session_store_picture (queue->session, picture);
}

FugueJob *
fugue_queue_try_on_processor (FugueQueue *queue, GPtrArray *pictures)
{
  g_autoptr (FugueJob) job = NULL;

  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);

  for (guint i = 0; i < pictures->len; i++)
    {
      FuguePicture *picture = g_ptr_array_index (pictures, i);

      if (fugue_picture_get_state (picture) != FUGUE_PICTURE_FAILED || fugue_picture_get_recipe (picture) == NULL)
        continue;
      if (job == NULL)
        {
          const char      *label = fugue_picture_get_label (picture);
          g_autofree char *title = g_strdup_printf (_("%s, on the processor"), label);

          job = fugue_job_new (fugue_session_reserve_job_id (queue->session),
                               &(FugueJobParams){
                                 .mode = fugue_enum_from_nick (FUGUE_TYPE_MODE, fugue_picture_get_verb (picture), FUGUE_MODE_VARY),
                                 .title = title,
                                 .label = label,
                                 .parent = fugue_picture_get_parent (picture),
                                 .preview_every = 1,
                                 .on_processor = TRUE,
                               },
                               FALSE);
        }
      move_picture (queue, picture, job);
    }
  if (job == NULL)
    return NULL;
  insert_job (queue, get_front (queue), job);
  fugue_queue_request_schedule (queue);
  fugue_queue_update_times (queue);
  return job;
}

/* State. */

void
fugue_queue_set_pause_reason (FugueQueue *queue, const char *reason)
{
  if (g_strcmp0 (queue->pause_reason, reason) == 0)
    return;
  g_free (queue->pause_reason);
  queue->pause_reason = g_strdup (reason);
  notify (queue, PROP_PAUSE_REASON);
}

gboolean
fugue_queue_is_paused (FugueQueue *queue)
{
  return queue->is_paused;
}

void
fugue_queue_set_paused (FugueQueue *queue, gboolean is_paused)
{
  g_return_if_fail (FUGUE_IS_QUEUE (queue));

  is_paused = !!is_paused;
  if (queue->is_paused == is_paused)
    return;
  queue->is_paused = is_paused;
  fugue_runner_set_paused (queue->runner, is_paused);
  notify (queue, PROP_IS_PAUSED);
  fugue_queue_request_schedule (queue);
}

FugueJob *
fugue_queue_get_current (FugueQueue *queue)
{
  return queue->current;
}

FugueJob *
fugue_queue_get_draft (FugueQueue *queue)
{
  return queue->draft;
}

double
fugue_queue_get_seconds_left (FugueQueue *queue)
{
  return queue->seconds_left;
}

double
fugue_queue_estimate (FugueQueue *queue, GPtrArray *recipes)
{
  double seconds = 0;

  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), -1);

  for (guint i = 0; i < recipes->len; i++)
    {
      double one = fugue_pace_estimate (queue->pace, g_ptr_array_index (recipes, i));

      if (one < 0)
        return -1;
      seconds += one;
    }
  return seconds;
}

double
fugue_queue_estimate_steps (FugueQueue *queue, guint n_steps, guint n_upsampler_steps)
{
  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), -1);

  return fugue_pace_estimate_steps (queue->pace, n_steps, n_upsampler_steps);
}

/* What an earlier run left. */

static gboolean
is_unfinished (FuguePicture *picture)
{
  return fugue_picture_get_state (picture) == FUGUE_PICTURE_WAITING || fugue_picture_get_state (picture) == FUGUE_PICTURE_RUNNING;
}

static void
take_left_over (FugueQueue *queue, const FugueStoredJob *stored)
{
  GListModel           *pictures = fugue_session_get_pictures (queue->session);
  g_autoptr (FugueJob)  job = NULL;
  guint                 n_unfinished = 0;

  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (pictures, i);
      FugueJobItem            *item;

      if (fugue_picture_get_job (picture) != stored->id)
        continue;
      if (job == NULL)
        job = fugue_job_new (stored->id, &(FugueJobParams){ .mode = stored->mode,
                                                            .title = stored->title,
                                                            .label = fugue_picture_get_label (picture),
                                                            .parent = fugue_picture_get_parent (picture),
                                                            .preview_every = stored->preview_every,
                                                            .on_processor = stored->on_processor },
                             FALSE);
      item = fugue_job_add_picture (job, picture);
      if (!is_unfinished (picture))
        continue;
      if (fugue_picture_get_recipe (picture) == NULL)
        fugue_queue_fail_item (queue, item, "recipe", _ ("This version of Fugue cannot read how this picture should be made."));
      else
        {
          fugue_picture_set_state (picture, FUGUE_PICTURE_WAITING);
          n_unfinished++;
        }
    }
  if (n_unfinished == 0)
    {
      fugue_session_forget_job (queue->session, stored->id);
      return;
    }
  fugue_job_set_state (job, FUGUE_JOB_LEFT_OVER);
  fugue_job_count (job);
  g_list_store_append (queue->left_over, job);
}

GListModel *
fugue_queue_get_left_over (FugueQueue *queue)
{
  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);

  return G_LIST_MODEL (queue->left_over);
}

void
fugue_queue_resume_left_over (FugueQueue *queue)
{
  GListModel *jobs;

  g_return_if_fail (FUGUE_IS_QUEUE (queue));

  jobs = G_LIST_MODEL (queue->left_over);
  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++)
    {
      g_autoptr (FugueJob) job = g_list_model_get_item (jobs, i);

      fugue_job_set_state (job, FUGUE_JOB_WAITING);
      insert_job (queue, queue->jobs->len, job);
    }
  g_list_store_remove_all (queue->left_over);
  notify (queue, PROP_N_LEFT_OVER);
  fugue_queue_request_schedule (queue);
  fugue_queue_update_times (queue);
}

void
fugue_queue_discard_left_over (FugueQueue *queue)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  GListModel           *jobs;

  g_return_if_fail (FUGUE_IS_QUEUE (queue));

  jobs = G_LIST_MODEL (queue->left_over);
  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++)
    {
      g_autoptr (FugueJob) job = g_list_model_get_item (jobs, i);

      for (guint k = 0; k < fugue_job_get_n_items (job); k++)
        if (is_unfinished (fugue_job_get_item (job, k)->picture))
          g_ptr_array_add (gone, fugue_job_get_item (job, k)->picture);
      fugue_session_forget_job (queue->session, fugue_job_get_id (job));
    }
  fugue_session_remove_pictures (queue->session, gone);
  g_list_store_remove_all (queue->left_over);
  notify (queue, PROP_N_LEFT_OVER);
}

/* The class. */

static void
fugue_queue_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FugueQueue *queue = FUGUE_QUEUE (object);

  switch (prop)
    {
    case PROP_N_ITEMS:
      g_value_set_uint (value, queue->jobs->len);
      break;
    case PROP_CURRENT:
      g_value_set_object (value, queue->current);
      break;
    case PROP_IS_PAUSED:
      g_value_set_boolean (value, queue->is_paused);
      break;
    case PROP_PAUSE_REASON:
      g_value_set_string (value, queue->pause_reason);
      break;
    case PROP_IS_STOPPING:
      g_value_set_boolean (value, queue->is_stopping);
      break;
    case PROP_SECONDS_LEFT:
      g_value_set_double (value, queue->seconds_left);
      break;
    case PROP_N_LEFT_OVER:
      g_value_set_uint (value, g_list_model_get_n_items (G_LIST_MODEL (queue->left_over)));
      break;
    case PROP_DRAFT:
      g_value_set_object (value, queue->draft);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_queue_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  if (prop == PROP_IS_PAUSED)
    fugue_queue_set_paused (FUGUE_QUEUE (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
}

/* What still runs is left over at the next start: its rows are in the file. */
static void
fugue_queue_dispose (GObject *object)
{
  FugueQueue     *queue = FUGUE_QUEUE (object);
  GHashTableIter  iter;
  gpointer        id;

  /* An engine that goes on says that it is free. */
  if (queue->runner != NULL)
    g_signal_handlers_disconnect_by_data (queue->runner, queue);
  g_clear_handle_id (&queue->schedule_source, g_source_remove);
  g_cancellable_cancel (queue->cancellable);
  if (queue->runner != NULL && g_hash_table_size (queue->running) > 0)
    {
      g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

      g_hash_table_iter_init (&iter, queue->running);
      while (g_hash_table_iter_next (&iter, &id, NULL))
        g_ptr_array_add (ids, g_strdup (id));
      g_ptr_array_add (ids, NULL);
      fugue_runner_cancel (queue->runner, (const char *const *) ids->pdata);
    }
  g_hash_table_remove_all (queue->running);
  /* Others may share the engines. */
  if (queue->runner != NULL && queue->is_paused)
    fugue_runner_set_paused (queue->runner, FALSE);
  g_clear_object (&queue->runner);
  g_clear_object (&queue->current);
  g_clear_object (&queue->draft);
  g_ptr_array_set_size (queue->jobs, 0);
  g_ptr_array_set_size (queue->old_drafts, 0);
  g_clear_object (&queue->session);
  G_OBJECT_CLASS (fugue_queue_parent_class)->dispose (object);
}

static void
fugue_queue_finalize (GObject *object)
{
  FugueQueue *queue = FUGUE_QUEUE (object);

  g_ptr_array_unref (queue->jobs);
  g_ptr_array_unref (queue->old_drafts);
  g_object_unref (queue->left_over);
  g_hash_table_unref (queue->running);
  g_object_unref (queue->cancellable);
  fugue_pace_free (queue->pace);
  g_free (queue->pause_reason);
  G_OBJECT_CLASS (fugue_queue_parent_class)->finalize (object);
}

static void
fugue_queue_class_init (FugueQueueClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fugue_queue_get_property;
  object_class->set_property = fugue_queue_set_property;
  object_class->dispose = fugue_queue_dispose;
  object_class->finalize = fugue_queue_finalize;

  props[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_CURRENT] = g_param_spec_object ("current", NULL, NULL, FUGUE_TYPE_JOB, read);
  props[PROP_IS_PAUSED] = g_param_spec_boolean ("is-paused", NULL, NULL, FALSE, read | G_PARAM_WRITABLE);
  props[PROP_PAUSE_REASON] = g_param_spec_string ("pause-reason", NULL, NULL, NULL, read);
  props[PROP_IS_STOPPING] = g_param_spec_boolean ("is-stopping", NULL, NULL, FALSE, read);
  props[PROP_SECONDS_LEFT] = g_param_spec_double ("seconds-left", NULL, NULL, -1, G_MAXDOUBLE, 0, read);
  props[PROP_N_LEFT_OVER] = g_param_spec_uint ("n-left-over", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_DRAFT] = g_param_spec_object ("draft", NULL, NULL, FUGUE_TYPE_JOB, read);
  g_object_class_install_properties (object_class, N_PROPS, props);

  fugue_queue_signals[FUGUE_QUEUE_JOB_ENDED] =
    g_signal_new ("job-ended", FUGUE_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, FUGUE_TYPE_JOB);
  fugue_queue_signals[FUGUE_QUEUE_PICTURE_FINISHED] =
    g_signal_new ("picture-finished", FUGUE_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, FUGUE_TYPE_PICTURE);
  fugue_queue_signals[FUGUE_QUEUE_PICTURE_FAILED] =
    g_signal_new ("picture-failed", FUGUE_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, FUGUE_TYPE_PICTURE);
  fugue_queue_signals[FUGUE_QUEUE_ENGINE_DIED] =
    g_signal_new ("engine-died", FUGUE_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void
fugue_queue_init (FugueQueue *queue)
{
  static guint n_queues;

  queue->serial = ++n_queues;
  queue->batch_seconds = -1;
  queue->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  queue->old_drafts = g_ptr_array_new_with_free_func (g_object_unref);
  queue->left_over = g_list_store_new (FUGUE_TYPE_JOB);
  queue->running = g_hash_table_new (g_str_hash, g_str_equal);
  queue->pace = fugue_pace_new ();
  queue->cancellable = g_cancellable_new ();
}

FugueQueue *
fugue_queue_new (FugueSession *session, FugueRunner *runner)
{
  FugueQueue           *queue = g_object_new (FUGUE_TYPE_QUEUE, NULL);
  g_autoptr (GPtrArray) stored = NULL;

  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);
  g_return_val_if_fail (FUGUE_IS_RUNNER (runner), NULL);

  queue->session = g_object_ref (session);
  queue->runner = g_object_ref (runner);
  fugue_queue_follow (queue);
  fugue_pace_read_string (queue->pace, fugue_session_get_setting (session, FUGUE_QUEUE_PACE_SETTING));
  stored = fugue_session_take_jobs (session);
  for (guint i = 0; i < stored->len; i++)
    take_left_over (queue, g_ptr_array_index (stored, i));
  return queue;
}
