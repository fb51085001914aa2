/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Everything here follows from properties of the queue and of the main engine, and from progress signals; nothing is asked for
 * by the clock.
 *
 * The label of the job is what screen readers speak. It changes when a batch begins or ends and with each finished picture, not
 * with each step.
 */

#include "config.h"

#include "fugue-activity-bar.h"

#include <glib/gi18n.h>

#include "fugue-cell.h"
#include "fugue-queue-popover.h"

struct _FugueActivityBar
{
  GtkWidget         parent_instance;

  /* Template children */
  GtkLabel         *device_label;
  GtkLabel         *job_label;
  GtkProgressBar   *progress_bar;
  GtkLabel         *step_label;
  GtkButton        *pause_button;
  GtkButton        *stop_button;
  GtkMenuButton    *queue_button;

  /* Owned */
  FugueQueue       *queue;
  FugueEnginePool  *pool;
  FugueJob         *job;        /* (nullable): whose progress is shown */
  FugueEngine      *engine;     /* (nullable): whose device is shown */
};

G_DEFINE_FINAL_TYPE (FugueActivityBar, fugue_activity_bar, GTK_TYPE_WIDGET)

char *
fugue_format_duration (double seconds)
{
  guint minutes = seconds / 60 + 0.5;

  if (seconds < 99.5)
    return g_strdup_printf (_("%.0f s"), seconds);
  if (minutes < 100)
    return g_strdup_printf (_("%u min"), minutes);
  return g_strdup_printf (_("%u h %u min"), minutes / 60, minutes % 60);
}

/* ---- the device ---- */

static char *
dup_memory (guint64 used,
            guint64 total)
{
  if (total == 0)
    return g_strdup ("");
  return g_strdup_printf (_(" · %.1f/%.1f GB"), used / 1e9, total / 1e9);
}

static void
update_device (FugueActivityBar *self)
{
  g_autofree char *name = NULL;
  g_autofree char *memory = NULL;
  g_autofree char *text = NULL;
  guint64 used, total;
  double loading;

  if (self->engine == NULL)
    {
      gtk_label_set_text (self->device_label, _("No engine"));
      return;
    }

  g_object_get (self->engine, "device-name", &name, "memory-used", &used, "memory-total", &total,
                "loading", &loading, NULL);
  switch (fugue_engine_get_state (self->engine))
    {
    case FUGUE_ENGINE_DEAD:
    case FUGUE_ENGINE_STARTING:
      text = g_strdup (_("Starting the engine…"));
      break;
    case FUGUE_ENGINE_LOADING:
      text = g_strdup_printf (_("Loading the model, %.0f %%"), 100 * loading);
      break;
    case FUGUE_ENGINE_NO_MODEL:
      text = g_strdup (_("No model"));
      break;
    case FUGUE_ENGINE_GIVEN_UP:
      text = g_strdup (_("The engine is not running"));
      break;
    case FUGUE_ENGINE_READY:
    case FUGUE_ENGINE_BUSY:
    case FUGUE_ENGINE_PAUSED:
      memory = dup_memory (used, total);
      text = g_strconcat (name != NULL && *name != '\0' ? name : _("Ready"), memory, NULL);
      break;
    }
  gtk_label_set_text (self->device_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->device_label), text);
}

static void
follow_engine (FugueActivityBar *self)
{
  FugueEngine *engine = g_list_model_get_n_items (G_LIST_MODEL (self->pool)) > 0
                          ? fugue_engine_pool_get_main (self->pool) : NULL;

  if (engine != self->engine)
    {
      if (self->engine != NULL)
        g_signal_handlers_disconnect_by_func (self->engine, follow_engine, self);
      g_set_object (&self->engine, engine);
      if (engine != NULL)
        g_signal_connect_swapped (engine, "notify", G_CALLBACK (follow_engine), self);
    }
  update_device (self);
}

/* ---- the job ---- */

static void
update_job (FugueActivityBar *self)
{
  g_autofree char *text = NULL;
  g_autofree char *reason = NULL;
  guint n = self->job != NULL ? g_list_model_get_n_items (fugue_job_get_pictures (self->job)) : 0;

  g_object_get (self->queue, "pause-reason", &reason, NULL);
  if (reason != NULL)
    text = g_strdup (reason);
  else if (self->job == NULL)
    text = g_strdup (fugue_queue_is_paused (self->queue) ? _("Paused") : "");
  else if (fugue_queue_is_paused (self->queue))
    text = g_strdup_printf (_("%s: paused at %u of %u"), fugue_job_get_title (self->job),
                            fugue_job_get_n_finished (self->job), n);
  else
    text = g_strdup_printf (_("%s: %u of %u"), fugue_job_get_title (self->job),
                            fugue_job_get_n_finished (self->job), n);
  if (!g_str_equal (text, gtk_label_get_text (self->job_label)))
    gtk_label_set_text (self->job_label, text);

  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), self->job != NULL);
  gtk_widget_set_hexpand (GTK_WIDGET (self->step_label), self->job == NULL);
  gtk_progress_bar_set_fraction (self->progress_bar, self->job != NULL ? fugue_job_get_progress (self->job) : 0);
  if (self->job == NULL)
    gtk_label_set_text (self->step_label, "");
}

static void
follow_job (FugueActivityBar *self)
{
  FugueJob *job = fugue_queue_get_current (self->queue);

  if (job != self->job)
    {
      if (self->job != NULL)
        g_signal_handlers_disconnect_by_func (self->job, update_job, self);
      g_set_object (&self->job, job);
      if (job != NULL)
        g_signal_connect_swapped (job, "notify", G_CALLBACK (update_job), self);
    }
  update_job (self);
}

static void
progress_cb (FugueActivityBar *self,
             FugueEngine      *engine,
             GStrv             ids,
             const char       *stage,
             guint             step,
             guint             n_steps,
             double            seconds_left)
{
  double all_left = fugue_queue_get_seconds_left (self->queue);
  g_autofree char *left = NULL;
  g_autofree char *text = NULL;

  if (self->job == NULL)
    return;

  if (all_left >= 0)
    {
      g_autofree char *duration = fugue_format_duration (all_left);

      left = g_strdup_printf (_(" · %s left"), duration);
    }
  /* Translators: stage, step and steps, time left: "decoder 9/25 · 14 s left" */
  text = g_strdup_printf (_("%s %u/%u%s"), fugue_stage_get_title (stage), step, n_steps, left != NULL ? left : "");
  gtk_label_set_text (self->step_label, text);
}

static void
update_buttons (FugueActivityBar *self)
{
  gboolean is_stopping;
  guint n_items;
  g_autofree char *count = NULL;
  g_autofree char *words = NULL;
  const char *stop;

  g_object_get (self->queue, "is-stopping", &is_stopping, "n-items", &n_items, NULL);
  stop = is_stopping ? _("Stopping…") : _("Stop");
  if (g_strcmp0 (gtk_button_get_label (self->stop_button), stop) != 0)
    gtk_button_set_label (self->stop_button, stop);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->stop_button), GTK_ACCESSIBLE_PROPERTY_LABEL, stop, -1);

  count = g_strdup_printf ("%u", n_items);
  words = g_strdup_printf (ngettext ("Queue: %u batch", "Queue: %u batches", n_items), n_items);
  gtk_menu_button_set_label (self->queue_button, count);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->queue_button), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->queue_button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
queue_notify_cb (FugueActivityBar *self)
{
  follow_job (self);
  update_buttons (self);
}

static void
fugue_activity_bar_dispose (GObject *object)
{
  FugueActivityBar *self = FUGUE_ACTIVITY_BAR (object);

  if (self->engine != NULL)
    g_signal_handlers_disconnect_by_func (self->engine, follow_engine, self);
  if (self->job != NULL)
    g_signal_handlers_disconnect_by_func (self->job, update_job, self);
  g_clear_object (&self->engine);
  g_clear_object (&self->job);
  g_clear_object (&self->queue);
  g_clear_object (&self->pool);
  gtk_widget_dispose_template (GTK_WIDGET (self), FUGUE_TYPE_ACTIVITY_BAR);
  G_OBJECT_CLASS (fugue_activity_bar_parent_class)->dispose (object);
}

static void
fugue_activity_bar_class_init (FugueActivityBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_activity_bar_dispose;
  gtk_widget_class_set_css_name (widget_class, "activity");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/fugue/Fugue/ui/fugue-activity-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, FugueActivityBar, device_label);
  gtk_widget_class_bind_template_child (widget_class, FugueActivityBar, job_label);
  gtk_widget_class_bind_template_child (widget_class, FugueActivityBar, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, FugueActivityBar, step_label);
  gtk_widget_class_bind_template_child (widget_class, FugueActivityBar, pause_button);
  gtk_widget_class_bind_template_child (widget_class, FugueActivityBar, stop_button);
  gtk_widget_class_bind_template_child (widget_class, FugueActivityBar, queue_button);
}

static void
fugue_activity_bar_init (FugueActivityBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Activity"), -1);
}

GtkWidget *
fugue_activity_bar_new (FugueQueue      *queue,
                        FugueEnginePool *pool)
{
  FugueActivityBar *self = g_object_new (FUGUE_TYPE_ACTIVITY_BAR, NULL);

  self->queue = g_object_ref (queue);
  self->pool = g_object_ref (pool);
  gtk_menu_button_set_popover (self->queue_button, fugue_queue_popover_new (queue));

  g_signal_connect_object (queue, "notify", G_CALLBACK (queue_notify_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "items-changed", G_CALLBACK (follow_engine), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  follow_engine (self);
  queue_notify_cb (self);
  return GTK_WIDGET (self);
}

void
fugue_activity_bar_show_queue (FugueActivityBar *self)
{
  g_return_if_fail (FUGUE_IS_ACTIVITY_BAR (self));

  gtk_menu_button_popup (self->queue_button);
}

void
fugue_activity_bar_toggle_queue (FugueActivityBar *self)
{
  GtkPopover *popover;

  g_return_if_fail (FUGUE_IS_ACTIVITY_BAR (self));

  popover = gtk_menu_button_get_popover (self->queue_button);
  if (gtk_widget_get_visible (GTK_WIDGET (popover)))
    gtk_menu_button_popdown (self->queue_button);
  else
    fugue_activity_bar_show_queue (self);
}
