/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an engine shows, the jobs that it has, and what may be asked for. */

#include "config.h"

#include "fugue-engine-private.h"

#include "fugue-error.h"
#include "fugue-submission.h"
#include "unclip-error.h"
#include "unclip-service-error.h"

#include <glib/gi18n.h>

#define DEFAULT_START_MS 30000
#define DEFAULT_START_ELSEWHERE_MS 300000
#define DEFAULT_PING_MS 5000
#define DEFAULT_SILENCE_MS 30000
#define DEFAULT_STEP_MS (20 * 60 * 1000)
#define DEFAULT_RESTART_MS 500
#define DEFAULT_MEMORY_OF_DEATH_MS 60000

typedef struct
{
  GPtrArray         *jobs;              /* of FugueJobState */
  FugueSubmitOptions options;
} Batch;

typedef enum
{
  PROP_LAUNCHER = 1,
  PROP_STATE,
  PROP_ERROR,
  PROP_DEVICE_NAME,
  PROP_DEVICE_KIND,
  PROP_PRECISION,
  PROP_MEMORY_TOTAL,
  PROP_MEMORY_USED,
  PROP_LOADING,
  PROP_MODEL,
  PROP_N_JOBS,
} FugueEngineProp;

enum
{
  PROGRESS,
  PREVIEW,
  FINISHED,
  FAILED,
  CANCELLED,
  DIED,
  N_SIGNALS
};

static GParamSpec *props[PROP_N_JOBS + 1];
static guint       signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FugueEngine, fugue_engine, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (FugueEngineState, fugue_engine_state,
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_DEAD, "dead"),
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_STARTING, "starting"),
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_LOADING, "loading"),
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_PAUSED, "paused"),
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_NO_MODEL, "no-model"),
                    G_DEFINE_ENUM_VALUE (FUGUE_ENGINE_GIVEN_UP, "given-up"))

static void next_batch (FugueEngine *self);

/* What is shown. */

static void
notify (FugueEngine *self, FugueEngineProp prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

void
fugue_engine_set_state (FugueEngine *self, FugueEngineState state)
{
  if (state == self->state)
    return;
  self->state = state;
  notify (self, PROP_STATE);
}

/* @error: (transfer full) (nullable) */
void
fugue_engine_take_error (FugueEngine *self, GError *error)
{
  if (error == NULL && self->error == NULL)
    return;
  g_clear_error (&self->error);
  self->error = error;
  notify (self, PROP_ERROR);
}

static void
set_string (FugueEngine *self, char **field, const char *value, FugueEngineProp prop)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  notify (self, prop);
}

static void
set_bytes (FugueEngine *self, guint64 *field, guint64 value, FugueEngineProp prop)
{
  if (*field == value)
    return;
  *field = value;
  notify (self, prop);
}

/* The state of an engine that has a model. */
void
fugue_engine_update_state (FugueEngine *self)
{
  if (self->model == NULL || self->bus == NULL || self->state == FUGUE_ENGINE_LOADING)
    return;
  if (self->is_paused)
    fugue_engine_set_state (self, FUGUE_ENGINE_PAUSED);
  else
    fugue_engine_set_state (self, self->jobs->len > 0 ? FUGUE_ENGINE_BUSY : FUGUE_ENGINE_READY);
}

void
fugue_engine_read_description (FugueEngine *self, GVariant *description)
{
  const char *name = "", *kind = "", *precision = "";
  guint64     total = 0, used = 0;

  g_variant_lookup (description, "device", "&s", &name);
  g_variant_lookup (description, "device_kind", "&s", &kind);
  g_variant_lookup (description, "precision", "&s", &precision);
  g_variant_lookup (description, "memory_total", "t", &total);
  g_variant_lookup (description, "memory_used", "t", &used);
  g_clear_pointer (&self->devices, g_variant_unref);
  self->devices = g_variant_lookup_value (description, "devices", G_VARIANT_TYPE ("aa{sv}"));
  set_string (self, &self->device_name, name, PROP_DEVICE_NAME);
  set_string (self, &self->device_kind, kind, PROP_DEVICE_KIND);
  set_string (self, &self->precision, precision, PROP_PRECISION);
  set_bytes (self, &self->memory_total, total, PROP_MEMORY_TOTAL);
  set_bytes (self, &self->memory_used, used, PROP_MEMORY_USED);
}

/* @model: (transfer full) (nullable) */
void
fugue_engine_take_model (FugueEngine *self, FugueModelInfo *model)
{
  if (self->model == model)
    return;
  g_clear_pointer (&self->model, fugue_model_info_unref);
  self->model = model;
  notify (self, PROP_MODEL);
}

void
fugue_engine_set_loading (FugueEngine *self, double loading)
{
  self->loading = loading;
  notify (self, PROP_LOADING);
}

/* Jobs. */

static FugueJobState *
find_job (FugueEngine *self, const char *id)
{
  for (guint i = 0; i < self->jobs->len; i++)
    {
      FugueJobState *job = g_ptr_array_index (self->jobs, i);

      if (g_str_equal (job->id, id))
        return job;
    }
  return NULL;
}

/* Whether there was such a job; there is none afterwards. */
static gboolean
remove_job (FugueEngine *self, const char *id)
{
  FugueJobState *job = find_job (self, id);

  if (job == NULL)
    return FALSE;
  g_ptr_array_remove (self->jobs, job);
  notify (self, PROP_N_JOBS);
  return TRUE;
}

/* @error: (transfer none) */
static void
fail_job (FugueEngine *self, const char *id, const GError *error)
{
  if (!remove_job (self, id))
    return;
  g_signal_emit (self, signals[FAILED], 0, id, error);
  fugue_engine_update_state (self);
}

static void
batch_free (Batch *batch)
{
  g_ptr_array_unref (batch->jobs);
  g_free (batch);
}

static void
submitted_cb (FugueSubmission *submission, GPtrArray *without_source, const GError *error, gpointer user_data)
{
  g_autoptr (FugueEngine) self = g_object_ref (user_data);
  Batch                  *batch = g_queue_pop_head (&self->batches);

  self->is_submitting = FALSE;
  if (error != NULL && g_dbus_error_is_remote_error (error))
    {
      g_autoptr (GError) plain = g_error_copy (error);

      g_dbus_error_strip_remote_error (plain);
      for (guint i = 0; i < batch->jobs->len; i++)
        fail_job (self, ((FugueJobState *) g_ptr_array_index (batch->jobs, i))->id, plain);
    }
  else if (error != NULL)
    fugue_engine_end_life (self, NULL);

  for (guint i = 0; i < without_source->len; i++)
    {
      FugueJobState     *job = g_ptr_array_index (without_source, i);
      g_autoptr (GError) missing = g_error_new_literal (FUGUE_ERROR, FUGUE_ERROR_SOURCE,
                                                        _("The source picture of this job is not there any more; drop it again."));

      fail_job (self, job->id, missing);
    }
  batch_free (batch);
  next_batch (self);
}

/* One submission at a time: jobs keep their order, and no source is put twice. */
static void
next_batch (FugueEngine *self)
{
  Batch *batch = g_queue_peek_head (&self->batches);

  if (batch == NULL || self->is_submitting || self->bus == NULL)
    return;
  self->is_submitting = TRUE;
  fugue_submission_start (&(FugueSubmissionParams){
      .bus = self->bus,
      .jobs = batch->jobs,
      .options = batch->options,
      .source_func = self->source_func,
      .source_data = self->source_data,
      .cancellable = self->life,
      .func = submitted_cb,
      .user_data = self,
  });
}

/* Tells the jobs that were on it; those that nobody waits for are cancelled now, whether or not the engine had heard. */
void
fugue_engine_emit_died (FugueEngine *self, const GError *error)
{
  g_autoptr (GPtrArray)    jobs = g_steal_pointer (&self->jobs);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv)           ids = NULL;

  self->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) fugue_job_state_unref);
  g_ptr_array_set_size (self->cancelled, 0);
  if (jobs->len > 0)
    notify (self, PROP_N_JOBS);
  for (guint i = 0; i < jobs->len; i++)
    {
      FugueJobState *job = g_ptr_array_index (jobs, i);

      if (job->is_cancelled)
        g_signal_emit (self, signals[CANCELLED], 0, job->id);
      else
        g_strv_builder_add (builder, job->id);
    }
  ids = g_strv_builder_end (builder);
  g_signal_emit (self, signals[DIED], 0, ids, error);
}

void
fugue_engine_drop_batches (FugueEngine *self)
{
  Batch *batch;

  self->is_submitting = FALSE;
  while ((batch = g_queue_pop_head (&self->batches)) != NULL)
    batch_free (batch);
}

/* The engine's signals. */

static UnclipImage *
make_image (guint width, guint height, GVariant *rgb)
{
  gsize         n_bytes;
  const guint8 *pixels = g_variant_get_fixed_array (rgb, &n_bytes, 1);

  if (width == 0 || width > UNCLIP_IMAGE_MAX_SIDE || height == 0 || height > UNCLIP_IMAGE_MAX_SIDE || n_bytes != (gsize) width * height * 3)
    return NULL;
  return unclip_image_new_copy (width, height, pixels);
}

static void
loading_cb (FugueEngine *self, guint64 done, guint64 total)
{
  fugue_engine_set_loading (self, total > 0 ? (double) done / (double) total : 0);
}

static void
progress_cb (FugueEngine *self, const char *const *ids, const char *stage, guint step, guint steps, double seconds_left)
{
  g_signal_emit (self, signals[PROGRESS], 0, ids, stage, step, steps, seconds_left);
}

static void
preview_cb (FugueEngine *self, const char *id, const char *stage, guint step, guint steps, guint width, guint height, GVariant *rgb)
{
  g_autoptr (UnclipImage) image = make_image (width, height, rgb);

  if (image != NULL && find_job (self, id) != NULL)
    g_signal_emit (self, signals[PREVIEW], 0, id, stage, step, steps, image);
}

static void
finished_cb (FugueEngine *self, const char *id, guint width, guint height, GVariant *rgb, GVariant *figures)
{
  g_autoptr (UnclipImage) image = make_image (width, height, rgb);

  if (image == NULL)
    {
      g_autoptr (GError) error = g_error_new_literal (UNCLIP_ERROR, UNCLIP_ERROR_BAD_RESULT, _("The engine sent a picture whose size does not fit its pixels."));

      fail_job (self, id, error);
      return;
    }
  if (!remove_job (self, id))
    return;
  g_signal_emit (self, signals[FINISHED], 0, id, image, figures);
  fugue_engine_update_state (self);
}

static void
failed_cb (FugueEngine *self, const char *id, const char *code, const char *message)
{
  g_autoptr (GError) error = unclip_service_error_new (code, message);

  fail_job (self, id, error);
}

static void
cancelled_cb (FugueEngine *self, const char *id)
{
  if (!remove_job (self, id))
    return;
  g_signal_emit (self, signals[CANCELLED], 0, id);
  fugue_engine_update_state (self);
}

void
fugue_engine_hear (FugueEngine *self)
{
  const struct
  {
    const char *name;
    GCallback   callback;
  } handlers[] = {
    { "loading", G_CALLBACK (loading_cb) },   { "progress", G_CALLBACK (progress_cb) }, { "preview", G_CALLBACK (preview_cb) },
    { "finished", G_CALLBACK (finished_cb) }, { "failed", G_CALLBACK (failed_cb) },     { "cancelled", G_CALLBACK (cancelled_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (self->bus, handlers[i].name, handlers[i].callback, self, G_CONNECT_SWAPPED);
}

/* What can be asked for. */

FugueEngine *
fugue_engine_new (const char *launcher)
{
  FugueEngine *self = g_object_new (FUGUE_TYPE_ENGINE, NULL);

  self->launcher = launcher != NULL && launcher[0] != '\0' ? g_strdup (launcher) : NULL;
  if (self->launcher != NULL)
    self->limits.start_ms = DEFAULT_START_ELSEWHERE_MS;
  return self;
}

static void
set_limit (guint *limit, guint value)
{
  if (value > 0)
    *limit = value;
}

void
fugue_engine_set_limits (FugueEngine *self, const FugueEngineLimits *limits)
{
  g_return_if_fail (FUGUE_IS_ENGINE (self));

  set_limit (&self->limits.start_ms, limits->start_ms);
  set_limit (&self->limits.ping_ms, limits->ping_ms);
  set_limit (&self->limits.silence_ms, limits->silence_ms);
  set_limit (&self->limits.step_ms, limits->step_ms);
  set_limit (&self->limits.restart_ms, limits->restart_ms);
  set_limit (&self->limits.memory_of_death_ms, limits->memory_of_death_ms);
}

void
fugue_engine_set_source_func (FugueEngine *self, FugueSourceFunc func, gpointer user_data)
{
  g_return_if_fail (FUGUE_IS_ENGINE (self));

  self->source_func = func;
  self->source_data = user_data;
}

void
fugue_engine_set_model (FugueEngine *self, const FugueModelChoice *choice)
{
  g_return_if_fail (FUGUE_IS_ENGINE (self));

  fugue_model_choice_copy (&self->choice, choice);
  /* A process that has not answered yet is told when it does. */
  if (self->bus != NULL && self->start_source == 0)
    fugue_engine_load_model (self);
}

void
fugue_engine_start (FugueEngine *self)
{
  g_return_if_fail (FUGUE_IS_ENGINE (self));

  self->is_wanted = TRUE;
  if (self->process == NULL && self->restart_source == 0 && self->state != FUGUE_ENGINE_GIVEN_UP)
    fugue_engine_start_life (self);
}

void
fugue_engine_stop (FugueEngine *self)
{
  g_return_if_fail (FUGUE_IS_ENGINE (self));

  self->is_wanted = FALSE;
  self->is_stopping = self->process != NULL;
  g_clear_handle_id (&self->restart_source, g_source_remove);
  if (self->process != NULL)
    fugue_engine_end_life (self, NULL);
  else
    fugue_engine_set_state (self, FUGUE_ENGINE_DEAD);
}

void
fugue_engine_retry (FugueEngine *self)
{
  g_return_if_fail (FUGUE_IS_ENGINE (self));

  self->last_death = 0;
  self->n_in_row = 0;
  if (self->state == FUGUE_ENGINE_NO_MODEL)
    fugue_engine_load_model (self);
  else if (self->process == NULL)
    {
      g_clear_handle_id (&self->restart_source, g_source_remove);
      fugue_engine_take_error (self, NULL);
      self->is_wanted = TRUE;
      fugue_engine_start_life (self);
    }
}

const char *
fugue_engine_get_launcher (FugueEngine *self)
{
  return self->launcher != NULL ? self->launcher : "unclip serve";
}

gboolean
fugue_engine_is_default (FugueEngine *self)
{
  return self->launcher == NULL;
}

FugueEngineState
fugue_engine_get_state (FugueEngine *self)
{
  return self->state;
}

const GError *
fugue_engine_get_error (FugueEngine *self)
{
  return self->error;
}

FugueModelInfo *
fugue_engine_get_model (FugueEngine *self)
{
  return self->model;
}

GVariant *
fugue_engine_dup_devices (FugueEngine *self)
{
  return self->devices != NULL ? g_variant_ref (self->devices) : NULL;
}

UnclipEngineBus *
fugue_engine_get_bus (FugueEngine *self)
{
  return self->bus;
}

char **
fugue_engine_dup_jobs (FugueEngine *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->jobs->len; i++)
    g_strv_builder_add (builder, ((FugueJobState *) g_ptr_array_index (self->jobs, i))->id);
  return g_strv_builder_end (builder);
}

const char *
fugue_engine_get_pid (FugueEngine *self)
{
  return self->process != NULL ? fugue_process_get_pid (self->process) : NULL;
}

void
fugue_engine_submit (FugueEngine *self, const FugueEngineJob *jobs, guint n, const FugueSubmitOptions *options)
{
  Batch *batch;

  g_return_if_fail (FUGUE_IS_ENGINE (self));
  g_return_if_fail (self->bus != NULL && self->model != NULL);

  batch = g_new0 (Batch, 1);
  batch->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) fugue_job_state_unref);
  batch->options = *options;
  for (guint i = 0; i < n; i++)
    {
      FugueJobState *job = fugue_job_state_new (&jobs[i]);

      g_ptr_array_add (self->jobs, job);
      g_ptr_array_add (batch->jobs, fugue_job_state_ref (job));
    }
  g_queue_push_tail (&self->batches, batch);
  notify (self, PROP_N_JOBS);
  fugue_engine_update_state (self);
  next_batch (self);
}

/* Tells of jobs that were cancelled before the engine had heard of them. */
static gboolean
tell_cancelled_cb (gpointer user_data)
{
  g_autoptr (FugueEngine) self = g_object_ref (user_data);
  g_autoptr (GPtrArray)   cancelled = g_steal_pointer (&self->cancelled);

  self->cancelled = g_ptr_array_new_with_free_func ((GDestroyNotify) fugue_job_state_unref);
  self->cancelled_source = 0;
  for (guint i = 0; i < cancelled->len; i++)
    cancelled_cb (self, ((FugueJobState *) g_ptr_array_index (cancelled, i))->id);
  return G_SOURCE_REMOVE;
}

void
fugue_engine_cancel (FugueEngine *self, const char *const *ids)
{
  g_autoptr (GPtrArray) sent = g_ptr_array_new ();

  g_return_if_fail (FUGUE_IS_ENGINE (self));

  for (guint i = 0; ids[i] != NULL; i++)
    {
      FugueJobState *job = find_job (self, ids[i]);

      if (job == NULL || job->is_cancelled)
        continue;
      job->is_cancelled = TRUE;
      if (job->is_sent)
        g_ptr_array_add (sent, (gpointer) ids[i]);
      else
        g_ptr_array_add (self->cancelled, fugue_job_state_ref (job));
    }
  if (self->cancelled->len > 0 && self->cancelled_source == 0)
    self->cancelled_source = g_idle_add (tell_cancelled_cb, self);
  if (sent->len > 0 && self->bus != NULL)
    {
      g_ptr_array_add (sent, NULL);
      unclip_engine_bus_call_cancel (self->bus, (const char *const *) sent->pdata, self->life, NULL, NULL);
    }
}

void
fugue_engine_set_paused (FugueEngine *self, gboolean paused)
{
  g_return_if_fail (FUGUE_IS_ENGINE (self));

  if (self->is_paused == paused)
    return;
  self->is_paused = paused;
  if (self->bus != NULL)
    unclip_engine_bus_call_pause (self->bus, paused, self->life, NULL, NULL);
  fugue_engine_update_state (self);
}

gboolean
fugue_engine_is_paused (FugueEngine *self)
{
  return self->is_paused;
}

gboolean
fugue_engine_can_take_jobs (FugueEngine *self)
{
  return self->state == FUGUE_ENGINE_READY && self->jobs->len == 0;
}

/* The object. */

static void
fugue_engine_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FugueEngine *self = FUGUE_ENGINE (object);

  switch ((FugueEngineProp) id)
    {
    case PROP_LAUNCHER:
      g_value_set_string (value, fugue_engine_get_launcher (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_DEVICE_NAME:
      g_value_set_string (value, self->device_name);
      break;
    case PROP_DEVICE_KIND:
      g_value_set_string (value, self->device_kind);
      break;
    case PROP_PRECISION:
      g_value_set_string (value, self->precision);
      break;
    case PROP_MEMORY_TOTAL:
      g_value_set_uint64 (value, self->memory_total);
      break;
    case PROP_MEMORY_USED:
      g_value_set_uint64 (value, self->memory_used);
      break;
    case PROP_LOADING:
      g_value_set_double (value, self->loading);
      break;
    case PROP_MODEL:
      g_value_set_boxed (value, self->model);
      break;
    case PROP_N_JOBS:
      g_value_set_uint (value, self->jobs->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fugue_engine_dispose (GObject *object)
{
  FugueEngine *self = FUGUE_ENGINE (object);

  self->is_wanted = FALSE;
  g_clear_handle_id (&self->restart_source, g_source_remove);
  g_clear_handle_id (&self->cancelled_source, g_source_remove);
  if (self->life != NULL)
    fugue_engine_cut_off (self);
  g_clear_pointer (&self->process, fugue_process_free);
  G_OBJECT_CLASS (fugue_engine_parent_class)->dispose (object);
}

static void
fugue_engine_finalize (GObject *object)
{
  FugueEngine *self = FUGUE_ENGINE (object);

  g_ptr_array_unref (self->jobs);
  g_ptr_array_unref (self->cancelled);
  fugue_model_choice_clear (&self->choice);
  fugue_model_choice_clear (&self->loaded_choice);
  fugue_model_info_unref (self->model);
  g_clear_pointer (&self->devices, g_variant_unref);
  g_clear_error (&self->error);
  g_free (self->launcher);
  g_free (self->reason);
  g_free (self->device_name);
  g_free (self->device_kind);
  g_free (self->precision);
  G_OBJECT_CLASS (fugue_engine_parent_class)->finalize (object);
}

static void
install_signals (FugueEngineClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  signals[PROGRESS] = g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5, G_TYPE_STRV, G_TYPE_STRING,
                                    G_TYPE_UINT, G_TYPE_UINT, G_TYPE_DOUBLE);
  signals[PREVIEW] = g_signal_new ("preview", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5, G_TYPE_STRING, G_TYPE_STRING,
                                   G_TYPE_UINT, G_TYPE_UINT, UNCLIP_TYPE_IMAGE);
  signals[FINISHED] = g_signal_new ("finished", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
                                    UNCLIP_TYPE_IMAGE, G_TYPE_VARIANT);
  signals[FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  signals[CANCELLED] = g_signal_new ("cancelled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[DIED] = g_signal_new ("died", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRV, G_TYPE_ERROR);
}

static void
fugue_engine_class_init (FugueEngineClass *klass)
{
  GObjectClass    *object_class = G_OBJECT_CLASS (klass);
  GParamFlags      flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  unclip_service_error_register ();
  object_class->get_property = fugue_engine_get_property;
  object_class->dispose = fugue_engine_dispose;
  object_class->finalize = fugue_engine_finalize;

  props[PROP_LAUNCHER] = g_param_spec_string ("launcher", NULL, NULL, NULL, flags);
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, FUGUE_TYPE_ENGINE_STATE, FUGUE_ENGINE_DEAD, flags);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  props[PROP_DEVICE_NAME] = g_param_spec_string ("device-name", NULL, NULL, "", flags);
  props[PROP_DEVICE_KIND] = g_param_spec_string ("device-kind", NULL, NULL, "", flags);
  props[PROP_PRECISION] = g_param_spec_string ("precision", NULL, NULL, "", flags);
  props[PROP_MEMORY_TOTAL] = g_param_spec_uint64 ("memory-total", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_MEMORY_USED] = g_param_spec_uint64 ("memory-used", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_LOADING] = g_param_spec_double ("loading", NULL, NULL, 0, 1, 0, flags);
  props[PROP_MODEL] = g_param_spec_boxed ("model", NULL, NULL, FUGUE_TYPE_MODEL_INFO, flags);
  props[PROP_N_JOBS] = g_param_spec_uint ("n-jobs", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
  install_signals (klass);
}

static void
fugue_engine_init (FugueEngine *self)
{
  self->limits = (FugueEngineLimits){ DEFAULT_START_MS, DEFAULT_PING_MS, DEFAULT_SILENCE_MS, DEFAULT_STEP_MS, DEFAULT_RESTART_MS, DEFAULT_MEMORY_OF_DEATH_MS };
  self->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) fugue_job_state_unref);
  self->cancelled = g_ptr_array_new_with_free_func ((GDestroyNotify) fugue_job_state_unref);
  g_queue_init (&self->batches);
  self->device_name = g_strdup ("");
  self->device_kind = g_strdup ("");
  self->precision = g_strdup ("");
}
