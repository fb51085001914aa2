/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of an engine, again and again:
 *
 *     fugue_engine_start_life()   process, connection, first answer        STARTING
 *     fugue_engine_load_model()                                            LOADING, then READY, BUSY, PAUSED or NO_MODEL
 *     fugue_engine_end_life()     asks the process to end; the reason is kept until it has
 *     ended_cb()                  tells who was on it; starts the next life, or gives up
 *
 * All calls of one life share a cancellable, so that nothing of an old life reaches the next.
 */

#include "config.h"

#include "fugue-engine-private.h"

#include "fugue-error.h"

#include <glib/gi18n.h>

#define OBJECT_PATH "/io/github/fugue/Engine"

#define MAX_RESTART_MS 30000
#define ROW_OF_DEATHS_US (10 * 60 * G_USEC_PER_SEC)

/* Until a process that was asked to end, or whose pipe is closed, is killed. */
#define PATIENCE_MS 3000

/* The same for one that is beyond asking. */
#define NO_PATIENCE_MS 200

/* Signs of life. */

/* Whether a call's result is of the present life; afterwards @error says why there is no result. */
static gboolean
is_alive (const GError *error)
{
  return !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
pinged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FugueEngine         *self = user_data;
  g_autoptr (GVariant) description = NULL;
  g_autoptr (GError)   error = NULL;
  double               busy_seconds = 0;

  unclip_engine_bus_call_describe_finish (UNCLIP_ENGINE_BUS (source), &description, result, &error);
  if (!is_alive (error))
    return;
  self->ping_is_out = FALSE;
  if (error != NULL)
    {
      g_autofree char *reason = g_strdup_printf (_("The engine “%s” is of another version, which does not answer."), fugue_engine_get_launcher (self));

      fugue_engine_end_life (self, g_dbus_error_is_remote_error (error) ? reason : NULL);
      return;
    }
  fugue_engine_read_description (self, description);
  /* Who heard of that may have stopped the engine. */
  if (self->bus == NULL)
    return;
  g_variant_lookup (description, "busy_seconds", "d", &busy_seconds);
  if (self->start_source != 0)
    {
      g_clear_handle_id (&self->start_source, g_source_remove);
      fugue_engine_load_model (self);
    }
  else if (busy_seconds * 1000 > self->limits.step_ms)
    {
      g_autofree char *reason = g_strdup_printf (_("The engine “%s” has made no step for %.0f s: its device hangs."), fugue_engine_get_launcher (self), busy_seconds);

      fugue_engine_end_life (self, reason);
    }
}

static void
ping (FugueEngine *self)
{
  self->ping_is_out = TRUE;
  self->ping_begin = g_get_monotonic_time ();
  unclip_engine_bus_call_describe (self->bus, self->life, pinged_cb, self);
}

static gboolean
ping_cb (gpointer user_data)
{
  FugueEngine *self = user_data;
  gint64       silence = g_get_monotonic_time () - self->ping_begin;

  /* Until the first answer there is the limit of starting. */
  if (self->ping_is_out && self->start_source == 0 && silence >= (gint64) self->limits.silence_ms * 1000)
    {
      g_autofree char *reason = g_strdup_printf (_("The engine “%s” has not answered for %g s."), fugue_engine_get_launcher (self), self->limits.silence_ms / 1000.0);

      self->ping_source = 0;
      fugue_engine_end_life (self, reason);
      return G_SOURCE_REMOVE;
    }
  if (!self->ping_is_out)
    ping (self);
  return G_SOURCE_CONTINUE;
}

/* The model. */

typedef struct
{
  FugueEngine *self;            /* alive if the call was not cancelled */
  guint        number;
} Load;

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Load                *call = user_data;
  FugueEngine         *self = call->self;
  guint                number = call->number;
  g_autoptr (GVariant) model = NULL;
  g_autoptr (GError)   error = NULL;

  g_free (call);
  unclip_engine_bus_call_load_model_finish (UNCLIP_ENGINE_BUS (source), &model, result, &error);
  if (!is_alive (error) || number != self->load_number)
    return;
  if (error == NULL)
    {
      fugue_model_choice_copy (&self->loaded_choice, &self->choice);
      fugue_engine_take_error (self, NULL);
      fugue_engine_take_model (self, fugue_model_info_new_from_variant (model));
    }
  else
    {
      g_dbus_error_strip_remote_error (error);
      if (self->model != NULL)
        fugue_model_choice_copy (&self->choice, &self->loaded_choice);
      fugue_engine_take_error (self, g_steal_pointer (&error));
    }
  fugue_engine_set_state (self, self->model != NULL ? FUGUE_ENGINE_READY : FUGUE_ENGINE_NO_MODEL);
  fugue_engine_update_state (self);
  /* The device is known now. Who heard of the state may have stopped the engine. */
  if (self->bus != NULL && !self->ping_is_out)
    ping (self);
}

static void
add_option (GVariantDict *options, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert (options, key, "s", value);
}

void
fugue_engine_load_model (FugueEngine *self)
{
  Load        *call = g_new (Load, 1);
  GVariantDict options;

  *call = (Load){ self, ++self->load_number };
  g_variant_dict_init (&options, NULL);
  add_option (&options, "image_encoder", self->choice.image_encoder);
  add_option (&options, "device", self->choice.device);
  add_option (&options, "precision", self->choice.precision);
  g_variant_dict_insert (&options, "warm_batch", "u", self->choice.warm_batch);
  unclip_engine_bus_call_load_model (self->bus, self->choice.folder != NULL ? self->choice.folder : "", g_variant_dict_end (&options),
                                     self->life, loaded_cb, call);
  fugue_engine_set_loading (self, 0);
  fugue_engine_set_state (self, FUGUE_ENGINE_LOADING);
}

/* Beginning of a life. */

static gboolean
start_timeout_cb (gpointer user_data)
{
  FugueEngine     *self = user_data;
  g_autofree char *reason = g_strdup_printf (_("The engine “%s” has not answered within %g s."), fugue_engine_get_launcher (self), self->limits.start_ms / 1000.0);

  self->start_source = 0;
  fugue_engine_end_life (self, reason);
  return G_SOURCE_REMOVE;
}

static void
closed_cb (FugueEngine *self)
{
  fugue_engine_end_life (self, NULL);
}

static void
proxy_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FugueEngine                *self = user_data;
  g_autoptr (GError)          error = NULL;
  g_autoptr (UnclipEngineBus) bus = unclip_engine_bus_proxy_new_finish (result, &error);

  if (!is_alive (error))
    return;
  if (bus == NULL)
    {
      fugue_engine_end_life (self, NULL);
      return;
    }
  self->bus = g_steal_pointer (&bus);
  /* Runs take as long as they take; pings tell a hang. */
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->bus), G_MAXINT);
  fugue_engine_hear (self);
  g_signal_connect_object (self->connection, "closed", G_CALLBACK (closed_cb), self, G_CONNECT_SWAPPED);
  if (self->is_paused)
    unclip_engine_bus_call_pause (self->bus, TRUE, self->life, NULL, NULL);
  self->ping_source = g_timeout_add (self->limits.ping_ms, ping_cb, self);
  ping (self);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FugueEngine                *self = user_data;
  g_autoptr (GError)          error = NULL;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_finish (result, &error);

  if (!is_alive (error))
    return;
  if (connection == NULL)
    {
      g_autofree char *reason = g_strdup_printf (_("The engine “%s” does not speak as a Fugue engine does."), fugue_engine_get_launcher (self));

      /* GDBus's own message repeats what came, which may be anything. */
      fugue_engine_end_life (self, reason);
      return;
    }
  self->connection = g_steal_pointer (&connection);
  fugue_process_trust (self->process);
  unclip_engine_bus_proxy_new (self->connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, OBJECT_PATH, self->life, proxy_cb, self);
}

static gboolean
allow_mechanism_cb (GDBusAuthObserver *observer, const char *mechanism, gpointer user_data)
{
  return g_str_equal (mechanism, "ANONYMOUS");
}

static void ended_cb (FugueProcess *process, const char *words, gboolean is_killed, gpointer user_data);

static void
give_up (FugueEngine *self, GError *error)
{
  fugue_engine_take_error (self, error);
  fugue_engine_set_state (self, FUGUE_ENGINE_GIVEN_UP);
}

void
fugue_engine_start_life (FugueEngine *self)
{
  g_autoptr (GDBusAuthObserver) observer = g_dbus_auth_observer_new ();
  GError                       *error = NULL;

  self->process = fugue_process_start (self->launcher, ended_cb, self, &error);
  if (self->process == NULL)
    {
      give_up (self, error);
      return;
    }
  self->life = g_cancellable_new ();
  self->begin = g_get_monotonic_time ();
  self->start_source = g_timeout_add (self->limits.start_ms, start_timeout_cb, self);
  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism_cb), NULL);
  g_dbus_connection_new (fugue_process_get_stream (self->process), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, observer,
                         self->life, connected_cb, self);
  fugue_engine_set_state (self, FUGUE_ENGINE_STARTING);
}

/* End of a life. */

/* Nothing of this life is heard any more; the process may still be there. */
void
fugue_engine_cut_off (FugueEngine *self)
{
  g_clear_handle_id (&self->start_source, g_source_remove);
  g_clear_handle_id (&self->ping_source, g_source_remove);
  g_cancellable_cancel (self->life);
  if (self->bus != NULL)
    g_signal_handlers_disconnect_by_data (self->bus, self);
  if (self->connection != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->connection, self);
      g_dbus_connection_close (self->connection, NULL, NULL, NULL);
    }
  g_clear_object (&self->bus);
  g_clear_object (&self->connection);
  g_clear_object (&self->life);
  self->ping_is_out = FALSE;
  fugue_engine_drop_batches (self);
}

/* What follows is ended_cb()'s, when the process is gone. */
void
fugue_engine_end_life (FugueEngine *self, const char *reason)
{
  if (self->life == NULL)
    return;
  self->reason = g_strdup (reason);
  fugue_engine_cut_off (self);
  fugue_process_end (self->process, self->is_stopping, self->is_stopping ? PATIENCE_MS : NO_PATIENCE_MS);
  fugue_engine_set_state (self, FUGUE_ENGINE_DEAD);
}

static gboolean
restart_cb (gpointer user_data)
{
  FugueEngine *self = user_data;

  self->restart_source = 0;
  fugue_engine_start_life (self);
  return G_SOURCE_REMOVE;
}

static void
restart_later (FugueEngine *self, gboolean at_once)
{
  guint wait = at_once ? 0 : self->limits.restart_ms;

  for (guint i = 1; i < self->n_in_row && wait < MAX_RESTART_MS; i++)
    wait *= 2;
  self->restart_source = g_timeout_add (MIN (wait, MAX_RESTART_MS), restart_cb, self);
}

/* What became of the process, as an error: why it was ended, or how it ended by itself, or both. */
static GError *
new_death (FugueEngine *self, const char *words, gboolean is_killed, gboolean too_many)
{
  g_autoptr (GString) message = g_string_new (self->reason);

  if (self->reason == NULL)
    g_string_printf (message, _("The engine “%s” has ended."), fugue_engine_get_launcher (self));
  if (!is_killed)
    g_string_append_printf (message, " %s", words);
  if (too_many)
    g_string_append_printf (message, " %s", self->launcher != NULL
                                              ? _("It is the second time in a short while: look after its launcher in the preferences, then try again.")
                                              : _("It is the second time in a short while: choose another device or a smaller model in the "
                                                  "preferences, then try again."));
  return g_error_new_literal (FUGUE_ERROR, FUGUE_ERROR_ENGINE, message->str);
}

/* Forgets what was of the life that is over. */
static void
clear_life (FugueEngine *self)
{
  if (self->life != NULL)
    fugue_engine_cut_off (self);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->process, fugue_process_free);
  fugue_engine_take_model (self, NULL);
  fugue_model_choice_clear (&self->loaded_choice);
}

static void
ended_cb (FugueProcess *process, const char *words, gboolean is_killed, gpointer user_data)
{
  g_autoptr (FugueEngine) self = g_object_ref (user_data);
  g_autoptr (GError)      error = NULL;
  gboolean                was_stopped = self->is_stopping;
  gint64                  now = g_get_monotonic_time ();
  gboolean                too_many = self->last_death != 0 && now - self->last_death < (gint64) self->limits.memory_of_death_ms * 1000;

  too_many = too_many && !was_stopped;
  error = new_death (self, words, is_killed, too_many);
  clear_life (self);
  self->is_stopping = FALSE;
  if (was_stopped)
    fugue_engine_set_state (self, FUGUE_ENGINE_DEAD);
  else
    {
      self->n_in_row = now - self->begin < ROW_OF_DEATHS_US ? self->n_in_row + 1 : 1;
      self->last_death = now;
      fugue_engine_take_error (self, g_error_copy (error));
      fugue_engine_set_state (self, too_many ? FUGUE_ENGINE_GIVEN_UP : FUGUE_ENGINE_DEAD);
    }
  fugue_engine_emit_died (self, error);
  /* Those who heard of it may have started or stopped it already. */
  if (self->is_wanted && self->state == FUGUE_ENGINE_DEAD && self->process == NULL && self->restart_source == 0)
    restart_later (self, was_stopped);
}
