/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs: jobs in batches, with a failure kept to the job that caused it. */

#include "config.h"

#include "unclip-worker-private.h"

#include "unclip-error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The fewest steps that samplers take; they compile everything. */
#define PREPARING_STEPS 2

typedef struct
{
  UnclipWorker *worker;
  GPtrArray    *batch;          /* of UnclipJob */
  gboolean     *has_result;     /* of each job */
  gint64        begin;
  gboolean      has_meter;      /* of the picture that comes next */
  UnclipMeter   meter;
} Run;

static gboolean
is_dropped (UnclipJob *job)
{
  return g_atomic_int_get (&job->is_dropped);
}

static void
tell_failed (UnclipWorker *worker, UnclipJob *job, const GError *error)
{
  UnclipEvent *event = g_new0 (UnclipEvent, 1);

  event->kind = UNCLIP_EVENT_FAILED;
  event->job = unclip_job_ref (job);
  event->error = g_error_copy (error);
  unclip_worker_tell (worker, event);
}

static void
maybe_fault (UnclipWorker *worker)
{
  if (++worker->n_steps != worker->fault_step)
    return;
  if (worker->fault == UNCLIP_FAULT_ABORT)
    abort ();
  while (worker->fault == UNCLIP_FAULT_HANG)
    g_usleep (G_USEC_PER_SEC);
}

static gboolean
must_hold (UnclipWorker *worker)
{
  return worker->paused && !worker->stopping && (worker->cancellable == NULL || !g_cancellable_is_cancelled (worker->cancellable));
}

/* Waits as long as the engine is paused, and leaves the device's memory to others meanwhile. Time spent here is no step's. */
static void
hold (UnclipWorker *worker)
{
  gboolean held;

  g_mutex_lock (&worker->lock);
  held = must_hold (worker);
  g_mutex_unlock (&worker->lock);
  if (held)
    unclip_worker_park (worker);

  g_mutex_lock (&worker->lock);
  while (must_hold (worker))
    g_cond_wait (&worker->changed, &worker->lock);
  worker->last_step = g_get_monotonic_time ();
  g_mutex_unlock (&worker->lock);
  if (held)
    unclip_pace_begin (worker->pace, g_get_monotonic_time ());
}

/* What the evaluator tells. */

static void
on_progress (guint first, guint n, const char *stage, guint n_done, guint n_steps, gpointer user_data)
{
  Run                       *run = user_data;
  UnclipWorker              *worker = run->worker;
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (((UnclipJob *) g_ptr_array_index (run->batch, first))->recipe);
  UnclipEvent               *event = g_new0 (UnclipEvent, 1);

  unclip_pace_step (worker->pace, stage, n, n_done, g_get_monotonic_time ());
  event->kind = UNCLIP_EVENT_PROGRESS;
  event->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_job_unref);
  for (guint i = first; i < first + n; i++)
    if (!is_dropped (g_ptr_array_index (run->batch, i)))
      g_ptr_array_add (event->jobs, unclip_job_ref (g_ptr_array_index (run->batch, i)));
  event->stage = g_intern_string (stage);
  event->step = n_done;
  event->steps = n_steps;
  event->seconds_left = unclip_pace_get_seconds_left (worker->pace, stage, n, n_steps - n_done, sampler);
  unclip_worker_tell (worker, event);

  unclip_worker_note_memory (worker);
  maybe_fault (worker);
  hold (worker);
}

static void
on_preview (guint recipe, const char *stage, guint n_done, guint n_steps, UnclipImage *image, gpointer user_data)
{
  Run         *run = user_data;
  UnclipJob   *job = g_ptr_array_index (run->batch, recipe);
  UnclipEvent *event;

  if (is_dropped (job) || job->preview_every == 0 || (n_done % job->preview_every != 0 && n_done != n_steps))
    return;
  event = g_new0 (UnclipEvent, 1);
  event->kind = UNCLIP_EVENT_PREVIEW;
  event->job = unclip_job_ref (job);
  event->stage = g_intern_string (stage);
  event->step = n_done;
  event->steps = n_steps;
  event->image = unclip_image_ref (image);
  unclip_worker_tell (run->worker, event);
}

static GVariant *
describe_result (Run *run, UnclipJob *job)
{
  UnclipExecutor  *executor = run->worker->executor;
  g_autofree char *device = unclip_executor_dup_device_name (executor);
  double           path_degrees = unclip_evaluator_get_path_degrees (run->worker->evaluator, job->recipe);
  GVariantDict     figures;

  g_variant_dict_init (&figures, NULL);
  g_variant_dict_insert (&figures, "seconds", "d", (double) (g_get_monotonic_time () - run->begin) / G_USEC_PER_SEC);
  g_variant_dict_insert (&figures, "batch", "u", run->batch->len);
  g_variant_dict_insert (&figures, "device", "s", device);
  g_variant_dict_insert (&figures, "precision", "s", unclip_executor_get_precision (executor) == UNCLIP_PRECISION_F16 ? "f16" : "f32");
  g_variant_dict_insert (&figures, "version", "s", FUGUE_VERSION);
  if (run->has_meter)
    {
      g_variant_dict_insert (&figures, "psnr_db", "d", run->meter.psnr_db);
      g_variant_dict_insert (&figures, "max_difference", "d", (double) run->meter.max_difference);
      g_variant_dict_insert (&figures, "clip_degrees", "d", run->meter.clip_degrees);
      run->has_meter = FALSE;
    }
  if (isfinite (path_degrees))
    g_variant_dict_insert (&figures, "path_degrees", "d", path_degrees);
  return g_variant_ref_sink (g_variant_dict_end (&figures));
}

static void
on_measured (guint recipe, const UnclipMeter *meter, gpointer user_data)
{
  Run *run = user_data;

  run->has_meter = TRUE;
  run->meter = *meter;
}

static gboolean
on_finished (guint recipe, UnclipImage *image, gpointer user_data, GError **error)
{
  Run         *run = user_data;
  UnclipEvent *event = g_new0 (UnclipEvent, 1);

  run->has_result[recipe] = TRUE;
  event->kind = UNCLIP_EVENT_FINISHED;
  event->job = unclip_job_ref (g_ptr_array_index (run->batch, recipe));
  event->image = unclip_image_ref (image);
  event->details = describe_result (run, event->job);
  unclip_worker_tell (run->worker, event);
  return TRUE;
}

/* Batches. */

static GCancellable *
begin_run (UnclipWorker *worker, GPtrArray *batch)
{
  GCancellable *cancellable = g_cancellable_new ();
  gboolean      anybody = FALSE;

  g_mutex_lock (&worker->lock);
  worker->running = batch;
  worker->cancellable = cancellable;
  worker->last_step = g_get_monotonic_time ();
  /* Jobs dropped from now on cancel the run themselves, if they are the last. */
  for (guint i = 0; i < batch->len; i++)
    anybody |= !is_dropped (g_ptr_array_index (batch, i));
  anybody &= !worker->stopping;
  g_mutex_unlock (&worker->lock);
  if (!anybody)
    g_cancellable_cancel (cancellable);
  return cancellable;
}

static void
end_run (UnclipWorker *worker)
{
  g_mutex_lock (&worker->lock);
  worker->running = NULL;
  worker->cancellable = NULL;
  g_mutex_unlock (&worker->lock);
}

static gboolean
evaluate (UnclipWorker *worker, GPtrArray *batch, gboolean *has_result, GError **error)
{
  Run                        run = { worker, batch, has_result, g_get_monotonic_time () };
  g_autofree UnclipRecipe  **recipes = g_new (UnclipRecipe *, batch->len);
  g_autoptr (GCancellable)   cancellable = begin_run (worker, batch);
  UnclipEvaluatorWatch       watch = {
          .progress = on_progress, .measured = on_measured, .finished = on_finished, .user_data = &run, .cancellable = cancellable,
  };
  gboolean                   ok;

  for (guint i = 0; i < batch->len; i++)
    {
      UnclipJob *job = g_ptr_array_index (batch, i);

      recipes[i] = job->recipe;
      /* Previews come down from the device only if somebody looks. */
      if (job->preview_every > 0)
        watch.preview = on_preview;
    }
  unclip_pace_begin (worker->pace, run.begin);
  ok = unclip_evaluator_run (worker->evaluator, recipes, batch->len, batch->len, &watch, error);
  end_run (worker);
  unclip_worker_note_memory (worker);
  return ok;
}

/* Returns: whether the device is still there */
static gboolean
run_batch (UnclipWorker *worker, GPtrArray *batch)
{
  g_autofree gboolean *has_result = g_new0 (gboolean, batch->len);
  g_autoptr (GError)   error = NULL;

  if (evaluate (worker, batch, has_result, &error) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;
  if (g_error_matches (error, UNCLIP_ERROR, UNCLIP_ERROR_DEVICE_LOST))
    {
      UnclipEvent *event = g_new0 (UnclipEvent, 1);

      event->kind = UNCLIP_EVENT_LOST;
      event->error = g_steal_pointer (&error);
      unclip_worker_tell (worker, event);
      return FALSE;
    }
  if (batch->len == 1)
    {
      tell_failed (worker, g_ptr_array_index (batch, 0), error);
      return TRUE;
    }

  /* Which one it was does not show, or they were too many for the memory: each by itself. */
  for (guint i = 0; i < batch->len; i++)
    {
      g_autoptr (GPtrArray) alone = g_ptr_array_new ();

      g_ptr_array_add (alone, g_ptr_array_index (batch, i));
      if (!has_result[i] && !is_dropped (g_ptr_array_index (batch, i)) && !run_batch (worker, alone))
        return FALSE;
    }
  return TRUE;
}

/* Takes the first job and those that can share its batch; dropped ones on the way are forgotten. */
static GPtrArray *
take_batch (GPtrArray *jobs, guint max_batch)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_job_unref);

  for (guint i = 0; i < jobs->len && batch->len < max_batch;)
    {
      UnclipJob *job = g_ptr_array_index (jobs, i);
      UnclipJob *first = batch->len > 0 ? g_ptr_array_index (batch, 0) : job;

      if (!is_dropped (job) && !unclip_recipe_can_batch (first->recipe, job->recipe))
        {
          i++;
          continue;
        }
      if (!is_dropped (job))
        g_ptr_array_add (batch, unclip_job_ref (job));
      g_ptr_array_remove_index (jobs, i);
    }
  return batch;
}

void
unclip_worker_run_jobs (UnclipWorker *worker, GPtrArray *jobs, guint max_batch)
{
  gboolean good = worker->evaluator != NULL;

  if (!good)
    {
      g_autoptr (GError) error = g_error_new_literal (UNCLIP_ERROR, UNCLIP_ERROR_MODEL_NOT_FOUND, "No model is loaded; choose one first.");

      for (guint i = 0; i < jobs->len; i++)
        tell_failed (worker, g_ptr_array_index (jobs, i), error);
    }
  while (good && jobs->len > 0)
    {
      g_autoptr (GPtrArray) batch = NULL;

      hold (worker);
      g_mutex_lock (&worker->lock);
      good = !worker->stopping;
      g_mutex_unlock (&worker->lock);
      batch = take_batch (jobs, max_batch);
      if (good && batch->len > 0)
        good = run_batch (worker, batch);
    }
}

/* Preparations. */

/* Recipes that differ from a first click on Go in nothing that shapes the work but the number of steps. */
static GPtrArray *
make_preparing_recipes (UnclipWorker *worker, const char *source, guint batch)
{
  const UnclipModelDefaults *defaults = unclip_model_get_defaults (worker->model);
  UnclipModelFolder         *folder = unclip_model_get_folder (worker->model);
  GPtrArray                 *recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);

  for (guint i = 0; i < batch; i++)
    {
      const UnclipRecipeParams params = {
        .embedding = { .kind = UNCLIP_EMBEDDING_IMAGE, .source = (char *) source },
        .noise = { .kind = UNCLIP_NOISE_SEED, .picture = i },
        .sampler = { .kind = UNCLIP_RECIPE_ANCESTRAL, .n_steps = PREPARING_STEPS, .guidance = (double) defaults->decoder_guidance,
                     .n_upsampler_steps = PREPARING_STEPS },
        .model_name = unclip_model_folder_get_name (folder),
        .model_sha256 = unclip_model_folder_get_sha256 (folder, NULL),
      };
      UnclipRecipe *recipe = unclip_recipe_new (&params, NULL);

      if (recipe != NULL)
        g_ptr_array_add (recipes, recipe);
    }
  return recipes;
}

void
unclip_worker_prepare (UnclipWorker *worker, guint batch)
{
  g_autoptr (UnclipImage)    grey = unclip_image_new_copy (1, 1, (const guint8[]){ 128, 128, 128 });
  g_autoptr (GCancellable)   cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray)      recipes = NULL;
  const UnclipEvaluatorWatch watch = { .cancellable = cancellable };

  if (!unclip_model_folder_can_vary (unclip_model_get_folder (worker->model)))
    return;
  recipes = make_preparing_recipes (worker, unclip_evaluator_add_source (worker->evaluator, grey), batch);

  g_mutex_lock (&worker->lock);
  worker->cancellable = cancellable;
  worker->preparing = TRUE;
  g_mutex_unlock (&worker->lock);
  /* A request that came before this could not cancel it. */
  if (g_async_queue_length (worker->requests) > 0)
    g_cancellable_cancel (cancellable);
  /* What can't be done is told when someone asks for it. */
  unclip_evaluator_run (worker->evaluator, (UnclipRecipe *const *) recipes->pdata, recipes->len, batch, &watch, NULL);
  g_mutex_lock (&worker->lock);
  worker->cancellable = NULL;
  worker->preparing = FALSE;
  g_mutex_unlock (&worker->lock);
  unclip_worker_note_memory (worker);
}
